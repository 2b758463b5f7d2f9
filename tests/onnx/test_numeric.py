"""The encoders of numbers in ONNX, one by one."""

from types import SimpleNamespace

import numpy as np
import pytest
from onnx_session import transformed
from skl2onnx.common._topology import Variable
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType, StringTensorType
from sklearn.impute import SimpleImputer

from skfcnn.onnx.numeric import float32_shapes, imputer_shapes
from skfcnn.preprocessing import RobustSmoothScaler

NAN = np.nan
X = np.array([[1.0, NAN, 3.0], [4.0, 5.0, 6.0], [NAN, 8.0, 9.0]])


def operator(model, kind, shape=(None, 3)):
    """Stands for the operator that skl2onnx passes to a function that counts columns."""
    variables = [Variable(name, name, None, kind([*shape])) for name in ("x", "out")]
    return SimpleNamespace(raw_operator=model, inputs=variables[:1], outputs=variables[1:])


@pytest.mark.parametrize("kind", [FloatTensorType, DoubleTensorType])
@pytest.mark.parametrize(("add_indicator", "n_columns"), [(False, 3), (True, 5)])
def test_indicators_of_an_imputer_are_counted(kind, add_indicator, n_columns):
    imputer = SimpleImputer(add_indicator=add_indicator).fit(X)
    of_imputer = operator(imputer, kind)
    imputer_shapes(of_imputer)
    assert of_imputer.outputs[0].type.shape[1] == n_columns


def test_float32_has_the_shape_of_its_input():
    of_cast = operator(None, FloatTensorType)
    of_cast.inputs[0].set_type(StringTensorType([None, 7]))
    float32_shapes(of_cast)
    assert of_cast.outputs[0].type.shape == [None, 7]


@pytest.mark.parametrize("bound", [None, 3.0])
def test_scaler_gives_the_same_numbers_in_onnx(bound):
    rows = np.random.RandomState(0).standard_normal((50, 3)) * [1e-3, 1.0, 1e3]
    scaler = RobustSmoothScaler(bound=bound).fit(rows)
    # Both compute in float64.
    np.testing.assert_allclose(
        transformed(scaler, rows), scaler.transform(rows), rtol=1e-12
    )
