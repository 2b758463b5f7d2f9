"""Gradient-boosted trees as a kind of models in an ensemble."""

import pickle
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, make_classification
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.model_selection import KFold
from threadpoolctl import threadpool_info, threadpool_limits

from skfcnn import TabularClassifier, TabularRegressor
from skfcnn.tabular import trees
from skfcnn.tabular.families import NetworkFamily
from skfcnn.tabular.family import ModelFamily
from skfcnn.tabular.folds import Fold
from skfcnn.tabular.randomized_trees import RandomizedTreesFamily
from skfcnn.tabular.temperature import best_temperature, tempered
from skfcnn.tabular.trained import Trained
from skfcnn.tabular.tree_training import N_TIMED
from skfcnn.tabular.trees import FEW_ROWS, TreesFamily, train_trees

X, Y = load_breast_cancer(return_X_y=True)
NUMBERS = load_diabetes(return_X_y=True)
SHORT = {"network_params": {"max_iter": 3, "hidden_layer_sizes": (8,)}, "random_state": 0}


def with_trees(kind=TabularClassifier, effort="fast", **params):
    return kind(effort, trees=True, **SHORT, **params)


def test_trees_are_one_more_kind_of_models_with_their_weight():
    model = with_trees().fit(X, Y)
    board = model.leaderboard_
    assert board.model.tolist() == [
        *["hidden layers (8,), relu"] * 3,
        *["gradient-boosted trees"] * 3,
        *["extremely randomized trees"] * 3,
    ]
    assert [type(family) for family in model._families] == [
        NetworkFamily,
        TreesFamily,
        RandomizedTreesFamily,
    ]
    assert all(isinstance(family, ModelFamily) for family in model._families)
    assert isinstance(model.estimators_[3], HistGradientBoostingClassifier)
    assert board.weight.sum() == pytest.approx(1.0)
    # Networks of eight units and three epochs are worth less.
    assert model.family_weights_[1:].sum() > 0.5
    assert model.score(X, Y) > 0.95
    loaded = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))


def test_networks_are_those_of_an_ensemble_without_trees():
    alone = TabularClassifier("fast", trees=False, **SHORT).fit(X, Y)
    both = with_trees().fit(X, Y)
    for one, other in zip(alone.estimators_, both.estimators_, strict=False):
        np.testing.assert_array_equal(one.coefs_[0], other.coefs_[0])
    again = with_trees().fit(X, Y)
    np.testing.assert_array_equal(again.predict_proba(X), both.predict_proba(X))


def test_trees_are_calibrated_by_a_temperature():
    """It is the best one for their out-of-fold probabilities."""
    X, y = make_classification(600, 10, flip_y=0.4, random_state=0)
    cv = KFold(3)
    model = with_trees(cv=cv, encoder="passthrough").fit(X, y)
    trees = model._families[1]
    pairs = zip(trees.members, cv.split(X), strict=True)
    raw = np.vstack([tree.predict_proba(X[rows]) for tree, (_, rows) in pairs])
    assert trees.temperature == pytest.approx(best_temperature(raw, y, np.ones(600)))
    assert abs(np.log(trees.temperature)) > 0.05
    expected = tempered(trees.members[0].predict_proba(X), trees.temperature)
    np.testing.assert_allclose(trees.outputs(trees.members[0], X), expected)


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "quantile", "poisson"])
def test_trees_of_numbers_have_the_same_loss(loss):
    model = with_trees(TabularRegressor, loss=loss).fit(*NUMBERS)
    trees = model._families[1]
    assert trees.model.loss == loss
    assert len(trees.scores) == 3 and min(trees.scores) > 0.1
    assert model.predict(NUMBERS[0]).shape == (442,)


def test_what_trees_cannot_learn_is_learned_by_networks_and_told():
    X_numbers, y = NUMBERS
    for model, table, target in (
        (with_trees(), X, np.column_stack([Y, 1 - Y])),
        (with_trees(), X, np.zeros(len(X))),
        (with_trees(TabularRegressor), X_numbers, np.column_stack([y, y])),
        (with_trees(TabularRegressor, loss="huber"), X_numbers, y),
    ):
        with pytest.warns(UserWarning, match="trees=True has no effect") as caught:
            model.fit(table, target)
        assert len(model._families) == 1 and caught[0].filename == __file__


