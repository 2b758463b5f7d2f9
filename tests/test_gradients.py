"""Backpropagation against central differences: every activation, loss, kind of target."""

import itertools

import numpy as np
import pytest
from scipy.sparse import csr_array

from skfcnn.network.activations import ACTIVATIONS
from skfcnn.network.architecture import fully_connected
from skfcnn.network.class_losses import LabelSmoothing
from skfcnn.network.drawing import draw_network
from skfcnn.network.elementwise import Elementwise
from skfcnn.network.initializers import INITIALIZERS
from skfcnn.network.links import CLASS_LINKS, NUMBER_LINKS
from skfcnn.network.losses import CLASS_LOSSES, LOG_LINK, NUMBER_LOSSES
from skfcnn.network.network import Network
from skfcnn.network.parameters import Parameters
from skfcnn.training.objective import Objective

N_ROWS, N_FEATURES = 7, 4
N_OUTPUTS = {"binary": 1, "multiclass": 3, "multilabel": 3}
N_NUMBERS = {"one number": 1, "three numbers": 3}
HIDDEN = {0: (), 1: (5,), 2: (5, 4), 3: (4, 5, 3), 4: (4, 3, 5, 4)}

# Optional layers.
EXTRA = [
    {"scaling": True},
    {"parametric": True},
    {"embedded": (0, 2)},
    {"normalization": "layer"},
    {
        "scaling": True,
        "parametric": True,
        "embedded": (0, 1, 2, 3),
        "normalization": "layer",
    },
]

# Central differences with step h err by about h^2 |J'''| / 6 + 1e-16 |J| / h: near 1e-10 of
# a gradient of order one with h = 1e-5. The bound leaves room for layers whose gradients
# are small, and for small components, measured against the largest of their array.
STEP, TOLERANCE = 1e-5, 1e-6


def make_problem(activation, loss, kind, depth, *, sparse, weighted, seed=0, **options):
    rng = np.random.RandomState(seed)
    n_outputs = (N_OUTPUTS | N_NUMBERS)[kind]
    network = draw_network(
        fully_connected(
            (N_FEATURES, *HIDDEN[depth], n_outputs), (activation,) * depth, **options
        ),
        initializers=[INITIALIZERS["auto"]] * (depth + 1),
        rng=rng,
        dtype=np.float64,
    )
    X = rng.standard_normal((N_ROWS, N_FEATURES))
    X[rng.uniform(size=X.shape) < 0.3] = 0.0
    target = (rng.uniform(size=(N_ROWS, n_outputs)) < 0.5).astype(float)
    if kind == "multiclass":
        target = np.eye(n_outputs)[rng.randint(n_outputs, size=N_ROWS)]
    weights = rng.uniform(0.0, 3.0, N_ROWS) if weighted else np.ones(N_ROWS)
    weights[2] = 0.0 if weighted else 1.0
    if kind in N_NUMBERS:
        target = rng.gamma(2.0, size=target.shape)
        link = NUMBER_LINKS["exp" if loss in LOG_LINK else "identity"]
        made = NUMBER_LOSSES[loss](link)
    else:
        link = CLASS_LINKS["softmax" if kind == "multiclass" else "logistic"]
        made = CLASS_LOSSES[loss](link)
    objective = Objective(network, made, alpha=0.3)
    return objective, (csr_array(X) if sparse else X, target, weights)


def arrays(vector, objective):
    """The arrays of parameters, or of their gradients, group by group."""
    groups = Parameters(vector, objective.network.layers).groups
    return [array for group in groups.values() for array in group]


def largest_relative_error(objective, data):
    theta = objective.network.theta
    workspace = objective.network.workspace(N_ROWS)
    objective.value_and_gradient(*data, workspace)
    by_backpropagation = workspace.gradient.copy()
    by_differences = np.empty_like(theta)
    for i in range(len(theta)):
        middle = theta[i]
        theta[i] = middle + STEP
        above = objective.value_and_gradient(*data, workspace)
        theta[i] = middle - STEP
        below = objective.value_and_gradient(*data, workspace)
        theta[i] = middle
        by_differences[i] = (above - below) / (2.0 * STEP)
    pairs = zip(
        *(arrays(v, objective) for v in (by_backpropagation, by_differences)), strict=True
    )
    return max(np.abs(g - d).max() / np.abs(d).max() for g, d in pairs)


