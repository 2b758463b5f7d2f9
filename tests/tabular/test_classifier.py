"""TabularClassifier, through their public interface."""

import pickle
import threading
import time
import warnings
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_backend
from large_table import peaks_of
from scipy.special import softmax
from sklearn import config_context
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.utils.estimator_checks import (
    check_sample_weight_equivalence_on_dense_data,
    parametrize_with_checks,
)
from table_support import LBFGS
from threadpoolctl import threadpool_limits

import skfcnn
import skfcnn.tabular.classifier
from skfcnn import FullyConnectedClassifier, TabularClassifier
from skfcnn.tabular import ensemble
from skfcnn.tabular.blending import mixing_weights
from skfcnn.tabular.folds import folds
from skfcnn.tabular.presets import EFFORTS
from skfcnn.tabular.temperature import best_temperature, tempered

pytestmark = pytest.mark.filterwarnings("ignore:Check how these columns were read")

RNG = np.random.RandomState(0)
SHORT = {"network_params": {"max_iter": 3, "hidden_layer_sizes": (8,)}, "trees": False}
WITHOUT_BATCHES = {"dtype": "float64", "batch_size": "auto"}  # up to 200 rows


@pytest.mark.grid(4)
@parametrize_with_checks(
    [
        TabularClassifier(),
        TabularClassifier("fast", encoder="passthrough", random_state=0),
    ],
)
def test_common_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("encoder", ["auto", "passthrough"])
@pytest.mark.parametrize(
    ("effort", "params"),
    [
        ("fast", WITHOUT_BATCHES),
        ("fast", {"dtype": "float64", "alpha": 0.01, "max_iter": 32, **LBFGS}),
        ("balanced", WITHOUT_BATCHES),
    ],
)
def test_whole_weights_are_repeats_of_rows_without_mini_batches(effort, params, encoder):
    """As in scikit-learn, which checks its own MLPClassifier with a solver without them."""
    model = TabularClassifier(
        effort, encoder=encoder, network_params=params, random_state=0
    )
    check_sample_weight_equivalence_on_dense_data("TabularClassifier", model)


def a_table(n=400, *, seed=0):
    """Columns of every kind, with missing values, and labels that depend on some."""
    rng = np.random.RandomState(seed)
    x, colour = rng.standard_normal(n), rng.choice(["red", "green", "blue"], n)
    day = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.randint(0, 900, n), "D")
    table = pd.DataFrame(
        {
            "x": np.where(rng.uniform(size=n) < 0.1, np.nan, x),
            "whole": pd.array(rng.randint(0, 9, n), "Int64"),
            "yes": rng.uniform(size=n) < 0.5,
            "colour": pd.Series(colour).where(rng.uniform(size=n) > 0.1),
            "kind": pd.Categorical(rng.choice(["a", "b"], n)),
            "town": [f"town {i}" for i in rng.randint(0, 60, n)],
            "day": day,
            "same": 1.0,
            "none": np.nan,
        }
    )
    table.loc[5, "whole"] = pd.NA
    y = np.where((x > 0) ^ (colour == "red"), "good", "bad")
    return table, y


# ----- the table


@pytest.mark.parametrize(
    "effort", ["fast", "balanced", pytest.param("best", marks=pytest.mark.slow)]
)
def test_every_effort_learns_from_a_raw_table(effort):
    table, y = a_table()
    new, labels = a_table(seed=1)
    new.loc[0, "colour"] = "violet"
    model = TabularClassifier(effort, random_state=0).fit(table, y)
    # A tenth of x and of the colours are missing: the best accuracy is about 0.92.
    with pytest.warns(UserWarning, match="'colour': 1 row, such as 'violet'") as caught:
        assert model.score(new, labels) > 0.8
        p = model.predict_proba(new)
    assert [warning.filename for warning in caught] == [__file__] * 2
    np.testing.assert_allclose(p.sum(axis=1), 1.0, atol=1e-6)
    assert model.classes_.tolist() == ["bad", "good"]


