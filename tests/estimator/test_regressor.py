"""FullyConnectedRegressor: losses against closed forms, weights, shapes, own losses."""

import inspect

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_diabetes
from sklearn.linear_model import (
    GammaRegressor,
    HuberRegressor,
    PoissonRegressor,
    QuantileRegressor,
    Ridge,
    TweedieRegressor,
)
from sklearn.metrics import d2_pinball_score, mean_pinball_loss, r2_score
from sklearn.neural_network import MLPRegressor
from sklearn.preprocessing import StandardScaler

from skfcnn import FullyConnectedRegressor
from skfcnn.estimator.constraints import OF_REGRESSORS
from skfcnn.network.losses import LOG_LINK, NUMBER_LOSSES

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_diabetes(return_X_y=True)
X = StandardScaler().fit_transform(X)
N = len(Y)
LINEAR = {
    "hidden_layer_sizes": (),
    "solver": "lbfgs",
    "scale_target": False,
    "tol": 1e-9,
    "max_iter": 2000,
    "random_state": 0,
    "dtype": "float64",
}
SMALL = {"hidden_layer_sizes": (10,), "random_state": 0, "max_iter": 20}


def linear(loss="squared_error", **params):
    return FullyConnectedRegressor(loss, **LINEAR | params)


def small(loss="squared_error", **params):
    return FullyConnectedRegressor(loss, **SMALL | params)


# ----- parameters


def test_parameters_begin_with_those_of_mlp_regressor():
    theirs = [*inspect.signature(MLPRegressor).parameters.values()]
    ours = [*inspect.signature(FullyConnectedRegressor).parameters.values()]
    for one, other in zip(theirs, ours, strict=False):
        assert (one.name, one.default, one.kind) == (other.name, other.default, other.kind)


def test_every_parameter_has_a_constraint():
    parameters = inspect.signature(FullyConnectedRegressor).parameters
    assert OF_REGRESSORS.keys() == parameters.keys()
    absent = {"classes", "class_weight", "label_smoothing", "epsilon_", "power"}
    assert not absent & parameters.keys()


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"loss": "mae"}, "Use 'absolute_error'"),
        ({"loss": "log_loss"}, "'loss' parameter"),
        ({"loss": (100,)}, "hidden_layer_sizes is the second parameter"),
        ({"loss": "quantile", "quantile": 1.5}, "'quantile' parameter|between 0 and 1"),
        ({"loss": "quantile", "quantile": [0.1, 1.0]}, "levels; got .0.1, 1.0."),
        ({"loss": "quantile", "quantile": []}, "a list of such levels; got"),
        ({"loss": "tweedie", "tweedie_power": 0.5}, "'tweedie_power' parameter"),
        ({"huber_delta": 0.0}, "'huber_delta' parameter"),
        ({"scoring": "calibrated_loss"}, "scoring"),
    ],
)
def test_invalid_parameters_are_refused(params, message):
    with pytest.raises(ValueError, match=message):
        FullyConnectedRegressor(**SMALL).set_params(**params).fit(X, Y)


# ----- closed forms

DISTANCES = {
    "squared_error": (linear(alpha=3.0), Ridge(alpha=3.0)),
    "poisson": (
        linear("poisson", alpha=2.0),
        PoissonRegressor(alpha=2.0 / N, tol=1e-9, max_iter=1000),
    ),
    "gamma": (
        linear("gamma", alpha=2.0),
        GammaRegressor(alpha=2.0 / N, tol=1e-9, max_iter=1000),
    ),
    "tweedie": (
        linear("tweedie", tweedie_power=1.7, alpha=2.0),
        TweedieRegressor(power=1.7, alpha=2.0 / N, link="log", tol=1e-9, max_iter=1000),
    ),
}


@pytest.mark.grid(4)
@pytest.mark.parametrize("loss", DISTANCES)
@pytest.mark.parametrize("weighted", [False, True], ids=["", "weighted"])
def test_linear_network_is_the_linear_model(loss, weighted):
    ours, theirs = map(clone, DISTANCES[loss])
    weights = np.random.RandomState(0).uniform(size=N) if weighted else None
    if weighted and loss != "squared_error":  # their penalty is not divided
        theirs.set_params(alpha=2.0 / weights.sum())
    y = Y / 50.0
    ours.fit(X, y, weights)
    theirs.fit(X, y, weights)
    # L-BFGS stops when J no longer falls by 2e-9 of itself: the square root of that is an
    # error of 5e-5 of the parameters.
    assert_allclose(ours.predict(X), theirs.predict(X), rtol=2e-4)