@pytest.mark.grid(40)
@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
@pytest.mark.parametrize("depth", HIDDEN)
@pytest.mark.parametrize("kind", N_OUTPUTS)
@pytest.mark.parametrize("loss", CLASS_LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradient_is_the_slope_of_the_objective(
    activation, loss, kind, depth, sparse, weighted
):
    objective, data = make_problem(
        activation, loss, kind, depth, sparse=sparse, weighted=weighted
    )
    assert largest_relative_error(objective, data) < TOLERANCE


@pytest.mark.grid(32)
@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
@pytest.mark.parametrize("depth", HIDDEN)
@pytest.mark.parametrize("kind", N_NUMBERS)
@pytest.mark.parametrize("loss", NUMBER_LOSSES)
@pytest.mark.parametrize("activation", ["tanh", "selu"])
def test_gradient_of_numbers_is_the_slope_of_the_objective(
    activation, loss, kind, depth, sparse, weighted
):
    objective, data = make_problem(
        activation, loss, kind, depth, sparse=sparse, weighted=weighted
    )
    assert largest_relative_error(objective, data) < TOLERANCE


def test_wrong_slope_is_detected():
    objective, data = make_problem(
        "tanh", "log_loss", "binary", 2, sparse=False, weighted=True
    )
    wrong = Elementwise(5, (np.tanh, lambda z: np.ones_like(z)))
    layers = [
        wrong if layer == Elementwise(5, "tanh") else layer
        for layer in objective.network.layers
    ]
    network = Network(layers, theta=objective.network.theta)
    objective = Objective(network, objective.loss, objective.alpha)
    assert largest_relative_error(objective, data) > 1e-2


@pytest.mark.parametrize("kind", N_OUTPUTS)
def test_weights_are_repetitions(kind):
    """A row of weight 2 counts as two rows, and one of weight 0 as none."""
    objective, (X, target, _) = make_problem(
        "tanh", "squared_error", kind, 1, sparse=False, weighted=False
    )
    repeats = np.array([2, 0, 1, 3, 1, 0, 1])
    weighted = objective.network.workspace(N_ROWS)
    repeated = objective.network.workspace(repeats.sum())
    value = objective.value_and_gradient(X, target, repeats.astype(float), weighted)
    same = objective.value_and_gradient(
        X.repeat(repeats, axis=0),
        target.repeat(repeats, axis=0),
        np.ones(repeats.sum()),
        repeated,
    )
    # Sums in another order: a few roundings of 1e-16.
    assert value == pytest.approx(same, rel=1e-14)
    np.testing.assert_allclose(weighted.gradient, repeated.gradient, rtol=1e-12, atol=1e-15)


class SameMasks:
    """Replaces a random generator: draws the same numbers in every pass."""

    def __init__(self, n_layers):
        rng = np.random.RandomState(1)
        self.drawn = itertools.cycle(rng.randint(2**63, size=(n_layers, N_ROWS * 5)))

    def integers(self, low, high, size, dtype, *, endpoint):
        return next(self.drawn)[:size].astype(dtype)


@pytest.mark.grid(15)
@pytest.mark.parametrize("kind", N_OUTPUTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("rates", [(0.5, 0.2, 0.4), (0.0, 0.5, 0.0)])
def test_gradient_with_dropout_of_fixed_masks(activation, kind, rates):
    objective, data = make_problem(
        activation, "log_loss", kind, 3, sparse=False, weighted=True
    )
    masks = SameMasks(n_layers=np.count_nonzero(rates))
    network = objective.network.with_dropout(rates, masks)
    assert len(network.layers) == 7 + np.count_nonzero(rates)
    objective = Objective(network, objective.loss, objective.alpha)
    assert largest_relative_error(objective, data) < TOLERANCE


@pytest.mark.grid(15)
@pytest.mark.parametrize("kind", N_OUTPUTS)
@pytest.mark.parametrize("depth", HIDDEN)
@pytest.mark.parametrize(
    ("options", "sparse"),
    [(options, False) for options in EXTRA] + [({"scaling": True}, True)],
    ids=["scaling", "parametric", "embedded", "normalization", "all", "scaling-sparse"],
)
def test_gradient_with_further_layers(options, sparse, depth, kind):
    objective, data = make_problem(
        "selu", "log_loss", kind, depth, sparse=sparse, weighted=True, **options
    )
    # If scales and mixes were ones, a missing factor would not be noticed.
    theta = objective.network.theta
    theta += 0.3 * np.random.RandomState(1).standard_normal(theta.size)
    assert largest_relative_error(objective, data) < TOLERANCE


# Of the identity there is nothing to use more or less of: its slope is zero.
@pytest.mark.grid(4)
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS.keys() - {"identity"}))
def test_gradient_with_every_activation_parametric(activation):
    objective, data = make_problem(
        activation,
        "log_loss",
        "multiclass",
        2,
        sparse=False,
        weighted=True,
        parametric=True,
    )
    assert largest_relative_error(objective, data) < TOLERANCE


@pytest.mark.parametrize("kind", N_OUTPUTS)
@pytest.mark.parametrize("loss", CLASS_LOSSES)
def test_gradient_with_label_smoothing(loss, kind):
    objective, data = make_problem("tanh", loss, kind, 2, sparse=False, weighted=True)
    smooth = LabelSmoothing(objective.loss, epsilon=0.2, n_values=3)
    objective = Objective(objective.network, smooth, objective.alpha)
    assert largest_relative_error(objective, data) < TOLERANCE
