"""Prediction intervals of TabularRegressor."""

import pickle
import time

import numpy as np
import pytest
from scipy.stats import binom

from skfcnn import TabularRegressor
from skfcnn.tabular.intervals import (
    FEW_ROWS,
    FEWEST_ROWS,
    Intervals,
    seconds_to_make,
    with_prediction,
)

SHORT = {"network_params": {"max_iter": 6}, "random_state": 0}


def numbers(n, *, seed=0):
    """Numbers whose spread depends on the first column."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1.0, 1.0, (n, 3))
    spread = np.where(X[:, 0] > 0.0, 10.0, 1.0)
    return X, 100.0 + 5.0 * X[:, 1] + spread * rng.standard_normal(n)


def least_share(level, n):
    """The share that a coverage of `level` stays above in 99 of 100 samples."""
    return binom.ppf(0.01, n, level) / n


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_intervals_hold_what_they_promise_and_are_wide_where_they_must(level):
    X, y = numbers(3000)
    model = TabularRegressor("fast", **SHORT).fit(X, y)
    new, of_new = numbers(3000, seed=1)
    low, high = model.predict_interval(new, confidence_level=level).T
    share = np.mean((low <= of_new) & (of_new <= high))
    # Both samples are random.
    assert least_share(level, 1000) < share < level + 0.04
    width = high - low
    assert width[new[:, 0] > 0.1].mean() > 4.0 * width[new[:, 0] < -0.1].mean()


def test_intervals_are_in_the_units_of_y():
    X, y = numbers(400)
    model = TabularRegressor("fast", **SHORT)
    expected = model.fit(X, y).predict_interval(X)
    other = model.fit(X, 1e6 * y).predict_interval(X)
    np.testing.assert_allclose(other / 1e6, expected, rtol=1e-4)


def test_quantiles_never_cross_and_have_those_of_the_interval():
    X, y = numbers(400)
    model = TabularRegressor("fast", loss="absolute_error", **SHORT).fit(X, y)
    quantiles = model.predict_quantiles(X, np.linspace(0.02, 0.98, 49))
    assert quantiles.shape == (400, 49)
    assert (np.diff(quantiles, axis=1) >= 0.0).all()
    np.testing.assert_array_equal(
        model.predict_interval(X, 0.8), model.predict_quantiles(X, [(1.0 - 0.8) / 2.0, 0.9])
    )


def test_too_few_rows_give_infinite_limits_rather_than_false_ones():
    X, y = numbers(30)
    model = TabularRegressor("fast", **SHORT).fit(X, y)
    assert np.isinf(model.predict_interval(X, 0.99)).all()
    assert np.isfinite(model.predict_interval(X, 0.8)).all()


def test_width_is_constant_for_few_rows():
    X, y = numbers(FEWEST_ROWS - 1)
    few = Intervals.of(X, np.zeros(len(y)), y, np.ones(len(y)), np.arange(len(y)) % 3)
    assert few.trees == [] and np.ptp(few.scale(X, y)) == 0.0
    assert few.scale(X, y)[0] == pytest.approx(np.abs(y).mean())


def test_perfect_predictions_have_no_width():
    X, y = numbers(300)
    exact = Intervals.of(X, y, y, np.ones(300), np.arange(300) % 3)
    limits = exact.quantiles(X, y, [0.05, 0.95])
    np.testing.assert_array_equal(limits, np.column_stack([y, y]))


def test_rows_of_weight_zero_do_not_count():
    X, y = numbers(600)
    weights = (np.arange(600) % 3 > 0).astype(float)
    spoiled = np.where(weights > 0.0, y, 1e6)
    one = Intervals.of(X, np.full(600, 100.0), spoiled, weights, np.arange(600) // 200)
    assert one.scale(X, np.full(600, 100.0)).max() < 100.0


def test_the_scale_sees_the_row_and_its_prediction():
    assert with_prediction(np.ones((2, 3)), np.zeros(2)).shape == (2, 4)


@pytest.mark.slow
def test_intervals_hold_for_grouped_rows():
    """By folds of whole groups, new groups are covered."""
    rng = np.random.default_rng(0)
    groups = np.arange(3000) // 10
    X = rng.standard_normal((300, 4))[groups]
    y = 3.0 * X[:, 0] + rng.standard_normal(300)[groups]
    seen = groups < 200
    model = TabularRegressor("fast", random_state=0)
    model.fit(X[seen], y[seen], groups=groups[seen])
    low, high = model.predict_interval(X[~seen]).T
    share = np.mean((low <= y[~seen]) & (y[~seen] <= high))
    assert share > least_share(0.9, 100)  # there are a hundred new groups


def test_only_the_proportions_of_weights_matter_to_intervals():
    X, y = numbers(400)
    weights, part = np.linspace(0.5, 2.0, 400), np.arange(400) % 2

    def scale(factor):
        intervals = Intervals.of(X, 0.0 * y, y - 100.0, factor * weights, part)
        return intervals.scale(X, 0.0 * y)

    np.testing.assert_array_equal(scale(2.0**-30), scale(1.0))


def test_intervals_leave_the_global_generator_alone():
    X, y = numbers(400)
    before = np.random.get_state()
    Intervals.of(X, 0.0 * y, y, np.ones(400), np.arange(400) % 2)
    after = np.random.get_state()
    assert before[2] == after[2]
    np.testing.assert_array_equal(before[1], after[1])


def test_intervals_are_narrower_by_the_gain_of_the_mean():
    X, y = numbers(400)
    arguments = X, np.full(400, 100.0), y, np.ones(400), np.arange(400) % 3
    error = np.mean((y - 100.0) ** 2)
    one, mean, exact = (
        Intervals.of(*arguments, gain=gain).quantiles(X, arguments[1], [0.05, 0.95])
        for gain in (0.0, 0.19 * error, 2.0 * error)
    )
    np.testing.assert_allclose(mean - 100.0, 0.9 * (one - 100.0))
    np.testing.assert_array_equal(exact, 100.0)


@pytest.mark.parametrize("levels", [0.5, [], [[0.5]]])
def test_levels_are_a_list(levels):
    X, y = numbers(40)
    model = TabularRegressor("fast", **SHORT).fit(X, y)
    with pytest.raises(ValueError, match="levels must be a list of numbers; got"):
        model.predict_quantiles(X, levels)


@pytest.mark.parametrize("shape", [(2000, 10), (20_000, 30), (3000, 120)], ids=str)
def test_time_to_make_intervals_is_estimated_within_a_factor_of_three(shape, monkeypatch):
    monkeypatch.setattr("skfcnn.tabular.intervals.time.perf_counter", time.process_time)
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=shape), rng.normal(size=shape[0])
    seconds_to_make(X)  # the first trees take longer
    estimated = seconds_to_make(X)
    start = time.process_time()
    Intervals.of(X, np.zeros(len(y)), y, np.ones(len(y)), np.arange(len(y)) % 2 == 0)
    seconds = time.process_time() - start
    assert seconds / 3.0 < estimated < 3.0 * seconds


def test_without_trees_intervals_take_no_time():
    assert seconds_to_make(np.ones((FEWEST_ROWS - 1, 3))) == 0.0


def test_intervals_of_a_few_rows_are_those_of_many_to_the_last_bit():
    X, y = numbers(FEW_ROWS + 1)
    part = np.arange(len(y)) % 3
    intervals = Intervals.of(X, np.full(len(y), 100.0), y, np.ones(len(y)), part)
    predicted = y + 1.0
    many = intervals.quantiles(X, predicted, [0.05, 0.95])
    assert "_flat" not in vars(intervals)
    few = intervals.quantiles(X[:-1], predicted[:-1], [0.05, 0.95])
    np.testing.assert_array_equal(few, many[:-1])
    assert "_flat" in vars(intervals)
    loaded = pickle.loads(pickle.dumps(intervals))
    assert "_flat" not in vars(loaded)
    np.testing.assert_array_equal(loaded.scale(X[:9], y[:9]), intervals.scale(X[:9], y[:9]))
