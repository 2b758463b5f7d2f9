"""Weights as numbers of rows, and quantiles of counted rows."""

import numpy as np
import pytest

from skfcnn.estimator.row_counts import quantiles_of, row_counts


def test_whole_numbers_are_counts():
    weights = np.array([3.0, 0.0, 1.0, 2.0])
    np.testing.assert_array_equal(row_counts(weights), weights)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_other_weights_have_a_mean_of_one(scale):
    counts = row_counts(scale * np.array([0.1, 0.0, 0.4, 1.0]) / 3.0)
    np.testing.assert_allclose(counts, [0.2, 0.0, 0.8, 2.0], rtol=1e-14)


@pytest.mark.parametrize("weight", [1.0, 2.0, 0.1])
def test_equal_weights_are_ones(weight):
    weights = np.array([weight, 0.0, weight, weight])
    np.testing.assert_allclose(row_counts(weights), [1.0, 0.0, 1.0, 1.0], rtol=1e-15)


def test_no_weights_are_no_counts():
    assert row_counts(np.empty(0)).shape == (0,)
    assert row_counts(np.zeros(2)).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("n_rows", [1, 2, 3, 50])
def test_quantiles_are_those_of_repeated_rows(n_rows):
    rng, levels = np.random.default_rng(n_rows), np.linspace(0.0, 100.0, 41)
    for _ in range(20):
        values, counts = rng.standard_normal(n_rows), rng.integers(0, 4, n_rows)
        counts[rng.integers(n_rows)] = 2
        expected = np.percentile(values.repeat(counts), levels)
        found = quantiles_of(values, counts, levels)
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


def test_quantiles_follow_weights_that_are_no_whole_numbers():
    values, rng = np.arange(1000.0), np.random.default_rng(0)
    counts = row_counts(rng.uniform(0.0, 1.0, 1000) * np.where(values < 500, 3.0, 1.0))
    found = quantiles_of(values, counts, [0.0, 37.5, 75.0, 100.0])
    np.testing.assert_allclose(found, [0.0, 250.0, 500.0, 999.0], atol=25.0)
    assert found[[0, -1]].tolist() == [0.0, 999.0]
