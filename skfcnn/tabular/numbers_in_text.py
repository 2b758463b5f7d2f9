"""Numbers in text.

All numbers of a column have one style of marks, "1,234.5", "1.234,5", "1 234,5" or
"1'234.5", and at most one unit, currency or percent sign, before or after the number:

    sign  currency  sign  whole part  fraction  exponent  unit

Parentheses mean a negative number, "(1,234)". An exponent has a sign, or its number a
decimal mark: "1.5e3" and "1e+05" are numbers, "1e5" may be a code. "1.234e+03" has no
thousands.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from skfcnn.tabular.text_values import Ambiguous, Form, Values, first_difference, fitting

# Space, no-break space, thin space and narrow no-break space.
SPACES = " \u00a0\u2009\u202f"
# The characters for each mark between thousands, and their regular expression.
WRITTEN = {",": ",", ".": ".", " ": SPACES, "'": "'\u2019"}
GROUPS = {mark: f"[{written}]" for mark, written in WRITTEN.items()}
# The mark between thousands and the decimal mark, the most frequent styles first.
STYLES = ((",", "."), (".", ","), (" ", ","), (" ", "."), ("'", "."), ("'", ","))
DECIMAL_MARKS = {".": "decimal points", ",": "decimal commas"}
# Currencies whose marks between thousands are commas.
COMMA_CURRENCIES = {"$", "US$", "USD", "\u00a3", "GBP"}
# Number of different values from 100 to 999 that exclude decimals of three digits.
MANY_HUNDREDS = 10
GROUP_NAMES = {",": "commas", ".": "points", " ": "spaces", "'": "apostrophes"}

_CURRENCIES = (
    "USD EUR GBP JPY CHF CAD AUD NZD SEK NOK DKK PLN CZK HUF RON INR CNY RMB BRL MXN ZAR "
    "RUB TRY KRW SGD HKD ILS Rs Rs. kr kr. Fr. zł"
)
_SIGN = "[-+\u2212\u2013]"
_NAMES = "|".join(map(re.escape, _CURRENCIES.split()))
_BEFORE = rf"[A-Z]{{0,3}}[$\u00a2-\u00a5\u20a0-\u20cf]|%|{_NAMES}"
_WORD = "(?:[^\\W\\d_]|[%\u2030\u00b0$\u00a2-\u00a5\u20a0-\u20cf\u00b2\u00b3\u00b7/^\"'])"
_AFTER = rf"{_WORD}{{1,15}}[23]?(?: {_WORD}{{1,15}}[23]?){{0,2}}\.?"
_ANY_NUMBER = re.compile(
    rf"\(?{_SIGN}? *(?P<before>{_BEFORE})?[{SPACES}]*[-+\u2212\u2013(]? *"
    rf"[.,]?[0-9](?:[0-9.,'\u2019{SPACES}]*[0-9])?[.,]?(?:[eE][-+]?[0-9]+)?"
    rf"\)?[{SPACES}]*(?P<after>{_AFTER})?\)?"
)


@dataclass(frozen=True)
class NumberForm(Form):
    """Numbers in one style, with one unit.

    Attributes
    ----------
    group : {",", ".", " ", "'"}
        The mark between thousands.
    decimal : {".", ","}
        The decimal mark.
    before, after : str
        The unit or currency; "" for none.
    """

    kind: ClassVar[str] = "number"

    group: str
    decimal: str
    before: str = ""
    after: str = ""

    @property
    def has_unit(self) -> bool:
        """Whether the numbers have a unit, a currency or a percent sign."""
        return bool(self.before or self.after)

    def read(self, texts: Sequence[str]) -> np.ndarray:
        """Return the number in each text; NaN for a text in another form."""
        pattern = _pattern(self.group, self.decimal, self.before, self.after)
        marks = WRITTEN[self.group]
        found = map(pattern.fullmatch, map(str.strip, texts))
        values = (_number(match.groups(), marks) if match else np.nan for match in found)
        numbers = np.fromiter(values, float, len(texts))
        numbers[np.isinf(numbers)] = np.nan
        return numbers

    def describe(self) -> str:
        """Return the form in words."""
        marks = ""
        if set(self.example) & {",", "'", "\u2019"} or self.decimal == ",":
            name, group = DECIMAL_MARKS[self.decimal], GROUP_NAMES[self.group]
            marks = f" with {name} and {group} between thousands,"
        return f"numbers{marks} written as '{self.example}'"


def _pattern(group, decimal, before, after):
    """Return the regular expression of a style, its groups being the parts of a number."""
    mark = GROUPS[group]
    grouped = rf"[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{3}})+"
    if group == ",":  # 12,34,567 in India
        grouped += "|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"
    number = (
        rf"(?=[0-9]|{re.escape(decimal)}[0-9])(?![0-9]+[eE][0-9])(?!(?:{grouped})[eE])"
        rf"({grouped}|[0-9]*)"
        rf"(?:{re.escape(decimal)}([0-9]*))?([eE][-+]?[0-9]{{1,3}})?"
    )
    space = f"[{SPACES}]*"
    return re.compile(
        rf"(\()?({_SIGN})? *{re.escape(before)}{space}(\()?({_SIGN})? *{number}"
        rf"(\))?{space}{_singular_or_plural(after)}(\))?"
    )


def _singular_or_plural(unit):
    """Return the regular expression of a unit: "year" and "years" are the same."""
    if len(unit) > 1 and unit.isalpha() and unit.isascii():
        stem = unit[:-1] if unit.endswith("s") and len(unit) > 2 else unit
        return f"{stem}s?"
    return re.escape(unit)


def _number(parts, marks):
    """Return the number with these parts; NaN if its signs contradict each other."""
    opens, sign, opens_late, late, whole, fraction, exponent, closes, closes_late = parts
    for mark in marks:
        whole = whole.replace(mark, "")
    number = float(f"{whole}.{fraction or 0}{exponent or ''}")
    signs = [part for part in (sign, late, opens, opens_late) if part]
    is_closed = (closes or closes_late) is not None
    if not signs and not is_closed:
        return number
    if len(signs) != 1 or (closes and closes_late) or is_closed != (signs == ["("]):
        return np.nan
    return number if signs == ["+"] else -number


def find_numbers(values: Values) -> NumberForm | Ambiguous | None:
    """Return the form of numbers that fits the values."""
    units: Counter[tuple[str, str]] = Counter()
    sample = values.sample()
    for text, count in zip(sample.texts, sample.counts, strict=True):
        match = _ANY_NUMBER.fullmatch(text)
        if match:
            units[match["before"] or "", match["after"] or ""] += int(count)
    if sum(units.values()) < 0.5 * sample.counts.sum() or not units:
        return None
    before, after = units.most_common(1)[0][0]
    example = max(filter(_ANY_NUMBER.fullmatch, sample.texts), key=len)
    styles = _styles("\n".join(values.texts))
    forms = [
        NumberForm(example, group, decimal, before, after) for group, decimal in styles
    ]
    fit = fitting(forms, values)
    if len(fit) < 2:
        return fit[0][0] if fit else None
    return _with_thousands(fit) or _ambiguous(fit, values)


def _styles(text):
    """Return the styles whose marks occur in a text, the first of them always."""
    is_grouped = {
        mark: re.search(rf"[0-9]{pattern}[0-9]{{3}}", text)
        for mark, pattern in GROUPS.items()
    }
    is_possible = {**is_grouped, ".": is_grouped["."] or "," in text}
    return [STYLES[0], *(style for style in STYLES[1:] if is_possible[style[0]])]


def _with_thousands(fit):
    """Return the form that reads marks as thousands, if the decimal reading is excluded.

    Decimals have a fixed number of digits, and then all numbers have the mark, or no zeros
    at their ends. Thousands have the mark in all numbers from 1,000 on and in no others;
    if whole hundreds are frequent below 1,000, decimals would be rare and yet have three
    digits each. Dollars and pounds have commas between thousands.
    """
    (form, read), (other, other_read) = fit[:2]
    both = ~np.isnan(read) & ~np.isnan(other_read)
    sizes, other_sizes = np.abs(read[both]), np.abs(other_read[both])
    if (sizes < other_sizes).any():
        form, sizes, other_sizes = other, other_sizes, sizes
    if form.group == "," and form.before in COMMA_CURRENCIES:
        return form
    is_marked = sizes != other_sizes
    unmarked = np.unique(sizes[~is_marked & (sizes > 0)])
    ends_in_zero = (sizes[is_marked] % 10 == 0).any()
    has_hundreds = np.count_nonzero(unmarked >= 100) >= MANY_HUNDREDS
    is_possible = len(unmarked) > 0 and (unmarked < 1000).all()
    return form if is_possible and (ends_in_zero or has_hundreds) else None


def _ambiguous(fit, values):
    """Return both readings in words, with the first text that they read differently."""
    (form, read), (other, other_read) = fit[:2]
    differ = first_difference(read, other_read)
    text = values.texts[differ]
    first, second = (
        f"numbers with {DECIMAL_MARKS[form.decimal]}, '{text}' being {number[differ]:.12g}"
        for form, number in ((form, read), (other, other_read))
    )
    return Ambiguous((first, second))
