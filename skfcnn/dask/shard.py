"""The rows of one worker, in several chunks; batches of them in cache-sized pieces."""

from collections.abc import Iterator

import numpy as np
import scipy.sparse

from skfcnn.dask.chunks import stack
from skfcnn.dask.plan import batches_of
from skfcnn.training.batches import take_rows
from skfcnn.training.objective import Data

# Rows per forward and backward pass. With 256 units, 4,096 rows took a tenth less time than
# 32,768; fewer rows are not faster.
PIECE = 4096


class Shard:
    """The chunks of one worker.

    Parameters
    ----------
    chunks : list of Data
    numbers : list of int
        The numbers of these chunks among all chunks of the fit.
    dtype : dtype
        The dtype of the pieces, and of X.
    """

    def __init__(self, chunks: list[Data], numbers: list[int], dtype: np.dtype) -> None:
        self.chunks = chunks
        self.numbers = numbers
        n_in, n_out = chunks[0].X.shape[1], chunks[0].target.shape[1]
        n_rows = min(PIECE, sum(len(chunk.target) for chunk in chunks))
        self.is_sparse = scipy.sparse.issparse(chunks[0].X)
        X = np.empty((0 if self.is_sparse else n_rows, n_in), dtype)
        self.gathered = Data(X, np.empty((n_rows, n_out), dtype), np.empty(n_rows))

    def batches(self, n_batches: int, seed: int | None) -> Iterator[list[np.ndarray]]:
        """Return the rows of each batch of an epoch, an array for each chunk.

        A chunk without any weight has no rows there: they may be too large to multiply.
        """
        sizes = [len(each.target) if each.weights.any() else 0 for each in self.chunks]
        plans = [
            batches_of(number, size, n_batches, seed)
            for number, size in zip(self.numbers, sizes, strict=True)
        ]
        return map(list, zip(*plans, strict=True))

    def pieces(self, batch: list[np.ndarray]) -> Iterator[Data]:
        """Yield the rows of a batch in pieces; the next piece overwrites the last one."""
        starts = np.cumsum([0, *map(len, batch)])
        for first in range(0, starts[-1], PIECE):
            last = min(first + PIECE, starts[-1])
            parts = [
                (chunk, rows[max(first - start, 0) : max(last - start, 0)])
                for chunk, rows, start in zip(self.chunks, batch, starts[:-1], strict=True)
            ]
            yield self._gather([(chunk, rows) for chunk, rows in parts if len(rows)])

    def _gather(self, parts):
        n_rows = sum(len(rows) for _, rows in parts)
        X, target, weights = (each[:n_rows] for each in self.gathered)
        start = 0
        for chunk, rows in parts:
            here = slice(start, start + len(rows))
            target[here] = chunk.target[rows]
            weights[here] = chunk.weights[rows]
            if not self.is_sparse:
                take_rows(chunk.X, rows, X[here])
            start += len(rows)
        if self.is_sparse:
            X = stack([chunk.X[rows] for chunk, rows in parts])
        return Data(X, target, weights)
