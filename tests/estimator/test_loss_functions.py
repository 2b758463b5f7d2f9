"""The check of the functions that a user gives as a loss."""

import numpy as np
import pytest

from skfcnn.estimator.loss_functions import check_loss_functions
from skfcnn.network.links import NUMBER_LINKS
from skfcnn.network.loss import Range
from skfcnn.network.losses import NUMBER_LOSSES
from skfcnn.network.number_losses import FunctionLoss, Huber


def half_square(y, p):
    return 0.5 * (p - y) ** 2


def difference(y, p):
    return p - y


def poisson(y, p):
    return p - y * np.log(p)


def poisson_gradient(y, p):
    return 1.0 - y / p


GOOD = {
    "half of the square": (half_square, difference),
    "identity": (half_square, difference, "identity"),
    "exp": (half_square, difference, "exp"),
    "poisson": (poisson, poisson_gradient, "exp"),
    "absolute": (lambda y, p: np.abs(p - y), lambda y, p: np.sign(p - y)),
    "large": (lambda y, p: 1e9 * half_square(y, p), lambda y, p: 1e9 * difference(y, p)),
    "lists": (lambda y, p: half_square(y, p).tolist(), lambda y, p: (p - y).tolist()),
    "bounded": (lambda y, p: np.arctan(p - y), lambda y, p: 1.0 / (1.0 + (p - y) ** 2)),
}


@pytest.mark.parametrize("loss", GOOD.values(), ids=GOOD)
def test_gradient_of_its_value_is_accepted(loss):
    assert check_loss_functions(loss) is None


def seen(link):
    """Return the y and p that the functions of a loss are called with."""
    calls = []

    def value(y, p):
        calls.append((y.copy(), p.copy()))
        return half_square(y, p)

    check_loss_functions((value, difference, link))
    return calls


@pytest.mark.parametrize("link", NUMBER_LINKS)
def test_points_are_those_of_the_link_and_not_on_a_kink(link):
    (y, above), (same_y, below) = seen(link)
    np.testing.assert_array_equal(y, same_y)
    np.testing.assert_allclose(above - below, 2e-6, rtol=1e-6)
    p = 0.5 * (above + below)
    assert y.shape == (9, 9) and np.abs(p - y).min() > 1e-3
    assert (p - y).min() < -2.0 and (p - y).max() > 2.0
    assert y.min() == (0.1131 if link == "exp" else -3.0131)
    assert y.max() == 2.9873 and p.max() == pytest.approx(3.1, abs=1e-12)
    assert p.min() == pytest.approx(y.min() + 0.01, abs=1e-12)


@pytest.mark.parametrize(
    "loss",
    [
        (half_square,),
        (),
        (half_square, difference, "identity", 1),
        (half_square, "difference"),
        ("half_square", difference),
        (100, 50),
        (half_square, difference, "logit"),
        (half_square, difference, None),
        (half_square, difference, difference),
    ],
    ids=range(9),
)
def test_other_forms_are_refused(loss):
    message = (
        r"^loss must be a name, or .*\['identity', 'exp'\]; got .* second parameter\.$"
    )
    with pytest.raises(ValueError, match=message):
        check_loss_functions(loss)


@pytest.mark.parametrize("factor", [1.0 - 2e-6, 1.0 + 2e-6, -1.0, 0.0, np.nan, np.inf])
def test_another_gradient_is_refused(factor):
    loss = (lambda y, p: 1e3 * half_square(y, p), lambda y, p: 1e3 * factor * (p - y))
    with pytest.raises(ValueError, match="but the value has the slope .* Give loss=.value"):
        with np.errstate(invalid="ignore"):
            check_loss_functions(loss)


@pytest.mark.parametrize("factor", [1.0 - 5e-7, 1.0 + 5e-7])
def test_rounding_of_a_gradient_is_accepted(factor):
    check_loss_functions((half_square, lambda y, p: factor * (p - y)))


def test_small_gradients_are_compared_with_one():
    check_loss_functions((half_square, lambda y, p: p - y + 5e-7))
    with pytest.raises(ValueError, match="but the value has the slope"):
        check_loss_functions((half_square, lambda y, p: p - y + 1.5e-6))


def test_message_has_the_first_point_where_the_gradient_is_wrong():
    def wrong(y, p):
        return np.where((y > 2.0) & (p > 3.0), 7.0, p - y)

    with pytest.raises(ValueError) as caught:
        check_loss_functions((half_square, wrong))
    words = "is 7 at y = 2.23725 and prediction 3.1, but the value has the slope 0.86275 "
    assert words in str(caught.value)
    way_out = "there. Give loss=(value, gradient), both functions (y, p) of arrays, with "
    way_out += "the derivative with respect to the prediction p."
    assert str(caught.value).endswith(f" {way_out}")


@pytest.mark.parametrize("name", ["value", "gradient"])
@pytest.mark.parametrize("which", ["y", "p"])
def test_functions_that_change_their_arrays_are_refused(name, which):
    def changes(y, p):
        (y if which == "y" else p)[0, 0] += 1.0
        return half_square(y, p)

    loss = (changes, difference) if name == "value" else (half_square, changes)
    message = rf"The {name} .* changes an array that it gets. Ret.*out=p.\.$"
    with pytest.raises(ValueError, match=message):
        check_loss_functions(loss)


@pytest.mark.parametrize("name", ["value", "gradient"])
def test_functions_that_return_another_shape_are_refused(name):
    def of_rows(y, p):
        return (p - y).sum(axis=1)

    loss = (of_rows, difference) if name == "value" else (half_square, of_rows)
    message = rf"The {name} given .* shape \(9, 9\), it returned \(9,\)\."
    with pytest.raises(ValueError, match=message):
        check_loss_functions(loss)


# ----- The loss that is made of them, and the parameters of the others


def test_values_of_functions_have_the_dtype_of_the_network():
    def in_float64(y, p):
        return half_square(y.astype(np.float64), p)

    loss = FunctionLoss(NUMBER_LINKS["identity"], in_float64, difference)
    z, y = np.ones((3, 2), np.float32), np.zeros((3, 2), np.float32)
    values = loss.values(z, y)
    assert values.dtype == np.float32 and values.tolist() == [1.0] * 3


def test_gradient_of_functions_is_pulled_back_through_the_link():
    loss = FunctionLoss(NUMBER_LINKS["exp"], half_square, difference)
    z, out = np.array([[0.5, -1.0]]), np.empty((1, 2))
    loss.deltas(z, np.ones((1, 2)), out)
    p = np.exp(z)
    np.testing.assert_allclose(out, (p - 1.0) * p, rtol=1e-15)
    squared = NUMBER_LOSSES["squared_error"](NUMBER_LINKS["exp"])
    squared.deltas(z, np.ones((1, 2)), out)
    np.testing.assert_allclose(out, (p - 1.0) * p, rtol=1e-15)


def test_defaults_and_ranges_are_those_of_the_regressor():
    assert Huber(NUMBER_LINKS["identity"]).huber_delta == 1.35
    for power, has_zeros in ((1.99, True), (2.5, False)):
        loss = NUMBER_LOSSES["tweedie"](NUMBER_LINKS["exp"], tweedie_power=power)
        assert loss.y_range == Range(0.0, includes_low=has_zeros)
