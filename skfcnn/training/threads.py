"""The number of BLAS threads during a fit, by the size of a step.

The product of two small matrices is computed faster than half of it is passed to a second
thread. So while a fit runs, the BLAS has one thread for every WORK products of a step, and
at most as many as before. The number of threads is a setting of the process. With another
number the last bits of a result differ, because sums are computed in another order. So fits
in several Python threads run at the same time if they need the same number of BLAS threads,
and take turns, epoch by epoch, if not. The result of each fit is the same as if it ran
alone.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from threadpoolctl import ThreadpoolController

from skfcnn.network.user_code import of_thread, others_turn

# Products of a weight and an input per step and thread: 0.1 ms or less.
WORK = 2**22
# Seconds after which a fit lets other fits take their turn, at the end of an epoch.
TURN = 1.0
# Seconds that other fits wait for a user's function to return. It may wait for them.
PATIENCE = 0.1


def _is_from_scipy(path: str) -> bool:
    """Return whether this BLAS came with SciPy (scipy.libs/, on a Mac scipy/.dylibs/)."""
    folder = Path(path).parent
    return folder.name == "scipy.libs" or folder.parent.name == "scipy"


def _set_threads(libraries: list, n_threads: int) -> None:
    """Set the number of BLAS threads of the process, from any Python thread.

    From 3.8 on, threadpoolctl does nothing if another thread was the last to set it.
    """
    for library in libraries:
        if library.get_num_threads() != n_threads:
            release = getattr(library, "clear_controlling_thread", lambda force: None)
            release(force=True)
            library.set_num_threads(n_threads)
            release(force=True)


def _blas_libraries() -> tuple[list, list]:
    """Return the loaded BLAS libraries: NumPy's (and others), and SciPy's."""
    blas = ThreadpoolController().select(user_api="blas").lib_controllers
    of_scipy = [library for library in blas if _is_from_scipy(library.filepath)]
    return [library for library in blas if library not in of_scipy], of_scipy


class _Process:
    """Sets the number of BLAS threads while any fit runs.

    NumPy and SciPy from PyPI each have their own BLAS. The idle threads of one keep cores
    busy that the other needs: L-BFGS on two threads took four times as long as on one.
    NumPy computes the products, so SciPy's BLAS gets one thread.
    """

    def __init__(self) -> None:
        self.libraries: tuple = ()  # found by the first fit
        self.before: list[tuple] = []  # each library, and its threads before the fits
        self.reset()

    def reset(self) -> None:
        """Forget all fits: a forked process does not have the threads that run them.

        It also lacks the thread that may hold a lock of the BLAS, so no function of the
        BLAS is called here. The next fit restores the number of threads.
        """
        # Condition.__enter__ can be interrupted while it has the lock.
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.fits: set[Turn] = set()  # the running fits
        self.computing: set[Turn] = set()  # the fits whose turn it is
        self.waiting: list[Turn] = []  # for a turn, first come, first served
        of_thread.turn = None

    def begin(self, turn: "Turn", n_products: int) -> None:
        """Begin a fit, and set the number of BLAS threads that it needs."""
        with self.lock:
            self.libraries = self.libraries or _blas_libraries()
            of_numpy, of_scipy = self.libraries
            self.fits.add(turn)
            self.computing.discard(turn.outer)
            if not self.before:
                libraries = of_numpy + of_scipy
                self.before = [(each, each.get_num_threads()) for each in libraries]
            _set_threads(of_scipy, 1)
            available = min((n for each, n in self.before if each in of_numpy), default=1)
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
        """Restore the number of threads from before the first fit.

        With OpenMP the number is a setting of each Python thread.
        """
        for library, n_threads in self.before:
            if all_libraries or getattr(library, "threading_layer", "") == "openmp":
                _set_threads([library], n_threads)

    def take(self, turn: "Turn") -> None:
        """Wait, first come, first served, for fits with another number of threads."""
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
        return is_next and all(other.may_be_taken for other in self._others(turn))

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
        """Let other fits compute."""
        with self.lock:
            self._leave(turn)

    def _leave(self, turn):
        self.computing.discard(turn)
        self.waiting = [each for each in self.waiting if each is not turn]
        self.changed.notify_all()


_process = _Process()

if hasattr(os, "register_at_fork"):
    # No fork while another thread sets the number of BLAS threads: the child would inherit
    # a lock of the BLAS that is never released.
    os.register_at_fork(
        before=lambda: _process.lock.acquire(),
        after_in_parent=lambda: _process.lock.release(),
        after_in_child=lambda: _process.reset(),
    )


class Turn:
    """The turns of one fit."""

    n_threads: int  # set by _Process.begin
    began: float
    lent_at: float | None = None  # when a user's function was called

    def __init__(self, process: _Process) -> None:
        self.process = process
        self.thread = threading.get_ident()
        self.outer = of_thread.turn  # the turn of the fit that called this one

    def take(self) -> None:
        """Wait for a turn."""
        of_thread.turn = self
        self.process.take(self)
        self.began = time.monotonic()

    def leave(self) -> None:
        """Let other fits compute."""
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
    def may_be_taken(self) -> bool:
        """Whether a user's function runs so long that other fits should not wait."""
        return self.lent_at is not None and time.monotonic() - self.lent_at > PATIENCE

    def lend(self) -> None:
        """Let other fits take this turn if a user's function runs for long."""
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
    """Set the number of BLAS threads for a fit with n_products products per step."""
    turn = Turn(_process)
    with others_turn():
        try:
            turn.process.begin(turn, n_products)
            turn.take()
            yield turn
        finally:
            try:
                turn.end()
            except KeyboardInterrupt:  # raised within end()
                turn.end()
                raise


def turns_of_this_thread() -> set[Turn]:
    """Return the turns of the fits that this Python thread runs."""
    return {turn for turn in _process.fits.copy() if turn.thread == threading.get_ident()}


def end_turns_but(turns: set[Turn]) -> None:
    """End all other fits of this thread: an interruption may have left some unfinished.

    Python may raise KeyboardInterrupt when it enters the function that ends a fit.
    """
    for turn in turns_of_this_thread() - turns:
        turn.end()
