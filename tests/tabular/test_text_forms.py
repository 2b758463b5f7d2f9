"""What the texts of a column are."""

import numpy as np
import pytest

from skfcnn.tabular.text_forms import (
    MISSING_MARKS,
    Ambiguous,
    Form,
    find_form,
    is_missing,
    other_words,
    why_code,
)


def find(texts, name=None, counts=None):
    return find_form(texts, counts or [1] * len(texts), name)


KINDS = [
    ("boolean", ["yes", "No", "?"]),
    ("number", ["1", "0", "n/a"]),
    ("number", ["1.5", "unknown", "2"]),
    ("number", ["2019", "2020"]),
    ("number", ["90 min", "120 min"]),
    ("date", ["2024-01", "2024-02"]),
    (
        "date",
        ["01.02.2024", "31.02.2024", "28.02.2024"] + [f"{d}.1.2024" for d in range(1, 31)],
    ),
    ("date", ["9999-12-31", "2020-01-01"]),
    ("duration", ["01:30", "12:45"]),
    ("duration", ["1h 5m", "20m"]),
]


@pytest.mark.parametrize("kind, texts", KINDS, ids=str)
def test_a_column_has_the_kind_of_its_form(kind, texts):
    form = find(texts)
    assert isinstance(form, Form)
    assert form.kind == kind
    assert form.describe()


CODES = [
    ["01234", "12345"],
    ["1.9", "1.10"],
    ["12345", "54321"],
    ["1e5", "2e7"],
    ["1", "inf"],
]


@pytest.mark.parametrize("texts", CODES, ids=str)
def test_codes_have_no_form_but_a_reason(texts):
    assert find(texts) is None
    assert why_code(texts, [1] * len(texts), None)


def test_names_make_codes():
    assert find(["12", "345"], "zip") is None
    assert find(["12", "345"], "price").kind == "number"


def test_a_code_is_never_ambiguous():
    assert isinstance(find(["1.234", "5.678"]), Ambiguous)
    assert find(["1.234", "5.678"], "version") is None


def test_versions_of_three_parts_are_no_dates_in_a_column_named_version():
    assert find(["1.10.20", "13.9.11"]).kind == "date"
    assert find(["1.10.20", "13.9.11"], "version") is None


@pytest.mark.parametrize(
    "texts",
    [["red", "green"], ["?", ""], [], ["1.2.3", "1.10.2"], ["5 May", "6 June"], ["a" * 99]],
    ids=str,
)
def test_other_texts_have_no_form(texts):
    assert find(texts) is None
    assert why_code(texts, [1] * len(texts), None) is None


def test_most_rows_may_be_missing():
    form = find(["5", "6", "?"], counts=[1, 1, 1000])
    assert form.kind == "number"
    assert is_missing("?") and "?" in MISSING_MARKS
    assert other_words(form, ["5", "6", "?"], [1, 1, 1000]) == []


def test_a_word_of_four_percent_is_kept_beside_numbers():
    texts = [*map(str, range(96)), "refused"]
    form = find(texts, counts=[1] * 96 + [4])
    assert other_words(form, texts, [1] * 96 + [4]) == ["refused"]


def test_a_frequent_word_does_not_hide_many_distinct_numbers():
    texts = ["refused", *(f"{i / 8:.2f}" for i in range(5000))]
    assert find(texts, counts=[200, *[1] * 5000]).kind == "number"


def test_many_distinct_texts_are_read_by_all_of_them():
    texts = [f"{i / 8:.3f}" for i in range(8, 80_000)]
    rest = [f"word{i}" for i in range(4500)]
    assert find([*texts, *rest], counts=[1] * (len(texts) + 4500)) is None
    form = find([*texts, *rest[:3000]])
    assert np.isnan(form.read(rest)).all()
