"""Resumed fits: k epochs followed by m epochs equal k + m epochs, to the bit."""

import copy
import pickle
import threading

import numpy as np
import pandas as pd
import pytest
import sklearn
from fitted_attributes import assert_equal_attributes
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

from skfcnn import FullyConnectedClassifier
from skfcnn.training.optimizers import OPTIMIZERS

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_breast_cancer(return_X_y=True)
X = StandardScaler().fit_transform(X)
# Every third row, for the tests of what is refused.
FEW = slice(None, None, 3)

CASES = {
    "plain": {},
    "dropout": {"dropout": 0.3, "hidden_layer_sizes": (20, 10)},
    "early stopping": {"early_stopping": True, "n_iter_no_change": 50},
    "cosine": {"schedule": "cosine"},
    "adaptive": {"schedule": "adaptive", "tol": 0.05, "n_iter_no_change": 1},
    "no shuffle": {"shuffle": False},
    "float32": {"dtype": "float32", "max_grad_norm": 0.5},
    "random": {"random_state": None, "batch_size": 31},
}


def make_model(**params):
    return FullyConnectedClassifier(**{"random_state": 0, "max_iter": 9} | params)


def assert_same(a, b):
    np.testing.assert_array_equal(a._network.theta, b._network.theta)
    assert_equal_attributes(a, b, but={"feature_names_in_"})


@pytest.mark.grid(12)
@pytest.mark.parametrize("stops", [(4,), (1, 1, 3)], ids=str)
@pytest.mark.parametrize("solver", [*OPTIMIZERS])
@pytest.mark.parametrize("case", CASES)
def test_resumed_fit_equals_an_uninterrupted_fit(case, solver, stops):
    params = CASES[case] | {"solver": solver}
    if case == "random":
        np.random.seed(3)
    whole = make_model(**params).fit(X, Y)
    if case == "random":
        np.random.seed(3)
    parts = make_model(**params).fit(X, Y, stop_after=stops[0])
    assert parts.n_iter_ == stops[0] and not parts.converged_
    for n_epochs in stops[1:]:
        parts.fit(X, Y, resume_from=parts, stop_after=n_epochs)
    parts.fit(X, Y, resume_from=parts)
    assert parts.n_iter_ == 9
    assert_same(parts, whole)


def test_larger_max_iter_continues_the_fit():
    whole = make_model().fit(X, Y)
    parts = make_model(max_iter=4).fit(X, Y)
    parts.set_params(max_iter=9).fit(X, Y, resume_from=parts)
    assert_same(parts, whole)


def test_resuming_does_not_change_the_first_classifier():
    first = make_model(dropout=0.2).fit(X, Y, stop_after=4)
    before = copy.deepcopy(first)
    second = make_model(dropout=0.2).fit(X, Y, resume_from=first)
    assert_same(second, make_model(dropout=0.2).fit(X, Y))
    assert_same(first, before)
    assert_same(first.fit(X, Y, resume_from=first), second)


@pytest.mark.parametrize(
    "data", [{}, {"X_val": X[FEW], "y_val": Y[FEW]}], ids=["out", "in"]
)
def test_converged_fit_is_not_trained_further(data):
    params = {"early_stopping": True, "max_iter": 400, "learning_rate_init": 0.01}
    ended = make_model(**params).fit(X, Y, **data)
    assert ended.converged_
    n_iter, theta = ended.n_iter_, ended._network.theta.copy()
    ended.set_params(max_iter=500).fit(X, Y, resume_from=ended, **data)
    assert ended.n_iter_ == n_iter
    np.testing.assert_array_equal(ended._network.theta, theta)


