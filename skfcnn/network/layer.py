"""The base class of layers: each kind declares its parameters and its buffers.

A layer is a specification: its kind and its sizes. The parameters, and the buffers that a
pass writes to, are arguments of its methods::

    forward(x, parameters, buffers)             x -> a
    backward(x, parameters, buffers, delta_x)   dJ/da -> gradient, and dJ/dx in delta_x

So a network is a tuple of layers and one vector theta. Any number of threads can use it at
the same time, each with its own buffers::

    outputs(n_rows, dtype)                      of a forward pass alone
    buffers(n_rows, dtype, gradient, delta_x)   of both passes

`buffers.delta` is dJ/da. `delta_x` is the `delta` of the layer below, and None for the
first layer. A layer that uses `delta_x` as its own `delta` turns dJ/da into dJ/dx in place.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import Any, ClassVar, NamedTuple

import numpy as np


class NoParameters(NamedTuple):
    """The parameters of a layer that learns nothing."""


@dataclass(frozen=True)
class Layer(ABC):
    """The base class of all layers.

    Parameters
    ----------
    n_in : int
        The number of inputs.

    Attributes
    ----------
    label : str
        The name of the layer in reports, before its number.
    parameters : type
        A NamedTuple: the arrays that the layer learns, in this order.
    group : str or None
        The group of theta in which all these arrays lie. None gives each array a group of
        its own name, in the order of GROUPS.
    is_linear : bool
        Whether the layer has weights and bias, those of `coefs_` and `intercepts_`.
    accepts_sparse : bool
        Whether x may be a SciPy sparse matrix or array.
    """

    n_in: int

    label: ClassVar[str] = ""
    parameters: ClassVar[Any] = NoParameters
    group: ClassVar[str | None] = None
    is_linear: ClassVar[bool] = False
    accepts_sparse: ClassVar[bool] = False

    @property
    def n_out(self) -> int:
        """The number of outputs."""
        return self.n_in

    @property
    def width(self) -> int:
        """The numbers per row of the largest array of a forward pass."""
        return self.n_out

    @classmethod
    def groups(cls) -> tuple[str, ...]:
        """Return the group of theta in which each array of parameters lies."""
        names = cls.parameters._fields
        return names if cls.group is None else (cls.group,) * len(names)

    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Return the shape of each array of parameters."""
        return ()

    @abstractmethod
    def outputs(self, n_rows: int, dtype: np.dtype) -> Any:
        """Allocate the arrays of a forward pass of n_rows rows."""

    @abstractmethod
    def buffers(self, n_rows: int, dtype: np.dtype, gradient: Any, delta_x) -> Any:
        """Allocate the arrays of both passes, except for the gradient."""

    @abstractmethod
    def forward(self, x, parameters: Any, buffers: Any) -> np.ndarray:
        """Compute the outputs, the inputs of the layer above."""

    @abstractmethod
    def backward(self, x, parameters: Any, buffers: Any, delta_x) -> None:
        """Turn dJ/da into the gradient, and into dJ/dx unless delta_x is None."""

    def draw(self, parameters: Any, rng: np.random.RandomState) -> None:
        """Write the initial values: ones. An initializer draws weights and biases."""
        for array in parameters:
            array.fill(1.0)

    def __getstate__(self) -> dict:
        """Return the fields only: attributes derived from them are computed again."""
        return {
            field.name: getattr(self, field.name) for field in fields(self) if field.init
        }

    def __setstate__(self, state: dict) -> None:
        self.__class__.__init__(self, **state)
