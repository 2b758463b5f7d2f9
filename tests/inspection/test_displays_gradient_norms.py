"""The norms of gradients: the lines show the records of a monitor."""

import numpy as np
import pandas as pd
import pytest
from callback_support import needs_callbacks
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError

from skfcnn import FullyConnectedClassifier
from skfcnn.callbacks import GradientMonitor
from skfcnn.inspection import GradientNormsDisplay

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_iris(return_X_y=True)


def fitted_monitor(**params):
    monitor = GradientMonitor()
    model = FullyConnectedClassifier((6, 5), random_state=0, max_iter=4, **params)
    model.set_callbacks(monitor).fit(X, Y)
    return monitor, model


@needs_callbacks
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("quantity", ["gradient", "delta", "weights", "update"])
def test_a_line_for_each_layer(quantity, solver):
    monitor, _ = fitted_monitor(solver=solver)
    display = GradientNormsDisplay.from_monitor(monitor, quantity=quantity)
    records = pd.DataFrame(monitor.records_)
    assert len(display.lines_) == 3
    for layer, line in enumerate(display.lines_, start=1):
        of_layer = records[records.layer == layer]
        np.testing.assert_array_equal(line.get_xdata(), of_layer.epoch)
        np.testing.assert_array_equal(line.get_ydata(), of_layer[quantity])
    labels = [line.get_label() for line in display.lines_]
    assert labels == ["hidden 1", "hidden 2", "output"]
    assert display.ax_.get_yscale() == "log"


@needs_callbacks
def test_a_warm_start_shows_its_own_epochs():
    monitor, model = fitted_monitor(warm_start=True)
    model.fit(X, Y)
    display = GradientNormsDisplay.from_monitor(monitor, yscale="linear")
    np.testing.assert_array_equal(display.lines_[0].get_xdata(), [5, 6, 7, 8])
    assert display.ax_.get_yscale() == "linear"


def test_the_norms_of_one_epoch_are_points():
    display = GradientNormsDisplay([1], np.array([[0.5, 2.0]]), quantity="delta").plot()
    assert [line.get_marker() for line in display.lines_] == ["o", "o"]
    assert display.ax_.get_ylabel() == "root mean square of delta"


def test_gradients_that_are_zero_can_be_drawn():
    display = GradientNormsDisplay([1, 2], np.zeros((2, 3))).plot()
    display.figure_.canvas.draw()
    np.testing.assert_array_equal(display.lines_[0].get_ydata(), [0.0, 0.0])


def test_a_monitor_without_records_is_refused():
    with pytest.raises(NotFittedError, match="has recorded no epoch.*set_callbacks"):
        GradientNormsDisplay.from_monitor(GradientMonitor())


def test_quantities_that_are_not_recorded_are_refused():
    with pytest.raises(ValueError, match="quantity must be one of .*'delta'.*; got 'z'"):
        GradientNormsDisplay.from_monitor(GradientMonitor(), quantity="z")
