"""Codes: texts that could be read as numbers, but name things.

Product numbers, versions, postal and telephone codes have no sizes. As numbers, "01234"
and "1234" would be equal, and so would the versions "1.10" and "1.1". Digits in groups that
no form of numbers has, such as "030 123-456", are codes too.
"""

import re
from collections.abc import Sequence

import numpy as np

from skfcnn.tabular.numbers_in_text import SPACES, NumberForm, find_numbers
from skfcnn.tabular.text_values import ENOUGH, Ambiguous, Values

# Words of column names that mean codes.
CODE_WORDS = frozenset(
    "zip zipcode postal postcode postalcode plz phone telephone tel fax code codes sku "
    "version id ids uuid isbn ean upc iban ssn".split()
)
INFINITE = {
    sign + word for sign in ("", "+", "-") for word in ("inf", "infinity", "\u221e")
}

_EXPONENT = re.compile("[0-9]+[eE][0-9]+")
_DIGITS = re.compile("[0-9]+")
_SPACED_DIGITS = re.compile(rf"\+?[0-9{SPACES}]+")
_NO_DIGIT = re.compile("[^0-9]")
_ZERO_FIRST = re.compile("0[0-9]+")
_ZERO_LATER = re.compile(r"[0-9]+\.0[0-9]+")
_VERSION = re.compile(r"[0-9]+\.(?:0|[1-9][0-9]{0,2})")
# Digits in groups: "+49 (0)30 1234", "123-45-6789". Two groups may be a range, "10-19".
_IN_GROUPS = re.compile(rf"\+?[0-9()]+(?:[-/{SPACES}]+[0-9()]+)*")
_NO_RANGE = re.compile(rf"[+(0].*|[0-9]+[-/{SPACES}]+[0-9]+[-/{SPACES}]+[0-9].*")
_MAYBE_DATE = re.compile(
    "[0-9]{4}[-/ ][0-9]{1,2}[-/ ][0-9]{1,2}|[0-9]{1,2}[-/ ][0-9]{1,2}[-/ ][0-9]{4}"
)
# International telephone numbers have up to 15 digits; fewer than 7 may be anything.
_FEWEST_DIGITS, _MOST_DIGITS = 7, 15

# Fewer leading zeros or exponents are typing errors in a column of numbers.
A_FEW = 0.01


def words_of(name: object) -> set[str]:
    """Return the words of a column name in lower case: zip and code of "zipCode"."""
    if not isinstance(name, str):
        return set()
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    return {word.lower() for word in words}


def why_code(texts: Sequence[str], counts: Sequence[int], name: object) -> str | None:
    """Return why texts that could be numbers are codes.

    Parameters
    ----------
    texts : sequence of str
        The distinct texts of a column.
    counts : sequence of int
        How many rows have each text.
    name : object
        The name of the column.

    Returns
    -------
    reason : str or None
        The reason in words, to follow "because of"; None if the texts are no codes.
    """
    values = Values.of(texts, counts)
    is_exponent = _matches(_EXPONENT, values)
    if values.share(is_exponent | _matches(_DIGITS, values)) >= ENOUGH:
        reason = _reason_of_exponents(values, is_exponent)
        if reason:
            return reason
    is_infinite = np.array([text.lower() in INFINITE for text in values.texts], bool)
    numbers = find_numbers(values.only(~is_infinite))
    if numbers:
        return reason_for(values, numbers, name)
    return _reason_of_groups(values, name)


def reason_for(values: Values, numbers: NumberForm | Ambiguous, name: object) -> str | None:
    """Return why values that have a form of numbers are codes; None if they are not."""
    infinite = next((text for text in values.texts if text.lower() in INFINITE), None)
    if infinite:
        return f"the text '{infinite}' among numbers"
    if isinstance(numbers, NumberForm) and numbers.has_unit:
        return None
    return (
        _reason_of_exponents(values, _matches(_EXPONENT, values))
        or _reason_of_zeros(values)
        or _reason_of_versions(values)
        or _reason_of_length(values)
        or _reason_of_name(values, numbers, name)
    )


def _matches(pattern, values):
    return np.array([pattern.fullmatch(text) is not None for text in values.texts], bool)


def _reason_of_exponents(values, is_exponent):
    if values.share(is_exponent) < A_FEW:
        return None
    return f"codes such as '{values.texts[is_exponent.argmax()]}'"


def _reason_of_zeros(values):
    has_zero = _matches(_ZERO_FIRST, values)
    if values.share(has_zero) < A_FEW:
        return None
    return f"leading zeros, as in '{values.texts[has_zero.argmax()]}'"


def _reason_of_versions(values):
    """Return a reason if minor versions, read as decimals, end in zeros: 1.10 and 1.9.

    Decimals of different lengths are written without zeros at their ends, and a tenth of
    them begin with a zero.
    """
    is_version = _matches(_VERSION, values)
    is_decimal = _matches(_ZERO_LATER, values)
    is_whole = _matches(_DIGITS, values)
    if is_decimal.any() or values.share(is_version | is_whole) < ENOUGH:
        return None
    versions = values.only(is_version)
    lengths = np.array([len(text.split(".")[1]) for text in versions.texts])
    ends_in_zero = np.array([text.endswith("0") for text in versions.texts], bool)
    is_late = ends_in_zero & (lengths > 1)
    if versions.share(is_late) < A_FEW or (lengths == lengths.max()).all():
        return None
    late, early = versions.texts[is_late.argmax()], versions.texts[lengths.argmin()]
    return f"version-like values, '{late}' and '{early}'"


def _reason_of_length(values):
    """Return a reason for digits of one length: five or more, nine or more if spaced."""
    digits = values.only(_matches(_SPACED_DIGITS, values))
    if digits.counts.sum() < ENOUGH * values.counts.sum():
        return None
    lengths = {len(_NO_DIGIT.sub("", text)) for text in digits.texts}
    is_spaced = any(_NO_DIGIT.search(text) for text in digits.texts)
    if len(lengths) > 1 or max(lengths) < (9 if is_spaced else 5):
        return None
    return f"strings of {max(lengths)} digits each, such as '{digits.texts[0]}'"


def _reason_of_groups(values, name):
    """Return a reason for digits in groups; two groups only by the name of the column."""
    n_digits = np.array([len(_NO_DIGIT.sub("", text)) for text in values.texts], int)
    in_groups = _matches(_IN_GROUPS, values)
    in_groups &= (n_digits >= _FEWEST_DIGITS) & (n_digits <= _MOST_DIGITS)
    in_groups &= ~_matches(_MAYBE_DATE, values)
    is_code = in_groups & (_matches(_NO_RANGE, values) | bool(words_of(name) & CODE_WORDS))
    if not in_groups.any() or values.share(is_code) < ENOUGH:
        return None
    return f"digits in groups, such as '{values.texts[is_code.argmax()]}'"


def _reason_of_name(values, numbers, name):
    """Return a reason if the name has a word for codes and the numbers are whole."""
    words = sorted(words_of(name) & CODE_WORDS)
    if not words:
        return None
    if isinstance(numbers, NumberForm) and "version" not in words:
        read = numbers.read(values.texts)
        if values.share((read < 0) | (read % 1 > 0)) > A_FEW:
            return None
    return f"the word '{words[0]}' in the name of the column"
