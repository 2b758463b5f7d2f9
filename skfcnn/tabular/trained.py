"""The result of training one member of an ensemble."""

from contextlib import nullcontext
from typing import Any, NamedTuple

from skfcnn.training.time_limit import TimeLimit

NO_LOCK = nullcontext()


class Trained(NamedTuple):
    """A trained model, its training time, and whether it was interrupted.

    `is_from_file` is True if it was trained before its fit was resumed. `sample` says on
    how many of the training rows it was trained, if not on all.
    """

    model: Any
    seconds: float
    interrupted: bool
    limit: TimeLimit
    is_from_file: bool = False
    sample: str = ""
