"""The private names of scikit-learn that this package uses, in one place."""

from collections.abc import Callable
from inspect import Parameter, signature
from typing import Any, NamedTuple, TypeVar

import numpy as np
from sklearn import __version__
from sklearn.base import _fit_context, is_classifier
from sklearn.utils import _safe_indexing
from sklearn.utils._param_validation import HasMethods, Interval, Options, StrOptions
from sklearn.utils.multiclass import _check_partial_fit_first_call
from sklearn.utils.validation import _check_sample_weight

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:  # before scikit-learn 1.9

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Raises an error if callbacks are set."""

        def set_callbacks(self, *callbacks):
            """Raise ImportError.

            Parameters
            ----------
            *callbacks : callbacks
                Those of scikit-learn 1.9.
            """
            raise ImportError(
                f"set_callbacks needs scikit-learn 1.9 or newer; got {__version__}."
            )

        def _init_callback_context(self, **kwargs):
            return None


Method = TypeVar("Method", bound=Callable)


def fit_context(*, prefer_skip_nested_validation: bool) -> Callable[[Method], Method]:
    """Return scikit-learn's decorator of `fit`, typed such that signatures are kept."""
    return _fit_context(prefer_skip_nested_validation=prefer_skip_nested_validation)


def takes_sample_weight(scorer: Callable) -> bool:
    """Return whether a scorer, or a function (estimator, X, y), accepts sample_weight."""
    metric = getattr(scorer, "_score_func", scorer)  # the metric of a make_scorer scorer
    parameters = signature(metric).parameters.values()
    return any(
        each.name == "sample_weight" or each.kind is Parameter.VAR_KEYWORD
        for each in parameters
    )


class TreeNodes(NamedTuple):
    """The nodes of the trees of a boosted model, tree after tree, the root first.

    The first trees are single leaves: the constants that boosting starts from. Every
    iteration adds a tree for each of `n_outputs` raw outputs, which are sums of leaves. A
    row goes to the left if its feature is at most the threshold.
    """

    n_outputs: int
    sizes: np.ndarray  # (n_trees,), the number of nodes of each tree
    feature: np.ndarray  # (n_nodes,), as all others
    threshold: np.ndarray
    missing_left: np.ndarray  # whether a missing value goes to the left
    left: np.ndarray  # the number of the child within its tree; of a leaf, 0
    right: np.ndarray
    depth: np.ndarray
    is_leaf: np.ndarray
    value: np.ndarray

    @property
    def roots(self) -> np.ndarray:
        """The number of the first node of each tree, (n_trees,)."""
        return _roots(self.sizes)


def tree_nodes(model: Any) -> TreeNodes:
    """Return the nodes of a fitted HistGradientBoosting model without native categories."""
    trees = [tree.nodes for iteration in model._predictors for tree in iteration]
    constants = np.zeros(model._baseline_prediction.size, trees[0].dtype)
    constants["is_leaf"], constants["value"] = 1, model._baseline_prediction.ravel()
    nodes = np.concatenate([constants, *trees])
    if nodes["is_categorical"].any():
        raise ValueError("Trees with native categories have no thresholds: encode them.")
    return TreeNodes(
        len(constants),
        np.array([1] * len(constants) + [len(tree) for tree in trees]),
        np.where(nodes["is_leaf"], 0, nodes["feature_idx"]),
        nodes["num_threshold"].copy(),
        nodes["missing_go_to_left"].astype(bool),
        nodes["left"].astype(np.intp),
        nodes["right"].astype(np.intp),
        nodes["depth"].astype(np.intp),
        nodes["is_leaf"].astype(bool),
        nodes["value"].copy(),
    )


class VotingNodes(NamedTuple):
    """The nodes of the trees of a forest of classifiers, tree after tree, the root first.

    A row, in float32, goes to the left if its feature is at most the threshold.
    """

    sizes: np.ndarray  # (n_trees,), the number of nodes of each tree
    feature: np.ndarray  # (n_nodes,), as all others
    threshold: np.ndarray
    left: np.ndarray  # the number of the child within its tree; of a leaf, 0
    right: np.ndarray
    is_leaf: np.ndarray
    votes: np.ndarray  # (n_nodes, n_classes), the share of each class

    @property
    def roots(self) -> np.ndarray:
        """The number of the first node of each tree, (n_trees,)."""
        return _roots(self.sizes)


def _roots(sizes):
    return np.cumsum(sizes) - sizes


def voting_nodes(forest: Any) -> VotingNodes:
    """Return the nodes of a fitted forest of classifiers, such as ExtraTreesClassifier."""
    trees = [tree.tree_ for tree in forest.estimators_]
    left = np.concatenate([tree.children_left for tree in trees])
    is_leaf = left < 0
    right = np.concatenate([tree.children_right for tree in trees])
    feature = np.concatenate([tree.feature for tree in trees])
    return VotingNodes(
        np.array([tree.node_count for tree in trees]),
        np.where(is_leaf, 0, feature),
        np.concatenate([tree.threshold for tree in trees]),
        np.where(is_leaf, 0, left),
        np.where(is_leaf, 0, right),
        is_leaf,
        np.concatenate([tree.value[:, 0] for tree in trees]),
    )


def sum_of_trees(forest: Any, X: np.ndarray) -> np.ndarray:
    """Return the sum of the probabilities of all trees of a forest of classifiers.

    For one row, it is much faster than the method of the forest, which checks X for each
    tree and starts threads.

    Parameters
    ----------
    forest : ExtraTreesClassifier or RandomForestClassifier
    X : ndarray of float32 of shape (n_rows, n_features), C-contiguous and finite

    Returns
    -------
    sums : ndarray of shape (n_rows, n_classes)
    """
    first, *others = forest.estimators_
    total = first.tree_.predict(X)
    for tree in others:
        total += tree.tree_.predict(X)
    return total


def outputs_of_raw(model: Any, raw: np.ndarray) -> np.ndarray:
    """Return the outputs of a HistGradientBoosting model, given its raw outputs.

    Parameters
    ----------
    model : HistGradientBoostingClassifier or HistGradientBoostingRegressor
    raw : ndarray of shape (n_rows, n_raw_outputs)

    Returns
    -------
    outputs : ndarray of shape (n_rows, n_outputs)
        The probability of each class, or numbers.
    """
    if is_classifier(model):
        return model._loss.predict_proba(raw)
    return model._loss.link.inverse(raw)


# Attributes that scikit-learn's callbacks set on an estimator during fit.
TASK_ATTRIBUTES = {
    "_callback_fit_ctx",
    "_skl_callbacks_to_teardown",
    "_parent_callback_ctx",
}

__all__ = [
    "TASK_ATTRIBUTES",
    "CallbackSupportMixin",
    "HasMethods",
    "Interval",
    "Options",
    "StrOptions",
    "TreeNodes",
    "VotingNodes",
    "_check_partial_fit_first_call",
    "_check_sample_weight",
    "_safe_indexing",
    "fit_context",
    "outputs_of_raw",
    "sum_of_trees",
    "takes_sample_weight",
    "tree_nodes",
    "voting_nodes",
]
