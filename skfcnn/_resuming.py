"""Going on with a fit where it ended: whether that can be done, and what is taken over."""

import copy

import numpy as np

# What may differ between a fit and the one that resumes it.
FREE = {"max_iter", "verbose", "warm_start"}


def parameters_that_count(classifier) -> dict:
    """Return the parameters that a fit and the one that resumes it must share."""
    params = classifier.get_params(deep=False)
    if params["schedule"] in (None, "adaptive"):
        return {name: params[name] for name in params.keys() - FREE}
    return {name: params[name] for name in params.keys() - FREE | {"max_iter"}}


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
            "'adamw' or 'sgd'. The state of its solver is neither copied nor pickled with "
            "it: resume from the classifier itself."
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
        constructed = other.get_params(deep=False).keys() | {"_skl_callbacks"}
        state = {k: v for k, v in vars(other).items() if k not in constructed}
        vars(classifier).update(copy.deepcopy(state))


def _same(a, b) -> bool:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.array_equal(a, b)
    return a is b or bool(a == b)


def check_same_rows(solver, data) -> None:
    """Raise ValueError unless the data has as many rows as the fit that is resumed had."""
    n_held_out = 0 if solver.held_out is None else len(solver.held_out)
    n_rows = len(solver.rows) + n_held_out
    if len(data.target) != n_rows:
        raise ValueError(
            f"A fit is resumed with the rows that it was begun with: {n_rows}, not "
            f"{len(data.target)}. To go on with others, use warm_start=True or partial_fit."
        )
