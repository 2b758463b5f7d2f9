"""The rows of a table with positive weight.

A row of weight zero is not encoded, and is in no fold. Rows keep their positions, which
folds and importances refer to; in the encoded table, rows without weight are zero.
"""

from collections.abc import Sequence

import numpy as np
from sklearn.utils.validation import check_consistent_length

from skfcnn._sklearn import _safe_indexing
from skfcnn.tabular.moved_columns import movable, rows_of


def with_weight(X, y, rows: np.ndarray, n_rows: int) -> tuple:
    """Return these rows of a table and its y, of n_rows rows, as passed if they are all."""
    if len(rows) == n_rows:
        return X, y
    try:
        table = movable(X)
    except (ValueError, TypeError):  # what only an encoder of the user's can read
        check_consistent_length(X, y)
        return _safe_indexing(X, rows), _safe_indexing(y, rows)
    check_consistent_length(table, y)
    return rows_of(table, rows), _safe_indexing(y, rows)


def with_zeros(encoded: np.ndarray, rows: np.ndarray, n_rows: int) -> np.ndarray:
    """Return a table of n_rows rows with these encoded rows; the others are zero."""
    if len(rows) == n_rows:
        return encoded
    table = np.zeros((n_rows, encoded.shape[1]), encoded.dtype)
    table[rows] = encoded
    return table


def positions_among(rows: np.ndarray, splits: Sequence[tuple] | None) -> list[tuple] | None:
    """Return splits of all rows as positions among some rows, ascending, that they are in.

    Parameters
    ----------
    rows : ndarray of int
    splits : list of pairs of ndarrays of int, or None
    """
    if splits is None:
        return None
    return [tuple(np.searchsorted(rows, part) for part in pair) for pair in splits]
