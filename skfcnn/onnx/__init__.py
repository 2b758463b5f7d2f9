"""Converters for skl2onnx, for all estimators of skfcnn.

They are registered when this package is imported: by the user, or by an estimator when
skl2onnx requests its parser. docs/onnx.md lists what is converted and what is not.

Two classes of scikit-learn are registered as well, since the table encoder uses settings
that skl2onnx does not convert: SimpleImputer with `add_indicator=True`, whose indicator
columns skl2onnx drops, and OneHotEncoder with `handle_unknown="infrequent_if_exist"`. With
other settings, skl2onnx converts them as before.
"""

try:
    import skl2onnx
except ImportError as error:
    raise ImportError(
        'skfcnn.onnx needs skl2onnx. Install it with: pip install "skfcnn[onnx]"'
    ) from error

from skfcnn.onnx.registration import register
from skfcnn.onnx.tables import initial_types

__all__ = ["initial_types", "to_onnx"]

register()


def to_onnx(model, X=None, **options):
    """Convert a model with skl2onnx.

    Parameters
    ----------
    model : estimator
        A fitted model of skfcnn, or of scikit-learn with models of skfcnn in it.
    X : array-like, default=None
        Rows whose types are those of the inputs. Not needed for a TabularClassifier: its
        inputs are the columns of the table, see `initial_types`.
    **options
        Further parameters of `skl2onnx.to_onnx`.

    Returns
    -------
    onnx_model : onnx.ModelProto
    """
    if X is None and "initial_types" not in options:
        options["initial_types"] = initial_types(model)
    return skl2onnx.to_onnx(model, X, **options)
