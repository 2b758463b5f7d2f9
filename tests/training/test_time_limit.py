"""The time that one training has, by a clock that goes as the test says."""

import numpy as np
import pytest

from skfcnn.training.schedules import FactorSchedule, cosine
from skfcnn.training.time_limit import LEAST_STEPS, TimeLimit


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still but for what is added to `clock.now`."""

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


def test_what_follows_an_epoch_has_its_time_in_every_epoch(clock):
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
def test_however_short_the_time_there_are_some_steps(clock, end):
    limit = TimeLimit(end)
    found = [*fractions(limit, clock, 1.0, LEAST_STEPS)]
    np.testing.assert_allclose(found, np.arange(LEAST_STEPS) / LEAST_STEPS)
    assert not limit.is_over()
    assert limit.fraction() == 1.0
    assert limit.is_over()


def test_without_steps_it_is_the_time_alone(clock):
    limit = TimeLimit(1010.0)
    assert not limit.is_over()
    clock.now = 1010.0
    assert limit.is_over()


def test_without_end_it_never_leads():
    limit = TimeLimit(float("inf"))
    assert [limit.fraction() for _ in range(100)] == [0.0] * 100
    assert not limit.is_over()


@pytest.mark.parametrize("seconds", [0.5, 1.0, 2.0])
def test_a_course_is_run_through_by_the_end_whatever_a_step_takes(clock, seconds):
    """Four epochs of 100 steps, for which there are 400 seconds."""
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
