"""Seconds and memory of a fit to a table of a million rows: "fast" and LightGBM.

    python benchmarks/large_tables.py
    python benchmarks/large_tables.py --rows 100000 --rounds 3

The table is generated, with 40 numeric and 10 categorical columns of 5 to 5,000 categories.
The contestants have default parameters, separate processes, and one thread. Times are CPU
seconds; the memory is the peak of a fit in addition to the table (Linux).
"""

import argparse
import time
from importlib.util import find_spec

import numpy as np
import pandas as pd
from machine import describe
from memory import peak_megabytes
from turns import new_worker

N_NUMBERS = 40
KINDS = (5, 8, 12, 20, 50, 100, 300, 1000, 2000, 5000)


def large_table(n_rows, seed=0):
    """Return numbers and text, a tenth of the columns with missing values, and classes."""
    rng = np.random.default_rng(seed)
    columns = {f"n{i}": rng.standard_normal(n_rows) for i in range(N_NUMBERS)}
    score = columns["n0"] + columns["n1"] * columns["n2"] - np.abs(columns["n3"])
    for i in range(0, N_NUMBERS, 10):
        columns[f"n{i}"][rng.random(n_rows) < 0.05] = np.nan
    for n_kinds in KINDS:
        drawn = rng.integers(0, n_kinds, n_rows)
        score += rng.standard_normal(n_kinds)[drawn]
        words = np.array([f"kind {i}" for i in range(n_kinds)], dtype=object)
        columns[f"c{n_kinds}"] = words[drawn]
    y = (score + rng.standard_normal(n_rows) > 0.0).astype(int)
    return pd.DataFrame(columns, copy=False), y


def fast(table):
    """Return TabularClassifier and the table."""
    from skfcnn import TabularClassifier

    return TabularClassifier("fast", random_state=0), table


def lightgbm(table):
    """Return LGBMClassifier and the table, with pandas' categories for words."""
    from lightgbm import LGBMClassifier

    words = [f"c{n}" for n in KINDS]
    table = table.astype(dict.fromkeys(words, "category"))
    return LGBMClassifier(n_jobs=1, verbose=-1), table


CONTESTANTS = {"fast": fast, "LightGBM": lightgbm}


def measured(name, n_rows):
    """Return seconds, gigabytes in addition to the table, and accuracy on new rows."""
    table, y = large_table(n_rows + n_rows // 10)
    model, table = CONTESTANTS[name](table)
    train, test = table.iloc[:n_rows].copy(), table.iloc[n_rows:]
    del table
    began = time.process_time()
    megabytes = peak_megabytes(lambda: model.fit(train, y[:n_rows]))
    seconds = time.process_time() - began
    return seconds, megabytes / 1e3, model.score(test, y[n_rows:])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument(
        "--contestants", nargs="+", choices=CONTESTANTS, default=[*CONTESTANTS]
    )
    options = parser.parse_args()
    print(describe(threads=1))
    print("\n| contestant | seconds | GB in addition to the table | accuracy |")
    print("|---|---:|---:|---:|", flush=True)
    for _ in range(options.rounds):
        for name in options.contestants:
            if name == "LightGBM" and find_spec("lightgbm") is None:
                print("| LightGBM is left out: pip install lightgbm | | | |")
                continue
            with new_worker(threads=1) as worker:
                found = worker.submit(measured, name, options.rows).result()
            print(
                f"| {name} | {found[0]:.4g} | {found[1]:.3g} | {found[2]:.4f} |", flush=True
            )


if __name__ == "__main__":
    main()
