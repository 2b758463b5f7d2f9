"""The diagram of a network: a circle for every unit, a line for every weight."""

from itertools import pairwise
from numbers import Integral

import numpy as np
from sklearn.utils import check_scalar

from skfcnn.inspection.axes import axes_for, font_size_for, points_per_row
from skfcnn.inspection.fitted import (
    activation_name,
    fitted_network,
    names_of_inputs,
    names_of_outputs,
)
from skfcnn.inspection.layout import drawn_layers

# The extreme colours of WeightsDisplay.
POSITIVE, NEGATIVE = "#2166ac", "#b2182b"
# Points: the width of the line of the largest weight, and the largest size of a circle.
WIDEST, LARGEST_CIRCLE = 3.0, 22.0
FAINTEST = 0.15  # opacity of the line of a weight near 0


class NetworkDisplay:
    """The layers of a network side by side, with lines for the weights between them.

    Blue lines are positive weights, red lines negative ones; wider lines are larger
    weights. Circles with +1 are constants, and the lines from them are biases. If a layer
    has more than `max_units` units, only those with the largest weights are drawn, with
    their indices.

    For a regressor with `scale_target=True`, `from_estimator` draws the output layer in the
    scale of training, for standardized y. In the units of y, its lines could be much wider
    or narrower than those of the other layers.

    It is recommended to use `from_estimator`. All parameters are stored as attributes.

    Parameters
    ----------
    coefs : list of ndarray of shape (n_in, n_out)
    intercepts : list of ndarray of shape (n_out,)
    input_names, output_names : list of str
    functions : list of str
        The activation of each layer, without the inputs.

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    units_ : list of ndarray of int
        The units drawn in each layer, from top to bottom; the inputs are the first layer.
    circles_ : list of matplotlib PathCollection
        The circles of each layer.
    lines_ : list of matplotlib LineCollection
        For each pair of adjacent layers, a line for every weight, row by row of `coefs`,
        and then for every bias.

    See Also
    --------
    WeightsDisplay : All weights of one layer, as a picture.
    trace : The same network as text and tables, with the values of one pass.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skfcnn import FullyConnectedClassifier
    >>> from skfcnn.inspection import NetworkDisplay
    >>> data = load_iris(as_frame=True)
    >>> clf = FullyConnectedClassifier((5,), solver="lbfgs", random_state=0)
    >>> clf = clf.fit(data.data, data.target)
    >>> display = NetworkDisplay.from_estimator(clf, output_names=data.target_names)
    >>> [len(circles.get_offsets()) for circles in display.circles_]
    [4, 5, 3]
    """

    def __init__(self, coefs, intercepts, *, input_names, output_names, functions):
        self.coefs = coefs
        self.intercepts = intercepts
        self.input_names = input_names
        self.output_names = output_names
        self.functions = functions

    @classmethod
    def from_estimator(cls, estimator, *, feature_names=None, output_names=None, **kwargs):
        """Draw the network of a fitted classifier or regressor.

        Parameters
        ----------
        estimator : FullyConnectedClassifier, FullyConnectedRegressor or Pipeline
            A fitted estimator; for a Pipeline, its last step is drawn.
        feature_names : list of str, default=None
            By default the names seen in `fit`, or the output names of the Pipeline's steps.
        output_names : list of str, default=None
            Names of the outputs: the classes, in the order of `classes_`, or the columns of
            y. By default `classes_` of a classifier, and "y", "y0", "y1", ... or the levels
            of `quantile` of a regressor. A classifier of two classes has one output, for
            the second class: pass the names of both classes, or one name.
        **kwargs : dict
            Parameters of `plot`: ax, max_units, biases.

        Returns
        -------
        display : NetworkDisplay

        Raises
        ------
        NotFittedError, TypeError
            If there is no fitted network.
        ValueError
            If the number of names is wrong.
        ImportError
            If matplotlib is not installed.
        """
        model = fitted_network(estimator)
        network = model._target.scale.network_of(model._network)
        groups, layers = network.parameters.groups, network.layers
        activations = [layer.activation for layer in layers if hasattr(layer, "activation")]
        display = cls(
            [W.copy() for W in groups["weights"]],
            [b.copy() for b in groups["bias"]],
            input_names=names_of_inputs(estimator, feature_names),
            output_names=names_of_outputs(model, output_names),
            functions=[*map(activation_name, activations), model.out_activation_],
        )
        return display.plot(**kwargs)

    def plot(self, ax=None, *, max_units=10, biases=True):
        """Draw the network.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; by default on a new figure.
        max_units : int, default=10
            Largest number of units drawn per layer.
        biases : bool, default=True
            Whether to draw the constants, with the biases as lines from them.

        Returns
        -------
        display : NetworkDisplay
        """
        check_scalar(max_units, "max_units", Integral, min_val=1)
        layers = drawn_layers(self.coefs, max_units, biases)
        self.ax_ = ax = axes_for(self, ax, figsize=(6.4 + 0.8 * len(self.coefs), 4.8))
        self.figure_ = ax.figure
        lowest = min(layer.bottom for layer in layers) - 0.5
        highest = max(layer.top for layer in layers) + 0.5
        ax.set(xlim=(-0.25, len(self.coefs) + 0.25), ylim=(lowest, highest))
        n_rows = highest - lowest
        self.units_ = [layer.units for layer in layers]
        self.lines_ = self._plot_lines(layers)
        self.circles_ = [self._plot_units(layer, n_rows) for layer in layers]
        self._plot_names(layers, n_rows)
        self._plot_captions(layers)
        return self

    def _plot_lines(self, layers):
        from matplotlib.collections import LineCollection
        from matplotlib.colors import to_rgba

        parameters = [*self.coefs, *self.intercepts]
        largest = max(np.abs(each).max(initial=0.0) for each in parameters) or 1.0
        collections = []
        for W, b, (below, above) in zip(
            self.coefs, self.intercepts, pairwise(layers), strict=True
        ):
            drawn = W[np.ix_(below.units, above.units)]
            if below.has_constant:
                drawn = np.vstack([drawn, b[above.units]])
            ends = [(above.x, y) for y in above.y]
            segments = [((below.x, y), end) for y in below.sources for end in ends]
            shares = drawn.ravel() / largest
            colors = [
                to_rgba(
                    POSITIVE if share > 0.0 else NEGATIVE,
                    FAINTEST + (1.0 - FAINTEST) * abs(share),
                )
                for share in shares
            ]
            widths = WIDEST * np.abs(shares)
            lines = LineCollection(segments, linewidths=widths, colors=colors, zorder=1)
            collections.append(self.ax_.add_collection(lines, autolim=False))
        return collections

    def _plot_units(self, layer, n_rows):
        """Draw the circles of a layer, their labels, and dots for units not drawn."""
        ax = self.ax_
        diameter = min(LARGEST_CIRCLE, 0.7 * points_per_row(ax, n_rows))
        style = {"s": diameter**2, "facecolor": "white", "edgecolor": "black", "zorder": 2}
        inside = {"ha": "center", "va": "center", "fontsize": diameter / 2.2, "zorder": 3}
        if layer.has_constant:
            ax.scatter([layer.x], [layer.top], linestyle=":", **style)
            ax.text(layer.x, layer.top, "+1", color="black", **inside)
        if layer.is_cut:
            ax.text(layer.x, layer.bottom, r"$\vdots$", ha="center", va="center")
            for unit, y in zip(layer.units, layer.y, strict=True):
                ax.text(layer.x, y, unit, color="black", **inside)
        return ax.scatter(np.full(len(layer.units), layer.x), layer.y, **style)

    def _plot_names(self, layers, n_rows):
        ax = self.ax_
        size = font_size_for(ax, n_rows)
        for layer, names, side, align in (
            (layers[0], self.input_names, -1, "right"),
            (layers[-1], self.output_names, 1, "left"),
        ):
            for unit, y in zip(layer.units, layer.y, strict=True):
                style = {"ha": align, "va": "center", "fontsize": size}
                ax.annotate(
                    names[unit],
                    (layer.x, y),
                    (side * 0.8 * LARGEST_CIRCLE, 0.0),
                    textcoords="offset points",
                    **style,
                )

    def _plot_captions(self, layers):
        last = len(layers) - 1
        captions = []
        for layer, function in zip(layers, ["", *self.functions], strict=True):
            name = {0: "input", last: "output"}.get(layer.x, f"hidden {layer.x}")
            of = f"{len(layer.units)} of {layer.size}" if layer.is_cut else layer.size
            captions.append(f"{name}\n{of} unit{'s' * (layer.size != 1)}\n{function}")
        ax = self.ax_
        ax.set_xticks(range(len(layers)), captions)
        ax.set_yticks([])
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
