"""Training of trees on the rows of a fold, within a time limit."""

import time
from contextlib import nullcontext

import numpy as np
import pytest
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)

from skfcnn.tabular.folds import Fold
from skfcnn.tabular.tree_training import (
    N_TIMED,
    affordable,
    enough_rows,
    fit_trees,
    sample_of,
)

X = np.random.default_rng(0).normal(size=(200, 3))
Y = (X[:, 0] > 0.0).astype(int)


def test_of_more_rows_some_are_kept_and_one_of_each_class():
    y = np.zeros(601, dtype=int)
    y[[5, 300, 599]] = 1, 1, 2  # a step of 4 passes rows 5 and 599
    model = HistGradientBoostingClassifier()
    rows = enough_rows(y, model, 200)
    np.testing.assert_array_equal(rows, np.union1d(np.arange(0, 601, 4), [5, 599]))
    np.testing.assert_array_equal(enough_rows(y[:200], model, 200), np.arange(200))
    numbers = enough_rows(np.arange(601.0), HistGradientBoostingRegressor(), 200)
    np.testing.assert_array_equal(numbers, np.arange(0, 601, 4))


def test_a_sample_has_the_weights_of_its_rows_and_a_note():
    weights, numbers = np.linspace(1.0, 2.0, 200), HistGradientBoostingRegressor()
    fold = Fold(np.arange(1, 200), np.arange(1))
    rows, of_rows, note = sample_of(fold, X[:, 0], weights, numbers, 100)
    np.testing.assert_array_equal(rows, np.arange(1, 200, 2))
    np.testing.assert_array_equal(of_rows, weights[rows])
    assert note == "on 100 of 199 training rows"
    assert sample_of(fold, X[:, 0], weights, numbers, 199).note == ""


@pytest.mark.parametrize(
    ("model", "size"),
    [
        (HistGradientBoostingClassifier(early_stopping=False), "max_iter"),
        (ExtraTreesClassifier(), "n_estimators"),
    ],
)
def test_the_number_of_iterations_follows_from_the_time_left(model, size):
    model.set_params(**{size: 40})
    given = {"X": X, "y": Y}
    assert affordable(model, given, size, time.time() + 1e6) == 40
    model.set_params(**{size: 40})
    trained = fit_trees(model, given, size, time.time() - 1.0, nullcontext(), "all")
    assert getattr(trained.model, size) == N_TIMED
    assert trained.sample == "all" and trained.seconds > 0.0 and not trained.interrupted


def test_an_interruption_is_told():
    class Interrupted(ExtraTreesClassifier):
        def fit(self, X, y):
            raise KeyboardInterrupt

    trained = fit_trees(
        Interrupted(), {"X": X, "y": Y}, "n_estimators", np.inf, nullcontext(), ""
    )
    assert trained.interrupted
