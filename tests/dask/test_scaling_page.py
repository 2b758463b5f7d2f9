"""The code of docs/scaling.md on clusters: the page includes it from here."""

import logging

import dask
import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from dask_cluster import cut
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skfcnn.dask import DaskFullyConnectedClassifier

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]

rng = np.random.default_rng(0)
NAMES = ["age", "income", "height", "constant"]
ROWS = rng.normal(size=(2000, 4)) * [10.0, 1e4, 0.1, 0.0] + [40.0, 5e4, 1.7, 3.0]
LABELS = ((ROWS[:, 0] > 40.0) != (ROWS[:, 1] > 5e4)).astype(int)
PARAMS = {"batch_size": 500, "max_iter": 30, "learning_rate_init": 0.01, "random_state": 0}
FRAME = pd.DataFrame(ROWS, columns=NAMES).assign(label=LABELS)


# from here: scale
def fitted_scaler(X):
    """Return a scaler by the means and deviations of all rows of a Dask collection."""
    mean, deviation = dask.compute(X.mean(axis=0), X.std(axis=0))
    return StandardScaler().fit(pd.DataFrame([mean - deviation, mean + deviation]))


def scale(rows, scaler):
    """Scale a Dask array, or a partition of a Dask DataFrame."""
    return (rows - scaler.mean_) / scaler.scale_


# to here: scale


@pytest.fixture(autouse=True)
def log():
    """Check that Dask logs no warnings and no errors."""
    said = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: said.append(record.getMessage())
    logging.getLogger("distributed").addHandler(handler)
    yield said
    logging.getLogger("distributed").removeHandler(handler)
    assert not said


@pytest.fixture
def path(tmp_path):
    """Several small files; Dask reads many at a time if one column is needed."""
    for i in range(5):
        FRAME[i * 300 : (i + 1) * 300].to_parquet(tmp_path / f"{i}.parquet")
    return str(tmp_path / "*.parquet")


def assert_right(local, rows, scaled, predicted):
    """New rows are scaled by the means of the training rows."""
    np.testing.assert_allclose(scaled.mean(axis=0), [0, 0, 0, 0], atol=1e-8)
    np.testing.assert_allclose(scaled.std(axis=0), [1, 1, 1, 0], rtol=1e-3)
    assert local.score(rows[1500:], LABELS[1500:]) > 0.9
    np.testing.assert_allclose(predicted, local.predict_proba(rows[1500:1510]), rtol=1e-6)


def test_code_for_a_data_frame(client, path):
    new_table = dd.from_pandas(FRAME[1500:1510], npartitions=2)
    # from here: frame
    table = dd.read_parquet(path)
    X, y = table.drop(columns="label"), table["label"]
    scaler = fitted_scaler(X)
    X = X.map_partitions(scale, scaler)

    model = DaskFullyConnectedClassifier(
        batch_size=500, learning_rate_init=0.01, max_iter=30, random_state=0
    )
    model.fit(X, y, X_val=X.partitions[:1], y_val=y.partitions[:1])
    print(model.score(X, y))

    X_new = new_table.drop(columns="label").map_partitions(scale, scaler)
    probabilities = model.predict_proba(X_new)  # lazy: computed where the rows are
    # For rows in memory, as they are; the scaler keeps the names of the columns.
    local = make_pipeline(scaler, model.to_local()).set_output(transform="pandas")
    # to here: frame
    assert_right(local, FRAME[NAMES], X.compute(), probabilities.compute())
    assert model.predict(X).compute().shape == (1500,)


def test_code_for_an_array(client):
    X, X_new = cut(ROWS[:1500], ROWS[1500:1510])
    y = da.from_array(LABELS[:1500], chunks=300)
    # from here: array
    scaler = fitted_scaler(X)
    X = scale(X, scaler)
    # to here: array
    model = DaskFullyConnectedClassifier(**PARAMS)
    model.fit(X, y, X_val=X[:300], y_val=y[:300])
    assert model.score(X, y) > 0.9
    predicted = model.predict_proba(scale(X_new, scaler)).compute()
    local = make_pipeline(scaler, model.to_local())
    assert_right(local, ROWS, X.compute(), predicted)


def test_labels_computed_from_the_scaled_rows(client):
    """If Dask computes X and y together, other tasks get the same keys."""
    X = da.random.default_rng(0).normal(size=(1000, 4), chunks=(250, 4))
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    y = (X[:, 0] > 0).astype(int)
    model = DaskFullyConnectedClassifier(batch_size=500, max_iter=2, random_state=0)
    for _ in range(2):
        model.fit(X, y, X_val=X, y_val=y)
        predicted = model.predict(X).compute()
        assert model.score(X, y) == (predicted == y.compute()).mean()