def test_it_is_cloned_searched_and_pickled():
    table, y = a_table()
    model = clone(TabularClassifier("fast", random_state=0, **SHORT))
    search = GridSearchCV(
        model, {"effort": ["fast", "balanced"]}, cv=2, error_score="raise"
    )
    search.fit(table, y)
    loaded = pickle.loads(pickle.dumps(search.best_estimator_))
    np.testing.assert_array_equal(loaded.predict_proba(table), search.predict_proba(table))


def test_module_is_imported_on_first_use():
    assert "TabularClassifier" in skfcnn.__all__
    assert skfcnn.TabularClassifier is skfcnn.tabular.classifier.TabularClassifier
    with pytest.raises(AttributeError, match="has no attribute 'make_other'"):
        skfcnn.make_other  # noqa: B018


# ----- the ensemble


def test_a_fit_repeats_with_its_seed_alone_and_in_parallel():
    X, y = load_breast_cancer(return_X_y=True)
    fits = [
        TabularClassifier(random_state=seed, n_jobs=n_jobs, **SHORT).fit(X, y)
        for seed, n_jobs in ((0, None), (0, 2), (1, None))
    ]
    first, parallel, other = (fit.predict_proba(X) for fit in fits)
    np.testing.assert_array_equal(first, parallel)
    assert (first != other).any()


def test_probabilities_are_the_mean_over_the_networks():
    X, y = load_iris(return_X_y=True)
    model = TabularClassifier(random_state=0, **SHORT).fit(X, y)
    assert len(model.estimators_) == 5
    assert model.family_weights_.tolist() == [1.0]
    encoded = model.encoder_.transform(X)
    mean = np.mean(
        [network.predict_proba(encoded) for network in model.estimators_], axis=0
    )
    np.testing.assert_allclose(model.predict_proba(X), mean, rtol=1e-6)
    assert (model.predict(X) == mean.argmax(axis=1)).all()


def test_effort_best_weights_four_families(capsys):
    X, y = load_iris(return_X_y=True)
    params = {"max_iter": 5}
    model = TabularClassifier(
        "best", trees=False, random_state=0, verbose=True, network_params=params
    )
    model.fit(X, y)
    assert len(model.estimators_) == 20
    assert model.family_weights_.sum() == pytest.approx(1.0)
    n_in = [len(network.coefs_[0]) for network in model.estimators_[::5]]
    # Plain, with three embeddings of each column, with eight splines of each, and wide.
    assert n_in == [4, 4 + 4 * 3, 4 + 4 * 8, 4]
    assert model.estimators_[-1].hidden_layer_sizes == (256,)
    told = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in told[:20]] == [
        f"{n} of 20" for n in range(1, 21)
    ]
    assert "hidden layers (128, 128, 128), selu, splines, fold 4: epoch " in told[14]
    assert [line.split(":")[1][:12] for line in told[20:]] == [" best epochs"] * 4
    p = model.predict_proba(X)
    np.testing.assert_allclose(p.sum(axis=1), 1.0, atol=1e-6)


LABELS_REFUSED = {
    "numbers as objects": (np.array([0, 1, 2], object), "int, as objects.*y.astype"),
    "truths as objects": (np.array([True, False, True], object), "bool, as objects.*y.ast"),
    "NaT": (np.array(["2020-01-01", "NaT", "2021-01-01"], "M8[D]"), "y contains NaT"),
    "NaN": (np.array([0.0, np.nan, 1.0]), "y contains NaN"),
    "None": (
        ["x", None, "y"],
        r"50 missing label\(s\), the first in row 1. Drop these rows",
    ),
    "None, objects": (np.array(["x", None, "y"], object), "50 missing label"),
    "NaN and texts": (["x", "y", np.nan], "50 missing label.* in row 2"),
    "NaN and texts, objects": (np.array(["x", "y", np.nan], object), "y contains NaN"),
    "mixed": ([1, "a", 2], "Labels must be numbers or strings, and not both; got int, str"),
    "mixed objects": (np.array([1, "a", 2], object), "Labels must be numbers or strings"),
    "continuous": (np.array([0.5, 1.5, 2.0]), "Unknown label type: continuous"),
}


