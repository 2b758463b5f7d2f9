"""The magnitudes and deviations of X, computed block by block.

X is an array, which may be memory-mapped, or a sparse matrix, which may have duplicate
entries. It is read once, never copied as a whole, and never changed. Some methods of SciPy,
for example `max`, sum duplicates in place: they are called on copies only.
"""

from collections.abc import Iterator

import numpy as np
import scipy.sparse
from sklearn.utils.sparsefuncs import mean_variance_axis

# Numbers per block: 2 MB in float64, which fit the cache.
BLOCK = 2**18


def numbers_per_row(X) -> int:
    """Return the number of stored values per row, on average if sparse; at least 1."""
    n_numbers = X.nnz // X.shape[0] if scipy.sparse.issparse(X) else X.shape[1]
    return max(1, n_numbers)


def row_blocks(X, rows: np.ndarray | None = None) -> Iterator:
    """Yield X, or some of its rows, block by block; sparse blocks are copies."""
    at_once = max(1, BLOCK // numbers_per_row(X))
    for start in range(0, X.shape[0] if rows is None else len(rows), at_once):
        part = slice(start, start + at_once)
        block = X[part if rows is None else rows[part]]
        if scipy.sparse.issparse(block):
            block.sum_duplicates()
        yield block


def largest(X, rows: np.ndarray | None = None) -> float:
    """Return the largest magnitude in X, or in some of its rows."""
    blocks = row_blocks(X, rows)
    numbers = (block.data if scipy.sparse.issparse(X) else block for block in blocks)
    return max((float(np.abs(each).max()) for each in numbers if each.size), default=0.0)


def deviations(X) -> np.ndarray:
    """Return the standard deviation of each column, float64, (n_columns,).

    A column is divided by its largest number first, so that squares do not overflow.
    """
    if scipy.sparse.issparse(X):
        x = X.astype(np.float64)
        x.sum_duplicates()
        highest = _zeros_to_ones(abs(x).max(axis=0).toarray().ravel())
        x.data /= highest[x.indices]
        return highest * np.sqrt(mean_variance_axis(x, axis=0)[1])
    at_once = max(1, BLOCK // X.shape[0])
    parts = (X[:, i : i + at_once] for i in range(0, X.shape[1], at_once))
    return np.concatenate([_deviations_of_array(np.array(part, float)) for part in parts])


def _deviations_of_array(x):
    highest = _zeros_to_ones(np.abs(x).max(axis=0))
    x /= highest
    return highest * x.std(axis=0)


def _zeros_to_ones(highest):
    return np.where(highest > 0.0, highest, 1.0)


def columns_of_many_values(X: np.ndarray) -> np.ndarray:
    """Return which columns have more than two values, bool, (n_columns,)."""
    has_many = np.zeros(X.shape[1], bool)
    extremes = X[:1].repeat(2, axis=0)  # the lowest and the highest so far
    for block in row_blocks(X):
        lowest, highest = block.min(axis=0), block.max(axis=0)
        has_many |= ((block != lowest) & (block != highest)).any(axis=0)
        known = np.sort([*extremes, lowest, highest], axis=0)
        has_many |= (known[1:] != known[:-1]).sum(axis=0) > 1
        extremes = known[[0, -1]]
    return has_many
