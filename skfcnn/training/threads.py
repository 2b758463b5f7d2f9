"""As many threads of the BLAS as a step has work for.

A product of two small matrices takes less time than to hand it to a second thread. So
while a fit runs, the BLAS has one thread for every WORK products of a step, and at most
what it had before. That number is the process's, and another number adds up products in
another order, to other last bits. So fits in several threads that need the same number
are under way together, and with others they take turns, epoch by epoch: each learns what
it would have learned alone.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from threadpoolctl import ThreadpoolController

# Products of a weight and an input, in one step, that are worth a thread: 0.1 ms or less.
WORK = 2**22
# Seconds after which a fit lets others have their turn, once its epoch ends.
TURN = 1.0


def _is_scipys(path: str) -> bool:
    """Tell whether this BLAS came with SciPy (scipy.libs/, on a Mac scipy/.dylibs/)."""
    folder = Path(path).parent
    return folder.name == "scipy.libs" or folder.parent.name == "scipy"


def _set_threads(libraries: list, n_threads: int) -> None:
    """Set the number of threads of the process, from whichever of its threads.

    From 3.8 on, threadpoolctl does nothing where another thread was the last to set it.
    """
    for library in libraries:
        let_go = getattr(library, "clear_controlling_thread", lambda force: None)
        let_go(force=True)
        library.set_num_threads(n_threads)
        let_go(force=True)


class _Process:
    """The threads that the BLAS has, from the first fit that begins to the last end.

    NumPy and SciPy from PyPI have a BLAS each, whose threads wait for work by taking the
    cores from the other's: L-BFGS on two threads took four times as long as on one. The
    products are NumPy's, so SciPy's BLAS gets one thread.
    """

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.n_begun = 0  # fits that have not ended
        self.n_computing = 0  # of these, those whose turn it is
        self.queue = deque()  # of those who wait for their turn
        self.here = threading.local()  # .turn: that of the innermost fit of a thread

    @cached_property
    def libraries(self) -> tuple[list, list]:
        """The BLAS libraries that are loaded: NumPy's (and others), SciPy's."""
        blas = ThreadpoolController().select(user_api="blas").lib_controllers
        scipys = [library for library in blas if _is_scipys(library.filepath)]
        return [library for library in blas if library not in scipys], scipys

    def begin(self, n_products: int) -> int:
        """Begin a fit; return how many threads it needs."""
        with self.changed:
            numpys, scipys = self.libraries
            if self.n_begun == 0:
                self.before = [(each, each.get_num_threads()) for each in numpys + scipys]
                self.available = min(
                    (n for each, n in self.before if each in numpys), default=1
                )
                self.n_threads = None
                _set_threads(scipys, 1)
            self.n_begun += 1
            return max(1, min(self.available, n_products // WORK))

    def end(self) -> None:
        with self.changed:
            self.n_begun -= 1
            self.restore()

    def restore(self) -> None:
        """Give the BLAS the threads that it had before the first fit, after the last one.

        Where OpenMP makes the threads, every thread of Python has a number of its own.
        """
        for library, n_threads in self.before:
            if self.n_begun == 0 or getattr(library, "threading_layer", "") == "openmp":
                _set_threads([library], n_threads)

    def take_turn(self, n_threads: int) -> None:
        """Wait, in the order of coming, until no fit computes with another number."""
        with self.changed:
            ticket = object()
            self.queue.append(ticket)
            try:
                self.changed.wait_for(
                    lambda: self.queue[0] is ticket and self._suits(n_threads)
                )
            finally:
                self.queue.remove(ticket)
                self.changed.notify_all()
            _set_threads(self.libraries[0], n_threads)
            self.n_threads = n_threads
            self.n_computing += 1

    def _suits(self, n_threads: int) -> bool:
        return self.n_computing == 0 or self.n_threads == n_threads

    def end_turn(self) -> None:
        with self.changed:
            self.n_computing -= 1
            self.changed.notify_all()


_process = _Process()


def _begin_anew() -> None:
    """Forget, in a forked process, the fits of threads that are not in it."""
    global _process
    if _process.n_begun:
        _process.n_begun = 0
        _process.restore()
    _process = _Process()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)


class Turn:
    """The turns of one fit."""

    def __init__(self, process: _Process, n_threads: int) -> None:
        self.process = process
        self.n_threads = n_threads

    def take(self) -> None:
        """Wait for a turn."""
        self.process.take_turn(self.n_threads)
        self.process.here.turn = self
        self.began = time.monotonic()

    def end(self) -> None:
        """Let others compute."""
        if self.process.here.turn is self:
            self.process.here.turn = None
            self.process.end_turn()

    def offer(self) -> None:
        """Let those compute who wait, if this turn has been long, and go on after them."""
        if self.process.queue and time.monotonic() - self.began > TURN:
            self.end()
            self.take()


class InTurn:
    """A monitor that offers others their turn before every epoch."""

    def __init__(self, monitor, turn: Turn) -> None:
        self.monitor = monitor
        self.turn = turn

    def begin(self) -> None:
        """Hear that an epoch begins."""
        self.turn.offer()
        self.monitor.begin()

    def end(self, loss: float) -> bool:
        """Hear an epoch's loss; return True to stop."""
        return self.monitor.end(loss)


@contextmanager
def others_turn() -> Iterator[None]:
    """Let others compute: what is called here may begin fits, and wait for them."""
    turn = getattr(_process.here, "turn", None)
    if turn is None:
        yield
        return
    turn.end()
    try:
        yield
    finally:
        turn.take()


@contextmanager
def threads_for(n_products: int) -> Iterator[Turn]:
    """Have the BLAS use the threads that a fit of so many products per step is worth."""
    process = _process
    with others_turn():  # of the fit that this one is called in, if there is one
        turn = Turn(process, process.begin(n_products))
        try:
            turn.take()
            try:
                yield turn
            finally:
                turn.end()
        finally:
            process.end()
