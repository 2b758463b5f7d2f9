"""The monitor of a fit: loss curve, validation, early stopping, verbose output."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from skfcnn.estimator.history import History
from skfcnn.estimator.scales import largest
from skfcnn.estimator.training_state import Watched
from skfcnn.estimator.validation import Validation
from skfcnn.network.network import NonFiniteOutputs
from skfcnn.training.divergence import ValidationOverflow, check_not_exploded
from skfcnn.training.minibatch import Outcome
from skfcnn.training.schedules import Constant
from skfcnn.training.stopping import BestParameters, NoImprovement, check_score


@dataclass
class Progress:
    """Called before and after each epoch; records it, and decides when to stop.

    Without early stopping, training continues while the loss improves, and validation
    scores are only recorded. With early stopping the validation score has to improve.

    Parameters
    ----------
    history : History
        Filled epoch by epoch.
    watched : str
        The name of the quantity that has to improve.
    stopping : NoImprovement
    validation : Validation or None
    schedule : Constant or None
        It may lower the learning rate on a plateau; None for L-BFGS.
    best_parameters : BestParameters or None
        For early stopping, with a validation.
    verbose : bool
        Print a line per epoch, which begins with the line of scikit-learn's MLPs.
    first_loss : float
        The loss of the initial weights; a loss far above it is a divergence.
    best_epoch : int or None
        The best epoch so far, with early stopping.
    loss_of_best : float or None
        Its validation loss.
    unit : float
        The factor that gives a loss the units of y. The stopping rule sees the loss of
        training.
    write : callable
        Writes the parameters to the network of the estimator, for callbacks and scorers
        that read it during training.
    """

    history: History
    watched: str
    stopping: NoImprovement
    validation: Validation | None = None
    schedule: Constant | None = None
    best_parameters: BestParameters | None = None
    verbose: bool = False
    first_loss: float = math.inf
    best_epoch: int | None = None
    loss_of_best: float | None = None
    unit: float = 1.0
    write: Callable[[], None] = lambda: None
    is_over: bool = field(default=False, init=False)
    asked_to_stop: bool = field(default=False, init=False)  # by a callback
    began: float = field(default_factory=time.perf_counter, init=False)

    @property
    def score_unit(self) -> float:
        """The factor that gives a score the units of y, if it is a loss."""
        is_loss = self.validation is not None and self.validation.scoring == "loss"
        return self.unit if is_loss else 1.0

    @property
    def n_iter(self) -> int:
        """The number of epochs of this fit so far."""
        return self.history.n_iter

    def continue_from(self, watched: Watched, best_epoch: int | None) -> None:
        """Continue from the best value so far, if it is of the same quantity."""
        if watched.name == self.watched:
            self.stopping.best = watched.best
            self.stopping.count = watched.n_no_improvement
            self.best_epoch, self.loss_of_best = best_epoch, watched.loss

    def begin(self) -> None:
        """Called before each epoch."""
        self.began = time.perf_counter()

    def end(self, loss: float) -> bool:
        """Called after each epoch with its loss; return whether training is over."""
        history, schedule = self.history, self.schedule
        check_not_exploded(loss, self.first_loss, self.n_iter + 1)
        validated = None if self.validation is None else self._validate(self.validation)
        rate = math.nan if schedule is None else float(schedule.rate)
        seconds = time.perf_counter() - self.began
        told = loss * self.unit
        if validated is not None:
            score, validation_loss = validated
            validated = score * self.score_unit, validation_loss * self.unit
        history.append(told, validated, learning_rate=rate, seconds=seconds)
        if self.verbose:
            print(f"Iteration {self.n_iter}, loss = {told:.8f}, {self._pace(seconds)}")
        if validated is not None:
            if self.best_parameters is not None:
                check_score(score, self.n_iter)
            self.say(f"Validation score: {validated[0]:f}")
        if self.best_parameters is None:
            self.stopping.update(loss)
        elif self.stopping.update(-score):
            self.best_epoch = len(history.loss_curve)
            self.loss_of_best = validation_loss
            self.best_parameters.keep()
        self.is_over = self.stopping.on_plateau and not self._try_further()
        return self.is_over

    def _validate(self, validation) -> tuple[float, float]:
        if callable(validation.scoring):
            self.write()
        try:
            return validation.evaluate()
        except NonFiniteOutputs as error:
            raise ValidationOverflow(
                "The rows to validate on, with values of up to "
                f"{largest(validation.data.X):.2g}, overflow in epoch {self.n_iter + 1}."
            ) from error

    def _try_further(self) -> bool:
        """Let the schedule lower the learning rate on a plateau; return whether it did."""
        what = "Training loss" if self.best_parameters is None else "Validation score"
        reason = (
            f"{what} did not improve more than tol={self.stopping.tol:f} for "
            f"{self.stopping.patience} consecutive epochs."
        )
        assert self.schedule is not None, "L-BFGS has no plateau"
        if not self.schedule.try_further():
            self.say(f"{reason} {self.schedule.stop_message}")
            return False
        self.say(f"{reason} Setting learning rate to {self.schedule.rate:f}")
        self.stopping.count = 0
        return True

    def _pace(self, seconds) -> str:
        per_second = 1.0 / seconds
        if self.schedule is None:
            return f"{per_second:.3g} iterations/s"
        return f"learning rate = {self.schedule.rate:.3g}, {per_second:.3g} epochs/s"

    def say(self, line: str) -> None:
        """Print a line if verbose."""
        if self.verbose:
            print(line)

    def fitted_attributes(self) -> dict:
        """Return the fitted attributes as if training ended here."""
        is_at_its_end = self.schedule is not None and self.schedule.is_over
        attributes = {name: _copied(value) for name, value in self.attributes().items()}
        return attributes | {
            "n_iter_": self.n_iter,
            "loss_": self.history.loss_curve[-1],
            "converged_": self.is_over or is_at_its_end,
        }

    def ended_by_divergence(self, reason: str) -> Outcome:
        """Return the outcome of a training that diverged after some epochs."""
        self.say(f"{reason} The best parameters are restored. Stopping.")
        loss = self.history.loss_curve[-1]
        return Outcome(self.n_iter, loss, converged=False, message=reason, diverged=True)

    def state(self) -> Watched:
        """Return the quantity that has to improve, and its best value so far."""
        stopping = self.stopping
        return Watched(self.watched, stopping.best, self.loss_of_best, stopping.count)

    def attributes(self) -> dict:
        """Return the fitted attributes about the training."""
        stops_early = self.best_parameters is not None
        history, best = self.history, self.stopping.best
        scores, losses = history.validation_scores, history.validation_loss_curve
        best_score = -best * self.score_unit if stops_early else max(scores, default=None)
        is_validated = self.validation is not None
        return {
            "history_": history.epochs,
            "loss_curve_": history.loss_curve,
            "best_loss_": None if stops_early else best * self.unit,
            "validation_loss_curve_": losses if is_validated else None,
            "validation_scores_": scores if is_validated else None,
            "best_validation_score_": best_score if is_validated else None,
            "best_epoch_": self.best_epoch,
        }


def _copied(value):
    if isinstance(value, dict):
        return {name: [*of] for name, of in value.items()}
    return [*value] if isinstance(value, list) else value
