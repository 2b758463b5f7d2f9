"""Layer normalization: each row of inputs gets mean 0 and variance 1, then gain and bias.

With mean m and variance v of the n_in inputs of a row, and means over the inputs::

    s = sqrt(v + EPSILON),  h = (x - m) / s
    a = g h + b

    dJ/dg = sum of dJ/da h over the rows,  dJ/db = sum of dJ/da over the rows
    dJ/dx = (d - mean(d) - h mean(d h)) / s,  d = g dJ/da

Each row is normalized separately. So training and prediction compute the same, for any
batch.

References
----------
Ba, Kiros, Hinton, "Layer normalization", arXiv:1607.06450.
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from skfcnn.network.layer import Layer

# PyTorch's default. It keeps a row of equal inputs finite.
EPSILON = 1e-5


class NormalizationParameters(NamedTuple):
    """The parameters of a layer normalization, or their gradient."""

    gain: np.ndarray  # (n_in,)
    bias: np.ndarray  # (n_in,)


class NormalizationOutputs(NamedTuple):
    """The arrays of a forward pass."""

    h: np.ndarray  # (n_rows, n_in)
    s: np.ndarray  # (n_rows, 1)
    a: np.ndarray  # (n_rows, n_in)

    def rows(self, n: int) -> "NormalizationOutputs":
        """Return the same arrays, for the first n rows."""
        return NormalizationOutputs(self.h[:n], self.s[:n], self.a[:n])


class NormalizationBuffers(NamedTuple):
    """The arrays of a forward and a backward pass."""

    h: np.ndarray  # (n_rows, n_in)
    s: np.ndarray  # (n_rows, 1)
    a: np.ndarray  # (n_rows, n_in), at the end d h
    delta: np.ndarray  # (n_rows, n_in), dJ/da, and then dJ/dx in place
    gradient: NormalizationParameters
    ones: np.ndarray  # (n_rows,)

    def rows(self, n: int) -> "NormalizationBuffers":
        """Return the same buffers, for the first n rows."""
        h, s, a, delta, ones = (
            array[:n] for array in (self.h, self.s, self.a, self.delta, self.ones)
        )
        return NormalizationBuffers(h, s, a, delta, self.gradient, ones)


@dataclass(frozen=True)
class LayerNormalization(Layer):
    """Normalization of each row of inputs: a = g (x - m) / s + b."""

    label: ClassVar[str] = "normalization"
    parameters: ClassVar[type] = NormalizationParameters
    group: ClassVar[str] = "normalization"

    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Return the shapes of gain and bias."""
        return (self.n_in,), (self.n_in,)

    def draw(self, parameters, rng: np.random.RandomState) -> None:
        """Write the initial values: ones for the gain, zeros for the bias."""
        parameters.gain.fill(1.0)
        parameters.bias.fill(0.0)

    def outputs(self, n_rows: int, dtype: np.dtype) -> NormalizationOutputs:
        """Allocate the arrays of a forward pass of n_rows rows."""
        h, a = np.empty((2, n_rows, self.n_in), dtype)
        return NormalizationOutputs(h, np.empty((n_rows, 1), dtype), a)

    def buffers(self, n_rows: int, dtype: np.dtype, gradient, delta_x):
        """Allocate the arrays of both passes, except for gradient and delta."""
        h, s, a = self.outputs(n_rows, dtype)
        return NormalizationBuffers(h, s, a, delta_x, gradient, np.ones(n_rows, dtype))

    def forward(self, x, parameters, buffers) -> np.ndarray:
        """Compute a, (n_rows, n_in), from x."""
        h, s, a = buffers[:3]
        np.subtract(x, x.mean(axis=1, keepdims=True), out=h)
        np.multiply(h, h, out=a)
        np.mean(a, axis=1, keepdims=True, out=s)
        s += EPSILON
        np.sqrt(s, out=s)
        h /= s
        np.multiply(h, parameters.gain, out=a)
        a += parameters.bias
        return a

    def backward(self, x, parameters, buffers, delta_x) -> None:
        """Turn dJ/da into the gradient and dJ/dx; a and h are overwritten."""
        h, s, a, delta, gradient, ones = buffers
        np.multiply(delta, h, out=a)
        ones.dot(a, out=gradient.gain)
        ones.dot(delta, out=gradient.bias)
        np.multiply(delta, parameters.gain, out=delta_x)
        np.multiply(delta_x, h, out=a)
        h *= a.mean(axis=1, keepdims=True)
        h += delta_x.mean(axis=1, keepdims=True)
        delta_x -= h
        delta_x /= s
