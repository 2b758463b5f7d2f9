"""The results of accuracy.py --regression as tables: pairs of methods, and each data set.

    python benchmarks/regression_report.py regression_accuracy.csv

R2 and nRMSE of a data set are means over its seeds. Ratios of nRMSE and of seconds are
geometric means over the data sets, over the rows that both methods of a pair have.
"""

import argparse

import pandas as pd
from accuracy_report import geometric_mean, markdown, paired, successes

NAMES = {
    "ours": "FullyConnectedRegressor",
    "mlp": "MLPRegressor",
    "mlp_tts": "MLPRegressor, y standardized",
    "ridge": "Ridge",
    "hgb": "HistGradientBoosting",
}
FIGURES = {"r2": "R2", "nrmse": "nRMSE", "mae": "MAE", "fit_cpu_s": "CPU seconds of fit"}


def compare(rows, ours, other):
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


def per_dataset(rows, figure):
    """Return the means over seeds, a line per data set, a column per method."""
    table = rows.pivot_table(index="dataset", columns="model", values=figure)
    return table[rows.model.unique()].rename(columns=NAMES).reset_index()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("results", nargs="+")
    rows = successes(parser.parse_args().results)
    others = [model for model in rows.model.unique() if model != "ours"]
    print(markdown(pd.DataFrame([compare(rows, "ours", other) for other in others])))
    for figure, title in FIGURES.items():
        print(f"\n{title}\n\n{markdown(per_dataset(rows, figure))}")


if __name__ == "__main__":
    main()
