"""Deciding the kind of a column from the training data.

Declared columns come first, and dtypes are kept. A column of text is, in this order:
numbers, dates, durations or yes/no, if 95 % of its values have one form (`text_forms.py`);
free text; an identifier, which is left out; categories. Codes, which are categories, are
found where no form fits. A column that can be parsed in two ways is always categories.
"""

from collections import Counter
from dataclasses import dataclass
from itertools import compress
from typing import Any

import numpy as np

from skfcnn.tabular.cells import NUMBERS, Column
from skfcnn.tabular.column_types import Categories, LeftOut, Nothing, Numbers
from skfcnn.tabular.dates import Dates, moments_of
from skfcnn.tabular.dates_in_text import find_dates
from skfcnn.tabular.text_forms import (
    Ambiguous,
    Form,
    find_form,
    is_missing,
    other_words,
    why_code,
)
from skfcnn.tabular.text_types import (
    DatesInText,
    FreeText,
    InText,
    PlainNumbers,
    SerialDates,
)
from skfcnn.tabular.text_values import Values

# Free text: characters in the median row, different texts, and their share of the rows.
LONG, MANY, OFTEN_NEW = 20, 20, 0.25
# Identifiers and row numbers: least number of rows, and least share of different values.
N_ROWS, UNIQUE = 100, 0.99
# The share of values that have to be numbers.
SHARE = 0.95
# Number of examples in a note.
N_SHOWN = 3


@dataclass
class Decision:
    """The kind of a column, a note about it, and its group in the warning."""

    kind: Any
    note: str = ""
    group: str | None = None


EMPTY = Decision(Nothing(), "all values are missing", "empty")


def decide(column: Column, name, role: str | None, *, drops: bool = True) -> Decision:
    """Return the kind of a column of the training data.

    Parameters
    ----------
    column : Column
    name : object
        The name of the column, or None.
    role : {None, "category", "number", "date"}
        What the column is declared to be.
    drops : bool
        Whether identifiers are left out.
    """
    if column.values.isna().all():
        return EMPTY
    if role is not None:
        return {"category": _category, "number": _number, "date": _date}[role](column, name)
    if column.content == "dates":
        return Decision(Dates.of(*moments_of(column)))
    if column.content != "text":
        return _typed_numbers(column)
    if not column.holds_strings:
        return Decision(Categories.of(column))
    if all(map(is_missing, column.texts()[1])):
        return EMPTY
    return _text(column, name, drops)


def _typed_numbers(column) -> Decision:
    spans = "duration" if column.content == "spans" else "number"
    kind = Numbers("yes/no" if column.inferred == "boolean" else spans)
    if column.inferred == "integer" and looks_like_row_number(column.values):
        return Decision(kind, "looks like a row number", "row number")
    return Decision(kind)


def looks_like_row_number(values) -> bool:
    """Return whether whole numbers increase from row to row."""
    if len(values) < N_ROWS or values.isna().any():
        return False
    numbers = values.to_numpy()
    start = numbers[:N_ROWS]  # nearly always enough
    return bool((start[1:] > start[:-1]).all() and (numbers[1:] > numbers[:-1]).all())


# ----- text


def _text(column, name, drops) -> Decision:
    strings = column
    if column.is_mixed:
        is_string = [isinstance(value, str) for value in column.values]
        strings = Column(column.values.where(is_string, None))
    found = find_form(strings.texts()[1], strings.counts(), name)
    n_typed = int(column.counts().sum() - strings.counts().sum())
    if n_typed and _are_numbers(column, strings, n_typed, name):
        plain = found is None or isinstance(found, Ambiguous) or found.kind != "number"
        return _in_text(column, strings, PlainNumbers() if plain else found)
    if n_typed:
        found = find_form(column.texts()[1], column.counts(), name)
    if isinstance(found, Ambiguous):
        note = f"{found.readings[0]} or {found.readings[1]}"
        return Decision(Categories.of(column), note, "ambiguous")
    if found is not None:
        return _in_text(column, column, found)
    return _words(column, name, drops)


def _are_numbers(column, strings, n_typed, name) -> bool:
    """Return whether nearly all values of a mixed column are numbers by type or as text."""
    if why_code(strings.texts()[1], strings.counts(), name):
        return False  # postal codes of which a spreadsheet made numbers where it could
    rest = strings.values.isna() & column.values.notna()
    if Column(column.values[rest].infer_objects()).inferred not in NUMBERS - {"boolean"}:
        return False
    texts = zip(strings.texts()[1], strings.counts(), strict=True)
    n_words = sum(
        count
        for text, count in texts
        if not is_missing(text) and np.isnan(PlainNumbers().read([text])[0])
    )
    n_values = n_typed + n_words
    return n_typed >= SHARE * n_values


def _in_text(column, strings, form) -> Decision:
    texts, counts = strings.texts()[1], strings.counts()
    lost = [
        (texts[i], int(counts[i])) for i in np.flatnonzero(np.isnan(strings.parsed(form)))
    ]
    words = other_words(form, *zip(*lost, strict=True)) if lost else []
    if form.kind == "date":
        kind = DatesInText.of(column, form, words)
    else:
        kind = InText(form, words)
    note = "; ".join([form.describe(), *_losses(lost, words)])
    return Decision(kind, note, form.kind)


