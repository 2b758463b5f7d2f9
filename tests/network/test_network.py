import copy
import gc
import pickle
import weakref

import numpy as np
import pytest
import scipy.sparse

from skfcnn.network.architecture import fully_connected
from skfcnn.network.drawing import draw_network
from skfcnn.network.initializers import INITIALIZERS
from skfcnn.network.network import CHUNK_NUMBERS, Network


def make_network(sizes=(4, 5, 3), activation="tanh", dtype=np.float64):
    return draw_network(
        fully_connected(sizes, (activation,) * (len(sizes) - 2)),
        initializers=[INITIALIZERS["auto"]] * (len(sizes) - 1),
        rng=np.random.RandomState(0),
        dtype=np.dtype(dtype),
    )


def copy_raw(z, out):
    out[...] = z


X = np.random.RandomState(1).standard_normal((7, 4))


def test_parameters_are_drawn_layer_by_layer_weights_before_biases():
    rng = np.random.RandomState(0)
    for layer in make_network().parameters.linear:
        weights, bias = INITIALIZERS["auto"](*layer.weights.shape, rng)
        np.testing.assert_array_equal(layer.weights, weights)
        np.testing.assert_array_equal(layer.bias, bias)


def test_forward_by_hand():
    network = make_network()
    (W1, b1), (W2, b2) = network.parameters.linear
    z = network.forward(X, network.workspace(7).layers)
    np.testing.assert_allclose(z, np.tanh(X @ W1 + b1) @ W2 + b2, rtol=1e-13)


def test_a_change_of_theta_changes_the_layers():
    network = make_network()
    network.theta[...] = 0.0
    assert not network.forward(X, network.workspace(7).layers).any()


def test_workspace_works_for_fewer_rows():
    network = make_network()
    workspace = network.workspace(7)
    whole = network.forward(X, workspace.layers).copy()
    part = network.forward(X[:3], workspace.rows(3).layers)
    np.testing.assert_allclose(part, whole[:3], rtol=1e-13)
    assert workspace.rows(3) is workspace.rows(3)
    assert workspace.rows(7) is workspace


def raw_outputs(network, rows):
    return network.apply(rows, copy_raw, np.empty((len(rows), network.sizes[-1])))


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))]
)
def test_a_copy_has_views_of_its_own_theta(duplicate):
    network = make_network()
    before = raw_outputs(network, X)
    other = duplicate(network)
    np.testing.assert_array_equal(raw_outputs(other, X), before)
    other.theta += 1.0
    assert not np.array_equal(raw_outputs(other, X), before)
    np.testing.assert_array_equal(raw_outputs(network, X), before)


@pytest.mark.parametrize("n_rows", [1, 2, 1000])
def test_apply_works_chunk_by_chunk(n_rows):
    """For any number of chunks, each row has the output that it has alone."""
    wide = CHUNK_NUMBERS // 3  # three rows per chunk
    network = make_network((2, wide, 1))
    rows = np.random.RandomState(2).standard_normal((min(n_rows, 10), 2))
    out = raw_outputs(network, rows)
    alone = [raw_outputs(network, row[None])[0] for row in rows]
    # Products of one and of three rows may sum in another order.
    np.testing.assert_allclose(out, alone, rtol=1e-10, atol=1e-12)


def test_apply_computes_in_the_precision_of_theta():
    network, dtypes = make_network(dtype=np.float32), []
    network.apply(X, lambda z, out: dtypes.append(z.dtype), np.empty(7))
    assert dtypes == [np.float32]


def test_apply_can_return_other_columns():
    def twice(z, out):
        out[:, :3] = z
        out[:, 3:] = -z

    out = make_network().apply(X, twice, np.empty((7, 6)))
    np.testing.assert_array_equal(out[:, :3], -out[:, 3:])


def test_sparse_chunk_does_not_depend_on_the_number_of_columns():
    """Columns of zeros need neither memory nor time."""
    network, n_rows = make_network((CHUNK_NUMBERS, 2, 1)), []
    rows = scipy.sparse.eye_array(50, CHUNK_NUMBERS, format="csr")
    network.apply(rows, lambda z, out: n_rows.append(len(z)), np.empty((50, 1)))
    assert n_rows == [50]


@pytest.mark.parametrize(
    ("drawn", "message"),
    [
        (
            lambda n_in, n_out: (0.5, np.zeros(n_out)),
            r"weights of weight_init\[0\].*\(4, 5\)",
        ),
        (
            lambda n_in, n_out: (np.ones((n_out, n_in)), np.zeros(n_out)),
            "weights of weight_init",
        ),
        (
            lambda n_in, n_out: (np.ones((n_in, n_out)), 0),
            r"biases of weight_init\[0\].*\(5,\)",
        ),
        (lambda n_in, n_out: (np.ones((n_in, n_out)), [np.nan] * n_out), "finite"),
        (lambda n_in, n_out: (1j * np.ones((n_in, n_out)), np.zeros(n_out)), "complex"),
        (lambda n_in, n_out: None, "tuple.*NoneType"),
        (lambda n_in, n_out: np.ones((2, n_out)), "tuple.*ndarray"),
    ],
)
def test_result_of_an_initializer_is_checked(drawn, message):
    with pytest.raises(ValueError, match=message):
        draw_network(
            fully_connected((4, 5, 2), ("tanh",)),
            initializers=[lambda n_in, n_out, rng: drawn(n_in, n_out)] * 2,
            rng=np.random.RandomState(0),
            dtype=np.float64,
        )


def test_workspace_without_references_is_freed():
    """No reference cycle keeps it alive until the next garbage collection."""
    workspace = make_network().workspace(7)
    workspace.rows(3)
    gone = weakref.ref(workspace)
    gc.disable()
    try:
        del workspace
        assert gone() is None
    finally:
        gc.enable()


def test_shorter_workspace_has_its_number_of_rows_and_is_cached():
    network = Network(fully_connected((2, 3, 1), ("tanh",)), theta=np.zeros(13))
    workspace = network.workspace(5)
    shorter = workspace.rows(2)
    assert (workspace.n_rows, shorter.n_rows) == (5, 2)
    assert workspace.rows(2) is shorter and workspace.rows(5) is workspace
    assert shorter.rows(2) is shorter
    assert shorter.gradient is workspace.gradient
    assert shorter.delta.shape == (2, 1)
