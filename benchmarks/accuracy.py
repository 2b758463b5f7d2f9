r"""Scores and seconds of classifiers, or of regressors, on public data sets.

    python benchmarks/accuracy.py --data DIR --results accuracy.csv
    python benchmarks/accuracy.py --data DIR --results accuracy.csv --form one-hot
    python benchmarks/accuracy.py --data DIR --results regression.csv --regression
    python benchmarks/accuracy.py --data DIR --results intervals.csv --intervals
    python benchmarks/accuracy.py --data DIR --results accuracy.csv \
        --contestants contestants.fast mypackage.my_classifier --names iris wine --seeds 0

A contestant is the import path of a function that takes a seed and returns a classifier
or a regressor; contestants.py and regression_contestants.py have some. It gets a frame, in
which categories are categories, or with `--form one-hot` an array. With `--intervals`,
prediction intervals and sets of classes are measured (interval_contestants.py).

What is in the results already is not run again, so that a run may be ended, and taken up
again, at any time. Every fit runs in its own process, with one BLAS thread, after a fit to
100 generated rows: seconds are without imports. Contestants take turns.
`accuracy_report.py`, `regression_report.py` and `interval_report.py` make the tables.
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
from datasets import group, load
from forms import FRAME, ONE_HOT, form_of, in_form
from protocols import protocol_of

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
KEY = ("model", "dataset", "seed", "form")
CALLS = 3  # of the methods whose seconds are compared; the fastest call counts
# A first fit to a few rows, so that no seconds are those of imports and thread pools.
FIRST_ROWS = np.random.default_rng(0).standard_normal((100, 2)), np.arange(100) % 2


def resolve(path):
    """Return what an import path names."""
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def seconds_of(call, calls=1):
    """Return the result of a call and the seconds of the fastest."""
    found = []
    for _ in range(calls):
        began = time.perf_counter()
        result = call()
        found.append(time.perf_counter() - began)
    return result, min(found)


def measure(contestant, name, seed, wanted, folder, intervals=False):
    """Fit once and score on the test rows; return a row of results."""
    protocol = protocol_of(name, intervals)
    data = load(name, folder)
    rest, test = protocol.split(data.y, seed)
    make = resolve(contestant)
    X = in_form(data, form_of(make, data, wanted))
    X_rest, X_test = (X.iloc[r] if hasattr(X, "iloc") else X[r] for r in (rest, test))
    make(seed).fit(*FIRST_ROWS)
    model = make(seed)
    began_cpu = time.process_time()
    _, fit_s = seconds_of(lambda: model.fit(X_rest, data.y[rest]))
    row = {"n_fit": len(rest), "n_test": len(test), "d": data.X.shape[1]}
    row |= {"fit_s": fit_s, "fit_cpu_s": time.process_time() - began_cpu}
    calls = CALLS if protocol.plain else 1
    predict = getattr(model, protocol.predict)
    predictions, row["pred_s"] = seconds_of(lambda: predict(X_test), calls)
    if plain := getattr(model, protocol.plain, None):
        _, row["plain_s"] = seconds_of(lambda: plain(X_test), calls)
    return row | protocol.scores(data.y[test], predictions)


def measure_apart(task, options):
    """Measure in a separate process; return the row, with an error as its status."""
    contestant, name, seed, form = task
    row = {"model": contestant.rpartition(".")[2], "dataset": name}
    row |= {"seed": seed, "form": form}
    command = [sys.executable, __file__, "--data", str(options.data), "--only"]
    command += [contestant, name, str(seed), options.form]
    command += ["--intervals"] * options.intervals
    one_thread = os.environ | dict.fromkeys(THREADS, "1")
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=options.timeout, env=one_thread
        )
    except subprocess.TimeoutExpired:
        return row | {"status": "timeout"}
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return row | {"status": "error"}
    return row | {"status": "ok"} | json.loads(done.stdout.splitlines()[-1])


def read(path, columns):
    """Return the rows of a file of results, as dicts of strings.

    Raises
    ------
    ValueError
        If the file has other columns.
    """
    if not path.exists():
        return []
    with path.open() as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != columns:
            raise ValueError(
                f"{path} has the columns {reader.fieldnames}, and the results of this run "
                f"have {columns}. Pass another file as --results."
            )
        return list(reader)


def planned(names, protocol, options):
    """Return what to measure: contestant, data set, seed and form."""
    paths = options.contestants or protocol.contestants
    makers = {path: resolve(path) for path in paths}
    forms = {}
    for name in names:
        data = load(name, options.data)
        for path in paths:
            forms[path, name] = form_of(makers[path], data, options.form)
    return [
        (path, name, seed, forms[path, name])
        for seed in options.seeds
        for name in names
        for path in paths
    ]


def run(tasks, protocol, options):
    """Measure what is not among the results yet, and append each row."""
    rows = read(options.results, protocol.columns)
    known = {tuple(row[name] for name in KEY) for row in rows}
    tasks = [
        (path, *rest)
        for path, *rest in tasks
        if (path.rpartition(".")[2], *map(str, rest)) not in known
    ]
    is_new = not options.results.exists()
    with (
        options.results.open("a", newline="") as file,
        ThreadPoolExecutor(options.jobs) as pool,
    ):
        writer = csv.DictWriter(file, protocol.columns)
        if is_new:
            writer.writeheader()
        for row in pool.map(lambda task: measure_apart(task, options), tasks):
            writer.writerow(row)
            file.flush()
            figures = [f"{name}={row.get(name, '')}" for name in protocol.shown]
            print(*(row[name] for name in KEY), row["status"], *figures, flush=True)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add = parser.add_argument
    add("--data", type=Path, required=True, help="folder of NAME.npz")
    add("--results", type=Path, default=Path("accuracy.csv"))
    add("--contestants", nargs="+")
    add("--names", nargs="+")
    add("--regression", action="store_true", help="all regression sets")
    add("--development", action="store_true", help="those to make choices on, instead")
    add("--form", choices=[FRAME, ONE_HOT], default=FRAME, help="of data with categories")
    add("--intervals", action="store_true", help="intervals, or sets of classes, at 90 %%")
    add("--seeds", nargs="+", type=int, default=[0, 1, 2])
    add("--jobs", type=int, default=1, help="fits at the same time")
    add("--timeout", type=float, help="seconds that a fit may take")
    add("--only", nargs=4, help=argparse.SUPPRESS)
    return parser.parse_args()


def main():
    options = parse_options()
    if options.only:
        contestant, name, seed, form = options.only
        task = contestant, name, int(seed), form
        print(json.dumps(measure(*task, options.data, options.intervals)))
        return
    names = options.names or group(options.regression, options.development)
    protocol = protocol_of(names[0], options.intervals)
    run(planned(names, protocol, options), protocol, options)


if __name__ == "__main__":
    main()
