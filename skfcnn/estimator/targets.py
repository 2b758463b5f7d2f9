"""Targets: everything that depends on the kind of y.

An estimator has a class of targets, `_target_class`. Its instance converts y to the matrix
that the network is trained on, and the outputs of the network to predictions. It has the
link and the loss, the scale of y, the strata of the hold-out, the default score, the
meaning of class weights, the names of the outputs, and whether another y is compatible.
ClassTarget is for class labels, and RegressionTarget for numbers.
"""

from typing import Any, ClassVar, Protocol

import numpy as np

from skfcnn.network.loss import Loss, Range
from skfcnn.training.objective import Data


class Target(Protocol):
    """The interface of a target.

    `matrix` is the result of `encode`, (n_rows, n_outputs). `outputs` are those of the
    network after the link, of the same shape.
    """

    y_numeric: ClassVar[bool]  # whether y is converted to float64 first
    y_range: ClassVar[Range]  # of the encoded values
    scorings: ClassVar[set[str]]  # values of `scoring` that are not scikit-learn's
    outputs_name: ClassVar[str]  # of the outputs, in messages

    @property
    def score_name(self) -> str:
        """The name of the default score, in messages."""

    @classmethod
    def create(cls, y, params) -> "Target":
        """Return the target for the y and the parameters of a new fit."""

    @staticmethod
    def refuse(y) -> None:
        """Raise an error if the y of the user is not a target of this kind."""

    @property
    def link(self) -> Any:
        """The link from raw outputs to outputs."""

    @property
    def n_outputs(self) -> int:
        """Number of outputs of the network."""

    @property
    def remedies(self) -> list[str]:
        """What may help a model that is worse than a constant, in messages."""

    @property
    def scale(self) -> Any:
        """The scale of y in training: Unscaled, or a TargetScale."""

    def has_offset(self, data: Data) -> bool:
        """Return whether predictions in float32 would lose much of what is learned."""

    def set_scale(self, data: Data, rows) -> None:
        """Set the scale of a new fit, from these rows; keep that of an earlier call."""

    def loss(self, params) -> Loss:
        """Return the loss for these parameters, which is computed for validation."""

    def training_loss(self, params) -> Loss:
        """Return the loss that training minimizes: with label smoothing."""

    def encode(self, y) -> np.ndarray:
        """Return the target matrix of a compatible y."""

    def without_idle_extremes(self, matrix, weights) -> np.ndarray:
        """Return a target matrix that does not overflow in rows of weight zero."""

    def decode(self, outputs) -> np.ndarray:
        """Return the predictions for these outputs."""

    def y_of(self, matrix):
        """Return the y of a target matrix, in the form that it had."""

    def empty_answers(self, n_rows: int, dtype) -> np.ndarray:
        """Return an uninitialized array for the predictions of n_rows rows.

        `dtype` is that of predicted numbers.
        """

    def in_given_form(self, answers):
        """Return predictions in the container that y had."""

    def row_scores(self, outputs, matrix) -> np.ndarray:
        """Return the values, one row for each, from which `score` is computed."""

    def empty_scores(self, n_rows: int) -> np.ndarray:
        """Return an uninitialized array for the `row_scores` of n_rows rows."""

    def score(self, row_scores, matrix, weights) -> float:
        """Return the default score of these rows; greater is better."""

    def strata(self, matrix, n_held_out: int):
        """Return the labels to stratify a hold-out of n_held_out rows by, or None."""

    def class_weight(self, params) -> Any:
        """Return the class weights of these parameters, or None."""

    def class_weights(self, class_weight, y, weights) -> np.ndarray:
        """Return the class weight of each row."""

    def output_names(self) -> list[str]:
        """Return the name of each output of the network."""

    def fitted_attributes(self) -> dict:
        """Return the fitted attributes of the estimator that describe the target."""

    def state(self) -> dict:
        """Return plain values from which `of_state` creates the same target."""

    @classmethod
    def of_state(cls, state: dict) -> "Target":
        """Return the target of a state; raise ValueError if the state is invalid."""

    def check_params(self, params) -> None:
        """Raise ValueError unless training can continue with these parameters."""

    def check_same(self, y) -> None:
        """Raise ValueError unless a warm start can continue with this y."""

    def check_known(self, y) -> None:
        """Raise ValueError unless y can be a part of the data, as in partial_fit."""
