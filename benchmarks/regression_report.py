"""The results of accuracy.py --regression as tables: floors, pairs, and each data set.

    python benchmarks/regression_report.py tables.csv --form frame --baselines baselines.csv
    python benchmarks/regression_report.py regression_accuracy.csv

How means are taken is said in aggregates.py. With FullyConnectedRegressor ("ours") among
the methods, it is compared with the others by R2.
"""

import numpy as np
import pandas as pd
from aggregates import (
    NRMSE,
    OURS,
    SECONDS,
    TREES,
    Floor,
    against_best,
    counted,
    floors_table,
    geometric_mean,
    markdown,
    means,
    paired,
    parser,
    per_dataset,
    ratio,
    ratio_floor,
    read,
    wins,
    worst_floor,
)

NAMES = {
    "ours": "FullyConnectedRegressor",
    "mlp": "MLPRegressor",
    "mlp_tts": "MLPRegressor, y standardized",
    "ridge": "Ridge",
    "hgb": "HistGradientBoosting",
}
FIGURES = {"r2": "R2", "nrmse": "nRMSE", "mae": "MAE", "fit_cpu_s": "CPU seconds of fit"}
RATIOS = [  # ours, other, bounds of nRMSE and seconds
    ("fast", "mlp_tts", 0.85, 0.9),
    ("balanced", "catboost", 0.94, None),
    ("balanced", "lgbm", 0.90, None),
    ("balanced", "hgb", 0.90, None),
    ("balanced", "mlp_tts", None, 5),
    ("best", "catboost", 0.91, None),
    ("best", "realmlp_td_s", 0.96, None),
    ("best", "realmlp_td", 0.92, 1.0),
]
WINS = [  # ours, other, the least number of data sets
    ("balanced", "catboost", 15),
    ("balanced", "lgbm", 19),
    ("balanced", "hgb", 19),
    ("best", "catboost", 17),
]


def set_wins(rows, ours, other):
    """Return on how many data sets the mean nRMSE of ours is lower, and on how many not."""
    a, b = (means(x, NRMSE) for x in paired(rows, ours, other, NRMSE.name))
    won = wins(a, b)
    return won, len(a) - won


def win_floor(rows, ours, other, bound):
    won, lost = set_wins(rows, ours, other)
    value = won if won + lost else np.nan
    place = counted(rows, ours, other)
    return Floor(f"{ours} / {other}", "wins, data sets", value, f">= {bound}", place)


def floors(rows):
    """Return what is to be reached, with what is."""
    found = []
    for ours, other, *bounds in RATIOS:
        for figure, bound in zip((NRMSE, SECONDS), bounds, strict=True):
            if bound:
                found.append(ratio_floor(rows, ours, other, figure, bound))
    found += [win_floor(rows, *line) for line in WINS]
    by_set = against_best(rows, "balanced", TREES, NRMSE)
    return [*found, worst_floor(by_set, NRMSE, 1.10)]


def compare(rows, ours, other):
    """Return the ratios of two methods, and how often ours is better."""
    won, lost = set_wins(rows, ours, other)
    return {
        "pair": f"{ours} / {other}",
        "rows": counted(rows, ours, other),
        "nrmse": ratio(rows, ours, other, NRMSE),
        "wins": f"{won:g} of {won + lost:g}",
        "seconds, geometric": ratio(rows, ours, other, SECONDS),
    }


def compare_r2(rows, ours, other):
    """Return how often the R2 of ours is higher, the lowest R2 of both, and ratios."""
    pair = paired(rows, ours, other, ["r2", "nrmse", "fit_cpu_s"])
    a, b = (figures.groupby("dataset").mean() for figures in pair)
    ratios = a / b
    return {
        "compared with": NAMES.get(other, other),
        "higher R2": f"{(a.r2 > b.r2).sum()} of {len(a)}",
        "lowest R2": a.r2.min(),
        "its lowest R2": b.r2.min(),
        "nRMSE": geometric_mean(ratios.nrmse),
        "CPU seconds": geometric_mean(ratios.fit_cpu_s),
    }


def main():
    options = parser(__doc__).parse_args()
    rows = read(options.results, options.form, options.baselines, options.networks)
    models = list(dict.fromkeys(rows.model))
    if "ours" in models:
        others = [model for model in models if model not in ("ours", *OURS)]
        lines = [compare_r2(rows, "ours", other) for other in others]
    else:
        print(f"{floors_table(floors(rows))}\n")
        pairs = [(o, m) for o in OURS for m in models if o in models and m not in OURS]
        lines = [compare(rows, *pair) for pair in pairs]
    print(markdown(pd.DataFrame(lines)))
    for figure, title in FIGURES.items():
        table = per_dataset(rows, figure).rename(columns=NAMES)
        print(f"\n{title}\n\n{markdown(table)}")


if __name__ == "__main__":
    main()
