"""The summary of class labels of partitions."""

import numpy as np
import pytest

from skfcnn.dask.label_summary import LabelSummary, balanced, kind_of

Y, WEIGHTS = np.array(["a", "b", "a", "b", "b", "b"]), np.arange(6.0)


def test_balanced_weights_ignore_classes_that_weigh_nothing():
    found = balanced(np.array(["a", "b", "c"]), np.array([3.0, 0.0, 1.0]))
    assert found == {"a": pytest.approx(2 / 3), "c": pytest.approx(2.0)}


@pytest.mark.parametrize(
    ("labels", "kind"),
    [(["a"], "strings"), ([1], "numbers"), ([True], "numbers")]
    + [(np.array(["2020-01-01"], "datetime64[D]"), "dates")],
)
def test_kinds_of_labels(labels, kind):
    assert kind_of(np.asarray(labels)) == kind


def test_each_class_has_the_weight_of_its_rows():
    found = LabelSummary.of(Y, WEIGHTS)
    assert found.labels.tolist() == ["a", "b"]
    np.testing.assert_array_equal(found.totals, [0.0 + 2.0, 1.0 + 3.0 + 4.0 + 5.0])
    assert found.weight == 15.0


def test_each_of_several_labels_has_the_weight_of_its_rows():
    found = LabelSummary.of(np.array([[1, 0], [1, 1]] * 3), WEIGHTS)
    np.testing.assert_array_equal(found.totals, [15.0, 1.0 + 3.0 + 5.0])


def test_partitions_are_merged():
    parts = [LabelSummary.of(np.array(y), np.ones(len(y))) for y in ([2, 1], [3, 2, 2])]
    found = LabelSummary.merged(parts)
    assert found.labels.tolist() == [1, 2, 3]
    assert found.totals.tolist() == [1.0, 3.0, 1.0]
    assert found.weight == 5.0
    assert found.stand_in(np.array([1, 2])).tolist() == [1, 2, 3]


def test_several_labels_of_partitions_are_merged():
    labels = [np.array([[1, 0], [1, 1]]), np.array([[0, 0], [0, 1]])]
    found = LabelSummary.merged([LabelSummary.of(y, np.ones(2)) for y in labels])
    assert found.totals.tolist() == [2.0, 2.0]
    assert found.stand_in(labels[0]) is labels[0]
    assert found.class_weight("balanced") == [{0: 1.0, 1: 1.0}] * 2


def test_class_weights_that_are_given_are_kept():
    assert LabelSummary.of(Y, WEIGHTS).class_weight({"a": 2.0}) == {"a": 2.0}
    assert LabelSummary.of(Y, WEIGHTS * 0.0).class_weight("balanced") == "balanced"


def test_labels_of_different_kinds_are_refused():
    one, other = (LabelSummary.of(y, np.ones(6)) for y in (Y, np.arange(6)))
    one.check_like(one, (0, 1))
    with pytest.raises(TypeError, match="strings in partition 3.*numbers in partition 7"):
        one.check_like(other, (3, 7))
