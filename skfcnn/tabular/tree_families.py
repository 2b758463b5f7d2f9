"""The families of trees of an ensemble: gradient-boosted, and extremely randomized."""

import warnings

from skfcnn.tabular.family import ModelFamily
from skfcnn.tabular.presets import Effort
from skfcnn.tabular.randomized_trees import RandomizedTreesFamily
from skfcnn.tabular.targets import EnsembleTarget
from skfcnn.tabular.trees import TreesFamily
from skfcnn.tabular.user_frames import level_of_user


def tree_families(
    trees: bool | str, effort: Effort, target: EnsembleTarget, n_rows: int, n_features: int
) -> list[ModelFamily]:
    """Return the families of trees, without members, for n_rows training rows.

    With trees="auto", they are those that are worth their time. It warns if trees=True has
    no effect.
    """
    if not trees:
        return []
    is_auto, n_trees = trees == "auto", target.n_trees
    boosted, randomized = effort.trees, effort.randomized_trees
    models: dict = {}
    if not is_auto or boosted.are_worth_it(n_rows, n_features, n_trees):
        models[TreesFamily] = target.trees(boosted.params(n_trees))
    if not is_auto or randomized.are_worth_it(n_rows):
        models[RandomizedTreesFamily] = target.randomized_trees(randomized.params())
    found = [
        family(target, model, n_features)
        for family, model in models.items()
        if model is not None
    ]
    if not found and not is_auto:
        warnings.warn(
            "trees=True has no effect: boosted trees do not support several labels or "
            "numbers per row, a single class, or the losses 'huber' and 'tweedie'.",
            UserWarning,
            stacklevel=level_of_user(),
        )
    return found
