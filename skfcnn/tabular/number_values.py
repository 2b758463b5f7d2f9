"""Numbers as the target of an ensemble: means of predictions, judged by a loss.

The score of a row is 1 - l / l_c, with the loss l of the prediction and the mean loss l_c
of the best constant. The mean of the scores is the share of that loss which the model
saves: R^2 for the squared error, D^2 for other losses.

Losses are those of training: of standardized numbers, by the weights of the rows.

The weights of the families minimize the mean loss of the mixture of their out-of-fold
predictions, relative to that of the best family. They are not negative and sum to 1. PRIOR
additional rows pull them towards equal weights.

Predictions beyond the range of y that was seen are clipped to it, if the user wants so.
"""

from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

import numpy as np
from scipy.optimize import minimize
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.utils import check_array

from skfcnn.estimator.quantile_levels import in_order
from skfcnn.estimator.regression_target import RegressionTarget
from skfcnn.estimator.row_counts import row_counts
from skfcnn.estimator.target_scale import TargetScale, Unscaled
from skfcnn.network.loss import Loss, check_targets, loss_of_constant
from skfcnn.network.moments import moments_of
from skfcnn.regressor import FullyConnectedRegressor
from skfcnn.tabular.fold_averaging import evenly_spaced, gain_of_averaging
from skfcnn.tabular.given_table import checked_weights
from skfcnn.tabular.intervals import MOST_ROWS, N_PARTS, Intervals, seconds_to_make
from skfcnn.tabular.log_link import is_skewed, log_link_is_better

PRIOR = 10.0
# Of a perfect prediction, the loss relative to which there is no less.
SMALLEST = 1e-12
# The losses that the trees of scikit-learn have too.
OF_TREES = {"squared_error", "absolute_error", "quantile", "poisson", "gamma"}


