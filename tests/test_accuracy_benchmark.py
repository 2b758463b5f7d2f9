"""The benchmarks of accuracy: data sets, splits, scores, reports."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

ROOT = Path(__file__).parent.parent
BENCHMARKS = ROOT / "benchmarks"


@pytest.fixture(autouse=True)
def benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)


@pytest.mark.slow
def test_accuracy_measures_resumes_and_reports(tmp_path):
    X, y = load_wine(return_X_y=True)
    names = {"feature_names": np.arange(13).astype(str), "cat_group": np.full(13, -1)}
    np.savez(tmp_path / "wine.npz", X=X.astype("f4"), y=y, classes=np.arange(3), **names)
    results = tmp_path / "results.csv"
    command = [sys.executable, BENCHMARKS / "accuracy.py", "--names", "wine"]
    command += ["--data", tmp_path, "--results", results, "--seeds", "0"]
    command += ["--contestants", "contestants.logreg"]
    subprocess.run(command, check=True, capture_output=True)
    again = subprocess.run([*command, "contestants.rf"], check=True, capture_output=True)
    assert b"rf wine 0 both ok" in again.stdout
    assert b"logreg" not in again.stdout
    rows = list(csv.DictReader(results.read_text().splitlines()))
    assert [row["model"] for row in rows] == ["logreg", "rf"]
    for row in rows:
        assert float(row["acc"]) > 0.9
        assert 0.0 < float(row["logloss"]) < 0.5
        assert float(row["auc"]) > 0.95
    from accuracy_report import compare
    from aggregates import read

    found = compare(read([results]), "logreg", "rf")
    a, b = (float(row["logloss"]) for row in rows)
    assert found["rows"] == 1
    assert found["logloss"] == pytest.approx(a / b)
    wins = 1.0 * (a < b)
    assert found["wins by logloss"] == f"{wins:g} of 1"


def test_the_scores_of_accuracy_by_hand():
    from protocols import scores

    p = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.5, 0.1, 0.4], [0.0, 0.0, 1.0]])
    found = scores(np.array([0, 1, 2, 2]), p)
    assert found["acc"] == 0.75
    assert found["logloss"] == pytest.approx(-np.log([0.7, 0.8, 0.4, 1.0]).mean(), abs=1e-6)
    assert found["brier"] == pytest.approx((0.14 + 0.06 + 0.62 + 0.0) / 4, abs=1e-6)


def test_no_data_set_is_in_two_groups():
    import datasets

    assert len(datasets.NAMES) == 30
    assert len(datasets.REGRESSION_NAMES) == 22
    development = datasets.DEVELOPMENT_NAMES, datasets.REGRESSION_DEVELOPMENT_NAMES
    assert min(map(len, development)) >= 40
    groups = [datasets.NAMES, datasets.REGRESSION_NAMES, *development]
    assert len(datasets.RECIPES) == sum(map(len, groups))


def test_a_table_as_it_comes_keeps_missing_values_and_kinds():
    from datasets import mixed
    from recipes import Table

    columns = pd.DataFrame({"a": [1.0, np.nan], "code": [3, 4]})
    frame = mixed(Table(columns, pd.Series([0.5, 1.5]), categorical=("code",)))
    assert list(frame) == ["a", "code", "target"]
    assert frame["a"].isna().tolist() == [False, True]
    assert frame["code"].dtype == "category"


def test_the_split_is_that_of_the_protocol():
    from datasets import split

    y = np.repeat([0, 1, 2], [24_000, 6_000, 8])
    rest, test = split(y, 0)
    rows = np.concatenate([rest, test])
    assert len(np.unique(rows)) == len(rows)
    assert np.bincount(y[rows]).tolist() == [15_996, 3_999, 8]
    assert len(test) == pytest.approx(0.2 * len(rows), abs=1)


def test_the_scores_of_a_regression_by_hand():
    from protocols import regression_scores

    found = regression_scores(np.array([0.0, 2.0, 4.0]), np.array([1.0, 2.0, 2.0]))
    # The mean squared error is 5 / 3, and the variance of y 8 / 3.
    assert found["r2"] == pytest.approx(1 - 5 / 8)
    assert found["nrmse"] == pytest.approx(np.sqrt(5 / 8))
    assert found["mae"] == pytest.approx(1.0)


def test_the_split_of_a_regression_is_that_of_the_protocol():
    from datasets import split_regression

    rest, test = split_regression(np.arange(25_000.0), 1)
    rows = np.random.default_rng(1).choice(25_000, 20_000, replace=False)
    assert len(test) == 4_000
    np.testing.assert_array_equal(np.sort([*rest, *test]), np.sort(rows))
    for found, expected in zip(
        split_regression(np.arange(100.0), 1),
        train_test_split(np.arange(100), test_size=0.2, random_state=1),
        strict=True,
    ):
        np.testing.assert_array_equal(found, expected)


def test_a_regression_set_marks_what_is_often_missing():
    from datasets import encode_regression
    from recipes import Table

    columns = pd.DataFrame(
        {
            "often": [np.nan, 1.0, 2.0, 6.0] * 10,
            "rarely": [np.nan, *np.arange(39.0)],
            "constant": 7,
            "colour": [None, "red", "green", "red"] * 10,
            "letter": [None, *"aab" * 13],
        }
    )
    made = encode_regression(Table(columns, pd.Series(np.arange(40) / 3)))
    assert made.feature_names.tolist() == [
        *("often", "often_na", "rarely"),
        *("colour=green", "colour=missing", "colour=red", "letter=b"),
    ]
    assert made.cat_group.tolist() == [-1, -1, -1, 0, 0, 0, 1]
    assert made.X[0].tolist() == [2.0, 1.0, 19.0, 0.0, 1.0, 0.0, 0.0]
    assert made.y.dtype == np.float64
    assert made.y[1] == 1 / 3


def test_rare_categories_are_lumped():
    from regression_recipes import lump

    values = pd.Series(["a", "b", "a", None, "c", "b"])
    assert lump(values, 2).fillna("-").tolist() == ["a", "b", "a", "-", "other", "b"]


def test_a_regressor_is_measured(tmp_path):
    from accuracy import measure
    from protocols import REGRESSION

    X = np.random.default_rng(0).standard_normal((100, 3)).astype("f4")
    names = {"feature_names": np.array(["a", "b", "c"]), "cat_group": np.full(3, -1)}
    np.savez(tmp_path / "yacht.npz", X=X, y=X @ [1.0, 2.0, 3.0], **names)
    row = measure("regression_contestants.ridge", "yacht", 0, "frame", tmp_path)
    assert {"model", "dataset", "seed", "form", "status", *row} == set(REGRESSION.columns)
    assert (row["n_fit"], row["n_test"]) == (80, 20)
    assert row["r2"] > 0.99


def test_regression_contestants_take_the_seed():
    from accuracy import resolve
    from protocols import REGRESSION

    for path in REGRESSION.contestants:
        try:
            model = resolve(path)(seed=3)
        except ImportError:
            continue
        seeds = [
            v
            for k, v in model.get_params().items()
            if k.endswith(("random_state", "random_seed"))
        ]
        assert 3 in seeds or path.endswith("ridge")


def test_the_comparison_of_regressors_by_hand():
    from regression_report import compare_r2

    rows = pd.DataFrame(
        [
            # R2 and nRMSE are averaged over seeds, and then compared.
            ("ours", "a", 0, 0.9, 0.3, 1.0),
            ("ours", "a", 1, 0.7, 0.5, 3.0),
            ("ours", "b", 0, -0.1, 0.9, 2.0),
            ("mlp", "a", 0, 0.5, 0.2, 4.0),
            ("mlp", "a", 1, 0.9, 0.2, 4.0),
            ("mlp", "b", 0, 0.0, 0.9, 1.0),
            ("mlp", "c", 0, -9.0, 3.0, 1.0),  # ours has no result there
        ],
        columns=["model", "dataset", "seed", "r2", "nrmse", "fit_cpu_s"],
    )
    found = compare_r2(rows, "ours", "mlp")
    assert found["higher R2"] == "1 of 2"
    assert found["lowest R2"] == pytest.approx(-0.1)
    assert found["its lowest R2"] == 0.0
    assert found["nRMSE"] == pytest.approx(np.sqrt(2.0))
    assert found["CPU seconds"] == pytest.approx(1.0)


def test_the_page_has_the_tables_of_the_report(monkeypatch, capsys):
    import regression_report

    results = BENCHMARKS / "results" / "regression_accuracy.csv"
    monkeypatch.setattr(sys, "argv", ["regression_report.py", str(results)])
    regression_report.main()
    pairs, _, r2, *_ = capsys.readouterr().out.split("\n\n")
    rows = [line for table in (pairs, r2) for line in table.splitlines()[2:]]
    page = (ROOT / "docs" / "coming_from_mlpregressor.md").read_text()
    assert len(rows) == 4 + 22
    assert not [row for row in rows if row not in page]
