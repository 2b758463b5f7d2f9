"""The report of a gradient check as text and as HTML."""

import numpy as np
import pytest

from skfcnn.inspection import GradientReport
from skfcnn.inspection.gradients import ArrayCheck
from skfcnn.inspection.reports import aligned, report_as_html, report_as_text


def report(*errors):
    arrays = [
        ArrayCheck(f"hidden {i}", "weights", (2, 3), 6, 0, 0.5, error, tolerance=1e-6)
        for i, error in enumerate(errors, start=1)
    ]
    return GradientReport(arrays, loss=0.25, n_rows=10, step=6e-6, tolerance=1e-6)


def test_columns_are_aligned():
    rows = [["name", "n"], ["a", "100"]]
    assert aligned(rows, n_left=1).splitlines() == ["name    n", "a     100"]


@pytest.mark.parametrize(
    ("errors", "states"),
    [((1e-9, 1e-8), ["", ""]), ((1e-9, 0.5), ["", "wrong"]), ((np.nan,), ["unclear"])],
)
def test_state_of_each_array_is_reported(errors, states):
    found = report(*errors)
    text, html = report_as_text(found), report_as_html(found)
    lines = [line for line in text.splitlines() if "weights" in line and "(2, 3)" in line]
    assert len(lines) == len(states)
    for line, state in zip(lines, states, strict=True):
        assert line.endswith(state)
        assert f'<tr class="{state}">' in html


def test_text_begins_with_the_verdict():
    found = report(1e-9)
    assert report_as_text(found).startswith("The gradient is right.\nJ = 0.25 over 10 rows")
    assert "<strong>The gradient is right.</strong>" in report_as_html(found)


def test_names_are_escaped_in_html():
    array = ArrayCheck("<b>", "weights", (1,), 1, 0, 0.5, 0.0, tolerance=1e-6)
    html = report_as_html(GradientReport([array], 0.1, 1, 6e-6, 1e-6))
    assert "<td>&lt;b&gt;</td>" in html
