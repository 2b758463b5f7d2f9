"""Texts that could be numbers but are codes."""

import pytest

from skfcnn.tabular.codes import CODE_WORDS, why_code, words_of


def why(texts, name=None, counts=None):
    return why_code(texts, counts or [1] * len(texts), name)


CODES = [
    (["01234", "98765", "123"], "leading zeros, as in '01234'"),
    (["01", "02", "12"], "leading zeros, as in '01'"),
    (["1.9", "1.10", "1.11"], "version-like values, '1.10' and '1.9'"),
    (["3", "3.9", "3.10"], "version-like values, '3.10' and '3.9'"),
    (["12345", "54321", "?"], "strings of 5 digits each, such as '12345'"),
    (["20240131", "20240201"], "strings of 8 digits each, such as '20240131'"),
    (["612 345 678", "698 765 432"], "strings of 9 digits each, such as '612 345 678'"),
    (["1e5", "2e7", "12E4"], "codes such as '1e5'"),
    (["105", "200", "2e4"], "codes such as '2e4'"),
    (["1.5", "inf"], "the text 'inf' among numbers"),
    (["1.5", "-Infinity", "2"], "the text '-Infinity' among numbers"),
]


@pytest.mark.parametrize("texts, reason", CODES, ids=str)
def test_codes_are_told_with_a_reason(texts, reason):
    assert why(texts) == reason


PHONES = [
    ["030 123 456", "040 765 4321", "612 345 678"],
    ["+49 30 1234", "+44 20 7946 0958"],
    ["030-1234567", "(040) 765-4321", "unknown"],
    ["+49 (0)30 1234567", "030/765 4321"],
    ["123-45-6789", "987-65-4321"],
    ["978-3-16-148410-0", "3-16-148410-0"],
]


@pytest.mark.parametrize("texts", PHONES, ids=str)
def test_digits_in_groups_are_codes(texts):
    assert why(texts) == f"digits in groups, such as '{texts[0]}'"


GROUPS = [
    ["1000-2000", "3000-10000"],
    ["10-19", "20-29"],
    ["01-02", "03-04"],
    ["1-2-3", "2-3-4"],
    ["030 123 456", "red", "blue"],
    ["192.168.10.1", "10.0.10.12"],
    ["2020-01-31", "31-12-2020", "2020/02/01"],
    ["1" * 50 + "x", "2" * 50 + "x"],
]


@pytest.mark.parametrize("texts", GROUPS, ids=str)
def test_ranges_and_short_groups_of_digits_need_no_reason(texts):
    assert why(texts) is None


def test_two_groups_of_digits_are_codes_in_a_column_named_like_one():
    assert why(["555-1234", "444-9876"]) is None
    assert why(["555-1234", "444-9876"], "Phone") == "digits in groups, such as '555-1234'"


NUMBERS = [
    ["0", "0.5", "10"],
    ["1.0", "2.25"],
    ["1.50", "2.25"],
    ["9.05", "9.10", "9.5"],
    ["1.5", "2.75", "3.125"],
    ["1234", "5678"],
    ["12345", "123456"],
    ["-12345", "-54321"],
    ["12345 kg", "54321 kg"],
    ["1.5e+03", "2e-5"],
    ["12 345", "54 321"],
    ["$007", "$12"],
]


@pytest.mark.parametrize("texts", NUMBERS, ids=str)
def test_numbers_are_no_codes(texts):
    assert why(texts) is None


@pytest.mark.parametrize(
    "texts", [["red", "inf"], ["a1", "b2"], ["01:30"], ["01.02.2024"], []]
)
def test_what_could_not_be_a_number_needs_no_reason(texts):
    assert why(texts, "zip") is None


@pytest.mark.parametrize("code", ["05", "1e5", "5.10"])
def test_a_typing_error_in_a_hundred_and_more_rows_makes_no_codes(code):
    texts = [f"{i / 10}" for i in range(10, 90)]
    assert why([*texts, code], counts=[10] * 80 + [1]) is None


@pytest.mark.parametrize(
    "name", ["zip", "ZIP_Code", "customerId", "Phone No.", "sku", "PLZ"]
)
def test_whole_numbers_in_a_column_named_like_a_code_are_codes(name):
    assert "in the name of the column" in why(["12", "345"], name)


@pytest.mark.parametrize("name", ["width", "idle", "price", "decode", None, 3, ("zip",)])
def test_other_names_tell_nothing(name):
    assert why(["12", "345"], name) is None


@pytest.mark.parametrize("texts", [["0.5", "0.75"], ["-3", "4"], ["12 €", "13 €"]])
def test_sizes_are_numbers_whatever_the_name_is(texts):
    assert why(texts, "code_coverage") is None


def test_decimals_are_codes_in_a_column_named_version():
    assert (
        why(["1.2", "1.3"], "appVersion") == "the word 'version' in the name of the column"
    )


@pytest.mark.parametrize(
    "name, words",
    [
        ("customerID", {"customer", "id"}),
        ("ZIPCode", {"zip", "code"}),
        ("zip_code2", {"zip", "code"}),
        ("Postal-Code", {"postal", "code"}),
        ("HTTPCode", {"http", "code"}),
        (7, set()),
    ],
)
def test_names_are_split_into_words(name, words):
    assert words_of(name) == words


def test_words_for_codes_are_in_lower_case():
    assert all(word.islower() for word in CODE_WORDS)
