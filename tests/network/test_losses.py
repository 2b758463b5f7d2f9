import tracemalloc

import numpy as np
import pytest
from scipy.special import expit, log_softmax, softmax

from skfcnn.network.class_losses import FocalLoss, LabelSmoothing, LogLoss
from skfcnn.network.links import CLASS_LINKS
from skfcnn.network.loss import check_targets, loss_of_constant
from skfcnn.network.losses import CLASS_LOSSES

RNG = np.random.RandomState(0)
Z = 3.0 * RNG.standard_normal((6, 4))
Y = {
    "logistic": (RNG.uniform(size=Z.shape) < 0.5) * 1.0,
    "softmax": np.eye(4)[[0, 1, 2, 3, 1, 1]],
}
P = {"logistic": expit(Z), "softmax": softmax(Z, axis=1)}


def log_likelihood(link, p, y):
    if link == "softmax":
        return (y * np.log(p)).sum(axis=1)
    return (y * np.log(p) + (1 - y) * np.log(1 - p)).sum(axis=1)


@pytest.mark.parametrize("link", P)
def test_probabilities(link):
    p = np.empty_like(Z)
    CLASS_LINKS[link].inverse(Z.copy(), out=p)
    np.testing.assert_allclose(p, P[link], rtol=1e-14)


@pytest.mark.parametrize("link", P)
def test_log_loss_is_the_negative_log_likelihood(link):
    loss, delta = CLASS_LOSSES["log_loss"](CLASS_LINKS[link]), np.empty_like(Z)
    loss.deltas(Z, Y[link], out=delta)
    losses = loss.values(Z.copy(), Y[link])
    np.testing.assert_allclose(losses, -log_likelihood(link, P[link], Y[link]), rtol=1e-12)
    np.testing.assert_allclose(delta, P[link] - Y[link], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("link", P)
def test_squared_error_is_half_the_squared_difference(link):
    losses = CLASS_LOSSES["squared_error"](CLASS_LINKS[link]).values(Z.copy(), Y[link])
    expected = 0.5 * ((P[link] - Y[link]) ** 2).sum(axis=1)
    np.testing.assert_allclose(losses, expected, rtol=1e-13)


@pytest.mark.parametrize("name", CLASS_LOSSES)
@pytest.mark.parametrize("link", P)
def test_delta_is_the_derivative_of_the_loss(name, link):
    loss = CLASS_LOSSES[name](CLASS_LINKS[link])
    z, delta = Z.copy(), np.empty_like(Z)
    loss.deltas(z, Y[link], out=delta)
    np.testing.assert_array_equal(z, Z)
    for k in range(Z.shape[1]):
        step = 1e-5 * (np.arange(Z.shape[1]) == k)
        above = loss.values(Z + step, Y[link])
        below = loss.values(Z - step, Y[link])
        # Central differences of values of order one: 1e-16 / 1e-5, and the cubic term.
        np.testing.assert_allclose(delta[:, k], (above - below) / 2e-5, atol=1e-9)


def test_the_jacobian_of_the_softmax_is_diag_p_minus_p_p():
    p, v = P["softmax"], RNG.standard_normal(Z.shape)
    expected = [
        (np.diag(row) - np.outer(row, row)) @ u for row, u in zip(p, v, strict=True)
    ]
    CLASS_LINKS["softmax"].pull_back(p, v)
    np.testing.assert_allclose(v, expected, atol=1e-15)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("link", P)
def test_extreme_outputs_give_finite_losses_and_probabilities_inside_0_and_1(link, dtype):
    z = np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, 1e4]], dtype)
    y = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]], dtype)
    p, delta = np.empty_like(z), np.empty_like(z)
    CLASS_LINKS[link].inverse(z, out=p)
    CLASS_LINKS[link].clip(p)
    assert (p > 0.0).all()
    assert (p <= 1.0).all()
    assert np.isfinite(np.log(p)).all()
    loss = CLASS_LOSSES["log_loss"](CLASS_LINKS[link])
    loss.deltas(z, y, out=delta)
    losses = loss.values(z.copy(), y)
    exact = {
        "softmax": -(y * log_softmax(z.astype(float), axis=1)).sum(axis=1),
        "logistic": [2e4 + np.log(2), 3e4],
    }
    np.testing.assert_allclose(losses, exact[link], rtol=1e-6)
    assert np.isfinite(delta).all()


