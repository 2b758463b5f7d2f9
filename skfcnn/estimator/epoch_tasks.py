"""The epochs of a fit as the tasks of scikit-learn's callbacks."""

from collections.abc import Callable, Mapping

from skfcnn.estimator.monitor import Progress
from skfcnn.training.threads import others_turn


class EpochTasks:
    """A monitor that tells callbacks of every epoch, and stops when one of them asks.

    Parameters
    ----------
    progress : Progress
        The monitor that hears of every epoch first.
    snapshot : callable
        Returns the fitted attributes as they are, beside the network.
    context : sklearn.callback.CallbackContext
        That of the whole fit.
    estimator : FullyConnectedClassifier
    given : mapping
        X, y and metadata, as the hooks get them.
    """

    def __init__(
        self,
        progress: Progress,
        snapshot: Callable,
        *,
        context,
        estimator,
        given: Mapping,
    ) -> None:
        self.progress = progress
        self.snapshot = snapshot
        self.context = context
        self.estimator = estimator
        self.given = given

    def begin(self) -> None:
        """Begin a task with the epoch."""
        self.progress.begin()
        self.task = self.context.subcontext(task_name="epoch")
        with others_turn():
            self.task.call_on_fit_task_begin(estimator=self.estimator, **self.given)

    def end(self, loss: float) -> bool:
        """End the task; return whether training is over, or a callback asks to stop."""
        is_over = self.progress.end(loss)
        state = {"reconstruction_attributes": self.snapshot}
        with others_turn():
            asked = self.task.call_on_fit_task_end(
                estimator=self.estimator, **self.given, **state
            )
        if asked and not is_over:
            self.progress.asked_to_stop = True
            self.progress.say("A callback asks to stop. Stopping.")
        return is_over or asked
