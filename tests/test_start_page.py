"""The code of the README, the start page and the pages on installing and on trees runs."""

import re
from pathlib import Path

import pytest
from sklearn.datasets import load_breast_cancer

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "docs/install.md", ROOT / "docs/boosted_trees.md"]
# Code, and the output that is shown below it.
BLOCK = re.compile(r"^```python\n(.*?)^```$(?:\n\n```(?:text)?\n(.*?)^```$)?", re.M | re.S)
BLOCKS = [
    pytest.param(code, output, id=f"{page.stem}-{number}")
    for page in PAGES
    for number, (code, output) in enumerate(BLOCK.findall(page.read_text("utf-8")), 1)
]


@pytest.mark.parametrize("code, output", BLOCKS)
def test_code_runs_as_shown(code, output, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    exec(compile(code, "page", "exec"), {})
    printed = capsys.readouterr().out
    assert printed
    assert not output or re.sub(" +$", "", printed, flags=re.M) == output


def test_there_is_code_on_each_page():
    assert len(BLOCKS) == 5


def test_the_cards_of_the_start_page_run():
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    X = (X - X.mean()) / X.std()
    codes = [code for code, _ in BLOCK.findall((ROOT / "docs/index.md").read_text("utf-8"))]
    assert len(codes) == 2
    names = {"X_train": X, "X_test": X, "y_train": y}
    names |= {"table": X, "new_rows": X, "labels": y}
    for code in codes:
        code = code.replace("TabularClassifier()", 'TabularClassifier("fast")')
        code = code.replace(
            "FullyConnectedClassifier()", "FullyConnectedClassifier(tol=0.01)"
        )
        exec(code, dict(names))


def test_the_picture_and_the_comparison_are_in_the_readme():
    readme = (ROOT / "README.md").read_text("utf-8")
    comparison = readme.split("<!-- comparison -->")[1].split("<!-- end of comparison -->")[
        0
    ]
    rows = [line.count("|") for line in comparison.splitlines() if line.startswith("|")]
    assert len(rows) > 20
    assert set(rows) == {6}
    assert readme.count("![") == 1