def test_small_losses_keep_their_digits():
    """For rows with a confident correct prediction, no digits are lost by cancellation."""
    z = np.array([[40.0]])
    losses = CLASS_LOSSES["log_loss"](CLASS_LINKS["logistic"]).values(z, np.ones((1, 1)))
    assert losses[0] == pytest.approx(np.exp(-40.0), rel=1e-12)


def test_the_softmax_of_one_output_is_one():
    p = np.empty((2, 1))
    CLASS_LINKS["softmax"].inverse(np.array([[3.0], [-5.0]]), out=p)
    assert (p == 1.0).all()


def test_smoothing_is_the_loss_of_smoothed_targets():
    z = np.random.RandomState(0).standard_normal((4, 3))
    y = np.eye(3)[[0, 2, 1, 1]]
    plain = CLASS_LOSSES["log_loss"](CLASS_LINKS["softmax"])
    smooth = LabelSmoothing(plain, epsilon=0.3, n_values=3)
    targets = np.where(y == 1.0, 0.8, 0.1)
    np.testing.assert_allclose(
        smooth.values(z.copy(), y), plain.values(z.copy(), targets), rtol=1e-14
    )
    ours, theirs = np.empty((2, 4, 3))
    smooth.deltas(z, y, ours)
    plain.deltas(z, targets, theirs)
    np.testing.assert_allclose(ours, theirs, rtol=1e-13)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_clipping_does_not_change_ordinary_probabilities(dtype):
    numbers = np.finfo(dtype)
    p = np.array([[0.0, 0.25, 1.0]], dtype)
    CLASS_LINKS["logistic"].clip(p)
    np.testing.assert_array_equal(p, [[numbers.tiny, 0.25, dtype(1.0) - numbers.epsneg]])
    assert p[0, 2] < 1.0
    p = np.array([[0.0, 0.25, 1.0]], dtype)
    CLASS_LINKS["softmax"].clip(p)
    np.testing.assert_array_equal(p, [[numbers.tiny, 0.25, 1.0]])


def frequencies_of_rows(link):
    """Return targets and weights."""
    rng = np.random.RandomState(0)
    numbers, weights = rng.choice(3, p=[0.6, 0.3, 0.1], size=50), rng.uniform(size=50)
    y = np.eye(3)[numbers] if link == "softmax" else rng.randint(2, size=(50, 3)) * 1.0
    return y, weights


def make_loss(name, link, smoothing):
    loss = CLASS_LOSSES[name](CLASS_LINKS[link])
    n_values = 3 if link == "softmax" else 2
    return LabelSmoothing(loss, smoothing, n_values) if smoothing else loss


def mean_loss(loss, p, y, weights):
    z = loss.link.link(p[None]).repeat(50, axis=0)
    return np.average(loss.values(z, y), weights=weights)


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize("name", CLASS_LOSSES)
@pytest.mark.parametrize("link", P)
def test_loss_of_a_constant_is_the_mean_over_the_rows(link, name, smoothing, monkeypatch):
    y, weights = frequencies_of_rows(link)
    loss = make_loss(name, link, smoothing)
    p = loss.best_constant(y, weights)
    expected = mean_loss(loss, p, y, weights)
    monkeypatch.setattr("skfcnn.network.loss.BLOCK", 3 * 7)  # 8 blocks of 50 rows
    found = loss_of_constant(loss, p, y.astype(bool), weights)
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize("name", CLASS_LOSSES)
@pytest.mark.parametrize("link", P)
def test_no_other_constant_is_better(link, name, smoothing):
    y, weights = frequencies_of_rows(link)
    loss = make_loss(name, link, smoothing)
    best = loss.best_constant(y, weights)
    least = mean_loss(loss, best, y, weights)
    rng = np.random.RandomState(1)
    for size in (1e-3, 0.1):
        for _ in range(20):
            other = np.clip(best + size * rng.standard_normal(3), 1e-6, 1.0 - 1e-6)
            other = other / other.sum() if link == "softmax" else other
            # L-BFGS ends where the slope is 1e-5: 1e-10 from the minimum.
            assert mean_loss(loss, other, y, weights) > least - 1e-9


