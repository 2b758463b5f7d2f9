"""All parameters of a network in one flat vector theta, and the views of it.

theta = [W1 ... WL | b1 ... bL | the others]: the weights of all linear layers, their
biases, then the parameters of other layers, group by group. The layers use views. So a step
of a solver is a few passes over one array, a copy of the model is one copy, and the penalty
on the weights needs one slice.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from skfcnn.network.layer import Layer
from skfcnn.network.layers import GROUPS
from skfcnn.network.linear import LinearParameters


class Place(NamedTuple):
    """Where an array of parameters lies in theta."""

    layer: int
    group: str
    part: slice
    shape: tuple[int, ...]


def places_of(layers: Sequence[Layer]) -> list[Place]:
    """Return the places of all arrays, group by group, and in a group layer by layer."""
    arrays = [
        (i, group, shape)
        for i, layer in enumerate(layers)
        for group, shape in zip(layer.groups(), layer.shapes(), strict=True)
    ]
    arrays.sort(key=lambda array: GROUPS.index(array[1]))
    ends = np.cumsum([math.prod(shape) for *_, shape in arrays]).tolist()
    starts = [0, *ends[:-1]]
    return [
        Place(i, group, slice(start, end), shape)
        for (i, group, shape), start, end in zip(arrays, starts, ends, strict=True)
    ]


def count_parameters(layers: Sequence[Layer]) -> int:
    """Return the number of parameters: the length of theta."""
    return places_of(layers)[-1].part.stop


class Parameters:
    """The parameters of all layers, or their gradient: views of a flat vector.

    Attributes
    ----------
    groups : dict of str to list of ndarray
        The views of each group of theta: "weights", "bias", ...
    by_layer : list
        For each layer its parameters, as the named tuple that it declares.
    """

    def __init__(
        self,
        vector: np.ndarray,
        layers: Sequence[Layer],
        places: Sequence[Place] | None = None,
    ) -> None:
        self.layers = layers
        self.places = places_of(layers) if places is None else places
        self.groups: dict[str, list[np.ndarray]] = {name: [] for name in GROUPS}
        of_layers: list[list[np.ndarray]] = [[] for _ in layers]
        for i, group, part, shape in self.places:
            view = vector[part].reshape(shape)
            self.groups[group].append(view)
            of_layers[i].append(view)
        self.by_layer = [
            layer.parameters(*views) for layer, views in zip(layers, of_layers, strict=True)
        ]
        # Weights and bias of each linear layer, from below.
        self.linear = [*map(LinearParameters, self.groups["weights"], self.groups["bias"])]

    def of(self, vector: np.ndarray) -> "Parameters":
        """Return the views of another vector, such as the gradient."""
        return Parameters(vector, self.layers, self.places)


class ParameterViews(list[np.ndarray]):
    """A list of views of theta, one per layer; assigning to an item writes into theta.

    Its length and order are fixed: methods that would change them raise TypeError.
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
                f"{self.name}: expected {len(layers)} arrays, one per layer; "
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
            f"The length of {self.name} is fixed by the network. Assign to its items, "
            "or make a copy: list(...)."
        )

    append = extend = insert = pop = remove = clear = _refuse
    sort = reverse = __delitem__ = __iadd__ = __imul__ = _refuse

    def __reduce__(self):
        """Pickle and copy as a plain list: assigning to its items changes no network."""
        return list, (list(self),)
