"""The number encoders in ONNX: scaled, in float32, with zeros for missing values."""

import numpy as np
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType
from skl2onnx.operator_converters.imputer_op import convert_sklearn_imputer
from skl2onnx.shape_calculators.imputer import calculate_sklearn_imputer_output_shapes
from sklearn.utils.validation import check_is_fitted

from skfcnn.onnx.graph import Graph, precision_of
from skfcnn.preprocessing import FAR_OUT


def convert_scaler(scope, operator, container) -> None:
    """Add the nodes of a RobustSmoothScaler, which always computes in float64."""
    scaler, out = operator.raw_operator, operator.outputs[0]
    check_is_fitted(scaler)
    graph = Graph(scope, container, np.float64)
    x = graph.concat([graph.cast(variable.full_name) for variable in operator.inputs])
    # Halved, since x - m itself may overflow.
    u = graph.node("Sub", graph.node("Mul", x, 0.5), 0.5 * scaler.center_)
    u = graph.node("Mul", u, 2.0 * scaler.scale_)
    bound = np.inf if scaler.bound is None else scaler.bound
    largest = min(FAR_OUT * bound, np.finfo(precision_of(out.type)).max)
    u = graph.node("Min", graph.node("Max", u, -largest), largest)
    ratio = graph.node("Div", u, bound)
    root = graph.node("Sqrt", graph.node("Add", graph.node("Mul", ratio, ratio), 1.0))
    graph.cast(graph.node("Div", u, root), precision_of(out.type), output=out.full_name)


def convert_float32(scope, operator, container) -> None:
    """Add the node of Float32."""
    graph = Graph(scope, container, np.float32)
    graph.cast(operator.inputs[0].full_name, output=operator.outputs[0].full_name)


def float32_shapes(operator) -> None:
    """Set the shape of the output to that of the input."""
    operator.outputs[0].type.shape = operator.inputs[0].type.shape


def imputer_shapes(operator) -> None:
    """Add the missing-value indicator columns, which skl2onnx does not count."""
    calculate_sklearn_imputer_output_shapes(operator)
    shape = operator.outputs[0].type.shape
    if _has_indicator(operator) and shape[1] is not None:
        shape[1] += len(operator.raw_operator.indicator_.features_)


def convert_imputer(scope, operator, container) -> None:
    """Add the nodes of a SimpleImputer; by skl2onnx unless it has an indicator."""
    if not _has_indicator(operator):
        convert_sklearn_imputer(scope, operator, container)
        return
    imputer, out = operator.raw_operator, operator.outputs[0]
    statistics = imputer.statistics_.astype(float)
    if np.isnan(statistics).any():
        raise ValueError(
            "SimpleImputer drops columns that had no values in training, which cannot be "
            "converted together with add_indicator=True. Drop these columns before it."
        )
    graph = Graph(scope, container, precision_of(out.type))
    x = graph.concat([variable.full_name for variable in operator.inputs])
    is_missing = graph.node("IsNaN", x)
    filled = graph.node("Where", is_missing, statistics, x)
    features = imputer.indicator_.features_
    indicators = graph.node("Gather", graph.cast(is_missing), features, axis=1)
    graph.concat([filled, indicators], output=out.full_name)


def _has_indicator(operator):
    """Return whether missing-value indicators are added, for NaN in columns of floats."""
    imputer, floats = operator.raw_operator, (FloatTensorType, DoubleTensorType)
    are_floats = all(isinstance(variable.type, floats) for variable in operator.inputs)
    is_nan = isinstance(imputer.missing_values, float) and np.isnan(imputer.missing_values)
    return imputer.add_indicator and are_floats and is_nan
