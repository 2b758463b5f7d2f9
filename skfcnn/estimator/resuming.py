"""Resuming a fit: checks whether it can be resumed, and the copy of its state."""

import copy
import hashlib
import os
import pickle
from collections.abc import Sequence
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse

from skfcnn._sklearn import TASK_ATTRIBUTES
from skfcnn.estimator.base import OF_A_FIT
from skfcnn.estimator.checkpoints import last_checkpoint, load_checkpoint, path_of
from skfcnn.estimator.scales import BLOCK
from skfcnn.estimator.validation import check_weights

# Attributes that do not depend on the fit.
OF_THE_INSTANCE = {"_skl_callbacks", "_metadata_request"} | TASK_ATTRIBUTES

# Parameters that may differ between a fit and the one that resumes it.
FREE = {"max_iter", "verbose", "warm_start"}


class Start(NamedTuple):
    """Where a fit starts, and after how many epochs it stops."""

    coefs_init: Sequence[np.ndarray] | None = None
    intercepts_init: Sequence[np.ndarray] | None = None
    resume_from: Any = None  # a model, or a path
    stop_after: int | None = None


def parameters_that_count(estimator) -> dict:
    """Return the parameters that must be equal in a fit and in one that resumes it."""
    has_course = estimator.schedule not in (None, "adaptive")
    names = {*estimator._parameter_constraints, *estimator.get_params(deep=False)}
    names -= estimator._free_to_differ
    names |= {"max_iter"} if has_course else set()
    return {name: apart(getattr(estimator, name)) for name in sorted(names)}


def apart(value):
    """Return a copy of a mutable value, or a fixed text for a RandomState."""
    if isinstance(value, np.random.RandomState):
        return "a RandomState"
    return copy.copy(value) if isinstance(value, list | dict | np.ndarray) else value


def to_resume_from(given, estimator):
    """Return the estimator to resume from: the given one, or that of a checkpoint.

    A checkpoint has only the names of functions, so `estimator` provides the functions.
    The result is None if a directory has no checkpoint yet: the fit starts from scratch.
    """
    if not isinstance(given, str | os.PathLike):
        return given
    path = path_of(given, "resume_from")
    if path.is_dir():
        return last_checkpoint(path, estimator, stacklevel=6)
    return load_checkpoint(path, estimator)


def copy_fit(estimator, other) -> None:
    """Copy the fitted attributes and the solver of another estimator.

    Raises
    ------
    ValueError
        If the other was not fitted by a stochastic solver with the same parameters.
    """
    solver = other._training.solver if hasattr(other, "_training") else None
    params = None if solver is None or solver.fit is None else solver.fit.params
    if params is None:
        raise ValueError(
            "resume_from must be an estimator whose last call was a fit with a stochastic "
            "solver that did not fail and was not interrupted within an epoch. Copies and "
            "pickles of an estimator do not have the state of its solver: resume from the "
            "estimator itself, or from a checkpoint."
        )
    ours = parameters_that_count(estimator)
    begun = {name: params.get(name, "not there") for name in ours}
    differ = [name for name in begun if not same(ours[name], begun[name])]
    if differ:
        words = (f"{name}: {begun[name]!r}, now {ours[name]!r}" for name in differ)
        raise ValueError(
            "A resumed fit must have the parameters of the first fit. These differ: "
            f"{'; '.join(words)}. To stop before the end of a schedule, use "
            "fit(..., stop_after=...)."
        )
    if other is not estimator:
        kept = estimator.get_params(deep=False).keys() | OF_THE_INSTANCE | OF_A_FIT
        state = {name: vars(other)[name] for name in vars(other).keys() - kept}
        state = copy.deepcopy(state)
        for name in vars(estimator).keys() - kept:
            del vars(estimator)[name]
        vars(estimator).update(state)


def same(a, b) -> bool:
    """Return whether two values of a parameter are equal."""
    are_sequences = [isinstance(each, list | tuple | np.ndarray) for each in (a, b)]
    if any(are_sequences):
        return all(are_sequences) and len(a) == len(b) and all(map(same, a, b))
    return a is b or _are_equal(a, b) or _are_equal_once_pickled(a, b)


