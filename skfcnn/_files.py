"""Files that are written atomically and verified by a digest when they are read.

A file is written under a temporary name first. The name is unique for every write, since
several processes may write the same file.

The first line of a file is a header in plain text; the rest is the content:

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
# Suffix of temporary names. No write takes a day, so an older temporary file was left by a
# process that was killed.
PART = ".part"
LEFT_AFTER = 24 * 3600.0  # seconds


def write_whole(path: Path, parts: Sequence) -> None:
    """Write a file atomically: it has either the whole new or the whole old content.

    Parameters
    ----------
    path : Path
    parts : sequence of bytes, or of arrays of bytes
        The content, in consecutive parts.

    Raises
    ------
    OSError
        If the file cannot be written. An existing file is not changed.
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
    """Remove temporary files of killed processes, for files whose names end with suffix."""
    for part in directory.glob(f"*{suffix}.*{PART}"):
        with suppress(OSError):  # it belongs to another user, or another process removed it
            if time.time() - part.stat().st_mtime > LEFT_AFTER:
                part.unlink()


def _sync(directory: Path) -> None:
    """Flush a directory with a new name to the disk, if the system supports it."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # some network file systems do not support it
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_whole(path: Path) -> bytes:
    """Return the content of a file written by write_whole.

    Raises
    ------
    OSError
        If the file does not exist or cannot be read.
    ValueError
        If it is another kind of file, has a newer format, or is damaged.
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
