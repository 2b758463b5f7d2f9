"""Dropout: a layer that is used in training, and not in prediction.

a = x m,  dJ/dx = dJ/da m, with a random m that is 0 or 1 / (1 - rate)
"""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from skfcnn.network.layer import Layer

# Four 16-bit integers are drawn in the time of one float. So rates are rounded to multiples
# of 1 / RANGE.
RANGE = 2**16


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
        mask, dropped = buffers.mask, min(round(self.rate * RANGE), RANGE - 1)
        n_drawn = -(-mask.size // 4)
        drawn = self.rng.integers(0, 2**64 - 1, n_drawn, np.uint64, endpoint=True)
        numbers = drawn.view(np.uint16)[: mask.size].reshape(mask.shape)
        np.greater_equal(numbers, dropped, out=mask)
        mask *= RANGE / (RANGE - dropped)
        return np.multiply(x, mask, out=buffers.a)

    def backward(self, x, parameters, buffers: DropoutBuffers, delta_x) -> None:
        """Turn dJ/da into dJ/dx."""
        np.multiply(buffers.delta, buffers.mask, out=delta_x)
