"""How an ensemble keeps to a time limit: which networks are trained, and until when.

Networks are trained in waves, as many at a time as there are workers. Each wave is planned
by what the networks before it took: as many networks as have time for MIN_EPOCHS epochs
each, fold by fold, the cheapest family first; families that cost too much are left out.
They share the time that is left by what an epoch of each costs, and each runs through its
whole schedule in its share, however many epochs that makes.
"""

import math
import time
from collections.abc import Sequence
from itertools import accumulate

from skfcnn.training.time_limit import TimeLimit

# A network with fewer epochs is worth less than the mean with it.
MIN_EPOCHS = 16
# But where none could have so many, this part of the most that one had.
TOLERATED = 0.75
# To start worker processes, which import this package, takes seconds.
SECONDS_TO_START = 8.0
# Where this many times what all networks take is left, none has to wait for others.
AMPLE = 1.5
WAVES_AT_ONCE = 4
# To predict the rows of a fold, in epochs: forward only, over half as many rows or less.
PREDICTION = 1.0 / 6.0


class InTime:
    """A monitor of a training that ends in time.

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
        """Begin an epoch."""
        self.progress.begin()

    def end(self, loss: float) -> bool:
        """Take in the loss of an epoch; return whether training is over."""
        is_over = self.progress.end(loss)
        return is_over or self.limit.is_over()


def next_share(seconds: float, costs: Sequence[float], workers: int) -> float:
    """Return how many seconds the first wave of networks gets.

    Parameters
    ----------
    seconds : float
        The time that is left. It is for as many waves as there is time for, at least one.
    costs : sequence of float
        The least seconds that are worth while for each network, in their order.
    workers : int
        Networks in a wave. It takes as long as the costliest of them.
    """
    starts = range(0, len(costs), workers)
    waves = [max(costs[start : start + workers]) for start in starts]
    n_waves = sum(total <= seconds for total in accumulate(waves))
    return max(0.0, seconds) * waves[0] / sum(waves[: max(1, n_waves)])


class Plan:
    """What is trained next, and until when.

    Parameters
    ----------
    end : float
        The moment, by `time.time()`, at which the ensemble is to be ready.
    workers : int
        Networks that are trained at the same time.
    seconds_to_weigh : float
        What the rows of a fold add to finding the temperature and the weight of a family.
    """

    def __init__(self, end: float, workers: int, seconds_to_weigh: float = 0.0) -> None:
        self.end = end
        self.workers = workers
        self.seconds_to_weigh = seconds_to_weigh
        self.seconds: dict = {}  # of an epoch, by family
        self.most_epochs = 0  # of a network
        self.begun: list = []  # the members of all waves

    def learn(self, family, seconds: float, n_epochs: int) -> None:
        """Take in what a network of a family has taken."""
        self.seconds[family] = seconds / n_epochs
        self.most_epochs = max(self.most_epochs, n_epochs)

    def wave(self, waiting: Sequence) -> tuple[list, float]:
        """Return the members to train now, and the moment by which they end.

        There are none where there is no time for a network that would be worth it; but one
        is trained however short the time.
        """
        if self.end == math.inf:
            return [*waiting], math.inf
        order = sorted(waiting, key=lambda member: (member.fold, member.family.n_products))
        now, end = time.time(), self.end - sum(map(self._closing, self.begun))
        if self.begun:
            order = [member for member in order if self._least(member) <= end - now]
        wave = order[: self.workers]
        end -= sum(map(self._closing, wave))
        if self.begun and self._is_ample(order, end - now):
            wave = order[: WAVES_AT_ONCE * self.workers]
        elif wave:
            costs = [self._least(member) for member in order]
            end = now + next_share(end - now, costs, self.workers)
        self.begun += wave
        return wave, end

    def _epoch(self, family) -> float:
        """Return the seconds of an epoch: measured, or guessed by those of others."""
        if family in self.seconds:
            return self.seconds[family]
        per_product = [self.seconds[other] / other.n_products for other in self.seconds]
        return family.n_products * sum(per_product) / len(per_product)

    def _closing(self, member) -> float:
        """Return the seconds that a network takes once all are trained."""
        return self.seconds_to_weigh + PREDICTION * self._epoch(member.family)

    def _least(self, member) -> float:
        n_epochs = min(MIN_EPOCHS, member.family.network.max_iter)
        if self.most_epochs:
            n_epochs = min(n_epochs, TOLERATED * self.most_epochs)
        return n_epochs * self._epoch(member.family) + self._closing(member)

    def _is_ample(self, members, seconds: float) -> bool:
        families = [member.family for member in members]
        whole = sum(self._epoch(each) * each.network.max_iter for each in families)
        return AMPLE * whole <= seconds * self.workers
