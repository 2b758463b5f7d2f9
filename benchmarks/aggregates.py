"""What the reports of accuracy.py have in common: rows, means, ratios, wins, floors.

The seeds of a data set are averaged first, over the rows (data set and seed) that both
methods of a pair have. A ratio is that of geometric means over data sets.
"""

import argparse
from typing import NamedTuple

import numpy as np
import pandas as pd
from forms import BOTH, FRAME, ONE_HOT

OURS = ("fast", "balanced", "best")
NETWORKS = "_networks"  # the same without trees, in the names of contestants
FROM_BASELINES = ("realmlp_td_s", "realmlp_td")
TREES = ("catboost", "lgbm", "hgb")
KEYS = ["dataset", "seed"]


class Figure(NamedTuple):
    """A figure that is compared, lower being better.

    The geometric mean is that of the figure + `shift`, of means over seeds that count as
    `minimum` if they are smaller.
    """

    name: str
    shift: float = 0.0
    minimum: float = 0.0


ERROR = Figure("error", shift=0.005)  # may be 0
LOGLOSS = Figure("logloss", minimum=0.001)
BRIER = Figure("brier", minimum=0.0001)
NRMSE = Figure("nrmse")
SECONDS = Figure("fit_cpu_s")


class Floor(NamedTuple):
    """Measured values and their targets."""

    what: str
    figure: str
    value: float
    floor: str  # such as "<= 0.85" or ">= 15"
    rows: str  # what it is measured on

    @property
    def is_met(self):
        """Whether the value is on the right side; "" if there is no value."""
        if np.isnan(self.value):
            return ""
        sign, bound = self.floor.split()
        low, high = self.value <= float(bound), self.value >= float(bound)
        return "yes" if {"<=": low, ">=": high}[sign] else "no"


def successes(paths):
    """Return the rows of results of the fits that succeeded."""
    rows = pd.concat([pd.read_csv(path) for path in paths], ignore_index=True)
    if "form" not in rows:
        rows["form"] = ONE_HOT
    rows["form"] = rows["form"].fillna(ONE_HOT)  # files from before there were forms
    rows = rows[rows.status == "ok"]
    return rows.drop_duplicates(["model", *KEYS, "form"])


def read(paths, form=None, baselines=None, networks=False):
    """Return the rows of a form, and RealMLP's among the baselines, with their errors.

    With `networks`, the contestants without trees are called as those with trees, and
    replace them.

    Raises
    ------
    ValueError
        If there are rows of both forms, and none is chosen.
    """
    rows = successes(paths)
    if form:
        rows = rows[rows.form.isin([form, BOTH])]
    elif {FRAME, ONE_HOT} <= set(rows.form):
        raise ValueError("There are rows of both forms. Pass --form frame or one-hot.")
    if baselines:
        others = successes([baselines])
        rows = pd.concat([rows, others[others.model.isin(FROM_BASELINES)]])
        rows = rows.drop_duplicates(["model", *KEYS])
    if networks:
        rows = rows[~rows.model.isin(OURS)]
        rows = rows.assign(model=rows.model.str.removesuffix(NETWORKS))
    return rows.assign(error=1.0 - rows.acc) if "acc" in rows else rows


def geometric_mean(values, shift=0.0):
    return float(np.exp(np.log(values + shift).mean()) - shift)


def paired(rows, ours, other, figures):
    """Return the figures of two methods by data set and seed, where both have them."""
    a, b = (rows[rows.model == m].set_index(KEYS)[figures] for m in (ours, other))
    both = a.index.intersection(b.index)
    return a.loc[both], b.loc[both]


def means(values, figure):
    """Return the means over the seeds of each data set."""
    return values.groupby("dataset").mean().clip(lower=figure.minimum)


def ratio(rows, ours, other, figure):
    """Return the ratio of the geometric means of two methods; NaN without rows."""
    pair = paired(rows, ours, other, figure.name)
    if pair[0].empty:
        return np.nan
    a, b = (geometric_mean(means(x, figure), figure.shift) for x in pair)
    return a / b


def wins(a, b):
    """Return how often the first is the lower one; ties count half."""
    return float((a < b).sum() + 0.5 * (a == b).sum())


def counted(rows, ours, other):
    """Return in words how many rows, and data sets, both methods have."""
    n = paired(rows, ours, other, KEYS[:0])[0].index
    return f"{len(n)}, of {n.get_level_values(0).nunique()} sets"


def ratio_floor(rows, ours, other, figure, bound):
    value = ratio(rows, ours, other, figure)
    place = counted(rows, ours, other)
    return Floor(f"{ours} / {other}", figure.name, value, f"<= {bound}", place)


def against_best(rows, ours, others, figure, min_test=0):
    """Return the means of ours and of the best of others, by data set.

    Only data sets with so many test rows, and rows that all of the methods have.
    """
    rows = rows[(rows.n_test >= min_test) & rows.model.isin([ours, *others])]
    table = rows.pivot(index=KEYS, columns="model", values=figure.name)
    table = table.reindex(columns=[ours, *others]).dropna()
    by_set = table.groupby("dataset").mean().clip(lower=figure.minimum)
    return by_set[ours], by_set[list(others)].min(axis=1)


def worst_floor(means, figure, bound, shift=0.0, allowed=-np.inf):
    """Return the highest ratio of a single data set, whose difference is not allowed."""
    ours, best = means
    ratios = ((ours + shift) / (best + shift))[ours - best > allowed]
    value = ratios.max() if len(ratios) else 1.0 if len(ours) else np.nan
    place = (
        f"{ratios.idxmax()}, of {len(ours)} sets" if len(ratios) else f"{len(ours)} sets"
    )
    what = "worst single set, balanced / best of trees"
    return Floor(what, figure.name, value, f"<= {bound}", place)


def markdown(table):
    """Return a frame as a Markdown table, numbers with three digits."""

    def shown(value):
        return f"{value:.3g}" if isinstance(value, float) else str(value)

    lines = [list(table.columns), ["---"] + ["---:"] * (len(table.columns) - 1)]
    lines += [[shown(value) for value in row] for row in table.itertuples(index=False)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def floors_table(floors):
    """Return floors as a Markdown table, without those that nothing is measured for."""
    lines = [(*f[:3], f.floor, f.is_met, f.rows) for f in floors if not np.isnan(f.value)]
    columns = ["", "figure", "measured", "floor", "met", "rows"]
    return markdown(pd.DataFrame(lines, columns=columns))


def per_dataset(rows, figure):
    """Return the means over seeds, a line per data set, a column per method."""
    table = rows.pivot_table(index="dataset", columns="model", values=figure)
    return table.reindex(columns=rows.model.unique()).reset_index()


def parser(doc):
    """Return a parser of the options of every report."""
    made = argparse.ArgumentParser(description=doc.split("\n")[0])
    made.add_argument("results", nargs="+")
    made.add_argument("--form", choices=[FRAME, ONE_HOT], help="rows of this form only")
    made.add_argument("--baselines", help="a file with the rows of RealMLP")
    made.add_argument("--networks", action="store_true", help="ours without trees")
    return made
