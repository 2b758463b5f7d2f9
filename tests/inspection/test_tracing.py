"""A trace has the numbers of the course, and those of training."""

import json
import pickle
import re
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array, issparse
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

from skfcnn import FullyConnectedClassifier
from skfcnn.inspection import Trace, trace
from skfcnn.network.activations import ACTIVATIONS, select_activation
from skfcnn.network.losses import CLASS_LOSSES
from skfcnn.network.normalization import EPSILON

ROOT = Path(__file__).parents[2]
# Where test_gender.py says what is in it.
COURSE = json.loads((ROOT / "tests" / "data" / "gender_course.json").read_text())
CASES = {
    "raw": COURSE["constant_init_raw_inputs"],
    "centred": COURSE["asymmetric_init_zero_mean_inputs"],
}
PAGE = (ROOT / "docs" / "backpropagation.md").read_text()
# E = 1/n sum (label - y)^2 of the course, for n = 4, against 1/2 (y - label)^2 of one row.
COURSE_FACTOR = 2 / 4

IRIS, SPECIES = load_iris(return_X_y=True)
SCALED = scale(IRIS)
TARGETS = {
    "binary": SPECIES == 1,
    "multiclass": SPECIES,
    "multilabel": np.stack([SPECIES == 0, IRIS[:, 0] > 5.8, IRIS[:, 1] > 3.0], 1).astype(
        int
    ),
}

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:.*worse than guess"),
]


def make_model(*sizes, **params):
    defaults = {"random_state": 0, "max_iter": 3, "learning_rate_init": 0.01}
    defaults["hidden_layer_sizes"] = sizes or (6, 5)
    return FullyConnectedClassifier(**(defaults | params))


def course_model(case):
    """The network of the course, with its initial weights."""
    X = np.array([[f["height"], f["weight"]] for f in case["features"]], float)
    model = FullyConnectedClassifier(
        (2,), "logistic", loss="squared_error", alpha=0, dtype="float64", max_iter=1
    ).fit(X, case["labels"])
    hidden = np.reshape(case["hidden_layer_weights"], (2, 3))
    output = np.reshape(case["output_layer_weights"], (1, 3))
    model.coefs_ = [hidden[:, :2].T, output[:, :2].T]
    model.intercepts_ = [hidden[:, 2], output[:, 2]]
    return model, X


def in_rows(gradient):
    """A layer's gradient as the course stores it: (n_out, n_in + 1), the bias last."""
    return COURSE_FACTOR * np.vstack([gradient["weights"], gradient["bias"]]).T.ravel()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_first_step_of_the_course(case):
    model, X = course_model(case)
    for i, expected in enumerate(case["first_step"]):
        passes = trace(model, X, case["labels"], sample_weight=np.eye(4)[i])
        hidden, output = passes.layers
        found = {
            "hidden_net": hidden.z[i],
            "hidden_out": hidden.a[i],
            "output_net": output.z[i],
            "output": passes.predictions[i],
            "hidden_gradient": in_rows(hidden.gradient),
            "output_gradient": in_rows(output.gradient),
        }
        assert found.keys() == expected.keys()
        for name, numbers in found.items():
            # A few roundings of numbers up to 28.
            np.testing.assert_allclose(numbers, expected[name], rtol=0, atol=1e-14)


def quoted(name):
    """A number, or a list of numbers, from the page on backpropagation."""
    match = re.search(rf"`{re.escape(name)} = ([-\d., \[\]]+)`", PAGE)
    return match[1]


def as_quoted(value):
    """Six digits; arrays as nested lists."""
    if np.ndim(value) == 0:
        return f"{value:.6g}"
    return "[" + ", ".join(as_quoted(item) for item in value) + "]"


