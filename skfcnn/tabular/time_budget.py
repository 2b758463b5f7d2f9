"""The time limit of an ensemble: which networks are trained, and until when.

Networks are trained in waves of one network per worker. Each wave is planned from the
training times of the networks before it: as many networks as have time for MIN_EPOCHS
epochs each, fold by fold, the cheapest family first; families that are too expensive are
dropped. The remaining time is divided in proportion to the cost of an epoch of each
network, and each network follows its whole schedule in its share, in any number of epochs.
"""

import math
import time
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Self

from skfcnn.training.minibatch import Monitor
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
    monitor : Monitor
        The monitor that is called first.
    schedule : Constant or None
        The schedule of the learning rate; the limit is passed to it.
    limit : TimeLimit
    """

    def __init__(self, monitor: Monitor, schedule, limit: TimeLimit) -> None:
        self.monitor = monitor
        self.limit = limit
        if schedule is not None:
            schedule.limit = limit

    def begin(self) -> None:
        """Called before each epoch."""
        self.monitor.begin()

    def end(self, loss: float) -> bool:
        """Called with the loss after each epoch; return whether training is over."""
        is_over = self.monitor.end(loss)
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


def families_of(members: Sequence) -> list:
    """Return the families of some members, each once."""
    return [*dict.fromkeys(member.family for member in members)]


class Plan:
    """The plan of which networks are trained next, and until when.

    Parameters
    ----------
    end : float
        The time, as in `time.time()`, by which the families must be weighed.
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
        self.share = math.inf  # the seconds that the last wave was given
        self.to_continue: list = []  # members that an earlier, killed fit has started

    @property
    def is_limited(self) -> bool:
        """Whether there is a time limit."""
        return self.end < math.inf

    def learn(self, family, seconds: float, n_epochs: int) -> None:
        """Record the training time of a network of a family."""
        self.seconds[family] = seconds / n_epochs
        self.most_epochs = max(self.most_epochs, n_epochs)

    def wave(self, waiting: Sequence) -> tuple[list, float]:
        """Return the members to train now, and the time by which they must end.

        The list is empty if there is no time for a useful network; but the first network is
        always trained.
        """
        if not self.is_limited:
            return [*waiting], math.inf
        if self.to_continue:
            wave, self.to_continue = self.to_continue, []
            closing = sum(map(self._closing_seconds, self.started))
            return wave, min(time.time() + self.share, self.end - closing)
        order = sorted(waiting, key=_place)
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
        self.share = end - now
        return wave, end

    def state(self, members: Sequence) -> dict:
        """Return the state, with the numbers of members and families in `members`."""
        families = families_of(members)
        return {
            "left": self.end - time.time(),
            "share": self.share,
            "seconds_to_weigh": self.seconds_to_weigh,
            "seconds": [self.seconds.get(family, math.nan) for family in families],
            "most_epochs": self.most_epochs,
            "started": [members.index(member) for member in self.started],
        }

    @classmethod
    def of_state(
        cls, state: Mapping, members: Sequence, *, end: float, workers: int
    ) -> Self:
        """Return a plan that continues the members that were started."""
        plan = cls(end, workers, state["seconds_to_weigh"])
        seconds = zip(families_of(members), state["seconds"], strict=True)
        plan.seconds = {family: each for family, each in seconds if not math.isnan(each)}
        plan.most_epochs, plan.share = state["most_epochs"], state["share"]
        plan.to_continue = [members[number] for number in state["started"]]
        plan.started = [*plan.to_continue]
        return plan

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
        n_epochs = min(MIN_EPOCHS, member.family.max_iter)
        if self.most_epochs:
            n_epochs = min(n_epochs, TOLERATED * self.most_epochs)
        return n_epochs * self._epoch(member.family) + self._closing_seconds(member)

    def _is_ample(self, members, seconds: float) -> bool:
        families = [member.family for member in members]
        whole = sum(self._epoch(each) * each.max_iter for each in families)
        return AMPLE * whole <= seconds * self.workers


def _place(member) -> tuple:
    """Return the place of a member in the order of training, under a time limit."""
    family = member.family
    return family.comes_last, member.fold, family.n_products
