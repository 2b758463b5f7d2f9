"""User functions may wait for fits of other threads while their own fit is running."""

import threading
import time

import numpy as np
import pytest
from callback_support import needs_callbacks
from threadpoolctl import threadpool_limits

from skfcnn import FullyConnectedClassifier
from skfcnn.inspection import check_gradient, trace
from skfcnn.network.user_code import of_thread, others_turn
from skfcnn.training import threads
from skfcnn.training.threads import WORK, threads_for

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
RNG = np.random.RandomState(0)
X = RNG.standard_normal((40, 3))
Y = (X[:, 0] > 0).astype(int)
SECONDS = 30  # until what hangs is a failure


def ends(function) -> bool:
    """Return whether the function ends, in another thread that is abandoned if not."""
    thread = threading.Thread(target=function, daemon=True)
    thread.start()
    thread.join(SECONDS)
    return not thread.is_alive()


def fit_on_two_threads():
    with threads_for(2 * WORK):
        pass


class Waiting:
    """A user's function that waits once, in a turn, for another fit."""

    def __init__(self, function):
        self.function = function
        self.ended = []

    def __call__(self, *args):
        if of_thread.turn is not None and not self.ended:
            self.ended.append(ends(fit_on_two_threads))
        return self.function(*args)


class WaitingCallback(Waiting):
    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        self()

    def on_fit_task_end(self, estimator, context):
        pass


def slope_of_tanh(z):
    return 1.0 - np.tanh(z) ** 2


def drawn(n_in, n_out, rng):
    return rng.standard_normal((n_in, n_out)), np.zeros(n_out)


KINDS = {
    "weight_init": (drawn, lambda waits: {"weight_init": waits}),
    "function": (np.tanh, lambda waits: {"activation": (waits, slope_of_tanh)}),
    "derivative": (slope_of_tanh, lambda waits: {"activation": (np.tanh, waits)}),
    "parametric": (
        slope_of_tanh,
        lambda waits: {"activation": (np.tanh, waits), "parametric_activation": True},
    ),
    "data-driven": (
        np.tanh,
        lambda waits: {"activation": (waits, slope_of_tanh), "weight_init": "data_driven"},
    ),
    "schedule": (lambda t: 1.0 - t, lambda waits: {"schedule": waits}),
    "scoring": (lambda estimator, X, y: 0.5, lambda waits: {"scoring": waits}),
}


@pytest.fixture
def two_blas_threads():
    with threadpool_limits(2, user_api="blas"):
        yield


def check_that_it_ends(model, waits):
    assert ends(lambda: model.fit(X, Y, X_val=X, y_val=Y))
    assert waits.ended == [True]
    assert not threads._process.fits and not threads._process.computing


@pytest.mark.grid(4)
@pytest.mark.parametrize(
    ("kind", "solver"),
    [(kind, "adam") for kind in KINDS]
    + [(kind, "lbfgs") for kind in KINDS if kind != "schedule"],
)
def test_user_functions_may_wait_for_a_fit(kind, solver, two_blas_threads):
    function, params = KINDS[kind]
    waits = Waiting(function)
    model = FullyConnectedClassifier((4,), solver=solver, max_iter=2, **params(waits))
    check_that_it_ends(model, waits)


@needs_callbacks
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_callbacks_may_wait_for_a_fit(solver, two_blas_threads):
    waits = WaitingCallback(lambda: None)
    model = FullyConnectedClassifier((4,), solver=solver, max_iter=2)
    check_that_it_ends(model.set_callbacks(waits), waits)


@pytest.mark.parametrize("inspect", [check_gradient, trace])
def test_user_functions_may_wait_for_a_fit_during_inspection(inspect, two_blas_threads):
    waits = Waiting(np.tanh)
    model = FullyConnectedClassifier((4,), (waits, slope_of_tanh), max_iter=2).fit(X, Y)
    waits.ended.clear()
    assert ends(lambda: inspect(model, X[:5], Y[:5]))
    assert waits.ended == [True]


def test_a_short_call_keeps_the_turn_and_a_long_one_does_not(two_blas_threads):
    begun = threading.Event()

    def fit():
        with threads_for(2 * WORK):
            begun.set()

    with threads_for(0) as turn:
        thread = threading.Thread(target=fit, daemon=True)
        thread.start()
        while not threads._process.waiting:
            time.sleep(0.001)
        for _ in range(100):
            with others_turn():
                assert turn.is_lent
        assert not begun.is_set()
        with others_turn():
            with others_turn():  # as a scoring function may call an activation
                pass
            assert turn.is_lent
            assert begun.wait(SECONDS)
        assert not turn.is_lent and turn in threads._process.computing
    thread.join(SECONDS)


def test_error_in_user_code_does_not_wait_for_a_turn(two_blas_threads):
    end = threading.Event()

    def fit():
        with threads_for(2 * WORK) as turn:
            begun.set()
            end.wait(SECONDS)
            assert turn in threads._process.computing

    begun = threading.Event()
    thread = threading.Thread(target=fit, daemon=True)
    with pytest.raises(ZeroDivisionError), threads_for(0), others_turn():
        thread.start()
        assert begun.wait(SECONDS)
        raise ZeroDivisionError
    assert of_thread.turn is None
    end.set()
    thread.join(SECONDS)
    assert not threads._process.fits and not threads._process.computing


def test_waiting_for_other_fits_does_not_change_the_result(two_blas_threads, monkeypatch):
    """Other fits take the turn whenever user code runs, with another number of threads."""

    def fit():
        model = FullyConnectedClassifier(
            (301, 131),
            (lambda z: np.tanh(z), slope_of_tanh),
            schedule=lambda t: 1.0 - t,
            max_iter=2,
            batch_size=100,
            dtype="float64",
            random_state=0,
        )
        return model.fit(rows, labels)._network.theta.tobytes()

    def go_on():
        while not is_over:
            fit_on_two_threads()

    rows = np.random.RandomState(1).standard_normal((300, 64))
    labels = (rows[:, 0] > 0).astype(int)
    alone, is_over = fit(), []
    assert 300 * 64 < 100 * (64 * 301 + 301 * 131) < 2 * WORK
    monkeypatch.setattr(threads, "PATIENCE", 0.0)
    thread = threading.Thread(target=go_on, daemon=True)
    thread.start()
    try:
        assert fit() == alone
    finally:
        is_over.append(True)
        thread.join(SECONDS)


def test_outside_a_fit_there_is_no_turn():
    with others_turn():
        assert of_thread.turn is None
