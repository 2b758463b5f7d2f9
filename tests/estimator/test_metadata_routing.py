"""Metadata routing: what a pipeline or a search passes to fit and to score."""

import numpy as np
import pytest
import sklearn
from quick_network import network
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import accuracy_score, make_scorer, mean_absolute_error
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skfcnn import FullyConnectedRegressor

SETTINGS = {"hidden_layer_sizes": (10,), "solver": "lbfgs", "tol": 1e-2, "random_state": 0}


class TestMetadataRouting:
    @pytest.fixture(autouse=True)
    def routing(self):
        with sklearn.config_context(enable_metadata_routing=True):
            yield

    @pytest.fixture
    def weights(self, raw_wine):
        return 1.0 + np.arange(len(raw_wine[1])) % 4

    def pipeline(self):
        model = network().set_fit_request(sample_weight=True)
        return make_pipeline(StandardScaler().set_fit_request(sample_weight=False), model)

    def test_pipeline_passes_sample_weight(self, raw_wine, weights):
        X, y = raw_wine
        model = self.pipeline().fit(X, y, sample_weight=weights)
        Z = StandardScaler().fit_transform(X)
        alone = network().fit(Z, y, sample_weight=weights)
        np.testing.assert_array_equal(model.predict_proba(X), alone.predict_proba(Z))
        unweighted = network().fit(Z, y)
        assert not np.array_equal(unweighted.predict_proba(Z), alone.predict_proba(Z))

    def test_grid_search_passes_sample_weight_to_fit_and_score(self, raw_wine, weights):
        X, y = raw_wine
        train, test = np.arange(0, 178, 2), np.arange(1, 178, 2)
        search = GridSearchCV(
            self.pipeline(),
            {"fullyconnectedclassifier__alpha": [0.1, 30.0]},
            scoring=make_scorer(accuracy_score).set_score_request(sample_weight=True),
            cv=[(train, test)],
        )
        search.fit(X, y, sample_weight=weights)
        results = search.cv_results_
        for params, got in zip(results["params"], results["mean_test_score"], strict=True):
            model = self.pipeline().set_params(**params)
            model.fit(X[train], y[train], sample_weight=weights[train])
            right = model.predict(X[test]) == y[test]
            assert got == pytest.approx(np.average(right, weights=weights[test]), abs=1e-15)

    def test_cross_validation_passes_initial_weights(self, wine):
        X, y = wine
        start = network().fit(X, y)
        model = network(solver="adam", max_iter=1, learning_rate_init=1e-12)
        model.set_fit_request(coefs_init=True, intercepts_init=True)
        params = {"coefs_init": start.coefs_, "intercepts_init": start.intercepts_}
        with pytest.warns(ConvergenceWarning, match="Maximum iterations"):
            scores = cross_val_score(model, X, y, cv=3, params=params)
        assert scores.min() > 0.9

    def test_weight_without_a_request_is_an_error(self, raw_wine, weights):
        model = make_pipeline(StandardScaler(), network())
        with pytest.raises(ValueError, match="sample_weight"):
            model.fit(*raw_wine, sample_weight=weights)

    def test_partial_fit_has_its_own_request(self):
        model = network(solver="adam").set_partial_fit_request(
            sample_weight=True, classes=True
        )
        request = model.get_metadata_routing().partial_fit.requests
        asked = {name: value for name, value in request.items() if value is not None}
        assert asked == {"sample_weight": True, "classes": True}

    @pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
    def test_regressor_gets_weights_in_fit_and_score(self, wine, weights):
        X, y = wine
        model = FullyConnectedRegressor(**SETTINGS).set_fit_request(sample_weight=True)
        train, test = np.arange(0, 178, 2), np.arange(1, 178, 2)
        scorer = make_scorer(mean_absolute_error, greater_is_better=False)
        search = GridSearchCV(
            make_pipeline(StandardScaler().set_fit_request(sample_weight=False), model),
            {"fullyconnectedregressor__loss": ["squared_error", "absolute_error"]},
            scoring=scorer.set_score_request(sample_weight=True),
            cv=[(train, test)],
        )
        search.fit(X, 50.0 * y, sample_weight=weights)
        for i, params in enumerate(search.cv_results_["params"]):
            alone = make_pipeline(StandardScaler(), FullyConnectedRegressor(**SETTINGS))
            alone.set_params(**params)
            given = {"fullyconnectedregressor__sample_weight": weights[train]}
            with sklearn.config_context(enable_metadata_routing=False):
                alone.fit(X[train], 50.0 * y[train], **given)
            errors = np.abs(alone.predict(X[test]) - 50.0 * y[test])
            expected = -np.average(errors, weights=weights[test])
            found = search.cv_results_["mean_test_score"][i]
            assert found == pytest.approx(expected, rel=1e-12)

    def test_requests_of_a_regressor(self):
        model = FullyConnectedRegressor().set_partial_fit_request(sample_weight=True)
        model.set_score_request(sample_weight=False).set_fit_request(X_val=True)
        routing = model.get_metadata_routing()
        assert routing.partial_fit.requests["sample_weight"] is True
        assert "classes" not in routing.partial_fit.requests
        assert routing.score.requests["sample_weight"] is False
        assert routing.fit.requests["X_val"] is True
