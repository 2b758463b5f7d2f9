"""How an ensemble encodes the columns of its table: as a DataFrame, as text, in HTML."""

from typing import Any

import pandas as pd
from sklearn.pipeline import Pipeline
from sklearn.utils import estimator_html_repr
from sklearn.utils.validation import check_is_fitted

from skfcnn.tabular.column_summary import describe_columns, html, summary
from skfcnn.tabular.reader import TableReader


class DescribesColumns:
    """A mixin for ensembles: `columns_` and `summary()`, also in the HTML of a notebook."""

    encoder_: Any

    @property
    def columns_(self) -> pd.DataFrame:
        """How each column is encoded: a DataFrame with a row for each."""
        return describe_columns(self._described_encoder())

    def summary(self) -> str:
        """Return a text that shows how each column is encoded.

        Returns
        -------
        text : str
            `columns_` as lines of at most 100 characters, for `print`.

        Raises
        ------
        AttributeError
            If the encoder is not "auto".
        """
        return summary(self._described_encoder())

    def _described_encoder(self) -> Pipeline:
        check_is_fitted(self)
        if not reads_tables(self.encoder_):
            raise AttributeError(
                "Only encoder='auto' describes the columns of the table; got "
                f"encoder={self.encoder_!r}."
            )
        return self.encoder_

    def _html_repr(self) -> str:
        """Return scikit-learn's diagram, and of a fitted model the columns below it."""
        diagram = estimator_html_repr(self)
        if not reads_tables(getattr(self, "encoder_", None)):
            return diagram
        n_columns = self.encoder_.n_features_in_
        table = html(self.encoder_)
        return (
            f"{diagram}<details><summary>How the {n_columns} columns were read</summary>"
            f"{table}</details>"
        )


def reads_tables(encoder) -> bool:
    """Return whether this is the fitted encoder "auto"."""
    return isinstance(encoder, Pipeline) and isinstance(encoder[0], TableReader)
