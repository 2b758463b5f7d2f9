"""How well the classifier learns data that ships with scikit-learn.

Accuracy floors stand between two numbers: what a linear model reaches on the same data
(about 0.96 to 0.98 on all four sets) and what always naming the largest class reaches
(iris 0.33, wine 0.40, breast cancer 0.63, digits 0.10). A floor of 0.9 leaves room for
another NumPy or BLAS, and none for a model that has not learned.
"""

import numpy as np
import pytest
from quick_network import network, scaled
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split

from skfcnn import FullyConnectedClassifier

LOADERS = {
    "iris": load_iris,
    "wine": load_wine,
    "breast_cancer": load_breast_cancer,
    "digits": load_digits,
}

may_not_converge = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning"
)


@pytest.mark.grid(4)
@may_not_converge
@pytest.mark.parametrize("name", LOADERS)
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_classifier_learns_real_data(name, solver):
    X, y = LOADERS[name](return_X_y=True)
    train, test = train_test_split(
        np.arange(len(y)), test_size=0.3, stratify=y, random_state=0
    )
    rates = {"adam": 0.01, "sgd": 0.1, "lbfgs": 0.001}
    model = scaled(solver=solver, learning_rate_init=rates[solver], max_iter=300, tol=1e-4)
    model.fit(X[train], y[train])
    assert model.score(X[test], y[test]) > 0.9
    assert model.score(X[test], y[test]) == accuracy_score(y[test], model.predict(X[test]))


def test_defaults_match_a_linear_model_on_digits():
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, random_state=0)
    model = FullyConnectedClassifier(random_state=0, max_iter=60)
    with pytest.warns(ConvergenceWarning, match=r"Maximum iterations \(60\) reached"):
        model.fit(X_train, y_train)
    linear = LogisticRegression(max_iter=1000).fit(X_train, y_train)
    # A hidden layer gains about 2 points on these digits; 1 point of room to lose.
    assert model.score(X_test, y_test) > linear.score(X_test, y_test) - 0.01


def test_score_takes_sample_weight(wine):
    X, y = wine
    model = network(max_iter=2)
    with pytest.warns(ConvergenceWarning, match="lbfgs failed to converge after 2 iter"):
        model.fit(X, y)
    weights = 1.0 + np.arange(len(y)) % 3
    wanted = np.average(model.predict(X) == y, weights=weights)
    assert model.score(X, y, sample_weight=weights) == pytest.approx(wanted, abs=1e-15)


def test_importance_and_dependence_show_the_relevant_feature(wine):
    X, y = wine
    X = np.column_stack([X[:, 6], np.roll(X[:, 0], 89)])  # flavanoids, and wrong rows
    model = network().fit(X, y)
    importance = permutation_importance(model, X, y, n_repeats=5, random_state=0)
    assert importance.importances_mean[0] > 0.2 > importance.importances_mean[1]
    dependence = partial_dependence(model, X, [0], grid_resolution=5)
    assert dependence["average"].shape == (3, 5)
    # Grapes of class 0 are rich in flavanoids, those of class 2 poor.
    assert dependence["average"][0, -1] > dependence["average"][0, 0]
    assert dependence["average"][2, -1] < dependence["average"][2, 0]
