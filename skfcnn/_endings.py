"""What there is to tell about a fit that has ended."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from skfcnn._advice import on_convergence, on_guessing, on_scales
from skfcnn._fitting import make_loss
from skfcnn._validation import Validation
from skfcnn.training.minibatch import Outcome
from skfcnn.training.objective import Data

# How much more than guessing a model may cost that is not called worse.
WORSE = 1.01
# Rows that a model is compared with guessing on, before all are looked at.
N_ROWS = 1000


class Standing(NamedTuple):
    """How a model does, or one who always answers with the frequencies of the classes."""

    accuracy: float
    loss: float


@np.errstate(over="ignore", invalid="ignore")
def on_the_end(classifier, data: Data, outcome: Outcome) -> list[str]:
    """Return what the user of a fitted classifier should know, if there is anything."""
    return [*_told(classifier, data, outcome)]


def _told(classifier, data, outcome) -> Iterator[str]:
    ended_well = outcome.converged or outcome.interrupted or outcome.stopped
    at_its_limit = classifier.solver == "lbfgs" or outcome.n_iter >= classifier.max_iter
    rows = data.some(N_ROWS)
    model, guessing = of_the_model(classifier, rows), of_guessing(classifier, rows)
    if outcome.diverged:
        yield f"{outcome.message} The parameters of the best epoch were kept."
    elif at_its_limit and not ended_well:
        yield on_convergence(classifier, outcome, classifier.loss_curve_)
    if at_its_limit or outcome.converged:
        if hint := on_scales(rows.X, model.loss, guessing.loss):
            yield hint
    is_worse = model.loss > WORSE * guessing.loss > 0.0
    if is_worse and len(rows.target) < len(data.target):
        model, guessing = of_the_model(classifier, data), of_guessing(classifier, data)
        is_worse = model.loss > WORSE * guessing.loss
    if is_worse and (ended_well or at_its_limit or outcome.diverged):
        yield on_guessing(classifier, data, model, guessing)


def of_the_model(classifier, rows: Data) -> Standing:
    """Return how the fitted model does; its loss is of smoothed labels, if training was."""
    network, target = classifier._network, classifier._target
    validation = Validation(rows, target, network, make_loss(classifier, target))
    return Standing(*validation.evaluate())


def of_guessing(classifier, rows: Data) -> Standing:
    """Return how one does who knows the frequencies of the classes and nothing else."""
    target, loss = classifier._target, make_loss(classifier, classifier._target)
    y = rows.target.astype(float)
    p = np.average(loss.targets(y), axis=0, weights=rows.weights)[None]
    loss.link.bound(p)
    values = loss.values(np.repeat(loss.link.raw(p), len(y), axis=0), y)
    right = (target.judge(p) == target.judge(y)).all(axis=1)
    weights = rows.weights
    return Standing(np.average(right, weights=weights), np.average(values, weights=weights))
