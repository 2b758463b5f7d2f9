"""TableReader: converts a raw table to a pandas DataFrame of floats and strings."""

from decimal import InvalidOperation
from functools import partial

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skfcnn.estimator.onnx_methods import ConvertsToOnnx
from skfcnn.tabular.column_names import positions_of, texts_of, unique_name
from skfcnn.tabular.column_types import Nothing, Numbers, kind_of
from skfcnn.tabular.dataframes import open_table


class TableReader(  # type: ignore[call-arg]  # scikit-learn has no types
    ConvertsToOnnx, TransformerMixin, BaseEstimator, auto_wrap_output_keys=None
):
    """Read tables into DataFrames of numbers (float64) and categories (strings or NaN).

    The kind of each column is determined in `fit`; see `skfcnn.tabular.column_types`. If
    both tables have column names, `transform` selects the columns by name, in any order;
    missing and additional columns raise an error. If one of them is an array, columns are
    selected by position, with a warning unless the names are the default names of pandas, 0
    to n_features - 1.

    Attributes
    ----------
    kinds_ : list
        The kind of each column.

    n_features_in_ : int
        Number of columns seen in `fit`.

    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns seen in `fit`, if all of them are strings.
    """

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
            or a column with complex or infinite numbers or with collections; if all values
            of X are missing; or if labels are missing.
        """
        self.fit_transform(X, y)
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
        table = open_table(X)
        if y is not None:
            check_consistent_length(np.empty(table.shape[0]), y)
            _check_labels(y)
        kinds = _kinds_of(table)
        names = _names_out(texts_of(table.names, table.shape[1]), kinds)
        if not any(names):
            raise ValueError(
                f"All values of all {table.shape[1]} columns are missing. Check how the "
                "table was loaded."
            )
        read = _read(table, range(table.shape[1]), kinds, names)
        self.kinds_, self._names_out, self._names_in = kinds, names, table.names
        self.n_features_in_ = table.shape[1]
        if table.names and all(isinstance(name, str) for name in table.names):
            self.feature_names_in_ = np.array(table.names, dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        return read

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
        return _read(table, self._positions(table), self.kinds_, self._names_out)

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
        return positions_of(self._known_names(), self.n_features_in_, table)

    def _known_names(self):
        """Return the column names of the training data; None for an array."""
        # Readers of older versions stored only names that are strings, in this attribute.
        return vars(self).get("_names_in", getattr(self, "feature_names_in_", None))


def _kinds_of(table) -> list:
    """Return the kind of each column of training data."""
    kinds: list = [None] * table.shape[1]
    if table.numeric:
        has_values = ~np.isnan(table.numbers(table.numeric)).all(axis=0)
        for i, has_value in zip(table.numeric, has_values, strict=True):
            kinds[i] = Numbers() if has_value else Nothing()
    return [kind or _apply_to_column(kind_of, table, i) for i, kind in enumerate(kinds)]


def _read(table, positions, kinds, names_out):
    """Return the DataFrame; plain numbers are read together, other columns one by one."""
    numeric = set(table.numeric)
    plain, columns = {}, {}
    for i, kind, names in zip(positions, kinds, names_out, strict=True):
        if i in numeric and isinstance(kind, Numbers):
            plain[names[0]] = i
        elif names:
            arrays = _apply_to_column(partial(_values, kind), table, i)
            if kind.dtype is object:  # otherwise pandas would use its string dtype
                arrays = [pd.Series(array, dtype=object) for array in arrays]
            columns.update(zip(names, arrays, strict=True))
    parts = [_plain_numbers(table, plain)] if plain else []
    if columns:
        parts.append(pd.DataFrame(columns, copy=False))
    if len(parts) == 1:
        return parts[0]
    order = [name for names in names_out for name in names]
    return pd.concat(parts, axis=1)[order]


def _plain_numbers(table, plain):
    """Return a DataFrame of numeric columns, given as a dict of names to positions."""
    positions = [*plain.values()]
    values = table.numbers(positions)
    is_infinite = np.isinf(values).any(axis=0)
    if is_infinite.any():  # raises an error that names the cell
        _apply_to_column(Numbers().read, table, positions[is_infinite.argmax()])
    return pd.DataFrame(values, columns=[*plain], copy=False)


def _values(kind, column):
    """Return the arrays of a column; all NaN if all its values are missing."""
    if column.isna().all():
        return [np.full(len(column), np.nan, kind.dtype) for _ in kind.names("")]
    return kind.read(column)


def _apply_to_column(function, table, number):
    """Return function(column); errors of any library get the name of the column."""
    try:
        return function(table.column(number))
    except MemoryError:
        raise
    except (ValueError, OverflowError) as error:
        raise ValueError(f"Column {table.label(number)}: {error}") from error
    except InvalidOperation as error:
        raise ValueError(
            f"Column {table.label(number)} has a Decimal that cannot be compared, such as "
            "Decimal('sNaN'). Use None for missing values."
        ) from error
    except Exception as error:
        raise ValueError(
            f"Column {table.label(number)} cannot be read: {type(error).__name__}: "
            f"{error}. Convert it to numbers, dates or text, or drop it."
        ) from error


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
