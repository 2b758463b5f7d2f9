"""The rows of a batch: gathered in the order of an epoch, and what each weighs in it.

A call of NumPy on a small array costs more than its numbers do. So the rows of as many
batches as fit a cache are gathered together, and a batch is a slice of them.
"""

from collections.abc import Iterator

import numpy as np
import scipy.sparse

from skfcnn.training.objective import Data

# Numbers gathered at a time, unless a batch alone has more: 1 MB in float64.
GATHERED = 2**17


def take_rows(source, rows: np.ndarray, out: np.ndarray):
    """Gather rows in the dtype of `out`: into `out`, or as a new sparse matrix.

    np.take(mode="clip") took 6 microseconds where the default mode took 15; but of an
    array that is not C-contiguous it copies the whole before it takes a row.
    """
    if scipy.sparse.issparse(source):
        return source[rows].astype(out.dtype, copy=False)
    if source.dtype == out.dtype and source.flags.c_contiguous:
        return source.take(rows, axis=0, out=out, mode="clip")
    out[...] = source[rows]
    return out


class Batches:
    """Gathers rows into arrays allocated once, and splits them into batches."""

    def __init__(self, data: Data, batch_size: int, n_rows: int, dtype: np.dtype) -> None:
        self.data = data
        self.batch_size = batch_size
        n_in, n_out = data.X.shape[1], data.target.shape[1]
        is_sparse = scipy.sparse.issparse(data.X)
        at_once = 1 if is_sparse else max(1, GATHERED // (batch_size * max(n_in, n_out)))
        self.n_gathered = min(at_once * batch_size, n_rows)
        self.buffers = Data(
            np.empty((0 if is_sparse else self.n_gathered, n_in), dtype),
            np.empty((self.n_gathered, n_out), dtype),
            np.empty(self.n_gathered),
        )

    def gather(self, order: np.ndarray) -> Iterator[Data]:
        """Yield the rows in this order, those of one or more whole batches at a time."""
        for start in range(0, len(order), self.n_gathered):
            rows = order[start : start + self.n_gathered]
            yield Data(
                *(
                    take_rows(source, rows, out=buffer[: len(rows)])
                    for source, buffer in zip(self.data, self.buffers, strict=True)
                )
            )

    def split(self, weights: np.ndarray, dtype: np.dtype) -> Iterator[tuple]:
        """Yield each batch of gathered rows: its slice, its weight, its rows' shares of it.

        The shares, (n_rows, 1), are in this dtype. A batch of which all weights are zero
        teaches nothing and is left out.
        """
        starts = range(0, len(weights), self.batch_size)
        totals = np.add.reduceat(weights, starts)
        divisors = np.where(totals > 0.0, totals, 1.0).repeat(self.batch_size)
        shares = weights / divisors[: len(weights)]
        shares = shares[:, None].astype(dtype)
        for start, total in zip(starts, totals.tolist(), strict=True):
            if total > 0.0:
                rows = slice(start, start + self.batch_size)
                yield rows, total, shares[rows]
