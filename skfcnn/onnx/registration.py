"""Registration of the converters with skl2onnx.

skl2onnx first declares an operator for a model, under the name that its class is registered
with, and then requests the model's `onnx_parser`. If it is this request that registers the
class, the operator has no name yet: `declare_late` declares the model a second time.
"""

from skl2onnx import update_registered_converter
from skl2onnx._parse import _parse_sklearn, _parse_sklearn_column_transformer
from skl2onnx._supported_operators import sklearn_operator_name_map
from skl2onnx.common.data_types import FloatTensorType
from skl2onnx.shape_calculators.scaler import calculate_sklearn_scaler_output_shapes
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder

from skfcnn.classifier import FullyConnectedClassifier
from skfcnn.onnx.categories import (
    convert_known,
    convert_means,
    convert_one_hot,
    named_shapes,
    one_hot_shapes,
)
from skfcnn.onnx.classifiers import (
    OPTIONS,
    convert_network,
    network_shapes,
    parse_classifier,
)
from skfcnn.onnx.ensembles import (
    convert_ensemble,
    convert_numbers,
    ensemble_shapes,
    number_shapes,
    parse_ensemble,
)
from skfcnn.onnx.numeric import (
    convert_float32,
    convert_imputer,
    convert_scaler,
    float32_shapes,
    imputer_shapes,
)
from skfcnn.onnx.regressors import convert_regressor, regressor_shapes
from skfcnn.onnx.tables import convert_table, parse_table, table_shapes
from skfcnn.preprocessing import RobustSmoothScaler
from skfcnn.regressor import FullyConnectedRegressor
from skfcnn.tabular import TabularClassifier, TabularRegressor
from skfcnn.tabular.column_encoder import ColumnEncoder
from skfcnn.tabular.encoder import Float32, KnownCategories, TargetMeans
from skfcnn.tabular.reader import TableReader


def parse_float32(scope, model, inputs, custom_parsers=None) -> list:
    """Declare an output of float32 for inputs of any type."""
    operator = scope.declare_local_operator(_alias(type(model)), model)
    operator.inputs = inputs
    operator.outputs.append(scope.declare_local_variable("encoded", FloatTensorType()))
    return operator.outputs


def declare_late(model, scope, inputs) -> list | None:
    """Declare a model whose class was not registered when its operator was declared.

    Returns
    -------
    outputs : list or None
        None if the class was registered before: skl2onnx then declares the outputs.
    """
    operator = next(reversed(scope.operators.values()))
    if operator.type is not None or type(model) not in sklearn_operator_name_map:
        return None
    _rename_encoders(scope)
    del scope.operators[operator.onnx_name]
    # skl2onnx uses these outputs. Assigning them would also make the operator their parent.
    vars(operator)["outputs"] = _parse_sklearn(scope, model, inputs)
    return []


def _rename_encoders(scope):
    """Rename operators of scikit-learn's encoders that were declared before register()."""
    for operator in scope.operators.values():
        if type(operator.raw_operator) in (OneHotEncoder, SimpleImputer):
            operator.type = _alias(type(operator.raw_operator))


def register() -> None:
    """Register all converters with skl2onnx."""
    of_classifiers = {"parser": parse_classifier, "options": OPTIONS}
    _add(FullyConnectedClassifier, network_shapes, convert_network, **of_classifiers)
    of_ensembles = {"parser": parse_ensemble, "options": OPTIONS}
    _add(TabularClassifier, ensemble_shapes, convert_ensemble, **of_ensembles)
    _add(TabularRegressor, number_shapes, convert_numbers, parser=parse_ensemble)
    _add(FullyConnectedRegressor, regressor_shapes, convert_regressor)
    _add(RobustSmoothScaler, calculate_sklearn_scaler_output_shapes, convert_scaler)
    _add(TableReader, table_shapes, convert_table, parser=parse_table)
    columns = _parse_sklearn_column_transformer
    _add(ColumnEncoder, table_shapes, convert_table, parser=columns)  # declares its steps
    _add(Float32, float32_shapes, convert_float32, parser=parse_float32)
    _add(KnownCategories, named_shapes, convert_known, parser=parse_float32)
    _add(TargetMeans, named_shapes, convert_means, parser=parse_float32)
    _add(OneHotEncoder, one_hot_shapes, convert_one_hot)
    _add(SimpleImputer, imputer_shapes, convert_imputer)


def _add(model, shapes, convert, **others):
    update_registered_converter(model, _alias(model), shapes, convert, **others)


def _alias(model):
    return f"Skfcnn{model.__name__}"
