"""The hints at the end of a fit, and the comparison of a model with guessing."""

import numpy as np
import pytest
from sklearn.metrics import log_loss

from skfcnn import FullyConnectedClassifier
from skfcnn.estimator.calls import PARTIAL_FIT, Call
from skfcnn.estimator.diagnostics import of_guessing, of_the_model, on_convergence
from skfcnn.estimator.epoch_tasks import no_tasks
from skfcnn.estimator.rows import RowsInMemory
from skfcnn.estimator.training_run import TrainingRun
from skfcnn.training.minibatch import Outcome
from skfcnn.training.objective import Data

pytestmark = pytest.mark.filterwarnings("ignore:.*worse than guess")

X, Y = np.arange(40.0).reshape(20, 2) / 20.0, np.arange(20) % 4 // 3


@pytest.fixture
def model():
    params = {"max_iter": 2, "random_state": 0, "dtype": "float64"}
    return FullyConnectedClassifier((3,), schedule="cosine", **params).fit(X, Y)


def run_of(model, weights):
    data = Data(X, model._target.encode(Y), weights)
    rng = np.random.RandomState(0)
    run = TrainingRun(
        model, RowsInMemory(X, Y), data, None, Call(PARTIAL_FIT, range(0), rng, True)
    )
    run.train(no_tasks)
    return run


def test_guessing_predicts_the_class_frequencies(model):
    weights = np.where(Y == 1, 2.0, 1.0)
    run = run_of(model, weights)
    guessing = of_guessing(run, run.standardized)
    share = 10.0 / 25.0
    assert guessing.score == pytest.approx(1.0 - share)
    expected = log_loss(Y, np.full(20, share), sample_weight=weights)
    assert guessing.loss == pytest.approx(expected)


def test_standing_of_a_model_is_its_score_and_loss(model):
    run = run_of(model, np.ones(20))
    standing = of_the_model(run, run.standardized)
    assert standing.score == pytest.approx(model.score(X, Y))
    assert standing.loss == pytest.approx(log_loss(Y, model.predict_proba(X)))


@pytest.mark.parametrize(
    ("losses", "hint"),
    [
        ([1.0], "Increase max_iter."),
        ([1.0, 0.5], "still falling, from 1 to 0.5 in the last 1 epochs: increase"),
        (
            [1.0, 0.5, *[0.4, 0.5] * 5],
            "not falling any more, from 0.5 to 0.5 in the last 10",
        ),
    ],
)
def test_hint_on_convergence_depends_on_the_loss(losses, hint):
    outcome = Outcome(len(losses), losses[-1], converged=False)
    words = on_convergence(FullyConnectedClassifier(max_iter=9), outcome, losses)
    assert words.startswith("Stochastic Optimizer: Maximum iterations (9) reached")
    assert hint in words


def test_hint_on_convergence_of_lbfgs_names_its_limits():
    outcome = Outcome(5, 1.0, converged=False, message="too many")
    params = FullyConnectedClassifier(solver="lbfgs", max_iter=5, max_fun=12)
    words = on_convergence(params, outcome, [1.0])
    assert "after 5 iteration(s): too many" in words
    assert "max_iter (now 5) or max_fun (now 12)" in words