def test_best_constant_of_the_focal_loss_is_less_confident_than_the_mean():
    mean = np.array([0.7, 0.2, 0.1])
    p = CLASS_LOSSES["focal"](CLASS_LINKS["softmax"]).best_for_mean(mean)
    assert p.sum() == pytest.approx(1.0)
    assert p[0] < 0.7 and p[1] > 0.2 and p[2] > 0.1
    zero = CLASS_LOSSES["focal"](CLASS_LINKS["softmax"], focal_gamma=0.0).best_for_mean(
        mean
    )
    np.testing.assert_allclose(zero, mean, atol=1e-5)  # the log loss


@pytest.mark.parametrize("name", CLASS_LOSSES)
def test_loss_of_the_best_constant_is_zero_for_equal_rows(name):
    mean = np.array([1.0, 0.0])
    for link in map(CLASS_LINKS.get, P):
        loss = CLASS_LOSSES[name](link)
        y = mean[None].repeat(3, axis=0)
        found = loss_of_constant(loss, loss.best_constant(y, np.ones(3)), y, np.ones(3))
        assert found == pytest.approx(0.0, abs=1e-14)


def test_targets_outside_of_the_range_are_refused():
    loss = CLASS_LOSSES["log_loss"](CLASS_LINKS["logistic"])
    check_targets("log_loss", loss, np.array([[0.0], [1.0]]))
    squared = CLASS_LOSSES["squared_error"](CLASS_LINKS["logistic"])
    check_targets("squared_error", squared, np.array([[-5.0], [7.0]]))
    with pytest.raises(ValueError, match="'log_loss' is defined for targets from 0 to 1"):
        check_targets("log_loss", loss, np.array([[0.0], [1.5]]))


@pytest.mark.parametrize("link", P)
def test_focal_loss_follows_the_paper(link):
    """-(1 - p_t)^gamma log(p_t), of the class, or of each label."""
    p, y = np.empty_like(Z), Y[link]
    CLASS_LINKS[link].inverse(Z.copy(), out=p)
    of_true = np.where(y == 1.0, p, 1.0 - p)
    losses = -((1.0 - of_true) ** 1.5) * np.log(of_true)
    if link == "softmax":
        losses = losses * y
    found = FocalLoss(CLASS_LINKS[link], focal_gamma=1.5).values(Z.copy(), y)
    np.testing.assert_allclose(found, losses.sum(axis=1), rtol=1e-12)


@pytest.mark.parametrize("link", P)
def test_with_gamma_zero_the_focal_loss_is_the_log_loss(link):
    focal, log_loss = (
        FocalLoss(CLASS_LINKS[link], focal_gamma=0.0),
        LogLoss(CLASS_LINKS[link]),
    )
    y, ours, theirs = Y[link], np.empty_like(Z), np.empty_like(Z)
    focal.deltas(Z.copy(), y, out=ours)
    log_loss.deltas(Z.copy(), y, out=theirs)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-15)
    values = [loss.values(Z.copy(), y) for loss in (focal, log_loss)]
    np.testing.assert_allclose(*values, rtol=1e-12)


@pytest.mark.parametrize("gamma", [0.5, 2.0])
@pytest.mark.parametrize("link", P)
def test_focal_loss_is_finite_for_extreme_outputs(link, gamma):
    z = np.array([[800.0, -800.0, 0.0], [-800.0, 800.0, 40.0]])
    loss, delta = FocalLoss(CLASS_LINKS[link], focal_gamma=gamma), np.empty_like(z)
    y = np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    loss.deltas(z.copy(), y, out=delta)
    values = loss.values(z.copy(), y)
    assert np.isfinite(delta).all() and np.isfinite(values).all()
    assert values[1] > 700.0


def test_softmax_of_many_classes_needs_no_matrix_of_classes():
    z = np.zeros((2, 3000))
    p = np.empty_like(z)
    tracemalloc.start()
    try:
        CLASS_LINKS["softmax"].inverse(z, p)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    np.testing.assert_allclose(p, 1 / 3000)
    assert peak < 10 * z.nbytes  # a matrix of classes has 1,500 times as many numbers
