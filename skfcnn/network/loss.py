"""The base class of losses: the loss of each row, and the delta of backpropagation.

The output layer is linear: its raw outputs z become predictions p by a link (links.py). A
loss compares p with the target y of a row, and gives delta = dl/dz, with which
backpropagation begins. A parameter of a loss, such as gamma, has the same name in its
constructor as in that of the estimator.
"""

import math
from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np

# Numbers per block in which the loss of a constant is computed.
BLOCK = 2**18


class Range(NamedTuple):
    """The targets that a loss is defined for."""

    low: float = -math.inf
    high: float = math.inf
    includes_low: bool = True

    def contains(self, least: float, largest: float) -> bool:
        """Return whether all values from `least` to `largest` are in the range."""
        is_low = least < self.low or (least == self.low and not self.includes_low)
        return not is_low and largest <= self.high

    def __str__(self) -> str:
        if math.isfinite(self.high):
            return f"from {self.low:g} to {self.high:g}"
        return f"{'>=' if self.includes_low else '>'} {self.low:g}"


class Loss(ABC):
    """What all losses share.

    Attributes
    ----------
    link
        From raw outputs z to predictions p.
    y_range : Range
        The targets that the loss is defined for.
    degree : float
        If y and p are multiplied by s, the loss is multiplied by `s ** degree`.
    """

    y_range: Range = Range()
    degree: float = 0.0

    def __init__(self, link) -> None:
        self.link = link

    def targets(self, y):
        """Return what the outputs are compared with: the targets themselves."""
        return y

    @abstractmethod
    def values(self, z, y):
        """Return the loss of each row, (n_rows,); z may be overwritten."""

    @abstractmethod
    def deltas(self, z, y, out) -> None:
        """Write delta of each row into `out`, (n_rows, n_out)."""

    def unit(self, deviation: np.ndarray) -> float:
        """Return the loss of standardized y that is 1 in the units of y.

        `deviation`, (n_out,), is that of each output; it is the mean over the outputs.
        """
        return float(np.mean(deviation**self.degree))

    def best_constant(self, y, weights):
        """Return the prediction, (n_out,), of least mean loss if all rows get the same.

        It is the best one for a single row with the mean target, unless a loss says
        otherwise.
        """
        return self.best_for_mean(weighted_mean(y, weights))

    def best_for_mean(self, mean):
        """Return the best prediction, (n_out,), for a row with this target."""
        return mean


def weighted_mean(y, weights):
    """Return the mean of each column; unlike a product, it creates no float copy of y."""
    return np.einsum("i,ij->j", weights, y) / weights.sum()


def loss_of_constant(loss: Loss, p, y, weights) -> float:
    """Return the mean loss if all rows get the prediction p, (n_out,), block by block."""
    p = p[None].astype(np.float64)
    loss.link.clip(p)
    z, summed = loss.link.link(p), 0.0
    at_once = max(1, BLOCK // y.shape[1])
    for start in range(0, len(y), at_once):
        rows = slice(start, start + at_once)
        target = y[rows].astype(np.float64)
        values = loss.values(z.repeat(len(target), axis=0), target)
        summed += float(weights[rows].dot(values))
    return summed / float(weights.sum())


def check_targets(name, loss: Loss, y: np.ndarray) -> None:
    """Raise ValueError for targets outside of the range of the loss."""
    least, largest = float(y.min()), float(y.max())
    if not loss.y_range.contains(least, largest):
        raise ValueError(
            f"loss={name!r} is defined for targets {loss.y_range}; got values from "
            f"{least:g} to {largest:g}. Use another loss, or transform y."
        )
