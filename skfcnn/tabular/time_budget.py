"""The time limit of an ensemble: which networks are trained, and until when.

Networks are trained in waves of one network per worker. Each wave is planned from the
training times of the networks before it: as many networks as have time for MIN_EPOCHS
epochs each, fold by fold, the cheapest family first; families that are too expensive are
dropped. The remaining time is divided in proportion to the cost of an epoch of each
network, and each network follows its whole schedule in its share, in any number of epochs.
"""

import math
import time
from collections.abc import Sequence
from itertools import accumulate

from skfcnn.training.time_limit import TimeLimit

# A network with fewer epochs makes the ensemble worse.
MIN_EPOCHS = 16
# If none has had that many epochs, this fraction of the largest number is enough.
TOLERATED = 0.75
# Worker processes, which import this package, take seconds to start.
SECONDS_TO_START = 8.0
# If this many times the time for all networks is left, several waves are started together.
AMPLE = 1.5
WAVES_AT_ONCE = 4
# The time to predict a fold, in epochs: only forward, on at most half as many rows.
PREDICTION = 1.0 / 6.0


class TimeLimitMonitor:
    """A monitor that stops training at a time limit.

    Parameters
    ----------
    progress : Progress
        The monitor that is called first.
    snapshot : callable
        Not used.
    limit : TimeLimit
    """

    def __init__(self, progress, snapshot, *, limit: TimeLimit) -> None:
        self.progress = progress
        self.limit = limit
        if progress.schedule is not None:
            progress.schedule.limit = limit

    def begin(self) -> None:
        """Called before each epoch."""
        self.progress.begin()

    def end(self, loss: float) -> bool:
        """Called with the loss after each epoch; return whether training is over."""
        is_over = self.progress.end(loss)
        return is_over or self.limit.is_over()


def next_share(seconds: float, costs: Sequence[float], workers: int) -> float:
    """Return the seconds for the first wave of networks.

    Parameters
    ----------
    seconds : float
        The remaining time. It is divided among the waves that fit into it, at least one.
    costs : sequence of float
        The minimal useful training time of each network, in the order of training.
    workers : int
        Networks per wave. A wave takes as long as its most expensive network.
    """
    starts = range(0, len(costs), workers)
    waves = [max(costs[start : start + workers]) for start in starts]
    n_waves = sum(total <= seconds for total in accumulate(waves))
    return max(0.0, seconds) * waves[0] / sum(waves[: max(1, n_waves)])


class Plan:
    """The plan of which networks are trained next, and until when.

    Parameters
    ----------
    end : float
        The time, as in `time.time()`, by which the ensemble must be ready.
    workers : int
        Number of networks trained in parallel.
    seconds_to_weigh : float
        The time per fold to compute the temperature and the weight of a family.
    """

    def __init__(self, end: float, workers: int, seconds_to_weigh: float = 0.0) -> None:
        self.end = end
        self.workers = workers
        self.seconds_to_weigh = seconds_to_weigh
        self.seconds: dict = {}  # of an epoch, by family
        self.most_epochs = 0  # of a network
        self.started: list = []  # the members of all waves

    def learn(self, family, seconds: float, n_epochs: int) -> None:
        """Record the training time of a network of a family."""
        self.seconds[family] = seconds / n_epochs
        self.most_epochs = max(self.most_epochs, n_epochs)

    def wave(self, waiting: Sequence) -> tuple[list, float]:
        """Return the members to train now, and the time by which they must end.

        The list is empty if there is no time for a useful network; but the first network is
        always trained.
        """
        if self.end == math.inf:
            return [*waiting], math.inf
        order = sorted(waiting, key=lambda member: (member.fold, member.family.n_products))
        now, end = time.time(), self.end - sum(map(self._closing_seconds, self.started))
        if self.started:
            order = [member for member in order if self._min_seconds(member) <= end - now]
        wave = order[: self.workers]
        end -= sum(map(self._closing_seconds, wave))
        if self.started and self._is_ample(order, end - now):
            wave = order[: WAVES_AT_ONCE * self.workers]
        elif wave:
            costs = [self._min_seconds(member) for member in order]
            end = now + next_share(end - now, costs, self.workers)
        self.started += wave
        return wave, end

    def _epoch(self, family) -> float:
        """Return the seconds per epoch: measured, or estimated from other families."""
        if family in self.seconds:
            return self.seconds[family]
        per_product = [self.seconds[other] / other.n_products for other in self.seconds]
        return family.n_products * sum(per_product) / len(per_product)

    def _closing_seconds(self, member) -> float:
        """Return the seconds for a network's predictions after all are trained."""
        return self.seconds_to_weigh + PREDICTION * self._epoch(member.family)

    def _min_seconds(self, member) -> float:
        n_epochs = min(MIN_EPOCHS, member.family.network.max_iter)
        if self.most_epochs:
            n_epochs = min(n_epochs, TOLERATED * self.most_epochs)
        return n_epochs * self._epoch(member.family) + self._closing_seconds(member)

    def _is_ample(self, members, seconds: float) -> bool:
        families = [member.family for member in members]
        whole = sum(self._epoch(each) * each.network.max_iter for each in families)
        return AMPLE * whole <= seconds * self.workers
