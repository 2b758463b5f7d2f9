"""Every code block of the user guide runs as it is, and prints what the guide shows.

`python tests/test_user_guide.py` writes the output below each block again.
"""

import contextlib
import io
import os
import re
import tempfile
import textwrap
import warnings
from pathlib import Path

import pytest
from callback_support import HAS_CALLBACKS

GUIDE = Path(__file__).parent.parent / "docs" / "guide"
NEEDS = {"ProgressBar": "rich", "skops.io": "skops"}
BLOCK = re.compile(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```\n)?", re.S)


def printed_by(code):
    """Run a block on its own; return what it prints, warnings without their file names."""
    out = io.StringIO()

    def show(message, category, *args, **kwargs):
        print(f"{category.__name__}: {message}", file=out)

    with warnings.catch_warnings(), contextlib.redirect_stdout(out):
        warnings.simplefilter("default")
        warnings.showwarning = show
        exec(compile(code, "<user guide>", "exec"), {"__name__": "__main__"})
    return out.getvalue()


BLOCKS = [
    pytest.param(*block.groups(), id=f"{path.stem}-{i}")
    for path in sorted(GUIDE.glob("*.md"))
    for i, block in enumerate(BLOCK.finditer(path.read_text("utf-8")))
]


@pytest.mark.parametrize("code, shown", BLOCKS)
def test_a_block_of_the_user_guide_prints_what_it_shows(code, shown, tmp_path, monkeypatch):
    for word, package in NEEDS.items():
        if word in code:
            pytest.importorskip(package)
    if "callback" in code and not HAS_CALLBACKS:
        pytest.skip("scikit-learn has callbacks from 1.9 on")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    assert printed_by(code).split() == (shown or "").split()


def test_every_code_block_of_the_user_guide_is_run():
    for path in [GUIDE.parent / "user_guide.md", *GUIDE.glob("*.md")]:
        text = path.read_text("utf-8")
        assert text.count("```python\n") == len(BLOCK.findall(text)), path
        assert "{literalinclude}" not in text, path


def with_output(block):
    """Return a block with what it prints below it, in lines of up to 92 characters."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        printed = printed_by(block[1])
    wrapped = [
        textwrap.wrap(line, 92, subsequent_indent="  ", break_on_hyphens=False) or [""]
        if len(line) > 92
        else [line.rstrip()]
        for line in printed.splitlines()
    ]
    shown = "".join(f"{line}\n" for lines in wrapped for line in lines)
    return f"```python\n{block[1]}```\n" + (f"\n```text\n{shown}```\n" if shown else "")


if __name__ == "__main__":
    os.environ["COLUMNS"] = "80"
    for path in GUIDE.glob("*.md"):
        path.write_text(BLOCK.sub(with_output, path.read_text("utf-8")), "utf-8")
