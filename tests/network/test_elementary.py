import tracemalloc

import numpy as np
import pytest
from scipy.special import expit, ndtr

from skfcnn.network.elementary import (
    log1p,
    logistic,
    normal_cdf,
    one_minus_exp,
    positive_part,
    sigmoids,
)

DTYPES = [np.float64, np.float32]
POSITIVE = np.concatenate([[0.0], np.geomspace(1e-30, 80.0, 3001)])
Z = np.concatenate([-POSITIVE[::-1], POSITIVE])


def relative_error(found, expected, dtype):
    """Return the largest relative error, in multiples of eps; both may be zero."""
    assert found.dtype == dtype
    nonzero = expected != 0.0
    np.testing.assert_array_equal(found[~nonzero], 0.0)
    errors = np.abs(found[nonzero] / expected[nonzero] - 1.0)
    return float(errors.max() / np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", DTYPES)
def test_relative_errors_are_a_few_eps(dtype):
    """Also where the values are small."""
    z, x = Z.astype(dtype), POSITIVE.astype(dtype)
    exact, exact_x = z.astype(np.longdouble), x.astype(np.longdouble)
    p, rest = np.empty_like(z), np.empty_like(z)
    sigmoids(z, p, rest)
    one = np.empty_like(z)
    logistic(z, one)
    assert relative_error(p, 1 / (1 + np.exp(-exact)), dtype) < 4
    assert relative_error(rest, 1 / (1 + np.exp(exact)), dtype) < 4
    assert relative_error(one, 1 / (1 + np.exp(-exact)), dtype) < 4
    assert relative_error(log1p(x), np.log1p(exact_x), dtype) < 4
    assert relative_error(one_minus_exp(-x), -np.expm1(-exact_x), dtype) < 4


def test_float64_logistic_has_the_numbers_of_mlpclassifier():
    p = np.empty_like(Z)
    logistic(Z, p)
    np.testing.assert_array_equal(p, expit(Z))


@pytest.mark.parametrize("dtype", DTYPES)
def test_extreme_numbers_give_limits_without_floating_point_errors(dtype):
    z = np.array([-1e30, -100.0, 100.0, 1e30], dtype)
    p, rest = np.empty_like(z), np.empty_like(z)
    with np.errstate(all="raise", under="ignore"):
        sigmoids(z, p, rest)
        logistic(z, z)
    for found in (p, 1.0 - rest, z):
        np.testing.assert_allclose(found, [0.0, 0.0, 1.0, 1.0], atol=np.finfo(dtype).eps)
    assert one_minus_exp(np.array([-np.inf], dtype)) == 1.0


@pytest.mark.parametrize("dtype", DTYPES)
def test_normal_distribution(dtype):
    z = np.linspace(-15.0, 15.0, 10_001).astype(dtype)
    p = np.empty_like(z)
    normal_cdf(z, np.exp(-z * z / 2) / dtype(np.sqrt(2 * np.pi)), p)
    assert np.abs(p - ndtr(z.astype(float))).max() < 2 * np.finfo(dtype).eps


def test_positive_part_keeps_no_memory():
    z = np.ones((1000, 1000))
    a = np.empty_like(z)
    tracemalloc.start()
    try:
        positive_part(-z, a)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert not a.any()
    assert kept < z.nbytes / 100