def test_linear_network_is_the_huber_regressor():
    theirs = HuberRegressor(epsilon=1.2, alpha=0.5, tol=1e-9, max_iter=1000).fit(X, Y)
    # They minimize sum_i s + s H(r_i / s), with H = 2 l for our l with delta = epsilon, and
    # alpha |w|^2: with r in units, H(r / s) s = 2 l(r) / s for delta = epsilon s.
    ours = linear("huber", huber_delta=1.2 * theirs.scale_, alpha=0.5 * theirs.scale_)
    assert_allclose(ours.fit(X, Y).predict(X), theirs.predict(X), rtol=2e-4)


@pytest.mark.parametrize("level", [0.2, 0.5, 0.9])
def test_linear_network_is_the_quantile_regressor(level):
    theirs = QuantileRegressor(quantile=level, alpha=0.0).fit(X, Y)
    ours = linear("quantile", quantile=level, alpha=0.0, scale_target=True).fit(X, Y)
    best, found = (mean_pinball_loss(Y, m.predict(X), alpha=level) for m in (theirs, ours))
    # The loss has kinks, where L-BFGS stops early.
    assert best <= found < 1.02 * best


# ----- weights and shapes


@pytest.mark.parametrize("loss", NUMBER_LOSSES)
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_integer_weights_equal_repeated_rows(loss, solver):
    counts = np.arange(N) % 3
    params = {"solver": solver, "batch_size": 2 * N, "max_iter": 8, "dtype": "float64"}
    with pytest.warns(UserWarning, match="batch_size") if solver == "adam" else _nothing():
        one = small(loss, **params).fit(X, Y, counts)
        other = small(loss, **params).fit(X.repeat(counts, axis=0), Y.repeat(counts))
    # Sums in another order: roundings of 1e-16, in 8 steps.
    assert_allclose(one.predict(X), other.predict(X), rtol=1e-7)


class _nothing:  # noqa: N801
    def __enter__(self):
        return None

    def __exit__(self, *error):
        return None


@pytest.mark.parametrize("loss", [name for name in NUMBER_LOSSES if name != "quantile"])
def test_several_outputs(loss):
    several = np.column_stack([Y, Y[::-1], np.sqrt(Y)])
    model = small(loss).fit(X, several)
    assert model.predict(X).shape == several.shape
    assert model.n_outputs_ == 3 and model.coefs_[-1].shape == (10, 3)
    assert model.score(X, several) == pytest.approx(r2_score(several, model.predict(X)))


@pytest.mark.parametrize("loss", ["squared_error", "huber", "poisson", "gamma", "tweedie"])
def test_equal_columns_get_equal_predictions_of_a_linear_network(loss):
    model = linear(loss, dtype="float64", scale_target=True).fit(X, np.column_stack([Y, Y]))
    one = linear(loss, dtype="float64", scale_target=True, alpha=0.5e-4).fit(X, Y)
    predicted = model.predict(X)
    # From different first weights, to the minimum: L-BFGS stops near it.
    assert_allclose(predicted[:, 0], predicted[:, 1], rtol=2e-2)
    assert_allclose(predicted[:, 0], one.predict(X), rtol=2e-2)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", ["vector", "column", "matrix"])
def test_predictions_have_the_shape_of_y_and_the_dtype_of_X(dtype, shape):
    y = {"vector": Y, "column": Y[:, None], "matrix": np.column_stack([Y, Y])}[shape]
    if shape == "column":
        with pytest.warns(UserWarning, match="column-vector"):
            model = small(max_iter=2).fit(X, y)
    else:
        model = small(max_iter=2).fit(X, y)
    predicted = model.predict(X.astype(dtype))
    assert predicted.dtype == dtype
    assert predicted.shape == ((N,) if shape != "matrix" else (N, 2))


# ----- quantiles


def test_quantiles_do_not_cross_and_keep_their_order():
    levels = [0.9, 0.1, 0.5]
    model = small("quantile", quantile=levels, max_iter=100).fit(X, Y)
    predicted = model.predict(X)
    assert predicted.shape == (N, 3)
    high, low, middle = predicted.T
    assert (low <= middle).all() and (middle <= high).all()
    raw = X @ model.coefs_[0] + model.intercepts_[0]
    raw = np.maximum(raw, 0.0) @ model.coefs_[1] + model.intercepts_[1]
    assert_allclose(np.sort(raw, axis=1), np.sort(predicted, axis=1), rtol=1e-5)
    for share, level in zip((Y[:, None] <= predicted).mean(axis=0), levels, strict=True):
        assert abs(share - level) < 0.1
    expected = [
        d2_pinball_score(Y, column, alpha=level)
        for column, level in zip(predicted.T, levels, strict=True)
    ]
    assert model.score(X, Y) == pytest.approx(np.mean(expected), rel=1e-12)


