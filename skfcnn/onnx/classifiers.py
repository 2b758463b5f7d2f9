"""FullyConnectedClassifier in ONNX: a label, and the probability of every class.

All is computed in float32, or in float64 if both the input and the classifier are float64.
"""

from collections.abc import Callable

import numpy as np
from skl2onnx._parse import _parse_sklearn_classifier
from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes

from skfcnn.onnx.graph import INTEGERS, Graph, precision_of
from skfcnn.onnx.labels import check_labels
from skfcnn.onnx.layers import raw_outputs

# The options of skl2onnx for MLPClassifier. With "raw_scores", CalibratedClassifierCV would
# be converted as if there were a decision_function.
OPTIONS = {
    "zipmap": [True, False, "columns"],
    "output_class_labels": [False, True],
    "nocl": [True, False],
}


def _logistic(graph, z):
    """1 / (1 + exp(-z)), clipped to exclude 0 and 1."""
    numbers = np.finfo(graph.dtype)
    p = graph.node("Max", graph.node("Sigmoid", z), numbers.tiny)
    return graph.node("Min", p, 1.0 - numbers.epsneg)


def _softmax(graph, z):
    """exp(z_k) / sum_j exp(z_j), clipped to exclude 0."""
    p = graph.node("Softmax", z, axis=1)
    return graph.node("Max", p, np.finfo(graph.dtype).tiny)


LINK_FORMS: dict[str, Callable] = {"logistic": _logistic, "softmax": _softmax}


def parse_classifier(scope, model, inputs, custom_parsers=None) -> list:
    """Declare the outputs as skl2onnx does, for labels of types that it supports."""
    check_labels(scope, model)
    return _parse_sklearn_classifier(scope, model, inputs, custom_parsers)


def classifier_shapes(operator) -> None:
    """Set the types of label and probabilities."""
    check_labels(operator.scope_inst, operator.raw_operator)
    calculate_linear_classifier_output_shapes(operator)


def network_shapes(operator) -> None:
    """Set the types of label and probabilities, also for several labels per row."""
    classifier_shapes(operator)
    target = operator.raw_operator._target
    if target.is_multilabel:
        label = operator.outputs[0].type
        label.shape = [label.shape[0], len(target.classes)]


def convert_network(scope, operator, container) -> None:
    """Add the nodes of a FullyConnectedClassifier."""
    classifier, (label, probabilities) = operator.raw_operator, operator.outputs
    graph = Graph(scope, container, precision_of(probabilities.type))
    p = graph.cast(
        class_probabilities(graph, classifier, operator.inputs[0].full_name),
        output=probabilities.full_name,
    )
    if classifier._target.is_multilabel:
        add_labels(graph, p, label)
    else:
        add_label(graph, classifier, p, label)


def class_probabilities(graph: Graph, classifier, x: str) -> str:
    """Return the probability of every class, in the lower precision of graph and model."""
    graph = graph.in_precision(min(graph.dtype, classifier.dtype_))
    z = raw_outputs(graph, classifier._network, graph.cast(x))
    if classifier._target.is_binary:
        z = graph.concat([graph.node("Neg", z), z])
    return LINK_FORMS[classifier.out_activation_](graph, z)


def add_labels(graph: Graph, p: str, label) -> None:
    """Set a variable to 1 for each of several labels that is more likely than not."""
    graph.cast(graph.node("Greater", p, 0.5), INTEGERS, output=label.full_name)


def add_label(graph: Graph, classifier, p: str, label) -> None:
    """Set a variable to the most probable class of each row; with "nocl", its index."""
    number = graph.node("ArgMax", p, axis=1, keepdims=0)
    if graph.scope.get_options(classifier, {"nocl": False})["nocl"]:
        graph.node("Identity", number, output=label.full_name)
    else:
        classes = classifier.classes_
        if not isinstance(classes[0], str):
            classes = classes.astype(INTEGERS)
        graph.node("Gather", classes, number, axis=0, output=label.full_name)
