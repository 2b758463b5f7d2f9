import copy
import pickle

import numpy as np
import pytest

from skfcnn.network.initializers import INITIALIZERS
from skfcnn.network.network import CHUNK_NUMBERS, Network


def make_network(sizes=(4, 5, 3), activation="tanh", dtype=np.float64):
    return Network.drawn(
        sizes,
        activation,
        initializer=INITIALIZERS["auto"],
        rng=np.random.RandomState(0),
        dtype=np.dtype(dtype),
    )


def copy_raw(z, out):
    out[...] = z


X = np.random.RandomState(1).standard_normal((7, 4))


def test_it_is_drawn_layer_by_layer_weights_before_biases():
    rng = np.random.RandomState(0)
    for layer in make_network().parameters:
        weights, bias = INITIALIZERS["auto"](*layer.weights.shape, rng)
        np.testing.assert_array_equal(layer.weights, weights)
        np.testing.assert_array_equal(layer.bias, bias)


def test_forward_by_hand():
    network = make_network()
    (W1, b1), (W2, b2) = network.parameters
    z = network.forward(X, network.workspace(7))
    np.testing.assert_allclose(z, np.tanh(X @ W1 + b1) @ W2 + b2, rtol=1e-13)


def test_a_change_of_theta_changes_the_layers():
    network = make_network()
    network.theta[...] = 0.0
    assert not network.forward(X, network.workspace(7)).any()


def test_a_workspace_serves_fewer_rows():
    network = make_network()
    workspace = network.workspace(7)
    whole = network.forward(X, workspace).copy()
    part = network.forward(X[:3], workspace.rows(3))
    np.testing.assert_allclose(part, whole[:3], rtol=1e-13)
    assert workspace.rows(3) is workspace.rows(3)
    assert workspace.rows(7) is workspace


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))]
)
def test_a_copy_has_views_of_its_own_theta(duplicate):
    network = make_network()
    before = network.apply(X, copy_raw)
    other = duplicate(network)
    np.testing.assert_array_equal(other.apply(X, copy_raw), before)
    other.theta += 1.0
    assert not np.array_equal(other.apply(X, copy_raw), before)
    np.testing.assert_array_equal(network.apply(X, copy_raw), before)


@pytest.mark.parametrize("n_rows", [1, 2, 1000])
def test_apply_goes_chunk_by_chunk(n_rows):
    """Whatever the number of chunks, each row comes out as if it were alone."""
    wide = CHUNK_NUMBERS // 3  # three rows per chunk
    network = make_network((2, wide, 1))
    rows = np.random.RandomState(2).standard_normal((min(n_rows, 10), 2))
    out = network.apply(rows, copy_raw)
    alone = [network.apply(row[None], copy_raw)[0] for row in rows]
    # Products of one and of three rows may sum in another order.
    np.testing.assert_allclose(out, alone, rtol=1e-10, atol=1e-12)


def test_apply_computes_in_the_precision_of_theta():
    network = make_network(dtype=np.float32)
    assert network.apply(X, copy_raw).dtype == np.float32


def test_apply_can_give_other_columns():
    def twice(z, out):
        out[:, :3] = z
        out[:, 3:] = -z

    out = make_network().apply(X, twice, n_columns=6)
    np.testing.assert_array_equal(out[:, :3], -out[:, 3:])
