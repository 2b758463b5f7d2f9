"""What there is to tell about a fit that has ended."""

from collections.abc import Iterator
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from skfcnn.estimator.advice import on_convergence, on_guessing, on_scales
from skfcnn.estimator.scales import numbers_per_row
from skfcnn.estimator.training_run import make_loss
from skfcnn.estimator.validation import Validation
from skfcnn.training.minibatch import Outcome
from skfcnn.training.objective import Data

# How much more than guessing a model may cost that is not called worse.
WORSE = 1.01
# Rows that a model is compared with guessing on, and so many times more before it is called
# worse. Of very wide rows fewer, as many as have so many numbers, but not less than 100.
N_ROWS, MORE, NUMBERS, LEAST = 1000, 10, 2**20, 100


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
    n_rows = max(LEAST, min(N_ROWS, NUMBERS // numbers_per_row(data.X)))
    few = data.some(n_rows)
    model, guessing = of_the_model(classifier, few), of_guessing(classifier, few)
    if outcome.diverged:
        yield f"{outcome.message} The parameters of the best epoch were kept."
    elif at_its_limit and not ended_well:
        yield on_convergence(classifier, outcome, classifier.loss_curve_)
    if at_its_limit or outcome.converged:
        if hint := on_scales(few.X, model.loss, guessing.loss):
            yield hint
    is_worse = model.loss > WORSE * guessing.loss > 0.0
    if is_worse and len(few.target) < len(data.target):
        many = data.some(MORE * n_rows)
        model = of_the_model(classifier, many)
        # Of all rows too: those looked at may happen to be of one class.
        guesses = of_guessing(classifier, many), of_guessing(classifier, data)
        guessing = max(guesses, key=attrgetter("loss"))
        is_worse = model.loss > WORSE * guessing.loss
    if is_worse and (ended_well or at_its_limit or outcome.diverged):
        yield on_guessing(classifier, few.X, model, guessing)


def of_the_model(classifier, rows: Data) -> Standing:
    """Return how the fitted model does; its loss is of smoothed labels, if training was."""
    network, target = classifier._network, classifier._target
    validation = Validation(rows, target, network, make_loss(classifier, target))
    return Standing(*validation.evaluate())


def of_guessing(classifier, rows: Data) -> Standing:
    """Return how one does who knows the frequencies of the classes and nothing else."""
    target, weights = classifier._target, rows.weights
    # Unlike a product, einsum makes no float matrix of rows and classes.
    frequencies = np.einsum("i,ij->j", weights, rows.target) / weights.sum()
    are_right = target.are_right(frequencies[None], rows.target)
    loss = make_loss(classifier, target).of_guessing(frequencies)
    return Standing(float(np.average(are_right, weights=weights)), loss)
