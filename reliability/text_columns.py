"""Columns of text for fuzzing: how a value is drawn, and the typed value that it means."""

import datetime as dt
from zoneinfo import ZoneInfo

START = dt.datetime(2020, 3, 2, 12)
BERLIN = ZoneInfo("Europe/Berlin")
SWAPPED = str.maketrans(",.", ".,")
WORDS = ("yes", "no")


def number(rng):
    """Draw a number of any size with two decimals."""
    return round(float(rng.normal() * 10.0 ** rng.integers(0, 6)), 2)


def moment(rng):
    """Draw a moment of some years, in whole minutes."""
    return START + dt.timedelta(minutes=int(rng.integers(0, 3_000_000)))


def seconds(rng):
    """Draw a duration in seconds."""
    return int(rng.integers(0, 100_000))


def clock(total):
    """Return seconds as h:mm:ss."""
    return f"{total // 3600}:{total // 60 % 60:02}:{total % 60:02}"


def of_clock(text):
    """Return the duration in h:mm:ss."""
    hours, minutes, rest = map(int, text.split(":"))
    return dt.timedelta(hours=hours, minutes=minutes, seconds=rest)


def amounts(total):
    """Return seconds in whole minutes as "1h 05m"."""
    return f"{total // 3600}h {total // 60 % 60:02}m"


def of_amounts(text):
    """Return the duration in "1h 05m"."""
    hours, minutes = text[:-1].split("h ")
    return dt.timedelta(hours=int(hours), minutes=int(minutes))


def without(*marks):
    """Return a function that reads a number after removing these marks."""

    def read(text):
        for mark in marks:
            text = text.replace(mark, "")
        return float(text.replace("−", "-"))

    return read


def european(text):
    """Return the number in "1.234,5"."""
    return float(text.translate(SWAPPED).replace(",", ""))


def dates(form):
    """Return how to draw a date in this form, and how to read it."""

    def read(text):
        return dt.datetime.strptime(text, form)

    return lambda rng: moment(rng).strftime(form), read


# Name -> how a text is drawn, and what reads it; None for texts that stay text.
FORMS = {
    "decimals": (lambda rng: f"{number(rng):.2f}", float),
    "spaced decimals": (lambda rng: f"  {number(rng):.2f} ", float),
    "thousands": (lambda rng: f"{number(rng):,.2f}", without(",")),
    "European": (lambda rng: f"{number(rng):,.2f}".translate(SWAPPED), european),
    "Swiss": (lambda rng: f"{number(rng):,.2f}".replace(",", "’"), without("’")),
    "dollars": (lambda rng: f"${abs(number(rng)):,.2f}", without("$", ",")),
    "euros": (
        lambda rng: f"{number(rng):,.2f}".translate(SWAPPED) + "\u00a0€",
        lambda text: european(text[:-2]),
    ),
    "percents": (lambda rng: f"{number(rng):.2f} %", without(" %")),
    "kilograms": (lambda rng: f"{number(rng):.2f}kg", without("kg")),
    "scientific": (lambda rng: f"{number(rng):.9e}", float),
    "minus signs": (lambda rng: f"{number(rng):.2f}".replace("-", "−"), without()),
    "ISO dates": dates("%Y-%m-%d"),
    "ISO moments": dates("%Y-%m-%dT%H:%M:%S"),
    "German dates": dates("%d.%m.%Y"),
    "American dates": dates("%m/%d/%Y"),
    "half days": dates("%m/%d/%Y %I:%M %p"),
    "short years": dates("%d/%m/%y"),
    "month names": dates("%d %B %Y"),
    "zoned moments": (
        lambda rng: moment(rng).replace(tzinfo=dt.UTC).isoformat(),
        dt.datetime.fromisoformat,
    ),
    "local moments": (
        lambda rng: moment(rng).replace(tzinfo=BERLIN).isoformat(),
        lambda text: dt.datetime.fromisoformat(text).astimezone(dt.UTC),
    ),
    "clocks": (lambda rng: clock(seconds(rng)), of_clock),
    "amounts": (lambda rng: amounts(seconds(rng)), of_amounts),
    "answers": (lambda rng: WORDS[rng.integers(2)], lambda text: text == "yes"),
    "truths in text": (lambda rng: str(rng.random() < 0.4), lambda text: text == "True"),
    "postal places": (lambda rng: f"{rng.integers(2000):05}", None),
    "releases": (lambda rng: f"1.{rng.integers(25)}", None),
    "numbers or words": (
        lambda rng: "refused" if rng.random() < 0.04 else str(rng.integers(900)),
        None,
    ),
    "numbers or marks": (
        lambda rng: "?" if rng.random() < 0.2 else str(rng.integers(900)),
        lambda text: None if text == "?" else float(text),
    ),
    "days first or not": (
        lambda rng: f"{rng.integers(1, 13)}/{rng.integers(1, 13)}/2020",
        None,
    ),
    "sentences": (
        lambda rng: " ".join(rng.choice("the cat sat on a mat of words".split(), 9)),
        None,
    ),
}
