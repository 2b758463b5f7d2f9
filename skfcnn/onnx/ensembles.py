"""TabularClassifier in ONNX: the steps of its encoder, then the mean of its networks.

The temperatures need no nodes: the last weights of the networks are already divided by
them.
"""

import numpy as np
from skl2onnx._parse import _parse_sklearn

from skfcnn.onnx.classifiers import (
    add_label,
    add_labels,
    class_probabilities,
    classifier_shapes,
    parse_classifier,
)
from skfcnn.onnx.graph import Graph, precision_of
from skfcnn.tabular.splines import HEIGHT, has_spline


def parse_ensemble(scope, model, inputs, custom_parsers=None) -> list:
    """Declare the operators of the encoder, and then that of the ensemble."""
    if not isinstance(model.encoder_, str):
        inputs = _parse_sklearn(scope, model.encoder_, inputs, custom_parsers)
    return parse_classifier(scope, model, inputs, custom_parsers)


def ensemble_shapes(operator) -> None:
    """Set the types of label and probabilities, also for several labels per row."""
    classifier_shapes(operator)
    target = operator.raw_operator._target
    if target.is_multilabel:
        label = operator.outputs[0].type
        label.shape = [label.shape[0], target.n_outputs]


def convert_ensemble(scope, operator, container) -> None:
    """Add the nodes of a TabularClassifier after its encoder."""
    model, (label, probabilities) = operator.raw_operator, operator.outputs
    graph = Graph(scope, container, precision_of(probabilities.type))
    x = graph.cast(operator.inputs[0].full_name)
    pairs = zip(model._families, model.family_weights_, strict=True)
    p = graph.node("Sum", *(_weighted_mean(graph, *pair, x) for pair in pairs))
    if model._target.is_multilabel:
        add_labels(graph, graph.cast(p, output=probabilities.full_name), label)
        return
    total = graph.node("MatMul", p, np.ones((len(model.classes_), 1)))
    p = graph.node("Div", p, total, output=probabilities.full_name)
    add_label(graph, model, p, label)


def _weighted_mean(graph, family, weight, x):
    """Return the mean probabilities of the networks of a family, times its weight."""
    if family.splines is not None:
        x = graph.concat([_splines(graph, family.splines, x), x])
    every = [class_probabilities(graph, network, x) for network in family.members]
    total = graph.node("Sum", *map(graph.cast, every))
    return graph.node("Mul", total, weight / len(every))


def _splines(graph, splines, x):
    """Return the splines of some columns in turn: (n_rows, n_columns n_knots)."""
    knots = splines.knots
    x = graph.node("Gather", x, splines.columns, axis=1)
    x = graph.node("Reshape", x, np.array([0, 0, 1]))
    differences = np.diff(np.eye(knots.shape[1]), axis=0)  # row k: -1 at k, 1 at k + 1
    heights = graph.node("MatMul", _ramps(graph, knots, x), differences)
    heights = graph.node("Add", heights, np.eye(knots.shape[1])[0])
    heights = graph.node("Mul", heights, HEIGHT * has_spline(knots))
    return graph.node("Reshape", heights, np.array([0, knots.size]))


def _ramps(graph, knots, x):
    """Return the ramps between knots; a step where two knots coincide."""
    knots = knots.astype(graph.dtype)
    width = np.diff(knots)  # (n_columns, n_knots - 1)
    rise = graph.node("Sub", x, knots[:, :-1])
    ramp = graph.node("Div", rise, np.where(width > 0.0, width, np.inf))
    ramp = graph.node("Min", graph.node("Max", ramp, 0.0), 1.0)
    is_past = graph.cast(graph.node("Not", graph.node("Less", rise, 0.0)))
    return graph.node("Add", ramp, graph.node("Mul", is_past, 1.0 * (width == 0.0)))
