"""The names that scikit-learn marks as private and this package uses, all in one place."""

from collections.abc import Callable
from inspect import Parameter, signature
from typing import TypeVar

from sklearn import __version__
from sklearn.base import _fit_context
from sklearn.utils._param_validation import Interval, Options, StrOptions
from sklearn.utils.multiclass import _check_partial_fit_first_call
from sklearn.utils.validation import _check_n_features, _check_sample_weight

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:  # before scikit-learn 1.9

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Says what is missing where callbacks are asked for."""

        def set_callbacks(self, *callbacks):
            """Raise ImportError."""
            raise ImportError(
                f"set_callbacks needs scikit-learn 1.9 or newer; this is {__version__}."
            )

        def _init_callback_context(self, **kwargs):
            return None


Method = TypeVar("Method", bound=Callable)


def fit_context(*, prefer_skip_nested_validation: bool) -> Callable[[Method], Method]:
    """Return scikit-learn's decorator of `fit`; editors see through this one."""
    return _fit_context(prefer_skip_nested_validation=prefer_skip_nested_validation)


def takes_sample_weight(scorer: Callable) -> bool:
    """Tell whether a scorer, or a function (estimator, X, y), takes sample_weight too."""
    metric = getattr(scorer, "_score_func", scorer)  # that of a scorer of make_scorer
    parameters = signature(metric).parameters.values()
    return any(
        each.name == "sample_weight" or each.kind is Parameter.VAR_KEYWORD
        for each in parameters
    )


# What scikit-learn's callbacks keep on an estimator while it is fitted.
TASK_ATTRIBUTES = {
    "_callback_fit_ctx",
    "_skl_callbacks_to_teardown",
    "_parent_callback_ctx",
}

__all__ = [
    "TASK_ATTRIBUTES",
    "CallbackSupportMixin",
    "Interval",
    "Options",
    "StrOptions",
    "_check_n_features",
    "_check_partial_fit_first_call",
    "_check_sample_weight",
    "fit_context",
    "takes_sample_weight",
]
