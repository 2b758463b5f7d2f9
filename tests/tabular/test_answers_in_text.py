"""Yes and no in words."""

import numpy as np
import pytest

from skfcnn.tabular.answers_in_text import PAIRS, find_answers
from skfcnn.tabular.text_values import Values


def find(texts, counts=None):
    return find_answers(Values.of(texts, counts or [1] * len(texts)))


@pytest.mark.parametrize("yes, no", PAIRS)
@pytest.mark.parametrize("case", [str.lower, str.upper, str.title])
def test_pairs_of_answers_are_read_in_any_case(yes, no, case):
    texts = [case(no), case(yes), f" {yes} ", "n/a"]
    form = find(texts)
    np.testing.assert_array_equal(form.read(texts), [0.0, 1.0, 1.0, np.nan])
    assert yes in form.describe() and no in form.describe()


@pytest.mark.parametrize("text, value", [("yes", 1.0), ("no", 0.0), ("TRUE", 1.0)])
def test_one_answer_beside_marks_is_an_answer(text, value):
    assert find([text, "?"]).read([text]) == value


@pytest.mark.parametrize(
    "texts",
    [
        ["yes"],
        ["F", "N/A"],
        ["y", "no"],
        ["F", "M"],
        ["yes", "true"],
        ["a", "b"],
        ["?"],
        [],
    ],
)
def test_other_words_are_no_answers(texts):
    assert find(texts) is None


def test_a_rare_word_may_stand_beside_answers():
    assert find(["yes", "no", "maybe"], [50, 46, 4]) is not None
    assert find(["yes", "no", "maybe"], [50, 40, 10]) is None
