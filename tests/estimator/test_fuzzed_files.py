"""Damaged files: they are refused, or their content is unchanged."""

import io
import json
import pickle
import re
import warnings

import numpy as np
import pytest
import skops.io
from callback_support import needs_callbacks
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning

from skfcnn import FullyConnectedClassifier, FullyConnectedRegressor
from skfcnn._files import FIRST_LINE, read_whole, write_whole
from skfcnn.callbacks import Checkpoint
from skfcnn.estimator.checkpoints import checkpoints_of, load_checkpoint, write_checkpoint
from skfcnn.estimator.plain_values import DECODERS, from_bytes, to_bytes

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
    """Draw a damaged copy: some bytes are overwritten, removed, cut off or repeated."""
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
def test_damaged_checkpoint_is_refused(data, checkpoint, model):
    path, whole = checkpoint
    content = data.draw(damaged(whole))
    assume(content != whole)
    path.write_bytes(content)
    # Only the version in the first line may differ: it is for information.
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
def test_foreign_file_is_refused(content, checkpoint):
    path, _ = checkpoint
    path.write_bytes(content)
    with pytest.raises(ValueError, match="no checkpoint of skfcnn"):
        load_checkpoint(path)


# ----- Valid files from an untrusted source


@pytest.fixture(scope="module")
def contents(tmp_path_factory):
    """Return the contents of checkpoints of fits with all kinds of state."""
    found = {}
    for kind in (FullyConnectedClassifier, FullyConnectedRegressor):
        directory = tmp_path_factory.mktemp("whole")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model = make_model(kind).set_callbacks(Checkpoint(directory))
            model.fit(X, Y, stop_after=2)
        found[kind] = read_whole(checkpoints_of(directory)[0])
    return found


@pytest.fixture
def content(contents):
    return contents[FullyConnectedClassifier]


def make_model(kind=FullyConnectedClassifier):
    params = {
        "dropout": 0.1,
        "weight_averaging": 0.1,
        "early_stopping": True,
        "max_grad_norm": 1.0,
    }
    if kind is FullyConnectedRegressor:
        params |= {"loss": "quantile", "quantile": [0.2, 0.7]}
    params |= {"hidden_layer_sizes": (3,), "max_iter": 4, "random_state": 0}
    return kind(**params)


def places(value, path=()):
    """Yield the path to every value in JSON, at any depth."""
    yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*path, key))


NUMBERS = st.sampled_from(
    [-1, 0, 1, 3, 624, 625, 2**31, 2**63, 10**30, 0.5, np.nan, np.inf]
)
LEAVES = st.none() | st.booleans() | NUMBERS | st.text(max_size=3) | st.integers(0, 40)
KEYS = st.sampled_from([*DECODERS, "class", "call"])
JSON = st.recursive(
    LEAVES | st.fixed_dictionaries({"name": st.just("os.system")}),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=2),
    max_leaves=4,
)


@pytest.mark.grid(2)
@needs_callbacks
@pytest.mark.parametrize("kind", [FullyConnectedClassifier, FullyConnectedRegressor])
@given(data=st.data())
def test_changed_checkpoint_is_refused_or_gives_a_model(kind, data, contents, checkpoint):
    line, _, arrays = contents[kind].partition(b"\n")
    head = json.loads(line)
    *path, key = data.draw(st.sampled_from([*places(head)][1:]))
    holder = head
    for each in path:
        holder = holder[each]
    if data.draw(st.booleans()) or not isinstance(holder, list):
        holder[key] = data.draw(JSON)
    else:
        del holder[key]
    file, _ = checkpoint
    write_whole(file, [json.dumps(head).encode(), b"\n", arrays])
    try:
        loaded = load_checkpoint(file)
    except ValueError as error:
        assert str(file) in str(error)
    else:
        assert type(loaded) is kind
        assert len(loaded.predict(X)) == len(X)


TRACES = []


def leave_trace():
    TRACES.append("opened")


class Opened:
    """Leaves a trace when it is unpickled."""

    def __reduce__(self):
        return leave_trace, ()


