"""What the texts of a column are: answers, numbers, dates, durations, or just texts."""

from collections.abc import Sequence

from skfcnn.tabular.answers_in_text import find_answers
from skfcnn.tabular.codes import reason_for, why_code, words_of
from skfcnn.tabular.dates_in_text import find_dates
from skfcnn.tabular.durations_in_text import find_durations
from skfcnn.tabular.numbers_in_text import find_numbers
from skfcnn.tabular.text_values import (
    MISSING_MARKS,
    Ambiguous,
    Form,
    Values,
    is_missing,
    other_words,
)

__all__ = [
    "MISSING_MARKS",
    "Ambiguous",
    "Form",
    "find_form",
    "is_missing",
    "other_words",
    "why_code",
]


def find_form(
    texts: Sequence[str], counts: Sequence[int], name: object
) -> Form | Ambiguous | None:
    """Return the form that reads at least 95 % of the values of a column of text.

    Parameters
    ----------
    texts : sequence of str
        The distinct texts of the column.
    counts : sequence of int
        How many rows have each text.
    name : object
        The name of the column: numbers in a column "zip" are codes.

    Returns
    -------
    form : Form, Ambiguous or None
        `Ambiguous` if two forms fit and read different values; None if no form fits, or
        the texts are codes: then `why_code` returns the reason.
    """
    values = Values.of(texts, counts)
    if not values.texts:
        return None
    answers = find_answers(values)
    if answers:
        return answers
    numbers = find_numbers(values)
    if numbers:
        return None if reason_for(values, numbers, name) else numbers
    dates = None if "version" in words_of(name) else find_dates(values)
    return dates or find_durations(values)
