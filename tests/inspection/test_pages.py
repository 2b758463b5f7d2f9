"""A trace as text and as a page: well formed, escaped, self-contained, and not too long."""

import re
from html import escape
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.datasets import load_iris

from skfcnn import FullyConnectedClassifier
from skfcnn.inspection import trace
from skfcnn.inspection.pages import trace_as_html
from skfcnn.inspection.steps import FOCAL, OF_LINKS, OF_LOSSES, sections
from skfcnn.inspection.svg import coloured
from skfcnn.inspection.texts import array_summary
from skfcnn.network.links import CLASS_LINKS
from skfcnn.network.losses import CLASS_LOSSES

IRIS, SPECIES = load_iris(return_X_y=True)
FEW = slice(0, 150, 20)
SVG = "{http://www.w3.org/2000/svg}"
OPTIONS = {
    "plain": {},
    "weighted": {"class_weight": "balanced"},
    "scaling": {"scaling_layer": True},
    "parametric": {"parametric_activation": True},
    "embedding": {"numeric_embedding": "pbld"},
    "normalization": {"normalization": "layer"},
    "everything": {
        "normalization": "layer",
        "scaling_layer": True,
        "parametric_activation": True,
        "numeric_embedding": "pbld",
    },
    "regression": {"hidden_layer_sizes": ()},
}


def make_trace(rows=FEW, X=IRIS, y=SPECIES, **params):
    defaults = {"hidden_layer_sizes": (6, 5), "activation": "tanh", "random_state": 0}
    return trace(FullyConnectedClassifier(**(defaults | params)), X[rows], y[rows])


def parsed(html):
    """The page as an XML tree: every element is closed."""
    HTMLParser().feed(html)
    return ElementTree.fromstring(html)


@pytest.mark.parametrize("rows", [FEW, slice(None)], ids=["few", "many"])
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_pages_are_well_formed_and_self_contained(options, rows):
    html = make_trace(rows, **options)._repr_html_()
    page = parsed(html)
    assert not page.findall(".//script") and not page.findall(".//link")
    for element in page.iter():
        assert not element.attrib.keys() & {"src", "href", "onclick", "onload"}
    assert "url(" not in html and "@import" not in html
    assert len(html) < 120_000


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_text_and_page_have_every_formula_in_the_order_of_the_passes(options):
    passes = make_trace(**options)
    n = len(passes.layers)
    found = [*sections(passes)]
    assert [title.split(":")[0] for title, _ in found] == ["Forward"] * n + ["Backward"] * n
    text, page = repr(passes), parsed(passes._repr_html_())
    headings = [element.text for element in page.findall("h4")]
    captions = [element.text.strip() for element in page.iter("figcaption")]
    assert headings == [title for title, _ in found]
    assert captions == [step.formula for _, steps in found for step in steps]
    at = 0
    for title, steps in found:
        at = text.index(title, at)
        for formula, array in steps:
            at = text.index(f"  {formula}  {array.shape}\n", at)


@pytest.mark.parametrize("loss", CLASS_LOSSES)
@pytest.mark.parametrize("link", CLASS_LINKS)
def test_every_loss_and_link_has_its_formula(loss, link):
    y = SPECIES if link == "softmax" else SPECIES == 1
    passes = make_trace(y=y, loss=loss)
    formula = OF_LOSSES[passes.loss_name, passes.link_name]
    p, y = passes.predictions, passes.target
    J = {"Logistic": p * (1.0 - p), "Softmax": 1.0}[passes.link_name]
    delta = {"(p - y)": p - y, "(p - y) p (1 - p)": (p - y) * J}.get(formula)
    if formula == FOCAL:
        of_true = np.where(y == 1.0, p, 1.0 - p)
        if link == "softmax":
            of_true = (p * y).sum(axis=1, keepdims=True)
        odds = of_true * np.log(of_true) / (1.0 - of_true)
        delta = (p - y) * (1.0 - of_true) ** 2 * (1.0 - 2.0 * odds)
    elif delta is None:
        assert formula == "(p - y) (diag(p) - p p.T)"
        slopes = [np.diag(row) - np.outer(row, row) for row in p]
        delta = np.einsum("ij,ijk->ik", p - y, slopes)
    np.testing.assert_allclose(passes.layers[-1].delta, delta / 8, rtol=1e-12)
    assert OF_LINKS[passes.link_name] in repr(passes)
    assert formula in repr(passes)


