"""Gradient checks and traces of a regressor: y has the scale of training."""

import pickle
from xml.etree import ElementTree

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import scale

from skfcnn import FullyConnectedRegressor
from skfcnn.inspection import GradientError, check_gradient, trace
from skfcnn.inspection.steps import OF_LINKS, OF_LOSSES, OF_PARAMETERS
from skfcnn.network import number_losses
from skfcnn.network.losses import NUMBER_LOSSES

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:.*worse than guess"),
]

X, DISEASE = load_diabetes(return_X_y=True)
X, DISEASE = scale(X)[:120], DISEASE[:120]
# The columns have other units.
TARGETS = {"one": DISEASE, "several": np.stack([DISEASE, 50.0 * DISEASE[::-1] ** 0.5], 1)}
FEW = slice(0, 120, 15)


def log_cosh(y, p):
    return np.logaddexp(p - y, y - p)


def slope_of_log_cosh(y, p):
    return np.tanh(p - y)


def of_logarithms(y, p):
    return 0.5 * np.log(p / y) ** 2


def slope_of_logarithms(y, p):
    return np.log(p / y) / p


LOSSES = {loss: {"loss": loss} for loss in NUMBER_LOSSES} | {
    "quantiles": {"loss": "quantile", "quantile": [0.9, 0.1, 0.5]},
    "huber 0.3": {"loss": "huber", "huber_delta": 0.3},
    "tweedie 0": {"loss": "tweedie", "tweedie_power": 0},
    "tweedie 1": {"loss": "tweedie", "tweedie_power": 1},
    "tweedie 2": {"loss": "tweedie", "tweedie_power": 2.0},
    "tweedie 3": {"loss": "tweedie", "tweedie_power": 3},
    "tweedie -1": {"loss": "tweedie", "tweedie_power": -1.0},
    "functions": {"loss": (log_cosh, slope_of_log_cosh)},
    "functions, exp": {"loss": (of_logarithms, slope_of_logarithms, "exp")},
}
CASES = [
    (loss, kind)
    for loss in LOSSES
    for kind in TARGETS
    if not (kind == "several" and LOSSES[loss]["loss"] == "quantile")
]
every_loss = pytest.mark.parametrize("loss, kind", CASES)
both_scales = pytest.mark.parametrize("scaled", [True, False], ids=["scaled", "unscaled"])


def make_model(loss="squared_error", **params):
    defaults = {
        "hidden_layer_sizes": (6, 5),
        "activation": "tanh",
        "random_state": 0,
        "max_iter": 3,
        "learning_rate_init": 0.01,
    }
    return FullyConnectedRegressor(**(defaults | LOSSES[loss] | params))


def close(found, expected, rtol=1e-12):
    # Sums in another order.
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=1e-14)


# ----- the gradient


@pytest.mark.grid(12)
@every_loss
@both_scales
def test_gradient_of_every_loss_passes(loss, kind, scaled):
    model, y = make_model(loss, scale_target=scaled), TARGETS[kind]
    fresh = check_gradient(model, X, y)
    fitted = check_gradient(model.fit(X, y), X, y)
    for report in (fresh, fitted):
        assert report.passed and report.n_at_kinks == 0
        # Without a scale, J is up to 1e5, and so are its roundings.
        assert report.largest_error < (1e-7 if scaled else 1e-6)


@pytest.mark.grid(2)
@both_scales
def test_gradient_with_every_option_passes(scaled):
    weight = np.random.RandomState(0).uniform(0.0, 3.0, 120)
    model = make_model(
        scale_target=scaled,
        alpha=3.0,
        dropout=0.5,
        dtype="float32",
        normalization="layer",
        scaling_layer=True,
        parametric_activation=True,
        numeric_embedding="pbld",
    )
    given = {"sample_weight": weight, "max_samples": 40, "max_parameters": 10}
    y = TARGETS["several"]
    assert check_gradient(model, X, y, **given).passed
    assert check_gradient(model.fit(X, y, weight), X, y, **given).passed


@pytest.mark.parametrize("loss", [*NUMBER_LOSSES, "functions", "functions, exp"])
def test_wrong_delta_of_every_loss_is_found(monkeypatch, loss):
    kind = class_of(loss)
    deltas = kind.deltas

    def slightly_wrong(self, z, y, out):
        deltas(self, z, y, out)
        out *= 1.0001

    monkeypatch.setattr(kind, "deltas", slightly_wrong)
    with pytest.raises(GradientError, match="wrong from output down") as caught:
        check_gradient(make_model(loss, alpha=0.0), X, DISEASE)
    assert not any(array.passed for array in caught.value.report.arrays)


def class_of(loss):
    """The class of a loss."""
    return getattr(number_losses, trace(make_model(loss), X, DISEASE).loss_name)


def far_off(y, p):
    """A derivative of log_cosh that is right at the points that fit checks."""
    return np.where(np.abs(p - y) < 7.0, np.tanh(p - y), 0.5)


