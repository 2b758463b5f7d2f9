"""What is passed to `fit` with a table."""

import numpy as np
import pandas as pd
import pytest

from skfcnn import TabularClassifier, TabularRegressor
from skfcnn.tabular.given_table import GivenTable, has_other_order, warn_of_other_order

SHORT = {"network_params": {"max_iter": 1, "hidden_layer_sizes": (4,)}, "random_state": 0}
TABLE = pd.DataFrame({"a": np.arange(90.0)}, index=np.arange(90) + 7)
LABELS = pd.Series(np.arange(90) % 2, index=TABLE.index)


@pytest.mark.parametrize("kind", [TabularClassifier, TabularRegressor])
def test_rows_in_another_order_are_told_at_the_users_line(kind):
    with pytest.warns(UserWarning, match="index of y has .* X in another order") as told:
        kind("fast", **SHORT).fit(TABLE, LABELS[::-1])
    assert [warning.filename for warning in told] == [__file__]


def test_weights_groups_and_validation_rows_are_told_by_name():
    given = GivenTable(TABLE, LABELS, LABELS[::-1], LABELS[::-1])
    with pytest.warns(UserWarning) as told:
        warn_of_other_order(given)
        warn_of_other_order(GivenTable(TABLE, LABELS[::-1]), "_val")
    texts = [str(warning.message) for warning in told]
    assert [text.split()[3] for text in texts] == ["sample_weight", "groups", "y_val"]
    assert "y_val.loc[X_val.index]" in texts[2]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (TABLE.index[::-1], True),
        (TABLE.index, False),
        (TABLE.index[1:], False),
        (TABLE.index + 1, False),
        (TABLE.index.astype(str), False),
        (pd.Index([7] * 90), False),
        (None, False),
    ],
)
def test_only_the_same_labels_have_an_order(labels, expected):
    assert has_other_order(labels, TABLE.index) is expected


def test_labels_of_mixed_types_and_of_several_levels_have_an_order():
    mixed = pd.Index([1, "a", None])
    assert has_other_order(mixed[::-1], mixed)
    levels = pd.MultiIndex.from_tuples([(1, "a"), (2, "b")])
    assert has_other_order(levels[::-1], levels)
    assert not has_other_order([1, 2], levels)  # a list has a method `index`


def test_tables_without_an_index_are_not_compared(recwarn):
    warn_of_other_order(GivenTable(TABLE.to_numpy(), LABELS[::-1]))
    warn_of_other_order(GivenTable([[1.0], [2.0]], [0, 1]))
    assert not recwarn


@pytest.mark.parametrize("kind", [TabularClassifier, TabularRegressor])
@pytest.mark.parametrize("given", [{"y": "b"}, {"y": LABELS, "X_val": TABLE, "y_val": "b"}])
def test_the_name_of_a_column_is_no_target(kind, given):
    with pytest.raises(TypeError, match=r"got the text 'b'. .* X.drop\(columns='b'\)"):
        kind("fast", **SHORT).fit(TABLE.assign(b=LABELS), **given)


def test_a_path_is_no_table():
    with pytest.raises(ValueError, match="got the text 'data.csv'. Read a file first"):
        TabularClassifier("fast", **SHORT).fit("data.csv", LABELS)
