"""What there is to tell about a fit that has ended."""

from collections.abc import Iterator

from skfcnn._advice import loss_of_guessing, on_convergence, on_guessing, on_scales
from skfcnn._fitting import make_validation
from skfcnn.training.minibatch import Outcome
from skfcnn.training.objective import Data

# How much more than guessing a model may cost that is not called worse.
WORSE = 1.01


def on_the_end(classifier, data: Data, outcome: Outcome) -> Iterator[str]:
    """Yield what the user of a fitted classifier should know, if there is anything."""
    ended_well = outcome.converged or outcome.interrupted or outcome.stopped
    at_its_limit = classifier.solver == "lbfgs" or outcome.n_iter >= classifier.max_iter
    if outcome.diverged:
        yield f"{outcome.message} The parameters of the best epoch were kept."
    elif at_its_limit and not ended_well:
        yield on_convergence(classifier, outcome, classifier.loss_curve_)
    if at_its_limit or outcome.converged:
        weights = classifier._network.weights
        if hint := on_scales(classifier, data, outcome.loss, weights):
            yield hint
    if at_its_limit or outcome.converged or outcome.stopped or outcome.diverged:
        guessing, loss = loss_of_guessing(data, classifier.loss), _loss(classifier, data)
        if loss > WORSE * guessing > 0.0:
            yield on_guessing(guessing, loss, classifier)


def _loss(classifier, data):
    """Return the loss of the fitted model, which is as a rule below that of guessing.

    It is measured only where the loss of its epoch leaves a doubt, as that is of batches
    before their steps, and with dropout. With smoothed labels it is not what was minimized.
    """
    curve = classifier.loss_curve_
    guessing = loss_of_guessing(data, classifier.loss)
    best = classifier.best_epoch_ or len(curve)
    if classifier.label_smoothing or not curve or curve[best - 1] <= guessing:
        return 0.0
    network, target = classifier._network, classifier._target
    return make_validation(classifier, network, target, data, None).evaluate()[1]
