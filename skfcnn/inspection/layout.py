"""The units that a diagram of a network shows, and their positions.

Layers are at x = 0, 1, 2, ...; the units of a layer are centred around y = 0, with distance
1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class DrawnLayer:
    """A layer of the diagram; the first layer is the inputs.

    Parameters
    ----------
    x : int
    units : ndarray of int
        The units that are drawn, from top to bottom.
    size : int
        The number of all units.
    has_constant : bool
        Whether there is a constant 1 above them, whose weights are the next layer's biases.
    """

    x: int
    units: np.ndarray
    size: int
    has_constant: bool

    @property
    def is_cut(self) -> bool:
        """Whether some units are not drawn."""
        return len(self.units) < self.size

    @property
    def y(self) -> np.ndarray:
        """The height of each unit."""
        return (len(self.units) - 1) / 2.0 - np.arange(len(self.units))

    @property
    def top(self) -> float:
        """The height of the constant, or of the first unit if there is none."""
        return self.y[0] + self.has_constant

    @property
    def bottom(self) -> float:
        """The height of the dots for units not drawn, or else of the last unit."""
        return self.y[-1] - self.is_cut

    @property
    def sources(self) -> np.ndarray:
        """The heights at which lines to the next layer start: units, then the constant."""
        return np.append(self.y, self.top) if self.has_constant else self.y


def drawn_layers(coefs: Sequence, max_units: int, biases: bool) -> list[DrawnLayer]:
    """Return the layers of a diagram, with up to max_units units each."""
    sizes = [len(coefs[0]), *(W.shape[1] for W in coefs)]
    return [
        DrawnLayer(
            x=i,
            units=strongest_units(coefs, i, max_units),
            size=size,
            has_constant=biases and i < len(coefs),
        )
        for i, size in enumerate(sizes)
    ]


def strongest_units(coefs: Sequence, layer: int, max_units: int) -> np.ndarray:
    """Return the units with the largest norms of in- and outgoing weights, sorted."""
    squares = 0.0
    if layer > 0:
        squares = squares + np.square(coefs[layer - 1]).sum(axis=0)
    if layer < len(coefs):
        squares = squares + np.square(coefs[layer]).sum(axis=1)
    return np.sort(np.argsort(-squares, kind="stable")[:max_units])