def test_wrong_gradient_of_a_user_is_found_where_fit_does_not_check():
    model = make_model("functions", alpha=0.0)
    model.set_params(loss=(log_cosh, far_off))
    assert check_gradient(model, X, DISEASE).passed
    model.set_params(scale_target=False)
    with pytest.raises(GradientError, match="wrong from output down"):
        check_gradient(model, X, DISEASE)


def test_parameters_that_a_fitted_network_does_not_have_are_refused():
    """The link, the levels and the scale of y belong to the fitted network."""
    fitted = {name: make_model(name).fit(X, DISEASE) for name in ("huber", "quantile")}
    fitted["huber"].set_params(loss="absolute_error")
    assert check_gradient(fitted["huber"], X, DISEASE).passed
    for name, changed in [
        ("huber", {"loss": "gamma"}),
        ("huber", {"loss": "huber", "scale_target": False}),
        ("quantile", {"quantile": [0.1, 0.9]}),
    ]:
        model = fitted[name].set_params(**changed)
        for inspect in (check_gradient, trace):
            with pytest.raises(ValueError, match="Use the same parameters"):
                inspect(model, X, DISEASE)


# ----- the trace


# What each formula says, for n = 1; d, q and t are parameters of the model.
DELTAS = {
    "(p - y)": lambda p, y, of: p - y,
    "sign(p - y)": lambda p, y, of: np.sign(p - y),
    "clip(p - y, -d, d)": lambda p, y, of: np.clip(p - y, -of["d"], of["d"]),
    "((p > y) - q)": lambda p, y, of: np.where(p > y, 1.0, 0.0) - of["q"],
    "(1 - y / p)": lambda p, y, of: 1.0 - y / p,
    "(p^(2 - t) - y p^(1 - t))": (
        lambda p, y, of: p ** (2.0 - of["t"]) - y * p ** (1.0 - of["t"])
    ),
}


def parameters_of(model):
    """The parameters in formulas, by the names that the trace says."""
    pairs = [where.split(" = ") for where in OF_PARAMETERS.values()]
    return {symbol: np.array(getattr(model, name)) for symbol, name in pairs}


@pytest.mark.grid(4)
@every_loss
@both_scales
def test_every_loss_and_link_has_its_formula(loss, kind, scaled):
    model = make_model(loss, scale_target=scaled)
    passes = trace(model, X[FEW], TARGETS[kind][FEW])
    z, p, delta = passes.layers[-1].z, passes.predictions, passes.layers[-1].delta
    text = repr(passes)
    assert f"  {OF_LINKS[passes.link_name]}  {p.shape}\n" in text
    close(p, {"p = z": z, "p = exp(z)": np.exp(z)}[OF_LINKS[passes.link_name]])
    if passes.loss_name == "FunctionLoss":
        assert f"  delta = dl/dz / n  {delta.shape}\n" in text
        _, gradient, *_ = model.loss
        slope = p if passes.link_name == "Exp" else 1.0
        close(delta, gradient(passes.target, p) * slope / 8, rtol=1e-9)
        return
    formula = OF_LOSSES[passes.loss_name, passes.link_name]
    given = OF_PARAMETERS.get(passes.loss_name)
    where = f", {given}" if given else ""
    assert f"  delta = {formula} / n{where}  {delta.shape}\n" in text
    expected = DELTAS[formula](p, passes.target, parameters_of(model))
    close(delta, expected / 8, rtol=1e-9)


@pytest.mark.grid(4)
@every_loss
@both_scales
def test_trace_of_a_fitted_regressor_has_its_predictions(loss, kind, scaled):
    model, y = make_model(loss, scale_target=scaled).fit(X, TARGETS[kind]), TARGETS[kind]
    passes = trace(model, X, y)
    predicted = model.predict(X).reshape(120, -1)
    given = np.broadcast_to(y.reshape(120, -1), predicted.shape)
    m, s = passes.target_mean, passes.target_deviation
    if not scaled:
        assert m is None and s is None
        m, s = 0.0, 1.0
    elif passes.link_name == "Exp":
        close(m, 0.0)
        close(s, given.mean(axis=0))
    else:
        close(m, given.mean(axis=0))
        close(s, given.std(axis=0))
    close(passes.target, (given - m) / s)
    p = passes.predictions
    if loss == "quantiles":  # 0.9, 0.1 and 0.5
        p = np.sort(p, axis=1)[:, [2, 0, 1]]
    # The mean is added and subtracted again.
    np.testing.assert_allclose(p, (predicted - m) / s, rtol=1e-9, atol=1e-12)
    assert passes.loss_name == class_of(loss).__name__


