"""What is installed, and what happens when it is imported."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def pins(name):
    """Return the versions of a file of constraints."""
    lines = (ROOT / ".ci" / name).read_text().splitlines()
    return dict(line.split("==") for line in lines if "==" in line and line[0] != "#")


def run(program, *options):
    command = [sys.executable, *options, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_oldest_and_newest_version_of_every_dependency_are_tested():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    asked = [*project["dependencies"], *extras["plots"], *extras["polars"]]
    asked += extras["onnx"]
    asked += [each.replace("[array,dataframe,distributed]", "") for each in extras["dask"]]
    bounds = dict(each.split(">=") for each in asked)
    oldest, newest = pins("oldest.txt"), pins("newest.txt")
    assert bounds == {name: oldest[name] for name in bounds}
    for name in bounds:
        numbers = [tuple(map(int, of[name].split("."))) for of in (oldest, newest)]
        assert numbers[0] < numbers[1]


def test_the_page_on_reliability_names_these_versions():
    page = (ROOT / "docs" / "reliability.md").read_text()
    oldest, newest = pins("oldest.txt"), pins("newest.txt")
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", page, re.M))
    for name in ("numpy", "scipy", "scikit-learn", "pandas", "threadpoolctl"):
        assert rows[name] == f"{oldest[name]} | {newest[name]}"


def test_the_page_on_other_tools_names_the_versions_that_the_extra_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [each.split(">=") for each in project["optional-dependencies"]["integration"]]
    page = (ROOT / "docs" / "integrations.md").read_text()
    seen = re.findall(r"^\| \[([\w-]+)\]\(#[\w-]+\) \| ([\d.]+)", page, re.M)
    assert [(name.lower(), version) for name, version in seen] == [
        (name.removesuffix("[distributed]"), version) for name, version in asked
    ]


@pytest.mark.slow
@pytest.mark.grid(4)
@pytest.mark.parametrize("options", [[], ["-O"], ["-OO"], ["-W", "error"]], ids=str)
def test_it_works_optimized_and_with_warnings_as_errors(options):
    command = [sys.executable, *options, str(ROOT / "reliability" / "smoke.py")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("skfcnn ") and done.stdout.endswith(" works\n")


@pytest.fixture(scope="module")
def import_report():
    """The lines that a new process prints about an import."""
    program = """
import os, random, sys, warnings
import joblib, numpy, pandas, scipy.optimize, scipy.sparse, scipy.special, scipy.stats
import sklearn.compose, sklearn.impute, sklearn.metrics, sklearn.model_selection
import sklearn.pipeline, sklearn.preprocessing, threadpoolctl
events = []
def hook(event, arguments):
    if event.split(".")[0] in ("socket", "subprocess", "os", "shutil", "urllib", "ctypes"):
        if event not in ("os.listdir", "os.scandir"):
            events.append((event, arguments))
    elif event == "open":
        events.append((event, arguments[0]))
def settings():
    state = numpy.random.get_state()
    return (repr(warnings.filters), numpy.geterr(), dict(os.environ), random.getstate(),
        state[1].tolist(), sklearn.get_config(), numpy.get_printoptions())
before = settings()
sys.addaudithook(hook)
import skfcnn, skfcnn.callbacks, skfcnn.tabular, skfcnn.preprocessing
assert not {"skl2onnx", "onnx", "skfcnn.onnx"} & set(sys.modules)
seen = list(events)
for event, what in seen:
    print(event, what)
print("the settings of the process are as before:", settings() == before)
"""
    return run(program).splitlines()


def test_import_reads_only_its_own_source(import_report):
    """It opens no socket and no file except modules, and starts no process."""
    lines = import_report[:-1]
    opened = [line.removeprefix("open ") for line in lines if line.startswith("open ")]
    assert [line for line in lines if not line.startswith("open ")] == []
    assert all(path.endswith((".py", ".pyc")) or ".pyc." in path for path in opened), opened


def test_an_import_changes_no_setting_of_the_process(import_report):
    assert import_report[-1] == "the settings of the process are as before: True"