@pytest.mark.parametrize("case", LABELS_REFUSED)
def test_both_classes_refuse_labels_with_the_same_message(case):
    labels, message = LABELS_REFUSED[case]
    X, _ = load_iris(return_X_y=True)
    y = list(labels) * 50 if isinstance(labels, list) else np.tile(labels, 50)
    errors = []
    for model in (TabularClassifier("fast", **SHORT), FullyConnectedClassifier((5,))):
        with pytest.raises((ValueError, TypeError), match=message) as error:
            model.fit(X, y)
        errors.append(repr(error.value))
    assert errors[0] == errors[1]


@pytest.mark.grid(2)
@pytest.mark.parametrize(
    "labels",
    [np.array(["a", "b", "c"], object), [True, False, True], [3, 1, 2], ["x", "y", "x"]],
    ids=str,
)
def test_labels_that_are_learned_can_be_scored(labels):
    X, y = load_iris(return_X_y=True)
    named = np.asarray(labels)[y]
    model = TabularClassifier("fast", random_state=0, **SHORT).fit(X, list(named))
    assert set(model.predict(X)) <= set(labels)
    scores = cross_val_score(model, X, named, cv=2, error_score="raise")
    assert ((0.0 <= scores) & (scores <= 1.0)).all()


@pytest.mark.grid(2)
@pytest.mark.parametrize("labels", [(1, 2), ("good", "bad")])
def test_class_weights_are_given_by_label(labels):
    X = RNG.standard_normal((300, 1))
    y = np.array(labels)[(RNG.uniform(size=300) < 0.7).astype(int)]

    def share_of_first(class_weight):
        model = TabularClassifier(
            "fast",
            class_weight=class_weight,
            network_params={"max_iter": 8},
            random_state=0,
        ).fit(X, y)
        return model.predict_proba(X)[:, list(model.classes_).index(labels[0])].mean()

    first, second = labels
    # A share of 0.3 in 9 times the weight is one of 0.8 that is learned in part.
    assert share_of_first({first: 9}) > share_of_first(None) + 0.1
    assert share_of_first({second: 1, first: 9}) == share_of_first({first: 9})
    with pytest.raises(ValueError, match="class_weight has weights for .'other'., but"):
        TabularClassifier("fast", class_weight={"other": 2.0}).fit(X, y)


@pytest.mark.parametrize(
    "records",
    [{"a": 1.0}, [{"a": 1.0}], np.array([(1.0,)], [("a", "f8")]), {"a": [1.0, 2.0]}],
    ids=str,
)
def test_models_of_arrays_refuse_records_and_suggest_frames(records):
    X, y = load_iris(return_X_y=True)
    for model in (
        TabularClassifier("fast", encoder="passthrough", random_state=0, **SHORT),
        FullyConnectedClassifier((5,), random_state=0, solver="lbfgs", tol=0.1),
    ):
        message = r"X holds records .*Use pd.DataFrame\(X\), .*pd.DataFrame\(\[X\]\)"
        with pytest.raises(TypeError, match=message):
            model.fit(records, y)
        model.fit(X, y)
        with pytest.raises(TypeError, match=message):
            model.predict(records)


def test_weights_of_a_known_mixture_are_found():
    rng = np.random.RandomState(0)
    p = rng.dirichlet(np.ones(3), size=(2, 20_000))  # of two models
    mixture = 0.8 * p[0] + 0.2 * p[1]
    y = np.array([rng.choice(3, p=of_row) for of_row in mixture])
    p_true = p[:, np.arange(20_000), y]
    # The weight of 20,000 rows errs by about a hundredth.
    assert mixing_weights(p_true, np.ones(20_000)) == pytest.approx([0.8, 0.2], abs=0.04)
    halves = np.repeat([1.0, 0.0], 10_000)
    of_half = mixing_weights(p_true[:, :10_000], np.ones(10_000))
    np.testing.assert_allclose(mixing_weights(p_true, halves), of_half)
    # Without rows, all count alike.
    assert mixing_weights(np.empty((2, 0)), np.empty(0)).tolist() == [0.5, 0.5]


@pytest.mark.grid(2)
@pytest.mark.parametrize("sizes", [(), 12, (12, 10), [9, 8, 7, 6]])
def test_networks_may_have_other_layers(sizes):
    X, y = load_iris(return_X_y=True)
    params = {"hidden_layer_sizes": sizes}
    model = TabularClassifier("fast", random_state=0, network_params=params).fit(X, y)
    assert model.estimators_[0].hidden_layer_sizes == sizes
    assert model.score(X, y) > 0.9


