"""Parity with MLPRegressor: with scale_target=False, the same numbers for one output.

Further below: several outputs, where MLPRegressor's loss is not that of its gradient, and
the other points in which the two differ on purpose.
"""

from functools import cache
from itertools import product

import numpy as np
import pytest
import scipy.sparse
from numpy.testing import assert_allclose
from parity_reference import (
    WORSE,
    AveragesLossByWeight,
    KeepsTheBest,
    assert_regression_parity,
    assert_same_arrays,
    corrected,
    train,
)
from sklearn.datasets import load_diabetes, load_linnerud
from sklearn.linear_model import Ridge
from sklearn.neural_network import MLPRegressor
from sklearn.preprocessing import StandardScaler

from skfcnn import FullyConnectedRegressor

FORMATS = {
    "dense": np.asarray,
    "csr": scipy.sparse.csr_array,
    "csc": scipy.sparse.csc_array,
}
# A quarter of the rows has no weight. 120 rows in batches of 32: the last one is short.
WEIGHTS = np.arange(120) % 4 / 2.0


@cache
def load():
    """Return 120 scaled rows, and their targets in hundreds."""
    X, y = load_diabetes(return_X_y=True)
    rows = np.random.RandomState(0).permutation(len(y))[:120]
    return StandardScaler().fit_transform(X[rows]), y[rows] / 100.0


def make_pair(*corrections, **params):
    """Return ours with the numbers of MLPRegressor, and the reference."""
    ours = FullyConnectedRegressor(**params, dtype="float64", scale_target=False)
    return ours, corrected(*corrections, base=MLPRegressor)(**params)


def train_alike(pair, *args, **kwargs):
    """Train both; their output and their warnings must be the same."""
    (printed, warned), (expected_print, expected_warnings) = (
        train(model, *args, **kwargs) for model in pair
    )
    assert warned == expected_warnings
    assert printed == expected_print


def check_parity(params, X, y, weights=None, **steps):
    corrections = []
    if params["solver"] != "lbfgs":
        corrections += [AveragesLossByWeight] * (weights is not None)
        corrections += [KeepsTheBest] * params.get("early_stopping", False)
    pair = make_pair(*corrections, **params)
    train_alike(pair, X, y, weights, **steps)
    assert_regression_parity(*pair, X, y)


# ----- every solver, activation, loss, format; with and without weights and stopping

SGD = {"solver": "sgd", "learning_rate_init": 0.01, "max_iter": 40}
ADAM = {"solver": "adam", "learning_rate_init": 0.01, "max_iter": 40}
STOPPING = {"early_stopping": True, "validation_fraction": 0.2, "n_iter_no_change": 3}
SOLVERS = {
    "sgd": SGD,
    "adam": ADAM,
    # Later iterations amplify rounding errors: MLPRegressor, fitted to the same rows in
    # another order, is then as far away.
    "lbfgs": {"solver": "lbfgs", "max_iter": 15},
    "sgd_stopping": SGD | STOPPING,
    "adam_stopping": ADAM | STOPPING,
}
ACTIVATIONS = ("identity", "logistic", "tanh", "relu")
LOSSES = ("squared_error", "poisson")
WEIGHTINGS = {"unweighted": None, "weighted": WEIGHTS}
COMMON = {"hidden_layer_sizes": (8, 5), "batch_size": 32, "random_state": 7}


def make_cases(*choices):
    """Return the product of the choices, with readable ids."""
    return [pytest.param(*case, id="-".join(case)) for case in product(*choices)]


GRID = make_cases(SOLVERS, ACTIVATIONS, LOSSES, FORMATS, WEIGHTINGS)


@pytest.mark.grid(60)
@pytest.mark.parametrize(("solver", "activation", "loss", "form", "weighting"), GRID)
def test_grid(solver, activation, loss, form, weighting):
    X, y = load()
    params = COMMON | SOLVERS[solver] | {"activation": activation, "loss": loss}
    check_parity(params, FORMATS[form](X), y, WEIGHTINGS[weighting])


