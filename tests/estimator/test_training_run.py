"""One training run: its patience, its first loss, and the check of its outputs."""

import numpy as np
import pytest
from sklearn.metrics import log_loss

from skfcnn import FullyConnectedClassifier, FullyConnectedRegressor
from skfcnn.estimator.calls import FIT, PARTIAL_FIT, Call
from skfcnn.estimator.construction import make_objective
from skfcnn.estimator.diagnostics import check_outputs, loss_of_first_weights
from skfcnn.estimator.epoch_tasks import no_tasks
from skfcnn.estimator.rows import RowsInMemory
from skfcnn.estimator.solver import FITTED, PARTIALLY_FITTED
from skfcnn.estimator.target_scale import TargetScale, Unscaled
from skfcnn.estimator.training_run import TrainingRun, patience
from skfcnn.network.links import NUMBER_LINKS
from skfcnn.training.objective import Data

pytestmark = pytest.mark.filterwarnings("ignore:.*worse than guess")

RNG = np.random.RandomState(0)
X, Y = RNG.standard_normal((50, 3)), np.arange(50) % 3


@pytest.fixture
def model():
    params = {"max_iter": 2, "random_state": 0, "dtype": "float64", "alpha": 0.5}
    return FullyConnectedClassifier((4,), schedule="cosine", **params).fit(X, Y)


@pytest.fixture
def data(model):
    return Data(X, model._target.encode(Y), np.ones(50))


def objective_of(model):
    return make_objective(model, model._network, model._target)


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, 7),
        ({"schedule": "adaptive"}, 7),
        ({"schedule": "cosine"}, np.inf),
        ({"schedule": "cosine", "early_stopping": True}, 7),
    ],
)
def test_schedule_runs_to_its_end_without_early_stopping(params, expected):
    assert patience(FullyConnectedClassifier(n_iter_no_change=7, **params)) == expected


def test_loss_of_first_weights_is_the_objective(model, data):
    loss = loss_of_first_weights(objective_of(model), model._target, data)
    squares = sum((weights**2).sum() for weights in model.coefs_)
    expected = log_loss(Y, model.predict_proba(X)) + 0.5 * 0.5 * squares / 50
    assert loss == pytest.approx(expected, rel=1e-12)


def test_loss_of_first_weights_that_overflows_is_infinite(model, data):
    model._network.theta[...] = 1e200
    with np.errstate(over="ignore", invalid="ignore"):
        first = loss_of_first_weights(objective_of(model), model._target, data)
    assert first == np.inf


def test_outputs_after_training_must_be_finite(model, data):
    check_outputs(model, model._target, model._network, data)
    model._network.theta[...] = 1e200
    with pytest.raises(ValueError, match="not finite after the last step"):
        with np.errstate(over="ignore", invalid="ignore"):
            check_outputs(model, model._target, model._network, data)


def test_attributes_are_those_of_the_training(model, data):
    rows = RowsInMemory(X, Y)
    call = Call(FIT, range(3), np.random.RandomState(0), continues=False)
    run = TrainingRun(model, rows, data, data, call)
    outcome = run.train(no_tasks)
    attributes = run.attributes()
    assert outcome.n_iter == attributes["n_iter_"] == 3
    assert attributes["t_"] == 3 * 50
    assert len(attributes["validation_scores_"]) == 3
    assert attributes["history_"]["loss"] == attributes["loss_curve_"]
    assert model._training.watched.name == "log_loss"
    assert model._training.solver.phase == FITTED


def test_curves_of_the_estimator_are_continued(model, data):
    call = Call(PARTIAL_FIT, range(1), np.random.RandomState(0), continues=True)
    run = TrainingRun(model, RowsInMemory(X, Y), data, None, call)
    run.train(no_tasks)
    attributes = run.attributes()
    assert attributes["loss_curve_"][:2] == model.loss_curve_
    assert len(attributes["loss_curve_"]) == 3
    assert model._training.solver.phase == PARTIALLY_FITTED


def test_scale_has_to_fit_the_dtype_of_the_network():
    scale = TargetScale(NUMBER_LINKS["identity"], np.zeros(1), np.full(1, 1e50))
    scale.check_fits(np.float64)
    with pytest.raises(ValueError, match=r"deviation of \[1.e.50\], .*dtype='float64'\."):
        scale.check_fits(np.float32)
    Unscaled().check_fits(np.float32)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_network_of_the_estimator_has_the_units_of_y_after_every_epoch(solver):
    """Callbacks and scorers see it, and predict."""
    y, seen = 500.0 + 70.0 * X[:, 0], []

    def scorer(estimator, X, y):
        seen.append(estimator.predict(X))
        return 0.5

    settings = {"solver": solver, "max_iter": 4, "random_state": 0, "scoring": scorer}
    model = FullyConnectedRegressor(hidden_layer_sizes=(4,), **settings)
    model.fit(X, y, X_val=X, y_val=y)
    assert len(seen) == 4 and all(abs(p.mean() - y.mean()) < 100.0 for p in seen)
    np.testing.assert_array_equal(seen[-1], model.predict(X))
