"""The log link of skewed numbers, chosen by held-out errors."""

import numpy as np
import pandas as pd
import pytest

from skfcnn import TabularRegressor
from skfcnn.tabular import log_link, number_values
from skfcnn.tabular.folds import Fold
from skfcnn.tabular.log_link import MOST_ROWS, _some, is_skewed, log_link_is_better
from skfcnn.tabular.member_data import MemberData

SHORT = {"network_params": {"max_iter": 4}, "random_state": 0}


def products(n, *, seed=0):
    """Numbers that are products of what the columns say, with noise."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1.0, 1.0, (n, 4))
    return pd.DataFrame(X), np.exp(3.0 * X[:, 0] + 2.0 * X[:, 1]) * rng.gamma(10.0, 0.1, n)


def sums(n, *, seed=0):
    """Skewed numbers that are sums."""
    rng = np.random.default_rng(seed)
    X = rng.standard_exponential((n, 4))
    return pd.DataFrame(X), X @ [4.0, 3.0, 0.1, 0.1] + 0.1 * rng.uniform(size=n)


def squared(predicted, y):
    return ((predicted[:, 0] - y) ** 2).ravel()


def data_of(table, y):
    X, rows = table.to_numpy(), np.arange(len(y))
    folds = [Fold(rows[rows % 3 != k], rows[rows % 3 == k]) for k in range(3)]
    return MemberData(X, y, np.ones(len(y)), folds)


def test_it_is_chosen_for_products_and_not_for_sums():
    for numbers, expected in ((products, True), (sums, False)):
        data = data_of(*numbers(900))
        assert log_link_is_better(data, squared, {}, 0) is expected


def test_the_model_with_it_is_the_better_one_and_says_so():
    (X, y), (new, of_new) = products(900), products(2000, seed=1)
    params = {"trees": False, "random_state": 0}
    chosen = TabularRegressor("fast", **params).fit(X, y)
    plain = TabularRegressor("fast", link="identity", **params).fit(X, y)
    assert (chosen.training_loss_, plain.training_loss_) == ("poisson", "squared_error")
    assert {network.loss for network in chosen.estimators_} == {"poisson"}
    assert 1.0 - chosen.score(new, of_new) < 0.8 * (1.0 - plain.score(new, of_new))


@pytest.mark.parametrize(("is_better", "link"), [(True, "log"), (False, "identity")])
def test_verbose_prints_the_link_that_was_selected(is_better, link, monkeypatch, capsys):
    monkeypatch.setattr(number_values, "log_link_is_better", lambda *args: is_better)
    X, y = products(90)
    model = TabularRegressor("fast", verbose=True, **SHORT).fit(X, y)
    assert capsys.readouterr().out.startswith(f"link='auto': using '{link}'\n1 of 3: ")
    assert model.training_loss_ == ("poisson" if is_better else "squared_error")
    model.fit(X, y - y.mean())
    assert "link" not in capsys.readouterr().out  # none was tried


def test_it_learns_the_mean_and_not_that_of_the_logarithm():
    """exp(E log y) would be 0.6 of the mean here."""
    rng = np.random.default_rng(0)
    X, noise = pd.DataFrame(rng.uniform(size=(4000, 2))), rng.lognormal(0.0, 1.0, 4000)
    y = (1.0 + X[0].to_numpy()) * noise
    predicted = TabularRegressor("fast", link="log", random_state=0).fit(X, y).predict(X)
    assert predicted.mean() == pytest.approx(y.mean(), rel=0.05)


def test_intervals_with_it_hold_in_the_units_of_y():
    (X, y), (new, of_new) = products(900), products(2000, seed=1)
    model = TabularRegressor("fast", random_state=0).fit(X, y)
    low, high = model.predict_interval(new).T
    assert 0.87 < np.mean((low <= of_new) & (of_new <= high)) < 0.95


def test_skewness_is_that_to_the_right_of_numbers_that_are_not_negative():
    y, ones = np.random.default_rng(0).lognormal(size=500), np.ones(500)
    assert is_skewed(y, ones) and is_skewed(np.column_stack([y, y]), ones)
    assert not is_skewed(y - 1.0, ones)
    assert not is_skewed(y.max() - y, ones)
    assert not is_skewed(np.column_stack([y, y.max() - y]), ones)
    assert not is_skewed(ones, ones)
    assert not is_skewed(y, (y < 1.0) * 1.0)  # the tail has no weight
    assert is_skewed(np.append(y, -1.0), np.append(ones, 0.0))


def test_it_is_not_chosen_where_a_fold_has_only_zeros_or_no_weight():
    X, y = products(90)
    zeros = np.where(np.arange(90) == 0, 1.0, 0.0)
    assert not log_link_is_better(data_of(X, zeros), squared, {}, 0)
    data = data_of(X, y)
    data.weights = np.zeros(90)
    assert not log_link_is_better(data, squared, {}, 0)


def test_its_networks_are_trained_for_all_epochs(monkeypatch):
    train, epochs = log_link.train_network, []

    def recorded(*arguments):
        trained = train(*arguments)
        epochs.append(trained.model.n_iter_)
        return trained

    monkeypatch.setattr(log_link, "train_network", recorded)
    log_link_is_better(data_of(*sums(300)), squared, {"tol": 1e9}, 0)
    assert epochs == [log_link.NETWORK.max_iter] * 6


def test_an_interruption_of_the_choice_ends_the_fit():
    def interrupting(t):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        log_link_is_better(data_of(*products(90)), squared, {"schedule": interrupting}, 0)


def test_it_is_only_chosen_for_columns_that_the_encoder_bounds():
    X, y = products(300)
    own = TabularRegressor("fast", encoder="passthrough", **SHORT).fit(X.to_numpy(), y)
    assert own.training_loss_ == "squared_error"
    other = TabularRegressor("fast", loss="absolute_error", **SHORT).fit(X, y)
    assert other.training_loss_ == "absolute_error"


@pytest.mark.parametrize(
    ("params", "y", "message"),
    [
        ({"link": "log"}, -1.0, "link='log' is for numbers that are not negative"),
        ({"link": "log"}, 0.0, "not all 0; got a y of 0.0 to 0.0"),
        ({"link": "log", "loss": "huber"}, 1.0, "link='log' is only for loss='squared_err"),
        ({"link": "identity", "loss": "poisson"}, 1.0, "Use link='auto'"),
        ({"link": "logit"}, 1.0, "The 'link' parameter"),
    ],
)
def test_a_link_that_does_not_suit_is_refused(params, y, message):
    X, _ = products(30)
    with pytest.raises(ValueError, match=message):
        TabularRegressor("fast", **params, **SHORT).fit(X, np.full(30, y))


def test_numbers_without_weight_do_not_matter():
    X, y = products(90)
    weights = (np.arange(90) > 5) * 1.0
    for link in ("auto", "log"):
        model = TabularRegressor("fast", link=link, trees=True, **SHORT)
        model.fit(X, np.where(weights, y, -1.0), weights)
        assert model.training_loss_ == "poisson" and (model.predict(X) > 0.0).all()
    model = TabularRegressor("fast", link="log", **SHORT)
    with pytest.raises(ValueError, match="not all 0; got a y of 0.0 to 0.0"):
        model.fit(X, 1.0 - weights, weights)


def test_few_rows_are_enough_to_choose():
    rng, rows = np.random.RandomState(0), np.arange(10 * MOST_ROWS)
    some = _some(rows, rng)
    assert len(np.unique(some)) == MOST_ROWS and (np.diff(some) > 0).all()
    assert _some(rows[:5], rng).tolist() == [0, 1, 2, 3, 4]


def test_a_fit_repeats_with_the_link_that_was_chosen():
    X, y = products(200)
    one, same = (TabularRegressor("fast", **SHORT).fit(X, y).predict(X) for _ in range(2))
    np.testing.assert_array_equal(one, same)


def test_several_outputs_and_trees_have_it_too():
    X, y = products(300)
    pair = TabularRegressor("fast", **SHORT).fit(X, np.column_stack([y, 2.0 * y]))
    assert pair.training_loss_ == "poisson" and pair.predict(X).shape == (300, 2)
    mixed = TabularRegressor("fast", trees=True, **SHORT).fit(X, y)
    assert {model.loss for model in mixed.estimators_} == {"poisson"}
