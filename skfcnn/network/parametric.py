"""An activation of which every unit learns how much of it to use.

a = z + m (f(z) - z)                     m = 1: f itself, m = 0: no activation
dJ/dm = sum of dJ/da (f(z) - z) over the rows
dJ/dz = dJ/da (1 + m (f'(z) - 1))

References
----------
Holzmueller et al., "Better by default", arXiv:2407.04491, section 3.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from skfcnn.network.activations import Activation


class ParametricOutputs(NamedTuple):
    """What a forward pass writes."""

    f: np.ndarray  # (n_rows, n_units)
    a: np.ndarray  # (n_rows, n_units)

    def rows(self, n: int) -> "ParametricOutputs":
        """Return the same arrays, for the first n rows."""
        return ParametricOutputs(self.f[:n], self.a[:n])


class ParametricBuffers(NamedTuple):
    """What a forward and a backward pass write."""

    f: np.ndarray  # (n_rows, n_units)
    a: np.ndarray  # (n_rows, n_units), at the end f(z) - z
    delta: np.ndarray  # (n_rows, n_units), dJ/da
    gradient: np.ndarray  # (n_units,)
    ones: np.ndarray  # (n_rows,)

    def rows(self, n: int) -> "ParametricBuffers":
        """Return the same buffers, for the first n rows."""
        f, a, delta, ones = self.f[:n], self.a[:n], self.delta[:n], self.ones[:n]
        return ParametricBuffers(f, a, delta, self.gradient, ones)


@dataclass
class Parametric:
    """An activation behind a linear layer: a = z + m (f(z) - z)."""

    mix: np.ndarray  # (n_units,)
    activation: Activation

    def outputs(self, n_rows: int) -> ParametricOutputs:
        """Allocate what a forward pass of n_rows rows writes."""
        return ParametricOutputs(*np.empty((2, n_rows, len(self.mix)), self.mix.dtype))

    def buffers(self, n_rows: int, gradients: Iterator) -> ParametricBuffers:
        """Allocate what passes of n_rows rows write; the gradient is the next given."""
        f, a = self.outputs(n_rows)
        ones = np.ones(n_rows, f.dtype)
        return ParametricBuffers(f, a, np.empty_like(a), next(gradients), ones)

    def forward(self, z, buffers: ParametricOutputs | ParametricBuffers) -> np.ndarray:
        """Compute a, (n_rows, n_units), from z."""
        a, f = buffers.a, buffers.f
        self.activation.function(z, out=f)
        np.subtract(f, z, out=a)
        a *= self.mix
        a += z
        return a

    def backward(self, z, buffers: ParametricBuffers, delta_z: np.ndarray) -> None:
        """Turn dJ/da into the gradient and dJ/dz; z and a are overwritten."""
        a, f, delta = buffers.a, buffers.f, buffers.delta
        np.subtract(f, z, out=a)
        a *= delta
        buffers.ones.dot(a, out=buffers.gradient)
        slope = self.activation.slope(z, f)
        np.subtract(slope, 1.0, out=a)
        a *= self.mix
        a += 1.0
        np.multiply(delta, a, out=delta_z)