def test_small_arrays_are_shown_with_all_their_numbers():
    passes = make_trace()
    text, page = repr(passes), parsed(passes._repr_html_())
    for number in passes.layers[0].z.ravel():
        assert f"{number:.6g}" in text
    table = page.findall(".//figure")[3]
    assert table.find("figcaption").text.strip() == "z = x W + b"
    cells = [[cell.text for cell in row] for row in table.iter("tr")]
    assert cells == [[f"{number:.4g}" for number in row] for row in passes.layers[0].z]
    titles = [float(cell.attrib["title"]) for cell in table.iter("td")]
    assert titles == passes.layers[0].z.ravel().tolist()


def test_cells_have_a_colour_for_the_sign_and_an_opacity_for_the_size():
    blue, orange = coloured(2.0, 4.0, 0.5), coloured(-4.0, 4.0, 0.5)
    assert blue == "rgba(31, 119, 180, 0.250)"
    assert orange == "rgba(230, 97, 1, 0.500)"
    assert coloured(np.nan, 4.0, 0.5) == coloured(0.0, 0.0, 0.5)
    html = make_trace()._repr_html_()
    # Backgrounds are transparent, and letters of no colour but what is around them.
    assert not re.findall(r"(?<!-)color: ?(?!inherit)", html.split("</style>")[1])
    assert all(part.startswith("rgba") for part in re.findall(r"background: (\S+)", html))


def test_large_networks_are_summarized():
    X = np.random.RandomState(0).standard_normal((500, 200))
    passes = make_trace(
        slice(None), X=X, y=np.arange(500) % 30, hidden_layer_sizes=(300, 200)
    )
    text, html = repr(passes), passes._repr_html_()
    assert len(text) < 5_000 and len(html) < 12_000
    assert "500 rows through 200-300-200-30 units" in text
    assert not parsed(html).findall(f".//{SVG}svg")
    W = passes.layers[0].parameters["weights"]
    words = f"min {W.min():.4g}, mean {W.mean():.4g}, max {W.max():.4g}"
    words += f", norm {np.linalg.norm(W):.4g}"
    assert words in text and words in html


def test_arrays_of_all_kinds_have_a_short_description():
    assert array_summary(np.arange(12.0)).endswith("norm 22.49  ████████████")
    assert array_summary(np.array([0.0] * 70 + [1.0] * 10))[-12:] == "█▁▁▁▁▁▁▁▁▁▁▂"
    assert array_summary(np.ones(20)) == "min 1, mean 1, max 1, norm 4.472  "
    assert array_summary(np.array([np.nan, 2.0, np.inf])).startswith("2 not finite, min 2")
    assert array_summary(np.full(20, np.nan)) == "20 not finite"
    one, least = 1.0, np.finfo(float).tiny
    for close in ([one, np.nextafter(one, 2.0)], [0.0, least * 2.0**-52], [-1e308, 1e308]):
        assert array_summary(np.array(close)).startswith("min ")
    sparse = csr_array(([3.0, 4.0], ([0, 5], [1, 2])), shape=(100, 100))
    assert array_summary(sparse).startswith("2 numbers other than 0, min 3, mean 3.5")
    assert array_summary(csr_array((100, 100))) == "0 numbers other than 0"


