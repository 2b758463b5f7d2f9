"""The kinds of columns of a table, and how each kind is read.

The kind of a column is determined from the training data and does not change:

Numbers      one column of floats: numbers of any type, booleans as 0 and 1, time spans in
             seconds; missing values are NaN
Dates        several columns of floats: days since 1970, and year, month, day of the week
             and hour, if they vary in training; in the time zone of the training data
Categories   one column of strings; missing values are NaN. Equal values are one category:
             a number given as 1, 1.0, Decimal(1) or "1"; a member of an enumeration and its
             value; True and 1. Numbers given as text, "3.5", are categories.
Nothing      no column: all values were missing

Error messages count rows from 0.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, tzinfo
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from numbers import Complex, Real
from reprlib import repr as shown
from types import NoneType

import numpy as np
import pandas as pd
from pandas.api.types import infer_dtype

# Results of pandas.api.types.infer_dtype; columns with any other result are categories.
NUMBERS = {"integer", "floating", "mixed-integer-float", "decimal", "boolean"}
SPANS = {"timedelta", "timedelta64"}
DATES = {"datetime", "datetime64", "date", "period"}

MISSING = (NoneType, type(pd.NA), type(pd.NaT))
A_NUMBER = (Real, Decimal, np.bool_)
A_DATE = (date, np.datetime64, pd.Period)

# The spellings of booleans as text.
WORDS = {"1": "True", "0": "False"}
DIGITS = {"True": "1", "False": "0"}

DAY, START = np.timedelta64(86400, "s"), np.datetime64(0, "s")


def contents(column) -> str:
    """Return the content of a column: "numbers", "spans", "dates" or "text".

    Raises
    ------
    ValueError
        If a cell holds a complex number or a collection.
    """
    inferred = infer_dtype(column, skipna=True)
    if inferred == "complex" or inferred.startswith("mixed"):
        inferred = _check_types(column, inferred)
    kinds = {"numbers": NUMBERS, "spans": SPANS, "dates": DATES}
    return next((kind for kind in kinds if inferred in kinds[kind]), "text")


def _check_types(column, inferred) -> str:
    """Return "decimal" if all values are numbers, else the inferred type."""
    first: dict[type, tuple] = {}
    for row, value in enumerate(column):
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


def _refuse(column, wanted, plural, way_out):
    """Raise ValueError for the first value that has none of the wanted types."""
    for row, value in enumerate(column):
        if not (isinstance(value, (*wanted, *MISSING)) or value != value):
            raise ValueError(
                f"{shown(value)} in row {row}, but in training the column had {plural}. "
                f"{way_out}"
            )


def kind_of(column):
    """Return the kind of a column of the training data."""
    if column.isna().all():
        return Nothing()
    found = contents(column)
    if found == "dates":
        return Dates.of(column)
    return Categories.of(column) if found == "text" else Numbers()


class Numbers:
    """Numbers, booleans as 0 and 1, time spans in seconds."""

    dtype = np.float64

    def names(self, name):
        """Return the names of the columns that a column of this name is read into."""
        return [name]

    def read(self, column):
        """Return arrays of floats, one for each name."""
        column, found = _without_categories(column)
        if found == "spans":
            seconds = pd.to_timedelta(column).dt.total_seconds()
            return [seconds.to_numpy(dtype=self.dtype, na_value=np.nan)]
        if found != "numbers":
            way_out = (
                "Convert it to numbers, for example with pd.to_numeric, or with "
                "decimal=',' in pd.read_csv."
            )
            _refuse(column, A_NUMBER, "numbers", way_out)
        values = column.to_numpy(dtype=self.dtype, na_value=np.nan)
        is_infinite = np.isinf(values)
        if is_infinite.any():
            row = is_infinite.argmax()
            raise ValueError(
                f"{values[row]} in row {row} is infinite. Replace it by NaN, which means "
                "missing, or by a large number."
            )
        return [values]


@dataclass
class Dates:
    """Days since 1970, and the parts of the date that varied in training."""

    zone: tzinfo | None
    parts: list

    dtype = np.float64

    @classmethod
    def of(cls, column):
        """Return the kind of this column: its time zone, and the parts that vary."""
        dates = _dates(column)
        local = _local(dates, dates.tz)
        parts = ("year", "month", "day_of_week", "hour")
        varying = [part for part in parts if getattr(local, part).nunique() > 1]
        return cls(dates.tz, varying)

    def names(self, name):
        """Return the names of the columns that a column of this name is read into."""
        return [name, *(f"{name}_{part}" for part in self.parts)]

    def read(self, column):
        """Return arrays of floats, one for each name."""
        column, found = _without_categories(column)
        if found != "dates":
            way_out = "Convert it to dates, for example with pd.to_datetime."
            _refuse(column, A_DATE, "dates", way_out)
        local = _local(_dates(column), self.zone)
        days = (local.to_numpy() - START) / DAY
        return [days, *(np.asarray(getattr(local, part), float) for part in self.parts)]


def _dates(column) -> pd.DatetimeIndex:
    """Return dates of any type; objects of several time zones are converted to UTC."""
    if infer_dtype(column) == "period":
        return pd.PeriodIndex(column).to_timestamp()
    if column.dtype != object:
        return pd.DatetimeIndex(column)
    dates = pd.DatetimeIndex(pd.to_datetime(column, utc=True))
    zones = {getattr(date, "tzinfo", None) for date in column[column.notna()]}
    return dates.tz_convert(zones.pop()) if len(zones) == 1 else dates


def _local(dates, zone) -> pd.DatetimeIndex:
    """Return dates as local time in a zone; dates without a zone are unchanged."""
    return dates if dates.tz is None else dates.tz_convert(zone).tz_localize(None)


def _without_categories(column):
    """Return a column with a categorical dtype replaced by its values, and its content."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    return column, contents(column)