@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
def test_last_layer_of_a_trace_has_the_scale_of_training(loss):
    model, y = make_model(loss).fit(X, TARGETS["several"]), TARGETS["several"]
    passes = trace(model, X, y)
    m, s, last = passes.target_mean, passes.target_deviation, passes.layers[-1].parameters
    W, b = model.coefs_[-1] / s, (model.intercepts_[-1] - m) / s
    if loss == "poisson":
        W, b = model.coefs_[-1], model.intercepts_[-1] - np.log(s)
    np.testing.assert_allclose(last["weights"], W, rtol=1e-12)
    np.testing.assert_allclose(last["bias"], b, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(passes.layers[0].parameters["weights"], model.coefs_[0])


def test_loss_of_a_trace_is_that_of_standardized_y():
    model = make_model(solver="lbfgs", max_iter=20).fit(X, DISEASE)
    passes = trace(model, X, DISEASE)
    assert passes.loss * DISEASE.var() == pytest.approx(model.loss_, rel=1e-9)
    assert passes.loss < 0.5


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
@pytest.mark.parametrize("kind", TARGETS)
@both_scales
def test_gradients_are_those_of_training(kind, loss, dtype, scaled):
    """One step of rate 0.1 over all rows subtracts a tenth of the gradient."""
    y, weight = TARGETS[kind], np.random.RandomState(1).uniform(0.0, 2.0, 120)
    y = y if scaled else y / 500.0
    model = make_model(loss, scale_target=scaled, dtype=dtype, solver="sgd", momentum=0.0)
    model.set_params(nesterovs_momentum=False, batch_size=120, shuffle=False, max_iter=1)
    # A list draws the output layer too, as the trace of an unfitted regressor does.
    n_layers = len(model.hidden_layer_sizes) + 1
    model.set_params(learning_rate_init=0.1, weight_init=["auto"] * n_layers)
    before = trace(model, X, y, sample_weight=weight)
    after = trace(model.fit(X, y, weight), X, y, sample_weight=weight)
    assert before.predictions.dtype == before.target.dtype == dtype
    # Roundings of a parameter of order one, which the scale of y magnifies.
    atol = 1e-4 if dtype == "float32" else 1e-12
    for first, second in zip(before.layers, after.layers, strict=True):
        for name, gradient in first.gradient.items():
            step = first.parameters[name] - second.parameters[name]
            np.testing.assert_allclose(gradient, 10.0 * step, rtol=1e-5, atol=atol)
            assert np.abs(gradient).max() > 1e-3


def captions_of(passes):
    page = ElementTree.fromstring(passes._repr_html_())
    return [element.text.strip() for element in page.iter("figcaption")]


@pytest.mark.parametrize("fitted", [False, True], ids=["fresh", "fitted"])
@pytest.mark.parametrize(
    "loss, expected",
    [
        ("huber", ["m = mean of y", "s = deviation of y", "y = (given y - m) / s"]),
        ("gamma", ["s = mean of y", "y = given y / s"]),
    ],
)
def test_text_and_page_say_that_y_is_standardized(loss, expected, fitted):
    model = make_model(loss)
    if fitted:
        model.fit(X, DISEASE)
    passes = trace(model, X[FEW], DISEASE[FEW])
    text, captions = repr(passes), captions_of(passes)
    at = captions.index(OF_LINKS[passes.link_name]) + 1
    assert captions[at : at + len(expected)] == expected
    assert "y" not in captions
    for formula in expected:
        assert f"\n  {formula}  (" in text
    y = DISEASE if fitted else DISEASE[FEW]
    assert f"{y.mean():.6g}" in text
    assert f" for standardized y: mean loss {passes.loss - passes.penalty:.6g}" in text


def test_text_and_page_have_y_as_it_is_without_a_scale():
    passes = trace(make_model(scale_target=False), X[FEW], DISEASE[FEW])
    assert "y" in captions_of(passes)
    assert "\n  y  (8, 1)\n" in repr(passes)
    assert "standardized" not in repr(passes) and "mean of y" not in repr(passes)
    assert f"J = {passes.loss:.6g}: mean loss" in repr(passes)


def test_outputs_of_a_trace_are_named():
    assert trace(make_model(), X, DISEASE).outputs == ["y"]
    assert trace(make_model(), X, TARGETS["several"]).outputs == ["y0", "y1"]
    levels = ["quantile 0.9", "quantile 0.1", "quantile 0.5"]
    assert trace(make_model("quantiles"), X, DISEASE).outputs == levels


@pytest.mark.parametrize("fitted", [False, True], ids=["fresh", "fitted"])
def test_regressor_is_not_changed(fitted):
    model, y = make_model(random_state=np.random.RandomState(3)), DISEASE.copy()
    if fitted:
        model.fit(X, y)
    before = pickle.dumps(vars(model) | {"_training": None})
    check_gradient(model, X, y)
    passes = trace(model, X, y)
    for array in (passes.target_mean, passes.target_deviation, passes.target):
        array[...] = 7.0
    passes.layers[-1].parameters["weights"][...] = 7.0
    assert pickle.dumps(vars(model) | {"_training": None}) == before
    np.testing.assert_array_equal(y, DISEASE)


def test_trace_can_be_pickled():
    passes = trace(make_model(), X, DISEASE)
    assert repr(pickle.loads(pickle.dumps(passes))) == repr(passes)
