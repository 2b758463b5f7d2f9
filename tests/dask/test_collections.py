"""Dask collections of all kinds give right results or clear errors, and never hang."""

import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from dask_cluster import cut
from sklearn.datasets import load_digits

from skfcnn import FullyConnectedClassifier
from skfcnn.dask import DaskFullyConnectedClassifier

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]

X, y = load_digits(return_X_y=True)
X = X / 16.0
NAMES = [f"pixel_{i}" for i in range(64)]
FRAME = pd.DataFrame(X, columns=NAMES)
# With all rows in a batch, training equals one machine, whatever the chunks.
PARAMS = {
    "hidden_layer_sizes": (16,),
    "dtype": "float64",
    "random_state": 3,
    "max_iter": 4,
    "batch_size": len(X),
}


def model(client, **params):
    return DaskFullyConnectedClassifier(client=client, **PARAMS | params)


def local(**params):
    return FullyConnectedClassifier(**PARAMS | params)


def assert_equal(model, expected):
    np.testing.assert_array_equal(model.classes_, expected.classes_)
    np.testing.assert_allclose(model.loss_curve_, expected.loss_curve_, rtol=1e-10)


def test_data_frames_pass_feature_names(client):
    frame = dd.from_pandas(FRAME.assign(label=y), npartitions=4)
    fitted = model(client).fit(frame[NAMES], frame["label"])
    assert_equal(fitted, local().fit(FRAME, y))
    assert fitted.feature_names_in_.tolist() == NAMES
    with pytest.raises(ValueError, match="feature names should match"):
        fitted.predict(frame[NAMES[::-1]]).compute()


def test_files_that_dask_reads_as_one_partition(client, tmp_path):
    """If few columns are read, Dask makes one partition of several files."""
    table = FRAME.assign(label=y, weight=np.linspace(0.5, 2.0, len(y)))
    for start in range(0, len(y), 300):
        table[start : start + 300].to_parquet(tmp_path / f"{start:04}.parquet")
    read = dd.read_parquet(str(tmp_path / "*.parquet"))
    fitted = model(client).fit(read[NAMES], read["label"], read["weight"])
    assert_equal(fitted, local().fit(FRAME, y, table["weight"]))


@pytest.mark.slow
def test_labels_and_weights_may_be_in_other_chunks_or_in_memory(client):
    weights = np.linspace(0.5, 2.0, len(X))
    expected = local().fit(X, y, weights)
    X_ = da.from_array(X, chunks=(500, 64))
    for labels in (y, pd.Series(y), da.from_array(y, chunks=333)):
        for given in (weights, da.from_array(weights, chunks=1000)):
            assert_equal(model(client).fit(X_, labels, given), expected)


def test_columns_may_be_in_several_chunks(client):
    X_, y_ = da.from_array(X, chunks=(600, 20)), da.from_array(y, chunks=600)
    fitted = model(client).fit(X_, y_)
    assert_equal(fitted, local().fit(X, y))
    assert fitted.predict_proba(X_).chunks == ((600, 600, 597), (10,))


def test_chunks_of_unknown_size_may_be_empty(client):
    X_, y_ = cut(X, y)
    keep = da.from_array(np.arange(len(X)) >= 450, chunks=300)
    fitted = model(client, batch_size=1347).fit(
        X_[keep], y_[keep]
    )  # the first chunk is empty
    assert_equal(fitted, local(batch_size=1347).fit(X[450:], y[450:]))


def test_partitions_may_lack_classes(client):
    order = np.argsort(y, kind="stable")
    for class_weight in (None, "balanced", {0: 3.0}):
        params = {"class_weight": class_weight}
        fitted = model(client, **params).fit(*cut(X[order], y[order]))
        assert_equal(fitted, local(**params).fit(X[order], y[order]))


def test_partition_of_one_class_without_weight(client):
    order = np.argsort(y, kind="stable")
    weights = np.where(y[order] == 9, 0.0, 1.0)
    for given, params in (
        ((), {"class_weight": {0: 0.0, 1: 0.0}}),
        ((weights,), {"class_weight": "balanced"}),
    ):
        arrays = (X[order], y[order], *given)
        fitted = model(client, **params).fit(*cut(*arrays, rows=100))
        assert_equal(fitted, local(**params).fit(*arrays))


def test_classes_may_be_declared(client):
    fitted = model(client).fit(*cut(X, y), classes=np.arange(12))
    np.testing.assert_array_equal(fitted.classes_, np.arange(12))
    assert fitted.to_local().predict_proba(X[:2]).shape == (2, 12)
    with pytest.raises(ValueError, match=r"`y` has classes not in"):
        model(client).fit(*cut(X, y), classes=np.arange(5))


