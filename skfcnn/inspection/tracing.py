"""All intermediate values of one forward and one backward pass.

The passes are those of training, computed by the objective. Every layer of the network is
wrapped in one that copies its inputs and outputs.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from skfcnn.estimator.target_scale import Unscaled
from skfcnn.inspection.fitted import activation_name
from skfcnn.inspection.pages import trace_as_html
from skfcnn.inspection.problem import Problem, layer_names, make_problem
from skfcnn.inspection.texts import trace_as_text
from skfcnn.network.parameters import Parameters
from skfcnn.training.threads import threads_for


@dataclass(repr=False)
class LayerTrace:
    """The inputs, outputs and gradients of one layer; all arrays are copies.

    Attributes
    ----------
    name : str
        "hidden 1", ..., "output"; "embedding" for the embedding of numeric columns,
        "mix 1", ... for parametric activations. With a normalization, hidden layers
        are "hidden 1" (linear), "normalization 1" and "activation 1".
    activation : str or None
        The name of f; None for a layer without f.
    x : ndarray or sparse matrix of shape (n_rows, n_in)
        The input of the layer.
    z : ndarray of shape (n_rows, n_out) or None
        Net inputs, x W + b; None for a layer that is not linear.
    slope : ndarray of shape (n_rows, n_out) or None
        f'(z); None for a layer without f.
    a : ndarray of shape (n_rows, n_out)
        The output of the layer: of a linear one f(z), or z without f.
    dJ_da : ndarray of shape (n_rows, n_out)
        The gradient from the layer above.
    delta : ndarray of shape (n_rows, n_out) or None
        dJ/dz; None without z.
    parameters : dict of str to ndarray
        "weights" (n_in, n_out) and "bias" (n_out,), and "scale" (n_in,) with a scaling
        layer; "mix" (n_out,); "frequency", "phase", "weights" and "bias" of embeddings;
        "gain" and "bias" (n_out,) of a normalization. Empty for an activation.
    gradient : dict of str to ndarray
        dJ/d of each, including the penalty.
    """

    name: str
    activation: str | None
    x: np.ndarray
    z: np.ndarray | None
    slope: np.ndarray | None
    a: np.ndarray
    dJ_da: np.ndarray
    delta: np.ndarray | None
    parameters: dict[str, np.ndarray]
    gradient: dict[str, np.ndarray]

    def __repr__(self) -> str:
        shape = ", ".join(f"{key}: {W.shape}" for key, W in self.parameters.items())
        return f"<LayerTrace of {self.name}, {len(self.a)} rows, {shape}>"


@dataclass(repr=False)
class Trace:
    """One forward and one backward pass.

    Its repr is text with every formula and its result; a notebook shows tables and a
    diagram. Arrays of more than 12 rows or columns are summarized.

    Attributes
    ----------
    layers : list of LayerTrace
        From the inputs to the outputs.
    loss : float
        J: the weighted mean loss plus the penalty. For a regressor that standardizes y, it
        is the loss of standardized y.
    penalty : float
        The penalty term of J.
    predictions : ndarray of shape (n_rows, n_outputs)
        p, the outputs after the link. For a classifier, these are probabilities; for two
        classes, that of the second. For a regressor, they have the scale of `target`.
        Several quantiles are not sorted.
    target : ndarray of shape (n_rows, n_outputs)
        y, the target that p is compared with: after label smoothing, or standardized.
    target_mean, target_deviation : ndarray of shape (n_outputs,) or None
        m and s of a regressor that standardizes y: `target` is (y - m) / s, with the y of
        the user. For the losses that predict exp(z), m is 0 and s the mean of y. None if
        training sees y as it is.
    weights : ndarray of shape (n_rows,)
        Weight of each row, including class weights.
    alpha : float
        Strength of the penalty.
    loss_name, link_name : str
        Class names in skfcnn.network.losses and links, such as "LogLoss" and "Softmax". The
        loss of two functions of the user is "FunctionLoss".
    inputs, outputs : list of str
        Names of the columns of X, and of the outputs.
    """

    layers: list[LayerTrace]
    loss: float
    penalty: float
    predictions: np.ndarray
    target: np.ndarray
    target_mean: np.ndarray | None
    target_deviation: np.ndarray | None
    weights: np.ndarray
    alpha: float
    loss_name: str
    link_name: str
    inputs: list[str]
    outputs: list[str]

    def __repr__(self) -> str:
        return trace_as_text(self)

    def _repr_html_(self) -> str:
        return trace_as_html(self)


def trace(estimator, X, y, *, sample_weight=None) -> Trace:
    """Return all values of one forward and one backward pass: z, a, delta and gradients.

    For every layer, in the symbols of the code::

        z = x W + b,  a = f(z),  delta = dJ/da * f'(z),  dW = x.T delta

    The passes are those of training with these rows as one batch, in the estimator's
    precision, with its loss, penalty, class weights and label smoothing, but without
    dropout, which drops other units in every pass. J is a mean over the rows, so every
    delta includes the factor 1/n. The squared error of a row is 1/2 (p - y)^2.

    Training of a regressor with `scale_target=True` sees standardized y: (y - m) / s, or
    y / s for the losses that predict exp(z). So does the trace: y, p, J, and the parameters
    of the last layer have this scale, and m and s are shown. `coefs_`, `intercepts_` and
    `predict` have the units of y. Before a fit, m and s are those of the rows given here.

    Some formulas have parameters of the estimator: d is `huber_delta`, q is `quantile`, t
    is `tweedie_power`, and alpha and gamma are the parameters of these names. p > y is 1 if
    it is true, and otherwise 0. For a loss of two functions of the user, the derivative is
    shown as dl/dz.

    Parameters
    ----------
    estimator : FullyConnectedClassifier or FullyConnectedRegressor
        If fitted, its network is traced; otherwise a network that is initialized as in
        `fit`. In the latter, weights of an output layer that `fit` sets to zero are drawn:
        zeros would make all gradients below zero. The estimator is not changed.
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        Rows as for `fit`. Pass only a few, since all intermediate values are kept.
    y : array-like of shape (n_samples,), (n_samples, n_labels) or (n_samples, n_outputs)
        Their labels, or the numbers to predict.
    sample_weight : array-like of shape (n_samples,), default=None
        Weight of each row.

    Returns
    -------
    trace : Trace

    Raises
    ------
    TypeError
        If the estimator is not a FullyConnectedClassifier or FullyConnectedRegressor.
    ValueError
        For data or parameters that `fit` rejects.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skfcnn import FullyConnectedClassifier
    >>> from skfcnn.inspection import trace
    >>> X, y = load_iris(return_X_y=True)
    >>> passes = trace(FullyConnectedClassifier((3,), random_state=0), X, y)
    >>> [layer.name for layer in passes.layers]
    ['hidden 1', 'output']
    >>> passes.layers[1].delta.shape
    (150, 3)
    """
    problem = make_problem(estimator, X, y, sample_weight)
    with (
        threads_for(problem.n_products),
        np.errstate(over="ignore", invalid="ignore", divide="ignore"),
    ):
        return _passes(problem)


class _RecordedLayer:
    """A layer that keeps copies of its inputs and outputs."""

    def __init__(self, layer) -> None:
        self.layer = layer

    def forward(self, x, parameters, buffers):
        self.x = x.copy()  # an activation overwrites it
        a = self.layer.forward(x, parameters, buffers)
        self.a = a.copy()
        return a

    def backward(self, x, parameters, buffers, delta_x):
        self.dJ_da = buffers.delta.copy()
        self.layer.backward(x, parameters, buffers, delta_x)

    def slope(self):
        """Return f'(z) of an activation."""
        function, slope = self.layer.pair
        z, a = self.x.copy(), np.empty_like(self.a)
        function(z, out=a, work=np.empty_like(a))
        return np.array(slope(z, a), a.dtype)


