"""Which class is converted by what."""

from skl2onnx import update_registered_converter
from skl2onnx.common.data_types import FloatTensorType
from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes
from skl2onnx.shape_calculators.scaler import calculate_sklearn_scaler_output_shapes
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder

from skfcnn._columns import Float32, KnownCategories, TargetMeans
from skfcnn._table import TableReader
from skfcnn.classifier import FullyConnectedClassifier
from skfcnn.onnx.categories import (
    convert_known,
    convert_means,
    convert_one_hot,
    named_shapes,
    one_hot_shapes,
)
from skfcnn.onnx.classifiers import OPTIONS, convert_network, network_shapes
from skfcnn.onnx.ensembles import convert_ensemble
from skfcnn.onnx.numeric import (
    convert_float32,
    convert_imputer,
    convert_scaler,
    float32_shapes,
    imputer_shapes,
)
from skfcnn.onnx.tables import convert_table, parse_table, table_shapes
from skfcnn.preprocessing import RobustSmoothScaler
from skfcnn.tabular import TabularClassifier


def parse_float32(scope, model, inputs, custom_parsers=None) -> list:
    """Declare an output of float32, whatever the inputs are."""
    operator = scope.declare_local_operator(_alias(type(model)), model)
    operator.inputs = inputs
    operator.outputs.append(scope.declare_local_variable("encoded", FloatTensorType()))
    return operator.outputs


def register() -> None:
    """Tell skl2onnx of all converters."""
    of_classifier = calculate_linear_classifier_output_shapes
    _add(FullyConnectedClassifier, network_shapes, convert_network, options=OPTIONS)
    _add(TabularClassifier, of_classifier, convert_ensemble, options=OPTIONS)
    _add(RobustSmoothScaler, calculate_sklearn_scaler_output_shapes, convert_scaler)
    _add(TableReader, table_shapes, convert_table, parser=parse_table)
    _add(Float32, float32_shapes, convert_float32, parser=parse_float32)
    _add(KnownCategories, named_shapes, convert_known, parser=parse_float32)
    _add(TargetMeans, named_shapes, convert_means, parser=parse_float32)
    _add(OneHotEncoder, one_hot_shapes, convert_one_hot)
    _add(SimpleImputer, imputer_shapes, convert_imputer)


def _add(model, shapes, convert, **others):
    update_registered_converter(model, _alias(model), shapes, convert, **others)


def _alias(model):
    return f"Skfcnn{model.__name__}"
