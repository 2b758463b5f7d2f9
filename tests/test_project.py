"""The project around the code: commands of the README, examples, CI, docs."""

import csv
import os
import re
import runpy
import subprocess
import sys
import time
import warnings
from pathlib import Path
from statistics import median
from types import SimpleNamespace

import pytest
from callback_support import needs_callbacks
from sklearn.exceptions import ConvergenceWarning

ROOT = Path(__file__).parent.parent
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    ROOT / "benchmarks" / "README.md",
    ROOT / "skfcnn" / "network" / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "zh").glob("*.md")),
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


@pytest.mark.slow
def test_the_quickstart_prints_candidates_and_test_accuracy(capsys, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    start = time.perf_counter()
    runpy.run_path(str(ROOT / "examples" / "plot_quickstart.py"))
    assert time.perf_counter() - start < 60.0
    out = capsys.readouterr().out
    candidates = re.findall(r"^ *(\(.*?\)) +0\.\d+ ", out, re.M)
    assert sorted(candidates) == ["()", "(10,)", "(100,)", "(50, 50)", "(50,)"]
    accuracy = float(re.search(r"Test accuracy: ([\d.]+)", out)[1])
    # Logistic regression reaches 0.958 here; a network that learned nothing, 0.63.
    assert accuracy > 0.93


def test_example_of_validation_prints_the_restored_epochs(capsys, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    runpy.run_path(str(ROOT / "examples" / "plot_validation.py"))
    pattern = r"test accuracy (0\.\d+), restored epoch (\d+) of (\d+)"
    told = re.findall(pattern, capsys.readouterr().out)
    assert len(told) == 2
    for accuracy, best, last in told:
        assert float(accuracy) > 0.9  # 0.1 by guessing
        assert 0 < int(best) < int(last) < 200


@pytest.mark.slow
def test_example_of_a_regression_needs_no_scaled_target(capsys, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    runpy.run_path(str(ROOT / "examples" / "plot_regression.py"))
    out = capsys.readouterr().out
    scores = dict(re.findall(r"^(.*): R\^2 (-?0\.\d+)", out, re.M))
    network, linear, unscaled = (float(score) for score in scores.values())
    assert network > 0.3
    assert abs(network - linear) < 0.02  # "about as good"
    assert unscaled < network
    epochs, epochs_unscaled = map(int, re.findall(r"epochs of the network: (\d+)", out))
    assert 10 * epochs < epochs_unscaled < 3000


def test_example_of_quantiles_covers_what_it_should(capsys, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    runpy.run_path(str(ROOT / "examples" / "plot_quantiles.py"))
    out = capsys.readouterr().out
    below = re.findall(r"^level (0\.\d+): (0\.\d+) of the test rows", out, re.M)
    assert len(below) == 3
    for level, share in below:
        assert float(share) == pytest.approx(float(level), abs=0.02)
    inside = float(re.search(r"^interval: (0\.\d+) of the test rows", out, re.M)[1])
    assert inside == pytest.approx(0.9, abs=0.02)
    parts = re.findall(r"\] +\d\.\d+ +(\d\.\d+) +(\d\.\d+)$", out, re.M)
    assert len(parts) == 5
    assert all(0.83 < float(coverage) < 0.95 for coverage, _ in parts)
    of_one_width = [float(coverage) for _, coverage in parts]
    assert of_one_width[0] > 0.98
    assert of_one_width[-1] < 0.8


@pytest.mark.slow
def test_example_of_counts_is_near_the_true_frequency(capsys, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    runpy.run_path(str(ROOT / "examples" / "plot_counts.py"))
    out = capsys.readouterr().out
    rows = re.findall(r"^(\D+?) +(0\.\d+) +(\d+)$", out, re.M)
    constant, linear, network, truth = (float(deviance) for _, deviance, _ in rows)
    assert constant > linear > network
    assert network - truth < 0.2 * (linear - truth)
    observed = int(re.search(r"^observed claims: (\d+)", out, re.M)[1])
    for _, _, expected in rows:  # within three standard errors
        assert abs(int(expected) - observed) < 3 * observed**0.5


@pytest.mark.slow
def test_the_example_of_rows_out_of_core_is_as_good_as_in_memory(capsys, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    runpy.run_path(str(ROOT / "examples" / "plot_out_of_core.py"))
    told = re.findall(r"(\w[^\d]+).* (0\.\d+)$", capsys.readouterr().out, re.M)
    in_memory, in_portions, in_order = (float(accuracy) for _, accuracy in told)
    assert in_memory > 0.85
    assert in_portions > in_memory - 0.005
    assert in_order < in_memory - 0.05


@needs_callbacks
def test_the_example_of_looking_inside_draws_all_its_pictures(capsys, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    runpy.run_path(str(ROOT / "examples" / "plot_looking_inside.py"))
    assert "accuracy on the corners: 100%" in capsys.readouterr().out


@pytest.mark.slow
@needs_callbacks
def test_the_example_of_a_fit_that_is_killed_ends_with_the_same_bits(monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    command = [sys.executable, ROOT / "examples" / "plot_resuming.py"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=100)
    epoch = int(re.search(r"^killed after epoch (\d+) of 40$", done.stdout, re.M)[1])
    assert 5 <= epoch <= 40
    assert "resumed until epoch 40; identical to an uninterrupted fit: True" in done.stdout


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_files_exist(path):
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
        "import sys, skfcnn, skfcnn.inspection; "
        "print([name for name in ('matplotlib', 'polars', 'torch') if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


@pytest.fixture
def benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # for PyTorch and JAX, where installed
    restricts = hasattr(os, "sched_setaffinity")  # JAX is restricted to one processor
    before = os.sched_getaffinity(0) if restricts else None
    yield
    if restricts:
        os.sched_setaffinity(0, before)


@pytest.mark.large
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
    optional = {"PyTorch", "JAX", "JAX, compilation"}
    assert [row["contestant"] for row in rows if row["contestant"] not in optional] == [
        "MLPClassifier",
        "MLPClassifier (float32 X)",
        "skfcnn (float64)",
        "skfcnn",
        "skfcnn (float32 X)",
        "products (float32)",
    ]


# "search" is left out: it fits 240 models, whose numbers of epochs cannot be cut down.
@pytest.mark.slow
@pytest.mark.grid(3)
@pytest.mark.parametrize(
    "case",
    [
        "fit",
        "lbfgs",
        "predict",
        "memory",
        "import",
        "pickle",
        "scaling",
        "sparse",
        "elementwise",
    ],
)
def test_a_benchmark_case_gives_a_number_for_every_contestant(
    benchmarks, case, monkeypatch
):
    import sparse_rows
    import speed

    monkeypatch.setattr(sparse_rows, "N", 200)
    options = SimpleNamespace(threads=1, shapes="1", memory_gb=0.002, packages=None)
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
