"""The diagram of a network: its circles and lines, and the units that are omitted."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from sklearn.datasets import (
    load_breast_cancer,
    load_digits,
    load_iris,
    make_multilabel_classification,
)

from skfcnn import FullyConnectedClassifier
from skfcnn.inspection import NetworkDisplay
from skfcnn.inspection.diagram import NEGATIVE, POSITIVE

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

PROBLEMS = {
    "binary": load_breast_cancer(return_X_y=True),
    "multiclass": load_iris(return_X_y=True),
    "multilabel": make_multilabel_classification(random_state=0),
}


def fitted(X, y, hidden_layer_sizes=(5, 4), **params):
    base = {"random_state": 0, "max_iter": 3}
    return FullyConnectedClassifier(hidden_layer_sizes, **base | params).fit(X, y)


def texts(display):
    return [text.get_text() for text in display.ax_.texts]


def captions(display):
    return [text.get_text() for text in display.ax_.get_xticklabels()]


def middles(circles):
    return [tuple(map(float, middle)) for middle in circles.get_offsets()]


@pytest.mark.grid(3)
@pytest.mark.parametrize("kind", PROBLEMS)
@pytest.mark.parametrize("hidden", [(), (5, 4)])
def test_there_is_a_circle_for_every_unit_and_a_line_for_every_weight(kind, hidden):
    model = fitted(*PROBLEMS[kind], hidden)
    display = NetworkDisplay.from_estimator(model, max_units=100)
    sizes = [model.n_features_in_, *hidden, model.n_outputs_]
    assert [len(circles.get_offsets()) for circles in display.circles_] == sizes
    assert [len(lines.get_segments()) for lines in display.lines_] == [
        W.size + b.size for W, b in zip(model.coefs_, model.intercepts_, strict=True)
    ]
    display.figure_.canvas.draw()


def test_lines_show_sign_and_size_and_lead_from_unit_to_unit():
    model = fitted(*PROBLEMS["multiclass"])
    display = NetworkDisplay.from_estimator(model)
    rows = [np.vstack([W, b]) for W, b in zip(model.coefs_, model.intercepts_, strict=True)]
    largest = max(np.abs(W).max() for W in rows)
    widest = max(max(lines.get_linewidths()) for lines in display.lines_)
    for layer, (W, lines) in enumerate(zip(rows, display.lines_, strict=True)):
        weights = W.ravel()
        widths = np.array(lines.get_linewidths()) / widest * largest
        np.testing.assert_allclose(widths, np.abs(weights), rtol=1e-12)
        colors = [tuple(color[:3]) for color in lines.get_colors()]
        assert colors == [to_rgb(POSITIVE if w > 0.0 else NEGATIVE) for w in weights]
        below = middles(display.circles_[layer])
        constant = (below[0][0], below[0][1] + 1.0)
        above = middles(display.circles_[layer + 1])
        ends = [(start, end) for start in [*below, constant] for end in above]
        np.testing.assert_array_equal(lines.get_segments(), ends)


def test_without_biases_there_are_the_weights_only():
    model = fitted(*PROBLEMS["multiclass"])
    display = NetworkDisplay.from_estimator(model, biases=False)
    counts = [len(lines.get_segments()) for lines in display.lines_]
    assert counts == [W.size for W in model.coefs_]
    assert "+1" not in texts(display)
    assert texts(display.plot()).count("+1") == 3


def test_inputs_and_outputs_have_names():
    data = load_iris(as_frame=True)
    display = NetworkDisplay.from_estimator(
        fitted(data.data, data.target), output_names=data.target_names
    )
    named = texts(display)[-7:]
    assert named == [*data.feature_names, *data.target_names]


def test_captions_say_size_and_function():
    def half(z):
        return 0.5 * z

    def slope(z):
        return np.full_like(z, 0.5)

    model = fitted(*PROBLEMS["binary"], activation=["tanh", (half, slope)])
    display = NetworkDisplay.from_estimator(model)
    assert captions(display) == [
        "input\n10 of 30 units\n",
        "hidden 1\n5 units\ntanh",
        "hidden 2\n4 units\nhalf",
        "output\n1 unit\nlogistic",
    ]


def test_strongest_units_of_a_large_network_are_drawn():
    X, y = load_digits(return_X_y=True)
    model = fitted(X / 16.0, y, (100, 7))
    display = NetworkDisplay.from_estimator(model, max_units=8)
    W1, W2, W3 = model.coefs_
    norms = [
        (W1**2).sum(axis=1),
        (W1**2).sum(axis=0) + (W2**2).sum(axis=1),
        (W2**2).sum(axis=0) + (W3**2).sum(axis=1),
        (W3**2).sum(axis=0),
    ]
    for units, norm in zip(display.units_, norms, strict=True):
        strongest = sorted(range(len(norm)), key=lambda unit: -norm[unit])[:8]
        assert [*units] == sorted(strongest)
    kept = model.coefs_[1][np.ix_(display.units_[1], display.units_[2])]
    widths = np.array(display.lines_[1].get_linewidths())[: kept.size]
    expected = np.abs(kept).ravel()
    # The weights are float32.
    np.testing.assert_allclose(widths / widths.max(), expected / expected.max(), rtol=1e-6)
    assert [caption.split("\n")[1] for caption in captions(display)] == [
        "8 of 64 units",
        "8 of 100 units",
        "7 units",
        "8 of 10 units",
    ]
    assert texts(display).count(r"$\vdots$") == 3
    assert set(map(str, display.units_[1])) <= set(texts(display))
    assert [f"x{i}" for i in display.units_[0]] == [
        text for text in texts(display) if text.startswith("x")
    ]


def test_circles_are_smaller_where_there_are_more():
    model = fitted(*PROBLEMS["binary"])
    few = NetworkDisplay.from_estimator(model, max_units=3)
    many = NetworkDisplay.from_estimator(model, max_units=30)
    assert many.circles_[0].get_sizes()[0] < few.circles_[0].get_sizes()[0]


def test_names_do_not_overlap():
    display = NetworkDisplay.from_estimator(fitted(*PROBLEMS["binary"]), max_units=30)
    display.figure_.canvas.draw()
    names = [text for text in display.ax_.texts if text.get_text().startswith("x")]
    boxes = [name.get_window_extent() for name in names]
    assert len(boxes) == 30
    assert all(upper.y0 >= lower.y1 for upper, lower in zip(boxes, boxes[1:], strict=False))


def test_everything_is_inside_the_figure():
    data = load_breast_cancer(as_frame=True)
    display = NetworkDisplay.from_estimator(fitted(data.data, data.target))
    display.figure_.canvas.draw()
    width, height = display.figure_.bbox.size
    for text in [*display.ax_.texts, *display.ax_.get_xticklabels()]:
        box = text.get_window_extent()
        assert 0.0 <= box.x0 <= box.x1 <= width
        assert 0.0 <= box.y0 <= box.y1 <= height


def test_a_network_of_zeros_can_be_drawn():
    zeros = [np.zeros((2, 1))], [np.zeros(1)]
    display = NetworkDisplay(
        *zeros, input_names=["a", "b"], output_names=["c"], functions=["logistic"]
    ).plot()
    np.testing.assert_array_equal(display.lines_[0].get_linewidths(), 0.0)


def test_display_keeps_the_network_that_it_was_created_from():
    X, y = PROBLEMS["multiclass"]
    model = fitted(X, y)
    display = NetworkDisplay.from_estimator(model)
    before = [W.copy() for W in model.coefs_]
    model.partial_fit(X, y)
    for kept, W, now in zip(display.coefs, before, model.coefs_, strict=True):
        np.testing.assert_array_equal(kept, W)
        assert not np.array_equal(now, W)


@pytest.mark.parametrize("max_units, error", [(0, ValueError), (2.5, TypeError)])
def test_max_units_is_a_number_of_units(max_units, error):
    with pytest.raises(error, match="max_units"):
        NetworkDisplay.from_estimator(fitted(*PROBLEMS["multiclass"]), max_units=max_units)
