"""Numbers in text: marks, units, signs and exponents."""

import numpy as np
import pytest

from skfcnn.tabular.numbers_in_text import NumberForm, find_numbers
from skfcnn.tabular.text_values import Ambiguous, Values


def find(texts, counts=None):
    return find_numbers(Values.of(texts, counts or [1] * len(texts)))


READ = [
    (["1", "20", "3.5"], [1, 20, 3.5]),
    ([" 1", "2 ", "\u00a03.5\t"], [1, 2, 3.5]),
    (["1,234.5", "12.25"], [1234.5, 12.25]),
    (["1.234,5", "12,25"], [1234.5, 12.25]),
    (["1 234,5", "12"], [1234.5, 12]),
    (["1\u202f234,5", "1\u00a0000"], [1234.5, 1000]),
    (["1 234.5", "12"], [1234.5, 12]),
    (["1'234.5", "1\u2019000"], [1234.5, 1000]),
    (["1'234,5"], [1234.5]),
    (["1,234,567", "1,234"], [1234567, 1234]),
    (["1.234.567", "1.234"], [1234567, 1234]),
    (["12,34,567", "1,234"], [1234567, 1234]),
    (["0.123", "1.234"], [0.123, 1.234]),
    (["0,123", "1,234"], [0.123, 1.234]),
    (["1234.567", "1.234"], [1234.567, 1.234]),
    (["1,234", "5,67"], [1.234, 5.67]),
    ([".5", "5.", "5"], [0.5, 5, 5]),
    (["12 kg", "13.5 kg", "14kg"], [12, 13.5, 14]),
    (["$1,200", "$ 3,400.50"], [1200, 3400.5]),
    (["US$5", "US$6"], [5, 6]),
    (["EUR 5", "EUR 6,5"], [5, 6.5]),
    (["€ 12,50", "€ 1.300,00"], [12.5, 1300]),
    (["1.234,5 €", "2,5 €"], [1234.5, 2.5]),
    (["45%", "50 %"], [45, 50]),
    (["5 km/h", "10 km/h"], [5, 10]),
    (["21.5 °C", "-3 °C"], [21.5, -3]),
    (["5 m2", "12.5 m2"], [5, 12.5]),
    (["3 sq ft", "4 sq ft"], [3, 4]),
    (["1 year", "2 years"], [1, 2]),
    (["10 hrs", "1 hr"], [10, 1]),
    (["-5", "+3", "\u22127", "\u20138"], [-5, 3, -7, -8]),
    (["- 5", "3"], [-5, 3]),
    (["(1,234)", "12.5"], [-1234, 12.5]),
    (["-$5", "$-6", "($7)", "$(8)", "$9"], [-5, -6, -7, -8, 9]),
    (["(5 kg)", "6 kg"], [-5, 6]),
    (["1.5e+03", "2e-5", "-1E+05", "1.5e3"], [1500, 2e-5, -1e5, 1500]),
    (["1,5e+03", "2,25"], [1500, 2.25]),
    (["2019", "2020"], [2019, 2020]),
    (["0", "1"], [0, 1]),
    (["1,230", "5,678", "12"], [1230, 5678, 12]),
    (["1.230", "5.678", "12", "0"], [1230, 5678, 12, 0]),
]


@pytest.mark.parametrize("texts, numbers", READ, ids=lambda each: str(each[0]))
def test_numbers_are_read(texts, numbers):
    form = find(texts)
    assert isinstance(form, NumberForm)
    np.testing.assert_allclose(form.read(texts), numbers, rtol=1e-15)


@pytest.mark.parametrize(
    "texts",
    [
        ["1,234", "5,678"],
        ["1.234", "5.678"],
        ["1,234 kg", "2,345 kg"],
        ["1,234", "5,678", "9"],  # shortest decimals, or thousands
        ["1.234", "5.670", "1234"],
    ],
)
def test_marks_that_may_be_decimal_or_between_thousands_are_ambiguous(texts):
    found = find(texts)
    assert isinstance(found, Ambiguous)
    first, second = found.readings
    assert first.startswith("numbers with decimal points")
    assert second.startswith("numbers with decimal commas")
    assert texts[0] in first and texts[0] in second
    assert "1.234" in first + second and "1234" in first + second


