"""Labels <-> target matrix: what the outputs of the network stand for.

binary       one output, the probability of classes[1]
multiclass   one output per class, exclusive
multilabel   one output per label, each for itself
one class    one output: exclusive with no other, its probability is 1 from the start
"""

import numpy as np
import scipy.sparse
from sklearn.utils.multiclass import (
    check_classification_targets,
    type_of_target,
    unique_labels,
)


def classes_in(labels) -> np.ndarray:
    """Return the classes, sorted, or the numbers of the labels that a row can have.

    Raises
    ------
    TypeError, ValueError
        For labels that are missing, cannot be told apart, or are no classes.
    """
    refuse_mixed(labels)
    kind = type_of_target(labels)
    _check_kind(kind, labels)
    classes = unique_labels(labels)
    if classes.dtype.kind in "mM" and np.isnat(classes).any():
        raise ValueError("Input y contains NaT, which is no class.")
    return classes


def refuse_mixed(labels) -> None:
    """Raise an error for labels that are missing, or strings beside others, in one vector.

    Of a list NumPy would make strings of all of them, "nan" of NaN too: it has to be looked
    at before it is an array.
    """
    is_object = getattr(labels, "dtype", None) == np.dtype(object)
    if not isinstance(labels, list | tuple) and not is_object:
        return
    found = set(map(type, labels))
    if len(found) == 1 and found <= {int, str, bool}:
        return
    rows = [i for i, label in enumerate(labels) if label is None or _is_nan(label)]
    if rows:
        raise ValueError(
            f"Input y contains NaN or None, {len(rows)} missing label(s), the first in row "
            f"{rows[0]}. Drop these rows of X and y."
        )
    strings = {kind for kind in found if issubclass(kind, str)}
    if strings and found - strings:
        names = ", ".join(sorted(kind.__name__ for kind in found))
        raise TypeError(
            f"Labels must be numbers or strings, and not both; got {names}. Use for "
            "example [str(label) for label in y]."
        )


def _is_nan(label):
    return isinstance(label, float | np.floating | np.datetime64) and bool(label != label)


def by_position(class_weight: dict, classes) -> dict:
    """Return weights of classes by their positions, of those by label.

    Raises
    ------
    ValueError
        Where a key is no label.
    """
    positions = {label: i for i, label in enumerate(classes)}
    unknown = [label for label in class_weight if label not in positions]
    if unknown:
        raise ValueError(
            f"class_weight has weights for {unknown}, and the labels of y are {classes}. "
            "Use labels of y as its keys."
        )
    return {positions[label]: weight for label, weight in class_weight.items()}


def _check_kind(kind, labels):
    if kind == "unknown":
        found = {type(label).__name__ for label in np.ravel(labels)}
        raise ValueError(
            f"Unknown label type: {', '.join(sorted(found))}, as objects. Use an array of "
            "numbers or strings, for example y.astype(int) or [str(label) for label in y]."
        )
    if kind == "multiclass-multioutput":
        raise ValueError(
            "Multioutput y, with several classes in each column, is not supported. A y of "
            "several columns must have 1 where a label applies and 0 elsewhere."
        )
    if kind not in ("binary", "multiclass", "multilabel-indicator"):
        check_classification_targets(labels)


