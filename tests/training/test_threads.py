import warnings

import numpy as np
import pytest
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_info, threadpool_limits

from skfcnn import FullyConnectedClassifier
from skfcnn.training import threads as module
from skfcnn.training.optimizers import Adam
from skfcnn.training.threads import BLOCK, WORK, Threads, threads_for

X, y = load_digits(return_X_y=True)


def numpys_and_scipys():
    """Return the threads of the BLAS libraries: those of NumPy's, those of SciPy's."""
    blas = [library for library in threadpool_info() if library["user_api"] == "blas"]
    both = {True: set(), False: set()}
    for library in blas:
        both[module._is_scipys(library["filepath"])].add(library["num_threads"])
    return both[False], both[True]


@pytest.fixture
def two_blas_threads():
    with threadpool_limits(2, user_api="blas"):
        yield


@pytest.mark.parametrize("n", [1, 2, 5])
@pytest.mark.parametrize("length", [1, BLOCK, BLOCK + 1, 3 * BLOCK + 7])
def test_a_pass_by_blocks_is_the_pass(n, length):
    x, y = np.arange(length, dtype=float), np.ones(length)
    with Threads(n) as threads:
        threads.each_block(lambda a, b: np.add(a, b, out=a), x, y)
    np.testing.assert_array_equal(x, np.arange(1, length + 1))


def test_a_step_has_the_same_bits_with_any_number_of_threads():
    thetas = []
    for n in (1, 3):
        rng = np.random.RandomState(0)
        theta = rng.standard_normal(4 * BLOCK + 3)
        adam = Adam(theta, beta_1=0.9, beta_2=0.999, epsilon=1e-8)
        with Threads(n) as threads:
            for _ in range(3):
                adam.step(theta, rng.standard_normal(len(theta)), 0.1, threads)
        thetas.append(theta)
    np.testing.assert_array_equal(*thetas)


@pytest.mark.parametrize("failing", [0, BLOCK])
def test_an_error_in_any_thread_is_raised(failing):
    def fail(x):
        if x[0] == failing:
            raise KeyError(failing)

    with Threads(2) as threads, pytest.raises(KeyError, match=str(failing)):
        threads.each_block(fail, np.arange(2 * BLOCK))


def test_what_numpy_ignores_is_ignored_in_every_thread():
    x = np.full(2 * BLOCK, 1e300)
    with warnings.catch_warnings(), np.errstate(over="ignore"), Threads(2) as threads:
        warnings.simplefilter("error")
        threads.each_block(lambda x: np.multiply(x, x, out=x), x)
    assert np.isinf(x).all()


@pytest.mark.parametrize(("n_products", "n"), [(0, 1), (WORK, 1), (2 * WORK, 2)])
def test_threads_by_the_size_of_the_work(n_products, n, two_blas_threads):
    before = numpys_and_scipys()
    with threads_for(n_products) as threads:
        assert threads.n == n
        numpys, scipys = numpys_and_scipys()
        assert numpys == {n}
        assert scipys <= {1}
    assert numpys_and_scipys() == before


def test_never_more_threads_than_the_user_allows():
    with threadpool_limits(1, user_api="blas"), threads_for(100 * WORK) as threads:
        assert threads.n == 1
        assert numpys_and_scipys()[0] == {1}


def test_the_limit_ends_with_the_last_fit_under_way(two_blas_threads):
    before = numpys_and_scipys()
    first, second = threads_for(0), threads_for(2 * WORK)
    with pytest.raises(ZeroDivisionError), first:
        second.__enter__()
        assert numpys_and_scipys()[0] == {1}
        raise ZeroDivisionError
    assert numpys_and_scipys()[0] == {1}
    second.__exit__(None, None, None)
    assert numpys_and_scipys() == before


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_fit_gives_the_threads_back_and_a_prediction_takes_none(
    solver, two_blas_threads, monkeypatch
):
    before = numpys_and_scipys()
    model = FullyConnectedClassifier(solver=solver, tol=0.5, random_state=0).fit(X, y)
    assert numpys_and_scipys() == before
    monkeypatch.delattr(module, "_limit")
    assert model.predict_proba(X).shape == (len(y), 10)


def test_two_threads_fit_what_one_fits():
    """A network of several blocks: sums are the BLAS's, all else the same to the bit."""
    fitted = []
    for n in (1, 2):
        model = FullyConnectedClassifier((512, 256), max_iter=2, random_state=0, tol=9.0)
        with threadpool_limits(n, user_api="blas"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fitted.append(model.fit(X, y))
    assert fitted[0]._network.theta.size > 2 * BLOCK
    for one, two in zip(fitted[0].coefs_, fitted[1].coefs_, strict=True):
        # Adam moves by 1e-3 per step whatever the size of a gradient that is near zero.
        np.testing.assert_allclose(one, two, atol=1e-3)
