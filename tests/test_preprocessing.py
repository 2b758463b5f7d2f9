"""RobustSmoothScaler: its formula, its edge cases, and scikit-learn's common checks."""

import doctest
import pickle
import re

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.base import clone
from sklearn.datasets import load_wine
from sklearn.preprocessing import RobustScaler
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks

from skfcnn import preprocessing
from skfcnn.preprocessing import RobustSmoothScaler

X = load_wine().data
LARGEST = np.finfo(np.float64).max


def scaled(column, **parameters):
    """Scale one column by its own statistics."""
    column = np.asarray(column)[:, None]
    return RobustSmoothScaler(**parameters).fit_transform(column)[:, 0]


# A NumPy matrix as input is deprecated by NumPy itself.
@pytest.mark.grid(6)
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@parametrize_with_checks([RobustSmoothScaler(), RobustSmoothScaler(bound=None)])
def test_common_checks(estimator, check):
    check(estimator)


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
def test_check_estimator_without_any_expected_failure():
    results = check_estimator(RobustSmoothScaler(), expected_failed_checks={})
    assert {result["status"] for result in results} <= {"passed", "skipped"}


def test_the_example_of_the_docstring():
    assert doctest.testmod(preprocessing).failed == 0


@pytest.mark.parametrize("quantile_range", [(25.0, 75.0), (10, 60)])
def test_output_follows_the_formula(quantile_range):
    low, m, high = np.percentile(X, [quantile_range[0], 50, quantile_range[1]], axis=0)
    u = (X - m) / (high - low)
    scaler = RobustSmoothScaler(quantile_range, bound=2.0)
    np.testing.assert_allclose(scaler.fit_transform(X), u / np.sqrt(1 + (u / 2) ** 2))
    np.testing.assert_allclose(scaler.center_, m)
    np.testing.assert_allclose(scaler.scale_, 1 / (high - low))


@pytest.mark.parametrize("bound", [None, np.inf])
def test_without_a_bound_it_is_robust_scaling(bound):
    wanted = RobustScaler().fit_transform(X)
    np.testing.assert_allclose(RobustSmoothScaler(bound=bound).fit_transform(X), wanted)


def test_order_of_values_is_kept_and_the_bound_respected():
    column = np.random.default_rng(0).standard_cauchy(1000)
    x = scaled(column)
    assert np.abs(x).max() < 3.0
    np.testing.assert_array_equal(np.argsort(x), np.argsort(column))


def test_equal_quantiles_use_the_other_values():
    # 3 of 20 are not 0, their median is 4: q = 4 / 2, u = 4 / 2.
    x = scaled([0.0] * 17 + [1.0, 4.0, 1e9])
    np.testing.assert_allclose(x[:17], 0.0)
    np.testing.assert_allclose(x[18], 2 / np.sqrt(1 + (2 / 3) ** 2))
    assert x[17] < x[18] < x[19]


def test_two_values_are_scaled_by_half_the_range():
    np.testing.assert_allclose(
        scaled([0.0] * 9 + [4.0]), [0.0] * 9 + [2 / np.sqrt(1 + (2 / 3) ** 2)]
    )


@pytest.mark.parametrize("value", [0.0, -7.5, 1e300, LARGEST])
def test_constant_column_is_zero_for_any_new_value(value):
    scaler = RobustSmoothScaler().fit([[value]] * 5)
    assert (scaler.scale_ == 0.0).all()
    later = [[value], [1.0], [-LARGEST], [np.nan]]
    np.testing.assert_array_equal(scaler.transform(later)[:, 0], [0.0, 0.0, 0.0, np.nan])


def test_missing_values_stay_and_are_ignored():
    holed = X.copy()
    holed[::3] = np.nan
    scaler = RobustSmoothScaler().fit(holed)
    without = RobustSmoothScaler().fit(np.delete(X, slice(None, None, 3), axis=0))
    np.testing.assert_array_equal(scaler.transform(X), without.transform(X))
    np.testing.assert_array_equal(np.isnan(scaler.transform(holed)), np.isnan(holed))


def test_a_column_without_values_is_like_a_constant_one():
    scaler = RobustSmoothScaler().fit([[np.nan], [np.nan]])
    np.testing.assert_array_equal(scaler.transform([[np.nan], [5.0]])[:, 0], [np.nan, 0.0])


@pytest.mark.parametrize("bound", [3.0, None])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("size", ["large", "small", "huge range", "tiny range"])
def test_nothing_overflows(size, dtype, bound):
    largest, tiny = np.finfo(dtype).max, np.finfo(dtype).tiny
    column = {
        "large": [-largest, -1.0, 0.0, 1.0, largest],
        "small": [-3 * tiny, -tiny, 0.0, tiny, 3 * tiny],
        "huge range": [-largest, -largest, 0.0, largest, largest],
        "tiny range": [0.0, tiny / 1000, tiny / 500, tiny, largest],
    }[size]
    x = scaled(np.array(column, dtype), bound=bound)
    assert x.dtype == dtype
    assert np.isfinite(x).all()
    assert (np.diff(x) >= 0.0).all() and x[-1] > x[0]
    assert bound is None or np.abs(x).max() <= bound


