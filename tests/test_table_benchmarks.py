"""The benchmarks of tables: predictions, and a fit to many rows."""

import sys
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture(autouse=True)
def benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)


@pytest.mark.parametrize(
    "name", ["fast", "balanced, networks only", "HistGradientBoosting"]
)
def test_predictions_of_a_table_take_time(name, monkeypatch):
    import table_models

    monkeypatch.setattr(table_models, "N_TRAINING", 200)
    assert table_models.make_predict(name, n_rows=2, calls=1)() > 0.0


def test_networks_only_are_without_trees():
    import table_models

    for name, (maker, *arguments) in table_models.MODELS.items():
        if name.endswith("networks only"):
            assert maker(*arguments).trees is False
        elif maker is table_models.ensemble:
            assert maker(*arguments).trees == "auto"


def test_the_settings_of_predict_have_those_of_tables():
    from types import SimpleNamespace

    import predict

    settings = {each.name: each for each in predict.settings(SimpleNamespace(threads=1))}
    names = [who.name for who in settings["1 row of a table"].contestants]
    assert names[:3] == ["fast", "balanced", "best"]
    assert names[3:6] == [f"{each}, networks only" for each in names[:3]]
    assert "HistGradientBoosting" in names
    assert "100,000 rows of a table" in settings


def test_the_large_table_has_columns_that_tell_the_class():
    from large_tables import KINDS, N_NUMBERS, large_table

    table, y = large_table(3000)
    assert table.shape == (3000, N_NUMBERS + len(KINDS)) == (3000, 50)
    assert set(y) == {0, 1}
    assert table["c5"].nunique() == 5 and 1000 < table["c5000"].nunique() <= 3000
    assert table["n0"].isna().any() and not table["n1"].isna().any()
    assert np.corrcoef(table["n0"].fillna(0.0), y)[0, 1] > 0.1


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_fit_to_a_small_table_is_measured(monkeypatch):
    import large_tables

    made = large_tables.CONTESTANTS["fast"]

    def few_epochs(table):
        model, table = made(table)
        return model.set_params(network_params={"max_iter": 1}), table

    monkeypatch.setitem(large_tables.CONTESTANTS, "fast", few_epochs)
    seconds, gigabytes, accuracy = large_tables.measured("fast", 1000)
    assert seconds > 0.0 and gigabytes >= 0.0 and 0.4 < accuracy <= 1.0


def test_a_raw_table_is_the_same_in_all_forms_of_text(monkeypatch):
    import raw_tables

    short = partial(raw_tables.TabularClassifier, network_params={"max_iter": 1})
    monkeypatch.setattr(raw_tables, "TabularClassifier", short)
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "price": np.round(rng.lognormal(6, 2, 300), 2),
            "pieces": rng.integers(1, 900, 300),
            "sold": pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(300), "D"),
            "way": pd.to_timedelta(rng.integers(1, 900, 300), "min"),
            "word": rng.choice(["a", "b", "c"], 300),
        }
    )
    table.loc[::7, ["price", "pieces"]] = np.nan
    parts = np.arange(200), np.arange(200, 300)
    labels = np.where(table["pieces"] > 400, "x", "y")
    figures = [
        raw_tables.fitted(form(table), labels, "fast", parts)
        for form in [raw_tables.by_hand, *raw_tables.FORMS.values()]
    ]
    accuracy, loss, _, kinds = figures[0]
    assert kinds["sold"] == "date" and kinds["way"] == "duration"
    for each in figures[1:]:
        assert each[0] == accuracy and each[3] == kinds
        np.testing.assert_allclose(each[1], loss, rtol=1e-6)