def _losses(lost, words) -> list[str]:
    """Return how texts that do not parse are encoded: as an indicator, or as missing."""
    marks = [text for text, _ in lost if is_missing(text)]
    rest = {
        text: n for text, n in lost if not is_missing(text) and text.strip() not in words
    }
    told = []
    if words:
        told.append(f"separate columns for {_some(words)}")
    if marks:
        told.append(f"missing: {_some(marks)}")
    if rest:
        told.append(f"{sum(rest.values())} that do not parse are missing: {_some(rest)}")
    return told


def _some(texts) -> str:
    """Return a few texts as a list in words."""
    shown = [repr(text) for text in [*texts][:N_SHOWN]]
    more = len(texts) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _words(column, name, drops) -> Decision:
    texts, counts = column.texts()[1], column.counts()
    values = Values.of(texts, counts)
    if _is_free_text(values):
        return Decision(FreeText(), "its length and character n-grams", "free text")
    n_rows = values.counts.sum()
    is_unique = n_rows >= N_ROWS and np.count_nonzero(values.counts) >= UNIQUE * n_rows
    note = "(nearly) all values differ" if is_unique else ""
    if is_unique and drops and not any(" " in text for text in values.texts):
        return Decision(LeftOut("identifier"), note, "identifier")
    code = why_code(texts, counts, name)
    marks = _marks(texts, counts) if values.marks else []
    if code is not None:
        return Decision(Categories.of(column, "code"), "; ".join([code, *marks]), "code")
    nearly = _nearly_numbers(values)
    notes = "; ".join(filter(None, [nearly or note, *marks]))
    return Decision(Categories.of(column), notes, "nearly" if nearly else None)


def _marks(texts, counts) -> list[str]:
    """Return a note on the marks for missing values among categories."""
    marks = [*filter(is_missing, compress(texts, counts))]
    are_many = len(marks) > 1
    verb = "are categories" if are_many else "is a category"
    return [f"the mark{'s' * are_many} {_some(marks)} {verb}"]


def _nearly_numbers(values) -> str:
    """Return a note if most values, but too few to read them, are numbers; else ""."""
    is_number = ~np.isnan(PlainNumbers().read(values.texts))
    share = values.share(is_number)
    if not 0.5 < share < SHARE or np.count_nonzero(is_number) < MANY:
        return ""
    return f"{share:.0%} are numbers, not {_some(values.only(~is_number).texts)}"


def _is_free_text(values) -> bool:
    n_rows = values.counts.sum()
    if len(values.texts) < max(MANY, OFTEN_NEW * n_rows):
        return False
    lengths = np.array([len(text) for text in values.texts])
    has_spaces = np.array([" " in text for text in values.texts])
    is_median_long = values.counts[lengths >= LONG].sum() >= n_rows / 2
    return bool(is_median_long and values.counts[has_spaces].sum() >= n_rows / 2)


# ----- declared


def _category(column, name) -> Decision:
    return Decision(Categories.of(column), "declared")


def _number(column, name) -> Decision:
    column = column.without_categories()
    if column.content == "dates":
        raise ValueError(
            "it holds dates, but is in numeric_features. Put it into datetime_features, or "
            "convert it to numbers."
        )
    if column.content != "text":
        return _declared(_typed_numbers(column).kind)
    found = find_form(column.texts()[1], column.counts(), None)
    form: Form = PlainNumbers()
    if isinstance(found, Form) and found.kind == "number":
        form = found
    kind = InText(form, [])
    _check_some(column, kind, "numbers", "numeric_features", found)
    return _declared(kind, column)


def _date(column, name) -> Decision:
    column = column.without_categories()
    if column.content == "dates":
        return _declared(Dates.of(*moments_of(column)))
    found = find_dates(Values.of(column.texts()[1], column.counts()))
    if isinstance(found, Form):
        return _declared(DatesInText.of(column, found, []), column)
    kind = SerialDates.of(column)
    _check_some(column, kind, "dates", "datetime_features", found)
    return _declared(kind, column, "days since 1899-12-30, as in Excel")


def _declared(kind, column=None, note="declared") -> Decision:
    """Return the decision; there is a warning if values do not parse."""
    unread: Counter = Counter()
    if column is not None:
        kind.read(column, unread)
    if not unread:
        return Decision(kind, note)
    lost = f"{unread.total()} that do not parse are missing: {_some(unread)}"
    return Decision(kind, f"{note}; {lost}", "declared")


def _check_some(column, kind, plural, parameter, found):
    """Raise ValueError if no value could be read as declared."""
    if not np.isnan(kind.read(column, Counter())[0]).all():
        return
    example = next(value for value in column.values if value == value and value is not None)
    why = f"{example!r} is not read as {plural}"
    way_out = f"pd.to_{'datetime' if plural == 'dates' else 'numeric'}"
    if isinstance(found, Ambiguous):
        why = f"its values can be read as {found.readings[0]} or as {found.readings[1]}"
        ways = "format='%d/%m/%Y' in pd.to_datetime", "thousands=',' in pd.read_csv"
        way_out = ways[plural == "numbers"]
    raise ValueError(
        f"it is in {parameter}, but {why}. Convert it before, for example with {way_out}, "
        "or take it out."
    )
