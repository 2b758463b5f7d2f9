"""TabularClassifier on raw tables, and on the same tables degraded by text files.

    python benchmarks/raw_tables.py --raw DIR [--efforts fast balanced] [--tables ames]

DIR has tables as Parquet, whose column `target` is cut at its median. Two percent of the
numbers are made missing; the sales of "ames" become dates, and the departures of "flights"
durations. All forms have the same values: "by hand" is declared and cleaned manually, the
others are text in the style of a file. `other kinds` counts the columns whose detected type
differs from "by hand".
"""

import argparse
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

from skfcnn import TabularClassifier

SHARE = 0.02
MARKS = np.array(["?", "n/a", "-", "unknown", ""])
IN_EUROPE = str.maketrans(",.", ".,")
# The kind that a column has in text -> by its type.
AS_TYPED = {"number in text": "number", "date in text": "date", "code": "category"}


def opened(path, seed=0):
    """Return a table with typed columns, and whether the target exceeds its median."""
    table = pd.read_parquet(path)
    target = table.pop("target")
    rng = np.random.default_rng(seed)
    numbers = table.select_dtypes("number").columns
    table[numbers] = table[numbers].mask(rng.random(table[numbers].shape) < SHARE)
    if "Year_Sold" in table:
        when = table[["Year_Sold", "Mo_Sold"]].set_axis(["year", "month"], axis=1)
        table["Sold"] = pd.to_datetime(when.assign(day=rng.integers(1, 29, len(table))))
        table = table.drop(columns=["Year_Sold", "Mo_Sold"])
    if "sched_dep" in table:
        minutes = (table["sched_dep"] * 60).round()
        table["sched_dep"] = pd.to_timedelta(minutes, unit="min")
    return table, np.where(target > target.median(), "above", "below")


def by_hand(table):
    """Return the table with categories by dtype, and marks for missing values as such."""
    text = table.select_dtypes(exclude=["number", "datetime", "timedelta"])
    return table.assign(**text.replace("??", None).astype("category"))


def spoiled(table, number=str, date="%Y-%m-%d", marks=MARKS[-1:]):
    """Return all columns as text."""
    rng = np.random.default_rng(1)
    made = {}
    for name, column in table.items():
        if column.dtype.kind == "M":
            texts = column.dt.strftime(date)
        elif column.dtype.kind == "m":
            minutes = column.dt.total_seconds() // 60
            texts = (minutes // 60).map("{:.0f}".format) + (minutes % 60).map(
                ":{:02.0f}".format
            )
        elif column.dtype.kind in "iuf":
            whole = (column.dropna() % 1 == 0).all() and column.notna().any()
            texts = column.map(
                lambda v, w=whole, n=name: number(n, int(v) if w else v), na_action="ignore"
            )
        else:
            texts = column
        texts = texts.astype(object)
        made[name] = texts.where(column.notna(), rng.choice(marks, len(table)))
    return pd.DataFrame(made, index=table.index)


def plain(name, value):
    return str(value)


def thousands(name, value):
    return str(value) if "Year" in name else f"{value:,}"


def european(name, value):
    return thousands(name, value).translate(IN_EUROPE)


def money(name, value):
    return plain(name, value) if "Year" in name else f"${value:,}".replace("$-", "-$")


def unit(name, value):
    return f"{value} km"


FORMS = {
    "raw": lambda table: table,
    "text": lambda table: spoiled(table, plain),
    "marks": lambda table: spoiled(table, plain, "%d.%m.%Y", MARKS),
    "thousands": lambda table: spoiled(table, thousands, "%B %d, %Y", MARKS),
    "European": lambda table: spoiled(table, european, "%d.%m.%y"),
    "money": lambda table: spoiled(table, money, "%m/%d/%Y"),
    "unit": lambda table: spoiled(table, unit, "%d-%b-%Y", MARKS[:1]),
}


def fitted(table, y, effort, parts):
    """Return the figures of a model, and the kinds of its columns."""
    train, test = parts
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Check how these columns were read")
        warnings.filterwarnings("ignore", "Values that do not have the type")
        model = TabularClassifier(effort, random_state=0).fit(table.iloc[train], y[train])
        seconds = time.perf_counter() - start
        p = model.predict_proba(table.iloc[test])
    columns = model.columns_
    kinds = dict(zip(columns.column, columns.kind.replace(AS_TYPED), strict=True))
    is_right = model.classes_[p.argmax(axis=1)] == y[test]
    return is_right.mean(), log_loss(y[test], p), seconds, kinds


def compare(path, effort):
    """Print a line for each form of a table."""
    table, y = opened(path)
    parts = train_test_split(np.arange(len(y)), test_size=0.3, random_state=0, stratify=y)
    forms = {"by hand": by_hand} | FORMS
    wanted = None
    for name, form in forms.items():
        accuracy, loss, seconds, kinds = fitted(form(table), y, effort, parts)
        wanted = wanted or kinds
        others = {each: kind for each, kind in kinds.items() if kind != wanted[each]}
        shown = ", ".join(f"{each} {kind}" for each, kind in [*others.items()][:4])
        print(
            f"{path.stem:<10} {effort:<9} {name:<12} {accuracy:8.4f} {loss:8.4f} "
            f"{seconds:8.1f} {len(others):6}  {shown}",
            flush=True,
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", type=Path, required=True)
    parser.add_argument("--efforts", nargs="+", default=["fast"])
    parser.add_argument("--tables", nargs="+", default=["*"])
    options = parser.parse_args()
    print("table      effort    form         accuracy log loss  seconds  other kinds")
    for effort in options.efforts:
        for pattern in options.tables:
            for path in sorted(options.raw.glob(f"{pattern}.parquet")):
                compare(path, effort)


if __name__ == "__main__":
    main()
