"""How the pictures look: SVG without a background, readable on a telephone.

A picture is 5.4 inches wide, with text of 10 points: at 390 pixels it is 10 pixels high.
"""

from typing import NamedTuple

import matplotlib
from estimators import BASE
from fit import LIMIT
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

matplotlib.use("Agg")

WIDTH = 5.4  # inches


class Style(NamedTuple):
    """The name in the legend, the colour and the marker of a contestant."""

    label: str
    colour: str
    marker: str


# Colours of the palette of Okabe and Ito, which the colour-blind can tell apart. Later ones
# are drawn above earlier ones.
STYLES = {
    BASE: Style("MLPClassifier", "#777777", "^"),
    "PyTorch": Style("PyTorch", "#D55E00", "D"),
    "skfcnn (float64)": Style("skfcnn (float64)", "#56B4E9", "s"),
    "skfcnn": Style("skfcnn", "#0072B2", "o"),
    LIMIT: Style("limit (matrix products)", "black", "|"),
}


def use_plain_numbers(axis, ticks, labels):
    """Name these ticks of a logarithmic axis, and not the powers of ten."""
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_major_formatter(FixedFormatter(labels))
    axis.set_minor_locator(NullLocator())


def save(figure, path):
    """Write the picture as SVG. The same data give the same file."""
    with matplotlib.rc_context({"svg.hashsalt": "skfcnn"}):
        figure.savefig(path, transparent=True, metadata={"Date": None})
