"""Code of the user that is called while a network computes, as that of an activation.

It may take long, and may wait for another thread that wants to compute. A fit has a turn
to compute, which `skfcnn.training.threads` gives it; while code of the user runs, others
may have it.
"""

import threading
from typing import Protocol


class Turn(Protocol):
    """A turn to compute."""

    @property
    def is_lent(self) -> bool:
        """Whether code of the user runs."""

    def lend(self) -> None:
        """Let others compute, if they have to wait for this turn."""

    def take_back(self) -> None:
        """Go on; where others compute now, wait for them."""


class _OfThread(threading.local):
    turn: Turn | None = None  # that of the innermost fit


of_thread = _OfThread()


class others_turn:  # noqa: N801
    """Let others compute: what is called here may begin fits, and wait for them.

    Outside a fit, and within code of the user that is called already, this does nothing.
    As a function with `contextmanager` it took twice the time, in every step.
    """

    __slots__ = ("turn",)

    def __enter__(self) -> None:
        turn = of_thread.turn
        self.turn = None if turn is None or turn.is_lent else turn
        if self.turn is not None:
            self.turn.lend()

    def __exit__(self, kind, *error) -> None:
        # Where it raises, the fit ends, and needs no turn any more.
        if self.turn is not None and kind is None:
            self.turn.take_back()
