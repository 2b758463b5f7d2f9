"""The settings of the networks for tables, by the size of the data and the family.

The recipe is RealMLP-TD-S of Holzmueller et al., with changes that were tuned on data sets
that are not part of the reported results; docs/presets.md lists each part and its effect.
"""

import math
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from skfcnn.training.param_groups import BY_INPUTS

# Factors of the learning rate, and the rates themselves: RealMLP.
RATE_FACTORS = {
    "weights": BY_INPUTS,
    "bias": 0.1,
    "scale": 6.0,
    "mix": 0.1,
    "embedding": 0.1,
}


@dataclass(frozen=True)
class Family:
    """Networks of one kind, one for each fold."""

    hidden_layer_sizes: tuple[int, ...]
    activation: str
    max_iter: int
    numeric_embedding: str | None = None
    splines: bool = False


@dataclass(frozen=True)
class Trees:
    """Gradient-boosted trees, for each fold, which stops them early."""

    learning_rate: float
    max_iter: int
    n_iter_no_change: int
    max_leaf_nodes: int
    min_rows: int  # to train on: with fewer, trees have few leaves
    max_cost: int  # of an iteration

    def are_worth_it(self, n_rows: int, n_columns: int, n_trees: int) -> bool:
        """Return whether they are trained with trees="auto".

        The cost of an iteration is measured in columns: that of its trees, and of their
        gradients, which take as long as COLUMNS_OF_A_TREE.
        """
        cost = n_trees * (n_columns + COLUMNS_OF_A_TREE)
        return n_rows >= self.min_rows and cost <= self.max_cost

    def params(self, n_trees: int) -> dict:
        """Return their parameters, for a number of trees in an iteration."""
        is_long = self.max_iter > SHORT_TREES.max_iter
        used = SHORT_TREES if is_long and n_trees > MAX_LONG_TREES else self
        return {
            "learning_rate": used.learning_rate,
            "max_iter": used.max_iter,
            "n_iter_no_change": used.n_iter_no_change,
            "max_leaf_nodes": used.max_leaf_nodes,
            "min_samples_leaf": 5,
            "early_stopping": True,
            "scoring": "loss",
        }


@dataclass(frozen=True)
class RandomizedTrees:
    """Extremely randomized trees, for each fold."""

    n_estimators: int

    def model_for(self, target, n_rows: int) -> Any:
        """Return unfitted trees for n_rows training rows, or None if they are not trained.

        A leaf has a number for each class, so the numbers of leaves and of classes limit
        the size of the model. For more rows, these leaves are too few.
        """
        few, many = RANDOMIZED_ROWS
        if not few <= n_rows <= many or target.n_outputs > MAX_RANDOMIZED_CLASSES:
            return None
        return target.randomized_trees(
            {"n_estimators": self.n_estimators, "max_leaf_nodes": 500, "n_jobs": 1}
        )


@dataclass(frozen=True)
class Effort:
    """The models of an ensemble: one of each family for each fold, and trees."""

    n_folds: int
    families: tuple[Family, ...]
    trees: Trees
    randomized_trees: RandomizedTrees
    regression_epochs: float = 1.0  # the factor of max_iter for regression


COLUMNS_OF_A_TREE = 20
# Trees in an iteration, one for each class, up to which more iterations than those of
# SHORT_TREES are worth the time.
MAX_LONG_TREES = 8
RANDOMIZED_ROWS, MAX_RANDOMIZED_CLASSES = (100, 4000), 20
SHORT_TREES = Trees(0.15, 100, 5, max_leaf_nodes=31, min_rows=100, max_cost=1500)

DEEP = 128, 128, 128
EFFORTS = {
    "fast": Effort(
        3,
        (Family((256,), "relu", 32),),
        Trees(0.25, 40, 4, max_leaf_nodes=15, min_rows=500, max_cost=300),
        RandomizedTrees(25),
    ),
    "balanced": Effort(
        5,
        (Family(DEEP, "selu", 32, numeric_embedding="pbld"),),
        SHORT_TREES,
        RandomizedTrees(50),
    ),
    "best": Effort(
        5,
        (
            Family(DEEP, "selu", 48),
            Family((256, 256, 256), "selu", 48, numeric_embedding="pbld"),
            Family(DEEP, "selu", 48, splines=True),
            Family((256,), "relu", 48),
        ),
        Trees(0.06, 500, 20, max_leaf_nodes=31, min_rows=100, max_cost=1500),
        RandomizedTrees(50),
        regression_epochs=2.0,
    ),
}

# An embedding computes about 50 numbers per column: too many for the pixels of an image.
MAX_NUMERIC = 128


def families(
    effort: Effort, n_numeric: int, others: dict, *, is_continuous: bool
) -> list[Family]:
    """Return the families for data with n_numeric columns of more than two values.

    If there are too many such columns, or none, no embeddings and splines are used. The
    parameters in `others` replace those of the recipe; duplicate families are dropped.
    """
    factor = effort.regression_epochs if is_continuous else 1.0
    changes = {
        field.name: others[field.name] for field in fields(Family) if field.name in others
    }
    if not 0 < n_numeric <= MAX_NUMERIC:
        changes |= {"numeric_embedding": None, "splines": False}
    changed = [
        replace(family, **{"max_iter": round(factor * family.max_iter)} | changes)
        for family in effort.families
    ]
    return [family for i, family in enumerate(changed) if family not in changed[:i]]


# Up to so many rows, mini-batches and float32 save no time: all rows are one batch, in
# float64, for twice as many epochs. Then the result depends neither on the order of the
# rows nor on whether a row has weight 2 or occurs twice.
FEW_ROWS = 64

# A network stops after this share of its epochs without a better one on its fold.
PATIENCE = 5 / 16
# With at most so many training rows, all epochs are trained: they take little time, and the
# losses on the fold vary by chance.
ALL_EPOCHS_ROWS = 200


def batch_size(n_rows: int) -> int | str:
    """Return the batch size: smaller for small data, which would otherwise have few steps.

    Batches have about equal sizes, since a step on few rows counts as much as others.
    """
    if n_rows <= FEW_ROWS:
        return "auto"
    limits = ((600, 32), (1500, 64), (3500, 128), (np.inf, 256))
    most = next(size for limit, size in limits if n_rows < limit)
    return math.ceil(n_rows / math.ceil(n_rows / most))


def network_params(family: Family, n_rows: int, others: dict) -> dict:
    """Return the parameters of a network for n_rows rows; `others` take precedence."""
    is_small = n_rows <= FEW_ROWS
    stops = n_rows > ALL_EPOCHS_ROWS
    patience = math.ceil(PATIENCE * family.max_iter) if stops else np.inf
    params = {
        "hidden_layer_sizes": family.hidden_layer_sizes,
        "activation": family.activation,
        "numeric_embedding": family.numeric_embedding,
        "scaling_layer": True,
        "learning_rate_multipliers": RATE_FACTORS,
        "solver": "adam",
        "learning_rate_init": 0.04,
        "schedule": "cosine",
        "weight_averaging": 0.1,
        "beta_2": 0.95,
        "alpha": 0.0,
        "batch_size": batch_size(n_rows),
        "max_iter": family.max_iter * (2 if is_small else 1),
        "early_stopping": True,
        "n_iter_no_change": patience,
        "tol": 0.0,
        "dtype": "float64" if is_small else "float32",
    } | others
    n_hidden = np.size(params["hidden_layer_sizes"])
    return {"weight_init": ["ntk"] * n_hidden + ["zeros"]} | params