def _are_equal(a, b) -> bool:
    try:
        return bool(a == b)
    except (TypeError, ValueError):  # e.g. frames, which compare cell by cell
        return False


def _are_equal_once_pickled(a, b) -> bool:
    """Return whether two objects without `__eq__` have equal pickles."""
    if type(a) is not type(b) or isinstance(a, str | int | float | bool | dict | None):
        return False
    try:
        return pickle.dumps(a) == pickle.dumps(b)
    except (pickle.PicklingError, AttributeError, TypeError):
        return False


def digests(data, validation_data) -> dict[str, str]:
    """Return the digests of the parts of the data."""
    names, parts = ["X", "y", "sample_weight"], [*data]
    if validation_data is not None:
        names += [f"{name}_val" for name in names]
        parts += validation_data
    return {name: digest_of(part) for name, part in zip(names, parts, strict=True)}


def digest_of(array) -> str:
    """Return shape, dtype and a digest of the values, whatever the memory layout."""
    arrays, digest = [array], hashlib.sha256()
    if scipy.sparse.issparse(array):
        if not array.has_canonical_format:
            array = array.copy()
            array.sum_duplicates()
        arrays = [array.indptr, array.indices, array.data]
    for part in arrays:
        at_once = max(1, BLOCK * len(part) // max(1, part.size))
        for start in range(0, len(part), at_once):
            rows = part[start : start + at_once]
            is_index = part is not arrays[-1]  # of a sparse matrix: int32 or int64
            digest.update(np.ascontiguousarray(rows, np.int64 if is_index else None).data)
    return f"{array.shape} {array.dtype} {digest.hexdigest()[:16]}"


def check_start(solver: str, start: Start) -> None:
    """Raise ValueError for a stop_after or resume_from that cannot be used."""
    stop_after = start.stop_after
    has_init = start.coefs_init is not None or start.intercepts_init is not None
    if start.resume_from is not None and has_init:
        raise ValueError(
            "A resumed fit continues from its own weights. Pass either resume_from, or "
            "coefs_init and intercepts_init."
        )
    if stop_after is None:
        return
    if solver == "lbfgs":
        raise ValueError(
            "stop_after counts epochs, and solver='lbfgs' has none. Use max_iter."
        )
    is_integer = isinstance(stop_after, Integral) and not isinstance(stop_after, bool)
    if not is_integer or stop_after < 0:
        raise ValueError(f"stop_after must be a number of epochs; got {stop_after!r}.")


def check_same_data(solver, data, validation_data, now) -> None:
    """Check that the data are those of the first fit; `now` are their digests.

    Raises
    ------
    ValueError
        If the number of rows differs, if only one of the two fits has X_val, if the weights
        of the training rows or of the held-out rows are all zero, or if the digests differ.
        The digests are compared only if the first fit has computed them.
    """
    fit = solver.fit
    n_held_out = 0 if fit.held_out is None else len(fit.held_out)
    n_rows = len(fit.rows) + n_held_out
    if len(data.target) != n_rows:
        raise ValueError(
            f"A resumed fit must have the rows of the first fit: expected {n_rows} rows, "
            f"got {len(data.target)}. To train on other rows, use warm_start=True or "
            "partial_fit."
        )
    if fit.has_X_val != (validation_data is not None):
        then, here = ("with", "without") if fit.has_X_val else ("without", "with")
        raise ValueError(
            "A resumed fit must have the X_val of the first fit. The first fit was called "
            f"{then} X_val, and the resumed one {here} X_val."
        )
    check_weights(data, fit.rows, fit.held_out)
    begun = fit.data
    differ = [name for name in now if begun and begun[name] != now[name]]
    if differ:
        words = (f"{name}: {begun[name]}, now {now[name]}" for name in differ)
        raise ValueError(
            "A resumed fit must have the data of the first fit. These differ (shape, "
            f"dtype, digest): {'; '.join(words)}."
        )
    fit.data = now
