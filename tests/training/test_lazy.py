"""Lazy Adam is compared with its definition in plain NumPy, and with Adam."""

import numpy as np
import pytest
from scipy.sparse import csr_array, random_array

from skfcnn import FullyConnectedClassifier
from skfcnn.network.architecture import fully_connected
from skfcnn.network.drawing import draw_network
from skfcnn.network.initializers import INITIALIZERS
from skfcnn.network.linear import without_empty_columns
from skfcnn.network.links import CLASS_LINKS
from skfcnn.network.losses import CLASS_LOSSES
from skfcnn.training import lazy as module
from skfcnn.training.lazy import LazySteps, NetworkOfInputs
from skfcnn.training.minibatch import MinibatchSteps
from skfcnn.training.objective import Data, Objective
from skfcnn.training.optimizers import Adam, Clipped

N_ROWS, N_INPUTS, BATCH = 24, 40, 4
RNG = np.random.default_rng(0)
X = csr_array(random_array((N_ROWS, N_INPUTS), density=0.08, rng=RNG, format="csr"))
TARGET = np.eye(3, dtype=bool)[RNG.integers(3, size=N_ROWS)]
ALPHA, RATE, BETAS, EPSILON = 0.1, 0.01, (0.9, 0.99), 1e-8


def make_objective(normalization=None):
    network = draw_network(
        fully_connected((N_INPUTS, 5, 4, 3), ("tanh", "relu"), normalization=normalization),
        initializers=[INITIALIZERS["auto"]] * 3,
        rng=np.random.RandomState(1),
        dtype=np.dtype(float),
    )
    return Objective(network, CLASS_LOSSES["log_loss"](CLASS_LINKS["softmax"]), ALPHA)


def make_adam(theta, **options):
    beta_1, beta_2 = BETAS
    return Adam(theta, beta_1=beta_1, beta_2=beta_2, epsilon=EPSILON, **options)


def make_steps(kind, objective, optimizer, X=X):
    return kind(
        objective,
        Data(X, TARGET, np.arange(1.0, N_ROWS + 1)),
        optimizer,
        rows=np.arange(N_ROWS),
        batch_size=BATCH,
        shuffle=False,
        rng=np.random.RandomState(2),
    )


def is_of_batch(x, network):
    """Return, for each parameter, whether a lazy step with the rows x changes it."""
    changes = np.ones(len(network.theta), bool)
    is_input = np.bincount(x.indices, minlength=N_INPUTS) > 0
    changes[: N_INPUTS * 5] = np.repeat(is_input, 5)
    return changes


