"""Checks around training, and its warnings and errors with advice on what to change."""

from collections.abc import Iterator
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from skfcnn.estimator.likeness import are_scaled_alike
from skfcnn.estimator.scales import deviations, largest, numbers_per_row
from skfcnn.estimator.targets import Target
from skfcnn.estimator.validation import Validation
from skfcnn.network.loss import loss_of_constant
from skfcnn.network.network import Network, NonFiniteOutputs
from skfcnn.training.divergence import Divergence, ValidationOverflow
from skfcnn.training.minibatch import Outcome
from skfcnn.training.objective import Data, Objective
from skfcnn.training.optimizers import DECOUPLED

# A model is worse than guessing if its loss is above this factor times that of guessing.
WORSE = 1.01
# A model is compared with guessing on N_ROWS rows, and on MORE times as many before it is
# called worse. Of very wide rows, at most NUMBERS numbers, but at least LEAST rows.
N_ROWS, MORE, NUMBERS, LEAST = 1000, 10, 2**20, 100
# The number of last epochs that decide whether the loss is still falling.
LOOK_BACK = 10
# Scales of features are very different if they differ by the factor DIFFERENT. A loss is
# bad if it is above the share BAD of the loss of guessing.
DIFFERENT, BAD = 1e3, 0.5
# Values of a well-scaled X are rarely above MODERATE, and always far below LARGE.
MODERATE, LARGE = 100.0, 1e3
# Rows to compute the loss of the initial weights, and to check that outputs are finite.
N_LOOKED_AT, N_SEEN = 100, 10

ON_OFFSET = (
    "The mean of y is more than 10,000 times its standard deviation. Predictions in "
    "float32 are rounded to 6e-8 of the mean, and lose a part of what is learned. Use "
    "dtype='float64', with X in float64, or subtract a constant from y."
)


class Standing(NamedTuple):
    """Default score and loss of a model, or of guessing: the best constant prediction."""

    score: float
    loss: float


@np.errstate(over="ignore", invalid="ignore")
def on_the_end(run, outcome: Outcome) -> list[str]:
    """Return the warnings about a training run that has ended, if there are any.

    Raises
    ------
    ValueError
        If the outputs of some rows are not finite.
    """
    try:
        return [*_warnings(run, outcome)]
    except NonFiniteOutputs as error:
        raise after_the_last_step(run.params, run.data) from error


