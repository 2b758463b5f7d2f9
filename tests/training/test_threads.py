import multiprocessing
import os
import re
import signal
import subprocess
import sys
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from joblib import Parallel, cpu_count, delayed
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_info, threadpool_limits

from skfcnn import FullyConnectedClassifier
from skfcnn.training import threads as module
from skfcnn.training.threads import WORK, others_turn, threads_for

X, y = load_digits(return_X_y=True)


def numpys_and_scipys():
    """Return the numbers of threads of NumPy's BLAS and of SciPy's."""
    blas = [library for library in threadpool_info() if library["user_api"] == "blas"]
    both = {True: set(), False: set()}
    for library in blas:
        both[module._is_from_scipy(library["filepath"])].add(library["num_threads"])
    return both[False], both[True]


@pytest.fixture
def two_blas_threads():
    with threadpool_limits(2, user_api="blas"):
        yield


@pytest.mark.parametrize(("n_products", "n"), [(0, 1), (WORK, 1), (2 * WORK, 2)])
def test_number_of_threads_depends_on_the_size_of_a_step(n_products, n, two_blas_threads):
    before = numpys_and_scipys()
    with threads_for(n_products):
        numpys, scipys = numpys_and_scipys()
        assert numpys == {n}
        assert scipys <= {1}
    assert numpys_and_scipys() == before


def test_never_more_threads_than_the_user_allows():
    with threadpool_limits(1, user_api="blas"), threads_for(100 * WORK):
        assert numpys_and_scipys()[0] == {1}


@contextmanager
def in_another_thread(n_products):
    """Begin a fit in another thread, and end it."""
    begun, end = threading.Event(), threading.Event()

    def fit():
        with threads_for(n_products):
            begun.set()
            end.wait()

    thread = threading.Thread(target=fit)
    thread.start()
    try:
        yield begun
    finally:
        end.set()
        thread.join()


def test_limit_ends_with_the_last_running_fit(two_blas_threads):
    before = numpys_and_scipys()
    with in_another_thread(WORK) as begun:
        with pytest.raises(ZeroDivisionError), threads_for(0):
            assert begun.wait(10)
            raise ZeroDivisionError
        assert numpys_and_scipys()[0] == {1}
    assert numpys_and_scipys() == before


class OfEachThread:
    """A BLAS with OpenMP threads: each Python thread has its own number of them."""

    threading_layer, filepath = "openmp", "libblas.so"

    def __init__(self):
        self.here = threading.local()

    def get_num_threads(self):
        return getattr(self.here, "n", 2)

    def set_num_threads(self, n):
        self.here.n = n


def test_number_of_threads_is_restored_in_every_thread(monkeypatch):
    library, process = OfEachThread(), module._Process()
    process.libraries = [library], []
    monkeypatch.setattr(module, "_process", process)

    def fit(n_products):
        with threads_for(n_products):
            inside = library.get_num_threads()
        return inside, library.get_num_threads()

    with threads_for(0), ThreadPoolExecutor(1) as pool:
        assert pool.submit(fit, 0).result(10) == (1, 2)
        assert library.get_num_threads() == 1
    assert library.get_num_threads() == 2


# ----- Turns


def test_fits_with_different_numbers_of_threads_take_turns(two_blas_threads, monkeypatch):
    """In its turn, each fit has the number of threads that it would have alone."""
    monkeypatch.setattr(module, "TURN", 0.0)
    needed = [0, 2 * WORK, 0, 2 * WORK, 5 * WORK]
    seen = [set() for _ in needed]

    def fit(i):
        with threads_for(needed[i]) as turn:
            for _ in range(20):
                turn.offer()
                seen[i] |= numpys_and_scipys()[0]
                time.sleep(0.001)
                seen[i] |= numpys_and_scipys()[0]

    with ThreadPoolExecutor(len(needed)) as pool:
        list(pool.map(fit, range(len(needed)), timeout=30))
    assert seen == [{1}, {2}, {1}, {2}, {2}]
    assert not module._process.fits and not module._process.computing


def test_turn_is_not_split(two_blas_threads, monkeypatch):
    monkeypatch.setattr(module, "TURN", 1e9)
    with threads_for(0) as turn, in_another_thread(2 * WORK) as begun:
        while not module._process.waiting:
            time.sleep(0.001)
        turn.offer()
        assert not begun.is_set()
        turn.leave()
        assert begun.wait(10)


def test_nested_fit_has_its_own_number_of_threads(two_blas_threads):
    with threads_for(0):
        with threads_for(2 * WORK):
            assert numpys_and_scipys()[0] == {2}
        assert numpys_and_scipys()[0] == {1}