@needs_callbacks
@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_pickle_inside_a_valid_file_is_not_loaded(protocol, content, tmp_path):
    pickled = pickle.dumps(Opened(), protocol)
    pickle.loads(pickled)
    assert TRACES.pop() == "opened"
    line = json.dumps({"value": {"array": 0}, "arrays": [["|O", [1]]]}).encode()
    npz = io.BytesIO()
    np.savez(npz, np.array([Opened()], object))
    for i, crafted in enumerate(
        [[pickled], [line, b"\n", pickled], [npz.getvalue()], [content, pickled]]
    ):
        file = tmp_path / f"{i}.checkpoint"
        write_whole(file, crafted)
        for use in (load_checkpoint, lambda path: make_model().fit(X, Y, resume_from=path)):
            with pytest.raises(ValueError, match="but skfcnn .* cannot read its content"):
                use(file)
    assert TRACES == []


def changed(*path):
    """Return a function that sets the value at this path of the content."""

    def change(content, value):
        for key in path[:-1]:
            content = content[key]
        content[path[-1]] = value(content[path[-1]]) if callable(value) else value

    return change


CHANGES = {
    "a class of another module": (changed("class"), "os.system"),
    "a class that is none": (changed("class"), 3),
    "entries of another kind": (changed("entries"), []),
    "no curve": (changed("entries", "loss_curve_"), "text"),
    "no number of epochs": (changed("entries", "n_iter_"), None),
    "a method": (changed("entries", "predict"), 1),
    "a callback": (changed("entries", "_skl_callbacks"), [1]),
    "a solver among the attributes": (changed("entries", "_training"), {}),
    "a newer format": (changed("entries", "_skfcnn_format"), 7),
    "an activation that there is not": (changed("entries", "activation"), "sin"),
    "another number of features": (changed("entries", "n_features_in_"), 5),
    "a file elsewhere": (changed("fit_id"), "../../etc/passwd"),
    "fewer parameters": (changed("theta"), lambda theta: theta[:-1]),
    "more parameters": (changed("theta"), lambda theta: np.append(theta, 1.0)),
    "parameters of another kind": (changed("theta"), lambda theta: theta.astype(int)),
    "huge layers": (changed("entries", "hidden_layer_sizes"), (10**15,)),
    "other layers": (changed("entries", "hidden_layer_sizes"), (0,)),
    "no columns": (changed("embedded"), (99,)),
    "another layer": (changed("entries", "scaling_layer"), True),
    "classes without order": (changed("target", "classes"), np.array([2, 1, 0])),
    "classes of classes": (changed("target", "classes"), np.zeros((10**9, 0))),
    "more classes": (changed("target", "classes"), np.arange(4)),
    "another optimizer": (changed("solver", "optimizer"), {"velocity": np.zeros(3)}),
    "no optimizer": (changed("solver", "optimizer"), None),
    "an average of one": (changed("solver", "moving"), np.zeros(1)),
    "an average of another kind": (
        changed("solver", "moving"),
        lambda array: array.astype(np.float32),
    ),
    "the best of one": (changed("solver", "best"), np.zeros(1)),
    "rows that are not there": (changed("solver", "rows"), lambda rows: rows + 10**9),
    "rows below zero": (changed("solver", "rows"), lambda rows: rows - 200),
    "rows twice": (changed("solver", "rows"), lambda rows: rows * 0),
    "rows in fractions": (changed("solver", "rows"), lambda rows: rows * 0.5),
    "another generator": (changed("solver", "rng", "bit_generator"), "os.system"),
    "numbers beyond those drawn": (changed("solver", "rng", "state", "pos"), 625),
    "numbers before those drawn": (changed("solver", "rng", "state", "pos"), -1),
    "no numbers": (changed("solver", "rng", "state", "key"), np.zeros(3, np.uint32)),
    "no mask": (changed("solver", "mask_rng", "state"), None),
    "parameters that are none": (changed("solver", "params"), [1]),
}


