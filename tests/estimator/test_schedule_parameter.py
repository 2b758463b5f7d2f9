"""The parameter schedule, with every solver that has a learning rate."""

import pytest
from split_data import fit, make_model

from skfcnn.training.optimizers import OPTIMIZERS


@pytest.mark.grid(6)
@pytest.mark.parametrize("solver", [*OPTIMIZERS])
@pytest.mark.parametrize("schedule", ["cosine", "one_cycle", "coslog4", lambda t: 1.0 - t])
def test_schedule_runs_to_its_end(digits, solver, schedule):
    _, X_test, _, y_test = digits
    model = make_model(solver=solver, schedule=schedule, max_iter=15, tol=1.0)
    model.set_params(n_iter_no_change=1, learning_rate_init=0.01)
    fit(model, digits)  # without a ConvergenceWarning: it would be an error
    assert model.n_iter_ == 15
    assert model.score(X_test, y_test) > 0.85


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("solver", [*OPTIMIZERS])
def test_schedule_of_ones_changes_nothing(digits, solver):
    plain = fit(make_model(solver=solver, max_iter=5), digits)
    ones = fit(make_model(solver=solver, max_iter=5, schedule=lambda t: 1.0), digits)
    assert plain.loss_curve_ == ones.loss_curve_


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_adaptive_schedule_equals_adaptive_learning_rate(digits):
    params = {"solver": "sgd", "tol": 0.1, "n_iter_no_change": 1}
    theirs = fit(make_model(learning_rate="adaptive", **params), digits)
    ours = fit(make_model(schedule="adaptive", **params), digits)
    adam = fit(make_model(schedule="adaptive", **params | {"solver": "adam"}), digits)
    assert ours.loss_curve_ == theirs.loss_curve_
    stopped = fit(make_model(**params | {"solver": "adam"}), digits)
    assert adam.n_iter_ > stopped.n_iter_


def test_early_stopping_ends_a_schedule(digits):
    model = make_model(schedule="cosine", early_stopping=True, tol=1.0, n_iter_no_change=2)
    assert fit(model, digits).n_iter_ == 4


def test_negative_value_of_a_schedule_is_refused(digits):
    schedule = {"schedule": lambda t: -1.0 if 0.55 < t < 0.7 else 1.0}
    with pytest.raises(ValueError, match=r"fraction 0\.[56]\d* of training it returned -1"):
        fit(make_model(**schedule), digits)
