"""How classifiers and regressors are measured: splits, predictions, scores, contestants."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from datasets import REGRESSIONS, split, split_regression

LEVEL = 0.9  # of intervals and of sets of classes


def scores(y, probabilities):
    """Return the scores of a classifier, for classes 0 to k - 1."""
    from sklearn.metrics import balanced_accuracy_score, log_loss, roc_auc_score

    k = probabilities.shape[1]
    p = np.clip(probabilities.astype(float), 1e-7, 1.0)
    p /= p.sum(axis=1, keepdims=True)
    guess = probabilities.argmax(axis=1)
    columns = p[:, 1] if k == 2 else p
    return {
        "k": k,
        "acc": float((guess == y).mean()),
        "bal_acc": float(balanced_accuracy_score(y, guess)),
        "logloss": float(log_loss(y, p, labels=range(k))),
        "auc": float(roc_auc_score(y, columns, multi_class="ovr", labels=range(k))),
        "brier": float(((p - np.eye(k)[y]) ** 2).sum(axis=1).mean()),
    }


def regression_scores(y, predictions):
    """Return the scores of a regressor; nrmse = RMSE / standard deviation of y."""
    errors = predictions - y
    nrmse = float(np.sqrt((errors**2).mean()) / y.std())
    return {"r2": 1.0 - nrmse**2, "nrmse": nrmse, "mae": float(np.abs(errors).mean())}


def interval_scores(y, intervals):
    """Return how many intervals have the number in them, their size and their score.

    The interval score of Winkler is the width, and 2 / (1 - LEVEL) times what the number
    is outside: 20 times at 90 %. Both are in standard deviations of y.
    """
    low, high = np.asarray(intervals, float).T
    outside = np.maximum(low - y, 0.0) + np.maximum(y - high, 0.0)
    width = high - low
    return {
        "covered": int((outside == 0.0).sum()),
        "size": float(width.mean() / y.std()),
        "score": float((width + 2.0 / (1.0 - LEVEL) * outside).mean() / y.std()),
    }


def set_scores(y, sets):
    """Return how many sets have the class in them, how many classes, and how many none."""
    found, sizes = sets[np.arange(len(y)), y], sets.sum(axis=1)
    empty = int((sizes == 0).sum())
    return {"covered": int(found.sum()), "size": float(sizes.mean()), "empty": empty}


class Protocol(NamedTuple):
    """How classifiers or regressors are measured."""

    contestants: list
    split: Callable  # y, seed -> rows for training, rows for the test
    predict: str  # the method
    scores: Callable  # y, predictions -> figures
    figures: list
    shown: list
    plain: str = ""  # a method whose seconds are compared with those of `predict`

    @property
    def columns(self):
        """The columns of a file of results."""
        first = ["model", "dataset", "seed", "form", "status", "n_fit", "n_test", "d"]
        seconds = ["fit_s", "fit_cpu_s", "pred_s", *["plain_s"] * bool(self.plain)]
        return [*first, *self.figures, *seconds]


def named(module, names):
    return [f"{module}.{name}" for name in names.split()]


CLASSIFICATION = Protocol(
    contestants=named("contestants", "mlp hgb lgbm xgb catboost fast balanced best"),
    split=split,
    predict="predict_proba",
    scores=scores,
    figures=["k", "acc", "bal_acc", "logloss", "auc", "brier"],
    shown=["acc", "logloss", "fit_cpu_s"],
)
REGRESSION = Protocol(
    contestants=named(
        "regression_contestants",
        "ridge mlp_tts hgb lgbm xgb catboost fast balanced best",
    ),
    split=split_regression,
    predict="predict",
    scores=regression_scores,
    figures=["r2", "nrmse", "mae"],
    shown=["r2", "nrmse", "fit_cpu_s"],
)
SETS = CLASSIFICATION._replace(
    contestants=named("interval_contestants", "balanced_sets mapie_sets"),
    predict="predict_set",
    scores=set_scores,
    figures=["covered", "size", "empty"],
    shown=["covered", "n_test", "size", "empty"],
    plain="predict_proba",
)
INTERVALS = REGRESSION._replace(
    contestants=named("interval_contestants", "balanced_intervals cqr"),
    predict="predict_interval",
    scores=interval_scores,
    figures=["covered", "size", "score"],
    shown=["covered", "n_test", "score"],
    plain="predict",
)


def protocol_of(name, intervals=False):
    """Return the protocol of a data set: of predictions, or of intervals or sets."""
    if name in REGRESSIONS:
        return INTERVALS if intervals else REGRESSION
    return SETS if intervals else CLASSIFICATION
