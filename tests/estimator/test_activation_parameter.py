"""Activations by name, for each layer, and as functions of the user."""

import pickle

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from split_data import fit, make_model

from skfcnn.network.activations import ACTIVATIONS


@pytest.mark.grid(10)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_every_activation_learns(digits, activation, dtype):
    _, X_test, _, y_test = digits
    model = make_model(activation=activation, dtype=dtype, hidden_layer_sizes=(50, 30))
    model.set_params(learning_rate_init=0.003)
    assert fit(model, digits).score(X_test, y_test) > 0.93  # 0.1 by guessing


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_activation_can_differ_by_layer(digits):
    same = fit(make_model(activation="tanh", hidden_layer_sizes=(20, 10)), digits)
    listed = fit(make_model(activation=["tanh"] * 2, hidden_layer_sizes=(20, 10)), digits)
    mixed = fit(
        make_model(activation=["relu", "tanh"], hidden_layer_sizes=(20, 10)), digits
    )
    assert same.loss_curve_ == listed.loss_curve_ != mixed.loss_curve_


def sine(z):
    return np.sin(z)


def cosine(z):
    return np.cos(z)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_activation_can_be_a_pair_of_functions(digits):
    _, X_test, _, y_test = digits
    model = fit(make_model(activation=(sine, cosine)), digits)
    assert model.score(X_test, y_test) > 0.93
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(X_test), model.predict_proba(X_test))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_own_tanh_equals_builtin_tanh(digits):
    pair = (np.tanh, lambda z: 1.0 - np.tanh(z) ** 2)
    ours, theirs = fit(make_model(activation="tanh"), digits), make_model(activation=pair)
    # Slopes by another formula: roundings, that 200 steps make larger.
    np.testing.assert_allclose(fit(theirs, digits).loss_curve_, ours.loss_curve_, rtol=1e-9)


def test_wrong_derivative_is_refused_before_training(digits):
    with pytest.raises(ValueError, match="derivative given with an activation is"):
        fit(make_model(activation=(np.tanh, np.cosh)), digits)


@pytest.mark.slow
@pytest.mark.grid(2)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_grid_search_over_activations(cancer):
    X_train, _, y_train, _ = cancer
    grid = {
        "fullyconnectedclassifier__activation": [
            "gelu",
            ["relu", "tanh"],
            (sine, cosine),
        ]
    }
    model = make_pipeline(
        StandardScaler(), make_model(hidden_layer_sizes=(8, 4), max_iter=150)
    )
    search = GridSearchCV(model, grid, cv=3, n_jobs=2).fit(X_train, y_train)
    assert (search.cv_results_["mean_test_score"] > 0.9).all()
