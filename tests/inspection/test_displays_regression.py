"""The displays of a regressor: its names, its scores, and the scale of its weights."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from callback_support import needs_callbacks
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import scale

from skfcnn import FullyConnectedRegressor
from skfcnn.callbacks import GradientMonitor
from skfcnn.inspection import (
    GradientNormsDisplay,
    LossCurveDisplay,
    NetworkDisplay,
    WeightsDisplay,
    trace,
)
from skfcnn.inspection.fitted import names_of_outputs

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:.*worse than guess"),
]

X, DISEASE = load_diabetes(return_X_y=True)
X = scale(X)
# The columns have other units.
SEVERAL = np.stack([DISEASE, 50.0 * DISEASE[::-1] ** 0.5], 1)
LEVELS = [0.9, 0.1, 0.5]


def make_model(**params):
    defaults = {"hidden_layer_sizes": (6, 5), "random_state": 0, "max_iter": 3}
    return FullyConnectedRegressor(**(defaults | params))


def words_of(display):
    """All text of a figure."""
    display.figure_.canvas.draw()
    return " ".join(text.get_text() for text in display.figure_.findobj(plt.Text))


@pytest.mark.grid(3)
@pytest.mark.parametrize(
    "params, label",
    [
        ({}, "validation R²"),
        ({"loss": "quantile", "quantile": LEVELS}, "validation D² of the pinball loss"),
        ({"scoring": "neg_mean_absolute_error"}, "validation neg mean absolute error"),
    ],
)
def test_curves_have_the_score_of_a_regressor(params, label):
    model = make_model(early_stopping=True, **params).fit(X, DISEASE)
    display = LossCurveDisplay.from_estimator(model)
    assert display.score_ax_.get_ylabel() == label
    np.testing.assert_array_equal(display.loss_line_.get_ydata(), model.loss_curve_)
    np.testing.assert_array_equal(display.score_line_.get_ydata(), model.validation_scores_)
    assert not re.search("accuracy|class", words_of(display))


def test_a_score_that_is_the_loss_is_not_drawn_twice():
    model = make_model(scoring="loss", early_stopping=True).fit(X, DISEASE)
    assert LossCurveDisplay.from_estimator(model).score_line_ is None


@pytest.mark.parametrize("loss", ["squared_error", "gamma"])
@pytest.mark.parametrize("scaled", [True, False], ids=["scaled", "unscaled"])
def test_diagram_has_the_network_in_the_scale_of_training(loss, scaled):
    y = SEVERAL
    model = make_model(loss=loss, scale_target=scaled).fit(X, y)
    display = NetworkDisplay.from_estimator(model)
    layers = trace(model, X, y).layers
    for layer, W, b in zip(layers, display.coefs, display.intercepts, strict=True):
        np.testing.assert_array_equal(W, layer.parameters["weights"])
        np.testing.assert_array_equal(b, layer.parameters["bias"])
    words = words_of(display)
    assert "y0" in words and "y1" in words and f"\n{model.out_activation_}" in words
    display.coefs[-1][...] = 7.0
    assert not (model.coefs_[-1] == 7.0).any()


def test_images_of_weights_have_the_units_of_y():
    model = make_model().fit(X, SEVERAL)
    display = WeightsDisplay.from_estimator(model, -1, output_names=["disease", "root"])
    np.testing.assert_array_equal(display.im_.get_array(), model.coefs_[-1])
    words = words_of(display)
    assert "disease" in words and "root" in words
    assert display.ax_.get_title() == "coefs_[2]: 5 inputs, 2 outputs"
    one = WeightsDisplay.from_estimator(make_model().fit(X, DISEASE), -1)
    assert one.ax_.get_title() == "coefs_[2]: 5 inputs, 1 output"


def test_outputs_have_the_names_of_the_target():
    model = make_model(loss="quantile", quantile=LEVELS).fit(X, DISEASE)
    assert names_of_outputs(model) == ["quantile 0.9", "quantile 0.1", "quantile 0.5"]
    assert names_of_outputs(model, np.array(["high", "low", "middle"])) == [
        "high",
        "low",
        "middle",
    ]
    one = make_model().fit(X, DISEASE)
    assert names_of_outputs(one) == ["y"]
    for names in (["no", "yes"], []):
        with pytest.raises(ValueError, match=f"has {len(names)} names, .* 1 outputs"):
            names_of_outputs(one, names)


@needs_callbacks
def test_norms_of_a_monitor_are_those_of_training():
    monitor = GradientMonitor()
    model = make_model().set_callbacks(monitor).fit(X, SEVERAL)
    display = GradientNormsDisplay.from_monitor(monitor, quantity="gradient")
    passes = trace(model, X, SEVERAL)
    last = [line.get_ydata()[-1] for line in display.lines_]
    norms = [np.linalg.norm(layer.gradient["weights"]) for layer in passes.layers]
    np.testing.assert_allclose(last, norms, rtol=1e-9)
    assert not re.search("accuracy|class", words_of(display))
