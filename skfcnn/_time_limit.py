"""How an ensemble keeps to a time limit: which networks are trained, and until when.

Networks are trained in waves, as many at a time as there are workers. Each wave is planned
by what the networks before it took: as many networks as have time for MIN_EPOCHS epochs
each, fold by fold, the cheapest family first. They share the time that is left by what an
epoch of each costs, and each runs through its whole schedule in its share, however many
epochs that makes.
"""

import math
import time
from collections.abc import Sequence
from itertools import accumulate

from skfcnn.training.time_limit import TimeLimit

# A network with fewer epochs is worth less than the mean with it.
MIN_EPOCHS = 16
# To start worker processes, which import this package, takes seconds.
SECONDS_TO_START = 8.0
# Where this many times what all networks take is left, none has to wait for others.
AMPLE = 1.5
WAVES_AT_ONCE = 4
# To predict the rows of all folds, in epochs: forward only, over a few more rows.
PREDICTION = 0.5


class InTime:
    """A monitor of a training that ends in time.

    Parameters
    ----------
    progress : Progress
        The monitor that is told of every epoch first.
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


def next_wave(seconds: float, costs: Sequence[float], workers: int) -> tuple[int, float]:
    """Return for how many networks there is time, and how much for the first wave.

    Parameters
    ----------
    seconds : float
        The time that is left.
    costs : sequence of float
        The least seconds that are worth while for each network, in their order.
    workers : int
        Networks in a wave. It takes as long as the costliest of them.
    """
    starts = range(0, len(costs), workers)
    waves = [max(costs[start : start + workers]) for start in starts]
    n_waves = sum(total <= seconds for total in accumulate(waves))
    share = waves[0] / sum(waves[: max(1, n_waves)])
    return min(n_waves * workers, len(costs)), max(0.0, seconds) * share


class Plan:
    """What is trained next, and until when.

    Parameters
    ----------
    end : float
        The moment, by `time.time()`, at which the ensemble is to be ready.
    workers : int
        Networks that are trained at the same time.
    seconds_to_weigh : float
        What it takes to find the temperature and the weight of a family.
    """

    def __init__(self, end: float, workers: int, seconds_to_weigh: float = 0.0) -> None:
        self.end = end
        self.workers = workers
        self.seconds_to_weigh = seconds_to_weigh
        self.seconds: dict = {}  # of an epoch, by family
        self.least_epochs = MIN_EPOCHS
        self.begun: set = set()  # the families of which there are networks

    def learn(self, family, seconds: float, n_epochs: int) -> None:
        """Take in what a network of a family has taken."""
        self.seconds[family] = seconds / n_epochs
        self.least_epochs = min(self.least_epochs, n_epochs)

    def wave(self, waiting: Sequence) -> tuple[list, float]:
        """Return the members to train now, and the moment by which they end.

        There are none where there is no time for MIN_EPOCHS epochs; but one network is
        trained however short the time.
        """
        if self.end == math.inf:
            return [*waiting], math.inf
        order = sorted(waiting, key=lambda member: (member.fold, member.family.n_products))
        is_first = not self.begun
        self.begun |= {member.family for member in order[: self.workers]}
        end = self.end - sum(map(self._closing, self.begun))
        now = time.time()
        if not is_first and self._is_ample(order, end - now):
            return order[: WAVES_AT_ONCE * self.workers], end
        costs = [self._least(member) for member in order]
        n_networks, seconds = next_wave(end - now, costs, self.workers)
        if n_networks == 0 and not is_first:
            return [], now
        return order[: self.workers], now + seconds

    def _epoch(self, family) -> float:
        """Return the seconds of an epoch: measured, or guessed by those of others."""
        if family in self.seconds:
            return self.seconds[family]
        per_product = [self.seconds[other] / other.n_products for other in self.seconds]
        return family.n_products * sum(per_product) / len(per_product)

    def _closing(self, family) -> float:
        """Return the seconds that a family takes once its networks are trained."""
        return self.seconds_to_weigh + PREDICTION * self._epoch(family)

    def _least(self, member) -> float:
        family = member.family
        n_epochs = min(self.least_epochs, family.network.max_iter)
        closing = 0.0 if family in self.begun or member.fold else self._closing(family)
        return n_epochs * self._epoch(family) + closing

    def _is_ample(self, members, seconds: float) -> bool:
        families = [member.family for member in members]
        whole = sum(self._epoch(each) * each.network.max_iter for each in families)
        return AMPLE * whole <= seconds * self.workers
