"""Callbacks for the fit of a classifier or regressor, by the protocol of scikit-learn.

They are set with `set_callbacks`, like those of scikit-learn, and need scikit-learn 1.9.
In a search, clones share their callbacks, so a callback stores the values of each fit under
the estimator that is fitted. What it records in a worker process stays in that process.
"""

import os
import time
from collections.abc import Callable
from numbers import Integral
from pathlib import Path

import numpy as np
from sklearn.metrics import check_scoring

from skfcnn._files import remove_left_parts
from skfcnn.estimator.base import FittedNetwork
from skfcnn.estimator.checkpoints import (
    SUFFIX,
    checkpoint_path,
    is_due,
    load_checkpoint,
    path_of,
    remove_all_but,
    write_checkpoint,
)
from skfcnn.estimator.validation import WeightedScorer
from skfcnn.network.parameters import Parameters
from skfcnn.training.stopping import NoImprovement, check_score

__all__ = [
    "Checkpoint",
    "EarlyStopping",
    "GradientMonitor",
    "TimeBudget",
    "load_checkpoint",
]


class _EpochCallback:
    """Keeps a value for every running fit."""

    _for_tables: str  # what an ensemble has instead

    def __init__(self) -> None:
        self._of_fit: dict = {}

    def setup(self, estimator, context):
        """Called when a fit begins."""
        self._check_kind(estimator)
        self._of_fit[id(estimator)] = self._begin(estimator, context)

    def _check_kind(self, estimator):
        """Raise TypeError for an estimator that is not a single network."""
        if not isinstance(estimator, FittedNetwork):
            raise TypeError(
                f"{type(self).__name__} is called after the epochs of a single network, "
                f"and was set on a {type(estimator).__name__}. Set it on a "
                "FullyConnectedClassifier or FullyConnectedRegressor. For tables, use "
                f"{self._for_tables}."
            )

    def on_fit_task_begin(self, estimator, context):
        """Called when a fit or an epoch begins."""

    def teardown(self, estimator, context):
        """Called when a fit has ended."""
        self._of_fit.pop(id(estimator), None)  # also called after a failed setup

    def __getstate__(self):
        """Drop the running fits: they belong to this process."""
        return vars(self) | {"_of_fit": {}}


def _is_epoch(context) -> bool:
    return context.task_name == "epoch"


class EarlyStopping(_EpochCallback):
    """Stop when a score no longer improves.

    The score is computed on the rows given to `fit` as `X_val`, or on the training rows if
    there are none. To restore the parameters of the best epoch, use an estimator with
    `early_stopping=True`.

    Parameters
    ----------
    scoring : str, callable or None, default=None
        The name of a scorer of scikit-learn, or a function `(estimator, X, y) -> float`
        whose greater values are better. None is the `score` of the estimator: the accuracy
        of a classifier, R^2 of a regressor, or D^2 of the pinball loss with
        `loss="quantile"`. If rows with weights were given to `fit`, the scorer also gets
        `sample_weight`. If it does not accept `sample_weight`, all rows count equally, and
        there is a warning.
    n_iter_no_change : int, default=10
        Stop after more than this number of consecutive epochs without an improvement.
    tol : float, default=1e-4
        An epoch is an improvement if its score is better than the best one by at least
        this amount.
    """

    _for_tables = "network_params={'n_iter_no_change': ...}"

    def __init__(
        self,
        scoring: str | Callable | None = None,
        *,
        n_iter_no_change: int = 10,
        tol: float = 1e-4,
    ) -> None:
        super().__init__()
        self.scoring = scoring
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol

    def _begin(self, estimator, context):
        scorer = check_scoring(estimator, scoring=self.scoring)
        scorer = WeightedScorer(scorer, self.scoring)
        return scorer, NoImprovement(float(self.tol), self.n_iter_no_change)

    def on_fit_task_end(self, estimator, context, *, X, y, metadata, fitted_estimator):
        """Score the network after an epoch; return whether to stop."""
        if not _is_epoch(context):
            return False
        scorer, stopping = self._of_fit[id(estimator)]
        rows, labels, weights = X, y, metadata.get("sample_weight")
        if "X_val" in metadata:
            rows, labels = metadata["X_val"], metadata["y_val"]
            weights = metadata.get("sample_weight_val")
        score = scorer(fitted_estimator, rows, labels, weights)
        check_score(score, epoch=len(fitted_estimator.loss_curve_))
        stopping.update(-score)
        return stopping.on_plateau


class TimeBudget(_EpochCallback):
    """Stop before an epoch that would not end within the budget.

    Parameters
    ----------
    seconds : float
        Time for one fit, from its start. An epoch is expected to last as long as the
        longest epoch before it. The first epoch is always completed.
    """

    _for_tables = "time_limit"

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    def _begin(self, estimator, context):
        now = time.perf_counter()
        return {"start": now, "last": now, "longest": 0.0}

    def on_fit_task_end(self, estimator, context):
        """Measure the time; return whether too little is left for another epoch."""
        if not _is_epoch(context):
            return False
        times, now = self._of_fit[id(estimator)], time.perf_counter()
        times["longest"] = max(times["longest"], now - times["last"])
        times["last"] = now
        return now - times["start"] + times["longest"] > self.seconds


