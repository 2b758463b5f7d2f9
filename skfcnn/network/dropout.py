"""Dropout: a layer of the network that is trained, not of the one that predicts.

a = x m,  dJ/dx = dJ/da m, with a random m that is 0 or 1 / (1 - rate)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class DropoutBuffers(NamedTuple):
    """What a forward and a backward pass write in a dropout layer."""

    mask: np.ndarray  # (n_rows, n_out)
    a: np.ndarray  # (n_rows, n_out)
    delta: np.ndarray  # (n_rows, n_out), dJ/da

    def rows(self, n: int) -> "DropoutBuffers":
        """Return the same buffers, for the first n rows."""
        return DropoutBuffers(*(array[:n] for array in self))


@dataclass
class Dropout:
    """Zeroes inputs at random and scales the rest by 1 / (1 - rate).

    The mean over all masks is the input itself, so prediction needs no such layer.
    Srivastava et al., "Dropout", JMLR 15, 2014, section 10.
    """

    rate: float
    n_units: int
    dtype: np.dtype
    rng: np.random.Generator

    def buffers(self, n_rows: int, gradients: Iterator) -> DropoutBuffers:
        """Allocate what passes of n_rows rows write: no gradient, as nothing is learned."""
        return DropoutBuffers(*np.empty((3, n_rows, self.n_units), self.dtype))

    def forward(self, x, buffers: DropoutBuffers) -> np.ndarray:
        """Draw a mask, and compute a, both (n_rows, n_units)."""
        mask = buffers.mask
        self.rng.random(out=mask, dtype=mask.dtype)
        np.greater_equal(mask, self.rate, out=mask)
        mask *= 1.0 / (1.0 - self.rate)
        return np.multiply(x, mask, out=buffers.a)

    def backward(self, x, buffers: DropoutBuffers, delta_x: np.ndarray) -> None:
        """Turn dJ/da into dJ/dx."""
        np.multiply(buffers.delta, buffers.mask, out=delta_x)
