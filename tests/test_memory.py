"""What a fit allocates: nothing that grows with the steps, and no second X."""

import tracemalloc
import warnings
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
import soaking
from sklearn.exceptions import ConvergenceWarning

from skfcnn import FullyConnectedClassifier

N, D = 20_000, 100
SMALL = {"hidden_layer_sizes": (16,), "batch_size": 100, "random_state": 0}


@pytest.fixture(scope="module")
def data():
    X = np.random.RandomState(0).standard_normal((N, D))
    return X, (X[:, 0] > 0).astype(int)


@contextmanager
def traced():
    """Yield a function that returns the bytes now and at the peak, above those before."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        yield lambda: [size - before for size in tracemalloc.get_traced_memory()]
    finally:
        tracemalloc.stop()


def fit(X, y, **parameters):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return FullyConnectedClassifier(**SMALL | parameters).fit(X, y)


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


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("held", HELD)
def test_x_is_never_copied_whole(held, dtype, data, tmp_path):
    X, y = data
    X = HELD[held](X, tmp_path)
    with traced() as sizes:
        fit(X, y, dtype=dtype, max_iter=2)
        _, peak = sizes()
    # Vectors of n_rows numbers remain (labels, weights, the order), and a few batches.
    assert peak < X.nbytes / 2


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


def test_nothing_is_left_behind_by_partial_fits(data):
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
def test_many_fits_and_predictions_leave_nothing(tmp_path):
    """The short form of reliability/soaking.py."""
    for work, n in (
        (lambda n: soaking.fits(n, tmp_path), 600),
        (soaking.predictions, 20_000),
    ):
        before, after, _ = soaking.soak(work, n)
        assert after.megabytes - before.megabytes < soaking.LIMIT
        assert (after.files, after.threads) == (before.files, before.threads)
