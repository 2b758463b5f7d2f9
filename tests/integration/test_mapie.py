"""MAPIE: prediction sets that contain the true class at the stated rate."""

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split

from skfcnn import FullyConnectedClassifier

pytestmark = pytest.mark.integration

N_ROWS = 4000
X, y = make_classification(
    2 * N_ROWS + 1000, 10, n_informative=6, n_classes=4, class_sep=1.0, random_state=0
)
X_train, X_rest, y_train, y_rest = train_test_split(X, y, train_size=1000, random_state=0)
X_conformal, X_test, y_conformal, y_test = train_test_split(
    X_rest, y_rest, train_size=N_ROWS, random_state=0
)


def network(**params):
    return FullyConnectedClassifier(
        (20,),
        schedule="cosine",
        learning_rate_init=0.01,
        max_iter=30,
        random_state=0,
        **params,
    )


def check_coverage(sets, level, n_conformal):
    """Compare how often the sets hold the true class with the level.

    Over draws of both parts, the coverage has the mean `level` (up to 1 / n_conformal more)
    and about the variance p (1 - p) (1 / n_conformal + 1 / n_test): four of its roots.
    """
    covered = sets[np.arange(len(y_test)), y_test].mean()
    error = np.sqrt(level * (1.0 - level) * (1.0 / n_conformal + 1.0 / len(y_test)))
    assert covered == pytest.approx(level, abs=4.0 * error)


@pytest.mark.parametrize("kind", [int, str])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_prediction_sets_of_a_fitted_network_have_the_coverage(kind, dtype):
    model = network(dtype=dtype).fit(X_train, y_train.astype(kind))
    labels_conformal = y_conformal.astype(kind)
    # from here
    from mapie.classification import SplitConformalClassifier

    levels = [0.8, 0.9, 0.95]
    conformal = SplitConformalClassifier(model, confidence_level=levels)
    conformal.conformalize(X_conformal, labels_conformal)
    labels, sets = conformal.predict_set(X_test)  # sets: (rows, classes, levels)
    # to here
    assert sets.shape == (N_ROWS, 4, 3)
    np.testing.assert_array_equal(labels, model.predict(X_test))
    for i, level in enumerate(levels):
        check_coverage(sets[:, :, i], level, N_ROWS)
    sizes = sets.sum(axis=1).mean(axis=0)
    assert (np.diff(sizes) > 0.0).all()
    assert sizes[-1] < 4.0


def test_prediction_sets_by_cross_validation_have_the_coverage():
    from mapie.classification import CrossConformalClassifier

    model = CrossConformalClassifier(network(), confidence_level=0.9, cv=5, random_state=0)
    _, sets = model.fit_conformalize(X_train, y_train).predict_set(X_test)
    # Only 0.8 is guaranteed; networks that are very similar give 0.9.
    check_coverage(sets[:, :, 0], 0.9, len(X_train))
