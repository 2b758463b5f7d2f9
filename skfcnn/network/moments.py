"""Weighted mean and deviation of columns, of all rows or merged from parts of them.

The moments of some rows are around a center c, with the weights w and their sum W::

    r = sum w (y - c) / W                    0 up to the rounding of c
    q = sum w (y - c)^2 / W

Those of all parts i of the rows are merged::

    m = sum_i W_i (c_i + r_i) / sum_i W_i
    s^2 = sum_i W_i (q_i + 2 r_i (c_i - m) + (c_i - m)^2) / sum_i W_i

Both see only differences, so numbers far from zero lose no digits.

References
----------
Chan, Golub, LeVeque, "Algorithms for computing the sample variance", The American
Statistician 37, 1983.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

# Numbers per block of columns: y may be as wide as X, and is not copied as a whole.
BLOCK = 2**18


class Moments(NamedTuple):
    """Mean and deviation of each column, float64, (n_columns,)."""

    weight: float  # of the rows
    center: np.ndarray  # about the mean
    offset: np.ndarray  # the mean of the differences from the center
    deviation: np.ndarray  # from the center: the root of the mean of their squares
    reach: np.ndarray  # the largest difference from the center, or more


@np.errstate(over="ignore", invalid="ignore")
def moments_of(y: np.ndarray, weights: np.ndarray) -> Moments:
    """Return the moments of the columns of y; rows of weight 0 do not count."""
    counted = weights > 0.0
    rows = slice(None) if counted.all() else counted
    weights = weights[rows]
    at_once = max(1, BLOCK // len(y))
    parts = [
        _of_columns(np.ascontiguousarray(y[rows, i : i + at_once].T), weights)
        for i in range(0, y.shape[1], at_once)
    ]
    arrays = map(np.concatenate, zip(*parts, strict=True))
    return Moments(float(weights.sum()), *arrays)


def _of_columns(columns, weights):
    """Return center, offset, deviation and reach of columns, (n_columns, n_rows)."""
    center = np.average(columns, axis=1, weights=weights)
    center += np.average(columns - center[:, None], axis=1, weights=weights)
    difference = columns - center[:, None]
    reach = np.abs(difference).max(axis=1)
    unit = np.where(reach > 0.0, reach, 1.0)  # squares of numbers up to 1 do not overflow
    offset = np.average(difference, axis=1, weights=weights)
    difference /= unit[:, None]
    squares = np.average(difference * difference, axis=1, weights=weights)
    return center, offset, unit * np.sqrt(squares), reach


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
