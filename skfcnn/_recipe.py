"""The settings of the networks for tables, by the size of the data and the effort.

It is the recipe RealMLP-TD-S of Holzmueller et al., with what was found better by measuring
on data sets that no figure is given for; docs/recipe.md has each part and its effect.
"""

import math
from dataclasses import dataclass

import numpy as np

# Factors of the learning rate, and the rates themselves: RealMLP.
RATE_FACTORS = {
    "weights": "1/sqrt(n_in)",
    "bias": 0.1,
    "scale": 6.0,
    "mix": 0.1,
    "embedding": 0.1,
}


@dataclass(frozen=True)
class Effort:
    """How many networks there are, as many as folds, and what each of them is."""

    n_members: int
    hidden_layer_sizes: tuple[int, ...]
    activation: str
    max_iter: int
    numeric_embedding: str | None = None


EFFORTS = {
    "fast": Effort(3, (256,), "relu", 48),
    "balanced": Effort(5, (128, 128, 128), "selu", 32, "pbld"),
    "best": Effort(8, (256, 256, 256), "selu", 64, "pbld"),
}

# An embedding makes some 50 numbers of each: of the pixels of a picture, too many.
MAX_EMBEDDED = 128


def batch_size(n_rows: int) -> int:
    """Return the rows of a batch: fewer for small data, which else would see few steps.

    Batches are of about equal size, as a step of few rows counts as much as others.
    """
    limits = ((600, 32), (1500, 64), (3500, 128), (np.inf, 256))
    most = next(size for limit, size in limits if n_rows < limit)
    return math.ceil(n_rows / math.ceil(n_rows / most))


def network_params(effort: Effort, n_rows: int, n_numeric: int) -> dict:
    """Return the parameters of FullyConnectedClassifier for data of this size.

    Parameters
    ----------
    effort : Effort
    n_rows : int
        Rows that a network is trained on.
    n_numeric : int
        Columns with more than two values.
    """
    return {
        "hidden_layer_sizes": effort.hidden_layer_sizes,
        "activation": effort.activation,
        "numeric_embedding": effort.numeric_embedding
        if n_numeric <= MAX_EMBEDDED
        else None,
        "scaling_layer": True,
        "init": ["ntk"] * len(effort.hidden_layer_sizes) + ["zeros"],
        "rate_factors": RATE_FACTORS,
        "solver": "adam",
        "learning_rate_init": 0.04,
        "schedule": "cosine",
        "average": 0.1,
        "beta_2": 0.95,
        "alpha": 0.0,
        "label_smoothing": 0.1,
        "batch_size": batch_size(n_rows),
        "max_iter": effort.max_iter,
        "early_stopping": True,
        "scoring": "calibrated_loss",
        "n_iter_no_change": np.inf,
        "tol": 0.0,
        "dtype": "float32",
    }
