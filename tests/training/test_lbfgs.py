import numpy as np
import pytest
import scipy.optimize

from skfcnn.network.architecture import fully_connected
from skfcnn.network.drawing import draw_network
from skfcnn.network.initializers import INITIALIZERS
from skfcnn.network.links import CLASS_LINKS
from skfcnn.network.losses import CLASS_LOSSES
from skfcnn.training.lbfgs import minimize_lbfgs
from skfcnn.training.objective import Data, Objective

RNG = np.random.RandomState(0)
X = RNG.standard_normal((40, 3))
DATA = Data(X, (X[:, :1] + 0.3 * RNG.standard_normal((40, 1)) > 0) * 1.0, np.ones(40))


class Recorder:
    def __init__(self, stop_after=np.inf, interrupt_after=np.inf):
        self.losses, self.stop_after = [], stop_after
        self.interrupt_after = interrupt_after

    def begin(self):
        if len(self.losses) >= self.interrupt_after:
            raise KeyboardInterrupt

    def end(self, loss):
        self.losses.append(loss)
        return len(self.losses) >= self.stop_after


def run(monitor, *, max_iter=100, tol=1e-6, max_fun=1000, data=DATA, sizes=(3, 1)):
    network = draw_network(
        fully_connected(sizes, ("tanh",) * (len(sizes) - 2)),
        initializers=[INITIALIZERS["auto"]] * (len(sizes) - 1),
        rng=np.random.RandomState(1),
        dtype=np.dtype(float),
    )
    objective = Objective(
        network, CLASS_LOSSES["log_loss"](CLASS_LINKS["logistic"]), alpha=0.1
    )
    outcome = minimize_lbfgs(
        objective, data, max_iter=max_iter, max_fun=max_fun, tol=tol, monitor=monitor
    )
    return outcome, objective


def test_it_finds_the_minimum_of_a_convex_problem():
    monitor = Recorder()
    outcome, objective = run(monitor)
    workspace = objective.network.workspace(40)
    value = objective.value_and_gradient(*DATA, workspace)
    assert outcome.converged
    assert np.abs(workspace.gradient).max() < 1e-4
    assert outcome.loss == pytest.approx(value, rel=1e-12)
    assert len(monitor.losses) == outcome.n_iter
    assert monitor.losses == sorted(monitor.losses, reverse=True)


def test_limits_are_reported():
    outcome, _ = run(Recorder(), max_iter=2, sizes=(3, 8, 1))
    assert (outcome.n_iter, outcome.converged) == (2, False)
    assert "ITERATIONS" in outcome.message.upper()


def test_the_monitor_may_stop_it():
    monitor = Recorder(stop_after=2)
    outcome, _ = run(monitor, sizes=(3, 8, 1))
    assert outcome.n_iter == 2
    assert len(monitor.losses) == 2


def test_a_monitor_that_raises_stop_iteration_fails():
    class Exhausted(Recorder):
        def end(self, loss):
            raise StopIteration("of a scoring function")

    with pytest.raises(StopIteration, match="of a scoring function"):
        run(Exhausted(), sizes=(3, 8, 1))


def test_interruption_restores_the_last_iterate():
    monitor = Recorder(interrupt_after=3)
    outcome, objective = run(monitor, sizes=(3, 8, 1))
    assert outcome.interrupted
    assert outcome.n_iter == 3
    value = objective.value_and_gradient(*DATA, objective.network.workspace(40))
    assert value == pytest.approx(monitor.losses[-1], rel=1e-12)


def test_the_same_iterates_as_scipy_alone():
    _, objective = run(Recorder(), max_iter=5, sizes=(3, 4, 1))
    _, fresh = run(Recorder(stop_after=1), max_iter=1, sizes=(3, 4, 1))
    network = fresh.network
    network.theta[...] = draw_network(
        fully_connected((3, 4, 1), ("tanh",)),
        initializers=[INITIALIZERS["auto"]] * 2,
        rng=np.random.RandomState(1),
        dtype=np.dtype(float),
    ).theta
    workspace = network.workspace(40)

    def f(x):
        network.theta[...] = x
        return fresh.value_and_gradient(*DATA, workspace), workspace.gradient.copy()

    result = scipy.optimize.minimize(
        f,
        network.theta.copy(),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 5, "gtol": 1e-6},
    )
    np.testing.assert_array_equal(objective.network.theta, result.x)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_divergence_is_an_error():
    huge = Data(1e308 * X, DATA.target, DATA.weights)
    with pytest.raises(ValueError, match="non-finite .* after 0 iter"):
        run(Recorder(), data=huge, sizes=(3, 8, 1))


class CountsBegins(Recorder):
    begins = 0

    def begin(self):
        self.begins += 1
        super().begin()


def test_begin_is_called_once_per_iteration(monkeypatch):
    evaluations = []
    plain = Objective.value_and_gradient
    monkeypatch.setattr(
        Objective, "value_and_gradient", lambda *args: evaluations.append(0) or plain(*args)
    )
    monitor = CountsBegins()
    outcome, _ = run(monitor, sizes=(3, 8, 1), max_iter=30)
    assert len(evaluations) > outcome.n_iter + 1  # the line search has tried further points
    assert monitor.begins == outcome.n_iter == len(monitor.losses)


def test_an_interruption_before_the_first_iterate():
    outcome, objective = run(Recorder(interrupt_after=0), sizes=(3, 8, 1))
    assert outcome[:1] + outcome[2:4] == (0, False, True)
    assert np.isnan(outcome.loss)
    assert np.isfinite(objective.network.theta).all()


def test_scipy_gets_float64_of_a_float32_network():
    """Otherwise its line search would lose small differences in float32."""
    given = []

    def watched(f, x, **options):
        value, gradient = f(x)
        given.extend([x.dtype, gradient.dtype, type(value)])
        return minimize(f, x, **options)

    minimize = scipy.optimize.minimize
    network = draw_network(
        fully_connected((3, 1), ()),
        initializers=[INITIALIZERS["auto"]],
        rng=np.random.RandomState(1),
        dtype=np.dtype(np.float32),
    )
    objective = Objective(
        network, CLASS_LOSSES["log_loss"](CLASS_LINKS["logistic"]), alpha=0.1
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(scipy.optimize, "minimize", watched)
        minimize_lbfgs(
            objective,
            DATA.astype(np.float32),
            max_iter=5,
            max_fun=50,
            tol=1e-4,
            monitor=Recorder(),
        )
    assert given == [np.float64, np.float64, float]
    assert network.theta.dtype == np.float32


def test_an_interruption_is_no_convergence():
    outcome, _ = run(Recorder(interrupt_after=2), sizes=(3, 8, 1))
    assert outcome.interrupted and outcome.converged is False
