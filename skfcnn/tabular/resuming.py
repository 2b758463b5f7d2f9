"""Resuming the fit of an ensemble: what must be equal, and what is kept.

The encoder is fitted again. The digests of its output, of y and of the weights have to be
those of the fit that was killed. Folds and seeds are those of the file, so a fit with
`random_state=None` can be resumed too.
"""

import math
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from skfcnn._files import remove_left_parts
from skfcnn._version import __version__
from skfcnn.callbacks import Checkpoint
from skfcnn.estimator.checkpoints import path_of
from skfcnn.estimator.plain_values import Name, description
from skfcnn.estimator.resuming import apart, digest_of, same
from skfcnn.estimator.stored_solver import plain_entries
from skfcnn.tabular.drawing import Drawn
from skfcnn.tabular.recording import (
    ENSEMBLE,
    PLAN,
    NetworkFiles,
    last_record,
    read_plan,
    read_record,
    write_plan,
    write_record,
)
from skfcnn.tabular.time_budget import Plan

# Parameters that may differ between a fit and the one that resumes it.
FREE = {"n_jobs", "verbose"}


@dataclass
class Recorder:
    """Writes and reads the files of a fit; does nothing without a directory.

    Parameters
    ----------
    directory : Path or None
    fit_id : str
    record : dict or None
        Of the fit that is resumed.
    every : int, "best" or None
        As of `Checkpoint`; None writes nothing.
    keep : int or None
    """

    directory: Path | None = None
    fit_id: str = ""
    record: dict | None = None
    every: int | str | None = None
    keep: int | None = None

    @classmethod
    def of(cls, model, resume_from, labels: tuple) -> Self:
        """Return the recorder of a fit; it has to be that of the fit to resume.

        Parameters
        ----------
        model : TabularEnsemble
        resume_from : str, path or None
            As passed to `fit`.
        labels : tuple (y, weights, groups)
            Of the rows to train on.

        Raises
        ------
        ValueError
            If parameters or labels are not those of the fit to resume.
        """
        directory, every, keep = _given_checkpoint(model)
        path = _record_to_resume(resume_from)
        if path is None:
            return cls(directory, uuid.uuid4().hex, None, every, keep)
        if directory is not None and directory.resolve() != path.parent.resolve():
            raise ValueError(
                f"resume_from is in {path.parent}, and Checkpoint writes to {directory}. A "
                "resumed ensemble continues in the same directory: copy all files of the "
                "fit there, or set Checkpoint to the directory of resume_from."
            )
        record = read_record(path)
        check_same_params(record["params"], params_that_count(model))
        check_same_data(record["labels"], digests_of_labels(*labels))
        return cls(path.parent, path.stem, record, every, keep)

    @property
    def drawn(self) -> Drawn | None:
        """The random folds and seeds of the fit that is resumed."""
        if self.record is None:
            return None
        return Drawn(*(self.record[name] for name in Drawn._fields))

    def begin(self, model, data, labels: tuple, drawn: Drawn) -> None:
        """Compare the encoded rows with those of the fit to resume, or write the record.

        Raises
        ------
        ValueError
            If the rows differ.
        """
        if self.directory is None:
            return
        rows = digests_of_rows(data, n_rows=len(labels[0]))
        if self.record is not None:
            check_same_data(self.record["rows"], rows)
            return
        record = {
            "params": plain_entries(params_that_count(model)),
            "labels": digests_of_labels(*labels),
            "rows": rows,
        }
        write_record(self.directory, self.fit_id, record | drawn._asdict())

    def files_of(self, number: int, fit_end: float = math.inf) -> NetworkFiles:
        """Return the files of a network."""
        name = f"{self.fit_id}-network{number:03d}"
        return NetworkFiles(self.directory, name, self.every, self.keep, fit_end)

    def write_plan(self, plan: Plan, members: Sequence) -> None:
        """Write the plan of a time limit, before a wave of networks is trained."""
        if self.directory is not None and self.every is not None and plan.is_limited:
            write_plan(self.directory, self.fit_id, plan.state(members))

    def plan(self, members: Sequence, start_time: float, workers: int) -> Plan | None:
        """Return the plan of a fit that was killed; its time counts, not that since."""
        if self.directory is None or self.record is None:
            return None
        state = read_plan(self.directory, self.fit_id)
        if state is None:
            return None
        states = [self.files_of(number).last_state() for number in state["started"]]
        left = min([state["left"], *(each["left_of_fit"] for each in states if each)])
        return Plan.of_state(state, members, end=start_time + left, workers=workers)


