"""Files that are whole or refused: written under another name, and read by their digest.

The other name is a new one for every write, as several processes may write one file.

The first line of a file says what it is, in words; all after it is the content:

    skfcnn checkpoint, format 1, by skfcnn 0.1.0, 52113 bytes, sha256 9f86d0...
"""

import hashlib
import os
import re
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from skfcnn._version import FORMAT, __version__, check_format

FIRST_LINE = re.compile(
    rb"skfcnn checkpoint, format (\d{1,9}), by skfcnn ([!-~]{1,40}), "
    rb"(\d{1,18}) bytes, sha256 ([0-9a-f]{64})"
)
LONGEST_LINE = 200
# The end of the name under which a file is written. Nobody writes one for a day, so that
# one so old was left by a process that was killed.
PART = ".part"
LEFT_AFTER = 24 * 3600.0  # seconds


def write_whole(path: Path, parts: Sequence) -> None:
    """Write a file, such that at any moment the whole of it is there, or what was there.

    Parameters
    ----------
    path : Path
    parts : sequence of bytes, or of arrays of bytes
        The content, one part after the other.

    Raises
    ------
    OSError
        Where it cannot be written. What was there still is.
    """
    digest = hashlib.sha256()
    for content in parts:
        digest.update(content)
    line = (
        f"skfcnn checkpoint, format {FORMAT}, by skfcnn {__version__}, "
        f"{sum(map(len, parts))} bytes, sha256 {digest.hexdigest()}\n"
    )
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex}{PART}")
    try:
        with open(part, "xb") as file:
            file.writelines([line.encode(), *parts])
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync(path.parent)


def remove_left_parts(directory: Path, suffix: str) -> None:
    """Remove what killed processes have left of files whose names end with `suffix`."""
    for part in directory.glob(f"*{suffix}.*{PART}"):
        with suppress(OSError):  # it is another user's, or another process was faster
            if time.time() - part.stat().st_mtime > LEFT_AFTER:
                part.unlink()


def _sync(directory: Path) -> None:
    """Have the new name on the disk too, where a system can be asked for that."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # file systems of a network may not know how
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_whole(path: Path) -> bytes:
    """Return the content of a file that write_whole has written.

    Raises
    ------
    OSError
        Where there is no file, or it cannot be read.
    ValueError
        Where it is another kind of file, of a newer format, or not as it was written.
    """
    with open(path, "rb") as file:
        line = file.readline(LONGEST_LINE)
        match = FIRST_LINE.fullmatch(line.removesuffix(b"\n"))
        if match is None:
            raise ValueError(f"{path} is no checkpoint of skfcnn, or its start is damaged.")
        number, version, n_bytes, digest = (part.decode("ascii") for part in match.groups())
        check_format(int(number), version, what=str(path))
        content = file.read()
    if len(content) != int(n_bytes):
        raise ValueError(
            f"{path} is damaged: it has {len(content)} bytes of content, and was written "
            f"with {n_bytes}."
        )
    if hashlib.sha256(content).hexdigest() != digest:
        raise ValueError(f"{path} is damaged: its digest is not what it was written with.")
    return content