def test_weights_splitters_and_validation_rows():
    weights = np.where(Y == 0, 0.0, 1.0)
    light = with_trees().fit(X, Y, sample_weight=weights)
    assert light.predict_proba(X)[:, 0].max() < 0.3
    rows = np.arange(len(X))
    cv = [(rows[Y == 0], rows[Y == 1][:50])]  # a class is missing in training
    model = with_trees(cv=cv).fit(X, Y)
    assert model.estimators_[-1].n_features_in_ == 30
    validated = with_trees().fit(X[::2], Y[::2], X_val=X[1::2], y_val=Y[1::2])
    assert validated.score(X[1::2], Y[1::2]) > 0.93


def test_with_validation_rows_one_model_of_trees_is_trained(capsys):
    val = {"X_val": X[1::2], "y_val": Y[1::2]}
    model = with_trees(verbose=True, importances=True).fit(X[::2], Y[::2], **val)
    networks, trees, randomized = model._families
    assert [len(each.members) for each in (networks, trees, randomized)] == [3, 1, 3]
    assert "4 of 7: gradient-boosted trees, fold 0: " in capsys.readouterr().out
    board = model.leaderboard_
    assert len(board) == 7 and board["weight"].sum() == pytest.approx(1.0)
    found = model.permutation_importances(X[1::2], Y[1::2], random_state=0)
    assert found.importances_mean.max() > 0.01
    rows = np.arange(len(X))
    fold, other = Fold(rows[::2], rows[1::2]), Fold(rows[1::2], rows[::2])
    assert trees.n_members([fold] * 3) == 1 and trees.n_members([fold, other]) == 2


def test_rows_without_held_out_ones_are_learned():
    few = with_trees().fit(X[:3], [0, 1, 2])
    assert few.predict_proba(X).shape == (569, 3)


def test_of_large_tables_trees_get_evenly_spaced_rows_and_every_class(monkeypatch):
    monkeypatch.setattr(trees, "ROWS_PER_LEAF", 2)
    model = HistGradientBoostingClassifier(
        max_iter=20, max_leaf_nodes=5, early_stopping=True
    )
    y = np.zeros(601, dtype=int)
    y[[5, 300, 599]] = 1, 1, 2  # a step of 4 passes rows 5 and 599
    rows = trees._enough_rows(y, model)
    np.testing.assert_array_equal(rows, np.union1d(np.arange(0, 601, 4), [5, 599]))
    np.testing.assert_array_equal(trees._enough_rows(y[:200], model), np.arange(200))

    def seen(X, y, sample_weight=None, **held_out):
        fitted.update(X=X, y=y, weights=sample_weight, **held_out)

    fitted = {}
    monkeypatch.setattr(model, "fit", seen)
    X, weights = np.arange(601.0)[:, None], np.linspace(1.0, 2.0, 601)
    train_trees(model, (X, y, weights), Fold(np.arange(1, 601), np.arange(1)))
    used = fitted["X"][:, 0].astype(int)
    np.testing.assert_array_equal(used, np.union1d(np.arange(1, 601, 3), [5, 599]))
    np.testing.assert_array_equal(fitted["y"], y[used])
    np.testing.assert_allclose(fitted["weights"], weights[used] / weights[used].mean())
    assert len(fitted["X_val"]) == 1

    regressor = HistGradientBoostingRegressor(max_iter=20, max_leaf_nodes=5)
    numbers = trees._enough_rows(np.arange(601.0), regressor)
    np.testing.assert_array_equal(numbers, np.arange(0, 601, 4))


def test_verbose_tells_how_many_of_the_rows_the_trees_are_trained_on(monkeypatch, capsys):
    monkeypatch.setattr(trees, "_enough_rows", lambda y, model: np.arange(0, len(y), 2))
    with_trees(verbose=True).fit(X, Y)
    lines = capsys.readouterr().out.splitlines()
    told = [line for line in lines if "training rows" in line]
    assert told == lines[3:6]
    assert ", on 190 of 379 training rows; about " in told[0]


