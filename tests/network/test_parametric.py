import numpy as np
import pytest

from skfcnn.network.parametric import MixParameters, Parametric

RNG = np.random.RandomState(0)
Z = RNG.standard_normal((6, 3))
LAYER = Parametric(3, "tanh")


@pytest.mark.parametrize(
    ("mix", "expected"), [(0.0, Z), (1.0, np.tanh(Z)), (0.5, (Z + np.tanh(Z)) / 2.0)]
)
def test_mix_is_the_share_of_the_activation(mix, expected):
    outputs = LAYER.outputs(6, np.dtype(float))
    a = LAYER.forward(Z, MixParameters(np.full(3, mix)), outputs)
    # z + (f - z) differs from f by a rounding of z.
    np.testing.assert_allclose(a, expected, rtol=1e-13, atol=1e-15)


def test_backward_follows_the_formulas():
    m, dJ_da = RNG.uniform(size=3), RNG.standard_normal((6, 3))
    gradient, delta_z = MixParameters(np.empty(3)), np.empty((6, 3))
    buffers = LAYER.buffers(6, np.dtype(float), gradient, delta_z)
    z = Z.copy()
    LAYER.forward(z, MixParameters(m), buffers)
    buffers.delta[...] = dJ_da
    LAYER.backward(z, MixParameters(m), buffers, delta_z)
    f = np.tanh(Z)
    np.testing.assert_allclose(gradient.mix, (dJ_da * (f - Z)).sum(axis=0), rtol=1e-12)
    expected = dJ_da * (1.0 + m * ((1.0 - f * f) - 1.0))
    np.testing.assert_allclose(delta_z, expected, rtol=1e-12)
