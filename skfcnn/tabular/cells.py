"""What the cells of a column hold: numbers, time spans, dates or text.

Error messages count rows from 0.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from numbers import Complex, Real
from reprlib import repr as shown
from types import NoneType

import numpy as np
import pandas as pd
from pandas.api.types import infer_dtype

# Results of pandas.api.types.infer_dtype; columns with any other result hold text.
NUMBERS = {"integer", "floating", "mixed-integer-float", "decimal", "boolean"}
SPANS = {"timedelta", "timedelta64"}
DATES = {"datetime", "datetime64", "date", "period"}

MISSING = (NoneType, type(pd.NA), type(pd.NaT))
A_NUMBER = (Real, Decimal, np.bool_)
A_DATE = (date, np.datetime64, pd.Period)


class Column:
    """A column of a table with what it holds; its texts are computed once.

    Attributes
    ----------
    values : pandas.Series
    inferred : str
        The result of pandas.api.types.infer_dtype.
    content : {"numbers", "spans", "dates", "text"}

    Raises
    ------
    ValueError
        If a cell holds a complex number or a collection.
    """

    def __init__(self, values: pd.Series):
        self.values = values
        self.inferred = infer_dtype(values, skipna=True)
        is_unusual = self.inferred == "complex" or self.inferred.startswith("mixed")
        known = _check_types(values, self.inferred) if is_unusual else self.inferred
        kinds = {"numbers": NUMBERS, "spans": SPANS, "dates": DATES}
        self.content = next((kind for kind in kinds if known in kinds[kind]), "text")
        self._texts: tuple[np.ndarray, list[str]] | None = None
        self._parsed: tuple[object, np.ndarray] | None = None

    @property
    def is_category(self) -> bool:
        """Whether the column has a categorical dtype."""
        return isinstance(self.values.dtype, pd.CategoricalDtype)

    @property
    def is_mixed(self) -> bool:
        """Whether values of several types are text only together."""
        return self.content == "text" and self.inferred.startswith("mixed")

    @property
    def holds_strings(self) -> bool:
        """Whether the column is text, or text and values of other types."""
        if self.is_mixed:
            return any(isinstance(value, str) for value in self.values)
        return self.inferred == "string"

    def without_categories(self) -> "Column":
        """Return a column with a categorical dtype replaced by its values."""
        return Column(self.values.astype(object)) if self.is_category else self

    def texts(self) -> tuple[np.ndarray, list[str]]:
        """Return the code of each cell, -1 if it is missing, and the text of each code."""
        if self._texts is None:
            codes, values = self._factorized()
            self._texts = codes, [text_of(value) for value in values]
        return self._texts

    def parsed(self, form) -> np.ndarray:
        """Return what a form reads from each text; repeated calls cost nothing."""
        if self._parsed is None or self._parsed[0] is not form:
            self._parsed = form, form.read(self.texts()[1])
        return self._parsed[1]

    def _factorized(self):
        if self.is_category:
            return self.values.cat.codes.to_numpy(), self.values.cat.categories
        values = self.values
        if self.inferred.startswith("mixed"):
            # factorize would merge True and 1, and separate 1 from "1".
            values = values.map(text_of, na_action="ignore")
        return pd.factorize(values)

    def counts(self) -> np.ndarray:
        """Return the number of cells of each text."""
        codes, texts = self.texts()
        return np.bincount(codes[codes >= 0], minlength=len(texts))


def _is_truth(value):
    return isinstance(value, bool | np.bool_)


def has_booleans(column: Column) -> bool:
    """Return whether a cell, or a category, is True or False, not a text of these."""
    is_category = column.is_category
    return any(
        map(_is_truth, column.values.cat.categories if is_category else column.values)
    )


def of_codes(values: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return the value of each cell from the value of each code; -1 is NaN or NaT."""
    missing = np.full(1, "NaT" if values.dtype.kind == "M" else np.nan, values.dtype)
    return np.concatenate([values, missing])[codes]


def _check_types(values, inferred) -> str:
    """Return "decimal" if all values are numbers, else the inferred type."""
    first: dict[type, tuple] = {}
    for row, value in enumerate(values):
        first.setdefault(type(value), (row, value))
    for kind, (row, value) in first.items():
        if issubclass(kind, Complex) and not issubclass(kind, Real):
            raise ValueError(
                f"{shown(value)} in row {row} is a complex number. Pass its real and "
                "imaginary parts as two columns."
            )
        if issubclass(kind, Iterable) and not issubclass(kind, (str, bytes)):
            raise ValueError(
                f"{shown(value)} in row {row} is a collection ({kind.__name__}), not a "
                "number, a date or a text. Pass its parts as columns."
            )
    are_numbers = all(issubclass(kind, (*A_NUMBER, *MISSING)) for kind in first)
    return "decimal" if are_numbers else inferred


def refuse(values: pd.Series, wanted: tuple, plural: str, way_out: str):
    """Raise ValueError for the first value that has none of the wanted types."""
    for row, value in enumerate(values):
        if not (isinstance(value, (*wanted, *MISSING)) or value != value):
            raise ValueError(
                f"{shown(value)} in row {row}, but in training the column had {plural}. "
                f"{way_out}"
            )


def text_of(value) -> str:
    """Return the name of a category: "1" for 1, 1.0, Decimal("1.0") and "1"."""
    if isinstance(value, Enum):
        return text_of(value.value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, pd.Interval):
        left, right = text_of(value.left), text_of(value.right)
        opening = "[" if value.closed_left else "("
        return f"{opening}{left}, {right}{']' if value.closed_right else ')'}"
    if isinstance(value, (float, np.floating, Decimal, Fraction)):
        return _of_number(value)
    return str(value)


def _of_number(number):
    """Return the shortest text of a number, without a decimal point if it is whole."""
    if isinstance(number, Decimal | Fraction) and number == float(number):
        number = float(number)
    is_whole = isinstance(number, float | np.floating) and number.is_integer()
    return str(int(number)) if is_whole else str(number)