def test_importances_sets_and_intervals_have_the_trees(capsys):
    model = with_trees(importances=True, verbose=True).fit(X, Y)
    assert model.feature_importances_.max() > 0.01
    assert model.predict_set(X).any(axis=1).all()
    told = capsys.readouterr().out
    assert "6 of 9: gradient-boosted trees, fold 2: epoch " in told
    assert "9 of 9: extremely randomized trees, fold 2: 25 trees, " in told
    assert "training rows" not in told
    numbers = with_trees(TabularRegressor).fit(*NUMBERS)
    low, high = numbers.predict_interval(NUMBERS[0]).T
    assert (low < high).all()


def test_iterations_are_limited_by_time():
    rows = np.arange(len(X))
    data, fold = (X, Y, np.ones(len(X))), Fold(rows[::2], rows[1::2])
    model = HistGradientBoostingClassifier(
        max_iter=100_000, early_stopping=True, n_iter_no_change=100_000
    )
    trained = train_trees(model, data, fold, end=time.time() - 1.0)
    assert isinstance(trained, Trained)
    assert trained.model.n_iter_ == N_TIMED and not trained.interrupted
    limited = with_trees(time_limit=1e6).fit(X, Y)
    unlimited = with_trees().fit(X, Y)
    np.testing.assert_array_equal(limited.predict_proba(X), unlimited.predict_proba(X))
    cut = with_trees(time_limit=1e-6).fit(X, Y)
    assert [type(family) for family in cut._families] == [NetworkFamily]


def test_an_interruption_ends_the_fit(monkeypatch):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(HistGradientBoostingClassifier, "fit", interrupt)
    with pytest.raises(KeyboardInterrupt):
        with_trees().fit(X, Y)


@pytest.mark.parametrize("kind", [TabularClassifier, TabularRegressor])
def test_a_few_rows_are_predicted_as_they_are_among_many(kind):
    table, y = (X, Y) if kind is TabularClassifier else NUMBERS
    model = with_trees(kind).fit(table, y)
    trees, rows = model._families[1], model.encoder_.transform(table)
    assert len(rows) > 2 * FEW_ROWS
    many = trees.predict(rows)
    for n in (1, 2, FEW_ROWS, FEW_ROWS + 1):
        np.testing.assert_array_equal(trees.predict(rows[:n]), many[:n])


def test_predictions_do_not_change_what_is_pickled():
    model = with_trees().fit(X, Y)
    before = pickle.dumps(model)
    one = model.predict_proba(X[:1])
    assert pickle.dumps(model) == before
    np.testing.assert_array_equal(pickle.loads(before).predict_proba(X[:1]), one)


def test_threads_predict_with_the_same_trees():
    model = with_trees().fit(X, Y)
    wanted = model.predict_proba(X[:8])
    fresh = pickle.loads(pickle.dumps(model))
    with ThreadPoolExecutor(4) as threads:
        every = [*threads.map(lambda i: fresh.predict_proba(X[i : i + 1]), range(8))]
    np.testing.assert_allclose(np.vstack(every), wanted, rtol=0, atol=1e-6)


def test_trees_of_a_small_table_predict_on_one_thread(monkeypatch):
    seen, predict = [], HistGradientBoostingClassifier.predict_proba

    def spy(trees, rows):
        info = threadpool_info()
        seen.extend(each["num_threads"] for each in info if each["user_api"] == "openmp")
        return predict(trees, rows)

    monkeypatch.setattr(HistGradientBoostingClassifier, "predict_proba", spy)
    with threadpool_limits(2, "openmp"):
        model = with_trees().fit(X, Y)
        model.predict_proba(X)
        model.permutation_importances(X, Y, n_repeats=1)
    assert seen and set(seen) == {1}


def test_only_the_proportions_of_weights_matter_to_trees():
    weights = np.linspace(0.5, 2.0, len(Y))
    fold = Fold(np.arange(0, len(Y), 2), np.arange(1, len(Y), 2))

    def trained(factor):
        trees = HistGradientBoostingClassifier(max_iter=5, early_stopping=True)
        return train_trees(trees, (X, Y, factor * weights), fold).model

    of_ones, of_small = (trained(factor).predict_proba(X) for factor in (1.0, 2.0**-30))
    np.testing.assert_array_equal(of_small, of_ones)
