"""Which networks of an ensemble are trained within a time limit, with made-up costs."""

import math
import time
from types import SimpleNamespace

import numpy as np
import pytest

from skfcnn import TabularRegressor
from skfcnn.tabular import ensemble
from skfcnn.tabular.members import Member, plan_for, weighting_seconds
from skfcnn.tabular.number_values import NumberValues
from skfcnn.tabular.time_budget import (
    AMPLE,
    MIN_EPOCHS,
    PREDICTION,
    WAVES_AT_ONCE,
    Plan,
    TimeLimitMonitor,
    next_share,
)


@pytest.mark.parametrize(
    ("seconds", "workers", "expected"),
    [
        (100.0, 1, 10.0),  # for all, 10 times as long as they need at least
        (10.0, 1, 1.0),
        (9.0, 1, 1.5),  # not for the last
        (3.0, 1, 1.0),
        (1.5, 1, 1.5),
        (0.5, 1, 0.5),
        (-1.0, 1, 0.0),
        (12.0, 2, 4.0),  # 2 and 4 seconds, where two are trained at a time
        (5.0, 2, 5.0),
        (9.0, 9, 9.0),
    ],
)
def test_time_is_shared_by_as_many_networks_as_possible(seconds, workers, expected):
    assert next_share(seconds, [1.0, 2.0, 3.0, 4.0], workers) == pytest.approx(expected)


class Family(SimpleNamespace):
    __hash__ = object.__hash__


def a_family(n_products, max_iter=48):
    model = SimpleNamespace(max_iter=max_iter)
    return Family(n_products=n_products, model=model, max_iter=max_iter, comes_last=False)


@pytest.fixture
def now(monkeypatch):
    clock = SimpleNamespace(time=lambda: clock.now, now=0.0)
    monkeypatch.setattr("skfcnn.tabular.time_budget.time", clock)
    return clock


def a_plan(end, workers=1):
    """Two families on three folds; an epoch of the cheap one takes a second."""
    dear, cheap = a_family(20), a_family(10)
    members = [Member(family, fold, 0) for family in (dear, cheap) for fold in range(3)]
    plan = Plan(end, workers, seconds_to_weigh=2.0)
    plan.seconds[cheap] = 1.0
    return plan, members, dear, cheap


def test_without_a_limit_all_are_trained_at_once(now):
    plan, members, _, _ = a_plan(math.inf)
    assert plan.wave(members) == (members, math.inf)


def test_cheapest_network_is_first_and_other_costs_are_estimated(now):
    plan, members, dear, cheap = a_plan(100.0)
    wave, end = plan.wave(members)
    assert wave == [Member(cheap, 0, 0)]
    # 16 epochs of the one, 32 seconds for the other, and what follows: 52.5 of 97.8.
    least = [MIN_EPOCHS + 2.0 + PREDICTION, 2 * (MIN_EPOCHS + PREDICTION) + 2.0]
    left = 100.0 - 2.0 - PREDICTION
    assert end == pytest.approx(left * least[0] / (2 * least[0] + least[1]))


def test_measured_times_change_the_plan(now):
    plan, members, dear, cheap = a_plan(100.0)
    plan.wave(members)
    plan.learn(cheap, 60.0, 20)  # three times as long as was thought
    now.now = 60.0
    waiting = [member for member in members if member != Member(cheap, 0, 0)]
    # There is no time for 16 epochs of 6 seconds, nor of 3.
    assert plan.wave(waiting)[0] == []


def test_network_may_have_as_few_epochs_as_another(now):
    plan, members, dear, cheap = a_plan(30.0)
    plan.wave(members)
    plan.learn(cheap, 4.0, 4)
    now.now = 4.0
    waiting = [member for member in members if member != Member(cheap, 0, 0)]
    wave, end = plan.wave(waiting)
    assert wave == [Member(dear, 0, 0)]
    assert 12.0 < end < 30.0
    now.now = 20.0  # for three epochs of the cheap one, and not of the other
    assert plan.wave(waiting[1:])[0] == [Member(cheap, 1, 0)]
    now.now = 23.0
    assert plan.wave(waiting[1:])[0] == []


