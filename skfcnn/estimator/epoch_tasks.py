"""The epochs of a fit as tasks of scikit-learn's callback protocol."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from skfcnn.estimator.monitor import Progress
from skfcnn.estimator.rows import GivenRows
from skfcnn.training.threads import others_turn


def no_tasks(progress: Progress, snapshot: Callable) -> Progress:
    """Return the monitor of a training without callbacks."""
    return progress


@contextmanager
def fit_task(
    estimator, context, rows: GivenRows, validation: GivenRows
) -> Iterator[Callable]:
    """Call the callbacks of a fit, and yield a function that returns the monitor."""
    if not hasattr(estimator, "_skl_callbacks"):
        yield no_tasks
        return
    metadata = {"sample_weight": rows.sample_weight, "X_val": validation.X}
    metadata |= {"y_val": validation.y, "sample_weight_val": validation.sample_weight}
    metadata = {name: data for name, data in metadata.items() if data is not None}
    given = {"X": rows.X, "y": rows.y, "metadata": metadata}
    context.call_on_fit_task_begin(estimator=estimator, **given)
    yield partial(EpochTasks, context=context, estimator=estimator, given=given)
    context.call_on_fit_task_end(estimator=estimator, **given, reconstruction_attributes={})


class EpochTasks:
    """A monitor that calls the callbacks for each epoch, and stops if one requests it.

    Parameters
    ----------
    progress : Progress
        The monitor that is called first.
    snapshot : callable
        Returns the current fitted attributes and `_training`, without the network.
    context : sklearn.callback.CallbackContext
        The context of the whole fit.
    estimator : FullyConnectedClassifier or FullyConnectedRegressor
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
        """End the task; return whether training is over or a callback requests to stop."""
        is_over = self.progress.end(loss)
        self.progress.write()
        state = {"reconstruction_attributes": self.snapshot}
        with others_turn():
            asked = self.task.call_on_fit_task_end(
                estimator=self.estimator, **self.given, **state
            )
        if asked and not is_over:
            self.progress.asked_to_stop = True
            self.progress.say("A callback asks to stop. Stopping.")
        return is_over or asked
