import numpy as np
import pytest

from skfcnn.network.initializers import DATA_DRIVEN, INITIALIZERS, select_initializer

N_IN, N_OUT = 400, 300

# Variance of the weights, from the papers; the bound, if the draw is uniform.
EXPECTED = {
    "auto": (2 / (N_IN + N_OUT), np.sqrt(6 / (N_IN + N_OUT))),
    "glorot_uniform": (2 / (N_IN + N_OUT), np.sqrt(6 / (N_IN + N_OUT))),
    "glorot_normal": (2 / (N_IN + N_OUT), np.inf),
    "he_uniform": (2 / N_IN, np.sqrt(6 / N_IN)),
    "he_normal": (2 / N_IN, np.inf),
    "ntk": (1 / N_IN, np.inf),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_variance_and_bound(name):
    variance, bound = EXPECTED[name]
    weights, bias = INITIALIZERS[name](N_IN, N_OUT, np.random.RandomState(0))
    assert weights.shape == (N_IN, N_OUT)
    assert bias.shape == (N_OUT,)
    # The variance of 120,000 draws errs by about 1.4 / sqrt(120,000) = 0.4 %.
    assert weights.var() == pytest.approx(variance, rel=0.02)
    assert abs(weights.mean()) < 5 * np.sqrt(variance / weights.size)
    assert np.abs(weights).max() <= bound
    if np.isinf(bound):
        assert np.abs(weights).max() > 3.5 * np.sqrt(variance)


@pytest.mark.parametrize("name", sorted(INITIALIZERS.keys() - {"auto", "ntk"}))
def test_biases_start_at_zero(name):
    _, bias = INITIALIZERS[name](5, 6, np.random.RandomState(0))
    assert not bias.any()


def test_biases_of_ntk_are_standard_normal():
    _, bias = INITIALIZERS["ntk"](1, 20_000, np.random.RandomState(0))
    # Of 20,000 draws the deviation errs by half a percent.
    assert bias.std() == pytest.approx(1.0, abs=0.02)
    assert bias.mean() == pytest.approx(0.0, abs=0.03)


def test_zeros_are_zeros():
    weights, bias = INITIALIZERS["zeros"](3, 2, None)
    assert weights.shape == (3, 2)
    assert not weights.any()
    assert bias.tolist() == [0.0, 0.0]


def test_every_initializer_is_tested():
    assert EXPECTED.keys() | {"zeros"} == INITIALIZERS.keys()


def test_auto_draws_weights_then_biases_within_one_bound():
    rng = np.random.RandomState(3)
    expected = rng.uniform(-1, 1, (5, 6)), rng.uniform(-1, 1, 6)
    drawn = select_initializer("auto", "tanh")(5, 6, np.random.RandomState(3))
    for ours, unit in zip(drawn, expected, strict=True):
        np.testing.assert_allclose(ours, np.sqrt(6 / 11) * unit, rtol=1e-13)


def test_auto_is_narrower_for_logistic_units():
    wide, _ = select_initializer("auto", "relu")(5, 6, np.random.RandomState(3))
    narrow, _ = select_initializer("auto", "logistic")(5, 6, np.random.RandomState(3))
    np.testing.assert_allclose(narrow, wide / np.sqrt(3), rtol=1e-13)


def test_function_is_returned_unchanged():
    assert select_initializer(max, "relu") is max


@pytest.mark.parametrize("number", [7.3, 7.3e12, 0.0])
def test_data_driven_does_not_scale_constant_units(number):
    """For equal rows z is constant: its deviation is only a rounding error."""
    x = np.full((50, 3), number)
    drawn = DATA_DRIVEN["data_driven"].function(x, 4, np.random.RandomState(0))
    weights, bias = drawn
    np.testing.assert_array_equal(weights, np.random.RandomState(0).standard_normal((3, 4)))
    # Every point is the same, and its shares sum to 1: so each z is 0.
    np.testing.assert_allclose(x @ weights + bias, 0.0, atol=1e-13 * number * 3)


def test_data_driven_units_have_variance_one_for_tiny_inputs():
    x = np.random.RandomState(1).standard_normal((400, 3)) * [1e-9, 1.0, 1e9]
    weights, bias = DATA_DRIVEN["data_driven"].function(x, 5, np.random.RandomState(0))
    z = x @ weights + bias
    np.testing.assert_allclose(z.std(axis=0), 1.0, rtol=1e-12)
    assert (z.min(axis=0) < 0.0).all() and (z.max(axis=0) > 0.0).all()
