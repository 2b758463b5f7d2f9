"""Dask: the fits of a search, or of an ensemble, on the workers of a cluster."""

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV

from skfcnn import (
    FullyConnectedClassifier,
    FullyConnectedRegressor,
    TabularClassifier,
)

pytestmark = [
    pytest.mark.integration,
    # The dashboard uses another port if its port is taken.
    pytest.mark.filterwarnings("ignore:Port 8787 is already in use"),
]

X, y = load_digits(return_X_y=True)
X = X / 16.0


def test_search_and_ensemble_on_a_cluster_give_the_same_bits():
    network = FullyConnectedClassifier(schedule="cosine", max_iter=10, random_state=0)
    grid = {"alpha": [1e-4, 1.0], "activation": ["relu", "tanh"]}
    search = GridSearchCV(network, grid, cv=3)
    ensemble = TabularClassifier("fast", n_jobs=2, random_state=0)
    regressor = FullyConnectedRegressor(schedule="cosine", max_iter=10, random_state=0)
    search_of_losses = GridSearchCV(regressor, {"loss": ["huber", "poisson"]}, cv=3)
    # from here
    from dask.distributed import Client, LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1) as cluster, Client(cluster):
        with joblib.parallel_config("dask"):
            search.fit(X, y)
            ensemble.fit(X, y)
            search_of_losses.fit(X, y)
    # to here
    alone = GridSearchCV(network, grid, cv=3).fit(X, y)
    losses_alone = clone(search_of_losses).fit(X, y)
    np.testing.assert_array_equal(search_of_losses.predict(X), losses_alone.predict(X))
    for fold in range(3):
        name = f"split{fold}_test_score"
        for there, here in ((search, alone), (search_of_losses, losses_alone)):
            np.testing.assert_array_equal(there.cv_results_[name], here.cv_results_[name])
    np.testing.assert_array_equal(search.predict_proba(X), alone.predict_proba(X))
    expected = TabularClassifier("fast", random_state=0).fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(ensemble.predict_proba(X), expected)