def test_fit_with_validation_rows_is_resumed():
    rows = {"X_val": X[FEW], "y_val": Y[FEW]}
    params = {"early_stopping": True, "n_iter_no_change": 50, "learning_rate_init": 0.03}
    whole = make_model(**params).fit(X, Y, **rows)
    assert whole.best_epoch_ < 9  # resuming does not start from the restored parameters
    parts = make_model(**params).fit(X, Y, stop_after=whole.best_epoch_ + 1, **rows)
    parts.fit(X, Y, resume_from=parts, **rows)
    assert_same(parts, whole)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"learning_rate_init": 0.1}, "learning_rate_init: 0.001, now 0.1"),
        ({"hidden_layer_sizes": (7,)}, r"hidden_layer_sizes: \(100,\), now \(7,\)"),
        ({"solver": "sgd"}, "solver: 'adam', now 'sgd'"),
    ],
)
def test_error_names_the_parameters_that_differ(change, message):
    model = make_model().fit(X, Y, stop_after=2)
    theta = model._network.theta.copy()
    with pytest.raises(ValueError, match=message):
        model.set_params(**change).fit(X, Y, resume_from=model)
    np.testing.assert_array_equal(model._network.theta, theta)


def test_max_iter_of_a_schedule_cannot_change():
    model = make_model(schedule="cosine").fit(X, Y, stop_after=2)
    with pytest.raises(ValueError, match=r"max_iter: 9, now 12.*stop_after"):
        model.set_params(max_iter=12).fit(X, Y, resume_from=model)


def test_other_rows_are_refused():
    model = make_model().fit(X, Y, stop_after=2)
    with pytest.raises(ValueError, match=r"have the rows .* expected 569 rows, got 190"):
        model.fit(X[FEW], Y[FEW], resume_from=model)


@pytest.mark.parametrize(
    "make_other",
    [
        lambda: 42,
        lambda: make_model(),
        lambda: make_model(solver="lbfgs").fit(X[FEW], Y[FEW]),
        lambda: make_model().partial_fit(X[FEW], Y[FEW], classes=[0, 1]),
        lambda: pickle.loads(pickle.dumps(make_model().fit(X[FEW], Y[FEW]))),
    ],
    ids=["no model", "not fitted", "lbfgs", "partial_fit", "pickled"],
)
def test_resume_from_a_model_without_a_fit_solver_is_refused(make_other):
    other = make_other()
    with pytest.raises(ValueError, match="resume_from must be an estimator whose last"):
        make_model().fit(X[FEW], Y[FEW], resume_from=other)


def test_failed_resumed_fit_does_not_change_the_model():
    model = make_model(max_iter=2).fit(X, Y).set_params(max_iter=9)
    expected = model.predict_proba(X)
    wrong = X.copy()
    wrong[0, 0] = 1e308
    with pytest.raises(ValueError, match="non-finite"):
        model.fit(wrong, Y, resume_from=model)
    np.testing.assert_array_equal(model.predict_proba(X), expected)


@pytest.mark.parametrize(
    ("begun", "now"),
    [({"X_val": X[FEW], "y_val": Y[FEW]}, {}), ({}, {"X_val": X[FEW], "y_val": Y[FEW]})],
)
@pytest.mark.parametrize("early_stopping", [False, True])
def test_validation_rows_cannot_be_added_or_removed(begun, now, early_stopping):
    model = make_model(early_stopping=early_stopping).fit(X, Y, stop_after=2, **begun)
    with pytest.raises(ValueError, match="must have the X_val of the first fit"):
        model.fit(X, Y, resume_from=model, **now)


@pytest.mark.parametrize("stop_after", [-1, 1.5, "a", True])
def test_invalid_stop_after_is_refused(stop_after):
    with pytest.raises(ValueError, match="stop_after must be a number of epochs; got"):
        make_model().fit(X, Y, stop_after=stop_after)


def test_lbfgs_refuses_stop_after():
    with pytest.raises(ValueError, match="stop_after counts epochs"):
        make_model(solver="lbfgs").fit(X, Y, stop_after=3)


