"""Where a display draws: on the axes it is given, or on those of a new figure."""


def axes_for(display, ax, **figure):
    """Return ax, or where it is None the axes of a new figure.

    Raises
    ------
    ImportError
        Without matplotlib.
    """
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(
            f"{type(display).__name__}.plot requires matplotlib. It comes with "
            '`pip install "skfcnn[plots]"`.'
        ) from error
    if ax is None:
        _, ax = plt.subplots(layout="constrained", **figure)
    return ax


def points_per_row(ax, n_rows: float) -> float:
    """Return the height of one of so many rows, in the unit of font sizes."""
    return ax.bbox.height / ax.figure.dpi * 72.0 / n_rows


def font_size_for(ax, n_rows: float) -> float:
    """Return the size of names that stand one above the other in so many rows."""
    import matplotlib as mpl

    return min(mpl.rcParams["font.size"], 0.9 * points_per_row(ax, n_rows))


def count_along_x(ax, unit: str) -> None:
    """Let whole numbers stand along x: of epochs, or of iterations."""
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, min_n_ticks=1))
    ax.set_xlabel(unit)
