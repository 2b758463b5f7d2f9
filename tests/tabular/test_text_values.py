"""Values of a column of text: marks for missing values, samples, and forms that fit."""

import io
import pickle

import numpy as np
import pandas as pd
import pytest

from skfcnn.tabular.text_forms import find_form
from skfcnn.tabular.text_values import (
    MISSING_MARKS,
    SAMPLED_ROWS,
    Form,
    Values,
    is_missing,
    other_words,
)


@pytest.mark.parametrize(
    "text", ["", " ", "?", "-", "n/a", "N/A", "NULL", " Unknown ", "NaN", "<NA>", "\u2014"]
)
def test_marks_are_missing_in_any_case_and_with_spaces_around(text):
    assert is_missing(text)


@pytest.mark.parametrize("text", ["0", "no", "refused", "x", "other"])
def test_words_are_not_missing(text):
    assert not is_missing(text)


# From the documentation of pandas.read_csv.
OF_PANDAS = [
    *(
        "#N/A",
        "#N/A N/A",
        "#NA",
        "-1.#IND",
        "-1.#QNAN",
        "-NaN",
        "-nan",
        "1.#IND",
        "1.#QNAN",
    ),
    *("<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
]


@pytest.mark.parametrize("mark", OF_PANDAS)
def test_what_pandas_reads_as_missing_is_missing(mark):
    assert pd.read_csv(io.StringIO(f"a,b\n{mark},1\n"))["a"].isna().all()
    assert is_missing(mark)


def test_marks_are_in_lower_case():
    assert all(mark == mark.lower().strip() for mark in MISSING_MARKS)


def test_marks_are_counted_and_no_values():
    values = Values.of([" 5 ", "?", "N/A", "6"], [1, 2, 3, 4])
    assert values.texts == ["5", "6"]
    assert values.counts.tolist() == [1, 4]
    assert values.marks == 5


def test_shares_are_of_rows():
    values = Values.of(["1", "2"], [3, 1])
    assert values.share(np.array([True, False])) == 0.75


def test_a_column_without_values_has_shares_of_zero():
    assert Values.of(["?"], [3]).share(np.array([], bool)) == 0.0


def test_a_sample_has_evenly_spaced_rows():
    n = 10 * SAMPLED_ROWS
    values = Values.of(["word", *map(str, range(n))], [n, *[1] * n])
    sample = values.sample()
    assert sample.counts.sum() == SAMPLED_ROWS
    assert sample.counts[0] == SAMPLED_ROWS / 2
    assert len(sample.texts) == 1 + SAMPLED_ROWS / 2


TEXTS = {
    "number": ["1.234,5 €", "2,5 €"],
    "date": ["31.12.2024 10:00 +01:00", "1.1.2024 10:00 +01:00"],
    "duration": ["1:02:03", "2:00:00"],
    "boolean": ["yes", "no"],
}


@pytest.mark.parametrize("kind", TEXTS)
def test_forms_are_values_that_can_be_pickled(kind):
    form = find_form(TEXTS[kind], [1, 1], None)
    assert isinstance(form, Form)
    assert form.kind == kind
    copy = pickle.loads(pickle.dumps(form))
    assert copy == form
    read = form.read(TEXTS[kind])
    np.testing.assert_array_equal(copy.read(TEXTS[kind]), read)
    assert not np.isnan(read).any()


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("text", ["", "?", "word", "9" * 500, "\n", "1\n2", "\u0661", "é"])
def test_what_has_another_form_is_read_as_missing(kind, text):
    form = find_form(TEXTS[kind], [1, 1], None)
    assert np.isnan(form.read([text, TEXTS[kind][0]])).tolist() == [True, False]


@pytest.mark.parametrize("kind", TEXTS)
def test_no_texts_are_read_as_no_values(kind):
    assert find_form(TEXTS[kind], [1, 1], None).read([]).shape == (0,)


def test_words_of_two_rows_or_more_are_listed_the_most_frequent_first():
    texts = ["1", "refused", " refused", "too old", "once", "unknown", "2"]
    form = find_form(["1", "2"], [1, 1], None)
    assert other_words(form, texts, [90, 1, 1, 5, 1, 7, 9]) == ["too old", "refused"]


def test_a_sample_of_rows_has_texts_by_their_number_of_rows():
    values = Values.of([f"text {i}" for i in range(200)], [400] + [1] * 199)
    few = values.sample(50)
    assert few.counts.sum() == 50 and 0.6 < few.share(few.counts > 1) < 0.7
    assert values.sample(200) is values
