"""What test_parity.py compares with, and how.

The reference is MLPClassifier. Where the two differ on purpose, it is MLPClassifier with
that one behaviour corrected: each class below corrects one and leaves the rest as it is,
and `corrected` puts them together, so that a test names what its reference differs in.
"""

import io
import re
import warnings
from contextlib import redirect_stdout
from unittest import mock

import numpy as np
import sklearn.neural_network._multilayer_perceptron as multilayer_perceptron
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import logsumexp
from sklearn.base import ClassifierMixin, is_classifier
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.neural_network._base import binary_log_loss, log_loss
from sklearn.utils.extmath import safe_sparse_dot


def corrected(*corrections, base=MLPClassifier):
    """Return the base with these corrections; without any, the base itself."""
    if not corrections:
        return base
    return type(f"Corrected{base.__name__}", (*corrections, base), {})


class LeavesOutZeroBatches:
    """A batch whose weights are all zero moves nothing."""

    def _backprop(self, X, y, sample_weight, *buffers):
        if sample_weight is None or sample_weight.any():
            return super()._backprop(X, y, sample_weight, *buffers)
        optimizer = self._optimizer
        # Hides the method for one call, which only takes itself away again.
        optimizer.update_params = lambda *_: vars(optimizer).pop("update_params")
        return 0.0, *buffers[2:]


class AveragesLossByWeight:
    """The loss of an epoch is the mean over its batches by weight, not by size."""

    def _backprop(self, X, y, sample_weight, *buffers):
        loss, *gradients = super()._backprop(X, y, sample_weight, *buffers)
        vars(self).setdefault("_batches", []).append((sample_weight.sum(), loss))
        return loss, *gradients

    def _update_no_improvement_count(self, *validation):
        weights, losses = np.transpose(vars(self).pop("_batches"))
        self.loss_ = self.loss_curve_[-1] = np.average(losses, weights=weights)
        super()._update_no_improvement_count(*validation)


class TakesTheTrueLogLoss:
    """The log loss comes from the raw outputs z, where no probability has to be clipped.

    `clip_acted` tells whether that has made a difference.
    -log P(y) = log(1 + exp(z)) - y z, and log sum_j exp(z_j) - y . z for a softmax.
    """

    clip_acted = False

    def _backprop(self, X, y, sample_weight, activations, *buffers):
        loss, *gradients = super()._backprop(X, y, sample_weight, activations, *buffers)
        z = safe_sparse_dot(activations[-2], self.coefs_[-1]) + self.intercepts_[-1]
        if self.out_activation_ == "softmax":
            clipped, losses = log_loss, logsumexp(z, axis=1) - (y * z).sum(axis=1)
        else:
            clipped, losses = binary_log_loss, (np.logaddexp(0.0, z) - y * z).sum(axis=1)
        change = np.average(losses, weights=sample_weight)
        change -= clipped(y, activations[-1], sample_weight)
        # Rows judged rightly differ by rounding errors at most, which is no action.
        self.clip_acted |= bool(abs(change) > 1e-12)
        return loss + change, *gradients


class Stratifies:
    """The rows held out for early stopping are stratified for several classes, too."""

    def _fit_stochastic(self, *args):
        def split(X, y, *weights, stratify, **options):
            if self.out_activation_ == "softmax":
                stratify = y.argmax(axis=1)
            return train_test_split(X, y, *weights, stratify=stratify, **options)

        with mock.patch.object(multilayer_perceptron, "train_test_split", split):
            super()._fit_stochastic(*args)


class KeepsTheBest:
    """A warm start trains copies of the best weights, and so keeps the best as it is."""

    def _fit(self, *args, **kwargs):
        super()._fit(*args, **kwargs)
        self.coefs_ = [coef.copy() for coef in self.coefs_]
        self.intercepts_ = [intercept.copy() for intercept in self.intercepts_]
        return self


class GivesOneClassOneColumn:
    """One class is a softmax over one output: its probability is 1 from the start."""

    def _validate_input(self, X, y, incremental, reset):
        X, y = super()._validate_input(X, y, incremental, reset)
        return X, np.ones_like(y)

    def _initialize(self, *args):
        super()._initialize(*args)
        self.out_activation_ = "softmax"

    def predict_proba(self, X):
        return super().predict_proba(X)[:, 1:]


class TakesPartOfTheClasses:
    """partial_fit with warm_start=True accepts batches that lack some of the classes."""

    def _validate_input(self, X, y, incremental, reset):
        with mock.patch.object(self, "warm_start", self.warm_start and not incremental):
            return super()._validate_input(X, y, incremental, reset)


class ScoresAnyLabels:
    """The score for early stopping asks no label whether it is NaN."""

    def _score(self, X, y, sample_weight=None):
        return ClassifierMixin.score(self, X, y, sample_weight)


