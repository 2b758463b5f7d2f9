"""A trace as HTML for notebooks: tables with coloured cells, and the network as a diagram.

Colours are transparent and text inherits its colour, so the page is legible on light and on
dark backgrounds. It has no scripts and loads no other files.
"""

from html import escape

import numpy as np

from skfcnn.inspection.steps import sections
from skfcnn.inspection.svg import coloured, network_as_svg
from skfcnn.inspection.texts import array_summary, small_matrix, summary

STYLE = """
.skfcnn-trace { font-size: 13px; }
.skfcnn-trace h4 { margin: 1.2em 0 .4em; font-size: 14px; }
.skfcnn-trace .steps { display: flex; flex-wrap: wrap; gap: .8em 2em; }
.skfcnn-trace figure { margin: 0; max-width: 100%; overflow-x: auto; }
.skfcnn-trace figcaption { margin-bottom: .3em; font-family: monospace; }
.skfcnn-trace figcaption span { opacity: .65; }
.skfcnn-trace table { border-collapse: collapse; margin: 0; }
.skfcnn-trace td { padding: .15em .6em; text-align: right; font-family: monospace;
  border: 1px solid rgba(128, 128, 128, .3); }
.skfcnn-trace .few { font-family: monospace; white-space: pre-wrap; opacity: .85; }
"""
LEGEND = (
    "Blue is positive, orange negative; the stronger or wider, the larger. Units have the "
    "colour of their bias."
)
OPACITY = 0.55  # of the cell with the largest number, such that its text stays legible


def trace_as_html(trace) -> str:
    """Return the diagram, formulas and arrays of a trace."""
    body = "".join(map(_section_as_html, sections(trace)))
    return (
        f'<div class="skfcnn-trace"><style>{STYLE}</style>'
        f"<p>{escape(summary(trace))}<br/>{LEGEND}</p>{_diagram(trace)}{body}</div>"
    )


def _diagram(trace):
    """Return the diagram of a network, or "" if its first layer is not linear."""
    if trace.layers[0].z is None:
        return ""
    linear = [layer for layer in trace.layers if layer.z is not None]
    return network_as_svg(linear, trace.inputs, trace.outputs)


def _section_as_html(section):
    steps = "".join(map(_step_as_html, section.steps))
    return f'<h4>{escape(section.title)}</h4><div class="steps">{steps}</div>'


def _step_as_html(step):
    formula, array = step
    caption = f"{escape(formula)} <span>{escape(str(array.shape))}</span>"
    return f"<figure><figcaption>{caption}</figcaption>{_array_as_html(array)}</figure>"


def _array_as_html(array):
    shown = small_matrix(array)
    if shown is None:
        return f'<div class="few">{escape(array_summary(array))}</div>'
    finite = np.abs(shown[np.isfinite(shown)])
    largest = finite.max(initial=0.0)
    rows = []
    for numbers in shown:
        cells = "".join(_cell(number, largest) for number in numbers)
        rows.append(f"<tr>{cells}</tr>")
    return f"<table><tbody>{''.join(rows)}</tbody></table>"


def _cell(number, largest):
    colour = coloured(number, largest, OPACITY)
    return f'<td style="background: {colour}" title="{number!s}">{number:.4g}</td>'
