"""What watches a fit: the loss curve, validation, early stopping, what is printed."""

from collections.abc import Mapping

from skfcnn._validation import Validation
from skfcnn.training.schedules import Constant
from skfcnn.training.stopping import BestParameters, NoImprovement


class Progress:
    """The monitor of the classifier: told of every epoch, it says when to stop.

    Without validation, the loss has to improve. With validation, the accuracy on the
    held-out rows has to, and the parameters of its best epoch are kept.

    Parameters
    ----------
    history : mapping
        The fitted attributes of the classifier, to go on from; empty for a new start.
    watched : str
        What has to improve. The best of it so far is that of history, if it was the same.
    stopping : NoImprovement
    schedule : Constant
        Asked on a plateau whether it has something left to try.
    validation : Validation or None
    best_parameters : BestParameters or None
        Given together with validation.
    verbose : bool
        Print a line per epoch, in the words of MLPClassifier.
    """

    def __init__(
        self,
        history: Mapping,
        *,
        watched: str,
        stopping: NoImprovement,
        schedule: Constant,
        validation: Validation | None = None,
        best_parameters: BestParameters | None = None,
        verbose: bool = False,
    ) -> None:
        self.watched = watched
        self.stopping = stopping
        self.schedule = schedule
        self.validation = validation
        self.best_parameters = best_parameters
        self.verbose = verbose
        self.n_iter = 0
        self.loss_curve = [*history.get("loss_curve_", ())]
        self.validation_scores = [*(history.get("validation_scores_") or ())]
        if history.get("_watched") == watched:
            is_loss = validation is None
            self.stopping.best = (
                history["best_loss_"] if is_loss else -history["best_validation_score_"]
            )
            self.stopping.count = history["_no_improvement_count"]

    def begin(self) -> None:
        """Hear that an epoch begins."""

    def end(self, loss: float) -> bool:
        """Take in the loss of an epoch, and return whether training is over."""
        self.n_iter += 1
        self.loss_curve.append(loss)
        self._say(f"Iteration {self.n_iter}, loss = {loss:.8f}")
        if self.validation is None:
            self.stopping.update(loss)
        else:
            self._validate()
        return self.stopping.on_plateau and not self._try_further()

    def _validate(self) -> None:
        score = self.validation.score()
        self.validation_scores.append(score)
        self._say(f"Validation score: {score:f}")
        if self.stopping.update(-score):
            self.best_parameters.keep()

    def _try_further(self) -> bool:
        """Let the schedule go on from a plateau, if it has something left to try."""
        what = "Training loss" if self.validation is None else "Validation score"
        reason = (
            f"{what} did not improve more than tol={self.stopping.tol:f} for "
            f"{self.stopping.patience} consecutive epochs."
        )
        if not self.schedule.try_further():
            self._say(f"{reason} {self.schedule.stop_message}")
            return False
        self._say(f"{reason} Setting learning rate to {self.schedule.rate:f}")
        self.stopping.count = 0
        return True

    def _say(self, line: str) -> None:
        if self.verbose:
            print(line)

    def attributes(self) -> dict:
        """Return what a fitted classifier tells of its training."""
        best, is_loss = self.stopping.best, self.validation is None
        return {
            "loss_curve_": self.loss_curve,
            "best_loss_": best if is_loss else None,
            "validation_scores_": None if is_loss else self.validation_scores,
            "best_validation_score_": None if is_loss else -best,
            "_no_improvement_count": self.stopping.count,
            "_watched": self.watched,
        }