def test_the_scale_of_numbers_does_not_matter():
    x = scaled(X[:, 0])
    for factor in (1e-300, 1e300):
        np.testing.assert_allclose(scaled(X[:, 0] * factor), x, rtol=1e-12, atol=1e-12)


def test_float32_is_as_accurate_as_its_input():
    X32 = (X + 1e6).astype(np.float32)
    x = RobustSmoothScaler().fit_transform(X32)
    assert x.dtype == np.float32
    wanted = RobustSmoothScaler().fit_transform(X32.astype(np.float64))
    np.testing.assert_allclose(x, wanted, rtol=1e-6)  # one rounding to float32


def test_many_rows_are_scaled_like_few():
    scaler = RobustSmoothScaler().fit(X)
    many = np.tile(X, (10, 1))
    np.testing.assert_array_equal(
        scaler.transform(many), np.tile(scaler.transform(X), (10, 1))
    )


@pytest.mark.parametrize("order", ["C", "F"])
def test_input_is_not_changed(order):
    read_only = np.array(X, order=order)
    read_only.flags.writeable = False
    RobustSmoothScaler().fit_transform(read_only)
    np.testing.assert_array_equal(read_only, X)


def test_names_pickle_clone_and_set_output():
    frame = pd.DataFrame(X, columns=load_wine().feature_names)
    scaler = RobustSmoothScaler(bound=2.0).set_output(transform="pandas").fit(frame)
    out = scaler.transform(frame)
    assert list(out.columns) == list(frame.columns) == list(scaler.get_feature_names_out())
    again = pickle.loads(pickle.dumps(scaler))
    pd.testing.assert_frame_equal(again.transform(frame), out)
    assert clone(scaler).get_params() == {"bound": 2.0, "quantile_range": (25.0, 75.0)}


REFUSED = {
    "infinity": (X * np.inf, {}, "contains infinity"),
    "sparse": (scipy.sparse.csr_array(X), {}, "dense data is required"),
    "no range": (X, {"quantile_range": (75.0, 25.0)}, "two percentages, the smaller one f"),
    "no percentages": (X, {"quantile_range": (25.0, 175.0)}, r"got \(25.0, 175.0\). Use"),
    "no tuple": (X, {"quantile_range": 25.0}, "The 'quantile_range' parameter"),
    "no bound": (X, {"bound": 0.0}, "The 'bound' parameter"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_invalid_input_is_refused(case):
    refused, parameters, message = REFUSED[case]
    with pytest.raises((ValueError, TypeError)) as error:
        RobustSmoothScaler(**parameters).fit(refused)
    assert re.search(message, str(error.value), re.I)


def test_whole_weights_are_repeats_of_rows():
    rng = np.random.default_rng(0)
    X, weights = rng.standard_normal((50, 4)), rng.integers(0, 5, 50)
    X[rng.uniform(size=50) < 0.3, 1] = np.nan
    X[rng.uniform(size=50) < 0.8, 2] = 7.0  # the quantiles coincide
    X[:, 3] = np.nan
    weighted = RobustSmoothScaler().fit(X, sample_weight=weights)
    repeated = RobustSmoothScaler().fit(X.repeat(weights, axis=0))
    np.testing.assert_allclose(weighted.center_, repeated.center_, rtol=1e-14)
    np.testing.assert_allclose(weighted.scale_, repeated.scale_, rtol=1e-12)


def test_of_other_weights_the_proportions_matter():
    rng = np.random.default_rng(0)
    X, weights = rng.standard_normal((50, 2)), rng.uniform(0.1, 2.0, 50)
    one = RobustSmoothScaler().fit(X, sample_weight=weights)
    other = RobustSmoothScaler().fit(X, sample_weight=1e6 * weights)
    np.testing.assert_allclose(one.center_, other.center_, rtol=1e-8)
    np.testing.assert_allclose(one.scale_, other.scale_, rtol=1e-8)
    plain = RobustSmoothScaler().fit(X)
    assert (one.center_ != plain.center_).all()
    equal = RobustSmoothScaler().fit(X, sample_weight=np.full(50, 0.1))
    np.testing.assert_array_equal(equal.center_, plain.center_)
    np.testing.assert_array_equal(equal.scale_, plain.scale_)


def test_weights_of_zero_alone_are_refused():
    with pytest.raises(ValueError, match="at least one non-zero"):
        RobustSmoothScaler().fit([[1.0], [2.0]], sample_weight=[0.0, 0.0])
