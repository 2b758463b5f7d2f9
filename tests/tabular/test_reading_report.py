"""What is told of columns that are read otherwise than they came."""

import warnings
from collections import Counter

import pytest

from skfcnn.tabular.column_kinds import Decision
from skfcnn.tabular.reading_report import tell_of_fit, tell_of_unknown, tell_of_unread


def test_columns_are_grouped_in_one_warning():
    decisions = [
        Decision(None, "numbers as '1'", "number"),
        Decision(None),
        Decision(None, "leading zeros", "code"),
        Decision(None, "all differ", "identifier"),
        Decision(None, "numbers as '2 kg'", "number"),
    ]
    with pytest.warns(UserWarning) as caught:
        tell_of_fit([*map(repr, "abcde")], decisions)
    (warning,) = caught
    first, *lines, last = str(warning.message).splitlines()
    assert lines == [
        "- read as numbers: 'a' (numbers as '1'), 'e' (numbers as '2 kg')",
        "- left out as identifiers: 'd'",
        "- kept as categories, since they are codes: 'c' (leading zeros)",
    ]
    assert "categorical_features" in last and "drop_features=()" in last
    assert warning.filename == __file__


def test_nothing_is_told_of_columns_as_they_came():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tell_of_fit(["'a'"], [Decision(None, "a note")])
        tell_of_unread({"'a'": Counter()})


def test_values_that_do_not_parse_are_counted_with_an_example():
    unread = {"'a'": Counter({"x": 3, "y": 1}), "'b'": Counter(), "'c'": Counter(["z"])}
    with pytest.warns(UserWarning, match="'a': 4, such as 'x'; 'c': 1, such as 'z'"):
        tell_of_unread(unread)


def test_columns_of_text_that_are_parsed_are_in_the_same_warning():
    unread, parsed = {"'a'": Counter({"x": 3})}, {"'a'": 5, "'b'": 1}
    message = (
        "missing. 'a': 3, such as 'x'. .* text: 'a' \\(5 cells\\), 'b' \\(1 cell\\)\\."
    )
    with pytest.warns(UserWarning, match=message):
        tell_of_unread(unread, parsed)


def test_unknown_categories_are_counted_with_the_most_frequent_ones():
    unknown = {"a": ["x", "y", "y", "z", "w"], "b": ["v"]}
    message = "'a': 5 rows, such as 'y', 'x', 'z'; 'b': 1 row, such as 'v'."
    with pytest.warns(UserWarning, match=message):
        tell_of_unknown(unknown)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tell_of_unknown({})


def test_of_many_columns_a_hundred_are_named():
    decisions = [Decision(None, "a note", "identifier")] * 102
    with pytest.warns(UserWarning, match="'99' and 2 more, see columns_\n"):
        tell_of_fit([repr(str(i)) for i in range(102)], decisions)
    unread = {repr(str(i)): Counter("x") for i in range(102)}
    with pytest.warns(UserWarning, match="'99': 1, such as 'x' and 2 more"):
        tell_of_unread(unread)
