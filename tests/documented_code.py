"""Code blocks of the documentation: finding them, running them, comparing what they print.

A ```python block is a program of its own. The ```text block right under it is what it
prints, warnings included. "..." stands for any text, lines may be broken at spaces, and a
decimal number may differ by one unit of its last digit, since training on another processor
rounds differently.
"""

import ast
import contextlib
import io
import re
import warnings
from importlib.util import find_spec
from typing import NamedTuple

import pytest
from callback_support import HAS_CALLBACKS
from threadpoolctl import threadpool_limits

BLOCK = re.compile(r"^```python\n(.*?)^```\n(?:\s*^```text\n(.*?)^```\n)?", re.M | re.S)
NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
INTEGRATION = {"mapie", "optuna", "shap"}


class Program(NamedTuple):
    """One block of code under a heading, and what the page says that it prints."""

    name: str
    code: str
    output: str


def programs_in(path):
    """Return the programs of a page, named by page and heading."""
    sections = re.split(r"^## (.*)\n", path.read_text("utf-8"), flags=re.M)[1:]
    return [
        Program(f"{path.stem}: {heading}{', continued' * (i > 0)}", code, output)
        for heading, text in zip(sections[::2], sections[1::2], strict=True)
        for i, (code, output) in enumerate(BLOCK.findall(text))
    ]


def as_parameters(programs, slow=()):
    """Return the programs as parameters of a test, marked by what they need."""
    return [pytest.param(each, id=each.name, marks=marks(each, slow)) for each in programs]


def marks(program, slow):
    needed = imported(program.code)
    missing = sorted(name for name in needed if not find_spec(name))
    found = []
    if missing:
        found.append(pytest.mark.skip(reason=f"not installed: {', '.join(missing)}"))
    if needed & INTEGRATION:
        found.append(pytest.mark.integration)
    if "set_callbacks" in program.code:
        reason = "scikit-learn has callbacks from 1.9 on"
        found.append(pytest.mark.skipif(not HAS_CALLBACKS, reason=reason))
    if program.name in slow:
        found.append(pytest.mark.slow)
    return found


def imported(code):
    """Return the names of the packages that the code imports."""
    names = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module.partition(".")[0])
    return names


def run(program):
    """Run the code and return what it prints; other warnings are errors."""
    printed = io.StringIO()
    with warnings.catch_warnings(), contextlib.redirect_stdout(printed):
        warnings.simplefilter("error")
        # Importing them warns, of what they use.
        for name in imported(program.code) & INTEGRATION:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                __import__(name)
        if "Warning: " in program.output:
            warnings.simplefilter("always")
            warnings.showwarning = lambda message, category, *_: print(
                f"{category.__name__}: {message}"
            )
        # Trees of small tables are slow if two tests wait for the same cores.
        with threadpool_limits(1, user_api="openmp"):
            exec(compile(program.code, program.name, "exec"), {"__name__": "__main__"})
    return printed.getvalue()


def check_output(shown, printed):
    """Compare the output on the page with what was printed."""
    pattern = re.compile(rf"(?P<number>{NUMBER})|(?P<any>\.\.\.)|(?P<space>\s+)")
    parts, numbers, end = [], [], 0
    shown, printed = shown.strip(), printed.strip()
    for found in pattern.finditer(shown):
        parts.append(re.escape(shown[end : found.start()]))
        end = found.end()
        if found["number"]:
            numbers.append(found["number"])
            parts.append(f"({NUMBER})")
        else:
            parts.append(".*?" if found["any"] else r"\s+")
    parts.append(re.escape(shown[end:]))
    match = re.fullmatch("".join(parts), printed, re.S)
    assert match, f"The page shows\n{shown}\nand the code prints\n{printed}"
    for expected, got in zip(numbers, match.groups(), strict=True):
        assert abs(float(got) - float(expected)) <= last_digit(expected), (
            f"{expected} on the page, {got} printed:\n{printed}"
        )


def last_digit(number):
    """Return one unit of the last decimal digit, and 0 for an integer."""
    mantissa, _, exponent = number.partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 1.01 * 10.0 ** (int(exponent or 0) - decimals) if decimals else 0.0
