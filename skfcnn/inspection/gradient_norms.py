"""Norms of gradients, deltas and updates, per layer and epoch."""

import numpy as np
from sklearn.exceptions import NotFittedError

from skfcnn.inspection.axes import axes_for, count_along_x

# The quantities that a GradientMonitor records, and their descriptions.
QUANTITIES = {
    "gradient": "norm of dJ/dW",
    "delta": "root mean square of delta",
    "weights": "norm of W",
    "update": "norm of the change of W in an epoch",
}


class GradientNormsDisplay:
    """Norms of every layer over the epochs of a fit, recorded by a `GradientMonitor`.

    Lines that are decades apart show gradients that vanish or explode between the output
    and the first layer.

    It is recommended to use `from_monitor`. All parameters are stored as attributes.

    Parameters
    ----------
    epochs : array-like of shape (n_epochs,)
    norms : ndarray of shape (n_epochs, n_layers)
        From the first layer to the output layer.
    quantity : {"gradient", "delta", "weights", "update"}, default="gradient"
        The quantity of the norms.

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    lines_ : list of matplotlib Line2D
        One for each layer, from dark to bright.

    See Also
    --------
    skfcnn.callbacks.GradientMonitor : Records the norms.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skfcnn import FullyConnectedClassifier
    >>> from skfcnn.callbacks import GradientMonitor
    >>> from skfcnn.inspection import GradientNormsDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> monitor = GradientMonitor()
    >>> clf = FullyConnectedClassifier((10, 10), schedule="cosine", random_state=0)
    >>> clf = clf.set_callbacks(monitor).fit(X, y)
    >>> display = GradientNormsDisplay.from_monitor(monitor)
    """

    def __init__(self, epochs, norms, *, quantity="gradient"):
        self.epochs = epochs
        self.norms = norms
        self.quantity = quantity

    @classmethod
    def from_monitor(cls, monitor, *, quantity="gradient", ax=None, yscale="log"):
        """Draw the records of a monitor from the last fit.

        Parameters
        ----------
        monitor : skfcnn.callbacks.GradientMonitor
            Set on a classifier or regressor, by `set_callbacks`, before its fit.
        quantity : {"gradient", "delta", "weights", "update"}, default="gradient"
            Which records to show.
        ax : matplotlib Axes, default=None
            Where to draw; by default on a new figure.
        yscale : {"linear", "log"} or another scale of matplotlib, default="log"

        Returns
        -------
        display : GradientNormsDisplay

        Raises
        ------
        NotFittedError
            If the monitor has recorded no epoch.
        ValueError
            If the quantity is not recorded.
        ImportError
            If matplotlib is not installed.
        """
        if quantity not in QUANTITIES:
            raise ValueError(
                f"quantity must be one of {sorted(QUANTITIES)}; got {quantity!r}."
            )
        records = getattr(monitor, "records_", None)
        if not records:
            raise NotFittedError(
                "The monitor has recorded no epoch in this process. Set it with "
                "model.set_callbacks(monitor) before model.fit(X, y)."
            )
        n_layers = max(record["layer"] for record in records)
        norms = np.reshape([record[quantity] for record in records], (-1, n_layers))
        epochs = [record["epoch"] for record in records[::n_layers]]
        return cls(epochs, norms, quantity=quantity).plot(ax, yscale=yscale)

    def plot(self, ax=None, *, yscale="log"):
        """Draw a line for each layer.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; by default on a new figure.
        yscale : {"linear", "log"} or another scale of matplotlib, default="log"

        Returns
        -------
        display : GradientNormsDisplay
        """
        self.ax_ = ax = axes_for(self, ax)
        self.figure_ = ax.figure
        n_layers = self.norms.shape[1]
        names = [*(f"hidden {i}" for i in range(1, n_layers)), "output"]
        marker = "o" if len(self.epochs) == 1 else None  # a single point has no line
        self.lines_ = []
        for name, color, norms in zip(names, _colors(n_layers), self.norms.T, strict=True):
            style = {"color": color, "marker": marker, "label": name}
            self.lines_ += ax.plot(self.epochs, norms, **style)
        count_along_x(ax, "epoch")
        ax.set_ylabel(QUANTITIES[self.quantity])
        if np.any(self.norms > 0.0):  # zeros have no logarithm
            ax.set_yscale(yscale)
        # To the right of the axes; if gradients vanish, in the order of the lines.
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), reverse=True)
        return self


def _colors(n_layers):
    """Return a colour for each layer, visible on white and on black."""
    import matplotlib as mpl

    return mpl.colormaps["plasma"](np.linspace(0.3, 0.8, n_layers))
