"""Gradient-boosted trees in ONNX: alone, and in ensembles for tables."""

import numpy as np
import pandas as pd
import pytest
from onnx_session import ATOL, assert_same, opened, run, transformed
from skl2onnx import update_registered_converter
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from skfcnn import TabularClassifier, TabularRegressor
from skfcnn.onnx import to_onnx
from skfcnn.onnx.graph import Graph, precision_of
from skfcnn.onnx.trees import rounded_down, tree_outputs
from skfcnn.tabular.number_values import OF_TREES

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:The converted model treats a text"),
]

SHORT = {"network_params": {"max_iter": 3, "hidden_layer_sizes": (8,)}, "random_state": 0}


def numbers(n_classes=2, n=500):
    X, y = make_classification(
        n, 8, n_informative=6, n_classes=n_classes, flip_y=0.1, random_state=0
    )
    return X, y


def table(n_classes=2):
    """Return a table with categories and missing values, and classes."""
    X, y = numbers(n_classes)
    X = pd.DataFrame(X).add_prefix("x")
    rng = np.random.default_rng(0)
    X = X.mask(rng.random(X.shape) < 0.1)
    X["few"] = rng.choice(["a", "b", "ü"], len(X)).astype(object)
    X["many"] = np.array([f"word {i}" for i in rng.integers(0, 40, len(X))], dtype=object)
    return X, y


@pytest.mark.parametrize("n_classes", [2, 5])
def test_classes_of_a_table(n_classes):
    X, y = table(n_classes)
    model = TabularClassifier("fast", trees=True, **SHORT).fit(X, y)
    assert model.family_weights_[1] > 0.3 and model.temperatures_[1] != 1.0
    label, p = run(opened(to_onnx(model, options={"zipmap": False})), X)
    np.testing.assert_allclose(p, model.predict_proba(X), rtol=0, atol=ATOL)
    np.testing.assert_array_equal(label, model.predict(X))


@pytest.mark.parametrize("loss", sorted(OF_TREES))
def test_numbers_of_a_table(loss):
    X, y = table()
    y = 1e3 * np.exp(X["x0"].fillna(0.0) + y)
    model = TabularRegressor("fast", trees=True, loss=loss, **SHORT).fit(X, y)
    assert model.family_weights_[1] > 0.1
    (predicted,) = run(opened(to_onnx(model)), X)
    wanted = model.predict(X)
    assert predicted.shape == (len(X), 1)
    np.testing.assert_allclose(predicted[:, 0], wanted, rtol=1e-5, atol=1e-5 * wanted.max())


@pytest.mark.parametrize("target_opset", [12, 15, 18, 21])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrays_of_both_precisions_and_older_operators(dtype, target_opset):
    X, y = numbers(3)
    model = TabularClassifier("fast", encoder="passthrough", trees=True, **SHORT)
    model.fit(X, y)
    assert_same(model, X.astype(dtype), target_opset=target_opset)


# ----- a model alone


class TreesOnly(TransformerMixin, BaseEstimator):
    """The outputs of boosted trees."""

    def __init__(self, model, temperature=1.0):
        self.model = model
        self.temperature = temperature

    def fit(self, X, y):
        self.model.fit(X, y)
        return self

    def transform(self, X):
        if hasattr(self.model, "predict_proba"):
            return self.model.predict_proba(X)
        return self.model.predict(X)[:, None]


def convert_trees(scope, operator, container):
    graph = Graph(scope, container, precision_of(operator.inputs[0].type))
    x, own = operator.inputs[0].full_name, operator.raw_operator
    p = tree_outputs(graph, own.model, own.temperature, x)
    graph.node("Identity", p, output=operator.outputs[0].full_name)


update_registered_converter(TreesOnly, "TreesOnly", lambda operator: None, convert_trees)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_classes", [2, 5])
def test_missing_values_go_where_they_went_in_training(n_classes, dtype):
    X, y = numbers(n_classes)
    X[np.random.default_rng(0).random(X.shape) < 0.2] = np.nan
    X[:, 7] = np.where(y == 1, np.nan, X[:, 7])
    X = X.astype(dtype)
    trees = TreesOnly(HistGradientBoostingClassifier(max_iter=40, random_state=0)).fit(X, y)
    np.testing.assert_allclose(transformed(trees, X), trees.transform(X), atol=ATOL)


@pytest.mark.parametrize(
    ("dtype", "step"), [(np.float32, 2.0**-23), (np.float64, 1e-12)], ids=["32", "64"]
)
def test_values_next_to_a_threshold_stay_on_its_side(dtype, step):
    """The threshold between neighbors of float32 is not a number of float32."""
    kinds = np.arange(200) % 4
    X = (1.0 + step * kinds).astype(dtype)[:, None]
    y = np.array([7.0, 100.0, 40.0, 0.0])[kinds]
    model = HistGradientBoostingRegressor(learning_rate=1.0, max_iter=1, min_samples_leaf=5)
    trees = TreesOnly(model).fit(X, y)
    wanted = trees.transform(X)
    np.testing.assert_allclose(wanted[:, 0], y, atol=1e-3)
    np.testing.assert_allclose(transformed(trees, X), wanted, atol=1e-4)


def test_thresholds_are_rounded_down():
    one = np.float32(1.0)
    below, above = np.nextafter(one, np.float32([-np.inf, np.inf]))
    exact = [one, (1.0 + above) / 2.0, 1.0 - 1e-12, np.inf, 1e300, -1e-300, -np.inf]
    largest, smallest = (
        np.finfo(np.float32).max,
        np.nextafter(np.float32(0), np.float32(-1)),
    )
    wanted = [one, one, below, np.inf, largest, smallest, -np.inf]
    got = rounded_down(np.array(exact, dtype=float))
    assert got.dtype == np.float32
    np.testing.assert_array_equal(got, np.float32(wanted))


def test_trees_of_a_single_leaf():
    X, y = numbers()
    X = X.astype(np.float32)
    model = HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=400)
    trees = TreesOnly(model).fit(X, y)
    np.testing.assert_allclose(transformed(trees, X), trees.transform(X), atol=ATOL)


def test_a_temperature_divides_the_raw_outputs():
    X, y = numbers()
    X = X.astype(np.float32)
    trees = TreesOnly(HistGradientBoostingClassifier(max_iter=20), temperature=2.0)
    z = trees.fit(X, y).model.decision_function(X)
    got = transformed(trees, X)
    np.testing.assert_allclose(got[:, 1], 1.0 / (1.0 + np.exp(-z / 2.0)), atol=ATOL)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_classes", [2, 5])
def test_votes_of_extremely_randomized_trees(n_classes, dtype):
    """They are float32 numbers in training, so thresholds may lie between two of them."""
    X, y = numbers(n_classes, 300)
    X = np.round(X.astype(dtype), 1)
    model = TabularClassifier("fast", encoder="passthrough", **SHORT).fit(X, y)
    family = model._families[1]
    assert str(family) == "extremely randomized trees" and family.temperature != 1.0
    assert model.family_weights_[1] > 0.5
    assert_same(model, X)
