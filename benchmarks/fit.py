"""Seconds per epoch of a fit by Adam; PyTorch, JAX, and the matrix products alone."""

import jax_loop
import numpy as np
import torch_loop
from clock import timed
from estimators import estimators
from products import products
from shapes import Shape, make_data
from turns import Contestant, Setting

# With the epochs of one timed fit: each takes long enough to be timed, and short enough
# to be repeated.
SHAPES = [
    (Shape(150, 4, 3, (10,), 32), 200),
    (Shape(1437, 64, 10, (100,), 200), 30),
    (Shape(10000, 30, 2, (100,), 200), 10),
    (Shape(20000, 54, 7, (256, 256, 256), 256), 2),
    (Shape(20000, 784, 10, (256, 128), 200), 2),
    (Shape(10000, 784, 10, (1024, 1024), 256), 1),
]

LIMIT = "products (float32)"


def make_fit(estimator, shape, dtype):
    X, y = make_data(shape.n, shape.d, shape.n_classes)
    X = X.astype(dtype)
    epochs = estimator.max_iter

    def fit():
        estimator.fit(X, y)
        assert estimator.n_iter_ == epochs, estimator

    return timed(fit, epochs)


def make_products(shape, epochs):
    epoch = products(*shape)
    return timed(lambda: [epoch() for _ in range(epochs)], epochs)


def contestants(shape, epochs):
    same = estimators(
        hidden_layer_sizes=shape.hidden,
        batch_size=shape.batch,
        max_iter=epochs,
        tol=0.0,
        n_iter_no_change=epochs,  # never fewer epochs than the others
        random_state=0,
    )
    fits = []
    for name, estimator in same.items():
        fits.append(Contestant(name, make_fit, (estimator, shape, np.float64)))
        if name != "skfcnn (float64)":
            arguments = (estimator, shape, np.float32)
            fits.append(Contestant(f"{name} (float32 X)", make_fit, arguments))
    if torch_loop.INSTALLED:
        fits.append(Contestant("PyTorch", torch_loop.make_fit, (shape, epochs)))
    if jax_loop.INSTALLED:
        fits.append(Contestant("JAX", jax_loop.make_fit, (shape, epochs)))
    return [*fits, Contestant(LIMIT, make_products, (shape, epochs))]


def settings(options):
    chosen = [SHAPES[int(number) - 1] for number in options.shapes]
    fits = [
        Setting(str(shape), contestants(shape, epochs), options.threads)
        for shape, epochs in chosen
    ]
    return fits + [compilation(shape, options) for shape, _ in chosen if jax_loop.INSTALLED]


def compilation(shape, options):
    compiler = Contestant("JAX, compilation", jax_loop.make_compilation, (shape,))
    name = f"{shape}, compilation"
    return Setting(name, [compiler], options.threads, fresh=True, most_rounds=1)
