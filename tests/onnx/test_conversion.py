"""Networks and ensembles in ONNX: onnxruntime computes the same as we do."""

import pickle
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from onnx import TensorProto
from onnx_session import (
    ATOL,
    LABELS,
    X32,
    X,
    Y,
    a_network,
    assert_same,
    opened,
    run,
    session,
    transformed,
)
from skl2onnx import to_onnx, update_registered_converter
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.datasets import make_multilabel_classification
from sklearn.ensemble import VotingClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skfcnn import TabularClassifier
from skfcnn.network.activations import ACTIVATIONS
from skfcnn.network.dropout import Dropout
from skfcnn.network.layers import LAYERS as KINDS
from skfcnn.network.links import CLASS_LINKS
from skfcnn.network.losses import CLASS_LOSSES
from skfcnn.onnx.activations import FORMS
from skfcnn.onnx.classifiers import LINK_FORMS
from skfcnn.onnx.ensembles import _splines
from skfcnn.onnx.graph import Graph
from skfcnn.onnx.layers import LAYERS
from skfcnn.preprocessing import RobustSmoothScaler
from skfcnn.tabular.presets import EFFORTS
from skfcnn.tabular.splines import LinearSplines

# The networks are to be converted, not to be good: a few epochs are enough.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

ROOT = Path(__file__).parents[2]


# ----- the registries


def test_everything_that_is_registered_can_be_converted():
    assert set(FORMS) == set(ACTIVATIONS)
    assert set(LINK_FORMS) == set(CLASS_LINKS)
    # Dropout is a layer of training only.
    assert set(LAYERS) == {*KINDS.values()} - {Dropout}


@pytest.mark.grid(6)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_on_large_inputs_too(activation, dtype):
    network = a_network(activation=activation).fit(X.astype(dtype), Y)
    far = np.linspace(-300.0, 300.0, 4 * 60).reshape(-1, 4)
    x = np.vstack([3.0 * X, far]).astype(dtype)
    # In float64 to its last digits, but that onnxruntime has no erf there, for gelu.
    exact = dtype == np.float64 and activation != "gelu"
    assert_same(network, x, atol=1e-12 if exact else ATOL)


@pytest.mark.grid(4)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_parametric_activation(activation):
    network = a_network(activation=activation, parametric_activation=True).fit(X32, Y)
    assert_same(network, 3.0 * X32)


@pytest.mark.grid(6)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "params",
    [
        {"scaling_layer": True},
        {"numeric_embedding": "pbld"},
        {"scaling_layer": True, "numeric_embedding": "pbld", "parametric_activation": True},
        {"normalization": "layer"},
        {"normalization": "layer", "parametric_activation": True, "scaling_layer": True},
        {"activation": ["selu", "identity"], "dropout": 0.2},
        {"hidden_layer_sizes": ()},
        {"hidden_layer_sizes": (), "scaling_layer": True, "numeric_embedding": "pbld"},
        {"weight_averaging": 0.5, "solver": "sgd"},
    ],
    ids=str,
)
def test_further_layers(params, dtype):
    x = X.astype(dtype)
    x[:, 1] = x[:, 1] > 0.0  # a column without an embedding
    network = a_network().set_params(**params).fit(x, Y)
    assert_same(network, x, atol=ATOL if dtype == np.float32 else 1e-13)


