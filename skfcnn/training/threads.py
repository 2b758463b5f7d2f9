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
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from threadpoolctl import ThreadpoolController

from skfcnn.network.user_code import of_thread, others_turn

# Products of a weight and an input, in one step, that are worth a thread: 0.1 ms or less.
WORK = 2**22
# Seconds after which a fit lets others have their turn, once its epoch ends.
TURN = 1.0
# Seconds that others wait for the end of code of the user, which may wait for them.
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
    """The threads that the BLAS has, from the first fit that begins to the last end.

    NumPy and SciPy from PyPI have a BLAS each, whose threads wait for work by taking the
    cores from the other's: L-BFGS on two threads took four times as long as on one. The
    products are NumPy's, so SciPy's BLAS gets one thread.
    """

    def __init__(self) -> None:
        self.before: list[tuple] = []  # each library with its threads, before the fits
        self.begin_anew()

    def begin_anew(self) -> None:
        """Have no fits, as in a forked process, which lacks the threads that have them.

        It also lacks whoever holds a lock of the BLAS, so this calls nothing of a BLAS.
        What it had before the fits is remembered for the next one.
        """
        # Taken itself: Condition.__enter__ can be interrupted when it has the lock.
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.fits: set[Turn] = set()  # that have begun and not ended
        self.computing: set[Turn] = set()  # of these, those whose turn it is
        self.waiting: list[Turn] = []  # those that want one, in the order of coming
        of_thread.turn = None

    @cached_property
    def libraries(self) -> tuple[list, list]:
        """The BLAS libraries that are loaded: NumPy's (and others), SciPy's."""
        blas = ThreadpoolController().select(user_api="blas").lib_controllers
        scipys = [library for library in blas if _is_scipys(library.filepath)]
        return [library for library in blas if library not in scipys], scipys

    def begin(self, turn: "Turn", n_products: int) -> None:
        """Begin a fit, and tell its turns how many threads they need."""
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
        """Forget a fit, and after the last one what was set for them."""
        with self.lock:
            self._leave(turn)
            if turn in self.fits:
                is_last = self.fits == {turn}
                self.restore(all_libraries=is_last)
                if is_last:
                    self.before = []
                self.fits.discard(turn)

    def restore(self, *, all_libraries: bool) -> None:
        """Give the BLAS the threads that it had before the first fit.

        Where OpenMP makes the threads, every thread of Python has a number of its own.
        """
        for library, n_threads in self.before:
            if all_libraries or getattr(library, "threading_layer", "") == "openmp":
                _set_threads([library], n_threads)

    def take(self, turn: "Turn") -> None:
        """Wait, in the order of coming, until no fit computes with another number."""
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
        """Return the turns of those who compute with another number of threads."""
        return {other for other in self.computing if other.n_threads != turn.n_threads}

    def take_back(self, turn: "Turn") -> None:
        """Go on, or wait, where others have taken what was lent."""
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
    # No fork while another thread sets the number of threads: a lock of the BLAS that it
    # holds would be held in the child for ever.
    os.register_at_fork(
        before=lambda: _process.lock.acquire(),
        after_in_parent=lambda: _process.lock.release(),
        after_in_child=lambda: _process.begin_anew(),
    )


class Turn:
    """The turns of one fit."""

    n_threads: int  # as _Process.begin finds them
    began: float
    lent_at: float | None = None  # since when code of the user runs

    def __init__(self, process: _Process) -> None:
        self.process = process
        self.thread = threading.get_ident()
        self.outer = of_thread.turn  # of the fit that this one is called in

    def take(self) -> None:
        """Wait for a turn."""
        of_thread.turn = self
        self.process.take(self)
        self.began = time.monotonic()

    def leave(self) -> None:
        """Let others compute."""
        self.process.leave(self)

    def end(self) -> None:
        """End the fit, wherever it is; also twice, if the first time was interrupted."""
        of_thread.turn = self.outer
        self.process.end(self)

    def offer(self) -> None:
        """Let those compute who wait, if this turn has been long, and go on after them."""
        if self.process.waiting and time.monotonic() - self.began > TURN:
            self.leave()
            self.take()

    @property
    def is_lent(self) -> bool:
        """Whether code of the user runs."""
        return self.lent_at is not None

    @property
    def is_to_be_had(self) -> bool:
        """Whether it runs for so long that others should not wait for its end."""
        return self.lent_at is not None and time.monotonic() - self.lent_at > PATIENCE

    def lend(self) -> None:
        """Let others have this turn while code of the user runs, if that takes long."""
        self.lent_at = time.monotonic()

    def take_back(self) -> None:
        """Go on after code of the user; where others have the turn, wait for another."""
        self.process.take_back(self)


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
def threads_for(n_products: int) -> Iterator[Turn]:
    """Have the BLAS use the threads that a fit of so many products per step is worth."""
    turn = Turn(_process)
    with others_turn():
        try:
            turn.process.begin(turn, n_products)
            turn.take()
            yield turn
        finally:
            try:
                turn.end()
            except KeyboardInterrupt:  # just then
                turn.end()
                raise


def turns_of_this_thread() -> set[Turn]:
    """Return those of the fits that this thread of Python is in."""
    return {turn for turn in _process.fits.copy() if turn.thread == threading.get_ident()}


def end_turns_but(turns: set[Turn]) -> None:
    """End the fits of this thread but for these, where an interruption has left some.

    Python may look for Ctrl-C when it enters the very function that ends a fit.
    """
    for turn in turns_of_this_thread() - turns:
        turn.end()
