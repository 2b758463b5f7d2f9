"""Which labels have a form in ONNX: texts, and integers of 64 bits."""

from numbers import Real

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skfcnn.onnx.graph import is_utf8

LARGEST = np.iinfo(np.int64).max
AS_AN_OUTPUT = (np.int32, np.int64)  # besides text; of others skl2onnx makes no valid model


def check_labels(scope, classifier) -> None:
    """Raise ValueError for labels that would not come out of the converted model."""
    check_is_fitted(classifier)
    options = scope.get_options(classifier, {"nocl": False, "output_class_labels": False})
    classes = classifier.classes_
    if options["nocl"]:
        return
    for label in classes:
        if not (_is_text(label) or _is_integer(label)):
            raise ValueError(
                f"The label {label!r} has no form in ONNX, whose labels are texts in UTF-8 "
                "or integers below 2**63. Convert with options={'nocl': True}, which gives "
                "the position of a label in classes_, or fit with other labels."
            )
    if options["output_class_labels"] and _is_number(classes[0]):
        if classes.dtype not in AS_AN_OUTPUT:
            raise ValueError(
                f"skl2onnx cannot give labels of {classes.dtype} as an output. Convert "
                "without output_class_labels, or fit with y.astype(int)."
            )


def _is_text(label):
    return isinstance(label, str) and is_utf8(label)


def _is_number(label):
    # NumPy counts time spans among the integers.
    return isinstance(label, (Real, np.bool_)) and not isinstance(label, np.timedelta64)


def _is_integer(label):
    return _is_number(label) and int(label) <= LARGEST