@pytest.mark.grid(3)
@pytest.mark.parametrize("loss", CLASS_LOSSES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_several_labels_per_row(dtype, loss):
    x, y = make_multilabel_classification(100, 6, n_classes=3, random_state=0)
    x = (x / 10.0).astype(dtype)
    network = a_network(loss=loss).fit(x, y)
    assert_same(network, x)
    converted = to_onnx(network, x[:1], options={"zipmap": False})
    for output in converted.graph.output:
        assert output.type.tensor_type.shape.dim[1].dim_value == 3


def test_no_probability_is_0_or_1():
    for labels, dtype in ((Y == 0, np.float64), (Y, np.float32), (Y, np.float64)):
        network = a_network(max_iter=60).fit(X.astype(dtype), labels)
        x = 1e4 * X.astype(dtype)
        p = run(session(network, x[:1]), x)[1]
        assert 0.0 < p.min() < 1e-30
        assert p.max() < 1.0 or p.shape[1] == 3  # as in predict_proba
        assert np.isfinite(np.log(p)).all()
        assert_same(network, x, atol=1e-3)


# ----- precision, versions, files


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
    network = a_network(dtype=np.dtype(fitted).name).fit(X, Y)
    x = np.round(X).astype(given)
    converted = to_onnx(network, x[:1], options={"zipmap": False})
    exact = given == fitted == np.float64
    computed = TensorProto.DOUBLE if exact else TensorProto.FLOAT
    constants = {constant.data_type for constant in converted.graph.initializer}
    assert constants - {TensorProto.INT64} == {computed}
    assert opened(converted).get_outputs()[1].type == f"tensor({told})"
    p = run(opened(converted), x)[1]
    atol = 1e-13 if exact else ATOL
    np.testing.assert_allclose(p, network.predict_proba(x), rtol=0, atol=atol)


@pytest.mark.parametrize("target_opset", [12, 15, 18, 21])
def test_older_operators(target_opset):
    network = a_network(
        activation=["mish", "gelu"],
        scaling_layer=True,
        parametric_activation=True,
        numeric_embedding="pbld",
    ).fit(X, Y)
    for x in (X, X32):
        assert_same(network, x, target_opset=target_opset)


def test_a_model_that_was_pickled():
    network = pickle.loads(pickle.dumps(a_network(activation="elu").fit(X32, Y)))
    assert_same(network, X32)


def test_any_number_of_rows():
    converted = session(a_network(numeric_embedding="pbld").fit(X32, Y), X32[:1])
    for n_rows in (0, 1, 7):
        label, p = run(converted, X32[:n_rows])
        assert label.shape == (n_rows,)
        assert p.shape == (n_rows, 3)


# ----- options, as skl2onnx has them for MLPClassifier


@pytest.mark.grid(4)
@pytest.mark.parametrize("labels", [Y, LABELS, LABELS == "setosa"], ids=["int", "str", "2"])
@pytest.mark.parametrize(
    "options",
    [
        None,
        {"zipmap": False},
        {"zipmap": "columns"},
        {"zipmap": False, "output_class_labels": True},
    ],
    ids=str,
)
def test_names_and_types_are_those_of_mlpclassifier(options, labels):
    if options and "output_class_labels" in options and labels.dtype == bool:
        labels = labels.astype(int)  # skl2onnx cannot give labels that are booleans
    told = []
    for model in (a_network(), MLPClassifier((3,), max_iter=2)):
        model.fit(X32, labels)
        chosen = None if options is None else {id(model): options}
        converted = opened(to_onnx(model, X32[:1], options=chosen))
        outputs = [(o.name, o.type, o.shape) for o in converted.get_outputs()]
        values = run(converted, X32[:2])
        told.append((outputs, [type(value) for value in values]))
    assert told[0] == told[1]


def test_without_options_a_row_is_a_dict():
    network = a_network().fit(X32, LABELS)
    label, rows = run(session(network, X32[:1], zipmap=None), X32)
    np.testing.assert_array_equal(label, network.predict(X32))
    assert list(rows[0]) == network.classes_.tolist()
    p = np.array([list(row.values()) for row in rows])
    np.testing.assert_allclose(p, network.predict_proba(X32), rtol=0, atol=ATOL)


@pytest.mark.parametrize("model", [a_network(), TabularClassifier("fast")], ids=type)
def test_nocl_returns_the_indices_of_classes(model):
    model.fit(X32, LABELS)
    options = {id(model): {"nocl": True, "zipmap": False}}
    label, p = run(opened(to_onnx(model, X32[:1], options=options)), X32)
    assert label.dtype == np.int64
    np.testing.assert_array_equal(model.classes_[label], model.predict(X32))
    np.testing.assert_allclose(p, model.predict_proba(X32), rtol=0, atol=ATOL)


# ----- among scikit-learn's


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(StandardScaler(), a_network()),
        make_pipeline(
            make_column_transformer(
                (StandardScaler(), [0, 2]),
                (RobustSmoothScaler(), [3]),
                ("passthrough", [1]),
            ),
            a_network(),
        ),
        GridSearchCV(
            make_pipeline(RobustSmoothScaler(), a_network()),
            {"fullyconnectedclassifier__activation": ["elu", "tanh"]},
            cv=2,
        ),
        VotingClassifier(
            [("one", a_network()), ("other", a_network(activation="silu"))],
            voting="soft",
            flatten_transform=False,
        ),
        CalibratedClassifierCV(a_network(), cv=2),
    ],
    ids=lambda model: type(model).__name__,
)
def test_in_models_of_scikit_learn(model):
    assert_same(model.fit(X32, LABELS), X32)


