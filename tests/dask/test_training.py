"""Training on a cluster equals training on one machine with the same batches."""

import numpy as np
import pytest
from dask_cluster import cut, workers
from sklearn.datasets import load_digits
from sklearn.utils import check_random_state

from skfcnn import FullyConnectedClassifier
from skfcnn.dask import DaskFullyConnectedClassifier
from skfcnn.dask.plan import batches_of
from skfcnn.estimator.class_target import ClassTarget
from skfcnn.estimator.construction import make_objective, new_network
from skfcnn.training.objective import Data
from skfcnn.training.optimizers import LAZY, OPTIMIZERS, Adam

X, y = load_digits(return_X_y=True)
X = X / 16.0
WEIGHTS = np.random.RandomState(0).uniform(0.5, 2.0, len(X))
# Sums over workers are added up in another order: a few units in the last place.
ROUNDING = 1e-10


@pytest.fixture(scope="module", params=[1, 2, 4], ids="{} workers".format)
def client(request):
    with workers(request.param) as client:
        yield client


PARAMS = {"hidden_layer_sizes": (20,), "dtype": "float64", "random_state": 3, "tol": 0.0}


@pytest.mark.grid(32)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("solver", [name for name in OPTIMIZERS if name not in LAZY])
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"alpha": 5.0, "schedule": "cosine"},
        {"weight_averaging": 0.3, "max_grad_norm": 0.1},
    ],
    ids=str,
)
def test_full_batch_training_equals_training_in_memory(client, solver, given):
    params = {**PARAMS, "solver": solver, "batch_size": len(X), "max_iter": 12, **given}
    local = FullyConnectedClassifier(**params).fit(X, y, WEIGHTS)
    model = DaskFullyConnectedClassifier(client=client, **params).fit(*cut(X, y, WEIGHTS))
    np.testing.assert_allclose(model.loss_curve_, local.loss_curve_, rtol=ROUNDING)
    for ours, theirs in zip(model.coefs_, local.coefs_, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=ROUNDING)
    assert model.t_ == local.t_


