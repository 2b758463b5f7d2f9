"""The time limit of a training, with a simulated clock."""

import numpy as np
import pytest

from skfcnn.training.schedules import FactorSchedule, cosine
from skfcnn.training.time_limit import LEAST_STEPS, TimeLimit


@pytest.fixture
def clock(monkeypatch):
    """A clock that moves only if `clock.now` is changed."""

    class Clock:
        now = 1000.0

        def time(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr("skfcnn.training.time_limit.time", clock)
    return clock


def fractions(limit, clock, seconds, n_steps):
    for _ in range(n_steps):
        yield limit.fraction()
        clock.now += seconds


def test_the_time_is_counted_from_the_first_step(clock):
    limit = TimeLimit(1300.0)
    clock.now = 1100.0
    found = [*fractions(limit, clock, 1.0, 201)]
    np.testing.assert_allclose(found[-100:], np.arange(101, 201) / 200)


def test_time_after_the_last_step_is_reserved_in_every_epoch(clock):
    limit = TimeLimit(1200.0)
    assert [*fractions(limit, clock, 1.0, 80)][-1] == pytest.approx(79 / 200)
    clock.now += 19.0  # with the last step, 20
    assert not limit.is_over()
    assert limit.fraction() == pytest.approx(99 / 180)
    clock.now = 1170.0
    limit.fraction()
    clock.now = 1185.0
    assert limit.is_over()


@pytest.mark.parametrize("end", [0.0, 1000.0, 1001.0])
def test_minimum_number_of_steps_is_taken_for_any_limit(clock, end):
    limit = TimeLimit(end)
    found = [*fractions(limit, clock, 1.0, LEAST_STEPS)]
    np.testing.assert_allclose(found, np.arange(LEAST_STEPS) / LEAST_STEPS)
    assert not limit.is_over()
    assert limit.fraction() == 1.0
    assert limit.is_over()


def test_without_steps_only_the_time_counts(clock):
    limit = TimeLimit(1010.0)
    assert not limit.is_over()
    clock.now = 1010.0
    assert limit.is_over()


def test_infinite_limit_never_ends_training():
    limit = TimeLimit(float("inf"))
    assert [limit.fraction() for _ in range(100)] == [0.0] * 100
    assert not limit.is_over()


@pytest.mark.parametrize("seconds", [0.5, 1.0, 2.0])
def test_schedule_is_complete_at_the_end_for_any_time_per_step(clock, seconds):
    """Four epochs of 100 steps, with a limit of 400 seconds."""
    course = FactorSchedule(1.0, factor=cosine, max_iter=4)
    course.limit = TimeLimit(1400.0)
    rates = []
    for _ in range(4):
        for rate in course.rates(100):
            rates.append(rate)
            clock.now += seconds
        course.end_epoch(100)
    n_steps = min(400, round(400 / seconds))
    # An epoch that begins when the time is over has one step.
    expected = [cosine(step / n_steps) for step in range(n_steps)]
    np.testing.assert_allclose(rates[:n_steps], expected, atol=1e-12)
    assert rates[n_steps:] == [0.0] * (2 if seconds == 2.0 else 0)


@pytest.mark.parametrize("pause", [0.0, 5000.0])
def test_a_limit_continues_from_its_state_after_any_pause(clock, pause):
    limit = TimeLimit(1200.0)
    [*fractions(limit, clock, 1.0, 60)]
    assert not limit.is_over()
    state = limit.state()
    clock.now += pause
    resumed = TimeLimit.of_state(state, end=np.inf)
    assert resumed.fraction() == pytest.approx(60 / 199)
    assert resumed.end == pytest.approx(1200.0 + pause)
    sooner = TimeLimit.of_state(state, end=clock.now + 40.0)
    assert sooner.fraction() == pytest.approx(60 / 99)


def test_a_limit_without_steps_continues(clock):
    resumed = TimeLimit.of_state(TimeLimit(1200.0).state(), end=np.inf)
    assert resumed.fraction() == 0.0
    clock.now += 100.0
    assert resumed.fraction() == pytest.approx(1 / LEAST_STEPS)
