"""Schedules: the learning rate eta during training.

By epoch::

    constant     eta = eta_0
    invscaling   eta = eta_0 / (t + 1)^power_t  t: rows seen at the end of the last epoch
    adaptive     eta <- eta / 5                on every plateau, until it is at most 1e-6

or eta = eta_0 f(t), where t is the fraction of all steps that have been taken::

    cosine       f = t / w                     for t < w = 1/20: warm-up
                 f = (1 + cos(pi (t - w) / (1 - w))) / 2   after it
    one_cycle    f from 1/25 to 1 at t = 3/10, and to 1/250000 at t = 1, by half a cosine
    coslog4      f = (1 - cos(2 pi log_2(1 + 15 t))) / 2  zero at t = 0, 1/15, 3/15, 7/15, 1

`rates` yields the learning rates of the steps of an epoch. `end_epoch` is called after
every epoch. `try_further` is called on a plateau, when the loss has stopped falling: it
lowers the rate, or returns False to end training.

References
----------
cosine: Loshchilov, Hutter, "SGDR", arXiv:1608.03983. one_cycle: Smith, Topin,
arXiv:1708.07120, with the constants of PyTorch. coslog4: Holzmueller et al., "Better by
default", arXiv:2407.04491.
"""

import math
from collections.abc import Callable, Iterator
from itertools import repeat
from numbers import Real

from skfcnn.network.user_code import others_turn
from skfcnn.training.time_limit import TimeLimit

WARM_UP = 1 / 20
PEAK, FIRST, LAST = 3 / 10, 1 / 25, 1 / 250_000


def _along_cosine(start: float, end: float, t: float) -> float:
    return end + (start - end) * (1.0 + math.cos(math.pi * t)) / 2.0


def cosine(t: float) -> float:
    """Rise from 0 to 1 in a twentieth of the time, and fall to 0 along half a cosine."""
    if t < WARM_UP:
        return t / WARM_UP
    return _along_cosine(1.0, 0.0, (t - WARM_UP) / (1.0 - WARM_UP))


def one_cycle(t: float) -> float:
    """Rise from 1/25 to 1, and fall to nearly 0, both along half a cosine."""
    if t < PEAK:
        return _along_cosine(FIRST, 1.0, t / PEAK)
    return _along_cosine(1.0, LAST, (t - PEAK) / (1.0 - PEAK))


def coslog4(t: float) -> float:
    """Rise from 0 to 1 and fall to 0 four times, every time for twice as long."""
    return (1.0 - math.cos(2.0 * math.pi * math.log2(1.0 + 15.0 * t))) / 2.0


FACTORS = {"cosine": cosine, "one_cycle": one_cycle, "coslog4": coslog4}


class Constant:
    """The same rate in every step; training ends on a plateau."""

    stop_message = "Stopping."

    def __init__(self, learning_rate_init: float) -> None:
        self.rate = learning_rate_init

    @property
    def is_over(self) -> bool:
        """Whether the last step of the schedule has been taken; False if it has none."""
        return False

    def rates(self, n_steps: int) -> Iterator[float]:
        """Return the rate of each step of an epoch."""
        return repeat(self.rate, n_steps)

    def end_epoch(self, n_rows: int) -> None:
        """Called after each epoch, with its number of rows."""

    def try_further(self) -> bool:
        """Lower the rate on a plateau, or return False: training ends."""
        return False


class InverseScaling(Constant):
    """A rate that falls with a power of the number of rows seen.

    A warm start begins with the initial rate, although rows have been seen before.
    """

    def __init__(
        self, learning_rate_init: float, *, power_t: float, rows_seen: int = 0
    ) -> None:
        super().__init__(learning_rate_init)
        self.initial = self.next_rate = learning_rate_init
        self.power_t = power_t
        self.rows_seen = rows_seen

    def rates(self, n_steps: int) -> Iterator[float]:
        """Return the rate of each step of an epoch."""
        self.rate = self.next_rate
        return super().rates(n_steps)

    def end_epoch(self, n_rows: int) -> None:
        """Count the rows of the epoch, and lower the rate of the next one."""
        self.rows_seen += n_rows
        try:
            self.next_rate = self.initial / (self.rows_seen + 1) ** self.power_t
        except OverflowError as error:
            raise ValueError(
                "The learning rate is divided by (rows seen + 1)^power_t, which overflows "
                f"for power_t={self.power_t:g} and {self.rows_seen} rows. Lower power_t, "
                "or use learning_rate='adaptive'."
            ) from error


class Adaptive(Constant):
    """A rate that is divided by five on every plateau, as long as it is above 1e-6."""

    stop_message = "Learning rate too small. Stopping."

    def try_further(self) -> bool:
        """Divide the rate by five, unless it is too small already."""
        if self.rate <= 1e-6:
            return False
        self.rate /= 5.0
        return True


class FactorSchedule(Constant):
    """A rate that is a function of the fraction of training done.

    This is the fraction of max_iter epochs. With a time limit, it is the fraction of the
    time if that is larger, and the epoch in which the time ends is cut short.
    """

    limit: TimeLimit | None = None

    def __init__(
        self, learning_rate_init: float, *, factor: Callable, max_iter: int
    ) -> None:
        self.initial = learning_rate_init
        self.factor = factor
        super().__init__(self._rate(0.0))
        self.max_iter = max_iter
        self.epoch = 0

    def _rate(self, t: float) -> float:
        factor = self._factor_at(t)
        if not (isinstance(factor, Real) and 0.0 <= float(factor) < math.inf):
            raise ValueError(
                "A schedule must return a number >= 0, the factor of learning_rate_init. "
                f"For the fraction {t:.6g} of training it returned {factor!r}."
            )
        return self.initial * float(factor)

    def _factor_at(self, t):
        if self.factor in FACTORS.values():
            return self.factor(t)
        with others_turn():  # it is a user's function
            return self.factor(t)

    @property
    def is_over(self) -> bool:
        """Whether the last step has been taken."""
        return self.epoch >= self.max_iter

    def rates(self, n_steps: int) -> Iterator[float]:
        """Yield the rate of each step; after the last epoch, the final rate."""
        for step in range(n_steps):
            t = min((self.epoch + step / n_steps) / self.max_iter, 1.0)
            if self.limit is not None:
                t = max(t, self.limit.fraction())
                if t >= 1.0 and step > 0:
                    return
            self.rate = self._rate(t)
            yield self.rate

    def end_epoch(self, n_rows: int) -> None:
        """Count the epoch."""
        self.epoch += 1


SCHEDULES = {
    "constant": Constant,
    "invscaling": InverseScaling,
    "adaptive": Adaptive,
}
