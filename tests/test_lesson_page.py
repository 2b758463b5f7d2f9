"""The lesson to play with is complete in both languages, and light."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
FOLDER = DOCS / "_static" / "lesson"
PAGES = {"en": DOCS / "lesson.md", "zh": DOCS / "zh" / "lesson.md"}
MOST_BYTES = 60_000


def files_of(page):
    names = re.findall(r'(?:src|href)="([^"]+)"', page.read_text("utf-8"))
    return [page.parent / name for name in names]


@pytest.mark.parametrize("language", PAGES)
def test_a_page_loads_only_its_own_files_of_at_most_60_kb(language):
    files = files_of(PAGES[language])
    assert all(file.resolve().parent == FOLDER for file in files)
    assert sum(file.stat().st_size for file in files) <= MOST_BYTES


def test_every_file_belongs_to_a_page():
    loaded = {file.resolve() for page in PAGES.values() for file in files_of(page)}
    assert loaded == set(FOLDER.iterdir())


def structure(page):
    """Levels of headings, and the places that the scripts fill, in their order."""
    return re.findall(r'^(#+) |<div (?:id|class)="([^>]+)>', page.read_text("utf-8"), re.M)


def test_both_pages_have_the_same_places():
    english, chinese = map(structure, PAGES.values())
    assert english == chinese
    assert len(english) > 15


def keys(language):
    text = (FOLDER / f"texts.{language}.js").read_text("utf-8")
    return re.findall(r"^ *(\w+): |[{,] (\w+): ", text, re.M)


def test_both_languages_have_the_same_texts():
    assert keys("en") == keys("zh")
    assert len(keys("en")) > 80


def test_nothing_is_left_in_english():
    text = (FOLDER / "texts.zh.js").read_text("utf-8")
    words = re.findall(r'"([A-Za-z][a-z]+(?: [a-z]+)+)', text)
    assert words == ["use strict"]
