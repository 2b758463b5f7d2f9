"""Durations and times of day in text."""

import datetime

import numpy as np
import pandas as pd
import pytest

from skfcnn.tabular.durations_in_text import STYLES, find_durations
from skfcnn.tabular.text_values import Values

HOUR, DAY = 3600, 86400


def find(texts, counts=None):
    return find_durations(Values.of(texts, counts or [1] * len(texts)))


READ = [
    ("h:mm", ["1:30", "12:45", "100:00"], [1.5 * HOUR, 12.75 * HOUR, 100 * HOUR]),
    ("h:mm", ["3:45 PM", "12:10 AM", "12:00pm"], [15.75 * HOUR, 600, 12 * HOUR]),
    ("h:mm:ss", ["1:02:03", "11:00:00.5"], [3723, 11 * HOUR + 0.5]),
    ("h:mm:ss", ["-0:00:05", "0:00:05"], [-5, 5]),
    ("h:mm:ss", ["1:00:01 p.m."], [13 * HOUR + 1]),
    ("m:ss or h:mm:ss", ["3:45", "1:02:33"], [225, 3753]),
    ("h:mm:ss", ["1 day, 2:03:04", "2:03:04"], [DAY + 7384, 7384]),
    ("h:mm:ss", ["-1 days -01:00:00", "-1 days 01:00:00"], [-25 * HOUR, -25 * HOUR]),
    ("amounts with units", ["1h 30m", "2h", "45m"], [1.5 * HOUR, 2 * HOUR, 45 * 60]),
    ("amounts with units", ["1h30m10s", "1 hour 5 minutes"], [5410, HOUR + 300]),
    ("amounts with units", ["1.5 h", "20 min"], [1.5 * HOUR, 1200]),
    ("amounts with units", ["1 week", "2 days, 3 hours"], [7 * DAY, 2 * DAY + 3 * HOUR]),
    ("ISO 8601", ["PT1H30M", "P1DT2.5S", "P2W"], [1.5 * HOUR, DAY + 2.5, 14 * DAY]),
]


@pytest.mark.parametrize("style, texts, seconds", READ, ids=lambda each: str(each))
def test_durations_are_read_as_seconds(style, texts, seconds):
    form = find(texts)
    assert form.style == style
    np.testing.assert_allclose(form.read(texts), seconds)
    assert form.describe() == f"durations as {style}, such as '{texts[0]}'"


def test_every_style_is_tried():
    assert {style for style, _, _ in READ} == set(STYLES)


SPANS = [
    datetime.timedelta(days=3, seconds=5),
    datetime.timedelta(days=-1, seconds=23 * HOUR),
    datetime.timedelta(minutes=5),
    datetime.timedelta(days=-3, seconds=7),
]


@pytest.mark.parametrize("spelling", [str, lambda span: str(pd.Timedelta(span))])
def test_the_spellings_of_python_and_pandas_are_read(spelling):
    texts = [spelling(span) for span in SPANS]
    np.testing.assert_allclose(find(texts).read(texts), [s.total_seconds() for s in SPANS])


@pytest.mark.parametrize(
    "texts",
    [
        ["red", "green"],
        ["16:9", "4:3"],
        ["1:75", "2:99"],
        ["13:00 PM", "0:30 AM"],
        ["12", "13"],
        ["P", "PT"],
        ["h", "m"],
        ["5 m 3 h", "2 m 1 h"],
        ["?"],
        [],
    ],
    ids=str,
)
def test_other_texts_are_no_durations(texts):
    assert find(texts) is None
