"""Regressors in ONNX: onnxruntime predicts the same numbers as we do."""

import pickle

import numpy as np
import pytest
from fuzzing_onnx_regressors import check
from onnx import TensorProto
from onnx_session import opened, run, session
from skl2onnx import to_onnx
from skl2onnx.common.exceptions import MissingShapeCalculator
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.datasets import load_diabetes
from sklearn.ensemble import BaggingRegressor, StackingRegressor, VotingRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skfcnn import FullyConnectedRegressor
from skfcnn.network.activations import ACTIVATIONS
from skfcnn.network.links import NUMBER_LINKS
from skfcnn.network.losses import NUMBER_LOSSES
from skfcnn.onnx.regressors import LINK_FORMS
from skfcnn.preprocessing import RobustSmoothScaler

# The networks are to be converted, not to be good: a few epochs are enough.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_diabetes(return_X_y=True)  # y is positive
X = StandardScaler().fit_transform(X[:120, 2:6])
Y = Y[:120]
X32 = X.astype(np.float32)
SEVERAL = np.column_stack([Y, 0.01 * Y, Y**2])
LEVELS = [0.9, 0.1, 0.5]

# Of a raw output, as a part of the largest: in float32 a sum of some hundred terms errs by
# about 1e-6. The raw output of the link exp is below 20, and its error is the relative
# error of the prediction.
RTOL = {np.float32: 2e-5, np.float64: 1e-13}


def squared(y, p):
    return 0.5 * (p - y) ** 2


def slope_of_squared(y, p):
    return p - y


LOSSES = {name: name for name in NUMBER_LOSSES} | {
    "of the user": (squared, slope_of_squared),
    "of the user, exp": (squared, slope_of_squared, "exp"),
}
LAYERS = [
    {},
    {"activation": ["selu", "identity"], "dropout": 0.2},
    {"scaling_layer": True, "numeric_embedding": "pbld", "parametric_activation": True},
    {"normalization": "layer", "activation": "silu"},
    {"hidden_layer_sizes": ()},
]


def a_regressor(**params):
    given = {"hidden_layer_sizes": (8, 5), "max_iter": 5, "learning_rate_init": 0.02}
    return FullyConnectedRegressor(**given | {"random_state": 0} | params)


def assert_same_numbers(model, x, rtol=RTOL[np.float32], **options):
    """Compare predictions; for the link identity, relative to the largest of a column."""
    converted = session(model, x[:1], zipmap=None, **options)
    (p,) = run(converted, x)
    expected = model.predict(x).reshape(len(x), -1)
    assert [each.name for each in converted.get_outputs()] == ["variable"]
    assert converted.get_outputs()[0].shape == [None, expected.shape[1]]
    assert p.shape == expected.shape
    is_positive = getattr(model, "out_activation_", "identity") == "exp"
    scale = expected if is_positive else np.abs(expected).max(axis=0)
    assert (np.abs(p - expected) <= rtol * scale).all()
    return p


# ----- losses, outputs and layers


def test_every_link_can_be_converted():
    assert set(LINK_FORMS) == set(NUMBER_LINKS)


@pytest.mark.grid(24)
@pytest.mark.parametrize("layers", LAYERS, ids=str)
@pytest.mark.parametrize("is_pipeline", [False, True], ids=["alone", "pipeline"])
@pytest.mark.parametrize("n_outputs", [1, 3])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("loss", LOSSES)
def test_losses_precisions_outputs_and_layers(loss, dtype, n_outputs, is_pipeline, layers):
    y, params = (Y if n_outputs == 1 else SEVERAL), {"loss": LOSSES[loss], **layers}
    if loss == "quantile" and n_outputs > 1:
        y, params["quantile"] = Y, LEVELS
    model = a_regressor(dtype=np.dtype(dtype).name, **params)
    if is_pipeline:
        model = make_pipeline(StandardScaler(), model)
    x = X.astype(dtype)
    p = assert_same_numbers(model.fit(x, y), x, rtol=RTOL[dtype])
    assert p.dtype == dtype
    assert p.shape[1] == n_outputs


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss(loss):
    regressor = a_regressor(loss=LOSSES[loss]).fit(X, Y)
    assert_same_numbers(regressor, X, rtol=RTOL[np.float64])


@pytest.mark.grid(4)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation(activation):
    regressor = a_regressor(activation=activation, parametric_activation=True)
    assert_same_numbers(regressor.fit(X32, SEVERAL), X32)


