import numpy as np
import pytest

from skfcnn.network.architecture import fully_connected
from skfcnn.network.dropout import Dropout
from skfcnn.network.network import Network


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_dropout_zeroes_its_share_and_keeps_the_mean(dtype):
    layer = Dropout(500, 0.3, np.random.default_rng(0))
    x = np.full((400, 500), 2.0, dtype)
    buffers = layer.buffers(400, np.dtype(dtype), (), np.empty_like(x))
    a = layer.forward(x, (), buffers)
    assert a.dtype == dtype
    # 200,000 draws: a share errs by 0.001, and a mean of 2 by 0.003.
    assert (a == 0.0).mean() == pytest.approx(0.3, abs=5e-3)
    assert a.mean() == pytest.approx(2.0, abs=0.015)
    # The rate is rounded to 16 bits.
    np.testing.assert_allclose(a[a > 0.0], 2.0 / 0.7, rtol=2**-16)
    first = a.copy()
    assert (layer.forward(x, (), buffers) != first).any()


def test_highest_rates_keep_a_few_inputs():
    layer, x = Dropout(1000, 1.0 - 1e-9, np.random.default_rng(0)), np.ones((1000, 1000))
    a = layer.forward(x, (), layer.outputs(1000, np.dtype(float)))
    # 2^16 in the mean; 15 are kept, as many as were drawn below.
    assert set(np.unique(a)) == {0.0, 2.0**16}


def test_backward_uses_the_mask_of_the_forward_pass():
    layer = Dropout(3, 0.5, np.random.default_rng(0))
    buffers = layer.buffers(5, np.dtype(float), (), np.empty((5, 3))).rows(4)
    layer.forward(np.ones((4, 3)), (), buffers)
    buffers.delta[...] = 3.0
    delta_x = np.empty((4, 3))
    layer.backward(None, (), buffers, delta_x)
    np.testing.assert_array_equal(delta_x, 3.0 * buffers.a)


def test_there_is_a_rate_for_each_hidden_layer():
    network = Network(fully_connected((2, 3, 3, 1), ("tanh",) * 2), theta=np.zeros(25))
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="one rate for each of the 2 hidden layers; got 1"):
        network.with_dropout([0.5], rng)
    layers = network.with_dropout([0.0, 0.5], rng).layers
    assert [type(layer).__name__ for layer in layers] == [
        "Linear",
        "Elementwise",
        "Linear",
        "Elementwise",
        "Dropout",
        "Linear",
    ]


def test_outputs_of_a_forward_pass_alone_have_fewer_rows_too():
    outputs = Dropout(3, 0.5, np.random.default_rng(0)).outputs(5, np.dtype(float)).rows(2)
    assert outputs.a.shape == (2, 3) and outputs.delta is None
