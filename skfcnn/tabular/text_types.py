"""The kinds of columns of text: numbers, dates, durations, yes/no, and free text.

A column in text is read by its form, which `text_forms.py` finds in training. Values of the
type itself, such as floats for numbers in text, are read as they are. A word that no form
reads and that occurred twice or more in training has a column of zeros and ones; all else
that does not parse is missing, and counted in `unread` unless it is a mark for missing
values.

Later text in a column that had numbers or dates by type is read as Python writes numbers,
and as ISO 8601 has dates.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import ClassVar

import numpy as np
import pandas as pd

from skfcnn.tabular.answers_in_text import AnswerForm
from skfcnn.tabular.cells import A_DATE, A_NUMBER, Column, of_codes, text_of
from skfcnn.tabular.column_types import Numbers
from skfcnn.tabular.dates import Dates, to_zone
from skfcnn.tabular.dates_in_text import DateForm
from skfcnn.tabular.text_forms import Form, is_missing

# pandas' strings, by which `table_encoder` distinguishes free text from categories.
FREE_TEXT = pd.StringDtype("python")
LABELS = {"number": "number in text", "duration": "duration", "boolean": "yes/no"}
# The typed content that is read as it is, and the types of its values in a mixed column.
TYPED = {"number": "numbers", "boolean": "numbers", "duration": "spans", "date": "dates"}
TYPES = {"numbers": A_NUMBER, "spans": (np.timedelta64, pd.Timedelta), "dates": A_DATE}

# A key of `skfcnn.tabular.dates_in_text.LAYOUTS`.
ISO = "the year first"
# Excel counts days from here; its last day is 9999-12-31.
EXCEL_START, EXCEL_LAST = np.datetime64("1899-12-30", "s"), 2_958_465


@dataclass(frozen=True)
class PlainNumbers(Form):
    """The form of numbers as Python writes them: 1.5, -2, 3e-05."""

    kind: ClassVar[str] = "number"
    example: str = ""

    def read(self, texts: Sequence[str]) -> np.ndarray:
        """Return the numbers; NaN for texts that are none, and for infinite ones."""
        series = pd.Series(texts, dtype=object)
        values = pd.to_numeric(series, errors="coerce").to_numpy(np.float64)
        return np.where(np.isfinite(values), values, np.nan)

    def describe(self) -> str:
        """Return what the numbers look like."""
        return "plain numbers"


@dataclass(frozen=True)
class PlainTruths(PlainNumbers):
    """The form of booleans as Python writes them, or as 1 and 0."""

    kind: ClassVar[str] = "boolean"

    def read(self, texts: Sequence[str]) -> np.ndarray:
        """Return 1.0 for true, and 0.0 for false; NaN for texts that are neither."""
        truths, numbers = AnswerForm("", "true", "false").read(texts), super().read(texts)
        return np.where(np.isnan(truths), numbers, truths)


@dataclass(frozen=True)
class IsoDates(Form):
    """Dates with the year first, for a column that had dates by type.

    Attributes
    ----------
    local : tzinfo or None
        The time zone of the column.
    """

    kind: ClassVar[str] = "date"

    local: tzinfo | None

    def read(self, texts: Sequence[str]) -> np.ndarray:
        """Return the local times; dates without a time zone are local."""
        naive, aware = (
            DateForm("", ISO, has_zone).read(texts) for has_zone in (False, True)
        )
        return np.where(np.isnat(naive), to_zone(aware, UTC, self.local), naive)

    def describe(self) -> str:
        """Return what the dates look like."""
        return f"dates with {ISO}"


@dataclass
class InText:
    """Numbers, durations or yes/no in text, and a column for each other frequent text."""

    form: Form
    words: list

    dtype = np.float64

    @property
    def label(self):
        """Return the name of the kind."""
        return LABELS[self.form.kind]

    def names(self, name):
        """Return the names of the columns that a column of this name is read into."""
        return [name, *(f"{name}_{word}" for word in self.words)]

    def read(self, column: Column, unread: Counter):
        """Return arrays of floats, one for each name."""
        column = column.without_categories()
        typed = TYPED[self.form.kind]
        if column.content == typed:
            return self.typed_and_words(column, np.full(len(column.values), -1))
        if not column.is_mixed:
            return self._read_texts(column, unread)
        is_typed = np.array([isinstance(value, TYPES[typed]) for value in column.values])
        own = Column(column.values.where(is_typed, None).infer_objects())
        texts = Column(column.values.where(~is_typed, None))
        if not is_typed.any():
            return self._read_texts(texts, unread)
        pairs = zip(
            self.typed_and_words(own, texts.texts()[0]),
            self._read_texts(texts, unread),
            strict=True,
        )
        return [np.where(is_typed, one, other) for one, other in pairs]

    def typed_and_words(self, column, codes):
        """Return the arrays of a column of the type itself, which holds no words."""
        arrays = self.read_typed(column)
        return arrays + [np.zeros(len(codes)) for _ in self.words]

    def _read_texts(self, column, unread):
        codes, texts = column.texts()
        values, counts = column.parsed(self.form), column.counts()
        of_word: dict[str, list] = {word: [] for word in self.words}
        for code in np.flatnonzero(np.isnan(values)):
            text = texts[code]
            if text.strip() in of_word:
                of_word[text.strip()].append(code)
            elif counts[code] and not is_missing(text):
                unread[text] += int(counts[code])
        arrays = self.numbers_of(of_codes(values, codes))
        words = [np.isin(codes, own).astype(np.float64) for own in of_word.values()]
        return arrays + words

    def read_typed(self, column):
        """Return the arrays of a column of the type itself."""
        label = "duration" if column.content == "spans" else "number"
        return Numbers(label).read(column, Counter())

    def numbers_of(self, values):
        """Return the arrays of what the form has read."""
        return [values]


@dataclass
class DatesInText(InText):
    """Dates in text, and a column for each other frequent text."""

    dates: Dates

    label = "date in text"

    @classmethod
    def of(cls, column: Column, form, words):
        """Return the kind of this column, with the parts of its dates that vary."""
        return cls(form, words, Dates.of(column.parsed(form), form.zone))

    def names(self, name):
        """Return the names of the columns that a column of this name is read into."""
        return self.dates.names(name) + super().names(name)[1:]

    def read_typed(self, column):
        """Return the arrays of a column of dates."""
        return self.dates.read(column, Counter())

    def numbers_of(self, values):
        """Return the arrays of dates."""
        return self.dates.numbers(values, self.form.zone)


@dataclass
class SerialDates:
    """Days since 1899-12-30, as Excel stores dates; of columns declared as dates."""

    dates: Dates

    label = "date"
    dtype = np.float64

    @classmethod
    def of(cls, column: Column):
        """Return the kind of this column, with the parts of its dates that vary."""
        return cls(Dates.of(_excel_dates(column, Counter()), None))

    def names(self, name):
        """Return the names of the columns that a column of this name is read into."""
        return self.dates.names(name)

    def read(self, column: Column, unread: Counter):
        """Return arrays of floats, one for each name."""
        if column.without_categories().content == "dates":
            return self.dates.read(column, unread)
        return self.dates.numbers(_excel_dates(column, unread), None)


def _excel_dates(column, unread):
    (days,) = InText(PlainNumbers(), []).read(column, unread)
    is_date = (days >= 1) & (days < EXCEL_LAST + 1)
    unread.update(f"{day:g}" for day in days[~is_date & ~np.isnan(days)])
    seconds = np.round(np.where(is_date, days, 0.0) * 86400.0).astype("m8[s]")
    return np.where(is_date, EXCEL_START + seconds, np.datetime64("NaT"))


def for_text(kind) -> InText | None:
    """Return how text is read in a column that had numbers or dates by type, else None."""
    if isinstance(kind, Dates):
        return DatesInText(IsoDates("", kind.zone), [], kind)
    if not isinstance(kind, Numbers) or kind.label == "duration":
        return None
    return InText(PlainTruths() if kind.label == "yes/no" else PlainNumbers(), [])


def read_text(kind, column: Column, unread: Counter) -> list:
    """Read text in a column that had numbers or dates by type.

    What does not parse is missing, and counted in `unread`, also marks for missing values.

    Raises
    ------
    ValueError
        If no value can be read, unless all are marks for missing values.
    """
    reading = for_text(kind)
    assert reading is not None
    arrays = reading.read(column, Counter())
    is_missing_now = np.isnan(arrays[0])
    lost = Counter(map(text_of, column.values[is_missing_now].dropna()))
    if is_missing_now.all() and not all(map(is_missing, lost)):
        return kind.read(column, unread)  # raises an error that names the cell
    unread.update(lost)
    return arrays


class FreeText:
    """Sentences and names, as they are; missing values are NA."""

    label = "free text"
    dtype = FREE_TEXT

    def names(self, name):
        """Return the names of the columns that a column of this name is read into."""
        return [name]

    def read(self, column: Column, unread: Counter):
        """Return an array of pandas' strings, in a list."""
        codes, texts = column.texts()
        return [pd.array(np.array([*texts, None], dtype=object)[codes], dtype=FREE_TEXT)]
