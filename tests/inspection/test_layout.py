"""Which units of a network are drawn, and where."""

import numpy as np
import pytest

from skfcnn.inspection.layout import drawn_layers, strongest_units

COEFS = [np.ones((3, 5)), np.array([[1.0], [9.0], [2.0], [8.0], [3.0]])]


def test_all_units_of_a_small_network_are_drawn():
    layers = drawn_layers(COEFS, max_units=5, biases=True)
    assert [layer.size for layer in layers] == [3, 5, 1]
    assert [layer.x for layer in layers] == [0, 1, 2]
    assert not any(layer.is_cut for layer in layers)
    np.testing.assert_array_equal(layers[0].y, [1.0, 0.0, -1.0])
    # The outputs feed no layer, so they have no constant above them.
    assert [layer.has_constant for layer in layers] == [True, True, False]


def test_only_the_strongest_units_of_a_large_layer_are_drawn():
    hidden = drawn_layers(COEFS, max_units=3, biases=True)[1]
    assert hidden.is_cut
    np.testing.assert_array_equal(hidden.units, [1, 3, 4])
    # A constant above them, and dots below.
    assert (hidden.top, hidden.bottom) == (2.0, -2.0)
    np.testing.assert_array_equal(hidden.sources, [1.0, 0.0, -1.0, 2.0])


def test_without_biases_there_is_no_constant():
    layer = drawn_layers(COEFS, max_units=5, biases=False)[0]
    assert not layer.has_constant
    assert layer.top == layer.y[0]
    np.testing.assert_array_equal(layer.sources, layer.y)


@pytest.mark.parametrize(("layer", "expected"), [(0, [0, 1]), (1, [1, 3]), (2, [0])])
def test_strength_counts_weights_to_and_from_a_unit(layer, expected):
    np.testing.assert_array_equal(strongest_units(COEFS, layer, 2), expected)
