"""Functions of the user that are called during a fit, for example an activation.

Such a function may take long, or wait for another thread that has to compute. A fit has a
turn to compute (`skfcnn.training.threads`). Others may take it while the function runs.
"""

import threading
from typing import Protocol


class Turn(Protocol):
    """A turn to compute."""

    @property
    def is_lent(self) -> bool:
        """Whether a user's function runs."""

    def lend(self) -> None:
        """Let others compute if they wait for this turn."""

    def take_back(self) -> None:
        """Continue; wait if another fit has taken the turn."""


class _OfThread(threading.local):
    turn: Turn | None = None  # that of the innermost fit


of_thread = _OfThread()


class others_turn:  # noqa: N801
    """Let other fits compute while a user's function runs, as it may wait for them.

    Does nothing outside a fit, or inside another user's function. A class, as a generator
    with `contextmanager` took twice the time in every step.
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
