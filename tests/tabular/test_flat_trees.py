"""Trees in flat arrays: the same sums as scikit-learn's, to the bit."""

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from skfcnn._sklearn import outputs_of_raw, tree_nodes
from skfcnn.tabular.flat_trees import FlatTrees


def data(n_classes=2, share_missing=0.0):
    X, y = make_classification(
        400, 8, n_informative=6, n_classes=n_classes, flip_y=0.1, random_state=0
    )
    X = X.astype(np.float32)
    X[:, 3] = np.round(X[:, 3])  # equal values
    X[np.random.default_rng(0).random(X.shape) < share_missing] = np.nan
    return X, y


def classifiers(X, y):
    """Return models of different numbers of trees."""
    return [
        HistGradientBoostingClassifier(max_iter=n_iter, random_state=0).fit(X[n:], y[n:])
        for n, n_iter in enumerate((7, 40, 23))
    ]


@pytest.mark.parametrize("share_missing", [0.0, 0.2])
@pytest.mark.parametrize("n_classes", [2, 5])
def test_raw_outputs_are_equal_to_the_bit(n_classes, share_missing):
    X, y = data(n_classes, share_missing)
    models = classifiers(X, y)
    flat = FlatTrees(models)
    n_raw = 1 if n_classes == 2 else n_classes
    for rows in (X[:1], X[5:6], X[:60]):
        got = flat.raw_outputs(rows)
        assert got.shape == (3, len(rows), n_raw)
        for model, raw in zip(models, got, strict=True):
            wanted = model.decision_function(rows).reshape(len(rows), -1)
            np.testing.assert_array_equal(raw, wanted)
            wanted = model.predict_proba(rows)
            np.testing.assert_array_equal(outputs_of_raw(model, raw), wanted)


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "poisson", "gamma"])
def test_numbers_have_their_link(loss):
    X, y = data()
    y = np.exp(X[:, 0] + y)
    model = HistGradientBoostingRegressor(loss=loss, max_iter=30).fit(X, y)
    raw = FlatTrees([model]).raw_outputs(X[:50])[0]
    np.testing.assert_array_equal(outputs_of_raw(model, raw)[:, 0], model.predict(X[:50]))


def test_missing_values_that_only_come_at_prediction():
    X, y = data()
    model = HistGradientBoostingClassifier(max_iter=20, random_state=0).fit(X, y)
    new, _ = data(share_missing=0.5)
    raw = FlatTrees([model]).raw_outputs(new)[0]
    np.testing.assert_array_equal(raw[:, 0], model.decision_function(new))


def test_trees_of_a_single_leaf_are_constants():
    X, y = data()
    model = HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=300).fit(X, y)
    assert set(tree_nodes(model).sizes) == {1}
    raw = FlatTrees([model]).raw_outputs(X)[0]
    np.testing.assert_array_equal(raw[:, 0], model.decision_function(X))


def test_rows_may_have_any_memory_order():
    X, y = data()
    flat = FlatTrees(classifiers(X, y))
    wanted = flat.raw_outputs(X[:18:2].copy())
    np.testing.assert_array_equal(flat.raw_outputs(X[:18:2]), wanted)
    np.testing.assert_array_equal(flat.raw_outputs(np.asfortranarray(X[:18:2])), wanted)


def test_native_categories_are_refused():
    X, y = data()
    X[:, 3] = np.arange(len(X)) % 5
    y = (X[:, 3] == 2).astype(int)
    model = HistGradientBoostingClassifier(categorical_features=[3], max_iter=5).fit(X, y)
    with pytest.raises(ValueError, match="native categories.*encode them"):
        FlatTrees([model])
