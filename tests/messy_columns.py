"""Columns as people have them, each with the kind that it is and its values by hand.

`COLUMNS` maps the name of a case to a `Messy` column. The values by hand are floats
(numbers, seconds of durations, 1 and 0 for yes and no) or datetimes, None if missing.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

N = 240
START = dt.datetime(2019, 3, 1)
RNG = np.random.default_rng(0)
MONTHS = (
    "January February March April May June July August September October November December"
).split()


class Messy(NamedTuple):
    """A column, its kind, its values by hand, and the words with columns of their own."""

    values: Sequence[Any]
    kind: str
    clean: Sequence[Any] | None = None
    name: str = "column"
    words: tuple = ()


def drawn(values, n=N):
    """Return values drawn with replacement, as Python objects."""
    return [values[i] for i in RNG.integers(len(values), size=n)]


def with_some(values, clean, word, share, seed=1):
    """Return the values with a word in a share of the rows, and None there by hand."""
    is_word = np.random.default_rng(seed).random(len(values)) < share
    pairs = [
        (word, None) if at else pair
        for at, pair in zip(is_word, zip(values, clean, strict=True), strict=True)
    ]
    return [list(part) for part in zip(*pairs, strict=True)]


FLOATS = [round(float(x), 3) for x in RNG.lognormal(5, 3, N)]
CENTS = [round(float(x), 2) for x in RNG.gamma(1.5, 3000, N)]
INTS = [int(i) for i in RNG.integers(-300, 4000, N)]
AGES = [int(i) for i in RNG.integers(18, 99, N)]
DAYS = [START + dt.timedelta(days=int(i)) for i in RNG.integers(0, 2000, N)]
MOMENTS = [START + dt.timedelta(seconds=int(i)) for i in RNG.integers(0, 10**8, N)]
SECONDS = [int(i) for i in RNG.integers(0, 100_000, N)]
THOUSANDS = [round(1000.0 + 7.0 * i, 0) for i in range(N)]
TRUTHS = [float(x) for x in RNG.random(N) < 0.4]


def swapped(text):
    """Return an English number as a European one."""
    return text.translate({ord(","): ".", ord("."): ","})


def numbers() -> dict[str, Messy]:
    """Return numbers in text."""

    def of(write, values=FLOATS, name="column"):
        return Messy([write(x) for x in values], "number in text", values, name)

    million = [x * 1000 for x in CENTS]
    cases = {
        "whole numbers": of(str, INTS),
        "decimals": of(str),
        "decimals with spaces around": of(lambda x: f"  {x} "),
        "no-break spaces around": of(lambda x: f"\u00a0{x}\u00a0"),
        "English thousands": of(lambda x: f"{x:,.2f}", CENTS),
        "European thousands": of(lambda x: swapped(f"{x:,.2f}"), CENTS),
        "decimal commas": of(lambda x: f"{x:.2f}".replace(".", ","), CENTS),
        "thousands with spaces": of(lambda x: f"{x:,.2f}".replace(",", " "), CENTS),
        "thousands with apostrophes": of(lambda x: f"{x:,.2f}".replace(",", "'"), CENTS),
        "thousands in two groups": of(lambda x: f"{x:,.0f}", [round(x) for x in million]),
        "dollars": of(lambda x: f"${x:,.2f}", CENTS),
        "euros after": of(lambda x: f"{swapped(f'{x:,.2f}')} €", CENTS),
        "euros before": of(lambda x: f"€ {swapped(f'{x:,.2f}')}", CENTS),
        "a currency in letters": of(lambda x: f"EUR {x:.2f}", CENTS),
        "percent": of(lambda x: f"{x}%", AGES),
        "a unit": of(lambda x: f"{x} kg", AGES),
        "a unit without a space": of(lambda x: f"{x}cm", AGES),
        "scientific": of(lambda x: f"{x:.17e}"),
        "scientific, of three decimals": of(lambda x: f"{x:.3e}", THOUSANDS),
        "signs": of(lambda x: f"{x:+d}", INTS),
        "typographic minus": of(lambda x: str(x).replace("-", "\u2212"), INTS),
        "parentheses for negatives": of(lambda x: f"({-x})" if x < 0 else str(x), INTS),
        "years": of(str, [int(i) for i in RNG.integers(1950, 2024, N)]),
        "zeros and ones": of(lambda x: str(int(x)), TRUTHS),
    }
    cases["percent with a space"] = Messy(
        [f"{x / 10} %" for x in AGES], "number in text", [x / 10 for x in AGES]
    )
    marks = {
        "?": 0.3,
        "": 0.1,
        "-": 0.1,
        "N/A": 0.1,
        "null": 0.1,
        "Unknown": 0.02,
        " ": 0.1,
    }
    for mark, share in marks.items():
        values, clean = with_some(map_str(AGES), AGES, mark, share)
        cases[f"numbers and {mark!r}"] = Messy(values, "number in text", clean)
    values, clean = with_some(map_str(AGES), AGES, "refused", 0.03)
    cases["a word that recurs"] = Messy(values, "number in text", clean, "c", ("refused",))
    cases["one typing error"] = Messy(
        ["4o", *map_str(AGES[1:])], "number in text", [None, *AGES[1:]]
    )
    cases["numbers and None"] = Messy(
        [None, *map_str(INTS[1:])], "number in text", [None, *INTS[1:]]
    )
    values, clean = with_some(FLOATS, FLOATS, "?", 0.1)
    cases["numbers by type and a mark"] = Messy(values, "number in text", clean)
    large = [10_000 + i for i in AGES]
    values, clean = with_some(large, large, "unknown", 0.1)
    cases["large whole numbers by type and a word"] = Messy(values, "number in text", clean)
    cases["numbers of a column named age"] = Messy(
        map_str(AGES), "number in text", AGES, "age"
    )
    return cases


def map_str(values):
    """Return the texts of the values."""
    return [str(value) for value in values]


def dates() -> dict[str, Messy]:
    """Return dates in text, and by type."""

    def of(form, moments=DAYS):
        return Messy([d.strftime(form) for d in moments], "date in text", moments)

    def in_words(day):
        return f"{day.day} {MONTHS[day.month - 1]} {day.year}"

    def us(day):
        return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"

    whole_minutes = [moment.replace(second=0) for moment in MOMENTS]
    cases = {
        "ISO dates": of("%Y-%m-%d"),
        "ISO moments": of("%Y-%m-%d %H:%M:%S", MOMENTS),
        "ISO moments with T": of("%Y-%m-%dT%H:%M:%S", MOMENTS),
        "year first, slashes": of("%Y/%m/%d"),
        "day first, points": of("%d.%m.%Y"),
        "day first, slashes": of("%d/%m/%Y"),
        "month first": of("%m/%d/%Y"),
        "month first, two digits": of("%m/%d/%y"),
        "day first with a time": of("%d.%m.%Y %H:%M", whole_minutes),
        "twelve hours": of("%m/%d/%Y %I:%M %p", whole_minutes),
        "abbreviated months": Messy(
            [f"{d.day:02}-{MONTHS[d.month - 1][:3]}-{d.year}" for d in DAYS],
            "date in text",
            DAYS,
        ),
        "months in words": Messy([in_words(d) for d in DAYS], "date in text", DAYS),
        "months first in words": Messy([us(d) for d in DAYS], "date in text", DAYS),
        "years and months": Messy(
            [f"{d:%Y-%m}" for d in DAYS], "date in text", [d.replace(day=1) for d in DAYS]
        ),
        "UTC": Messy([f"{m:%Y-%m-%dT%H:%M:%S}Z" for m in MOMENTS], "date in text", MOMENTS),
        "an offset": Messy(
            [f"{m:%Y-%m-%dT%H:%M:%S}+02:00" for m in MOMENTS], "date in text", MOMENTS
        ),
    }
    far = [dt.datetime(9999, 12, 31) if i % 3 else day for i, day in enumerate(DAYS)]
    old = [dt.datetime(1, 1, 1) if i % 3 else dt.datetime(1800, 5, 17) for i in range(N)]
    cases["an open end"] = Messy([f"{d:%Y-%m-%d}" for d in far], "date in text", far)
    cases["ancient dates"] = Messy([d.date().isoformat() for d in old], "date in text", old)
    cases["an open end by type"] = Messy([d.date() for d in far], "date", far)
    cases["ancient moments by type"] = Messy(old, "date", old)
    values, clean = with_some([f"{d:%Y-%m-%d}" for d in DAYS], DAYS, "n/a", 0.2)
    cases["dates and a mark"] = Messy(values, "date in text", clean)
    values, clean = with_some([f"{d:%Y-%m-%d}" for d in DAYS], DAYS, "open", 0.04)
    cases["dates and a word"] = Messy(values, "date in text", clean, words=("open",))
    values, clean = with_some([d.date() for d in DAYS], DAYS, "unknown", 0.1)
    cases["dates by type and a mark"] = Messy(values, "date in text", clean)
    return cases


def durations_and_answers() -> dict[str, Messy]:
    """Return durations, and answers yes and no."""
    clocks = [f"{s // 3600}:{s // 60 % 60:02}:{s % 60:02}" for s in SECONDS]
    spans = [dt.timedelta(seconds=s) for s in SECONDS]
    days = [
        f"{s // 86400} days {s // 3600 % 24:02}:{s // 60 % 60:02}:{s % 60:02}"
        for s in SECONDS
    ]
    cases = {
        "h:mm:ss": Messy(clocks, "duration", SECONDS),
        "days and time": Messy(days, "duration", SECONDS),
        "time spans": Messy(spans, "duration", SECONDS),
    }
    for yes, no in (
        ("yes", "no"),
        ("Y", "N"),
        ("TRUE", "FALSE"),
        ("t", "f"),
        ("on", "off"),
    ):
        texts = [yes if truth else no for truth in TRUTHS]
        cases[f"{yes} and {no}"] = Messy(texts, "yes/no", TRUTHS)
    values, clean = with_some(
        ["Yes" if truth else "No" for truth in TRUTHS], TRUTHS, "", 0.1
    )
    cases["yes, no and blanks"] = Messy(values, "yes/no", clean)
    values, clean = with_some([truth > 0 for truth in TRUTHS], TRUTHS, "?", 0.1)
    cases["booleans and a mark"] = Messy(values, "yes/no", clean)
    return cases


def codes() -> dict[str, Messy]:
    """Return codes, and texts with two readings."""
    few = [int(i) for i in RNG.integers(0, 60, N)]
    return {
        "leading zeros": Messy([f"{i:04}" for i in few], "code"),
        "versions": Messy([f"{i % 3}.{i % 12}" for i in few], "code"),
        "versions of three parts": Messy([f"1.{i % 3}.{i % 12}" for i in few], "category"),
        "five digits": Messy([str(10_117 + 13 * i) for i in few], "code"),
        "eight digits": Messy([str(10_117_002 + 13 * i) for i in few], "code"),
        "digits e digits": Messy([f"{i % 9 + 1}e{i % 7}" for i in few], "code"),
        "infinity": Messy([*map_str(few[:-4]), "inf", "-inf", "inf", "inf"], "code"),
        "zip": Messy(map_str(few), "code", name="zip"),
        "postal code": Messy(map_str(few), "code", name="postal_code"),
        "telephone numbers": Messy([f"030 {i + 120} {9 * i + 200}" for i in few], "code"),
        "phone": Messy(map_str(few), "code", name="phone"),
        "sku": Messy(map_str(few), "code", name="SKU"),
        "id": Messy(map_str(few), "code", name="shopId"),
        "version": Messy(map_str(few), "code", name="version"),
        "day or month": Messy(
            [f"{i % 12 + 1:02}/{i % 11 + 1:02}/2024" for i in few], "category"
        ),
        "thousands or decimals": Messy(
            [f"{i % 9 + 1},{i * 7 + 100}" for i in few], "category"
        ),
    }


def others() -> dict[str, Messy]:
    """Return categories, identifiers, free text, and columns that are not text."""
    words = "the a red blue old new house car boat garden with and near big small".split()
    few = [int(i) for i in RNG.integers(0, 60, N)]
    sentences = [" ".join(drawn(words, 8)) for _ in range(N)]
    ids = [str(uuid.UUID(int=int(i) << 66)) for i in RNG.integers(0, 2**60, N)]
    return {
        "few words": Messy(drawn(["red", "green", "blue"]), "category"),
        "two words": Messy(drawn(["male", "female"]), "category"),
        "words and a mark": Messy(drawn(["red", "green", "?", ""]), "category"),
        "letters and digits": Messy([f"A{i}" for i in few], "category"),
        "ranges": Messy(drawn(["0-9", "10-19", "20-29"]), "category"),
        "sizes": Messy(drawn(["XS", "S", "M", "L"]), "category"),
        "long names of few things": Messy(
            drawn([f"the department of {word} and {word}" for word in words]), "category"
        ),
        "ten thousand words": Messy(
            [f"w{i}x" for i in RNG.integers(0, 10_000, 30_000)], "category"
        ),
        "numbers and words": Messy(drawn(["1", "2", "small", "large"]), "category"),
        "types without an order": Messy(drawn([1, "x", 2.5, True]), "category"),
        "one word": Messy(["x"] * N, "category"),
        "members of a list": Messy(drawn([dt.time(1), dt.time(13, 30)]), "category"),
        "bytes": Messy(drawn([b"x", b"y"]), "category"),
        "a universal identifier": Messy(ids, "identifier"),
        "an identifier": Messy([f"A-{i:06}x" for i in range(N)], "identifier"),
        "digits that differ": Messy(
            [str(31_000_000 + 7 * i) for i in range(N)], "identifier"
        ),
        "sentences": Messy(sentences, "free text"),
        "sentences and None": Messy([None, "", *sentences[2:]], "free text"),
        "names": Messy(
            [
                f"{a}, Mr. {b} {b} {i}"
                for i, (a, b) in enumerate(zip(drawn(MONTHS), drawn(MONTHS), strict=True))
            ],
            "free text",
        ),
        "increasing whole numbers": Messy([*range(N)], "number", [*range(N)]),
        "floats": Messy(FLOATS, "number", FLOATS),
        "decimals by type": Messy(
            [Decimal(i) / 4 for i in AGES], "number", [i / 4 for i in AGES]
        ),
        "one number": Messy([7.0] * N, "number", [7.0] * N),
        "booleans": Messy([truth > 0 for truth in TRUTHS], "yes/no", TRUTHS),
        "Excel's dates": Messy(
            [43_000.5 + i for i in few], "number", [43_000.5 + i for i in few]
        ),
        "nothing": Messy([None] * N, "empty"),
        "nothing but marks": Messy(["?", "-"] * (N // 2), "empty"),
    }


COLUMNS = {**numbers(), **dates(), **durations_and_answers(), **codes(), **others()}
