"""Data frames, label columns and array layouts as users have them, on real data."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skfcnn import FullyConnectedClassifier

# L-BFGS takes no shuffle and no batches: what the data are is all that can differ.
SETTINGS = {"hidden_layer_sizes": (5,), "solver": "lbfgs", "tol": 1e-2, "random_state": 0}


def fitted(X, y, **params):
    return FullyConnectedClassifier(**(SETTINGS | params)).fit(X, y)


@pytest.fixture(scope="module")
def iris():
    """Measurements of 150 flowers as a data frame, and their species as numbers."""
    return load_iris(return_X_y=True, as_frame=True)


@pytest.fixture(scope="module")
def species(iris):
    return load_iris().target_names[iris[1]]


@pytest.fixture(scope="module")
def mixed():
    """Breast cancer as a table with every kind of column, made of its own numbers."""
    bunch = load_breast_cancer(as_frame=True)
    data = bunch.data
    sizes = ["small", "medium", "large"]
    X = pd.DataFrame(
        {
            "radius": data["mean radius"],
            "texture": data["mean texture"],
            "smoothness": pd.cut(data["mean smoothness"], 3, labels=sizes),
            "symmetry": pd.qcut(data["mean symmetry"], 3, labels=sizes).astype("string"),
            "area": data["worst area"].round().astype("Int64"),
            "concave": (data["worst concavity"] > 0.23).astype("boolean"),
        }
    )
    return X, bunch.target_names[bunch.target]


def by_column():
    numbers = make_column_selector(dtype_include=["number"])
    words = make_column_selector(dtype_include=["category", "string"])
    return ColumnTransformer(
        [
            ("numbers", StandardScaler(), numbers),
            ("words", OneHotEncoder(sparse_output=False), words),
            ("yes or no", "passthrough", ["concave"]),
        ]
    )


def test_a_table_of_mixed_columns_with_labels_of_words(mixed):
    X, y = mixed
    model = make_pipeline(by_column(), FullyConnectedClassifier(**SETTINGS, alpha=1.0))
    # The largest class has 0.63 of the rows.
    assert cross_val_score(model, X, y, cv=3).mean() > 0.9
    model.fit(X, y)
    assert model[-1].n_features_in_ == 3 + 3 + 3 + 1
    assert set(model.predict(X)) == {"malignant", "benign"}
    assert list(model.classes_) == ["benign", "malignant"]


def test_set_output_gives_the_classifier_the_names(mixed):
    X, y = mixed
    model = make_pipeline(by_column(), FullyConnectedClassifier(**SETTINGS))
    plain = model.fit(X, y).predict_proba(X)
    model.set_output(transform="pandas").fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(X), plain)
    names = list(model[-1].feature_names_in_)
    assert names == list(model[0].get_feature_names_out())
    assert "words__smoothness_small" in names


def test_so_does_set_output_of_polars(iris):
    X, y = iris
    model = make_pipeline(StandardScaler(), FullyConnectedClassifier(**SETTINGS))
    plain = model.fit(X, y).predict_proba(X)
    model.set_output(transform="polars").fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(X), plain)
    assert list(model[-1].feature_names_in_) == list(X.columns)


@pytest.mark.parametrize("dtype", ["Float64", "Float32", "float32", "object"])
def test_a_frame_is_the_array_in_it(iris, dtype):
    X, y = iris
    model = fitted(X.astype(dtype), y, dtype="float64")
    array = X.astype(dtype).to_numpy(dtype="float32" if "32" in dtype else "float64")
    of_array = fitted(array, y, dtype="float64")
    if dtype == "Float32":  # which scikit-learn reads as float64
        array = array.astype("float64")
    np.testing.assert_array_equal(
        model.predict_proba(X.astype(dtype)), of_array.predict_proba(array)
    )
    assert list(model.feature_names_in_) == list(X.columns)


def test_nullable_columns_without_missing_values(iris):
    X, y = iris
    nullable = pd.DataFrame(
        {
            "tenths": (10 * X.iloc[:, 0]).round().astype("Int64"),
            "width": X.iloc[:, 1].astype("Float64"),
            "long": (X.iloc[:, 2] > 3).astype("boolean"),
            "grade": pd.cut(X.iloc[:, 3], [0, 1, 2, 3], labels=[1, 2, 3]),
        }
    )
    model = fitted(nullable, y)
    array = nullable.astype("float64").to_numpy()
    np.testing.assert_array_equal(
        model.predict_proba(nullable), fitted(array, y).predict_proba(array)
    )
    # Rounded measurements, not scaled; a third of the rows are of each class.
    assert model.score(nullable, y) > 0.8
    nullable.loc[7, "tenths"] = pd.NA
    with pytest.raises(ValueError, match="Input X contains NaN"):
        model.predict(nullable)


def test_a_column_of_words_says_which_word(mixed):
    X, y = mixed
    with pytest.raises(
        ValueError, match="could not convert string to float: '(small|medi)"
    ):
        FullyConnectedClassifier().fit(X[["radius", "smoothness"]], y)


def test_polars_frames_give_the_same_numbers(iris, species):
    X, y = iris
    frame = pl.DataFrame({name: X[name].to_numpy() for name in X.columns})
    model = fitted(frame, pl.Series(species.tolist()))
    wanted = fitted(X.to_numpy(), species)
    np.testing.assert_array_equal(
        model.predict_proba(frame), wanted.predict_proba(X.to_numpy())
    )
    assert list(model.classes_) == list(wanted.classes_)
    assert model.score(frame, pl.Series(species.tolist())) == wanted.score(
        X.to_numpy(), species
    )


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_names_are_kept_and_wrong_names_refused(iris, kind):
    X, y = iris
    if kind == "polars":
        X = pl.DataFrame({name: X[name].to_numpy() for name in X.columns})
    model = fitted(X, y)
    before = model.predict_proba(X)
    assert list(model.feature_names_in_) == list(X.columns)
    with pytest.raises(ValueError, match="(?s)feature names should match.*order"):
        model.predict(X[list(X.columns)[::-1]])
    with pytest.raises(ValueError, match="(?s)feature names should match.*unseen.*- other"):
        new = {"petal width (cm)": "other"}
        model.predict(X.rename(columns=new) if kind == "pandas" else X.rename(new))
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        np.testing.assert_array_equal(model.predict_proba(X.to_numpy()), before)


# Labels: what y may be, and the classes it gives. scikit-learn reads nullable columns of
# numbers and booleans as float64.
LABELS = {
    "category of numbers": (lambda y, s: pd.Series(y).astype("category"), [0, 1, 2]),
    "category of words": (lambda y, s: pd.Series(s).astype("category"), "words"),
    "string": (lambda y, s: pd.Series(s, dtype="string"), "words"),
    "object": (lambda y, s: pd.Series(s, dtype=object), "words"),
    "list of words": (lambda y, s: s.tolist(), "words"),
    "Int64": (lambda y, s: pd.Series(y).astype("Int64"), [0.0, 1.0, 2.0]),
    "boolean": (lambda y, s: pd.Series(y > 0).astype("boolean"), [0.0, 1.0]),
    "bool": (lambda y, s: pd.Series(y > 0), [False, True]),
    "unsigned": (lambda y, s: np.asarray(y, "uint8"), [0, 1, 2]),
    "with an odd index": (lambda y, s: pd.Series(y, index=range(150, 0, -1)), [0, 1, 2]),
    "not from zero": (lambda y, s: 10 - 5 * y, [0, 5, 10]),
    "polars words": (lambda y, s: pl.Series(s.tolist()), "words"),
    "polars category": (lambda y, s: pl.Series(s.tolist(), dtype=pl.Categorical), "words"),
    "polars booleans": (lambda y, s: pl.Series((y > 0).tolist()), [False, True]),
}


@pytest.mark.parametrize("kind", LABELS)
def test_labels_come_back_as_they_went_in(kind, iris, species):
    X, numbers = iris[0].to_numpy(), iris[1].to_numpy()
    make, classes = LABELS[kind]
    y = make(numbers, species)
    if classes == "words":
        classes = ["setosa", "versicolor", "virginica"]
    model = fitted(X, y)
    assert model.classes_.tolist() == classes
    predicted = model.predict(X)
    assert predicted.dtype == model.classes_.dtype
    assert (predicted == np.asarray(y)).mean() > 0.9
    assert model.score(X, y) == (predicted == np.asarray(y)).mean()


@pytest.mark.parametrize("kind", [k for k in LABELS if LABELS[k][1] == "words"])
def test_words_are_held_out_and_learned_in_parts(kind, iris, species):
    X, y = StandardScaler().fit_transform(iris[0]), LABELS[kind][0](iris[1], species)
    early = FullyConnectedClassifier(
        early_stopping=True,
        learning_rate_init=0.05,
        validation_fraction=0.2,
        random_state=0,
    )
    early.fit(X, y)
    assert early.score(X, y) > 0.9
    part = FullyConnectedClassifier(learning_rate_init=0.05, random_state=0)
    for _ in range(40):
        part.partial_fit(X, y, classes=["versicolor", "setosa", "virginica"])
    assert part.score(X, y) > 0.9


@pytest.mark.parametrize("kind", ["csr_matrix", "csr_array", "csc_matrix", "csc_array"])
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_sparse_is_dense(kind, solver):
    X, y = load_wine(return_X_y=True)
    X = np.where(np.abs(StandardScaler().fit_transform(X)) > 0.5, X, 0.0) / 100.0
    sparse = getattr(scipy.sparse, kind)(X)
    params = {"solver": solver, "max_iter": 20, "batch_size": 50, "early_stopping": True}
    dense_model, sparse_model = fitted(X, y, **params), fitted(sparse, y, **params)
    # Sums of up to 13 products, added up in another order over 20 iterations.
    for a, b in zip(dense_model.coefs_, sparse_model.coefs_, strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(
        dense_model.predict_proba(sparse), dense_model.predict_proba(X), rtol=1e-11
    )
    np.testing.assert_array_equal(dense_model.predict(sparse), dense_model.predict(X))


def layouts(X):
    """The same numbers, laid out in memory in other ways."""
    wide = np.zeros((2 * X.shape[0], 3 * X.shape[1]), X.dtype)
    wide[::2, ::3] = X
    read_only = X.copy()
    read_only.flags.writeable = False
    swapped = X.astype(X.dtype.newbyteorder())
    return {
        "Fortran": np.asfortranarray(X),
        "strided": wide[::2, ::3],
        "backwards": X[::-1, ::-1].copy()[::-1, ::-1],
        "read-only": read_only,
        "other byte order": swapped,
        "lists": X.tolist(),
    }


# Adam gathers each batch into one layout. L-BFGS works on X as it is, where products are
# added up in another order, and every line search multiplies the difference.
@pytest.mark.parametrize(("solver", "atol"), [("adam", 1e-12), ("lbfgs", 1e-8)])
@pytest.mark.parametrize("layout", layouts(np.zeros((1, 1))))
def test_layout_in_memory_does_not_matter(layout, solver, atol):
    X, y = load_iris(return_X_y=True)
    other = layouts(X)[layout]
    params = {"solver": solver, "max_iter": 20, "batch_size": 40, "tol": 0.0}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=UserWarning)  # 20 epochs do not converge
        model, same = fitted(X, y, **params), fitted(other, y, **params)
    wanted = model.predict_proba(X)
    np.testing.assert_allclose(model.predict_proba(other), wanted, rtol=0, atol=1e-12)
    np.testing.assert_allclose(same.predict_proba(X), wanted, rtol=0, atol=atol)
    np.testing.assert_array_equal(layouts(X)[layout], other)  # nothing is written to


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("form", [scipy.sparse.csr_array, scipy.sparse.csc_array])
def test_a_read_only_sparse_matrix_is_read_and_not_written(form):
    X, y = load_iris(return_X_y=True)
    sparse = form(X)
    for array in (sparse.data, sparse.indices, sparse.indptr):
        array.flags.writeable = False
    for solver in ("adam", "lbfgs"):
        model = fitted(sparse, y, solver=solver)
        assert model.predict_proba(sparse).shape == (150, 3)
    np.testing.assert_array_equal(sparse.toarray(), X)


def test_a_memory_map_is_read_and_not_written(tmp_path):
    X, y = load_iris(return_X_y=True)
    np.save(tmp_path / "X.npy", X)
    before = (tmp_path / "X.npy").read_bytes()
    for mode in ("r", "r+", "c"):
        mapped = np.load(tmp_path / "X.npy", mmap_mode=mode)
        model = fitted(mapped, y)
        np.testing.assert_array_equal(
            model.predict_proba(mapped), fitted(X, y).predict_proba(X)
        )
        del mapped
        assert (tmp_path / "X.npy").read_bytes() == before


def test_float32_comes_out_where_float32_goes_in(iris):
    X, y = iris[0].to_numpy(), iris[1]
    small, rows = fitted(X.astype("float32"), y), X.astype("float32")
    for result in (small.predict_proba(rows), small.predict_log_proba(rows), *small.coefs_):
        assert result.dtype == small.dtype_ == np.float32
    # Seven digits in, so about five out, after 4 + 5 products each.
    np.testing.assert_allclose(
        small.predict_proba(X.astype("float32")), small.predict_proba(X), atol=1e-5
    )


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    ("X_dtype", "hidden", "dtype", "solver", "wanted"),
    [
        ("float64", 5, "auto", "adam", "float64"),
        ("int64", 5, "auto", "adam", "float64"),
        ("bool", 5, "auto", "lbfgs", "float64"),
        ("float32", 5, "auto", "adam", "float32"),
        ("float64", 500, "auto", "adam", "float32"),  # 200 rows of 16 * 500 weights
        ("float64", 500, "auto", "lbfgs", "float32"),
        ("float64", 100, "auto", "adam", "float32"),  # 200 * 1600 products > 2^18
        ("float64", 80, "auto", "adam", "float64"),  # 178 rows in a batch: 227,840
        ("float64", 500, "float64", "adam", "float64"),
        ("float32", 5, "float64", "adam", "float64"),
        ("float64", 5, "float32", "lbfgs", "float32"),
    ],
)
def test_dtype_auto_is_float64_for_small_problems(X_dtype, hidden, dtype, solver, wanted):
    X, y = load_wine(return_X_y=True)
    X = (X > np.median(X, axis=0)).astype(X_dtype)
    params = {"solver": solver, "max_iter": 2, "hidden_layer_sizes": (hidden,)}
    model = fitted(X, y, dtype=dtype, **params)
    assert model.dtype_ == np.dtype(wanted)
    assert {array.dtype for array in (*model.coefs_, *model.intercepts_)} == {model.dtype_}
    of_answers = np.float32 if X_dtype == "float32" else np.float64
    assert model.predict_proba(X).dtype == of_answers
    assert isinstance(model.loss_, float)
