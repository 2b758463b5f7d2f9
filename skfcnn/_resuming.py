"""Going on with a fit where it ended: whether that can be done, and what is taken over."""

import copy
from numbers import Integral

import numpy as np

from skfcnn._sklearn import TASK_ATTRIBUTES
from skfcnn._validation import check_weights

# Attributes that belong to a classifier whatever it was fitted to.
OF_THE_INSTANCE = {"_skl_callbacks", "_metadata_request"} | TASK_ATTRIBUTES

# What may differ between a fit and the one that resumes it.
FREE = {"max_iter", "verbose", "warm_start"}


def parameters_that_count(classifier) -> dict:
    """Return the parameters that a fit and the one that resumes it must share."""
    has_course = classifier.schedule not in (None, "adaptive")
    names = classifier._parameter_constraints.keys() - FREE
    names |= {"max_iter"} if has_course else set()
    return {name: _apart(getattr(classifier, name)) for name in names}


def _apart(value):
    """Return a copy of what may be changed in place."""
    return copy.copy(value) if isinstance(value, list | dict | np.ndarray) else value


def take_over(classifier, other) -> None:
    """Give a classifier the fitted attributes of another, and its solver under way.

    Raises
    ------
    ValueError
        Unless the other was fitted, by steps over batches, with the same parameters.
    """
    solver = getattr(other, "_solver", None)
    if getattr(solver, "params", None) is None:
        raise ValueError(
            "resume_from must be a classifier whose last call was fit with solver='adam', "
            "'adamw' or 'sgd', and did not fail and was not interrupted within an epoch. "
            "The state of its solver is neither copied nor pickled with it: resume from "
            "the classifier itself."
        )
    ours = parameters_that_count(classifier)
    differ = [name for name in sorted(ours) if not _same(ours[name], solver.params[name])]
    if differ:
        words = (f"{name}: {solver.params[name]!r}, now {ours[name]!r}" for name in differ)
        raise ValueError(
            "A fit is resumed with the parameters that it was begun with. These differ: "
            f"{'; '.join(words)}. To leave off before the end of a schedule, use "
            "fit(..., stop_after=...)."
        )
    if other is not classifier:
        kept = classifier._parameter_constraints.keys() | OF_THE_INSTANCE
        for name in vars(classifier).keys() - kept:
            del vars(classifier)[name]
        state = {name: vars(other)[name] for name in vars(other).keys() - kept}
        vars(classifier).update(copy.deepcopy(state))


def _same(a, b) -> bool:
    if isinstance(a, list | tuple | np.ndarray) and isinstance(
        b, list | tuple | np.ndarray
    ):
        return len(a) == len(b) and all(map(_same, a, b))
    return a is b or bool(a == b)


def check_course(solver: str, stop_after, *, resumes: bool, has_init: bool) -> None:
    """Raise ValueError for a stop_after or resume_from that cannot be."""
    if resumes and has_init:
        raise ValueError(
            "A fit that is resumed goes on with its own weights: give either resume_from, "
            "or coefs_init and intercepts_init."
        )
    if stop_after is None:
        return
    if solver == "lbfgs":
        raise ValueError(
            "stop_after counts epochs, and solver='lbfgs' has none. Use max_iter."
        )
    is_integer = isinstance(stop_after, Integral) and not isinstance(stop_after, bool)
    if not is_integer or stop_after < 1:
        raise ValueError(f"stop_after must be a number of epochs; got {stop_after!r}.")


def check_same_rows(solver, data, validation_data) -> None:
    """Refuse rows unlike those of the fit that is resumed.

    Raises
    ------
    ValueError
        Where their number differs, where there is an X_val now and was none, or the other
        way round, and where new weights leave a side without any.
    """
    n_held_out = 0 if solver.held_out is None else len(solver.held_out)
    n_rows = len(solver.rows) + n_held_out
    if len(data.target) != n_rows:
        raise ValueError(
            f"A fit is resumed with the rows that it was begun with: {n_rows}, not "
            f"{len(data.target)}. To go on with others, use warm_start=True or partial_fit."
        )
    if solver.has_X_val != (validation_data is not None):
        begun, now = ("with", "without") if solver.has_X_val else ("without", "with")
        raise ValueError(
            f"A fit is resumed with the X_val that it was begun with. It was begun {begun} "
            f"one, and is resumed {now} one."
        )
    check_weights(data, solver.rows, solver.held_out)