def test_sample_weights_are_used():
    X, y = load_iris(return_X_y=True)
    weights = np.where(y == 0, 0.0, 1.0)
    model = TabularClassifier("fast", random_state=0).fit(X, y, sample_weight=weights)
    assert model.predict_proba(X)[:, 0].max() < 0.05


def test_classes_with_one_row_are_learned():
    X, y = load_iris(return_X_y=True)
    labels = np.where(np.arange(150) == 7, "one", y.astype(str))
    model = TabularClassifier(random_state=0, **SHORT).fit(X, labels)
    assert model.classes_.tolist() == ["0", "1", "2", "one"]
    assert all(len(network.classes_) == 4 for network in model.estimators_)
    alone = TabularClassifier(random_state=0, **SHORT).fit(X[:4], np.arange(4))
    assert alone.temperatures_ == [1.0]
    assert alone.predict_proba(X).shape == (150, 4)


def test_folds_hold_out_every_row_once_except_rare_classes():
    y = np.array([0] * 20 + [1] * 13 + [2] * 3)
    members = folds(y, np.ones(36), 5, np.random.RandomState(0))
    assert len(members) == 5
    held_out = np.concatenate([fold.held_out for fold in members])
    assert sorted(held_out) == list(range(33))
    for train, fold, _ in members:
        assert sorted([*train, *fold]) == list(range(36))
        assert set(y[train]) == {0, 1, 2}
    weights = np.ones(36)
    weights[4:20] = 0.0  # four rows of the first class are left
    for train, fold, _ in folds(y, weights, 5, np.random.RandomState(0)):
        assert set(y[fold]) == {1}
        assert set(y[train]) == {0, 1, 2}


def test_few_rows_with_weight_and_weights_of_any_scale():
    X, y = load_iris(return_X_y=True)
    weights = np.zeros(150)
    weights[[0, 1, 50, 51, 100, 101]] = 1.0
    model = TabularClassifier("fast", random_state=0).fit(X, y, weights)
    assert model.temperatures_ == [1.0]
    with pytest.raises(ValueError, match="at least one non-zero"):
        TabularClassifier("fast").fit(X, y, np.zeros(150))
    p_true = RNG.uniform(size=(3, 100))
    of_ones = mixing_weights(p_true, np.ones(100))
    np.testing.assert_allclose(mixing_weights(p_true, np.full(100, 1e-3)), of_ones)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_line_is_printed_when_a_network_ends(monkeypatch, n_jobs):
    """Also if several are trained at once: before the last one has ended."""
    told, train = [], FullyConnectedClassifier._fit_as_member

    def slower_and_slower(network, *args, **kwargs):
        told.append("begun")
        return train(network, *args, **kwargs)

    def keep(line, flush):
        told.append(line)
        assert flush

    monkeypatch.setattr(FullyConnectedClassifier, "_fit_as_member", slower_and_slower)
    monkeypatch.setattr("builtins.print", keep)
    X, y = load_iris(return_X_y=True)
    model = TabularClassifier("best", n_jobs=n_jobs, verbose=True, **SHORT)
    monkeypatch.setattr(ensemble, "print_summary", lambda model, n_models: None)
    with parallel_backend("threading"):
        model.fit(X, y)
    first = next(i for i, line in enumerate(told) if line != "begun")
    assert told[first].startswith("1 of 20: hidden layers (8,), selu, fold 0: ")
    assert first < told.index(told[-1])
    assert told[first + 1 :].count("begun") > 2


def interrupting(t):
    """A schedule during which a user presses Ctrl-C."""
    if t > 0.5:
        raise KeyboardInterrupt
    return 1.0


def interrupting_at_once(t):
    raise KeyboardInterrupt


