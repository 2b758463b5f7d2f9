"""All parameters of a network in one flat vector theta, and the views of it.

theta = [W1 ... WL | b1 ... bL | the others]: the weights of all linear layers, their
biases, then what other layers learn, group by group. A layer holds views, so a step of a
solver is a few passes over one array, a copy of the model is one copy, and the penalty on
the weights is one slice.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

import numpy as np

from skfcnn.network.architecture import Architecture


class LayerParameters(NamedTuple):
    """The parameters of a linear layer, or their gradient: views of a flat vector."""

    weights: np.ndarray  # (n_in, n_out)
    bias: np.ndarray  # (n_out,)


class ScaledParameters(NamedTuple):
    """The parameters of a linear layer of scaled inputs, or their gradient."""

    weights: np.ndarray  # (n_in, n_out)
    bias: np.ndarray  # (n_out,)
    scale: np.ndarray  # (n_in,)


class EmbeddingParameters(NamedTuple):
    """The parameters of the embeddings of some columns, or their gradient."""

    frequency: np.ndarray  # (n_columns, n_cosines)
    phase: np.ndarray  # (n_columns, n_cosines)
    weights: np.ndarray  # (n_columns, n_cosines, n_embedded)
    bias: np.ndarray  # (n_columns, n_embedded)


def count_parameters(architecture: Architecture) -> int:
    """Count all that is learned: theta's length."""
    groups = architecture.shapes().values()
    return sum(math.prod(shape) for group in groups for shape in group)


class Parameters:
    """The parameters of all layers, or their gradient: views of a flat vector.

    Attributes
    ----------
    groups : dict of str to list of ndarray
        The views of each group: "weights", "bias", "scale", "mix", "embedding".
    """

    def __init__(self, vector: np.ndarray, architecture: Architecture) -> None:
        shapes = architecture.shapes()
        sizes = [math.prod(shape) for group in shapes.values() for shape in group]
        parts = iter(np.split(vector, np.cumsum(sizes)[:-1]))
        self.groups = {
            name: [next(parts).reshape(shape) for shape in group]
            for name, group in shapes.items()
        }

    @property
    def linear(self) -> list[LayerParameters]:
        """Weights and bias of each linear layer, from below."""
        return [*map(LayerParameters, self.groups["weights"], self.groups["bias"])]

    def by_layer(self) -> Iterator:
        """Yield the parameters of each layer that has some, from below."""
        groups = self.groups
        linear: list[LayerParameters | ScaledParameters] = [*self.linear]
        if groups["embedding"]:
            yield EmbeddingParameters(*groups["embedding"])
        if groups["scale"]:
            linear[0] = ScaledParameters(*linear[0], *groups["scale"])
        for parameters, mix in zip_longest(linear, groups["mix"]):
            yield parameters
            if mix is not None:
                yield mix


class ParameterViews(list[np.ndarray]):
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
