import numpy as np
import pytest
from scipy.special import erfc, expit

from skfcnn.network.activations import ACTIVATIONS, select_activation

Z = np.array([[-30.0, -2.0, -0.5, 0.25, 1.0, 4.0, 30.0]])

SELU_ALPHA = 1.6732632423543772

FORMULAS = {
    "identity": lambda z: z,
    "logistic": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.where(z > 0, z, 0.0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "elu": lambda z: np.where(z > 0, z, np.expm1(z)),
    "selu": lambda z: 1.0507009873554805 * np.where(z > 0, z, SELU_ALPHA * np.expm1(z)),
    "gelu": lambda z: 0.5 * z * erfc(-z / np.sqrt(2)),
    "gelu_tanh": lambda z: z * expit(np.sqrt(8 / np.pi) * (z + 0.044715 * z**3)),
    "silu": lambda z: z / (1 + np.exp(-z)),
    "mish": lambda z: z * np.tanh(np.log1p(np.exp(z))),
    "softplus": lambda z: np.log1p(np.exp(z)),
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
    # A few roundings of the dtype; they are multiplied by 450 in gelu(-30), an exp(-450).
    rtol = 8 * np.finfo(dtype).eps
    np.testing.assert_allclose(a, FORMULAS[name](Z), rtol=rtol, atol=1e-30)


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


def test_slope_of_relu_is_zero_where_relu_is_zero():
    z = np.zeros((1, 1))
    assert ACTIVATIONS["relu"].slope(z, np.zeros((1, 1))) == 0.0


def test_selu_keeps_mean_0_and_variance_1():
    z = np.random.RandomState(0).standard_normal((1000, 1000))
    a = np.empty_like(z)
    ACTIVATIONS["selu"].function(z, out=a)
    # A million draws: means err by about 1e-3.
    assert abs(a.mean()) < 5e-3
    assert abs(a.var() - 1.0) < 5e-3


def test_a_pair_of_functions_becomes_an_activation():
    function, slope = select_activation((np.sin, np.cos))
    z, a = Z.copy(), np.empty_like(Z)
    function(z, out=a)
    np.testing.assert_array_equal(a, np.sin(Z))
    np.testing.assert_array_equal(slope(z, a), np.cos(Z))


def test_slopes_at_zero_are_the_left_derivatives():
    """As in the formulas: the first case of f'(z) is for z > 0 only."""
    expected = {
        "relu": 0.0,
        "leaky_relu": 0.01,
        "elu": 1.0,
        "selu": 1.0507009873554805 * 1.6732632423543772,
    }
    for name, slope in expected.items():
        activation = ACTIVATIONS[name]
        z, a = np.zeros((1, 1)), np.empty((1, 1))
        activation.function(z, a)
        assert activation.slope(z, a)[0, 0] == pytest.approx(slope, rel=1e-15), name
