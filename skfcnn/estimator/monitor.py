"""What watches a fit: the loss curve, validation, early stopping, what is printed."""

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
    """The monitor of the classifier: told of every epoch, it says when to stop.

    As a rule the loss has to improve, and a validation is only recorded. Where the best
    parameters are to be kept, the score of the validation has to improve.

    Parameters
    ----------
    history : mapping
        The fitted attributes of the classifier, to go on from; empty for a new start.
    watched : str
        What has to improve. The best of it so far is that of history, if it was the same.
    stopping : NoImprovement
    schedule : Constant or None
        Asked on a plateau whether it has something left to try; None for L-BFGS.
    validation : Validation or None
    best_parameters : BestParameters or None
        Given only together with validation: for early stopping by its score.
    verbose : bool
        Print a line per epoch, beginning with the words of MLPClassifier.
    n_iter : int
        Epochs before this one, if it resumes a fit.
    first_loss : float
        That of the first weights: far above it, training is called divergent.
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
        """Hear that an epoch begins."""
        self.began = time.perf_counter()

    def end(self, loss: float) -> bool:
        """Take in the loss of an epoch, and return whether training is over."""
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
        """Let the schedule go on from a plateau, if it has something left to try."""
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
        """Print a line, if lines are wanted."""
        if self.verbose:
            print(line)

    def fitted_attributes(self) -> dict:
        """Return what the classifier would tell if training ended here."""
        is_at_its_end = self.schedule is not None and self.schedule.is_over
        return self.attributes() | {
            "n_iter_": self.n_iter,
            "loss_": self.loss_curve[-1],
            "converged_": self.is_over or is_at_its_end,
        }

    def ended_by_divergence(self, reason: str) -> Outcome:
        """Return how training ended, in an epoch that went wrong, after others."""
        self.say(f"{reason} The best parameters are restored. Stopping.")
        return Outcome(
            self.n_iter, self.loss_curve[-1], converged=False, message=reason, diverged=True
        )

    def attributes(self) -> dict:
        """Return what a fitted classifier tells of its training."""
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
