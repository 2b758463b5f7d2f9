"""Conversion of a solver to plain values, and back: it trains the same."""

import copy

import numpy as np
import pytest
from further_layers import X, Y, make_model

from skfcnn import FullyConnectedRegressor
from skfcnn.estimator.plain_values import Name, is_plain
from skfcnn.estimator.stored_solver import (
    of_kind,
    plain_entries,
    plain_solver,
    solver_of,
)

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*worse than guess"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]


@pytest.fixture
def model():
    params = {"dropout": 0.2, "weight_averaging": 0.1, "early_stopping": True}
    return make_model(**params).fit(X, Y, stop_after=3)


def test_stored_solver_trains_the_same(model):
    stored = copy.deepcopy(plain_solver(model._training.solver))
    twin = copy.deepcopy(model)
    twin._training.solver = solver_of(stored, model, twin._network)
    again = make_model(**model.get_params()).fit(X, Y, resume_from=model)
    solver = twin._training.solver
    kept = {"rows": solver.fit.rows, "held_out": solver.fit.held_out}
    kept |= {"moving": solver.moving, "average": solver.average}
    for name, array in kept.items():
        np.testing.assert_array_equal(array, stored[name])
    twin.fit(X, Y, resume_from=twin)
    assert twin.loss_curve_ == again.loss_curve_
    np.testing.assert_array_equal(twin.predict_proba(X), again.predict_proba(X))


def test_stored_solver_of_standardized_y_has_all_bits():
    settings = {"hidden_layer_sizes": (6,), "max_iter": 8, "random_state": 0}
    model, whole = (FullyConnectedRegressor(**settings) for _ in range(2))
    y = 70.0 + 3.0 * X[:, 0]
    whole.fit(X, y)
    model.fit(X, y, stop_after=3)
    stored = copy.deepcopy(plain_solver(model._training.solver))
    assert all(is_plain(value) for value in stored.values())
    network = model._target.scale.network_of(model._network)
    model._training.solver = solver = solver_of(stored, model, network)
    assert solver.trained is network.theta
    np.testing.assert_array_equal(solver.trained, stored["trained"])
    model.fit(X, y, resume_from=model)
    np.testing.assert_array_equal(model._network.theta, whole._network.theta)
    assert model.loss_curve_ == whole.loss_curve_


def test_stored_solver_is_plain(model):
    stored = plain_solver(model._training.solver)
    assert all(is_plain(value) for value in stored.values())


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("optimizer", lambda old: {}, r"optimizer has \[\], not"),
        ("moving", lambda old: old[:-1], "moving has dtype float"),
        ("rows", lambda old: np.zeros_like(old), "each row exactly once"),
        ("rows", lambda old: old.astype(float), "rows have dtype float64"),
        ("has_X_val", lambda old: 1, "has_X_val is 1"),
    ],
)
def test_values_of_another_solver_are_refused(model, name, change, message):
    stored = copy.deepcopy(plain_solver(model._training.solver))
    stored[name] = change(stored[name])
    with pytest.raises(ValueError, match=message):
        solver_of(stored, model, model._network)


def test_functions_are_stored_by_their_names():
    entries = plain_entries({"alpha": 0.5, "schedule": np.sin})
    assert entries["alpha"] == 0.5
    assert isinstance(entries["schedule"], Name) and "sin" in entries["schedule"].text


def test_values_of_another_kind_are_refused():
    assert of_kind(int | None, None, "n") is None
    with pytest.raises(ValueError, match="n is 'text'"):
        of_kind(int, "text", "n")