def _given_checkpoint(model) -> tuple[Path | None, int | str | None, int | None]:
    """Return where and how often to write; the directory is created."""
    for callback in getattr(model, "_skl_callbacks", ()):
        if isinstance(callback, Checkpoint):
            directory = Path(callback.directory).absolute()
            directory.mkdir(parents=True, exist_ok=True)
            for suffix in (ENSEMBLE, PLAN):
                remove_left_parts(directory, suffix)
            return directory, callback.every, callback.keep
    return None, None, None


def _record_to_resume(given) -> Path | None:
    """Return the file of the fit to resume; None to start from scratch."""
    if given is None:
        return None
    if not isinstance(given, str | os.PathLike):
        raise TypeError(
            "resume_from must be a file or a directory that Checkpoint has written; got "
            f"{given!r:.99}."
        )
    path = path_of(given, "resume_from").absolute()
    return last_record(path) if path.is_dir() else path


def params_that_count(model) -> dict:
    """Return what must be equal in a fit and in one that resumes it."""
    params = model.get_params(deep=False)
    params = {name: apart(params[name]) for name in params.keys() - FREE}
    return params | {"class": type(model).__name__, "version of skfcnn": __version__}


def check_same_params(begun: dict, ours: dict) -> None:
    """Raise ValueError if a parameter differs from that of the fit to resume."""
    differ = [
        f"{name}: {_shown(begun.get(name))}, now {_shown(ours[name])}"
        for name in sorted(ours)
        if not _is_same(begun.get(name), ours[name])
    ]
    if differ:
        raise ValueError(
            "A resumed fit must have the parameters of the first fit. These differ: "
            f"{'; '.join(differ)}."
        )


def _is_same(begun, ours) -> bool:
    if isinstance(begun, Name):
        return begun.text == description(ours)
    return same(begun, ours)


def _shown(value) -> str:
    return value.text if isinstance(value, Name) else description(value)


def digests_of_labels(y, weights, groups) -> dict[str, str]:
    """Return the digests of what is known before the table is encoded."""
    digests = {"y": digest_of(y), "sample_weight": digest_of(weights)}
    if groups is not None:
        digests["groups"] = digest_of(np.unique(groups, return_inverse=True)[1])
    return digests


def digests_of_rows(data, n_rows: int) -> dict[str, str]:
    """Return the digests of the encoded rows, n_rows to train on and others to validate."""
    digests = {"X": digest_of(data.X[:n_rows])}
    if len(data.X) > n_rows:
        parts = {"X_val": data.X, "y_val": data.y, "sample_weight_val": data.weights}
        digests |= {name: digest_of(part[n_rows:]) for name, part in parts.items()}
    return digests


def check_same_data(begun: dict, ours: dict) -> None:
    """Raise ValueError if the data differ from those of the fit to resume."""
    differ = [
        f"{name}: {begun.get(name, 'none')}, now {ours.get(name, 'none')}"
        for name in dict.fromkeys([*begun, *ours])
        if begun.get(name) != ours.get(name)
    ]
    if differ:
        raise ValueError(
            "A resumed fit must have the data of the first fit. These differ (shape, dtype "
            f"and digest; of X, as it is encoded): {'; '.join(differ)}. An encoder of your "
            "own must return the same numbers for the same table."
        )
