"""The held-out rows of each network, as bits, and the digests of their table."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest

from skfcnn.tabular.folds import Fold
from skfcnn.tabular.held_out import HeldOut, digest_of_table
from skfcnn.tabular.member_data import MemberData

Y, WEIGHTS = np.arange(10) % 2, np.ones(10)
X = pd.DataFrame({"x": np.arange(10.0), "word": [*"abcdefghij"]})
FOLDS = [
    Fold(np.arange(5), np.arange(5, 8)),
    Fold(np.arange(3), np.array([8, 9])),
    Fold(np.arange(4), np.arange(5, 8)),
    Fold(np.arange(4), np.arange(0)),
]


def held_out_of(folds=FOLDS, *, tables=(X, None), splits_means=False):
    data = MemberData(None, Y, WEIGHTS, folds)
    return HeldOut.of(tables, data, len(tables[0]), splits_means)


def test_folds_with_the_same_rows_are_one_group():
    groups = held_out_of().groups
    found = [(rows.tolist(), numbers) for rows, numbers in groups]
    assert found == [([5, 6, 7], [0, 2]), ([8, 9], [1])]


def test_splits_are_kept_only_if_means_were_computed_within_them():
    assert held_out_of().splits is None
    splits = held_out_of(splits_means=True).splits
    for (train, held_out), fold in zip(splits, FOLDS, strict=True):
        np.testing.assert_array_equal(train, fold.train)
        np.testing.assert_array_equal(held_out, fold.held_out)


def test_rows_of_X_val_are_counted_from_their_first():
    folds = [Fold(np.arange(7), np.array([7, 8, 9]))] * 3
    X_train, X_val = X[:7], X[7:]
    held_out = held_out_of(folds, tables=(X_train, X_val))
    (rows, numbers), *others = held_out.groups
    assert (rows.tolist(), numbers, others) == ([0, 1, 2], [0, 1, 2], [])
    held_out.check(X_val, Y[7:], WEIGHTS[7:])
    with pytest.raises(ValueError, match="X_val, y_val and sample_weight_val that fit"):
        held_out.check(X_train, Y[:7], WEIGHTS[:7])


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ((X[::-1], Y, WEIGHTS), "X"),
        ((X.assign(x=X["x"] + 1e-9), Y, WEIGHTS), "X"),
        ((X[["word", "x"]], Y, WEIGHTS), "X"),
        ((X.rename(columns={"x": "z"}), Y, WEIGHTS), "X"),
        ((X[:9], Y[:9], WEIGHTS[:9]), "X, y, sample_weight"),
        ((X, 1 - Y, WEIGHTS), "y"),
        ((X, Y, 2.0 * WEIGHTS), "sample_weight"),
    ],
)
def test_another_table_is_refused_with_the_parts_that_differ(changed, named):
    held_out = held_out_of()
    held_out.check(X.copy(), Y.copy(), WEIGHTS.copy())
    with pytest.raises(ValueError, match=rf"same order.* Different: {named}\. Pass what"):
        held_out.check(*changed)


def test_a_table_is_recognized_in_any_index_and_memory_layout():
    numbers = np.random.RandomState(0).normal(size=(6, 3))
    assert digest_of_table(numbers) == digest_of_table(np.asfortranarray(numbers))
    assert digest_of_table(X) == digest_of_table(X.set_axis(range(3, 13)))
    assert digest_of_table(pl.DataFrame({"x": [1, 2]})) != digest_of_table(
        pl.DataFrame({"x": [2, 1]})
    )


def test_wide_tables_of_numbers_are_recognized_too():
    numbers = np.random.RandomState(0).normal(size=(6, 3))
    table = pd.DataFrame(numbers, columns=[*"abc"]).assign(d="x", e=[1, 2, 3, 4, 5, 6])
    digest = digest_of_table(table)
    assert digest == digest_of_table(table.copy()) == digest_of_table(pl.from_pandas(table))
    for name in table:
        changed = table.assign(**{name: table[name].to_numpy()[::-1]})
        assert (digest_of_table(changed) == digest) == (name == "d")
    assert digest_of_table(table[[*"bacde"]]) != digest


def test_a_row_takes_a_bit_for_each_fold():
    def size(n_rows):
        parts = np.array_split(np.arange(n_rows), 5)
        folds = [Fold(np.setdiff1d(np.arange(n_rows), rows), rows) for rows in parts]
        data = MemberData(None, np.zeros(n_rows, int), np.ones(n_rows), folds)
        held_out = HeldOut.of((np.zeros((n_rows, 20)), None), data, n_rows, False)
        return len(pickle.dumps(held_out))

    assert size(80_000) - size(8_000) <= 5 / 8 * 72_000 + 50


def test_what_is_no_table_has_no_digest():
    held_out = held_out_of(tables=(["some", "texts"], None))
    assert held_out.names is None
    assert [*held_out.digests] == ["y", "sample_weight"]
    with pytest.raises(ValueError, match="must be a table"):
        held_out.check(["some", "texts"], Y, WEIGHTS)
