"""A classifier and its solver, as they are after an epoch, in a file.

What is read from it is the classifier as if its fit had ended after that epoch.
"""

import pickle
import warnings
from contextlib import suppress
from pathlib import Path

from skfcnn._prediction import UNDER_WAY
from skfcnn._solver import leave
from skfcnn._version import __version__
from skfcnn._whole_files import read_whole, write_whole

SUFFIX = ".checkpoint"


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
    path = Path(path)
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
    refused = []
    for path in checkpoints_of(directory):
        try:
            model = _load_file(path)
        except FileNotFoundError:  # another fit has removed it
            continue
        except (ValueError, OSError) as error:
            refused.append(str(error))
            continue
        for reason in refused:
            words = f"{reason} Taking {path.name}."
            warnings.warn(words, UserWarning, stacklevel=stacklevel)
        return model
    if refused:
        raise ValueError(f"No checkpoint in {directory} is whole. {' '.join(refused)}")
    return None


def checkpoints_of(directory: Path, fit_id: str = "") -> list[Path]:
    """Return the checkpoints in a directory, perhaps of one fit only, the last first.

    Those of a fit stand in the order of their epochs, whatever the clock says of them, and
    fits in the order in which they were written last.
    """
    paths: list[Path] = []
    last_written: dict[str, int] = {}
    for path in directory.glob(f"{fit_id}*{SUFFIX}"):
        with suppress(FileNotFoundError):  # another fit has removed it
            time = path.stat().st_mtime_ns
            last_written[_fit(path)] = max(time, last_written.get(_fit(path), 0))
            paths += [path] if path.is_file() else []
    return sorted(paths, key=lambda path: (last_written[_fit(path)], path.name))[::-1]


def _fit(path: Path) -> str:
    return path.name.partition("-")[0]


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
