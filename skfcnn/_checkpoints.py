"""A classifier and its solver, as they are after an epoch, in a file.

What is read from it is the classifier as if its fit had ended after that epoch.
"""

import pickle
import re
import stat
import warnings
from pathlib import Path
from typing import NamedTuple

from skfcnn._prediction import UNDER_WAY
from skfcnn._solver import leave
from skfcnn._version import __version__
from skfcnn._whole_files import read_whole, write_whole

SUFFIX = ".checkpoint"
WRITTEN_NAME = re.compile(rf"(.+)-epoch([0-9]+){re.escape(SUFFIX)}")


def write_checkpoint(path: Path, classifier, fitted) -> None:
    """Write a classifier that is being fitted.

    Parameters
    ----------
    path : Path
    classifier : FullyConnectedClassifier
        With its solver, and the network that it moves.
    fitted : FullyConnectedClassifier
        A copy with the attributes that it would have if its fit ended here.

    Raises
    ------
    TypeError
        Where it holds what cannot be pickled, as a function that is no part of a module.
    """
    state = fitted.__getstate__() | {"_network": classifier._network}
    state.pop("_skl_callbacks", None)
    of_fit = {name: vars(classifier)[name] for name in UNDER_WAY & vars(classifier).keys()}
    try:
        content = pickle.dumps((type(fitted), state, of_fit))
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise TypeError(
            f"The classifier cannot be written to a checkpoint: {error}. Functions among "
            "its parameters have to be functions of a module."
        ) from error
    write_whole(path, content)


def path_of(given, name: str) -> Path:
    """Return a path that a user has given; refuse "", which Path takes for "."."""
    if given == "":
        raise ValueError(
            f"{name} is an empty path. Give a file or a directory; the current directory "
            "is '.'."
        )
    return Path(given)


def load_checkpoint(path):
    """Return the classifier of a checkpoint, as if its fit had ended there.

    With early stopping it has the best parameters so far. It can be asked for predictions,
    and `fit(X, y, resume_from=path)` goes on from it.

    Parameters
    ----------
    path : str or path
        A file that `Checkpoint` has written, or its directory: then the last one.

    Returns
    -------
    model : FullyConnectedClassifier

    Raises
    ------
    OSError
        Where there is no such file, and no checkpoint in the directory.
    ValueError
        Where the file is damaged, no checkpoint, or of a newer version of skfcnn. Of a
        directory the last file that is none of it is taken, with a warning about the
        others.

    Notes
    -----
    A checkpoint is a pickle, with a digest: it is safe from damage, but whoever made it can
    have any code run when it is loaded. Load your own only.
    """
    path = path_of(path, "load_checkpoint(path)")
    if not path.is_dir():
        return _load_file(path)
    model = last_checkpoint(path, stacklevel=3)
    if model is None:
        raise FileNotFoundError(f"There is no checkpoint in {path}.")
    return model


def last_checkpoint(directory: Path, *, stacklevel: int):
    """Return the classifier of the last whole checkpoint; None if there is no file at all.

    Raises
    ------
    ValueError
        Where there are files, and all are refused.
    """
    while paths := checkpoints_of(directory):
        refused = []
        for path in paths:
            try:
                model = _load_file(path)
            except FileNotFoundError:  # another process has removed it: look again
                break
            except (ValueError, OSError) as error:
                refused.append(str(error))
                continue
            for reason in refused:
                words = f"{reason} Taking {path.name}."
                warnings.warn(words, UserWarning, stacklevel=stacklevel)
            return model
        else:
            raise ValueError(f"No checkpoint in {directory} is whole. {' '.join(refused)}")
    return None


def checkpoint_path(directory: Path, fit_id: str, epoch: int) -> Path:
    """Return the file of an epoch of a fit."""
    return directory / f"{fit_id}-epoch{epoch:06d}{SUFFIX}"


class _Name(NamedTuple):
    """What the name of a checkpoint says. A file may have been given another name."""

    fit: str
    epoch: int

    @classmethod
    def of(cls, path: Path) -> "_Name":
        match = WRITTEN_NAME.fullmatch(path.name)
        return cls(path.name, 0) if match is None else cls(match[1], int(match[2]))


def checkpoints_of(directory: Path, fit_id: str | None = None) -> list[Path]:
    """Return the checkpoints in a directory, perhaps of one fit only, the last first.

    Those of a fit are in the order of their epochs, whatever the clock says of them, and
    fits in the order in which they were written last.
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
        except OSError:  # a loop of links: whoever reads it says so
            status = path.lstat()
        if stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode):
            names[path] = name
            last_written[name.fit] = max(status.st_mtime_ns, last_written.get(name.fit, 0))
    return sorted(
        names,
        key=lambda path: (last_written[names[path].fit], names[path], path.name),
        reverse=True,
    )


def _load_file(path: Path):
    content = read_whole(path)
    try:
        kind, state, of_fit = pickle.loads(content)
    except Exception as error:
        raise ValueError(
            f"{path} is whole, but what it holds cannot be opened by skfcnn {__version__} "
            f"with the packages that are installed: {error!r}."
        ) from error
    model = object.__new__(kind)
    model.__setstate__(state)
    vars(model).update(of_fit)
    if "_solver" in of_fit:
        leave(model._solver, model._network)
    return model