def test_resume_from_with_initial_weights_is_refused():
    model = make_model().fit(X, Y, stop_after=2)
    with pytest.raises(ValueError, match="either resume_from, or coefs_init"):
        model.fit(X, Y, resume_from=model, coefs_init=model.coefs_)


class Interrupts:
    """A score whose third call is interrupted, as by Ctrl-C."""

    calls = 0

    def __call__(self, estimator, X, y):
        self.calls += 1
        if self.calls == 3:
            raise KeyboardInterrupt
        return 0.5


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_interrupted_fit_counts_whole_epochs_and_cannot_be_resumed(solver):
    model = make_model(solver=solver, scoring=Interrupts())
    with pytest.warns(UserWarning, match="interrupted"):
        model.fit(X, Y, X_val=X[FEW], y_val=Y[FEW])
    assert model.n_iter_ == 2
    assert len(model.loss_curve_) == len(model.validation_scores_) == 2
    if solver == "adam":
        assert model.t_ == 2 * len(X)
    with pytest.raises(ValueError, match="was not interrupted"):
        model.fit(X, Y, X_val=X[FEW], y_val=Y[FEW], resume_from=model)


def test_all_zero_weights_of_a_split_side_are_refused():
    model = make_model(early_stopping=True).fit(X, Y, stop_after=2)
    weights = np.zeros(len(X))
    weights[model._training.solver.fit.held_out] = 1.0
    with pytest.raises(ValueError, match="weights of the training set are all zero"):
        model.fit(X, Y, weights, resume_from=model)
    model = make_model(early_stopping=True).fit(X, Y, stop_after=2)
    with pytest.raises(ValueError, match="weights of the validation set are all zero"):
        model.fit(X, Y, 1.0 - weights, resume_from=model)


def test_resumed_attributes_replace_the_earlier_ones():
    frame = pd.DataFrame(X).add_prefix("f")
    ours = make_model().fit(frame, Y)
    other = make_model().fit(X, Y, stop_after=2)
    ours.fit(X, Y, resume_from=other)
    assert not hasattr(ours, "feature_names_in_")
    assert_same(ours, make_model().fit(X, Y))


def test_metadata_requests_are_kept():
    with sklearn.config_context(enable_metadata_routing=True):
        ours = make_model().set_fit_request(X_val=True)
        other = make_model().set_fit_request(sample_weight=True).fit(X, Y, stop_after=2)
        ours.fit(X, Y, resume_from=other)
        requests = ours.get_metadata_routing().fit.requests
        assert requests["X_val"] is True and requests["sample_weight"] is None


def test_equal_parameters_may_have_different_types():
    other = make_model(hidden_layer_sizes=(10,), dropout=[0.1]).fit(X, Y, stop_after=2)
    ours = make_model(hidden_layer_sizes=np.array([10]), dropout=(0.1,))
    assert ours.fit(X, Y, resume_from=other).n_iter_ == 9


def test_list_parameter_changed_in_place_is_refused():
    model = make_model(dropout=[0.1]).fit(X, Y, stop_after=2)
    model.dropout[0] = 0.9
    with pytest.raises(ValueError, match=r"dropout: \[0.1\], now \[0.9\]"):
        model.fit(X, Y, resume_from=model)


def test_refused_data_do_not_change_the_fit():
    whole = make_model().fit(X, Y)
    model = make_model().fit(X, Y, stop_after=2)
    for _ in range(2):
        with pytest.raises(ValueError, match=r"These differ .* X: \(569, 30\)"):
            model.fit(2.0 * X, Y, resume_from=model)
    assert_same(model.fit(X, Y, resume_from=model), whole)


def test_failed_copy_does_not_change_the_model():
    model = make_model().fit(X, Y)
    other = make_model().fit(X, Y, stop_after=2)
    other.lock = threading.Lock()
    before = model.predict_proba(X)
    with pytest.raises(TypeError, match="lock"):
        model.fit(X, Y, resume_from=other)
    np.testing.assert_array_equal(model.predict_proba(X), before)
