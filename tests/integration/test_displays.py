"""scikit-learn's own displays, which draw what Yellowbrick draws, and more."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, make_moons
from sklearn.metrics import confusion_matrix, roc_auc_score
from sklearn.model_selection import train_test_split

from skfcnn import FullyConnectedClassifier, FullyConnectedRegressor

pytestmark = pytest.mark.integration

X, y = make_moons(400, noise=0.2, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)


@pytest.fixture
def model(figures):
    network = FullyConnectedClassifier(
        (10,), solver="lbfgs", alpha=0.1, tol=1e-2, random_state=0
    )
    return network.fit(X_train, y_train)


def test_displays_of_predictions(model):
    # from here: answers
    from sklearn.calibration import CalibrationDisplay
    from sklearn.inspection import DecisionBoundaryDisplay
    from sklearn.metrics import ConfusionMatrixDisplay, RocCurveDisplay

    matrix = ConfusionMatrixDisplay.from_estimator(model, X_test, y_test)
    curve = RocCurveDisplay.from_estimator(model, X_test, y_test)
    calibration = CalibrationDisplay.from_estimator(model, X_test, y_test, n_bins=5)
    boundary = DecisionBoundaryDisplay.from_estimator(model, X_test)
    # to here: answers
    p = model.predict_proba(X_test)[:, 1]
    expected = confusion_matrix(y_test, model.predict(X_test))
    np.testing.assert_array_equal(matrix.confusion_matrix, expected)
    assert curve.roc_auc == pytest.approx(roc_auc_score(y_test, p))
    np.testing.assert_array_equal(calibration.y_prob, p)
    # Two moons: the regions of both classes are there.
    assert boundary.response.min() < 0.5 < boundary.response.max()


def test_display_of_predicted_numbers(figures):
    X, y = load_diabetes(return_X_y=True)
    network = FullyConnectedRegressor(schedule="cosine", max_iter=20, random_state=0)
    network.fit(X, y)
    # from here: numbers
    from sklearn.metrics import PredictionErrorDisplay

    residuals = PredictionErrorDisplay.from_estimator(network, X, y, subsample=None)
    # to here: numbers
    np.testing.assert_array_equal(residuals.y_pred, network.predict(X))
    np.testing.assert_array_equal(residuals.y_true, y)


def test_displays_of_learning_curves(model):
    # from here: learning
    from sklearn.model_selection import LearningCurveDisplay, ValidationCurveDisplay

    learning = LearningCurveDisplay.from_estimator(model, X, y, cv=3)
    validation = ValidationCurveDisplay.from_estimator(
        model, X, y, cv=3, param_name="alpha", param_range=[0.1, 1.0, 1000.0]
    )
    # to here: learning
    assert learning.test_scores[-1].mean() > 0.8
    # With a penalty this large, the network only guesses.
    scores = validation.test_scores.mean(axis=1)
    assert scores[0] > 0.8 and scores[2] < scores[0] - 0.2
