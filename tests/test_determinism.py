"""The same seed gives the same bits, and each row is predicted independently."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
import scipy.sparse
from joblib import Parallel, delayed, parallel_config
from sklearn.base import clone
from sklearn.datasets import load_digits, load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from small_network import SETTINGS, assert_same_answers, standardized
from threadpoolctl import threadpool_limits

from skfcnn import FullyConnectedClassifier, FullyConnectedRegressor

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    # Python 3.12 and newer warn of a fork in a process that has threads.
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning"),
]
X, Y = load_digits(return_X_y=True)
X = StandardScaler().fit_transform(X)
MODELS = {
    "small": {"hidden_layer_sizes": (7,), "max_iter": 4},
    "large": {"hidden_layer_sizes": (250, 131), "batch_size": 333, "max_iter": 2},
    "dropout": {"hidden_layer_sizes": (30, 20), "dropout": 0.2, "max_iter": 3},
    "stopping": {"early_stopping": True, "max_iter": 4, "solver": "sgd"},
    "lbfgs": {"solver": "lbfgs", "hidden_layer_sizes": (20,), "max_iter": 6},
    "large lbfgs": {"solver": "lbfgs", "hidden_layer_sizes": (83,), "max_iter": 3},
    "float32": {"dtype": "float32", "hidden_layer_sizes": (256, 128), "max_iter": 2},
    "larger": {"hidden_layer_sizes": (301, 131), "max_iter": 2},
    "embedding": {"numeric_embedding": "pbld", "hidden_layer_sizes": (9,), "max_iter": 2},
    "numbers": {"loss": "huber", "hidden_layer_sizes": (301, 131), "max_iter": 2},
    "counts": {"loss": "poisson", "early_stopping": True, "max_iter": 3},
}


def fit(name):
    """Return the bits of everything that is learned."""
    kind = FullyConnectedRegressor if "loss" in MODELS[name] else FullyConnectedClassifier
    model = kind(**{"random_state": 3, "dtype": "float64"} | MODELS[name]).fit(X, Y)
    return model._network.theta.tobytes(), tuple(model.loss_curve_)


def fit_on_two(name):
    """Fit in a separate process, which has its own BLAS settings."""
    with threadpool_limits(2, user_api="blas"):
        return fit(name)


@pytest.fixture(scope="module", autouse=True)
def two_blas_threads():
    with threadpool_limits(2, user_api="blas"):
        yield


@pytest.fixture(scope="module")
def alone(two_blas_threads):
    return {name: fit(name) for name in MODELS}


def test_large_fits_differ_on_one_thread(alone):
    """Otherwise the tests below could not fail."""
    with threadpool_limits(1, user_api="blas"):
        others = [name for name in MODELS if fit(name) != alone[name]]
    if not others:
        pytest.skip("this BLAS gives the same bits on one thread and on two")
    assert "small" not in others


@pytest.mark.slow
def test_same_bits_after_other_fits(alone):
    for name in reversed(MODELS):
        assert fit(name) == alone[name], name


def test_same_bits_in_eight_threads_at_once(alone):
    """Fits on one and on two BLAS threads at the same time, eight at once."""
    names = ([*MODELS] * 2)[:16]
    together = threading.Barrier(8)

    def fit_together(name):
        together.wait(60)
        return fit(name)

    with ThreadPoolExecutor(8) as pool:
        for name, learned in zip(names, pool.map(fit_together, names), strict=True):
            assert learned == alone[name], name


@pytest.mark.grid(2)
@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_same_bits_in_workers_of_joblib(alone, backend):
    work = fit_on_two if backend == "loky" else fit
    with parallel_config(backend, n_jobs=2):
        for name, learned in zip(
            MODELS, Parallel()(map(delayed(work), MODELS)), strict=True
        ):
            assert learned == alone[name], name


@pytest.mark.slow
@pytest.mark.grid(2)
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_same_bits_in_processes(alone, method):
    if method == "fork" and not hasattr(os, "fork"):
        pytest.skip("there is no fork on this system")
    with ProcessPoolExecutor(2, get_context(method)) as pool:
        for name, learned in zip(MODELS, pool.map(fit_on_two, MODELS), strict=True):
            assert learned == alone[name], name


@pytest.mark.slow
def test_same_bits_for_any_hash_seed(alone):
    """Sets of strings (classes, column names) have another order for each hash seed."""
    program = (
        "import hashlib, warnings, numpy as np, pandas as pd\n"
        "from sklearn.datasets import load_iris\n"
        "from skfcnn import FullyConnectedClassifier\n"
        "warnings.simplefilter('ignore')\n"
        "X, y = load_iris(return_X_y=True, as_frame=True)\n"
        "y = y.map({0: 'red', 1: 'green', 2: 'blue'})\n"
        "weights = {'red': 2.0, 'blue': 0.5, 'green': 1.0}\n"
        "factors = {'weights': 0.5, 'bias': 2.0, 'scale': 3.0}\n"
        "model = FullyConnectedClassifier(random_state=0, max_iter=5, scaling_layer=True,\n"
        "    class_weight=weights, learning_rate_multipliers=factors,\n"
        "    early_stopping=True).fit(X, y)\n"
        "print(hashlib.sha256(model.predict_proba(X).tobytes()).hexdigest())\n"
    )
    found = set()
    for seed in ("0", "1", "2"):
        command = [sys.executable, "-c", program]
        environment = os.environ | {"PYTHONHASHSEED": seed}
        done = subprocess.run(command, env=environment, capture_output=True, check=True)
        found.add(done.stdout)
    assert len(found) == 1


def test_same_seed_repeats_a_fit_and_another_does_not():
    X, y = standardized(load_iris)
    first, same, other = (
        FullyConnectedClassifier(**(SETTINGS | {"random_state": seed})).fit(X, y)
        for seed in (1, 1, 2)
    )
    assert_same_answers(first, same, X)
    assert first.loss_curve_ == same.loss_curve_ != other.loss_curve_


# ----- One model, many threads


def test_predictions_of_many_threads_while_a_clone_is_fitted():
    params = {"random_state": 0, "max_iter": 20, "dtype": "float64"}
    model = FullyConnectedClassifier((30,), **params).fit(X, Y)
    expected = model.predict_proba(X)
    stop = threading.Event()

    def predict():
        n = 0
        while not stop.is_set() or n == 0:
            # Another number of threads, which the fit sets, adds up in another order.
            np.testing.assert_allclose(
                model.predict_proba(X), expected, rtol=1e-12, atol=1e-15
            )
            n += 1
        return n

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(predict) for _ in range(3)]
        fitted = [clone(model).fit(X, Y).predict_proba(X) for _ in range(3)]
        stop.set()
        assert min(each.result(60) for each in asked) >= 1
    for p in fitted:
        np.testing.assert_array_equal(p, expected)


# ----- One row, many batches


@pytest.fixture(scope="module", params=["small", "large", "embedding"])
def model(request):
    params = {"random_state": 3, "dtype": "float64"} | MODELS[request.param]
    return FullyConnectedClassifier(**params).fit(X, Y)


REGRESSORS = {
    "outputs": ({}, np.column_stack([Y, Y[::-1], X[:, 30]])),
    "quantiles": ({"loss": "quantile", "quantile": [0.9, 0.1]}, Y),
    "counts": ({"loss": "poisson"}, Y),
}


@pytest.fixture(scope="module", params=REGRESSORS)
def regressor(request):
    params, y = REGRESSORS[request.param]
    return FullyConnectedRegressor(
        hidden_layer_sizes=(30,), random_state=3, dtype="float64", max_iter=5, **params
    ).fit(X, y)


# Products of other numbers of rows are summed in other orders: some roundings of 64 to 256
# terms each, of numbers near 1.
ROUNDING = {"rtol": 1e-12, "atol": 1e-12}


def test_the_order_of_rows_does_not_matter(model):
    order = np.random.RandomState(0).permutation(len(X))
    shuffled = model.predict_proba(X[order])
    np.testing.assert_allclose(shuffled, model.predict_proba(X)[order], **ROUNDING)


@pytest.mark.grid(4)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 500])
def test_the_number_of_rows_does_not_matter(model, size):
    parts = [model.predict_proba(X[i : i + size]) for i in range(0, 500, size)]
    np.testing.assert_allclose(
        np.vstack(parts)[:500], model.predict_proba(X[:500]), **ROUNDING
    )


def test_the_size_of_chunks_does_not_matter(model, monkeypatch):
    expected = model.predict_proba(X)
    for numbers in (1, 1000, 10**9):
        monkeypatch.setattr("skfcnn.network.network.CHUNK_NUMBERS", numbers)
        np.testing.assert_allclose(model.predict_proba(X), expected, **ROUNDING)


def test_predicted_numbers_depend_on_their_row_only(regressor, monkeypatch):
    expected = regressor.predict(X)
    order = np.random.RandomState(0).permutation(len(X))
    np.testing.assert_allclose(regressor.predict(X[order]), expected[order], **ROUNDING)
    for size in (1, 7, 64):
        parts = [regressor.predict(X[i : i + size]) for i in range(0, 128, size)]
        together = np.concatenate(parts)[:128]
        np.testing.assert_allclose(together, expected[:128], **ROUNDING)
    for layout in LAYOUTS.values():
        np.testing.assert_allclose(regressor.predict(layout(X)), expected, **ROUNDING)
    for numbers in (1, 1000, 10**9):
        monkeypatch.setattr("skfcnn.network.network.CHUNK_NUMBERS", numbers)
        np.testing.assert_allclose(regressor.predict(X), expected, **ROUNDING)


def test_memory_layout_of_y_does_not_matter():
    y = REGRESSORS["outputs"][1]
    settings = {"hidden_layer_sizes": (9,), "random_state": 3, "max_iter": 2}
    expected = FullyConnectedRegressor(**settings).fit(X, y)._network.theta
    for layout in ("Fortran", "strided", "backwards", "read-only", "lists", "big-endian"):
        model = FullyConnectedRegressor(**settings).fit(X, LAYOUTS[layout](y))
        np.testing.assert_array_equal(model._network.theta, expected)


def strided(X):
    wide = np.full((2 * len(X), 3 * X.shape[1]), np.nan)
    wide[::2, ::3] = X
    return wide[::2, ::3]


LAYOUTS = {
    "Fortran": np.asfortranarray,
    "strided": strided,
    "backwards": lambda X: X[::-1, ::-1].copy()[::-1, ::-1],
    "read-only": lambda X: np.frombuffer(X.tobytes()).reshape(X.shape),
    "lists": lambda X: X.tolist(),
    "big-endian": lambda X: X.astype(">f8"),
    "csr": scipy.sparse.csr_matrix,
    "csc": scipy.sparse.csc_array,
    "coo": scipy.sparse.coo_array,
}


@pytest.mark.grid(4)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_memory_layout_of_rows_does_not_matter(model, layout):
    expected = model.predict_proba(X)
    if model.numeric_embedding and scipy.sparse.issparse(LAYOUTS[layout](X)):
        with pytest.raises(TypeError, match="dense data is required"):
            model.predict_proba(LAYOUTS[layout](X))
        return
    np.testing.assert_allclose(
        model.predict_proba(LAYOUTS[layout](X)), expected, **ROUNDING
    )


def test_single_rows_in_a_pipeline(model):
    pipeline = make_pipeline(StandardScaler(), clone(model)).fit(X, Y)
    expected = pipeline.predict_proba(X)
    rows = np.vstack([pipeline.predict_proba(X[i : i + 1]) for i in range(50)])
    np.testing.assert_allclose(rows, expected[:50], **ROUNDING)
