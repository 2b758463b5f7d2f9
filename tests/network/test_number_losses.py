"""The losses of numbers: their values, deltas, ranges and best constants."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn._loss import (
    AbsoluteError,
    HalfGammaLoss,
    HalfPoissonLoss,
    HalfSquaredError,
    HalfTweedieLoss,
    HuberLoss,
    PinballLoss,
)

from skfcnn.network.links import NUMBER_LINKS, Exp, Identity
from skfcnn.network.loss import Range, check_targets, loss_of_constant
from skfcnn.network.losses import LOG_LINK, NUMBER_LOSSES
from skfcnn.network.moments import moments_of
from skfcnn.network.number_losses import FunctionLoss, Gamma, Poisson, weighted_quantile

RNG = np.random.RandomState(0)
Z = RNG.standard_normal((40, 3))
Y = RNG.gamma(2.0, size=Z.shape)
WEIGHTS = RNG.uniform(size=40)

# A loss with its parameters, and the same loss of scikit-learn.
CASES = {
    "squared_error": (("squared_error", {}), HalfSquaredError()),
    "absolute_error": (("absolute_error", {}), AbsoluteError()),
    "huber": (("huber", {"huber_delta": 0.7}), HuberLoss(delta=0.7)),
    "median": (("quantile", {}), PinballLoss(quantile=0.5)),
    "quantile": (("quantile", {"quantile": 0.9}), PinballLoss(quantile=0.9)),
    "poisson": (("poisson", {}), HalfPoissonLoss()),
    "gamma": (("gamma", {}), HalfGammaLoss()),
    "tweedie": (("tweedie", {}), HalfTweedieLoss(power=1.5)),
    **{
        f"tweedie {power}": (
            ("tweedie", {"tweedie_power": power}),
            HalfTweedieLoss(power=power),
        )
        for power in (-1.0, 0.0, 1, 1.2, 2, 3.0)
    },
}


def made(name, params):
    link = NUMBER_LINKS["exp" if name in LOG_LINK else "identity"]
    return NUMBER_LOSSES[name](link, **params)


def quantile_of_three():
    return made("quantile", {"quantile": [0.1, 0.5, 0.9]})


def log_cosh():
    return FunctionLoss(
        NUMBER_LINKS["identity"],
        lambda y, p: np.log(np.cosh(p - y)),
        lambda y, p: np.tanh(p - y),
    )


def squares_of_exp():
    return FunctionLoss(
        NUMBER_LINKS["exp"], lambda y, p: (p - y) ** 2, lambda y, p: 2.0 * (p - y)
    )


LOSSES = {name: (lambda case=case: made(*case[0])) for name, case in CASES.items()}
LOSSES |= {
    "three quantiles": quantile_of_three,
    "log_cosh": log_cosh,
    "squares of exp": squares_of_exp,
}


@pytest.mark.parametrize("case", CASES)
def test_values_and_deltas_are_those_of_scikit_learn(case):
    (name, params), theirs = CASES[case]
    ours, delta = made(name, params), np.empty_like(Z)
    ours.deltas(Z.copy(), Y, out=delta)
    y, z = Y.ravel(), Z.ravel()
    constant = theirs.constant_to_optimal_zero(y)
    expected = theirs.loss(y, z) + constant
    # Rounding of sums that cancel: the terms are of the order of the largest number here.
    tolerance = 1e-13 * max(1.0, np.abs(constant).max(), np.abs(expected).max())
    found = ours.values(Z.copy(), Y)
    assert_allclose(
        found, expected.reshape(Z.shape).sum(axis=1), rtol=0, atol=3 * tolerance
    )
    assert_allclose(delta.ravel(), theirs.gradient(y, z), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("case", LOSSES)
def test_delta_is_the_derivative_of_the_loss(case):
    loss, z, delta = LOSSES[case](), Z.copy(), np.empty_like(Z)
    loss.deltas(z, Y, out=delta)
    np.testing.assert_array_equal(z, Z)
    for k in range(Z.shape[1]):
        step = 1e-6 * (np.arange(Z.shape[1]) == k)
        difference = (loss.values(Z + step, Y) - loss.values(Z - step, Y)) / 2e-6
        # Central differences: roundings of 1e-15 over 1e-6, of values up to 100 ("3.0").
        assert_allclose(delta[:, k], difference, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("case", LOSSES)
def test_float32_stays_float32(case):
    loss, z, y = LOSSES[case](), Z.astype(np.float32), Y.astype(np.float32)
    delta = np.empty_like(z)
    loss.deltas(z, y, out=delta)
    exact = np.empty_like(Z)
    loss.deltas(Z.copy(), Y, out=exact)
    assert loss.values(z.copy(), y).dtype == np.float32
    # Some roundings of 6e-8 of numbers up to the largest of the deltas.
    assert_allclose(delta, exact, rtol=1e-5, atol=1e-6 * np.abs(exact).max())


def mean_loss(loss, p):
    z = loss.link.link(p[None]).repeat(len(Y), axis=0)
    return np.average(loss.values(z, Y), weights=WEIGHTS)


@pytest.mark.parametrize("case", CASES | {"three quantiles": None})
def test_no_other_constant_is_better(case):
    loss = LOSSES[case]()
    if loss.__class__.__name__ == "Quantile" and len(loss.levels) == 1:
        loss.levels = loss.levels.repeat(3)
    best = loss.best_constant(Y, WEIGHTS)
    assert best.shape == (3,)
    least = mean_loss(loss, best)
    assert loss_of_constant(loss, best, Y, WEIGHTS) == pytest.approx(least, rel=1e-12)
    for size in (1e-3, 0.1, 1.0):
        for sign in (-1.0, 1.0):
            other = np.maximum(best + sign * size, 1e-6)
            # The root of the Huber delta is found to 1e-12.
            assert mean_loss(loss, other) >= least - 1e-11


@pytest.mark.parametrize("case", CASES)
def test_degree_says_how_the_loss_grows_with_the_unit_of_y(case):
    """With s y and s p, the loss is s ** degree times as large."""
    loss, s = LOSSES[case](), 3.0
    p = np.exp(Z)
    before = loss.values(loss.link.link(p).copy(), Y)
    is_huber = case == "huber"  # its delta is in deviations of y, and its unit is that of y
    if is_huber:
        loss.huber_delta *= s
    after = loss.values(loss.link.link(s * p), s * Y) / (s if is_huber else 1.0)
    assert_allclose(after, s**loss.degree * before, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "least", "is_valid"),
    [
        ("squared_error", -1.0, True),
        ("poisson", 0.0, True),
        ("poisson", -1e-9, False),
        ("gamma", 1e-9, True),
        ("gamma", 0.0, False),
        ("tweedie", 0.0, True),
        ("tweedie", -1.0, False),
    ],
)
def test_range_of_y(name, least, is_valid):
    loss, y = made(name, {}), np.array([[least], [2.0]])
    if is_valid:
        check_targets(name, loss, y)
        assert loss.y_range.contains(least, 2.0)
    else:
        with pytest.raises(ValueError, match=f"loss='{name}' is defined for targets >"):
            check_targets(name, loss, y)


@pytest.mark.parametrize(
    ("power", "expected"),
    [(-0.5, Range()), (0.0, Range()), (1.5, Range(0.0)), (3, Range(0.0, np.inf, False))],
)
def test_range_of_tweedie_depends_on_its_power(power, expected):
    assert made("tweedie", {"tweedie_power": power}).y_range == expected


def test_tweedie_with_power_1_and_2_is_poisson_and_gamma():
    assert isinstance(made("tweedie", {"tweedie_power": 1}), Poisson)
    assert isinstance(made("tweedie", {"tweedie_power": 2.0}), Gamma)


def test_weighted_quantile_counts_integer_weights_as_repeated_rows():
    counts = np.arange(40) % 4
    for level in (0.1, 0.5, 0.77):
        found = weighted_quantile(Y, level, counts)
        repeated = Y.repeat(counts, axis=0)
        assert_allclose(found, weighted_quantile(repeated, level, np.ones(len(repeated))))


# ----- the links of numbers

LAYER = RNG.standard_normal((5, 3)), RNG.standard_normal(3)


@pytest.mark.parametrize("link", NUMBER_LINKS.values(), ids=NUMBER_LINKS)
def test_rescaled_layer_predicts_in_the_units_of_y(link):
    x, (W, b) = RNG.standard_normal((7, 5)), (array.copy() for array in LAYER)
    mean, deviation = link.mean_and_deviation(moments_of(Y, WEIGHTS))
    before, after = np.empty((2, 7, 3))
    link.inverse(x @ W + b, before)
    link.rescale(W, b, mean, deviation)
    link.inverse(x @ W + b, after)
    assert_allclose(after, mean + deviation * before, rtol=1e-13)


@pytest.mark.parametrize("link", NUMBER_LINKS.values(), ids=NUMBER_LINKS)
def test_link_is_the_inverse_of_the_inverse(link):
    p = np.empty_like(Z)
    link.inverse(Z, p)
    assert_allclose(link.link(p), Z, rtol=1e-13, atol=1e-15)


def test_mean_and_deviation_are_weighted():
    mean, deviation = Identity().mean_and_deviation(moments_of(Y, WEIGHTS))
    assert_allclose(mean, np.average(Y, axis=0, weights=WEIGHTS))
    variance = np.average((Y - mean) ** 2, axis=0, weights=WEIGHTS)
    assert_allclose(deviation, np.sqrt(variance))
    mean, deviation = Exp().mean_and_deviation(moments_of(Y, WEIGHTS))
    assert (mean == 0.0).all()
    assert_allclose(deviation, np.average(Y, axis=0, weights=WEIGHTS))


@pytest.mark.parametrize("constant", [0.0, 0.1, 1e300, -7e-300])
def test_deviation_of_equal_numbers_counts_as_one(constant):
    y = np.full((33, 2), constant)
    mean, deviation = Identity().mean_and_deviation(
        moments_of(y, np.linspace(0.1, 1.0, 33))
    )
    assert_allclose(mean, constant, rtol=1e-14)
    assert (deviation == 1.0).all()
    zeros = moments_of(0.0 * y, np.ones(33))
    assert (Exp().mean_and_deviation(zeros)[1] == 1.0).all()


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_squares_of_deviations_do_not_overflow(size):
    _, deviation = Identity().mean_and_deviation(moments_of(size * Y, WEIGHTS))
    _, expected = Identity().mean_and_deviation(moments_of(Y, WEIGHTS))
    assert_allclose(deviation / size, expected, rtol=1e-12)