def test_two_classes_with_string_labels(client):
    labels = np.where(y < 5, "small", "large")
    fitted = model(client).fit(*cut(X, labels))
    assert_equal(fitted, local().fit(X, labels))
    assert fitted.n_outputs_ == 1


@pytest.mark.grid(2)
@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_several_labels_per_row(client, class_weight):
    labels = np.column_stack([y % 2 == 0, y > 6, y == 3]).astype(int)
    params = {"class_weight": class_weight}
    fitted = model(client, **params).fit(*cut(X, labels))
    assert_equal(fitted, local(**params).fit(X, labels))
    predicted = fitted.predict(cut(X)[0])
    assert predicted.shape == (len(X), 3)
    np.testing.assert_array_equal(predicted.compute(), fitted.to_local().predict(X))


def test_sparse_chunks(client):
    sparse = X * (X > 0.5)
    X_ = cut(sparse)[0].map_blocks(scipy.sparse.csr_matrix)
    fitted = model(client, batch_size=200).fit(X_, cut(y)[0])
    expected = model(client, batch_size=200).fit(*cut(sparse, y))
    assert_equal(fitted, expected)
    for method in ("predict", "predict_proba"):
        found = getattr(fitted, method)(X_).compute()
        np.testing.assert_allclose(found, getattr(expected.to_local(), method)(sparse))


def test_all_weights_of_a_partition_may_be_zero(client):
    weights = np.ones(len(X))
    weights[:700] = 0.0
    fitted = model(client).fit(*cut(X, y, weights), classes=range(10))
    expected = local().fit(X, y, weights)
    assert_equal(fitted, expected)


def test_dtype_is_chosen_as_in_memory(client):
    for dtype in (np.float32, np.float64):
        X_ = X.astype(dtype)
        for batch_size in (10, len(X)):
            params = {"dtype": "auto", "batch_size": batch_size, "max_iter": 1}
            fitted = model(client, **params, hidden_layer_sizes=(300,)).fit(*cut(X_, y))
            expected = local(**params, hidden_layer_sizes=(300,)).fit(X_, y)
            assert fitted.dtype_ == expected.dtype_


def test_layers_initialized_from_the_rows(client):
    params = {
        "weight_init": "data_driven",
        "numeric_embedding": "pbld",
        "activation": "selu",
        "parametric_activation": True,
        "scaling_layer": True,
        "batch_size": 100,
        "max_iter": 8,
        "learning_rate_init": 0.01,
    }
    fitted = model(client, **params).fit(*cut(X, y))
    assert fitted.to_local().score(X, y) > 0.9


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: (X, y), TypeError, "X must be a Dask array or DataFrame; got ndarray"),
        (lambda: (cut(X)[0], y[:-1]), ValueError, "X has 1797 rows, but y has 1796"),
        (
            lambda: (cut(X)[0], cut(np.repeat(y, 2))[0]),
            ValueError,
            "X has 1797 rows, but y has 3594",
        ),
        (
            lambda: (
                dd.from_pandas(FRAME, npartitions=4),
                dd.from_pandas(pd.Series(y), npartitions=3),
            ),
            ValueError,
            "X has 4 partitions, but y has 3",
        ),
        (
            lambda: (dd.from_pandas(FRAME, npartitions=4), y),
            TypeError,
            "y must be a Dask collection",
        ),
        (
            lambda: (
                dd.from_pandas(FRAME, npartitions=4),
                dd.from_pandas(pd.Series(y), npartitions=4).loc[5:],
            ),
            ValueError,
            "Partition 0 has 450 rows of X, but 445 of y",
        ),
        (
            lambda: cut(np.where(np.arange(len(X)) == 1000, np.nan, X.T).T, y),
            ValueError,
            "Partition 3: Input X contains NaN",
        ),
        (
            lambda: cut(X, np.where(np.arange(len(y)) == 700, np.nan, y)),
            ValueError,
            "Partition 2: Input y contains NaN",
        ),
        (lambda: (cut(X[:0])[0], cut(y[:0])[0]), ValueError, "X has no rows"),
        (
            lambda: cut(X, np.array(["1", 2] * 900, object)[: len(X)]),
            TypeError,
            "Partition [0-5]: Labels must be numbers or strings, and not both",
        ),
        (
            lambda: cut(X, y + 0.5),
            ValueError,
            "Partition [0-5]: Unknown label type: continuous",
        ),
        (lambda: (cut(X)[0], None), ValueError, "y is None, but a fit needs"),
        (lambda: (cut(X)[0][:, 0], y), ValueError, "X must have two dimensions.*; got 1"),
        (lambda: (cut(X)[0], 3), ValueError, "y must have one dimension, or.*; got 0"),
        (
            lambda: (cut(X)[0], scipy.sparse.csr_matrix(np.eye(3))),
            TypeError,
            r"y must be dense; got csr_matrix. Use toarray\(\)",
        ),
        (
            lambda: cut(X, np.array([["a", "b"]] * len(X))),
            ValueError,
            "Partition [0-5]: Multioutput y",
        ),
        (
            lambda: cut(X, y, np.ones((len(X), 1))),
            ValueError,
            "sample_weight must have one dimension; got 2",
        ),
        (
            lambda: (*cut(X, y), 2.0),
            ValueError,
            "sample_weight must have one dimension; got 0",
        ),
        (
            lambda: cut(X, y, np.where(np.arange(len(y)) == 700, np.nan, 1.0)),
            ValueError,
            "Partition 2: Input sample_weight contains NaN",
        ),
        (
            lambda: cut(X, y, np.where(np.arange(len(y)) == 700, -1.0, 1.0)),
            ValueError,
            "Partition 2: Negative values in data passed to sample_weight",
        ),
        (
            lambda: cut(X, y, np.where(np.arange(len(y)) < 700, "a", "1")),
            ValueError,
            "Partition [0-5]: could not convert string to float",
        ),
    ],
)
def test_invalid_collections_are_refused(client, make, error, words):
    with pytest.raises(error, match=words):
        model(client).fit(*make())


