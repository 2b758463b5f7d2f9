"""The report of a gradient check, as text and as HTML."""

from html import escape
from textwrap import fill

COLUMNS = [
    "layer",
    "parameters",
    "shape",
    "checked",
    "at kinks",
    "largest gradient",
    "relative error",
    "",
]
N_NAMES = 3  # columns of text, which are left-aligned
WIDTH = 92  # of a line of text

STYLE = """
.skfcnn-report table { border-collapse: collapse; margin: .6em 0; }
.skfcnn-report th, .skfcnn-report td {
  padding: .2em .8em; text-align: right; border-bottom: 1px solid rgba(128, 128, 128, .3); }
.skfcnn-report :is(th, td):nth-child(-n+3) { text-align: left; }
.skfcnn-report .wrong { background: rgba(214, 39, 40, .3); }
.skfcnn-report .unclear { background: rgba(200, 160, 0, .25); }
"""


def _state(array):
    if array.passed:
        return ""
    return "wrong" if array.error > array.tolerance else "unclear"


def _cells(array):
    return [
        array.layer,
        array.name,
        str(array.shape),
        str(array.n_checked),
        str(array.n_at_kinks),
        f"{array.largest_gradient:.1e}",
        f"{array.error:.1e}",
        _state(array),
    ]


def _summary(report):
    return (
        f"J = {report.loss:.6g} over {report.n_rows} rows, steps of {report.step:.0e}. "
        f"{report.n_checked} parameters checked, {report.n_at_kinks} of them at kinks; "
        f"largest relative error {report.largest_error:.1e}, {report.tolerance:.0e} passes."
    )


def aligned(rows: list[list[str]], n_left: int) -> str:
    """Return rows of cells as aligned text; the first n_left columns are left-aligned."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        left = map(str.ljust, row[:n_left], widths)
        right = map(str.rjust, row[n_left:], widths[n_left:])
        lines.append("  ".join([*left, *right]).rstrip())
    return "\n".join(lines)


def report_as_text(report) -> str:
    """Return the verdict, the summary and a table of all arrays."""
    table = aligned([COLUMNS, *map(_cells, report.arrays)], N_NAMES)
    words = [fill(words, WIDTH) for words in (report.verdict, _summary(report))]
    return "\n".join([*words, "", table])


def report_as_html(report) -> str:
    """Return the same as HTML, for light and dark backgrounds."""
    head = "".join(f"<th>{escape(name)}</th>" for name in COLUMNS)
    rows = []
    for array in report.arrays:
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in _cells(array))
        rows.append(f'<tr class="{_state(array)}">{cells}</tr>')
    return (
        f'<div class="skfcnn-report"><style>{STYLE}</style>'
        f"<p><strong>{escape(report.verdict)}</strong></p><p>{escape(_summary(report))}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )
