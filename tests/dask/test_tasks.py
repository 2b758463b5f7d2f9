"""Fits inside a task: the task frees its thread for the tasks of the fit."""

import threading

import numpy as np
import pytest
from dask.distributed import get_client, worker_client
from dask_cluster import cut, workers
from distributed.threadpoolexecutor import thread_state
from sklearn.datasets import load_digits

from skfcnn.dask import DaskFullyConnectedClassifier

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, y = load_digits(return_X_y=True)
X, y = X[:500] / 16.0, y[:500]
PARAMS = {"hidden_layer_sizes": (10,), "random_state": 0, "dtype": "float64"}


def holds_its_thread():
    """Return whether this task runs on one of the threads that its worker counts."""
    return threading.current_thread() in thread_state.executor._threads


def whole_course():
    """Fit, resume, predict and score; return the results."""
    X_, y_ = cut(X, y)
    params = {**PARAMS, "early_stopping": True, "class_weight": "balanced"}
    validation = {"X_val": X_[:100], "y_val": y_[:100]}
    model = DaskFullyConnectedClassifier(**params, max_iter=3)
    begun = model.fit(X_, y_, **validation, stop_after=1)
    model = DaskFullyConnectedClassifier(**params, max_iter=3)
    model.fit(X_, y_, **validation, resume_from=begun)
    return model.loss_curve_, model.predict(X_).compute(), model.score(X_, y_)


def whole_course_in_a_task():
    found = whole_course()
    return found, holds_its_thread()


def assert_same(found, expected):
    (losses, labels, score), (other_losses, other_labels, other_score) = found, expected
    # The scheduler decides which worker sums which rows first.
    np.testing.assert_allclose(losses, other_losses, rtol=1e-10)
    np.testing.assert_array_equal(labels, other_labels)
    assert score == other_score


@pytest.mark.grid(3)
@pytest.mark.parametrize("n_workers", [1, 2])
def test_fit_in_a_task_equals_fit_by_the_client(n_workers):
    with workers(n_workers) as client:
        expected = whole_course()
        tasks = [client.submit(whole_course_in_a_task, pure=False) for _ in range(2)]
        for found, holds in client.gather(tasks):
            assert_same(found, expected)
            assert holds


@pytest.mark.slow
def test_fit_in_a_task_of_another_process_equals_fit_by_the_client():
    with workers(2, processes=True) as client:
        expected = whole_course()
        found, holds = client.submit(whole_course_in_a_task).result()
        assert_same(found, expected)
        assert holds


def failing_fit(**params):
    labels = np.where(np.arange(len(y)) == 400, np.nan, y)
    try:
        DaskFullyConnectedClassifier(**PARAMS | params).fit(*cut(X, labels))
    except ValueError as error:
        return str(error), holds_its_thread()


@pytest.mark.parametrize(
    ("params", "words"),
    [({}, "Partition 1: Input y contains NaN"), ({"solver": "lbfgs"}, "lbfgs")],
)
def test_failed_fit_restores_the_thread_of_the_task(params, words):
    with workers(1) as client:
        message, holds = client.submit(failing_fit, **params).result()
        assert words in message
        assert holds


def fit_with(client):
    return DaskFullyConnectedClassifier(client=client, max_iter=2, **PARAMS).fit(*cut(X, y))


def fit_with_a_client_given():
    first = fit_with(get_client())
    assert holds_its_thread()
    with worker_client() as client:  # this frees the thread already
        second = fit_with(client)
        assert not holds_its_thread()
    assert holds_its_thread()
    return first.loss_curve_, second.loss_curve_


def test_task_may_use_its_own_worker_client():
    with workers(1) as client:
        first, second = client.submit(fit_with_a_client_given).result()
        np.testing.assert_allclose(first, second, rtol=1e-10)
