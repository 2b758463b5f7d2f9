import pytest
from joblib import Parallel, cpu_count, delayed
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_info, threadpool_limits

from skfcnn import FullyConnectedClassifier
from skfcnn.training import threads as module
from skfcnn.training.threads import WORK, threads_for

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


@pytest.mark.parametrize(("n_products", "n"), [(0, 1), (WORK, 1), (2 * WORK, 2)])
def test_threads_by_the_size_of_the_work(n_products, n, two_blas_threads):
    before = numpys_and_scipys()
    with threads_for(n_products):
        numpys, scipys = numpys_and_scipys()
        assert numpys == {n}
        assert scipys <= {1}
    assert numpys_and_scipys() == before


def test_never_more_threads_than_the_user_allows():
    with threadpool_limits(1, user_api="blas"), threads_for(100 * WORK):
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


def test_processes_side_by_side_share_the_cores():
    """As those of GridSearchCV(n_jobs=2), which get their threads from joblib."""

    def threads_in_a_large_fit():
        from threadpoolctl import threadpool_info

        from skfcnn.training.threads import WORK, threads_for

        with threads_for(100 * WORK):
            blas = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
            return max(library["num_threads"] for library in blas)

    threads = Parallel(n_jobs=2)(delayed(threads_in_a_large_fit)() for _ in range(2))
    assert sum(threads) <= max(2, cpu_count())
