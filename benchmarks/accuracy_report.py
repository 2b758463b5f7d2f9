"""The results of accuracy.py as tables: each data set, and one method against another.

    python benchmarks/accuracy_report.py accuracy.csv more.csv --pairs fast:mlp best:lgbm

Means over data sets, of which the seeds are averaged first, over the rows that both methods
of a pair have. Of errors, which may be 0, the geometric mean is that of error + 0.005.
"""

import argparse

import numpy as np
import pandas as pd

SHIFT = 0.005
FIGURES = {"error": "test error", "logloss": "log loss", "fit_cpu_s": "CPU seconds of fit"}
OURS = ("fast", "balanced", "best")


def successes(paths):
    """Return the rows of results of the fits that succeeded."""
    rows = pd.concat([pd.read_csv(path) for path in paths], ignore_index=True)
    return rows[rows.status == "ok"].drop_duplicates(["model", "dataset", "seed"])


def read(paths):
    """Return the rows of results that are good, with their errors."""
    rows = successes(paths)
    return rows.assign(error=1.0 - rows.acc)


def geometric_mean(values, shift=0.0):
    return float(np.exp(np.log(values + shift).mean()) - shift)


def paired(rows, ours, other, figures):
    """Return the figures of two methods by data set and seed, where both have them."""
    keys = ["dataset", "seed"]
    a, b = (rows[rows.model == m].set_index(keys)[figures] for m in (ours, other))
    both = a.index.intersection(b.index)
    return a.loc[both], b.loc[both]


def compare(rows, ours, other):
    """Return the ratios of two methods, and how often ours is better."""
    a, b = paired(rows, ours, other, ["error", "logloss", "brier", "fit_cpu_s"])
    if not len(a):
        return None
    found = {"pair": f"{ours} / {other}", "rows": len(a)}
    for figure, shift in (("error", SHIFT), ("logloss", 0.0), ("brier", 0.0)):
        means = [geometric_mean(x[figure].groupby("dataset").mean(), shift) for x in (a, b)]
        found[figure] = means[0] / means[1]
    for figure in ("error", "logloss"):
        wins = (a[figure] < b[figure]).sum() + 0.5 * (a[figure] == b[figure]).sum()
        found[f"wins by {figure}"] = f"{wins:g} of {len(a)}"
    seconds = a.fit_cpu_s.groupby("dataset").mean() / b.fit_cpu_s.groupby("dataset").mean()
    found["seconds, geometric"] = geometric_mean(seconds)
    found["seconds, summed"] = a.fit_cpu_s.sum() / b.fit_cpu_s.sum()
    return found


def markdown(table):
    """Return a frame as a Markdown table, numbers with three digits."""

    def shown(value):
        return f"{value:.3g}" if isinstance(value, float) else str(value)

    lines = [list(table.columns), ["---"] + ["---:"] * (len(table.columns) - 1)]
    lines += [[shown(value) for value in row] for row in table.itertuples(index=False)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("results", nargs="+")
    parser.add_argument("--pairs", nargs="+", help="OURS:OTHER; default: all with ours")
    options = parser.parse_args()
    rows = read(options.results)
    models = list(dict.fromkeys(rows.model))
    pairs = [pair.split(":") for pair in options.pairs or ()]
    pairs = pairs or [(o, m) for o in OURS for m in models if m not in OURS and o in models]
    found = [compare(rows, *pair) for pair in pairs]
    print(markdown(pd.DataFrame([line for line in found if line])))
    for figure, title in FIGURES.items():
        table = rows.pivot_table(index="dataset", columns="model", values=figure)
        print(f"\n{title}\n\n{markdown(table.reset_index())}")


if __name__ == "__main__":
    main()
