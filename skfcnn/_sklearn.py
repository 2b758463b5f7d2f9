"""The private names of scikit-learn that this package uses, in one place."""

from collections.abc import Callable
from inspect import Parameter, signature
from typing import TypeVar

from sklearn import __version__
from sklearn.base import _fit_context
from sklearn.utils import _safe_indexing
from sklearn.utils._param_validation import HasMethods, Interval, Options, StrOptions
from sklearn.utils.multiclass import _check_partial_fit_first_call
from sklearn.utils.validation import _check_sample_weight

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:  # before scikit-learn 1.9

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Raises an error if callbacks are set."""

        def set_callbacks(self, *callbacks):
            """Raise ImportError."""
            raise ImportError(
                f"set_callbacks needs scikit-learn 1.9 or newer; got {__version__}."
            )

        def _init_callback_context(self, **kwargs):
            return None


Method = TypeVar("Method", bound=Callable)


def fit_context(*, prefer_skip_nested_validation: bool) -> Callable[[Method], Method]:
    """Return scikit-learn's decorator of `fit`, typed such that signatures are kept."""
    return _fit_context(prefer_skip_nested_validation=prefer_skip_nested_validation)


def takes_sample_weight(scorer: Callable) -> bool:
    """Return whether a scorer, or a function (estimator, X, y), accepts sample_weight."""
    metric = getattr(scorer, "_score_func", scorer)  # the metric of a make_scorer scorer
    parameters = signature(metric).parameters.values()
    return any(
        each.name == "sample_weight" or each.kind is Parameter.VAR_KEYWORD
        for each in parameters
    )


# Attributes that scikit-learn's callbacks set on an estimator during fit.
TASK_ATTRIBUTES = {
    "_callback_fit_ctx",
    "_skl_callbacks_to_teardown",
    "_parent_callback_ctx",
}

__all__ = [
    "TASK_ATTRIBUTES",
    "CallbackSupportMixin",
    "HasMethods",
    "Interval",
    "Options",
    "StrOptions",
    "_check_partial_fit_first_call",
    "_check_sample_weight",
    "_safe_indexing",
    "fit_context",
    "takes_sample_weight",
]
