"""The trees of several boosted models as one set of arrays, for predictions of a few rows.

scikit-learn calls a function for each tree, after checks for each model, which for one row
takes nearly all of the time. Here all rows descend all trees at once, a level in each step:

    at <- left[at] if x[feature[at]] <= threshold[at], else right[at]

A leaf is its own child. The leaves of a model are summed in the order of its iterations, as
scikit-learn does, so that the sums are identical bit for bit.
"""

from abc import ABC, abstractmethod
from functools import cached_property

import numpy as np

from skfcnn._sklearn import TreeNodes, tree_nodes


class FlatTrees:
    """The trees of several boosted models for the same features.

    Parameters
    ----------
    models : list of HistGradientBoostingClassifier or HistGradientBoostingRegressor
        Fitted models with the same number of outputs.
    """

    def __init__(self, models: list) -> None:
        every = [tree_nodes(model) for model in models]
        self.n_outputs = every[0].n_outputs
        self.ends = np.cumsum([len(nodes.sizes) for nodes in every])  # of a model's trees
        sizes, *arrays = map(
            np.concatenate, zip(*[nodes[1:] for nodes in every], strict=True)
        )
        nodes = TreeNodes(self.n_outputs, sizes, *arrays)
        self.feature, self.threshold = nodes.feature, nodes.threshold
        self.missing_left, self.value = nodes.missing_left, nodes.value
        self.depth = nodes.depth.max()
        self.roots = nodes.roots
        children = np.column_stack([nodes.right, nodes.left])
        children += np.repeat(self.roots, sizes)[:, None]
        leaves = np.flatnonzero(nodes.is_leaf)
        children[leaves] = leaves[:, None]
        self.children = children.ravel()  # of each node the right one, then the left one

    def raw_outputs(self, X: np.ndarray) -> np.ndarray:
        """Return the sums of the leaves, (n_models, n_rows, n_outputs); X may have NaN."""
        of_models = np.split(self._leaves(X), self.ends[:-1], axis=1)
        return np.array([_sum(values, self.n_outputs) for values in of_models])

    def _leaves(self, X):
        """Return the value of the leaf of each row in each tree, (n_rows, n_trees)."""
        n_rows, n_features = X.shape
        x = X.astype(np.float64).ravel()
        start = np.repeat(np.arange(n_rows) * n_features, len(self.roots))
        at = np.tile(self.roots, n_rows)
        has_missing = np.isnan(x).any()
        for _ in range(self.depth):
            of_node = x.take(start + self.feature.take(at))
            goes_left = of_node <= self.threshold.take(at)
            if has_missing:
                goes_left |= np.isnan(of_node) & self.missing_left.take(at)
            at = self.children.take(2 * at + goes_left)
        return self.value.take(at).reshape(n_rows, -1)


class HasFlatTrees(ABC):
    """Computes the flat arrays of its models at their first use, without pickling them."""

    @abstractmethod
    def models_of_trees(self) -> list:
        """Return the fitted models."""

    @cached_property
    def _flat(self) -> FlatTrees:
        return FlatTrees(self.models_of_trees())

    def __getstate__(self) -> dict:
        """Return the state without the flat arrays."""
        return {name: value for name, value in vars(self).items() if name != "_flat"}


def _sum(values, n_outputs):
    """Return the sums, one addend after the other: `np.sum` has another order."""
    of_iterations = values.reshape(len(values), -1, n_outputs)
    return np.cumsum(of_iterations, axis=1)[:, -1]
