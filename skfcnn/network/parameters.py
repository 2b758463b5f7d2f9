"""All parameters of a network in one flat vector theta, and the views of it.

theta = [W1 ... WL | b1 ... bL]: the weights of all layers, then their biases. A layer
holds views, so a step of a solver is a few passes over one array, a copy of the model
is one copy, and the penalty on the weights is one slice.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np


class LayerParameters(NamedTuple):
    """The parameters of one layer, or their gradient: views of a flat vector."""

    weights: np.ndarray  # (n_in, n_out)
    bias: np.ndarray  # (n_out,)


def count_weights(sizes: Sequence[int]) -> int:
    """Count the weights, without the biases, of layers between these sizes."""
    return sum(n_in * n_out for n_in, n_out in pairwise(sizes))


def count_parameters(sizes: Sequence[int]) -> int:
    """Count the weights and biases of layers between these sizes: theta's length."""
    return count_weights(sizes) + sum(sizes[1:])


def split(vector: np.ndarray, sizes: Sequence[int]) -> list[LayerParameters]:
    """Split a flat vector into the parameters of each layer: views, never copies."""
    shapes = [*pairwise(sizes), *((n_out,) for n_out in sizes[1:])]
    ends = np.cumsum([np.prod(shape) for shape in shapes])
    parts = np.split(vector, ends[:-1])
    views = [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]
    n_layers = len(sizes) - 1
    return [*map(LayerParameters, views[:n_layers], views[n_layers:])]


class ParameterViews(list):
    """A list of views of theta, one per layer; to assign to an item writes into theta.

    Its length is that of the network, so whatever would change it raises TypeError.
    """

    def __init__(self, name: str, views: Sequence[np.ndarray]) -> None:
        super().__init__(views)
        self.name = name

    def __setitem__(self, index, value) -> None:
        """Copy `value` (for a slice: one array per layer) into the views at `index`."""
        layers = range(len(self))[index]
        if isinstance(layers, int):
            layers, value = [layers], [value]
        values = list(value) if np.iterable(value) else [value]
        if len(values) != len(layers):
            raise ValueError(
                f"{self.name} has {len(layers)} arrays here, one per layer; "
                f"got {len(values)}."
            )
        arrays = [self._checked(*pair) for pair in zip(layers, values, strict=True)]
        for layer, array in zip(layers, arrays, strict=True):
            self[layer][...] = array

    def _checked(self, layer: int, value) -> np.ndarray:
        """Return a copy of `value` that fits the view: of its shape and dtype, finite."""
        array, view = np.asarray(value), self[layer]
        if array.shape != view.shape:
            raise ValueError(
                f"{self.name}[{layer}] has shape {view.shape}; "
                f"got an array of shape {array.shape}."
            )
        with np.errstate(over="ignore"):
            copy = array.astype(view.dtype) if array.dtype.kind in "biuf" else None
        if copy is None or not np.isfinite(copy).all():
            raise ValueError(
                f"{self.name}[{layer}] must be finite numbers of {view.dtype}; "
                f"got dtype {array.dtype}, or a NaN or infinity."
            )
        return copy

    def _refuse(self, *args, **kwargs):
        raise TypeError(
            f"The length of {self.name} is that of the network. Assign to its items, "
            "or make a list of your own: list(...)."
        )

    append = extend = insert = pop = remove = clear = _refuse
    sort = reverse = __delitem__ = __iadd__ = __imul__ = _refuse

    def __reduce__(self):
        """Pickle and copy as a plain list, to which to assign changes no network."""
        return list, (list(self),)
