"""Data frames of pandas and polars, and the names of their columns."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from quick_fit import SETTINGS, fitted
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skfcnn import FullyConnectedClassifier


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


def test_mixed_columns_with_string_labels(mixed):
    X, y = mixed
    model = make_pipeline(by_column(), FullyConnectedClassifier(**SETTINGS, alpha=1.0))
    # The largest class has 0.63 of the rows.
    assert cross_val_score(model, X, y, cv=3).mean() > 0.9
    model.fit(X, y)
    assert model[-1].n_features_in_ == 3 + 3 + 3 + 1
    assert set(model.predict(X)) == {"malignant", "benign"}
    assert list(model.classes_) == ["benign", "malignant"]


def test_pandas_output_passes_feature_names(mixed):
    X, y = mixed
    model = make_pipeline(by_column(), FullyConnectedClassifier(**SETTINGS))
    plain = model.fit(X, y).predict_proba(X)
    model.set_output(transform="pandas").fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(X), plain)
    names = list(model[-1].feature_names_in_)
    assert names == list(model[0].get_feature_names_out())
    assert "words__smoothness_small" in names


def test_polars_output_passes_feature_names(iris):
    X, y = iris
    model = make_pipeline(StandardScaler(), FullyConnectedClassifier(**SETTINGS))
    plain = model.fit(X, y).predict_proba(X)
    model.set_output(transform="polars").fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(X), plain)
    assert list(model[-1].feature_names_in_) == list(X.columns)


@pytest.mark.parametrize("dtype", ["Float64", "Float32", "float32", "object"])
def test_frame_equals_its_array(iris, dtype):
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


def test_error_of_a_text_column_quotes_the_text(mixed):
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
def test_feature_names_are_kept_and_wrong_ones_refused(iris, kind):
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
