"""The layers: the forward pass of each, and right under it its backward pass.

In the symbols of the code::

    forward    z = x W + b,  a = f(z)
    backward   delta = dJ/da * f'(z)
               dJ/dW = x^T delta,  dJ/db = sum of delta over the rows
               dJ/dx = delta W^T: what the layer below receives as its dJ/da

A row is a sample; the course writes samples as columns (README.md has the dictionary).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from skfcnn.network.activations import Activation
from skfcnn.network.parameters import LayerParameters


class Outputs(NamedTuple):
    """What a forward pass writes in one layer."""

    z: np.ndarray  # (n_rows, n_out)
    a: np.ndarray  # (n_rows, n_out)

    def rows(self, n: int) -> "Outputs":
        """Return the same arrays, for the first n rows."""
        if n == len(self.z):
            return self
        return Outputs(self.z[:n], self.a[:n])


@dataclass(slots=True)
class Buffers:
    """What a forward and a backward pass write in one layer."""

    z: np.ndarray  # (n_rows, n_out)
    a: np.ndarray  # (n_rows, n_out)
    delta: np.ndarray  # (n_rows, n_out), dJ/da on the way in, then dJ/dz
    gradient: LayerParameters
    ones: np.ndarray  # (n_rows,)

    def rows(self, n: int) -> "Buffers":
        """Return the same buffers, for the first n rows."""
        z, a, delta, ones = self.z[:n], self.a[:n], self.delta[:n], self.ones[:n]
        return Buffers(z, a, delta, self.gradient, ones)


def multiply(x, y: np.ndarray, out: np.ndarray) -> None:
    """out <- x y; x may be a SciPy sparse matrix or array.

    For small arrays x.dot(y, out) took 0.4 microseconds where np.matmul took 0.9.
    """
    if isinstance(x, np.ndarray):
        x.dot(y, out)
    else:
        out[...] = x @ y


@dataclass
class Linear:
    """Every input connected with every output: z = x W + b."""

    parameters: LayerParameters

    def outputs(self, n_rows: int) -> Outputs:
        """Allocate what a forward pass of n_rows rows writes."""
        z = self._empty(n_rows)
        return Outputs(z, z)

    def buffers(self, n_rows: int, gradients: Iterator) -> Buffers:
        """Allocate what passes of n_rows rows write; the gradient is the next given."""
        z, a = self.outputs(n_rows)
        ones = np.ones(n_rows, z.dtype)
        return Buffers(z, a, np.empty_like(z), next(gradients), ones)

    def _empty(self, n_rows):
        bias = self.parameters.bias
        return np.empty((n_rows, len(bias)), bias.dtype)

    def forward(self, x, buffers: Outputs | Buffers) -> np.ndarray:
        """Compute z, (n_rows, n_out), from x, (n_rows, n_in)."""
        weights, bias = self.parameters
        z = buffers.z
        multiply(x, weights, out=z)
        z += bias
        return z

    def backward(self, x, buffers: Buffers, delta_x: np.ndarray | None) -> None:
        """Turn dJ/dz into the gradient, and into dJ/dx where somebody asks for it."""
        weights, _ = self.parameters
        delta = buffers.delta
        multiply(x.T, delta, out=buffers.gradient.weights)
        buffers.ones.dot(delta, out=buffers.gradient.bias)
        if delta_x is not None:
            delta.dot(weights.T, out=delta_x)


@dataclass
class FullyConnected(Linear):
    """A linear layer through a function: z = x W + b, a = f(z)."""

    activation: Activation

    def outputs(self, n_rows: int) -> Outputs:
        """Allocate what a forward pass of n_rows rows writes."""
        return Outputs(self._empty(n_rows), self._empty(n_rows))

    def forward(self, x, buffers: Outputs | Buffers) -> np.ndarray:
        """Compute a, (n_rows, n_out), from x, (n_rows, n_in)."""
        z = super().forward(x, buffers)
        self.activation.function(z, out=buffers.a)
        return buffers.a

    def backward(self, x, buffers: Buffers, delta_x: np.ndarray | None) -> None:
        """Turn dJ/da into delta = dJ/dz, and continue as a linear layer."""
        buffers.delta *= self.activation.slope(buffers.z, buffers.a)
        super().backward(x, buffers, delta_x)
