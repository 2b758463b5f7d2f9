import pickle

import numpy as np

from skfcnn.network.activations import ACTIVATIONS
from skfcnn.network.elementwise import Elementwise
from skfcnn.network.layer import NoParameters

RNG = np.random.RandomState(0)
Z = RNG.standard_normal((5, 3))


def test_forward_applies_f_to_each_number():
    layer = Elementwise(3, "tanh")
    outputs = layer.outputs(5, np.dtype(float))
    a = layer.forward(Z.copy(), NoParameters(), outputs)
    np.testing.assert_array_equal(a, np.tanh(Z))
    assert a is outputs.a


def test_backward_multiplies_by_the_slope_in_place():
    """The delta of the layer below is the same array, so dJ/da becomes dJ/dz there."""
    layer, delta_z = Elementwise(3, "tanh"), np.empty((5, 3))
    buffers = layer.buffers(5, np.dtype(float), NoParameters(), delta_z)
    assert buffers.delta is delta_z
    a = layer.forward(Z, NoParameters(), buffers)
    dJ_da = delta_z[...] = RNG.standard_normal((5, 3))
    expected = dJ_da * (1 - a**2)
    layer.backward(Z.copy(), NoParameters(), buffers, delta_z)
    np.testing.assert_allclose(delta_z, expected, rtol=1e-13)


def test_fewer_rows_are_views():
    layer = Elementwise(3, "relu")
    outputs = layer.outputs(5, np.dtype(float)).rows(2)
    assert outputs.a.shape == (2, 3) and outputs.delta.shape == (2, 3)
    buffers = layer.buffers(5, np.dtype(float), NoParameters(), np.empty((5, 3))).rows(2)
    assert buffers.delta.shape == (2, 3)


def test_pickle_holds_the_name_and_not_the_functions():
    layer = Elementwise(3, "tanh")
    assert layer.pair is ACTIVATIONS["tanh"]
    assert layer.__getstate__() == {"n_in": 3, "activation": "tanh"}
    assert pickle.loads(pickle.dumps(layer)) == layer
