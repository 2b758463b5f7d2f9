"""table_encoder: the encoding of each kind of column, and its memory."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse
from large_table import peaks_of
from sklearn import config_context
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from skfcnn import FullyConnectedClassifier
from skfcnn.preprocessing import RobustSmoothScaler
from skfcnn.tabular.encoder import KnownCategories, TargetMeans, table_encoder

pytestmark = pytest.mark.filterwarnings("ignore:Check how these columns were read")

NAN = np.nan
N = 300


@pytest.fixture(scope="module")
def table():
    """Return a table with every kind of column, each with missing values."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "few": rng.choice(["x", "y", "z"], N),
            "number": rng.standard_cauchy(N),
            "many": rng.choice([f"word {i}" for i in range(50)], N),
            "nullable": pd.array(rng.integers(0, 9, N), dtype="Int64"),
            "flag": pd.array(rng.random(N) < 0.3, dtype="boolean"),
            "date": pd.date_range("2020-01-01", periods=N, freq="7h"),
            "category": pd.Categorical.from_codes(rng.integers(0, 3, N), [1, 2, 3]),
            "unique": [f"row {i}" for i in range(N)],
        }
    )
    frame = frame.mask(rng.random(frame.shape) < 0.05)
    return frame.assign(constant=1.0, all_missing=NAN)


@pytest.fixture(scope="module")
def labels():
    return np.random.default_rng(1).integers(0, 3, N)


def columns(encoder, prefix, values):
    """Return the output columns whose names begin with a prefix."""
    names = encoder.get_feature_names_out()
    assert values.shape[1] == len(names)
    return values[:, [name.startswith(prefix) for name in names]]


def test_the_output_is_a_dense_matrix_of_float32(table, labels):
    encoder = table_encoder(random_state=0)
    for out in (encoder.fit_transform(table, labels), encoder.transform(table)):
        assert type(out) is np.ndarray
        assert out.dtype == np.float32 and out.flags.c_contiguous
        assert np.isfinite(out).all() and np.abs(out).max() < 3.0
    names = list(encoder.get_feature_names_out())
    assert len(names) == len(set(names)) == out.shape[1]
    numbers = ["number", "nullable", "flag", "date"]
    parts = ("month", "day_of_week", "hour")
    numbers += [f"date_{part}_{end}" for part in parts for end in ("sin", "cos")]
    numbers += ["constant"]
    wanted = [f"numbers__{name}" for name in numbers]
    wanted += [f"numbers__missingindicator_{name}" for name in numbers[:-1]]
    wanted += ["few__few_x", "few__few_y", "few__few_z"]
    wanted += ["few__category_1", "few__category_2", "few__category_3"]
    assert names[: len(wanted)] == wanted
    means = [f"means__{name}_{k}" for name in ("many", "unique") for k in range(3)]
    assert names[-6:] == means
    assert len(names) == len(wanted) + 20 + 20 + 6


def test_numbers_are_scaled_and_missing_is_the_median(table, labels):
    encoder = table_encoder(random_state=0).fit(table, labels)
    out = encoder.transform(table)
    number = columns(encoder, "numbers__number", out)[:, 0]
    wanted = RobustSmoothScaler().fit_transform(table[["number"]])[:, 0]
    is_missing = table["number"].isna()
    np.testing.assert_array_equal(number, np.where(is_missing, 0.0, wanted.astype("f4")))
    # Half of the values are below 0, and half above.
    assert np.median(number[~is_missing]) == pytest.approx(0.0, abs=1e-7)
    indicator = columns(encoder, "numbers__missingindicator_number", out)[:, 0]
    np.testing.assert_array_equal(indicator, is_missing)
    assert not columns(encoder, "numbers__constant", out).any()


def test_numbers_missing_only_later_are_the_median():
    encoder = table_encoder().fit(pd.DataFrame({"a": [1.0, 2.0, 3.0]}))
    later = pd.DataFrame({"a": [None, 2.0]})
    np.testing.assert_array_equal(encoder.transform(later), [[0.0], [0.0]])


