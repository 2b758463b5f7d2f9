"""The files of an ensemble that is being fitted.

    <fit>.ensemble                            what was given and what was drawn, once
    <fit>.plan                                with a time limit, for each wave of networks
    <fit>-network007-epoch000012.checkpoint   a network after an epoch

The file of a network is a checkpoint as of a network alone, and `load_checkpoint` reads it.
It also has the time that was used. The last file of a network says that it is done.
"""

import math
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from skfcnn._files import write_whole
from skfcnn.estimator.checkpoints import (
    SUFFIX,
    cannot_be_opened,
    checkpoint_path,
    is_due,
    last_content,
    model_in,
    read_plain,
    remove_all_but,
    write_checkpoint,
)
from skfcnn.estimator.plain_values import of_kind, to_bytes
from skfcnn.tabular.folds import Fold
from skfcnn.training.minibatch import Monitor
from skfcnn.training.time_limit import TimeLimit

ENSEMBLE, PLAN = ".ensemble", ".plan"
# What is written of the training of a network, and its kinds.
OF_TRAINING: dict[str, Any] = {
    "is_done": bool,
    "seconds": float,
    "left_of_fit": float,
    "left": float,
    "passed": float,
    "n_steps": int,
    "pause": float,
}
OF_RECORD: dict[str, Any] = {
    "params": dict,
    "labels": dict,
    "rows": dict,
    "folds": list,
    "encoder_seed": int,
    "seeds": list,
    "importances_seed": int,
}
OF_PLAN: dict[str, Any] = {
    "left": float,
    "share": float,
    "seconds_to_weigh": float,
    "seconds": list,
    "most_epochs": int,
    "started": list,
}


class NetworkFiles(NamedTuple):
    """The files of one network of an ensemble.

    Parameters
    ----------
    directory : Path or None
        None for a network without files.
    name : str
        Of the fit and the network, for the names of the files.
    every : int, "best" or None
        As of `Checkpoint`; None writes no file.
    keep : int or None
    fit_end : float
        The time by which the whole ensemble must be ready.
    """

    directory: Path | None = None
    name: str = ""
    every: int | str | None = None
    keep: int | None = None
    fit_end: float = math.inf

    def last(self, network) -> tuple[Any, dict]:
        """Return the network of the last whole file, and the state of its training.

        `network` provides functions and other objects, which a file does not hold. Without
        a file that training can continue from, the network is None and the state is empty.
        """
        found = self._last_content()
        if found is None:
            return None, {}
        model, state = model_in(*found, network), checked(*found, "training")
        has_no_solver = model._training.solver is None  # after an iteration of L-BFGS
        return (None, {}) if has_no_solver and not state["is_done"] else (model, state)

    def last_state(self) -> dict:
        """Return the state of the training in the last whole file, or an empty dict."""
        found = self._last_content()
        return {} if found is None else checked(*found, "training")

    def _last_content(self) -> tuple[Path, Any] | None:
        if self.directory is None:
            return None
        return last_content(self.directory, self.name, stacklevel=3)

    def write(self, network, fitted, limit: TimeLimit, seconds: float, *, is_done) -> None:
        """Write the network as in `write_checkpoint`, and remove older files."""
        if self.directory is None or self.every is None:
            return
        training = {
            "is_done": is_done,
            "seconds": seconds,
            "left_of_fit": self.fit_end - time.time(),
            **limit.state(),
        }
        path = checkpoint_path(self.directory, self.name, len(fitted.loss_curve_))
        write_checkpoint(path, network, fitted, training=training)
        remove_all_but(self.keep, self.directory, self.name)


NO_FILES = NetworkFiles()


class Recording:
    """A monitor that writes the network to a file after an epoch, if a file is due.

    Parameters
    ----------
    monitor : Monitor
        The monitor that is called first.
    fitted : callable
        Returns a copy of the network, as if its training ended here.
    every : int, "best" or None
    write : callable
        Writes such a copy.
    """

    def __init__(self, monitor: Monitor, fitted: Callable, every, write: Callable) -> None:
        self.monitor = monitor
        self.fitted = fitted
        self.every = every
        self.write = write

    def begin(self) -> None:
        """Called before each epoch."""
        self.monitor.begin()

    def end(self, loss: float) -> bool:
        """Called with the loss after each epoch; return whether training is over."""
        is_over = self.monitor.end(loss)
        if self.every is not None and is_due(self.every, fitted := self.fitted()):
            self.write(fitted)
        return is_over


def write_record(directory: Path, fit_id: str, record: dict) -> None:
    """Write what is known of a fit before its first network is trained."""
    folds = [tuple(fold) for fold in record["folds"]]
    write_whole(path_of_record(directory, fit_id), to_bytes(record | {"folds": folds}))


def read_record(path: Path) -> dict:
    """Return what `write_record` has written.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is damaged, or is another file.
    """
    if path.suffix == SUFFIX:
        raise ValueError(
            f"{path} is a checkpoint of a single network. Pass the file of the ensemble, "
            f"whose name ends with {ENSEMBLE!r}, or the directory."
        )
    record = checked(path, {"record": read_plain(path)}, "record", OF_RECORD)
    try:
        folds = [Fold(*map(_rows, parts)) for parts in record["folds"]]
        seeds = [of_kind(int, seed, "seeds") for seed in record["seeds"]]
    except Exception as error:  # of any kind, in a crafted file
        raise cannot_be_opened(path, error) from error
    return record | {"folds": folds, "seeds": seeds}


def _rows(numbers) -> np.ndarray:
    is_valid = of_kind(np.ndarray, numbers, "folds").dtype.kind == "i" and numbers.ndim == 1
    if not is_valid or (numbers < 0).any():
        raise ValueError(f"folds have {numbers!r:.99}, not the numbers of rows")
    return numbers


def write_plan(directory: Path, fit_id: str, plan: dict) -> None:
    """Write the state of the plan of a time limit."""
    write_whole(directory / f"{fit_id}{PLAN}", to_bytes(plan))


def read_plan(directory: Path, fit_id: str) -> dict | None:
    """Return the state of the plan; None if no network was started."""
    path = directory / f"{fit_id}{PLAN}"
    if not path.exists():
        return None
    return checked(path, {"plan": read_plain(path)}, "plan", OF_PLAN)


def checked(path: Path, content: Any, name: str, kinds: dict = OF_TRAINING) -> dict:
    """Return a dict in the content of a file, whose values have these kinds."""
    try:
        found = of_kind(dict, content[name], name)
        return {each: of_kind(kind, found[each], each) for each, kind in kinds.items()}
    except Exception as error:  # of any kind, in a crafted file
        raise cannot_be_opened(path, error) from error


def path_of_record(directory: Path, fit_id: str) -> Path:
    """Return the file of a fit."""
    return directory / f"{fit_id}{ENSEMBLE}"


def last_record(directory: Path) -> Path | None:
    """Return the file of the fit that was written to last; None if there is no fit.

    Raises
    ------
    ValueError
        If there are only checkpoints of single networks.
    """
    records = [*directory.glob(f"*{ENSEMBLE}")]
    if not records and any(directory.glob(f"*{SUFFIX}")):
        raise ValueError(
            f"{directory} has checkpoints of single networks, and none of an ensemble. Use "
            "another directory."
        )
    return max(records, key=_last_written, default=None)


def _last_written(record: Path) -> int:
    times = [0]
    for file in record.parent.glob(f"{record.stem}*"):
        with suppress(FileNotFoundError):  # a worker of the killed fit has removed it
            times.append(file.stat().st_mtime_ns)
    return max(times)
