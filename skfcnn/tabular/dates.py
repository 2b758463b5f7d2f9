"""Dates of any type, and the numbers that they are read into.

Days since 1970 are the trend. The month, the day of the week and the hour recur, so each
is an angle: the sine and the cosine of 2 pi part / period, so that December is next to
January.

Dates are numpy.datetime64 in the unit of the column, microseconds for Python's objects:
pandas 2 converts objects to nanoseconds, which end in 2262, and 9999-12-31 is a frequent
"open end".
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

import numpy as np
import pandas as pd

from skfcnn.tabular.cells import A_DATE, Column, refuse

DAY, HOUR, START = (
    np.timedelta64(86400, "s"),
    np.timedelta64(3600, "s"),
    np.datetime64(0, "s"),
)
# Python's time zones cannot leave the years 1 to 9999.
FIRST_LOCAL, LAST_LOCAL = np.datetime64("0001-01-03", "s"), np.datetime64("9999-12-29", "s")

# Name -> part of local times as integers, and its period.
CYCLES: dict[str, tuple[Callable, int]] = {
    "month": (lambda local: local.astype("M8[M]").astype(np.int64) % 12, 12),
    # The first of January 1970 was a Thursday.
    "day_of_week": (lambda local: (local.astype("M8[D]").astype(np.int64) + 3) % 7, 7),
    "hour": (lambda local: (local - local.astype("M8[D]")) // HOUR, 24),
}


def _year(local):
    return local.astype("M8[Y]").astype(np.int64) + 1970


@dataclass
class Dates:
    """Days since 1970, the year and the angles of the date that varied in training."""

    zone: tzinfo | None
    parts: list

    label = "date"
    dtype = np.float64

    @classmethod
    def of(cls, moments, zone):
        """Return the kind of these dates: their time zone, and the parts that vary."""
        local = to_zone(moments, zone, zone)
        local = local[~np.isnat(local)]
        parts = {"year": _year} | {name: part for name, (part, _) in CYCLES.items()}
        varying = [name for name, part in parts.items() if len(np.unique(part(local))) > 1]
        return cls(zone, varying)

    def names(self, name):
        """Return the names of the columns that a column of this name is read into."""
        ends = [
            [part] if part == "year" else [f"{part}_sin", f"{part}_cos"]
            for part in self.parts
        ]
        return [name, *(f"{name}_{end}" for part in ends for end in part)]

    def read(self, column: Column, unread: Counter):
        """Return arrays of floats, one for each name."""
        column = column.without_categories()
        if column.content != "dates":
            way_out = "Convert it to dates, for example with pd.to_datetime."
            refuse(column.values, A_DATE, "dates", way_out)
        return self.numbers(*moments_of(column))

    def numbers(self, moments, zone):
        """Return arrays of floats from dates, in UTC if they have a time zone."""
        local = to_zone(moments, zone, self.zone)
        is_missing = np.isnat(local)
        arrays = [(local - START) / DAY]
        local = np.where(is_missing, START, local)
        for part in self.parts:
            if part == "year":
                arrays.append(np.where(is_missing, np.nan, _year(local)))
                continue
            value, period = CYCLES[part]
            angle = np.where(is_missing, np.nan, value(local)) * (2.0 * np.pi / period)
            arrays += [np.sin(angle), np.cos(angle)]
        return arrays


def moments_of(column: Column):
    """Return dates as datetime64, in UTC if they have a time zone, and the zone."""
    values = column.values
    if column.inferred == "period":
        seconds = pd.PeriodIndex(values).asfreq("s", how="S").asi8
        return seconds.view("M8[s]"), None
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        utc = values.dt.tz_convert("UTC").dt.tz_localize(None)
        return utc.to_numpy(), values.dt.tz
    if values.dtype != object:
        return values.to_numpy(), None
    zones = {getattr(value, "tzinfo", None) for value in values[values.notna()]}
    moments = np.array([_in_utc(value) for value in values], "M8[us]")
    # Objects of several time zones, and without one, are in UTC.
    return moments, zones.pop() if len(zones) == 1 else UTC if zones else None


def _in_utc(value):
    if pd.isna(value):
        return np.datetime64("NaT")
    if isinstance(value, pd.Period):
        return value.to_timestamp().to_datetime64()
    if not isinstance(value, datetime) or value.tzinfo is None:
        return value
    try:
        return value.astimezone(UTC).replace(tzinfo=None)
    except (OverflowError, pd.errors.OutOfBoundsDatetime):
        return value.replace(tzinfo=None)


def to_zone(moments, zone, wanted: tzinfo | None) -> np.ndarray:
    """Return the local times in the wanted zone; dates without a zone are unchanged."""
    if zone is None or wanted is None:
        return moments
    seconds = moments.astype("M8[s]")  # nanoseconds do not reach these years
    moves = (seconds > FIRST_LOCAL) & (seconds < LAST_LOCAL)
    known = pd.DatetimeIndex(np.where(moves, moments, np.datetime64("NaT")))
    local = known.tz_localize("UTC").tz_convert(wanted).tz_localize(None).to_numpy()
    return np.where(moves, local, moments)
