"""Validation of the data of a fit: X, y and weights."""

import warnings

import numpy as np
from sklearn.utils import column_or_1d
from sklearn.utils.validation import validate_data

from skfcnn.estimator.base import FittedNetwork
from skfcnn.estimator.diagnostics import on_validation_rows
from skfcnn.estimator.records import refuse_records
from skfcnn.estimator.targets import ClassTarget, Target
from skfcnn.estimator.weights import row_weights, without_idle_extremes
from skfcnn.training.objective import Data


class CheckedInput(FittedNetwork):
    """An estimator that checks and encodes the data of a fit."""

    _target_class: type[Target] = ClassTarget

    def _check_X_y(self, X, y, *, reset):
        refuse_records(X)
        self._target_class.refuse(y)
        with np.errstate(over="ignore", invalid="ignore"):  # of a sum that looks for NaN
            X, y = validate_data(
                self,
                X,
                y,
                accept_sparse="csr" if reset else self._sparse_formats(),
                multi_output=True,
                y_numeric=self._target_class.y_numeric,
                dtype=[np.float64, np.float32],
                reset=reset,
            )
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        return X, y

    def _make_data(self, X, y, sample_weight):
        weights = row_weights(self.class_weight, self._target, X, y, sample_weight)
        X = without_idle_extremes(X, weights)
        return Data(X, self._target.encode(y), weights)

    def _validation_data(self, X_val, y_val, sample_weight_val):
        given = [X_val is not None, y_val is not None]
        if not any(given) and sample_weight_val is None:
            return None
        if not all(given):
            raise ValueError(
                "X_val and y_val belong together: give both, or neither (and then no "
                "sample_weight_val)."
            )
        try:
            X, y = self._check_X_y(X_val, y_val, reset=False)
            self._target.check_known(y)
            weights = row_weights(None, self._target, X, y, sample_weight_val)
        except ValueError as error:
            raise ValueError(f"Of X_val, y_val, sample_weight_val: {error}") from error
        return Data(X, self._target.encode(y), weights)

    def _warn_of_unlike_rows(self, data, validation_data):
        if validation_data is not None:
            words = on_validation_rows(data.X, validation_data.X)
            if words is not None:
                warnings.warn(words, UserWarning, stacklevel=5)

    def _check_data(self, X, y, sample_weight, *, goes_on):
        X, y = self._check_X_y(X, y, reset=not goes_on)
        if goes_on:
            self._target.check_same(y)
        else:
            self._target = self._target_class(y)
        return self._make_data(X, y, sample_weight)
