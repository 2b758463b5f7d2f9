"""The state between calls: a complete model or none, never a mixture."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.preprocessing import StandardScaler

from skfcnn import (
    FullyConnectedClassifier,
    FullyConnectedRegressor,
    TabularClassifier,
)
from skfcnn.training.objective import Objective
from skfcnn.training.optimizers import LAZY, OPTIMIZERS

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:Training interrupted"),
]
X, Y = load_iris(return_X_y=True)
X = StandardScaler().fit_transform(X)
BASE = {"hidden_layer_sizes": (6, 4), "random_state": 0, "max_iter": 5, "shuffle": False}
ROWS_VAL = {"X_val": X[::3], "y_val": Y[::3]}


def root(t):
    return 1.0 - 0.5 * t


# Another value of every parameter.
OTHERS = {
    "hidden_layer_sizes": (3, 2),
    "activation": ["tanh", "gelu"],
    "solver": "lbfgs",
    "alpha": 10.0,
    "batch_size": 17,
    "learning_rate": "adaptive",
    "learning_rate_init": 0.1,
    "power_t": 0.9,
    "max_iter": 9,
    "shuffle": True,
    "random_state": 7,
    "tol": 0.1,
    "verbose": True,
    "warm_start": True,
    "momentum": 0.1,
    "nesterovs_momentum": False,
    "early_stopping": True,
    "validation_fraction": 0.4,
    "beta_1": 0.5,
    "beta_2": 0.5,
    "epsilon": 1e-2,
    "n_iter_no_change": 1,
    "max_fun": 3,
    "loss": "squared_error",
    "focal_gamma": 1.0,
    "dtype": "float32",
    "weight_init": "he_normal",
    "dropout": 0.5,
    "class_weight": {0: 5.0},
    "label_smoothing": 0.3,
    "weight_decay": 0.5,
    "max_grad_norm": 0.01,
    "schedule": root,
    "scoring": "loss",
    "scaling_layer": True,
    "parametric_activation": True,
    "normalization": "layer",
    "numeric_embedding": "pbld",
    "learning_rate_multipliers": {"bias": 0.0},
    "weight_averaging": 0.5,
}


# Of the regressor's parameters, those that a classifier has not, or has with other values.
OF_REGRESSORS = {
    "loss": "huber",
    "huber_delta": 0.5,
    "quantile": [0.1, 0.9],
    "tweedie_power": 1.2,
    "scale_target": False,
}
NUMBERS = np.abs(300.0 + 20.0 * X[:, 0])
REGRESSORS = {
    "squared_error": ({}, NUMBERS),
    "outputs": ({}, NUMBERS[:, None] * [1.0, 0.1, 1e3]),
    "poisson": ({"loss": "poisson"}, NUMBERS),
    "quantiles": ({"loss": "quantile", "quantile": [0.7, 0.2]}, NUMBERS),
    "unscaled": ({"scale_target": False}, NUMBERS),
}


def make_model(**params):
    return FullyConnectedClassifier(**BASE | params)


def make_regressor(**params):
    return FullyConnectedRegressor(**BASE | params)


def others_of_regressors():
    """Return another value of every parameter of the regressor."""
    given = OTHERS | OF_REGRESSORS
    return {name: given[name] for name in make_regressor().get_params()}


def answers(model):
    methods = ["predict", "predict_proba", "predict_log_proba"]
    asked = [getattr(model, name) for name in methods if hasattr(model, name)]
    fitted = {name: value for name, value in vars(model).items() if name.endswith("_")}
    return [each(X) for each in asked], pickle.dumps((fitted, model.coefs_))


def assert_same_answers(model, expected):
    given, attributes = answers(model)
    for array, other in zip(given, expected[0], strict=True):
        np.testing.assert_array_equal(array, other)
    assert attributes == expected[1]


def test_every_parameter_has_another_value():
    params = make_model().get_params()
    assert OTHERS.keys() == params.keys()
    assert all(OTHERS[name] != params[name] for name in OTHERS)
    params, others = make_regressor().get_params(), others_of_regressors()
    assert all(others[name] != params[name] for name in params)
    assert OF_REGRESSORS.keys() - OTHERS.keys() == params.keys() - OTHERS.keys()


# ----- Parameters set after a fit


@pytest.mark.parametrize("y", [Y, Y > 0, np.eye(3, dtype=int)[Y]], ids=["3", "2", "labels"])
def test_set_params_changes_no_prediction_before_the_next_fit(y):
    model = make_model().fit(X, y)
    expected = answers(model)
    for name, value in OTHERS.items():
        assert_same_answers(model.set_params(**{name: value}), expected)
    model.set_params(alpha="nonsense", loss=3, activation=None, hidden_layer_sizes="x")
    assert_same_answers(model, expected)
    assert_same_answers(pickle.loads(pickle.dumps(model)), expected)


@pytest.mark.parametrize("case", REGRESSORS)
def test_set_params_changes_no_predicted_number_before_the_next_fit(case):
    params, y = REGRESSORS[case]
    model = make_regressor(**params).fit(X, y)
    expected, score = answers(model), model.score(X, y)
    for name, value in others_of_regressors().items():
        assert_same_answers(model.set_params(**{name: value}), expected)
    model.set_params(alpha="nonsense", loss=3, quantile="x", scale_target=None)
    assert_same_answers(model, expected)
    assert_same_answers(pickle.loads(pickle.dumps(model)), expected)
    assert model.score(X, y) == score


def test_clone_of_a_regressor_is_new_and_learns_the_same():
    model = make_regressor(**others_of_regressors() | {"solver": "adam"})
    assert clone(model).get_params() == model.get_params()
    fitted = make_regressor(loss="huber", scale_target=True).fit(X, NUMBERS)
    assert vars(clone(fitted)).keys() == vars(make_regressor()).keys()
    again = clone(fitted).fit(X, NUMBERS)
    np.testing.assert_array_equal(again._network.theta, fitted._network.theta)
    assert again.loss_curve_ == fitted.loss_curve_


# ----- Warm starts

LAYERS = {
    "hidden_layer_sizes",
    "scaling_layer",
    "parametric_activation",
    "normalization",
    "numeric_embedding",
}


@pytest.mark.grid(8)
@pytest.mark.parametrize("begun", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("name", OTHERS)
def test_warm_start_uses_new_parameters_or_refuses_them_by_name(name, begun):
    """A warm start equals a fit with the new parameters from the fitted weights."""
    model = make_model(solver=begun).fit(X, Y, **ROWS_VAL)
    model.set_params(solver="adam", warm_start=True).set_params(**{name: OTHERS[name]})
    before = answers(model)
    if name in LAYERS:
        with pytest.raises(ValueError, match=rf"{name}=.* fit a new model"):
            model.fit(X, Y, **ROWS_VAL)
        assert_same_answers(model, before)
        return
    weights = [W.copy() for W in model.coefs_]
    biases = [b.copy() for b in model.intercepts_]
    # Zeros are not drawn, so that the shuffles begin where those of a warm start do.
    new = clone(model).set_params(warm_start=False, weight_init="zeros")
    new.fit(X, Y, coefs_init=weights, intercepts_init=biases, **ROWS_VAL)
    model.fit(X, Y, **ROWS_VAL)
    np.testing.assert_array_equal(model._network.theta, new._network.theta)
    assert model.loss_ == new.loss_
    assert model.n_iter_ == new.n_iter_


# The loss that a parameter belongs to, and the loss with which a fit begins.
OF_A_LOSS = {
    "huber_delta": {"loss": "huber"},
    "tweedie_power": {"loss": "tweedie"},
    "quantile": {"loss": "quantile", "quantile": [0.2, 0.7]},
}


@pytest.mark.grid(8)
@pytest.mark.parametrize("begun", ["adam", "lbfgs"])
@pytest.mark.parametrize("name", others_of_regressors())
def test_warm_start_of_a_regressor_uses_new_parameters_or_refuses_them(name, begun):
    rows_val = {"X_val": X[::3], "y_val": NUMBERS[::3]}
    model = make_regressor(solver=begun, **OF_A_LOSS.get(name, {}))
    model.fit(X, NUMBERS, **rows_val).set_params(solver="adam", warm_start=True)
    model.set_params(**{name: others_of_regressors()[name]})
    before, scale = answers(model), model._target.scale
    if name in LAYERS | {"quantile", "scale_target"}:
        with pytest.raises(ValueError, match=rf"{name}=.* fit a new"):
            model.fit(X, NUMBERS, **rows_val)
        assert_same_answers(model, before)
        assert model._target.scale is scale
        return
    start = {
        "coefs_init": [W.copy() for W in model.coefs_],
        "intercepts_init": [b.copy() for b in model.intercepts_],
    }
    new = clone(model).set_params(warm_start=False, weight_init="zeros")
    new.fit(X, NUMBERS, **start, **rows_val)
    model.fit(X, NUMBERS, **rows_val)
    # A new fit has the weights in the units of y, rounded, to begin with.
    rtol = 1e-3 if model.dtype_ == np.float32 else 1e-9
    np.testing.assert_allclose(model.predict(X), new.predict(X), rtol=rtol)
    assert model.n_iter_ == new.n_iter_


# ----- Fits that fail


class Boom(Exception):
    pass


class FailsLater:
    """Fails when it is called for the n-th time."""

    def __init__(self, n, error):
        self.n, self.error = n, error

    def __call__(self, *args, **kwargs):
        self.n -= 1
        if self.n == 0:
            raise self.error
        return self.inner(*args, **kwargs)


PLACES = {
    "in a step": (Objective, "gradient"),
    "in the loss": (Objective, "summed_loss"),
    "in the penalty": (Objective, "add_penalty"),
}


@pytest.mark.grid(8)
@pytest.mark.parametrize("error", [Boom(), MemoryError(), SystemExit()], ids=repr)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("solver", [*OPTIMIZERS, "lbfgs"])
def test_failed_fit_leaves_the_old_model_or_none(solver, place, error, monkeypatch):
    owner, name = PLACES[place]
    params = {"solver": solver, "warm_start": True}
    if solver != "lbfgs":
        params |= {"early_stopping": True}
    if solver not in {"lbfgs", *LAZY}:
        params |= {"weight_averaging": 0.1}
    fitted, new = make_model(**params).fit(X, Y), make_model(**params)
    twin = pickle.loads(pickle.dumps(fitted))
    expected = answers(fitted)
    for model in (fitted, new):
        fails = FailsLater(4, error)
        fails.inner = getattr(owner, name)
        with monkeypatch.context() as patched:
            patched.setattr(owner, name, lambda *args, fails=fails: fails(*args))
            with pytest.raises(type(error)):
                model.fit(X[::-1], 2 - Y[::-1])
    assert_same_answers(fitted, expected)
    with pytest.raises(NotFittedError):
        new.predict(X)
    assert [name for name in vars(new) if name.endswith("_")] == []
    np.testing.assert_array_equal(fitted.fit(X, Y).coefs_[0], twin.fit(X, Y).coefs_[0])


@pytest.mark.grid(6)
@pytest.mark.parametrize("error", [Boom(), MemoryError()], ids=repr)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_failed_fit_of_a_regressor_leaves_the_old_model_or_none(
    solver, place, error, monkeypatch
):
    owner, name = PLACES[place]
    params = {"solver": solver} | ({} if solver == "lbfgs" else {"early_stopping": True})
    for warm_start in (False, True):
        fitted, new, twin = (
            make_regressor(**params, warm_start=warm_start) for _ in range(3)
        )
        fitted.fit(X, NUMBERS)
        twin.fit(X, NUMBERS)
        expected, scale = answers(fitted), fitted._target.scale
        for model in (fitted, new):
            fails = FailsLater(4, error)
            fails.inner = getattr(owner, name)
            with monkeypatch.context() as patched:
                patched.setattr(owner, name, lambda *args, fails=fails: fails(*args))
                with pytest.raises(type(error)):
                    model.fit(X[::-1], -7.0 * NUMBERS)
        assert_same_answers(fitted, expected)
        assert fitted._target.scale is scale
        assert vars(new).keys() == vars(make_regressor()).keys()
        fitted.fit(X, NUMBERS)
        twin.fit(X, NUMBERS)
        np.testing.assert_array_equal(fitted._network.theta, twin._network.theta)


@pytest.mark.parametrize("kind", ["fit", "resumed", "partial_fit"])
def test_diverged_regressor_is_as_before(kind, monkeypatch):
    model = make_regressor(solver="sgd", max_iter=9).fit(X, NUMBERS, stop_after=3)
    expected, scale = answers(model), model._target.scale
    calls = {
        "fit": lambda: model.fit(X, 5.0 * NUMBERS),
        "resumed": lambda: model.fit(X, NUMBERS, resume_from=model),
        "partial_fit": lambda: model.partial_fit(X, NUMBERS),
    }
    gradient = Objective.gradient

    def spoiled(self, *args):
        value = gradient(self, *args)
        args[-1].gradient[...] = np.nan
        return value

    monkeypatch.setattr(Objective, "gradient", spoiled)
    with pytest.raises(ValueError, match="non-finite"):
        calls[kind]()
    assert_same_answers(model, expected)
    assert model._target.scale is scale


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_interrupted_regressor_is_a_complete_model(solver, monkeypatch):
    fails = FailsLater(4, KeyboardInterrupt())
    fails.inner = Objective.gradient
    monkeypatch.setattr(Objective, "gradient", lambda *args: fails(*args))
    model = make_regressor(solver=solver).fit(X, NUMBERS)
    assert len(model.loss_curve_) == model.n_iter_ < 5
    monkeypatch.undo()
    shorter = make_regressor(solver=solver, max_iter=model.n_iter_).fit(X, NUMBERS)
    # The last weights are written in the units of y, like those of a fit that ends.
    np.testing.assert_array_equal(model.predict(X), shorter.predict(X))


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_interrupted_fit_leaves_a_complete_model(solver, monkeypatch):
    fails = FailsLater(4, KeyboardInterrupt())
    fails.inner = Objective.gradient
    monkeypatch.setattr(Objective, "gradient", lambda *args: fails(*args))
    model = make_model(solver=solver).fit(X, Y)
    assert len(model.loss_curve_) == model.n_iter_ < 5
    assert np.isfinite(model.predict_proba(X)).all()


def test_tabular_classifier_is_unfitted_after_a_failed_fit(monkeypatch):
    small = {"hidden_layer_sizes": (4,), "max_iter": 2}
    model = TabularClassifier("fast", network_params=small, random_state=0)
    model.fit(X, Y).predict(X)
    monkeypatch.setattr(Objective, "gradient", FailsLater(1, Boom()))
    with pytest.raises(Boom):
        model.fit(X, Y)
    with pytest.raises(NotFittedError):
        model.predict(X)


def test_tabular_classifier_is_unfitted_after_refused_parameters():
    """By then, the encoder is already fitted to another table."""
    small = {"hidden_layer_sizes": (4,), "max_iter": 2}
    model = TabularClassifier("fast", network_params=small, random_state=0)
    model.fit(X, Y).predict(X)
    with pytest.raises(ValueError, match="effort"):
        model.set_params(effort="nonsense").fit(X[::-1] + 3.0, Y)
    with pytest.raises(NotFittedError):
        model.predict(X)
