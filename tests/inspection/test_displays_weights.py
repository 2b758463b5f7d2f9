"""The pictures of weights: every pixel is a weight of the classifier."""

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_iris

from skfcnn import FullyConnectedClassifier
from skfcnn.inspection import WeightsDisplay
from skfcnn.inspection.mosaic import mosaic

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_digits(return_X_y=True)


@pytest.fixture(scope="module")
def model():
    classifier = FullyConnectedClassifier((30, 20), max_iter=3, random_state=0)
    return classifier.fit(X / 16.0, Y)


@pytest.fixture(scope="module")
def iris():
    table, species = load_iris(return_X_y=True, as_frame=True)
    names = load_iris().target_names[species]
    return FullyConnectedClassifier((5,), max_iter=3, random_state=0).fit(table, names)


def tick_labels(axis):
    return [text.get_text() for text in axis.get_ticklabels()]


@pytest.mark.parametrize("layer", [0, 1, 2, -1])
def test_the_image_is_the_matrix_of_the_layer(model, layer):
    display = WeightsDisplay.from_estimator(model, layer)
    np.testing.assert_array_equal(display.im_.get_array(), model.coefs_[layer])
    largest = np.abs(model.coefs_[layer]).max()
    assert display.im_.get_clim() == (-largest, largest)
    assert display.im_.get_cmap()(0.5)[:3] == pytest.approx((0.97, 0.97, 0.97), abs=0.01)
    assert f"coefs_[{layer % 3}]" in display.ax_.get_title()


def test_axes_are_labelled_with_inputs_and_classes(iris):
    first = WeightsDisplay.from_estimator(iris)
    assert tick_labels(first.ax_.yaxis) == [*iris.feature_names_in_]
    assert first.ax_.get_xlabel() == "unit"
    last = WeightsDisplay.from_estimator(iris, -1, output_names=["s", "ve", "vi"])
    assert tick_labels(last.ax_.xaxis) == ["s", "ve", "vi"]
    assert last.ax_.get_xlabel() == "output"


def test_more_names_than_can_be_read_are_left_out(model):
    display = WeightsDisplay.from_estimator(model)
    assert "x1" not in tick_labels(display.ax_.yaxis)


def test_units_as_images_in_the_order_of_their_norms(model):
    display = WeightsDisplay.from_estimator(model, image_shape=(8, 8), n_units=5)
    W = model.coefs_[0]
    norms = np.linalg.norm(W, axis=0)
    assert [*display.units_] == sorted(range(30), key=lambda unit: -norms[unit])[:5]
    _, corners = mosaic(W[:, display.units_].T.reshape(5, 8, 8))
    canvas = display.im_.get_array()
    for unit, (top, left) in zip(display.units_, corners, strict=True):
        drawn = canvas[top : top + 8, left : left + 8]
        np.testing.assert_array_equal(drawn, W[:, unit].reshape(8, 8))
    assert np.ma.count(canvas) == 5 * 64
    assert [text.get_text() for text in display.ax_.texts] == [*map(str, display.units_)]
    assert display.ax_.get_title() == "coefs_[0]: 5 of 30 units"
    largest = np.abs(W[:, display.units_]).max()
    assert display.im_.get_clim() == (-largest, largest)


def test_there_are_no_more_images_than_units(model):
    display = WeightsDisplay.from_estimator(model, image_shape=(8, 8), n_units=1000)
    assert sorted(display.units_) == [*range(30)]


@pytest.mark.parametrize("shape", [(1, 3, 4), (7, 8, 8), (16, 28, 28), (3, 1, 50)])
def test_images_of_a_mosaic_do_not_touch(shape):
    images = np.arange(1.0, np.prod(shape) + 1.0).reshape(shape)
    canvas, corners = mosaic(images)
    n, height, width = shape
    for image, (top, left) in zip(images, corners, strict=True):
        np.testing.assert_array_equal(
            canvas[top : top + height, left : left + width], image
        )
        assert np.isnan(canvas[top - 1, left : left + width]).all()
        assert np.isnan(canvas[top : top + height, left + width]).all()
    assert np.isfinite(canvas).sum() == images.size
    assert len(set(corners)) == n


def test_weights_that_are_all_zero_are_white(model):
    display = WeightsDisplay(np.zeros((4, 3))).plot()
    assert display.im_.get_clim() == (-1.0, 1.0)
    assert display.ax_.get_title() == ""


def test_display_keeps_the_weights_that_it_was_created_from():
    classifier = FullyConnectedClassifier((5,), max_iter=3, random_state=0).fit(X, Y)
    before = classifier.coefs_[0].copy()
    display = WeightsDisplay.from_estimator(classifier)
    classifier.partial_fit(X, Y)
    np.testing.assert_array_equal(display.weights, before)
    assert not np.array_equal(classifier.coefs_[0], before)


def test_the_colour_bar_can_be_left_out(model):
    display = WeightsDisplay.from_estimator(model, colorbar=False, cmap="PuOr")
    assert display.colorbar_ is None
    assert display.figure_.axes == [display.ax_]
    assert display.im_.get_cmap().name == "PuOr"
    assert display.plot().colorbar_.ax in display.figure_.axes


@pytest.mark.parametrize("layer", [3, -4])
def test_unknown_layer_is_refused(model, layer):
    with pytest.raises(ValueError, match=f"layer={layer}, .* from 0 to 2"):
        WeightsDisplay.from_estimator(model, layer)


def test_shape_of_images_must_fit_the_inputs(model):
    with pytest.raises(ValueError, match="has 784 pixels, but the layer has 64 inputs"):
        WeightsDisplay.from_estimator(model, image_shape=(28, 28))
    with pytest.raises(ValueError, match="n_units == 0, must be >= 1"):
        WeightsDisplay.from_estimator(model, image_shape=(8, 8), n_units=0)
