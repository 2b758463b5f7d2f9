from itertools import repeat

import numpy as np
import pytest

from skfcnn.network.architecture import fully_connected
from skfcnn.network.drawing import draw_network
from skfcnn.network.initializers import INITIALIZERS
from skfcnn.network.links import CLASS_LINKS
from skfcnn.network.losses import CLASS_LOSSES
from skfcnn.training.divergence import Divergence
from skfcnn.training.minibatch import MinibatchSteps, minimize_minibatch
from skfcnn.training.objective import Data, Objective
from skfcnn.training.optimizers import SGD
from skfcnn.training.schedules import Constant

RNG = np.random.RandomState(0)
X = RNG.standard_normal((10, 3))
TARGET = np.eye(2, dtype=bool)[(X[:, 0] > 0).astype(int)]
ONES = np.ones(10)


class Recorder:
    """A monitor that records the losses, and stops after a number of epochs."""

    def __init__(self, stop_after=np.inf, interrupt_in=None):
        self.losses, self.stop_after, self.interrupt_in = [], stop_after, interrupt_in
        self.begun = 0

    def begin(self):
        self.begun += 1
        if self.begun == self.interrupt_in:
            raise KeyboardInterrupt

    def end(self, loss):
        self.losses.append(loss)
        return len(self.losses) >= self.stop_after


def make_steps(data=None, *, shuffle=True, rows=None, batch_size=4):
    network = draw_network(
        fully_connected((3, 4, 2), ("tanh",)),
        initializers=[INITIALIZERS["auto"]] * 2,
        rng=np.random.RandomState(1),
        dtype=np.dtype(float),
    )
    objective = Objective(
        network, CLASS_LOSSES["log_loss"](CLASS_LINKS["softmax"]), alpha=0.0
    )
    return MinibatchSteps(
        objective,
        data or Data(X, TARGET, ONES),
        SGD(network.theta, momentum=0.9, nesterovs_momentum=True),
        rows=np.arange(10) if rows is None else rows,
        batch_size=batch_size,
        shuffle=shuffle,
        rng=np.random.RandomState(2),
    )


def run(monitor, *, rate=0.1, max_epochs=5, **options):
    steps = make_steps(**options)
    theta = steps.objective.network.theta
    outcome = minimize_minibatch(
        steps, Constant(rate), theta=theta, epochs=range(max_epochs), monitor=monitor
    )
    return outcome, theta


def test_loss_of_an_epoch_is_the_weighted_mean():
    """With a rate close to zero it is the objective over all rows."""
    weights = RNG.uniform(0, 2, 10)
    monitor = Recorder()
    run(monitor, data=Data(X, TARGET, weights), rate=1e-300, max_epochs=1)
    whole = Recorder()
    run(whole, data=Data(X, TARGET, weights), rate=1e-300, max_epochs=1, batch_size=10)
    assert monitor.losses == pytest.approx(whole.losses, rel=1e-13)


def test_an_epoch_ends_where_its_rates_end():
    """Two of three weighted batches give the same as an epoch of these two."""
    weights = np.linspace(1.0, 2.0, 10)
    losses, thetas = [], []
    for n_rows in (10, 8):
        rows = slice(n_rows)
        data = Data(X[rows], TARGET[rows], weights[rows])
        steps = make_steps(data, shuffle=False, rows=np.arange(n_rows))
        losses.append(steps.epoch(repeat(0.1, 2)))
        thetas.append(steps.objective.network.theta)
    assert losses[0] == pytest.approx(losses[1], rel=1e-12)  # sums of other arrays
    np.testing.assert_array_equal(*thetas)


def test_the_loss_falls():
    monitor = Recorder()
    outcome, _ = run(monitor, max_epochs=50)
    assert monitor.losses[-1] < 0.5 * monitor.losses[0]
    assert outcome == (50, monitor.losses[-1], False, False, "", False, False)


