"""The benchmarks of scaling run, and docs/scaling.md has their results."""

import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parent.parent.parent
BENCHMARKS = ROOT / "benchmarks"


def run(script, *options):
    command = [sys.executable, BENCHMARKS / script, *map(str, options)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.slow
def test_scaling_page_has_the_tables_of_the_model(tmp_path):
    printed = run("cluster_model.py", BENCHMARKS / "results" / "cluster.csv")
    page = (ROOT / "docs" / "scaling.md").read_text()
    rows = [line for line in printed.splitlines() if line.startswith("| ")]
    assert len(rows) == 18 + 3 * 5 + 4 * 2
    assert not [row for row in rows if row not in page]
    for name, value in re.findall(r"(\w) = ([\d.e-]+) s", printed):
        assert f"| {name} | {value} s |" in page


def test_model_recovers_its_constants(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import cluster_model as model

    made = model.Constants(c=2e-11, t=1e-4, u=3e-9, a=5e-4, b=2e-9)
    rows = []
    for n_workers in (1, 2):
        for n_parameters in (10**4, 10**5, 10**6, 10**7):
            seconds = model.seconds_of_step(made, 0, n_parameters, n_workers)
            what = f"{n_parameters} parameters"
            rows.append(("overhead", n_workers, what, 1e3 * seconds))
        for way in model.BATCHES:
            rate = model.predicted_speed(made, way, n_workers)
            rows.append(("speed", n_workers, f"{way}, {n_workers} workers", rate))
    table = pd.DataFrame(rows, columns=["case", "workers", "what", "value"])
    assert model.fit_constants(table) == pytest.approx(made, rel=1e-6)


@pytest.mark.large
def test_cluster_benchmark_runs(tmp_path):
    out = tmp_path / "cluster.csv"
    run(
        "cluster.py",
        *("--rows", 20_000, "--rows-on-disk", 250_000, "--epochs", 1, "--rounds", 1),
        *("--parameters", 10_000, 20_000, "--csv", out),
    )
    table = pd.read_csv(out)
    assert [*table["case"].unique()] == [
        "speed",
        "overhead",
        "scheduler",
        "memory",
        "predictions",
    ]
    assert (table["value"] >= 0.0).all()
    assert table["value"][table["case"] == "predictions"].item() < 1e-12


@pytest.mark.large
def test_training_by_portions_is_as_accurate_as_in_memory():
    sizes = ("--rows", 400_000, "--group", 1_000, "--portion", 100)
    printed = run("out_of_core.py", *sizes, "--epochs", 8)
    accuracies = [float(each) for each in re.findall(r"accuracy ([\d.]+)", printed)]
    in_portions, in_memory = accuracies
    assert in_memory > 0.85
    assert in_portions > in_memory - 0.005
