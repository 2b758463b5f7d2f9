"""Labels in ONNX: every kind that `fit` accepts is returned, or refused by name."""

import numpy as np
import pytest
from onnx_session import LABELS, SMALL, X32, Y, a_network, assert_same, run, session
from skl2onnx import to_onnx

from skfcnn import TabularClassifier
from skfcnn.network.losses import CLASS_LOSSES

# The networks are to be converted, not to be good: a few epochs are enough.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.grid(6)
@pytest.mark.parametrize("loss", CLASS_LOSSES)
@pytest.mark.parametrize(
    "labels",
    [Y, Y - 7, Y + 2**40, LABELS, LABELS.astype(object), Y.astype(np.uint8), 1.0 * Y]
    + [Y == 1, LABELS == "setosa", np.where(Y, "yes", "no"), np.full(len(Y), "one")],
    ids=lambda labels: f"{len(set(labels))} of {labels.dtype}",
)
def test_every_kind_of_label(labels, loss):
    assert_same(a_network(loss=loss).fit(X32, labels), X32)


@pytest.mark.parametrize("dtype", [np.int8, np.uint32, np.float16, np.longdouble])
def test_labels_of_other_types(dtype):
    assert_same(a_network(max_iter=3).fit(X32, Y.astype(dtype)), X32)


def test_the_largest_labels():
    assert_same(a_network(max_iter=3).fit(X32, np.uint64(2**63 - 3) + Y.astype("u8")), X32)
    assert_same(a_network(max_iter=3).fit(X32, Y + np.iinfo(np.int64).min), X32)


@pytest.mark.parametrize(
    "labels",
    [
        np.uint64(2**63 - 2) + Y.astype(np.uint64),
        Y.astype("datetime64[D]"),
        Y.astype("timedelta64[D]"),
        np.array(["a", "b", "c\ud800"])[Y],
    ],
    ids=["beyond 2**63", "dates", "time spans", "no UTF-8"],
)
def test_labels_that_onnx_cannot_represent_are_refused(labels):
    check_refused(a_network(max_iter=3).fit(X32, labels))


def check_refused(model):
    for zipmap in (True, False, "columns"):
        with pytest.raises(ValueError, match="ONNX cannot hold the label .*nocl"):
            to_onnx(model, X32[:1], options={"zipmap": zipmap})
    options = {"zipmap": False, "nocl": True}
    number, _ = run(session(model, X32[:1], zipmap=None, options=options), X32)
    np.testing.assert_array_equal(model.classes_[number], model.predict(X32))


def test_labels_of_an_ensemble_that_onnx_cannot_represent_are_refused():
    model = TabularClassifier("fast", network_params=SMALL)
    check_refused(model.fit(X32, Y.astype("timedelta64[D]")))


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint64, np.float32])
def test_classes_that_skl2onnx_cannot_return_are_refused(dtype):
    network = a_network(max_iter=3).fit(X32, Y.astype(dtype))
    options = {"zipmap": False, "output_class_labels": True}
    with pytest.raises(ValueError, match="cannot return labels of .* without output_class"):
        to_onnx(network, X32[:1], options=options)
