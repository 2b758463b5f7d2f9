"""The state of training that the next call of fit or partial_fit continues from."""

import copy
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from skfcnn.estimator.solver import PARTIALLY_FITTED, TRAINING, Solver
from skfcnn.training.threads import end_turns_but, turns_of_this_thread


@dataclass(frozen=True)
class Watched:
    """The quantity that has to improve, and its best value so far.

    Parameters
    ----------
    name : str
        For example "log_loss", or "accuracy of held-out rows"; "" before any training.
    best : float
        The lowest value: of a loss, or of the negative of a score.
    loss : float or None
        The validation loss of the best epoch.
    n_no_improvement : int
        The number of epochs since the last improvement.
    """

    name: str = ""
    best: float = math.inf
    loss: float | None = None
    n_no_improvement: int = 0


@dataclass
class TrainingState:
    """The state of training between two calls.

    Parameters
    ----------
    watched : Watched
    solver : Solver or None
        None after "lbfgs", after a divergence, and in a pickle of a model whose last call
        was `fit`.
    fit_id : str
        The name of the fit in its checkpoints; "" if there is none.
    """

    watched: Watched = Watched()
    solver: Solver | None = None
    fit_id: str = ""

    def for_copies(self) -> "TrainingState":
        """Return what belongs in a pickle or a copy.

        The solver is included only if `partial_fit` trained last. A copy does not need it
        after `fit`, and it may be twice as large as the model.
        """
        solver = self.solver
        if solver is not None:
            is_kept = solver.phase == PARTIALLY_FITTED
            solver = replace(solver, fit=None) if is_kept else None
        return TrainingState(self.watched, solver)


@contextmanager
def whole_or_unchanged(estimator) -> Iterator[None]:
    """Restore the estimator if fitting fails, so that no model is half fitted.

    A solver that was training when it failed is dropped, as its averages contain the
    gradients that caused the failure.
    """
    before = vars(estimator).copy()
    is_fitted = estimator.__sklearn_is_fitted__()
    theta = estimator._network.theta.copy() if is_fitted else None
    state = before.get("_training", TrainingState())
    estimator._training = copy.copy(state)
    turns = turns_of_this_thread()
    try:
        yield
    except BaseException:
        end_turns_but(turns)
        used = vars(estimator).get("_training", state).solver
        vars(estimator).clear()
        vars(estimator).update(before)
        if theta is not None:
            estimator._network.theta[...] = theta
        if used is not None and used is state.solver and used.phase == TRAINING:
            state.solver = None
        raise
    finally:
        vars(estimator).pop("_run", None)
