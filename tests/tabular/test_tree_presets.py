"""When trees are trained by default, and with which parameters."""

import numpy as np
import pytest

from skfcnn import TabularClassifier, TabularRegressor
from skfcnn.tabular.presets import EFFORTS, SHORT_TREES

SHORT = {"network_params": {"max_iter": 1, "hidden_layer_sizes": (4,)}, "random_state": 0}


def has_trees(model):
    return any(not hasattr(each, "coefs_") for each in model.estimators_)


@pytest.mark.parametrize(
    ("effort", "n_rows", "n_columns", "n_trees", "expected"),
    [
        ("fast", 500, 280, 1, True),
        ("fast", 499, 280, 1, False),
        ("fast", 500, 281, 1, False),
        ("fast", 500, 10, 10, True),
        ("fast", 500, 10, 11, False),
        ("balanced", 100, 1480, 1, True),
        ("best", 99, 5, 1, False),
        ("best", 100, 55, 21, False),
    ],
)
def test_trees_pay_for_some_tables(effort, n_rows, n_columns, n_trees, expected):
    trees = EFFORTS[effort].trees
    assert trees.are_worth_it(n_rows, n_columns, n_trees) == expected


def test_many_classes_have_few_iterations():
    best = EFFORTS["best"].trees
    assert best.params(8)["max_iter"] == best.max_iter > SHORT_TREES.max_iter
    assert best.params(9) == SHORT_TREES.params(1)
    fast = EFFORTS["fast"].trees  # fewer already
    assert fast.params(9) == fast.params(1)


@pytest.mark.parametrize("kind", [TabularClassifier, TabularRegressor])
@pytest.mark.parametrize(
    ("trees", "n_rows", "expected"),
    [("auto", 140, True), ("auto", 120, False), (True, 60, True), (False, 140, False)],
)
def test_the_default_has_trees_where_they_pay(kind, trees, n_rows, expected):
    X = np.random.default_rng(0).normal(size=(n_rows, 3))
    y = np.arange(n_rows) % 2
    assert has_trees(kind(trees=trees, **SHORT).fit(X, y)) == expected


def test_what_trees_cannot_learn_is_told_only_if_they_are_asked_for():
    X = np.random.default_rng(0).normal(size=(200, 3))
    y = np.column_stack([X[:, 0], X[:, 1]])
    assert not has_trees(TabularRegressor(**SHORT).fit(X, y))
    with pytest.warns(UserWarning, match="trees=True has no effect"):
        TabularRegressor(trees=True, **SHORT).fit(X, y)