def test_the_numbers_of_the_page_on_backpropagation():
    """For all four people at once: J, every delta and every gradient is half that of E."""
    case = CASES["centred"]
    model, X = course_model(case)
    passes = trace(model, X, case["labels"])
    hidden, output = passes.layers
    found = {
        "x1": hidden.x[0, 0],
        "label": passes.target[0, 0],
        "z_hidden": hidden.z[0],
        "a_hidden": hidden.a[0],
        "net5": output.z[0, 0],
        "y": passes.predictions[0, 0],
        "J(start)": passes.loss,
        "E(start)": 2 * passes.loss,
        "delta_output": 2 * output.delta,
        "delta5": 2 * output.delta[0, 0],
        "delta5(of J)": output.delta[0, 0],
        "W^T delta": 2 * hidden.dJ_da[0],
        "f'(net)": hidden.slope[0],
        "delta3": 2 * hidden.delta[0, 0],
        "delta4": 2 * hidden.delta[0, 1],
        "delta_hidden": 2 * hidden.delta[0],
        "x^T delta_hidden": 2 * np.outer(hidden.x[0], hidden.delta[0]),
        "dE/dw53(all)": 2 * output.gradient["weights"][0, 0],
    }
    assert {name: as_quoted(value) for name, value in found.items()} == {
        name: quoted(name) for name in found
    }


