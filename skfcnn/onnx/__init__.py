"""Converters for skl2onnx, of all estimators of skfcnn.

They are registered when this package is imported: by the user, or by an estimator that
skl2onnx asks for its parser. docs/onnx.md has what is converted and what is not.

Two classes of scikit-learn are registered, too, as the encoder of tables needs more of them
than skl2onnx has: SimpleImputer with `add_indicator=True`, whose columns skl2onnx leaves
out, and OneHotEncoder with `handle_unknown="infrequent_if_exist"`. With other settings
they are converted by skl2onnx as before.
"""

try:
    import skl2onnx  # noqa: F401
except ImportError as error:
    raise ImportError(
        'skfcnn.onnx needs skl2onnx. Install it by: pip install "skfcnn[onnx]"'
    ) from error

from skfcnn.onnx.registration import register
from skfcnn.onnx.tables import initial_types

__all__ = ["initial_types"]

register()
