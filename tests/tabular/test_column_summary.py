"""The summary of the columns of a fitted encoder."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

from skfcnn.tabular.column_profiles import Profile, why_nothing_is_left
from skfcnn.tabular.column_summary import describe_columns, html, summary
from skfcnn.tabular.column_types import LeftOut, Nothing
from skfcnn.tabular.encoder import table_encoder
from skfcnn.tabular.table_reading import fit_columns, frame_of, read_columns

pytestmark = pytest.mark.filterwarnings("ignore:Check how these columns were read")
N = 120


@pytest.fixture(scope="module")
def encoder():
    rng = np.random.default_rng(0)
    few = rng.integers(0, 3, N)
    table = pd.DataFrame(
        {
            "x": np.where(few == 1, np.nan, rng.normal(size=N)),
            "price": [f"{i},50 €" for i in range(N)],
            "age": [
                "?" if k == 0 else "refused" if i < 2 else str(i) for i, k in enumerate(few)
            ],
            "day": pd.date_range("2020-01-01", periods=N, freq="D"),
            "town": [f"<town {k}>" for k in few],
            "many": [f"word {i % 40}" for i in range(N)],
            "zip": [f"{i % 30:05}" for i in range(N)],
            "uuid": [f"u{i}x" for i in range(N)],
            "text": [f"a long text of words, number {i}" for i in range(N)],
            "none": None,
        }
    )
    return table_encoder(random_state=0).fit(table, few > 0)


def test_each_column_has_its_kind_and_its_encoding(encoder):
    columns = describe_columns(encoder)
    assert list(columns) == ["column", "kind", "encoded", "missing", "distinct", "notes"]
    rows = {row.column: row for row in columns.itertuples()}
    assert {name: (row.kind, row.encoded) for name, row in rows.items()} == {
        "x": ("number", "scaled"),
        "price": ("number in text", "scaled"),
        "age": ("number in text", "scaled, 2 columns"),
        "day": ("date", "scaled, 5 columns"),
        "town": ("category", "one-hot, 3 columns"),
        "many": ("category", "target means, 20 one-hot"),
        "zip": ("code", "target means, 20 one-hot"),
        "uuid": ("identifier", "left out"),
        "text": ("free text", "length, 16 components"),
        "none": ("empty", "left out"),
    }
    assert rows["none"].missing == 1.0 and rows["town"].missing == 0.0
    assert rows["town"].distinct == 3 and rows["price"].distinct == N
    assert rows["x"].distinct == N - round(rows["x"].missing * N)
    assert "€" in rows["price"].notes and "leading zeros" in rows["zip"].notes


def test_the_summary_is_at_most_100_characters_wide(encoder):
    text = summary(encoder)
    lines = text.splitlines()
    assert max(map(len, lines)) <= 100
    starts = [line.split("  ")[0] for line in lines if line[0] != " "]
    assert starts == ["column", *describe_columns(encoder)["column"]]


def test_long_names_are_cut():
    table = pd.DataFrame({"a very long name " * 9: ["x", "y"], "line\nbreak": [1.0, 2.0]})
    lines = summary(table_encoder().fit(table)).splitlines()
    assert len(lines) == 3 and max(map(len, lines)) <= 100


def test_html_is_escaped(encoder):
    table = pd.DataFrame({"<b>": ["x", "y"]})
    page = html(table_encoder().fit(table))
    assert "&lt;b&gt;" in page and "<b>" not in page
    assert html(encoder).count("<tr>") == 11


def test_the_encoder_has_to_be_fitted():
    with pytest.raises(NotFittedError):
        describe_columns(table_encoder())


def test_large_tables_are_described_alike():
    small = pd.DataFrame({"x": [1.0, 2.0, None] * 40, "t": ["u", "v", None] * 40})
    large = pd.concat([small] * 100, ignore_index=True)
    wanted = describe_columns(table_encoder().fit(small))
    pd.testing.assert_frame_equal(describe_columns(table_encoder().fit(large)), wanted)


ENCODED = {
    "numbers": (["1", "1.0", "?", "2"], 0.25, 2, "scaled"),
    "a word": (["1", "2", "refused", " 1"] * 2 + ["1"] * 40, 0.0, 3, "scaled, 2 columns"),
    "dates": (["2020-01-01", "2020-01-01 00:00", "-", "2021-01-01"], 0.25, 2, "scaled"),
    "answers": (["yes", "YES", "no", "?"], 0.25, 2, "scaled"),
    "categories": (["a", "b", "?", "N/A"], 0.0, 4, "one-hot, 4 columns"),
    "truths": ([True, "False", 1, "x"], 0.0, 3, "one-hot, 3 columns"),
    "codes": (["01", "02", None, "-"], 0.25, 3, "one-hot, 3 columns"),
}


@pytest.mark.parametrize("case", ENCODED)
def test_missing_and_distinct_values_are_those_that_are_encoded(case):
    values, missing, distinct, encoded = ENCODED[case]
    table = pd.DataFrame({"a": pd.Series(values * 5, dtype=object)})
    (row,) = describe_columns(table_encoder().fit(table)).itertuples()
    assert (row.missing, row.distinct) == (missing, distinct)
    assert row.encoded.startswith(encoded)


def test_marks_for_missing_values_that_are_categories_are_noted():
    table = pd.DataFrame(
        {"a": ["x", "?", "N/A"], "b": ["x", None, ""], "c": ["01", "02", "-"]}
    )
    notes = describe_columns(table_encoder().fit(table))["notes"].tolist()
    assert notes[0] == "the marks '?', 'N/A' are categories"
    assert notes[1] == "the mark '' is a category"
    assert notes[2] == "leading zeros, as in '01'; the mark '-' is a category"


def test_the_message_for_nothing_says_why():
    assert "All values of all 2 columns are missing" in why_nothing_is_left([Nothing()] * 2)
    assert "drop_features=()" in why_nothing_is_left([Nothing(), LeftOut("identifier")])


def test_profiles_come_from_the_columns_that_were_read():
    from skfcnn.tabular.dataframes import open_table

    table = open_table(pd.DataFrame({"a": [1.0, None], "b": ["x", "x"]}))
    columns = fit_columns(table, {}, drops=True)
    profiles = [
        Profile.of(name, column) for name, column in zip("ab", columns, strict=True)
    ]
    assert profiles == [
        Profile("a", "number", 0.5, 1, ""),
        Profile("b", "category", 0, 1, ""),
    ]
    kinds = [column.decision.kind for column in columns]
    arrays: Sequence = read_columns(table, [0, 1], kinds, {}, {})
    frame = frame_of(table, [0, 1], kinds, [["a"], ["b"]], arrays)
    assert frame["b"].tolist() == ["x", "x"] and frame["a"][0] == 1.0
