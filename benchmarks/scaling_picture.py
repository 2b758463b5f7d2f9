"""The picture of the case scaling: seconds per epoch over each size of a problem."""

import matplotlib.pyplot as plt
from slopes import curves, slope
from style import STYLES, WIDTH, save, use_plain_numbers

# In points, up: where curves meet, their slopes stand under each other.
SHIFTS = (2, 3, -6)
AXES = {
    "rows": "rows",
    "columns": "columns",
    "width": "units in each hidden layer",
    "depth": "hidden layers",
    "batch": "rows in a batch",
}


def draw_size(axes, by_name):
    """Draw the curves of one size, each with its slope at its end."""
    for (name, (sizes, seconds)), shift in zip(by_name.items(), SHIFTS, strict=True):
        label, colour, marker = STYLES[name]
        axes.loglog(sizes, seconds, color=colour, marker=marker, label=label)
        axes.annotate(
            f"{slope(sizes, seconds):.2f}",
            (sizes[-1], seconds[-1]),
            (7, shift),
            textcoords="offset points",
            va="center",
            color=colour,
        )
    use_plain_numbers(axes.xaxis, sizes, [f"{it:,}".replace(",000", "k") for it in sizes])


def draw(rows, path):
    found = curves(rows)
    figure, panels = plt.subplots(
        len(found),
        figsize=(WIDTH, 2.6 * len(found)),
        sharey=True,
        layout="constrained",
    )
    for axes, (size, by_name) in zip(panels, found.items(), strict=True):
        draw_size(axes, by_name)
        axes.set(xlabel=f"{AXES[size]} (the numbers are slopes)", ylabel="time per epoch")
        axes.margins(x=0.2, y=0.1)
        use_plain_numbers(axes.yaxis, (0.001, 0.01, 0.1), ("1 ms", "10 ms", "100 ms"))
        axes.spines[["top", "right"]].set_visible(False)
    lines, labels = panels[0].get_legend_handles_labels()
    figure.legend(lines, labels, loc="outside upper left", frameon=False)
    save(figure, path)
    plt.close(figure)
