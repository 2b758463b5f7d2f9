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

    With trees="auto", boosted trees are among them if they are worth their time. It warns
    if the target has no boosted trees in spite of trees=True.
    """
    found: list[ModelFamily] = []
    if not trees:
        return found
    preset, n_trees, is_auto = effort.trees, target.n_trees, trees == "auto"
    if not is_auto or preset.are_worth_it(n_rows, n_features, n_trees):
        boosted = target.trees(preset.params(n_trees))
        if boosted is not None:
            found.append(TreesFamily(target, boosted, n_features))
        elif not is_auto:
            warn_of_no_trees()
    randomized = effort.randomized_trees.model_for(target, n_rows)
    if randomized is not None:
        found.append(RandomizedTreesFamily(target, randomized, n_features))
    return found


def warn_of_no_trees() -> None:
    """Warn that trees=True has no effect for this target."""
    warnings.warn(
        "trees=True has no effect: no trees are trained for several labels or numbers per "
        "row, a single class, or the losses 'huber' and 'tweedie'.",
        UserWarning,
        stacklevel=level_of_user(),
    )
