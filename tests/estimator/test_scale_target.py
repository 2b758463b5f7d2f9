"""The parameter scale_target: training does not depend on the units of y."""

import copy
import pickle

import numpy as np
import pytest
from fitted_attributes import assert_equal_attributes
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.neural_network import MLPRegressor
from sklearn.preprocessing import StandardScaler

from skfcnn import FullyConnectedRegressor
from skfcnn.network.losses import LOG_LINK, NUMBER_LOSSES
from skfcnn.training.optimizers import OPTIMIZERS

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_diabetes(return_X_y=True)
X = StandardScaler().fit_transform(X)
N = len(Y)
IDENTITY_LINK = [name for name in NUMBER_LOSSES if name not in LOG_LINK]
BASE = {"hidden_layer_sizes": (10, 5), "random_state": 0, "max_iter": 9}
UNITS = {"squared_error": 2.0, "poisson": 1.0, "gamma": 0.0, "tweedie": 0.5}


def make_model(loss="squared_error", **params):
    return FullyConnectedRegressor(loss, **BASE | params)


def assert_same(a, b):
    assert_array_equal(a._network.theta, b._network.theta)
    assert_equal_attributes(a, b, but={"feature_names_in_"})


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("loss", IDENTITY_LINK)
def test_another_unit_and_origin_of_y_change_nothing_else(loss, solver):
    settings = {"solver": solver, "dtype": "float64", "early_stopping": solver != "lbfgs"}
    a, b = 1000.0, -300.0
    one = make_model(loss, **settings).fit(X, Y)
    other = make_model(loss, **settings).fit(X, a * Y + b)
    # Roundings of 1e-16 of y, amplified by the line search.
    rtol = 1e-4 if solver == "lbfgs" else 1e-9
    assert_allclose(other.predict(X), a * one.predict(X) + b, rtol=rtol)
    assert one.n_iter_ == other.n_iter_
    unit = a ** UNITS.get(loss, 1.0)
    assert_allclose(other.loss_curve_, unit * np.array(one.loss_curve_), rtol=rtol)
    if solver != "lbfgs":
        assert_allclose(other.validation_scores_, one.validation_scores_, atol=1e-9)


@pytest.mark.parametrize("loss", sorted(LOG_LINK))
def test_another_unit_of_y_changes_nothing_else(loss):
    one = make_model(loss, dtype="float64").fit(X, Y)
    other = make_model(loss, dtype="float64").fit(X, Y / 1e6)
    assert_allclose(other.predict(X), one.predict(X) / 1e6, rtol=1e-9)
    unit = 1e-6 ** UNITS[loss]
    assert_allclose(other.loss_curve_, unit * np.array(one.loss_curve_), rtol=1e-9)


def test_mean_and_deviation_are_those_of_the_target_transformer():
    drawn = {"weight_init": ["auto"] * 3}  # also for the output layer
    ours = make_model(dtype="float64", max_iter=50, **drawn).fit(X, Y)
    theirs = MLPRegressor(**BASE | {"max_iter": 50})
    theirs = TransformedTargetRegressor(theirs, transformer=StandardScaler()).fit(X, Y)
    assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-8)
    # The loss is half of the mean square in the units of y, and the penalty times s^2.
    curve = np.array(theirs.regressor_.loss_curve_) * Y.var()
    assert_allclose(ours.loss_curve_, curve, rtol=1e-9)


def test_loss_of_several_outputs_has_the_mean_of_their_units():
    several = np.column_stack([Y, 10.0 * Y])
    for loss, unit in (("squared_error", 101.0 / 2.0), ("absolute_error", 11.0 / 2.0)):
        params = {"dtype": "float64", "max_iter": 1, "batch_size": N, "alpha": 0.0}
        params["weight_init"] = ["auto"] * 3  # also for the output layer
        model = make_model(loss, **params).fit(X, several)
        standard = make_model(loss, **params, scale_target=False)
        standard.fit(X, StandardScaler().fit_transform(several))
        factor = unit * (Y.var() if loss == "squared_error" else Y.std())
        assert_allclose(model.loss_, factor * standard.loss_, rtol=1e-12)


def test_coefs_have_the_units_of_y():
    model = make_model(activation="tanh", dtype="float64").fit(X, Y)
    a = X
    for W, b in zip(model.coefs_[:-1], model.intercepts_[:-1], strict=True):
        a = np.tanh(a @ W + b)
    expected = (a @ model.coefs_[-1] + model.intercepts_[-1])[:, 0]
    assert_allclose(model.predict(X), expected, rtol=1e-12)
    model.coefs_[-1][:] = 0.0
    model.intercepts_[-1][:] = 12.5
    assert_array_equal(model.predict(X), np.full(N, 12.5))


