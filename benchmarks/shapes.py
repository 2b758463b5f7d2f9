"""The shape of a problem, and data of it."""

from typing import NamedTuple

import numpy as np


class Shape(NamedTuple):
    """Rows, columns, classes, hidden layers and rows of a batch."""

    n: int
    d: int
    n_classes: int
    hidden: tuple[int, ...]
    batch: int

    def __str__(self):
        hidden = "-".join(map(str, self.hidden))
        return f"{self.n:,} x {self.d} -> {hidden} -> {self.n_classes}"


def make_data(n, d, n_classes):
    """Return random rows, and classes that a linear function of them decides."""
    rng = np.random.RandomState(0)
    X = rng.standard_normal((n, d))
    y = (X @ rng.standard_normal((d, n_classes))).argmax(axis=1)
    return X, y