@dataclass(frozen=True)
class NumberValues:
    """One number per row, or several.

    Parameters
    ----------
    target : RegressionTarget
        As of a single network.
    loss : Loss
    scale : TargetScale or Unscaled
        As of a network that is trained on all rows.
    constant_loss : float
        The mean loss of the best constant, l_c.
    network_params : dict
        What differs from the presets; its loss is that of training, see `for_members`.
    lowest, highest : ndarray of shape (1,) or (n_outputs,)
        The range of the predictions.
    """

    target: RegressionTarget
    loss: Loss
    scale: TargetScale | Unscaled
    constant_loss: float
    network_params: dict = field(default_factory=dict)
    lowest: np.ndarray = field(default_factory=lambda: np.array([-np.inf]))
    highest: np.ndarray = field(default_factory=lambda: np.array([np.inf]))

    network_class: ClassVar[type] = FullyConnectedRegressor
    is_continuous: ClassVar[bool] = True
    n_trees: ClassVar[int] = 1

    @classmethod
    def of(cls, y, model, sample_weight=None) -> Self:
        """Return the target of these numbers, checked, for the loss of an ensemble."""
        params = model._loss_params()
        network = FullyConnectedRegressor(**params)
        network._validate_params()
        y = checked_numbers(y)
        weights = checked_weights(sample_weight, y)
        target = RegressionTarget.create(y, network)
        loss, matrix = target.loss(network), target.encode(y)
        check_targets(network.loss, loss, matrix)
        scale: TargetScale | Unscaled = Unscaled()
        if target.is_scaled:
            scale = target.scale_of(moments_of(matrix, weights))
        seen, weights = matrix[weights > 0.0], weights[weights > 0.0]
        check_link(model, network, seen)
        scaled = scale.standardize(seen)
        constant = loss.best_constant(scaled, weights)
        of_constant = loss_of_constant(loss, constant, scaled, weights)
        values = cls(target, loss, scale, of_constant or 1.0, {"scoring": "loss"} | params)
        if not model.clip:
            return values
        return replace(values, lowest=seen.min(axis=0), highest=seen.max(axis=0))

    def for_members(self, data, model, seed) -> Self:
        """Return the target with the loss that the models are trained on.

        With the log link, it is the Poisson loss.
        """
        link = model.link
        if link == "auto" and self._may_have_log_link(data, model):
            is_log = log_link_is_better(data, self._losses, self.network_params, seed)
            link = "log" if is_log else "identity"
            if model.verbose:
                print(f"link='auto': using {link!r}", flush=True)
        if link != "log":
            return self
        return replace(self, network_params=self.network_params | {"loss": "poisson"})

    def _may_have_log_link(self, data, model) -> bool:
        return (
            self.network_params["loss"] == "squared_error"
            and self.target.is_scaled
            and isinstance(model.encoder, str)
            and model.encoder == "auto"  # it bounds the columns, and so exp(z)
            and is_skewed(data.y, data.weights)
        )

    @property
    def n_outputs(self) -> int:
        """Columns of the predictions."""
        return self.target.n_outputs

    def encode(self, y) -> np.ndarray:
        """Return the numbers in float64, (n_rows,) or (n_rows, n_outputs)."""
        y = checked_numbers(y)
        self.target.check_same(y)
        return y

    def weights(self, y, sample_weight, model) -> np.ndarray:
        """Return the sample weights."""
        return sample_weight

    def strata(self, y) -> np.ndarray:
        """Return one stratum for all rows."""
        return np.zeros(len(y), int)

    def trees(self, params) -> HistGradientBoostingRegressor | None:
        """Return unfitted trees; None for several outputs, and for losses they lack."""
        loss = self.network_params["loss"]
        if self.n_outputs > 1 or loss not in OF_TREES:
            return None
        level = {"quantile": self.target.levels[0]} if self.target.levels else {}
        return HistGradientBoostingRegressor(loss=loss, **level, **params)

    def randomized_trees(self, params) -> None:
        """Return None: with boosted trees in the ensemble, they gain nothing."""
        return

    def missing_rows(self, y, train) -> np.ndarray:
        """Return no rows."""
        return np.empty(0, int)

    def synthetic(self, n_rows) -> np.ndarray:
        """Return positive numbers in turn."""
        return 1.0 + np.arange(n_rows) % 7

    def predict(self, network, X) -> np.ndarray:
        """Return the predictions of a network, (n_rows, n_outputs); X may be empty."""
        if not len(X):
            return np.empty((0, self.n_outputs))
        return network.predict(X).astype(np.float64).reshape(len(X), -1)

    def calibration(self, predicted, y, weights) -> float:
        """Return 1: numbers have no temperature."""
        return 1.0

    def calibrated(self, predicted, temperature) -> np.ndarray:
        """Return the predictions, clipped; those of several quantiles in order."""
        predicted = np.clip(predicted, self.lowest, self.highest)
        levels = self.target.levels
        return predicted if levels is None else in_order(predicted, levels)

    def row_scores(self, predicted, y) -> np.ndarray:
        """Return 1 - l / l_c of each row."""
        return 1.0 - self._losses(predicted, y) / self.constant_loss

    def _losses(self, predicted, y) -> np.ndarray:
        predicted = np.array(self.scale.standardize(predicted))
        self.loss.link.clip(predicted)
        y = self.scale.standardize(self.target.encode(y))
        return self.loss.values(self.loss.link.link(predicted), y)

    def ensemble_weights(self, predicted, y, weights) -> np.ndarray:
        """Return the weight of each family: of the least mean loss of the mixture."""
        n_families = len(predicted)
        equal = np.full(n_families, 1.0 / n_families)
        if n_families == 1 or not len(y):
            return equal
        predicted, prior = np.array(predicted), PRIOR / row_counts(weights).sum()
        alone = [np.average(self._losses(each, y), weights=weights) for each in predicted]
        least = min(alone) or 1.0

        def objective(mix):  # a logarithm, since the loss of a bad family may be huge
            of_rows = self._losses(np.tensordot(mix, predicted, axes=1), y)
            mean = np.average(of_rows, weights=weights) / least
            return np.log(mean + prior * np.sum((mix - equal) ** 2) + SMALLEST)

        candidates = [equal, *np.eye(n_families)]
        start = min(candidates, key=objective)
        found = minimize(
            objective,
            start,
            method="SLSQP",
            bounds=[(0.0, 1.0)] * n_families,
            constraints={"type": "eq", "fun": lambda mix: mix.sum() - 1.0},
        )
        mix = np.clip(found.x, 0.0, None)
        return min(start, mix / mix.sum(), key=objective)

    def decode(self, predicted) -> np.ndarray:
        """Return the numbers in the form of y."""
        return predicted[:, 0] if self.target.is_vector else predicted

    def conformal(self, data, rows, predicted, mixture) -> Intervals | None:
        """Return prediction intervals; None for several outputs, or without rows."""
        if self.n_outputs > 1 or not len(rows):
            return None
        gain = gain_of_averaging(mixture, data, rows)
        rows = evenly_spaced(rows, MOST_ROWS)
        predicted = evenly_spaced(predicted[:, 0], MOST_ROWS)
        y, weights = data.y[rows], data.weights[rows]
        return Intervals.of(
            data.X[rows], predicted, y, weights, part_of_each(rows, data.folds), gain
        )

    def conformal_seconds(self, data) -> float:
        """Estimate the time of `conformal` for all held-out rows."""
        rows = np.unique(np.concatenate([fold.held_out for fold in data.folds]))
        if self.n_outputs > 1 or not len(rows):
            return 0.0
        return seconds_to_make(data.X[evenly_spaced(rows, MOST_ROWS)])

    def described(self, temperature) -> dict:
        """Return nothing: there is no calibration."""
        return {}

    def fitted_attributes(self) -> dict:
        """Return `training_loss_`."""
        return {"training_loss_": self.network_params["loss"]}


def check_link(model, network, seen) -> None:
    """Raise ValueError if the loss, or the numbers with weight, do not allow the link."""
    if model.link != "auto" and network.loss != "squared_error":
        raise ValueError(
            f"link={model.link!r} is only for loss='squared_error'; got "
            f"loss={network.loss!r}, which determines the link. Use link='auto'."
        )
    if model.link == "log" and (seen.min() < 0.0 or not seen.any()):
        raise ValueError(
            f"link='log' is for numbers that are not negative, and not all 0; got a y of "
            f"{seen.min()} to {seen.max()}. Use link='auto', or add a number to y."
        )


def part_of_each(rows: np.ndarray, folds) -> np.ndarray:
    """Return the part, 0 to N_PARTS - 1, of each row: that of its first fold, by turns.

    If there would be one part, rows have parts by turns.
    """
    parts = np.zeros(len(rows), int)
    for number in reversed(range(len(folds))):
        parts[np.isin(rows, folds[number].held_out)] = number % N_PARTS
    return parts if np.ptp(parts) else np.arange(len(rows)) % N_PARTS


def checked_numbers(y) -> np.ndarray:
    """Return numbers in float64, (n_rows,) or (n_rows, n_outputs), all finite."""
    if y is None:
        raise ValueError(
            "TabularRegressor requires y to be passed, but the target y is None."
        )
    RegressionTarget.refuse(y)
    y = check_array(y, ensure_2d=False, dtype="numeric", input_name="y")
    y = y.astype(np.float64)
    return y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y