NOT_NUMBERS = [
    ["red", "green"],
    ["A12", "B13"],
    ["Q1", "Q2"],
    ["level 3", "level 4"],
    ["1st", "2nd", "3rd"],
    ["1.2M", "900K"],
    ["10-20", "20-30"],
    ["1.10.2", "1.9.1"],
    ["1e5", "2e7"],
    ["5'11", "6'2"],
    ["1,23", "1.23"],
    ["12 kg", "13 lb"],
    ["--5", "++6"],
    ["(5", "6)"],
    ["-(5)", "(-6)"],
    ["$", "€"],
    ["1_000", "2_000"],
    ["0x10", "0x11"],
    ["12:30", "13:45"],
    ["<5", ">10"],
    ["3 of 5", "4 of 5"],
    ["?", "n/a"],
    [],
]


@pytest.mark.parametrize("texts", NOT_NUMBERS, ids=str)
def test_other_texts_are_no_numbers(texts):
    assert find(texts) is None


def test_dollars_and_pounds_have_commas_between_thousands():
    for texts in (["$31,770", "$11,622"], ["\u00a31,234", "-\u00a35,678"], ["USD 1,234"]):
        assert find(texts).group == ","
    for texts in (["\u20ac 31,770", "\u20ac 11,622"], ["$3.459", "$3.519"]):
        assert isinstance(find(texts), Ambiguous)


@pytest.mark.parametrize("group, decimal", [(",", "."), (".", ",")])
def test_whole_hundreds_below_a_thousand_decide_that_marks_are_between_thousands(
    group, decimal
):
    texts = [*map(str, range(0, 1000, 50)), f"1{group}424"]
    form = find(texts)
    assert (form.group, form.decimal) == (group, decimal)
    assert form.read(texts)[-1] == 1424
    assert isinstance(find(["5", "12", f"1{group}424"]), Ambiguous)


def test_a_form_reads_95_percent_of_the_values():
    texts = ["5", "refused", "?"]
    assert find(texts, [95, 5, 300]) is not None
    assert find(texts, [94, 6, 300]) is None


def test_a_number_without_the_unit_is_missing():
    np.testing.assert_array_equal(
        find(["12 kg", "13 kg"]).read(["14 kg", "15", "16 g"]), [14, np.nan, np.nan]
    )


def test_one_of_many_texts_decides_between_marks():
    texts = [f"{number:,}" for number in range(1001, 4000)]
    assert isinstance(find(texts), Ambiguous)
    assert find([*texts, "1,234,567"]).group == ","
    assert find([*texts, "0,500"]).decimal == ","


def test_numbers_that_are_too_large_are_missing():
    form = find(["1.5e+03", "2.5e+03"])
    np.testing.assert_array_equal(form.read(["1e+999", "9" * 400]), [np.nan, np.nan])


@pytest.mark.parametrize(
    "texts, words",
    [
        (["1.5", "2.25"], "numbers"),
        (["1.234,5", "2,5"], "numbers with decimal commas and points between thousands,"),
    ],
)
def test_a_form_is_described_by_its_marks_and_an_example(texts, words):
    assert find(texts).describe() == f"{words} written as '{max(texts, key=len)}'"


def test_long_texts_take_no_long_time():
    for text in ("9" * 50_000 + "x", "9 " * 50_000, "a" * 50_000, "1 " + "m " * 50_000):
        assert find([text]) is None


MARKS = [
    (",", "."),
    (".", ","),
    (" ", ","),
    ("\u202f", ","),
    ("'", "."),
    ("", "."),
    ("", ","),
]
UNITS = ["{}", "{} kg", "{}%", "${}", "€ {}", "CHF {}"]


@pytest.mark.parametrize("decimals", [0, 1, 2, 3, 4, "shortest"])
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("group, decimal", MARKS)
def test_no_numbers_are_read_wrong(group, decimal, unit, decimals):
    if unit == "${}" and decimal == "," and decimals in (3, "shortest"):
        return  # dollars have no thousandths
    rng = np.random.default_rng(0)
    for _ in range(30):
        size = 10.0 ** rng.integers(0, 7)
        digits = 3 if decimals == "shortest" else decimals
        numbers = np.round(rng.normal(scale=size, size=rng.integers(1, 20)), digits)
        texts = [f"{number:,.{digits}f}" for number in numbers]
        if decimals == "shortest" and digits:
            texts = [text.rstrip("0").rstrip(".") for text in texts]
        exchanged = str.maketrans({",": group, ".": decimal})
        texts = [unit.format(text.translate(exchanged)) for text in texts]
        found = find(texts)
        assert found is not None
        if isinstance(found, NumberForm):
            np.testing.assert_allclose(found.read(texts), numbers, rtol=1e-15)
