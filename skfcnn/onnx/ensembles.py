"""TabularClassifier in ONNX: the weighted mean of its networks, on encoded numbers.

The temperatures need no nodes: the last weights of the networks are already divided by
them.
"""

import numpy as np

from skfcnn.onnx.classifiers import add_label, class_probabilities
from skfcnn.onnx.graph import Graph, precision_of
from skfcnn.tabular.families import HEIGHT


def convert_ensemble(scope, operator, container) -> None:
    """Add the nodes of a TabularClassifier."""
    model, (label, probabilities) = operator.raw_operator, operator.outputs
    graph = Graph(scope, container, precision_of(probabilities.type))
    x = graph.cast(operator.inputs[0].full_name)
    pairs = zip(model._families, model.family_weights_, strict=True)
    p = graph.node("Sum", *(_weighted_mean(graph, *pair, x) for pair in pairs))
    total = graph.node("MatMul", p, np.ones((len(model.classes_), 1)))
    p = graph.node("Div", p, total, output=probabilities.full_name)
    add_label(graph, model, p, label)


def _weighted_mean(graph, family, weight, x):
    """Return the mean probabilities of the networks of a family, times its weight."""
    if family.splines is not None:
        x = graph.concat([_hats(graph, family.splines, x), x])
    every = [class_probabilities(graph, network, x) for network in family.members]
    total = graph.node("Sum", *map(graph.cast, every))
    return graph.node("Mul", total, weight / len(every))


def _hats(graph, splines, x):
    """Return the hat functions of some columns in turn: (n_rows, n_columns n_knots).

    From knot b_k to b_k+1 the ramp t_k rises from 0 to 1. Hat k is t_k-1 - t_k, where the
    ramp before the first is 1, and the ramp after the last is 0.
    """
    _, pipeline, columns = splines.transformers_[0]
    knots = np.array([spline.t[1:-1] for spline in pipeline[0].bsplines_])
    x = graph.node("Gather", x, np.array(columns), axis=1)
    x = graph.node("Reshape", x, np.array([0, 0, 1]))
    differences = np.diff(np.eye(knots.shape[1]), axis=0)  # row k: -1 at k, 1 at k + 1
    hats = graph.node("MatMul", _ramps(graph, knots, x), differences)
    hats = graph.node("Add", hats, np.eye(knots.shape[1])[0])
    hats = graph.node("Mul", hats, HEIGHT * _has_hat(knots))
    return graph.node("Reshape", hats, np.array([0, knots.size]))


def _ramps(graph, knots, x):
    """Return the ramps between knots; a step where two knots coincide."""
    knots = knots.astype(graph.dtype)
    width = np.diff(knots)  # (n_columns, n_knots - 1)
    rise = graph.node("Sub", x, knots[:, :-1])
    ramp = graph.node("Div", rise, np.where(width > 0.0, width, np.inf))
    ramp = graph.node("Min", graph.node("Max", ramp, 0.0), 1.0)
    is_past = graph.cast(graph.node("Not", graph.node("Less", rise, 0.0)))
    return graph.node("Add", ramp, graph.node("Mul", is_past, 1.0 * (width == 0.0)))


def _has_hat(knots):
    """Return the mask of knots with a hat: all but a repeated first or last knot.

    SplineTransformer has no hat there.
    """
    has_hat = np.ones(knots.shape)
    has_hat[:, 0] = knots[:, 0] < knots[:, 1]
    has_hat[:, -1] = knots[:, -2] < knots[:, -1]
    return has_hat