def one_machine(params, n_epochs, batch_size, rows=300):
    """The loss of every epoch, by value_and_gradient over the batches of the plan."""
    rng, target = check_random_state(params.random_state), ClassTarget(y)
    data = Data(X, target.encode(y).astype(float), WEIGHTS)
    network = new_network(params, target, data, rng)
    objective = make_objective(params, network, target)
    adam = Adam(network.theta, beta_1=0.9, beta_2=0.999, epsilon=1e-8)
    starts = range(0, len(X), rows)
    losses = []
    for _ in range(n_epochs):
        seed, _ = rng.randint(2**31, size=2)
        plans = [
            batches_of(i, len(X[start : start + rows]), -(-len(X) // batch_size), seed)
            for i, start in enumerate(starts)
        ]
        summed = 0.0
        for batch in zip(*plans, strict=True):
            numbers = np.concatenate([a + b for a, b in zip(starts, batch, strict=True)])
            some = data.rows(numbers)
            workspace = network.workspace(len(numbers))
            summed += objective.value_and_gradient(*some, workspace) * some.weights.sum()
            adam.step(network.theta, workspace.gradient, 1e-3)
        losses.append(summed / WEIGHTS.sum())
    return losses, network.theta


@pytest.mark.grid(6)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("batch_size", [64, 1000])
def test_training_equals_one_machine_with_the_same_batches(client, batch_size):
    params = {**PARAMS, "batch_size": batch_size, "max_iter": 5, "alpha": 0.1}
    model = DaskFullyConnectedClassifier(client=client, **params).fit(*cut(X, y, WEIGHTS))
    losses, theta = one_machine(model, 5, batch_size)
    np.testing.assert_allclose(model.loss_curve_, losses, rtol=ROUNDING)
    np.testing.assert_allclose(model._network.theta, theta, atol=ROUNDING)


@pytest.mark.grid(6)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("local_steps", [1, 4, 1000])
@pytest.mark.parametrize("average", [0.0, 0.5])
def test_local_steps_of_one_worker_equal_synchronous_steps(local_steps, average):
    params = {**PARAMS, "batch_size": 100, "max_iter": 5, "weight_averaging": average}
    with workers(1) as client:
        data = cut(X, y, WEIGHTS)
        together = DaskFullyConnectedClassifier(client=client, **params).fit(*data)
        apart = DaskFullyConnectedClassifier(
            client=client, local_steps=local_steps, **params
        ).fit(*data)
    np.testing.assert_allclose(apart.loss_curve_, together.loss_curve_, rtol=ROUNDING)
    np.testing.assert_allclose(apart._network.theta, together._network.theta, atol=ROUNDING)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_local_steps_may_be_a_small_numpy_integer():
    params = {**PARAMS, "batch_size": 8, "max_iter": 1}
    losses = []
    with workers(1) as client:
        for local_steps in (100, np.int8(100)):  # of 225
            model = DaskFullyConnectedClassifier(
                client=client, local_steps=local_steps, **params
            )
            losses.append(model.fit(*cut(X, y)).loss_)
    assert losses[0] == losses[1]


@pytest.mark.slow
@pytest.mark.grid(6)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("local_steps", [None, 4])
def test_classifier_learns(client, local_steps):
    model = DaskFullyConnectedClassifier(
        client=client,
        local_steps=local_steps,
        batch_size=32,
        max_iter=30,
        learning_rate_init=0.01,
        random_state=0,
    )
    X_, y_ = cut(X[:1500], y[:1500])
    model.fit(X_, y_)
    assert model.to_local().score(X[1500:], y[1500:]) > 0.88  # 0.92 to 0.95
    assert model.loss_curve_[-1] < 0.1


@pytest.mark.grid(6)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("local_steps", [None, 3])
def test_dropout_raises_the_training_loss(client, local_steps):
    """Dropped units depend on the places of rows; with one worker, on the seed only."""
    params = {**PARAMS, "dropout": 0.3, "batch_size": 200, "max_iter": 3}
    params |= {"client": client, "local_steps": local_steps}
    first, second = (
        DaskFullyConnectedClassifier(**params).fit(*cut(X, y)) for _ in range(2)
    )
    without = DaskFullyConnectedClassifier(**params | {"dropout": 0.0}).fit(*cut(X, y))
    assert without.loss_curve_[-1] < min(first.loss_curve_[-1], second.loss_curve_[-1])
    if len(client.nthreads()) == 1:
        np.testing.assert_allclose(first.loss_curve_, second.loss_curve_, rtol=ROUNDING)


@pytest.mark.grid(3)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_warm_start_continues_training(client):
    params = {**PARAMS, "batch_size": len(X), "max_iter": 5, "warm_start": True}
    local = FullyConnectedClassifier(**params).fit(X, y).fit(X, y)
    model = DaskFullyConnectedClassifier(client=client, **params)
    model.fit(*cut(X, y)).fit(*cut(X, y))
    assert len(model.loss_curve_) == 10
    np.testing.assert_allclose(model.loss_curve_, local.loss_curve_, rtol=ROUNDING)


@pytest.mark.slow
@pytest.mark.grid(3)
def test_early_stopping_on_given_rows(client):
    params = {
        **PARAMS,
        "batch_size": len(X),
        "max_iter": 300,
        "learning_rate_init": 0.05,
        "early_stopping": True,
        "tol": 1e-4,
        "n_iter_no_change": 3,
    }
    given = {"X_val": X[::5], "y_val": y[::5]}
    local = FullyConnectedClassifier(**params).fit(X, y, **given)
    in_dask = {"X_val": cut(X[::5])[0], "y_val": cut(y[::5])[0]}
    for validation in (given, in_dask):
        model = DaskFullyConnectedClassifier(client=client, **params)
        model.fit(*cut(X, y), **validation)
        np.testing.assert_allclose(
            model.validation_loss_curve_, local.validation_loss_curve_, rtol=1e-6
        )
        assert model.best_epoch_ == local.best_epoch_
        assert model.converged_


@pytest.mark.grid(3)
def test_divergence_error_suggests_a_fix(client):
    model = DaskFullyConnectedClassifier(
        client=client, solver="sgd", learning_rate_init=1e6, batch_size=100, random_state=0
    )
    with pytest.raises(ValueError, match="lower learning_rate_init"):
        model.fit(*cut(X * 100, y))
    assert not hasattr(model, "classes_")
