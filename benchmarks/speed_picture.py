"""The picture of the case fit: how many times faster than MLPClassifier, at each shape."""

import matplotlib.pyplot as plt
from estimators import BASE
from fit import LIMIT
from rows import summarize
from style import STYLES, use_plain_numbers

TICKS = (1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24)


def draw_shape(axes, y, ratios):
    """Draw a line of dots, on a bar as long as anybody can come."""
    if LIMIT in ratios:
        axes.plot(
            [1, ratios[LIMIT]],
            [y, y],
            color="#E4E4E4",
            lw=8,
            zorder=1,
            solid_capstyle="butt",
        )
    for name, ratio in ratios.items():
        label, colour, marker = STYLES[name]
        size, edge = (17, 2.5) if name == LIMIT else (10, 0)
        axes.plot(
            *(ratio, y, marker),
            color=colour,
            markersize=size,
            markeredgewidth=edge,
            label=label if y == 0 else None,
        )
    axes.annotate(
        f"{ratios['skfcnn']:.1f}×",
        (ratios["skfcnn"], y - 0.22),
        ha="center",
        va="bottom",
        color=STYLES["skfcnn"].colour,
        weight="bold",
    )


def draw(rows, path):
    shapes = {
        setting: {name: seconds[BASE] / seconds[name] for name in STYLES if name in seconds}
        for setting, seconds in summarize(rows, min).items()
    }
    figure, axes = plt.subplots(figsize=(9, 1.7 + 0.6 * len(shapes)), layout="constrained")
    for y, ratios in enumerate(shapes.values()):
        draw_shape(axes, y, ratios)
    axes.set_xscale("log")
    use_plain_numbers(axes.xaxis, TICKS, [f"{tick:g}×" for tick in TICKS])
    axes.set_xlabel("times faster than MLPClassifier (time per epoch)")
    axes.set_ylim(len(shapes) - 0.4, -0.7)
    names = [name.replace(" x ", " × ").replace("->", "→") for name in shapes]
    axes.set_yticks(range(len(shapes)), names)
    axes.tick_params(axis="y", length=0)
    axes.set_title("rows × columns → hidden layers → classes", loc="left", x=-0.35, size=9)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.axvline(1, color=STYLES[BASE].colour, linewidth=1, zorder=0)
    figure.legend(loc="outside upper center", ncols=5, frameon=False, handletextpad=0.2)
    figure.savefig(path, dpi=150)
    plt.close(figure)
