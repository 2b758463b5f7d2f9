import numpy as np
import pytest
from sklearn.datasets import load_digits, load_iris

from skfcnn import FullyConnectedClassifier
from skfcnn.estimator.class_target import ClassTarget
from skfcnn.estimator.validation import hold_out
from skfcnn.training.objective import Data


def data_of(y, weights=None):
    target = ClassTarget(y)
    matrix = target.encode(y)
    weights = np.ones(len(matrix)) if weights is None else np.asarray(weights, float)
    return Data(np.zeros((len(matrix), 1)), matrix, weights), target


def split(y, *, fraction=0.1, weights=None):
    data, target = data_of(y, weights)
    return hold_out(data, target, fraction, np.random.RandomState(0))


@pytest.mark.parametrize("load", [load_iris, load_digits])
def test_every_class_is_held_out_in_proportion(load):
    y = load().target
    rows, held_out = split(y)
    assert len(held_out) == np.ceil(0.1 * len(y))
    assert sorted([*rows, *held_out]) == list(range(len(y)))
    share = np.bincount(y[held_out]) / len(held_out)
    # Whole rows only: each class errs by at most one row.
    np.testing.assert_allclose(share, np.bincount(y) / len(y), atol=1 / len(held_out))


@pytest.mark.parametrize(
    "y",
    [[0] * 20 + [1] * 20 + [2], [*range(10)] * 3],
    ids=["a class of one row", "fewer rows than classes"],
)
def test_split_is_not_stratified_if_a_class_is_too_small(y):
    with pytest.warns(UserWarning, match="not stratified by class"):
        rows, held_out = split(np.array(y))
    assert len(held_out) == np.ceil(0.1 * len(y))
    assert set(rows).isdisjoint(held_out)


def test_several_labels_are_not_stratified():
    labels = np.random.RandomState(0).randint(2, size=(50, 3))
    rows, held_out = split(labels)
    assert (len(rows), len(held_out)) == (45, 5)


def test_hold_out_of_one_row_is_refused():
    with pytest.raises(ValueError, match="validation set is too small"):
        split(np.zeros(5, int))


@pytest.mark.parametrize("side", ["training", "validation"])
def test_split_side_without_weight_is_refused(side):
    y = np.tile([0, 1], 20)
    rows, held_out = split(y)
    weights = np.ones(40)
    weights[rows if side == "training" else held_out] = 0.0
    with pytest.raises(ValueError, match=f"weights of the {side} set are all zero"):
        split(y, weights=weights)


def test_validation_score_is_the_weighted_accuracy_of_the_hold_out():
    X, y = load_iris(return_X_y=True)
    weights = np.random.RandomState(0).uniform(size=150)
    model = FullyConnectedClassifier(
        early_stopping=True, max_iter=3, n_iter_no_change=5, random_state=0, tol=0.0
    )
    with pytest.warns(UserWarning, match="Maximum iterations"):
        model.fit(X, y, sample_weight=weights)
    assert len(model.validation_scores_) == 3
    rng = np.random.RandomState(0)
    for n_in, n_out in ((4, 100), (100, 3)):  # the draws of the first weights
        rng.uniform(size=(n_in + 1) * n_out)
    data, target = data_of(y, weights)
    _, held_out = hold_out(data, target, 0.1, rng)
    score = model.score(X[held_out], y[held_out], weights[held_out])
    assert model.best_validation_score_ == pytest.approx(score, rel=1e-14)
    assert model.best_validation_score_ == max(model.validation_scores_)
