"""Categories in ONNX: missing values, and texts that look like them."""

import numpy as np
import pandas as pd
import pytest
from fuzzing_onnx import KINDS, check, random_kinds
from onnx_session import opened, run, transformed
from skl2onnx import to_onnx
from skl2onnx.common.data_types import StringTensorType
from sklearn.preprocessing import OneHotEncoder

from skfcnn.onnx import initial_types
from skfcnn.onnx.categories import Lookup, add_lookups
from skfcnn.tabular.encoder import table_encoder

pytestmark = [
    pytest.mark.filterwarnings("ignore:Categories that were not in training"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:The converted model treats a text"),
]


def an_encoder_of(texts):
    table = pd.DataFrame({"word": pd.Series(texts, dtype=object)})
    return table_encoder(random_state=0).fit(table, np.arange(len(texts)) % 2)


@pytest.mark.parametrize("further", [["nan"], ["nan", None], ["nan", np.nan]], ids=str)
@pytest.mark.parametrize("n", [2, 30], ids=["few", "many"])
def test_a_category_nan_is_refused(n, further):
    encoder = an_encoder_of([f"text {i}" for i in range(n)] * 2 + further * 5)
    with pytest.raises(ValueError, match="Column 'word' has a category 'nan'.*Rename"):
        to_onnx(encoder, initial_types=initial_types(encoder[0]))


def test_category_that_is_not_utf8_is_refused():
    encoder = an_encoder_of(["a", "b", "c\ud800"])
    with pytest.raises(ValueError, match="Column 'word' has a category .*UTF-8"):
        to_onnx(encoder, initial_types=initial_types(encoder[0]))


def test_warning_if_an_unknown_category_nan_would_count_as_missing():
    encoder = an_encoder_of([f"text {i}" for i in range(30)] * 2 + [None] * 5)
    with pytest.warns(UserWarning, match="'nan' in column 'word'. Replace such texts"):
        converted = to_onnx(encoder, initial_types=initial_types(encoder[0]))
    new = pd.DataFrame({"word": ["nan", "text 1", "None", ""]}, dtype=object)
    got = run(opened(converted), new)[0]
    expected = encoder.transform(new.replace("nan", None))
    np.testing.assert_array_equal(got, expected)
    assert not np.array_equal(got, encoder.transform(new))


@pytest.mark.parametrize("n", [0, 30], ids=["few", "many"])
@pytest.mark.parametrize(
    "known", [["True", "False", "a"], ["1", "0", "a"], ["True", "0", "a"]], ids=str
)
def test_true_and_false_are_known_in_both_spellings(known, n):
    encoder = an_encoder_of([*known, *(f"text {i}" for i in range(n))] * 2)
    new = pd.DataFrame({"word": ["1", "0", "True", "False", "a", "new"]}, dtype=object)
    got = transformed(encoder, new, initial_types=initial_types(encoder[0]))
    np.testing.assert_array_equal(got, encoder.transform(new))


@pytest.mark.filterwarnings("error", "ignore:Categories that were not in training")
@pytest.mark.parametrize("further", [["a", None], ["a"]], ids=["missing", "none missing"])
def test_no_warning_if_missing_and_unknown_categories_are_encoded_alike(further):
    n = 2 if None in further else 30
    encoder = an_encoder_of([f"text {i}" for i in range(n)] * 2 + further * 5)
    new = pd.DataFrame({"word": ["nan", "text 1", "None", "", None]}, dtype=object)
    got = transformed(encoder, new.fillna("nan"), initial_types=initial_types(encoder[0]))
    np.testing.assert_array_equal(got, encoder.transform(new))


def test_none_and_the_text_none_in_an_encoder_of_scikit_learn():
    params = {"handle_unknown": "infrequent_if_exist", "sparse_output": False}
    types = [("X", StringTensorType([None, 1]))]
    encoder = OneHotEncoder(**params).fit(np.array([["a"], ["None"], [None]], object))
    with pytest.raises(ValueError, match="Column 0 has a category 'None'"):
        to_onnx(encoder, initial_types=types)
    encoder.fit(np.array([["a"], ["b"], [None]], object))
    with pytest.warns(UserWarning, match="'None' in column 0"):
        to_onnx(encoder, initial_types=types)


@pytest.mark.parametrize(
    ("names", "outcome"),
    [
        (["few", "many", "digits", "floats", "categories of integers"], "same"),
        (["many that look missing", "few that look missing", "integers"], "same"),
        (["categories of booleans", "booleans", "spans", "many digits"], "same"),
        (["many categories of integers", "categories", "categories of floats"], "same"),
        (["floats", "text nan, few"], "refused"),
        (["text nan, many"], "refused"),
    ],
    ids=str,
)
def test_every_kind_of_column_with_every_kind_of_value(names, outcome):
    assert set(names) <= set(KINDS)
    assert check(seed=0, names=names) == outcome


@pytest.mark.slow
def test_random_tables():
    outcomes = [check(seed, random_kinds(seed)) for seed in range(40)]
    assert set(outcomes) == {"same", "refused"}


@pytest.mark.parametrize("category", ["nan", "a\ud800"])
def test_categories_are_checked_before_a_node_is_added(category):
    """The graph is None, and is not used."""
    lookup = Lookup("column", "word", ["a", category], np.eye(3, 2))
    with pytest.raises(ValueError, match="Column 'word' has a category .*Rename"):
        add_lookups(None, [lookup], "encoded")
