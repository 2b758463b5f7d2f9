"""Numbers as targets, one or several for each row."""

from typing import ClassVar

import numpy as np
import scipy.sparse
from sklearn.metrics import r2_score
from sklearn.utils import assert_all_finite, check_array, check_consistent_length

from skfcnn.estimator.construction import configured, in_python
from skfcnn.estimator.loss_functions import check_loss_functions
from skfcnn.estimator.numeric_targets import refuse_other_values
from skfcnn.estimator.quantile_levels import in_order, levels_of, score_of_levels
from skfcnn.estimator.stored_regression_target import check_state
from skfcnn.estimator.target_scale import TargetScale, Unscaled
from skfcnn.estimator.weights import HARMLESS
from skfcnn.network.links import NUMBER_LINKS, Exp, Identity
from skfcnn.network.loss import Loss, Range
from skfcnn.network.losses import LOG_LINK, NUMBER_LOSSES
from skfcnn.network.moments import Moments, moments_of
from skfcnn.network.network import NonFiniteOutputs
from skfcnn.network.number_losses import FunctionLoss

# Where the mean of y is this many times its deviation, the rounding of predictions in
# float32, 6e-8 of the mean, is up to 6e-4 of the deviation.
OFFSET = 1e4


class RegressionTarget:
    """Encodes numbers as a matrix, and outputs as numbers.

    Parameters
    ----------
    n_outputs : int
        The number of outputs of the network.
    is_vector : bool
        Whether y has one dimension.
    out_activation : {"identity", "exp"}
        The link from raw outputs to numbers.
    levels : list of float or None
        The levels of the quantile loss; each is an output.
    is_scaled : bool
        Whether training sees standardized numbers.
    """

    y_numeric: ClassVar[bool] = True
    y_range: ClassVar[Range] = Range()
    scorings: ClassVar[set[str]] = {"loss"}
    outputs_name: ClassVar[str] = "The predictions"

    def __init__(
        self,
        n_outputs: int,
        *,
        is_vector: bool,
        out_activation: str,
        levels: list[float] | None,
        is_scaled: bool,
    ) -> None:
        self.n_outputs = n_outputs
        self.is_vector = is_vector
        self.out_activation = out_activation
        self.levels = levels
        self.is_scaled = is_scaled
        self.scale: Unscaled | TargetScale = Unscaled()

    @classmethod
    def create(cls, y, params) -> "RegressionTarget":
        """Return the target for the numbers and the parameters of a new fit."""
        if not isinstance(params.loss, str):
            check_loss_functions(params.loss)
        levels = levels_of(params)
        if levels is not None and y.ndim == 2:
            raise ValueError(
                f"loss='quantile' predicts one number per row; got a y of {y.shape[1]} "
                "columns. Fit one model for each column, for example with "
                "MultiOutputRegressor."
            )
        n_columns = 1 if y.ndim == 1 else y.shape[1]
        is_list = levels is not None and np.ndim(params.quantile) > 0
        return cls(
            len(levels) if levels else n_columns,
            is_vector=y.ndim == 1 and not is_list,
            out_activation=_out_activation(params.loss),
            levels=levels,
            is_scaled=params.scale_target,
        )

    @staticmethod
    def refuse(y) -> None:
        """Raise an error for sparse y, and for values that are not numbers."""
        if scipy.sparse.issparse(y):
            raise TypeError("y is sparse; expected a dense array. Use y.toarray().")
        refuse_other_values(y)

    @property
    def link(self) -> Identity | Exp:
        """The link from raw outputs to numbers."""
        return NUMBER_LINKS[self.out_activation]

    @property
    def remedies(self) -> list[str]:
        """What may help a model that is worse than a constant, in messages."""
        return [] if self.is_scaled else ["use scale_target=True"]

    @property
    def score_name(self) -> str:
        """The name of the default score, in messages."""
        return "R^2" if self.levels is None else "D^2 of the pinball loss"

    def has_offset(self, data) -> bool:
        """Return whether the mean of y is more than OFFSET times its deviation.

        Or whether float32 cannot hold its scale.
        """
        scale = self.scale
        if isinstance(scale, Unscaled):
            scale = self.scale_of(moments_of(data.target, data.weights))
        has_offset = bool((np.abs(scale.mean) > OFFSET * scale.deviation).any())
        return has_offset or not scale.fits(np.float32)

    def scale_of(self, moments: Moments) -> TargetScale:
        """Return the scale of y with these moments; one column is that of all outputs.

        Raises
        ------
        ValueError
            If the sum of y overflows.
        """
        found = np.array(self.link.mean_and_deviation(moments))
        if not np.isfinite(found).all():
            raise ValueError(
                "y has values whose sum overflows. Divide y by a large number."
            )
        mean, deviation = np.repeat(found, self.n_outputs // found.shape[1], axis=1)
        return TargetScale(self.link, mean, deviation)

    @property
    def lacks_scale(self) -> bool:
        """Whether training sees standardized numbers, and the scale is not set yet."""
        return self.is_scaled and isinstance(self.scale, Unscaled)

    def set_scale(self, data, rows) -> None:
        """Set mean and deviation from the rows to train on; keep those of earlier calls."""
        if self.lacks_scale:
            self.scale = self.scale_of(moments_of(data.target[rows], data.weights[rows]))

    def loss(self, params) -> Loss:
        """Return the loss for these parameters."""
        if isinstance(params.loss, str):
            return configured(NUMBER_LOSSES[params.loss], in_python(params), link=self.link)
        value, gradient, *_ = params.loss
        return FunctionLoss(self.link, value, gradient)

    def training_loss(self, params) -> Loss:
        """Return the loss for these parameters."""
        return self.loss(params)

    def encode(self, y):
        """Return the target matrix, float64, (n_rows, n_outputs).

        Raises
        ------
        TypeError
            For values that are not real numbers.
        ValueError
            For missing values, and numbers beyond float64.
        """
        refuse_other_values(y)
        dtype = np.asarray(y).dtype
        if dtype.kind not in "biufO":
            raise TypeError(f"y must hold numbers; got an array of dtype {dtype}.")
        with np.errstate(over="ignore"):
            matrix = np.asarray(y, np.float64).reshape(len(y), -1)
        assert_all_finite(matrix, input_name="y")
        return matrix if self.levels is None else matrix.repeat(self.n_outputs, axis=1)

    def decode(self, outputs):
        """Return the numbers, given the outputs of the network.

        Raises
        ------
        NonFiniteOutputs
            If exp(z) overflows.
        """
        predicted = self._predicted(outputs)
        return predicted[:, 0] if self.is_vector else predicted

    def _predicted(self, outputs):
        """Return the outputs of each row in the order of their levels, if they have any."""
        if not np.isfinite(outputs).all():
            raise NonFiniteOutputs(
                f"The predictions exp(z) overflow in {outputs.dtype}. Scale X, for example "
                "with StandardScaler."
            )
        self.link.clip(outputs)
        return outputs if self.levels is None else in_order(outputs, self.levels)

    def without_idle_extremes(self, matrix, weights):
        """Return the matrix; rows of weight zero get another y if theirs is very large.

        Their loss is multiplied by zero, but 0 * inf is NaN.
        """
        idle = (weights == 0.0)[:, None]
        if not idle.any():
            return matrix
        largest = np.abs(matrix).max(axis=0, initial=0.0, where=~idle)
        is_extreme = idle & (np.abs(matrix) > HARMLESS * largest)
        if not is_extreme.any():
            return matrix
        return np.where(is_extreme, matrix[weights.argmax()], matrix)

    def y_of(self, matrix):
        """Return the y of a target matrix."""
        return matrix[:, 0] if self.is_vector or self.levels else matrix

    def empty_answers(self, n_rows, dtype):
        """Return an uninitialized array for the predictions of n_rows rows."""
        return np.empty(n_rows if self.is_vector else (n_rows, self.n_outputs), dtype)

    def in_given_form(self, answers):
        """Return the predictions as they are."""
        return answers

    def row_scores(self, outputs, matrix):
        """Return the predictions as a matrix: the score needs all of them."""
        return self._predicted(outputs)

    def empty_scores(self, n_rows):
        """Return an uninitialized array for the `row_scores` of n_rows rows."""
        return np.empty((n_rows, self.n_outputs))

    def score(self, row_scores, matrix, weights) -> float:
        """Return R^2, or D^2 of the pinball loss: means over outputs, or levels.

        `row_scores` may have one row, for all.
        """
        row_scores = np.broadcast_to(row_scores, matrix.shape)
        if self.levels is None:
            return float(r2_score(matrix, row_scores, sample_weight=weights))
        return score_of_levels(matrix, row_scores, self.levels, weights)

    def score_of(self, y, predicted, weights) -> float:
        """Return the default score of predictions, in the form of `predict`.

        Raises
        ------
        TypeError, ValueError
            If y does not belong to the predictions.
        """
        self.refuse(y)
        y = check_array(y, ensure_2d=False, input_name="y")
        check_consistent_length(y, predicted)
        self.check_known(y)
        return self.score(predicted.reshape(len(predicted), -1), self.encode(y), weights)

    def strata(self, matrix, n_held_out):
        """Return None: the hold-out is not stratified."""

    def class_weight(self, params):
        """Return None: numbers have no class weights."""

    def class_weights(self, class_weight, y, weights):
        """Return the weight 1 of each row."""
        return np.ones_like(weights)

    def output_names(self) -> list[str]:
        """Return the name of each output of the network."""
        if self.levels is not None:
            return [f"quantile {level:g}" for level in self.levels]
        return ["y"] if self.n_outputs == 1 else [f"y{i}" for i in range(self.n_outputs)]

    def fitted_attributes(self) -> dict:
        """Return the fitted attributes of the estimator that describe the target."""
        return {"out_activation_": self.out_activation}

    def state(self) -> dict:
        """Return plain values from which `of_state` creates the same target."""
        return {
            "n_outputs": self.n_outputs,
            "is_vector": self.is_vector,
            "out_activation": self.out_activation,
            "levels": self.levels,
            "is_scaled": self.is_scaled,
            "scale": self.scale.state(),
        }

    @classmethod
    def of_state(cls, state: dict) -> "RegressionTarget":
        """Return the target of a state, which may come from an untrusted file.

        Raises
        ------
        ValueError
            If the state is invalid.
        """
        check_state(state)
        state = dict(state)
        scale = state.pop("scale")
        target = cls(**state)
        if scale is not None:
            target.scale = TargetScale.of_state(target.link, scale, target.n_outputs)
        return target

    def check_params(self, params) -> None:
        """Raise ValueError if the loss has another link or levels, or y another scale."""
        if not isinstance(params.loss, str):
            check_loss_functions(params.loss)
        asked = {
            "the link of its loss": (self.out_activation, _out_activation(params.loss)),
            "quantile": (self.levels, levels_of(params)),
            "scale_target": (self.is_scaled, params.scale_target),
        }
        for name, (fitted, now) in asked.items():
            if fitted != now:
                raise ValueError(
                    f"The fitted network has {name}={fitted!r}; got {now!r}. Use the "
                    "same parameters, or fit a new model."
                )

    def check_same(self, y) -> None:
        """Raise ValueError unless y has the known number of columns."""
        n_columns = 1 if self.levels is not None else self.n_outputs
        found = 1 if y.ndim == 1 else y.shape[1]
        if found != n_columns:
            raise ValueError(
                f"The model was fitted with {n_columns} numbers per row; got a y of "
                f"{found}. Use a y of the same shape, or fit a new model."
            )

    check_known = check_same


def _out_activation(loss) -> str:
    """Return the link of a loss, a name or (value, gradient[, link])."""
    if isinstance(loss, str):
        return "exp" if loss in LOG_LINK else "identity"
    return loss[2] if len(loss) == 3 else "identity"