def test_no_network_waits_if_there_is_enough_time(now):
    plan, members, dear, cheap = a_plan(1000.0, workers=2)
    wave, _ = plan.wave(members)
    assert wave == [Member(cheap, 0, 0), Member(dear, 0, 0)]
    plan.learn(cheap, 48.0, 48)
    plan.learn(dear, 96.0, 48)
    now.now = 96.0
    waiting = [member for member in members if member not in wave]
    rest, end = plan.wave(waiting)
    assert len(rest) == 4 <= WAVES_AT_ONCE * 2
    # The two that are trained and the next two, one of each family.
    assert end == pytest.approx(1000.0 - 8.0 - 6 * PREDICTION)
    now.now = end - AMPLE * 288.0 / 2 + 1.0  # a second too late
    assert len(plan.wave(waiting)[0]) == 2


def test_one_network_is_planned_for_any_time_limit(now):
    plan, members, dear, cheap = a_plan(0.0)
    assert plan.wave(members)[0] == [Member(cheap, 0, 0)]


def test_a_plan_continues_the_networks_that_were_started(now):
    plan, members, dear, cheap = a_plan(100.0)
    first, end = plan.wave(members)
    plan.learn(cheap, 20.0, 20)
    now.now = 20.0
    waiting = [member for member in members if member not in first]
    second, end = plan.wave(waiting)
    state, share = plan.state(members), end - now.now
    now.now = 1000.0
    resumed = Plan.of_state(state, members, end=1080.0, workers=1)
    wave, until = resumed.wave(members)
    assert wave == first + second
    assert until == pytest.approx(min(1000.0 + share, 1080.0))
    assert resumed.seconds == plan.seconds
    now.now = 1030.0
    left = [member for member in members if member not in wave]
    third, _ = resumed.wave(left)
    assert third and third[0] in left


def test_a_plan_without_a_limit_is_not_limited(now):
    assert not a_plan(math.inf)[0].is_limited
    assert a_plan(100.0)[0].is_limited


def test_a_monitor_stops_at_the_limit_or_when_the_other_stops(now):
    calls, schedule = [], SimpleNamespace()

    class Other:
        is_over = False

        def begin(self):
            calls.append("begin")

        def end(self, loss):
            calls.append(loss)
            return self.is_over

    limit = SimpleNamespace(is_over=lambda: now.now > 10.0)
    monitor = TimeLimitMonitor(Other(), schedule, limit)
    assert schedule.limit is limit
    monitor.begin()
    assert not monitor.end(0.5)
    now.now = 11.0
    assert monitor.end(0.25)
    assert calls == ["begin", 0.5, 0.25]
    now.now, Other.is_over = 0.0, True
    assert monitor.end(0.25)


def test_trees_come_last(now):
    trees = Family(n_products=1, max_iter=48, comes_last=True)
    network = a_family(1000)
    plan = Plan(1000.0, workers=1)
    plan.seconds[network] = 1.0
    members = [Member(trees, 0, 0), Member(network, 0, 0), Member(network, 1, 0)]
    wave, _ = plan.wave(members)
    assert wave[0].family is network


def test_weights_are_timed_with_as_many_families_as_there_are(monkeypatch):
    clock = SimpleNamespace(now=0.0, perf_counter=lambda: clock.now)
    monkeypatch.setattr("skfcnn.tabular.members.time", clock)

    class Target:
        n_outputs = 2

        def synthetic(self, n_rows):
            return np.zeros(n_rows)

        def calibration(self, outputs, y, weights):
            clock.now += 1.0

        def ensemble_weights(self, outputs, y, weights):
            clock.now += 2.0 * len(outputs) * (len(outputs) > 1)

    assert weighting_seconds(100, Target(), 1) == pytest.approx(1.0)
    assert weighting_seconds(100, Target(), 4) == pytest.approx(3.0)
    assert weighting_seconds(50_000, Target(), 4) == pytest.approx(30.0)


def test_trees_of_intervals_are_planned(monkeypatch):
    plans = []

    def keep(*args):
        plans.append(plan_for(*args))
        return plans[-1]

    monkeypatch.setattr(ensemble, "plan_for", keep)
    monkeypatch.setattr(NumberValues, "conformal_seconds", lambda *args: 70.0)
    X = np.random.default_rng(0).normal(size=(200, 3))
    model = TabularRegressor("fast", time_limit=100.0, network_params={"max_iter": 3})
    start = time.time()
    model.fit(X, X[:, 0])
    assert plans[0].end - start == pytest.approx(30.0, abs=5.0)