@dataclass
class Categories:
    """Anything else, as text."""

    # The spelling in the training data of texts that mean true or false.
    spellings: dict | None = None

    dtype = object

    @classmethod
    def of(cls, column):
        """Return the kind of this column, with its spelling of true and false.

        If the training data have texts for both True and 1, these are two categories.
        """
        _, values = _factorized(column)
        texts = set(map(_text, values))
        words, digits = texts & DIGITS.keys(), texts & WORDS.keys()
        if words and (not digits or _has_booleans(column)):
            return cls(WORDS)
        return cls(DIGITS if digits and not words else None)

    def names(self, name):
        """Return the names of the columns that a column of this name is read into."""
        return [name]

    def read(self, column):
        """Return an array of strings, with NaN for missing values, in a list."""
        codes, values = _factorized(column)
        texts = [_text(value) for value in values]
        if self.spellings is not None:
            texts = [self.spellings.get(text, text) for text in texts]
        return [np.array([*texts, np.nan], dtype=object)[codes]]


def _factorized(column):
    """Return the code of each cell, -1 if it is missing, and the value of each code."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(), column.cat.categories
    contents(column)  # raises for values that cannot be categories
    if infer_dtype(column, skipna=True).startswith("mixed"):
        # factorize would merge True and 1, and separate 1 from "1".
        column = column.map(_text, na_action="ignore")
    return pd.factorize(column)


def _has_booleans(column):
    is_category = isinstance(column.dtype, pd.CategoricalDtype)
    cells = column.cat.categories if is_category else column
    return any(isinstance(cell, bool | np.bool_) for cell in cells)


class Nothing:
    """A column without values in training, which is dropped."""

    def names(self, name):
        """Return no names."""
        return []


def _text(value) -> str:
    """Return the name of a category: "1" for 1, 1.0, Decimal("1.0") and "1"."""
    if isinstance(value, Enum):
        return _text(value.value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, pd.Interval):
        left, right = _text(value.left), _text(value.right)
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
