"""Measure training on a cluster of this machine: benchmarks/README.md says what.

python benchmarks/cluster.py --workers 1 2 4 --csv cluster.csv
"""

import argparse
import csv
import functools
import multiprocessing
import resource
import tempfile
import time
import warnings
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import dask.array as da
import numpy as np
from dask.distributed import Client, LocalCluster, wait
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from skfcnn import FullyConnectedClassifier
from skfcnn.dask import DaskFullyConnectedClassifier

HIDDEN = (256, 256)
SYNCHRONOUS = {"batch_size": 65_536}
LOCAL = {"batch_size": 4_096}
LOCAL_STEPS = 16
N_PARAMETERS = (10_000, 100_000, 1_000_000, 10_000_000)


def rows(n_rows: int, n_columns: int, chunk: int = 62_500):
    """Make X and y of random rows, on the workers."""
    rng = da.random.default_rng(0)
    X = rng.normal(size=(n_rows, n_columns), chunks=(chunk, n_columns)).astype("float32")
    return X, (X[:, :2].sum(axis=1) > 0).astype(int)


def cluster(n_workers: int) -> LocalCluster:
    """Start processes of one thread each."""
    return LocalCluster(n_workers=n_workers, threads_per_worker=1, dashboard_address=":0")


class Epochs:
    """A callback that takes the time at the end of every epoch."""

    def __init__(self):
        self.times = []

    def setup(self, estimator, context):
        """Called before a fit."""

    def on_fit_task_begin(self, estimator, context):
        """Called when a fit or an epoch begins."""

    def on_fit_task_end(self, estimator, context):
        """Take the time."""
        if context.task_name == "epoch":
            self.times.append(time.perf_counter())

    def teardown(self, estimator, context):
        """Called when a fit has ended."""


def seconds_of_epochs(model, X, y, n_epochs: int) -> float:
    """Return the least seconds of an epoch, of all but the first."""
    epochs = Epochs()
    model.set_params(max_iter=n_epochs + 1, tol=0.0, random_state=0).set_callbacks(epochs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, y)
    return float(np.diff(epochs.times).min())


@functools.cache
def rows_here(n_rows: int, n_columns: int):
    """Make X and y in memory."""
    X = np.random.default_rng(0).normal(size=(n_rows, n_columns)).astype("float32")
    return X, (X[:, :2].sum(axis=1) > 0).astype(int)


def alone(n_rows: int, params: dict, n_epochs: int) -> float:
    """Return the seconds of an epoch in this process, on one thread."""
    with threadpool_limits(1):
        model = FullyConnectedClassifier(HIDDEN, **params)
        return seconds_of_epochs(model, *rows_here(n_rows, 100), n_epochs)


def measure_speed(n_rows: int, n_workers: int, n_epochs: int, rounds: int) -> dict:
    """Return rows per second, of one process and of workers, by turns."""
    least = defaultdict(lambda: np.inf)
    one = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
    with one, cluster(n_workers) as here, Client(here):
        X, y = (part.persist() for part in rows(n_rows, 100))
        wait([X, y])
        for _ in range(rounds):
            for name, params, more in (
                ("synchronous", SYNCHRONOUS, {}),
                ("local steps", LOCAL, {"local_steps": LOCAL_STEPS}),
            ):
                seconds = one.submit(alone, n_rows, params, n_epochs).result()
                of_one = f"{name}, one process"
                least[of_one] = min(least[of_one], seconds)
                model = DaskFullyConnectedClassifier(HIDDEN, **params, **more)
                of_all = f"{name}, {n_workers} workers"
                least[of_all] = min(least[of_all], seconds_of_epochs(model, X, y, n_epochs))
    return {name: n_rows / seconds for name, seconds in least.items()}


