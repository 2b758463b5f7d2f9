"""FullyConnectedRegressor in ONNX: a matrix of predictions, with a column for each output.

The network is computed in float32, or in float64 if both the input and the regressor are
float64. As in Python, the link is computed in the precision of the predictions.
"""

from collections.abc import Callable

import numpy as np
from skl2onnx.common.shape_calculator import calculate_linear_regressor_output_shapes
from sklearn.ensemble import BaggingRegressor
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from skfcnn.onnx.graph import Graph, precision_of
from skfcnn.onnx.layers import raw_outputs


def _identity(graph, z):
    """Return z itself."""
    return z


def _exp(graph, z):
    """exp(z), clipped to exclude 0."""
    return graph.node("Max", graph.node("Exp", z), np.finfo(graph.dtype).tiny)


LINK_FORMS: dict[str, Callable] = {"identity": _identity, "exp": _exp}

# skl2onnx writes the predictions of their models as one column, whatever their shape.
OF_ONE_COLUMN = (BaggingRegressor, MultiOutputRegressor)


def regressor_shapes(operator) -> None:
    """Set the type of the predictions: a column for each output, also for one."""
    regressor = operator.raw_operator
    check_is_fitted(regressor)
    _check_ensembles(operator.scope_inst, regressor)
    calculate_linear_regressor_output_shapes(operator)
    predictions = operator.outputs[0].type
    predictions.shape = [predictions.shape[0], regressor.n_outputs_]


def convert_regressor(scope, operator, container) -> None:
    """Add the nodes of a FullyConnectedRegressor."""
    regressor, out = operator.raw_operator, operator.outputs[0]
    graph = Graph(scope, container, precision_of(out.type))
    p = predictions(graph, regressor, operator.inputs[0].full_name)
    graph.node("Identity", p, output=out.full_name)


def predictions(graph: Graph, regressor, x: str) -> str:
    """Return a column for each output; the network has the lower of two precisions."""
    target = regressor._target
    inner = graph.in_precision(min(graph.dtype, regressor.dtype_))
    z = graph.cast(raw_outputs(inner, regressor._network, inner.cast(x)))
    p = LINK_FORMS[target.out_activation](graph, z)
    return p if target.levels is None else in_order(graph, p, target.levels)


def in_order(graph, p, levels):
    """Return the predictions of each row in the order of their levels."""
    ranks = np.argsort(np.argsort(levels, kind="stable"))
    return graph.node("Gather", graph.ascending(p, len(levels)), ranks, axis=1)


def _check_ensembles(scope, regressor):
    """Raise ValueError if skl2onnx would write several outputs as one column."""
    if regressor.n_outputs_ == 1:
        return
    for model in [operator.raw_operator for operator in scope.operators.values()]:
        if isinstance(model, OF_ONE_COLUMN) and _contains(model, regressor):
            raise ValueError(
                f"A regressor in a {type(model).__name__} has {regressor.n_outputs_} "
                "outputs, but skl2onnx converts such a model for one output only. Convert "
                "the models in its `estimators_` one by one."
            )


def _contains(ensemble, regressor):
    models = ensemble.estimators_
    last = [model[-1] if isinstance(model, Pipeline) else model for model in models]
    return any(model is regressor for model in last)
