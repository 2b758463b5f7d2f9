import numpy as np
import pytest

from skfcnn.training.blocks import BLOCK, each_block
from skfcnn.training.optimizers import Adam


@pytest.mark.parametrize("length", [1, BLOCK, BLOCK + 1, 3 * BLOCK + 7])
def test_pass_over_blocks_equals_pass_over_the_whole_vector(length):
    x, y = np.arange(length, dtype=float), np.ones(length)
    each_block(lambda a, b: np.add(a, b, out=a), x, y)
    np.testing.assert_array_equal(x, np.arange(1, length + 1))


def test_step_over_blocks_equals_step_over_the_whole_vector():
    rng = np.random.RandomState(0)
    theta, gradient = rng.standard_normal((2, 2 * BLOCK + 3))
    parts = [theta[part].copy() for part in (slice(BLOCK), slice(BLOCK, None))]
    settings = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8}
    for part, slopes in zip(parts, np.split(gradient.copy(), [BLOCK]), strict=True):
        Adam(part, **settings).step(part, slopes, 0.1)
    Adam(theta, **settings).step(theta, gradient, 0.1)
    np.testing.assert_array_equal(theta, np.concatenate(parts))
