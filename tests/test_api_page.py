"""The API page lists what is public, and each parameter of it is described."""

import importlib
import inspect
import re
from pathlib import Path

import pytest
from numpydoc.docscrape import ClassDoc, FunctionDoc

import skfcnn

PAGE = (Path(__file__).parent.parent / "docs/api.md").read_text("utf-8")
NAMES = re.findall(r"^   (skfcnn[\w.]*)$", PAGE, re.M)
# Dask's estimators refer to the parameters of the others. The fields of a NamedTuple are
# described as its attributes.
REFER = re.compile(r"skfcnn\.dask\.|\.(GradientReport|Trace|LayerTrace)$")


def object_of(name):
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute, None)


DESCRIBED = [
    name
    for name in NAMES
    if not re.search(r"skfcnn\.(network|training)\.", name) and not REFER.search(name)
]


def undescribed(function, doc):
    described = {
        name.strip().lstrip("*")
        for entry in doc["Parameters"]
        for name in entry.name.split(",")
    }
    return [
        name
        for name in inspect.signature(function).parameters
        if name not in described | {"self", "cls", "args", "kwargs"}
    ]


@pytest.mark.parametrize("name", DESCRIBED)
def test_every_parameter_is_described(name):
    found = object_of(name)
    if not inspect.isclass(found):
        assert undescribed(found, FunctionDoc(found)) == []
        return
    assert undescribed(found.__init__, ClassDoc(found)) == []
    for method_name, method in inspect.getmembers(found, inspect.isfunction):
        is_ours = method.__module__.startswith("skfcnn") and method_name[0] != "_"
        if is_ours and ".callbacks." not in name:  # scikit-learn calls those of callbacks
            assert undescribed(method, FunctionDoc(method)) == [], method_name


def test_the_main_classes_come_first():
    assert NAMES[:4] == [f"skfcnn.{name}" for name in skfcnn.__all__[:4]]


def test_what_is_public_is_listed():
    import skfcnn.callbacks
    import skfcnn.inspection

    modules = [skfcnn, skfcnn.callbacks, skfcnn.inspection]
    public = {f"{module.__name__}.{name}" for module in modules for name in module.__all__}
    assert public - set(NAMES) <= {"skfcnn.__version__"}
