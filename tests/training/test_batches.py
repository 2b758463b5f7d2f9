import numpy as np
import pytest
from scipy.sparse import csr_array

from skfcnn.training import batches as module
from skfcnn.training.batches import Batches
from skfcnn.training.objective import Data

RNG = np.random.RandomState(0)
X = RNG.standard_normal((10, 3))
TARGET = np.eye(2, dtype=bool)[(X[:, 0] > 0).astype(int)]


@pytest.mark.parametrize(
    "source",
    [X, X.astype(np.float32), np.asfortranarray(X), X[:, ::-1], csr_array(X)],
    ids=["same", "float32", "fortran", "strided", "sparse"],
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_rows_are_taken_from_arrays_of_any_layout(source, dtype):
    rows = np.array([7, 0, 7])
    batches = Batches(Data(source, TARGET, np.ones(10)), 3, len(rows), np.dtype(dtype))
    ((taken, target, weights),) = batches.gather(rows)
    assert taken.dtype == target.dtype == dtype
    np.testing.assert_array_equal(target, TARGET[rows])
    np.testing.assert_array_equal(weights, np.ones(3))
    dense = taken.toarray() if isinstance(source, csr_array) else taken
    original = source.toarray() if isinstance(source, csr_array) else source
    np.testing.assert_allclose(dense, original[rows], rtol=1e-6)


def batches_of(weights, order, dtype=np.float64):
    """Return X, target, shares and total weight of every batch of four rows."""
    batches = Batches(Data(X, TARGET, weights), 4, len(order), np.dtype(dtype))
    return [
        (batch.X.copy(), batch.target.copy(), batch.shares.copy(), total)
        for gathered in batches.gather(order)
        for batch, total in batches.split(gathered)
    ]


@pytest.mark.parametrize("gathered", [1, 24, 1000], ids=["one", "two", "all"])
def test_batches_follow_the_order_and_the_last_is_short(gathered, monkeypatch):
    """For any number of batches gathered at once."""
    monkeypatch.setattr(module, "GATHERED", gathered)
    weights, order = np.arange(1.0, 11.0), np.arange(10)[::-1]
    for i, (x, target, shares, total) in enumerate(batches_of(weights, order)):
        rows = order[4 * i : 4 * i + 4]
        np.testing.assert_array_equal(x, X[rows])
        np.testing.assert_array_equal(target, TARGET[rows])
        assert total == weights[rows].sum()
        assert shares.shape == target.shape
        for column in shares.T:
            np.testing.assert_allclose(column, weights[rows] / total, rtol=1e-15)
    assert (i, len(x)) == (2, 2)


def test_batches_without_weight_are_skipped():
    weights = np.repeat([0.0, 1.0], [4, 6])
    assert [len(x) for x, *_ in batches_of(weights, np.arange(10))] == [4, 2]


def test_shares_are_in_the_precision_of_the_rows():
    x, target, shares, _ = batches_of(np.ones(10), np.arange(10), np.float32)[0]
    assert x.dtype == target.dtype == shares.dtype == np.float32


@pytest.mark.parametrize(
    ("batch_size", "n_features", "n_batches"),
    [(2, 4, 4), (2, 16, 1), (2, 100, 1), (1, 3, 10)],
)
def test_as_many_batches_are_gathered_as_fit_the_cache(
    batch_size, n_features, n_batches, monkeypatch
):
    monkeypatch.setattr(module, "GATHERED", 32)
    data = Data(np.ones((40, n_features)), np.ones((40, 1), bool), np.ones(40))
    batches = Batches(data, batch_size, 40, np.dtype(float))
    sizes = [len(weights) for _, _, weights in batches.gather(np.arange(40))]
    assert sizes[0] == batch_size * n_batches
    assert sum(sizes) == 40
    sparse = Batches(data._replace(X=csr_array(data.X)), batch_size, 40, np.dtype(float))
    sizes = [len(weights) for _, _, weights in sparse.gather(np.arange(40))]
    assert sizes == [batch_size] * (40 // batch_size)  # new arrays each time


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_buffers_have_the_right_dtype(dtype):
    data = Data(X, TARGET, np.ones(10))
    batches = Batches(data, 3, 10, np.dtype(dtype))
    ((_, _, weights),) = batches.gather(np.arange(3))
    assert batches.raw.dtype == dtype
    assert weights.dtype == np.float64
    same, *_ = Batches(data._replace(X=X.astype(dtype)), 3, 10, np.dtype(dtype)).sources
    assert same.converted is same.taken  # nothing to convert, and nothing copied


def test_uninitialized_memory_is_not_converted(monkeypatch):
    """It may be too large for float32, and NumPy would warn."""

    def full(shape, dtype):
        return np.full(shape, 1e300 if dtype == np.float64 else 1, dtype)

    monkeypatch.setattr(np, "empty", full)
    batches = Batches(Data(X, TARGET, np.ones(10)), 3, 10, np.dtype(np.float32))
    (first, *_) = batches.gather(np.arange(3))
    np.testing.assert_array_equal(first.X, X[:3].astype(np.float32))


def test_small_x_is_converted_once_and_large_x_never(monkeypatch):
    frame = np.asfortranarray(X)
    converted = module.in_rows(frame, np.dtype(np.float32))
    assert converted.flags.c_contiguous and converted.dtype == np.float32
    np.testing.assert_array_equal(converted, X.astype(np.float32))
    assert module.in_rows(X, X.dtype) is X
    monkeypatch.setattr(module, "CONVERTED", X.size - 1)
    assert module.in_rows(frame, np.dtype(np.float32)) is frame
