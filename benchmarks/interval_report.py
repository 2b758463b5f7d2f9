"""The results of accuracy.py --intervals as tables: floors, and each data set.

    python benchmarks/interval_report.py intervals.csv
    python benchmarks/interval_report.py sets.csv

Coverage is that of the rows of all seeds of a data set together. It holds on a data set if
it is not below the lower 1 % limit of the binomial distribution for 90 %.
"""

import pandas as pd
from aggregates import (
    Figure,
    Floor,
    counted,
    floors_table,
    geometric_mean,
    markdown,
    paired,
    parser,
    ratio,
    read,
)
from protocols import LEVEL
from scipy.stats import binom

CHANCE = 0.01


def coverage(rows):
    """Return the share of covered rows by data set, and whether it holds."""
    sums = rows.groupby("dataset")[["covered", "n_test"]].sum()
    limit = binom.ppf(CHANCE, sums.n_test, LEVEL) / sums.n_test
    share = sums.covered / sums.n_test
    return pd.DataFrame({"coverage": share, "limit": limit, "holds": share >= limit})


def coverage_floors(rows, model):
    """Return the mean coverage of a method, and the number of sets where it fails."""
    found = coverage(rows[rows.model == model])
    failed = list(found.index[~found.holds])
    mean, place = found.coverage.mean(), f"{len(found)} sets"
    below = ", ".join(failed) or place
    return [
        Floor(model, "mean coverage", mean, ">= 0.89", place),
        Floor(model, "mean coverage", mean, "<= 0.92", place),
        Floor(model, "sets below the limit", float(len(failed)), "<= 0", below),
    ]


def interval_floors(rows):
    """Return what is to be reached by intervals, with what is."""
    pair = "balanced_intervals", "cqr"
    ours = rows[rows.model == "balanced_intervals"]
    score = ratio(rows, *pair, Figure("score"))
    seconds = geometric_mean((ours.pred_s / ours.plain_s).groupby(ours.dataset).mean())
    place = f"{len(ours)}, of {ours.dataset.nunique()} sets"
    return [
        *coverage_floors(rows, "balanced_intervals"),
        Floor(" / ".join(pair), "interval score", score, "<= 0.92", counted(rows, *pair)),
        Floor("predict_interval / predict", "seconds", seconds, "<= 2", place),
    ]


def size_floor(rows, figure):
    """Return the mean size of the prediction sets, and that of MAPIE's."""
    pair = "balanced_sets", "mapie_sets"
    ours, other = (x.groupby("dataset").mean().mean() for x in paired(rows, *pair, figure))
    what, place = " / ".join(pair), counted(rows, *pair)
    return Floor(what, f"mean {figure}", ours, f"<= {other:.6g}", place)


def set_floors(rows):
    """Return what is to be reached by sets of classes, with what is.

    Where a model is right more often than at the level, MAPIE's sets may be empty. The
    second of the sizes counts an empty set as one class.
    """
    filled = rows.assign(filled_size=rows["size"] + rows["empty"] / rows.n_test)
    return [
        *coverage_floors(rows, "balanced_sets"),
        size_floor(rows, "size"),
        size_floor(filled, "filled_size"),
    ]


def per_dataset(rows):
    """Return coverage and sizes, a line per data set and method."""
    parts = []
    for model, its in rows.groupby("model", sort=False):
        sizes = its.groupby("dataset")[
            [c for c in ("size", "score", "empty") if c in its]
        ].mean()
        parts.append(coverage(its).join(sizes).assign(model=model))
    table = pd.concat(parts).sort_index(kind="stable").reset_index()
    return table[["dataset", "model", *table.columns.drop(["dataset", "model"])]]


def main():
    options = parser(__doc__).parse_args()
    rows = read(options.results, options.form)
    is_regression = "score" in rows
    floors = interval_floors if is_regression else set_floors
    print(f"{floors_table(floors(rows))}\n\n{markdown(per_dataset(rows))}")


if __name__ == "__main__":
    main()
