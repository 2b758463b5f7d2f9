"""Tables with one column in another order, and the encoded columns that change with it.

Any encoder is treated alike: a column is moved by one row, and the encoded table is
compared with the original one. If what changes has moved by one row too, it depends on this
column alone, and need not be encoded again for any other order of the column.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from skfcnn.tabular.dataframes import open_table

# The products of an encoder, such as components of texts, may be rounded differently in
# another row: encoded columns are float32, of order 1.
TOLERANCE = 1e-5


def movable(X):
    """Return a table as a DataFrame of pandas or polars, or as an array, without a copy."""
    if isinstance(X, pd.DataFrame) or _is_polars(X) or _is_array(X):
        return X
    table = open_table(X)
    numbers = range(table.shape[1])
    frame = pd.DataFrame({i: table.column(i) for i in numbers}, copy=False)
    return frame.set_axis(numbers if table.names is None else table.names, axis=1)


def _is_polars(X) -> bool:
    return hasattr(X, "iter_columns") and hasattr(X, "to_series")


def _is_array(X) -> bool:
    return isinstance(X, np.ndarray) and X.dtype.names is None


def rows_of(X, rows: np.ndarray):
    """Return some rows of a movable table."""
    return X.iloc[rows] if isinstance(X, pd.DataFrame) else X[rows]


def with_moved(X, column: int, rows: np.ndarray):
    """Return a movable table with the values of these rows in a column, by position."""
    if _is_polars(X):
        return X.with_columns(X.to_series(column)[rows])
    if isinstance(X, pd.DataFrame):
        moved = X.copy(deep=False)
        moved.isetitem(column, X.iloc[rows, column].array)
        return moved
    moved = X.copy()
    moved[:, column] = X[rows, column]
    return moved


def encoded_columns(
    encode: Callable, X, encoded: np.ndarray, column: int
) -> tuple[np.ndarray, bool]:
    """Find the encoded columns that depend on a column of the table.

    Parameters
    ----------
    encode : callable
        Takes a table and returns an array, row by row.
    X : table
        As returned by `movable`.
    encoded : ndarray of shape (n_rows, n_encoded)
        `encode(X)`.
    column : int
        The position of the column.

    Returns
    -------
    changed : ndarray of int
        Positions in `encoded`.
    alone : bool
        Whether they depend on no other column.
    """
    rows = np.roll(np.arange(len(encoded)), 1)
    moved = encode(with_moved(X, column, rows))
    changed = np.flatnonzero((moved != encoded).any(axis=0))
    expected = encoded[np.ix_(rows, changed)]
    return changed, np.allclose(moved[:, changed], expected, TOLERANCE, TOLERANCE)
