"""Every recipe in docs/recipes runs as it is shown, and prints what is shown under it."""

import re
from pathlib import Path

import pytest
from documented_code import as_parameters, check_output, imported, programs_in, run

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "docs" / "recipes").glob("*.md"))
RECIPES = [program for page in PAGES for program in programs_in(page)]
SLOW = set()


@pytest.mark.parametrize("recipe", as_parameters(RECIPES, SLOW))
def test_a_recipe_prints_what_the_page_shows(recipe, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    check_output(recipe.output, run(recipe))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_recipe_has_code_with_its_own_imports(page):
    sections = re.split(r"^## ", page.read_text("utf-8"), flags=re.M)[1:]
    without = [each.splitlines()[0] for each in sections if "```python" not in each]
    assert sections
    assert without == ["When to prefer PyTorch (GPU, images, text)"] * (
        page.stem == "choosing"
    )
    for program in programs_in(page):
        assert imported(program.code), program.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_to_files(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_the_start_page_of_the_recipes_lists_all_pages():
    listed = re.findall(r"^recipes/(\w+)$", (ROOT / "docs/recipes.md").read_text(), re.M)
    assert sorted(listed) == [page.stem for page in PAGES]


def test_numbers_may_differ_in_their_last_digit_only():
    check_output("score 0.97 of ... rows", "score  0.96 of 12 rows\n")
    with pytest.raises(AssertionError, match="0.97 on the page"):
        check_output("score 0.97", "score 0.95")
    with pytest.raises(AssertionError, match="12 on the page"):
        check_output("12 rows", "13 rows")
    with pytest.raises(AssertionError, match="The page shows"):
        check_output("score 0.97", "error 0.97")
