import numpy as np
import pytest

from skfcnn import FullyConnectedClassifier
from skfcnn.network.normalization import (
    EPSILON,
    LayerNormalization,
    NormalizationParameters,
)

RNG = np.random.RandomState(0)
X = RNG.standard_normal((7, 5)) * 3.0 + 2.0
LAYER = LayerNormalization(5)


def forward(x, gain, bias):
    outputs = LAYER.outputs(len(x), x.dtype)
    return LAYER.forward(x, NormalizationParameters(gain, bias), outputs)


def test_rows_have_mean_zero_and_variance_one():
    a = forward(X, np.ones(5), np.zeros(5))
    np.testing.assert_allclose(a.mean(axis=1), 0.0, atol=1e-15)
    # A row of variance v is divided by sqrt(v + EPSILON).
    np.testing.assert_allclose(a.var(axis=1), X.var(axis=1) / (X.var(axis=1) + EPSILON))


def test_each_unit_has_its_gain_and_bias():
    gain, bias = RNG.standard_normal((2, 5))
    plain = forward(X, np.ones(5), np.zeros(5))
    np.testing.assert_allclose(forward(X, gain, bias), gain * plain + bias, rtol=1e-14)


def test_equal_inputs_give_the_bias():
    bias = np.arange(5.0)
    np.testing.assert_array_equal(
        forward(np.full((2, 5), 3.0), np.ones(5), bias), [bias, bias]
    )


def test_scale_and_shift_of_a_row_change_nothing():
    """Up to EPSILON: 1e-5 relative to a variance of about 9, times a factor of 100."""
    plain = forward(X, np.ones(5), np.zeros(5))
    np.testing.assert_allclose(
        forward(10.0 * X + 4.0, np.ones(5), np.zeros(5)), plain, rtol=1e-5
    )


def test_gain_and_bias_are_learned_and_not_penalized():
    y = (X[:, 0] > X[:, 1]).astype(int)
    model = FullyConnectedClassifier(
        (4,), normalization="layer", alpha=0.0, max_iter=3, random_state=0
    )
    with pytest.warns(Warning):
        model.fit(X, y)
    gain, bias = model.parameters_["normalization"]
    assert (gain != 1.0).any() and (bias != 0.0).any()
    network = model._network
    assert network.weights.size == sum(W.size for W in model.coefs_)
    assert not np.shares_memory(network.weights, gain)
    assert not np.shares_memory(network.weights, bias)


def test_normalization_precedes_the_activation():
    model = FullyConnectedClassifier((4, 3), normalization="layer", random_state=0)
    with pytest.warns(Warning):
        model.set_params(max_iter=1).fit(X, np.arange(7) % 2)
    kinds = [type(layer).__name__ for layer in model._network.layers]
    hidden = ["Linear", "LayerNormalization", "Elementwise"]
    assert kinds == [*hidden, *hidden, "Linear"]
