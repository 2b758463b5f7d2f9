"""Durations and times of day in text, read as seconds.

A column has one of these forms:

h:mm and h:mm:ss         also with days before, "1 day, 2:03:04", and with AM or PM after,
                         which makes it the time since midnight
m:ss and h:mm:ss         as players of music and films write
units                    "1h 30m", "2 hours 5 min", "1.5 h" and "20 min"
ISO 8601                 "PT1H30M"

Two numbers with a colon, "1:30", are hours and minutes unless the column has h:mm:ss too.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from skfcnn.tabular.text_values import Form, Values, fitting

SECONDS = {
    "weeks": 604800.0,
    "days": 86400.0,
    "hours": 3600.0,
    "minutes": 60.0,
    "seconds": 1.0,
}

_N = "[0-9]{1,9}"  # more digits would be infinitely long
_DAYS = rf"(?:(?P<days>{_N}) *d(?:ays?)?(?P<comma>,)? +(?P<of_clock>[-+])?)?"
_CLOCK_SECONDS = r"(?P<seconds>[0-5][0-9](?:\.[0-9]+)?)"
_HALF = r"(?: *(?P<half>[ap])\.?m\.?)?"
_HOURS_MINUTES = rf"(?P<hours>{_N}):(?P<minutes>[0-5][0-9])"


def _amount(name, unit):
    return rf"(?:(?P<{name}>{_N}(?:\.[0-9]+)?) *{unit},?(?: +|$|(?=[0-9])))?"


_UNITS = (
    _amount("weeks", r"w(?:eeks?|ks?)?")
    + _amount("days", r"d(?:ays?)?")
    + _amount("hours", r"h(?:ours?|rs?)?")
    + _amount("minutes", r"m(?:in(?:ute)?s?)?")
    + _amount("seconds", r"s(?:ec(?:ond)?s?)?")
)
_ISO = (
    rf"P(?=[0-9T])(?:(?P<weeks>{_N})W)?(?:(?P<days>{_N})D)?(?:T(?=[0-9])"
    rf"(?:(?P<hours>{_N})H)?(?:(?P<minutes>{_N})M)?(?:(?P<seconds>{_N}(?:\.[0-9]+)?)S)?)?"
)
STYLES = {
    "h:mm:ss": rf"{_DAYS}{_HOURS_MINUTES}:{_CLOCK_SECONDS}{_HALF}",
    "h:mm": rf"{_DAYS}{_HOURS_MINUTES}{_HALF}",
    "m:ss or h:mm:ss": rf"(?:(?P<hours>{_N}):)?(?P<minutes>{_N}):{_CLOCK_SECONDS}",
    "amounts with units": rf"(?=[0-9]){_UNITS}",
    "ISO 8601": _ISO,
}
_PATTERNS = {
    style: re.compile(rf"(?P<sign>[-+\u2212])? *{pattern}", re.IGNORECASE)
    for style, pattern in STYLES.items()
}


@dataclass(frozen=True)
class DurationForm(Form):
    """Durations in one form, read as seconds.

    Attributes
    ----------
    style : str
        A key of `STYLES`.
    """

    kind: ClassVar[str] = "duration"

    style: str

    def read(self, texts: Sequence[str]) -> np.ndarray:
        """Return the seconds of each text; NaN for a text in another form."""
        pattern = _PATTERNS[self.style]
        found = map(pattern.fullmatch, map(str.strip, texts))
        seconds = (_seconds(match.groupdict()) if match else np.nan for match in found)
        return np.fromiter(seconds, float, len(texts))

    def describe(self) -> str:
        """Return the form in words."""
        return f"durations as {self.style}, such as '{self.example}'"


def _seconds(parts):
    """Return the seconds of a duration.

    A sign is that of the days and the clock, but "-1 day, 23:59:57" of Python and
    "-1 days +23:59:57" of pandas are minus three seconds.
    """
    value = {unit: float(parts.get(unit) or 0) for unit in SECONDS}
    half = parts.get("half")
    if half:
        if not 1 <= value["hours"] <= 12:
            return np.nan
        value["hours"] = value["hours"] % 12 + 12 * (half in "pP")
    sign = -1.0 if parts["sign"] in ("-", "\u2212") else 1.0
    days = SECONDS["days"] * value.pop("days")
    clock = sum(SECONDS[unit] * amount for unit, amount in value.items())
    of_clock = {"+": 1.0, "-": -1.0, None: 1.0 if parts.get("comma") else sign}
    return sign * days + of_clock[parts.get("of_clock")] * clock


def find_durations(values: Values) -> DurationForm | None:
    """Return the form of durations that fits the values."""
    fit = fitting([DurationForm("", style) for style in STYLES], values)
    if not fit:
        return None
    form, read = fit[0]
    return replace(form, example=values.texts[int(np.argmax(~np.isnan(read)))])
