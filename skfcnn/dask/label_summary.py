"""The summary of class labels: the labels, and the weight of their rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import unique_labels

from skfcnn.estimator.labels import classes_in


def balanced(labels, totals) -> dict:
    """Return class weights such that all classes have the same total weight."""
    labels, totals = labels[totals > 0.0], totals[totals > 0.0]
    weights = compute_class_weight(
        "balanced", classes=labels, y=labels, sample_weight=totals
    )
    return dict(zip(labels.tolist(), weights, strict=True))


def kind_of(labels: np.ndarray) -> str:
    """Return the kind of these labels; labels of different kinds cannot be sorted."""
    if labels.dtype.kind in "mM":
        return "dates"
    return "strings" if isinstance(labels[0], str) else "numbers"


@dataclass(frozen=True)
class LabelSummary:
    """The labels of some rows, and their weight."""

    is_multilabel: bool
    labels: np.ndarray  # (n_classes,), sorted; for several labels per row, their indices
    totals: np.ndarray  # (n_classes,): the weight of the rows of each class, or label
    weight: float  # of all rows

    @classmethod
    def of(cls, y: np.ndarray, weights: np.ndarray) -> "LabelSummary":
        """Return the summary of the rows of a partition."""
        labels = classes_in(y)
        if y.ndim == 2:
            totals = weights @ y.astype(float)
        else:
            numbers = np.searchsorted(labels, y)
            totals = np.bincount(numbers, weights, minlength=len(labels))
        return cls(y.ndim == 2, labels, totals, float(weights.sum()))

    @classmethod
    def merged(cls, parts: Sequence["LabelSummary"]) -> "LabelSummary":
        """Return the summary of all rows of these partitions."""
        labels = unique_labels(*(part.labels for part in parts))
        numbers = np.searchsorted(labels, np.concatenate([part.labels for part in parts]))
        totals = np.concatenate([part.totals for part in parts])
        totals = np.bincount(numbers, totals, minlength=len(labels))
        return cls(parts[0].is_multilabel, labels, totals, sum(p.weight for p in parts))

    def check_like(self, other: "LabelSummary", numbers: tuple[int, int]) -> None:
        """Raise TypeError if the labels of two partitions are of different kinds."""
        ours, theirs = kind_of(self.labels), kind_of(other.labels)
        if ours != theirs:
            raise TypeError(
                "All labels must be of one kind; got "
                f"{ours} in partition {numbers[0]}, such as {self.labels[0]}, "
                f"and {theirs} in partition {numbers[1]}, such as {other.labels[0]}. Use "
                "y.astype(str)."
            )

    def stand_in(self, sample: np.ndarray) -> np.ndarray:
        """Return every label once; of several labels per row, the sample."""
        return sample if self.is_multilabel else self.labels

    def check_range(self, target, params) -> None:
        """Accept all labels: they are in the range of every loss."""

    def class_weight(self, given):
        """Return the class weights, computed from all rows if they are "balanced"."""
        if given != "balanced" or self.weight == 0.0:
            return given
        if self.is_multilabel:
            pairs = ([self.weight - total, total] for total in self.totals)
            return [balanced(np.arange(2), np.array(pair)) for pair in pairs]
        return balanced(self.labels, self.totals)

    def set_scale(self, target) -> None:
        """Set nothing: class labels have no scale."""
