"""Labels in every kind of column that users have."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from quick_fit import fitted
from sklearn.preprocessing import StandardScaler

from skfcnn import FullyConnectedClassifier

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
def test_predicted_labels_have_the_type_of_y(kind, iris, species):
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


@pytest.mark.grid(4)
@pytest.mark.parametrize("kind", [k for k in LABELS if LABELS[k][1] == "words"])
def test_string_labels_with_early_stopping_and_partial_fit(kind, iris, species):
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
