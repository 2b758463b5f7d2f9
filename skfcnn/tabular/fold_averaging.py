"""By how much the mean of the members of all folds errs less than one of them.

A held-out row is predicted by the member that has not been trained on it, and a new row by
the mean of all. If the predictions of K members for a row have the variance v, the mean of
m of them has a squared error that is v (1/m - 1/K) above that of the mean of all.

v is that of the members that were trained on a row: their predictions are more alike for
this row than for new ones, so that the gain is rather underestimated.

References
----------
Krogh, Vedelsby, "Neural network ensembles, cross validation, and active learning", NeurIPS
1994.
"""

import numpy as np

# Rows from which the gain is estimated at most.
MOST_ROWS = 2000


def gain_of_averaging(mixture, data, rows: np.ndarray) -> float:
    """Return the mean gain in squared error, for one output.

    Parameters
    ----------
    mixture : list of pairs (family, weight)
    data : MemberData
    rows : ndarray of int
        Rows that were held out.
    """
    folds = data.folds[: min(len(family.members) for family, _ in mixture)]
    rows = rows[:: -(-len(rows) // MOST_ROWS)]
    held_out, trained = (
        np.array([np.isin(rows, getattr(fold, part)) for fold in folds])
        for part in ("held_out", "train")
    )
    n_held_out, n_trained = held_out.sum(axis=0), trained.sum(axis=0)
    counted = (n_held_out > 0) & (n_trained > 1)
    if not counted.any() or not data.weights[rows[counted]].any():
        return 0.0
    rows, trained = rows[counted], trained[:, counted]
    outputs = np.zeros(trained.shape)
    for family, weight in mixture:
        features = data.of(family)[0][rows]
        for of_member, member in zip(outputs, family.members, strict=False):
            of_member += weight * family.outputs(member, features)[:, 0]
    variance = np.var(outputs, axis=0, ddof=1, where=trained)
    gain = variance * (1.0 / n_held_out[counted] - 1.0 / len(folds))
    return float(np.average(gain, weights=data.weights[rows]))
