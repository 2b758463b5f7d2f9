import numpy as np
import pytest
from scipy.special import ndtr

from skfcnn.network.activations import ACTIVATIONS, select_activation

Z = np.array([[-30.0, -2.0, -0.5, 0.25, 1.0, 4.0, 30.0]])

LAMBDA, ALPHA = 1.0507009873554805, 1.6732632423543772
CUBIC = 0.044715
ROOT = np.sqrt(8.0 / np.longdouble("3.14159265358979323846"))


def sigma(z):
    return 1 / (1 + np.exp(-z))


def cubic(z):
    return ROOT * (z + CUBIC * z**3)


# f(z) and f'(z), computed in the precision of z; ndtr in that of float64.
FORMULAS = {
    "identity": (lambda z: z, np.ones_like),
    "logistic": (sigma, lambda z: sigma(z) * sigma(-z)),
    "tanh": (np.tanh, lambda z: np.cosh(z) ** -2),
    "relu": (lambda z: np.where(z > 0, z, 0), lambda z: 1.0 * (z > 0)),
    "leaky_relu": (
        lambda z: np.where(z > 0, z, z / 100),
        lambda z: np.where(z > 0, 1, 0.01),
    ),
    "elu": (
        lambda z: np.where(z > 0, z, np.expm1(z)),
        lambda z: np.where(z > 0, 1, np.exp(z)),
    ),
    "selu": (
        lambda z: LAMBDA * np.where(z > 0, z, ALPHA * np.expm1(z)),
        lambda z: LAMBDA * np.where(z > 0, 1, ALPHA * np.exp(z)),
    ),
    "gelu": (
        lambda z: z * ndtr(np.float64(z)),
        lambda z: ndtr(np.float64(z)) + z * np.exp(-z * z / 2) * ROOT / 4,
    ),
    "gelu_tanh": (
        lambda z: z * sigma(cubic(z)),
        lambda z: (
            sigma(cubic(z)) * (1 + z * sigma(-cubic(z)) * ROOT * (1 + 3 * CUBIC * z * z))
        ),
    ),
    "silu": (lambda z: z * sigma(z), lambda z: sigma(z) * (1 + z * sigma(-z))),
    "mish": (
        lambda z: z * np.tanh(np.logaddexp(z, 0)),
        lambda z: (
            np.tanh(np.logaddexp(z, 0)) + z * sigma(z) * np.cosh(np.logaddexp(z, 0)) ** -2
        ),
    ),
    "softplus": (lambda z: np.logaddexp(z, 0), sigma),
}


def test_every_activation_has_its_formula_here():
    assert FORMULAS.keys() == ACTIVATIONS.keys()


def grid(dtype):
    """Return numbers near zero, where activations bend, and far away; none is zero."""
    near = np.linspace(-25.0, 25.0, 10_000)
    far = np.geomspace(1e-5, 300.0, 500)
    return np.concatenate([near, far, -far])[:, None].astype(dtype)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_function_and_slope_err_by_4_eps(name, dtype):
    function, slope = ACTIVATIONS[name]
    z = grid(dtype)
    left, a = z.copy(), np.empty_like(z)
    function(left, out=a, work=np.empty_like(a))
    both = a.copy(), slope(left, a)
    with np.errstate(over="ignore"):
        for found, formula in zip(both, FORMULAS[name], strict=True):
            expected = formula(z.astype(np.longdouble))
            limit = 4.0 * np.finfo(dtype).eps * np.maximum(1.0, np.abs(expected))
            assert found.shape == z.shape
            assert (np.abs(found - expected) <= limit).all()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_large_numbers_are_finite_and_raise_no_floating_point_error(name):
    function, slope = ACTIVATIONS[name]
    z = np.array([[-3e4, -100.0, 0.0, 100.0, 3e4]], np.float32)
    a, left = np.empty_like(z), z.copy()
    with np.errstate(all="raise", under="ignore"):
        function(left, out=a, work=np.empty_like(a))
        slopes = slope(left, a.copy())
    assert np.isfinite(a).all() and np.isfinite(slopes).all()
    at_the_end = {"logistic": 1, "tanh": 1, "selu": LAMBDA * z[0, 4]}.get(name, z[0, 4])
    assert a[0, 4] == np.float32(at_the_end)


def test_slope_of_relu_is_zero_where_relu_is_zero():
    z = np.zeros((1, 1))
    assert ACTIVATIONS["relu"].slope(z, np.zeros((1, 1))) == 0.0


def test_selu_keeps_mean_0_and_variance_1():
    z = np.random.RandomState(0).standard_normal((1000, 1000))
    a = np.empty_like(z)
    ACTIVATIONS["selu"].function(z, out=a, work=np.empty_like(a))
    # A million draws: means err by about 1e-3.
    assert abs(a.mean()) < 5e-3
    assert abs(a.var() - 1.0) < 5e-3


def test_a_pair_of_functions_becomes_an_activation():
    function, slope = select_activation((np.sin, np.cos))
    z, a = Z.copy(), np.empty_like(Z)
    function(z, out=a, work=np.empty_like(a))
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
        activation.function(z, a, np.empty_like(a))
        assert activation.slope(z, a)[0, 0] == pytest.approx(slope, rel=1e-15), name
