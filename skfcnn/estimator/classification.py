"""What a classifier has in addition to a network: classes, and their probabilities."""

from functools import partial
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import ClassifierMixin
from sklearn.utils.metaestimators import available_if

from skfcnn._sklearn import _check_partial_fit_first_call, fit_context
from skfcnn.estimator.base import dtype_of_answers
from skfcnn.estimator.class_target import ClassTarget
from skfcnn.estimator.fit import LearningNetwork, has_partial_fit
from skfcnn.estimator.labels import classes_in
from skfcnn.estimator.rows import GivenRows
from skfcnn.estimator.training_state import whole_or_unchanged


class LearningClassifier(ClassifierMixin, LearningNetwork):
    """A classifier that is trained by `fit` and `partial_fit`."""

    classes_: np.ndarray
    _target: ClassTarget
    _target_class = ClassTarget

    @available_if(has_partial_fit)
    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self,
        X,
        y,
        sample_weight: ArrayLike | None = None,
        classes: ArrayLike | None = None,
        *,
        X_val=None,
        y_val: ArrayLike | None = None,
        sample_weight_val: ArrayLike | None = None,
    ) -> Self:
        """Train for one epoch on X and y, from where the last call ended.

        After a fit with early stopping, this call continues from the best parameters, which
        the fit has restored, unless this call uses early stopping too. Callbacks are for
        `fit` only.

        The current solver keeps the parameters that it was started with (`solver`, the
        learning rate and its schedule, momentum, `beta_1`, `beta_2`, `epsilon`,
        `weight_decay`, `max_grad_norm`, `learning_rate_multipliers`, `weight_averaging`):
        new values take effect in the next `fit`. A new `dtype` starts a new solver. Other
        layer sizes raise an error. All other parameters take effect immediately.

        If the last training call was this method, pickles, files and copies of the model
        include the solver, and training continues from them with identical results.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The input data.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Class labels, or a matrix of 0 and 1 with one column per label.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row, not negative; None gives every row weight 1.
        classes : array-like of shape (n_classes,), default=None
            All classes that occur in any call. Required in the first call only.
        X_val, y_val, sample_weight_val
            Rows to validate on after the epoch, as in `fit`. With `early_stopping=True`
            they are required, and should be the same in every call. The classifier then has
            the parameters of the best call so far, and the next call continues from the
            last ones. `converged_` becomes True when `fit` would have stopped.

        Returns
        -------
        self : FullyConnectedClassifier

        Raises
        ------
        ValueError
            If the input is invalid, if `early_stopping=True` and X_val is None, or if
            training diverges. The classifier is then the same as before the call, but a
            solver that has started to train is dropped, and the next call starts a new one.
        """
        if self.class_weight == "balanced":
            raise ValueError(
                "partial_fit does not see all rows, so it cannot balance the classes. "
                "Use class_weight=dict(zip(classes, compute_class_weight('balanced', "
                "classes=classes, y=y))), with a y that has the class frequencies of all "
                "rows."
            )
        with whole_or_unchanged(self):
            if classes is not None:
                classes_in(classes)  # raises an error that says what is wrong
            _check_partial_fit_first_call(self, classes)
            return self._train_one_epoch(
                GivenRows(X, y, sample_weight),
                GivenRows(X_val, y_val, sample_weight_val),
                partial(ClassTarget.declared, classes),
            )

    def predict(self, X) -> np.ndarray:
        """Predict the class, or the labels, of each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The input data.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_labels)
            The most probable class. For several labels per row, a matrix with 1 for each
            label that is more probable than not and 0 elsewhere, sparse if the y of `fit`
            was sparse.
        """
        return self._predict(X)

    def predict_proba(self, X) -> np.ndarray:
        """Predict the probability of each class, or of each label.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The input data.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            In the order of `classes_`. Their dtype is float32 if X is float32, and float64
            otherwise. It does not depend on the precision of the network (`dtype_`).
        """
        X = self._check_X(X)
        target = self._target

        def probabilities(z, out):
            target.link.inverse(target.columns(z), out)
            target.link.clip(out)

        out = np.empty((X.shape[0], target.n_columns), dtype_of_answers(X))
        return self._network.apply(X, probabilities, out)

    def predict_log_proba(self, X) -> np.ndarray:
        """Predict the logarithm of the probability of each class, or of each label.

        All values are finite, as no probability is rounded to zero. The lowest possible
        value is the logarithm of the smallest normal number of the dtype, -708 in float64.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The input data.

        Returns
        -------
        log_probabilities : ndarray of shape (n_samples, n_classes)
            In the order of `classes_`, in the dtype of `predict_proba`.
        """
        p = self.predict_proba(X)
        return np.log(p, out=p)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