@pytest.mark.parametrize("loss", NUMBER_LOSSES)
def test_first_prediction_is_the_mean(loss):
    weights = np.linspace(0.0, 1.0, N)
    model = make_model(loss, dtype="float64").fit(X, Y, weights, stop_after=0)
    assert_allclose(model.predict(X), np.average(Y, weights=weights), rtol=1e-13)
    drawn = make_model(loss, weight_init=["auto"] * 3).fit(X, Y, weights, stop_after=0)
    assert drawn.coefs_[-1].all()


@pytest.mark.parametrize("loss", sorted(LOG_LINK))
def test_first_bias_of_the_log_link_is_the_log_of_the_mean(loss):
    weights = np.linspace(0.0, 1.0, N)
    model = make_model(loss, dtype="float64").fit(X, Y, weights, stop_after=0)
    expected = np.log(np.average(Y, weights=weights))
    assert_allclose(model.intercepts_[-1], [expected], rtol=1e-14)


def test_a_large_offset_of_y_is_computed_in_float64():
    wide = {"hidden_layer_sizes": (200, 200), "max_iter": 1}
    assert make_model(**wide).fit(X, Y).dtype_ == np.float32
    model = make_model(**wide).fit(X, Y + 1e9)
    assert model.dtype_ == np.float64
    assert_allclose(
        model.predict(X) - 1e9,
        make_model(**wide, dtype="float64").fit(X, Y).predict(X),
        rtol=1e-4,
    )
    assert make_model("poisson", **wide).fit(X, Y + 1e9).dtype_ == np.float32


def test_a_large_offset_of_y_in_float32_is_told():
    with pytest.warns(ConvergenceWarning, match="mean of y is more than 10,000 times"):
        model = make_model(dtype="float32", max_iter=200).fit(X, Y + 1e8)
    assert model.loss_ < 0.5 * Y.var()


@pytest.mark.parametrize("offset", [1e9, -1e12])
def test_a_large_offset_of_y_loses_no_digits_in_training(offset):
    small = make_model(dtype="float32", max_iter=100).fit(X, Y)
    large = make_model(dtype="float32", max_iter=100).fit(X, Y + offset)
    # Y + offset has digits of 1e-4 at 1e12, a millionth of the deviation of Y.
    assert_allclose(large.loss_curve_, small.loss_curve_, rtol=1e-3)


def test_scale_is_weighted_and_of_the_rows_to_train_on():
    weights = np.where(np.arange(N) % 2, 2.0, 0.5)
    model = make_model(early_stopping=True).fit(X, Y, weights)
    rows = model._training.solver.fit.rows
    mean = np.average(Y[rows], weights=weights[rows])
    assert_allclose(model._target.scale.mean, [mean], rtol=1e-14)
    variance = np.average((Y[rows] - mean) ** 2, weights=weights[rows])
    assert_allclose(model._target.scale.deviation, [np.sqrt(variance)], rtol=1e-14)


def test_constant_y_is_predicted():
    several = np.column_stack([np.full(N, 7.0), Y])
    model = make_model(max_iter=300, solver="lbfgs", alpha=1.0).fit(X, several)
    # The deviation counts as 1; the network then learns zero.
    assert np.abs(model.predict(X)[:, 0] - 7.0).max() < 0.2
    assert r2_score(Y, model.predict(X)[:, 1]) > 0.4


def test_unscaled_y_is_the_complaint_that_it_solves():
    default = FullyConnectedRegressor(random_state=0).fit(X[:300], Y[:300])
    without = MLPRegressor(random_state=0).fit(X[:300], Y[:300])
    assert default.score(X[300:], Y[300:]) > 0.3
    assert without.score(X[300:], Y[300:]) < 0.0
    tiny = FullyConnectedRegressor(random_state=0).fit(X[:300], Y[:300] / 1e4)
    assert tiny.score(X[300:], Y[300:] / 1e4) > 0.3


# ----- what continues a training


@pytest.mark.grid(4)
@pytest.mark.parametrize("solver", [*OPTIMIZERS])
@pytest.mark.parametrize(
    "params",
    [
        {},
        {"early_stopping": True, "n_iter_no_change": 50},
        {"weight_averaging": 0.5, "early_stopping": True},
        {"dropout": 0.3, "schedule": "cosine"},
        {"dtype": "float32", "max_grad_norm": 0.5},
        {"loss": "poisson", "early_stopping": True},
        {"loss": "quantile", "quantile": [0.1, 0.9], "scoring": "loss"},
    ],
    ids=str,
)
def test_resumed_fit_equals_an_uninterrupted_fit(solver, params):
    params = {"solver": solver} | params
    if solver == "lazy_adam":
        params.pop("weight_averaging", None)
    whole = make_model(**params).fit(X, Y)
    parts = make_model(**params).fit(X, Y, stop_after=4)
    parts.fit(X, Y, resume_from=parts, stop_after=1)
    parts = make_model(**params).fit(X, Y, resume_from=parts)
    assert_same(parts, whole)