# The manager of loky's workers may look for a task that has just been cancelled.
@pytest.mark.filterwarnings("ignore:Exception in thread ExecutorManagerThread")
@pytest.mark.grid(3)
@pytest.mark.parametrize("schedule", [interrupting, interrupting_at_once])
@pytest.mark.parametrize(
    ("backend", "n_jobs"), [("loky", 1), ("threading", 2), ("loky", 2)]
)
def test_an_interruption_ends_the_whole_fit(schedule, backend, n_jobs):
    """An interruption of one network, in any thread or process."""
    X, y = load_iris(return_X_y=True)
    model = TabularClassifier("fast", random_state=0, n_jobs=n_jobs, **SHORT)
    model.fit(X, y).set_params(network_params={"schedule": schedule})
    with parallel_backend(backend), pytest.raises(KeyboardInterrupt):
        model.fit(X, y)
    with pytest.raises(NotFittedError):
        model.predict(X)


@pytest.mark.parametrize("time_limit", [None, 60.0])
def test_no_network_starts_after_an_interruption(time_limit, monkeypatch):
    """With a time limit, the interruption is that of the measurement of an epoch."""
    begun = []

    def interrupt(self):
        begun.append(threading.get_ident())
        raise KeyboardInterrupt

    monkeypatch.setattr("skfcnn.estimator.monitor.Progress.begin", interrupt)
    with pytest.raises(KeyboardInterrupt):
        TabularClassifier("fast", time_limit=time_limit).fit(*load_iris(return_X_y=True))
    # A thread of an interrupted fit of another test may still be at work.
    assert begun.count(threading.get_ident()) == 1


@pytest.mark.parametrize("action", ["error", "always"])
def test_warnings_of_networks_are_issued_once_with_their_category(action):
    """A warning about batch_size is issued, a ConvergenceWarning is not."""
    X, y = load_iris(return_X_y=True)
    params = {"batch_size": 1000, "max_iter": 2}
    model = TabularClassifier("best", random_state=0, network_params=params)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter(action)
        if action == "error":
            with pytest.raises(UserWarning, match="batch_size"):
                model.fit(X, y)
        else:
            model.fit(X, y)
    assert [each.category for each in caught] == [UserWarning] * (action == "always")


def test_threads_do_not_change_the_warning_filters(monkeypatch):
    """Two threads in catch_warnings at once may restore each other's filters."""
    inside, n_threads = Counter(), []

    class Slow(warnings.catch_warnings):
        def __enter__(self):
            inside[threading.get_ident()] += 1
            n_threads.append(len(+inside))
            time.sleep(0.005)
            return super().__enter__()

        def __exit__(self, *error):
            super().__exit__(*error)
            inside[threading.get_ident()] -= 1

    monkeypatch.setattr(warnings, "catch_warnings", Slow)
    X, y = load_iris(return_X_y=True)
    with parallel_backend("threading", n_jobs=2):
        TabularClassifier("balanced", **SHORT).fit(X, y)
    assert len(n_threads) > 20
    assert max(n_threads) == 1


def test_failed_fit_leaves_no_model():
    X, y = load_iris(return_X_y=True)
    model = TabularClassifier("fast", random_state=0, **SHORT).fit(X, y)
    with pytest.raises(ValueError, match="max_iter"):
        model.set_params(network_params={"max_iter": 0}).fit(X[:, :3], y)
    with pytest.raises(NotFittedError):
        model.predict(X)


@pytest.mark.grid(3)
@pytest.mark.parametrize("columns", [["x", "whole"], ["colour", "kind"], None])
def test_a_fitted_pipeline_is_shown_in_a_notebook(columns):
    table, y = a_table()
    model = TabularClassifier("fast", random_state=0, **SHORT)
    html = model.fit(table[columns] if columns else table, y)._repr_html_()
    assert "TabularClassifier" in html


@pytest.mark.grid(2)
@pytest.mark.parametrize("output", ["pandas", "polars"])
def test_global_transform_output_changes_nothing(output):
    table, y = a_table(100)
    with config_context(transform_output=output):
        model = TabularClassifier("best", random_state=0, **SHORT).fit(table, y)
        there = model.predict_proba(table)
    np.testing.assert_array_equal(there, model.predict_proba(table))


