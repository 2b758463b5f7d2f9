"""The summary of numbers: least and largest, mean and deviation.

A worker computes the moments of its rows: around a center c of its own, and with the
weights w and their sum W::

    r = sum w (y - c) / W                    0 up to the rounding of c
    q = sum w (y - c)^2 / W

The client merges those of all partitions i::

    m = sum_i W_i (c_i + r_i) / sum_i W_i
    s^2 = sum_i W_i (q_i + 2 r_i (c_i - m) + (c_i - m)^2) / sum_i W_i

Both see only differences, so numbers far from zero lose no digits.

References
----------
Chan, Golub, LeVeque, "Algorithms for computing the sample variance", The American
Statistician 37, 1983.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from skfcnn.estimator.regression_target import RegressionTarget
from skfcnn.estimator.target_scale import TargetScale, Unscaled
from skfcnn.network.loss import check_targets

# The target that encodes numbers before that of the fit is known.
AS_GIVEN = RegressionTarget(
    1, is_vector=True, out_activation="identity", levels=None, is_scaled=False
)
# Numbers are constant if they differ from their mean by this share of it, or less.
ROUNDING = 8.0 * np.finfo(float).eps


class Moments(NamedTuple):
    """Mean and deviation of each column, float64, (n_columns,)."""

    weight: float  # of the rows
    center: np.ndarray  # about the mean
    offset: np.ndarray  # the mean of the differences from the center
    deviation: np.ndarray  # from the center: the root of the mean of their squares
    reach: np.ndarray  # the largest difference from the center, or more


@np.errstate(over="ignore", invalid="ignore")
def moments_of(y: np.ndarray, weights: np.ndarray) -> Moments:
    """Return the moments of rows of positive weight."""
    center = np.average(y, axis=0, weights=weights)
    center += np.average(y - center, axis=0, weights=weights)
    difference = y - center
    reach = np.abs(difference).max(axis=0)
    unit = np.where(reach > 0.0, reach, 1.0)  # squares of numbers up to 1 do not overflow
    squares = np.average((difference / unit) ** 2, axis=0, weights=weights)
    offset = np.average(difference, axis=0, weights=weights)
    return Moments(float(weights.sum()), center, offset, unit * np.sqrt(squares), reach)


@np.errstate(over="ignore", invalid="ignore")
def merged_moments(parts: Sequence[Moments]) -> Moments:
    """Return the moments of all rows; their center is the mean."""
    weights, centers, offsets, deviations, reaches = map(np.array, zip(*parts, strict=True))
    share = (weights / weights.sum())[:, None]
    mean = (share * centers).sum(axis=0)
    mean += (share * (centers - mean + offsets)).sum(axis=0)
    shift = centers - mean
    unit = np.maximum(deviations, np.abs(shift)).max(axis=0)
    unit[unit == 0.0] = 1.0
    q, r, d = (deviations / unit) ** 2, offsets / unit, shift / unit
    variance = (share * (q + 2.0 * r * d + d * d)).sum(axis=0)
    deviation = unit * np.sqrt(np.maximum(variance, 0.0))
    reach = (np.abs(shift) + reaches).max(axis=0)
    return Moments(float(weights.sum()), mean, np.zeros_like(mean), deviation, reach)


def _standardizing(of: Moments):
    """Return mean and deviation; a deviation of 0, up to rounding, counts as 1."""
    is_constant = (of.reach <= ROUNDING * np.abs(of.center)) | (of.deviation == 0.0)
    return of.center, np.where(is_constant, 1.0, of.deviation)


def _dividing(of: Moments):
    """Return 0 and the mean; a mean of 0 counts as 1."""
    return np.zeros_like(of.center), np.where(of.center > 0.0, of.center, 1.0)


# By link: the same as its `mean_and_deviation`.
SCALES = {"identity": _standardizing, "exp": _dividing}


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
        counted = weights > 0.0
        moments = None
        if counted.any():
            moments = moments_of(matrix[counted], weights[counted])
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
        if not target.is_scaled or not isinstance(target.scale, Unscaled):
            return
        assert self.moments is not None, "some rows have a positive weight"
        scale = np.array(SCALES[target.out_activation](self.moments))
        if not np.isfinite(scale).all():
            raise ValueError(
                f"y has values from {self.least:.2g} to {self.largest:.2g}, whose sum "
                "overflows. Divide y by a large number."
            )
        # Each level of the quantile loss is an output, and all have the same column of y.
        target.scale = TargetScale(target.link, *target.encode(scale))
