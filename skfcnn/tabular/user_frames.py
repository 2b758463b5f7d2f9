"""The stack level of a warning that refers to the user's line of code."""

import sys

# Packages that may be on the call stack between a user's line and a warning.
BETWEEN = {"skfcnn", "sklearn", "joblib"}


def level_of_user() -> int:
    """Return the `stacklevel` with which the caller's warning names the user's line."""
    frame, level = sys._getframe(1), 1
    while frame.f_back and frame.f_globals.get("__name__", "").split(".")[0] in BETWEEN:
        frame, level = frame.f_back, level + 1
    return level
