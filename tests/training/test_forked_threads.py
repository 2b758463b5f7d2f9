"""A process that is forked while other threads fit: the child lacks those threads."""

import os
import signal
import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from skfcnn import FullyConnectedClassifier
from skfcnn.training import threads as module
from skfcnn.training.threads import WORK, others_turn, threads_for

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system"),
    # Python 3.12 and newer warn of a fork in a process that has threads.
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]
SECONDS = 60  # until a child that hangs is a failure


class Library:
    """A BLAS of two threads that takes a lock to set their number, like OpenBLAS."""

    filepath = "libblas.so"

    def __init__(self):
        self.lock = threading.Lock()
        self.n, self.calls, self.seconds = 2, 0, 0.0
        self.is_setting = threading.Event()

    def get_num_threads(self):
        return self.n

    def set_num_threads(self, n):
        self.calls += 1
        with self.lock:
            self.is_setting.set()
            time.sleep(self.seconds)
            self.n = n


@pytest.fixture
def library(monkeypatch):
    library, process = Library(), module._Process()
    process.libraries = [library], []
    monkeypatch.setattr(module, "_process", process)
    return library


@contextmanager
def fit_in_another_thread():
    begun, end = threading.Event(), threading.Event()

    def fit():
        with threads_for(0):
            begun.set()
            end.wait()

    thread = threading.Thread(target=fit, daemon=True)
    thread.start()
    assert begun.wait(SECONDS)
    yield
    end.set()
    thread.join()


def exit_code(pid):
    """Return the exit code of a child; None if it hangs and is killed."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return None


def exit_code_of_child(function):
    """Return the exit code of a child: the result of the function, or 99 if it fails."""
    if pid := os.fork():
        return exit_code(pid)
    code = 99
    try:
        code = function()
    finally:
        os._exit(code)


def test_a_fork_calls_nothing_of_a_blas(library):
    with fit_in_another_thread():
        calls = library.calls
        assert calls > 0
        assert exit_code_of_child(lambda: library.calls - calls) == 0


def test_next_fit_of_the_child_restores_the_number_before_all_fits(library):
    def next_fit():
        assert library.n == 1
        with threads_for(2 * WORK):
            assert library.n == 2
        with threads_for(0):
            assert library.n == 1
        assert library.n == 2
        return 0

    with fit_in_another_thread():
        assert exit_code_of_child(next_fit) == 0


def test_number_that_the_child_sets_is_kept(library):
    def fits_and_sets():
        with threads_for(0):
            pass
        library.n = 3
        with threads_for(0):
            pass
        return library.n

    with fit_in_another_thread():
        assert exit_code_of_child(fits_and_sets) == 3


def test_no_fork_while_a_lock_of_the_blas_is_held(library):
    """It would never be released in the child, where the next fit needs it."""
    library.seconds = 0.2

    def fit():
        with threads_for(0):
            assert library.n == 1
        return 0

    thread = threading.Thread(target=fit, daemon=True)
    thread.start()
    assert library.is_setting.wait(SECONDS)
    assert exit_code_of_child(fit) == 0
    thread.join()


@pytest.mark.parametrize("ending", [SystemExit, None], ids=["exits", "goes on"])
def test_a_child_forked_in_code_of_the_user(ending, library):
    """Otherwise it would wait for another turn, which ends only in the parent."""
    parent, code = os.getpid(), 7
    try:
        with threads_for(2 * WORK), others_turn(), fit_in_another_thread():
            pid = os.fork()
            if pid == 0 and ending is not None:
                raise ending(7)
        with threads_for(0):
            pass
    except SystemExit as error:
        code = error.code
    finally:
        if os.getpid() != parent:
            os._exit(code)
    assert exit_code(pid) == 7


@pytest.mark.slow
def test_children_of_a_process_that_fits_all_the_time():
    """About one child in a hundred hung when the fork hook set the threads."""
    X = np.random.RandomState(0).standard_normal((20, 5))
    y = (X[:, 0] > 0).astype(int)
    is_over = []

    def fit():
        FullyConnectedClassifier((2,), max_iter=1, random_state=0).fit(X, y)
        return 0

    def go_on():
        while not is_over:
            fit()

    with threadpool_limits(2, user_api="blas"):
        fitting = [threading.Thread(target=go_on, daemon=True) for _ in range(4)]
        for thread in fitting:
            thread.start()
        end = time.monotonic() + 12.0
        while time.monotonic() < end:
            assert exit_code_of_child(lambda: 0) == 0
            assert exit_code_of_child(fit) == 0
        is_over.append(True)
        for thread in fitting:
            thread.join()
