"""Fit and predict many times in one process: memory, files and threads stay what they were.

    python reliability/soaking.py --fits 10000 --predictions 1000000

On Linux, where /proc shows the memory of a process.
"""

import argparse
import gc
import os
import tempfile
import time
import warnings
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple

from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning

from skfcnn import FullyConnectedClassifier, FullyConnectedRegressor
from skfcnn.callbacks import Checkpoint

X, Y = load_iris(return_X_y=True)
PARAMS = [
    {"solver": "adam"},
    {"solver": "sgd", "early_stopping": True},
    {"solver": "lbfgs"},
    {"solver": "adamw", "dropout": 0.2, "schedule": "cosine", "weight_averaging": 0.1},
    {"solver": "adam", "numeric_embedding": "pbld", "scaling_layer": True},
    {"solver": "sgd", "batch_size": 7, "dtype": "float32", "hidden_layer_sizes": (20, 9)},
    {"solver": "adam", "loss": "huber"},
    {"solver": "sgd", "loss": "quantile", "quantile": [0.2, 0.8], "early_stopping": True},
    {"solver": "lbfgs", "loss": "poisson"},
]
# Calls before the first look: the libraries fill their caches, Python its pools.
N_WARM_UP = 600
# Megabytes that a process may grow by.
LIMIT = 5.0


class Held(NamedTuple):
    """What a process holds."""

    megabytes: float
    files: int
    threads: int


def held() -> Held:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    megabytes = pages * os.sysconf("SC_PAGESIZE") / 1e6
    return Held(megabytes, *(len(os.listdir(f"/proc/self/{of}")) for of in ("fd", "task")))


def fits(n: int, directory: str) -> None:
    """Fit, resume, save and load n times, with many parameters."""
    for i, params in enumerate(islice(cycle(PARAMS), n)):
        kind = FullyConnectedRegressor if "loss" in params else FullyConnectedClassifier
        settings = {"hidden_layer_sizes": (5,), "max_iter": 3, "random_state": i}
        model = kind(**settings | params)
        if i % 20 == 0:
            model.set_callbacks(Checkpoint(directory, every=1, keep=1))
        model.fit(X, Y)
        if params["solver"] == "adam":
            model.partial_fit(X, Y)
        for path in Path(directory).iterdir():
            path.unlink()


def predictions(n: int) -> None:
    """Predict one row n times, with a classifier and a regressor in turn."""
    settings = {"hidden_layer_sizes": (5,), "max_iter": 3, "random_state": 0}
    classifier = FullyConnectedClassifier(**settings).fit(X, Y)
    regressor = FullyConnectedRegressor(**settings).fit(X, Y)
    ask = cycle([classifier.predict_proba, regressor.predict])
    for i, predict in zip(range(n), ask, strict=False):
        predict(X[i % 150 : i % 150 + 1])


def soak(work, n: int) -> tuple[Held, Held, float]:
    """Return what is held after the warm-up and after n calls more, and the seconds."""
    work(N_WARM_UP)
    before, start = held(), time.perf_counter()
    work(n)
    seconds = time.perf_counter() - start
    return before, held(), seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fits", type=int, default=10_000)
    parser.add_argument("--predictions", type=int, default=1_000_000)
    options = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    with tempfile.TemporaryDirectory() as directory:
        results = {
            f"{options.fits} fits": soak(lambda n: fits(n, directory), options.fits),
            f"{options.predictions} predictions": soak(predictions, options.predictions),
        }
    for name, (before, after, seconds) in results.items():
        more = Held(*(now - then for now, then in zip(after, before, strict=True)))
        of = f"of {before.megabytes:.0f}"
        held_more = f"{more.megabytes:+.2f} MB ({of}), {more.files:+d} files, "
        print(f"{name}: {held_more}{more.threads:+d} threads, {seconds:.0f} s")
        if more.megabytes >= LIMIT or more.files or more.threads:
            raise SystemExit(f"{name} left something behind")


if __name__ == "__main__":
    main()
