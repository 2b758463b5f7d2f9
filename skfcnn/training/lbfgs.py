"""L-BFGS: SciPy's L-BFGS-B minimizes the objective over all rows at once."""

import numpy as np
import scipy.optimize

from skfcnn.training.divergence import check_finite
from skfcnn.training.minibatch import Monitor, Outcome
from skfcnn.training.objective import Data, Objective


class _LastIterate:
    """Calls the monitor after each iteration, and keeps the last iterate.

    Between two iterations SciPy tries points along a line. When training is interrupted,
    theta is one of these trials, and `x` is the last iterate.
    """

    def __init__(self, theta: np.ndarray, monitor: Monitor) -> None:
        self.theta = theta
        self.x = theta.astype(np.float64)
        self.monitor = monitor
        self.n_iter = 0
        self.loss = np.nan
        self.is_under_way = False
        self.error: StopIteration | None = None  # of a callback or a scoring function

    def begin(self) -> None:
        """Called before each evaluation of J; it may be the first one of an iteration."""
        if not self.is_under_way:
            self.monitor.begin()
        self.is_under_way = True

    def __call__(self, intermediate_result) -> None:
        x = intermediate_result.x.copy()
        self.theta[...] = x
        self.n_iter += 1
        self.loss = float(intermediate_result.fun)
        self.is_under_way = False
        try:
            is_over = self.monitor.end(self.loss)
        except StopIteration as error:  # SciPy takes it as a request to stop
            self.error = error
            raise
        self.x = x
        if is_over:
            raise StopIteration


def minimize_lbfgs(
    objective: Objective,
    data: Data,
    *,
    max_iter: int,
    max_fun: int,
    tol: float,
    monitor: Monitor,
) -> Outcome:
    """Minimize J by L-BFGS over all rows; SciPy computes with theta in float64.

    Parameters
    ----------
    objective : Objective
        Its network's theta is changed in place.
    data : Data
        All rows, in the dtype of theta.
    max_iter, max_fun : int
        Limits on the iterations, and on the evaluations of J.
    tol : float
        Training ends when no component of the gradient is larger.
    monitor : Monitor
        Called for every iteration; may stop the training.

    Raises
    ------
    Divergence
        If the parameters or the loss are not finite at the end.
    """
    theta = objective.network.theta
    workspace = objective.network.workspace(data.X.shape[0])

    def value_and_gradient(x):
        last.begin()
        theta[...] = x
        value = objective.value_and_gradient(*data, workspace)
        return value, workspace.gradient.astype(np.float64)

    last = _LastIterate(theta, monitor)
    try:
        result = scipy.optimize.minimize(
            value_and_gradient,
            last.x,
            method="L-BFGS-B",
            jac=True,
            callback=last,
            options={"maxfun": max_fun, "maxiter": max_iter, "gtol": tol},
        )
    except KeyboardInterrupt:
        theta[...] = last.x
        return Outcome(last.n_iter, last.loss, converged=False, interrupted=True)
    if last.error is not None:
        raise last.error
    theta[...] = result.x
    check_finite(float(result.fun), theta, when=f"after {result.nit} iterations")
    return Outcome(
        result.nit, float(result.fun), result.status == 0, message=str(result.message)
    )
