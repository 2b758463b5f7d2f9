"""Files are complete or refused, whatever happens during or after writing."""

import os
import time

import pytest

from skfcnn._files import (
    LEFT_AFTER,
    read_whole,
    remove_left_parts,
    write_whole,
)
from skfcnn._version import FORMAT, __version__

OLD, NEW = b"old" * 1000, b"new" * 1000


def test_the_first_line_says_what_it_is(tmp_path):
    write_whole(tmp_path / "file", [NEW])
    line, _, content = (tmp_path / "file").read_bytes().partition(b"\n")
    begin = (
        f"skfcnn checkpoint, format {FORMAT}, by skfcnn {__version__}, 3000 bytes, sha256"
    )
    assert line.decode().startswith(begin)
    assert content == NEW == read_whole(tmp_path / "file")


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()], ids=repr)
def test_failed_write_keeps_the_old_file(step, error, tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_whole(path, [OLD])

    def fail(*args):
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(os, step, fail)
        with pytest.raises(type(error)):
            write_whole(path, [NEW])
    assert read_whole(path) == OLD
    assert list(tmp_path.iterdir()) == [path]


def test_full_disk_keeps_the_old_file(tmp_path):
    """A limit on the file size simulates it: the system refuses to write more."""
    resource = pytest.importorskip("resource")
    path = tmp_path / "file"
    write_whole(path, [OLD])
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_whole(path, [NEW])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert read_whole(path) == OLD
    assert list(tmp_path.iterdir()) == [path]


def test_content_is_on_disk_before_the_rename(tmp_path, monkeypatch):
    calls = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda file: calls.append("fsync") or fsync(file))
    monkeypatch.setattr(os, "replace", lambda *a: calls.append("replace") or replace(*a))
    write_whole(tmp_path / "file", [NEW])
    of_the_directory = ["fsync"] * hasattr(os, "O_DIRECTORY")
    assert calls == ["fsync", "replace", *of_the_directory]


def test_two_processes_may_write_one_file(tmp_path, monkeypatch):
    """The second process writes the whole file just before the first renames its own."""
    path, replace = tmp_path / "file", os.replace

    def replace_after_another(part, path):
        monkeypatch.setattr(os, "replace", replace)
        write_whole(path, [OLD])
        replace(part, path)

    monkeypatch.setattr(os, "replace", replace_after_another)
    write_whole(path, [NEW])
    assert read_whole(path) == NEW
    assert list(tmp_path.iterdir()) == [path]


def test_temporary_files_of_killed_processes_are_removed_after_a_day(tmp_path):
    old, new = tmp_path / "a.kind.0f.part", tmp_path / "a.kind.1f.part"
    others = [tmp_path / "a.kind", tmp_path / "a.other.2f.part"]
    for path in (old, new, *others):
        path.write_bytes(OLD)
    for path in (old, *others):
        a_day_ago = time.time() - LEFT_AFTER - 60.0
        os.utime(path, (a_day_ago, a_day_ago))
    remove_left_parts(tmp_path, ".kind")
    assert sorted(tmp_path.iterdir()) == sorted([new, *others])


def test_damage_to_any_byte_is_detected(tmp_path):
    """A file with a changed, missing or extra byte is refused or has the same content."""
    path = tmp_path / "file"
    write_whole(path, [b"content"])
    whole = path.read_bytes()
    refused = 0
    damaged = [whole[:n] for n in range(len(whole))] + [whole + b"!"]
    for i in range(len(whole)):
        damaged += [
            whole[:i] + bytes([whole[i] ^ bit]) + whole[i + 1 :] for bit in (1, 128)
        ]
    for content in damaged:
        path.write_bytes(content)
        try:
            assert read_whole(path) == b"content"
        except ValueError as error:
            assert str(path) in str(error)
            refused += 1
    assert refused >= len(damaged) - len(__version__)  # whose letters may be others
