"""The choice of a log link for a skewed y, by held-out errors.

With the log link, p = exp(z), and the Poisson loss, a model learns the mean of y itself: it
needs no transform of y, and no correction of one, as `E exp(z)` is not `exp(E z)`. This
suits targets on which the features act as factors, such as prices and incomes.

Small networks are trained with and without it, on the folds of the ensemble. The link is
that with the smaller mean error on the held-out rows, in the units of y.

References
----------
Santos Silva, Tenreyro, "The log of gravity", Review of Economics and Statistics 88, 2006.
"""

from collections.abc import Callable

import numpy as np

from skfcnn.regressor import FullyConnectedRegressor
from skfcnn.tabular.folds import Fold
from skfcnn.tabular.network_training import train_network
from skfcnn.tabular.presets import Family, network_params

# The skewness from which the log link is tried; below it gained little.
LEAST_SKEWNESS = 1.0
NETWORK = Family((256,), "relu", 8)
# Of each fold, the rows at most to train a network on and to validate it on; and the folds.
MOST_ROWS, MOST_FOLDS = 2000, 3


def is_skewed(y: np.ndarray, weights: np.ndarray) -> bool:
    """Return whether no number is negative, and every column is skewed to the right."""
    y, weights = y[weights > 0.0], weights[weights > 0.0]
    if (y < 0.0).any():
        return False
    columns = y.reshape(len(y), -1)
    centered = columns - np.average(columns, axis=0, weights=weights)
    deviation = np.sqrt(np.average(centered**2, axis=0, weights=weights))
    if not (deviation > 0.0).all():
        return False
    skewness = np.average((centered / deviation) ** 3, axis=0, weights=weights)
    return bool((skewness > LEAST_SKEWNESS).all())


def log_link_is_better(data, losses_of: Callable, params: dict, seed: int) -> bool:
    """Return whether networks with the log link have the smaller held-out error.

    Parameters
    ----------
    data : MemberData
    losses_of : callable
        Takes predictions, (n_rows, n_outputs), and y; returns the error of each row.
    params : dict
        Parameters of the networks that belong to the loss.
    seed : int

    Raises
    ------
    KeyboardInterrupt
        If the user has interrupted the training of a network.
    """
    if not all(data.y[fold.train].any() for fold in data.folds):
        return False  # the Poisson loss of trees needs a positive number
    totals = np.zeros(2)
    all_epochs = {"n_iter_no_change": np.inf}
    for fold in data.folds[:MOST_FOLDS]:
        rng = np.random.RandomState(seed)
        rows = Fold(_some(fold.train, rng), _some(fold.held_out, rng))
        if not data.weights[rows.train].any() or not data.weights[rows.held_out].any():
            continue
        y, weights = data.y[rows.held_out], data.weights[rows.held_out]
        for i, loss in enumerate(("squared_error", "poisson")):
            network = FullyConnectedRegressor(
                **network_params(
                    NETWORK, len(rows.train), all_epochs | params | {"loss": loss}
                ),
                random_state=seed,
            )
            trained = train_network(network, (data.X, data.y, data.weights), rows)
            if trained.interrupted:
                raise KeyboardInterrupt
            predicted = trained.model.predict(data.X[rows.held_out])
            totals[i] += weights @ losses_of(predicted.reshape(len(y), -1), y)
    return bool(totals[1] < totals[0])


def _some(rows: np.ndarray, rng) -> np.ndarray:
    """Return at most MOST_ROWS rows, drawn at random, in their order."""
    if len(rows) <= MOST_ROWS:
        return rows
    return np.sort(rng.choice(rows, MOST_ROWS, replace=False))
