"""
The figures of the derivation, as SVG: ``python docs/figures/draw.py`` writes them here.

They have symbols and numbers, and no words, so that the page may be in any language. The
numbers are those of the course's program.
"""

import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent.parent / "examples"))

from plot_gender_chain_rule import FIRST_WEIGHTS, PEOPLE, gradients, predict  # noqa: E402

# Units of the network, the ones of its biases, and the loss.
PLACES = {
    "x_1": (40, 95),
    "x_2": (40, 245),
    "3": (225, 95),
    "4": (225, 245),
    "5": (400, 170),
    "E": (505, 170),
    "1_3": (130, 25),
    "1_4": (130, 315),
    "1_5": (400, 40),
}
EDGES = {
    "w_31": ("x_1", "3"),
    "w_41": ("x_1", "4"),
    "w_32": ("x_2", "3"),
    "w_42": ("x_2", "4"),
    "w_3b": ("1_3", "3"),
    "w_4b": ("1_4", "4"),
    "w_53": ("3", "5"),
    "w_54": ("4", "5"),
    "w_5b": ("1_5", "5"),
    "y": ("5", "E"),
}
HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}">
<style>
text {{ font: italic 20px "STIX Two Text", Cambria, Georgia, serif; text-anchor: middle;
  fill: #222; }}
text.halo {{ stroke: #fff; stroke-width: 5px; }}
text .sub {{ font-size: 14px; }}
circle, rect {{ fill: #fff; stroke: #333; stroke-width: 1.5px; }}
line {{ stroke: #888; stroke-width: 1.5px; }}
.hot {{ stroke: #c2410c; stroke-width: 3px; }}
text.hot {{ fill: #c2410c; stroke: none; }}
text.back {{ fill: #1d4ed8; }}
line.back {{ stroke: #1d4ed8; stroke-width: 2.5px; }}
.pale {{ opacity: 0.3; }}
</style>
<defs>
<marker id="hot" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="5" markerHeight="5"
  orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#c2410c"/></marker>
<marker id="back" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="5" markerHeight="5"
  orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#1d4ed8"/></marker>
</defs>
"""


def text(x: float, y: float, words: str, kind: str = "") -> str:
    """Return a text in which what follows ``_`` is a subscript."""
    spans, raised = "", 0
    for i, part in enumerate(re.split(r"_([0-9b]+)", words)):
        if part:
            down = 5 if i % 2 else 0
            style = ' class="sub"' if down else ""
            spans += f'<tspan{style} dy="{down - raised}">{part}</tspan>'
            raised = down
    place = f'x="{x:g}" y="{y + 5:g}"'
    halo = "" if kind == "pale" else f'<text {place} class="halo">{spans}</text>\n'
    return halo + f'<text {place} class="{kind}">{spans}</text>\n'


def radius(name: str) -> int:
    """Return how large the circle of a unit, or of a constant 1, is."""
    return 13 if name.startswith("1_") else 27


def arrow(start: str, end: str, kind: str = "") -> str:
    """Return a line from circle to circle."""
    return line(PLACES[start], PLACES[end], kind, radius(start), radius(end))


def line(start, end, kind: str = "", from_: int = 27, to: int = 27) -> str:
    """Return a line between two circles of these radiuses."""
    (x1, y1), (x2, y2) = start, end
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    dx, dy, to = (x2 - x1) / length, (y2 - y1) / length, to + 3
    ends = (
        f'x1="{x1 + from_ * dx:.1f}" y1="{y1 + from_ * dy:.1f}"'
        f' x2="{x2 - to * dx:.1f}" y2="{y2 - to * dy:.1f}"'
    )
    head = f' marker-end="url(#{kind})"' if kind in ("hot", "back") else ""
    return f'<line {ends} class="{kind}"{head}/>\n'


def between(start, end, part: float, above: float = 0.0) -> tuple[float, float]:
    """Return the place that lies a part of the way on, and somewhat above it."""
    (x1, y1), (x2, y2) = start, end
    return x1 + part * (x2 - x1), y1 + part * (y2 - y1) - above


def network(
    inside: Mapping[str, str],
    on_edges: Mapping[str, str],
    *,
    hot: Iterable[str] = (),
    pale: bool = False,
) -> str:
    """Return the network; ``hot`` are the edges and units of a path."""
    hot, drawn = set(hot), ""
    for name, (start, end) in EDGES.items():
        kind = "hot" if name in hot else "pale" if pale else ""
        drawn += arrow(start, end, kind)
    for name, (start, end) in EDGES.items():
        kind = "pale" if pale and name not in hot else ""
        part = 0.27 if start[0] == "x" else 0.5
        place = between(PLACES[start], PLACES[end], part, above=13)
        drawn += text(*place, on_edges.get(name, ""), kind)
    for name, (x, y) in PLACES.items():
        kind = "pale" if pale and name not in hot else ""
        outline = "hot" if name in hot else kind
        drawn += f'<circle cx="{x}" cy="{y}" r="{radius(name)}" class="{outline}"/>\n'
        drawn += text(x, y, "1" if name.startswith("1_") else inside.get(name, name), kind)
    return drawn


def svg(drawn: str, width: int = 540, height: int = 350) -> str:
    """Return a whole file; its texts are readable on a page that is 390 pixels wide."""
    return HEAD.format(width=width, height=height) + drawn + "</svg>\n"


def symbols() -> str:
    """Return the network with its symbols: net inputs, outputs, weights and biases."""
    drawn = network({}, {name: name for name in EDGES})
    for unit, above in [("3", -45), ("4", 45)]:
        x, y = PLACES[unit]
        drawn += text(x + 70, y + above, f"a_{unit} = f(net_{unit})")
    x, y = PLACES["5"]
    return svg(drawn + text(x + 20, y + 48, "y = f(net_5)"))


def demo() -> dict[str, float]:
    """Return the numbers of the first person, by the names of the derivation."""
    x1, x2, label = PEOPLE[0]
    w31, w32, w3b, w41, w42, w4b, w53, w54, w5b = FIRST_WEIGHTS
    a3, a4, y = predict(x1, x2, FIRST_WEIGHTS)
    of_biases = gradients(x1, x2, label, FIRST_WEIGHTS, n=len(PEOPLE))[2::3]
    return {
        "x_1": x1,
        "x_2": x2,
        "net_3": w31 * x1 + w32 * x2 + w3b,
        "net_4": w41 * x1 + w42 * x2 + w4b,
        "net_5": w53 * a3 + w54 * a4 + w5b,
        "a_3": a3,
        "a_4": a4,
        "y": y,
        **dict(zip(["δ_3", "δ_4", "δ_5"], of_biases, strict=True)),
        **dict(zip("w_31 w_32 w_3b".split(), (w31, w32, w3b), strict=True)),
        **dict(zip("w_41 w_42 w_4b".split(), (w41, w42, w4b), strict=True)),
        **dict(zip("w_53 w_54 w_5b".split(), (w53, w54, w5b), strict=True)),
    }


def with_value(name: str, digits: int = 3) -> str:
    """Return the equation of a name and its number in the demo."""
    return f"{name} = {demo()[name]:.{digits}g}".replace("-", "−")


def forward() -> str:
    """Return the network with the numbers of a forward pass."""
    numbers = demo()
    inside = {name: f"{numbers[name]:g}".replace("-", "−") for name in ("x_1", "x_2")}
    on_edges = {
        name: f"{numbers[name]:g}".replace("-", "−") for name in EDGES if name != "y"
    }
    drawn = network(inside, on_edges)
    for unit, output, right, below in [
        ("3", "a_3", 75, -57),
        ("4", "a_4", 75, 35),
        ("5", "y", 25, 48),
    ]:
        x, y = PLACES[unit]
        drawn += text(x + right, y + below, with_value(f"net_{unit}"), "hot")
        drawn += text(x + right, y + below + 24, with_value(output), "hot")
    return svg(drawn)


def path_of_w53() -> str:
    """Return the way from w53 to E, with a factor of the chain rule at each arrow."""
    drawn = network({}, {"w_53": "w_53", "y": ""}, hot=["w_53", "5", "y", "E"], pale=True)
    drawn += text(275, 180, "∂net_5/∂w_53 = a_3", "hot")
    drawn += text(415, 225, "∂y/∂net_5 = y (1 − y)", "hot")
    return svg(drawn + text(435, 100, "∂E/∂y = −2/n (label − y)", "hot"))


def path_of_w31() -> str:
    """Return the way from w31 to E, with a factor of the chain rule at each arrow."""
    hot = ["w_31", "3", "w_53", "5", "y", "E"]
    drawn = network({}, {"w_31": "w_31", "w_53": "w_53"}, hot=hot, pale=True)
    drawn += text(85, 55, "∂net_3/∂w_31 = x_1", "hot")
    drawn += text(285, 50, "∂a_3/∂net_3 = a_3 (1 − a_3)", "hot")
    drawn += text(275, 180, "∂net_5/∂a_3 = w_53", "hot")
    drawn += text(415, 225, "∂y/∂net_5 = y (1 − y)", "hot")
    return svg(drawn + text(435, 100, "∂E/∂y = −2/n (label − y)", "hot"))


def backward() -> str:
    """Return the error terms on their way back, and their numbers."""
    drawn = network({}, {}, pale=True)
    for start, end in [("E", "5"), ("5", "3"), ("5", "4")]:
        drawn += arrow(start, end, "back")
    for unit, (x, y) in {"3": (265, 50), "4": (265, 290), "5": (425, 222)}.items():
        place = PLACES[unit]
        drawn += f'<circle cx="{place[0]}" cy="{place[1]}" r="{radius(unit)}"/>\n'
        drawn += text(*place, f"δ_{unit}") + text(x, y, with_value(f"δ_{unit}"), "back")
    for unit, above in [("3", 15), ("4", -15)]:
        place = between(PLACES["5"], PLACES[unit], 0.5, above)
        drawn += text(*place, f"× w_5{unit}", "back")
    return svg(drawn)


def card() -> str:
    """Return the path of w31 with its gradient, small enough for the start page."""
    places = {"x_1": (60, 45), "x_2": (60, 125), "3": (200, 45), "4": (200, 125)}
    places["5"] = (320, 85)
    edges = {"w_31": ("x_1", "3"), "w_32": ("x_2", "3"), "w_41": ("x_1", "4")}
    edges |= {"w_42": ("x_2", "4"), "w_53": ("3", "5"), "w_54": ("4", "5")}
    drawn = ""
    for name, (start, end) in edges.items():
        kind = "hot" if name in ("w_31", "w_53") else ""
        drawn += line(places[start], places[end], kind)
    for name, (x, y) in places.items():
        drawn += f'<circle cx="{x}" cy="{y}" r="27"/>\n' + text(x, y, name)
    drawn += text(130, 27, "w_31", "hot")
    return svg(drawn + text(190, 185, "∂E/∂w_31 = δ_3 · x_1", "back"), 380, 210)


def box(x: float, y: float, width: float, height: float) -> str:
    """Return a rectangle around a place."""
    corner = f'x="{x - width / 2:g}" y="{y - height / 2:g}"'
    return f'<rect {corner} width="{width}" height="{height}"/>\n'


def matrix(x: float, y: float, name: str, rows: str, columns: str) -> str:
    """Return a matrix as a box, as high and wide as it has rows and columns."""
    height = {"n": 84, "2": 50, "1": 30}[rows]
    width = {"2": 50, "1": 42}[columns]
    shape = text(x, y + height / 2 + 17, f"({rows}, {columns})")
    return box(x, y, width, height) + text(x, y, name) + shape


def shapes() -> str:
    """Return both passes over n rows, every array with its shape."""
    rows = [
        ("x n 2", "W_1 2 2", "+", "b_1 1 2", "=", "z_1 n 2", "→", "a_1 n 2"),
        ("a_1 n 2", "W_2 2 1", "+", "b_2 1 1", "=", "z_2 n 1", "→", "p n 1"),
        ("δ_2 n 1", "W_2ᵀ 1 2", "⊙", "f′(z_1) n 2", "=", "δ_1 n 2"),
        ("xᵀ 2 n", "δ_1 n 2", "=", "dW_1 2 2"),
        ("a_1ᵀ 2 n", "δ_2 n 1", "=", "dW_2 2 1"),
    ]
    drawn = ""
    for line, parts in enumerate(rows):
        y, right = 60 + 125 * line, 5.0
        for part in parts:
            name, *shape = part.split()
            width = 30 if not shape else 90 if shape[1] == "n" else 66
            x, right = right + width / 2, right + width
            drawn += wide_or_tall(x, y, name, shape) if shape else text(x, y, name)
    return svg(drawn, width=440, height=640)


def wide_or_tall(x, y, name, shape):
    """Return a matrix; one of n columns is a transposed one of n rows, and lies."""
    if shape[1] != "n":
        return matrix(x, y, name, *shape)
    return box(x, y, 76, 44) + text(x, y, name) + text(x, y + 39, f"({shape[0]}, n)")


FIGURES = {
    "network": symbols,
    "forward": forward,
    "path_w53": path_of_w53,
    "path_w31": path_of_w31,
    "backward": backward,
    "shapes": shapes,
    "card": card,
}

if __name__ == "__main__":
    for name, draw in FIGURES.items():
        (HERE / f"{name}.svg").write_text(draw(), encoding="utf-8")
