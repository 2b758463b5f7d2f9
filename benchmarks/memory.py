"""Memory of a fit, in addition to data that stay in a file."""

import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from estimators import estimators
from turns import Contestant, Setting

STATUS = Path("/proc/self/status")

D, N_CLASSES, ROWS_WRITTEN_AT_ONCE = 784, 10, 10_000


def anonymous_megabytes():
    """Return the memory of this process that belongs to no file."""
    lines = STATUS.read_text().splitlines()
    line = next(line for line in lines if line.startswith("RssAnon"))
    return int(line.split()[1]) * 1024 / 1e6


def peak_megabytes(run):
    """Return the largest amount of anonymous memory during `run`, above that before."""
    before = anonymous_megabytes()
    seen = [before]
    ended = threading.Event()

    def watch():
        while not ended.is_set():
            seen.append(anonymous_megabytes())
            time.sleep(0.003)

    watcher = threading.Thread(target=watch)
    watcher.start()
    run()
    ended.set()
    watcher.join()
    return max(seen) - before


def write_rows(path, n):
    X = np.memmap(path, dtype=np.float64, mode="w+", shape=(n, D))
    rng = np.random.default_rng(0)
    for start in range(0, n, ROWS_WRITTEN_AT_ONCE):
        rows = X[start : start + ROWS_WRITTEN_AT_ONCE]
        rows[...] = rng.standard_normal(rows.shape)
    X.flush()


def make_fit(estimator, gigabytes):
    def megabytes():
        n = int(gigabytes * 1e9 / (D * 8))
        with TemporaryDirectory() as directory:
            path = Path(directory) / "X.dat"
            write_rows(path, n)
            X = np.memmap(path, dtype=np.float64, mode="r", shape=(n, D))
            y = np.arange(n) % N_CLASSES
            return peak_megabytes(lambda: estimator.fit(X, y))

    return megabytes


def settings(options):
    if not STATUS.exists():
        return []
    same = estimators(
        hidden_layer_sizes=(256, 128), batch_size=200, max_iter=1, random_state=0
    )
    contestants = [
        Contestant(name, make_fit, (model, options.memory_gb))
        for name, model in same.items()
    ]
    name = f"memory-mapped X of {options.memory_gb:g} GB"
    return [Setting(name, contestants, options.threads, "MB", fresh=True, most_rounds=1)]
