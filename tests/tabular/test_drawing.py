"""What a fit of an ensemble draws at random."""

import numpy as np
import pytest

from skfcnn import TabularClassifier
from skfcnn.tabular.class_labels import ClassLabels
from skfcnn.tabular.drawing import draw, splits_means
from skfcnn.tabular.given_table import GivenTable

Y = np.arange(60) % 3
TARGET, NONE = ClassLabels.of(Y), GivenTable()


def drawn(model, groups=None, validation=NONE):
    given = GivenTable(np.empty((60, 1)), Y, groups=groups)
    return draw(model, TARGET, given, validation, (Y, np.ones(60)))


def test_the_same_seed_draws_the_same():
    one, same, other = (drawn(TabularClassifier(random_state=seed)) for seed in (0, 0, 1))
    assert one[1:] == same[1:] and one.seeds != other.seeds
    for fold, again in zip(one.folds, same.folds, strict=True):
        np.testing.assert_array_equal(fold.held_out, again.held_out)
    assert len(one.folds) == 5 and len(one.seeds) == 10
    assert len(set(one.seeds)) == 10


def test_there_is_a_seed_for_each_model_that_may_be_trained():
    """Extremely randomized trees have seeds where they are trained."""
    y = np.arange(130) % 2
    given = GivenTable(np.empty((130, 1)), y)
    target, weights = ClassLabels.of(y), np.ones(130)
    for trees, rows, expected in (
        ("auto", 130, 15),
        (False, 130, 5),
        (True, 120, 10),
    ):
        given = GivenTable(np.empty((rows, 1)), y[:rows])
        labelled = y[:rows], weights[:rows]
        model = TabularClassifier(trees=trees)
        assert len(draw(model, target, given, NONE, labelled).seeds) == expected


def test_an_int_is_the_seed_of_the_encoder():
    """So that an encoder alone, with this int, encodes alike."""
    assert drawn(TabularClassifier(random_state=7)).encoder_seed == 7
    rng = np.random.RandomState(7)
    assert drawn(TabularClassifier(random_state=rng)).encoder_seed != 7


@pytest.mark.parametrize(
    ("cv", "groups", "validation", "expected"),
    [
        (None, None, NONE, False),
        (None, Y, NONE, True),
        (3, None, NONE, True),
        (None, None, GivenTable(np.empty((6, 1)), Y[:6]), False),
    ],
)
def test_target_means_follow_the_folds_that_the_user_asks_for(
    cv, groups, validation, expected
):
    model, given = TabularClassifier(cv=cv), GivenTable(None, Y, groups=groups)
    assert splits_means(model, given, validation) is expected
    folds = drawn(model, groups, validation).folds
    assert len(folds) == (5 if cv is None and groups is None else 3)
    if validation.X is not None:
        assert all(fold.held_out.min() == 60 for fold in folds)


@pytest.mark.parametrize("cv", [None, 4])
def test_a_group_is_held_out_whole_whether_or_not_the_number_of_folds_is_given(cv):
    groups = np.arange(60) // 3
    folds = drawn(TabularClassifier(cv=cv), groups).folds
    assert len(folds) == (cv or 5)
    for fold in folds:
        assert not set(groups[fold.train]) & set(groups[fold.held_out])