PARAMETERS = {
    "sgd": [
        {"momentum": 0.0},
        {"nesterovs_momentum": False},
        {"learning_rate": "invscaling", "power_t": 0.1},
        {"learning_rate": "adaptive", "tol": 0.05, "n_iter_no_change": 1, "verbose": True},
    ],
    "adam": [
        {"hidden_layer_sizes": ()},
        {"hidden_layer_sizes": 7},
        {"alpha": 10.0},
        {"batch_size": "auto"},
        {"batch_size": 500},
        {"shuffle": False},
        {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-5},
        {"tol": 0.5, "n_iter_no_change": 1, "verbose": True},
        {"early_stopping": True, "verbose": True},
    ],
    "lbfgs": [{"hidden_layer_sizes": ()}, {"alpha": 1.0}, {"max_fun": 5}, {"tol": 0.1}],
}
VARIATIONS = [
    pytest.param(solver, params, loss, id=f"{solver}-{i}-{loss}")
    for solver in PARAMETERS
    for i, params in enumerate(PARAMETERS[solver])
    for loss in LOSSES
]


@pytest.mark.grid(4)
@pytest.mark.parametrize(("solver", "params", "loss"), VARIATIONS)
def test_parameters(solver, params, loss):
    check_parity(COMMON | SOLVERS[solver] | {"loss": loss} | params, *load())


WHOLE, FIRST, SECOND = slice(None), slice(0, 50), slice(50, None)
FIT, FIT_FIRST, FIT_SECOND = (("fit", rows) for rows in (WHOLE, FIRST, SECOND))
PART, PART_FIRST, PART_SECOND = (("partial_fit", rows) for rows in (WHOLE, FIRST, SECOND))
WARM = {"warm_start": True, "max_iter": 4, "tol": 0.05, "n_iter_no_change": 2}
SEQUENCES = {
    "warm": (WARM, [FIT, FIT, FIT]),
    "warm-rows": (WARM, [FIT, FIT_FIRST, FIT_SECOND]),
    "warm-stopping": (WARM | STOPPING, [FIT, FIT, FIT]),
    "partial": ({}, [PART] * 3),
    "partial-batches": ({}, [PART_FIRST, PART_SECOND] * 3),
    "partial-fit": ({"max_iter": 4}, [PART, FIT, PART, PART_FIRST]),
}
SEQUENCE_CASES = make_cases(SEQUENCES, ("sgd", "adam"), LOSSES, ("dense", "csr"))


@pytest.mark.grid(6)
@pytest.mark.parametrize(("sequence", "solver", "loss", "form"), SEQUENCE_CASES)
def test_sequences(sequence, solver, loss, form):
    params, steps = SEQUENCES[sequence]
    X, y = load()
    params = COMMON | SOLVERS[solver] | params | {"loss": loss}
    check_parity(params, FORMATS[form](X), y, steps=steps)


def test_number_of_configurations():
    cases = GRID + VARIATIONS + SEQUENCE_CASES
    assert len({case.id for case in cases}) == len(cases) >= 150


@pytest.mark.grid(3)
@pytest.mark.parametrize(
    "convert",
    [
        lambda y: np.round(y).astype(int),
        lambda y: y > 1.5,
        lambda y: [*y],
        lambda y: y[:, None],
        lambda y: y.astype(object),
        lambda y: y.astype(np.float32),
    ],
    ids=["int", "bool", "list", "column", "object", "float32"],
)
def test_kinds_of_y(convert):
    X, y = load()
    pair = make_pair(**COMMON | ADAM)
    y = convert(y)
    train_alike(pair, X, y)
    # MLPRegressor subtracts float32 targets in float32 from predictions in float64.
    assert_regression_parity(*pair, X, np.asarray(y, float))


# ----- several outputs

SEVERAL = StandardScaler().fit_transform(load_linnerud().target)
X_SEVERAL = StandardScaler().fit_transform(load_linnerud().data)
# Without stopping: the losses that decide are not the same.
ENDLESS = {"tol": 0.0, "n_iter_no_change": 1000, "max_iter": 50, "batch_size": 7}


@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("alpha", [0.0, 0.1])
def test_gradient_of_several_outputs_is_that_of_mlp_regressor(solver, alpha):
    params = COMMON | SOLVERS[solver] | ENDLESS | {"alpha": alpha}
    ours, theirs = pair = make_pair(**params)
    train_alike(pair, X_SEVERAL, SEVERAL)
    assert_same_arrays(ours.coefs_, theirs.coefs_, rtol=1e-7)
    assert_same_arrays(ours.intercepts_, theirs.intercepts_, rtol=1e-7)
    assert_allclose(ours.predict(X_SEVERAL), theirs.predict(X_SEVERAL), rtol=1e-6)
    if alpha == 0.0:  # then the loss is its data term: a sum here, a mean there
        assert_allclose(ours.loss_curve_, 3.0 * np.array(theirs.loss_curve_), rtol=1e-7)


