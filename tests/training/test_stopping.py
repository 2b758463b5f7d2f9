import numpy as np
import pytest

from skfcnn.training.stopping import BestParameters, NoImprovement, check_score


def test_a_plateau_is_more_than_patience_epochs_without_improvement():
    rule = NoImprovement(tol=0.1, patience=2)
    plateaus = []
    for value in (1.0, 0.95, 0.94, 0.5, 0.45, 0.45, 0.45):
        rule.update(value)
        plateaus.append(rule.on_plateau)
    # 0.95 and 0.94 are better, but by less than tol; so are three values after 0.5.
    assert plateaus == [False, False, False, False, False, False, True]
    assert rule.best == 0.45


def test_the_best_counts_even_if_it_is_no_improvement_by_tol():
    rule = NoImprovement(tol=0.1, patience=2)
    assert [rule.update(value) for value in (1.0, 0.99, 0.99, 1.0)] == [
        True,
        True,
        False,
        False,
    ]
    assert rule.count == 3


def test_infinite_values_are_no_improvement_and_end_in_a_plateau():
    rule = NoImprovement(tol=0.0, patience=2)
    found = [(rule.update(np.inf), rule.on_plateau) for _ in range(3)]
    assert found == [(True, False), (True, False), (True, True)]  # the last one is kept
    assert rule.update(1.0) and rule.best == 1.0 and rule.count == 0
    assert not rule.update(np.inf) and rule.count == 1


@pytest.mark.parametrize("score", [np.nan, np.inf])
def test_scores_that_early_stopping_cannot_use_raise(score):
    check_score(-np.inf, epoch=3)
    with pytest.raises(ValueError) as caught:
        check_score(score, epoch=3)
    assert str(caught.value) == (
        f"The score is {score} in epoch 3, which early stopping cannot use. "
        "Use another scoring, or more validation rows."
    )


def test_infinite_patience_never_ends():
    rule = NoImprovement(tol=1e9, patience=np.inf)
    for _ in range(50):
        rule.update(1.0)
    assert rule.count == 49
    assert not rule.on_plateau


def test_best_parameters_are_restored_in_place():
    theta = np.zeros(3)
    best = BestParameters(theta)
    theta += 1.0
    best.keep()
    theta += 1.0
    best.restore()
    np.testing.assert_array_equal(theta, [1.0, 1.0, 1.0])


def test_improvement_by_exactly_tol_counts():
    rule = NoImprovement(tol=0.25, patience=2)
    rule.update(1.0)
    rule.update(0.75)
    assert rule.count == 0
    rule.update(0.625)
    assert rule.count == 1
