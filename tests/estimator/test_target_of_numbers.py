"""A target of numbers instead of class labels. No other module depends on it."""

import numpy as np
import pytest
from callback_support import needs_callbacks
from numpy.testing import assert_array_equal
from sklearn.datasets import load_diabetes
from sklearn.metrics import r2_score

from skfcnn import FullyConnectedClassifier
from skfcnn.callbacks import Checkpoint, load_checkpoint
from skfcnn.estimator.targets import ClassTarget, Target
from skfcnn.inspection import check_gradient, trace

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, y = load_diabetes(return_X_y=True)
X = X / X.std(axis=0)
y = (y - y.mean()) / y.std()


class Identity:
    """The outputs are the raw outputs."""

    def inverse(self, z, out):
        out[...] = z

    def clip(self, p):
        pass

    def link(self, p):
        return p

    def pull_back(self, p, delta):
        pass


class NumberTarget:
    """One number, or several, for each row."""

    y_numeric = True
    y_range = (-np.inf, np.inf)
    link = Identity()
    n_values = 1

    def __init__(self, y):
        self.shape = np.shape(y)[1:]

    @staticmethod
    def refuse(y):
        pass

    @property
    def n_outputs(self):
        return int(np.prod(self.shape, dtype=int))

    def encode(self, y):
        return np.asarray(y, float).reshape(len(y), -1)

    def decode(self, outputs):
        return outputs.reshape(len(outputs), *self.shape)

    def empty_answers(self, n_rows):
        return np.empty((n_rows, *self.shape))

    def in_given_form(self, answers):
        return answers

    def row_scores(self, outputs, matrix):
        return ((outputs - matrix) ** 2).sum(axis=1)

    def score(self, row_scores, matrix, weights):
        """R^2 of all outputs together."""
        mean = np.average(matrix, axis=0, weights=weights)
        spread = ((matrix - mean) ** 2).sum(axis=1)
        return 1.0 - float(weights @ row_scores) / float(weights @ spread)

    def strata(self, matrix, n_held_out):
        return None

    def class_weights(self, class_weight, y, weights):
        raise ValueError("Numbers have no class_weight.")

    def output_names(self):
        return [f"y{i}" for i in range(self.n_outputs)]

    def fitted_attributes(self):
        return {"out_activation_": "identity"}

    def state(self):
        return {"shape": [*self.shape]}

    @classmethod
    def of_state(cls, state):
        return cls(np.empty((0, *state["shape"])))

    def check_same(self, y):
        self.check_known(y)

    def check_known(self, y):
        if np.shape(y)[1:] != self.shape:
            raise ValueError(f"y has the shape {np.shape(y)}, not (n_rows, *{self.shape}).")


class Regressor(FullyConnectedClassifier):
    _target_class = NumberTarget


def regressor(**params):
    settings = {"loss": "squared_error", "random_state": 0, "learning_rate_init": 0.01}
    return Regressor((20,), **settings | {"max_iter": 30} | params)


def state(model):
    return [*model.coefs_, *model.intercepts_]


@pytest.mark.parametrize("kind", [ClassTarget, NumberTarget])
def test_targets_implement_the_interface(kind):
    asked = {name for name in vars(Target) if not name.startswith("_")}
    assert asked <= set(dir(kind)) | {"y_numeric"}


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("several", [False, True], ids=["one number", "two"])
def test_numbers_are_learned(solver, several):
    labels = np.column_stack([y, -y]) if several else y
    model = regressor(solver=solver).fit(X, labels)
    predicted = model.predict(X)
    assert predicted.shape == labels.shape
    assert r2_score(labels, predicted) > 0.5
    assert not hasattr(model, "classes_") and model.out_activation_ == "identity"


def test_early_stopping_uses_the_score_of_the_target():
    model = regressor(early_stopping=True, max_iter=200, n_iter_no_change=5)
    model.fit(X, y)
    assert model.converged_ and model.n_iter_ < 200
    assert 0.3 < model.best_validation_score_ < 0.8
    assert model.best_validation_score_ == max(model.validation_scores_)


def test_validation_score_equals_r2_score():
    weights = np.linspace(0.5, 2.0, 100)
    model = regressor().fit(
        X[100:], y[100:], X_val=X[:100], y_val=y[:100], sample_weight_val=weights
    )
    expected = r2_score(y[:100], model.predict(X[:100]), sample_weight=weights)
    assert model.validation_scores_[-1] == pytest.approx(expected, rel=1e-10)


def test_resumed_fit_equals_an_uninterrupted_fit():
    whole = regressor(early_stopping=True).fit(X, y)
    model = regressor(early_stopping=True).fit(X, y, stop_after=7)
    model.fit(X, y, resume_from=model)
    for one, other in zip(state(model), state(whole), strict=True):
        assert_array_equal(one, other)


@needs_callbacks
def test_fit_is_resumed_from_a_checkpoint(tmp_path):
    whole = regressor().fit(X, y)
    model = regressor().set_callbacks(Checkpoint(tmp_path, every=7))
    model.fit(X, y, stop_after=7)
    loaded = load_checkpoint(tmp_path, regressor())
    assert_array_equal(loaded.predict(X), model.predict(X))
    resumed = regressor().fit(X, y, resume_from=tmp_path)
    for one, other in zip(state(resumed), state(whole), strict=True):
        assert_array_equal(one, other)


def test_gradient_check_and_trace_accept_the_target():
    model = regressor(activation="tanh", dtype="float64").fit(X, y)
    assert check_gradient(model, X[:30], y[:30]).passed
    assert trace(model, X[:3], y[:3]).outputs == ["y0"]


def test_warm_start_needs_a_y_of_the_same_shape():
    model = regressor(warm_start=True, max_iter=2).fit(X, y)
    model.fit(X, 2.0 * y)
    with pytest.raises(ValueError, match="y has the shape"):
        model.fit(X, np.column_stack([y, y]))


def test_integer_weights_equal_repeated_rows():
    twice = regressor(batch_size=len(X) + 100, shuffle=False, max_iter=5)
    rows = np.r_[np.arange(len(X)), np.arange(100)]
    weights = np.where(np.arange(len(X)) < 100, 2.0, 1.0)
    weighted = regressor(batch_size=len(X), shuffle=False, max_iter=5)
    weighted.fit(X, y, weights)
    twice.fit(X[rows], y[rows])
    for one, other in zip(state(weighted), state(twice), strict=True):
        # Sums in another order: some roundings of 1e-16 in five steps of Adam.
        np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("loss", ["log_loss", "focal"])
def test_targets_outside_the_range_of_a_loss_are_refused(loss):
    with pytest.raises(ValueError, match="is defined for targets from 0 to 1; got values"):
        regressor(loss=loss).fit(X, y)