def test_lbfgs_of_several_outputs_is_ridge():
    X, Y = X_SEVERAL, SEVERAL
    params = {"hidden_layer_sizes": (), "solver": "lbfgs", "alpha": 10.0}
    ours, theirs = make_pair(**params, tol=1e-9, max_iter=1000, random_state=0)
    expected = Ridge(alpha=10.0).fit(X, Y).predict(X)
    # SciPy stops when J no longer falls by 2e-9 of itself.
    assert_allclose(ours.fit(X, Y).predict(X), expected, atol=2e-6)
    assert np.abs(theirs.fit(X, Y).predict(X) - expected).max() > 4e-6


# ----- where the two differ on purpose


def test_lbfgs_has_no_partial_fit():
    assert hasattr(MLPRegressor(solver="lbfgs"), "partial_fit")
    assert not hasattr(FullyConnectedRegressor(solver="lbfgs"), "partial_fit")


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_negative_targets_of_poisson_are_refused(solver):
    X, y = load()
    ours, theirs = make_pair(loss="poisson", solver=solver, max_iter=5, random_state=0)
    train(theirs, X, y - 1.0)
    assert np.isnan(theirs.loss_)
    with pytest.raises(ValueError, match="loss='poisson' is defined for targets >= 0"):
        ours.fit(X, y - 1.0)


def test_float32_rows_are_computed_in_float32():
    X, y = load()
    ours = FullyConnectedRegressor(random_state=0, max_iter=30, scale_target=False)
    theirs = MLPRegressor(random_state=0, max_iter=30)
    train(ours, X.astype(np.float32), y)
    train(theirs, X.astype(np.float32), y)
    assert ours.dtype_ == ours.predict(X.astype(np.float32)).dtype == np.float32
    # 120 steps of some roundings of 6e-8; outputs are of the order of 1.
    assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-4, atol=1e-4)


def test_batch_of_weight_zero_is_skipped():
    X, y = load()
    weights = np.where(np.arange(120) < 32, 0.0, 1.0)
    params = COMMON | ADAM | {"shuffle": False}
    ours, theirs = make_pair(**params)
    with pytest.raises(ZeroDivisionError):
        theirs.fit(X, y, weights)
    train(ours, X, y, weights)
    rest, _ = make_pair(**params)
    train(rest, X[32:], y[32:])
    assert_same_arrays(ours.coefs_, rest.coefs_, rtol=1e-7)


def test_warm_start_with_another_number_of_outputs_is_refused():
    X, Y = X_SEVERAL, SEVERAL
    ours, theirs = make_pair(warm_start=True, max_iter=2, random_state=0)
    train(theirs, X, Y)
    train(theirs, X, Y[:, 0])
    assert theirs.n_outputs_ == 1 and theirs.predict(X).shape == (20, 3)
    train(ours, X, Y)
    expected = ours.predict(X)
    with pytest.raises(ValueError, match="fitted with 3 numbers per row; got a y of 1"):
        ours.fit(X, Y[:, 0])
    np.testing.assert_array_equal(ours.predict(X), expected)


def test_warm_start_with_another_link_is_refused():
    X, y = load()
    ours, theirs = make_pair(warm_start=True, max_iter=2, random_state=0)
    for model in (ours, theirs):
        train(model, X, y)
        model.set_params(loss="poisson")
    train(theirs, X, y)
    assert theirs.out_activation_ == "identity"
    with pytest.raises(ValueError, match="link of its loss='identity'; got 'exp'"):
        ours.fit(X, y)
    train(ours.set_params(loss="huber"), X, y)  # has the same link


def test_tags_of_several_outputs():
    tags = FullyConnectedRegressor().__sklearn_tags__().target_tags
    assert tags.multi_output and tags.single_output
    assert not MLPRegressor().__sklearn_tags__().target_tags.multi_output


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_worse_than_guessing_is_told():
    X, y = load()
    ours, theirs = pair = make_pair(**COMMON | SGD | {"learning_rate_init": 1e-9})
    train_alike(pair, X, 100.0 * y)
    assert_regression_parity(*pair, X, 100.0 * y)
    with pytest.warns(UserWarning, match=f"{WORSE}.* Try to use scale_target=True"):
        ours.fit(X, 100.0 * y)