# What ours warns of, and MLPClassifier does not.
WORSE = "worse than guess"


def train(model, X, y, weights=None, *, steps=(("fit", slice(None)),)):
    """Take the steps with a model; return what it printed and what it warned of.

    A step is ("fit" or "partial_fit", rows) or ("set_params", parameters).
    """
    with (
        warnings.catch_warnings(record=True) as caught,
        redirect_stdout(io.StringIO()) as out,
    ):
        warnings.simplefilter("always")
        for method, argument in steps:
            if method == "set_params":
                model.set_params(**argument)
                continue
            given = {} if weights is None else {"sample_weight": weights[argument]}
            if method == "partial_fit" and is_classifier(model):
                given["classes"] = np.unique(y) if y.ndim == 1 else np.arange(y.shape[1])
            getattr(model, method)(X[argument], y[argument], **given)
    # The message of skfcnn is different after "failed to converge after 3" and "hasn't
    # converged yet.", and after the loss of an epoch.
    ends = re.compile(r"(?s)(?<=hasn't converged yet\.).*| iteration\(s\).*")
    caught = [warning for warning in caught if WORSE not in str(warning.message)]
    texts = [ends.sub("", str(warning.message)) for warning in caught]
    lines = re.sub(r", learning rate.*|, \S+ iterations/s", "", out.getvalue())
    return lines, list(zip([w.category for w in caught], texts, strict=True))


def assert_same_arrays(actual, expected, rtol):
    """Compare list with list of arrays.

    Numbers of an array are sums over terms as large as its largest, which cancel: their
    rounding errors are relative to that one. So it sets the absolute tolerance.
    """
    assert len(actual) == len(expected)
    for ours, theirs in zip(actual, expected, strict=True):
        assert_allclose(ours, theirs, rtol=rtol, atol=rtol * np.abs(theirs).max())


def assert_parity(model, reference, X, y):
    """Compare all that two fitted models show: attributes and predictions."""
    rtol = assert_same_training(model, reference)
    assert_array_equal(model.classes_, reference.classes_)
    assert model.classes_.dtype == reference.classes_.dtype
    for name in ("validation_scores_", "best_validation_score_"):
        # Quotients of the same counts (or sums of the same weights): equal to the bit.
        if model.solver != "lbfgs":
            assert getattr(model, name) == getattr(reference, name), name
    # MLPClassifier takes class 0 as 1 - p, to within half the distance from 1 to the next
    # number, 1.1e-16; ours comes from the raw output. Hence the absolute tolerance.
    expected = reference.predict_proba(X)
    assert_allclose(model.predict_proba(X), expected, rtol=rtol, atol=1e-15)
    expected, actual = reference.predict(X), model.predict(X)
    assert actual.dtype == expected.dtype
    assert_array_equal(actual, expected)
    assert model.score(X, y) == reference.score(X, y)


def assert_regression_parity(model, reference, X, y):
    """Compare all that two fitted regressors show: attributes and predictions."""
    rtol = assert_same_training(model, reference)
    for name in ("validation_scores_", "best_validation_score_"):
        if model.solver != "lbfgs" and (expected := getattr(reference, name)) is not None:
            # 1 - R^2 is a quotient of sums; R^2 may be near 0.
            assert_allclose(getattr(model, name), expected, rtol=rtol, atol=rtol)
    expected, actual = reference.predict(X), model.predict(X)
    assert actual.dtype == expected.dtype and actual.shape == expected.shape
    assert_same_arrays([actual], [expected], rtol)
    assert_allclose(model.score(X, y), reference.score(X, y), rtol=rtol, atol=rtol)


def assert_same_training(model, reference):
    """Compare the attributes that classifiers and regressors have; return the tolerance.

    Rounding differs, as sums are taken in another order. Steps of sgd and adam carry it
    on; the line search of L-BFGS amplifies it, from one iteration to the next.
    """
    rtol = 1e-5 if model.solver == "lbfgs" else 1e-7
    for name in ("n_iter_", "t_", "n_layers_", "n_outputs_", "out_activation_"):
        assert getattr(model, name) == getattr(reference, name), name
    assert_same_arrays(model.coefs_, reference.coefs_, rtol)
    assert_same_arrays(model.intercepts_, reference.intercepts_, rtol)
    for name in ("loss_", "loss_curve_", "best_loss_"):
        if (expected := getattr(reference, name, None)) is not None:
            # MLPClassifier clips probabilities at 1 - 2.2e-16, so no row costs less.
            actual = getattr(model, name)
            assert_allclose(actual, expected, rtol=rtol, atol=1e-15, err_msg=name)
    assert (model.best_loss_ is None) == (getattr(reference, "best_loss_", 0) is None)
    return rtol
