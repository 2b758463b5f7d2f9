"""An activation: the same function of every number.

In the symbols of the code::

    forward    a = f(z)
    backward   delta = dJ/dz = dJ/da * f'(z)
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

import numpy as np

from skfcnn.network.activations import Activation, select_activation
from skfcnn.network.layer import Layer


class ElementwiseBuffers(NamedTuple):
    """The arrays of the passes."""

    a: np.ndarray  # (n_rows, n_in)
    delta: np.ndarray  # (n_rows, n_in), dJ/da and then dJ/dz; in the forward pass, work

    def rows(self, n: int) -> "ElementwiseBuffers":
        """Return the same buffers, for the first n rows."""
        return ElementwiseBuffers(self.a[:n], self.delta[:n])


@dataclass(frozen=True)
class Elementwise(Layer):
    """The activation of a hidden layer: a = f(z).

    `activation` is a key of ACTIVATIONS, or a pair of functions z -> f(z) and z -> f'(z).
    """

    activation: str | tuple[Callable, Callable]
    pair: Activation = field(init=False, repr=False, compare=False)

    label: ClassVar[str] = "activation"

    def __post_init__(self) -> None:
        """Select the function f and its slope."""
        object.__setattr__(self, "pair", select_activation(self.activation))

    def outputs(self, n_rows: int, dtype: np.dtype) -> ElementwiseBuffers:
        """Allocate the arrays of a forward pass of n_rows rows."""
        return ElementwiseBuffers(*np.empty((2, n_rows, self.n_in), dtype))

    def buffers(self, n_rows: int, dtype: np.dtype, gradient, delta_x):
        """Allocate the arrays of both passes; delta is shared with the layer below."""
        return ElementwiseBuffers(np.empty((n_rows, self.n_in), dtype), delta_x)

    def forward(self, z, parameters, buffers: ElementwiseBuffers) -> np.ndarray:
        """Compute a, (n_rows, n_in), from z, in which the slope is prepared."""
        self.pair.function(z, out=buffers.a, work=buffers.delta)
        return buffers.a

    def backward(self, z, parameters, buffers: ElementwiseBuffers, delta_z) -> None:
        """Turn dJ/da into delta = dJ/dz; z is what the forward pass has left."""
        np.multiply(buffers.delta, self.pair.slope(z, buffers.a), out=delta_z)
