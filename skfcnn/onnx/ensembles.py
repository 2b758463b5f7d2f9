"""Ensembles for tables in ONNX: the steps of the encoder, then the mean of the models.

The temperatures of networks need no nodes: their last weights are already divided by them.
"""

import numpy as np
from skl2onnx._parse import _parse_sklearn, _parse_sklearn_simple_model
from skl2onnx.common.shape_calculator import calculate_linear_regressor_output_shapes
from sklearn.base import is_classifier

from skfcnn.onnx.classifiers import (
    LINK_FORMS,
    add_label,
    add_labels,
    class_probabilities,
    classifier_shapes,
    parse_classifier,
)
from skfcnn.onnx.graph import Graph, precision_of
from skfcnn.onnx.regressors import in_order, predictions
from skfcnn.onnx.trees import tree_outputs, vote_outputs
from skfcnn.tabular.randomized_trees import RandomizedTreesFamily
from skfcnn.tabular.splines import HEIGHT, has_spline
from skfcnn.tabular.trees import TreesFamily

OF_TREES = {TreesFamily: tree_outputs, RandomizedTreesFamily: vote_outputs}


def parse_ensemble(scope, model, inputs, custom_parsers=None) -> list:
    """Declare the operators of the encoder, and then that of the ensemble."""
    if not isinstance(model.encoder_, str):
        inputs = _parse_sklearn(scope, model.encoder_, inputs, custom_parsers)
    parse = parse_classifier if is_classifier(model) else _parse_sklearn_simple_model
    return parse(scope, model, inputs, custom_parsers)


def number_shapes(operator) -> None:
    """Set the type of the predictions of a TabularRegressor: a column for each output."""
    calculate_linear_regressor_output_shapes(operator)
    predicted = operator.outputs[0].type
    predicted.shape = [predicted.shape[0], operator.raw_operator._target.n_outputs]


def convert_numbers(scope, operator, container) -> None:
    """Add the nodes of a TabularRegressor after its encoder."""
    model, out = operator.raw_operator, operator.outputs[0]
    graph = Graph(scope, container, precision_of(out.type))
    p = _mixture(graph, model, operator.inputs[0].full_name, predictions)
    if model.clip:
        p = graph.node("Max", p, model._target.lowest)
        p = graph.node("Min", p, model._target.highest)
    levels = model._target.target.levels
    p = p if levels is None else in_order(graph, p, levels)
    graph.node("Identity", p, output=out.full_name)


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
    p = _mixture(graph, model, operator.inputs[0].full_name, class_probabilities)
    if model._temperature != 1.0:
        p = _at_temperature(graph, model, p)
    if model._target.is_multilabel:
        add_labels(graph, graph.cast(p, output=probabilities.full_name), label)
        return
    total = graph.node("MatMul", p, np.ones((len(model.classes_), 1)))
    p = graph.node("Div", p, total, output=probabilities.full_name)
    add_label(graph, model, p, label)


def _at_temperature(graph, model, p):
    """Return the probabilities at the temperature of the mixture: of log p / T."""
    z = graph.node("Log", p)
    if model._target.is_multilabel:
        z = graph.node("Sub", z, graph.node("Log", graph.node("Sub", 1.0, p)))
    form = "logistic" if model._target.is_multilabel else "softmax"
    return LINK_FORMS[form](graph, graph.node("Div", z, model._temperature))


def _mixture(graph, model, x, outputs_of):
    """Return the weighted mean of the outputs of all models."""
    x = graph.cast(x)
    pairs = zip(model._families, model.family_weights_, strict=True)
    every = (_weighted_mean(graph, *pair, x, outputs_of) for pair in pairs)
    return graph.node("Sum", *every)


def _weighted_mean(graph, family, weight, x, outputs_of):
    """Return the mean outputs of the models of a family, times its weight."""
    of_trees = OF_TREES.get(type(family))
    if of_trees is not None:
        every = [of_trees(graph, t, family.temperature, x) for t in family.members]
    else:
        if family.splines is not None:
            x = graph.concat([_splines(graph, family.splines, x), x])
        every = [outputs_of(graph, network, x) for network in family.members]
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
