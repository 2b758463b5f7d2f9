"""A network drawn as SVG: units as circles, weights as lines."""

from html import escape
from itertools import pairwise

import numpy as np

# Largest number of units of a drawn layer, and of weights that are labelled.
N_DRAWN, N_WRITTEN = 12, 12
# Blue and orange are distinct for the colour-blind, on light and dark backgrounds.
POSITIVE, NEGATIVE = (31, 119, 180), (230, 97, 1)
# Lengths in pixels.
RADIUS, LAYER_GAP, UNIT_GAP, MARGIN, OF_LETTER = 13, 190, 44, 30, 7.5
THINNEST, THICKEST = 0.6, 5.0
LONGEST_NAME = 20


def coloured(number: float, largest: float, opacity: float, least: float = 0.0) -> str:
    """Return a colour that encodes sign and magnitude; the opacity starts at least."""
    if not (np.isfinite(number) and largest > 0.0):
        return "rgba(128, 128, 128, 0.15)"
    red, green, blue = POSITIVE if number > 0.0 else NEGATIVE
    share = least + (opacity - least) * min(1.0, abs(number) / largest)
    return f"rgba({red}, {green}, {blue}, {share:.3f})"


def network_as_svg(layers: list, inputs: list[str], outputs: list[str]) -> str:
    """Return an SVG of linear layers; "" if a layer has too many units.

    Parameters
    ----------
    layers : list of LayerTrace
        The layers with weights, from the inputs to the outputs.
    inputs, outputs : list of str
        Names of the inputs and the outputs.
    """
    sizes = [layers[0].x.shape[1], *(layer.z.shape[1] for layer in layers)]
    if max(sizes) > N_DRAWN:
        return ""
    left = MARGIN + OF_LETTER * max(map(len, map(_shortened, inputs)))
    right = MARGIN + OF_LETTER * max(map(len, map(_shortened, outputs)))
    width = left + LAYER_GAP * (len(sizes) - 1) + right
    height = MARGIN + UNIT_GAP * max(sizes)
    columns = []
    for i, size in enumerate(sizes):
        top = MARGIN + UNIT_GAP * (max(sizes) - size + 1) / 2
        units = [(left + LAYER_GAP * i, top + UNIT_GAP * j) for j in range(size)]
        columns.append(units)
    parts = [*_edges(layers, columns), *_units(layers, columns)]
    for places, names, side in ((columns[0], inputs, -1), (columns[-1], outputs, 1)):
        parts += [_name(*pair, side) for pair in zip(places, names, strict=True)]
    for units, layer in zip(columns[1:], layers, strict=True):
        parts.append(_text(units[0][0], MARGIN / 2, layer.name, "middle"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" '
        f'aria-label="The network, its weights as lines" '
        f'width="{width:.0f}" height="{height}" '
        f'viewBox="0 0 {width:.0f} {height}" font-size="12" '
        f'style="max-width: 100%">{"".join(parts)}</svg>'
    )


def _edges(layers, columns):
    largest = _largest([layer.parameters["weights"] for layer in layers])
    n_weights = sum(layer.parameters["weights"].size for layer in layers)
    for layer, (below, above) in zip(layers, pairwise(columns), strict=True):
        W, dW = layer.parameters["weights"], layer.gradient["weights"]
        for i, j in np.ndindex(W.shape):
            (x1, y1), (x2, y2) = below[i], above[j]
            x1, x2 = x1 + RADIUS, x2 - RADIUS
            share = min(1.0, abs(W[i, j]) / largest) if np.isfinite(W[i, j]) else 0.0
            yield (
                f'<line x1="{x1:.0f}" y1="{y1:.0f}" x2="{x2:.0f}" y2="{y2:.0f}" '
                f'stroke="{coloured(W[i, j], largest, 0.9, 0.25)}" '
                f'stroke-width="{THINNEST + (THICKEST - THINNEST) * share:.2f}">'
                f"<title>{layer.name}: W[{i}, {j}] = {W[i, j]:.6g}, "
                f"dJ/dW[{i}, {j}] = {dW[i, j]:.6g}</title></line>"
            )
            if n_weights <= N_WRITTEN:
                at = (j + 1) / (W.shape[1] + 2)  # away from crossings of lines
                x, y = x1 + at * (x2 - x1), y1 + at * (y2 - y1) - 4
                yield _text(x, y, f"{W[i, j]:.3g}", "middle")


def _units(layers, columns):
    for x, y in columns[0]:
        yield _circle(x, y, "none", "")
    largest = _largest([layer.parameters["bias"] for layer in layers])
    for layer, units in zip(layers, columns[1:], strict=True):
        b, db = layer.parameters["bias"], layer.gradient["bias"]
        for j, (x, y) in enumerate(units):
            title = f"{layer.name}: b[{j}] = {b[j]:.6g}, dJ/db[{j}] = {db[j]:.6g}"
            yield _circle(x, y, coloured(b[j], largest, 0.6), title)
            yield _text(x, y + 4, str(j), "middle")


def _largest(arrays):
    numbers = np.concatenate([np.abs(array).ravel() for array in arrays])
    return max(numbers[np.isfinite(numbers)], default=0.0) or 1.0


def _circle(x, y, fill, title):
    title = f"<title>{title}</title>" if title else ""
    return (
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{RADIUS}" fill="{fill}" '
        f'stroke="currentColor" stroke-opacity="0.6">{title}</circle>'
    )


def _name(place, name, side):
    x, y = place
    anchor = "end" if side < 0 else "start"
    short = _shortened(name)
    title = name if short != name else ""
    return _text(x + side * (RADIUS + 7), y + 4, short, anchor, title)


def _shortened(name):
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def _text(x, y, words, anchor, title=""):
    title = f"<title>{escape(title)}</title>" if title else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="currentColor">'
        f"{escape(words)}{title}</text>"
    )
