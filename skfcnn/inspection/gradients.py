"""Backpropagation against differences, on the data and the network of a user."""

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
# one of 2^23, forwards and backwards, takes some hundredths of a second.
MIN_ROWS, MAX_ROWS, MAX_PRODUCTS = 10, 200, 2**23


class GradientError(AssertionError):
    """The gradient of backpropagation is not the slope of the objective."""

    @property
    def report(self) -> "GradientReport":
        """What was found; the message is its text."""
        return self.args[0]


@dataclass(frozen=True)
class ArrayCheck:
    """What was found of one array of parameters.

    Attributes
    ----------
    layer, name : str
        As "hidden 1", "weights".
    shape : tuple of int
    n_checked : int
        Number of its parameters that were checked.
    n_at_kinks : int
        Number of these at kinks of the objective, where it has no slope.
    largest_gradient : float
        Largest component of its gradient, in absolute terms, checked or not.
    error : float
        Largest difference from the slope, divided by the larger of the largest component
        of the gradient and the slope; NaN where all are at kinks.
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
        """Whether the gradient is the slope; not, where there is no slope at all."""
        return self.error <= self.tolerance


@dataclass(frozen=True, repr=False)
class GradientReport:
    """What `check_gradient` has found.

    Attributes
    ----------
    arrays : list of ArrayCheck
        One for each array of parameters, from the inputs to the outputs.
    loss : float
        The objective, with its penalty.
    n_rows : int
        Number of rows that it was computed on.
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
        """Number of parameters that were checked."""
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
                f"The gradient is wrong from {wrong[-1].layer} down. Errors are passed "
                "down: look at the slope and the backward pass of that layer, and at what "
                "the one above passes to it."
            )
        unclear = [array for array in self.arrays if not array.passed]
        if unclear:
            names = ", ".join(f"{array.name} of {array.layer}" for array in unclear)
            return (
                f"Nothing can be said of {names}: all that was checked is at kinks of the "
                "objective. Try other rows, or a larger max_parameters."
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
    """Compare the gradient of backpropagation with differences of the objective.

    Of a parameter t, backpropagation claims dJ/dt, and the objective J itself gives::

        (J(t + h) - J(t - h)) / 2h,    h = 6e-6 max(1, |t|)

    where the error of the formula, h^2 J''' / 6, and the roundings of J, divided by h,
    together are smallest: for h = epsilon^(1/3), times the size of t [1]_, [2]_. A t near
    0 has no size of its own, and counts as 1 [3]_. Both are computed by what trains the
    network, in float64, with the estimator's own loss, penalty, class weights, label
    smoothing, activations and layers. Dropout is off: with it J is another one in every
    pass.

    Activations such as relu have a kink, and so has J where a row reaches it. Within the
    step of a parameter, it makes the central difference wrong. Then the differences to
    either side are looked at too, and smaller steps. A gradient that agrees with none of
    them, while they agree with each other, is wrong. Where they go on to disagree, J has a
    kink at that very place and no slope: such parameters are counted, and not judged.

    Parameters
    ----------
    estimator : FullyConnectedClassifier
        Fitted: its network is checked. Not fitted: one that is drawn as `fit` would draw
        it. The estimator is left as it is.
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        Rows as for `fit`.
    y : array-like of shape (n_samples,) or (n_samples, n_labels)
        Their labels.
    sample_weight : array-like of shape (n_samples,), default=None
        Weight of each row.
    tolerance : float, default=1e-6
        The largest relative error that passes. An error is divided by the largest component
        of the gradient of its array; or by the smallest of which differences in float64 can
        tell `tolerance`, near 4e-4 for J up to 1 and the default, where all are smaller.
    max_parameters : int, default=20
        Largest number of parameters to check of each array, drawn at random.
    max_samples : int or "auto", default="auto"
        Largest number of rows to compute J on, drawn at random from those with a weight.
        "auto" is 200, less for networks of more than 40,000 weights, and at least 10: so a
        check takes seconds.
    random_state : int, RandomState instance or None, default=0
        Source of both draws.
    raise_error : bool, default=True
        Whether a gradient that does not pass raises an error, or is only reported.

    Returns
    -------
    report : GradientReport
        Prints itself as a table, of all arrays of parameters.

    Raises
    ------
    GradientError
        With `raise_error=True`, where the gradient is wrong or cannot be judged.
    TypeError
        Unless the estimator is a FullyConnectedClassifier.
    ValueError
        For data or parameters that `fit` would refuse, and where J is not finite.

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
            "example by StandardScaler, or look at trace(estimator, X, y)."
        )

    def curve(i):
        def value_at(t):
            before, network.theta[i] = network.theta[i], t
            value = objective.value_and_gradient(*data, workspace)
            network.theta[i] = before
            return value

        return Curve(value_at, float(network.theta[i]), loss)

    arrays = []
    for layer, name, places in _places(network):
        largest = float(np.abs(gradient[places]).max())
        drawn = rng.permutation(places.ravel())[:max_parameters]
        errors = [relative_error(curve(i), gradient[i], largest, tolerance) for i in drawn]
        at_kinks = int(np.isnan(errors).sum())
        error = np.nan if at_kinks == len(errors) else float(np.nanmax(errors))
        found = len(errors), at_kinks, largest, error, tolerance
        arrays.append(ArrayCheck(layer, name, places.shape, *found))
    return GradientReport(arrays, loss, n_rows, STEP, tolerance)


def _places(network: Network):
    """Yield layer, name and places in theta of every array of parameters."""
    places = Parameters(np.arange(network.theta.size), network.layers).by_layer
    for layer, of_layer in zip(layer_names(network.layers), places, strict=True):
        for name, array in of_layer._asdict().items():
            yield layer, name, array
