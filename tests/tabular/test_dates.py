"""Dates: the trend, the parts that recur, and far years in every pandas version."""

import datetime as dt
from collections import Counter
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from skfcnn.tabular.cells import Column
from skfcnn.tabular.dates import Dates, moments_of, to_zone

FAR = [dt.date(1, 1, 1), dt.date(1800, 5, 17), dt.date(9999, 12, 31)]
DAYS = [float(day.toordinal() - dt.date(1970, 1, 1).toordinal()) for day in FAR]


@pytest.mark.parametrize(
    "values",
    [
        pd.Series(FAR, dtype=object),
        pd.Series([dt.datetime(d.year, d.month, d.day) for d in FAR], dtype=object),
        pd.Series(np.array(FAR, "M8[s]")),
        pd.Series(np.array(FAR, "M8[us]")),
        pd.Series([pd.Period(day, "D") for day in map(str, FAR)], dtype=object),
        pd.Series(pd.PeriodIndex([*map(str, FAR)], freq="D")),
        pd.Series([np.datetime64(day) for day in FAR], dtype=object),
        pd.Series(
            [dt.datetime(d.year, d.month, d.day, tzinfo=dt.UTC) for d in FAR], dtype=object
        ),
    ],
    ids="dates moments s us periods period numpy aware".split(),
)
def test_far_dates_of_every_type(values):
    column = Column(values)
    kind = Dates.of(*moments_of(column))
    np.testing.assert_array_equal(kind.read(column, Counter())[0], DAYS)


def test_far_dates_in_a_time_zone_that_leaves_the_years_of_python():
    utc = np.array(["0001-01-01T00", "2020-07-01T00", "9999-12-31T23"], "M8[us]")
    for zone in (ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")):
        local = to_zone(utc, dt.UTC, zone)
        np.testing.assert_array_equal(local[[0, 2]], utc[[0, 2]])
        assert local[1] != utc[1]


def test_dates_without_a_zone_are_unchanged():
    moments = np.array(["2020-07-01T00"], "M8[us]")
    assert to_zone(moments, None, dt.UTC) is moments


def test_recurring_parts_are_angles():
    column = Column(pd.Series(pd.date_range("2019-12-15 23:00", periods=4, freq="31D")))
    kind = Dates.of(*moments_of(column))
    assert kind.parts == ["year", "month", "day_of_week"]
    assert kind.names("a")[2:4] == ["a_month_sin", "a_month_cos"]
    december, january, *_ = np.column_stack(kind.read(column, Counter())[2:4])
    assert np.linalg.norm(december - january) == pytest.approx(2 * np.sin(np.pi / 12))
    assert [*map(np.hypot, december[:1], december[1:])] == pytest.approx([1.0])


def test_missing_dates_are_missing_in_all_columns():
    column = Column(pd.Series(pd.to_datetime(["2020-01-01 00", None, "2021-02-05 05"])))
    arrays = Dates.of(*moments_of(column)).read(column, Counter())
    assert len(arrays) == 8
    assert [np.isnan(array).tolist() for array in arrays] == [[False, True, False]] * 8