class Target:
    """Encodes labels as a matrix of zeros and ones, and probabilities as labels.

    Parameters
    ----------
    labels : array-like of shape (n_samples,) or (n_samples, n_labels)
        Every class at least once.

    Attributes
    ----------
    classes : ndarray of shape (n_classes,)
    out_activation : {"logistic", "softmax"}
        The link from raw outputs to probabilities.
    """

    def __init__(self, labels) -> None:
        self.classes = classes_in(labels)
        self.is_multilabel = np.ndim(labels) == 2
        self.is_sparse = scipy.sparse.issparse(labels)
        self.is_binary = not self.is_multilabel and len(self.classes) == 2
        self.is_exclusive = not self.is_multilabel and not self.is_binary
        self.out_activation = "softmax" if self.is_exclusive else "logistic"

    @classmethod
    def declared(cls, classes, y) -> "Target":
        """Return the target of these classes, of which y may have some only.

        Raises
        ------
        ValueError
            Where y has a column per label, and `classes` are not their numbers.
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

    def encode(self, y):
        """Return the target matrix, bool, (n_samples, n_outputs), of known labels."""
        if not self.is_multilabel:
            numbers = np.searchsorted(self.classes, y)[:, None]
            return numbers == ([1] if self.is_binary else range(len(self.classes)))
        matrix = y.toarray() if scipy.sparse.issparse(y) else np.asarray(y)
        if matrix.shape[1] != len(self.classes):
            raise ValueError(
                f"The classifier was fitted to the labels {self.classes} per row, and y "
                f"has columns for {np.arange(matrix.shape[1])}. Give one for each label."
            )
        if not np.isin(matrix, [0, 1]).all():
            raise ValueError(
                "A y of several labels per row must have 1 where a label applies and 0 "
                f"where it does not; got {np.unique(matrix)}."
            )
        return matrix.astype(bool)

    def judge(self, probabilities):
        """Return the number of the most probable class, or which labels are probable.

        An int matrix, (n_samples, 1), or for several labels (n_samples, n_labels).
        """
        if self.is_exclusive:
            return probabilities.argmax(axis=1, keepdims=True)
        return (probabilities > 0.5).astype(int)

    def empty_labels(self, n_rows):
        """Return an array for the labels of so many rows, to be filled by decode."""
        if self.is_multilabel:
            return np.empty((n_rows, len(self.classes)), int)
        return np.empty(n_rows, self.classes.dtype)

    def are_right(self, probabilities, matrix):
        """Return for which rows of the target matrix the judgement is right, (n_rows,)."""
        if self.is_exclusive:
            return probabilities.argmax(axis=1) == matrix.argmax(axis=1)
        return ((probabilities > 0.5) == matrix).all(axis=1)

    def decode(self, probabilities):
        """Return the labels that the outputs of the network make most probable."""
        judgement = self.judge(probabilities)
        return judgement if self.is_multilabel else self.classes[judgement[:, 0]]

    def in_given_form(self, labels):
        """Return a matrix of labels as a sparse one, if those first given were sparse."""
        return scipy.sparse.csr_matrix(labels) if self.is_sparse else labels

    def columns(self, z):
        """Return raw outputs of every class, as predict_proba has its columns.

        The one output of a binary problem stands for classes[1], and since
        1 - 1 / (1 + exp(-z)) = 1 / (1 + exp(z)), its negative for classes[0].
        """
        return np.hstack([-z, z]) if self.is_binary else z

    def _classes_in(self, y):
        """Return the classes in y; raise ValueError if it is a target of another kind."""
        kind = type_of_target(y)
        kinds = {"multilabel-indicator"} if self.is_multilabel else {"binary", "multiclass"}
        if kind not in kinds:
            check_classification_targets(y)
            known = "several labels" if self.is_multilabel else "one label"
            raise ValueError(
                f"The classifier was fitted to {known} per row; got a y of type {kind!r}. "
                "Use such a y again, or another classifier for this one."
            )
        return np.arange(y.shape[1]) if self.is_multilabel else np.unique(y)

    def check_same_classes(self, y) -> None:
        """Raise ValueError unless y has exactly the known classes."""
        classes = self._classes_in(y)
        if set(classes) != set(self.classes):
            raise ValueError(
                "warm_start can only be used where `y` has the same classes as in the "
                f"previous call to fit. Previously got {self.classes}, `y` has {classes}"
            )

    def check_known_classes(self, y) -> None:
        """Raise ValueError if y has classes that are not known."""
        classes = self._classes_in(y)
        if len(np.setdiff1d(classes, self.classes, assume_unique=True)):
            raise ValueError(
                f"`y` has classes not in `self.classes_`. `self.classes_` has "
                f"{self.classes}. 'y' has {classes}."
            )
