"""The summary of numbers: least and largest, mean and deviation."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from skfcnn.estimator.regression_target import RegressionTarget
from skfcnn.network.loss import check_targets
from skfcnn.network.moments import Moments, merged_moments, moments_of

# The target that encodes numbers before that of the fit is known.
AS_GIVEN = RegressionTarget(
    1, is_vector=True, out_activation="identity", levels=None, is_scaled=False
)


@dataclass(frozen=True)
class NumberSummary:
    """The range of some numbers, and the moments of those of positive weight."""

    least: float
    largest: float
    moments: Moments | None  # None if all weights are zero

    @classmethod
    def of(cls, y: np.ndarray, weights: np.ndarray) -> "NumberSummary":
        """Return the summary of the rows of a partition."""
        matrix = AS_GIVEN.encode(y)
        moments = moments_of(matrix, weights) if weights.any() else None
        return cls(float(matrix.min()), float(matrix.max()), moments)

    @classmethod
    def merged(cls, parts: Sequence["NumberSummary"]) -> "NumberSummary":
        """Return the summary of all rows of these partitions."""
        moments = [part.moments for part in parts if part.moments is not None]
        return cls(
            min(part.least for part in parts),
            max(part.largest for part in parts),
            merged_moments(moments) if moments else None,
        )

    def check_like(self, other: "NumberSummary", numbers: tuple[int, int]) -> None:
        """Accept all partitions: numbers are of one kind."""

    def stand_in(self, sample: np.ndarray) -> np.ndarray:
        """Return the sample: the target depends only on its shape."""
        return sample

    def check_range(self, target: RegressionTarget, params) -> None:
        """Raise ValueError if numbers are out of the range of the loss."""
        found = np.array([self.least, self.largest])
        check_targets(params.loss, target.loss(params), found)

    def class_weight(self, given):
        """Return None: numbers have no class weights."""

    def set_scale(self, target: RegressionTarget) -> None:
        """Set mean and deviation; keep those of an earlier call.

        Raises
        ------
        ValueError
            If the sum of y overflows.
        """
        if target.lacks_scale:
            assert self.moments is not None, "some rows have a positive weight"
            target.scale = target.scale_of(self.moments)
