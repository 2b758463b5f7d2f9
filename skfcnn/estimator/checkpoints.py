"""Checkpoints: files with the state of an estimator and its solver after an epoch.

Reading a file gives the estimator as if its fit had ended after that epoch.
"""

import re
import stat
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from skfcnn._files import read_whole, write_whole
from skfcnn._version import __version__
from skfcnn.estimator.base import FittedNetwork
from skfcnn.estimator.plain_values import from_bytes, to_bytes
from skfcnn.estimator.stored_model import NotOfThisKind, model_of, plain_model

SUFFIX = ".checkpoint"
WRITTEN_NAME = re.compile(rf"(.+)-epoch([0-9]+){re.escape(SUFFIX)}")


def write_checkpoint(path: Path, estimator, fitted, **further) -> None:
    """Write an estimator that is being fitted.

    Parameters
    ----------
    path : Path
    estimator : FullyConnectedClassifier or FullyConnectedRegressor
        The estimator in training, with its network and its solver.
    fitted : FullyConnectedClassifier or FullyConnectedRegressor
        A copy with the attributes that it would have if its fit ended here.
    **further
        Plain values to write in addition to them.
    """
    write_whole(path, to_bytes(plain_model(estimator, fitted) | further))


def is_due(every: int | str, fitted) -> bool:
    """Return whether a file is due after this epoch: see `Checkpoint`."""
    if every != "best":
        return len(fitted.loss_curve_) % int(every) == 0
    scores = (fitted.validation_scores_ or [])[-fitted.n_iter_ :]
    if np.isnan(scores).all():  # also if there are none
        scores = [-loss for loss in fitted.loss_curve_[-fitted.n_iter_ :]]
    *earlier, score = scores
    return score > np.nanmax([-np.inf, *earlier])


def remove_all_but(keep: int | None, directory: Path, fit_id: str) -> None:
    """Remove the files of a fit except for the last ones; None keeps all."""
    for old in checkpoints_of(directory, fit_id)[keep:] if keep else ():
        old.unlink(missing_ok=True)


def path_of(given, name: str) -> Path:
    """Return the path given by a user; raise for "", which Path would treat as "."."""
    if given == "":
        raise ValueError(
            f"{name} is an empty path. Pass a file or a directory; the current directory "
            "is '.'."
        )
    return Path(given)


def load_checkpoint(path, estimator=None):
    """Return the estimator of a checkpoint, as if its fit had ended there.

    With early stopping it has the best parameters so far. It can predict, and
    `fit(X, y, resume_from=path)` continues from it.

    Parameters
    ----------
    path : str or path
        A file written by `Checkpoint`, or its directory, of which the last file is loaded.
    estimator : FullyConnectedClassifier or FullyConnectedRegressor, default=None
        An estimator of the class that was fitted. It provides what a file does not hold:
        the parameters (and attributes of a subclass) that are functions or other objects,
        such as `schedule`, `scoring`, a `loss` of functions or a
        `random_state` that is not an integer. Required if there are such parameters, or if
        the class is not from skfcnn. It is not changed.

    Returns
    -------
    model : FullyConnectedClassifier or FullyConnectedRegressor
        Without callbacks, and with the metadata requests of `estimator`.

    Raises
    ------
    OSError
        If the file does not exist, or if there is no checkpoint in the directory.
    TypeError
        If `estimator` is neither.
    ValueError
        If the file is damaged, is not a checkpoint, or is from a newer version of skfcnn.
        In a directory, such files are skipped with a warning, and the last good file is
        loaded. Also if `estimator` is required, or if its functions have other names.

    Notes
    -----
    A checkpoint holds numbers, text and arrays. Loading a file runs no code, even if the
    file is crafted.
    """
    if estimator is not None and not isinstance(estimator, FittedNetwork):
        raise TypeError(
            "estimator must be a FullyConnectedClassifier or FullyConnectedRegressor, or a "
            f"subclass of one; got {estimator!r:.99}."
        )
    path = path_of(path, "load_checkpoint(path)")
    if not path.is_dir():
        return model_in(path, read_plain(path), estimator)
    model = last_checkpoint(path, estimator, stacklevel=3)
    if model is None:
        raise FileNotFoundError(f"There is no checkpoint in {path}.")
    return model


