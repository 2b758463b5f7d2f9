"""The learning rate eta over the course of training.

constant     eta = eta_0
invscaling   eta = eta_0 / (t + 1)^power_t  t: rows seen at the end of the last epoch
adaptive     eta <- eta / 5                on every plateau, until it is at most 1e-6

A schedule is asked for its `rate` at every step, told of the end of every epoch, and asked
on a plateau, when the loss has stopped falling, whether it has something left to try.
"""


class Constant:
    """The same rate from the first step to the last; on a plateau, training is over."""

    stop_message = "Stopping."

    def __init__(self, learning_rate_init: float) -> None:
        self.rate = learning_rate_init

    def end_epoch(self, n_rows: int) -> None:
        """Hear that an epoch of so many rows has ended."""

    def try_further(self) -> bool:
        """Change the rate on a plateau, or return False: training is over."""
        return False


class InverseScaling(Constant):
    """A rate that falls with a power of the number of rows seen.

    It starts at the initial rate even where rows have been seen before, in a warm start.
    """

    def __init__(
        self, learning_rate_init: float, *, power_t: float, rows_seen: int = 0
    ) -> None:
        super().__init__(learning_rate_init)
        self.initial = learning_rate_init
        self.power_t = power_t
        self.rows_seen = rows_seen

    def end_epoch(self, n_rows: int) -> None:
        """Lower the rate to what so many rows more call for."""
        self.rows_seen += n_rows
        self.rate = self.initial / (self.rows_seen + 1) ** self.power_t


class Adaptive(Constant):
    """A rate divided by five on every plateau, as long as it is above 1e-6."""

    stop_message = "Learning rate too small. Stopping."

    def try_further(self) -> bool:
        """Divide the rate by five, unless it is too small already."""
        if self.rate <= 1e-6:
            return False
        self.rate /= 5.0
        return True


SCHEDULES = {
    "constant": Constant,
    "invscaling": InverseScaling,
    "adaptive": Adaptive,
}
