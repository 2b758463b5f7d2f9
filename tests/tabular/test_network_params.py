"""The entries of network_params as parameters of their own."""

import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV

from skfcnn import TabularClassifier
from skfcnn.tabular.network_params import NetworkParams

X, Y = load_iris(return_X_y=True)


def test_entries_are_set_in_a_copy_of_the_dict():
    shared = {"max_iter": 3}
    model = TabularClassifier("fast", network_params=shared)
    assert isinstance(model, NetworkParams)
    model.set_params(network_params__dropout=0.1, effort="best")
    assert shared == {"max_iter": 3}
    assert model.network_params == {"max_iter": 3, "dropout": 0.1}
    assert model.effort == "best"
    assert model.get_params()["network_params__dropout"] == 0.1
    assert "network_params__dropout" not in model.get_params(deep=False)


def test_entries_are_set_where_there_is_no_dict():
    model = TabularClassifier("fast").set_params(network_params__max_iter=2)
    assert clone(model).network_params == {"max_iter": 2}
    model.set_params(network_params={"alpha": 1.0}, network_params__max_iter=4)
    assert model.network_params == {"alpha": 1.0, "max_iter": 4}


def test_entries_are_searched_one_by_one():
    model = TabularClassifier("fast", network_params={"max_iter": 2}, random_state=0)
    grid = {
        "network_params__hidden_layer_sizes": [(), (64,)],
        "network_params__dropout": [0],
    }
    search = GridSearchCV(model, grid, cv=2, error_score="raise").fit(X, Y)
    assert model.network_params == {"max_iter": 2}
    best = search.best_estimator_.network_params
    assert best == {"max_iter": 2} | {
        name.removeprefix("network_params__"): value
        for name, value in search.best_params_.items()
    }


def test_unknown_entries_are_refused_by_fit():
    message = "network_params of TabularClassifier has 'no_such', .* Use one of .*'alpha'"
    with pytest.raises(ValueError, match=message):
        TabularClassifier().set_params(network_params__no_such=1).fit(X, Y)
    with pytest.raises(ValueError, match="has 'drop_out', .* Did you mean 'dropout'?"):
        TabularClassifier(network_params={"drop_out": 0.1}).fit(X, Y)
    with pytest.raises(ValueError, match="Invalid parameter 'no_such'"):
        TabularClassifier().set_params(no_such=1)
