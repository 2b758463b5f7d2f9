import numpy as np
import pytest

from skfcnn.network.activations import ACTIVATIONS

Z = np.array([[-30.0, -2.0, -0.5, 0.25, 1.0, 4.0, 30.0]])

FORMULAS = {
    "identity": lambda z: z,
    "logistic": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.where(z > 0, z, 0.0),
}


def test_every_activation_has_its_formula_here():
    assert FORMULAS.keys() == ACTIVATIONS.keys()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_function_writes_its_formula_and_leaves_z(name, dtype):
    z = Z.astype(dtype)
    a = np.empty_like(z)
    ACTIVATIONS[name].function(z, out=a)
    np.testing.assert_array_equal(z, Z.astype(dtype))
    # A few roundings of the dtype.
    np.testing.assert_allclose(a, FORMULAS[name](Z), rtol=8 * np.finfo(dtype).eps)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slope_is_the_derivative(name):
    function, slope = ACTIVATIONS[name]
    z, a = Z.copy(), np.empty_like(Z)
    function(z, out=a)
    above, below = np.empty_like(Z), np.empty_like(Z)
    function(Z + 1e-6, out=above)
    function(Z - 1e-6, out=below)
    # Central differences: about 1e-16 / 1e-6 of rounding, times |f| up to 30.
    np.testing.assert_allclose(slope(z, a), (above - below) / 2e-6, atol=1e-8)


def test_relu_does_not_pass_anything_where_it_is_zero():
    z = np.zeros((1, 1))
    assert ACTIVATIONS["relu"].slope(z, np.zeros((1, 1))) == 0.0
