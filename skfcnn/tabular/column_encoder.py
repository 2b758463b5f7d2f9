"""ColumnEncoder: a ColumnTransformer with a lookup table for the categories of new rows.

The steps of `table_encoder` validate their input and search the categories again in every
call, which is most of the time for a single row. But the numbers of a category are always
the same: the steps compute them once, in the first call, for all categories of the training
data. The result is identical, bit for bit, to that of the steps.

There is a warning about unknown categories in columns with few categories, where they are
encoded as missing values. There is none for columns with many categories, in which new ones
are common: one number is reserved for all other categories.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.utils.validation import check_is_fitted

from skfcnn.estimator.onnx_methods import ConvertsToOnnx
from skfcnn.tabular.column_names import unique_name
from skfcnn.tabular.reading_report import tell_of_unknown


@dataclass(frozen=True)
class Lookup:
    """The encoded numbers of the categories of a column.

    Attributes
    ----------
    row_of : dict
        The row of each category, and under None that of missing values.
    rows : ndarray of float32 of shape (n_categories + 2, n_columns)
        The last row is that of all other categories.
    where : ndarray of int of shape (n_columns,)
        The positions of the numbers in the encoded table.
    warns : bool
        Whether to warn about unknown categories.
    """

    row_of: dict
    rows: np.ndarray
    where: np.ndarray
    warns: bool

    def numbers(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the encoded numbers of each cell, (n_rows, n_columns).

        The second array has the unknown categories to warn about.
        """
        row_of, other = self.row_of.get, len(self.rows) - 1
        rows = np.array([row_of(x if x == x else None, other) for x in values], np.intp)
        unknown = values[rows == other] if self.warns else values[:0]
        return self.rows[rows], unknown


class ColumnEncoder(ConvertsToOnnx, ColumnTransformer):  # type: ignore[call-arg]
    """The ColumnTransformer of `table_encoder`."""

    def fit_transform(self, X: pd.DataFrame, y=None, **params) -> np.ndarray:
        """Fit the steps, and return the encoded table.

        Parameters
        ----------
        X : DataFrame
            As returned by TableReader.
        y : array-like, default=None
            Labels, required if a column has many categories.
        **params
            None: no step has any.

        Returns
        -------
        encoded : ndarray of float32 of shape (n_rows, n_encoded)
            With out-of-fold target means.
        """
        self.__dict__.pop("_lookups", None)
        return super().fit_transform(X, y, **params)

    def transform(self, X: pd.DataFrame, **params) -> np.ndarray:
        """Return the encoded table.

        Parameters
        ----------
        X : DataFrame
            As returned by TableReader.
        **params
            None: no step has any.

        Returns
        -------
        encoded : ndarray of float32 of shape (n_rows, n_encoded)

        Warns
        -----
        UserWarning
            About unknown categories in columns with few categories.
        """
        check_is_fitted(self)
        if "_lookups" not in vars(self):
            self._lookups = _lookups_of(self)
        width = max(where.stop for where in self.output_indices_.values())
        encoded = np.empty((len(X), width), np.float32)
        self._encode_numbers(X, encoded)
        unknown = {}
        for name, lookup in self._lookups.items():
            encoded[:, lookup.where], values = lookup.numbers(X[name].to_numpy())
            if len(values):
                unknown[name] = values
        text, names, where = self._branch("text")
        if names:
            encoded[:, where] = text.transform(X[names])
        tell_of_unknown(unknown)
        return encoded

    def _branch(self, branch: str) -> tuple:
        """Return the steps of a branch, its columns, and its part of the encoded table."""
        found = next(each for each in self.transformers_ if each[0] == branch)
        return *found[1:], self.output_indices_[branch]

    def _encode_numbers(self, X, encoded) -> None:
        steps, names, where = self._branch("numbers")
        if not names:
            return
        scaler, _, imputer = (step for _, step in steps.steps)
        n_columns, marked = len(names), imputer.indicator_.features_
        scaled = encoded[:, where][:, :n_columns]
        scaler._scale_into(X[names].to_numpy(np.float64), scaled)
        is_missing = np.isnan(scaled)
        encoded[:, where][:, n_columns:] = is_missing[:, marked]
        scaled[is_missing] = imputer.fill_value

    def __getstate__(self) -> dict:
        """Drop the lookups, which are computed from the steps."""
        state = dict(super().__getstate__())
        state.pop("_lookups", None)
        return state


def _lookups_of(encoder: ColumnEncoder) -> dict[str, Lookup]:
    """Return the encoded numbers of all columns of categories."""
    few, many, means = map(encoder._branch, ("few", "many", "means"))
    lookups: dict[str, Lookup] = {}
    if few[1]:
        categories = few[0].encoder_.categories_
        lookups |= _lookups([(few, _runs(map(len, categories)))], categories, warns=True)
    if many[1]:
        categories, rare = many[0].categories_, many[0].infrequent_categories_
        widths = [
            len(own) if others is None else len(own) - len(others) + 1
            for own, others in zip(categories, rare, strict=True)
        ]
        n_means = means[2].stop - means[2].start
        # For each label, column and class.
        order = np.arange(n_means).reshape(len(means[0][0].encoders_), len(categories), -1)
        of_means = [order[:, j].ravel() for j in range(len(categories))]
        branches = [(many, _runs(widths)), (means, of_means)]
        lookups |= _lookups(branches, categories, warns=False)
    return lookups


def _runs(widths) -> list[np.ndarray]:
    """Return the positions of columns of these widths that are adjacent."""
    ends = np.cumsum([*widths])
    return np.split(np.arange(ends[-1]), ends[:-1])


def _lookups(branches, categories, warns: bool) -> dict[str, Lookup]:
    """Return the encoded numbers of columns that are encoded by the same branches.

    Parameters
    ----------
    branches : list of pairs
        The branch, and the positions of each column among its columns.
    categories : list of arrays
        Of each column, sorted, with or without NaN as the last one.
    warns : bool
        Whether to warn about unknown categories.
    """
    names = branches[0][0][1]
    known = [[text for text in own if text == text] for own in categories]
    height = max(map(len, known)) + 2
    table = pd.DataFrame(
        {
            name: pd.Series([*own, *_others(own, height - len(own))], dtype=object)
            for name, own in zip(names, known, strict=True)
        }
    )
    encoded = [
        (steps.transform(table), where.start, positions)
        for (steps, _, where), positions in branches
    ]
    lookups = {}
    for j, (name, own) in enumerate(zip(names, known, strict=True)):
        n_rows = len(own) + 2
        rows = [numbers[:n_rows, positions[j]] for numbers, _, positions in encoded]
        where = [start + positions[j] for _, start, positions in encoded]
        row_of = dict(zip([*own, None], range(n_rows - 1), strict=True))
        lookups[name] = Lookup(row_of, np.hstack(rows), np.hstack(where), warns)
    return lookups


def _others(known, n_rows: int) -> list:
    """Return a missing value, and then an unknown category for all other rows."""
    return [np.nan, *[unique_name({*known}, "unknown")] * (n_rows - 1)]
