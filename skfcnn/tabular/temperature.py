"""Temperature scaling: calibrates the probabilities of a model with one parameter.

p_k -> p_k^(1/T) / sum_j p_j^(1/T), with the T that minimizes the log loss on rows that the
model was not trained on. T > 1 makes a model less confident, T < 1 more confident; the
order of the classes does not change. It is equivalent to dividing the outputs of a network
by T before the softmax.

If a model predicts all n rows correctly, the log loss is minimal at T = 0. Therefore each
label counts as correct only with probability (n + 1) / (n + 2), as in Platt's paper; n
counts rows by their weights.

References
----------
Guo et al., "On calibration of modern neural networks", arXiv:1706.04599. Platt,
"Probabilistic outputs for support vector machines", 1999, section 2.2.
"""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from skfcnn.estimator.row_counts import row_counts

# The search is between 1 / LARGEST and LARGEST.
LARGEST = 10.0


def best_temperature(probabilities, y, weights) -> float:
    """Return the temperature that minimizes the log loss.

    Parameters
    ----------
    probabilities : ndarray of shape (n_rows, n_classes)
    y : ndarray of int of shape (n_rows,)
        The column of the class of each row.
    weights : ndarray of shape (n_rows,)
        Not all zero.
    """
    z = _logarithms(probabilities)
    wrong = 1.0 / (row_counts(weights).sum() + 2.0)

    def loss(log_temperature):
        log_p = log_softmax(z / np.exp(log_temperature), axis=1)
        of_true = log_p[np.arange(len(y)), y]
        smooth = (1.0 - wrong) * of_true + wrong * log_p.mean(axis=1)
        return -np.average(smooth, weights=weights)

    bound = np.log(LARGEST)
    return float(np.exp(minimize_scalar(loss, bounds=(-bound, bound), method="bounded").x))


def tempered(probabilities, temperature: float):
    """Return the probabilities, (n_rows, n_classes), at a temperature; none is 0."""
    p = softmax(_logarithms(probabilities) / temperature, axis=1)
    return np.maximum(p, np.finfo(float).tiny)


def _logarithms(probabilities):
    """Return log p; of zero that of the smallest positive number."""
    return np.log(np.maximum(probabilities.astype(float), np.finfo(float).tiny))


def tempered_labels(probabilities, temperature: float):
    """Return the probabilities of several labels, (n_rows, n_labels), at a temperature."""
    p = probabilities.astype(float)
    both = tempered(np.stack([1.0 - p, p], axis=-1).reshape(-1, 2), temperature)
    return both[:, 1].reshape(p.shape)
