"""Declared columns: names, positions and masks, and what they mean to the reader."""

import numpy as np
import pandas as pd
import pytest

from skfcnn.tabular.declared_columns import declared_roles
from skfcnn.tabular.encoder import table_encoder
from skfcnn.tabular.reader import TableReader

NAMES = ["a", "b", "c"]


@pytest.mark.parametrize(
    "columns",
    [["a", "c"], [0, 2], [0, -1], np.array([0, 2]), [True, False, True], ("a", 2)],
    ids=str,
)
def test_columns_by_name_position_and_mask(columns):
    roles = declared_roles(NAMES, 3, {"numeric_features": columns, "drop_features": None})
    assert roles == {0: "number", 2: "number"}


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        (
            {"numeric_features": ["d"]},
            "'d', which is no column of X: the columns are 'a', 'b'",
        ),
        ({"numeric_features": [3]}, "position 3, but X has 3 columns, 0 to 2"),
        ({"numeric_features": [True]}, "a mask of 1 values, but X has 3"),
        ({"numeric_features": "a"}, r"numeric_features='a' is not .* such as \['a'\]"),
        (
            {"numeric_features": ["a"], "drop_features": [0]},
            "Column 'a' is in both numeric_features and drop_features. Leave it in one",
        ),
    ],
)
def test_contradictions_are_errors(declared, message):
    with pytest.raises(ValueError, match=message):
        declared_roles(NAMES, 3, declared)


def test_names_may_be_tuples():
    names = [("a", 1), ("a", 2)]
    assert declared_roles(names, 2, {"drop_features": [("a", 2)]}) == {1: "left out"}


def test_names_of_an_array_are_unknown():
    with pytest.raises(ValueError, match="X has no column names, so pass positions"):
        declared_roles(None, 3, {"drop_features": ["a"]})


def read(values, **params):
    table = pd.DataFrame({"a": pd.Series(values, dtype=object), "x": 1.0})
    reader = TableReader(**params)
    return reader.fit_transform(table), reader.columns_.set_index("column")


def test_declared_categories_keep_their_values():
    result, columns = read(["007", "7", "1.0"], categorical_features=["a"])
    assert result["a"].tolist() == ["007", "7", "1.0"]
    assert columns.loc["a", "kind"] == "category"
    result, _ = read([1, 2.0, 3], categorical_features=["a"])
    assert result["a"].tolist() == ["1", "2", "3"]


def test_declared_numbers_are_told_where_they_do_not_parse():
    with pytest.warns(UserWarning, match="declared: 'a' .*1 that do not parse .*'x'"):
        result, _ = read(["00123", "x", "?"], numeric_features=["a"])
    np.testing.assert_array_equal(result["a"], [123, np.nan, np.nan])
    result, _ = read(["00123", "00124"], numeric_features=[True, False])
    np.testing.assert_array_equal(result["a"], [123, 124])


def test_declared_dates_are_read_from_text_and_from_excel():
    result, columns = read([43831, 43832.5], datetime_features=[0])
    np.testing.assert_array_equal(result["a"], [18262.0, 18263.5])
    assert columns.loc["a", "kind"] == "date"
    result, columns = read(["2020-01-01", "2020-01-02"], datetime_features=["a"])
    np.testing.assert_array_equal(result["a"], [18262.0, 18263.0])
    with pytest.warns(UserWarning, match="1 that do not parse"):
        read([43831, -5], datetime_features=[0])


@pytest.mark.parametrize(
    ("values", "params", "message"),
    [
        (
            ["x", "y"],
            {"numeric_features": ["a"]},
            "Column 'a': .*numeric_.*'x' is not read",
        ),
        (
            ["x", "y"],
            {"datetime_features": ["a"]},
            "datetime_features, but 'x' is not read",
        ),
        (
            ["01/02/2020", "03/04/2020"],
            {"datetime_features": ["a"]},
            "day first.*month first",
        ),
        ([pd.Timestamp(0)], {"numeric_features": ["a"]}, "holds dates, but is in numeric"),
    ],
)
def test_what_cannot_be_read_as_declared_is_an_error(values, params, message):
    with pytest.raises(ValueError, match=message):
        read(values, **params)


IDS = [f"A{i}x" for i in range(120)]


def test_identifiers_are_kept_if_asked_for_and_lists_are_left_out_unread():
    with pytest.warns(UserWarning, match="left out as identifiers: 'a'"):
        result, _ = read(IDS)
    assert list(result) == ["x"]
    result, _ = read(IDS, drop_features=())
    assert list(result) == ["a", "x"]
    result, columns = read([[1, 2], {3}], drop_features=["a"])
    assert list(result) == ["x"] and columns.loc["a", "kind"] == "left out"
    with pytest.raises(ValueError, match="None of the 2 columns is left"):
        read(IDS, drop_features=["a", "x"])


@pytest.mark.filterwarnings("ignore:Check how these columns were read")
def test_a_column_that_was_left_out_may_be_absent_later():
    table = pd.DataFrame({"id": IDS, "x": np.linspace(0, 1, 120)})
    reader = TableReader().fit(table)
    pd.testing.assert_frame_equal(
        reader.transform(table[["x"]]), reader.transform(table[["x", "id"]])
    )
    with pytest.raises(ValueError, match="missing: 'x'; unexpected: none"):
        reader.transform(table[["id"]])


def test_the_encoder_passes_what_is_declared():
    table = pd.DataFrame({"a": [1, 2, 1], "b": [3.0, 4.0, 5.0], "c": [43831, 43832, 43833]})
    encoder = table_encoder(
        categorical_features=["a"], datetime_features=["c"], drop_features=["b"]
    ).fit(table)
    names = [*encoder.get_feature_names_out()]
    assert names[0] == "numbers__c" and names[-2:] == ["few__a_1", "few__a_2"]
    assert not any("b" in name.split("__")[1] for name in names)
