import numpy as np

from skfcnn.training.stopping import BestParameters, NoImprovement


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


def test_infinite_patience_never_ends():
    rule = NoImprovement(tol=1e9, patience=np.inf)
    for _ in range(50):
        rule.update(1.0)
    assert rule.count == 49
    assert not rule.on_plateau


def test_the_best_parameters_come_back_into_the_same_array():
    theta = np.zeros(3)
    best = BestParameters(theta)
    theta += 1.0
    best.keep()
    theta += 1.0
    best.restore()
    np.testing.assert_array_equal(theta, [1.0, 1.0, 1.0])


def test_an_improvement_by_just_tol_is_one():
    rule = NoImprovement(tol=0.25, patience=2)
    rule.update(1.0)
    rule.update(0.75)
    assert rule.count == 0
    rule.update(0.625)
    assert rule.count == 1
