"""Memory of a fit: nothing grows with the number of steps, and a large X is not copied."""

import tracemalloc
import warnings
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
import soaking
from sklearn.exceptions import ConvergenceWarning

from skfcnn import FullyConnectedClassifier, FullyConnectedRegressor
from skfcnn.estimator.data import make_data
from skfcnn.estimator.resuming import digest_of
from skfcnn.training import batches

N, D = 20_000, 100
SMALL = {"hidden_layer_sizes": (16,), "batch_size": 100, "random_state": 0}


@pytest.fixture(scope="module")
def data():
    X = np.random.RandomState(0).standard_normal((N, D))
    return X, (X[:, 0] > 0).astype(int)


@pytest.fixture(autouse=True)
def _every_array_is_large(monkeypatch):
    monkeypatch.setattr(batches, "CONVERTED", 0)


@contextmanager
def traced():
    """Yield a function that returns the bytes now and at the peak, above those before."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        yield lambda: [size - before for size in tracemalloc.get_traced_memory()]
    finally:
        tracemalloc.stop()


def fit(X, y, kind=FullyConnectedClassifier, **parameters):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return kind(**SMALL | parameters).fit(X, y)


def mapped(X, path):
    X.tofile(path)
    return np.memmap(path, X.dtype, mode="r", shape=X.shape)


HELD = {
    "float64": lambda X, path: X,
    "float32": lambda X, path: X.astype(np.float32),
    "fortran": lambda X, path: np.asfortranarray(X),
    "strided": lambda X, path: np.repeat(X, 2, axis=1)[:, ::2],
    "mapped": lambda X, path: mapped(X, path / "X.dat"),
}


KINDS = [FullyConnectedClassifier, FullyConnectedRegressor]


@pytest.mark.grid(5)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("held", HELD)
def test_x_is_never_copied_whole(held, dtype, kind, data, tmp_path):
    X, y = data
    X = HELD[held](X, tmp_path)
    with traced() as sizes:
        fit(X, y, kind, dtype=dtype, max_iter=2)
        _, peak = sizes()
    # Vectors of n_rows numbers remain (labels, weights, the order), and a few batches.
    assert peak < X.nbytes / 2


@pytest.mark.grid(2)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_mapped_sparse_matrix_is_never_copied_whole(dtype, data, tmp_path):
    dense = data[0] * (data[0] > 0.5)
    sparse = scipy.sparse.csr_matrix(dense)
    parts = [
        mapped(getattr(sparse, name), tmp_path / name)
        for name in ("data", "indices", "indptr")
    ]
    n_bytes = sum(part.nbytes for part in parts)
    X = scipy.sparse.csr_matrix(tuple(parts), shape=sparse.shape)
    with traced() as sizes:
        model = fit(X, data[1], dtype=dtype, max_iter=2)
        _, peak = sizes()
    assert peak < n_bytes / 2
    expected = fit(sparse, data[1], dtype=dtype, max_iter=2)
    np.testing.assert_array_equal(model.coefs_[0], expected.coefs_[0])


@pytest.mark.grid(3)
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("params", [{}, {"scale_target": False}, {"dtype": "float32"}])
def test_y_of_many_columns_is_copied_a_few_times_at_most(params, solver):
    """It is larger than X: encoded, standardized, and for its deviation once more."""
    X = np.random.RandomState(0).standard_normal((5000, 4))
    y = X[:, :1] + np.arange(300.0)
    params = params | {"solver": solver, "hidden_layer_sizes": (2,), "max_iter": 2}
    with traced() as sizes:
        model = fit(X, y, FullyConnectedRegressor, **params)
        _, peak = sizes()
    # L-BFGS takes the rows of a chunk at once, and keeps y in the dtype of the network.
    assert peak < 6.5 * y.nbytes
    with traced() as sizes:
        model.predict(X)
        _, peak = sizes()
    assert peak < 3.0 * y.nbytes


@pytest.mark.grid(2)
@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("hidden", [(16,), (400, 400)], ids=["one block", "many blocks"])
def test_nothing_grows_with_the_number_of_steps(solver, hidden, data):
    X, y = data[0][:1000], data[1][:1000]
    few = {"solver": solver, "hidden_layer_sizes": hidden, "tol": 0.0}
    fit(X, y, max_iter=1, **few)  # what is made once, in the first fit
    peaks = []
    for max_iter in (2, 8):
        with traced() as sizes:
            fit(X, y, max_iter=max_iter, **few)
            peaks.append(sizes()[1])
    # 60 steps more: an array kept in each would be 60 times a batch of 100 x 16 numbers.
    assert peaks[1] - peaks[0] < 60 * 1000
    assert peaks[1] < 1.2 * peaks[0]


def test_partial_fits_do_not_leak(data):
    X, y = data[0][:500], data[1][:500]
    model = FullyConnectedClassifier(**SMALL)
    for _ in range(50):  # until the caches of the libraries are full
        model.partial_fit(X, y, classes=[0, 1])
    with traced() as sizes:
        for _ in range(20):
            model.partial_fit(X, y)
        left, _ = sizes()
    # A number per row that each fit kept would be twice that; threads of other libraries,
    # left by tests before, allocate some kilobytes.
    assert left < 20 * 8 * len(X) / 2


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="Linux tells how much")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_many_fits_and_predictions_do_not_leak(tmp_path):
    """The short form of reliability/soaking.py."""
    for work, n in (
        (lambda n: soaking.fits(n, tmp_path), 600),
        (soaking.predictions, 20_000),
    ):
        before, after, _ = soaking.soak(work, n)
        assert after.megabytes - before.megabytes < soaking.LIMIT
        assert (after.files, after.threads) == (before.files, before.threads)


# ----- what is computed besides training: hints, checks, digests


def wide(n, d, rng=0):
    """Return a sparse matrix with ten stored values per row, and random labels."""
    rng = np.random.RandomState(rng)
    columns = rng.randint(d, size=10 * n)
    X = scipy.sparse.csr_matrix(
        (rng.uniform(size=10 * n), columns, range(0, 10 * n + 1, 10)), (n, d)
    )
    return X, rng.randint(2, size=n)


def large(n_in, n_out, rng):
    return 9.0 * rng.standard_normal((n_in, n_out)), np.zeros(n_out)


OF_WIDE = {
    "adam": {},
    "worse than guessing": {"weight_init": large},
    "data-driven": {"weight_init": "data_driven"},
    "lbfgs": {"solver": "lbfgs"},
    "held out": {"early_stopping": True},
}


@pytest.mark.parametrize("case", OF_WIDE)
def test_a_wide_sparse_matrix_stays_sparse(case):
    X, y = wide(2000, 30_000)
    params = {"hidden_layer_sizes": (2,), "max_iter": 2, "learning_rate_init": 1e-6}
    with traced() as sizes:
        model = fit(X, y, **params | OF_WIDE[case])
        model.predict(X)
        _, peak = sizes()
    # Of the parameters there are a gradient, averages of the solver, L-BFGS's 20 pairs.
    n_copies = 80 if case == "lbfgs" else 20
    assert peak < n_copies * model._network.theta.size * 8 + 20 * X.data.nbytes
    assert peak < X.shape[0] * X.shape[1] * 8 / 8


@pytest.mark.parametrize("held", ["float64", "mapped"])
def test_extreme_rows_of_weight_zero_are_found_without_a_copy(held, data, tmp_path):
    X, y = data
    X = HELD[held](X, tmp_path)
    weights = (np.arange(N) % 2).astype(float)
    with traced() as sizes:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            FullyConnectedClassifier(**SMALL, max_iter=1).fit(X, y, weights)
        _, peak = sizes()
    assert peak < X.nbytes / 2


class Counted(np.ndarray):
    """An array that counts how many of its values are read; results are plain arrays."""

    n_read = 0

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        plain = [self.read(each) if isinstance(each, Counted) else each for each in inputs]
        return getattr(ufunc, method)(*plain, **kwargs)

    def __array_function__(self, function, types, args, kwargs):
        plain = [self.read(each) if isinstance(each, Counted) else each for each in args]
        return function(*plain, **kwargs)

    @staticmethod
    def read(array):
        Counted.n_read += array.size
        return np.asarray(array)

    def take(self, rows, *args, **kwargs):
        taken = np.asarray(self).take(rows, *args, **kwargs)
        Counted.n_read += taken.size
        return taken

    def dot(self, *args):
        return self.read(self).dot(*args)

    def astype(self, *args, **kwargs):
        return self.read(self).astype(*args, **kwargs)

    def __getitem__(self, key):
        found = super().__getitem__(key)
        return found if found.base is not None else self.read(found)


@pytest.fixture
def counted(monkeypatch):
    """Replace the checked X of a fit by an array that counts reads."""

    def make(estimator, X, y, sample_weight):
        return make_data(estimator, X.view(Counted), y, sample_weight)

    monkeypatch.setattr("skfcnn.estimator.rows.make_data", make)
    monkeypatch.setattr(Counted, "n_read", 0)


SHAPES = {"long": (N, D), "very wide": (2000, 5000)}


@pytest.mark.grid(2)
@pytest.mark.parametrize("end", ["bad", "worse than guessing"])
@pytest.mark.parametrize("shape", SHAPES)
def test_array_is_hardly_read_outside_training(shape, end, counted):
    X = np.random.RandomState(0).standard_normal(SHAPES[shape]).astype(np.float32)
    y = np.random.RandomState(1).randint(2, size=len(X))
    params = {
        "hidden_layer_sizes": (2,),
        "learning_rate_init": 1e-6,
        "weight_init": "zeros",
    }
    if end != "bad":
        params["weight_init"] = large
    n_epochs = 3
    fit(X, y, max_iter=n_epochs, **params)
    beside = Counted.n_read / X.size - n_epochs
    # Some rows for their loss and their scales, and ten times as many to call it worse.
    assert 0.0 < beside < (0.3 if end == "bad" else 1.3)


def test_digests_read_once_and_copy_nothing(data):
    X = np.asfortranarray(data[0])
    with traced() as sizes:
        Counted.n_read = 0
        digest = digest_of(X.view(Counted))
        _, peak = sizes()
    assert Counted.n_read <= X.size and peak < X.nbytes / 4
    assert digest == digest_of(data[0])


@pytest.mark.grid(3)
@pytest.mark.parametrize("scoring", [None, "loss", "calibrated_loss"])
def test_no_float_matrix_of_all_rows_and_classes_is_created(scoring):
    n, n_classes = 3000, 1000
    rng = np.random.RandomState(0)
    X, y = rng.standard_normal((n, 5)), np.arange(n) % n_classes
    given = {"X_val": X, "y_val": y} if scoring else {}
    model = FullyConnectedClassifier(
        **SMALL, scoring=scoring, max_iter=1, learning_rate_init=1e-6, weight_init=large
    )
    with warnings.catch_warnings(record=True) as caught, traced() as sizes:
        warnings.simplefilter("always")
        model.fit(X, y, **given)
        _, peak = sizes()
    assert "worse than guessing" in str(caught[-1].message)
    # Labels of a byte there are, of rows to learn from and perhaps to validate on. The
    # others are of a chunk of 262 rows, or of the 1300 that are gathered at once.
    assert peak < (5 if scoring else 4) * n * n_classes
