"""Quantiles of held-out scores, for a new one."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.exceptions import NotFittedError

from skfcnn import TabularClassifier, TabularRegressor
from skfcnn.tabular.conformal import MOST, HeldOutScores, checked_level, conformal_of


def scores(values, weights=None):
    values = np.asarray(values, float)
    return HeldOutScores.of(values, np.ones(len(values)) if weights is None else weights)


def test_a_level_is_that_of_all_scores_and_a_new_one():
    found = scores([3, 1, 2, 4, 5, 6, 7, 8, 9])  # with a new one, ten
    assert [found.at_most(level) for level in (0.1, 0.85, 0.9)] == [1.0, 9.0, 9.0]
    assert found.at_most(0.91) == np.inf
    assert [found.at_least(level) for level in (0.9, 0.15, 0.1)] == [9.0, 1.0, 1.0]
    assert found.at_least(0.09) == -np.inf


@pytest.mark.parametrize("n", [19, 30, 200])
@pytest.mark.parametrize("level", [0.05, 0.3, 0.5, 0.9, 0.95])
def test_new_scores_are_covered_as_promised(n, level):
    """Exactly, for scores of any continuous distribution: here all ranks of the new one."""
    order = np.arange(n + 1.0)
    share = np.mean(
        [new <= scores(np.delete(order, int(new))).at_most(level) for new in order]
    )
    assert level - 1e-9 <= share <= level + 1.0 / (n + 1) + 1e-9
    share = np.mean(
        [new < scores(np.delete(order, int(new))).at_least(level) for new in order]
    )
    assert level - 1.0 / (n + 1) - 1e-9 <= share <= level + 1e-9


def test_quantiles_of_all_levels_are_in_order():
    found = scores(np.random.default_rng(0).standard_normal(57))
    levels = np.linspace(0.01, 0.99, 99)
    assert (np.diff([found.quantile(level) for level in levels]) >= 0.0).all()


def test_weights_are_like_repeated_rows_and_zeros_like_none():
    values, weights = np.arange(40.0), np.tile([0.0, 1.0, 2.0, 1.0], 10)
    weighted = scores(values, weights)
    assert len(weighted.scores) == 30
    assert len(scores(np.arange(9000.0)).scores) == MOST
    repeated = scores(values.repeat(weights.astype(int)))
    for level in (0.1, 0.5, 0.9):
        # Weights have the sum of the rows, 30; repeated rows are 40.
        assert weighted.at_most(level) == pytest.approx(repeated.at_most(level), abs=2.0)
    np.testing.assert_allclose(scores(values, 7.0 * weights).counts, weighted.counts)


@pytest.mark.parametrize("level", [0.0, 1.0, -1, "half", np.nan])
def test_levels_are_checked(level):
    with pytest.raises(ValueError, match="a level must be a number between 0 and 1"):
        checked_level(level, "a level")
    assert checked_level(np.float32(0.5), "a level") == 0.5


def test_models_without_held_out_rows_or_with_several_columns_have_none():
    X, y = load_iris(return_X_y=True)
    with pytest.raises(NotFittedError):
        conformal_of(TabularClassifier())
    params = {"network_params": {"max_iter": 2}, "random_state": 0}
    few = TabularClassifier("fast", **params).fit(X[::50], y[::50])
    several = TabularClassifier("fast", **params).fit(X, np.eye(3, dtype=int)[y])
    for model in (few, several):
        with pytest.raises(ValueError, match="need rows that were held out"):
            model.predict_set(X)
    X, y = load_diabetes(return_X_y=True)
    two = TabularRegressor("fast", **params).fit(X, np.column_stack([y, y]))
    with pytest.raises(ValueError, match="a y of one column"):
        two.predict_interval(X)
