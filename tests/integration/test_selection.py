"""scikit-learn's selection of features and of candidates, round by round."""

import numpy as np
import pytest
from sklearn.datasets import make_classification, make_friedman1
from sklearn.feature_selection import RFECV, SelectFromModel, SequentialFeatureSelector

from skfcnn import FullyConnectedClassifier, FullyConnectedRegressor

pytestmark = pytest.mark.integration

# Only the first three columns are related to the class.
X, y = make_classification(
    600, 8, n_informative=3, n_redundant=0, shuffle=False, class_sep=2.0, random_state=0
)
INFORMATIVE = [0, 1, 2]


@pytest.fixture
def network():
    return FullyConnectedClassifier(
        (10,), solver="lbfgs", alpha=1.0, tol=1e-2, random_state=0
    )


def importance(network):
    """Norm of the weights that leave each input; for inputs of similar size."""
    return np.linalg.norm(network.coefs_[0], axis=1)


def test_features_are_selected_by_input_weights(network):
    selector = RFECV(network, importance_getter=importance, cv=3).fit(X, y)
    assert selector.support_[INFORMATIVE].all()
    ranks = SelectFromModel(network, max_features=3, importance_getter=importance)
    np.testing.assert_array_equal(ranks.fit(X, y).get_support(indices=True), INFORMATIVE)


def test_features_are_selected_by_the_score(network):
    selector = SequentialFeatureSelector(network, n_features_to_select=3, cv=3)
    np.testing.assert_array_equal(selector.fit(X, y).get_support(indices=True), INFORMATIVE)


def test_features_of_a_regressor_are_selected():
    """In the function of Friedman, the first five columns count."""
    rows, numbers = make_friedman1(400, 8, noise=0.5, random_state=0)
    network = FullyConnectedRegressor(
        hidden_layer_sizes=(10,),
        solver="lbfgs",
        alpha=1.0,
        tol=1e-2,
        max_iter=1000,
        random_state=0,
    )
    selector = RFECV(network, importance_getter=importance, cv=3)
    assert selector.fit(rows, 1e3 * numbers).support_[:5].all()
    best = {"max_features": 5, "threshold": -np.inf}
    ranks = SelectFromModel(network, importance_getter=importance, **best)
    chosen = ranks.fit(rows, 1e3 * numbers).get_support(indices=True)
    np.testing.assert_array_equal(chosen, range(5))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_halving_gives_good_candidates_more_epochs():
    # from here: halving
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401
    from sklearn.model_selection import HalvingGridSearchCV

    search = HalvingGridSearchCV(
        FullyConnectedClassifier((20,), random_state=0),
        {"learning_rate_init": [1e-5, 1e-4, 1e-3, 1e-2]},
        resource="max_iter",
        min_resources=5,
        max_resources=20,
        factor=2,
        random_state=0,
    )
    search.fit(X, y)
    # to here: halving
    assert search.n_resources_ == [5, 10, 20]
    assert search.n_candidates_ == [4, 2, 1]
    assert search.best_params_ == {"learning_rate_init": 1e-2, "max_iter": 20}
    assert search.best_estimator_.n_iter_ == 20
