import numpy as np

from skfcnn.network.architecture import fully_connected
from skfcnn.network.network import Network
from skfcnn.training.param_groups import BY_INPUTS, spread_factors


def test_every_number_of_theta_has_the_factor_of_its_group():
    architecture = fully_connected((4, 9, 2), ("relu",), parametric=True, scaling=True)
    n_weights, n_biases, n_scales, n_mixes = 4 * 9 + 9 * 2, 9 + 2, 4, 9
    n = n_weights + n_biases + n_scales + n_mixes
    network = Network(architecture, theta=np.zeros(n, np.float32))
    spread = spread_factors(network, {"weights": BY_INPUTS, "scale": 6.0, "mix": 0.0})
    expected = [1 / 2] * 36 + [1 / 3] * 18 + [1.0] * n_biases + [6.0] * 4 + [0.0] * 9
    np.testing.assert_array_equal(spread, np.array(expected, np.float32))
    assert spread.dtype == np.float32
    np.testing.assert_array_equal(network.theta, 0.0)