def test_crossing_quantiles_are_sorted():
    model = small("quantile", quantile=[0.2, 0.8], max_iter=1).fit(X, Y)
    model.coefs_[-1][:] = 0.0
    model.intercepts_[-1][:] = [7.0, 3.0]
    assert_array_equal(model.predict(X), np.tile([3.0, 7.0], (N, 1)))


def test_one_quantile_is_a_vector_and_a_list_a_matrix():
    assert small("quantile", quantile=0.3).fit(X, Y).predict(X).shape == (N,)
    assert small("quantile", quantile=[0.3]).fit(X, Y).predict(X).shape == (N, 1)


def test_quantiles_of_several_targets_are_refused():
    with pytest.raises(ValueError, match="one number per row; got a y of 2 columns"):
        small("quantile").fit(X, np.column_stack([Y, Y]))


def test_validation_score_of_quantiles_is_the_score():
    model = small("quantile", quantile=[0.1, 0.9], early_stopping=True, dtype="float64")
    model.fit(X[100:], Y[100:], X_val=X[:100], y_val=Y[:100])
    assert model.best_validation_score_ == pytest.approx(model.score(X[:100], Y[:100]))


# ----- range of y


@pytest.mark.parametrize("loss", sorted(LOG_LINK))
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_negative_y_is_refused(loss, method):
    y = np.where(np.arange(N) == 7, -0.5, Y)
    with pytest.raises(ValueError, match=f"loss='{loss}' is defined for targets >=? 0|> 0"):
        getattr(small(loss), method)(X, y)
    with pytest.raises(ValueError, match="is defined for targets"):
        small(loss).fit(X, Y, X_val=X, y_val=y)


def test_zero_is_refused_by_gamma_only():
    y = np.maximum(Y - 100.0, 0.0)
    with pytest.raises(ValueError, match="loss='gamma' is defined for targets > 0; got"):
        small("gamma").fit(X, y)
    for loss in ("poisson", "tweedie"):
        assert (small(loss).fit(X, y).predict(X) > 0.0).all()


def test_all_counts_zero():
    model = small("poisson", max_iter=200).fit(X, np.zeros(N))
    assert 0.0 <= model.loss_ < 0.2 and model.predict(X).mean() < 0.2


def test_predictions_that_overflow_are_an_error():
    model = small("poisson").fit(X, Y)
    model.intercepts_[-1][:] = 1000.0
    with pytest.raises(ValueError, match="predictions exp.z. overflow"):
        model.predict(X)


# ----- losses of the user


def log_cosh(y, p):
    return np.log(np.cosh(p - y))


def log_cosh_gradient(y, p):
    return np.tanh(p - y)


def test_loss_of_functions():
    model = small((log_cosh, log_cosh_gradient), max_iter=200).fit(X, Y)
    assert model.out_activation_ == "identity"
    assert model.score(X, Y) > 0.5


def test_loss_of_functions_with_a_link():
    poisson = (lambda y, p: p - y * np.log(p), lambda y, p: 1.0 - y / p, "exp")
    ours = small(poisson, dtype="float64").fit(X, Y)
    named = small("poisson", dtype="float64").fit(X, Y)
    assert ours.out_activation_ == "exp"
    # The same deltas, computed as p (1 - y / p) and as p - y.
    assert_allclose(ours.predict(X), named.predict(X), rtol=1e-9)


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        ((log_cosh, lambda y, p: y - p), "but the value has the slope"),
        ((log_cosh, lambda y, p: (p - y).sum()), "a number for each number of y"),
        ((lambda y, p: np.subtract(p, y, out=p) ** 2, log_cosh_gradient), "changes an arr"),
        ((log_cosh, log_cosh_gradient, "logit"), "with a link of"),
        ((log_cosh,), "loss must be a name, or functions"),
    ],
)
def test_wrong_functions_are_refused(loss, message):
    with pytest.raises(ValueError, match=message):
        small(loss).fit(X, Y)
