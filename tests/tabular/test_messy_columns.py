"""Columns as people have them, in pandas, polars and Arrow, are read as what they are."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from messy_columns import COLUMNS

from skfcnn.tabular.reader import TableReader


def objects(name, values):
    return pd.DataFrame({name: pd.Series(values, dtype=object)})


def strings(name, values):
    return pd.DataFrame({name: pd.Series(values, dtype="string")})


def polars(name, values):
    return pl.DataFrame({name: pl.Series(values, strict=True)})


def arrow(name, values):
    return pa.table({name: pa.array(values)})


def libraries(messy):
    """Return the libraries that have a column of these values."""
    types = set(map(type, messy.values)) - {type(None)}
    texts = [strings] if types <= {str} else []
    return [objects, *texts, *([polars, arrow] if len(types) < 2 else [])]


CASES = [
    pytest.param(case, library, id=f"{case}-{library.__name__}")
    for case, messy in COLUMNS.items()
    for library in libraries(messy)
]


def read(table):
    """Return the fitted reader, what it read, and the warnings."""
    reader = TableReader()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = reader.fit_transform(table)
        except ValueError as error:
            assert "columns is left" in str(error) or "are missing" in str(error)
            return None, str(error), caught
    return reader, result, caught


@pytest.mark.parametrize(("case", "library"), CASES)
def test_a_messy_column_is_read_as_its_kind_with_the_values_by_hand(case, library):
    messy = COLUMNS[case]
    reader, result, caught = read(library(messy.name, messy.values))
    if messy.kind in ("identifier", "empty"):
        assert reader is None
        return
    (row,) = reader.columns_.itertuples()
    assert row.kind == messy.kind
    if messy.clean is None:
        return
    wanted = by_hand(messy)
    got = result[list(wanted)]
    pd.testing.assert_frame_equal(got, wanted, rtol=1e-12, atol=1e-9)
    words = [name for name in result if name not in wanted]
    assert words == [f"{messy.name}_{word}" for word in messy.words]
    for word, name in zip(messy.words, words, strict=True):
        is_word = [value == word for value in messy.values]
        np.testing.assert_array_equal(result[name], is_word)


def by_hand(messy):
    """Return what the reader makes of the column cleaned by hand."""
    if "date" in messy.kind:
        clean = pd.Series(np.array(messy.clean, "M8[s]"))
    else:
        clean = pd.Series(messy.clean, dtype=np.float64)
    _, result, _ = read(pd.DataFrame({messy.name: clean}))
    return result


IN_SILENCE = ("category", "date")


@pytest.mark.parametrize("case", COLUMNS)
def test_what_is_not_as_it_came_is_told_once_by_name(case):
    messy = COLUMNS[case]
    table = objects(messy.name, messy.values).assign(x=1.5)
    _, _, caught = read(table)
    told = [str(warning.message) for warning in caught]
    typed = messy.kind in ("number", "yes/no", "duration") and not any(
        isinstance(value, str) for value in messy.values
    )
    is_told = case in ("day or month", "thousands or decimals", "increasing whole numbers")
    if is_told or not (typed or messy.kind in IN_SILENCE):
        assert len(told) == 1
        assert repr(messy.name) in told[0] and "categorical_features" in told[0]
    else:
        assert told == []


@pytest.mark.parametrize("library", [objects, polars, arrow], ids=lambda x: x.__name__)
def test_columns_of_lists_are_refused_by_name(library):
    table = library("parts", [[1, 2], None, [3]])
    with pytest.raises(ValueError, match="Column 'parts': .* is a collection"):
        TableReader().fit(table)


def test_the_corpus_is_large():
    assert len(COLUMNS) >= 60


def test_all_columns_together_are_one_warning():
    columns = {case: messy for case, messy in COLUMNS.items() if len(messy.values) == 240}
    table = pd.DataFrame(
        {case: pd.Series(messy.values, dtype=object) for case, messy in columns.items()}
    )
    reader, _, caught = read(table)
    assert len(caught) == 1
    kinds = dict(zip(reader.columns_["column"], reader.columns_["kind"], strict=True))
    changed = {"zip", "postal code", "phone", "sku", "id", "version"}  # by their names
    wanted = {case: messy.kind for case, messy in columns.items()}
    assert {case: kinds[case] for case in wanted if case not in changed} == {
        case: kind for case, kind in wanted.items() if case not in changed
    }