@pytest.mark.parametrize("normalization", [None, "layer"])
@pytest.mark.parametrize("block", [1, 7, 2**16], ids=["rows", "seven", "one block"])
def test_an_epoch_is_that_of_the_definition(block, normalization, monkeypatch):
    monkeypatch.setattr(module, "BLOCK", block)
    objective, expected = make_objective(normalization), make_objective(normalization)
    factors = np.linspace(0.5, 1.0, len(objective.network.theta))
    optimizer = make_adam(objective.network.theta, factors=(factors,))
    loss = make_steps(LazySteps, objective, optimizer).epoch(iter([RATE] * 6))

    network, m, v, J = expected.network, 0.0, 0.0, 0.0
    theta, W = network.theta, network.parameters.by_layer[0].weights
    m, v = np.zeros((2, len(theta)))
    weights = np.arange(1.0, N_ROWS + 1)
    for t in range(1, 7):
        rows = slice(BATCH * (t - 1), BATCH * t)
        x, workspace = X[rows], network.workspace(BATCH)
        changes = is_of_batch(x, network)
        value = expected.value_and_gradient(x, TARGET[rows] * 1.0, weights[rows], workspace)
        empty = ~changes[: W.size].reshape(W.shape)
        J += value * weights[rows].sum() - ALPHA / 2.0 * (W[empty] ** 2).sum()
        g, (beta_1, beta_2) = workspace.gradient[changes], BETAS
        m[changes] = beta_1 * m[changes] + (1.0 - beta_1) * g
        v[changes] = beta_2 * v[changes] + (1.0 - beta_2) * g * g
        mean, square = m / (1.0 - beta_1**t), v / (1.0 - beta_2**t)
        # Adam adds epsilon to the square root before the correction of v.
        root = np.sqrt(square) + EPSILON / np.sqrt(1.0 - beta_2**t)
        theta[changes] -= (RATE * factors * mean / root)[changes]

    np.testing.assert_allclose(objective.network.theta, theta, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(loss, J / weights.sum(), rtol=1e-12)
    np.testing.assert_allclose(optimizer.m * (1.0 - BETAS[0]), m, rtol=1e-11, atol=1e-15)


def test_inputs_that_a_batch_does_not_contain_keep_weights_and_moments():
    objective = make_objective()
    theta = objective.network.theta
    optimizer = make_adam(theta)
    optimizer.m[...], optimizer.v[...] = 1.0, 2.0
    before = theta.copy()
    assert make_steps(LazySteps, objective, optimizer).epoch(iter([RATE])) > 0.0
    changes = is_of_batch(X[:BATCH], objective.network)
    assert 0 < changes.sum() < len(theta)
    assert (theta[changes] != before[changes]).all()
    np.testing.assert_array_equal(theta[~changes], before[~changes])
    assert (optimizer.m[~changes] == 1.0).all()
    assert (optimizer.v[~changes] == 2.0).all()


@pytest.mark.parametrize("clips", [False, True])
def test_it_is_adam_if_every_batch_contains_every_input(clips):
    """Explicit zeros are stored values. The sums are in the same order, up to rounding."""
    full = csr_array(np.ones((N_ROWS, N_INPUTS)))
    full.data = RNG.standard_normal(full.nnz) * (RNG.random(full.nnz) < 0.1)
    thetas = []
    for kind in (MinibatchSteps, LazySteps):
        objective = make_objective()
        optimizer = make_adam(objective.network.theta)
        if clips:
            optimizer = Clipped(optimizer, 0.01)
        steps = make_steps(kind, objective, optimizer, full)
        for _ in range(3):
            steps.epoch(iter([RATE] * 6))
        thetas.append(objective.network.theta)
    np.testing.assert_allclose(*thetas, rtol=1e-12, atol=1e-14)


def test_a_network_of_inputs_has_the_same_outputs():
    network, x = make_objective().network, X[:BATCH]
    inputs, packed = without_empty_columns(x)
    small = NetworkOfInputs(network, inputs).network
    assert small.sizes == (len(inputs), 5, 4, 3)
    outputs = [
        net.forward(rows, net.workspace(BATCH).layers)
        for net, rows in ((network, x), (small, packed))
    ]
    np.testing.assert_allclose(*outputs, rtol=1e-13)


def test_a_batch_of_empty_rows_changes_the_other_layers():
    objective = make_objective()
    before = objective.network.theta.copy()
    empty = csr_array((N_ROWS, N_INPUTS))
    steps = make_steps(LazySteps, objective, make_adam(before), empty)
    assert steps.epoch(iter([RATE] * 6)) > 0.0
    W = N_INPUTS * 5
    np.testing.assert_array_equal(objective.network.theta[:W], before[:W])
    assert (objective.network.theta[-3:] != before[-3:]).all()


def make_model(**options):
    options = {"solver": "lazy_adam", "hidden_layer_sizes": (6,), "max_iter": 4} | options
    return FullyConnectedClassifier(**options, batch_size=BATCH, random_state=0)


LABELS = TARGET.argmax(axis=1)
unconverged = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning"  # four epochs
)


@unconverged
def test_dense_rows_are_trained_by_adam():
    dense, adam = make_model(), make_model(solver="adam")
    for model in (dense, adam):
        model.fit(X.toarray(), LABELS)
    np.testing.assert_array_equal(dense.coefs_[0], adam.coefs_[0])
    lazy = make_model().fit(X, LABELS)
    assert (lazy.coefs_[0] != adam.coefs_[0]).any()


@unconverged
@pytest.mark.parametrize("options", [{}, {"dropout": 0.5}, {"max_grad_norm": 0.1}], ids=str)
def test_a_resumed_fit_has_the_same_bits(options):
    whole = make_model(**options).fit(X, LABELS)
    part = make_model(**options).fit(X, LABELS, stop_after=2)
    resumed = make_model(**options).fit(X, LABELS, resume_from=part)
    np.testing.assert_array_equal(resumed.coefs_[0], whole.coefs_[0])
    assert resumed.loss_curve_ == whole.loss_curve_


@unconverged
def test_partial_fit_stays_lazy():
    model = make_model()
    for _ in range(2):
        model.partial_fit(X[:BATCH], LABELS[:BATCH], classes=[0, 1, 2])
    W = model.coefs_[0].copy()
    model.set_params(solver="adam").partial_fit(X[BATCH:], LABELS[BATCH:])
    is_empty = np.bincount(X[BATCH:].indices, minlength=N_INPUTS) == 0
    assert is_empty.any()
    np.testing.assert_array_equal(model.coefs_[0][is_empty], W[is_empty])


@pytest.mark.parametrize(
    "options", [{"weight_averaging": 0.1}, {"scaling_layer": True}], ids=str
)
def test_what_changes_all_inputs_in_every_step_is_refused(options):
    (name,) = options
    with pytest.raises(ValueError, match=f"solver='lazy_adam' has no {name}"):
        make_model(**options).fit(X, LABELS)
