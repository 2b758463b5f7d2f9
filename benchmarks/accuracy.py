r"""Accuracy, log loss, AUC, Brier score and seconds of classifiers on public data sets.

    python benchmarks/accuracy.py --data DIR --results accuracy.csv
    python benchmarks/accuracy.py --data DIR --results accuracy.csv \
        --contestants contestants.fast mypackage.my_classifier --names iris wine --seeds 0

A contestant is the import path of a function that takes a seed and returns a classifier;
those at hand are in contestants.py. What is in the results already is not run again, so
that a run may be ended, and taken up again, at any time. Every fit has a process of its
own, with one BLAS thread; contestants take turns. `accuracy_report.py` makes the tables.
"""

import argparse
import csv
import importlib
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from datasets import NAMES, load, split

CONTESTANTS = [
    "contestants.mlp",
    "contestants.hgb",
    "contestants.fast",
    "contestants.balanced",
    "contestants.best",
]
COLUMNS = ["model", "dataset", "seed", "status", "n_fit", "n_test", "d", "k"]
COLUMNS += ["acc", "bal_acc", "logloss", "auc", "brier", "fit_s", "fit_cpu_s", "pred_s"]
SHOWN = ["acc", "logloss", "fit_cpu_s"]
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def resolve(path):
    """Return what an import path names."""
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def scores(y, probabilities, k):
    """Return the figures of the protocol, for classes 0 to k - 1."""
    from sklearn.metrics import balanced_accuracy_score, log_loss, roc_auc_score

    p = np.clip(probabilities.astype(float), 1e-7, 1.0)
    p /= p.sum(axis=1, keepdims=True)
    guess = probabilities.argmax(axis=1)
    columns = p[:, 1] if k == 2 else p
    return {
        "acc": float((guess == y).mean()),
        "bal_acc": float(balanced_accuracy_score(y, guess)),
        "logloss": float(log_loss(y, p, labels=range(k))),
        "auc": float(roc_auc_score(y, columns, multi_class="ovr", labels=range(k))),
        "brier": float(((p - np.eye(k)[y]) ** 2).sum(axis=1).mean()),
    }


def measure(contestant, name, seed, folder):
    """Fit once and score on the test rows; return a row of results."""
    data = load(name, folder)
    rest, test = split(data.y, seed)
    model, k = resolve(contestant)(seed), len(data.classes)
    began, began_cpu = time.perf_counter(), time.process_time()
    model.fit(data.X[rest], data.y[rest])
    fitted, fitted_cpu = time.perf_counter(), time.process_time()
    probabilities = model.predict_proba(data.X[test])
    row = {"n_fit": len(rest), "n_test": len(test), "d": data.X.shape[1], "k": k}
    row |= scores(data.y[test], probabilities, k)
    row |= {"fit_s": fitted - began, "fit_cpu_s": fitted_cpu - began_cpu}
    return row | {"pred_s": time.perf_counter() - fitted}


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


def run(tasks, options):
    """Measure what is not among the results yet, and add every row as it comes."""
    known = {(r["model"], r["dataset"], int(r["seed"])) for r in read(options.results)}
    tasks = [t for t in tasks if (t[0].rpartition(".")[2], *t[1:]) not in known]
    is_new = not options.results.exists()
    with (
        options.results.open("a", newline="") as file,
        ThreadPoolExecutor(options.jobs) as pool,
    ):
        writer = csv.DictWriter(file, COLUMNS)
        if is_new:
            writer.writeheader()
        for row in pool.map(
            lambda task: measure_apart(task, options.data, options.timeout), tasks
        ):
            writer.writerow(row)
            file.flush()
            figures = [f"{name}={row.get(name, '')}" for name in SHOWN]
            print(row["model"], row["dataset"], row["seed"], row["status"], *figures)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of NAME.npz")
    parser.add_argument("--results", type=Path, default=Path("accuracy.csv"))
    parser.add_argument("--contestants", nargs="+", default=CONTESTANTS)
    parser.add_argument("--names", nargs="+", default=NAMES)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--jobs", type=int, default=1, help="fits at the same time")
    parser.add_argument("--timeout", type=float, help="seconds that a fit may take")
    parser.add_argument("--only", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        contestant, name, seed = options.only
        print(json.dumps(measure(contestant, name, int(seed), options.data)))
        return
    run(
        [
            (contestant, name, seed)
            for seed in options.seeds
            for name in options.names
            for contestant in options.contestants
        ],
        options,
    )


if __name__ == "__main__":
    main()
