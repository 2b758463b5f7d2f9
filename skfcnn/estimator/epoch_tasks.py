"""The epochs of a fit as tasks of scikit-learn's callback protocol."""

from collections.abc import Callable, Mapping

from skfcnn.estimator.monitor import Progress
from skfcnn.training.threads import others_turn


class EpochTasks:
    """A monitor that calls the callbacks for each epoch, and stops if one of them asks.

    Parameters
    ----------
    progress : Progress
        The monitor that is called first.
    snapshot : callable
        Returns the current fitted attributes, without the network.
    context : sklearn.callback.CallbackContext
        The context of the whole fit.
    estimator : FullyConnectedClassifier
    given : mapping
        X, y and metadata, passed to the hooks.
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
        """Begin the task of an epoch."""
        self.progress.begin()
        self.task = self.context.subcontext(task_name="epoch")
        with others_turn():
            self.task.call_on_fit_task_begin(estimator=self.estimator, **self.given)

    def end(self, loss: float) -> bool:
        """End the task; return whether training is over or a callback asks to stop."""
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
