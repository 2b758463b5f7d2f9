"""A picture of accuracy.py's results: what each contestant costs, and what it is worth.

    python benchmarks/accuracy_picture.py accuracy.csv --form frame \
        --baselines baselines.csv --out docs/images/accuracy.svg
    python benchmarks/accuracy_picture.py tables.csv --form frame \
        --baselines baselines.csv --out docs/images/regression_accuracy.svg

Everything is a ratio to MLPClassifier or MLPRegressor, over the rows that both have, so
that contestants that were measured on some of the data sets only can be drawn next to the
others; their number of data sets is shown. The colours can be read on white and on black.
"""

from pathlib import Path

import matplotlib
import numpy as np
from aggregates import ERROR, LOGLOSS, NRMSE, SECONDS, paired, parser, ratio, read

matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.transforms import Bbox  # noqa: E402

NAMES = {
    "fast": "skfcnn, fast",
    "balanced": "skfcnn, balanced",
    "best": "skfcnn, best",
    "mlp": "MLPClassifier",
    "mlp_tts": "MLPRegressor",
    "rf": "RandomForest",
    "hgb": "HistGradientBoosting",
    "lgbm": "LightGBM",
    "xgb": "XGBoost",
    "catboost": "CatBoost",
    "realmlp_td_s": "RealMLP-TD-S",
    "realmlp_td": "RealMLP-TD",
}
PANELS = {"mlp": {ERROR: "test error", LOGLOSS: "log loss"}, "mlp_tts": {NRMSE: "RMSE"}}
OURS, OTHERS = "#2385C6", "#7A7A7A"
WIDTH, HEIGHT = 5.4, 4.0  # inches of 72 points: text keeps its size at 390 pixels
FONT_SIZE = 11
# Places of a name around its dot: points of distance, degrees. The first that covers
# nothing is taken.
ANGLES = (0, 180, 90, 270, 45, 315, 135, 225, 22, 338, 158, 202, 68, 292, 112, 248)
PLACES = [(radius, angle) for radius in (9, 14, 20, 28) for angle in ANGLES]


def measured(rows, base, figure):
    """Return seconds, figure and data sets by contestant, as ratios to the base."""
    found = {}
    n_sets = rows[rows.model == base].dataset.nunique()
    for model, name in NAMES.items():
        if model in PANELS and model != base:
            continue
        its_sets = (
            paired(rows, model, base, ["form"])[0].index.get_level_values(0).nunique()
        )
        if its_sets:
            label = name if its_sets == n_sets else f"{name}\n({its_sets} sets)"
            found[label] = [ratio(rows, model, base, each) for each in (SECONDS, figure)]
    return found, n_sets


def dot_box(axes, place, radius=5):
    x, y = axes.transData.transform(place)
    return Bbox.from_extents(x - radius, y - radius, x + radius, y + radius)


def named(axes, name, place, radius, angle):
    """Write a name at a distance from its dot, in a direction."""
    x, y = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    sides = {-1: "right", 0: "center", 1: "left"}
    heights = {-1: "top", 0: "center", 1: "bottom"}
    return axes.annotate(
        name,
        place,
        (radius * x, radius * y),
        textcoords="offset points",
        ha=sides[round(x)],
        va=heights[round(y)],
        color=colour_of(name),
        weight="bold" if name.startswith("skfcnn") else None,
    )


def name_dots(axes, found):
    """Write names next to the dots, without covering dots or other names."""
    axes.figure.draw_without_rendering()  # the layout, on which extents depend
    box = axes.get_window_extent()
    taken = [dot_box(axes, place) for place in found.values()]
    for name, dot in found.items():
        for place in PLACES:
            text = named(axes, name, dot, *place)
            extent = text.get_window_extent()
            is_inside = box.contains(*extent.min) and box.contains(*extent.max)
            if is_inside and not extent.count_overlaps(taken) or place == PLACES[-1]:
                taken.append(extent)
                break
            text.remove()


def colour_of(name):
    return OURS if name.startswith("skfcnn") else OTHERS


def draw(axes, found, title, base):
    for name, place in found.items():
        axes.plot(*place, "o", color=colour_of(name), markersize=8)
    axes.set(xscale="log", yscale="log", ylabel=f"{title} / {base}'s (lower is better)")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("{x:.2g}")
    axes.grid(alpha=0.25)
    axes.yaxis.grid(alpha=0.25, which="minor")
    axes.margins(x=0.3, y=0.15)
    axes.set_xlim(right=3.0 * axes.get_xlim()[1])  # for the names of the slowest


STYLE = {"font.size": FONT_SIZE, "svg.hashsalt": "skfcnn"}
STYLE |= dict.fromkeys(
    ["text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"],
    OTHERS,
)


def picture(rows):
    """Return the figure of a task: a panel for each figure, below one another."""
    base = "mlp" if "error" in rows else "mlp_tts"
    panels = PANELS[base]
    size = WIDTH, HEIGHT * len(panels)
    drawn, all_axes = plt.subplots(len(panels), figsize=size, squeeze=False)
    drawn.set_layout_engine("constrained")
    dots = []
    for axes, (figure, title) in zip(all_axes[:, 0], panels.items(), strict=True):
        found, n_sets = measured(rows, base, figure)
        draw(axes, found, title, NAMES[base])
        dots.append(found)
    seconds = f"CPU seconds of fit / {NAMES[base]}'s (lower is better)"
    all_axes[-1, 0].set_xlabel(f"{seconds}\n{n_sets} data sets, one thread")
    for axes, found in zip(all_axes[:, 0], dots, strict=True):
        name_dots(axes, found)
    return drawn


def main():
    made = parser(__doc__)
    made.add_argument("--out", type=Path, default=Path("accuracy.svg"))
    options = made.parse_args()
    rows = read(options.results, options.form, options.baselines, options.networks)
    with plt.rc_context(STYLE):
        picture(rows).savefig(options.out, transparent=True, metadata={"Date": None})


if __name__ == "__main__":
    main()
