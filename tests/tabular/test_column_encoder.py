"""ColumnEncoder: the bits of scikit-learn's ColumnTransformer, for any column."""

import copy
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from messy_columns import COLUMNS, N
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError

from skfcnn.tabular.column_encoder import ColumnEncoder
from skfcnn.tabular.encoder import table_encoder

RNG = np.random.default_rng(0)
LABELS = {
    "two classes": RNG.integers(0, 2, N),
    "four classes": RNG.choice(list("abcd"), N),
    "three labels per row": RNG.integers(0, 2, (N, 3)),
}


def mixed_table(seed=0):
    """Return columns of every branch, some with missing values."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "many": rng.choice([f"word {i}" for i in range(50)], N),
            "few": rng.choice(["x", "y", None], N),
            "number": np.where(rng.random(N) < 0.1, np.nan, rng.standard_cauchy(N)),
            "many with holes": rng.choice([None, *(f"value {i}" for i in range(90))], N),
            "whole": rng.integers(-5, 5, N),
            "text": [f"a sentence of some words {i}" for i in rng.integers(0, N, N)],
            "one": ["always"] * N,
            "unknown": rng.choice(["unknown", "unknown_", "known"], N),
        }
    )


def fitted(table, y):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what was read as something else
        return table_encoder(random_state=0).fit(table, y)


def assert_same_bits(encoder, table):
    """Compare with the steps, for all rows and for one row at a time."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = encoder[0].transform(table)
    wanted = ColumnTransformer.transform(encoder[1], read)
    got = encoder[1].transform(read)
    assert got.dtype == wanted.dtype == np.float32
    assert got.flags.c_contiguous
    np.testing.assert_array_equal(got, wanted, strict=True)
    names = encoder[1].get_feature_names_out()
    # Components of free text are sums, rounded otherwise in a single row.
    is_exact = np.array([not name.startswith("text__") for name in names])
    for row in range(0, N, 50):
        one = encoder[1].transform(read.iloc[[row]])
        np.testing.assert_array_equal(one[0, is_exact], wanted[row, is_exact])


@pytest.mark.filterwarnings("ignore:Categories that were not in training")
@pytest.mark.parametrize("y", LABELS.values(), ids=LABELS)
def test_a_mixed_table_has_the_bits_of_the_steps(y):
    encoder = fitted(mixed_table(), y)
    assert_same_bits(encoder, mixed_table())
    assert_same_bits(encoder, mixed_table(1))
    unlike = mixed_table().assign(
        **{"many": "new", "few": "new", "many with holes": None, "number": np.nan}
    )
    assert_same_bits(encoder, unlike.assign(whole=[None, *range(N - 1)], unknown="new"))


@pytest.mark.parametrize("case", COLUMNS)
def test_a_messy_column_has_the_bits_of_the_steps(case):
    messy = COLUMNS[case]
    values = pd.Series(messy.values, dtype=object)
    table = pd.DataFrame({messy.name: values, "other": RNG.normal(size=len(values))})
    encoder = fitted(table, RNG.integers(0, 2, len(values)))
    assert_same_bits(encoder, table)
    assert_same_bits(encoder, table.assign(**{messy.name: None}))


@pytest.mark.parametrize("name", ["many", "few", "number", "text"])
def test_a_single_column_has_the_bits_of_the_steps(name):
    encoder = fitted(mixed_table()[[name]], LABELS["four classes"])
    assert_same_bits(encoder, mixed_table(1)[[name]])


def test_unknown_categories_are_told_once_of_columns_with_few():
    encoder = fitted(mixed_table(), LABELS["two classes"])
    new = mixed_table(1)
    new.loc[:2, ["few", "many", "one"]] = "new"
    new.loc[3, "few"] = "newer"
    message = "'few': 4 rows, such as 'new', 'newer'; 'one': 3 rows, such as 'new'"
    with pytest.warns(UserWarning, match=message) as caught:
        encoded = encoder.transform(new)
    assert len(caught) == 1 and "'many'" not in str(caught[0].message)
    assert caught[0].filename == __file__
    missing = encoder.transform(new.assign(few=None, one=None))
    np.testing.assert_array_equal(encoded[:3], missing[:3])


def test_copies_do_not_hold_the_lookups():
    encoder = fitted(mixed_table(), LABELS["two classes"])
    before = pickle.dumps(encoder)
    wanted = encoder.transform(mixed_table(1))
    assert pickle.dumps(encoder) == before
    for twin in (copy.deepcopy(encoder), pickle.loads(before)):
        np.testing.assert_array_equal(twin.transform(mixed_table(1)), wanted)


def test_fitting_again_drops_the_lookups():
    encoder = fitted(mixed_table(), LABELS["two classes"])
    encoder.transform(mixed_table())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        encoder.fit(mixed_table(1).iloc[:100], LABELS["four classes"][:100])
    assert_same_bits(encoder, mixed_table())


def test_an_unfitted_encoder_is_refused():
    with pytest.raises(NotFittedError):
        ColumnEncoder([]).transform(mixed_table())
