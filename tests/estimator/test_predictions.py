"""Predictions: in threads, in chunks, of one class, of several labels, and their memory."""

import pickle
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits
from small_network import SETTINGS, assert_same_answers, labels_of_wine, standardized

from skfcnn import FullyConnectedClassifier

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def test_predictions_in_eight_threads_equal_those_in_one():
    X, y = standardized(load_digits)
    model = FullyConnectedClassifier((64, 32), max_iter=5, random_state=0).fit(X, y)
    wanted = model.predict_proba(X)
    with ThreadPoolExecutor(8) as pool:
        for got in pool.map(model.predict_proba, [X] * 64):
            np.testing.assert_array_equal(got, wanted)
        parts = [X[k::8] for k in range(8)]
        for k, got in enumerate(pool.map(model.predict, parts)):
            np.testing.assert_array_equal(got, model.predict(parts[k]))


@pytest.mark.grid(3)
@pytest.mark.parametrize("labels", ["binary", "classes", "labels"])
def test_predictions_of_chunks_equal_those_of_single_rows(labels):
    X, y = standardized(load_digits)
    y = {"binary": y > 4, "classes": y, "labels": np.column_stack([y > 4, y % 2])}[labels]
    y = y.astype(int)
    # 1797 rows through 300 units are more than two chunks of 2^18 numbers.
    model = FullyConnectedClassifier((300,), max_iter=3, random_state=0, dtype="float64")
    proba = model.fit(X, y).predict_proba(X)
    rows = np.vstack([model.predict_proba(row[None]) for row in X])
    np.testing.assert_allclose(rows, proba, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(model.predict(X[873:875]), model.predict(X)[873:875])


@pytest.mark.grid(3)
@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba"])
@pytest.mark.parametrize("labels", ["binary", "classes", "labels"])
def test_prediction_needs_little_memory_besides_its_result(wine, labels, method):
    X, y = wine
    y = {"binary": y > 0, "classes": y, "labels": labels_of_wine(y)}[labels]
    params = {"hidden_layer_sizes": (100,), "max_iter": 2, "dtype": "float64"}
    model = FullyConnectedClassifier(**params, random_state=0).fit(X, y)
    beyond = []
    for n_rows in (20_000, 200_000):
        rows = np.resize(X, (n_rows, X.shape[1]))
        tracemalloc.start()
        result = getattr(model, method)(rows)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert len(result) == n_rows
        beyond.append(peak - result.nbytes)
    # One more number for each row would need 180,000 times 8 bytes.
    assert beyond[1] - beyond[0] < 100_000


def test_log_probabilities_are_finite_where_tiny():
    X, y = load_breast_cancer(return_X_y=True)  # not scaled: far from every boundary
    for target in (y, y + (X[:, 0] > 20), labels_of_wine(y)):
        for dtype in ("float64", "float32"):
            model = FullyConnectedClassifier(**SETTINGS, dtype=dtype).fit(X, target)
            p, log_p = model.predict_proba(1e4 * X), model.predict_log_proba(1e4 * X)
            assert p.min() < 1e-30 and np.isfinite(log_p).all() and (log_p <= 0.0).all()
            np.testing.assert_array_equal(log_p, np.log(p))


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_one_class_gives_one_column_of_ones(wine, solver):
    X, _ = wine
    model = FullyConnectedClassifier(**SETTINGS, solver=solver).fit(X, ["red"] * len(X))
    np.testing.assert_array_equal(model.predict_proba(X), np.ones((len(X), 1)))
    np.testing.assert_array_equal(model.predict_log_proba(X), np.zeros((len(X), 1)))
    assert set(model.predict(X)) == {"red"} and model.classes_.tolist() == ["red"]
    assert model.score(X, ["red"] * len(X)) == 1.0


def test_several_labels_per_row(wine):
    X, y = wine
    Y = labels_of_wine(y)
    for params in ({}, {"early_stopping": True}, {"solver": "lbfgs"}):
        params = {"learning_rate_init": 0.02, "max_iter": 60} | params
        model = FullyConnectedClassifier(**(SETTINGS | params)).fit(X, Y)
        p = model.predict_proba(X)
        assert p.shape == Y.shape and model.out_activation_ == "logistic"
        np.testing.assert_array_equal(model.predict(X), p > 0.5)
        # Both labels right; always predicting the most frequent pair gives 0.40.
        assert model.score(X, Y) == (model.predict(X) == Y).all(axis=1).mean() > 0.8


def test_parameters_set_after_fit_do_not_change_predictions(model, wine):
    kept = pickle.loads(pickle.dumps(model))
    model.set_params(
        hidden_layer_sizes=(3, 3),
        activation="tanh",
        solver="lbfgs",
        loss="squared_error",
        dtype="float32",
        alpha=7.0,
        weight_init="he_normal",
    )
    assert_same_answers(model, kept, wine[0])
    assert_same_answers(pickle.loads(pickle.dumps(model)), kept, wine[0])
    assert model.score(*wine) == kept.score(*wine)
