"""A summary of y for the client, of one partition or of all partitions.

The workers compute a summary of each partition. It has what is needed to check whether the
partitions belong together, to create the target of a fit, and to weigh its rows.
LabelSummary is for class labels, and NumberSummary for numbers.
"""

from collections.abc import Sequence
from typing import Any, Protocol, Self

import numpy as np


class Summary(Protocol):
    """The interface of a summary."""

    @classmethod
    def of(cls, y: np.ndarray, weights: np.ndarray) -> Self:
        """Return the summary of the rows of a partition; there is at least one.

        Raises
        ------
        TypeError, ValueError
            If y has invalid values.
        """

    @classmethod
    def merged(cls, parts: Sequence[Self]) -> Self:
        """Return the summary of all rows of these partitions."""

    def check_like(self, other: Self, numbers: tuple[int, int]) -> None:
        """Raise TypeError if two partitions, of these numbers, cannot be together."""

    def stand_in(self, sample: np.ndarray) -> np.ndarray:
        """Return a y from which a target is created as from the y of all rows.

        `sample` is the y of some of the rows.
        """

    def check_range(self, target, params) -> None:
        """Raise ValueError if y is out of the range of the loss of these parameters."""

    def class_weight(self, given) -> Any:
        """Return the class weights, computed from all rows if they are "balanced"."""

    def set_scale(self, target) -> None:
        """Set the scale of y of a new fit; keep that of an earlier call."""
