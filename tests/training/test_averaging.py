import numpy as np
import pytest

from skfcnn.training.averaging import Averaged
from skfcnn.training.optimizers import SGD


def path(share, dtype, n_steps=200):
    """Return theta and its average after every step."""
    theta, average = np.zeros(3, dtype), np.zeros(3, dtype)
    plain = SGD(theta, momentum=0.0, nesterovs_momentum=False)
    optimizer = Averaged(plain, average, share)
    thetas, averages = [], []
    for step in range(n_steps):
        optimizer.step(theta, np.array([-1.0, step % 2 - 0.5, 0.0], dtype), 0.1)
        thetas.append(theta.copy())
        averages.append(average.copy())
    return np.array(thetas), np.array(averages), optimizer


@pytest.mark.parametrize("share", [0.1, 1.0])
def test_the_average_follows_its_formula(share):
    thetas, averages, _ = path(share, float)
    expected = np.zeros(3)
    for t, theta in enumerate(thetas, start=1):
        expected = expected + (theta - expected) / (1.0 + share * t)
        np.testing.assert_allclose(averages[t - 1], expected, rtol=1e-12, atol=1e-15)


def test_average_is_about_the_mean_of_the_last_part():
    thetas, averages, _ = path(0.1, float)
    # theta grows by 0.1 a step: the mean of the last tenth of 200 steps lags 1.
    assert thetas[-1, 0] - averages[-1, 0] == pytest.approx(0.1 * 0.1 * 200, rel=0.1)


def test_float32_stays_float32():
    _, averages, optimizer = path(0.1, np.float32)
    assert averages.dtype == optimizer.rate.dtype == np.float32
