"""Tables with one column in another order, of any library and behind any encoder."""

import datetime

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skfcnn.tabular.dataframes import open_table
from skfcnn.tabular.encoder import table_encoder
from skfcnn.tabular.moved_columns import encoded_columns, movable, rows_of, with_moved

pytestmark = pytest.mark.filterwarnings("ignore:Check how these columns were read")

COLUMNS = {
    "x": [1.5, None, 3.5, 4.5],
    "word": ["a", "b", None, "a"],
    "day": [datetime.date(2020, 1, day) for day in (1, 2, 3, 9)],
}
ROWS = [dict(zip(COLUMNS, row, strict=True)) for row in zip(*COLUMNS.values(), strict=True)]
TABLES = {
    "pandas": pd.DataFrame(COLUMNS, index=[7, 7, 8, 9]),
    "pandas, no names": pd.DataFrame(COLUMNS).set_axis(range(3), axis=1),
    "polars": pl.DataFrame(COLUMNS),
    "pyarrow": pa.table(COLUMNS),
    "records": ROWS,
    "rows": [[*row.values()] for row in ROWS],
    "array": np.array([[*row.values()] for row in ROWS], dtype=object),
    "structured": np.array([(1.5, "a"), (2.5, "b")] * 2, [("x", "f8"), ("word", "U1")]),
}


def values_of(X):
    table = open_table(X)
    columns = (table.column(i).tolist() for i in range(table.shape[1]))
    return [[None if pd.isna(value) else value for value in column] for column in columns]


@pytest.mark.parametrize("library", TABLES)
def test_one_column_moves_and_the_table_stays_as_it_is(library):
    X, order = TABLES[library], np.array([2, 0, 3, 1])
    before = values_of(X)
    table = movable(X)
    moved = values_of(with_moved(table, 1, order))
    assert moved[1] == [before[1][i] for i in order]
    assert moved[:1] + moved[2:] == before[:1] + before[2:]
    assert values_of(X) == values_of(table) == before
    assert open_table(table).names in (open_table(X).names, [*range(len(before))])


@pytest.mark.parametrize("library", TABLES)
def test_rows_are_selected_by_position(library):
    X, rows = TABLES[library], np.array([3, 1])
    selected = values_of(rows_of(movable(X), rows))
    assert selected == [[column[i] for i in rows] for column in values_of(X)]


def test_encoded_columns_of_a_table_depend_on_one_column_each():
    rng = np.random.RandomState(0)
    X = pd.DataFrame(
        {
            "x": rng.normal(size=200),
            "gaps": np.where(rng.uniform(size=200) < 0.5, np.nan, 1.0),
            "word": rng.choice(["a", "b", "c"], 200),
            "town": [f"town {i}" for i in rng.randint(0, 50, 200)],
            "same": 1.0,
            "none": np.nan,
        }
    )
    encoder = table_encoder(random_state=0).fit(X, rng.randint(0, 2, 200))
    encoded = encoder.transform(X)
    found = [encoded_columns(encoder.transform, X, encoded, i) for i in range(6)]
    assert all(alone for _, alone in found)
    # A number, and whether it is missing; its words; frequent towns, others and means.
    assert [len(columns) for columns, _ in found] == [1, 1, 3, 21, 0, 0]
    together = np.concatenate([columns for columns, _ in found])
    assert len(np.unique(together)) == len(together)


def test_components_depend_on_several_columns():
    X = np.random.RandomState(0).normal(size=(50, 3))
    encoder = make_pipeline(StandardScaler(), PCA(2)).fit(X)
    columns, alone = encoded_columns(encoder.transform, X, encoder.transform(X), 0)
    assert columns.tolist() == [0, 1]
    assert not alone
