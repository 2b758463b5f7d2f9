"""Extremely randomized trees as a kind of models in an ensemble."""

import pickle
import time

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import ExtraTreesClassifier

from skfcnn import TabularClassifier
from skfcnn.tabular.class_labels import ClassLabels
from skfcnn.tabular.drawing import draw
from skfcnn.tabular.folds import Fold
from skfcnn.tabular.given_table import GivenTable
from skfcnn.tabular.randomized_trees import (
    RandomizedTreesFamily,
    in_float32,
    train_randomized_trees,
)
from skfcnn.tabular.temperature import best_temperature, tempered

X, Y = load_breast_cancer(return_X_y=True)
ONES = np.ones(len(X))
FOLD = Fold(np.arange(0, len(X), 2), np.arange(1, len(X), 2))
SHORT = {"network_params": {"max_iter": 3, "hidden_layer_sizes": (8,)}, "random_state": 0}


def a_model(**params):
    return ExtraTreesClassifier(10, max_leaf_nodes=50, random_state=0, **params)


def trained(data=(X, Y, ONES), fold=FOLD, **params):
    return train_randomized_trees(a_model(**params), data, fold).model


def a_family():
    return RandomizedTreesFamily(ClassLabels.of(Y), a_model(), X.shape[1])


def test_probabilities_are_the_smoothed_votes_of_the_trees():
    """A leaf has the share of the weights of its training rows, as in scikit-learn."""
    family, model = a_family(), trained()
    rows = family.features(X[FOLD.held_out])
    assert rows.dtype == np.float32
    votes = 10 * model.predict_proba(rows)
    raw = family.raw_outputs(model, rows)
    assert_allclose(raw, (votes + 0.5) / 11, rtol=1e-12)
    assert (raw > 0.0).all() and (votes == 0.0).any()
    family.set_temperature(2.0)
    assert_allclose(family.outputs(model, rows), tempered(raw, 2.0))
    assert family.raw_outputs(model, rows[:0]).shape == (0, 2)


def test_it_is_a_kind_of_models_with_its_temperature_and_weight():
    model = TabularClassifier("fast", **SHORT).fit(X, Y)
    networks, family = model._families  # too few rows for boosted trees
    assert isinstance(family, RandomizedTreesFamily) and family.comes_last
    board = model.leaderboard_[model.leaderboard_.model == "extremely randomized trees"]
    assert board.n_iter.tolist() == board.best_epoch.tolist() == [25] * 3
    assert (board.score < 0.0).all() and (board.score > -0.2).all()
    encoded = family.features(model.encoder_.transform(X))
    held_out = [np.setdiff1d(np.arange(569), fold.train) for fold in folds_of(model)]
    pairs = zip(family.members, held_out, strict=True)
    raw = np.vstack([family.raw_outputs(tree, encoded[rows]) for tree, rows in pairs])
    y = Y[np.concatenate(held_out)]
    assert family.temperature == pytest.approx(best_temperature(raw, y, ONES))
    assert pickle.loads(pickle.dumps(model)).score(X, Y) == model.score(X, Y) > 0.95


def folds_of(model):
    given = GivenTable(X, Y)
    return draw(model, model._target, given, GivenTable(), (Y, ONES)).folds


def test_the_seed_decides():
    first, same = (TabularClassifier("fast", **SHORT).fit(X, Y) for _ in range(2))
    assert_array_equal(first.predict_proba(X), same.predict_proba(X))
    trees = first._families[1].members
    assert len({tree.random_state for tree in trees}) == 3


def test_a_class_that_only_rows_of_weight_zero_have_gets_no_vote():
    y = Y.copy()
    y[0] = 2
    named = FOLD._replace(train=FOLD.train[1:], named=FOLD.train[:1])
    model = trained((X, y, ONES), named)
    p = model.predict_proba(X)
    assert p.shape == (569, 3) and np.isfinite(p).all() and not p[:, 2].any()


def test_only_the_proportions_of_weights_matter():
    weights = np.linspace(0.5, 2.0, len(Y))
    light = trained((X, Y, 2.0**-30 * weights))
    assert_array_equal(light.predict_proba(X), trained((X, Y, weights)).predict_proba(X))
    assert (light.predict_proba(X) != trained().predict_proba(X)).any()


def test_the_number_of_trees_is_limited_by_time():
    result = train_randomized_trees(a_model(), (X, Y, ONES), FOLD, end=time.time() - 1.0)
    assert len(result.model.estimators_) == 5
    family = a_family()
    assert family.account(result.model) == "5 trees"
    family.add(result)
    family.add(result)
    assert family.summary() == "5 trees, 5 trees"
    assert family.n_iter(result.model) == 5 and family.max_iter == 10
    limited = TabularClassifier("fast", time_limit=1e6, **SHORT).fit(X, Y)
    unlimited = TabularClassifier("fast", **SHORT).fit(X, Y)
    assert_array_equal(limited.predict_proba(X), unlimited.predict_proba(X))


def test_numbers_beyond_float32_become_the_largest():
    largest = np.finfo(np.float32).max
    wanted = np.array([-largest, 1.5, largest], dtype=np.float32)
    found = in_float32(np.array([-1e300, 1.5, 1e300]))
    assert found.dtype == np.float32
    assert_array_equal(found, wanted)
