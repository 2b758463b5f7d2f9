"""Finite differences check known slopes of curves, with and without kinks."""

import math

import numpy as np
import pytest

from skfcnn.inspection.differences import STEP, Curve, relative_error

TOLERANCE = 1e-6


def error(value_at, t, slope, largest=None):
    curve = Curve(value_at, t, value_at(t))
    largest = abs(slope) if largest is None else largest
    return relative_error(curve, slope, largest, TOLERANCE)


SMOOTH = {
    "exp": (math.exp, math.exp),
    "sin": (math.sin, math.cos),
    "far": (lambda t: (t - 3.0) ** 3, lambda t: 3.0 * (t - 3.0) ** 2),
    # What a weight of inputs near 10^4 sees: a first step goes along a tenth of a radian.
    "unscaled": (lambda t: math.sin(1e4 * t), lambda t: 1e4 * math.cos(1e4 * t)),
}


@pytest.mark.parametrize("t", [0.0, 1e-9, -0.3, 2.0, 8.0])
@pytest.mark.parametrize("name", SMOOTH)
def test_the_slope_of_a_smooth_curve_passes_and_another_does_not(name, t):
    value_at, slope_at = SMOOTH[name]
    largest = max(1.0, abs(slope_at(t)))
    assert error(value_at, t, slope_at(t), largest) < TOLERANCE
    for factor in (0.0, 0.5, 1.00001, -1.0):
        wrong = slope_at(t) * factor
        expected = abs(slope_at(t)) * abs(1.0 - factor) / largest
        if expected > 2.0 * TOLERANCE:
            assert error(value_at, t, wrong, largest) == pytest.approx(expected, rel=0.2)


def relu(t):
    return max(t, 0.0)


@pytest.mark.parametrize("share", [0.99, 0.4, 0.04, 0.004])
@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_kink_on_one_side_does_not_affect_the_other_side(share, side):
    kink = side * share * STEP

    def value_at(t):
        return 0.5 + 3.0 * t + relu(t - kink)

    slope = 3.0 if kink > 0.0 else 4.0
    assert error(value_at, 0.0, slope) < TOLERANCE
    # The slope behind the kink is not that at 0, but differences cannot always refute it.
    assert not error(value_at, 0.0, 3.5) < TOLERANCE


def test_smaller_step_avoids_kinks_on_both_sides():
    kinks = -0.3 * STEP, 0.3 * STEP

    def value_at(t):
        return 0.5 + 3.0 * t + relu(t - kinks[0]) + 2.0 * relu(t - kinks[1])

    assert error(value_at, 0.0, 4.0) < TOLERANCE
    assert error(value_at, 0.0, 4.1) == pytest.approx(0.1 / 4.1, rel=1e-3)


def test_at_a_kink_both_slopes_pass_and_others_are_inconclusive():
    def value_at(t):
        return 0.5 + 3.0 * t + relu(t)

    assert error(value_at, 0.0, 3.0) < TOLERANCE
    assert error(value_at, 0.0, 4.0) < TOLERANCE
    assert math.isnan(error(value_at, 0.0, 3.7))
    assert math.isnan(error(value_at, 0.0, 17.0))


def test_tiny_slopes_are_judged_within_the_rounding_error():
    rng = np.random.RandomState(0)

    def value_at(t):
        # A loss of 0.7 that depends on t by 1e-7 t, with a rounding of its own.
        return 0.7 + 1e-7 * t + 1e-16 * rng.standard_normal()

    assert error(value_at, 0.3, 1e-7) < TOLERANCE
    assert error(value_at, 0.3, 2e-7) > 10.0 * TOLERANCE


def test_a_constant_has_the_slope_zero():
    assert error(lambda t: 0.7, 0.3, 0.0) == 0.0
    assert error(lambda t: 0.7, 0.3, 1e-3) == pytest.approx(1.0)


def test_the_step_has_the_size_of_the_parameter():
    assert Curve(math.exp, 0.1, 1.0).step == STEP == pytest.approx(6.06e-6, rel=1e-3)
    assert Curve(math.exp, -500.0, 1.0).step == 500.0 * STEP
