"""Several levels of the quantile loss: outputs in order, and their score."""

import numpy as np
import pytest
from sklearn.metrics import d2_pinball_score

from skfcnn import FullyConnectedRegressor
from skfcnn.estimator.quantile_levels import in_order, levels_of, score_of_levels

RNG = np.random.RandomState(0)


@pytest.mark.parametrize(
    ("params", "levels"),
    [
        ({}, None),
        ({"loss": "quantile"}, [0.5]),
        ({"loss": "quantile", "quantile": [0.9, 0.1]}, [0.9, 0.1]),
    ],
)
def test_levels_of_parameters(params, levels):
    assert levels_of(FullyConnectedRegressor(**params)) == levels


def test_a_higher_level_has_no_lower_output():
    outputs = np.array([[3.0, 1.0, 2.0], [0.0, 0.0, 1.0]])
    expected = [[3.0, 1.0, 2.0], [1.0, 0.0, 0.0]]
    np.testing.assert_array_equal(in_order(outputs, [0.9, 0.1, 0.5]), expected)


def test_equal_levels_have_the_outputs_in_ascending_order():
    ordered = in_order(np.array([[2.0, 1.0, 0.0]]), [0.5, 0.5, 0.1])
    np.testing.assert_array_equal(ordered, [[1.0, 2.0, 0.0]])


def test_score_is_the_mean_over_the_levels():
    y, weights = RNG.standard_normal(20), RNG.uniform(size=20)
    predicted = RNG.standard_normal((20, 2))
    expected = [
        d2_pinball_score(y, predicted[:, i], alpha=level, sample_weight=weights)
        for i, level in enumerate([0.2, 0.7])
    ]
    twice = np.stack([y, y], axis=1)
    score = score_of_levels(twice, predicted, [0.2, 0.7], weights)
    assert score == pytest.approx(np.mean(expected), rel=1e-15)
