"""The kinds of columns of types other than text, and how each kind is read.

The kind of a column is determined from the training data and does not change:

Numbers      one column of floats: numbers of any type, booleans as 0 and 1, time spans in
             seconds; missing values are NaN
Categories   one column of strings; missing values are NaN. Equal values are one category:
             a number given as 1, 1.0, Decimal(1) or "1"; a member of an enumeration and its
             value; True and 1
Nothing      no column: all values were missing
LeftOut      no column: an identifier, or as declared

Dates are in `dates.py`; numbers, dates and free text in columns of text in `text_types.py`.
"""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from skfcnn.tabular.cells import A_NUMBER, Column, has_booleans, refuse

# The spellings of booleans as text.
WORDS = {"1": "True", "0": "False"}
DIGITS = {"True": "1", "False": "0"}
# Texts with zeros that numbers lose.
_ZEROS = re.compile(r"0[0-9]+|[0-9]+\.[0-9]*0")


# Label of numbers -> what a column holds, the types, their names, and advice for errors.
OF_LABEL = {
    "number": (
        "numbers",
        A_NUMBER,
        "numbers",
        "to numbers, for example with pd.to_numeric, or with decimal=',' in pd.read_csv",
    ),
    "yes/no": (
        "numbers",
        A_NUMBER,
        "True and False",
        "to these or to 1 and 0, for example with map({'yes': True, 'no': False})",
    ),
    "duration": (
        "spans",
        (timedelta, np.timedelta64),
        "time spans",
        "to time spans, for example with pd.to_timedelta and its unit",
    ),
}


@dataclass
class Numbers:
    """Numbers, booleans as 0 and 1, time spans in seconds."""

    label: str = "number"

    dtype = np.float64

    def names(self, name):
        """Return the names of the columns that a column of this name is read into."""
        return [name]

    def read(self, column: Column, unread: Counter):
        """Return arrays of floats, one for each name."""
        column = column.without_categories()
        content, types, plural, way_out = OF_LABEL[self.label]
        if column.content != content:
            refuse(column.values, types, plural, f"Convert it {way_out}.")
        if content == "spans":
            seconds = pd.to_timedelta(column.values).dt.total_seconds()
            return [seconds.to_numpy(dtype=self.dtype, na_value=np.nan)]
        return [finite(column.values.to_numpy(dtype=self.dtype, na_value=np.nan))]


def finite(values: np.ndarray) -> np.ndarray:
    """Return the values; raise ValueError if one is infinite."""
    is_infinite = np.isinf(values)
    if is_infinite.any():
        row = is_infinite.argmax()
        raise ValueError(
            f"{values[row]} in row {row} is infinite. Replace it by NaN, which means "
            "missing, or by a large number."
        )
    return values


@dataclass
class Categories:
    """Anything else, as text."""

    # The spelling in the training data of texts that mean true or false.
    spellings: dict | None = None
    label: str = "category"
    # A text of the training data that numbers cannot give, such as "007".
    with_zeros: str | None = None

    dtype = object

    @classmethod
    def of(cls, column: Column, label="category"):
        """Return the kind of this column, with its spelling of true and false.

        If the training data have texts for both True and 1, these are two categories.
        """
        texts = set(column.texts()[1])
        with_zeros = None
        if column.inferred == "string":
            with_zeros = min(filter(_ZEROS.fullmatch, texts), default=None)
        words, digits = texts & DIGITS.keys(), texts & WORDS.keys()
        if words and (not digits or has_booleans(column)):
            return cls(WORDS, label)
        return cls(DIGITS if digits and not words else None, label, with_zeros)

    def names(self, name):
        """Return the names of the columns that a column of this name is read into."""
        return [name]

    def read(self, column: Column, unread: Counter):
        """Return an array of strings, with NaN for missing values, in a list."""
        if self.with_zeros is not None and column.content == "numbers":
            plural = f"text such as {self.with_zeros!r}, and numbers lose its zeros"
            refuse(column.values, (str,), plural, "Pass text: dtype=str in pd.read_csv.")
        codes, texts = column.texts()
        return [np.array([*self.spelled(texts), np.nan], dtype=object)[codes]]

    def spelled(self, texts: list[str]) -> list[str]:
        """Return the categories of texts."""
        if self.spellings is None:
            return texts
        return [self.spellings.get(text, text) for text in texts]


@dataclass
class LeftOut:
    """A column that is not read, and may be absent in later tables."""

    label: str

    def names(self, name):
        """Return no names."""
        return []


class Nothing:
    """A column without values in training, which is dropped."""

    label = "empty"

    def names(self, name):
        """Return no names."""
        return []
