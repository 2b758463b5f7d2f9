"""Interface for what depends on the type of y; `class_labels` implements it for classes."""

from typing import Any, Protocol, Self

import numpy as np


class EnsembleTarget(Protocol):
    """The target of an ensemble: everything that depends on the type of y."""

    network_class: type
    network_params: dict[str, Any]  # what differs from the presets
    is_continuous: bool
    n_outputs: int  # columns of what a network predicts
    n_trees: int  # of boosted trees, in an iteration

    @classmethod
    def of(cls, y, model, sample_weight=None) -> Self:
        """Return the target of these values, checked, for the parameters of an ensemble."""

    def encode(self, y) -> np.ndarray:
        """Return y as the networks learn it, (n_rows,) or (n_rows, n_outputs)."""

    def weights(self, y: np.ndarray, sample_weight: np.ndarray, model) -> np.ndarray:
        """Return the weights of the rows, (n_rows,), with those of the classes."""

    def strata(self, y: np.ndarray) -> np.ndarray:
        """Return the stratum of each row, (n_rows,); every fold has a share of each."""

    def trees(self, params: dict) -> Any:
        """Return unfitted gradient-boosted trees; None if they cannot learn this y."""

    def randomized_trees(self, params: dict) -> Any:
        """Return unfitted extremely randomized trees; None if they gain nothing."""

    def for_members(self, data, model, seed: int) -> Self:
        """Return the target with what the models are trained on, given the encoded rows."""

    def missing_rows(self, y: np.ndarray, train: np.ndarray) -> np.ndarray:
        """Return rows to add to the training rows, so that every class is known."""

    def synthetic(self, n_rows: int) -> np.ndarray:
        """Return an encoded y of n_rows, to measure the time of a step."""

    def predict(self, network, X) -> np.ndarray:
        """Return the outputs of a network, (n_rows, n_outputs)."""

    def calibration(self, outputs, y, weights) -> float:
        """Return the temperature that is best on rows that were not trained on."""

    def calibrated(self, outputs, temperature: float) -> np.ndarray:
        """Return the outputs at a temperature."""

    def row_scores(self, outputs, y) -> np.ndarray:
        """Return the score of each row, (n_rows,); the higher, the better."""

    def ensemble_weights(self, outputs: list[np.ndarray], y, weights) -> np.ndarray:
        """Return the weight of each family, given the out-of-fold outputs of each."""

    def conformal(self, data, rows: np.ndarray, outputs: np.ndarray, mixture) -> Any:
        """Return the conformal prediction calibrated on held-out rows, or None.

        `mixture` is a list of pairs (family, weight).
        """

    def conformal_seconds(self, data) -> float:
        """Estimate the time of `conformal` for all rows that are held out."""

    def described(self, temperature: float) -> dict[str, float]:
        """Return what `leaderboard_` shows about the calibration of a family."""

    def fitted_attributes(self) -> dict[str, Any]:
        """Return the attributes of a fitted ensemble that describe y."""
