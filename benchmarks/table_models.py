"""Models for tables: seconds of a call of `predict_proba`, for one row and for many.

The table has 20 numeric and 4 categorical columns. TabularClassifier gets the table itself;
CatBoost also gets the names of the categorical columns, and LightGBM pandas categories,
which are created before the time is measured.
"""

from importlib.util import find_spec

import numpy as np
import pandas as pd
from clock import timed
from turns import Contestant, Setting

N_TRAINING, N_NUMBERS = 4000, 20
KINDS = {"c0": 3, "c1": 8, "c2": 30, "c3": 300}
OPTIONAL = {"CatBoost": "catboost", "LightGBM": "lightgbm"}


def draw(n_rows, seed):
    """Return a table and classes."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.standard_normal((n_rows, N_NUMBERS))).add_prefix("n")
    for name, n_kinds in KINDS.items():
        X[name] = [f"kind {i}" for i in rng.integers(0, n_kinds, n_rows)]
    noise = rng.standard_normal(n_rows)
    return X, (X["n0"] + X["n1"] * X["n2"] + noise > 0.0).to_numpy().astype(int)


def ensemble(effort, **params):
    # A call takes the same time after one epoch as after all; of trees, all are trained.
    from skfcnn import TabularClassifier

    short = {"network_params": {"max_iter": 1}, "random_state": 0}
    return TabularClassifier(effort, **short, **params)


def networks(effort):
    return ensemble(effort, trees=False)


def catboost():
    from catboost import CatBoostClassifier

    words = {"cat_features": [*KINDS], "allow_writing_files": False}
    return CatBoostClassifier(**words, thread_count=1, verbose=False, random_state=0)


def lightgbm():
    from lightgbm import LGBMClassifier

    return LGBMClassifier(n_jobs=1, verbose=-1, random_state=0)


def boosting():
    """Return HistGradientBoostingClassifier behind a ColumnTransformer."""
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OrdinalEncoder

    encoder = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=np.nan, max_categories=254
    )
    encode = make_column_transformer((encoder, [*KINDS]), remainder="passthrough")
    return make_pipeline(
        encode,
        HistGradientBoostingClassifier(
            categorical_features=range(len(KINDS)), random_state=0
        ),
    )


MODELS = {
    "fast": (ensemble, "fast"),
    "balanced": (ensemble, "balanced"),
    "best": (ensemble, "best"),
    "fast, networks only": (networks, "fast"),
    "balanced, networks only": (networks, "balanced"),
    "best, networks only": (networks, "best"),
    "CatBoost": (catboost,),
    "LightGBM": (lightgbm,),
    "HistGradientBoosting": (boosting,),
}


def make_predict(name, n_rows, calls):
    (X, y), (new, _) = draw(N_TRAINING, 0), draw(n_rows, 1)
    if name == "LightGBM":
        kinds = {own: pd.CategoricalDtype(sorted(X[own].unique())) for own in KINDS}
        X, new = X.astype(kinds), new.astype(kinds)
    make, *arguments = MODELS[name]
    model = make(*arguments).fit(X, y)
    return timed(lambda: [model.predict_proba(new) for _ in range(calls)], calls)


def settings(options):
    def setting(name, n_rows, calls):
        contestants = [
            Contestant(who, make_predict, (who, n_rows, calls))
            for who in MODELS
            if who not in OPTIONAL or find_spec(OPTIONAL[who])
        ]
        return Setting(name, contestants, options.threads)

    return [
        setting("1 row of a table", 1, 50),
        setting("100,000 rows of a table", 10**5, 1),
    ]
