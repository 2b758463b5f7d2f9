"""Batches: rows gathered in the order of the epoch, and their shares of the weight.

On small arrays a call of NumPy costs more than its arithmetic. So the rows of several
batches are gathered at once, as many as fit the cache, and a batch is a slice of them.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import scipy.sparse

from skfcnn.training.objective import Data

# Numbers gathered at once, but at least one batch: 1 MB in float64.
GATHERED = 2**17
# X of up to this many numbers is converted once, and not row by row in every epoch, if it
# has another dtype or order: 128 MB in float32. From a DataFrame of 784 columns, an epoch
# took two thirds of the time.
CONVERTED = 2**25


def take_rows(source: np.ndarray, rows: np.ndarray, out: np.ndarray) -> None:
    """Copy rows of an array into out, which has the same dtype.

    np.take(mode="clip") took 6 microseconds where the default mode took 15. But if an array
    is not contiguous and aligned, it copies the whole array before it takes a row.
    """
    if source.flags.c_contiguous and source.flags.aligned:
        source.take(rows, axis=0, out=out, mode="clip")
    else:
        out[...] = source[rows]


def in_rows(X: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Return X in this dtype, row after row in memory, unless the copy would be large."""
    return X if X.size > CONVERTED else X.astype(dtype, order="C", copy=False)


class _SparseRows:
    """Gathers rows of a sparse matrix into a new matrix."""

    def __init__(self, source, dtype: np.dtype) -> None:
        self.source = source
        self.dtype = dtype

    def take(self, rows: np.ndarray):
        return self.source[rows].astype(self.dtype, copy=False)


class _Rows:
    """Gathers up to n rows of an array, in a given dtype, into arrays allocated once."""

    def __init__(self, source: np.ndarray, n: int, dtype: np.dtype) -> None:
        self.source = source
        self.taken = np.empty((n, *source.shape[1:]), source.dtype)
        is_same = self.taken.dtype == dtype
        self.converted = self.taken if is_same else np.empty(self.taken.shape, dtype)

    def take(self, rows: np.ndarray) -> np.ndarray:
        taken, converted = self.taken[: len(rows)], self.converted[: len(rows)]
        take_rows(self.source, rows, taken)
        if self.converted is not self.taken:
            converted[...] = taken
        return converted


class Batch(NamedTuple):
    """The rows of a batch, views of what is gathered at once."""

    start: int  # the number of the first row among those gathered
    X: np.ndarray  # (n_rows, n_in), or a sparse matrix
    target: np.ndarray  # (n_rows, n_out)
    shares: np.ndarray  # (n_rows, n_out), weights divided by the weight of the batch
    raw: np.ndarray  # (n_rows, n_out), for the raw outputs


class Batches:
    """Gathers rows into arrays allocated once, and splits them into batches."""

    def __init__(self, data: Data, batch_size: int, n_rows: int, dtype: np.dtype) -> None:
        self.batch_size = batch_size
        widest = max(data.X.shape[1], data.target.shape[1])
        is_sparse = scipy.sparse.issparse(data.X)
        at_once = 1 if is_sparse else max(1, GATHERED // (batch_size * widest))
        n = self.n_gathered = min(at_once * batch_size, n_rows)
        self.sources = (
            _SparseRows(data.X, dtype)
            if is_sparse
            else _Rows(in_rows(data.X, dtype), n, dtype),
            _Rows(data.target, n, dtype),
            _Rows(data.weights, n, data.weights.dtype),
        )
        # The rows of a skipped batch have weight 0, and raw outputs that are finite.
        self.raw, self.shares = np.zeros((2, n, data.target.shape[1]), dtype)
        self._views: dict[int, list[Batch]] = {}

    def gather(self, order: np.ndarray) -> Iterator[Data]:
        """Yield the rows in this order, one or more whole batches at a time."""
        for start in range(0, len(order), self.n_gathered):
            rows = order[start : start + self.n_gathered]
            yield Data(*[source.take(rows) for source in self.sources])

    def split(self, gathered: Data) -> Iterator[tuple[Batch, float]]:
        """Yield each batch of gathered rows, and its total weight.

        Shares have the shape and dtype of the target: a product of a matrix with one column
        took three times as long. A batch whose weights are all zero is skipped.
        """
        weights = gathered.weights
        n = len(weights)
        totals = np.add.reduceat(weights, np.arange(0, n, self.batch_size))
        divisors = np.maximum(totals, np.finfo(float).tiny).repeat(self.batch_size)
        self.shares[:n] = (weights / divisors[:n])[:, None]
        for batch, total in zip(self._batches(gathered), totals.tolist(), strict=True):
            if total > 0.0:
                yield batch, total

    def _batches(self, gathered: Data) -> list[Batch]:
        """Return the batches. Gathered arrays of the same length are the same memory."""
        X, target, weights = gathered
        n = len(weights)
        if scipy.sparse.issparse(X):
            return [Batch(0, X, target, self.shares[:n], self.raw[:n])]
        if n not in self._views:
            arrays = X, target, self.shares[:n], self.raw[:n]
            self._views[n] = [
                Batch(start, *(each[start : start + self.batch_size] for each in arrays))
                for start in range(0, n, self.batch_size)
            ]
        return self._views[n]