def test_the_network_is_drawn_with_its_weights_as_lines():
    passes = make_trace()
    svg = parsed(passes._repr_html_()).find(f".//{SVG}svg")
    lines, circles = svg.findall(f"{SVG}line"), svg.findall(f"{SVG}circle")
    weights = np.concatenate(
        [layer.parameters["weights"].ravel() for layer in passes.layers]
    )
    assert len(circles) == 4 + 6 + 5 + 3
    assert len(lines) == len(weights) == 4 * 6 + 6 * 5 + 5 * 3
    for line, weight in zip(lines, weights, strict=True):
        assert f"] = {weight:.6g}, dJ/dW[" in line.find(f"{SVG}title").text
        assert ("rgba(31, 119, 180" in line.attrib["stroke"]) == (weight > 0.0)
    widths = [float(line.attrib["stroke-width"]) for line in lines]
    np.testing.assert_array_equal(np.argsort(np.abs(weights))[-3:], np.argsort(widths)[-3:])
    _, _, width, height = map(float, svg.attrib["viewBox"].split())
    for circle in circles:
        assert 0.0 < float(circle.attrib["cx"]) < width
        assert 0.0 < float(circle.attrib["cy"]) < height


def test_lines_of_the_smallest_networks_are_labelled_with_weights():
    passes = make_trace(X=IRIS[:, :2], y=SPECIES == 1, hidden_layer_sizes=(2,))
    svg = parsed(passes._repr_html_()).find(f".//{SVG}svg")
    written = {text.text for text in svg.iter(f"{SVG}text")}
    weights = np.concatenate(
        [layer.parameters["weights"].ravel() for layer in passes.layers]
    )
    assert {f"{weight:.3g}" for weight in weights} <= written
    places = [(t.attrib["x"], t.attrib["y"]) for t in svg.iter(f"{SVG}text")]
    assert len(set(places)) == len(places)


def test_names_are_escaped_and_long_ones_cut():
    bad = "<b>&\"length' </b>"
    table = pd.DataFrame(IRIS[FEW, :2], columns=[bad, "x" * 40])
    labels = np.array([bad, "versicolor", "<script>alert(1)</script>"])[SPECIES[FEW]]
    passes = trace(FullyConnectedClassifier((3,), random_state=0), table, labels)
    html = passes._repr_html_()
    page = parsed(html)
    assert "<b>" not in html and "<script" not in html
    texts = [text.text for text in page.iter(f"{SVG}text")]
    assert bad in texts
    assert "x" * 19 + "…" in texts
    assert "x" * 40 in [title.text for title in page.iter(f"{SVG}title")]


def bad_name(z):
    return z


bad_name.__name__ = "<lambda>"


def test_the_name_of_a_function_is_escaped():
    passes = make_trace(activation=(bad_name, np.ones_like))
    page = parsed(passes._repr_html_())
    assert page.find("h4").text == "Forward: hidden 1, f = <lambda>"
    assert "Forward: hidden 1, f = <lambda>" in repr(passes)


def test_row_weights_are_shown_if_they_differ():
    assert "weight of each row" not in repr(make_trace())
    text = repr(make_trace(class_weight={0: 3.0}))
    assert "weight of each row  (8,)" in text
    assert "delta = (p - y) weight / sum of weights" in text
    assert "dW = x.T delta + alpha W / sum of weights" in text


def test_sparse_rows_are_shown():
    X = csr_array(np.where(IRIS > 3.0, IRIS, 0.0))
    assert "Forward: hidden 1" in repr(make_trace(X=X))
    many = make_trace(slice(None), X=X)
    assert "numbers other than 0, min 3.1" in repr(many)
    parsed(many._repr_html_())


def test_page_has_a_section_for_each_step_of_the_passes():
    traced = make_trace()
    page = trace_as_html(traced)
    assert page == traced._repr_html_()
    titles = re.findall("<h4>(.*?)</h4>", page)
    assert titles == [escape(section.title) for section in sections(traced)]
    n_steps = sum(len(section.steps) for section in sections(traced))
    assert page.count("<figure>") == n_steps
