"""The slope of a curve by differences, against a slope that is claimed to be its own.

Three differences, with a step h::

    central    (J(t + h) - J(t - h)) / 2h                    errs by h^2 J''' / 6
    right      (4 J(t + h) - J(t + 2h) - 3 J(t)) / 2h        errs by h^2 J''' / 3
    left       the same with -h

J is computed with a rounding of about epsilon |J|, which a difference divides by h. Both
errors together are smallest near h = epsilon^(1/3), times the size of t: a step below the
last digits of a large t would be lost, and one of the size of a small t would show another
place of the curve. As a t near 0 has no size of its own, the step is::

    h = epsilon^(1/3) max(1, |t|)

Where an activation bends sharply, as relu does at 0, J has a kink in t for every row and
unit whose z is there. A kink within the step bends the central difference, and not the one
on its other side; kinks on both sides are left behind by a smaller step, unless one is at t
itself. There J has no slope, and the differences go on to disagree with each other.

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
# The step is divided by these in turn, as long as differences disagree.
DIVISORS = 1.0, 10.0, 100.0, 1000.0
# Roundings of EPSILON max(1, |J|) in J: of a row's loss, where it has passed many layers.
N_ROUNDINGS = 10.0
# So many times better do differences that refute a slope agree with each other.
AGREEMENT = 10.0


class Curve(NamedTuple):
    """A function of one number, and the place at which its slope is asked for."""

    value_at: Callable  # float -> float
    t: float
    value: float  # value_at(t)

    @property
    def step(self) -> float:
        """The step h of a first difference."""
        return STEP * max(1.0, abs(self.t))

    @property
    def rounding(self) -> float:
        """What the roundings of the values may make of a difference."""
        return N_ROUNDINGS * EPSILON * max(1.0, abs(self.value)) / self.step


def relative_error(curve: Curve, slope: float, largest: float, tolerance: float) -> float:
    """Return by how much a slope differs from that of the curve; NaN at a kink.

    Parameters
    ----------
    curve : Curve
    slope : float
    largest : float
        What the error is divided by, unless the curve's slope is larger, or so small that
        roundings hide errors of `tolerance` times it.
    tolerance : float
        An error that is not looked at more closely.
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
    """Yield the central difference, and if asked for those to the right and the left."""
    (value_at, t, value), right, left = curve, curve.t + h, curve.t - h
    above, below = value_at(right), value_at(left)
    yield (above - below) / (right - left)
    yield (4.0 * above - value_at(t + 2.0 * h) - 3.0 * value) / (2.0 * h)
    yield (3.0 * value - 4.0 * below + value_at(t - 2.0 * h)) / (2.0 * h)
