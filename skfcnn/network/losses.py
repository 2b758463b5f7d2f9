"""The losses by name: for class labels, and for numbers.

The losses of LOG_LINK have the link p = exp(z), other losses of numbers p = z.
"""

from collections.abc import Callable

from skfcnn.network.class_losses import FocalLoss, LogLoss
from skfcnn.network.loss import Loss
from skfcnn.network.number_losses import (
    AbsoluteError,
    Gamma,
    Huber,
    Poisson,
    Quantile,
    SquaredError,
    tweedie,
)

CLASS_LOSSES: dict[str, Callable[..., Loss]] = {
    "log_loss": LogLoss,
    "squared_error": SquaredError,
    "focal": FocalLoss,
}
NUMBER_LOSSES: dict[str, Callable[..., Loss]] = {
    "squared_error": SquaredError,
    "absolute_error": AbsoluteError,
    "huber": Huber,
    "quantile": Quantile,
    "poisson": Poisson,
    "gamma": Gamma,
    "tweedie": tweedie,
}
LOG_LINK = {"poisson", "gamma", "tweedie"}
