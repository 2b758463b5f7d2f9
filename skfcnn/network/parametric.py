"""An activation with one parameter per unit: how much of the activation is used.

a = z + m (f(z) - z)                     m = 1: f itself, m = 0: no activation
dJ/dm = sum of dJ/da (f(z) - z) over the rows
dJ/dz = dJ/da (1 + m (f'(z) - 1))

References
----------
Holzmueller et al., "Better by default", arXiv:2407.04491, section 3.
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from skfcnn.network.elementwise import Elementwise


class MixParameters(NamedTuple):
    """The parameters of a parametric activation, or their gradient."""

    mix: np.ndarray  # (n_in,), m


class ParametricOutputs(NamedTuple):
    """The arrays of a forward pass."""

    f: np.ndarray  # (n_rows, n_in)
    a: np.ndarray  # (n_rows, n_in)

    def rows(self, n: int) -> "ParametricOutputs":
        """Return the same arrays, for the first n rows."""
        return ParametricOutputs(self.f[:n], self.a[:n])


class ParametricBuffers(NamedTuple):
    """The arrays of a forward and a backward pass."""

    f: np.ndarray  # (n_rows, n_in)
    a: np.ndarray  # (n_rows, n_in), at the end f(z) - z
    delta: np.ndarray  # (n_rows, n_in), dJ/da, and then dJ/dz in place
    gradient: MixParameters
    ones: np.ndarray  # (n_rows,)

    def rows(self, n: int) -> "ParametricBuffers":
        """Return the same buffers, for the first n rows."""
        f, a, delta, ones = self.f[:n], self.a[:n], self.delta[:n], self.ones[:n]
        return ParametricBuffers(f, a, delta, self.gradient, ones)


@dataclass(frozen=True)
class Parametric(Elementwise):
    """An activation with a parameter m for each unit: a = z + m (f(z) - z)."""

    label: ClassVar[str] = "mix"
    parameters: ClassVar[type] = MixParameters

    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Return the shape of m."""
        return ((self.n_in,),)

    def outputs(self, n_rows: int, dtype: np.dtype):
        """Allocate the arrays of a forward pass of n_rows rows."""
        return ParametricOutputs(*np.empty((2, n_rows, self.n_in), dtype))

    def buffers(self, n_rows: int, dtype: np.dtype, gradient, delta_x):
        """Allocate the arrays of both passes, except for gradient and delta."""
        f, a = self.outputs(n_rows, dtype)
        return ParametricBuffers(f, a, delta_x, gradient, np.ones(n_rows, dtype))

    def forward(self, z, parameters, buffers) -> np.ndarray:
        """Compute a, (n_rows, n_in), from z."""
        a, f = buffers.a, buffers.f
        self.pair.function(z, out=f)
        np.subtract(f, z, out=a)
        a *= parameters.mix
        a += z
        return a

    def backward(self, z, parameters, buffers, delta_z) -> None:
        """Turn dJ/da into the gradient and dJ/dz; z and a are overwritten."""
        a, f, delta = buffers.a, buffers.f, buffers.delta
        np.subtract(f, z, out=a)
        a *= delta
        buffers.ones.dot(a, out=buffers.gradient.mix)
        slope = self.pair.slope(z, f)
        np.subtract(slope, 1.0, out=a)
        a *= parameters.mix
        a += 1.0
        np.multiply(delta, a, out=delta_z)
