"""Epochs as tasks: the order of the calls, and a callback that asks to stop."""

import pytest

from skfcnn.estimator.epoch_tasks import EpochTasks


class Log:
    """Progress, context and task in one object, which records its calls."""

    def __init__(self, *, is_over=False, asks_to_stop=False):
        self.calls, self.is_over, self.asks_to_stop = [], is_over, asks_to_stop
        self.asked_to_stop = False

    def begin(self):
        self.calls.append("progress begins")

    def end(self, loss):
        self.calls.append(f"progress ends with {loss}")
        return self.is_over

    def write(self):
        self.calls.append("progress writes")

    def subcontext(self, task_name):
        self.calls.append(task_name)
        return self

    def call_on_fit_task_begin(self, *, estimator, X):
        self.calls.append(f"{estimator} begins with {X}")

    def call_on_fit_task_end(self, *, estimator, X, reconstruction_attributes):
        self.calls.append(f"{estimator} ends with {reconstruction_attributes()}")
        return self.asks_to_stop

    def say(self, line):
        self.calls.append(line)


def tasks_of(log):
    return EpochTasks(
        log, lambda: "snapshot", context=log, estimator="model", given={"X": "rows"}
    )


def test_progress_is_called_before_the_callbacks():
    log = Log()
    tasks = tasks_of(log)
    tasks.begin()
    assert tasks.end(0.5) is False
    assert log.calls == [
        "progress begins",
        "epoch",
        "model begins with rows",
        "progress ends with 0.5",
        "progress writes",
        "model ends with snapshot",
    ]


@pytest.mark.parametrize("is_over", [False, True])
def test_callback_can_stop_training(is_over):
    log = Log(is_over=is_over, asks_to_stop=True)
    tasks = tasks_of(log)
    tasks.begin()
    assert tasks.end(0.5)
    # If training is over anyway, the callback did not stop it.
    assert log.asked_to_stop is not is_over
    assert ("A callback asks to stop. Stopping." in log.calls) is not is_over