def test_large_numbers_and_dates_keep_their_digits():
    start = pd.Timestamp("2026-01-01")
    frame = pd.DataFrame(
        {
            "seconds": 1.7e9 + np.arange(5.0),
            "date": start + pd.to_timedelta(np.arange(5), unit="s"),
            "huge": 1e300 * np.arange(5),
        }
    )
    out = table_encoder().fit_transform(frame)
    for j in range(3):
        # Days with seconds have 11 digits before them, of 16.
        np.testing.assert_allclose(out[:, j], out[:, 0], atol=1e-5)
    assert (np.diff(out[:, 0]) > 0.3).all()


def test_few_categories_are_one_hot_and_missing_is_all_zeros(table, labels):
    encoder = table_encoder(random_state=0).fit(table, labels)
    few = columns(encoder, "few__few", encoder.transform(table))
    wanted = np.column_stack([table["few"] == word for word in ("x", "y", "z")])
    np.testing.assert_array_equal(few, wanted)
    assert not few[table["few"].isna()].any()


def test_two_categories_and_unknown_ones():
    encoder = table_encoder().fit(pd.DataFrame({"a": ["x", "y", None]}))
    later = pd.DataFrame({"a": ["y", "unknown", None, "x"]})
    wanted = [[0, 1], [0, 0], [0, 0], [1, 0]]
    with pytest.warns(UserWarning, match="'a': 1 row, such as 'unknown'"):
        np.testing.assert_array_equal(encoder.transform(later), wanted)


@pytest.mark.parametrize(("max_one_hot", "kinds"), [(3, {"few"}), (2, {"many", "means"})])
def test_max_one_hot_is_the_limit_of_few(max_one_hot, kinds):
    X, y = pd.DataFrame({"a": ["x", "y", "z", "x"] * 5}), [0, 1] * 10
    encoder = table_encoder(max_one_hot=max_one_hot, random_state=0)
    out = encoder.fit_transform(X, y)
    assert out.shape == (20, 3)
    names = encoder.get_feature_names_out()
    assert {name.split("__")[0] for name in names} == kinds


def test_many_categories_unknown_and_missing(table, labels):
    encoder = table_encoder(random_state=0).fit(table, labels)
    later = table.head(3).copy()
    later["many"] = ["unknown", "another", None]
    out = encoder.transform(later)
    one_hot = columns(encoder, "many__many", out)
    assert one_hot.shape == (3, 20)
    np.testing.assert_array_equal(one_hot.sum(axis=1), [1, 1, 1])
    infrequent = columns(encoder, "many__many_infrequent_sklearn", out)
    np.testing.assert_array_equal(infrequent[:2], [[1], [1]])
    means = columns(encoder, "means__many", out)
    np.testing.assert_array_equal(means[0], means[1])
    assert (means[2] != means[0]).all()  # missing is a category: 5 in 100 of the rows


