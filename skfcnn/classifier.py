"""FullyConnectedClassifier: the scikit-learn face of the network and its training."""

import warnings
from contextlib import contextmanager

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from skfcnn._fitting import (
    continued_network,
    draw_network,
    start_solver,
    train_lbfgs,
    train_minibatch,
)
from skfcnn._parameters import CONSTRAINTS
from skfcnn._sklearn import (
    _check_partial_fit_first_call,
    _check_sample_weight,
    _fit_context,
)
from skfcnn._target import Target
from skfcnn.network.activations import ACTIVATIONS
from skfcnn.network.losses import LINKS
from skfcnn.network.parameters import ParameterViews
from skfcnn.training.objective import Data
from skfcnn.training.optimizers import OPTIMIZERS


class FullyConnectedClassifier(ClassifierMixin, BaseEstimator):
    """Fully connected neural network classifier."""

    _parameter_constraints: dict = CONSTRAINTS

    def __init__(
        self,
        hidden_layer_sizes=(100,),
        activation="relu",
        *,
        solver="adam",
        alpha=0.0001,
        batch_size="auto",
        learning_rate="constant",
        learning_rate_init=0.001,
        power_t=0.5,
        max_iter=200,
        shuffle=True,
        random_state=None,
        tol=1e-4,
        verbose=False,
        warm_start=False,
        momentum=0.9,
        nesterovs_momentum=True,
        early_stopping=False,
        validation_fraction=0.1,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-8,
        n_iter_no_change=10,
        max_fun=15000,
        loss="log_loss",
        dtype="auto",
        init="auto",
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.loss = loss
        self.dtype = dtype
        self.init = init

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y, sample_weight=None, *, coefs_init=None, intercepts_init=None):
        """Train the network on X and y."""
        with self._whole_or_unchanged():
            goes_on = self.warm_start and self.__sklearn_is_fitted__()
            X, y = self._check_X_y(X, y, reset=not goes_on)
            if goes_on:
                self._target.check_same_classes(y)
            else:
                self._target = Target(y)
            data = self._make_data(X, y, sample_weight)
            rng = check_random_state(self.random_state)
            self._set_network(data, rng, goes_on=goes_on)
            if coefs_init is not None:
                self._views("coefs_init", "weights")[:] = coefs_init
            if intercepts_init is not None:
                self._views("intercepts_init", "bias")[:] = intercepts_init
            self._train(data, rng, goes_on=goes_on)
        return self

    def _has_partial_fit(self):
        if self.solver not in OPTIMIZERS:
            raise AttributeError(
                "partial_fit is only available for stochastic optimizers. "
                f"{self.solver} is not stochastic. Use solver='adam' or solver='sgd'."
            )
        return True

    @available_if(_has_partial_fit)
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, sample_weight=None, classes=None):
        """Train for one epoch on X and y, from where the last call ended."""
        if self.early_stopping:
            raise ValueError(
                "partial_fit does not support early_stopping=True. "
                "Use early_stopping=False, or fit."
            )
        with self._whole_or_unchanged():
            goes_on = self.__sklearn_is_fitted__()
            is_first = _check_partial_fit_first_call(self, classes)
            X, y = self._check_X_y(X, y, reset=not goes_on)
            if is_first:
                self._target = Target(y if y.ndim == 2 else classes)
            self._target.check_known_classes(y)
            data = self._make_data(X, y, sample_weight)
            rng = check_random_state(self.random_state)
            self._set_network(data, rng, goes_on=goes_on)
            self._train(data, rng, goes_on=goes_on, max_epochs=1)
        return self

    @contextmanager
    def _whole_or_unchanged(self):
        """Take everything back when fitting fails: no model is ever half fitted.

        A solver that has moved theta before it failed is left out, as its averages hold
        the gradients that led there.
        """
        before = vars(self).copy()
        theta = self._network.theta.copy() if self.__sklearn_is_fitted__() else None
        try:
            yield
        except BaseException:
            vars(self).clear()
            vars(self).update(before)
            if theta is not None and not np.array_equal(theta, self._network.theta):
                self._network.theta[...] = theta
                vars(self).pop("_solver", None)
            raise

    def _check_X_y(self, X, y, *, reset):
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse="csr",
            multi_output=True,
            dtype=[np.float64, np.float32],
            reset=reset,
        )
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        return X, y

    def _make_data(self, X, y, sample_weight):
        weights = _check_sample_weight(
            sample_weight, X, dtype=np.float64, ensure_non_negative=True
        )
        if not weights.any():
            raise ValueError(
                "Sample weights must contain at least one non-zero number: with all "
                "weights zero there is nothing to learn from."
            )
        return Data(X, self._target.encode(y), weights)

    def _set_network(self, data, rng, *, goes_on):
        if not goes_on:
            self._network = draw_network(self, data, rng)
        elif (network := continued_network(self, self._network)) is not self._network:
            self._network = network
            vars(self).pop("_solver", None)
        self.classes_ = self._target.classes
        self.out_activation_ = self._target.out_activation
        self.dtype_ = self._network.theta.dtype
        self.n_layers_ = len(self._network.sizes)
        self.n_outputs_ = self._network.sizes[-1]

    def _train(self, data, rng, *, goes_on, max_epochs=None):
        """Train the network; with `max_epochs`, by the solver that is under way."""
        network, target = self._network, self._target
        history = vars(self) if goes_on else {"t_": 0}
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            if self.solver == "lbfgs":
                outcome, attributes = train_lbfgs(
                    self, network, target, data, history=history
                )
            else:
                if max_epochs is None or not hasattr(self, "_solver"):
                    rows_seen = history["t_"]
                    self._solver = start_solver(self, network, rows_seen=rows_seen)
                outcome, attributes = train_minibatch(
                    self,
                    network,
                    target,
                    data,
                    solver=self._solver,
                    max_epochs=max_epochs or self.max_iter,
                    rng=rng,
                    history=history,
                )
        vars(self).update(attributes, loss_=outcome.loss, n_iter_=outcome.n_iter)
        if outcome.interrupted:
            warnings.warn("Training interrupted by user.", stacklevel=3)
        elif not outcome.converged and max_epochs is None:
            warnings.warn(self._advice(outcome), ConvergenceWarning, stacklevel=3)

    def _advice(self, outcome):
        if self.solver != "lbfgs":
            return (
                f"Stochastic Optimizer: Maximum iterations ({self.max_iter}) reached "
                "and the optimization hasn't converged yet."
            )
        return (
            f"lbfgs failed to converge after {outcome.n_iter} iteration(s): "
            f"{outcome.message}. Increase max_iter (now {self.max_iter}) or max_fun "
            f"(now {self.max_fun}), or scale the data, for example by StandardScaler."
        )

    def _views(self, name, part):
        if not self.__sklearn_is_fitted__():
            raise AttributeError(
                f"{name} is there once the classifier is fitted. To start from weights "
                "of your own, use fit(X, y, coefs_init=..., intercepts_init=...)."
            )
        return ParameterViews(
            name, [getattr(layer, part) for layer in self._network.parameters]
        )

    @property
    def coefs_(self):
        """Weights of each layer, list of ndarrays of shape (n_in, n_out): views."""
        return self._views("coefs_", "weights")

    @coefs_.setter
    def coefs_(self, arrays):
        self.coefs_[:] = arrays

    @property
    def intercepts_(self):
        """Biases of each layer, list of ndarrays of shape (n_out,): views."""
        return self._views("intercepts_", "bias")

    @intercepts_.setter
    def intercepts_(self, arrays):
        self.intercepts_[:] = arrays

    def _check_X(self, X):
        check_is_fitted(self)
        return validate_data(
            self, X, accept_sparse="csr", dtype=[np.float64, np.float32], reset=False
        )

    def _raw_outputs(self, X):
        """Return the raw outputs of every class, and the link to probabilities."""
        X = self._check_X(X)
        z = self._network.apply(X, ACTIVATIONS["identity"].function)
        return self._target.columns(z), LINKS[self.out_activation_]

    def predict(self, X):
        """Predict the class, or the labels, of each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The input data.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_labels)
            The most probable class; for several labels per row, a matrix of 0 and 1
            with 1 where the label is more probable than not.
        """
        X = self._check_X(X)
        link = LINKS[self.out_activation_]
        return self._target.decode(self._network.apply(X, link.probabilities))

    def predict_proba(self, X):
        """Predict the probability of each class, or of each label.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The input data.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            In the order of `classes_`, in the dtype of the fitted model (`dtype_`).
        """
        z, link = self._raw_outputs(X)
        p = np.empty_like(z)
        link.probabilities(z, out=p)
        return p

    def predict_log_proba(self, X):
        """Predict the logarithm of the probability of each class, or of each label.

        Finite everywhere: it is computed from the raw outputs, and bounded below by the
        logarithm of the smallest normal number of `dtype_`, as probabilities are.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The input data.

        Returns
        -------
        log_probabilities : ndarray of shape (n_samples, n_classes)
            In the order of `classes_`, in the dtype of the fitted model (`dtype_`).
        """
        z, link = self._raw_outputs(X)
        log_p = np.empty_like(z)
        link.log_probabilities(z, out=log_p)
        return log_p

    def __sklearn_is_fitted__(self):
        return hasattr(self, "_network")

    def __getstate__(self):
        """Leave the solver out of a pickle: it is twice the size of the model."""
        state = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_solver"}

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.classifier_tags.multi_label = True
        return tags
