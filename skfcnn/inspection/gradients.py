"""Check of backpropagation with finite differences, on the user's data and network."""

from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np
from sklearn.utils import check_random_state, check_scalar

from skfcnn.inspection.differences import STEP, Curve, relative_error
from skfcnn.inspection.problem import Problem, layer_names, make_problem
from skfcnn.inspection.reports import report_as_html, report_as_text
from skfcnn.network.network import Network
from skfcnn.network.parameters import Parameters
from skfcnn.training.objective import Data
from skfcnn.training.threads import threads_for

# Rows of max_samples="auto", and products of a weight and an input in one evaluation of J:
# one of 2^23, forward and backward, takes some hundredths of a second.
MIN_ROWS, MAX_ROWS, MAX_PRODUCTS = 10, 200, 2**23


class GradientError(AssertionError):
    """The gradient from backpropagation is not the slope of the objective."""

    @property
    def report(self) -> "GradientReport":
        """The report of the check; the message is its text."""
        return self.args[0]


@dataclass(frozen=True)
class ArrayCheck:
    """The result of the check for one array of parameters.

    Attributes
    ----------
    layer, name : str
        For example "hidden 1" and "weights".
    shape : tuple of int
    n_checked : int
        Number of checked parameters.
    n_at_kinks : int
        Number of these at kinks of the objective, where it has no slope.
    largest_gradient : float
        Largest absolute component of the gradient, over all parameters of the array.
    error : float
        Largest difference from the slope, divided by the larger of the largest component
        of the gradient and the slope; NaN if all are at kinks.
    tolerance : float
    """

    layer: str
    name: str
    shape: tuple[int, ...]
    n_checked: int
    n_at_kinks: int
    largest_gradient: float
    error: float
    tolerance: float

    @property
    def passed(self) -> bool:
        """Whether the gradient is the slope; False if there is no slope at all."""
        return self.error <= self.tolerance


@dataclass(frozen=True, repr=False)
class GradientReport:
    """The result of `check_gradient`.

    Attributes
    ----------
    arrays : list of ArrayCheck
        One for each array of parameters, from the inputs to the outputs.
    loss : float
        The objective, including its penalty; for a regressor that standardizes y, that of
        standardized y.
    n_rows : int
        Number of rows that the objective was computed on.
    step : float
        The step of the differences, for parameters within [-1, 1].
    tolerance : float
        The largest relative error with which an array passes.
    """

    arrays: list[ArrayCheck]
    loss: float
    n_rows: int
    step: float
    tolerance: float

    @property
    def passed(self) -> bool:
        """Whether all arrays have passed."""
        return all(array.passed for array in self.arrays)

    @property
    def n_checked(self) -> int:
        """Number of checked parameters."""
        return sum(array.n_checked for array in self.arrays)

    @property
    def n_at_kinks(self) -> int:
        """Number of parameters at kinks of the objective, where it has no slope."""
        return sum(array.n_at_kinks for array in self.arrays)

    @property
    def largest_error(self) -> float:
        """The largest relative error."""
        return max((a.error for a in self.arrays if not np.isnan(a.error)), default=np.nan)

    @property
    def verdict(self) -> str:
        """The result in words."""
        wrong = [array for array in self.arrays if array.error > array.tolerance]
        if wrong:
            return (
                f"The gradient is wrong from {wrong[-1].layer} down. Errors propagate to "
                "lower layers: check the slope and the backward pass of that layer, and "
                "the gradient it receives from the layer above."
            )
        unclear = [array for array in self.arrays if not array.passed]
        if unclear:
            names = ", ".join(f"{array.name} of {array.layer}" for array in unclear)
            return (
                f"The check of {names} is inconclusive: all checked parameters are at "
                "kinks of the objective. Try other rows, or a larger max_parameters."
            )
        return "The gradient is right."

    def __repr__(self) -> str:
        return report_as_text(self)

    def _repr_html_(self) -> str:
        return report_as_html(self)


