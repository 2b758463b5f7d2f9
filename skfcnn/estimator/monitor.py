"""The monitor of a fit: loss curve, validation, early stopping, verbose output."""

import math
import time
from collections.abc import Mapping

from skfcnn.estimator.scales import largest
from skfcnn.estimator.validation import Validation
from skfcnn.network.network import NonFiniteOutputs
from skfcnn.training.divergence import ValidationOverflow, check_not_exploded
from skfcnn.training.minibatch import Outcome
from skfcnn.training.schedules import Constant
from skfcnn.training.stopping import BestParameters, NoImprovement, check_score


class Progress:
    """Called before and after each epoch; records it, and decides when to stop.

    Without early stopping, training continues while the loss improves, and validation
    scores are only recorded. With early stopping the validation score has to improve.

    Parameters
    ----------
    history : mapping
        The fitted attributes to continue from; empty for a new start.
    watched : str
        What has to improve. Its best value so far is taken from `history`, if that is of
        the same quantity.
    stopping : NoImprovement
    schedule : Constant or None
        On a plateau it may lower the learning rate; None for L-BFGS.
    validation : Validation or None
    best_parameters : BestParameters or None
        For early stopping, with a validation.
    verbose : bool
        Print a line per epoch, which begins as that of MLPClassifier.
    n_iter : int
        Number of epochs before, in a fit that is resumed.
    first_loss : float
        The loss of the first weights; a loss far above it is a divergence.
    """

    def __init__(
        self,
        history: Mapping,
        *,
        watched: str,
        stopping: NoImprovement,
        schedule: Constant | None,
        validation: Validation | None = None,
        best_parameters: BestParameters | None = None,
        verbose: bool = False,
        n_iter: int = 0,
        first_loss: float = math.inf,
    ) -> None:
        self.watched = watched
        self.stopping = stopping
        self.schedule = schedule
        self.validation = validation
        self.best_parameters = best_parameters
        self.verbose = verbose
        self.n_iter = n_iter
        self.first_loss = first_loss
        self.loss_curve = [*history.get("loss_curve_", ())]
        self.validation_scores = [*(history.get("validation_scores_") or ())]
        self.validation_loss_curve = [*(history.get("validation_loss_curve_") or ())]
        self.best_epoch = None
        self.is_over = False
        self.asked_to_stop = False  # by a callback
        self.loss_of_best = None
        if history.get("_watched") == watched:
            self.stopping.best = history["_best_watched"]
            self.stopping.count = history["_no_improvement_count"]
            self.best_epoch = history["best_epoch_"]
            self.loss_of_best = history["_loss_of_best"]

    def begin(self) -> None:
        """Called before each epoch."""
        self.began = time.perf_counter()

    def end(self, loss: float) -> bool:
        """Called after each epoch with its loss; return whether training is over."""
        check_not_exploded(loss, self.first_loss, self.n_iter + 1)
        validated = None if self.validation is None else self._validate(self.validation)
        self.n_iter += 1
        self.loss_curve.append(loss)
        if self.verbose:
            print(f"Iteration {self.n_iter}, loss = {loss:.8f}, {self._pace()}")
        if validated is not None:
            self._record(*validated)
        if self.best_parameters is None:
            self.stopping.update(loss)
        elif self.stopping.update(-self.validation_scores[-1]):
            self.best_epoch = len(self.loss_curve)
            self.loss_of_best = self.validation_loss_curve[-1]
            self.best_parameters.keep()
        self.is_over = self.stopping.on_plateau and not self._try_further()
        return self.is_over

    def _validate(self, validation) -> tuple[float, float]:
        try:
            return validation.evaluate()
        except NonFiniteOutputs as error:
            raise ValidationOverflow(
                "The rows to validate on, with values of up to "
                f"{largest(validation.data.X):.2g}, overflow in epoch {self.n_iter + 1}."
            ) from error

    def _record(self, score: float, loss: float) -> None:
        if self.best_parameters is not None:
            check_score(score, self.n_iter)
        self.validation_scores.append(score)
        self.validation_loss_curve.append(loss)
        self.say(f"Validation score: {score:f}")

    def _try_further(self) -> bool:
        """Let the schedule lower the learning rate on a plateau; return whether it did."""
        what = "Training loss" if self.best_parameters is None else "Validation score"
        reason = (
            f"{what} did not improve more than tol={self.stopping.tol:f} for "
            f"{self.stopping.patience} consecutive epochs."
        )
        assert self.schedule is not None, "L-BFGS knows no plateau"
        if not self.schedule.try_further():
            self.say(f"{reason} {self.schedule.stop_message}")
            return False
        self.say(f"{reason} Setting learning rate to {self.schedule.rate:f}")
        self.stopping.count = 0
        return True

    def _pace(self) -> str:
        per_second = 1.0 / (time.perf_counter() - self.began)
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
        return self.attributes() | {
            "n_iter_": self.n_iter,
            "loss_": self.loss_curve[-1],
            "converged_": self.is_over or is_at_its_end,
        }

    def ended_by_divergence(self, reason: str) -> Outcome:
        """Return the outcome of a training that diverged after some epochs."""
        self.say(f"{reason} The best parameters are restored. Stopping.")
        return Outcome(
            self.n_iter, self.loss_curve[-1], converged=False, message=reason, diverged=True
        )

    def attributes(self) -> dict:
        """Return the fitted attributes about the training."""
        stops_early = self.best_parameters is not None
        best, scores = self.stopping.best, self.validation_scores
        best_score = -best if stops_early else max(scores, default=None)
        is_validated = self.validation is not None
        return {
            "loss_curve_": [*self.loss_curve],
            "best_loss_": None if stops_early else best,
            "validation_loss_curve_": self.validation_loss_curve[:]
            if is_validated
            else None,
            "validation_scores_": scores[:] if is_validated else None,
            "best_validation_score_": best_score if is_validated else None,
            "best_epoch_": self.best_epoch,
            "_best_watched": best,
            "_loss_of_best": self.loss_of_best,
            "_no_improvement_count": self.stopping.count,
            "_watched": self.watched,
        }
