"""The labels that ONNX supports: texts, and 64-bit integers."""

from numbers import Real

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skfcnn.onnx.graph import is_utf8

LARGEST = np.iinfo(np.int64).max
# Besides text; with other types, the model that skl2onnx writes is invalid.
OUTPUT_DTYPES = (np.int32, np.int64)


def check_labels(scope, classifier) -> None:
    """Raise ValueError for labels that the converted model could not return."""
    check_is_fitted(classifier)
    options = scope.get_options(classifier, {"nocl": False, "output_class_labels": False})
    classes = classifier.classes_
    if options["nocl"]:
        return
    for label in classes:
        if not (_is_text(label) or _is_integer(label)):
            raise ValueError(
                f"ONNX cannot hold the label {label!r}: labels must be texts in UTF-8 or "
                "integers below 2**63. Convert with options={'nocl': True}, which returns "
                "the position of a label in classes_, or fit with other labels."
            )
    if options["output_class_labels"] and _is_number(classes[0]):
        if classes.dtype not in OUTPUT_DTYPES:
            raise ValueError(
                f"skl2onnx cannot return labels of dtype {classes.dtype}. Convert "
                "without output_class_labels, or fit with y.astype(int)."
            )


def _is_text(label):
    return isinstance(label, str) and is_utf8(label)


def _is_number(label):
    # In NumPy, timedelta64 is a subclass of signedinteger.
    return isinstance(label, (Real, np.bool_)) and not isinstance(label, np.timedelta64)


def _is_integer(label):
    return _is_number(label) and int(label) <= LARGEST
