"""TableReader: converts a raw table to a pandas DataFrame of floats and strings."""

from dataclasses import asdict

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skfcnn.estimator.onnx_methods import ConvertsToOnnx
from skfcnn.tabular.column_names import positions_of, texts_of, unique_name
from skfcnn.tabular.column_profiles import Profile, why_nothing_is_left
from skfcnn.tabular.dataframes import open_table
from skfcnn.tabular.declared_columns import ROLES, declared_roles
from skfcnn.tabular.reading_report import tell_of_fit, tell_of_unread
from skfcnn.tabular.table_reading import fit_columns, frame_of, read_columns


class TableReader(  # type: ignore[call-arg]  # scikit-learn has no types
    ConvertsToOnnx, TransformerMixin, BaseEstimator, auto_wrap_output_keys=None
):
    """Read tables into DataFrames of numbers (float64) and categories (strings or NaN).

    The kind of each column is determined in `fit`; see `skfcnn.tabular.column_kinds`.
    Numbers, dates, durations and yes/no that are given as text are read as such, and
    identifiers are left out; one warning names these columns. Free text is returned as
    pandas' strings. In `transform`, values of text that do not parse are missing, with a
    warning. Text in a column that had numbers or dates by type is read as plain numbers
    (as by `pandas.to_numeric`) or ISO dates, with a warning, and an error if none is read.

    If both tables have column names, `transform` selects the columns by name, in any order;
    missing and additional columns raise an error, but columns that are left out may be
    missing. If one of them is an array, columns are selected by position, with a warning
    unless the names are the default names of pandas, 0 to n_features - 1.

    Parameters
    ----------
    categorical_features : list of str or int, mask of bool, or None, default=None
        Columns that are categories, by name, position or mask, with their values as they
        are: "007" is not 7.

    numeric_features : list of str or int, mask of bool, or None, default=None
        Columns of numbers, also in text. Values that do not parse are missing.

    datetime_features : list of str or int, mask of bool, or None, default=None
        Columns of dates, also in text. Numbers are of the form 20241231, or they are days
        since 1899-12-30, as in Excel.

    drop_features : "auto", list of str or int, or mask of bool, default="auto"
        Columns that are left out. "auto": identifiers, which are columns of text without
        spaces, of 100 rows or more, of which 99 % of the values differ. `()` keeps all.

    estimator_name : str, default="TableReader"
        The name in messages.

    Attributes
    ----------
    columns_ : pandas.DataFrame
        A row for each column of the table: column, kind, missing (the share), distinct (the
        number of different values as they are read, with other words that have a column;
        of numbers and dates, among the first 10,000 rows), notes.

    kinds_ : list
        The kind of each column.

    n_features_in_ : int
        Number of columns seen in `fit`.

    feature_names_in_ : ndarray of shape (n_features,)
        Names of the columns seen in `fit`, if all of them are strings.
    """

    def __init__(
        self,
        categorical_features=None,
        numeric_features=None,
        datetime_features=None,
        drop_features="auto",
        estimator_name="TableReader",
    ):
        self.categorical_features = categorical_features
        self.numeric_features = numeric_features
        self.datetime_features = datetime_features
        self.drop_features = drop_features
        self.estimator_name = estimator_name

    def set_output(self, *, transform=None):
        """Do nothing: the output is always a pandas DataFrame, which later steps need."""
        return self

    def fit(self, X, y=None):
        """Determine the kind of each column.

        Parameters
        ----------
        X : DataFrame, array-like of shape (n_samples, n_features), or records
            The table: see `skfcnn.tabular.dataframes`.
        y : array-like of shape (n_samples,) or (n_samples, n_labels), default=None
            Labels, used only to check that none is missing.

        Returns
        -------
        self : TableReader

        Raises
        ------
        ValueError
            If X is not a table, has no rows or no columns, two columns with the same name,
            or a column with complex or infinite numbers or with collections; if a declared
            column is unknown, declared twice, or cannot be read as declared; if no column
            is left to be read; or if labels are missing.
        """
        self._fit(X, y)
        return self

    def fit_transform(self, X, y=None):
        """Determine the kind of each column, and read the table.

        Parameters
        ----------
        X, y
            As in `fit`.

        Returns
        -------
        table : pandas.DataFrame
        """
        return self._fit(X, y)

    def _fit(self, X, y):
        table = open_table(X)
        if y is not None:
            check_consistent_length(np.empty(table.shape[0]), y)
            _check_labels(y)
        n_columns, texts = table.shape[1], texts_of(table.names, table.shape[1])
        is_auto = isinstance(self.drop_features, str) and self.drop_features == "auto"
        declared = {name: getattr(self, name) for name in ROLES}
        if is_auto:
            del declared["drop_features"]
        roles = declared_roles(table.names, n_columns, declared)
        columns = fit_columns(table, roles, drops=is_auto)
        decisions = [column.decision for column in columns]
        kinds = [decision.kind for decision in decisions]
        names = _names_out(texts, kinds)
        if not any(names):
            raise ValueError(why_nothing_is_left(kinds))
        arrays = [column.arrays for column in columns]
        read = frame_of(table, range(n_columns), kinds, names, arrays)
        self.kinds_, self._names_out, self._names_in = kinds, names, table.names
        self._profiles = [*map(Profile.of, texts, columns)]
        self.n_features_in_ = n_columns
        if table.names and all(isinstance(name, str) for name in table.names):
            self.feature_names_in_ = np.array(table.names, dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        tell_of_fit([table.label(i) for i in range(n_columns)], decisions)
        return read

    @property
    def columns_(self):
        """The columns seen in `fit`: a DataFrame with a row for each."""
        check_is_fitted(self)
        return pd.DataFrame([asdict(profile) for profile in self._profiles])

    def transform(self, X):
        """Read a table with the same columns.

        Parameters
        ----------
        X : DataFrame, array-like of shape (n_samples, n_features), or records
            The table: see `skfcnn.tabular.dataframes`.

        Returns
        -------
        table : pandas.DataFrame

        Raises
        ------
        ValueError
            If a column is missing, unexpected, or of another kind than in training, and in
            the cases in which `fit` raises it.
        """
        check_is_fitted(self)
        table = open_table(X)
        positions = self._positions(table)
        unread, parsed = {}, {}
        arrays = read_columns(table, positions, self.kinds_, unread, parsed)
        read = frame_of(table, positions, self.kinds_, self._names_out, arrays)
        tell_of_unread(unread, parsed)
        return read

    def get_feature_names_out(self, input_features=None):
        """Return the names of the columns that `transform` returns.

        Parameters
        ----------
        input_features : None
            Ignored: the names are those of `fit`.

        Returns
        -------
        names : ndarray of str objects
        """
        check_is_fitted(self)
        return np.array([name for names in self._names_out for name in names], dtype=object)

    def _positions(self, table):
        """Return the position in the table of each column of the training data."""
        may_be_absent = {i for i, names in enumerate(self._names_out) if not names}
        return positions_of(
            self._known_names(),
            self.n_features_in_,
            table,
            may_be_absent,
            estimator_name=self.estimator_name,
        )

    def _known_names(self):
        """Return the column names of the training data; None for an array."""
        return self._names_in


def _check_labels(y):
    is_missing = pd.isna(np.asarray(y, dtype=object))
    rows = np.flatnonzero(is_missing if is_missing.ndim < 2 else is_missing.any(axis=1))
    if len(rows):
        raise ValueError(
            f"y has {len(rows)} missing label(s), the first in row {rows[0]}. Drop these "
            "rows: X[~pd.isna(y)], y[~pd.isna(y)]."
        )


def _names_out(names_in, kinds):
    """Return the output names of each column, unique among all columns."""
    taken = set(names_in)
    names_out = []
    for name_in, kind in zip(names_in, kinds, strict=True):
        names = kind.names(name_in)
        names[1:] = [unique_name(taken, name) for name in names[1:]]
        taken.update(names)
        names_out.append(names)
    return names_out
