"""Column names: columns are matched by name, or by position if there are no names."""

import datetime as dt
import itertools
import pickle

import numpy as np
import pandas as pd
import pytest
from table_support import assert_columns

from skfcnn.tabular.column_names import positions_of, texts_of, unique_name
from skfcnn.tabular.dataframes import open_table
from skfcnn.tabular.reader import TableReader

NAN = np.nan


def test_names_that_are_not_strings():
    day = dt.date(2020, 1, 1)
    names = ["1", 1, ("k", 2), day, NAN, "1_"]
    frame = pd.DataFrame([range(6)], columns=pd.Index(names, dtype=object))
    reader = TableReader()
    read = reader.fit_transform(frame)
    texts = ["1", "1__", "('k', 2)", "2020-01-01", "None", "1_"]
    assert list(read) == list(reader.get_feature_names_out()) == texts
    assert not hasattr(reader, "feature_names_in_")
    again = pickle.loads(pickle.dumps(reader))
    other = pd.DataFrame([range(6)[::-1]], columns=pd.Index(names[::-1], dtype=object))
    pd.testing.assert_frame_equal(again.transform(other), read)
    with pytest.raises(ValueError, match="missing: 1; unexpected: 2"):
        reader.transform(frame.set_axis(["1", 2, *names[2:]], axis=1))


@pytest.mark.parametrize("names", [[0, 1, 2], [2, 0, 1], [10, 20, 30], ["a", "b", "c"]])
def test_columns_of_frames_are_matched_by_names_of_any_type(names):
    frame = pd.DataFrame([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], columns=names)
    reader = TableReader().fit(frame)
    wanted = reader.transform(frame)
    for order in itertools.permutations(names):
        pd.testing.assert_frame_equal(reader.transform(frame[[*order]]), wanted)
    for others in ([7, *names[1:]], ["x", "y", "z"]):
        with pytest.raises(ValueError, match=f"missing: {names[0]!r}.*; unexpected: "):
            reader.transform(frame.set_axis(others, axis=1))


def test_default_names_of_pandas_count_as_no_names():
    array = np.array([[1.0, 2.0, 3.0]])
    frame = pd.DataFrame(array)
    for X in (array, frame):
        reader = TableReader().fit(X)
        for later in (array, frame, frame[[2, 0, 1]]):
            assert_columns(reader.transform(later), x0=[1.0], x1=[2.0], x2=[3.0])
    named = TableReader().fit(frame.set_axis(["a", "b", "c"], axis=1))
    with pytest.raises(ValueError, match="missing: 'a', 'b', 'c'; unexpected: 0, 1, 2"):
        named.transform(frame)
    with pytest.warns(UserWarning, match="TableReader was fitted with feature names"):
        TableReader().fit(frame[[2, 1, 0]]).transform(array)
    with pytest.warns(UserWarning, match="TableReader was fitted without feature names"):
        TableReader().fit(array).transform(frame.set_axis(["a", "b", "c"], axis=1))


def test_missing_and_unexpected_columns_are_refused():
    frame = pd.DataFrame({"a": [1.0], "b": ["x"]})
    reader = TableReader().fit(frame)
    with pytest.raises(
        ValueError, match="in any order; missing: 'b'; unexpected: 'c', 'd'. Rename"
    ):
        reader.transform(frame.rename(columns={"b": "c"}).assign(d=1))
    with pytest.raises(ValueError, match="missing: 'b'; unexpected: none"):
        reader.transform(frame[["a"]])
    with pytest.raises(ValueError, match="'k3', 'k4' and 5 more"):
        reader.transform(frame.assign(**{f"k{i}": i for i in range(10)}))


def test_columns_without_names_are_matched_by_position():
    frame = pd.DataFrame({"a": [1.0], "b": ["x"]})
    reader = TableReader().fit(frame)
    with pytest.warns(UserWarning, match="X does not have valid feature names, but Table"):
        read = reader.transform([[2.0, "y"]])
    assert_columns(read, a=[2.0], b=["y"])
    with pytest.raises(
        ValueError, match="X has 3 features, but TableReader is expecting 2"
    ):
        reader.transform([[1.0, "x", 3]])
    # A fit to a table without names forgets them.
    assert not hasattr(reader.fit([[1.0]]), "feature_names_in_")


def test_positions_are_found_by_name():
    table = open_table(pd.DataFrame([[1, 2, 3]], columns=["b", 1, "a"]))
    assert positions_of(["a", "b", 1], 3, table, estimator_name="TableReader") == [2, 0, 1]
    with pytest.raises(ValueError, match="missing: 'c'; unexpected: 1"):
        positions_of(["a", "b", "c"], 3, table, estimator_name="TableReader")


def test_arrays_have_positions_only():
    table = open_table(np.ones((2, 3)))
    assert positions_of(None, 3, table, estimator_name="TableReader") == [0, 1, 2]
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        assert positions_of(["a", "b", "c"], 3, table, estimator_name="TableReader") == [
            0,
            1,
            2,
        ]
    with pytest.raises(
        ValueError, match="X has 3 features, but TableReader is expecting 2"
    ):
        positions_of(None, 2, table, estimator_name="TableReader")


@pytest.mark.parametrize(
    ("names", "texts"),
    [
        (None, ["x0", "x1"]),
        ([0, 1], ["x0", "x1"]),
        ([1, 0], ["1", "0"]),
        ([1, "1", "1_"], ["1", "1__", "1_"]),
    ],
)
def test_names_as_text_are_unique(names, texts):
    assert texts_of(names, len(texts)) == texts


def test_name_that_is_taken_gets_underscores():
    assert unique_name({"a", "a_"}, "a") == "a__"
    assert unique_name({"a"}, "b") == "b"
