"""Lost workers, new workers and a lost scheduler, with real processes."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import dask.array as da
import joblib
import numpy as np
import pytest
from dask.distributed import Client, LocalCluster
from dask_cluster import workers
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from threadpoolctl import threadpool_info

from skfcnn import FullyConnectedClassifier
from skfcnn.callbacks import Checkpoint, load_checkpoint
from skfcnn.dask import DaskFullyConnectedClassifier
from skfcnn.dask.cluster import ClusterSteps
from skfcnn.dask.epochs import all_threads

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]

N_ROWS, N_CHUNKS = 40_000, 8
PARAMS = {
    "hidden_layer_sizes": (64, 64),
    "batch_size": 500,
    "max_iter": 6,
    "random_state": 0,
    "dtype": "float64",
    "tol": 0.0,
}


def rows():
    """Return rows that Dask can compute again if a worker is lost."""
    X = da.random.default_rng(0).normal(size=(N_ROWS, 20), chunks=(N_ROWS // N_CHUNKS, 20))
    return X, (X[:, 0] * X[:, 1] > 0).astype(int)


@pytest.fixture(scope="module")
def undisturbed():
    with workers(2) as client:
        return DaskFullyConnectedClassifier(client=client, **PARAMS).fit(*rows())


class Meanwhile:
    """Calls a function once, in the middle of an epoch."""

    def __init__(self, monkeypatch, epoch, act):
        self.n_workers = []
        attempt = ClusterSteps._attempt

        def watched(steps, course):
            parts = steps.rows.parts()
            self.n_workers.append(len(parts))
            if len(self.n_workers) == epoch:
                self.timer = threading.Timer(0.1, act, [parts])
                self.timer.start()
            return attempt(steps, course)

        monkeypatch.setattr(ClusterSteps, "_attempt", watched)


def kill_worker(client, rank):
    def kill(parts):
        address = parts[rank].address
        (pid,) = client.run(os.getpid, workers=[address]).values()
        os.kill(pid, signal.SIGKILL)

    return kill


@pytest.mark.grid(3)
@pytest.mark.parametrize("rank", [0, 1, 2], ids=["root", "child", "last"])
def test_killed_worker_costs_only_one_epoch(undisturbed, monkeypatch, rank):
    with workers(3, processes=True) as client:
        seen = Meanwhile(monkeypatch, 3, kill_worker(client, rank))
        model = DaskFullyConnectedClassifier(client=client, **PARAMS).fit(*rows())
    assert len(seen.n_workers) == PARAMS["max_iter"] + 1  # one epoch was repeated
    np.testing.assert_allclose(model.loss_curve_, undisturbed.loss_curve_, rtol=1e-10)
    np.testing.assert_allclose(model._network.theta, undisturbed._network.theta, atol=1e-9)


def test_killed_worker_costs_only_one_epoch_with_local_steps(monkeypatch):
    with workers(2, processes=True) as client:
        seen = Meanwhile(monkeypatch, 3, kill_worker(client, 1))
        model = DaskFullyConnectedClassifier(client=client, local_steps=4, **PARAMS)
        model.fit(*rows())
        assert model.n_iter_ == PARAMS["max_iter"] == len(seen.n_workers) - 1
        assert model.score(*rows()) > 0.9


def test_worker_that_joins_is_used(undisturbed, monkeypatch):
    with workers(1, processes=True) as client:
        seen = Meanwhile(monkeypatch, 1, lambda parts: client.cluster.scale(2))
        attempt = ClusterSteps._attempt

        def wait(steps, course):
            if len(seen.n_workers) == 4:
                client.wait_for_workers(2, timeout=100)
            return attempt(steps, course)

        monkeypatch.setattr(ClusterSteps, "_attempt", wait)
        model = DaskFullyConnectedClassifier(client=client, **PARAMS | {"max_iter": 10})
        model.fit(*rows())
    assert seen.n_workers[0] == 1
    assert seen.n_workers[-1] == 2
    assert len(seen.n_workers) == 10
    np.testing.assert_allclose(model.loss_curve_[:6], undisturbed.loss_curve_, rtol=1e-10)


def test_fit_is_resumed_after_the_scheduler_is_lost(undisturbed, tmp_path, monkeypatch):
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    client = Client(cluster, timeout=5)
    Meanwhile(monkeypatch, 4, lambda parts: cluster.close(timeout=5))
    model = DaskFullyConnectedClassifier(client=client, **PARAMS)
    model.set_callbacks(Checkpoint(tmp_path, every=1))
    began = time.monotonic()
    with pytest.raises(
        ConnectionError, match="scheduler of the cluster was lost in epoch 4"
    ):
        model.fit(*rows())
    assert not hasattr(model, "classes_")
    assert time.monotonic() - began < 60
    client.close()
    written = load_checkpoint(tmp_path)
    assert type(written) is DaskFullyConnectedClassifier and written.n_iter_ == 3
    with workers(1) as client:
        model = DaskFullyConnectedClassifier(client=client, **PARAMS)
        model.set_callbacks(Checkpoint(tmp_path, every=1))
        model.fit(*rows(), resume_from=tmp_path)
    assert model.n_iter_ == PARAMS["max_iter"]
    np.testing.assert_allclose(model.loss_curve_, undisturbed.loss_curve_, rtol=1e-10)


def test_cluster_without_workers_is_an_error():
    with workers(0) as client:
        with pytest.raises(RuntimeError, match="has no workers"):
            DaskFullyConnectedClassifier(client=client).fit(*rows())


def test_restarted_cluster_is_an_error(monkeypatch):
    with workers(2, processes=True) as client:
        meanwhile = Meanwhile(monkeypatch, 2, lambda parts: client.restart())
        with pytest.raises(RuntimeError, match="rows on the workers are lost"):
            DaskFullyConnectedClassifier(client=client, **PARAMS).fit(*rows())
        meanwhile.timer.join()


def test_two_simultaneous_fits_do_not_deadlock(undisturbed):
    """Each worker has one thread, and each fit needs all workers at the same time."""
    with workers(2, processes=True) as client, ThreadPoolExecutor(2) as pool:
        models = [DaskFullyConnectedClassifier(client=client, **PARAMS) for _ in range(2)]
        fits = [pool.submit(model.fit, *rows()) for model in models]
        for fit in fits:
            losses = fit.result(timeout=60).loss_curve_
            np.testing.assert_allclose(losses, undisturbed.loss_curve_, rtol=1e-10)


def test_interrupted_fit_keeps_its_epochs_and_frees_the_workers(monkeypatch):
    with workers(2, processes=True) as client:
        Meanwhile(monkeypatch, 3, lambda parts: signal.raise_signal(signal.SIGINT))
        model = DaskFullyConnectedClassifier(client=client, **PARAMS)
        with pytest.warns(UserWarning, match="interrupted by user"):
            model.fit(*rows())
        assert model.n_iter_ == 2
        assert client.submit(sum, [1, 2]).result(timeout=10) == 3
        deadline = time.monotonic() + 10
        while any(client.processing().values()) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not any(client.processing().values())


def test_loss_of_all_workers_is_an_error(monkeypatch):
    monkeypatch.setattr("skfcnn.dask.cluster.WORKER_TIMEOUT", 1.0)
    with workers(1, processes=True) as client:
        Meanwhile(monkeypatch, 2, lambda parts: client.cluster.scale(0))
        with pytest.raises(RuntimeError, match="no workers for 1 seconds"):
            DaskFullyConnectedClassifier(client=client, **PARAMS).fit(*rows())


class Going:
    """A client of a cluster that closes its workers first, and then its scheduler."""

    status = "running"

    def nthreads(self):
        return {}

    def wait_for_workers(self, n_workers, timeout):
        self.status = "closed"
        raise OSError("RPC closed")


def test_scheduler_lost_while_waiting_for_workers_is_an_error(monkeypatch):
    steps = object.__new__(ClusterSteps)
    network = SimpleNamespace(layers=None, theta=None)
    steps.objective = SimpleNamespace(network=network, loss=None, alpha=0.0)
    steps.client, steps.rows, steps.n_epochs = Going(), SimpleNamespace(data={}), 1
    steps.optimizer = steps.local_steps = steps.shuffle = None
    steps.dropout = ()
    with pytest.raises(ConnectionError, match="lost in epoch 2"):
        steps._run([0.1], 0, 0)


def test_loss_of_all_workers_before_the_rows_are_read_is_an_error(monkeypatch):
    monkeypatch.setattr("skfcnn.dask.rows.WORKER_TIMEOUT", 1.0)
    with workers(1, processes=True) as client:
        X, y = rows()
        slow = X.map_blocks(lambda block: (time.sleep(2), block)[1], dtype=float)
        threading.Timer(1.0, lambda: client.cluster.scale(0)).start()
        with pytest.raises(RuntimeError, match="no workers for 1 seconds"):
            DaskFullyConnectedClassifier(client=client, **PARAMS).fit(slow, y)


def test_worker_with_two_threads_uses_both(undisturbed):
    with workers(1, processes=True, threads_per_worker=2) as client:
        model = DaskFullyConnectedClassifier(client=client, **PARAMS).fit(*rows())
        np.testing.assert_allclose(model.loss_curve_, undisturbed.loss_curve_, rtol=1e-10)
        assert client.submit(most_threads_within).result() == 2
        assert client.submit(most_threads).result() == 1


def most_threads(*_):
    """Return the number of BLAS threads in this process."""
    return max(each["num_threads"] for each in threadpool_info())


def most_threads_within():
    with all_threads():
        return most_threads()


@pytest.mark.grid(2)
@pytest.mark.parametrize("threads_per_worker", [1, 2])
def test_search_over_hidden_sizes_has_no_more_threads_than_cores(threads_per_worker):
    """A worker runs one fit per thread, and each fit has one BLAS thread."""
    X, y = load_iris(return_X_y=True)
    model = FullyConnectedClassifier(max_iter=5, random_state=0)
    grid = {"hidden_layer_sizes": [(), (10,), (20, 20)]}
    search = GridSearchCV(model, grid, cv=3, scoring=most_threads, refit=False)
    with workers(2, processes=True, threads_per_worker=threads_per_worker):
        with joblib.parallel_config("dask"):
            search.fit(X, y)
    assert search.cv_results_["mean_test_score"].tolist() == [1.0, 1.0, 1.0]


def test_error_after_repeated_worker_losses_has_the_cause(monkeypatch):
    def lost(steps, course):
        raise OSError("no route to host")

    monkeypatch.setattr(ClusterSteps, "_attempt", lost)
    monkeypatch.setattr("skfcnn.dask.cluster.ATTEMPTS", 3)
    with workers(1) as client:
        with pytest.raises(RuntimeError, match="lost in each of 3 attempts") as raised:
            DaskFullyConnectedClassifier(client=client, **PARAMS).fit(*rows())
    assert str(raised.value.__cause__) == "no route to host"
