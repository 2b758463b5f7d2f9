"""Ensemble weights by EM on out-of-fold predictions.

The mixture is p = sum_f w_f p_f, with the weights that minimize the log loss. A step of
expectation-maximization divides each row among the models in proportion to w_f times the
probability of the true class; the new weight of a model is its mean share. PRIOR additional
rows are divided equally, so that with few rows all models have about the same weight.

References
----------
Dempster, Laird, Rubin, "Maximum likelihood from incomplete data via the EM algorithm",
Journal of the Royal Statistical Society B 39, 1977.
"""

import numpy as np

from skfcnn.estimator.row_counts import row_counts

# Chosen on the development sets of docs/presets.md, together with the last temperature.
PRIOR = 3.0
N_STEPS = 200


def mixing_weights(p_true: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the weight of each model; they sum to 1.

    Parameters
    ----------
    p_true : ndarray of shape (n_models, n_rows)
        The probability of the true class of each row, as predicted by each model.
    weights : ndarray of shape (n_rows,)
        The weights of the rows, not all zero. Whole numbers count as repeats; of others,
        and of equal ones, only the proportions matter.
    """
    n_models, _ = p_true.shape
    weights = row_counts(weights)
    mix = np.full(n_models, 1.0 / n_models)
    total = weights.sum() + PRIOR
    for _ in range(N_STEPS):
        shares = mix[:, None] * p_true
        shares /= shares.sum(axis=0)
        mix = (shares @ weights + PRIOR / n_models) / total
    return mix
