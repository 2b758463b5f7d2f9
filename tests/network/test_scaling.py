import numpy as np

from skfcnn.network.linear import Linear
from skfcnn.network.scaling import ScaledLinear, ScaledParameters

RNG = np.random.RandomState(0)
X = RNG.standard_normal((6, 4))
LAYER = ScaledLinear(4, 3)
PARAMETERS = ScaledParameters(*(RNG.standard_normal(shape) for shape in LAYER.shapes()))


def test_scaling_the_inputs_equals_scaling_the_rows_of_weights():
    z = LAYER.forward(X, PARAMETERS, LAYER.outputs(6, np.dtype(float)))
    weights, bias, scale = PARAMETERS
    np.testing.assert_allclose(z, (X * scale) @ weights + bias, rtol=1e-12)


def test_scale_of_ones_is_a_linear_layer():
    parameters = PARAMETERS._replace(scale=np.ones(4))
    z = LAYER.forward(X, parameters, LAYER.outputs(6, np.dtype(float)))
    linear = Linear(4, 3)
    expected = linear.forward(X, parameters[:2], linear.outputs(6, np.dtype(float)))
    np.testing.assert_array_equal(z, expected)


def test_gradients_are_delta_times_the_scaled_inputs():
    gradient = ScaledParameters(*map(np.empty, LAYER.shapes()))
    buffers = LAYER.buffers(6, np.dtype(float), gradient, None)
    delta, delta_x = RNG.standard_normal((6, 3)), np.empty_like(X)
    buffers.delta[...] = delta
    LAYER.backward(X, PARAMETERS, buffers, delta_x)
    weights, _, scale = PARAMETERS
    np.testing.assert_allclose(gradient.weights, (X * scale).T @ delta, rtol=1e-12)
    np.testing.assert_allclose(gradient.bias, delta.sum(axis=0), rtol=1e-12)
    expected = (X * (delta @ weights.T)).sum(axis=0)
    np.testing.assert_allclose(gradient.scale, expected, rtol=1e-12)
    np.testing.assert_allclose(delta_x, (delta @ weights.T) * scale, rtol=1e-12)
