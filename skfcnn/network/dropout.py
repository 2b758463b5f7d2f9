"""Dropout: a layer that is used in training, and not in prediction.

a = x m,  dJ/dx = dJ/da m, with a random m that is 0 or 1 / (1 - rate)
"""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from skfcnn.network.layer import Layer


class DropoutBuffers(NamedTuple):
    """The arrays of a forward and a backward pass through a dropout layer."""

    mask: np.ndarray  # (n_rows, n_in)
    a: np.ndarray  # (n_rows, n_in)
    delta: Any  # (n_rows, n_in), dJ/da, and then dJ/dx in place

    def rows(self, n: int) -> "DropoutBuffers":
        """Return the same buffers, for the first n rows."""
        delta = None if self.delta is None else self.delta[:n]
        return DropoutBuffers(self.mask[:n], self.a[:n], delta)


@dataclass(frozen=True)
class Dropout(Layer):
    """Zeroes inputs at random and scales the rest by 1 / (1 - rate).

    The mean over all masks is the input itself, so prediction needs no dropout.
    Srivastava et al., "Dropout", JMLR 15, 2014, section 10.
    """

    rate: float
    rng: np.random.Generator

    label: ClassVar[str] = "dropout"

    def outputs(self, n_rows: int, dtype: np.dtype) -> DropoutBuffers:
        """Allocate the arrays of a forward pass of n_rows rows."""
        mask, a = np.empty((2, n_rows, self.n_in), dtype)
        return DropoutBuffers(mask, a, None)

    def buffers(self, n_rows: int, dtype: np.dtype, gradient, delta_x) -> DropoutBuffers:
        """Allocate the arrays of both passes; delta is shared with the layer below."""
        return self.outputs(n_rows, dtype)._replace(delta=delta_x)

    def forward(self, x, parameters, buffers: DropoutBuffers) -> np.ndarray:
        """Draw a mask, and compute a, both (n_rows, n_in)."""
        mask = buffers.mask
        self.rng.random(out=mask, dtype=mask.dtype)
        np.greater_equal(mask, self.rate, out=mask)
        mask *= 1.0 / (1.0 - self.rate)
        return np.multiply(x, mask, out=buffers.a)

    def backward(self, x, parameters, buffers: DropoutBuffers, delta_x) -> None:
        """Turn dJ/da into dJ/dx."""
        np.multiply(buffers.delta, buffers.mask, out=delta_x)
