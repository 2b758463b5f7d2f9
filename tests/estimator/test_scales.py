"""The size of the numbers in X, read block by block."""

import numpy as np
import pytest
import scipy.sparse

from skfcnn.estimator import scales
from skfcnn.estimator.scales import columns_of_many_values, deviations, largest, row_blocks

RNG = np.random.RandomState(0)
X = RNG.standard_normal((70, 9)) * (RNG.uniform(size=(70, 9)) < 0.4)
FORMS = {
    "array": lambda X: X,
    "float32": lambda X: X.astype(np.float32),
    "fortran": np.asfortranarray,
    "sparse": scipy.sparse.csr_matrix,
    "duplicates": lambda X: with_duplicates(X),
}


def with_duplicates(X):
    """Return a sparse X in which each entry is the sum of two of different sign."""
    rows, columns = np.nonzero(X)
    values = np.concatenate([3.0 * X[rows, columns], -2.0 * X[rows, columns]])
    order = np.argsort(np.tile(rows, 2), kind="stable")
    starts = np.concatenate([[0], 2 * np.cumsum(np.bincount(rows, minlength=len(X)))])
    return scipy.sparse.csr_matrix(
        (values[order], np.tile(columns, 2)[order], starts), shape=X.shape
    )


@pytest.fixture(params=[5, 40, 2**18], ids="blocks of {}".format)
def block(request, monkeypatch):
    monkeypatch.setattr(scales, "BLOCK", request.param)


@pytest.mark.parametrize("form", FORMS)
def test_largest_and_deviations_are_those_of_the_array(form, block):
    x = FORMS[form](X)
    # Sums of float32 numbers in another order.
    rtol = 1e-6 if form == "float32" else 1e-12
    assert largest(x) == pytest.approx(abs(X).max(), rel=rtol)
    rows = np.array([3, 7, 60])
    assert largest(x, rows) == pytest.approx(abs(X[rows]).max(), rel=rtol)
    np.testing.assert_allclose(deviations(x), X.std(axis=0), rtol=rtol)


def test_deviations_of_the_largest_numbers_do_not_overflow():
    x = np.array([[1e300, 1.0], [-1e300, 3.0]])
    np.testing.assert_allclose(deviations(x), [1e300, 1.0])
    np.testing.assert_allclose(deviations(scipy.sparse.csr_array(x)), [1e300, 1.0])


def test_largest_of_an_empty_array_is_zero():
    assert largest(scipy.sparse.csr_matrix((4, 3))) == 0.0
    assert largest(np.empty((0, 3))) == 0.0
    np.testing.assert_array_equal(deviations(scipy.sparse.csr_matrix((4, 3))), np.zeros(3))


def test_columns_of_many_values(block):
    x = np.zeros((30, 5))
    x[20, 1] = 1.0  # two values
    x[:, 2] = np.arange(30) // 10  # three, one after the other
    x[::2, 3], x[29, 3] = -1.0, 1.0
    x[5:, 4] = 2.0
    assert columns_of_many_values(x).tolist() == [False, False, True, True, False]
    assert columns_of_many_values(x[:10]).tolist() == [False] * 5


@pytest.mark.parametrize("form", ["sparse", "duplicates"])
def test_blocks_of_a_sparse_matrix_are_summed_copies(form, block):
    x = FORMS[form](X)
    before = [each.copy() for each in (x.data, x.indices, x.indptr)]
    blocks = list(row_blocks(x))
    np.testing.assert_allclose(scipy.sparse.vstack(blocks).toarray(), X)
    assert all(each.has_canonical_format for each in blocks)
    for was, array in zip(before, (x.data, x.indices, x.indptr), strict=True):
        np.testing.assert_array_equal(array, was)
