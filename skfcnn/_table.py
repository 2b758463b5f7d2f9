"""TableReader: a table as it comes, to a pandas DataFrame of floats and strings.

Columns are known by their names where a table has names, and by their numbers else.
"""

import warnings
from functools import partial

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skfcnn._forms import open_table
from skfcnn._kinds import kind_of
from skfcnn._onnx import ConvertsToOnnx

# Of many columns an error names so many.
N_NAMED = 5


class TableReader(  # type: ignore[call-arg]  # scikit-learn has no types
    ConvertsToOnnx, TransformerMixin, BaseEstimator, auto_wrap_output_keys=None
):
    """Read tables into DataFrames of numbers (float64) and categories (strings or NaN).

    The kind of each column is decided by `fit` and kept; see `skfcnn._kinds`. Where tables
    have names of columns, `transform` takes the columns by name, in any order, and all of
    them have to be there and no others.

    Attributes
    ----------
    kinds_ : list
        The kind of each column.

    n_features_in_ : int
        Number of columns seen in `fit`.

    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns seen in `fit`, where there were names.
    """

    def set_output(self, *, transform=None):
        """Return self: what comes of a table are columns of pandas, for other steps."""
        return self

    def fit(self, X, y=None):
        """Decide what each column holds.

        Parameters
        ----------
        X : DataFrame of pandas or polars, or array-like of shape (n_samples, n_features)
            The table.
        y : array-like of shape (n_samples,) or (n_samples, n_labels), default=None
            Labels, only to see that none is missing.

        Returns
        -------
        self : TableReader

        Raises
        ------
        ValueError
            Where X is no table, has no rows or no columns, two columns of one name, or a
            column with complex or infinite numbers or with collections; where X has no
            values at all; or where labels are missing.
        """
        self.fit_transform(X, y)
        return self

    def fit_transform(self, X, y=None):
        """Decide what each column holds, and read the table.

        Parameters
        ----------
        X, y
            As of `fit`.

        Returns
        -------
        table : pandas.DataFrame
        """
        table = open_table(X)
        if y is not None:
            check_consistent_length(X, y)
            _check_labels(y)
        kinds = [_of_column(kind_of, table, i) for i in range(table.shape[1])]
        names = _names_out(table, kinds)
        if not any(names):
            raise ValueError(
                f"All values of all {table.shape[1]} columns are missing: there is nothing "
                "to learn from. Check how the table was read."
            )
        read = _read(table, range(table.shape[1]), kinds, names)
        self.kinds_, self._names_out = kinds, names
        self.n_features_in_ = table.shape[1]
        if table.names:
            self.feature_names_in_ = np.array(table.names, dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        return read

    def transform(self, X):
        """Read a table with the same columns.

        Parameters
        ----------
        X : DataFrame of pandas or polars, or array-like of shape (n_samples, n_features)
            The table.

        Returns
        -------
        table : pandas.DataFrame

        Raises
        ------
        ValueError
            Where a column is not there, or is not expected, or holds something else than
            it did in training, and where `fit` would raise it.
        """
        check_is_fitted(self)
        table = open_table(X)
        return _read(table, self._positions(table), self.kinds_, self._names_out)

    def get_feature_names_out(self, input_features=None):
        """Return the names of the columns that `transform` gives.

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
        """Return where in the table each column of the training data is."""
        names = getattr(self, "feature_names_in_", None)
        if names is not None and table.names:
            position = {name: i for i, name in enumerate(table.names)}
            _check_names(dict.fromkeys(names), position)
            return [position[name] for name in names]
        if table.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X has {table.shape[1]} features, but TableReader is expecting "
                f"{self.n_features_in_} features as input."
            )
        if names is not None:
            warnings.warn(
                "X does not have valid feature names, but TableReader was fitted with "
                "feature names",
                UserWarning,
                stacklevel=3,
            )
        return range(self.n_features_in_)


def _read(table, positions, kinds, names_out):
    """Return the DataFrame: column after column, for memory."""
    columns = {}
    for i, kind, names in zip(positions, kinds, names_out, strict=True):
        if names:
            arrays = _of_column(partial(_values, kind), table, i)
            if kind.dtype is object:  # which pandas would make strings of its own
                arrays = [pd.Series(array, dtype=object) for array in arrays]
            columns.update(zip(names, arrays, strict=True))
    return pd.DataFrame(columns, copy=False)


def _values(kind, column):
    """Return the arrays of a kind, NaN where a whole column is missing."""
    if column.isna().all():
        return [np.full(len(column), np.nan, kind.dtype) for _ in kind.names("")]
    return kind.read(column)


def _of_column(function, table, number):
    """Return function(column); an error of it says which column."""
    try:
        return function(table.column(number))
    except (ValueError, OverflowError) as error:
        raise ValueError(f"Column {table.label(number)}: {error}") from error


def _check_names(known, given):
    missing = [name for name in known if name not in given]
    unexpected = [name for name in given if name not in known]
    if missing or unexpected:
        raise ValueError(
            "The columns of X must be those of the training data, in any order; "
            f"{_listed(missing)} missing, {_listed(unexpected)} not expected. Rename, add "
            "or drop columns."
        )


def _listed(names):
    if not names:
        return "none"
    more = f" and {len(names) - N_NAMED} more" if len(names) > N_NAMED else ""
    return ", ".join(map(repr, names[:N_NAMED])) + more


def _check_labels(y):
    is_missing = pd.isna(np.asarray(y, dtype=object))
    rows = np.flatnonzero(is_missing if is_missing.ndim < 2 else is_missing.any(axis=1))
    if len(rows):
        raise ValueError(
            f"y has {len(rows)} missing label(s), the first in row {rows[0]}. Drop these "
            "rows: X[~pd.isna(y)], y[~pd.isna(y)]."
        )


def _names_out(table, kinds):
    """Return the names of the columns that come of each column, all of them different."""
    names_in = table.names or [f"x{i}" for i in range(len(kinds))]
    taken = set(names_in)
    names_out = []
    for name_in, kind in zip(names_in, kinds, strict=True):
        names = kind.names(name_in)
        names[1:] = [_not_in(taken, name) for name in names[1:]]
        taken.update(names)
        names_out.append(names)
    return names_out


def _not_in(taken, name):
    while name in taken:
        name += "_"
    return name
