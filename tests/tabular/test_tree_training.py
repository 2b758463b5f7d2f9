"""Training of trees within a time limit."""

import time
from contextlib import nullcontext

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier

from skfcnn.tabular.tree_training import N_TIMED, affordable, fit_trees

X = np.random.default_rng(0).normal(size=(200, 3))
Y = (X[:, 0] > 0.0).astype(int)


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
    trained = fit_trees(model, given, size, time.time() - 1.0, nullcontext())
    assert getattr(trained.model, size) == N_TIMED
    assert trained.seconds > 0.0 and not trained.interrupted


def test_an_interruption_is_told():
    class Interrupted(ExtraTreesClassifier):
        def fit(self, X, y):
            raise KeyboardInterrupt

    given = {"X": X, "y": Y}
    trained = fit_trees(Interrupted(), given, "n_estimators", np.inf, nullcontext())
    assert trained.interrupted