def test_training_rows_are_encoded_out_of_fold():
    """Otherwise a category with one row would reveal its label."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"id": [f"row {i}" for i in range(2000)]})
    y = rng.integers(0, 2, 2000)
    encoder = table_encoder(random_state=0)
    means = columns(encoder, "means", encoder.fit_transform(X, y))[:, 0]
    assert abs(np.corrcoef(means, y)[0, 1]) < 0.1
    repeated = columns(encoder, "means", encoder.transform(X))[:, 0]
    assert np.corrcoef(repeated, y)[0, 1] > 0.9


def test_target_means_help_if_categories_are_informative():
    rng = np.random.default_rng(0)
    city = rng.integers(0, 400, 4000)
    share = rng.random(400)
    y = (rng.random(4000) < share[city]).astype(int)
    X = pd.DataFrame({"city": [f"city {i}" for i in city]})
    model = make_pipeline(table_encoder(random_state=0), LogisticRegression())
    # Who knows the share of each city is right in 0.75 of the cases, who guesses, in 0.5.
    assert cross_val_score(model, X, y, cv=3).mean() > 0.65


LABELS = {
    "two classes": lambda y: y > 0,
    "three classes": lambda y: y,
    "words": lambda y: np.array(["u", "v", "w"])[y],
    "objects": lambda y: np.array(["u", "v", "w"], dtype=object)[y],
    "series": lambda y: pd.Series(y, index=range(N, 0, -1)),
    "nullable": lambda y: pd.Series(y).astype("Int64"),
    "category": lambda y: pd.Series(y).astype("category"),
    "polars": lambda y: pl.Series(y.tolist()),
    "list": lambda y: y.tolist(),
    "column": lambda y: y[:, None],
    "one class": lambda y: 0 * y,
    "a class of one row": lambda y: np.where(np.arange(N) == 7, 9, y),
    "classes of two rows": lambda y: np.arange(N) // 2,
    "several labels": lambda y: np.column_stack([y > 0, y > 1]).astype(int),
    "sparse labels": lambda y: scipy.sparse.csr_array(
        np.column_stack([y > 0, y > 1]).astype(int)
    ),
}


@pytest.mark.grid(4)
@pytest.mark.parametrize("case", LABELS)
def test_labels_of_all_forms(case, table, labels):
    y = LABELS[case](labels)
    encoder = table_encoder(random_state=0)
    out = encoder.fit_transform(table[["many"]], y)
    assert np.isfinite(out).all()
    names = encoder.get_feature_names_out()
    assert out.shape == (N, len(names))
    means = [name.removeprefix("means__") for name in names if name.startswith("means")]
    ends = {
        "two classes": ["many"],
        "one class": ["many"],
        "words": ["many_u", "many_v", "many_w"],
        "objects": ["many_u", "many_v", "many_w"],
        "a class of one row": ["many_0", "many_1", "many_2", "many_9"],
        "classes of two rows": [f"many_{k}" for k in range(N // 2)],
        "several labels": ["many_label0", "many_label1"],
        "sparse labels": ["many_label0", "many_label1"],
    }
    assert means == ends.get(case, ["many_0", "many_1", "many_2"])


def test_each_label_is_encoded_separately(table, labels):
    y = np.column_stack([labels > 0, labels > 1]).astype(int)
    both = TargetMeans(random_state=0).fit_transform(table[["few", "many"]], y)
    for j in range(2):
        one = TargetMeans(random_state=0).fit_transform(table[["few", "many"]], y[:, j])
        np.testing.assert_array_equal(both[:, 2 * j : 2 * j + 2], one)


def test_y_is_needed_for_many_categories_only(table):
    few = table.drop(columns=["many", "unique"])
    assert table_encoder().fit_transform(few).shape[0] == N
    with pytest.raises(
        ValueError, match="The column 'many' has too many categories .*Pass y"
    ):
        table_encoder().fit(table)


def test_labels_that_are_not_classes_are_refused(table):
    with pytest.raises(
        ValueError, match="Each of the 300 rows has a different label, .*Pas"
    ):
        table_encoder().fit(table, np.linspace(0.0, 1.0, N))


def test_metadata_routing_does_not_matter(table, labels):
    wanted = table_encoder(random_state=0).fit_transform(table, labels)
    with config_context(enable_metadata_routing=True):
        out = table_encoder(random_state=0).fit_transform(table, labels)
    np.testing.assert_array_equal(out, wanted)


def test_it_is_reproducible_and_the_seed_matters(table, labels):
    first, second = (
        table_encoder(random_state=0).fit_transform(table, labels) for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)
    assert (table_encoder(random_state=1).fit_transform(table, labels) != first).any()


def test_clone_and_pickle(table, labels):
    encoder = table_encoder(random_state=0)
    unfitted = pickle.loads(pickle.dumps(clone(encoder)))
    out = encoder.fit_transform(table, labels)
    np.testing.assert_array_equal(unfitted.fit_transform(table, labels), out)
    again = pickle.loads(pickle.dumps(encoder))
    np.testing.assert_array_equal(again.transform(table), encoder.transform(table))
    np.testing.assert_array_equal(clone(encoder).fit_transform(table, labels), out)


def test_not_fitted(table):
    for step in (KnownCategories(), TargetMeans()):
        with pytest.raises(NotFittedError):
            step.transform(table)
        with pytest.raises(NotFittedError):
            step.get_feature_names_out()
    means = TargetMeans(random_state=0).fit(table[["few"]], np.arange(N) % 2)
    assert means.transform(table[["few"]]).shape == (N, 1)


@pytest.mark.parametrize("output", ["pandas", "polars"])
def test_output_does_not_depend_on_the_global_transform_output(output, table, labels):
    wanted = table_encoder(random_state=0).fit_transform(table, labels)
    with config_context(transform_output=output):
        encoder = table_encoder(random_state=0)
        out = encoder.fit_transform(table, labels)
        assert type(out) is type(encoder.transform(table)) is np.ndarray
    np.testing.assert_array_equal(out, wanted)


def test_polars_and_pandas_give_the_same_output(table, labels):
    frame = table.drop(columns=["all_missing"]).astype({"category": object})
    frame["category"] = [
        NAN if value is NAN else f"kind {value}" for value in frame["category"]
    ]
    of_pandas = table_encoder(random_state=0)
    wanted = of_pandas.fit_transform(frame, labels)
    polars = pl.DataFrame(
        {
            name: [None if pd.isna(value) else value for value in frame[name].tolist()]
            for name in frame
        }
    )
    of_polars = table_encoder(random_state=0)
    np.testing.assert_array_equal(of_polars.fit_transform(polars, labels), wanted)
    assert list(of_polars.get_feature_names_out()) == list(
        of_pandas.get_feature_names_out()
    )
    np.testing.assert_array_equal(
        of_polars.transform(frame.iloc[::-1]), of_pandas.transform(frame)[::-1]
    )


def test_arrays():
    X, y = load_iris(return_X_y=True)
    encoder = table_encoder()
    np.testing.assert_array_equal(
        encoder.fit_transform(X, y), RobustSmoothScaler().fit_transform(X).astype("f4")
    )
    assert list(encoder.get_feature_names_out()) == [f"numbers__x{i}" for i in range(4)]
    mixed = np.array([[1, "x"], [None, "y"]], dtype=object)
    np.testing.assert_array_equal(
        encoder.fit_transform(mixed), [[0, 0, 1, 0], [0, 1, 0, 1]]
    )


@pytest.mark.parametrize("kind", ["numbers", "few", "many"])
def test_one_kind_of_columns_alone(kind, table, labels):
    X = table[[{"numbers": "number"}.get(kind, kind)]]
    out = table_encoder(random_state=0).fit_transform(X, labels)
    assert out.dtype == np.float32 and out.shape == (
        N,
        {"numbers": 2, "few": 3}.get(kind, 23),
    )


def test_one_row_and_constant_columns():
    X = pd.DataFrame({"a": [1.5], "b": ["x"], "c": [None], "d": [True]})
    np.testing.assert_array_equal(table_encoder().fit_transform(X, [0]), [[0, 0, 1]])


def test_thousands_of_categories(labels):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.choice([f"word {i}" for i in range(5000)], 10_000)})
    X["b"] = [f"row {i}" for i in range(10_000)]
    out = table_encoder(random_state=0).fit_transform(X, rng.integers(0, 2, 10_000))
    assert out.shape == (10_000, 42)


def test_a_network_learns_from_it():
    """Breast cancer data, with two numbers as words, and with missing values."""
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    rng = np.random.default_rng(0)
    X["mean area"] = pd.qcut(X["mean area"], 4, labels=["XS", "S", "M", "L"])
    X["mean radius"] = X["mean radius"].round().astype(int).astype("category")
    X = X.mask(rng.random(X.shape) < 0.1)
    model = make_pipeline(
        table_encoder(random_state=0, max_one_hot=8),
        FullyConnectedClassifier((5,), solver="lbfgs", alpha=1.0, tol=1e-2, random_state=0),
    )
    # The larger class has 0.63 of the rows.
    assert cross_val_score(model, X, y, cv=3).mean() > 0.93


@pytest.mark.slow
def test_memory_of_a_large_table():
    before, peak = peaks_of(
        "from skfcnn.tabular.encoder import table_encoder\n"
        "encoder = table_encoder(random_state=0)\n"
        "encoder.fit_transform(table, y)\n"
        "encoder.transform(table)\n"
    )
    # The table has 0.16 GB, what comes of it 0.23: the whole process stays below this.
    assert peak < 1.2
    # Besides the table: its columns of numbers once more in float64, the output twice.
    assert peak - before < 0.7
