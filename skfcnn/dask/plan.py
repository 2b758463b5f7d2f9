"""Which rows of a chunk are in which batch of an epoch.

Batch t of T has the rows b_c(t) to b_c(t + 1) - 1 of the n_c rows of chunk c, in the order
of the epoch::

    b_c(t) = floor(n_c t / T + u_c)        u_c: the fraction of (c + 1) golden ratios

So every row is in exactly one batch, and every batch has its share of every chunk, to
within one row. The batches do not depend on where the chunks are stored: they are the same
for any number of workers. The offsets u_c (Kronecker's sequence) spread the rows of small
chunks over different batches.
"""

from collections.abc import Iterator

import numpy as np

GOLDEN_RATIO = (1.0 + 5.0**0.5) / 2.0


def batch_bounds(number: int, n_rows: int, n_batches: int) -> np.ndarray:
    """Return b_c(0), ..., b_c(T), int of shape (n_batches + 1,), of chunk c = number."""
    offset = (number + 1) * GOLDEN_RATIO % 1.0
    return np.floor(n_rows * np.arange(n_batches + 1) / n_batches + offset).astype(int)


def epoch_order(number: int, n_rows: int, seed: int | None) -> np.ndarray:
    """Return the order of a chunk's rows in an epoch; without a seed, unshuffled."""
    if seed is None:
        return np.arange(n_rows)
    return np.random.default_rng([seed, number]).permutation(n_rows)


def batches_of(
    number: int, n_rows: int, n_batches: int, seed: int | None
) -> Iterator[np.ndarray]:
    """Yield the rows of a chunk in each batch of an epoch; the arrays may be empty."""
    order = epoch_order(number, n_rows, seed)
    bounds = batch_bounds(number, n_rows, n_batches)
    for start, stop in zip(bounds, bounds[1:], strict=False):
        yield order[start:stop]
