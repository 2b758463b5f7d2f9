"""The reports of the benchmarks of accuracy: floors, pairs, pictures."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture(autouse=True)
def benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)


def rows_of(figure, table, **columns):
    """Return rows of results: {model: {data set: its values by seed}}."""
    rows = [
        {"model": model, "dataset": name, "seed": seed, figure: value}
        for model, sets in table.items()
        for name, values in sets.items()
        for seed, value in enumerate(values)
    ]
    return pd.DataFrame(rows).assign(**columns)


def test_a_ratio_is_that_of_shifted_geometric_means_of_means_over_seeds():
    from aggregates import ERROR, LOGLOSS, counted, ratio

    table = {
        "a": {"x": [0.1, 0.3], "y": [0.0]},
        "b": {"x": [0.4, 0.4], "y": [0.1], "z": [9]},
    }
    a = np.sqrt(0.205 * 0.005) - 0.005
    b = np.sqrt(0.405 * 0.105) - 0.005
    rows = rows_of("error", table)
    assert ratio(rows, "a", "b", ERROR) == pytest.approx(a / b)
    assert counted(rows, "a", "b") == "3, of 2 sets"
    # A log loss counts as 0.001 at least.
    found = ratio(rows_of("logloss", table), "a", "b", LOGLOSS)
    assert found == pytest.approx(np.sqrt(0.2 * 0.001 / (0.4 * 0.1)))
    assert np.isnan(ratio(rows, "a", "c", ERROR))


def test_the_worst_single_set_is_compared_with_the_best_of_the_others():
    from aggregates import LOGLOSS, TREES, against_best, worst_floor

    table = {
        "balanced": {"x": [0.3, 0.5], "y": [0.018], "small": [9.0]},
        "catboost": {"x": [0.2, 0.4], "y": [0.5], "small": [1.0]},
        "lgbm": {"x": [0.9, 0.9], "y": [0.012], "small": [1.0]},
        "hgb": {"x": [0.1, 0.9], "y": [0.5], "small": [1.0]},
    }
    rows = rows_of("logloss", table, n_test=500)
    rows.loc[rows.dataset == "small", "n_test"] = 399
    means = against_best(rows, "balanced", TREES, LOGLOSS, min_test=400)
    floor = worst_floor(means, LOGLOSS, 1.15, shift=0.01)
    assert floor.value == pytest.approx(0.41 / 0.31)  # by the means over seeds
    assert (floor.rows, floor.is_met) == ("x, of 2 sets", "no")
    # Differences of at most 0.2 are allowed: nothing is left to be worse.
    floor = worst_floor(means, LOGLOSS, 1.15, shift=0.01, allowed=0.2)
    assert (floor.value, floor.is_met) == (1.0, "yes")


def test_rows_are_those_of_a_form_and_of_the_baselines(tmp_path):
    from aggregates import read

    first = {"dataset": "x", "seed": 0, "status": "ok", "acc": 0.9}
    names = ["mlp", "hgb", "hgb", "balanced", "balanced_networks"]
    forms = ["both", "frame", "one-hot", "frame", "frame"]
    results, baselines = tmp_path / "r.csv", tmp_path / "b.csv"
    pairs = zip(names, forms, strict=True)
    rows = [first | {"model": model, "form": form} for model, form in pairs]
    pd.DataFrame(rows).to_csv(results)
    others = [first | {"model": m} for m in ("realmlp_td", "catboost")]
    pd.DataFrame(others).to_csv(baselines)
    rows = read([results], "frame", baselines)
    assert rows.model.tolist() == ["mlp", "hgb", *names[3:], "realmlp_td"]
    assert rows.error.iloc[0] == pytest.approx(0.1)
    networks = read([results], "frame", networks=True)
    assert networks.model.tolist() == ["mlp", "hgb", "balanced"]
    with pytest.raises(ValueError, match="rows of both forms"):
        read([results])
    # Files from before there were forms have one-hots.
    assert read([baselines], "one-hot").model.tolist() == ["realmlp_td", "catboost"]


def all_rows(figures, models):
    """Return rows of two data sets and two seeds, the same for every model."""
    rows = [
        {"model": model, "dataset": name, "seed": seed, "n_test": 500, **figures}
        for model in models
        for name in ("adult", "x")
        for seed in (0, 1)
    ]
    return pd.DataFrame(rows).assign(form="both", status="ok", fit_cpu_s=3.0)


MODELS = ["mlp", "mlp_tts", "hgb", "lgbm", "xgb", "catboost", "realmlp_td", "realmlp_td_s"]
MODELS += ["fast", "balanced", "best"]
FIGURES = {
    "accuracy_report": {"acc": 0.9, "logloss": 0.2, "brier": 0.1},
    "regression_report": {"nrmse": 0.5, "r2": 0.75, "mae": 0.4},
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_report_has_all_floors(name, tmp_path, monkeypatch, capsys):
    import importlib

    report = importlib.import_module(name)
    path = tmp_path / "results.csv"
    all_rows(FIGURES[name], MODELS).to_csv(path)
    monkeypatch.setattr(sys, "argv", [name, str(path)])
    report.main()
    floors, pairs, *_ = capsys.readouterr().out.split("\n\n")
    # All are the same: what asks for no more than that is met.
    lines = [line.split(" | ") for line in floors.splitlines()[2:]]
    n_floors = {"accuracy_report": 26, "regression_report": 15}
    assert len(lines) == n_floors[name]
    met = {line[1] for line in lines if line[4] == "yes"}
    assert "logloss" in met or "nrmse" in met
    assert "| balanced / catboost |" in pairs


def test_a_report_of_intervals_has_coverage_score_and_cost():
    from interval_report import interval_floors, set_floors

    rows = all_rows({"covered": 450, "size": 1.0, "score": 2.0}, ["balanced_intervals"])
    rows = rows.assign(pred_s=3.0, plain_s=2.0)
    other = rows.assign(model="cqr", score=2.5)
    floors = interval_floors(pd.concat([rows, other]))
    assert [f.value for f in floors] == pytest.approx([0.9, 0.9, 0.0, 0.8, 1.5])
    assert {f.is_met for f in floors} == {"yes"}
    # 1000 rows of two seeds: 877 is the lower 1 % limit.
    low = rows.assign(model="balanced_sets", covered=438, size=1.1, empty=0)
    other = other.assign(model="mapie_sets", empty=100)  # of 500: 1.2 if they have a class
    floors = set_floors(pd.concat([low, other]))
    assert [f.value for f in floors] == pytest.approx([0.876, 0.876, 2.0, 1.1, 1.1])
    assert [f.is_met for f in floors] == ["no", "yes", "no", "no", "yes"]
    assert floors[2].rows == "adult, x"


@pytest.mark.parametrize("name", FIGURES)
def test_the_picture_has_a_panel_for_each_figure(name, tmp_path):
    pytest.importorskip("matplotlib")
    import accuracy_picture
    from aggregates import read

    path = tmp_path / "results.csv"
    rows = all_rows(FIGURES[name], MODELS)
    rows = rows[(rows.model != "realmlp_td") | (rows.dataset == "x")]
    rows.to_csv(path)
    figure = accuracy_picture.picture(read([path]))
    titles = [axes.get_ylabel() for axes in figure.axes]
    assert len(titles) == (2 if name == "accuracy_report" else 1)
    assert all("lower is better" in title for title in titles)
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert "skfcnn, balanced" in texts and "RealMLP-TD\n(1 sets)" in texts
