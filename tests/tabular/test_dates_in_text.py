"""Dates in text: layouts, times, time zones and years from 1 to 9999."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from skfcnn.tabular.dates_in_text import LAYOUTS, DateForm, find_dates
from skfcnn.tabular.text_values import Ambiguous, Values


def find(texts, counts=None):
    return find_dates(Values.of(texts, counts or [1] * len(texts)))


READ = [
    ("the year first", ["2024-01-31", "2024-2-1"], ["2024-01-31", "2024-02-01"]),
    ("the year first", ["2024/01/31"], ["2024-01-31"]),
    ("the year first", ["2024.01.31"], ["2024-01-31"]),
    ("the year first", ["2024-01-31T12:30:05", "2024-01-31"], ["2024-01-31T12:30:05"]),
    ("the year first", ["2024-01-31 12:30:05.123456"], ["2024-01-31T12:30:05"]),
    ("the year first", ["9999-12-31", "1800-01-01"], ["9999-12-31", "1800-01-01"]),
    ("the year first", ["0001-01-01", "2024-02-29"], ["0001-01-01", "2024-02-29"]),
    ("the day first", ["31.12.2024", "1.2.2024"], ["2024-12-31", "2024-02-01"]),
    ("the day first", ["31/12/2024 8:05"], ["2024-12-31T08:05"]),
    ("the day first", ["31-12-24", "01-02-69"], ["2024-12-31", "1969-02-01"]),
    ("the day first", ["01/01/2024", "02/02/2024"], ["2024-01-01", "2024-02-02"]),
    ("the month first", ["12/31/2024", "1/2/2024"], ["2024-12-31", "2024-01-02"]),
    ("the month first", ["12/31/68 3:45 PM"], ["2068-12-31T15:45"]),
    ("the month first", ["12-31-2024, 12:00 a.m."], ["2024-12-31"]),
    ("a short year first", ["24-01-31", "24-02-15"], ["2024-01-31", "2024-02-15"]),
    ("the day and the name of the month", ["31 Dec 2024"], ["2024-12-31"]),
    ("the day and the name of the month", ["31-Dec-24"], ["2024-12-31"]),
    ("the day and the name of the month", ["1st of May 2024"], ["2024-05-01"]),
    ("the day and the name of the month", ["Tue, 31 Dec 2024"], ["2024-12-31"]),
    ("the name of the month and the day", ["December 31, 2024"], ["2024-12-31"]),
    ("the name of the month and the day", ["SEPT. 3rd, 2024 at 1:00"], ["2024-09-03T01"]),
    ("the year and the name of the month", ["2024-Dec-31"], ["2024-12-31"]),
    (
        "the time between day and year",
        ["Tue Dec 31 01:02:03 2024"],
        ["2024-12-31T01:02:03"],
    ),
    ("the year first, without marks", ["20241231T010203"], ["2024-12-31T01:02:03"]),
    ("the year first, without marks", ["20241231 01:02"], ["2024-12-31T01:02"]),
    ("the year first, in Chinese", ["2024年12月31日", "2024年1月2日"], ["2024-12-31"]),
    ("the year first, in Chinese", ["2024年 1月 2日 12:30"], ["2024-01-02T12:30"]),
    ("the year first, in eight digits", ["20240131", "20240201"], ["2024-01-31"]),
    ("the year and the month", ["2024-12", "2024-01"], ["2024-12-01", "2024-01-01"]),
    ("the month and the year", ["12/2024"], ["2024-12-01"]),
    ("the name of the month and the year", ["Dec 2024", "May 2023"], ["2024-12-01"]),
]


@pytest.mark.parametrize("layout, texts, dates", READ, ids=lambda each: str(each))
def test_dates_are_read(layout, texts, dates):
    form = find(texts)
    assert isinstance(form, DateForm)
    assert form.layout == layout
    assert form.zone is None
    read = form.read(texts)
    assert read.dtype == "datetime64[s]"
    np.testing.assert_array_equal(read[: len(dates)], np.array(dates, "datetime64[s]"))
    assert layout in form.describe() and texts[0] in form.describe()


def test_every_layout_is_tried():
    assert {layout for layout, _, _ in READ} == set(LAYOUTS)


@pytest.mark.parametrize("form", ["%d %B %Y", "%d-%b-%y", "%B %d, %Y", "%Y %b %d", "%c"])
def test_the_months_of_strftime_are_read(form):
    dates = [datetime(2024, month, 13 + month) for month in range(1, 13)]
    texts = [date.strftime(form) for date in dates]
    np.testing.assert_array_equal(find(texts).read(texts), np.array(dates, "M8[s]"))


@pytest.mark.parametrize(
    "texts, zone",
    [
        (["2024-01-31T12:00:00Z", "2024-01-31T12:00Z"], UTC),
        (
            ["2024-01-31 13:00 +01:00", "2024-02-01 13:00+0100"],
            timezone(timedelta(hours=1)),
        ),
        (["2024-01-31 07:00:00-05"], timezone(timedelta(hours=-5))),
        (["20240131T120000Z"], UTC),
        (["31.01.2024 13:00 CET"], timezone(timedelta(hours=1))),
        (["2024-01-31 13:00+01:00", "2024-07-31 14:00+02:00"], UTC),
        (["1/31/2024 7:00 AM EST"], timezone(timedelta(hours=-5))),
        (["Wed, 31 Jan 2024 12:00:00 GMT"], UTC),
    ],
    ids=str,
)
def test_times_of_time_zones_are_read_as_utc(texts, zone):
    form = find(texts)
    assert form.zone == zone
    assert form.read(texts)[0] == np.datetime64("2024-01-31T12:00:00")


def test_a_date_without_the_zone_of_the_others_is_missing_and_one_with_a_zone_likewise():
    texts = ["2024-01-31T12:00:00Z", "2024-01-31T12:00:00"]
    for i in range(2):
        missing = np.isnat(find([texts[i]]).read(texts))
        assert missing.tolist() == [i == 1, i == 0]


@pytest.mark.parametrize("mark", ["/", ".", "-"])
def test_day_and_month_that_cannot_be_told_apart_are_ambiguous(mark):
    found = find([text.replace("/", mark) for text in ("01/02/2024", "03/04/2024")])
    assert isinstance(found, Ambiguous)
    first, second = found.readings
    assert "day first" in first and "2024-02-01" in first
    assert "month first" in second and "2024-01-02" in second


def test_one_of_many_texts_decides_between_day_and_month():
    days = np.arange("2001-01-01", "2011-01-01", dtype="M8[D]").astype(datetime)
    texts = [day.strftime("%d/%m/%Y") for day in days if day.day <= 12]
    assert isinstance(find(texts), Ambiguous)
    assert find([*texts, "13/01/2020"]).layout == "the day first"
    assert find([*texts, "01/13/2020"]).layout == "the month first"


@pytest.mark.parametrize("form", ["%y-%m-%d", "%d-%m-%y", "%m-%d-%y"])
def test_short_years_are_those_that_vary_least(form):
    days = np.arange("2020-01-01", "2024-01-01", dtype="M8[D]")
    texts = [day.strftime(form) for day in days.astype(datetime)]
    np.testing.assert_array_equal(find(texts).read(texts), days.astype("M8[s]"))


def test_short_years_are_told():
    told = "with years of two digits from 1969 to 2068"
    assert (
        find(["31.12.24"]).describe() == f"dates with the day first, as '31.12.24', {told}"
    )


def test_days_that_do_not_exist_are_missing():
    form = find(["2024-01-31", "2024-02-29"])
    wrong = ["2023-02-29", "2024-13-01", "2024-00-10", "2024-01-00", "0000-01-01"]
    wrong += ["2024-01-31 24:00", "2024-01-31 12:60", "2024-01-31 13:00 PM", "1900-02-29"]
    assert np.isnat(form.read(wrong)).all()


NOT_DATES = [
    ["red", "green"],
    ["1.10.2", "1.9.1"],
    ["192.168.0.1", "10.0.0.1"],
    ["555-1234", "555-9876"],
    ["31/12-2024"],
    ["12:30", "13:45"],
    ["Foo 3, 2024"],
    ["2024-Q1"],
    ["?"],
    [],
]


@pytest.mark.parametrize("texts", NOT_DATES, ids=str)
def test_other_texts_are_no_dates(texts):
    assert find(texts) is None
