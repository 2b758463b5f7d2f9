"""The weights of a layer as an image."""

import math
from numbers import Integral

import numpy as np
from sklearn.utils import check_scalar

from skfcnn.inspection.axes import axes_for, font_size_for
from skfcnn.inspection.fitted import fitted_network, names_of_inputs, names_of_outputs
from skfcnn.inspection.mosaic import gap_above, mosaic

# With more names along an axis than this, indices are drawn instead.
MAX_NAMES = 40


class WeightsDisplay:
    """The weights of a layer as one image, or as an image of the inputs for each unit.

    Blue is positive, red negative, white zero; the colour scale is symmetric about 0. The
    weights of the output layer of a regressor have the units of y, as in `coefs_`.

    It is recommended to use `from_estimator`. All parameters are stored as attributes.

    Parameters
    ----------
    weights : ndarray of shape (n_in, n_out)
    layer : int or None, default=None
        Index in `coefs_`, for the title.
    input_names : list of str or None, default=None
        Names of the rows.
    output_names : list of str or None, default=None
        Names of the columns.

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    im_ : matplotlib AxesImage
    colorbar_ : matplotlib Colorbar or None
    units_ : ndarray of int
        The units that are drawn: the columns of `weights` from left to right, or the
        images row by row.

    See Also
    --------
    NetworkDisplay : All layers as a diagram.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skfcnn import FullyConnectedClassifier
    >>> from skfcnn.inspection import WeightsDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> clf = FullyConnectedClassifier((30,), early_stopping=True, random_state=0)
    >>> clf = clf.fit(X / 16.0, y)
    >>> display = WeightsDisplay.from_estimator(clf, image_shape=(8, 8))
    """

    def __init__(self, weights, *, layer=None, input_names=None, output_names=None):
        self.weights = weights
        self.layer = layer
        self.input_names = input_names
        self.output_names = output_names

    @classmethod
    def from_estimator(
        cls, estimator, layer=0, *, feature_names=None, output_names=None, **kwargs
    ):
        """Show the weights of a layer of a fitted classifier or regressor.

        Parameters
        ----------
        estimator : FullyConnectedClassifier, FullyConnectedRegressor or Pipeline
            A fitted estimator; for a Pipeline, its last step is drawn.
        layer : int, default=0
            Index in `coefs_`; -1 is the output layer.
        feature_names : list of str, default=None
            By default the names seen in `fit`, or the output names of the Pipeline's steps.
        output_names : list of str, default=None
            Names of the outputs: the classes, in the order of `classes_`, or the columns of
            y. By default `classes_` of a classifier, and "y", "y0", "y1", ... or the levels
            of `quantile` of a regressor. A classifier of two classes has one output, for
            the second class: pass the names of both classes, or one name.
        **kwargs : dict
            Parameters of `plot`: ax, image_shape, n_units, cmap, colorbar.

        Returns
        -------
        display : WeightsDisplay

        Raises
        ------
        NotFittedError, TypeError
            If there is no fitted network.
        ValueError
            If there is no such layer, or the names or `image_shape` have the wrong size.
        ImportError
            If matplotlib is not installed.
        """
        model = fitted_network(estimator)
        n_layers = len(model.coefs_)
        if not -n_layers <= layer < n_layers:
            raise ValueError(
                f"layer={layer}, but coefs_ has {n_layers} layers. Use a layer from 0 to "
                f"{n_layers - 1}."
            )
        layer %= n_layers
        is_last = layer == n_layers - 1
        display = cls(
            model.coefs_[layer].copy(),
            layer=layer,
            input_names=names_of_inputs(estimator, feature_names) if layer == 0 else None,
            output_names=names_of_outputs(model, output_names) if is_last else None,
        )
        return display.plot(**kwargs)

    def plot(self, ax=None, *, image_shape=None, n_units=16, cmap="RdBu", colorbar=True):
        """Draw the weights.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; by default on a new figure.
        image_shape : tuple of two ints, default=None
            Height and width, if the inputs are images. The weights of each unit are then
            drawn as such an image, with its index above. By default all weights are drawn
            as one image, with a row for each input and a column for each unit.
        n_units : int, default=16
            Number of units drawn as images: those with the largest norms of weights, in
            decreasing order.
        cmap : str or matplotlib Colormap, default="RdBu"
        colorbar : bool, default=True

        Returns
        -------
        display : WeightsDisplay
        """
        if image_shape is not None:
            self._check_image_shape(image_shape)
            check_scalar(n_units, "n_units", Integral, min_val=1)
        self.ax_ = ax = axes_for(self, ax)
        self.figure_ = ax.figure
        style = {"cmap": cmap, "interpolation": "nearest"}
        if image_shape is None:
            self._plot_matrix(style)
        else:
            self._plot_images(image_shape, n_units, style)
        largest = np.nanmax(np.abs(self.im_.get_array())) or 1.0
        self.im_.set_clim(-largest, largest)
        self.colorbar_ = None
        if colorbar:
            self.colorbar_ = self.figure_.colorbar(self.im_, ax=ax, label="weight")
        return self

    def _check_image_shape(self, image_shape):
        if math.prod(image_shape) != len(self.weights):
            raise ValueError(
                f"An image of shape {image_shape} has {math.prod(image_shape)} pixels, but "
                f"the layer has {len(self.weights)} inputs. Pass the height and width of "
                "its input images, or image_shape=None."
            )

    def _plot_matrix(self, style):
        ax, n_out = self.ax_, self.weights.shape[1]
        self.units_ = np.arange(n_out)
        self.im_ = ax.imshow(self.weights, aspect="auto", **style)
        what = "unit" if self.output_names is None else "output"
        ax.set(
            xlabel=what, ylabel="input" if self.layer == 0 else "unit of the layer below"
        )
        ax.locator_params(integer=True)
        if _can_be_read(self.input_names):
            size = font_size_for(ax, len(self.input_names))
            ax.set_yticks(range(len(self.input_names)), self.input_names, fontsize=size)
        if _can_be_read(self.output_names):
            rotation = 90 if sum(map(len, self.output_names)) > MAX_NAMES else 0
            ax.set_xticks(range(n_out), self.output_names, rotation=rotation)
        self._set_title(f": {len(self.weights)} inputs, {n_out} {what}{'s' * (n_out != 1)}")

    def _plot_images(self, image_shape, n_units, style):
        norms = np.linalg.norm(self.weights, axis=0)
        self.units_ = np.argsort(-norms, kind="stable")[:n_units]
        images = self.weights[:, self.units_].T.reshape(-1, *image_shape)
        canvas, corners = mosaic(images)
        self.im_ = self.ax_.imshow(canvas, **style)
        self.ax_.set_axis_off()
        # Fit the space above an image; the colour bar takes a fifth of the width.
        n_lines = 1.2 * max(canvas.shape) / gap_above(image_shape[0])
        size = font_size_for(self.ax_, n_lines)
        for unit, (top, left) in zip(self.units_, corners, strict=True):
            self._frame(left - 0.5, top - 0.5, image_shape)  # from pixel centres to edges
            self.ax_.text(left - 0.5, top - 0.5, unit, fontsize=size, va="bottom")
        self._set_title(f": {len(images)} of {len(norms)} units")

    def _frame(self, left, top, image_shape):
        """Draw a frame, since the weights at the border of an image are often near 0."""
        height, width = image_shape
        x = [left, left + width, left + width, left, left]
        y = [top, top, top + height, top + height, top]
        self.ax_.plot(x, y, color="#808080", linewidth=0.5, clip_on=False)

    def _set_title(self, more):
        if self.layer is not None:
            self.ax_.set_title(f"coefs_[{self.layer}]{more}")


def _can_be_read(names) -> bool:
    return names is not None and len(names) <= MAX_NAMES