@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
def test_y_as_it_is(loss):
    regressor = a_regressor(loss=loss, scale_target=False).fit(X, Y / 100.0)
    assert_same_numbers(regressor, X, rtol=RTOL[np.float64])


@pytest.mark.parametrize("y", [Y, SEVERAL], ids=np.shape)
def test_any_number_of_rows(y):
    regressor = a_regressor(numeric_embedding="pbld").fit(X32, y)
    converted = session(regressor, X32[:1], zipmap=None)
    for n_rows in (0, 1, 7):
        (p,) = run(converted, X32[:n_rows])
        assert p.shape == (n_rows, regressor.n_outputs_)


@pytest.mark.slow
def test_random_regressors():
    """The short form of reliability/fuzzing_onnx_regressors.py."""
    outcomes = [check(seed) for seed in range(300)]
    assert outcomes.count("the same") > 250
    assert set(outcomes) <= {"the same", "overflow in both", "not fitted"}


def test_a_model_that_was_pickled():
    regressor = a_regressor(loss="gamma").fit(X32, Y)
    assert_same_numbers(pickle.loads(pickle.dumps(regressor)), X32)


# ----- quantiles


@pytest.mark.grid(4)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "levels", [LEVELS, [0.1, 0.5, 0.9], [0.9, 0.5, 0.1], [0.5, 0.5, 0.2]], ids=str
)
def test_quantiles_do_not_cross(levels, dtype):
    x = X.astype(dtype)
    regressor = a_regressor(loss="quantile", quantile=levels).fit(x, Y)
    # Raw outputs that cross, in other places for other rows.
    regressor.coefs_[-1] *= np.array([5.0, -5.0, 1.0])
    regressor.intercepts_[-1][:] = Y.mean()
    p = assert_same_numbers(regressor, x, rtol=RTOL[np.dtype(dtype).type])
    assert (np.diff(p[:, np.argsort(levels, kind="stable")]) >= 0.0).all()


@pytest.mark.parametrize("level", [0.3, [0.3]], ids=str)
def test_one_quantile(level):
    regressor = a_regressor(loss="quantile", quantile=level).fit(X, Y)
    assert_same_numbers(regressor, X, rtol=RTOL[np.float64])


# ----- precision and versions


@pytest.mark.parametrize(
    ("given", "fitted", "told"),
    [
        (np.float64, np.float64, "double"),
        (np.float64, np.float32, "double"),
        (np.float32, np.float64, "float"),
        (np.float32, np.float32, "float"),
        (np.int64, np.float64, "float"),
        (np.bool_, np.float64, "float"),
    ],
)
def test_the_precision_is_the_smaller_one_and_the_type_that_of_the_input(
    given, fitted, told
):
    regressor = a_regressor(loss="poisson", dtype=np.dtype(fitted).name).fit(X, Y)
    x = np.round(X).astype(given)
    converted = to_onnx(regressor, x[:1])
    exact = given == fitted == np.float64
    computed = TensorProto.DOUBLE if exact else TensorProto.FLOAT
    arrays = [each for each in converted.graph.initializer if len(each.dims) > 0]
    assert {array.data_type for array in arrays} == {computed}
    assert opened(converted).get_outputs()[0].type == f"tensor({told})"
    assert_same_numbers(regressor, x, rtol=RTOL[np.float64 if exact else np.float32])


@pytest.mark.parametrize("fitted", ["float32", "float64"])
def test_the_link_is_computed_in_the_precision_of_the_input(fitted):
    """exp(z) overflows float32 where z > 88.7."""
    regressor = a_regressor(loss="poisson", dtype=fitted).fit(X, Y)
    far = 800.0 * X
    expected = regressor.predict(far)
    assert np.finfo(np.float32).max < expected.max() < np.inf
    assert 0.0 < expected.min() < np.finfo(np.float32).smallest_subnormal
    # The raw outputs are up to 200, and in float32 a sum errs by about 1e-6 of them.
    assert_same_numbers(regressor, far, rtol=3e-4 if fitted == "float32" else 1e-12)


def test_infinity_where_predict_raises_an_error():
    regressor = a_regressor(loss="poisson").fit(X32, Y)
    far = np.float32(2000.0) * X32
    with pytest.raises(ValueError, match="overflow in float32"):
        regressor.predict(far)
    (p,) = run(session(regressor, far[:1], zipmap=None), far)
    assert p.max() == np.inf


@pytest.mark.parametrize("target_opset", [12, 15, 18, 21])
def test_older_operators(target_opset):
    for params in ({"loss": "quantile", "quantile": LEVELS}, {"loss": "gamma"}):
        regressor = a_regressor(activation="gelu", **params).fit(X, Y)
        for x in (X, X32):
            assert_same_numbers(regressor, x, target_opset=target_opset)