def test_column_names_need_not_be_strings():
    table, y = a_table()
    table.columns = range(10, 10 + table.shape[1])
    model = TabularClassifier("fast", random_state=0, **SHORT).fit(table, y)
    turned = model.predict_proba(table[table.columns[::-1]])
    np.testing.assert_array_equal(turned, model.predict_proba(table))
    with pytest.raises(ValueError, match="missing: 11; unexpected: 77"):
        model.predict(table.rename(columns={11: 77}))


# ----- the probabilities


def test_known_temperature_is_found():
    z = 3.0 * RNG.standard_normal((20_000, 4))
    y = np.array([RNG.choice(4, p=p) for p in softmax(z, axis=1)])
    for factor in (0.5, 1.0, 2.5):
        p = softmax(factor * z, axis=1)
        found = best_temperature(p, y, np.ones(len(y)))
        # A temperature of 20,000 rows errs by about a percent.
        assert found == pytest.approx(factor, rel=0.04)


def test_probabilities_stay_positive_for_low_temperatures():
    """At T = 1/10 it would be exp(-870), and a mixture of zeros has no weights."""
    p = tempered(np.array([[1.0 - 1e-38, 1e-38]]), 0.1)
    assert 0.0 < p[0, 1] < 1e-300
    assert mixing_weights(p[:, 1][:, None], np.ones(1)).tolist() == [1.0]


def test_certain_probabilities_have_a_temperature():
    """Also those that are wrong: log 0 would give NaN."""
    p = np.tile([[0.0, 1.0]], (50, 1))
    y = (np.arange(50) % 10 > 0).astype(int)
    T = best_temperature(p, y, np.ones(50))
    assert T > 5.0 and np.isfinite(tempered(p, T)).all()


def test_few_correct_rows_do_not_give_certain_probabilities():
    p = np.full((10, 2), [0.1, 0.9])
    T = best_temperature(p, np.ones(10, int), np.ones(10))
    # The probability of the true class becomes 1 - 1 / (2 (n + 2)).
    assert 1.0 / (1.0 + (1.0 / 9.0) ** (1.0 / T)) == pytest.approx(1 - 1 / 24, abs=1e-3)


def test_weights_of_zero_do_not_change_the_temperature():
    p = softmax(RNG.standard_normal((50, 3)), axis=1)
    y, weights = RNG.randint(3, size=50), np.repeat([1.0, 0.0], 25)
    found = best_temperature(p, y, weights)
    # The search ends within 1e-5 of the logarithm of T.
    assert found == pytest.approx(best_temperature(p[:25], y[:25], np.ones(25)), rel=1e-4)


@pytest.mark.slow
def test_label_smoothing_does_no_harm_to_the_probabilities():
    """The temperature corrects its effect on the probabilities."""
    X, y = load_breast_cancer(return_X_y=True)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    losses = {}
    for epsilon in (0.0, 0.1):
        params = {"label_smoothing": epsilon}
        model = TabularClassifier(random_state=0, network_params=params)
        losses[epsilon] = log_loss(
            y_test, model.fit(X_train, y_train).predict_proba(X_test)
        )
    # Without the temperature 0.1 costs at least -log(0.95) = 0.05 on rows that are right.
    assert losses[0.1] < losses[0.0] + 0.02


# ----- the time


@pytest.mark.grid(3)
@pytest.mark.parametrize("effort", EFFORTS)
def test_a_time_limit_is_kept(monkeypatch, effort):
    """Measured as CPU time, as other processes may slow this one down."""
    monkeypatch.setattr("time.time", time.process_time)
    X = RNG.standard_normal((4000, 20))
    y = (X[:, 0] + X[:, 1] > 0).astype(int)
    model = TabularClassifier(effort, time_limit=0.5, random_state=0)
    with threadpool_limits(1):  # the clock counts all threads
        began = time.process_time()
        model.fit(X, y)
    assert time.process_time() - began < 1.5
    assert model.score(X, y) > 0.9
    assert len(model.estimators_) == sum(len(each.members) for each in model._families)
    assert len(model.family_weights_) == len(model.temperatures_) == len(model._families)