def test_columns_by_name():
    table = pd.DataFrame(X32, columns=["a b", "c", "d", "e"])
    columns = make_column_transformer(
        (RobustSmoothScaler(), ["e", "a b"]), (StandardScaler(), ["c", "d"])
    )
    assert_same(make_pipeline(columns, a_network()).fit(table, LABELS), table)


# ----- the ensemble


@pytest.mark.grid(2)
@pytest.mark.parametrize(
    ("effort", "labels"),
    [*((effort, LABELS) for effort in EFFORTS), ("fast", Y == 0)],
    ids=["fast", "balanced", "best", "two classes"],
)
def test_every_ensemble(effort, labels):
    x = X32.copy()
    x[::2, 0] = 0.3  # more than half: quantiles coincide
    params = {"hidden_layer_sizes": (8,), "max_iter": 8}
    model = TabularClassifier(effort, random_state=0, network_params=params)
    model.fit(x, labels)
    assert np.ptp(model.predict_proba(x)) > 0.8
    assert_same(model, x)


def test_an_ensemble_that_gets_float64():
    model = TabularClassifier("fast", encoder="passthrough", random_state=0).fit(X, LABELS)
    assert_same(model, X)
    p = run(session(model, X[:1]), X)[1]
    np.testing.assert_allclose(p.sum(axis=1), 1.0, rtol=1e-15)


class SplinesOnly(TransformerMixin, BaseEstimator):
    """The splines of an ensemble as a transformer, to compare the values."""

    def fit(self, X, y=None):
        self.splines_ = LinearSplines(range(X.shape[1])).fit(X)
        return self

    def transform(self, X):
        return self.splines_.transform(X)[:, : -X.shape[1]]


def convert_splines(scope, operator, container):
    graph = Graph(scope, container, np.float32)
    splines = _splines(graph, operator.raw_operator.splines_, operator.inputs[0].full_name)
    graph.node("Identity", splines, output=operator.outputs[0].full_name)


def test_splines_over_equal_quantiles():
    update_registered_converter(
        SplinesOnly, "SplinesOnly", lambda operator: None, convert_splines
    )
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 6)).astype(np.float32)
    x[:, 1] = np.maximum(x[:, 1], 0.4)  # the first knots are one
    x[:, 2] = np.minimum(x[:, 2], -0.4)  # the last
    x[:, 3] = np.where(rng.random(200) < 0.6, 0.0, x[:, 3])  # some in the middle
    x[:, 4] = np.where(rng.random(200) < 0.6, 0.0, rng.integers(0, 3, 200))
    x[:, 5] = rng.random(200) < 0.05  # all but the last
    splines = SplinesOnly().fit(x)
    at_knots = splines.splines_.knots.astype(np.float32).T
    far = np.full((1, 6), 9.0, np.float32)
    new = np.vstack([x, at_knots, np.nextafter(at_knots, far), far, -far])
    got = transformed(splines, new)
    assert got.shape == (len(new), 48)
    # Where a ramp is steep, x - b has lost digits in float32.
    np.testing.assert_allclose(got, splines.transform(new), rtol=0, atol=1e-6)


# ----- what cannot be converted


def test_pair_of_functions_is_refused():
    network = a_network(activation=["relu", (np.sin, np.cos)]).fit(X, Y)
    with pytest.raises(ValueError, match="pair of functions.*Fit the model with a"):
        to_onnx(network, X[:1])


@pytest.mark.slow
def test_the_code_of_the_page_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "onnx.md").read_text()
    blocks = re.findall(r"```python\n(.*?)```", page, re.S)
    assert len(blocks) > 3
    names = {}
    for block in blocks:
        exec(block, names)
