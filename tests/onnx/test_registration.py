"""Conversion without `import skfcnn.onnx`: skl2onnx asks the models."""

import sys
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from onnx_session import assert_same, opened, run
from skl2onnx import _parse, to_onnx
from skl2onnx import _supported_operators as _supported
from skl2onnx.common.data_types import DoubleTensorType, StringTensorType
from skl2onnx.common.exceptions import MissingShapeCalculator
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.ensemble import StackingClassifier, VotingClassifier, VotingRegressor
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

import skfcnn.onnx
from skfcnn import (
    FullyConnectedClassifier,
    FullyConnectedRegressor,
    TabularClassifier,
)
from skfcnn.estimator.onnx_methods import ConvertsToOnnx
from skfcnn.onnx.registration import declare_late
from skfcnn.preprocessing import RobustSmoothScaler

# The networks are to be converted, not to be good: a few epochs are enough.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

PAGE = Path(__file__).parents[2] / "docs" / "onnx.md"
X, Y = load_iris(return_X_y=True)
X = StandardScaler().fit_transform(X)
X32 = X.astype(np.float32)
SMALL = {"max_iter": 2, "hidden_layer_sizes": (4,)}  # of the networks of an ensemble
LABELS = np.array(["setosa", "versicolor", "virginica"])[Y]


def a_network():
    return FullyConnectedClassifier((8, 5), max_iter=3, random_state=0)


@contextmanager
def unregistered():
    """Restore the tables of skl2onnx from before `import skfcnn.onnx`."""
    models, parsers = _supported.sklearn_operator_name_map, _parse.sklearn_parsers_map
    loaded = {name for name in sys.modules if name.startswith("skfcnn.onnx")}
    with (
        patch.dict(sys.modules),
        patch.object(skfcnn, "onnx"),
        patch.dict(models, _supported.build_sklearn_operator_name_map(), clear=True),
        patch.dict(parsers, _parse.build_sklearn_parsers_map(), clear=True),
    ):
        for name in loaded:
            del sys.modules[name]
        yield


def graph_and_results(model, x, options):
    converted = to_onnx(model, x[:1], options=options)
    opened_one = opened(converted)
    outputs = [(each.name, each.type, each.shape) for each in opened_one.get_outputs()]
    nodes = [(node.op_type, len(node.input)) for node in converted.graph.node]
    return outputs, nodes, [np.asarray(each).tolist() for each in run(opened_one, x)]


def scaled_network():
    return make_pipeline(StandardScaler(), a_network())


def a_regressor():
    return FullyConnectedRegressor(hidden_layer_sizes=(8,), max_iter=3, random_state=0)


def scaled_regressor():
    return make_pipeline(StandardScaler(), a_regressor())


OPTIONS = [
    None,
    {"zipmap": False},
    {"zipmap": "columns"},
    {"zipmap": False, "output_class_labels": True},
]


@pytest.mark.grid(4)
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize(
    "model", [a_network(), scaled_network()], ids=["network", "pipeline"]
)
def test_a_model_is_converted_without_the_import(model, options):
    model.fit(X32, LABELS)
    with unregistered():
        first = graph_and_results(model, X32, options)
        assert "skfcnn.onnx" in sys.modules
    assert first == graph_and_results(model, X32, options)


@pytest.mark.parametrize(
    "model",
    [a_regressor(), scaled_regressor(), VotingRegressor([("one", scaled_regressor())])],
    ids=lambda model: type(model).__name__,
)
def test_a_regressor_is_converted_without_the_import(model):
    model.fit(X32, X[:, 0])
    with unregistered():
        first = graph_and_results(model, X32, None)
        assert "skfcnn.onnx" in sys.modules
    assert first == graph_and_results(model, X32, None)
    assert first[0] == [("variable", "tensor(float)", [None, 1])]


@pytest.mark.grid(4)
@pytest.mark.parametrize(
    "model",
    [
        TabularClassifier("fast", network_params=SMALL),
        make_pipeline(
            make_column_transformer(
                (RobustSmoothScaler(), [0, 1]), (StandardScaler(), [2, 3])
            ),
            a_network(),
        ),
        make_pipeline(SimpleImputer(add_indicator=True), a_network()),
        GridSearchCV(a_network(), {"alpha": [1.0]}, cv=2),
        CalibratedClassifierCV(scaled_network(), cv=2),
        StackingClassifier([("network", scaled_network())], cv=2),
        VotingClassifier(
            [("network", scaled_network())], voting="soft", flatten_transform=False
        ),
    ],
    ids=lambda model: type(model).__name__,
)
def test_in_models_of_scikit_learn_without_the_import(model):
    x = X32.copy()
    if isinstance(model, Pipeline) and isinstance(model[0], SimpleImputer):
        x[::9, 1] = np.nan
    model.fit(x, LABELS)
    with unregistered():
        assert_same(model, x)


def test_a_table_is_converted_without_the_import():
    table = pd.DataFrame({"word": LABELS, "number": X[:, 0]})
    types = [("word", StringTensorType([None, 1])), ("number", DoubleTensorType([None, 1]))]
    model = TabularClassifier("fast", network_params=SMALL).fit(table, LABELS)
    rest = copy(model)
    rest.encoder_ = model.encoder_[1:]
    for part in (model, rest):
        with unregistered():
            first = to_onnx(part, initial_types=types)
        second = to_onnx(part, initial_types=types)
        kinds = [[node.op_type for node in each.graph.node] for each in (first, second)]
        assert kinds[0] == kinds[1]


def test_converter_with_a_lookup_table_needs_the_import_or_another_conversion():
    network = a_network().fit(X32, LABELS)
    model = CalibratedClassifierCV(network, cv=2).fit(X32, LABELS)
    error = "KeyError: <class 'skfcnn.classifier.FullyConnectedClassifier'>"
    with unregistered():
        with pytest.raises(KeyError) as caught:
            to_onnx(model, X32[:1])
        assert f"KeyError: {caught.value}" == error
        to_onnx(network, X32[:1])
        to_onnx(model, X32[:1])
    assert error in PAGE.read_text()


def test_a_subclass_is_not_converted_as_its_base_class():
    class Other(FullyConnectedClassifier):
        pass

    with pytest.raises(MissingShapeCalculator, match="Other"):
        to_onnx(Other((5,), max_iter=3).fit(X32, Y), X32[:1])


def test_without_skl2onnx_an_error_names_the_extra():
    with unregistered():
        sys.modules["skl2onnx"] = None
        with pytest.raises(ImportError, match=r'pip install "skfcnn\[onnx\]"'):
            a_network().onnx_parser()


def test_parser_of_a_model_declares_that_model():
    model = ConvertsToOnnx()
    parser = model.onnx_parser()
    assert (parser.func, parser.args) == (declare_late, (model,))


@pytest.mark.parametrize(
    "kind", [FullyConnectedClassifier, FullyConnectedRegressor, TabularClassifier]
)
def test_outputs_are_left_to_skl2onnx_once_the_class_is_registered(kind):
    operator = SimpleNamespace(type="SkfcnnModel", onnx_name="model")
    scope = SimpleNamespace(operators={"model": operator})
    assert kind().onnx_parser()(scope, []) is None
    assert scope.operators == {"model": operator}