def test_one_network_is_trained_for_any_time_limit(capsys):
    X, y = load_breast_cancer(return_X_y=True)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    model = TabularClassifier("best", time_limit=1e-6, random_state=0, verbose=True)
    assert model.fit(X, y).score(X, y) > 0.9
    assert len(model.estimators_) == 1
    assert model.estimators_[0].hidden_layer_sizes == (256,)
    # 50 steps, of 15 batches an epoch.
    told = "time_limit=1e-06: 1 of 30 models, networks with 4 to 4 of 48 epochs\n"
    assert told in capsys.readouterr().out


@pytest.mark.grid(2)
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_time_limit_that_is_not_reached_changes_nothing(n_jobs):
    X, y = load_iris(return_X_y=True)
    limited = TabularClassifier(
        "best", time_limit=1e6, n_jobs=n_jobs, random_state=0, **SHORT
    )
    with parallel_backend("threading"):
        limited.fit(X, y)
    model = TabularClassifier("best", random_state=0, **SHORT).fit(X, y)
    np.testing.assert_array_equal(limited.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize(
    "params",
    [
        {"solver": "sgd", "schedule": None, "learning_rate_init": 0.01},
        LBFGS,
    ],
)
def test_other_solvers_and_schedules_keep_the_time_limit(params):
    X, y = load_iris(return_X_y=True)
    params = params | {"max_iter": 10_000, "batch_size": 100}
    model = TabularClassifier("fast", time_limit=0.3, network_params=params, trees=False)
    model.fit(X, y)
    assert max(network.n_iter_ for network in model.estimators_) < 10_000


# ----- invalid input


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"effort": "most"}, "'effort' parameter"),
        ({"time_limit": 0.0}, "'time_limit' parameter"),
        ({"network_params": {"max_iter": 0}}, "'max_iter' parameter"),
        ({"network_params": {"no_such": 0}}, "no_such"),
        ({"network_params": {"random_state": 0}}, "Use the random_state of Tab"),
    ],
)
def test_invalid_parameters_are_refused(params, message):
    with pytest.raises((ValueError, TypeError), match=message):
        TabularClassifier(**params).fit(*load_iris(return_X_y=True))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda table: table.iloc[:0], r"0 sample\(s\)"),
        (lambda table: table.rename(columns={"town": "x"}), "'x'"),
        (lambda table: table.assign(town=[[1]] * 400), "'town'"),
        (lambda table: table.assign(x=np.inf), "'x'"),
    ],
)
def test_invalid_tables_are_refused(spoil, message):
    table, y = a_table()
    spoiled = spoil(table)
    with pytest.raises(ValueError, match=message):
        TabularClassifier("fast", **SHORT).fit(spoiled, y[: len(spoiled)])


def test_columns_that_changed_are_named():
    table, y = a_table()
    model = TabularClassifier("fast", random_state=0, **SHORT).fit(table, y)
    with pytest.raises(ValueError, match="town"):
        model.predict(table.drop(columns="town"))


@pytest.mark.parametrize("missing", [None, np.nan])
def test_missing_labels_are_refused(missing):
    table, y = a_table()
    y = y.astype(object)
    y[3] = missing
    with pytest.raises(ValueError, match="missing"):
        TabularClassifier("fast", **SHORT).fit(table, y)


# ----- the size


@pytest.mark.parametrize(
    "effort",
    [
        pytest.param(
            effort, marks=pytest.mark.slow if effort == "fast" else pytest.mark.large
        )
        for effort in EFFORTS
    ],
)
def test_a_large_table_is_learned_within_two_gigabytes(effort):
    _, peak = peaks_of(
        "from skfcnn import TabularClassifier\n"
        f"model = TabularClassifier({effort!r}, random_state=0,\n"
        "    network_params={'max_iter': 1})\n"
        "model.fit(table, y).predict_proba(table)\n"
    )
    assert peak < 2.0


@pytest.mark.large
def test_splines_of_many_columns_take_no_more_than_their_size():
    _, peak = peaks_of(
        "from skfcnn import TabularClassifier\n"
        "model = TabularClassifier('best', random_state=0,\n"
        "    network_params={'max_iter': 1})\n"
        "table = table[[*table.columns[:100], 'many']]\n"
        "model.fit(table, y)\n"
    )
    # 900 columns of 100,000 rows in float32 have 0.36 GB; a network gets a copy.
    assert peak < 2.0
