import numpy as np
import pytest
from scipy.sparse import csc_array, csr_array, csr_matrix

from skfcnn.network.activations import ACTIVATIONS
from skfcnn.network.layers import Buffers, FullyConnected, multiply
from skfcnn.network.parameters import LayerParameters

RNG = np.random.RandomState(0)
X = RNG.standard_normal((5, 3))


def make_layer(activation):
    parameters = LayerParameters(RNG.standard_normal((3, 2)), RNG.standard_normal(2))
    z, a, delta = np.full((3, 5, 2), np.nan)
    gradient = LayerParameters(np.full((3, 2), np.nan), np.full(2, np.nan))
    buffers = Buffers(z, a, delta, gradient, np.ones(5))
    return FullyConnected(parameters, ACTIVATIONS[activation]), buffers


def test_forward_is_x_w_plus_b_through_f():
    layer, buffers = make_layer("tanh")
    weights, bias = layer.parameters
    a = layer.forward(X, buffers)
    np.testing.assert_allclose(buffers.z, X @ weights + bias, rtol=1e-14)
    np.testing.assert_allclose(a, np.tanh(X @ weights + bias), rtol=1e-13)
    assert a is buffers.a


def test_backward_is_delta_times_the_input():
    layer, buffers = make_layer("tanh")
    a = layer.forward(X, buffers).copy()
    slope_above = RNG.standard_normal((5, 2))  # dJ/da
    buffers.delta[...] = slope_above
    delta_x = np.empty_like(X)
    layer.backward(X, buffers, delta_x)
    delta = slope_above * (1 - a**2)
    np.testing.assert_allclose(buffers.delta, delta, rtol=1e-13)
    np.testing.assert_allclose(buffers.gradient.weights, X.T @ delta, rtol=1e-12)
    np.testing.assert_allclose(buffers.gradient.bias, delta.sum(axis=0), rtol=1e-12)
    np.testing.assert_allclose(delta_x, delta @ layer.parameters.weights.T, rtol=1e-12)


def test_the_first_layer_computes_no_slope_of_its_input():
    layer, buffers = make_layer("identity")
    layer.forward(X, buffers)
    buffers.delta[...] = 1.0
    layer.backward(X, buffers, delta_x=None)
    np.testing.assert_allclose(buffers.gradient.bias, [5.0, 5.0])


def test_buffers_of_fewer_rows_are_views():
    _, buffers = make_layer("relu")
    short = buffers.rows(2)
    short.z[...] = 7.0
    assert (buffers.z[:2] == 7.0).all()
    assert np.isnan(buffers.z[2:]).all()
    assert short.gradient is buffers.gradient


@pytest.mark.parametrize("container", [csr_array, csr_matrix, csc_array])
def test_products_of_sparse_matrices(container):
    out = np.empty((5, 2))
    y = RNG.standard_normal((3, 2))
    multiply(container(X), y, out)
    np.testing.assert_allclose(out, X @ y, rtol=1e-13)
