"""By how much the mean of all members errs less than one."""

from types import SimpleNamespace

import numpy as np
import pytest

from skfcnn.tabular.fold_averaging import gain_of_averaging, scores_of_mean
from skfcnn.tabular.folds import Fold

N, K = 1000, 5
ROWS = np.arange(N)
TRUTH = np.random.default_rng(1).standard_normal(N)
FOLDS = [Fold(ROWS[ROWS % K != k], ROWS[ROWS % K == k]) for k in range(K)]


class Family:
    """Members that predict the truth with errors of their own."""

    def __init__(self, n_members=K, seed=0, deviation=0.5):
        rng = np.random.default_rng(seed)
        self.members = [
            TRUTH + deviation * rng.standard_normal(N) for _ in range(n_members)
        ]

    def outputs(self, member, features):
        return member[features[:, 0].astype(int), None]


def data(folds, weights=None):
    weights = np.ones(N) if weights is None else weights
    of = lambda family: (ROWS[:, None], None, None)  # noqa: E731
    return SimpleNamespace(folds=folds, weights=weights, of=of)


def test_it_is_the_difference_of_the_mean_squared_errors():
    family = Family()
    one = np.mean((family.members[0] - TRUTH) ** 2)
    mean = np.mean((np.mean(family.members, axis=0) - TRUTH) ** 2)
    found = gain_of_averaging([(family, 1.0)], data(FOLDS), ROWS)
    assert found == pytest.approx(one - mean, rel=0.1)


def test_errors_of_families_average_too():
    mixture = [(Family(seed=1), 0.5), (Family(seed=2), 0.5)]
    alone = gain_of_averaging([(mixture[0][0], 1.0)], data(FOLDS), ROWS)
    found = gain_of_averaging(mixture, data(FOLDS), ROWS)
    assert found == pytest.approx(alone / 2.0, rel=0.1)


def test_rows_that_all_members_predict_have_none():
    same = [Fold(ROWS[:600], ROWS[600:])] * K
    assert gain_of_averaging([(Family(), 1.0)], data(same), ROWS[600:]) == 0.0


def test_one_member_or_none_without_the_row_has_none():
    assert gain_of_averaging([(Family(1), 1.0)], data(FOLDS), FOLDS[0].held_out) == 0.0
    two = [Fold(ROWS[::2], ROWS[1::2]), Fold(ROWS[1::2], ROWS[::2])]
    assert gain_of_averaging([(Family(2), 1.0)], data(two), ROWS) == 0.0


def test_rows_count_by_their_weights():
    family = Family()
    for member in family.members:
        member[500:] = TRUTH[500:]
    light = (ROWS < 500) * 1.0
    found = gain_of_averaging([(family, 1.0)], data(FOLDS, light), ROWS)
    assert found == pytest.approx(
        2.0 * gain_of_averaging([(family, 1.0)], data(FOLDS), ROWS)
    )
    assert gain_of_averaging([(family, 1.0)], data(FOLDS, np.zeros(N)), ROWS) == 0.0


class Classes:
    """Members whose probabilities of two classes have errors of their own."""

    memorizes = False

    def __init__(self):
        rng = np.random.default_rng(2)
        p = 1.0 / (1.0 + np.exp(-(2.0 * TRUTH + rng.standard_normal((K, N)))))
        self.members = [*np.stack([1.0 - p, p], axis=2)]

    def outputs(self, member, features):
        return member[features[:, 0].astype(int)]


def test_scores_become_those_of_the_mean_in_the_same_order():
    family = Classes()
    mean = np.mean(family.members, axis=0)
    y = (np.random.default_rng(3).uniform(size=N) < mean[:, 1]).astype(int)
    scores = 1.0 - np.array([family.members[i % K][i, y[i]] for i in ROWS])
    found = scores_of_mean(scores, [(family, 1.0)], data(FOLDS), ROWS)
    assert (np.diff(found[np.argsort(scores)]) >= 0.0).all()
    exact = np.quantile(1.0 - mean[ROWS, y], 0.9)
    assert np.quantile(found, 0.9) == pytest.approx(exact, abs=0.02)
    assert np.quantile(scores, 0.9) > exact + 0.02


def test_scores_of_rows_that_all_members_held_out_stay():
    scores, same = np.linspace(0.0, 1.0, 400), [Fold(ROWS[:600], ROWS[600:])] * K
    mixture = [(Classes(), 1.0)]
    for of_rows in (data(same), data([Fold(ROWS[:0], ROWS[600:])] * K)):
        np.testing.assert_array_equal(
            scores_of_mean(scores, mixture, of_rows, ROWS[600:]), scores
        )


def test_scores_stay_if_members_memorize_their_training_rows():
    family, scores = Classes(), np.linspace(0.0, 1.0, N)[ROWS]
    family.memorizes = True
    mixture = [(Classes(), 0.5), (family, 0.5)]
    found = scores_of_mean(scores, mixture, data(FOLDS), ROWS)
    np.testing.assert_array_equal(found, scores)
