"""Contestants, each in its own process, that are measured in turn.

No two libraries for matrix products come into one process, where the idle threads of one
would take the cores from the other, and no contestant finds the memory as another left it.
"""

import multiprocessing
import os
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from typing import NamedTuple

from rows import Row

THREAD_VARIABLES = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")

# The threads of a BLAS wait for more work, taking a core, for tens of milliseconds.
SECONDS_UNTIL_IDLE = 0.1

# In a worker: what measures its contestant.
built = []


class Contestant(NamedTuple):
    """Who is measured: `make(*arguments)` returns a function that returns a value."""

    name: str
    make: Callable
    arguments: tuple


class Setting(NamedTuple):
    """What contestants are compared at.

    `threads` is the number of BLAS threads; None leaves it to the libraries. With `fresh`,
    every measurement has its own process, and nothing warms up.
    """

    name: str
    contestants: list[Contestant]
    threads: int | None
    unit: str = "s"
    fresh: bool = False
    most_rounds: int | None = None


def new_worker(threads):
    """Return an executor of one process, which will start with so many BLAS threads."""
    for name in THREAD_VARIABLES:
        os.environ.pop(name, None)
        if threads is not None:
            os.environ[name] = str(threads)
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(max_workers=1, mp_context=spawn)


def measure(contestant):
    """Return one value of the contestant that lives in this worker."""
    warnings.simplefilter("ignore")  # a fit of few epochs warns that it has not converged
    if not built:
        built.append(contestant.make(*contestant.arguments))
    time.sleep(SECONDS_UNTIL_IDLE)
    return built[0]()


def measure_afresh(contestant, threads):
    with new_worker(threads) as worker:
        return worker.submit(measure, contestant).result()


def warmed_workers(setting, stack):
    """Return a worker per contestant, by name; the warm-up is not timed."""
    workers = {
        who.name: stack.enter_context(new_worker(setting.threads))
        for who in setting.contestants
    }
    warming = [workers[who.name].submit(measure, who) for who in setting.contestants]
    for future in warming:
        future.result()
    return workers


def take_turns(case, setting, rounds):
    """Yield a row per round and contestant."""
    name, contestants, threads, unit, fresh, most_rounds = setting
    with ExitStack() as stack:
        workers = {} if fresh else warmed_workers(setting, stack)
        for i in range(1, min(rounds, most_rounds or rounds) + 1):
            for who in contestants:
                if fresh:
                    value = measure_afresh(who, threads)
                else:
                    value = workers[who.name].submit(measure, who).result()
                yield Row(case, name, who.name, threads, i, value, unit)