def _warnings(run, outcome) -> Iterator[str]:
    params, data, unit = run.params, run.standardized, run.unit
    ended_well = outcome.converged or outcome.interrupted or outcome.stopped
    at_its_limit = params.solver == "lbfgs" or outcome.n_iter >= params.max_iter
    n_rows = max(LEAST, min(N_ROWS, NUMBERS // numbers_per_row(data.X)))
    few = data.some(n_rows)
    model, guessing = of_the_model(run, few), of_guessing(run, few)
    if outcome.diverged:
        yield f"{outcome.message} The parameters of the best epoch were kept."
    elif at_its_limit and not ended_well:
        yield on_convergence(params, outcome, run.history.loss_curve, unit)
    if at_its_limit or outcome.converged:
        if hint := on_scales(few.X, model.loss, guessing.loss, unit):
            yield hint
    if run.network.theta.dtype == np.float32 and run.target.has_offset(
        run.data.some(n_rows)
    ):
        yield ON_OFFSET
    is_worse = model.loss > WORSE * guessing.loss > 0.0
    if is_worse and len(few.target) < len(data.target):
        many = data.some(MORE * n_rows)
        model = of_the_model(run, many)
        # Also of all rows: those selected may all be of one class.
        guesses = of_guessing(run, many), of_guessing(run, data)
        guessing = max(guesses, key=attrgetter("loss"))
        is_worse = model.loss > WORSE * guessing.loss
    if is_worse and (ended_well or at_its_limit or outcome.diverged):
        yield on_guessing(run, few.X, model, guessing)


def of_the_model(run, rows: Data) -> Standing:
    """Return score and loss of the network, with label smoothing if there is any."""
    return Standing(*Validation(rows, run.target, run.network, run.loss).evaluate())


def of_guessing(run, rows: Data) -> Standing:
    """Return score and loss of always predicting the best constant of the loss."""
    target, y, weights = run.target, rows.target, rows.weights
    best = run.loss.best_constant(y, weights)
    score = target.score(target.row_scores(best[None], y), y, weights)
    return Standing(score, loss_of_constant(run.loss, best, y, weights))


def on_convergence(params, outcome: Outcome, loss_curve: list, unit: float = 1.0) -> str:
    """Return why training ended at its limit, and what to do about it."""
    if params.solver == "lbfgs":
        return (
            f"lbfgs failed to converge after {outcome.n_iter} iteration(s): "
            f"{outcome.message}. Increase max_iter (now {params.max_iter}) or max_fun "
            f"(now {params.max_fun}), or scale the data, for example with StandardScaler."
        )
    return (
        f"Stochastic Optimizer: Maximum iterations ({params.max_iter}) reached and the "
        "optimization hasn't converged yet. "
        f"{_on_loss(float(params.tol) * unit, loss_curve)}"
    )


def _on_loss(tol, loss_curve):
    n_epochs = min(LOOK_BACK, len(loss_curve) - 1)
    if n_epochs < 1:
        return "Increase max_iter."
    before, now = loss_curve[-1 - n_epochs], loss_curve[-1]
    change = f"from {before:.4g} to {now:.4g} in the last {n_epochs} epochs"
    if now < before - tol:
        return f"The loss was still falling, {change}: increase max_iter."
    return (
        f"The loss was not falling any more, {change}, but went up and down: lower "
        "learning_rate_init, increase batch_size, or use schedule='cosine'."
    )


def on_divergence(params, data: Data, error: Divergence) -> str:
    """Return the error with its likely cause and advice."""
    largest_number = largest(data.X)
    if isinstance(error, ValidationOverflow) and largest_number <= LARGE:
        return f"{error} Scale them like X."
    causes = [*_causes(params, data, largest_number)]
    if params.solver == "lbfgs":
        way_out = "start from smaller weights (weight_init, coefs_init)."
    else:
        way_out = f"lower learning_rate_init (now {params.learning_rate_init:g})"
        way_out += (
            ", or limit the steps by max_grad_norm." if params.solver == "sgd" else "."
        )
    begin = "Otherwise" if causes else "To fix this,"
    return " ".join([str(error), *causes, f"{begin} {way_out}"])


def _causes(params, data, largest_number):
    if largest_number > LARGE:
        yield (
            f"X has values of up to {largest_number:.2g}: scale it, for example with "
            "make_pipeline(StandardScaler(), ...)."
        )
    total = float(data.weights.sum())
    if params.alpha / total > LARGE:
        yield (
            f"alpha={params.alpha:g} is very large compared to the sum of the sample "
            f"weights, {total:.2g}: lower alpha, or raise the weights."
        )
    if params.solver in DECOUPLED and params.weight_decay * params.learning_rate_init > 1.0:
        yield f"weight_decay={params.weight_decay:g} is very large: lower it."


def on_validation_rows(X, X_val) -> str | None:
    """Return a warning if the validation rows are not scaled like X."""
    if are_scaled_alike(X, X_val):
        return None
    return (
        "X_val is not scaled like X: its scores mean nothing, and early stopping stops at "
        "a random epoch. Use scaler.transform(X_val). A pipeline transforms only X: use "
        "make_pipeline(StandardScaler(), network, transform_input=['X_val']) with metadata "
        "routing enabled and network.set_fit_request(X_val=True, y_val=True)."
    )


def on_guessing(run, X, model, guessing) -> str:
    """Return the warning about a model whose loss is above that of guessing."""
    params, name = run.params, run.target.score_name
    what = "The model is worse than guessing"
    if model.score > guessing.score:
        what = f"{run.target.outputs_name} of the model are worse than guessing, although "
        what += f"its {name} is {model.score:.3g}"
    ways = [*run.target.remedies, *(["scale X"] if largest(X) > MODERATE else [])]
    if params.solver != "lbfgs":
        ways.append(f"lower learning_rate_init (now {params.learning_rate_init:g})")
    ways.append(f"train for longer (max_iter={params.max_iter})")
    if params.alpha > 1.0:
        ways.append(f"lower alpha (now {params.alpha:g})")
    return (
        f"{what}, on its training rows: its loss is {model.loss * run.unit:.4g}, "
        f"and that of the best constant prediction is {guessing.loss * run.unit:.4g}. "
        f"Try to {', or '.join(ways)}."
    )


def on_scales(X, loss: float, loss_of_guessing: float, unit: float = 1.0) -> str | None:
    """Return a hint if training did badly on features of very different scales."""
    if not loss > BAD * loss_of_guessing > 0.0:
        return None
    scales = deviations(X)
    scales = scales[scales > 0.0]
    if len(scales) == 0:
        return None
    small = np.quantile(scales, 0.1, method="lower")
    if scales.max() / DIFFERENT < small:
        return None
    return (
        f"The loss has only fallen to {loss * unit:.4g}, and the features have very "
        f"different standard deviations, from {small:.2g} to {scales.max():.2g}: the "
        "largest dominate the others. Scale them first: "
        "make_pipeline(StandardScaler(), ...)."
    )


def loss_of_first_weights(objective: Objective, target: Target, data: Data) -> float:
    """Return J before training, over some of the rows; infinity if it overflows."""
    rows = data.some(N_LOOKED_AT)
    try:
        _, loss = Validation(rows, target, objective.network, objective.loss).evaluate()
    except NonFiniteOutputs:
        return np.inf
    return loss + objective.penalty() / float(data.weights.sum())


def check_outputs(params, target: Target, network: Network, data: Data) -> None:
    """Raise ValueError if the outputs are not finite after training.

    The loss of an epoch is computed before its steps, so the last step may have diverged.
    """
    rows = data.some(N_SEEN)
    outputs = np.empty(rows.target.shape, network.theta.dtype)
    try:
        target.decode(network.apply(rows.X, target.link.inverse, outputs))
    except NonFiniteOutputs as error:
        raise after_the_last_step(params, data) from error


def after_the_last_step(params, data: Data) -> ValueError:
    """Return the error for outputs that are not finite after training."""
    diverged = Divergence("The outputs are not finite after the last step.")
    return ValueError(on_divergence(params, data, diverged))
