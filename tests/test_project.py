"""What the project promises outside of its code: README's commands, examples, CI, docs."""

import csv
import re
import runpy
import subprocess
import sys
import time
import tomllib
import warnings
from pathlib import Path
from statistics import median
from types import SimpleNamespace

import pytest
from sklearn.exceptions import ConvergenceWarning

ROOT = Path(__file__).parent.parent
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    ROOT / "benchmarks" / "README.md",
    ROOT / "skfcnn" / "network" / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
]


def test_ci_runs_exactly_the_test_command_of_the_readme():
    readme = (ROOT / "README.md").read_text()
    match = re.search(r"<!-- test command -->\n```sh\n(.*)\n```", readme)
    script = (ROOT / ".ci" / "run").read_text()
    extract = re.search(r"\$\((sed .*)\)", script)[1]
    extracted = subprocess.run(
        ["bash", "-c", extract], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert extracted.stdout.strip() == match[1]
    assert "pip install" in match[1]
    assert 'eval "$test_command"' in script


def test_the_oldest_versions_that_ci_installs_are_those_that_the_package_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = {re.sub(">=", "==", requirement) for requirement in project["dependencies"]}
    pinned = {
        line
        for line in (ROOT / ".ci" / "oldest.txt").read_text().splitlines()
        if not line.startswith("#")
    }
    for requirement in asked:
        assert any(pin.startswith(requirement) for pin in pinned), requirement


def test_the_quickstart_prints_candidates_and_test_accuracy(capsys):
    start = time.perf_counter()
    runpy.run_path(str(ROOT / "examples" / "plot_quickstart.py"))
    assert time.perf_counter() - start < 60.0
    out = capsys.readouterr().out
    candidates = re.findall(r"^ *(\(.*?\)) +0\.\d+ ", out, re.M)
    assert sorted(candidates) == ["()", "(10,)", "(100,)", "(50, 50)", "(50,)"]
    accuracy = float(re.search(r"Test accuracy: ([\d.]+)", out)[1])
    # Logistic regression reaches 0.958 here; a network that learned nothing, 0.63.
    assert accuracy > 0.93


def test_the_example_of_validation_tells_the_restored_epochs(capsys, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    runpy.run_path(str(ROOT / "examples" / "plot_validation.py"))
    pattern = r"test accuracy (0\.\d+), restored epoch (\d+) of (\d+)"
    told = re.findall(pattern, capsys.readouterr().out)
    assert len(told) == 2
    for accuracy, best, last in told:
        assert float(accuracy) > 0.9  # 0.1 by guessing
        assert 0 < int(best) < int(last) < 200


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_files_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text()):
        if not target.startswith("http"):
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_included_code_is_there(path):
    for block in re.findall(r"```\{literalinclude\} (.*?)```", path.read_text(), re.S):
        file, *options = block.strip().splitlines()
        source = (path.parent / file.strip()).read_text()
        for option in options:
            name, value = re.match(r":([\w-]+): *(.*)", option).groups()
            value = value.strip('"')
            if name in ("start-after", "start-at", "end-before", "end-at"):
                assert value in source, (file, option)
            elif name == "pyobject":
                assert f"{value.split('.')[-1]}" in source, (file, option)


def test_importing_skfcnn_imports_nothing_optional():
    program = (
        "import sys, skfcnn; "
        "print([name for name in ('matplotlib', 'polars', 'torch') if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


@pytest.fixture
def benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # for PyTorch, where it is installed


def test_the_benchmark_runs(tmp_path):
    path = tmp_path / "times.csv"
    command = [sys.executable, ROOT / "benchmarks" / "speed.py", "--cases", "fit"]
    command += ["--shapes", "1", "--rounds", "1", "--csv", path]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "kernels" in run.stdout
    assert "| 150 x 4 -> 10 -> 3 |" in run.stdout
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(float(row["value"]) > 0 for row in rows)
    assert {(row["case"], row["threads"], row["round"], row["unit"]) for row in rows} == {
        ("fit", "1", "1", "s")
    }
    assert [row["contestant"] for row in rows if row["contestant"] != "PyTorch"] == [
        "MLPClassifier",
        "MLPClassifier (float32 X)",
        "skfcnn (float64)",
        "skfcnn",
        "skfcnn (float32 X)",
        "products (float32)",
    ]


# "search" is left out: it fits 240 models, whose numbers of epochs cannot be cut down.
@pytest.mark.parametrize(
    "case", ["fit", "lbfgs", "predict", "memory", "import", "pickle", "scaling"]
)
def test_a_benchmark_case_gives_a_number_for_every_contestant(benchmarks, case):
    import speed

    options = SimpleNamespace(threads=1, shapes="1", memory_gb=0.002)
    smallest = speed.CASES[case].settings(options)[0]
    for name, make, arguments in smallest.contestants:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            value = make(*arguments)()
        # A small fit may do with the memory that the process has already.
        assert value > 0 or case == "memory", name


def test_the_tables_of_the_benchmark(benchmarks):
    from rows import Row
    from table import tables

    taken = {
        "a": {"MLPClassifier": [0.4, 0.3, 0.8], "skfcnn": [0.1, 0.6, 0.2]},
        "b": {"MLPClassifier": [12.0, 9.0, 27.0], "skfcnn": [4.0, 9.0, 27.0]},
        "c": {"pandas": [0]},
    }
    rows = [
        Row("fit", setting, name, 1, i, value, "modules" if setting == "c" else "s")
        for setting, contestants in taken.items()
        for name, values in contestants.items()
        for i, value in enumerate(values, start=1)
    ]
    # By minima skfcnn is 0.3 / 0.1 and 9 / 4 times faster, by medians 0.4 / 0.2 and 12 / 9;
    # the geometric means are the roots of 6.75 and of 8 / 3.
    assert tables(rows, min).splitlines() == [
        "|  | MLPClassifier | skfcnn |",
        "| --- | ---: | ---: |",
        "| a | 300 ms | 100 ms (3.00x) |",
        "| b | 9.00 s | 4.00 s (2.25x) |",
        "| geometric mean |  | 2.60x |",
        "",
        "|  | pandas |",
        "| --- | ---: |",
        "| c | 0 modules |",
    ]
    assert tables(rows, median).splitlines()[2:5] == [
        "| a | 400 ms | 200 ms (2.00x) |",
        "| b | 12.0 s | 9.00 s (1.33x) |",
        "| geometric mean |  | 1.63x |",
    ]


def test_the_slopes_of_the_benchmark(benchmarks):
    from rows import Row
    from slopes import slope_table

    rows = [
        Row("scaling", f"width = {width}", "skfcnn", 1, 1, seconds, "s")
        for width, seconds in [(10, 0.003), (20, 0.012), (40, 0.048)]  # the square
    ]
    assert slope_table(rows).splitlines()[-1] == "| width | 2.00 |"
