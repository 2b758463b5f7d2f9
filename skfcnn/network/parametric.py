"""An activation with one parameter per unit: how much of the activation is used.

With d = f(z) - z:

a = z + m d = f(z) + (m - 1) d           m = 1: f itself, m = 0: no activation
dJ/dm = sum of dJ/da d over the rows
dJ/dz = dJ/da (m f'(z) + 1 - m)

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
    d: np.ndarray  # (n_rows, n_in)
    a: np.ndarray  # (n_rows, n_in)

    def rows(self, n: int) -> "ParametricOutputs":
        """Return the same arrays, for the first n rows."""
        return ParametricOutputs(self.f[:n], self.d[:n], self.a[:n])


class ParametricBuffers(NamedTuple):
    """The arrays of a forward and a backward pass."""

    f: np.ndarray  # (n_rows, n_in), at the end dJ/dz over dJ/da
    d: np.ndarray  # (n_rows, n_in), at the end dJ/da d
    a: np.ndarray  # (n_rows, n_in)
    delta: np.ndarray  # (n_rows, n_in), dJ/da, and then dJ/dz in place
    gradient: MixParameters
    ones: np.ndarray  # (n_rows,)

    def rows(self, n: int) -> "ParametricBuffers":
        """Return the same buffers, for the first n rows."""
        f, d, a, delta, ones = (
            self.f[:n],
            self.d[:n],
            self.a[:n],
            self.delta[:n],
            self.ones[:n],
        )
        return ParametricBuffers(f, d, a, delta, self.gradient, ones)


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
        return ParametricOutputs(*np.empty((3, n_rows, self.n_in), dtype))

    def buffers(self, n_rows: int, dtype: np.dtype, gradient, delta_x):
        """Allocate the arrays of both passes, except for gradient and delta."""
        f, d, a = self.outputs(n_rows, dtype)
        return ParametricBuffers(f, d, a, delta_x, gradient, np.ones(n_rows, dtype))

    def forward(self, z, parameters, buffers) -> np.ndarray:
        """Compute a, (n_rows, n_in), from z, which is overwritten."""
        f, d, a = buffers.f, buffers.d, buffers.a
        np.copyto(d, z)
        self.pair.function(z, out=f, work=a)
        np.subtract(f, d, out=d)
        np.multiply(d, parameters.mix - 1.0, out=a)
        a += f
        return a

    def backward(self, z, parameters, buffers, delta_z) -> None:
        """Turn dJ/da into the gradient and dJ/dz; z, d and f are overwritten."""
        mix, (f, d, _, delta, gradient, ones) = parameters.mix, buffers
        d *= delta
        ones.dot(d, out=gradient.mix)
        factor = np.multiply(self.pair.slope(z, f), mix, out=f)
        factor += 1.0 - mix
        np.multiply(delta, factor, out=delta_z)