@pytest.mark.parametrize("params", [{}, {"dtype": "float32"}, {"weight_averaging": 0.5}])
def test_partial_fit_continues_with_all_bits(params):
    one = make_model(**params)
    other = make_model(**params)
    for i in range(5):
        one.partial_fit(X, Y)
        other.partial_fit(X, Y)
        if i in (1, 3):
            other = pickle.loads(pickle.dumps(other))
        if i == 2:
            other = copy.deepcopy(other)
    assert_array_equal(one._network.theta, other._network.theta)
    assert one.loss_curve_ == other.loss_curve_


def test_partial_fit_keeps_the_scale_of_its_first_call():
    model = make_model().partial_fit(X[:50], Y[:50])
    scale = model._target.scale
    model.partial_fit(X[50:], 5.0 * Y[50:])
    assert model._target.scale is scale
    assert_allclose(scale.mean, [Y[:50].mean()])


def test_partial_fits_are_epochs_of_fit():
    settings = {"shuffle": False, "solver": "sgd", "dtype": "float64", "tol": 0.0}
    fitted = make_model(**settings).fit(X, Y)
    model = make_model(**settings)
    for _ in range(9):
        model.partial_fit(X, Y)
    assert_allclose(model.predict(X), fitted.predict(X), rtol=1e-12)


def test_warm_start_keeps_the_scale():
    model = make_model(warm_start=True).fit(X, Y)
    scale = model._target.scale
    model.fit(X, 2.0 * Y)
    assert model._target.scale is scale
    fresh = make_model().fit(X, 2.0 * Y)
    assert_allclose(fresh._target.scale.deviation, 2.0 * scale.deviation)


def test_training_continues_from_weights_that_are_written():
    model = make_model(warm_start=True, dtype="float64", learning_rate_init=1e-9)
    model.fit(X, Y)
    model.coefs_[-1][:] *= 0.5
    model.intercepts_[-1][:] = 80.0
    expected = model.predict(X)
    model.fit(X, Y)  # 27 steps of 1e-9
    assert_allclose(model.predict(X), expected, rtol=1e-4)


def test_init_has_the_units_of_y():
    source = make_model(dtype="float64").fit(X, Y)
    given = {"coefs_init": source.coefs_, "intercepts_init": source.intercepts_}
    model = make_model(dtype="float64").fit(X, 1e3 * Y, **given, stop_after=0)
    assert_allclose(model.predict(X), source.predict(X), rtol=1e-12)


@pytest.mark.parametrize("changed", ["loss", "quantile", "scale_target"])
def test_warm_start_with_another_target_is_refused(changed):
    params = {"loss": "quantile", "quantile": [0.1, 0.9], "scale_target": True}
    model = make_model(**params, warm_start=True).fit(X, Y)
    now = {"loss": "poisson", "quantile": [0.1, 0.8], "scale_target": False}[changed]
    with pytest.raises(ValueError, match="The fitted network has .*fit a new model"):
        model.set_params(**{changed: now}).fit(X, Y)


def test_pickle_after_fit_predicts_the_same():
    model = make_model().fit(X, Y)
    for twin in (pickle.loads(pickle.dumps(model)), copy.copy(model)):
        assert_array_equal(twin.predict(X), model.predict(X))
        twin.partial_fit(X, Y)  # a new solver, and the same scale
        assert_array_equal(twin._target.scale.mean, model._target.scale.mean)


# ----- the validation


def test_scorers_get_the_units_of_y():
    seen = []

    def scorer(estimator, X, y):
        seen.append((estimator.predict(X), np.array(y)))
        return -mean_absolute_error(y, estimator.predict(X))

    model = make_model(scoring=scorer, early_stopping=True)
    model.fit(X[100:], Y[100:], X_val=X[:100], y_val=Y[:100])
    assert_array_equal(seen[0][1], Y[:100])
    error = mean_absolute_error(Y[:100], model.predict(X[:100]))
    assert model.best_validation_score_ == pytest.approx(-error, rel=1e-6)


def test_loss_as_score_has_the_unit_of_the_loss():
    model = make_model(scoring="loss", early_stopping=True, alpha=0.0, dtype="float64")
    model.fit(X[100:], Y[100:], X_val=X[:100], y_val=Y[:100])
    best = 0.5 * np.mean((model.predict(X[:100]) - Y[:100]) ** 2)
    assert model.best_validation_score_ == pytest.approx(-best, rel=1e-10)
    assert min(model.validation_loss_curve_) == pytest.approx(best, rel=1e-10)
    assert_allclose(model.validation_scores_, -np.array(model.validation_loss_curve_))


def test_validation_score_is_r2():
    model = make_model(early_stopping=True).fit(
        X[100:], Y[100:], X_val=X[:100], y_val=Y[:100]
    )
    expected = r2_score(Y[:100], model.predict(X[:100]))
    assert model.best_validation_score_ == pytest.approx(expected, rel=1e-5)


def test_printed_loss_is_that_of_the_curve(capsys):
    model = make_model(verbose=True, max_iter=3).fit(X, Y)
    lines = capsys.readouterr().out.splitlines()
    for line, loss in zip(lines, model.loss_curve_, strict=False):
        assert f"loss = {loss:.8f}" in line