def test_a_callback_may_wait_for_fits_of_other_threads(two_blas_threads):
    def fit_another(n):
        with threads_for(n):
            return numpys_and_scipys()[0]

    with threads_for(0), ThreadPoolExecutor(2) as pool:
        with others_turn():
            found = list(pool.map(fit_another, [2 * WORK, 0], timeout=10))
        assert numpys_and_scipys()[0] == {1}
    assert found == [{2}, {1}]


def fits_a_large_network(estimator, rows, labels):
    large = FullyConnectedClassifier((400, 200), max_iter=1, tol=9.0)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(large.fit, rows, labels).result(60).score(rows, labels)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_score_may_wait_for_fits_of_other_threads(two_blas_threads):
    assert 200 * (64 * 100 + 1000) < 2 * WORK < 200 * (64 * 400 + 400 * 200)
    model = FullyConnectedClassifier(scoring=fits_a_large_network, max_iter=2)
    model.fit(X, y, X_val=X, y_val=y)
    assert len(model.validation_scores_) == 2


def test_fit_interrupted_while_waiting_leaves_the_queue(two_blas_threads, monkeypatch):
    def interrupted(*args):
        raise KeyboardInterrupt

    with threads_for(0):
        with monkeypatch.context() as patched:
            patched.setattr(module._process.changed, "wait_for", interrupted)
            with pytest.raises(KeyboardInterrupt), threads_for(2 * WORK):
                pass  # pragma: no cover
        assert not module._process.waiting
    assert not module._process.fits and not module._process.computing


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer on this system")
def test_interruptions_at_any_moment_leave_no_fit_behind():
    """In a separate process, where no lock but ours can remain held."""
    script = Path(__file__).parents[2] / "reliability" / "interrupting.py"
    command = [sys.executable, script, "--interruptions", "300"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert re.match(r"300 interruptions, [1-9]\d* came out; nothing was left", done.stdout)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
@pytest.mark.parametrize("where", ["this thread", "another"])
def test_forked_process_does_not_wait_for_fits_of_its_parent(where, two_blas_threads):
    """The fit of another thread does not run in the child and would never end there."""
    context = multiprocessing.get_context("fork")
    with fit_under_way(where), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads, from 3.12 on
        with context.Pool(1) as pool:
            assert pool.apply_async(fit_in_fork).get(timeout=30) == {2}


@contextmanager
def fit_under_way(where):
    if where == "this thread":
        with threads_for(0):
            yield
        return
    begun, ended = threading.Event(), threading.Event()

    def fit():
        with threads_for(0):
            begun.set()
            ended.wait(60)

    thread = threading.Thread(target=fit)
    thread.start()
    begun.wait(60)
    yield
    ended.set()
    thread.join()


def fit_in_fork():
    with threads_for(2 * WORK):
        return numpys_and_scipys()[0]


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_fit_restores_the_threads_and_predict_does_not_set_them(
    solver, two_blas_threads, monkeypatch
):
    before = numpys_and_scipys()
    model = FullyConnectedClassifier(solver=solver, tol=0.5, random_state=0).fit(X, y)
    assert numpys_and_scipys() == before
    monkeypatch.delattr(module, "_process")
    assert model.predict_proba(X).shape == (len(y), 10)


def test_parallel_processes_share_the_cores():
    """Like those of GridSearchCV(n_jobs=2), whose threads joblib limits."""

    def threads_in_a_large_fit():
        from threadpoolctl import threadpool_info

        from skfcnn.training.threads import WORK, threads_for

        with threads_for(100 * WORK):
            blas = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
            return max(library["num_threads"] for library in blas)

    threads = Parallel(n_jobs=2)(delayed(threads_in_a_large_fit)() for _ in range(2))
    assert sum(threads) <= max(2, cpu_count())


# ----- Libraries


@pytest.mark.parametrize(
    ("path", "is_scipys"),
    [
        ("/env/site-packages/scipy.libs/libscipy_openblas-c128ec02.so", True),
        ("/env/site-packages/numpy.libs/libscipy_openblas64_-6bb31eeb.so", False),
        ("/env/site-packages/scipy/.dylibs/libscipy_openblas.dylib", True),
        ("/env/site-packages/numpy/.dylibs/libscipy_openblas64_.dylib", False),
        ("/usr/lib/x86_64-linux-gnu/libopenblas.so.0", False),
    ],
)
def test_libraries_of_scipy_are_recognized(path, is_scipys):
    assert module._is_from_scipy(path) is is_scipys
