"""Time `fit` side by side with MLPClassifier, on the same data, alternating in one process.

Run `python benchmarks/speed.py --help` for the options; README.md says what is measured.
"""

import argparse
import csv
import os
import sys
import time
import warnings
from functools import partial
from pathlib import Path
from statistics import geometric_mean, median

THREADS = {"OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"}

LIMIT = "products float32"

# (n, d, classes, hidden, batch), and the epochs of one timed fit: each takes long enough
# to be timed, and short enough to be repeated.
SHAPES = [
    ((150, 4, 3, (10,), 32), 100),
    ((1437, 64, 10, (100,), 200), 30),
    ((10000, 30, 2, (100,), 200), 10),
    ((20000, 54, 7, (256, 256, 256), 256), 2),
    ((20000, 784, 10, (256, 128), 200), 2),
    ((10000, 784, 10, (1024, 1024), 256), 1),
]


def make_data(n, d, n_classes):
    """Return random rows, and classes that a linear function of them decides."""
    import numpy as np

    rng = np.random.RandomState(0)
    X = rng.standard_normal((n, d))
    y = (X @ rng.standard_normal((d, n_classes))).argmax(axis=1)
    return X, y


def contestants(shape, epochs):
    """Return what is timed, by name: fits with the same hyperparameters, and the limit."""
    from products import products
    from sklearn.neural_network import MLPClassifier

    from skfcnn import FullyConnectedClassifier

    n, d, n_classes, hidden, batch = shape
    X, y = make_data(n, d, n_classes)

    same = {
        "hidden_layer_sizes": hidden,
        "batch_size": batch,
        "max_iter": epochs,
        "tol": 0.0,
        "n_iter_no_change": epochs,  # never fewer epochs than the others
        "random_state": 0,
    }
    estimators = {
        "MLPClassifier": MLPClassifier(**same),
        "skfcnn float64": FullyConnectedClassifier(**same, dtype="float64"),
        "skfcnn": FullyConnectedClassifier(**same),
    }

    def fit(estimator):
        estimator.fit(X, y)
        assert estimator.n_iter_ == epochs, estimator

    epoch = products(*shape)
    fits = {name: partial(fit, estimator) for name, estimator in estimators.items()}
    return fits | {LIMIT: lambda: [epoch() for _ in range(epochs)]}


def time_shape(shape, epochs, rounds):
    """Yield (contestant, round, seconds per epoch), the contestants taking turns."""
    timed = contestants(shape, epochs)
    for i in range(rounds + 1):
        for name, run in timed.items():
            start = time.perf_counter()
            run()
            seconds = (time.perf_counter() - start) / epochs
            if i > 0:  # the first round only warms up
                yield name, i, seconds


def print_table(rows):
    """Print times per epoch, and how many times faster than MLPClassifier."""
    header = ("shape (n, d, classes, hidden, batch)", "MLPClassifier", "skfcnn float64")
    print(f"{header[0]:44} {header[1]:>16} {header[2]:>24} {'skfcnn':>24} {LIMIT:>19}")
    ratios = {"skfcnn float64": [], "skfcnn": []}
    for shape, _ in SHAPES:
        times = {}
        for row_shape, name, _, seconds in rows:
            if row_shape == shape:
                times.setdefault(name, []).append(seconds)
        if not times:
            continue
        best = {name: min(seconds) for name, seconds in times.items()}
        line = f"{shape!s:44} {best['MLPClassifier'] * 1e3:13.2f} ms"
        for name in ratios:
            ratio = best["MLPClassifier"] / best[name]
            medians = median(times["MLPClassifier"]) / median(times[name])
            ratios[name].append(ratio)
            line += f" {best[name] * 1e3:9.2f} ms {ratio:4.2f}x {medians:4.2f}x"
        share = best["skfcnn"] / best[LIMIT]
        print(f"{line} {best[LIMIT] * 1e3:10.2f} ms {share:4.2f}x")
    means = {name: geometric_mean(values) for name, values in ratios.items()}
    print("Geometric means:", ", ".join(f"{n} {v:.2f}x" for n, v in means.items()))
    print("Least time per epoch; times faster than MLPClassifier by minima and by medians;")
    print("the matrix products alone, in float32, and how many times as long skfcnn takes.")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="timed fits of each")
    parser.add_argument("--threads", type=int, default=1, help="BLAS threads")
    parser.add_argument("--shapes", default="123456", help="which, by number: 14 for 1, 4")
    parser.add_argument("--csv", type=Path, help="where to write every time")
    options = parser.parse_args()
    wanted = dict.fromkeys(THREADS, str(options.threads))
    if any(os.environ.get(name) != value for name, value in wanted.items()):
        # BLAS reads its thread count when it is loaded: start anew.
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | wanted)
    warnings.simplefilter("ignore")
    rows = []
    for number in map(int, options.shapes):
        shape, epochs = SHAPES[number - 1]
        for name, i, seconds in time_shape(shape, epochs, options.rounds):
            rows.append((shape, name, i, seconds))
    print(f"BLAS threads: {options.threads}, timed fits of each: {options.rounds}")
    print_table(rows)
    if options.csv:
        with options.csv.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["shape", "contestant", "round", "seconds_per_epoch"])
            writer.writerows(rows)


if __name__ == "__main__":
    main()
