"""The Chinese page on backpropagation has the structure of the English one."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# The originals of the translations.
ORIGINALS = {
    ROOT / "docs" / "zh" / "backpropagation.md": ROOT / "docs" / "backpropagation.md",
    ROOT / "docs" / "zh" / "notation.md": ROOT / "skfcnn" / "network" / "README.md",
}
# Pages that are linked to in their own language.
LINKED = {ROOT / "docs" / "zh" / "lesson.md": ROOT / "docs" / "lesson.md"}
PAGE = ROOT / "docs" / "zh" / "backpropagation.md"
NOTATION = ROOT / "docs" / "zh" / "notation.md"

INCLUDE = re.compile(r"```\{(\w+)\} (\S+)\n(.*)```", re.DOTALL)
# What a block of words begins with: a heading, a row of a table, a tag, or nothing of that.
KIND = re.compile(r"(#+ |\||</?\w+>)?")
# Words in formulas, also as labels of braces.
FORMULA_WORDS = re.compile(r"\\text\{[^{}]*\}")
CODE = re.compile(r"`([^`]+)`")
FORMULA = re.compile(r"\$([^$]+)\$")
IMAGE = re.compile(r"\]\(([^)]+)\)")
# What needs no translation among the words: shapes, numbers, and names such as dE/dw_ji.
SYMBOL = re.compile(r"\((?:\w+, ?)+\w*\)|-?\d+(?:\.\d+)?|\w*[_^/@=]\w*", re.ASCII)
BETWEEN_BLOCKS = re.compile(r"\n{2,}|\n(?=\|)")


def structure(text, folder):
    """The structure of a page: a tuple for each paragraph, row of a table, ..."""
    blocks = BETWEEN_BLOCKS.split(text.strip())
    return [block_structure(block, folder) for block in blocks]


def block_structure(block, folder):
    if include := INCLUDE.fullmatch(block):
        directive, target, options = include.groups()
        path = (folder / target).resolve()
        return directive, ORIGINALS.get(path, path), options
    if block.startswith("$$\n"):
        return "formula", FORMULA_WORDS.sub("words", block)
    # The order of the words is each language's own.
    found = []
    for pattern in CODE, FORMULA, IMAGE:
        found.append(sorted(pattern.findall(block)))
        block = pattern.sub(" ", block)
    code, formulas, images = found
    images = [(folder / image).resolve() for image in images]
    images = [LINKED.get(image, image) for image in images]
    lines = [KIND.match(line)[0] for line in block.splitlines()]
    kinds = [kind for kind in lines if kind]
    return kinds, code, formulas, images, sorted(SYMBOL.findall(block))


def page_structure(path):
    return structure(path.read_text("utf-8"), path.parent)


@pytest.mark.parametrize("page", ORIGINALS, ids=lambda page: page.stem)
def test_pages_of_both_languages_have_the_same_structure(page):
    assert page_structure(page) == page_structure(ORIGINALS[page])


@pytest.mark.parametrize("page", ORIGINALS, ids=lambda page: page.stem)
def test_nothing_is_left_in_english(page):
    for block in re.split(r"\n{2,}", page.read_text("utf-8")):
        words = IMAGE.sub("", FORMULA.sub("", CODE.sub("", block)))
        if not block.startswith(("```", "$$", "</details>")):
            assert re.search(r"[\u4e00-\u9fff]", words) or not re.search(r"\w", words)


@pytest.mark.parametrize("page", ORIGINALS, ids=lambda page: page.stem)
def test_included_files_and_images_exist(page):
    text = page.read_text("utf-8")
    includes = re.findall(r"^```\{\w+\} (\S+)$", text, re.MULTILINE)
    assert len(includes) == text.count("```{")
    for target in includes + IMAGE.findall(text):
        assert (page.parent / target).is_file(), target


CHANGES = {
    "number": ("= 0.267432", "= 0.267433"),
    "number among the words": ("1000", "1001"),
    "shape": ("`dW_output: (2, 1)`", "`dW_output: (1, 2)`"),
    "shape among the words": ("(4, 1) ", "(1, 4) "),
    "formula": (r"w_{53}\, \delta_5", r"w_{54}\, \delta_5"),
    "inline formula": (r"$\delta_3\, x_2$", r"$\delta_3\, x_1$"),
    "formula in a table": (
        r"| $\theta \leftarrow \theta -",
        r"| $\theta \leftarrow \theta +",
    ),
    "code": ("`delta @ W.T * slope`", "`delta @ W * slope`"),
    "level of a heading": ("\n### ", "\n## "),
    "block": ("\n\n$$\n", "\n$$\n"),
    "included file": ("network/number_losses.py", "network/layers.py"),
    "included folder": ("exercises/answers.py", "answers.py"),
    "option": (":end-at: return\n", ""),
    "notation": (":heading-offset: 1\n", ""),
    "figure": ("figures/forward.svg", "figures/backward.svg"),
    "row of a table": ("| --- | --- |\n", ""),
    "answer": ("</details>\n", ""),
    "summary of an answer": ("<summary>", ""),
}


@pytest.mark.parametrize("page", [PAGE, ORIGINALS[PAGE]], ids=["Chinese", "English"])
@pytest.mark.parametrize("old, new", CHANGES.values(), ids=CHANGES)
def test_change_to_only_one_page_is_detected(page, old, new):
    text = page.read_text("utf-8")
    assert old in text
    changed = text.replace(old, new, 1)
    assert structure(changed, page.parent) != page_structure(page)


@pytest.mark.parametrize(
    "old, new",
    [("w_{ji}\\, a_i", "w_{ij}\\, a_i"), ("(n_in, n_out)", "(n_out, n_in)"), ("2/4", "4")],
)
@pytest.mark.parametrize(
    "page", [NOTATION, ORIGINALS[NOTATION]], ids=["Chinese", "English"]
)
def test_change_to_only_one_notation_is_detected(page, old, new):
    text = page.read_text("utf-8")
    assert old in text
    changed = text.replace(old, new, 1)
    assert structure(changed, page.parent) != page_structure(page)


def test_missing_last_answer_is_detected():
    text = PAGE.read_text("utf-8")
    shorter = text[: text.rindex("\n\n<details>")]
    assert structure(shorter, PAGE.parent) != page_structure(PAGE)


def test_words_and_their_order_are_free():
    english = "# Sum\n\nFrom `a = 1` to $b$, all 2.\n\n$$\nx \\text{ for all}\n$$\n"
    chinese = "# 和\n\n从 $b$ 到 `a = 1`，共 2。\n\n$$\nx \\text{ 对所有}\n$$\n"
    assert structure(chinese, ROOT) == structure(english, ROOT)
