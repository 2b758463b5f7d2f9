"""The first weights: by weight_init, or given as coefs_init and intercepts_init."""

import numpy as np
import pytest
from further_layers import X, Y, make_model
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.datasets import load_digits
from small_network import STANDING_STILL, parameters

from skfcnn import FullyConnectedClassifier
from skfcnn.network.initializers import DATA_DRIVEN, INITIALIZERS

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    # A dozen epochs leave some models worse than guessing.
    pytest.mark.filterwarnings("ignore:.*worse than guess"),
]

# With zeros in all layers all units are equal.
FOR_ALL_LAYERS = sorted(INITIALIZERS.keys() - {"zeros"})


def two_thirds(n_in, n_out, rng):
    """An initializer written by the user."""
    return np.full((n_in, n_out), 2 / 3) * rng.choice([-1, 1], (n_in, n_out)), np.ones(
        n_out
    )


@pytest.mark.grid(8)
@pytest.mark.parametrize(
    "weight_init",
    [*FOR_ALL_LAYERS, *DATA_DRIVEN, two_thirds, ["ntk", "zeros"]],
    ids=[*FOR_ALL_LAYERS, *DATA_DRIVEN, "own", "list"],
)
@pytest.mark.parametrize("activation", ["relu", "logistic", "tanh"])
def test_every_init_learns_digits(weight_init, activation):
    X, y = load_digits(return_X_y=True)
    X = X / 16.0
    settings = {"hidden_layer_sizes": (32,), "learning_rate_init": 0.02, "max_iter": 12}
    model = FullyConnectedClassifier(
        weight_init=weight_init, activation=activation, random_state=0, **settings
    )
    # Ten classes: 0.1 for guessing. Twelve epochs are enough from all of these.
    assert model.fit(X[:1200], y[:1200]).score(X[1200:], y[1200:]) > 0.85


@pytest.mark.parametrize("weight_init", FOR_ALL_LAYERS)
def test_init_sets_the_variance_of_the_first_weights(wine, weight_init):
    X, y = wine
    settings = STANDING_STILL | {"hidden_layer_sizes": (1000,), "dtype": "float64"}
    model = FullyConnectedClassifier(
        weight_init=weight_init, random_state=0, **settings
    ).fit(X, y)
    for weights, bias in zip(model.coefs_, model.intercepts_, strict=True):
        n_in, n_out = weights.shape
        variance = {"he": 2 / n_in, "nt": 1 / n_in}.get(weight_init[:2], 2 / (n_in + n_out))
        # 3000 draws or more: the deviation of the sample is within 5 % of the true one.
        assert np.std(weights) == pytest.approx(np.sqrt(variance), rel=0.05)
        if not weight_init.endswith(("normal", "ntk")):
            assert np.abs(weights).max() <= np.sqrt(3 * variance) + 1e-9
        assert weight_init in ("auto", "ntk") or np.abs(bias).max() < 1e-9


def test_callable_init_is_called_once_per_layer(wine):
    asked = []

    def init(n_in, n_out, rng):
        asked.append((n_in, n_out))
        return rng.standard_normal((n_in, n_out)), np.arange(n_out, dtype=float)

    X, y = wine
    settings = STANDING_STILL | {"hidden_layer_sizes": (5, 4), "random_state": 7}
    model = FullyConnectedClassifier(weight_init=init, **settings).fit(X, y)
    assert asked == [(13, 5), (5, 4), (4, 3)]
    rng = np.random.RandomState(7)
    for (n_in, n_out), weights, bias in zip(
        asked, model.coefs_, model.intercepts_, strict=True
    ):
        drawn = rng.standard_normal((n_in, n_out))
        np.testing.assert_allclose(weights, drawn, rtol=0, atol=1e-10)
        np.testing.assert_allclose(bias, np.arange(n_out), rtol=0, atol=1e-10)


def test_data_driven_units_have_variance_one_and_kinks_among_the_rows():
    model = make_model(
        weight_init="data_driven", hidden_layer_sizes=(500,), learning_rate_init=1e-300
    ).fit(X, Y)
    z = X @ model.coefs_[0]
    np.testing.assert_allclose(z.std(axis=0), 1.0, rtol=1e-6)
    bends = -model.intercepts_[0]
    assert ((z.min(axis=0) < bends) & (bends < z.max(axis=0))).all()


def test_data_driven_init_samples_rows_of_a_sparse_matrix():
    many = csr_array(np.vstack([X] * 25))
    model = make_model(weight_init="data_driven", learning_rate_init=1e-300, max_iter=1)
    model.fit(many, np.hstack([Y] * 25))
    # Over 4096 of 5000 rows: a deviation errs by about a percent.
    np.testing.assert_allclose((X @ model.coefs_[0]).std(axis=0), 1.0, rtol=0.05)


@pytest.mark.parametrize(
    ("weight_init", "message"),
    [(["ntk", "ntk"], "for 2 layers, but there are 3"), (["ntk", "ntk", "nil"], "'nil'")],
)
def test_invalid_lists_of_initializers_are_refused(weight_init, message):
    with pytest.raises(ValueError, match=message):
        make_model(weight_init=weight_init).fit(X, Y)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("as_lists", [False, True])
def test_training_starts_from_given_parameters(wine, model, solver, as_lists):
    X, y = wine
    coefs, intercepts = list(model.coefs_), list(model.intercepts_)
    if as_lists:
        coefs = [array.tolist() for array in coefs]
        intercepts = tuple(array.tolist() for array in intercepts)
    new = clone(model).set_params(solver=solver, random_state=1, **STANDING_STILL)
    new.fit(X, y, coefs_init=coefs, intercepts_init=intercepts)
    np.testing.assert_allclose(parameters(new), parameters(model), rtol=0, atol=1e-10)
    only = clone(new).fit(X, y, coefs_init=coefs)
    np.testing.assert_allclose(only.coefs_[0], model.coefs_[0], rtol=0, atol=1e-10)
    assert not np.allclose(only.intercepts_[0], model.intercepts_[0])


def test_given_parameters_are_copied(wine, model):
    start = [array.copy() for array in model.coefs_]
    kept = [array.copy() for array in start]
    clone(model).fit(*wine, coefs_init=start)
    for array, copy in zip(start, kept, strict=True):
        np.testing.assert_array_equal(array, copy)
