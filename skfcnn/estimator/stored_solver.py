"""A solver as plain values, and the solver that is made from them.

Optimizer and schedule are created again from the parameters of the classifier, functions
included, and get the numbers of the stored ones: these have to be of the same kinds and
shapes. So a file says how far training has come, and never what is to be run.
"""

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np

from skfcnn.estimator.plain_values import Name, description, is_plain
from skfcnn.estimator.solver import FitRows, Last, Solver, start_solver
from skfcnn.network.network import Network
from skfcnn.training.stopping import BestParameters

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
# The largest position in the numbers drawn ahead, which NumPy does not check.
LAST_POSITION = {"MT19937": ("pos", 624), "Philox": ("buffer_pos", 4)}


def plain_entries(entries: dict) -> dict:
    """Return the entries as they are if they are data, else by their descriptions."""
    return {
        name: value if is_plain(value) else Name(description(value))
        for name, value in entries.items()
    }


def plain_solver(solver: Solver) -> dict:
    """Return what a solver is, as plain values."""
    fit, last = solver.fit, solver.last
    assert fit is not None, "a solver trains in a fit"
    return {
        "optimizer": _numbers_of(solver.optimizer),
        "schedule": _numbers_of(solver.schedule),
        "moving": solver.moving,
        "average": solver.average,
        "mask_rng": solver.mask_rng and _plain_rng(solver.mask_rng.bit_generator.state),
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
    """Return what the parameters do not say: tuples and functions come with them."""
    return {
        name: _numbers_of(value) if hasattr(value, "__dict__") else value
        for name, value in vars(part).items()
        if not callable(value) and not isinstance(value, tuple)
    }


def _plain_rng(state: Mapping) -> Mapping:
    if state["bit_generator"] not in BIT_GENERATORS:
        raise TypeError(
            f"A checkpoint cannot have the state of a {state['bit_generator']}. Use a "
            f"random_state of one of {sorted(BIT_GENERATORS)}, or an integer."
        )
    return state


def solver_of(stored: dict, params, network: Network) -> Solver:
    """Return the solver that was stored, for the classifier `params` and its network.

    Raises
    ------
    ValueError
        Where it is not one of these parameters and this network.
    """
    solver, theta = start_solver(params, network, rows_seen=0), network.theta
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
    """Return the rows of the fit, and what a fit that resumes it must share."""
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


def of_kind(kinds, value, name: str):
    """Return a value; raise ValueError where it is of another kind."""
    if not isinstance(value, kinds):
        raise ValueError(f"{name} is {value!r:.99}")
    return value


def _fill_in(part, numbers: dict, where: str) -> None:
    """Give an optimizer or a schedule the numbers of another one."""
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
        raise ValueError(f"{where} is of {values.dtype}, {values.shape}")
    array[...] = values
    return array


def _bit_generator(state: Any):
    """Return a bit generator in this state."""
    name = state["bit_generator"]
    if name in LAST_POSITION:
        counter, last = LAST_POSITION[name]
        holder = state["state"] if counter == "pos" else state
        if not 0 <= of_kind(int, holder[counter], counter) <= last:
            raise ValueError(f"{counter} of {name} is {holder[counter]}")
    generator = BIT_GENERATORS[name](0)
    generator.state = state
    return generator


def _check_rows(rows, held_out) -> None:
    """Raise ValueError unless every number from 0 on is there once."""
    parts = [rows] if held_out is None else [rows, held_out]
    for part in parts:
        if of_kind(np.ndarray, part, "rows").dtype.kind != "i" or part.ndim != 1:
            raise ValueError(f"rows are of {part.dtype}, {part.shape}")
    numbers = np.concatenate(parts)
    seen = np.zeros(len(numbers), bool)
    seen[numbers[(numbers >= 0) & (numbers < len(numbers))]] = True
    if not seen.all():
        raise ValueError("rows are there twice, or not at all")
