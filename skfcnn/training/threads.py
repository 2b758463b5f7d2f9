"""The number of BLAS threads during a fit, by the size of a step.

A product of two small matrices is faster than passing half of it to a second thread. So the
BLAS has one thread for every WORK products of a step while a fit runs, and at most as many
as before. The number of threads is a setting of the process, and with another number the
last bits differ, as sums are computed in another order. So fits in several Python threads
run at the same time if they need the same number of BLAS threads, and take turns, epoch by
epoch, if they need different ones: the result of each is the same as if it ran alone.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from threadpoolctl import ThreadpoolController

from skfcnn.network.user_code import of_thread, others_turn

# Products of a weight and an input per step and thread: 0.1 ms or less.
WORK = 2**22
# Seconds after which a fit lets others take their turn, at the end of an epoch.
TURN = 1.0
# Seconds that others wait for a user's function to return, as it may wait for them.
PATIENCE = 0.1


def _is_scipys(path: str) -> bool:
    """Tell whether this BLAS came with SciPy (scipy.libs/, on a Mac scipy/.dylibs/)."""
    folder = Path(path).parent
    return folder.name == "scipy.libs" or folder.parent.name == "scipy"


def _set_threads(libraries: list, n_threads: int) -> None:
    """Set the number of threads of the process, from whichever of its threads.

    From 3.8 on, threadpoolctl does nothing where another thread was the last to set it.
    """
    for library in libraries:
        if library.get_num_threads() != n_threads:
            let_go = getattr(library, "clear_controlling_thread", lambda force: None)
            let_go(force=True)
            library.set_num_threads(n_threads)
            let_go(force=True)


class _Process:
    """The number of BLAS threads, from the begin of the first fit to the end of the last.

    NumPy and SciPy from PyPI have a BLAS each, whose idle threads take the cores from each
    other: L-BFGS on two threads took four times as long as on one. NumPy computes the
    products, so SciPy's BLAS gets one thread.
    """

    def __init__(self) -> None:
        self.before: list[tuple] = []  # each library, and its threads before the fits
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget all fits: a forked process does not have the threads that run them.

        Nor does it have the thread that may hold a lock of the BLAS, so no function of the
        BLAS is called here. The next fit restores the number of threads.
        """
        # Condition.__enter__ can be interrupted while it has the lock.
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.fits: set[Turn] = set()  # begun and not ended
        self.computing: set[Turn] = set()  # those whose turn it is
        self.waiting: list[Turn] = []  # those that wait for a turn, first come first
        of_thread.turn = None

    @cached_property
    def libraries(self) -> tuple[list, list]:
        """The loaded BLAS libraries: NumPy's (and others), and SciPy's."""
        blas = ThreadpoolController().select(user_api="blas").lib_controllers
        scipys = [library for library in blas if _is_scipys(library.filepath)]
        return [library for library in blas if library not in scipys], scipys

    def begin(self, turn: "Turn", n_products: int) -> None:
        """Begin a fit, and set how many BLAS threads its turns need."""
        with self.lock:
            numpys, scipys = self.libraries
            self.fits.add(turn)
            self.computing.discard(turn.outer)
            if not self.before:
                self.before = [(each, each.get_num_threads()) for each in numpys + scipys]
            _set_threads(scipys, 1)
            available = min((n for each, n in self.before if each in numpys), default=1)
            turn.n_threads = max(1, min(available, n_products // WORK))

    def end(self, turn: "Turn") -> None:
        """End a fit; after the last one, restore the number of threads."""
        with self.lock:
            self._leave(turn)
            if turn in self.fits:
                is_last = self.fits == {turn}
                self.restore(all_libraries=is_last)
                if is_last:
                    self.before = []
                self.fits.discard(turn)

    def restore(self, *, all_libraries: bool) -> None:
        """Restore the number of threads before the first fit.

        With OpenMP the number is a setting of each Python thread.
        """
        for library, n_threads in self.before:
            if all_libraries or getattr(library, "threading_layer", "") == "openmp":
                _set_threads([library], n_threads)

    def take(self, turn: "Turn") -> None:
        """Wait, first come first served, until no fit computes with another number."""
        with self.lock:
            try:
                self.waiting.append(turn)
                while not self.changed.wait_for(lambda: self._is_free(turn), PATIENCE):
                    pass
                self.computing -= self._others(turn)
                self.computing.add(turn)
                _set_threads(self.libraries[0], turn.n_threads)
            finally:
                self.waiting = [each for each in self.waiting if each is not turn]
                self.changed.notify_all()

    def _is_free(self, turn):
        is_next = self.waiting[0] is turn
        return is_next and all(other.is_to_be_had for other in self._others(turn))

    def _others(self, turn):
        """Return the turns of the fits that compute with another number of threads."""
        return {other for other in self.computing if other.n_threads != turn.n_threads}

    def take_back(self, turn: "Turn") -> None:
        """Continue, or wait if another fit has taken the turn that was lent."""
        with self.lock:
            turn.lent_at = None
            is_taken = turn not in self.computing and turn in self.fits
        if is_taken:
            turn.take()

    def leave(self, turn: "Turn") -> None:
        """Let others compute."""
        with self.lock:
            self._leave(turn)

    def _leave(self, turn):
        self.computing.discard(turn)
        self.waiting = [each for each in self.waiting if each is not turn]
        self.changed.notify_all()


_process = _Process()

if hasattr(os, "register_at_fork"):
    # No fork while another thread sets the number of BLAS threads: the child would inherit
    # a lock of the BLAS that nobody releases.
    os.register_at_fork(
        before=lambda: _process.lock.acquire(),
        after_in_parent=lambda: _process.lock.release(),
        after_in_child=lambda: _process.begin_anew(),
    )


class Turn:
    """The turns of one fit."""

    n_threads: int  # set by _Process.begin
    began: float
    lent_at: float | None = None  # when a user's function was called

    def __init__(self, process: _Process) -> None:
        self.process = process
        self.thread = threading.get_ident()
        self.outer = of_thread.turn  # of the fit from which this one was called

    def take(self) -> None:
        """Wait for a turn."""
        of_thread.turn = self
        self.process.take(self)
        self.began = time.monotonic()

    def leave(self) -> None:
        """Let others compute."""
        self.process.leave(self)

    def end(self) -> None:
        """End the fit; may be called again if it was interrupted."""
        of_thread.turn = self.outer
        self.process.end(self)

    def offer(self) -> None:
        """After a long turn, let the waiting fits compute, and continue after them."""
        if self.process.waiting and time.monotonic() - self.began > TURN:
            self.leave()
            self.take()

    @property
    def is_lent(self) -> bool:
        """Whether a user's function runs."""
        return self.lent_at is not None

    @property
    def is_to_be_had(self) -> bool:
        """Whether it runs for so long that others should not wait for it."""
        return self.lent_at is not None and time.monotonic() - self.lent_at > PATIENCE

    def lend(self) -> None:
        """Let others take this turn if a user's function runs for long."""
        self.lent_at = time.monotonic()

    def take_back(self) -> None:
        """Continue after a user's function; wait if another fit has taken the turn."""
        self.process.take_back(self)


class InTurn:
    """A monitor that offers its turn to other fits before every epoch."""

    def __init__(self, monitor, turn: Turn) -> None:
        self.monitor = monitor
        self.turn = turn

    def begin(self) -> None:
        """Called before each epoch."""
        self.turn.offer()
        self.monitor.begin()

    def end(self, loss: float) -> bool:
        """Called after each epoch with its loss; return True to stop."""
        return self.monitor.end(loss)


@contextmanager
def threads_for(n_products: int) -> Iterator[Turn]:
    """Set the number of BLAS threads for a fit with so many products per step."""
    turn = Turn(_process)
    with others_turn():
        try:
            turn.process.begin(turn, n_products)
            turn.take()
            yield turn
        finally:
            try:
                turn.end()
            except KeyboardInterrupt:  # at this very moment
                turn.end()
                raise


def turns_of_this_thread() -> set[Turn]:
    """Return the turns of the fits that this Python thread runs."""
    return {turn for turn in _process.fits.copy() if turn.thread == threading.get_ident()}


def end_turns_but(turns: set[Turn]) -> None:
    """End all other fits of this thread, which an interruption may have left behind.

    Python may raise KeyboardInterrupt when it enters the function that ends a fit.
    """
    for turn in turns_of_this_thread() - turns:
        turn.end()