@pytest.mark.parametrize("x", [X, X32, np.round(X).astype(int)], ids=lambda x: x.dtype)
def test_names_and_types_are_those_of_mlpregressor(x):
    told = []
    for model in (a_regressor(), MLPRegressor(max_iter=2)):
        outputs = session(model.fit(x, Y), x[:1], zipmap=None).get_outputs()
        told.append([(output.name, output.type, output.shape) for output in outputs])
    assert told[0] == told[1]


# ----- among scikit-learn's


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(
            make_column_transformer(
                (StandardScaler(), [0, 2]),
                (RobustSmoothScaler(), [3]),
                ("passthrough", [1]),
            ),
            a_regressor(),
        ),
        GridSearchCV(a_regressor(), {"activation": ["elu", "tanh"]}, cv=2),
        VotingRegressor([("network", a_regressor()), ("ridge", Ridge())]),
        StackingRegressor([("network", a_regressor()), ("ridge", Ridge())], cv=2),
        BaggingRegressor(a_regressor(), 2, random_state=0),
    ],
    ids=lambda model: type(model).__name__,
)
def test_in_models_of_scikit_learn(model):
    assert_same_numbers(model.fit(X32, Y), X32)


@pytest.mark.parametrize(
    "model",
    [
        GridSearchCV(
            make_pipeline(RobustSmoothScaler(), a_regressor()),
            {"fullyconnectedregressor__activation": ["elu", "tanh"]},
            cv=2,
        ),
        MultiOutputRegressor(a_regressor()),
    ],
    ids=lambda model: type(model).__name__,
)
def test_several_outputs_in_models_of_scikit_learn(model):
    assert_same_numbers(model.fit(X32, SEVERAL), X32)


def test_several_outputs_in_the_models_of_a_stack():
    quantiles = a_regressor(loss="quantile", quantile=LEVELS)
    model = StackingRegressor([("quantiles", quantiles), ("mean", a_regressor())], cv=2)
    assert_same_numbers(model.fit(X32, Y), X32)


def test_the_regressor_of_a_transformed_target():
    """skl2onnx does not know TransformedTargetRegressor, but what it contains."""
    regressor = make_pipeline(StandardScaler(), a_regressor())
    model = TransformedTargetRegressor(regressor, func=np.log, inverse_func=np.exp)
    model.fit(X, Y)
    (p,) = run(session(model.regressor_, X[:1], zipmap=None), X)
    np.testing.assert_allclose(np.exp(p[:, 0]), model.predict(X), rtol=1e-12)


# ----- what cannot be converted


@pytest.mark.parametrize(
    ("model", "y"),
    [
        (BaggingRegressor(a_regressor(), 2), SEVERAL),
        (
            BaggingRegressor(make_pipeline(StandardScaler(), a_regressor()), 2),
            SEVERAL,
        ),
        (BaggingRegressor(a_regressor(loss="quantile", quantile=LEVELS), 2), Y),
        (MultiOutputRegressor(a_regressor(loss="quantile", quantile=LEVELS)), SEVERAL),
    ],
    ids=["bagging", "of pipelines", "of quantiles", "one model per column"],
)
def test_several_outputs_are_refused_where_skl2onnx_makes_them_one_column(model, y):
    name = type(model).__name__
    with pytest.raises(ValueError, match=f"in a {name} has 3 outputs.*one by one"):
        to_onnx(model.fit(X32, y), X32[:1])


def test_pair_of_functions_is_refused():
    regressor = a_regressor(activation=["relu", (np.sin, np.cos)]).fit(X, Y)
    with pytest.raises(ValueError, match="pair of functions.*Fit the model with a named"):
        to_onnx(regressor, X[:1])


def test_a_regressor_that_is_not_fitted_is_refused():
    with pytest.raises(NotFittedError):
        to_onnx(a_regressor(), X[:1])


def test_a_subclass_is_not_converted_as_its_base_class():
    class Other(FullyConnectedRegressor):
        pass

    with pytest.raises(MissingShapeCalculator, match="Other"):
        to_onnx(Other(hidden_layer_sizes=(5,), max_iter=3).fit(X32, Y), X32[:1])


def test_options_of_classifiers_are_refused():
    with pytest.raises(NameError, match="'zipmap' not in"):
        to_onnx(a_regressor().fit(X32, Y), X32[:1], options={"zipmap": False})
