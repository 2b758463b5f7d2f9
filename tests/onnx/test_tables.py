"""The encoder of tables in ONNX: the same numbers, or an error."""

from copy import copy

import numpy as np
import pandas as pd
import pytest
from onnx_session import ATOL, assert_same, opened, run, session, transformed
from skl2onnx.common.data_types import (
    DoubleTensorType,
    FloatTensorType,
    Int64TensorType,
    StringTensorType,
)
from sklearn.datasets import load_iris
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skfcnn import FullyConnectedClassifier, TabularClassifier, TabularRegressor
from skfcnn.onnx import initial_types, to_onnx
from skfcnn.preprocessing import RobustSmoothScaler
from skfcnn.tabular.encoder import table_encoder
from skfcnn.tabular.reader import TableReader

# The networks are to be converted, not to be good: a few epochs are enough.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Categories that were not in training"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    # Of the columns with many categories that have missing values.
    pytest.mark.filterwarnings("ignore:The converted model treats a text"),
    pytest.mark.filterwarnings("ignore:Check how these columns were read"),
]

NAN = np.nan
X, Y = load_iris(return_X_y=True)
X = StandardScaler().fit_transform(X)
X32 = X.astype(np.float32)


# ----- the encoder of tables


def a_table(n=150, seed=0):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "few": rng.choice(["x", "y", "ü"], n),
            "label": rng.standard_cauchy(n),  # the name of an output
            "many": rng.choice([f"word {i}" for i in range(40)], n),
            "whole number": rng.integers(0, 9, n),
            "flag": rng.random(n) < 0.3,
            "mostly zero": np.where(rng.random(n) < 0.7, 0.0, rng.exponential(size=n)),
            "unique": [f"row {i}" for i in range(n)],
        }
    )
    table = table.astype({name: object for name in ("few", "many", "unique")})
    holes = rng.random(table.shape) < 0.1
    holes[:, [3, 4]] = False
    return table.mask(holes).assign(constant=1.0, nothing=NAN)


def targets(n, kind):
    rng = np.random.default_rng(1)
    return {
        "2 classes": np.array(["no", "yes"])[rng.integers(0, 2, n)],
        "3 classes": rng.integers(0, 3, n),
        "labels": rng.integers(0, 2, (n, 2)),
    }[kind]


def as_told(table):
    """Return a table with the types of initial_types."""
    texts = [name for name in table if table[name].dtype == object]
    return table.astype({name: float for name in table if name not in texts})


@pytest.mark.parametrize("kind", ["2 classes", "3 classes", "labels"])
def test_the_encoding_of_a_table_is_the_same_to_the_last_bit(kind):
    table, new = a_table(), as_told(a_table(seed=3))
    new.loc[:5, "few"] = "never seen"
    encoder = table_encoder(random_state=0).fit(table, targets(len(table), kind))
    got = transformed(encoder, new, initial_types=initial_types(encoder[0]))
    assert got.dtype == np.float32
    np.testing.assert_array_equal(got, encoder.transform(new))


def a_tabular_model(table, y):
    params = {"max_iter": 4, "hidden_layer_sizes": (8,)}
    return TabularClassifier("fast", random_state=0, network_params=params).fit(table, y)


def test_a_whole_pipeline_for_tables():
    table, new = a_table(), as_told(a_table(seed=3))
    model = a_tabular_model(table, targets(len(table), "2 classes"))
    label, p = run(opened(to_onnx(model, options={"zipmap": False})), new)
    np.testing.assert_allclose(p, model.predict_proba(new), rtol=0, atol=ATOL)
    np.testing.assert_array_equal(label, model.predict(new))


def test_several_labels_after_the_encoder():
    table = as_told(a_table())
    model = make_pipeline(
        table_encoder(random_state=0),
        FullyConnectedClassifier((8,), max_iter=5, random_state=0),
    )
    model.fit(table, targets(len(table), "labels"))
    _, p = run(session(model, initial_types=initial_types(model[0][0])), table)
    np.testing.assert_allclose(p, model.predict_proba(table), rtol=0, atol=ATOL)


def test_a_table_without_names_is_one_input():
    x = np.where(np.random.default_rng(0).random(X.shape) < 0.1, NAN, X)
    assert_same(a_tabular_model(x, Y), x)


