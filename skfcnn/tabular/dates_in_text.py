"""Dates in text, with or without times and time zones.

All dates of a column have one layout, which is one regular expression:

    day of the week  date  time  AM or PM  time zone

All but the date may be left out. Years are 1 to 9999. Of years of two digits, 69 to 99
are 1969 to 1999, and 00 to 68 are 2000 to 2068, as POSIX has it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta, timezone, tzinfo
from typing import ClassVar

import numpy as np

from skfcnn.tabular.text_values import Ambiguous, Form, Values, first_difference, fitting

MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
# Time zones of RFC 2822 and of Europe, in minutes east of Greenwich.
ZONES = {
    **{"Z": 0, "UTC": 0, "GMT": 0, "UT": 0, "WET": 0, "WEST": 60, "CET": 60, "CEST": 120},
    **{"EET": 120, "EEST": 180, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300},
    **{"MST": -420, "MDT": -360, "PST": -480, "PDT": -420},
}

_WEEKDAY = "(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\\.?,? +)?"
_YEAR, _SHORT_YEAR = "(?P<year>[0-9]{4})", "(?P<short_year>[0-9]{2})"
_ANY_YEAR = f"(?:{_YEAR}|{_SHORT_YEAR})"
_MONTH, _DAY = "(?P<month>[0-9]{1,2})", "(?P<day>[0-9]{1,2})"
_NAME = (
    "(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?"
)
_TH, _GAP = "(?:st|nd|rd|th)?", "(?:, *|[- /.] *)"
_MARK, _SAME = "(?P<mark>[-/.])", "(?P=mark)"
_CLOCK = (
    "(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]+)?)?"
    "(?: *(?P<half>[ap])\\.?m\\.?)?"
)
_ZONE = f" *(?P<zone>[-+][0-9]{{2}}(?::?[0-9]{{2}})?|{'|'.join(ZONES)})"
_TIME = f"(?:(?:T|,? +(?:at +)?){_CLOCK}(?:{_ZONE})?)?"

LAYOUTS = {
    "the year first": f"{_WEEKDAY}{_YEAR}{_MARK}{_MONTH}{_SAME}{_DAY}{_TIME}",
    "the day first": f"{_WEEKDAY}{_DAY}{_MARK}{_MONTH}{_SAME}{_ANY_YEAR}{_TIME}",
    "the month first": f"{_WEEKDAY}{_MONTH}{_MARK}{_DAY}{_SAME}{_ANY_YEAR}{_TIME}",
    "a short year first": f"{_SHORT_YEAR}(?P<mark>[-/]){_MONTH}{_SAME}{_DAY}{_TIME}",
    "the day and the name of the month": (
        f"{_WEEKDAY}{_DAY}{_TH}{_GAP}(?:of +)?{_NAME}{_GAP}{_ANY_YEAR}{_TIME}"
    ),
    "the name of the month and the day": (
        f"{_WEEKDAY}{_NAME}{_GAP}{_DAY}{_TH}{_GAP}{_YEAR}{_TIME}"
    ),
    "the year and the name of the month": f"{_YEAR}{_GAP}{_NAME}{_GAP}{_DAY}{_TIME}",
    "the year first, in Chinese": f"{_YEAR} *年 *{_MONTH} *月 *{_DAY} *日{_TIME}",
    "the time between day and year": (
        f"{_WEEKDAY}{_NAME} +{_DAY} +{_CLOCK}(?:{_ZONE})? +{_YEAR}"
    ),
    "the year first, without marks": (
        "(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})[T ]"
        f"(?P<hour>[0-9]{{2}}):?(?P<minute>[0-9]{{2}}):?(?P<second>[0-9]{{2}})?(?:{_ZONE})?"
    ),
    # Of columns that are declared as dates: elsewhere, eight digits are numbers or codes.
    "the year first, in eight digits": (
        "(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
    ),
    "the year and the month": f"{_YEAR}[-/]{_MONTH}",
    "the month and the year": f"{_MONTH}[-/]{_YEAR}",
    "the name of the month and the year": f"{_NAME}{_GAP}{_YEAR}",
}
# A layout that fits 95 % of all rows fits 60 % of 50 of them but in one of 10^14 cases.
FEW_ROWS, ENOUGH_OF_FEW = 50, 0.6

_PATTERNS = {name: re.compile(layout, re.IGNORECASE) for name, layout in LAYOUTS.items()}


@dataclass(frozen=True)
class DateForm(Form):
    """Dates in one layout.

    Attributes
    ----------
    layout : str
        A key of `LAYOUTS`.
    has_zone : bool
        Whether the dates have a time zone.
    offset : int
        Minutes east of Greenwich if all dates have the same time zone, else 0.
    """

    kind: ClassVar[str] = "date"

    layout: str
    has_zone: bool = False
    offset: int = 0

    @property
    def zone(self) -> tzinfo | None:
        """The time zone of all dates, UTC if they have several, None if they have none."""
        return timezone(timedelta(minutes=self.offset)) if self.has_zone else None

    def read(self, texts: Sequence[str]) -> np.ndarray:
        """Return datetime64[s], in UTC if the dates have time zones.

        Fractions of seconds are dropped. NaT for a text in another layout, for a day that
        does not exist, and for a date that has no time zone if the others have, or has one
        if they have none.
        """
        parts = _parts(self.layout, texts)
        dates = _dates(parts, len(texts))
        zones = parts.get("zone", [None] * len(texts))
        offset = {zone: _offset(zone) if zone else 0 for zone in set(zones)}
        dates -= np.array([offset[zone] for zone in zones], "m8[m]").astype("m8[s]")
        dates[np.array([bool(zone) for zone in zones], bool) != self.has_zone] = "NaT"
        return dates

    def describe(self) -> str:
        """Return the form in words."""
        short = _parts(self.layout, [self.example]).get("short_year", (None,))[0]
        years = ", with years of two digits from 1969 to 2068" if short else ""
        return f"dates with {self.layout}, as '{self.example}'{years}"


def _parts(layout, texts):
    """Return the texts of each part of the dates, with None for a part that is left out."""
    pattern = _PATTERNS[layout]
    nothing = (None,) * pattern.groups
    found = map(pattern.fullmatch, map(str.strip, texts))
    parts = np.empty((len(texts), pattern.groups), dtype=object)
    for row, match in enumerate(found):
        parts[row] = match.groups() if match else nothing
    return {name: parts[:, i - 1].tolist() for name, i in pattern.groupindex.items()}


def _dates(parts, n):
    """Return datetime64[s] of the parts of n dates; NaT where they are no date."""

    def numbers(part, default):
        texts = parts.get(part, (None,) * n)
        number = {text: int(text) if text else default for text in set(texts)}
        return np.array([number[text] for text in texts], np.int64)

    year, short = numbers("year", 0), numbers("short_year", -1)
    year = np.where(short < 0, year, short + np.where(short < 69, 2000, 1900))
    month, day = numbers("month", 1), numbers("day", 1)
    if "name" in parts:
        number = {name: i + 1 for i, name in enumerate(MONTHS)}
        month = np.array(
            [number[name[:3].lower()] if name else 0 for name in parts["name"]]
        )
    hour, is_hour = _hours(numbers("hour", 0), parts.get("half", (None,) * n))
    minute, second = numbers("minute", 0), numbers("second", 0)
    is_date = (year >= 1) & (month >= 1) & (month <= 12) & is_hour
    is_date &= (minute < 60) & (second < 60)
    months = np.where(is_date, (year - 1970) * 12 + month - 1, 0).astype("M8[M]")
    start, end = months.astype("M8[D]"), (months + 1).astype("M8[D]")
    is_date &= (day >= 1) & (day <= (end - start).astype(int))
    seconds = (day - 1) * 86400 + hour * 3600 + minute * 60 + second
    dates = start.astype("M8[s]") + seconds.astype("m8[s]")
    dates[~is_date] = "NaT"
    return dates


def _hours(hour, halves):
    """Return hours from 0 to 23, and whether they are valid, given AM, PM or None."""
    has_half = np.array([half is not None for half in halves], bool)
    is_late = np.array([half in ("p", "P") for half in halves], bool)
    is_hour = np.where(has_half, (hour >= 1) & (hour <= 12), hour < 24)
    return np.where(has_half, hour % 12 + 12 * is_late, hour), is_hour


def _offset(zone):
    """Return the minutes east of Greenwich of a zone such as "CET", "+01:00" or "+0100"."""
    if zone.upper() in ZONES:
        return ZONES[zone.upper()]
    digits = zone[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return -minutes if zone[0] == "-" else minutes


def find_dates(values: Values) -> DateForm | Ambiguous | None:
    """Return the layout of dates that fits the values."""
    if not values.texts:
        return None
    few, sample = values.sample(FEW_ROWS), values.sample()
    likely = [name for name in LAYOUTS if _matches(name, few) >= ENOUGH_OF_FEW]
    forms = [DateForm("", name, _has_zone(name, sample)) for name in likely]
    fit = fitting(forms, values)
    if len(fit) > 1:
        fit = _with_fewest_years(fit)
    if len(fit) > 1:
        return _ambiguous(fit, values)
    return _completed(*fit[0], values) if fit else None


def _matches(layout, values) -> float:
    """Return the share of rows whose text has the pattern of a layout."""
    found = map(_PATTERNS[layout].fullmatch, map(str.strip, values.texts))
    return values.share(np.array([match is not None for match in found], bool))


def _has_zone(layout, sample):
    """Return whether most dates of this layout have a time zone."""
    parts = _parts(layout, sample.texts)
    zones = np.array([bool(zone) for zone in parts.get("zone", [])], bool)
    return len(zones) > 0 and sample.share(zones) > 0.5


def _with_fewest_years(fit):
    """Return the forms that read the fewest years: days read as years are many."""
    years = [len(np.unique(read[~np.isnan(read)].astype("M8[Y]"))) for _, read in fit]
    return [each for each, number in zip(fit, years, strict=True) if number == min(years)]


def _ambiguous(fit, values):
    """Return two readings in words, with the first text that they read differently."""
    (form, read), (other, other_read) = fit[:2]
    differ = first_difference(read, other_read)
    text = values.texts[differ]
    first, second = (
        f"dates with {form.layout}, '{text}' being {date[differ].astype('M8[D]')}"
        for form, date in ((form, read), (other, other_read))
    )
    return Ambiguous((first, second))


def _completed(form, read, values):
    """Return the form with an example, and the offset of its dates if it is the same."""
    example = values.texts[int(np.argmax(~np.isnan(read)))]
    zones = (
        set(_parts(form.layout, values.texts).get("zone", [])) if form.has_zone else set()
    )
    offsets = {_offset(zone) for zone in zones - {None}}
    offset = offsets.pop() if len(offsets) == 1 else 0
    return replace(form, example=example, offset=offset)
