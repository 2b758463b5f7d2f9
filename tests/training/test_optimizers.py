import numpy as np
import pytest

from skfcnn.training.lion import Lion
from skfcnn.training.nadam import NAdam
from skfcnn.training.optimizers import OPTIMIZERS, SGD, Adam, Clipped, Decayed

RNG = np.random.RandomState(0)
START = RNG.standard_normal(6)
GRADIENTS = RNG.standard_normal((5, 6))
RATE = 0.1


def run(optimizer, theta):
    for gradient in GRADIENTS:
        optimizer.step(theta, gradient.astype(theta.dtype), RATE)
    return theta


def test_plain_gradient_descent():
    theta = START.copy()
    optimizer = SGD(theta, momentum=0.0, nesterovs_momentum=False)
    expected = START - RATE * GRADIENTS.sum(axis=0)
    np.testing.assert_allclose(run(optimizer, theta), expected, rtol=1e-13)


@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum(nesterov):
    theta, expected, v = START.copy(), START.copy(), np.zeros(6)
    for g in GRADIENTS:
        v = 0.9 * v - RATE * g
        expected += 0.9 * v - RATE * g if nesterov else v
    optimizer = SGD(theta, momentum=0.9, nesterovs_momentum=nesterov)
    np.testing.assert_allclose(run(optimizer, theta), expected, rtol=1e-13)


@pytest.mark.parametrize(("beta_1", "beta_2"), [(0.9, 0.999), (0.0, 0.5), (0.5, 0.0)])
def test_adam_as_in_the_paper(beta_1, beta_2):
    theta, expected = START.copy(), START.copy()
    m = v = np.zeros(6)
    for t, g in enumerate(GRADIENTS, start=1):
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g**2
        rate = RATE * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
        expected -= rate * m / (np.sqrt(v) + 1e-8)
    optimizer = Adam(theta, beta_1=beta_1, beta_2=beta_2, epsilon=1e-8)
    np.testing.assert_allclose(run(optimizer, theta), expected, rtol=1e-12)


@pytest.mark.parametrize(("beta_1", "beta_2"), [(0.9, 0.999), (0.0, 0.5), (0.5, 0.0)])
def test_nadam_as_pytorch_documents_it(beta_1, beta_2):
    theta, expected = START.copy(), START.copy()
    m = v = np.zeros(6)
    mu = [beta_1 * (1 - 0.5 * 0.96 ** (0.004 * t)) for t in range(len(GRADIENTS) + 2)]
    for t, g in enumerate(GRADIENTS, start=1):
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g**2
        m_hat = mu[t + 1] * m / (1 - np.prod(mu[1 : t + 2]))
        m_hat = m_hat + (1 - mu[t]) * g / (1 - np.prod(mu[1 : t + 1]))
        expected -= RATE * m_hat / (np.sqrt(v / (1 - beta_2**t)) + 1e-8)
    optimizer = NAdam(theta, beta_1=beta_1, beta_2=beta_2, epsilon=1e-8)
    np.testing.assert_allclose(run(optimizer, theta), expected, rtol=1e-12)


def test_lion_as_in_the_paper():
    theta, expected, m = START.copy(), START.copy(), np.zeros(6)
    for g in GRADIENTS:
        expected -= RATE * np.sign(0.9 * m + 0.1 * g)
        m = 0.99 * m + 0.01 * g
    np.testing.assert_allclose(run(Lion(theta), theta), expected, rtol=1e-13)


SETTINGS = {
    "sgd": {"momentum": 0.9, "nesterovs_momentum": True},
    "adam": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8},
}
SETTINGS |= {"lion": {}} | dict.fromkeys(["adamw", "lazy_adam", "nadam"], SETTINGS["adam"])


def decayed(theta, weight_decay=0.5, **factors):
    return Decayed(Adam(theta, **SETTINGS["adam"], **factors), 4, weight_decay)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_float32_stays_float32(name):
    theta = START.astype(np.float32)
    optimizer = OPTIMIZERS[name](theta, **SETTINGS[name])
    run(optimizer, theta)
    arrays = [value for value in vars(optimizer).values() if isinstance(value, np.ndarray)]
    assert arrays
    assert {array.dtype for array in arrays} == {np.dtype("float32")}


def test_adamw_in_three_lines():
    """p <- p (1 - rate * decay), then Adam: as PyTorch documents it."""
    theta, expected = START.copy(), START.copy()
    adam = Adam(expected, **SETTINGS["adam"])
    for g in GRADIENTS:
        expected[:4] -= RATE * 0.5 * expected[:4]
        adam.step(expected, g.copy(), RATE)
    run(decayed(theta), theta)
    np.testing.assert_allclose(theta, expected, rtol=1e-13)


def test_adamw_without_decay_is_adam():
    theta, expected = START.copy(), START.copy()
    run(decayed(theta, weight_decay=0.0), theta)
    run(Adam(expected, **SETTINGS["adam"]), expected)
    np.testing.assert_array_equal(theta, expected)


def test_biases_do_not_decay():
    theta = START.copy()
    optimizer = decayed(theta)
    optimizer.step(theta, np.zeros(6), RATE)
    np.testing.assert_allclose(theta[:4], START[:4] * (1 - RATE * 0.5), rtol=1e-15)
    np.testing.assert_array_equal(theta[4:], START[4:])


@pytest.mark.parametrize("max_grad_norm", [0.1, 1.0, 100.0])
def test_clipping_limits_the_norm_and_keeps_the_direction(max_grad_norm):
    theta, expected = START.copy(), START.copy()
    for g in GRADIENTS:
        expected -= RATE * g * min(1.0, max_grad_norm / np.linalg.norm(g))
    plain = SGD(theta, momentum=0.0, nesterovs_momentum=False)
    run(Clipped(plain, max_grad_norm), theta)
    np.testing.assert_allclose(theta, expected, rtol=1e-13)


def test_gradient_whose_square_overflows_is_clipped():
    theta = START.astype(np.float32)
    plain = SGD(theta, momentum=0.0, nesterovs_momentum=False)
    gradient = np.array([3e25, 4e25, 0, 0, 0, 0], np.float32)
    with np.errstate(over="ignore"):  # as in a fit
        Clipped(plain, 1.0).step(theta, gradient, 1.0)
    np.testing.assert_allclose(START - theta, [0.6, 0.8, 0, 0, 0, 0], atol=1e-6)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_factors_multiply_the_learning_rate(name):
    """A factor of 1/2 does what half the rate does."""
    settings = SETTINGS[name]
    theta, expected = START.copy(), START.copy()
    halves = np.full(6, 0.5)
    factored = OPTIMIZERS[name](theta, **settings, factors=(halves,))
    plain = OPTIMIZERS[name](expected, **settings)
    for g in GRADIENTS:
        factored.step(theta, g.copy(), RATE)
        plain.step(expected, g.copy(), 0.5 * RATE)
    np.testing.assert_allclose(theta, expected, rtol=1e-13)


def test_weight_decay_ignores_the_factors():
    theta = START.copy()
    optimizer = decayed(theta, factors=(np.zeros(6),))
    optimizer.step(theta, np.ones(6), RATE)
    np.testing.assert_allclose(theta[:4], START[:4] * (1 - RATE * 0.5), rtol=1e-15)
    np.testing.assert_array_equal(theta[4:], START[4:])
