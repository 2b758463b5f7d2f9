import numpy as np
import pytest
from scipy.sparse import csc_array, csr_array, csr_matrix

from skfcnn.network.linear import Linear, LinearParameters, multiply

RNG = np.random.RandomState(0)
X = RNG.standard_normal((5, 3))


def make_layer():
    parameters = LinearParameters(RNG.standard_normal((3, 2)), RNG.standard_normal(2))
    gradient = LinearParameters(np.full((3, 2), np.nan), np.full(2, np.nan))
    layer = Linear(3, 2)
    return layer, parameters, layer.buffers(5, np.dtype(float), gradient, None)


def test_forward_is_x_w_plus_b():
    layer, parameters, buffers = make_layer()
    z = layer.forward(X, parameters, buffers)
    weights, bias = parameters
    np.testing.assert_allclose(z, X @ weights + bias, rtol=1e-14)
    assert z is buffers.z is buffers.a


def test_backward_is_delta_times_the_input():
    layer, parameters, buffers = make_layer()
    layer.forward(X, parameters, buffers)
    delta = RNG.standard_normal((5, 2))  # dJ/dz
    buffers.delta[...] = delta
    delta_x = np.empty_like(X)
    layer.backward(X, parameters, buffers, delta_x)
    np.testing.assert_allclose(buffers.gradient.weights, X.T @ delta, rtol=1e-12)
    np.testing.assert_allclose(buffers.gradient.bias, delta.sum(axis=0), rtol=1e-12)
    np.testing.assert_allclose(delta_x, delta @ parameters.weights.T, rtol=1e-12)


def test_first_layer_computes_no_gradient_of_its_input():
    layer, parameters, buffers = make_layer()
    layer.forward(X, parameters, buffers)
    buffers.delta[...] = 1.0
    layer.backward(X, parameters, buffers, delta_x=None)
    np.testing.assert_allclose(buffers.gradient.bias, [5.0, 5.0])


def test_buffers_of_fewer_rows_are_views():
    _, _, buffers = make_layer()
    buffers.z[...] = np.nan
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