class Checkpoint(_EpochCallback):
    """Write the estimator and its solver to a file, so that a killed fit can be resumed.

    `fit(X, y, resume_from=directory)` continues from the last file. The result is
    identical, bit for bit, to that of a fit without interruption. `load_checkpoint` returns
    the estimator of a file, as if its fit had ended there. Files are written atomically: if
    the process is killed while it writes a file, the previous file is still complete.

    A `TabularClassifier` writes a file `<fit>.ensemble` with its folds and random seeds,
    and the files of each of its networks. A resumed fit trains only what was not trained.

    Each fit writes its own files, also in a search and in worker processes.

    Parameters
    ----------
    directory : str or path
        Where to write. It is created when a fit begins, if it does not exist. A relative
        path is relative to the current directory at that moment.
    every : int or "best", default="best"
        A number n writes a file after every n-th epoch; with 1 no epoch is lost. "best"
        writes after each epoch that is the best so far, by the validation score, or by the
        training loss if there is no validation.
    keep : int or None, default=2
        The number of files to keep for each fit, the last ones; None keeps all.

    Notes
    -----
    A file holds numbers, text and arrays, and no code. It is safe to open a file from an
    untrusted source. Parameters that are functions or other objects (`schedule`, `scoring`,
    a RandomState) are recorded by their qualified names only. The estimator that resumes
    the fit must have the same objects, as it does when the same script is run again.

    The state of other callbacks is not written: in a resumed fit, they start from scratch.
    A fit by "lbfgs" is written, but cannot be resumed; as a network of an ensemble, it
    starts again.
    """

    def __init__(
        self,
        directory: str | os.PathLike,
        *,
        every: int | str = "best",
        keep: int | None = 2,
    ) -> None:
        super().__init__()
        if every != "best" and not _is_count(every):
            raise ValueError(f"every must be 'best' or a number of epochs; got {every!r}.")
        if keep is not None and not _is_count(keep):
            raise ValueError(f"keep must be a number of files, or None; got {keep!r}.")
        path_of(directory, "directory")
        self.directory = os.fspath(directory)
        self.every = every
        self.keep = keep

    def _check_kind(self, estimator):
        """Accept an ensemble too: it writes its files itself."""
        if not getattr(estimator, "_writes_checkpoints", False):
            super()._check_kind(estimator)

    def _begin(self, estimator, context):
        directory = Path(self.directory).absolute()  # the current directory may change
        directory.mkdir(parents=True, exist_ok=True)
        remove_left_parts(directory, SUFFIX)
        return directory

    def on_fit_task_end(self, estimator, context, *, fitted_estimator):
        """Write the estimator after an epoch, if a file is due."""
        if not (_is_epoch(context) and is_due(self.every, fitted_estimator)):
            return
        fit_id, directory = estimator._training.fit_id, self._of_fit[id(estimator)]
        path = checkpoint_path(directory, fit_id, len(fitted_estimator.loss_curve_))
        write_checkpoint(path, estimator, fitted_estimator)
        remove_all_but(self.keep, directory, fit_id)


def _is_count(value) -> bool:
    return isinstance(value, Integral) and int(value) >= 1


class GradientMonitor(_EpochCallback):
    """Record the size of the gradients, deltas and updates of each layer.

    They show common problems of training: gradients that vanish or explode from the output
    layer to the first layer, and updates that are very large or very small relative to the
    weights. For a regressor with `scale_target=True`, they are those of training, on
    standardized y; `coefs_` has the weights of the output layer in the units of y.

    Parameters
    ----------
    n_rows : int, default=1000
        The number of rows for the norms of gradient and delta, which are those of the
        objective over the first rows of X, with their weights. On a cluster, the first rows
        of the sample in memory are used.

    Attributes
    ----------
    records_ : list of dict
        One record for each epoch and layer of the latest fit: `epoch` and `layer`, from 1;
        `gradient`, the norm of dJ/dW; `delta`, the root mean square over rows and units of
        n_rows times delta; `weights`, the norm of W; `update`, the norm of the change of W
        in the epoch.
    """

    records_: list[dict]
    _for_tables = "one of the networks in estimators_, trained again"

    def __init__(self, n_rows: int = 1000) -> None:
        super().__init__()
        self.n_rows = n_rows

    def _begin(self, estimator, context):
        self.records_ = []
        return {"weights": None, "records": self.records_}

    def on_fit_task_begin(self, estimator, context):
        """Store the initial weights, and the rows."""
        if _is_epoch(context) and self._of_fit[id(estimator)]["weights"] is None:
            run = estimator._run
            data = run.standardized.rows(slice(self.n_rows)).astype(estimator.dtype_)
            weights = _weights(run)
            self._of_fit[id(estimator)] |= {"weights": weights, "data": data}

    def on_fit_task_end(self, estimator, context, *, fitted_estimator):
        """Record the norms after an epoch."""
        if not _is_epoch(context):
            return
        of_fit = self._of_fit[id(estimator)]
        weights = _weights(estimator._run)
        gradients, deltas = _gradients(estimator._run, of_fit["data"])
        layers = zip(gradients, deltas, weights, of_fit["weights"], strict=True)
        for layer, (gradient, delta, W, W_before) in enumerate(layers, start=1):
            record = {
                "epoch": len(fitted_estimator.loss_curve_),
                "layer": layer,
                "gradient": float(np.linalg.norm(gradient)),
                "delta": float(np.sqrt(np.mean(delta**2)) * len(delta)),
                "weights": float(np.linalg.norm(W)),
                "update": float(np.linalg.norm(W - W_before)),
            }
            of_fit["records"].append(record)
        of_fit["weights"] = weights


def _weights(run):
    """Return a copy of the weights of each layer, in the scale of training."""
    return [np.array(W) for W in run.network.parameters.groups["weights"]]


def _gradients(run, data):
    """Return dJ/dW and delta of every layer, of the objective over these rows."""
    network = run.network
    workspace = network.workspace(len(data.target))
    run.objective(network).value_and_gradient(*data, workspace)
    gradients = Parameters(workspace.gradient, network.layers).groups["weights"]
    layers = zip(network.layers, workspace.layers, strict=True)
    return gradients, [of.delta for layer, of in layers if layer.is_linear]
