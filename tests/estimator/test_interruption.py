"""Interruption of a fit by Ctrl-C: the trained weights are kept."""

import numpy as np
import pytest
from sklearn.base import clone
from small_network import SETTINGS, STANDING_STILL, parameters

from skfcnn import FullyConnectedClassifier
from skfcnn.training.objective import Objective

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def interrupt_at(monkeypatch, call):
    """Raise KeyboardInterrupt in the given call of the gradient, counted from 1."""
    calls = []
    gradient = Objective.gradient

    def interrupted(self, *args):
        calls.append(1)
        if len(calls) == call:
            raise KeyboardInterrupt
        return gradient(self, *args)

    monkeypatch.setattr(Objective, "gradient", interrupted)


def interrupted(model, X, y):
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        return model.fit(X, y)


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_interruption_between_epochs_equals_a_shorter_fit(
    wine, monkeypatch, solver, early_stopping
):
    X, y = wine
    params = {"solver": solver, "early_stopping": early_stopping, "batch_size": 60}
    model = FullyConnectedClassifier(**SETTINGS, **params)
    shorter = clone(model).set_params(max_iter=4).fit(X, y)
    interrupt_at(monkeypatch, 4 * 3 + 1)  # three batches of up to 60 rows per epoch
    interrupted(model, X, y)
    np.testing.assert_array_equal(model.predict_proba(X), shorter.predict_proba(X))
    assert model.n_iter_ == 4 and model.loss_curve_ == shorter.loss_curve_
    assert model.loss_ == shorter.loss_ and model.t_ == shorter.t_
    assert model.validation_scores_ == shorter.validation_scores_


def test_interruption_within_an_epoch_keeps_the_trained_weights(wine, monkeypatch):
    X, y = wine
    settings = {"learning_rate_init": 0.02, "batch_size": 20, "max_iter": 100}
    model = FullyConnectedClassifier(**(SETTINGS | settings))
    interrupt_at(monkeypatch, 9 * 10 + 5)
    interrupted(model, X, y)
    assert model.n_iter_ == len(model.loss_curve_) == 10
    assert model.score(X, y) > 0.9
    assert model.partial_fit(X, y).loss_ < model.loss_curve_[-2]


def test_interrupted_lbfgs_keeps_its_last_iteration(wine, monkeypatch):
    X, y = wine
    model = FullyConnectedClassifier(**SETTINGS, solver="lbfgs")
    interrupt_at(monkeypatch, 8)
    interrupted(model, X, y)
    assert 2 <= model.n_iter_ <= 7
    monkeypatch.undo()
    shorter = clone(model).set_params(max_iter=model.n_iter_).fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(X), shorter.predict_proba(X))
    assert model.loss_ == shorter.loss_ == model.loss_curve_[-1]


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_interruption_before_the_first_step_keeps_the_first_weights(
    wine, monkeypatch, solver
):
    X, y = wine
    model = FullyConnectedClassifier(**SETTINGS, solver=solver)
    start = FullyConnectedClassifier(**(SETTINGS | STANDING_STILL)).fit(X, y)
    interrupt_at(monkeypatch, 1)
    interrupted(model, X, y)
    assert model.n_iter_ == 0 and model.loss_curve_ == []
    np.testing.assert_allclose(parameters(model), parameters(start), rtol=0, atol=1e-10)
