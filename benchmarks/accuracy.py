r"""Scores and seconds of classifiers, or of regressors, on public data sets.

    python benchmarks/accuracy.py --data DIR --results accuracy.csv
    python benchmarks/accuracy.py --data DIR --results regression.csv --regression
    python benchmarks/accuracy.py --data DIR --results accuracy.csv \
        --contestants contestants.fast mypackage.my_classifier --names iris wine --seeds 0

A contestant is the import path of a function that takes a seed and returns a classifier
or a regressor; contestants.py and regression_contestants.py have some. What is in the
results already is not run again, so that a run may be ended, and taken up again, at any
time. Every fit has a process of its own, with one BLAS thread; contestants take turns.
`accuracy_report.py` and `regression_report.py` make the tables.
"""

import argparse
import csv
import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
from datasets import NAMES, REGRESSION_NAMES, load, split, split_regression

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def resolve(path):
    """Return what an import path names."""
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def scores(y, probabilities):
    """Return the scores of a classifier, for classes 0 to k - 1."""
    from sklearn.metrics import balanced_accuracy_score, log_loss, roc_auc_score

    k = probabilities.shape[1]
    p = np.clip(probabilities.astype(float), 1e-7, 1.0)
    p /= p.sum(axis=1, keepdims=True)
    guess = probabilities.argmax(axis=1)
    columns = p[:, 1] if k == 2 else p
    return {
        "k": k,
        "acc": float((guess == y).mean()),
        "bal_acc": float(balanced_accuracy_score(y, guess)),
        "logloss": float(log_loss(y, p, labels=range(k))),
        "auc": float(roc_auc_score(y, columns, multi_class="ovr", labels=range(k))),
        "brier": float(((p - np.eye(k)[y]) ** 2).sum(axis=1).mean()),
    }


def regression_scores(y, predictions):
    """Return the scores of a regressor; nrmse = RMSE / standard deviation of y."""
    errors = predictions - y
    nrmse = float(np.sqrt((errors**2).mean()) / y.std())
    return {"r2": 1.0 - nrmse**2, "nrmse": nrmse, "mae": float(np.abs(errors).mean())}


class Protocol(NamedTuple):
    """How classifiers or regressors are measured."""

    contestants: list
    split: Callable  # y, seed -> rows for training, rows for the test
    predict: str  # the method
    scores: Callable  # y, predictions -> figures
    figures: list
    shown: list

    @property
    def columns(self):
        """The columns of a file of results."""
        first = ["model", "dataset", "seed", "status", "n_fit", "n_test", "d"]
        return [*first, *self.figures, "fit_s", "fit_cpu_s", "pred_s"]


CLASSIFICATION = Protocol(
    contestants=[f"contestants.{m}" for m in ("mlp", "hgb", "fast", "balanced", "best")],
    split=split,
    predict="predict_proba",
    scores=scores,
    figures=["k", "acc", "bal_acc", "logloss", "auc", "brier"],
    shown=["acc", "logloss", "fit_cpu_s"],
)
REGRESSION = Protocol(
    contestants=[
        f"regression_contestants.{m}" for m in ("ours", "mlp", "mlp_tts", "ridge", "hgb")
    ],
    split=split_regression,
    predict="predict",
    scores=regression_scores,
    figures=["r2", "nrmse", "mae"],
    shown=["r2", "nrmse", "fit_cpu_s"],
)


def protocol_of(name):
    """Return the protocol of a data set."""
    return REGRESSION if name in REGRESSION_NAMES else CLASSIFICATION


def measure(contestant, name, seed, folder):
    """Fit once and score on the test rows; return a row of results."""
    protocol = protocol_of(name)
    data = load(name, folder)
    rest, test = protocol.split(data.y, seed)
    model = resolve(contestant)(seed)
    began, began_cpu = time.perf_counter(), time.process_time()
    model.fit(data.X[rest], data.y[rest])
    fitted, fitted_cpu = time.perf_counter(), time.process_time()
    predictions = getattr(model, protocol.predict)(data.X[test])
    row = {"n_fit": len(rest), "n_test": len(test), "d": data.X.shape[1]}
    row["pred_s"] = time.perf_counter() - fitted
    row |= {"fit_s": fitted - began, "fit_cpu_s": fitted_cpu - began_cpu}
    return row | protocol.scores(data.y[test], predictions)


def measure_apart(task, folder, timeout):
    """Measure in a process of its own; return the row, or what went wrong as its status."""
    contestant, name, seed = task
    row = {"model": contestant.rpartition(".")[2], "dataset": name, "seed": seed}
    command = [sys.executable, __file__, "--data", str(folder), "--only"]
    command += [contestant, name, str(seed)]
    one_thread = os.environ | dict.fromkeys(THREADS, "1")
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=timeout, env=one_thread
        )
    except subprocess.TimeoutExpired:
        return row | {"status": "timeout"}
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return row | {"status": "error"}
    return row | {"status": "ok"} | json.loads(done.stdout.splitlines()[-1])


def read(path):
    """Return the rows of a file of results, as dicts of strings."""
    if not path.exists():
        return []
    with path.open() as file:
        return list(csv.DictReader(file))


def run(tasks, protocol, options):
    """Measure what is not among the results yet, and add every row as it comes."""
    known = {(r["model"], r["dataset"], int(r["seed"])) for r in read(options.results)}
    tasks = [t for t in tasks if (t[0].rpartition(".")[2], *t[1:]) not in known]
    is_new = not options.results.exists()
    with (
        options.results.open("a", newline="") as file,
        ThreadPoolExecutor(options.jobs) as pool,
    ):
        writer = csv.DictWriter(file, protocol.columns)
        if is_new:
            writer.writeheader()
        for row in pool.map(
            lambda task: measure_apart(task, options.data, options.timeout), tasks
        ):
            writer.writerow(row)
            file.flush()
            figures = [f"{name}={row.get(name, '')}" for name in protocol.shown]
            print(row["model"], row["dataset"], row["seed"], row["status"], *figures)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of NAME.npz")
    parser.add_argument("--results", type=Path, default=Path("accuracy.csv"))
    parser.add_argument("--contestants", nargs="+")
    parser.add_argument("--names", nargs="+")
    parser.add_argument("--regression", action="store_true", help="all regression sets")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--jobs", type=int, default=1, help="fits at the same time")
    parser.add_argument("--timeout", type=float, help="seconds that a fit may take")
    parser.add_argument("--only", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        contestant, name, seed = options.only
        print(json.dumps(measure(contestant, name, int(seed), options.data)))
        return
    names = options.names or (REGRESSION_NAMES if options.regression else NAMES)
    protocol = protocol_of(names[0])
    tasks = [
        (contestant, name, seed)
        for seed in options.seeds
        for name in names
        for contestant in options.contestants or protocol.contestants
    ]
    run(tasks, protocol, options)


if __name__ == "__main__":
    main()
