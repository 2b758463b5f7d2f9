"""The results of accuracy.py as tables: floors, pairs of methods, and each data set.

    python benchmarks/accuracy_report.py accuracy.csv --form frame --baselines baselines.csv
    python benchmarks/accuracy_report.py accuracy.csv more.csv --pairs fast:mlp best:lgbm

How means are taken is said in aggregates.py.
"""

import numpy as np
import pandas as pd
from aggregates import (
    BRIER,
    ERROR,
    LOGLOSS,
    OURS,
    SECONDS,
    TREES,
    Floor,
    against_best,
    counted,
    floors_table,
    markdown,
    paired,
    parser,
    per_dataset,
    ratio,
    ratio_floor,
    read,
    wins,
    worst_floor,
)

FIGURES = {"error": "test error", "logloss": "log loss", "fit_cpu_s": "CPU seconds of fit"}
RATIOS = [  # ours, other, bounds of error, log loss and seconds
    ("fast", "mlp", 0.85, 0.68, 0.9),
    ("balanced", "catboost", 0.88, 0.80, None),
    ("balanced", "lgbm", 0.80, 0.67, None),
    ("balanced", "xgb", 0.80, 0.67, None),
    ("balanced", "hgb", 0.80, 0.67, None),
    ("best", "catboost", 0.84, 0.75, None),
    ("best", "realmlp_td", 0.92, 0.43, 1.0),
]
WINS = [  # ours, other, the least per cent of rows by error and by log loss
    ("balanced", "catboost", 60, 62),
    ("balanced", "lgbm", 65, None),
    ("balanced", "xgb", 65, None),
    ("balanced", "hgb", 65, None),
    ("best", "catboost", 65, None),
]
MIN_TEST = 400


def win_floor(rows, ours, other, figure, bound):
    """Return the per cent of rows that ours wins."""
    a, b = paired(rows, ours, other, figure.name)
    value = 100.0 * wins(a, b) / len(a) if len(a) else np.nan
    what, place = f"{ours} / {other}", counted(rows, ours, other)
    return Floor(what, f"wins by {figure.name}, %", value, f">= {bound}", place)


def adult_floors(rows):
    """Return the log loss and the seconds of balanced on adult."""
    adult = rows[(rows.dataset == "adult") & (rows.model == "balanced")]
    place = f"{len(adult)} seeds"
    return [
        Floor("adult, balanced", name, adult[name].mean(), f"<= {bound}", place)
        for name, bound in (("logloss", 0.290), ("fit_cpu_s", 12))
    ]


def floors(rows):
    """Return what is to be reached, with what is."""
    found = []
    for ours, other, *bounds in RATIOS:
        for figure, bound in zip((ERROR, LOGLOSS, SECONDS), bounds, strict=True):
            if bound:
                found.append(ratio_floor(rows, ours, other, figure, bound))
    for ours, other, *bounds in WINS:
        for figure, bound in zip((ERROR, LOGLOSS), bounds, strict=True):
            if bound:
                found.append(win_floor(rows, ours, other, figure, bound))
    errors, losses = (
        against_best(rows, "balanced", TREES, figure, MIN_TEST)
        for figure in (ERROR, LOGLOSS)
    )
    found.append(worst_floor(errors, ERROR, 1.25, shift=0.005))
    found.append(worst_floor(losses, LOGLOSS, 1.15, shift=0.01, allowed=0.01))
    return found + adult_floors(rows)


def compare(rows, ours, other):
    """Return the ratios of two methods, and how often ours is better."""
    a, b = paired(rows, ours, other, ["error", "logloss", "fit_cpu_s"])
    if not len(a):
        return None
    found = {"pair": f"{ours} / {other}", "rows": len(a)}
    for figure in (ERROR, LOGLOSS, BRIER):
        found[figure.name] = ratio(rows, ours, other, figure)
    for figure in ("error", "logloss"):
        found[f"wins by {figure}"] = f"{wins(a[figure], b[figure]):g} of {len(a)}"
    found["seconds, geometric"] = ratio(rows, ours, other, SECONDS)
    found["seconds, summed"] = a.fit_cpu_s.sum() / b.fit_cpu_s.sum()
    return found


def main():
    made = parser(__doc__)
    made.add_argument("--pairs", nargs="+", help="OURS:OTHER; default: all with ours")
    options = made.parse_args()
    rows = read(options.results, options.form, options.baselines, options.networks)
    models = list(dict.fromkeys(rows.model))
    pairs = [pair.split(":") for pair in options.pairs or ()]
    pairs = pairs or [(o, m) for o in OURS for m in models if m not in OURS and o in models]
    print(f"{floors_table(floors(rows))}\n")
    found = [compare(rows, *pair) for pair in pairs]
    print(markdown(pd.DataFrame([line for line in found if line])))
    for figure, title in FIGURES.items():
        print(f"\n{title}\n\n{markdown(per_dataset(rows, figure))}")


if __name__ == "__main__":
    main()
