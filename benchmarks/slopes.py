"""Curves of the scaling case, and their slopes in logarithms: 1 is proportional growth."""

import numpy as np
from rows import summarize


def curves(rows):
    """Return `{size: {contestant: (values of the size, least seconds)}}`."""
    found = {}
    for setting, seconds in summarize(rows, min).items():
        size, value = setting.split(" = ")
        for name, least in seconds.items():
            sizes, times = found.setdefault(size, {}).setdefault(name, ([], []))
            sizes.append(int(value))
            times.append(least)
    return found


def slope(sizes, times):
    """Return the slope of the line through the logarithms, by least squares."""
    return np.polyfit(np.log(sizes), np.log(times), 1)[0]


def slope_table(rows):
    """Return a Markdown table of the slopes, a line per size."""
    found = curves(rows)
    names = list(next(iter(found.values())))
    lines = [f"| slope | {' | '.join(names)} |", "|---|" + "---:|" * len(names)]
    for size, by_name in found.items():
        cells = [f"{slope(*by_name[name]):.2f}" for name in names]
        lines.append(f"| {size} | {' | '.join(cells)} |")
    return "\n".join(lines)
