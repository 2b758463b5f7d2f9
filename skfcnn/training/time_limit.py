"""A moment by which a training ends, having run its whole course of rates until then."""

import math
import time

# However short the time is, a course of rates has so many steps.
LEAST_STEPS = 50


class TimeLimit:
    """The time that one training has.

    Parameters
    ----------
    end : float
        The moment by which it ends, as `time.time()` gives it: the clock that processes
        share. Infinity for a training that is not limited.
    """

    def __init__(self, end: float) -> None:
        self.end = end
        self.n_steps = 0
        self.begin = self.last = math.nan  # the times of the first step and of the last
        self.pause = 0.0  # after the last step of an epoch: while a validation runs

    def fraction(self) -> float:
        """Return which fraction of the time is over, counted from the first step.

        To be asked before each step.
        """
        self.last = time.time()
        if self.n_steps == 0:
            self.begin = self.last
        self.n_steps += 1
        over, seconds = self.last - self.begin, self.end - self.pause - self.begin
        of_time = over / seconds if seconds > 0.0 else 1.0
        return min(1.0, of_time, (self.n_steps - 1) / LEAST_STEPS)

    def is_over(self) -> bool:
        """Return whether training is over; to be asked at the end of each epoch.

        What follows the last step of an epoch takes as long as after the epoch before.
        """
        if 0 < self.n_steps <= LEAST_STEPS:
            return False
        now = time.time()
        if self.n_steps:
            self.pause = now - self.last
        return now + self.pause >= self.end
