"""Class labels as targets: zeros and ones for the network, probabilities from it.

The four kinds of targets::

    binary       one output, the probability of classes[1]
    multiclass   one output per class, exclusive
    multilabel   one output per label, independent
    one class    one output, whose probability is always 1
"""

import warnings
from typing import ClassVar

import numpy as np
import scipy.sparse
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from skfcnn.estimator.class_weights import of_one_label, of_several_labels
from skfcnn.estimator.construction import configured, in_python
from skfcnn.estimator.labels import classes_in, refuse_mixed
from skfcnn.estimator.target_scale import Unscaled
from skfcnn.network.class_losses import LabelSmoothing
from skfcnn.network.links import CLASS_LINKS, Logistic, Softmax
from skfcnn.network.loss import Loss, Range
from skfcnn.network.losses import CLASS_LOSSES


class ClassTarget:
    """Encodes labels as a matrix of zeros and ones, and probabilities as labels.

    Parameters
    ----------
    labels : array-like of shape (n_samples,) or (n_samples, n_labels)
        Contains every class at least once.

    Attributes
    ----------
    classes : ndarray of shape (n_classes,)
    out_activation : {"logistic", "softmax"}
        The link from raw outputs to probabilities.
    """

    y_numeric: ClassVar[bool] = False
    y_range: ClassVar[Range] = Range(0.0, 1.0)
    score_name: ClassVar[str] = "accuracy"
    outputs_name: ClassVar[str] = "The probabilities"
    scorings: ClassVar[set[str]] = {"loss", "calibrated_loss"}
    remedies: ClassVar[list[str]] = []
    scale: ClassVar[Unscaled] = Unscaled()

    def __init__(self, labels) -> None:
        self.classes = classes_in(labels)
        self.is_multilabel = np.ndim(labels) == 2
        self.is_sparse = scipy.sparse.issparse(labels)
        self.is_binary = not self.is_multilabel and len(self.classes) == 2
        self.is_exclusive = not self.is_multilabel and not self.is_binary
        self.out_activation = "softmax" if self.is_exclusive else "logistic"

    @classmethod
    def create(cls, y, params) -> "ClassTarget":
        """Return the target for the labels of a new fit."""
        return cls(y)

    @staticmethod
    def refuse(y) -> None:
        """Raise an error for missing labels, and for labels of mixed types."""
        refuse_mixed(y)

    @property
    def link(self) -> Logistic | Softmax:
        """The link from raw outputs to probabilities."""
        return CLASS_LINKS[self.out_activation]

    @property
    def n_outputs(self) -> int:
        """Number of outputs of the network."""
        return 1 if self.is_binary else len(self.classes)

    @property
    def n_columns(self) -> int:
        """Number of columns of `predict_proba`."""
        return len(self.classes)

    @property
    def n_values(self) -> int:
        """Number of values among which label smoothing spreads its share."""
        return len(self.classes) if self.is_exclusive else 2

    @classmethod
    def declared(cls, classes, y) -> "ClassTarget":
        """Return the target of these classes; y may contain only some of them.

        Raises
        ------
        ValueError
            If y has a column per label, and `classes` are not the column numbers.
        """
        if y.ndim == 1:
            return cls(classes)
        target = cls(y)
        if set(classes) != set(target.classes):
            raise ValueError(
                f"y has a column for each of the labels {target.classes}, but classes="
                f"{classes}. Use classes=np.arange({len(target.classes)})."
            )
        return target

    def has_offset(self, data) -> bool:
        """Return False: probabilities have enough digits in float32."""
        return False

    def set_scale(self, data, rows) -> None:
        """Class labels have no scale."""

    def loss(self, params) -> Loss:
        """Return the loss for these parameters, without label smoothing."""
        return configured(CLASS_LOSSES[params.loss], in_python(params), link=self.link)

    def training_loss(self, params) -> Loss:
        """Return the loss for these parameters, with label smoothing."""
        loss = self.loss(params)
        if not params.label_smoothing:
            return loss
        return LabelSmoothing(loss, float(params.label_smoothing), self.n_values)

    def encode(self, y):
        """Return the target matrix, bool, (n_samples, n_outputs), of known labels."""
        if not self.is_multilabel:
            numbers = np.searchsorted(self.classes, y)[:, None]
            return numbers == ([1] if self.is_binary else range(len(self.classes)))
        matrix = y.toarray() if scipy.sparse.issparse(y) else np.asarray(y)
        if matrix.shape[1] != len(self.classes):
            raise ValueError(
                f"The classifier was fitted with {len(self.classes)} labels per row; got a "
                f"y of {matrix.shape[1]} columns. Give one column for each label."
            )
        if not np.isin(matrix, [0, 1]).all():
            raise ValueError(
                "A y of several labels per row must have 1 where a label applies and 0 "
                f"where it does not; got {np.unique(matrix)}."
            )
        return matrix.astype(bool)

    def judge(self, probabilities):
        """Return the index of the most probable class, or which labels are probable.

        The result is an int matrix of shape (n_samples, 1), or (n_samples, n_labels) for
        several labels.
        """
        if self.is_exclusive:
            return probabilities.argmax(axis=1, keepdims=True)
        return (probabilities > 0.5).astype(int)

    def without_idle_extremes(self, matrix, weights):
        """Return the matrix: labels have no size."""
        return matrix

    def y_of(self, matrix):
        """Return the labels of a target matrix, in the form that y had."""
        return self.in_given_form(self.decode(matrix))

    def empty_answers(self, n_rows, dtype):
        """Return an uninitialized array for the labels of n_rows rows."""
        if self.is_multilabel:
            return np.empty((n_rows, len(self.classes)), int)
        return np.empty(n_rows, self.classes.dtype)

    def row_scores(self, outputs, matrix):
        """Return 1 for each row that is predicted correctly, else 0."""
        if self.is_exclusive:
            return outputs.argmax(axis=1) == matrix.argmax(axis=1)
        return ((outputs > 0.5) == matrix).all(axis=1)

    def empty_scores(self, n_rows):
        """Return an uninitialized array for the `row_scores` of n_rows rows."""
        return np.empty(n_rows)

    def score(self, row_scores, matrix, weights) -> float:
        """Return the accuracy, given the scores of the rows."""
        return float(np.average(row_scores, weights=weights))

    def decode(self, outputs):
        """Return the most probable labels, given the outputs of the network."""
        decisions = self.judge(outputs)
        return decisions if self.is_multilabel else self.classes[decisions[:, 0]]

    def in_given_form(self, answers):
        """Return the labels as a sparse matrix if the y of the fit was sparse."""
        return scipy.sparse.csr_matrix(answers) if self.is_sparse else answers

    def columns(self, z):
        """Return the raw output of every class, in the columns of predict_proba.

        The one output of a binary problem is that of classes[1]. Since
        1 - 1 / (1 + exp(-z)) = 1 / (1 + exp(z)), its negative is that of classes[0].
        """
        return z * np.array([-1.0, 1.0], z.dtype) if self.is_binary else z

    def strata(self, matrix, n_held_out):
        """Return the classes to stratify by; None for several labels or too few rows."""
        if self.is_multilabel:
            return None
        if self.is_binary:
            return matrix
        classes = matrix.argmax(axis=1)
        counts = np.unique(classes, return_counts=True)[1]
        smallest_side = min(n_held_out, len(matrix) - n_held_out)
        if counts.min() >= 2 and smallest_side >= len(counts):
            return classes
        warnings.warn(
            "The rows held out for early stopping are not stratified by class: a class has "
            "only one row, or fewer rows are held out than there are classes.",
            UserWarning,
            stacklevel=2,
        )
        return None

    def class_weight(self, params):
        """Return the parameter class_weight."""
        return params.class_weight

    def class_weights(self, class_weight, y, weights) -> np.ndarray:
        """Return the class weight of each row; `weights` are the sample weights."""
        if self.is_multilabel:
            return of_several_labels(class_weight, self.encode(y).astype(int), weights)
        return of_one_label(class_weight, self.classes, y, weights)

    def output_names(self) -> list[str]:
        """Return the class or label of each output of the network."""
        return [*map(str, self.classes[1:] if self.is_binary else self.classes)]

    def fitted_attributes(self) -> dict:
        """Return the fitted attributes of the estimator that describe the target."""
        return {"classes_": self.classes, "out_activation_": self.out_activation}

    def state(self) -> dict:
        """Return plain values from which `of_state` creates the same target."""
        return {
            "classes": self.classes,
            "is_multilabel": self.is_multilabel,
            "is_sparse": self.is_sparse,
        }

    @classmethod
    def of_state(cls, state: dict) -> "ClassTarget":
        """Return the target of a state, which may come from an untrusted file.

        Raises
        ------
        ValueError
            If the state is invalid.
        """
        classes, is_multilabel = state["classes"], state["is_multilabel"]
        is_sparse = state["is_sparse"]
        if not isinstance(classes, np.ndarray) or classes.ndim != 1:
            raise ValueError(f"classes are {classes!r:.99}")
        target = cls(np.zeros((1, len(classes)), int) if is_multilabel else classes)
        if not np.array_equal(target.classes, classes):
            raise ValueError(f"classes are {classes}")
        if not isinstance(is_sparse, bool):
            raise ValueError(f"is_sparse is {is_sparse!r:.99}")
        target.is_sparse = is_sparse
        return target

    def _classes_in(self, y):
        """Return the classes in y; raise ValueError if it is a target of another kind."""
        kind = type_of_target(y)
        kinds = {"multilabel-indicator"} if self.is_multilabel else {"binary", "multiclass"}
        if kind not in kinds:
            check_classification_targets(y)
            known = "several labels" if self.is_multilabel else "one label"
            raise ValueError(
                f"The classifier was fitted with {known} per row; got a y of type "
                f"{kind!r}. Use a y of the same kind, or fit a new model."
            )
        return np.arange(y.shape[1]) if self.is_multilabel else np.unique(y)

    def check_params(self, params) -> None:
        """Accept all parameters: every loss has both links."""

    def check_same(self, y) -> None:
        """Raise ValueError unless y has exactly the known classes."""
        classes = self._classes_in(y)
        if set(classes) != set(self.classes):
            raise ValueError(
                "warm_start can only be used where `y` has the same classes as in the "
                f"previous call to fit. Previously got {self.classes}, `y` has {classes}"
            )

    def check_known(self, y) -> None:
        """Raise ValueError if y has unknown classes."""
        classes = self._classes_in(y)
        if len(np.setdiff1d(classes, self.classes, assume_unique=True)):
            raise ValueError(
                f"`y` has classes not in `self.classes_`. `self.classes_` has "
                f"{self.classes}. 'y' has {classes}."
            )