def _passes(problem: Problem) -> Trace:
    objective, data = problem.objective, problem.data
    network, loss = objective.network, objective.loss
    workspace = network.workspace(len(data.target))
    recorded: Any = tuple(map(_RecordedLayer, network.layers))
    of_gradient = Parameters(workspace.gradient, network.layers).by_layer
    network.layers = recorded
    value = objective.value_and_gradient(*data, workspace)
    layers = _layer_traces(recorded, network.parameters.by_layer, of_gradient)
    p = np.empty_like(data.target)
    loss.link.inverse(layers[-1].z, p)
    mean, deviation = _mean_and_deviation(problem.target)
    return Trace(
        layers,
        loss=value,
        penalty=objective.penalty() / float(data.weights.sum()),
        predictions=p,
        target=loss.targets(data.target).copy(),
        target_mean=mean,
        target_deviation=deviation,
        weights=data.weights.copy(),
        alpha=objective.alpha,
        loss_name=type(getattr(loss, "loss", loss)).__name__,
        link_name=type(loss.link).__name__,
        inputs=[*map(str, problem.inputs)],
        outputs=problem.target.output_names(),
    )


def _mean_and_deviation(target):
    """Return m and s of each output; None if training sees y as it is."""
    if isinstance(target.scale, Unscaled):
        return None, None
    return target.scale.mean.copy(), target.scale.deviation.copy()


def _layer_traces(recorded, of_parameters, of_gradient) -> list[LayerTrace]:
    names = layer_names([each.layer for each in recorded])
    traces: list[LayerTrace] = []
    for name, each, *views in zip(names, recorded, of_parameters, of_gradient, strict=True):
        arrays = [
            {key: array.copy() for key, array in view._asdict().items()} for view in views
        ]
        traces.append(_layer_trace(name, each, *arrays))
        if len(traces) > 1 and _is_activation_of(*traces[-2:]):
            traces[-2:] = [_with_activation(*traces[-2:])]
    return traces


def _layer_trace(name, each, parameters, gradient) -> LayerTrace:
    z = delta = slope = activation = None
    if each.layer.is_linear:
        z, delta = each.a.copy(), each.dJ_da.copy()
    elif hasattr(each.layer, "activation"):
        activation = activation_name(each.layer.activation)
        slope = None if parameters else each.slope()
    passed = each.x, z, slope, each.a, each.dJ_da, delta
    return LayerTrace(name, activation, *passed, parameters, gradient)


def _is_activation_of(below: LayerTrace, trace: LayerTrace) -> bool:
    return below.z is not None and trace.slope is not None


def _with_activation(linear: LayerTrace, activation: LayerTrace) -> LayerTrace:
    """Return a linear layer and its activation as one: z = x W + b, a = f(z)."""
    of_activation = {
        name: getattr(activation, name) for name in ("activation", "slope", "a", "dJ_da")
    }
    return replace(linear, **of_activation)
