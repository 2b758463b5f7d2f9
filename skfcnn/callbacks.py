"""Callbacks for the fit of a FullyConnectedClassifier, by scikit-learn's own protocol.

They are set with `set_callbacks`, as those of scikit-learn, and need scikit-learn 1.9.
Whatever a callback keeps of a fit it keeps by the classifier that is fitted: in a search,
clones share their callbacks. What they have recorded in other processes stays there.
"""

import os
import time
from collections.abc import Callable
from numbers import Integral
from pathlib import Path

import numpy as np
from sklearn.metrics import check_scoring

from skfcnn._files import remove_left_parts
from skfcnn.estimator.checkpoints import (
    SUFFIX,
    checkpoint_path,
    checkpoints_of,
    load_checkpoint,
    path_of,
    write_checkpoint,
)
from skfcnn.estimator.construction import make_objective
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

    def __init__(self) -> None:
        self._of_fit: dict = {}

    def setup(self, estimator, context):
        """Called when a fit begins."""
        self._of_fit[id(estimator)] = self._begin(estimator, context)

    def on_fit_task_begin(self, estimator, context):
        """Called when a fit or an epoch begins."""

    def teardown(self, estimator, context):
        """Called when a fit has ended."""
        self._of_fit.pop(id(estimator), None)  # a setup that fails is torn down too

    def __getstate__(self):
        """Leave out the fits under way: they are of this process."""
        return vars(self) | {"_of_fit": {}}


def _is_epoch(context) -> bool:
    return context.task_name == "epoch"


class EarlyStopping(_EpochCallback):
    """Stop when a score no longer improves.

    The score is that of the rows given to `fit` as `X_val`, or of the training rows where
    there are none. To restore the parameters of the best epoch, use `early_stopping=True`
    of the classifier.

    Parameters
    ----------
    scoring : str, callable or None, default=None
        The name of a scorer of scikit-learn, or a function `(estimator, X, y) -> float`,
        greater being better; None is the accuracy. They get `sample_weight` too, where
        rows with weights were given to `fit`; one that takes none scores all rows alike,
        with a warning.
    n_iter_no_change : int, default=10
        Stop when more than so many epochs in a row were no improvement.
    tol : float, default=1e-4
        An epoch counts as an improvement when its score is better than the best by at
        least so much.
    """

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
        """Score the network as it is after an epoch; return whether to stop."""
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
        Time for one fit, from the moment it begins. An epoch is expected to last as long
        as the longest one before it; the first is always trained to its end.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    def _begin(self, estimator, context):
        now = time.perf_counter()
        return {"start": now, "last": now, "longest": 0.0}

    def on_fit_task_end(self, estimator, context):
        """Take the time; return whether there is none left for another epoch."""
        if not _is_epoch(context):
            return False
        times, now = self._of_fit[id(estimator)], time.perf_counter()
        times["longest"] = max(times["longest"], now - times["last"])
        times["last"] = now
        return now - times["start"] + times["longest"] > self.seconds


