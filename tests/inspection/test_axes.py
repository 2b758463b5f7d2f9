"""The axes of a display, and its font size."""

import sys

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from matplotlib.ticker import MaxNLocator

from skfcnn.inspection.axes import axes_for, count_along_x, font_size_for, points_per_row


@pytest.fixture
def ax():
    _, ax = plt.subplots(figsize=(4, 3), dpi=100)
    yield ax
    plt.close(ax.figure)


def test_given_axes_are_used(ax):
    assert axes_for("display", ax) is ax


def test_without_axes_a_figure_is_made():
    made = axes_for("display", None, figsize=(2, 1))
    assert tuple(made.figure.get_size_inches()) == (2, 1)
    plt.close(made.figure)


def test_error_without_matplotlib_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"str.plot requires matplotlib.*skfcnn\[plots\]"):
        axes_for("display", None)


def test_rows_share_the_height_of_the_axes(ax):
    height = ax.get_position().height * 3 * 72  # of a figure of three inches, in points
    assert points_per_row(ax, 6) == pytest.approx(height / 6)


def test_letters_fit_into_their_rows(ax):
    assert font_size_for(ax, 1) == mpl.rcParams["font.size"]
    assert font_size_for(ax, 100) == pytest.approx(0.9 * points_per_row(ax, 100))


def test_epochs_are_whole_numbers(ax):
    ax.plot([1, 2], [0.5, 0.25])
    count_along_x(ax, "epoch")
    locator = ax.xaxis.get_major_locator()
    assert isinstance(locator, MaxNLocator)
    assert all(tick == int(tick) for tick in locator.tick_values(1, 2))
    assert ax.get_xlabel() == "epoch"
