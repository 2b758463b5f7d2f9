"""The page on inspection says what its code prints."""

import contextlib
import io
import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "inspection.md"
BLOCK = re.compile(r"^```(python|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Roundings, of which the last digits differ from one machine to the next.
ERROR = re.compile(r"\d\.\de-\d\d")


def printed():
    """What is printed by each block of code, and what the page says."""
    names, out, pairs = {}, "", []
    for kind, text in BLOCK.findall(PAGE.read_text()):
        if kind == "text":
            pairs.append((out, text))
            continue
        with contextlib.redirect_stdout(io.StringIO()) as stream:
            exec(compile(text, str(PAGE), "exec"), names)
        out = stream.getvalue()
    return pairs


def test_the_code_prints_what_the_page_says():
    pairs = printed()
    assert len(pairs) == 6
    for out, text in pairs:
        assert ERROR.sub("error", text).split() == ERROR.sub("error", out).split()


def test_the_report_of_the_page_names_the_layer():
    reports = [text for _, text in printed() if "relative error" in text]
    assert reports[0].startswith("The gradient is right.")
    assert reports[1].startswith("The gradient is wrong from hidden 1 down.")
