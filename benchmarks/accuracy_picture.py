"""A picture of accuracy.py's results: what each contestant costs, and what it is worth.

    python benchmarks/accuracy_picture.py accuracy.csv --out docs/images/accuracy.png

Everything is a ratio to MLPClassifier, over the rows that both have, so that contestants
that were measured on some of the data sets only can be drawn beside the others.
"""

import argparse
from pathlib import Path

import matplotlib
from accuracy_report import compare, read

matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402

NAMES = {
    "fast": "skfcnn, fast",
    "balanced": "skfcnn, balanced",
    "best": "skfcnn, best",
    "mlp": "MLPClassifier",
    "rf": "RandomForest",
    "hgb": "HistGradientBoosting",
    "lgbm": "LightGBM",
    "xgb": "XGBoost",
    "catboost": "CatBoost",
    "realmlp_td_s": "RealMLP-TD-S",
    "realmlp_td": "RealMLP-TD",
}
OURS, OTHERS = "#0072B2", "#777777"
TO_THE_LEFT = ("xgb", "lgbm")  # of their places, as their names would cover others


def draw(axes, found, figure, title):
    at_left = sorted(found.keys() & set(TO_THE_LEFT), key=lambda m: found[m][figure])
    heights = dict(zip(at_left, (-11, 5), strict=False))
    for model, ratios in found.items():
        colour = OURS if NAMES[model].startswith("skfcnn") else OTHERS
        place = ratios["seconds, geometric"], ratios[figure]
        axes.plot(*place, "o", color=colour, markersize=8)
        is_left = model in heights
        axes.annotate(
            NAMES[model],
            place,
            ha="right" if is_left else "left",
            xytext=(-7, heights[model]) if is_left else (7, 5),
            textcoords="offset points",
            color=colour,
            fontsize=9,
        )
    axes.set(
        xscale="log", yscale="log", xlabel="CPU seconds of fit, one thread", title=title
    )
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("{x:g}")
    axes.grid(alpha=0.3, which="both")
    axes.margins(x=0.3, y=0.08)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("results", nargs="+")
    parser.add_argument("--out", type=Path, default=Path("accuracy.png"))
    options = parser.parse_args()
    rows = read(options.results)
    models = [model for model in NAMES if model in set(rows.model)]
    found = {model: compare(rows, model, "mlp") for model in models}
    figure, axes = plt.subplots(1, 2, figsize=(11, 4.8), layout="constrained")
    draw(axes[0], found, "error", "test error")
    draw(axes[1], found, "logloss", "log loss")
    figure.suptitle("Thirty data sets, all as ratios to MLPClassifier")
    figure.savefig(options.out, dpi=110)


if __name__ == "__main__":
    main()