def measure_overhead(n_workers: int, sizes: list[int]) -> dict[str, float]:
    """Return the milliseconds of synchronous updates of one row per worker."""
    found = {}
    with cluster(n_workers) as here, Client(here):
        for n_parameters in sizes:
            n_steps = max(20, min(200, 10**8 // n_parameters))
            X, y = rows(n_steps * n_workers, 200, chunk=n_steps)
            model = DaskFullyConnectedClassifier(
                (n_parameters // 202,), batch_size=n_workers
            )
            seconds = seconds_of_epochs(model, X, y, 4) / n_steps
            found[f"{n_parameters} parameters"] = 1e3 * seconds
    return found


def measure_scheduler(n_workers: int, n_tasks: int = 2_000) -> dict[str, float]:
    """Return the milliseconds that a task costs, of those of which an epoch has K."""
    with cluster(n_workers) as here, Client(here) as client:
        client.gather(client.map(str, range(100)))
        began = time.perf_counter()
        client.gather([client.submit(str, i, key=f"task-{i}") for i in range(n_tasks)])
        return {"a task": 1e3 * (time.perf_counter() - began) / n_tasks}


def peak_gb() -> float:
    """Return the most memory that this process has had, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def measure_memory(n_rows: int, n_workers: int) -> dict[str, float]:
    """Return the most memory of the client and of each worker, with rows on disk."""
    with tempfile.TemporaryDirectory() as folder:
        chunk = 250_000
        for i in range(n_rows // chunk):
            X = np.random.default_rng(i).normal(size=(chunk, 50)).astype("float32")
            np.save(Path(folder) / f"{i}.npy", X)
        del X
        with cluster(n_workers) as here, Client(here) as client:
            blocks = [
                da.from_delayed(read(path), shape=(chunk, 50), dtype="float32")
                for path in sorted(Path(folder).iterdir(), key=lambda path: int(path.stem))
            ]
            X = da.concatenate(blocks)
            y = (X[:, :2].sum(axis=1) > 0).astype(int)
            before = peak_gb()
            model = DaskFullyConnectedClassifier((64,), batch_size=65_536)
            seconds_of_epochs(model, X, y, 1)
            peaks = client.run(peak_gb)
            return {
                "client": peak_gb(),
                "client, before the fit": before,
                **{f"worker {i}": peak for i, peak in enumerate(peaks.values())},
            }


def read(path):
    """Return a file of rows, to be read by a worker."""
    from dask import delayed

    return delayed(np.load)(path)


def measure_predictions() -> dict[str, float]:
    """Return how far predictions on a Dask array are from the local ones, at most."""
    with cluster(2) as here, Client(here):
        X, y = rows(20_000, 20, chunk=3_000)
        model = DaskFullyConnectedClassifier(
            (50,), dtype="float64", batch_size=1_000, random_state=0, max_iter=5, tol=1.0
        ).fit(X, y)
        local = model.to_local().predict_proba(X.compute())
        return {
            "largest difference": float(abs(model.predict_proba(X).compute() - local).max())
        }


def main() -> None:
    """Measure, print, and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    cases = ["speed", "overhead", "scheduler", "memory", "predictions"]
    parser.add_argument("--cases", nargs="+", choices=cases, default=cases)
    parser.add_argument("--workers", nargs="+", type=int, default=[2])
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the case speed")
    parser.add_argument("--rows-on-disk", type=int, default=10_000_000)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--parameters", nargs="+", type=int, default=N_PARAMETERS)
    parser.add_argument("--csv", type=Path)
    given = parser.parse_args()
    table = []
    for n_workers in given.workers:
        measures = {
            "speed": lambda n: measure_speed(given.rows, n, given.epochs, given.rounds),
            "overhead": lambda n: measure_overhead(n, given.parameters),
            "scheduler": measure_scheduler,
            "memory": lambda n: measure_memory(given.rows_on_disk, n),
            "predictions": lambda n: measure_predictions(),
        }
        for case in given.cases:
            for name, value in measures[case](n_workers).items():
                print(
                    f"{case:12} {n_workers} workers  {name:45} {value:14,.4g}", flush=True
                )
                table.append((case, n_workers, name, value))
    if given.csv:
        with given.csv.open("w", newline="") as file:
            csv.writer(file).writerows([("case", "workers", "what", "value"), *table])


if __name__ == "__main__":
    main()
