"""The parameter weight_averaging: the weights are an average over the steps."""

import numpy as np
import pytest
from further_layers import X, Y, make_model

# A dozen epochs are too few for some models: they are worse than guessing.
pytestmark = pytest.mark.filterwarnings("ignore:.*worse than guess")


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_average_includes_every_step(dropout):
    """With one step per epoch, the average can be computed from fits without averaging."""
    params = {"batch_size": 200, "max_iter": 1, "warm_start": True, "dropout": dropout}
    params |= {"schedule": None, "dtype": "float64", "shuffle": False}
    plain = make_model(**params).fit(X, Y)
    start = make_model(**params | {"learning_rate_init": 1e-300}).fit(X, Y)
    average = start.coefs_[0].copy()
    for t in range(1, 21):
        if t > 1:
            plain.partial_fit(X, Y)
        average += (plain.coefs_[0] - average) / (1.0 + 0.1 * t)
    model = make_model(**params | {"max_iter": 20}, weight_averaging=0.1).fit(X, Y)
    np.testing.assert_allclose(model.coefs_[0], average, rtol=1e-9)
    assert not np.allclose(model.coefs_[0], plain.coefs_[0])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_resumed_average_equals_that_of_an_uninterrupted_fit():
    params = {
        "weight_averaging": 0.1,
        "early_stopping": True,
        "dropout": 0.1,
        "batch_size": 32,
    }
    whole = make_model(**params).fit(X, Y)
    part = make_model(**params).fit(X, Y, stop_after=11)
    rest = make_model(**params).fit(X, Y, resume_from=part)
    np.testing.assert_array_equal(rest.predict_proba(X), whole.predict_proba(X))
    assert whole.validation_scores_ == rest.validation_scores_
    plain = {"weight_averaging": 0.1, "schedule": None, "shuffle": False}
    by_epochs = make_model(**plain)
    for _ in range(5):
        by_epochs.partial_fit(X, Y, classes=[0, 1])
    at_once = make_model(**plain, max_iter=5).fit(X, Y)
    np.testing.assert_array_equal(by_epochs.predict_proba(X), at_once.predict_proba(X))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_average_continues_from_written_weights():
    params = {"schedule": None, "learning_rate_init": 1e-300, "weight_averaging": 0.1}
    model = make_model(**params | {"learning_rate_init": 0.01}).fit(X, Y)
    model = make_model(**params, max_iter=2).fit(X, Y)
    model.coefs_[0][...] = 7.0
    np.testing.assert_allclose(model.partial_fit(X, Y).coefs_[0], 7.0)


def test_average_continues_from_the_best_weights_after_early_stopping():
    params = {
        "weight_averaging": 0.1,
        "early_stopping": True,
        "schedule": None,
        "max_iter": 60,
    }
    model = make_model(**params, n_iter_no_change=5).fit(X, Y)
    model.set_params(early_stopping=False)
    best = model.coefs_[0].copy()
    model._training.solver.optimizer.optimizer.step = lambda *args: None
    np.testing.assert_allclose(model.partial_fit(X, Y).coefs_[0], best)


def test_average_starts_from_given_weights():
    start = make_model().fit(X, Y)
    given = {"coefs_init": start.coefs_, "intercepts_init": start.intercepts_}
    model = make_model(weight_averaging=0.1, max_iter=1, learning_rate_init=1e-300)
    np.testing.assert_array_equal(model.fit(X, Y, **given).coefs_[0], start.coefs_[0])


def test_lbfgs_refuses_average():
    with pytest.raises(ValueError, match="'lbfgs' has no weight_averaging"):
        make_model(solver="lbfgs", schedule=None, weight_averaging=0.1).fit(X, Y)
