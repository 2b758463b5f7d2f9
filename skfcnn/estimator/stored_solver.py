"""Conversion of a solver to plain values, and back.

Optimizer and schedule are created from the parameters of the estimator, including its
functions. Their numbers are then set to the stored ones, which must have the same kinds and
shapes. A file thus holds the progress of training, and never code to run.
"""

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np

from skfcnn.estimator.plain_values import Name, description, is_plain, of_kind
from skfcnn.estimator.solver import FitRows, Last, Solver, start_solver
from skfcnn.network.network import Network
from skfcnn.training.stopping import BestParameters
from skfcnn.training.time_limit import TimeLimit

BIT_GENERATORS = {
    kind.__name__: kind
    for kind in (
        np.random.MT19937,
        np.random.PCG64,
        np.random.PCG64DXSM,
        np.random.Philox,
        np.random.SFC64,
    )
}
# The largest position in the buffer of drawn numbers. NumPy does not check it.
LAST_POSITION = {"MT19937": ("pos", 624), "Philox": ("buffer_pos", 4)}


def plain_entries(entries: dict) -> dict:
    """Return the entries, with a description for each value that is not plain data."""
    return {
        name: value if is_plain(value) else Name(description(value))
        for name, value in entries.items()
    }


def plain_solver(solver: Solver) -> dict:
    """Return the solver as plain values."""
    fit, last = solver.fit, solver.last
    assert fit is not None, "a solver trains in a fit"
    return {
        "optimizer": _numbers_of(solver.optimizer),
        "schedule": _numbers_of(solver.schedule),
        "moving": solver.moving,
        "average": solver.average,
        "mask_rng": solver.mask_rng and _plain_rng(solver.mask_rng.bit_generator.state),
        "trained": solver.trained,
        "best": None if solver.best is None else solver.best.best,
        "theta": None if last is None else last.theta,
        "restored": None if last is None else last.restored,
        "first_loss": solver.first_loss,
        "rng": _plain_rng(fit.rng.get_state(legacy=False)),
        "rows": fit.rows,
        "held_out": fit.held_out,
        "has_X_val": fit.has_X_val,
        "params": None if fit.params is None else plain_entries(fit.params),
        "data": fit.data,
    }


def _numbers_of(part) -> dict:
    """Return the numbers of a part; the parameters determine its tuples and functions.

    A time limit is of the ensemble that set it, not of the solver.
    """
    return {
        name: _numbers_of(value) if hasattr(value, "__dict__") else value
        for name, value in vars(part).items()
        if not callable(value) and not isinstance(value, tuple | TimeLimit)
    }


def _plain_rng(state: Mapping) -> Mapping:
    if state["bit_generator"] not in BIT_GENERATORS:
        raise TypeError(
            f"A checkpoint cannot hold the state of a {state['bit_generator']}. Use a "
            f"random_state with one of {sorted(BIT_GENERATORS)}, or an integer."
        )
    return state


def solver_of(stored: dict, params, network: Network) -> Solver:
    """Return the stored solver, for the estimator `params` and its network.

    Raises
    ------
    ValueError
        If it does not match the parameters and the network.
    """
    solver, theta = start_solver(params, network, rows_seen=0), network.theta
    if stored["trained"] is not None:
        solver.trained = _fill(theta, stored["trained"], "trained")
    _fill_in(solver.optimizer, stored["optimizer"], "optimizer")
    _fill_in(solver.schedule, stored["schedule"], "schedule")
    if solver.moving is not None:
        _fill(solver.moving, stored["moving"], "moving")
    if stored["average"] is not None:
        solver.average = _fill(np.empty_like(theta), stored["average"], "average")
    if stored["theta"] is not None:
        last = _fill(np.empty_like(theta), stored["theta"], "theta")
        solver.last = Last(last, of_kind(bytes, stored["restored"], "restored"))
    if stored["best"] is not None:
        solver.best = BestParameters(theta)
        _fill(solver.best.best, stored["best"], "best")
    if stored["mask_rng"] is not None:
        solver.mask_rng = np.random.Generator(_bit_generator(stored["mask_rng"]))
    solver.first_loss = of_kind(Real | None, stored["first_loss"], "first_loss")
    solver.fit = _fit_of(stored)
    return solver


def _fit_of(stored: dict) -> FitRows:
    """Return the rows of the fit, and the values that a fit that resumes it must match."""
    rng = np.random.RandomState(_bit_generator(stored["rng"]))
    rng.set_state(stored["rng"])
    _check_rows(stored["rows"], stored["held_out"])
    return FitRows(
        rng,
        stored["rows"],
        stored["held_out"],
        has_X_val=of_kind(bool, stored["has_X_val"], "has_X_val"),
        params=of_kind(dict | None, stored["params"], "params"),
        data=of_kind(dict | None, stored["data"], "data"),
    )


def _fill_in(part, numbers: dict, where: str) -> None:
    """Set the numbers of an optimizer or a schedule to the stored ones."""
    kept = _numbers_of(part)
    if numbers.keys() != kept.keys():
        raise ValueError(f"{where} has {[*numbers]}, not {[*kept]}")
    for name, value in numbers.items():
        ours, called = getattr(part, name), f"{where}.{name}"
        if isinstance(ours, np.ndarray):
            _fill(ours, value, called)
        elif hasattr(ours, "__dict__"):
            _fill_in(ours, value, called)
        else:
            setattr(part, name, of_kind(Real, value, called))


def _fill(array: np.ndarray, values: np.ndarray, where: str) -> np.ndarray:
    of_kind(np.ndarray, values, where)
    if (values.shape, values.dtype) != (array.shape, array.dtype):
        raise ValueError(
            f"{where} has dtype {values.dtype} and shape {values.shape}, not {array.dtype} "
            f"and {array.shape}"
        )
    array[...] = values
    return array


def _bit_generator(state: Any):
    """Return a bit generator in this state."""
    name = state["bit_generator"]
    if name in LAST_POSITION:
        counter, last = LAST_POSITION[name]
        holder = state["state"] if counter == "pos" else state
        if not 0 <= of_kind(int, holder[counter], counter) <= last:
            raise ValueError(f"{counter} of {name} is {holder[counter]}, not 0 to {last}")
    generator = BIT_GENERATORS[name](0)
    generator.state = state
    return generator


def _check_rows(rows, held_out) -> None:
    """Raise ValueError unless each number from 0 to n_rows - 1 occurs once."""
    parts = [rows] if held_out is None else [rows, held_out]
    for part in parts:
        if of_kind(np.ndarray, part, "rows").dtype.kind != "i" or part.ndim != 1:
            raise ValueError(
                f"rows have dtype {part.dtype} and shape {part.shape}, not integers and "
                "one dimension"
            )
    numbers = np.concatenate(parts)
    seen = np.zeros(len(numbers), bool)
    seen[numbers[(numbers >= 0) & (numbers < len(numbers))]] = True
    if not seen.all():
        raise ValueError("rows must contain each row exactly once")
