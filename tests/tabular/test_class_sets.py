"""Prediction sets of TabularClassifier."""

import numpy as np
import pytest
from scipy.stats import binom
from sklearn.datasets import load_iris, make_classification

from skfcnn import TabularClassifier
from skfcnn.tabular.class_sets import ClassSets


@pytest.mark.parametrize("level", [0.6, 0.9])
def test_sets_have_the_true_class_as_often_as_promised(level):
    X, y = make_classification(
        6000, 10, n_informative=5, n_classes=4, flip_y=0.3, random_state=0
    )
    model = TabularClassifier("fast", random_state=0).fit(X[:3000], y[:3000])
    sets = model.predict_set(X[3000:], confidence_level=level)
    assert sets.shape == (3000, 4) and sets.dtype == bool
    share = sets[np.arange(3000), y[3000:]].mean()
    # Both samples are random. Sets of one class may be right more often.
    assert binom.ppf(0.01, 1000, level) / 1000 < share
    always_one = model.score(X[3000:], y[3000:])
    assert share < max(level, always_one) + 0.04
    assert sets.any(axis=1).all()
    assert sets.sum(axis=1).mean() < 4.0


@pytest.mark.parametrize("seed", [0, 1])
def test_sets_hold_where_most_weight_is_on_trees_that_memorize_their_rows(seed):
    """How alike models are on rows that they know by heart says nothing about new rows."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(0, 10, (6450, 8))
    y = (X[:, 0] // 2.5).astype(int) % 2
    y = np.where(rng.random(6450) < 0.2, 1 - y, y)
    model = TabularClassifier("fast", random_state=seed).fit(X[:450], y[:450])
    kinds = [str(family) for family in model._families]
    assert model.family_weights_[kinds.index("extremely randomized trees")] > 0.5
    for level in (0.8, 0.9):
        sets = model.predict_set(X[450:], confidence_level=level)
        share = sets[np.arange(6000), y[450:]].mean()
        # As often as 450 held-out rows allow to say.
        assert abs(share - level) < 3.0 * np.sqrt(level * (1.0 - level) / 450)


def test_sets_grow_with_the_level_and_have_the_most_probable_class():
    X, y = load_iris(return_X_y=True)
    model = TabularClassifier("fast", random_state=0).fit(X, y)
    sizes = [model.predict_set(X, level).sum() for level in (0.3, 0.9, 0.99)]
    assert sizes == sorted(sizes)
    sets = model.predict_set(X, 0.3)
    assert sets[np.arange(150), model.predict(X)].all()


def test_too_few_rows_give_all_classes():
    sets = ClassSets.of(1.0 - np.array([0.9, 0.8, 0.7]), np.ones(3))
    assert sets.members(np.array([[0.999, 0.001]]), 0.99).all()
    assert sets.members(np.array([[0.75, 0.25]]), 0.75).tolist() == [[True, False]]
