"""Parameters of ensembles for tables, and what a table is compared with."""

import numpy as np
import pandas as pd

# `network_params` that turn off what L-BFGS does not have.
LBFGS = {
    "solver": "lbfgs",
    "schedule": None,
    "early_stopping": False,
    "weight_averaging": False,
    "learning_rate_multipliers": None,
    "scoring": None,
}


def assert_columns(table, **wanted):
    assert list(table.columns) == list(wanted)
    for name, values in wanted.items():
        is_text = any(isinstance(value, str) for value in values)
        assert table[name].dtype == (object if is_text else np.float64)
        pd.testing.assert_series_equal(
            table[name], pd.Series(values, dtype=table[name].dtype), check_names=False
        )
