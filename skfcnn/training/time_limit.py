"""A time limit: training ends by then, and its schedule is complete."""

import math
import time
from collections.abc import Mapping
from typing import Self

# The minimum number of steps of a schedule, however short the time is.
LEAST_STEPS = 50


class TimeLimit:
    """The time limit of one training.

    Parameters
    ----------
    end : float
        The time by which training ends, on the clock of `time.time()`, which processes
        share. Infinity for no limit.
    """

    def __init__(self, end: float) -> None:
        self.end = end
        self.n_steps = 0
        self.begin = self.last = math.nan  # the times of the first step and of the last
        self.pause = 0.0  # after the last step of an epoch, for validation

    def state(self) -> dict:
        """Return the state, from which `of_state` continues after a pause of any length."""
        now = time.time()
        return {
            "left": self.end - now,
            "passed": now - self.begin,
            "n_steps": self.n_steps,
            "pause": self.pause,
        }

    @classmethod
    def of_state(cls, state: Mapping, end: float) -> Self:
        """Return a limit that continues from a state, and ends at `end` at the latest."""
        now = time.time()
        limit = cls(min(end, now + state["left"]))
        limit.begin, limit.last = now - state["passed"], now
        limit.n_steps, limit.pause = state["n_steps"], state["pause"]
        return limit

    def fraction(self) -> float:
        """Return the fraction of the time since the first step that has passed.

        Called before each step.
        """
        self.last = time.time()
        if self.n_steps == 0:
            self.begin = self.last
        self.n_steps += 1
        passed, seconds = self.last - self.begin, self.end - self.pause - self.begin
        of_time = passed / seconds if seconds > 0.0 else 1.0
        return min(1.0, of_time, (self.n_steps - 1) / LEAST_STEPS)

    def is_over(self) -> bool:
        """Return whether training is over. Called at the end of each epoch.

        The next validation is assumed to take as long as the last one.
        """
        if 0 < self.n_steps <= LEAST_STEPS:
            return False
        now = time.time()
        if self.n_steps:
            self.pause = now - self.last
        return now + self.pause >= self.end
