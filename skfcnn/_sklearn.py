"""The names that scikit-learn marks as private and this package uses, all in one place."""

from sklearn.base import _fit_context
from sklearn.utils._param_validation import Interval, Options, StrOptions
from sklearn.utils.multiclass import _check_partial_fit_first_call
from sklearn.utils.validation import _check_n_features, _check_sample_weight

__all__ = [
    "Interval",
    "Options",
    "StrOptions",
    "_check_n_features",
    "_check_partial_fit_first_call",
    "_check_sample_weight",
    "_fit_context",
]
