"""Files that were damaged in any way: refused, or as good as they were."""

import io
import warnings

import numpy as np
import pytest
import skops.io
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning

from skfcnn import FullyConnectedClassifier
from skfcnn._checkpoints import load_checkpoint, write_checkpoint
from skfcnn._whole_files import FIRST_LINE

X, Y = load_iris(return_X_y=True)


@pytest.fixture(scope="module")
def model():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return FullyConnectedClassifier((3,), max_iter=3, random_state=0).fit(X, Y)


@pytest.fixture(scope="module")
def checkpoint(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("fuzzed") / "file.checkpoint"
    write_checkpoint(path, model, model)
    return path, path.read_bytes()


@pytest.fixture(scope="module")
def skops_file(model):
    return skops.io.dumps(model)


@st.composite
def damaged(draw, whole):
    """Draw what becomes of bytes that are overwritten, left out, cut, or put in twice."""
    content = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(content)))
        length = draw(st.sampled_from([1, 1, 2, 16, 300, len(content)]))
        match draw(
            st.sampled_from(["write", "flip", "leave out", "cut", "twice", "zeros"])
        ):
            case "write":
                content[at : at + length] = draw(st.binary(max_size=40))
            case "flip" if at < len(content):
                content[at] ^= 1 << draw(st.integers(0, 7))
            case "leave out":
                del content[at : at + length]
            case "cut":
                del content[at:]
            case "twice":
                content[at:at] = content[at : at + length]
            case "zeros":
                content[at : at + length] = bytes(len(content[at : at + length]))
    return bytes(content)


@given(data=st.data())
def test_a_damaged_checkpoint_is_refused(data, checkpoint, model):
    path, whole = checkpoint
    content = data.draw(damaged(whole))
    assume(content != whole)
    path.write_bytes(content)
    # Only the version in the first line may be another: it is there to be read.
    head, _, rest = whole.partition(b"\n")
    line, _, rest_now = content.partition(b"\n")
    groups, groups_now = FIRST_LINE.fullmatch(head), FIRST_LINE.fullmatch(line)
    is_as_good = (
        groups_now is not None
        and rest_now == rest
        and [groups_now[i] for i in (1, 3, 4)] == [groups[i] for i in (1, 3, 4)]
    )
    if is_as_good:
        loaded = load_checkpoint(path)
        np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    else:
        with pytest.raises(ValueError, match="damaged|no checkpoint of skfcnn|in format"):
            load_checkpoint(path)


@given(content=st.binary(max_size=300))
def test_a_foreign_file_is_no_checkpoint(content, checkpoint):
    path, _ = checkpoint
    path.write_bytes(content)
    with pytest.raises(ValueError, match="no checkpoint of skfcnn"):
        load_checkpoint(path)


@pytest.mark.filterwarnings("ignore::UserWarning")
@given(data=st.data())
def test_a_damaged_file_of_skops_is_no_other_model(data, skops_file, model):
    """A zip file has a sum of every part, which is compared when the part is read."""
    content = data.draw(damaged(skops_file))
    try:
        types = skops.io.get_untrusted_types(data=content)
        loaded = skops.io.load(io.BytesIO(content), trusted=types)
    except Exception:  # of zipfile, json, NumPy: whoever sees it first
        return
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
