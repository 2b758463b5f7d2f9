"""The axes of a display: the given axes, or those of a new figure."""


def axes_for(display, ax, **figure):
    """Return ax, or the axes of a new figure if it is None.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(
            f"{type(display).__name__}.plot requires matplotlib. Install it with: "
            'pip install "skfcnn[plots]"'
        ) from error
    if ax is None:
        _, ax = plt.subplots(layout="constrained", **figure)
    return ax


def points_per_row(ax, n_rows: float) -> float:
    """Return the height of a row, in points, if the axes have n_rows rows."""
    return ax.bbox.height / ax.figure.dpi * 72.0 / n_rows


def font_size_for(ax, n_rows: float) -> float:
    """Return the font size for names in n_rows rows."""
    import matplotlib as mpl

    return min(mpl.rcParams["font.size"], 0.9 * points_per_row(ax, n_rows))


def count_along_x(ax, unit: str) -> None:
    """Use integer ticks along x, for epochs or iterations."""
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, min_n_ticks=1))
    ax.set_xlabel(unit)