OF_REGRESSORS = {
    "no outputs": (changed("target", "n_outputs"), 0),
    "outputs that are none": (changed("target", "n_outputs"), "two"),
    "more outputs than levels": (changed("target", "n_outputs"), 3),
    "two outputs as a vector": (changed("target", "is_vector"), True),
    "a number for yes and no": (changed("target", "is_vector"), 0),
    "a link that there is not": (changed("target", "out_activation"), "softmax"),
    "the link of another loss": (changed("target", "out_activation"), "exp"),
    "levels that are none": (changed("target", "levels"), [0.2, "0.7"]),
    "levels beyond one": (changed("target", "levels"), [0.2, 1.7]),
    "levels of another loss": (changed("target", "levels"), None),
    "levels of another model": (changed("target", "levels"), [0.2, 0.8]),
    "a loss without levels": (changed("entries", "loss"), "huber"),
    "no scale": (changed("target", "scale"), None),
    "a scale that is not used": (changed("target", "is_scaled"), False),
    "a scale of another kind": (changed("target", "scale"), [1.0]),
    "no deviation": (changed("target", "scale"), {"mean": np.zeros(2)}),
    "a mean of one": (changed("target", "scale", "mean"), np.zeros(1)),
    "a mean in a matrix": (changed("target", "scale", "mean"), np.zeros((2, 1))),
    "a mean in float32": (changed("target", "scale", "mean"), np.zeros(2, np.float32)),
    "a mean that is NaN": (changed("target", "scale", "mean"), np.array([0.0, np.nan])),
    "a mean in words": (changed("target", "scale", "mean"), "zero"),
    "deviations beyond all": (changed("target", "scale", "deviation"), np.full(2, np.inf)),
    "a deviation of zero": (changed("target", "scale", "deviation"), np.array([1.0, 0.0])),
    "nothing trained": (changed("solver", "trained"), None),
    "fewer trained": (changed("solver", "trained"), lambda trained: trained[:-1]),
    "trained in float32": (
        changed("solver", "trained"),
        lambda trained: trained.astype(np.float32),
    ),
    "trained in words": (changed("solver", "trained"), "all of it"),
}
CRAFTED = [
    *((FullyConnectedClassifier, name) for name in CHANGES),
    *((FullyConnectedRegressor, name) for name in OF_REGRESSORS),
]


@pytest.mark.grid(6)
@needs_callbacks
@pytest.mark.parametrize(("kind", "name"), CRAFTED)
def test_inconsistent_checkpoint_is_refused(kind, name, contents, tmp_path):
    change, value = (CHANGES | OF_REGRESSORS)[name]
    values = from_bytes(contents[kind])
    change(values, value)
    file = tmp_path / "file.checkpoint"
    write_whole(file, to_bytes(values))
    with pytest.raises(ValueError, match=re.escape(str(file))):
        load_checkpoint(file)
    if name != "a class of another module":  # the name is not used if an estimator is given
        with pytest.raises(ValueError, match="but skfcnn .* cannot read its content"):
            make_model(kind).fit(X, Y, resume_from=file)


@needs_callbacks
def test_scale_of_a_fit_without_one_is_refused(contents, tmp_path):
    values = from_bytes(contents[FullyConnectedRegressor])
    values["target"] |= {"scale": None, "is_scaled": False}
    values["entries"]["scale_target"] = False
    file = tmp_path / "file.checkpoint"
    for trained, is_whole in ((values["solver"]["trained"], False), (None, True)):
        values["solver"]["trained"] = trained
        write_whole(file, to_bytes(values))
        if is_whole:
            assert load_checkpoint(file).scale_target is False
        else:
            with pytest.raises(ValueError, match="have not the same scale"):
                load_checkpoint(file)


@pytest.mark.filterwarnings("ignore::UserWarning")
@given(data=st.data())
def test_damaged_skops_file_is_refused_or_unchanged(data, skops_file, model):
    """A zip file has a checksum for each part, which is compared when the part is read."""
    content = data.draw(damaged(skops_file))
    try:
        types = skops.io.get_untrusted_types(data=content)
        loaded = skops.io.load(io.BytesIO(content), trusted=types)
    except Exception:  # from zipfile, json or NumPy
        return
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