def last_checkpoint(directory: Path, estimator=None, *, stacklevel: int):
    """Return the estimator of the last whole checkpoint; None if there is no file at all.

    Raises
    ------
    ValueError
        If there are files but none can be read, and where load_checkpoint would raise.
    """
    found = last_content(directory, stacklevel=stacklevel + 1)
    return None if found is None else model_in(*found, estimator)


def last_content(
    directory: Path, fit_id: str | None = None, *, stacklevel: int
) -> tuple[Path, Any] | None:
    """Return the path and the plain values of the last whole checkpoint; None without one.

    Raises
    ------
    ValueError
        If there are files but none can be read.
    """
    while paths := checkpoints_of(directory, fit_id):
        refused = []
        for path in paths:
            try:
                content = read_plain(path)
            except FileNotFoundError:  # another process has removed it: look again
                break
            except (ValueError, OSError) as error:
                refused.append(str(error))
                continue
            for reason in refused:
                words = f"{reason} Loading {path.name} instead."
                warnings.warn(words, UserWarning, stacklevel=stacklevel)
            return path, content
        else:
            raise ValueError(
                f"All checkpoints in {directory} are damaged. {' '.join(refused)}"
            )
    return None


def checkpoint_path(directory: Path, fit_id: str, epoch: int) -> Path:
    """Return the file of an epoch of a fit."""
    return directory / f"{fit_id}-epoch{epoch:06d}{SUFFIX}"


class _Name(NamedTuple):
    """Fit and epoch, from the name of a checkpoint. A file may have been renamed."""

    fit: str
    epoch: int

    @classmethod
    def of(cls, path: Path) -> "_Name":
        match = WRITTEN_NAME.fullmatch(path.name)
        return cls(path.name, 0) if match is None else cls(match[1], int(match[2]))


def checkpoints_of(directory: Path, fit_id: str | None = None) -> list[Path]:
    """Return the checkpoints in a directory, of all fits or of one, the last one first.

    The files of a fit are sorted by epoch, not by time. The fits are sorted by the time of
    their latest file.
    """
    names: dict[Path, _Name] = {}
    last_written: dict[str, int] = {}
    for path in directory.iterdir():
        name = _Name.of(path)
        if path.suffix != SUFFIX or fit_id not in (None, name.fit):
            continue
        try:
            status = path.stat()
        except FileNotFoundError:  # another process has removed it
            continue
        except OSError:  # a loop of links: reading it raises the error
            status = path.lstat()
        if stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode):
            names[path] = name
            last_written[name.fit] = max(status.st_mtime_ns, last_written.get(name.fit, 0))
    return sorted(
        names,
        key=lambda path: (last_written[names[path].fit], names[path], path.name),
        reverse=True,
    )


def read_plain(path: Path):
    """Return the plain values in a file.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is damaged, is from a newer version, or is another kind of file.
    """
    content = read_whole(path)
    try:
        return from_bytes(content)
    except ValueError as error:
        raise cannot_be_opened(path, error) from error


def model_in(path: Path, content, estimator):
    """Return the estimator that the plain values of a file describe."""
    try:
        return model_of(content, estimator)
    except NotOfThisKind as error:
        raise ValueError(f"{path} {error}") from error
    # A crafted file may hold any kind of value, so any step may raise any error.
    except Exception as error:
        raise cannot_be_opened(path, error) from error


def cannot_be_opened(path: Path, error: Exception) -> ValueError:
    """Return the error for a whole file whose content is not what it should be."""
    return ValueError(
        f"{path} is not damaged, but skfcnn {__version__} cannot read its content: "
        f"{str(error)[:500]} ({type(error).__name__})."
    )
