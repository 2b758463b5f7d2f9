"""Class labels as the target of an ensemble: probabilities, calibrated by a temperature."""

import warnings
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from sklearn.exceptions import DataConversionWarning
from sklearn.utils.validation import check_array

from skfcnn.classifier import FullyConnectedClassifier
from skfcnn.estimator.class_weights import of_one_label, of_several_labels
from skfcnn.estimator.labels import classes_in, refuse_mixed
from skfcnn.tabular.blending import mixing_weights
from skfcnn.tabular.class_sets import ClassSets
from skfcnn.tabular.fold_averaging import scores_of_mean
from skfcnn.tabular.temperature import best_temperature, tempered, tempered_labels
from skfcnn.tabular.user_frames import level_of_user


@dataclass(frozen=True)
class ClassLabels:
    """One class per row, or several labels per row.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
        Of several labels, the numbers of the columns of y.
    is_multilabel : bool
    """

    classes: np.ndarray
    is_multilabel: bool

    network_class: ClassVar[type] = FullyConnectedClassifier
    network_params: ClassVar[dict] = {"label_smoothing": 0.1, "scoring": "calibrated_loss"}
    is_continuous: ClassVar[bool] = False

    @classmethod
    def of(cls, y, model=None, sample_weight=None) -> Self:
        """Return the target of these labels, checked."""
        y = checked_labels(y, warns=True)
        return cls(classes_in(y), y.ndim == 2)

    @property
    def n_outputs(self) -> int:
        """Columns of the probabilities."""
        return len(self.classes)

    def encode(self, y) -> np.ndarray:
        """Return the number of the class of each row, or the matrix of several labels.

        Raises
        ------
        ValueError
            If y has a label that is not in `classes`.
        """
        y = checked_labels(y)
        if self.is_multilabel != (y.ndim == 2) or (
            self.is_multilabel and y.shape[1] != self.n_outputs
        ):
            raise ValueError(
                f"y has the shape {y.shape}, but the y that was trained on has "
                f"{f'{self.n_outputs} columns' if self.is_multilabel else 'one column'}."
            )
        if self.is_multilabel:
            return y.astype(int)
        unknown = np.setdiff1d(y, self.classes)
        if len(unknown):
            raise ValueError(
                f"The labels {unknown} do not occur in the y that is trained on, which has "
                f"{self.classes}. Drop these rows, or train on some of them too."
            )
        return np.searchsorted(self.classes, y)

    def weights(self, y, sample_weight, model) -> np.ndarray:
        """Return the sample weights times those of the classes."""
        class_weight = model.class_weight
        if class_weight is None:
            return sample_weight
        if self.is_multilabel:
            return sample_weight * of_several_labels(class_weight, y, sample_weight)
        return sample_weight * of_one_label(
            class_weight, self.classes, self.classes[y], sample_weight
        )

    def strata(self, y) -> np.ndarray:
        """Return the class of each row; of several labels, one stratum for all."""
        return np.zeros(len(y), int) if self.is_multilabel else y

    @property
    def n_trees(self) -> int:
        """Boosted trees in an iteration: one for two classes, else one for each."""
        return self.n_outputs if self.n_outputs > 2 else 1

    def trees(self, params) -> HistGradientBoostingClassifier | None:
        """Return unfitted trees; None for several labels per row, and for one class."""
        if not self._has_trees:
            return None
        return HistGradientBoostingClassifier(l2_regularization=3.0, **params)

    def randomized_trees(self, params) -> ExtraTreesClassifier | None:
        """Return unfitted trees; None for several labels per row, and for one class."""
        return ExtraTreesClassifier(**params) if self._has_trees else None

    @property
    def _has_trees(self) -> bool:
        return not self.is_multilabel and self.n_outputs > 1

    def for_members(self, data, model, seed) -> Self:
        """Return the target as it is."""
        return self

    def missing_rows(self, y, train) -> np.ndarray:
        """Return a row of each class that no row to train on has."""
        if self.is_multilabel:
            return np.empty(0, int)
        _, first = np.unique(y, return_index=True)
        return first[~np.isin(y[first], y[train])]

    def synthetic(self, n_rows) -> np.ndarray:
        """Return labels in turn; each class occurs if there are enough rows."""
        if self.is_multilabel:
            return (np.arange(n_rows)[:, None] + np.arange(self.n_outputs)) % 2
        return np.arange(n_rows) % self.n_outputs

    def predict(self, network, X) -> np.ndarray:
        """Return the probabilities of a network, (n_rows, n_outputs); X may be empty."""
        return network.predict_proba(X) if len(X) else np.empty((0, self.n_outputs))

    def calibration(self, p, y, weights) -> float:
        """Return the temperature with the lowest log loss."""
        if not self.is_multilabel:
            return best_temperature(p, y, weights)
        both = np.stack([1.0 - p, p], axis=-1).reshape(-1, 2)
        return best_temperature(both, y.ravel(), weights.repeat(self.n_outputs))

    def calibrated(self, p, temperature) -> np.ndarray:
        """Return the probabilities at a temperature."""
        return (tempered_labels if self.is_multilabel else tempered)(p, temperature)

    def likelihoods(self, p, y) -> np.ndarray:
        """Return the probability of the true class, or of each label as it is."""
        if self.is_multilabel:
            return np.where(y == 1, p, 1.0 - p)
        return p[np.arange(len(y)), y]

    def row_scores(self, p, y) -> np.ndarray:
        """Return the log-likelihood of each row, (n_rows,), the sum over several labels."""
        log_p = np.log(np.maximum(self.likelihoods(p, y), np.finfo(float).tiny))
        return log_p.reshape(len(y), -1).sum(axis=1)

    def ensemble_weights(self, p, y, weights) -> np.ndarray:
        """Return the weight of each family, by EM on its out-of-fold probabilities."""
        likelihoods = np.array([self.likelihoods(each, y).ravel() for each in p])
        n_labels = likelihoods.shape[1] // max(1, len(y))
        return mixing_weights(likelihoods, weights.repeat(n_labels))

    def normalized(self, p) -> np.ndarray:
        """Return probabilities of float32 networks with a sum of 1 in float64."""
        return p if self.is_multilabel else p / p.sum(axis=1, keepdims=True)

    def decode(self, p) -> np.ndarray:
        """Return the most probable class, or the labels that are more likely than not."""
        if self.is_multilabel:
            return (p > 0.5).astype(int)
        return self.classes[p.argmax(axis=1)]

    def conformal(self, data, rows, p, mixture) -> ClassSets | None:
        """Return prediction sets; None for several labels per row, or without rows."""
        if self.is_multilabel or not len(rows):
            return None
        scores = 1.0 - self.likelihoods(self.normalized(p), data.y[rows])
        scores = scores_of_mean(scores, mixture, data, rows)
        return ClassSets.of(scores, data.weights[rows])

    def conformal_seconds(self, data) -> float:
        """Return 0: no trees are trained."""
        return 0.0

    def described(self, temperature) -> dict:
        """Return the temperature of a family, for `leaderboard_`."""
        return {"temperature": temperature}

    def fitted_attributes(self) -> dict:
        """Return `classes_`."""
        return {"classes_": self.classes}


def checked_labels(y, *, warns: bool = False) -> np.ndarray:
    """Return labels as an array, (n_rows,) or (n_rows, n_labels), none missing.

    If asked, it warns that a single column becomes one dimension, as scikit-learn does.
    """
    if y is None:
        raise ValueError(
            "TabularClassifier requires y to be passed, but the target y is None."
        )
    refuse_mixed(y)
    y = check_array(y, accept_sparse="csr", ensure_2d=False, dtype=None, input_name="y")
    y = y.toarray() if hasattr(y, "toarray") else y
    if y.ndim != 2 or y.shape[1] != 1:
        return y
    if warns:
        warnings.warn(
            "A column-vector y was passed when a 1d array was expected. Please change the "
            "shape of y to (n_samples, ), for example using ravel().",
            DataConversionWarning,
            stacklevel=level_of_user(),
        )
    return y.ravel()
