"""A fitted network: parameters, predictions, and the state of copies and pickles."""

import copy
import math
from collections.abc import Sequence

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data

from skfcnn._sklearn import TASK_ATTRIBUTES, CallbackSupportMixin
from skfcnn._version import VersionedState
from skfcnn.estimator.records import refuse_records
from skfcnn.estimator.targets import Target
from skfcnn.network.parameters import ParameterViews

FLOATS = np.dtype(np.float64), np.dtype(np.float32)
# Attributes that exist during a fit only.
OF_A_FIT = {"_run"} | TASK_ATTRIBUTES


def dtype_of_answers(X):
    """Return the dtype of predictions: float32 for float32 X, else float64."""
    return np.float32 if X.dtype == np.float32 else np.float64


class FittedNetwork(VersionedState, CallbackSupportMixin, BaseEstimator):
    """An estimator with a network, `_network`, and a target, `_target`, for its outputs."""

    _target_class: type[Target]
    _target: Target

    def _views(self, name, group):
        if not self.__sklearn_is_fitted__():
            raise AttributeError(
                f"{name} does not exist before the estimator is fitted. To start from "
                "given weights, use fit(X, y, coefs_init=..., intercepts_init=...). To set "
                "the weights without any training, add stop_after=0; X then needs only "
                "the right columns, and y all classes, or any numbers."
            )
        return ParameterViews(name, self._network.parameters.groups[group])

    @property
    def coefs_(self) -> ParameterViews:
        """Weights of each layer, list of ndarrays of shape (n_in, n_out): views."""
        return self._views("coefs_", "weights")

    @coefs_.setter
    def coefs_(self, arrays: Sequence[np.ndarray]) -> None:
        self.coefs_[:] = arrays

    @property
    def intercepts_(self) -> ParameterViews:
        """Biases of each layer, list of ndarrays of shape (n_out,): views."""
        return self._views("intercepts_", "bias")

    @intercepts_.setter
    def intercepts_(self, arrays: Sequence[np.ndarray]) -> None:
        self.intercepts_[:] = arrays

    @property
    def parameters_(self) -> dict[str, list[np.ndarray]]:
        """All learned parameters by group, as lists of views."""
        check_is_fitted(self)
        return {name: [*views] for name, views in self._network.parameters.groups.items()}

    @np.errstate(over="ignore", invalid="ignore")  # X is summed to find NaN
    def _check_X(self, X):
        """Return X validated.

        The full validation takes half of the time of a prediction for one row.
        """
        if self._is_valid(X):
            return X
        check_is_fitted(self)
        refuse_records(X)
        return validate_data(self, X, accept_sparse=self._sparse_formats(), reset=False)

    def _is_valid(self, X):
        """Whether X is an array of finite floats that the validation would not change."""
        return (
            type(X) is np.ndarray
            and X.dtype in FLOATS
            and self.__sklearn_is_fitted__()
            and not hasattr(self, "feature_names_in_")
            and X.shape[1:] == (self.n_features_in_,)
            and X.size > 0
            and math.isfinite(X.sum())
        )

    def _sparse_formats(self):
        """Return the accepted format of sparse rows; False if rows must be dense."""
        return "csr" if self._network.layers[0].accepts_sparse else False

    def _predict(self, X) -> np.ndarray:
        X = self._check_X(X)
        target = self._target

        def answers(z, out):
            p = np.empty(z.shape, dtype_of_answers(X))
            target.link.inverse(z, p)
            out[...] = target.decode(p)

        out = target.empty_answers(X.shape[0], dtype_of_answers(X))
        return target.in_given_form(self._network.apply(X, answers, out))

    def __sklearn_is_fitted__(self):
        return hasattr(self, "_network")

    def __copy__(self):
        """Copy the parameters too: writing to them changes one model only."""
        twin = object.__new__(type(self))
        state = self.__getstate__()
        trained = {name: state[name] for name in ("_network", "_training") if name in state}
        if "history_" in state:  # it grows during a fit
            state["history_"] = {name: [*of] for name, of in state["history_"].items()}
        twin.__setstate__(state | copy.deepcopy(trained))
        return twin

    def __getstate__(self):
        """Drop the callback tasks, and the solver unless `partial_fit` trained last."""
        state = super().__getstate__()
        state = {name: value for name, value in state.items() if name not in OF_A_FIT}
        if "_training" in state:
            state["_training"] = state["_training"].for_copies()
        return state

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
