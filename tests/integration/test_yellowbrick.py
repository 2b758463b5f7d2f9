"""Yellowbrick 1.5, of 2022: its visualizers with force_model=True."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import confusion_matrix, roc_auc_score
from sklearn.model_selection import train_test_split

from skfcnn import FullyConnectedClassifier, FullyConnectedRegressor

pytestmark = [
    pytest.mark.integration,
    # It compares versions by distutils, and makes colour maps in matplotlib's old way.
    pytest.mark.filterwarnings("ignore:distutils Version classes are deprecated"),
    pytest.mark.filterwarnings("ignore:Passing 'N' to ListedColormap is deprecated"),
    pytest.mark.filterwarnings("ignore:The set_.* function:PendingDeprecationWarning"),
]

X, y = load_iris(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)


@pytest.mark.parametrize(
    "model",
    [
        FullyConnectedClassifier((10,), solver="lbfgs", alpha=1.0, tol=1e-2),
        LogisticRegression(max_iter=1000),
    ],
    ids=["skfcnn", "scikit-learn's own"],
)
def test_visualizers_work_with_force_model(model, figures):
    # from here
    from yellowbrick.classifier import ROCAUC, ConfusionMatrix

    matrix = ConfusionMatrix(model, force_model=True)
    matrix.fit(X_train, y_train)
    matrix.score(X_test, y_test)
    matrix.finalize()
    # to here
    expected = confusion_matrix(y_test, model.predict(X_test))
    np.testing.assert_array_equal(matrix.confusion_matrix_, expected)
    curves = ROCAUC(model, force_model=True).fit(X_train, y_train)
    curves.score(X_test, y_test)
    for k in range(3):
        area = roc_auc_score(y_test == k, model.predict_proba(X_test)[:, k])
        assert curves.roc_auc[k] == pytest.approx(area)


@pytest.mark.parametrize(
    "model",
    [FullyConnectedRegressor(hidden_layer_sizes=(), solver="lbfgs"), Ridge()],
    ids=["skfcnn", "scikit-learn's own"],
)
def test_visualizers_of_regressors_work_with_force_model(model, figures):
    X, y = load_diabetes(return_X_y=True, scaled=False)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    # from here: regressor
    from yellowbrick.regressor import PredictionError, ResidualsPlot

    residuals = ResidualsPlot(model, force_model=True)
    residuals.fit(X_train, y_train)
    residuals.score(X_test, y_test)
    residuals.finalize()
    # to here: regressor
    assert residuals.train_score_ == model.score(X_train, y_train)
    assert residuals.test_score_ == model.score(X_test, y_test) > 0.3
    _, drawn = residuals.ax.collections
    p = model.predict(X_test)
    np.testing.assert_array_equal(drawn.get_offsets(), np.column_stack([p, p - y_test]))
    errors = PredictionError(model, force_model=True).fit(X_train, y_train)
    assert errors.score(X_test, y_test) == residuals.test_score_
