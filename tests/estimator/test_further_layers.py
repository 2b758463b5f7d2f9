"""Scaling layer, parametric activations and embedding, one by one and together."""

import pickle

import numpy as np
import pytest
from further_layers import ALL, ONE_BY_ONE, X, Y, make_model
from sklearn.base import clone

from skfcnn.inspection.problem import make_problem
from skfcnn.network.normalization import EPSILON
from skfcnn.training.optimizers import LAZY, OPTIMIZERS

# A dozen epochs are too few for some models: they are worse than guessing.
pytestmark = pytest.mark.filterwarnings("ignore:.*worse than guess")


@pytest.mark.grid(12)
@pytest.mark.parametrize("solver", [name for name in OPTIMIZERS if name not in LAZY])
@pytest.mark.parametrize("params", [*ONE_BY_ONE, ALL], ids=[*ALL, "all"])
def test_each_parameter_learns_and_is_pickled(params, solver):
    rate = 0.1 if solver == "sgd" else 0.06
    settings = {"solver": solver, "learning_rate_init": rate, "max_iter": 200}
    model = make_model(**settings, **params).fit(X, Y)
    # Of 200 rows; guessing has 0.55 and a logistic regression 0.79.
    assert model.score(X, Y) > 0.8
    loaded = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    again = clone(model).fit(X, Y)
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize("params", [*ONE_BY_ONE[:-1], ALL], ids=[*[*ALL][:-1], "all"])
def test_resumed_fit_equals_an_uninterrupted_fit(params):
    whole = make_model(dropout=0.2, **params).fit(X, Y)
    part = make_model(dropout=0.2, **params).fit(X, Y, stop_after=11)
    rest = make_model(dropout=0.2, **params).fit(X, Y, resume_from=part)
    np.testing.assert_array_equal(rest.predict_proba(X), whole.predict_proba(X))


@pytest.mark.parametrize("params", [*ONE_BY_ONE[:-1], ALL], ids=[*[*ALL][:-1], "all"])
def test_gradient_does_not_depend_on_the_size_of_the_workspace(params):
    model = make_model(dtype="float64", **params).fit(X, Y)
    objective, data, *_ = make_problem(model, X[:70], Y[:70], None)
    exact = objective.network.workspace(70)
    wide = objective.network.workspace(200).rows(70)
    assert objective.value_and_gradient(*data, wide) == objective.value_and_gradient(
        *data, exact
    )
    np.testing.assert_array_equal(wide.gradient, exact.gradient)


def test_lbfgs_trains_all_parameters():
    params = {name: ALL[name] for name in ALL if name != "learning_rate_multipliers"}
    model = make_model(solver="lbfgs", schedule=None, max_iter=200, **params).fit(X, Y)
    assert model.score(X, Y) == 1.0


def test_parameters_are_listed_by_group():
    model = make_model(**ALL).fit(X, Y)
    groups = model.parameters_
    n_in = 4 + 3 * 3  # three of four columns have more than two values
    shapes = {name: [array.shape for array in groups[name]] for name in groups}
    assert shapes == {
        "weights": [(n_in, 16), (16, 8), (8, 1)],
        "bias": [(16,), (8,), (1,)],
        "scale": [(n_in,)],
        "mix": [(16,), (8,)],
        "embedding": [(3, 16), (3, 16), (3, 16, 3), (3, 3)],
        "normalization": [(16,), (16,), (8,), (8,)],
    }
    assert model.coefs_[0].shape == (n_in, 16)
    # All of them were learned.
    assert (groups["scale"][0] != 1.0).all()
    assert (groups["mix"][0] != 1.0).all()


def test_predictions_follow_the_formula():
    model = make_model(**ALL, dtype="float64").fit(X, Y)
    groups = model.parameters_
    frequency, phase, weights, bias = groups["embedding"]
    u = 2.0 * np.pi * X[:, :3, None] * frequency + phase
    e = np.einsum("ijk,jkl->ijl", np.cos(u), weights) + bias
    a = np.hstack([X, e.reshape(200, 9)]) * groups["scale"][0]
    normalization = groups["normalization"]
    layers = zip(
        model.coefs_,
        model.intercepts_,
        groups["mix"],
        normalization[::2],
        normalization[1::2],
        strict=False,
    )
    for W, b, m, gain, shift in layers:
        z = a @ W + b
        z -= z.mean(axis=1, keepdims=True)
        z = gain * z / np.sqrt(z.var(axis=1, keepdims=True) + EPSILON) + shift
        a = z + m * (np.maximum(z, 0.0) - z)
    z = a @ model.coefs_[-1] + model.intercepts_[-1]
    np.testing.assert_allclose(
        model.predict_proba(X)[:, 1], 1.0 / (1.0 + np.exp(-z[:, 0])), rtol=1e-10
    )


def test_predictions_do_not_depend_on_the_size_of_chunks(monkeypatch):
    model = make_model(**ALL, dtype="float64").fit(X, Y)
    whole = model.predict_proba(X)
    monkeypatch.setattr("skfcnn.network.network.CHUNK_NUMBERS", 16 * 7)
    # Products of 7 rows and of 200 may sum in another order.
    np.testing.assert_allclose(model.predict_proba(X), whole, rtol=1e-10)