class Checkpoint(_EpochCallback):
    """Write the classifier and its solver to a file, so that no kill loses the fit.

    `fit(X, y, resume_from=directory)` continues from the last file, and gives the same
    numbers, to the bit, as if it had never been interrupted. `load_checkpoint` gives the
    classifier of a file, as if its fit had ended there. At any moment the whole of a file
    is there, or the whole of the one before it.

    Every fit writes files of its own, also in a search and in its worker processes.

    Parameters
    ----------
    directory : str or path
        Where to write; made when a fit begins, if it is not there. A relative one is
        looked for in the current directory at that moment.
    every : int or "best", default="best"
        A number writes after every so many epochs: 1 for what is never to be lost. "best"
        writes after each epoch that was the best so far, by the score of the validation, or
        by the training loss where there is no validation.
    keep : int or None, default=2
        How many files to keep of a fit, the last ones; None keeps all.

    Notes
    -----
    A file holds numbers, text and arrays, and no code: that of a stranger is safe to open.
    Parameters that are functions or other objects (`schedule`, `scoring`, a RandomState)
    are recorded by their qualified names. The classifier that resumes has to have the same,
    as a script has that is started again.

    What other callbacks remember of a fit is not written: in a fit that is resumed, they
    begin anew. A fit by "lbfgs" is written, but cannot be resumed.
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

    def _begin(self, estimator, context):
        directory = Path(self.directory).absolute()  # wherever the process goes later
        directory.mkdir(parents=True, exist_ok=True)
        remove_left_parts(directory, SUFFIX)
        return directory

    def on_fit_task_end(self, estimator, context, *, fitted_estimator):
        """Write the classifier as it is after an epoch, if it is to be written."""
        if not (_is_epoch(context) and self._is_due(fitted_estimator)):
            return
        fit_id, directory = estimator._training.fit_id, self._of_fit[id(estimator)]
        path = checkpoint_path(directory, fit_id, len(fitted_estimator.loss_curve_))
        write_checkpoint(path, estimator, fitted_estimator)
        for old in checkpoints_of(directory, fit_id)[self.keep :] if self.keep else ():
            old.unlink(missing_ok=True)

    def _is_due(self, fitted):
        if self.every != "best":
            return len(fitted.loss_curve_) % int(self.every) == 0
        scores = (fitted.validation_scores_ or [])[-fitted.n_iter_ :]
        if np.isnan(scores).all():  # also where there are none
            scores = [-loss for loss in fitted.loss_curve_[-fitted.n_iter_ :]]
        *earlier, score = scores
        return score > np.nanmax([-np.inf, *earlier])


def _is_count(value) -> bool:
    return isinstance(value, Integral) and int(value) >= 1


class GradientMonitor(_EpochCallback):
    """Record how large gradients, deltas and updates are, layer by layer.

    Where training is in trouble it shows: gradients that vanish from the output layer
    down, or explode; updates that are large beside the weights, or nearly nothing.

    Parameters
    ----------
    n_rows : int, default=1000
        The norms of gradient and delta are those of the objective over so many rows, the
        first ones of X, with their weights; on a cluster, of the sample in memory.

    Attributes
    ----------
    records_ : list of dict
        For every epoch and layer of the last fit that began: `epoch` and `layer`, from 1;
        `gradient`, the norm of dJ/dW; `delta`, the root mean square over rows and units of
        n_rows times delta; `weights`, the norm of W; `update`, the norm of the change of W
        in the epoch.
    """

    records_: list[dict]

    def __init__(self, n_rows: int = 1000) -> None:
        super().__init__()
        self.n_rows = n_rows

    def _begin(self, estimator, context):
        self.records_ = []
        return {"weights": None, "records": self.records_}

    def on_fit_task_begin(self, estimator, context):
        """Remember the first weights, and the rows."""
        if _is_epoch(context) and self._of_fit[id(estimator)]["weights"] is None:
            data = estimator._run.data.rows(slice(self.n_rows)).astype(estimator.dtype_)
            weights = [W.copy() for W in estimator.coefs_]
            self._of_fit[id(estimator)] |= {"weights": weights, "data": data}

    def on_fit_task_end(self, estimator, context, *, fitted_estimator):
        """Record the norms after an epoch."""
        if not _is_epoch(context):
            return
        of_fit = self._of_fit[id(estimator)]
        weights = [np.array(W) for W in fitted_estimator.coefs_]
        gradients, deltas = _gradients(fitted_estimator, of_fit["data"])
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


def _gradients(model, data):
    """Return dJ/dW and delta of every layer, of the objective over these rows."""
    network = model._network
    workspace = network.workspace(len(data.target))
    objective = make_objective(model, network, model._target)
    objective.value_and_gradient(*data, workspace)
    gradients = Parameters(workspace.gradient, network.layers).groups["weights"]
    layers = zip(network.layers, workspace.layers, strict=True)
    return gradients, [of.delta for layer, of in layers if layer.is_linear]