OPTIONS = {
    "plain": {},
    "no-penalty": {"alpha": 0.0},
    "penalty": {"alpha": 20.0},
    "squared": {"loss": "squared_error"},
    "smoothing": {"label_smoothing": 0.2},
    "classes": {"class_weight": "balanced"},
    "scaling": {"scaling_layer": True},
    "parametric": {"parametric_activation": True},
    "normalization": {"normalization": "layer"},
    "everything": {
        "scaling_layer": True,
        "parametric_activation": True,
        "numeric_embedding": "pbld",
    },
    "single": {"dtype": "float32"},
    "logistic regression": {"hidden_layer_sizes": ()},
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_gradients_are_those_of_training(options):
    """One step of rate 1 over all rows subtracts the gradient from the parameters."""
    model = make_model(activation="tanh", **options)
    weight = np.random.RandomState(1).uniform(0.0, 2.0, 150)
    before = trace(model, SCALED, SPECIES, sample_weight=weight)
    model.set_params(solver="sgd", momentum=0.0, nesterovs_momentum=False, batch_size=150)
    model.set_params(learning_rate_init=1.0, max_iter=1, shuffle=False)
    after = trace(model.fit(SCALED, SPECIES, weight), SCALED, SPECIES, sample_weight=weight)
    assert before.loss == pytest.approx(model.loss_, rel=1e-6)
    # A rounding of a parameter of order one.
    atol = 1e-6 if options.get("dtype") == "float32" else 1e-14
    for first, second in zip(before.layers, after.layers, strict=True):
        assert first.parameters.keys() == first.gradient.keys()
        for name, gradient in first.gradient.items():
            step = first.parameters[name] - second.parameters[name]
            np.testing.assert_allclose(gradient, step, rtol=1e-5, atol=atol)
            assert np.abs(gradient).max() > 1e-5


def close(found, expected):
    # Sums in another order.
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.grid(6)
@pytest.mark.parametrize("kind", TARGETS)
@pytest.mark.parametrize("loss", CLASS_LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_arrays_follow_the_formulas(activation, loss, kind):
    model = make_model(activation=activation, loss=loss, alpha=3.0)
    y = TARGETS[kind]
    passes = trace(model.fit(SCALED, y), SCALED, y)
    first, second, output = passes.layers
    assert [layer.name for layer in passes.layers] == ["hidden 1", "hidden 2", "output"]
    assert [layer.activation for layer in passes.layers] == [activation, activation, None]
    function, slope = select_activation(activation)
    x = SCALED
    for layer in passes.layers:
        close(layer.x, x)
        close(layer.z, x @ layer.parameters["weights"] + layer.parameters["bias"])
        x = layer.a
        penalty = 3.0 / 150 * layer.parameters["weights"]
        close(layer.gradient["weights"], layer.x.T @ layer.delta + penalty)
        close(layer.gradient["bias"], layer.delta.sum(axis=0))
    for layer, above in ((first, second), (second, output)):
        left, a = layer.z.copy(), np.empty_like(layer.z)
        function(left, out=a, work=np.empty_like(a))
        close(layer.a, a)
        close(layer.slope, slope(left, a))
        close(layer.dJ_da, above.delta @ above.parameters["weights"].T)
        close(layer.delta, layer.dJ_da * layer.slope)
    assert output.slope is None
    close(output.a, output.z)
    close(output.delta, output.dJ_da)
    proba = model.predict_proba(SCALED)
    close(passes.predictions, proba[:, 1:] if kind == "binary" else proba)
    difference = (passes.predictions - passes.target) / 150
    if loss == "log_loss":
        close(output.delta, difference)
    squares = sum((layer.parameters["weights"] ** 2).sum() for layer in passes.layers)
    assert passes.penalty == pytest.approx(3.0 / 2 / 150 * squares, rel=1e-12)


def test_layers_with_parameters_of_their_own():
    model = make_model(activation="tanh", alpha=0.0, **OPTIONS["everything"])
    passes = trace(model.fit(SCALED, SPECIES), SCALED, SPECIES)
    embedding, hidden, mix, second, _, _ = passes.layers
    names = ["embedding", "hidden 1", "mix 1", "hidden 2", "mix 2", "output"]
    assert [layer.name for layer in passes.layers] == names
    assert [layer.activation for layer in passes.layers] == [
        *[None, None, "tanh"],
        *[None, "tanh", None],
    ]
    assert embedding.z is None and embedding.delta is None and mix.z is None
    np.testing.assert_array_equal(embedding.a[:, :4], SCALED)
    W, scales = hidden.parameters["weights"], hidden.parameters["scale"]
    close(hidden.z, (embedding.a * scales) @ W + hidden.parameters["bias"])
    m, f = mix.parameters["mix"], np.tanh(hidden.z)
    close(mix.a, hidden.z + m * (f - hidden.z))
    close(mix.dJ_da, second.delta @ second.parameters["weights"].T)
    close(mix.gradient["mix"], (mix.dJ_da * (f - hidden.z)).sum(axis=0))
    close(hidden.delta, mix.dJ_da * (1.0 + m * ((1.0 - f * f) - 1.0)))
    close(embedding.dJ_da, hidden.delta @ (scales[:, None] * W).T)
    G = embedding.a.T @ hidden.delta
    close(hidden.gradient["weights"], scales[:, None] * G)
    close(hidden.gradient["scale"], (G * W).sum(axis=1))
    assert embedding.gradient["weights"].shape == (4, 16, 3)


def test_normalization_is_between_a_linear_layer_and_its_activation():
    model = make_model(activation="tanh", alpha=0.0, normalization="layer")
    passes = trace(model.fit(SCALED, SPECIES), SCALED, SPECIES)
    linear, normalization, activation, second = passes.layers[:4]
    names = ["hidden 1", "normalization 1", "activation 1", "hidden 2"]
    assert [layer.name for layer in passes.layers[:4]] == names
    assert [layer.activation for layer in passes.layers[:4]] == [None, None, "tanh", None]
    gain, bias = normalization.parameters.values()
    z, (mean, s) = linear.z, (linear.z.mean(1), np.sqrt(linear.z.var(1) + EPSILON))
    h = (z - mean[:, None]) / s[:, None]
    close(normalization.a, gain * h + bias)
    close(activation.a, np.tanh(normalization.a))
    close(activation.slope, 1.0 - activation.a**2)
    close(activation.dJ_da, second.delta @ second.parameters["weights"].T)
    close(normalization.dJ_da, activation.dJ_da * activation.slope)
    close(normalization.gradient["gain"], (normalization.dJ_da * h).sum(axis=0))
    close(normalization.gradient["bias"], normalization.dJ_da.sum(axis=0))
    d = gain * normalization.dJ_da
    rest = d - d.mean(1, keepdims=True) - h * (d * h).mean(1, keepdims=True)
    close(linear.delta, rest / s[:, None])


def test_targets_weights_and_names():
    labels = np.array(["setosa", "versicolor", "virginica"])[SPECIES]
    table = load_iris(as_frame=True).data
    model = make_model(
        label_smoothing=0.3, class_weight={"setosa": 5.0}, loss="squared_error"
    )
    passes = trace(model, table, labels)
    assert passes.inputs == list(table.columns)
    assert passes.outputs == ["setosa", "versicolor", "virginica"]
    np.testing.assert_allclose(passes.target[0], [0.8, 0.1, 0.1])
    assert passes.weights[0] == 5.0 and passes.weights[-1] == 1.0
    assert (passes.loss_name, passes.link_name) == ("SquaredError", "Softmax")
    binary = trace(make_model(), SCALED, labels == "setosa")
    assert binary.outputs == ["True"] and binary.inputs == ["x0", "x1", "x2", "x3"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("fitted", [False, True], ids=["fresh", "fitted"])
def test_precision_is_that_of_the_estimator(dtype, fitted):
    model = make_model(dtype=dtype)
    passes = trace(model.fit(SCALED, SPECIES) if fitted else model, SCALED, SPECIES)
    for layer in passes.layers:
        arrays = [layer.x, layer.z, layer.a, layer.dJ_da, layer.delta]
        arrays += [*layer.parameters.values(), *layer.gradient.values()]
        arrays += [] if layer.slope is None else [layer.slope]
        assert {array.dtype for array in arrays} == {np.dtype(dtype)}
    assert passes.predictions.dtype == passes.target.dtype == dtype


@pytest.mark.parametrize("fitted", [False, True], ids=["fresh", "fitted"])
def test_arrays_are_copies_and_the_estimator_is_not_changed(fitted):
    model = make_model(
        dtype="float64", random_state=np.random.RandomState(3), **OPTIONS["everything"]
    )
    if fitted:
        model.fit(SCALED, SPECIES)
    before, X = pickle.dumps(vars(model) | {"_training": None}), SCALED.copy()
    passes = trace(model, X, SPECIES)
    for layer in passes.layers:
        every = [layer.x, layer.z, layer.slope, layer.a, layer.dJ_da, layer.delta]
        every += [*layer.parameters.values(), *layer.gradient.values()]
        for i, array in enumerate(every):
            if array is not None:
                assert not any(np.shares_memory(array, other) for other in every[:i])
                array[...] = 7.0
    for array in (passes.predictions, passes.target, passes.weights):
        array[...] = 7.0
    assert pickle.dumps(vars(model) | {"_training": None}) == before
    np.testing.assert_array_equal(X, SCALED)


def test_sparse_rows_stay_sparse():
    X = np.where(SCALED > 0.0, SCALED, 0.0)
    sparse, dense = (trace(make_model(), form, SPECIES) for form in (csr_array(X), X))
    assert issparse(sparse.layers[0].x)
    np.testing.assert_array_equal(sparse.layers[0].x.toarray(), X)
    for name, gradient in sparse.layers[0].gradient.items():
        close(gradient, dense.layers[0].gradient[name])


def test_dropout_is_off():
    with_dropout, without = (
        trace(make_model(dropout=rate), SCALED, SPECIES) for rate in (0.5, 0.0)
    )
    assert with_dropout.loss == without.loss
    assert len(with_dropout.layers) == 3


def half(z):
    return 0.5 * z


def derivative(z):
    return np.full_like(z, 0.5)


def test_an_activation_of_a_user_has_the_name_of_its_function():
    passes = trace(make_model(activation=(half, derivative)), SCALED, SPECIES)
    assert passes.layers[0].activation == "half"
    close(passes.layers[0].slope, np.full((150, 6), 0.5))


def test_non_finite_parameters_can_be_traced():
    model = make_model(dtype="float64").fit(SCALED, SPECIES)
    model._network.theta[0] = np.nan
    passes = trace(model, SCALED[:5], SPECIES[:5])
    assert np.isnan(passes.layers[0].z[:, 0]).all() and np.isnan(passes.loss)
    assert "nan" in repr(passes) and "nan" in passes._repr_html_()


def test_error_for_a_pipeline_says_to_transform_first():
    pipeline = make_pipeline(StandardScaler(), make_model()).fit(IRIS, SPECIES)
    with pytest.raises(TypeError, match=re.escape("pipeline[:-1].transform(X)")):
        trace(pipeline, IRIS, SPECIES)
    passes = trace(pipeline[-1], pipeline[:-1].transform(IRIS), SPECIES)
    assert isinstance(passes, Trace)
    close(passes.predictions, pipeline.predict_proba(IRIS))


def test_a_trace_can_be_pickled():
    passes = trace(make_model(), SCALED, SPECIES)
    assert repr(pickle.loads(pickle.dumps(passes))) == repr(passes)
