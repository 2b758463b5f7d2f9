import numpy as np
import pytest

from skfcnn.network.architecture import fully_connected
from skfcnn.network.links import CLASS_LINKS
from skfcnn.network.losses import CLASS_LOSSES
from skfcnn.network.network import Network
from skfcnn.network.parameters import count_parameters
from skfcnn.training.objective import Data, Objective

RNG = np.random.RandomState(0)
SIZES = (3, 2)
ARCHITECTURE = fully_connected(SIZES, ())
DATA = Data(
    RNG.standard_normal((5, 3)),
    np.eye(2)[[0, 1, 1, 0, 1]],
    np.array([1.0, 2.0, 0.0, 0.5, 3.0]),
)


def make_objective(alpha, dtype=np.float64):
    theta = RNG.standard_normal(count_parameters(ARCHITECTURE)).astype(dtype)
    network = Network(ARCHITECTURE, theta=theta)
    return Objective(network, CLASS_LOSSES["log_loss"](CLASS_LINKS["softmax"]), alpha)


def test_value_by_hand():
    objective = make_objective(alpha=0.7)
    (W, b) = objective.network.parameters.linear[0]
    z = DATA.X @ W + b
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    losses = -np.log((p * DATA.target).sum(axis=1))
    total = DATA.weights.sum()
    expected = (DATA.weights @ losses) / total + 0.7 / (2 * total) * (W**2).sum()
    value = objective.value_and_gradient(*DATA, objective.network.workspace(5))
    assert value == pytest.approx(expected, rel=1e-13)
    assert type(value) is float


def test_biases_are_not_penalized():
    objective = make_objective(alpha=1e6)
    workspace = objective.network.workspace(5)
    objective.value_and_gradient(*DATA, workspace)
    penalized, bias = workspace.gradient[:6], workspace.gradient[6:]
    assert np.abs(penalized).min() > 1e3
    assert np.abs(bias).max() < 1.0


def test_float32_is_computed_in_float32():
    objective = make_objective(alpha=0.1, dtype=np.float32)
    workspace = objective.network.workspace(5)
    objective.value_and_gradient(*DATA.astype(np.float32), workspace)
    assert workspace.gradient.dtype == np.float32
    assert np.isfinite(workspace.gradient).all()


def test_astype_copies_only_if_necessary():
    assert DATA.astype(np.float64).X is not DATA.X or DATA.X.dtype == np.float64
    assert np.shares_memory(DATA.astype(np.float64).X, DATA.X)
    assert DATA.astype(np.float32).target.dtype == np.float32


def test_rows_of_data():
    part = DATA.rows(np.array([3, 0]))
    np.testing.assert_array_equal(part.X, DATA.X[[3, 0]])
    np.testing.assert_array_equal(part.weights, [0.5, 1.0])
