"""Finite differences of a curve, compared with a given slope.

Three differences are used, with a step h::

    central    (J(t + h) - J(t - h)) / 2h                    error h^2 J''' / 6
    right      (4 J(t + h) - J(t + 2h) - 3 J(t)) / 2h        error h^2 J''' / 3
    left       the same with -h

J has a rounding error of about epsilon |J|, which a difference divides by h. The sum of
both errors is smallest near h = epsilon^(1/3), times the size of t: a step below the last
digits of a large t would be lost, and a step as large as a small t would measure another
part of the curve. Since a t near 0 has no scale, the step is::

    h = epsilon^(1/3) max(1, |t|)

If an activation has a kink, as relu has at 0, J has a kink in t for every row and unit
whose z is there. A kink within the step makes the central difference wrong, but not the
one-sided difference on the other side. With kinks on both sides, a smaller step excludes
them, unless one is at t itself. There J has no slope, and the differences disagree for all
steps.

References
----------
Step and errors: Press et al., "Numerical recipes", 3rd edition, 2007, section 5.7; Nocedal,
Wright, "Numerical optimization", 2nd edition, 2006, section 8.1. max(1, |t|): Dennis,
Schnabel, "Numerical methods for unconstrained optimization", 1983, section 5.4.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

EPSILON = float(np.finfo(np.float64).eps)
STEP = EPSILON ** (1.0 / 3.0)
# The step is divided by these in turn, while the differences disagree.
DIVISORS = 1.0, 10.0, 100.0, 1000.0
# Rounding errors in J, in units of EPSILON max(1, |J|), after many layers.
N_ROUNDINGS = 10.0
# A slope is wrong only if the differences agree with each other this many times better.
AGREEMENT = 10.0


class Curve(NamedTuple):
    """A function of one number, and the point at which its slope is checked."""

    value_at: Callable  # float -> float
    t: float
    value: float  # value_at(t)

    @property
    def step(self) -> float:
        """The step h of a first difference."""
        return STEP * max(1.0, abs(self.t))

    @property
    def rounding(self) -> float:
        """The largest error of a difference due to rounding of the values."""
        return N_ROUNDINGS * EPSILON * max(1.0, abs(self.value)) / self.step


def relative_error(curve: Curve, slope: float, largest: float, tolerance: float) -> float:
    """Return the relative error of a slope of the curve; NaN at a kink.

    Parameters
    ----------
    curve : Curve
    slope : float
    largest : float
        The scale that the error is divided by, unless the curve's slope is larger, or the
        scale is so small that rounding hides errors of `tolerance` times it.
    tolerance : float
        Errors up to this are returned without further checks.
    """
    smallest = curve.rounding / tolerance
    for divisor in DIVISORS:
        slopes = _differences(curve, curve.step / divisor)
        central = next(slopes)
        scale = max(largest, abs(central), smallest)
        error = abs(slope - central) / scale
        if error <= tolerance:
            return error
        sides = [*slopes]
        nearest = min(abs(slope - side) / scale for side in sides)
        if nearest <= tolerance:
            return nearest
        apart = max(abs(side - central) for side in sides) / scale
        if apart <= min(tolerance, min(error, nearest) / AGREEMENT):
            return error
    return np.nan


def _differences(curve, h):
    """Yield the central difference, then the right and the left one."""
    (value_at, t, value), right, left = curve, curve.t + h, curve.t - h
    above, below = value_at(right), value_at(left)
    yield (above - below) / (right - left)
    yield (4.0 * above - value_at(t + 2.0 * h) - 3.0 * value) / (2.0 * h)
    yield (3.0 * value - 4.0 * below + value_at(t - 2.0 * h)) / (2.0 * h)