def check_gradient(
    estimator,
    X,
    y,
    *,
    sample_weight=None,
    tolerance=1e-6,
    max_parameters=20,
    max_samples="auto",
    random_state=0,
    raise_error=True,
) -> GradientReport:
    """Compare the gradient from backpropagation with finite differences of the objective.

    For a parameter t, backpropagation computes dJ/dt; the objective J itself gives::

        (J(t + h) - J(t - h)) / 2h,    h = 6e-6 max(1, |t|)

    The step h minimizes the sum of the error of the formula, h^2 J''' / 6, and the rounding
    error of J divided by h: h = epsilon^(1/3), times the size of t [1]_, [2]_. The size of
    a t near 0 counts as 1 [3]_. J and its gradient are computed in float64 by the code that
    trains the network, with the estimator's loss, penalty, class weights, label smoothing,
    activations and layers. Dropout is off, since with dropout J differs from pass to pass.
    For a regressor with `scale_target=True`, J is that of standardized y.

    Activations such as relu have a kink, and so have losses such as the absolute error: J
    has a kink where a row reaches it. A kink within the step of a parameter makes the
    central difference wrong. In this case, one-sided differences and smaller steps are
    tried, too. A gradient that agrees with none of them, while they agree with each other,
    is wrong. If they disagree for all steps, J has a kink at t itself and no slope: such
    parameters are counted, but not judged.

    Parameters
    ----------
    estimator : FullyConnectedClassifier or FullyConnectedRegressor
        If fitted, its network is checked; otherwise a network that is initialized as in
        `fit`. In the latter, weights of an output layer that `fit` sets to zero are drawn:
        zeros would make all gradients below zero. The estimator is not changed.
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        Rows as for `fit`.
    y : array-like of shape (n_samples,), (n_samples, n_labels) or (n_samples, n_outputs)
        Their labels, or the numbers to predict.
    sample_weight : array-like of shape (n_samples,), default=None
        Weight of each row.
    tolerance : float, default=1e-6
        The largest relative error that passes. An error is divided by the largest component
        of the gradient of its array. If this is below the smallest gradient for which
        differences in float64 can resolve `tolerance`, near 4e-4 for J up to 1 and the
        default, it is divided by that smallest gradient.
    max_parameters : int, default=20
        Largest number of parameters to check per array, drawn at random.
    max_samples : int or "auto", default="auto"
        Largest number of rows to compute J on, drawn at random from those with a weight.
        "auto" is 200, less for networks of more than 40,000 weights, and at least 10, such
        that a check takes seconds.
    random_state : int, RandomState instance or None, default=0
        Source of both draws.
    raise_error : bool, default=True
        Whether to raise an error if the gradient does not pass.

    Returns
    -------
    report : GradientReport
        Its repr is a table of all arrays of parameters.

    Raises
    ------
    GradientError
        With `raise_error=True`, if the gradient is wrong or cannot be judged.
    TypeError
        If the estimator is not a FullyConnectedClassifier or FullyConnectedRegressor.
    ValueError
        For data or parameters that `fit` rejects, or if J is not finite.

    References
    ----------
    .. [1] Press et al., "Numerical recipes", 3rd edition, 2007, section 5.7.
    .. [2] Nocedal, Wright, "Numerical optimization", 2nd edition, 2006, section 8.1.
    .. [3] Dennis, Schnabel, "Numerical methods for unconstrained optimization and
           nonlinear equations", 1983, section 5.4.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skfcnn import FullyConnectedClassifier
    >>> from skfcnn.inspection import check_gradient
    >>> model = FullyConnectedClassifier(random_state=0)
    >>> check_gradient(model, *load_iris(return_X_y=True)).passed
    True
    """
    check_scalar(tolerance, "tolerance", Real, min_val=0, include_boundaries="neither")
    check_scalar(max_parameters, "max_parameters", Integral, min_val=1)
    problem = make_problem(estimator, X, y, sample_weight, dtype=np.float64)
    if max_samples == "auto":
        n_weights = problem.objective.network.weights.size
        max_samples = max(MIN_ROWS, min(MAX_ROWS, MAX_PRODUCTS // n_weights))
    check_scalar(max_samples, "max_samples", Integral, min_val=1)
    rng = check_random_state(random_state)
    data = _some_rows(problem.data, max_samples, rng)
    problem = problem._replace(data=data)
    with (
        threads_for(problem.n_products),
        np.errstate(over="ignore", invalid="ignore", divide="ignore"),
    ):
        report = _check(problem, tolerance, max_parameters, rng)
    if raise_error and not report.passed:
        raise GradientError(report)
    return report


def _some_rows(data: Data, max_samples, rng) -> Data:
    if len(data.target) <= max_samples:
        return data
    counted = np.flatnonzero(data.weights)
    return data.rows(rng.permutation(counted)[:max_samples])


def _check(problem: Problem, tolerance, max_parameters, rng) -> GradientReport:
    objective, data = problem.objective, problem.data
    network, n_rows = objective.network, len(data.target)
    workspace = network.workspace(n_rows)
    loss = objective.value_and_gradient(*data, workspace)
    gradient = workspace.gradient.copy()
    if not (np.isfinite(loss) and np.isfinite(gradient).all()):
        raise ValueError(
            "The objective, or its gradient, is not finite on these rows. Scale X, for "
            "example with StandardScaler, or inspect trace(estimator, X, y)."
        )

    def curve(i):
        def value_at(t):
            before, network.theta[i] = network.theta[i], t
            value = objective.value_and_gradient(*data, workspace)
            network.theta[i] = before
            return value

        return Curve(value_at, float(network.theta[i]), loss)

    arrays = []
    for layer, name, indices in _array_indices(network):
        largest = float(np.abs(gradient[indices]).max())
        drawn = rng.permutation(indices.ravel())[:max_parameters]
        errors = [relative_error(curve(i), gradient[i], largest, tolerance) for i in drawn]
        at_kinks = int(np.isnan(errors).sum())
        error = np.nan if at_kinks == len(errors) else float(np.nanmax(errors))
        found = len(errors), at_kinks, largest, error, tolerance
        arrays.append(ArrayCheck(layer, name, indices.shape, *found))
    return GradientReport(arrays, loss, n_rows, STEP, tolerance)


def _array_indices(network: Network):
    """Yield the layer, the name and the indices in theta of every array of parameters."""
    indices = Parameters(np.arange(network.theta.size), network.layers).by_layer
    for layer, of_layer in zip(layer_names(network.layers), indices, strict=True):
        for name, array in of_layer._asdict().items():
            yield layer, name, array
