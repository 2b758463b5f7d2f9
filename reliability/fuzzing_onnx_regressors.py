"""Regressors of all kinds, and what ONNX makes of them.

    python reliability/fuzzing_onnx_regressors.py --regressors 2000

Each regressor has a loss, layers, outputs or quantiles, a scaler and precisions that are
drawn, and a y of a drawn unit and origin. Some of the rows that are predicted are larger
than those in training. Where a prediction overflows, which is an error in Python, ONNX has
to return infinity.
"""

import argparse
import time
import warnings

import numpy as np
from fuzzing_onnx import opened
from seeds import outcomes
from skl2onnx import to_onnx
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skfcnn import FullyConnectedRegressor
from skfcnn.network.activations import ACTIVATIONS
from skfcnn.network.losses import NUMBER_LOSSES
from skfcnn.preprocessing import RobustSmoothScaler

N_ROWS = 60
LAYERS = {
    "scaling_layer": [False, True],
    "parametric_activation": [False, True],
    "normalization": [None, "layer"],
    "numeric_embedding": [None, "pbld"],
}
LEVELS = [0.05, 0.1, 0.5, 0.9, 0.95]
OPERATORS = [None, 12, 15, 18, 21]


def squared(y, p):
    return 0.5 * (p - y) ** 2


def slope_of_squared(y, p):
    return p - y


LOSSES = [
    *NUMBER_LOSSES,
    (squared, slope_of_squared),
    (squared, slope_of_squared, "exp"),
]


def pick(rng, options):
    """Return one of the options, of any type."""
    return options[rng.integers(len(options))]


def random_regressor(rng, dtype):
    """Return a regressor, alone or after a scaler."""
    sizes = rng.integers(1, 12, rng.integers(0, 3)).tolist()
    levels = rng.choice(LEVELS, rng.integers(1, 5)).tolist()
    network = FullyConnectedRegressor(
        pick(rng, LOSSES),
        hidden_layer_sizes=sizes,
        activation=[pick(rng, [*ACTIVATIONS]) for _ in sizes],
        solver=pick(rng, ["adam", "sgd", "lbfgs"]),
        learning_rate_init=0.01,
        max_iter=3,
        quantile=pick(rng, [levels, levels[0]]),
        tweedie_power=pick(rng, [-1.0, 0.0, 1.0, 1.5, 2.0, 3.0]),
        scale_target=pick(rng, [True, True, True, False]),
        dtype=dtype,
        random_state=0,
        **{name: pick(rng, options) for name, options in LAYERS.items()},
    )
    scaler = pick(rng, [None, StandardScaler(), RobustSmoothScaler()])
    return network if scaler is None else make_pipeline(scaler, network)


def random_y(rng, network):
    """Return positive numbers for one to three outputs; of any size if they are scaled."""
    n_outputs = 1 if network.loss == "quantile" else rng.integers(1, 4)
    y = rng.gamma(2.0, size=(N_ROWS, n_outputs))
    if network.scale_target:
        y = 10.0 ** rng.uniform(-6.0, 6.0, n_outputs) * (pick(rng, [0.0, 100.0]) + y)
    return y[:, 0] if n_outputs == 1 else y


def far_away(rng, X, network):
    """Return larger rows; not much larger, if the cosines of an embedding lose digits."""
    factors = [1.0, 3.0] if network.numeric_embedding else [1.0, 3.0, 100.0, 1e4]
    return pick(rng, factors) * X


def check(seed):
    """Compare a regressor with its ONNX; return what came of it."""
    rng = np.random.default_rng(seed)
    fitted, given = (pick(rng, ["float32", "float64"]) for _ in range(2))
    model = random_regressor(rng, fitted)
    network = model[-1] if hasattr(model, "steps") else model
    X = rng.normal(pick(rng, [0.0, 5.0]), 1.0, (N_ROWS, rng.integers(1, 6)))
    try:
        model.fit(X, random_y(rng, network))
    except ValueError as error:  # training has diverged
        assert "To fix this" in str(error), error
        return "not fitted"
    x = far_away(rng, X, network).astype(given)
    graph = to_onnx(model, x[:1], target_opset=pick(rng, OPERATORS))
    (p,) = opened(graph).run(None, {"X": x})
    assert p.shape == (N_ROWS, network.n_outputs_) and p.dtype == given
    try:
        expected = model.predict(x).reshape(p.shape)
    except ValueError as error:
        assert "overflow" in str(error), error
        assert not np.isfinite(p).all()
        return "overflow in both"
    # onnxruntime has the error function, which is in gelu, in float32 only.
    exact = fitted == given == "float64" and "gelu" not in network.activation
    compare(p, expected, network, 1e-10 if exact else 1e-4)
    return "the same"


def compare(p, expected, network, tolerance):
    """Raise AssertionError unless raw outputs are the same, relative to the largest."""
    smallest = 0.0
    if network.out_activation_ == "exp":
        p, expected, smallest = np.log(p), np.log(expected), 1.0
    largest = np.abs(expected).max(axis=0, initial=smallest)
    error = (np.abs(p - expected) / largest).max()
    assert error <= tolerance, f"they differ by {error:.1e} of the largest output"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--regressors", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    start = time.perf_counter()
    counts = outcomes(check, range(options.seed, options.seed + options.regressors))
    seconds = time.perf_counter() - start
    print(f"{options.regressors} regressors in {seconds:.0f} s: {dict(counts)}")


if __name__ == "__main__":
    main()