def test_the_monitor_ends_training():
    monitor = Recorder(stop_after=3)
    outcome, _ = run(monitor)
    assert outcome.n_iter == monitor.begun == 3
    assert outcome.loss == monitor.losses[-1]
    assert outcome.converged


def test_only_the_given_rows_are_learned_from():
    poisoned = X.copy()
    poisoned[8:] = np.nan
    outcome, theta = run(Recorder(), data=Data(poisoned, TARGET, ONES), rows=np.arange(8))
    assert np.isfinite(theta).all()
    assert np.isfinite(outcome.loss)


def test_an_interruption_keeps_what_was_learned():
    monitor = Recorder(interrupt_in=3)
    outcome, theta = run(monitor)
    _, after_two = run(Recorder(stop_after=2))
    assert outcome.interrupted
    assert outcome.n_iter == 2
    assert outcome.loss == monitor.losses[-1]
    np.testing.assert_array_equal(theta, after_two)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_divergence_is_detected_in_its_epoch():
    monitor = Recorder()
    with pytest.raises(Divergence, match=r"non-finite parameter weights in epoch 1\."):
        run(monitor, data=Data(1e300 * X, TARGET, ONES), rate=1e300)
    assert monitor.losses == []


class ConstantAndCounts(Constant):
    """A constant rate that records its calls."""

    def __init__(self, rate):
        super().__init__(rate)
        self.steps, self.rows = [], []

    def rates(self, n_steps):
        self.steps.append(n_steps)
        return super().rates(n_steps)

    def end_epoch(self, n_rows):
        self.rows.append(n_rows)


def run_with(schedule, monitor, *, alpha=0.0, batch_size=4, weights=ONES, epochs=2):
    network = draw_network(
        fully_connected((3, 4, 2), ("tanh",)),
        initializers=[INITIALIZERS["auto"]] * 2,
        rng=np.random.RandomState(1),
        dtype=np.dtype(float),
    )
    objective = Objective(network, CLASS_LOSSES["log_loss"](CLASS_LINKS["softmax"]), alpha)
    steps = MinibatchSteps(
        objective,
        Data(X, TARGET, weights),
        SGD(network.theta, momentum=0.0, nesterovs_momentum=False),
        rows=np.arange(10),
        batch_size=batch_size,
        shuffle=False,
        rng=np.random.RandomState(2),
    )
    outcome = minimize_minibatch(
        steps, schedule, theta=network.theta, epochs=range(epochs), monitor=monitor
    )
    return outcome, objective


def test_schedule_gets_the_numbers_of_steps_and_rows():
    schedule = ConstantAndCounts(0.1)
    run_with(schedule, Recorder())
    assert schedule.steps == [3, 3]  # of 4, 4 and 2 rows
    assert schedule.rows == [10, 10]


@pytest.mark.parametrize("alpha", [0.0, 2.0])
@pytest.mark.parametrize("batch_size", [1, 4, 10])
def test_loss_includes_the_penalty_of_each_batch(alpha, batch_size):
    weights = RNG.uniform(0.5, 2.0, 10)
    monitor = Recorder()
    _, objective = run_with(
        ConstantAndCounts(1e-300),
        monitor,
        alpha=alpha,
        batch_size=batch_size,
        weights=weights,
    )
    W, n_batches = objective.network.weights, -(-10 // batch_size)
    z = objective.network.forward(X, objective.network.workspace(10).layers)
    losses = objective.loss.values(z.copy(), TARGET.astype(float))
    penalty = n_batches * 0.5 * alpha * W.dot(W)
    expected = (losses.dot(weights) + penalty) / weights.sum()
    assert monitor.losses == pytest.approx([expected, expected], rel=1e-12)


def test_an_interruption_is_no_convergence():
    outcome, _ = run_with(Constant(0.1), Recorder(interrupt_in=2))
    assert outcome.n_iter == 1 and outcome.interrupted
    assert outcome.converged is False
