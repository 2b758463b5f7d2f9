"""Progress of a fit: a line for each model, and tasks for scikit-learn's callbacks.

The tasks are those of a meta-estimator of scikit-learn: the fit of the ensemble has a task
"network" for each member. A network takes over its task, with a task "epoch" for each of
its epochs. The task of trees has no further tasks.
"""

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from skfcnn.estimator.epoch_tasks import fit_task
from skfcnn.estimator.rows import GivenRows
from skfcnn.tabular.time_budget import families_of

MINUTES_FROM = 120.0  # seconds


class NetworkTasks:
    """The networks of an ensemble as tasks of scikit-learn's callback protocol.

    Parameters
    ----------
    ensemble : TabularEnsemble
    context : sklearn.callback.CallbackContext or None
        The context of the whole fit.
    """

    def __init__(self, ensemble, context) -> None:
        self.ensemble = ensemble
        self.context = context if hasattr(ensemble, "_skl_callbacks") else None
        self.running: dict = {}

    def begin(self, number: int, network):
        """Begin the task of a network; return its context, or None without callbacks."""
        if self.context is None:
            return None
        task = self.context.subcontext(task_name="network")
        self.running[number] = task
        takes_over = hasattr(network, "set_callbacks")
        # Callbacks that a network takes over are not called here.
        with in_task(task, network) if takes_over else nullcontext():
            task.call_on_fit_task_begin(estimator=self.ensemble)
        return task

    def end(self, number: int) -> bool:
        """End the task of a network; return whether a callback requests to stop."""
        if self.context is None:
            return False
        task = self.running.pop(number)
        return task.call_on_fit_task_end(estimator=self.ensemble)


def in_task(task, network) -> AbstractContextManager:
    """Return the context in which a network takes over its task."""
    return nullcontext() if task is None else task.propagate_callback_context(network)


def pass_task(task, network) -> None:
    """Begin and end the task of a network that is not trained, as it is done."""
    with in_task(task, network):
        context = network._init_callback_context()
        with fit_task(network, context, GivenRows(), GivenRows()):
            pass


class ProgressLines:
    """The lines of `verbose`.

    Parameters
    ----------
    members : sequence of Member
    workers : int
        Number of models trained in parallel.
    """

    def __init__(self, members: Sequence, workers: int) -> None:
        self.families = families_of(members)
        self.n_members = len(members)
        self.waiting = [*members]
        self.workers = workers

    def after(self, member, trained, end: float) -> str:
        """Return the line for a model that was added to its family.

        The fit ends by `end` at the latest.
        """
        self.waiting = [each for each in self.waiting if each is not member]
        n = self.n_members - len(self.waiting)
        line = f"{n} of {self.n_members}: {line_of(member, trained)}"
        return line if not self.waiting else f"{line}; about {self._left(end)} left"

    def _left(self, end: float) -> str:
        networks = [each for each in self.families if each.seconds and not each.comes_last]
        seconds = sum(sum(family.seconds) for family in networks)
        per_product = seconds / sum(
            len(family.seconds) * family.n_products * family.max_iter for family in networks
        )
        expected = [member.family.expected_seconds(per_product) for member in self.waiting]
        left = max(0.0, min(sum(expected) / self.workers, end - time.time()))
        return f"{left:.0f} s" if left < MINUTES_FROM else f"{left / 60.0:.0f} min"


def line_of(member, trained) -> str:
    """Return what is printed of a trained model; folds are counted from 0."""
    account = member.family.account(trained.model)
    line = f"{member.family}, fold {member.fold}: {account}, {trained.seconds:.1f} s"
    if trained.sample:
        line = f"{line}, {trained.sample}"
    return f"{line}, from its checkpoint" if trained.is_from_file else line


def print_summary(model, n_members: int) -> None:
    """Print a summary of the time limit, and of each family."""
    networks = [family for family in model._families if not family.comes_last]
    epochs = [member.n_iter_ for family in networks for member in family.members]
    all_epochs = model._families[0].max_iter
    if model.time_limit is not None:
        print(
            f"time_limit={model.time_limit}: {len(model.estimators_)} of {n_members} "
            f"models, networks with {min(epochs)} to {max(epochs)} of {all_epochs} epochs"
        )
    for family, weight in zip(model._families, model.family_weights_, strict=True):
        told = family.target.described(family.temperature) | {"weight": weight}
        numbers = ", ".join(f"{name} {value:.3f}" for name, value in told.items())
        print(f"{family}: {family.summary()}, {numbers}")
