import re

import numpy as np
import pytest

from skfcnn.training.schedules import (
    FACTORS,
    SCHEDULES,
    Adaptive,
    Constant,
    FactorSchedule,
    InverseScaling,
)


def test_constant():
    schedule = Constant(0.1)
    schedule.end_epoch(100)
    assert schedule.rate == 0.1
    assert not schedule.try_further()


def test_inverse_scaling_falls_with_the_rows_seen():
    schedule = InverseScaling(0.1, power_t=0.5)
    assert schedule.rate == 0.1
    for epoch in (1, 2, 3):
        schedule.end_epoch(100)
        assert schedule.next_rate == pytest.approx(0.1 / (100 * epoch + 1) ** 0.5)
    assert not schedule.try_further()


def test_inverse_scaling_restarts_in_a_warm_start_and_keeps_counting_rows():
    schedule = InverseScaling(0.1, power_t=0.25, rows_seen=300)
    assert schedule.rate == 0.1
    schedule.end_epoch(100)
    assert schedule.next_rate == pytest.approx(0.1 / 401**0.25)


def test_adaptive_divides_by_five_on_a_plateau_until_the_rate_is_tiny():
    schedule = Adaptive(1e-4)
    schedule.end_epoch(100)
    assert schedule.rate == 1e-4
    rates = []
    while schedule.try_further():
        rates.append(schedule.rate)
    assert rates == pytest.approx([2e-5, 4e-6, 8e-7])
    assert not Adaptive(1e-6).try_further()


@pytest.mark.parametrize("name", SCHEDULES)
def test_each_begins_with_the_initial_rate(name):
    settings = {"power_t": 0.5} if name == "invscaling" else {}
    assert SCHEDULES[name](learning_rate_init=0.3, **settings).rate == 0.3


def course(factor, max_iter, n_steps):
    """The rates of all steps of all epochs."""
    schedule, rates = FactorSchedule(0.1, factor=factor, max_iter=max_iter), []
    while not schedule.is_over:
        rates.extend(schedule.rates(n_steps))
        schedule.end_epoch(n_rows=100)
    return schedule, np.array(rates)


# The formulas of the papers, over arrays.
T = np.arange(60) / 60
FORMULAS = {
    "cosine": np.where(T < 0.05, 20 * T, 0.5 + 0.5 * np.cos(np.pi * (T - 0.05) / 0.95)),
    "one_cycle": np.where(
        T < 0.3,
        0.04 + 0.96 * (1 - np.cos(np.pi * T / 0.3)) / 2,
        4e-6 + (1 - 4e-6) * (1 + np.cos(np.pi * (T - 0.3) / 0.7)) / 2,
    ),
    "coslog4": 0.5 - 0.5 * np.cos(2 * np.pi * np.log2(1 + 15 * T)),
}


@pytest.mark.parametrize("name", FACTORS)
def test_schedule_follows_its_formula_at_every_step(name):
    schedule, rates = course(FACTORS[name], max_iter=12, n_steps=5)
    np.testing.assert_allclose(rates, 0.1 * FORMULAS[name], rtol=1e-12, atol=1e-16)
    assert not schedule.try_further()


@pytest.mark.parametrize("name", FACTORS)
def test_factors_are_between_0_and_1_and_end_at_nearly_0(name):
    factors = [FACTORS[name](t) for t in np.linspace(0, 1, 1001)]
    assert 0.0 <= min(factors) and max(factors) <= 1.0 + 1e-12
    assert max(factors) > 0.999
    assert factors[-1] < 1e-5


def test_coslog4_has_the_zeros_of_the_paper():
    zeros = [FACTORS["coslog4"](t) for t in (0, 1 / 15, 3 / 15, 7 / 15, 1)]
    np.testing.assert_allclose(zeros, 0.0, atol=1e-15)


def test_rate_stays_constant_after_the_last_epoch():
    schedule, _ = course(lambda t: 1.0 - t / 2, max_iter=3, n_steps=2)
    assert list(schedule.rates(2)) == [0.05, 0.05]


def test_schedule_counts_its_epochs_and_keeps_the_final_rate():
    schedule = FactorSchedule(0.1, factor=lambda t: 1.0 - 0.5 * t, max_iter=3)
    assert schedule.rate == 0.1
    for epoch in range(3):
        assert not schedule.is_over
        expected = [0.1 * (1.0 - 0.5 * (epoch + step / 2) / 3) for step in range(2)]
        assert list(schedule.rates(2)) == pytest.approx(expected)
        schedule.end_epoch(100)
    assert schedule.is_over
    assert list(schedule.rates(2)) == pytest.approx([0.05, 0.05])
    assert schedule.rate == pytest.approx(0.05)


@pytest.mark.parametrize("factor", [-0.5, np.inf, np.nan, "1", None, [1.0]])
def test_factor_must_be_a_number_that_is_not_negative(factor):
    message = (
        r"^A schedule must return a number >= 0, the factor of learning_rate_init\. "
        r"For the fraction 0 of training it returned "
    ) + re.escape(repr(factor))
    with pytest.raises(ValueError, match=message):
        FactorSchedule(0.1, factor=lambda t: factor, max_iter=3)


def test_power_that_overflows_raises():
    schedule = InverseScaling(0.1, power_t=1e5)
    with pytest.raises(ValueError, match="power_t=100000 and 200 rows. Lower power_t"):
        schedule.end_epoch(200)
