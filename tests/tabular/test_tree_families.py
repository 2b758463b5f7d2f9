"""Which kinds of trees an ensemble has."""

import numpy as np
import pytest

from skfcnn.tabular.class_labels import ClassLabels
from skfcnn.tabular.number_values import NumberValues
from skfcnn.tabular.presets import EFFORTS, MAX_RANDOMIZED_CLASSES, RANDOMIZED_ROWS
from skfcnn.tabular.randomized_trees import RandomizedTreesFamily
from skfcnn.tabular.regressor import TabularRegressor
from skfcnn.tabular.tree_families import tree_families
from skfcnn.tabular.trees import TreesFamily

CLASSES = ClassLabels.of(np.arange(10) % 2)
MANY, TOO_MANY = (
    ClassLabels.of(np.arange(100) % (MAX_RANDOMIZED_CLASSES + more)) for more in (0, 1)
)
LABELS = ClassLabels.of(np.eye(3, dtype=int))
NUMBERS = NumberValues.of(np.arange(10.0), TabularRegressor())
BOTH, BOOSTED, RANDOMIZED = (
    [TreesFamily, RandomizedTreesFamily],
    [TreesFamily],
    [RandomizedTreesFamily],
)


@pytest.mark.parametrize(
    ("trees", "effort", "target", "n_rows", "expected"),
    [
        ("auto", "balanced", CLASSES, 100, BOTH),
        ("auto", "balanced", CLASSES, 99, []),
        ("auto", "balanced", CLASSES, RANDOMIZED_ROWS[1], BOTH),
        ("auto", "balanced", CLASSES, RANDOMIZED_ROWS[1] + 1, BOOSTED),
        ("auto", "fast", CLASSES, 100, RANDOMIZED),
        ("auto", "fast", CLASSES, 500, BOTH),
        (True, "fast", CLASSES, 10, BOOSTED),
        (True, "fast", CLASSES, 100, BOTH),
        (True, "fast", CLASSES, 10**6, BOOSTED),
        ("auto", "fast", MANY, 1000, RANDOMIZED),
        ("auto", "fast", TOO_MANY, 1000, []),
        (False, "best", CLASSES, 1000, []),
        ("auto", "best", LABELS, 1000, []),
        ("auto", "best", NUMBERS, 1000, BOOSTED),
        (True, "best", NUMBERS, 10, BOOSTED),
    ],
)
def test_they_are_those_that_pay(trees, effort, target, n_rows, expected):
    found = tree_families(trees, EFFORTS[effort], target, n_rows, n_features=5)
    assert [type(family) for family in found] == expected
    assert not any(family.members for family in found)


def test_their_parameters_are_those_of_the_effort():
    fast, best = (
        tree_families(True, EFFORTS[effort], CLASSES, 1000, 5)[1].model
        for effort in ("fast", "best")
    )
    assert (fast.n_estimators, best.n_estimators) == (25, 50)
    assert fast.max_leaf_nodes == 500 and fast.n_jobs == 1


def test_it_warns_if_there_are_none_and_the_user_wants_them():
    with pytest.warns(UserWarning, match="trees=True has no effect"):
        assert tree_families(True, EFFORTS["fast"], LABELS, 1000, 5) == []
