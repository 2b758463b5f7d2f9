"""The picture of the case fit: how many times faster than MLPClassifier, at each shape."""

import matplotlib.pyplot as plt
from estimators import BASE
from fit import LIMIT
from rows import summarize
from style import STYLES, WIDTH, save, use_plain_numbers

TICKS = (1, 2, 4, 8, 16, 32)


def draw_shape(axes, y, ratios):
    """Draw a line of dots, on a bar that ends at the limit."""
    if LIMIT in ratios:
        axes.plot(
            [1, ratios[LIMIT]],
            [y, y],
            color="#E4E4E4",
            lw=7,
            zorder=1,
            solid_capstyle="butt",
        )
    for name, ratio in ratios.items():
        label, colour, marker = STYLES[name]
        size, edge = (14, 2.5) if name == LIMIT else (8, 0)
        axes.plot(
            *(ratio, y, marker),
            color=colour,
            markersize=size,
            markeredgewidth=edge,
            label=label if y == 0 else None,
        )


def title_of(name, ratio):
    """Return the name of a shape, and how many times faster skfcnn is at it."""
    name = name.replace(" x ", " × ").replace("->", "→").replace("-", " · ")
    return f"{name}:  {ratio:.1f}×"


def draw(rows, path):
    shapes = {
        setting: {name: seconds[BASE] / seconds[name] for name in STYLES if name in seconds}
        for setting, seconds in summarize(rows, min).items()
    }
    figure, axes = plt.subplots(figsize=(WIDTH, 1.9 + 0.6 * len(shapes)))
    figure.set_layout_engine("constrained")
    for y, (name, ratios) in enumerate(shapes.items()):
        draw_shape(axes, y, ratios)
        axes.text(1.0, y - 0.25, title_of(name, ratios["skfcnn"]), va="bottom")
    axes.set_xscale("log")
    use_plain_numbers(axes.xaxis, TICKS, [f"{tick:g}×" for tick in TICKS])
    axes.set_xlim(0.68, 1.1 * max(max(ratios.values()) for ratios in shapes.values()))
    axes.set_xlabel(
        "Times faster than MLPClassifier (time per epoch).\nFurther right is faster."
    )
    axes.set_ylim(len(shapes) - 0.6, -0.85)
    axes.set_yticks([])
    heading = "rows × columns → hidden layers → classes:  skfcnn"
    axes.set_title(heading, loc="left", size=10)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.axvline(1, color=STYLES[BASE].colour, linewidth=1, zorder=0)
    figure.legend(loc="outside upper left", ncols=2, frameon=False, handletextpad=0.2)
    save(figure, path)
    plt.close(figure)