def frames(*parts):
    """A collection of these DataFrames, with the first one's features as its meta."""
    return dd.from_map(lambda part: part, [*parts], meta=parts[0].iloc[:0])


def test_different_features_in_partitions_are_refused(client):
    labels = dd.from_map(pd.Series, [y[:500], y[500:1000]], meta=pd.Series(y[:0]))
    other_order = frames(FRAME[:500], FRAME[500:1000][NAMES[::-1]])
    with pytest.raises(ValueError, match="same features in the same order"):
        model(client).fit(other_order, labels)
    fewer = da.concatenate([cut(X)[0][:300], cut(X)[0][300:]])
    fewer = fewer.map_blocks(
        lambda block, block_info: block[:, : 64 - block_info[0]["chunk-location"][0]],
        dtype=float,
    )
    with pytest.raises(ValueError, match="Partition 0 has 64 features; partition 1: 63"):
        model(client).fit(fewer, cut(y)[0])


@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_all_zero_weights_are_refused(client, class_weight):
    with pytest.raises(ValueError, match="at least one non-zero"):
        model(client, class_weight=class_weight).fit(*cut(X, y, np.zeros(len(X))))


NUMBERS, STRINGS = np.arange(30) % 2, np.array(["a", "b"] * 15)
DATES = np.array(["2020", "2021"] * 15, "M8[s]")


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ((NUMBERS, STRINGS), "numbers in partition 0, such as 0, and strings in .*as a"),
        ((STRINGS, NUMBERS), "strings in partition 0, such as a, and numbers in .*as 0"),
        ((NUMBERS, DATES), "numbers in partition 0, such as 0, and dates in .*as 2020"),
    ],
)
def test_different_kinds_of_labels_in_partitions_are_refused(client, parts, words):
    labels = dd.from_map(pd.Series, [*parts], meta=pd.Series(parts[0][:0]))
    with pytest.raises(TypeError, match=words):
        model(client).fit(frames(FRAME[:30], FRAME[30:60]), labels)


def test_labels_of_comparable_types_are_accepted(client):
    for parts in ((NUMBERS, NUMBERS * 1.0), (NUMBERS == 1, NUMBERS)):
        labels = dd.from_map(pd.Series, [*parts], meta=pd.Series(parts[0][:0]))
        fitted = model(client, batch_size=60, max_iter=1)
        fitted.fit(frames(FRAME[:30], FRAME[30:60]), labels)
        np.testing.assert_array_equal(fitted.classes_, [0, 1])


def test_sparse_and_dense_chunks_together_are_refused(client):
    X_, y_ = cut(X, y)
    both = da.concatenate([X_[:300].map_blocks(scipy.sparse.csr_matrix), X_[300:]])
    with pytest.raises(ValueError, match="One of partitions 0 and 1 is sparse"):
        model(client).fit(both, y_)


def test_predictions_of_one_dimensional_rows_are_refused(client):
    X_, y_ = cut(X, y)
    fitted = model(client, max_iter=1).fit(X_, y_)
    for column in (X_[:, 0], dd.from_pandas(FRAME, npartitions=2)["pixel_0"]):
        with pytest.raises(ValueError, match="X must have two dimensions.*; got 1"):
            fitted.predict(column)
