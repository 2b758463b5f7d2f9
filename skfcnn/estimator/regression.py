"""What a regressor has in addition to a network: numbers, and their score."""

from functools import partial
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import RegressorMixin
from sklearn.utils.metaestimators import available_if

from skfcnn._sklearn import fit_context
from skfcnn.estimator.fit import LearningNetwork, has_partial_fit
from skfcnn.estimator.regression_target import RegressionTarget
from skfcnn.estimator.rows import GivenRows
from skfcnn.network.losses import LOG_LINK


class LearningRegressor(RegressorMixin, LearningNetwork):
    """A regressor that is trained by `fit` and `partial_fit`."""

    _target: RegressionTarget
    _target_class = RegressionTarget

    @available_if(has_partial_fit)
    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self,
        X,
        y,
        sample_weight: ArrayLike | None = None,
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
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The numbers to predict. With `scale_target=True`, the first call determines the
            mean and the standard deviation by which y is standardized in all calls. If the
            first rows are not typical, scale y yourself, and use `scale_target=False`.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row, not negative; None gives every row weight 1.
        X_val, y_val, sample_weight_val
            Rows to validate on after the epoch, as in `fit`. With `early_stopping=True`
            they are required, and should be the same in every call. The regressor then has
            the parameters of the best call so far, and the next call continues from the
            last ones. `converged_` becomes True when `fit` would have stopped.

        Returns
        -------
        self : FullyConnectedRegressor

        Raises
        ------
        ValueError
            If the input is invalid, if `early_stopping=True` and X_val is None, or if
            training diverges. The regressor is then the same as before the call, but a
            solver that has started to train is dropped, and the next call starts a new one.
        """
        return self._train_one_epoch(
            GivenRows(X, y, sample_weight),
            GivenRows(X_val, y_val, sample_weight_val),
            partial(RegressionTarget.create, params=self),
        )

    def predict(self, X) -> np.ndarray:
        """Predict the target of each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The input data.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            In the units of y. With a list of quantiles, one column for each, in the order
            of the list; the columns of a row are sorted by their levels. The dtype is
            float32 if X is float32, and float64 otherwise.
        """
        return self._predict(X)

    def score(self, X, y, sample_weight: ArrayLike | None = None) -> float:
        """Return R^2 of the predictions, the mean over the outputs.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The input data.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The true numbers.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row.

        Returns
        -------
        score : float
            With `loss="quantile"`, D^2 of the pinball loss, the mean over the levels: the
            share of the loss of the best constants that the model saves.
        """
        predicted = self.predict(X)
        return self._target.score_of(y, predicted, sample_weight)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = self.loss != "quantile"
        tags.target_tags.positive_only = self.loss in LOG_LINK
        return tags
