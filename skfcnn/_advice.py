"""What to change where training did not end well."""

import numpy as np
import scipy.sparse
from scipy.special import entr

from skfcnn.training.divergence import Divergence
from skfcnn.training.minibatch import Outcome
from skfcnn.training.objective import Data

# Epochs over which the loss is called still falling, or not.
LOOK_BACK = 10
# Scales of features that differ by this factor are called unlike, and a loss bad that is
# over this share of what guessing by the frequencies of the classes costs.
UNLIKE, BAD = 1e3, 0.5
# Values of a well-scaled X are nowhere near.
LARGE = 1e3
# Rows that the scales of the features are taken from.
N_ROWS = 1000


def on_convergence(params, outcome: Outcome, loss_curve: list) -> str:
    """Return why training ended at its limit, and what to do about it."""
    if params.solver == "lbfgs":
        return (
            f"lbfgs failed to converge after {outcome.n_iter} iteration(s): "
            f"{outcome.message}. Increase max_iter (now {params.max_iter}) or max_fun "
            f"(now {params.max_fun}), or scale the data, for example by StandardScaler."
        )
    return (
        f"Stochastic Optimizer: Maximum iterations ({params.max_iter}) reached and the "
        f"optimization hasn't converged yet. {_on_the_loss(params.tol, loss_curve)}"
    )


def _on_the_loss(tol, loss_curve):
    n_epochs = min(LOOK_BACK, len(loss_curve) - 1)
    if n_epochs < 1:
        return "Increase max_iter."
    before, now = loss_curve[-1 - n_epochs], loss_curve[-1]
    change = f"from {before:.4g} to {now:.4g} in the last {n_epochs} epochs"
    if now < before - tol:
        return f"The loss was still falling, {change}: increase max_iter."
    return (
        f"The loss was not falling any more, {change}, but went up and down: lower "
        "learning_rate_init, enlarge batch_size, or use schedule='cosine'."
    )


def on_divergence(params, data: Data, error: Divergence) -> str:
    """Return what has happened, its likely cause, and the way out."""
    largest = max(abs(data.X.max()), abs(data.X.min()))
    causes = []
    if largest > LARGE:
        causes.append(
            f"X has values of up to {largest:.2g}: scale it, make_pipeline("
            "StandardScaler(), ...)."
        )
    total = float(data.weights.sum())
    if params.alpha / total > LARGE:
        causes.append(
            f"alpha={params.alpha:g} is very large beside the sum of the sample weights, "
            f"{total:.2g}: lower it, or raise them."
        )
    if params.solver != "lbfgs":
        begin = "Or else" if causes else "The learning rate is too high:"
        causes.append(
            f"{begin} lower learning_rate_init (now {params.learning_rate_init:g}), or "
            "shorten the steps by clip_norm=1.0."
        )
    return " ".join([str(error), *causes])


def on_guessing(guessing: float, loss: float, params) -> str:
    """Return what to say of a model that is worse than guessing."""
    way_out = (
        "" if params.solver == "lbfgs" else "train for longer, lower learning_rate_init, "
    )
    return (
        "The model is worse than guessing, on the very rows that it was fitted to: its "
        f"loss is {loss:.4g}, and that of always giving the frequencies of the classes "
        f"{guessing:.4g}. Scale X, {way_out}or lower alpha."
    )


def on_scales(params, data: Data, final_loss: float, weights) -> str | None:
    """Return a hint where training did badly on features of very unlike scales.

    With smoothed labels the loss stays high however good the training is.
    """
    guessing = loss_of_guessing(data, params.loss)
    penalty = 0.5 * params.alpha * float(weights.dot(weights)) / data.weights.sum()
    did_badly = final_loss - penalty > BAD * guessing > 0.0
    if params.label_smoothing or not did_badly:
        return None
    X = data.X[:N_ROWS]
    X = X.toarray() if scipy.sparse.issparse(X) else X
    largest = float(abs(X).max())
    if largest == 0.0:
        return None
    scales = (X / largest).std(
        axis=0, dtype=np.float64
    ) * largest  # squares do not overflow
    scales = scales[scales > 0.0]
    if len(scales) == 0:
        return None
    small = np.quantile(scales, 0.1, method="lower")
    if scales.max() / UNLIKE < small:
        return None
    return (
        f"The loss has only come to {final_loss:.4g}, and the features have very unlike "
        f"standard deviations, from {small:.2g} to {scales.max():.2g}: the largest drown "
        "the others. Scale them first: make_pipeline(StandardScaler(), ...)."
    )


def loss_of_guessing(data, loss_name):
    """Return the mean loss of one who always gives the frequencies p of the targets."""
    p = np.average(data.target, axis=0, weights=data.weights)
    if loss_name == "squared_error":
        return 0.5 * (p * (1.0 - p)).sum()
    are_exclusive = data.target.sum(axis=1).min() == data.target.sum(axis=1).max() == 1
    if are_exclusive:
        return entr(p).sum()
    return (entr(p) + entr(1.0 - p)).sum()
