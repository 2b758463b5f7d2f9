"""Trees in ONNX: a TreeEnsembleRegressor for each model, then the link or the votes.

skl2onnx has a converter for these trees, which is not used: it rounds thresholds to the
nearest float32, which may lie on the other side of a value, and leaves out the link of the
losses "poisson" and "gamma". Here thresholds are rounded down. The comparison of a number
in float32 with its threshold is then exact:

    x <= threshold  if and only if  x <= the largest float32 up to threshold

With inputs of float64, thresholds of boosted trees are of float64 too; extremely randomized
trees read float32 in any case. The sums are of float32 in both.
"""

import numpy as np
from onnx.numpy_helper import from_array
from sklearn.base import is_classifier

from skfcnn._sklearn import TreeNodes, tree_nodes, voting_nodes
from skfcnn.onnx.classifiers import LINK_FORMS as OF_CLASSES
from skfcnn.onnx.graph import Graph
from skfcnn.onnx.regressors import LINK_FORMS as OF_NUMBERS

# The losses of numbers whose raw outputs are logarithms.
OF_LOGARITHMS = {"poisson", "gamma"}


def tree_outputs(graph: Graph, model, temperature: float, x: str) -> str:
    """Return the probability of every class at a temperature, or the predicted number."""
    z = graph.cast(_raw_outputs(graph, tree_nodes(model), x))
    if not is_classifier(model):
        return OF_NUMBERS["exp" if model.loss in OF_LOGARITHMS else "identity"](graph, z)
    z = graph.node("Div", z, float(temperature))
    if len(model.classes_) > 2:
        return OF_CLASSES["softmax"](graph, z)
    return OF_CLASSES["logistic"](graph, graph.concat([graph.node("Neg", z), z]))


def vote_outputs(graph: Graph, forest, temperature: float, x: str) -> str:
    """Return the smoothed votes of a forest for every class, at a temperature."""
    nodes = voting_nodes(forest)
    n_trees, n_classes = len(nodes.sizes), nodes.votes.shape[1]
    single = graph.in_precision(np.dtype(np.float32))
    leaves, classes = np.nonzero(nodes.votes * nodes.is_leaf[:, None])
    votes = nodes.votes[leaves, classes] / (n_trees + 1.0)
    p = _tree_ensemble(
        single,
        single.cast(x),
        nodes,
        (leaves, classes),
        n_targets=n_classes,
        **_numbers(single.dtype, nodes.threshold, votes),
    )
    smoothed = graph.node("Add", graph.cast(p), 1.0 / (n_classes * (n_trees + 1.0)))
    z = graph.node("Div", graph.node("Log", smoothed), float(temperature))
    return OF_CLASSES["softmax"](graph, z)


def _raw_outputs(graph, nodes: TreeNodes, x):
    """Return the sums of the leaves, (n_rows, n_outputs)."""
    leaves = np.flatnonzero(nodes.is_leaf)
    outputs = np.repeat(np.arange(len(nodes.sizes)), nodes.sizes) % nodes.n_outputs
    return _tree_ensemble(
        graph,
        x,
        nodes,
        (leaves, outputs[leaves]),
        n_targets=nodes.n_outputs,
        nodes_missing_value_tracks_true=nodes.missing_left.astype(int).tolist(),
        **_numbers(graph.dtype, nodes.threshold, nodes.value[leaves]),
    )


def _tree_ensemble(graph, x, nodes, targets, **attributes):
    """Return sums of leaves, (n_rows, n_targets).

    `targets` is a pair: leaves, and the column that each of them is added to.
    """
    leaves, columns = targets
    tree = np.repeat(np.arange(len(nodes.sizes)), nodes.sizes)
    number = np.arange(len(tree)) - nodes.roots[tree]  # of a node within its tree
    return graph.node(
        "TreeEnsembleRegressor",
        x,
        op_domain="ai.onnx.ml",
        nodes_treeids=tree.tolist(),
        nodes_nodeids=number.tolist(),
        nodes_modes=np.where(nodes.is_leaf, "LEAF", "BRANCH_LEQ").tolist(),
        nodes_featureids=nodes.feature.tolist(),
        nodes_truenodeids=nodes.left.tolist(),
        nodes_falsenodeids=nodes.right.tolist(),
        target_treeids=tree[leaves].tolist(),
        target_nodeids=number[leaves].tolist(),
        target_ids=columns.tolist(),
        **attributes,
    )


def _numbers(dtype, thresholds, weights):
    """Return the attributes of floating-point numbers, and the version that has them."""
    if dtype == np.float64:
        return {
            "nodes_values_as_tensor": from_array(thresholds),
            "target_weights_as_tensor": from_array(weights),
            "op_version": 3,
        }
    return {
        "nodes_values": rounded_down(thresholds).tolist(),
        "target_weights": weights.tolist(),
        "op_version": 1,
    }


def rounded_down(thresholds: np.ndarray) -> np.ndarray:
    """Return the largest float32 up to each threshold."""
    with np.errstate(over="ignore"):
        nearest = thresholds.astype(np.float32)
    below = np.nextafter(nearest, np.float32(-np.inf))
    return np.where(nearest > thresholds, below, nearest)