def test_dates_are_refused_but_steps_after_their_reader_are_converted():
    table = a_table().assign(day=pd.date_range("2020-01-01", periods=150, freq="31h"))
    model = a_tabular_model(table, targets(len(table), "3 classes"))
    with pytest.raises(ValueError, match=r"Column 'day' holds dates.*encoder_\[1:\]"):
        session(model, initial_types=initial_types(model.encoder_[0]))
    read, rest = model.encoder_[0].transform(table), copy(model)
    rest.encoder_ = model.encoder_[1:]
    assert_same(rest, read)


REFUSED = {
    "price": (
        ["1,50 €", "2,00 €"],
        r"'price' holds values in text \(number in text\), but ",
    ),
    "day": (["31.12.2020", "01.01.2021"], r"'day' holds values in text \(date in text\)"),
    "text": (
        [f"a long text of words, number {i}" for i in range(50)],
        r"'text' holds free text, .* drop_features=\['text'\]",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.filterwarnings("ignore:Check how these columns were read")
def test_parsed_and_free_text_are_refused_by_name(name):
    values, message = REFUSED[name]
    table = pd.DataFrame({name: np.resize(values, 150), "x": X[:, 0]})
    encoder = table_encoder(random_state=0).fit(table, Y)
    with pytest.raises(ValueError, match=message):
        to_onnx(encoder, initial_types=initial_types(encoder[0]))


@pytest.mark.filterwarnings("ignore:Check how these columns were read")
@pytest.mark.parametrize("has_names", [True, False])
def test_columns_that_were_left_out_are_no_inputs(has_names):
    table = pd.DataFrame({"id": [f"A{i}x" for i in range(150)], "x": X[:, 0]})
    given = table if has_names else table.to_numpy()
    encoder = table_encoder(random_state=0).fit(given, Y)
    types = initial_types(encoder[0])
    assert [name for name, _ in types] == ["x" if has_names else "x1"]
    inputs = table[["x"]].set_axis([types[0][0]], axis=1)
    got = transformed(encoder, inputs, initial_types=types)
    np.testing.assert_array_equal(got, encoder.transform(given))


def test_columns_in_any_order_and_of_other_types():
    table = pd.DataFrame(
        {"a": X32[:, 0], "kind": np.where(Y, "1", "2"), "whole": np.arange(len(Y))[::-1]}
    )
    encoder = table_encoder(categorical_features=["kind"]).fit(table, Y)
    types = [
        ("whole", Int64TensorType([None, 1])),
        ("kind", Int64TensorType([None, 1])),
        ("a", FloatTensorType([None, 1])),
    ]
    new = table[["whole", "kind", "a"]].astype({"kind": np.int64})
    got = transformed(encoder, new, initial_types=types)
    np.testing.assert_array_equal(got, encoder.transform(new))


@pytest.mark.parametrize(
    ("types", "match"),
    [
        ({"text": DoubleTensorType([None, 1])}, "'text' had text .* a DoubleTensorType"),
        ({"number": StringTensorType([None, 1])}, "'number' had numbers .*StringTensor"),
        ({"text": StringTensorType()}, "does not say how many columns"),
        ({"other": DoubleTensorType([None, 1])}, "unexpected: 'other'"),
    ],
    ids=str,
)
def test_inputs_that_are_not_the_columns_of_training(types, match):
    reader = TableReader().fit(pd.DataFrame({"text": ["a", "b"], "number": [1.5, 2.5]}))
    given = dict(initial_types(reader)) | types
    with pytest.raises(ValueError, match=match):
        to_onnx(reader, initial_types=[*given.items()])


def test_a_column_without_a_name():
    table = pd.DataFrame({"a": X[:, 0], "": X[:, 1]})
    encoder = table_encoder().fit(table, Y)
    with pytest.raises(ValueError, match="Column 1 has the name ''.*Rename the column"):
        initial_types(encoder[0])
    with pytest.raises(ValueError, match="Column 1 has the name ''.*Rename the column"):
        to_onnx(encoder, X[:1, :2])


# ----- scikit-learn's own encoders


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("bound", [3.0, 0.5, None])
def test_robust_smooth_scaler_is_the_same_to_the_last_bit(bound, dtype):
    rng = np.random.default_rng(0)
    x = rng.standard_cauchy((100, 4)) * [1.0, 1e-30, 1e30, 0.0] + [0.0, 0.0, 0.0, 5.0]
    x[::7] = NAN
    x[0] = np.finfo(np.float32).max
    x[1] = -np.finfo(np.float32).max
    x = x.astype(dtype)
    scaler = RobustSmoothScaler(bound=bound).fit(x)
    got = transformed(scaler, x)
    assert got.dtype == dtype
    np.testing.assert_array_equal(got, scaler.transform(x))


@pytest.mark.parametrize("strategy", ["mean", "constant"])
@pytest.mark.parametrize("add_indicator", [False, True])
def test_simple_imputer(add_indicator, strategy):
    x = np.where(np.random.default_rng(0).random(X.shape) < 0.1, NAN, X32)
    x[:, 1] = X[:, 1]
    imputer = SimpleImputer(strategy=strategy, add_indicator=add_indicator)
    x = x.astype(np.float32)
    n_out = 4 + 3 * add_indicator
    told = session(imputer.fit(x), x[:1], zipmap=None).get_outputs()[0]
    assert told.shape == [None, n_out]
    got = transformed(imputer, x)
    assert got.shape[1] == n_out
    np.testing.assert_allclose(got, imputer.transform(x), rtol=1e-6)


def test_a_simple_imputer_that_drops_columns_is_refused():
    imputer = SimpleImputer(add_indicator=True).fit([[1.0, NAN], [NAN, NAN]])
    with pytest.raises(ValueError, match="drops columns that had no values"):
        to_onnx(imputer, X32[:1, :2])


@pytest.mark.parametrize(
    "params",
    [
        {"handle_unknown": "ignore"},
        {"handle_unknown": "infrequent_if_exist", "min_frequency": 5},
        {"handle_unknown": "infrequent_if_exist"},
    ],
    ids=str,
)
def test_one_hot_encoder(params):
    rng = np.random.default_rng(0)
    texts = np.array([*"abcdefghij"], dtype=object)
    x = texts[np.minimum(rng.geometric(0.4, (60, 2)) - 1, 9)]
    encoder = OneHotEncoder(sparse_output=False, **params).fit(x)
    new = np.vstack([x, [["z", "a"]]])
    converted = to_onnx(encoder, initial_types=[("X", StringTensorType([None, 2]))])
    got = run(opened(converted), new)[0]
    np.testing.assert_array_equal(got, encoder.transform(new))


# ----- TabularRegressor


@pytest.mark.parametrize(
    "params",
    [
        {"effort": "fast"},
        {"effort": "best"},
        {"effort": "fast", "loss": "poisson"},
        {"effort": "fast", "link": "log"},
        {"effort": "fast", "clip": True},
        {"effort": "fast", "loss": "quantile", "quantile": [0.9, 0.1]},
    ],
    ids=str,
)
def test_numbers_of_a_table(params):
    table, new = a_table(), as_told(a_table(seed=3))
    y = 1e3 * np.random.default_rng(0).lognormal(size=len(table))
    small = {"max_iter": 3, "hidden_layer_sizes": (8,)}
    model = TabularRegressor(**params, random_state=0, network_params=small).fit(table, y)
    (predicted,) = run(opened(to_onnx(model)), new)
    expected = model.predict(new).reshape(len(new), -1)
    assert predicted.shape == expected.shape
    np.testing.assert_allclose(predicted, expected, rtol=1e-5, atol=1e-2)


@pytest.mark.parametrize("clip", [True, False])
def test_predictions_beyond_the_range_of_training_are_clipped_as_in_python(clip):
    y = np.column_stack([X[:, 0], -5.0 * X[:, 1]])
    params = {"encoder": "passthrough", "clip": clip, "random_state": 0}
    model = TabularRegressor("fast", **params).fit(X32, y)
    beyond = 3.0 * X32
    (predicted,) = run(session(model, X32[:1], zipmap=None), beyond)
    np.testing.assert_allclose(predicted, model.predict(beyond), rtol=1e-4, atol=1e-4)
    is_within = (y.min(axis=0) <= predicted + 1e-5) & (predicted <= y.max(axis=0) + 1e-5)
    assert is_within.all() == clip


def test_several_numbers_of_an_array():
    y = np.column_stack([X[:, 0], -5.0 * X[:, 1]])
    model = TabularRegressor("fast", encoder="passthrough", random_state=0).fit(X32, y)
    (predicted,) = run(session(model, X32[:1], zipmap=None), X32)
    np.testing.assert_allclose(predicted, model.predict(X32), rtol=1e-4, atol=1e-4)
