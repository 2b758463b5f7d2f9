"""The values of a column of text, marks for missing values, and forms of text.

A form is one way of writing numbers, dates, durations or answers. It fits a column if it
reads at least 95 % of the values, counted in rows. Marks for missing values are no values.
Forms are compared on all values, after a sample of rows has excluded most of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import compress
from typing import ClassVar, TypeVar

import numpy as np

# What pandas.read_csv reads as missing, what spreadsheets write for errors, and what people
# write, in lower case.
MISSING_MARKS = frozenset(
    {
        *("", "#n/a", "#n/a n/a", "#na", "-1.#ind", "-1.#qnan", "-nan", "1.#ind"),
        *("1.#qnan", "<na>", "n/a", "na", "nan", "nat", "none", "null"),
        *("#value!", "#ref!", "#div/0!", "#null!", "#num!", "#name?"),
        *("0000-00-00", "0000-00-00 00:00:00", "00/00/0000", "00.00.0000"),
        *("?", "??", "???", "-", "--", "---", "\u2013", "\u2014", ".", "..", "...", "n.a."),
        *("n.a", "n\\a", "n/d", "n.d.", "nil", "(null)", "<null>", "[null]", "(none)"),
        *("missing", "<missing>", "(missing)", "blank", "(blank)", "empty", "(empty)"),
        *("unknown", "(unknown)", "unk", "undefined", "unspecified", "tbd", "tba"),
        *("not available", "not applicable", "not known", "not specified", "not recorded"),
        *("not provided", "not reported", "no data", "no value", "to be determined"),
    }
)

# The share of values that a form must read.
ENOUGH = 0.95
# A form that reads 95 % of all rows reads 90 % of 1,000 of them but in one of 10^11 cases.
SAMPLED_ROWS, ENOUGH_OF_SAMPLE = 1_000, 0.9


def is_missing(text: str) -> bool:
    """Return whether a text is a mark for a missing value."""
    return text.strip().lower() in MISSING_MARKS


@dataclass(frozen=True)
class Form:
    """One way of writing the values of a column.

    Attributes
    ----------
    kind : {"number", "date", "duration", "boolean"}
        What the texts are.
    example : str
        A text of the training data in this form.
    """

    kind: ClassVar[str]

    example: str

    @property
    def zone(self) -> tzinfo | None:
        """The time zone of dates that are read as UTC; None for other values."""
        return None

    def read(self, texts: Sequence[str]) -> np.ndarray:
        """Return a value for each text; NaN or NaT for a text in another form."""
        raise NotImplementedError

    def describe(self) -> str:
        """Return the form in words."""
        raise NotImplementedError


F = TypeVar("F", bound=Form)


@dataclass(frozen=True)
class Ambiguous:
    """Two forms that fit a whole column and read different values.

    Attributes
    ----------
    readings : tuple of two str
        Both forms in words.
    """

    readings: tuple[str, str]


@dataclass(frozen=True)
class Values:
    """The distinct values of a column, stripped and without marks for missing values.

    Attributes
    ----------
    texts : list of str
    counts : ndarray
        How many rows have each text.
    marks : int
        How many rows have a mark for a missing value.
    """

    texts: list[str]
    counts: np.ndarray
    marks: int = 0

    @classmethod
    def of(cls, texts: Sequence[str], counts: Sequence[int]) -> "Values":
        """Return the values among the distinct texts of a column."""
        stripped, rows = [text.strip() for text in texts], np.asarray(counts)
        is_value = np.array([text.lower() not in MISSING_MARKS for text in stripped], bool)
        found = list(compress(stripped, is_value))
        return cls(found, rows[is_value], int(rows[~is_value].sum()))

    def share(self, chosen: np.ndarray) -> float:
        """Return the share of rows that have the chosen texts."""
        total = self.counts.sum()
        return float(self.counts[chosen].sum() / total) if total else 0.0

    def only(self, chosen: np.ndarray) -> "Values":
        """Return the chosen texts."""
        return Values(list(compress(self.texts, chosen)), self.counts[chosen], self.marks)

    def sample(self, n_rows: int = SAMPLED_ROWS) -> "Values":
        """These values, or those of evenly spaced rows if there are many."""
        if len(self.texts) <= n_rows:
            return self
        ends = np.cumsum(self.counts)
        rows = (np.arange(n_rows) + 0.5) / n_rows * ends[-1]
        chosen, counts = np.unique(np.searchsorted(ends, rows), return_counts=True)
        return Values([self.texts[i] for i in chosen], counts)


def fitting(forms: Sequence[F], values: Values) -> list[tuple[F, np.ndarray]]:
    """Return the forms that fit the values best, and what they read.

    A form is left out if another one reads all that it reads and more, or if an earlier
    one reads the same.
    """
    fit = []
    sample = values.sample()
    for form in forms:
        if sample.share(~np.isnan(form.read(sample.texts))) < ENOUGH_OF_SAMPLE:
            continue
        read = form.read(values.texts)
        if values.share(~np.isnan(read)) >= ENOUGH:
            fit.append((form, read))
    best = [(form, read) for form, read in fit if not _reads_less(read, fit)]
    return [
        (form, read)
        for i, (form, read) in enumerate(best)
        if not any(np.array_equal(read, other, equal_nan=True) for _, other in best[:i])
    ]


def _reads_less(read, fit):
    """Return whether a form reads all that this one reads, and more."""
    is_read = ~np.isnan(read)
    others = [~np.isnan(other) for _, other in fit]
    return any((is_read <= more).all() and (is_read < more).any() for more in others)


def first_difference(read: np.ndarray, other: np.ndarray) -> int:
    """Return the index of the first text that two forms read differently.

    If there is none, the first that only one of them reads.
    """
    differs = (read != other) & ~np.isnan(read) & ~np.isnan(other)
    only_one = np.isnan(read) != np.isnan(other)
    return int(np.argmax(differs if differs.any() else only_one))


def other_words(form: Form, texts: Sequence[str], counts: Sequence[int]) -> list[str]:
    """Return the words of a column that a form does not read, the most frequent first.

    Parameters
    ----------
    form : Form
        The form of the column.
    texts : sequence of str
        The distinct texts of the column.
    counts : sequence of int
        How many rows have each text.

    Returns
    -------
    words : list of str
        Stripped texts of two rows or more that are no marks for missing values.
    """
    values = Values.of(texts, counts)
    unread = values.only(np.isnan(form.read(values.texts)))
    rows: dict[str, int] = {}
    for text, count in zip(unread.texts, unread.counts, strict=True):
        rows[text] = rows.get(text, 0) + int(count)
    words = [word for word, count in rows.items() if count >= 2]
    return sorted(words, key=lambda word: (-rows[word], word))
