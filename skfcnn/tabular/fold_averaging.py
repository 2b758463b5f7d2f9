"""The gain in accuracy of the mean over all folds, compared with one member.

A held-out row is predicted by the member that has not been trained on it, and a new row by
the mean of all. If the predictions of K members for a row have the variance v, the mean of
m of them has a squared error that is v (1/m - 1/K) above that of the mean of all.

v is that of the members that were trained on a row: their predictions are more alike for
this row than for new ones, so the gain is underestimated.

Probabilities of the true class are larger in the mean, too. With classes drawn by the mean
probabilities, its scores 1 - p of some rows have the distribution F, and those of the
members G. The score s of a held-out row then corresponds to the score F^-1(G(s)).

References
----------
Krogh, Vedelsby, "Neural network ensembles, cross validation, and active learning", NeurIPS
1994.
"""

import numpy as np

# Rows from which the gain is estimated at most.
MOST_ROWS = 2000


def evenly_spaced(rows: np.ndarray, most: int) -> np.ndarray:
    """Return some of the rows, evenly spaced, at most `most`."""
    return rows[:: -(-len(rows) // most)]


def folds_of_members(mixture, data) -> list:
    """Return the folds that have a member in each family."""
    return data.folds[: min(len(family.members) for family, _ in mixture)]


def counts_of(folds, rows: np.ndarray, part: str) -> np.ndarray:
    """Return whether each row is in a part of each fold, (n_folds, n_rows)."""
    return np.array([np.isin(rows, getattr(fold, part)) for fold in folds])


def outputs_of_members(mixture, data, rows: np.ndarray) -> np.ndarray:
    """Return the outputs of the mixture of each fold, (n_folds, n_rows, n_outputs).

    Parameters
    ----------
    mixture : list of pairs (family, weight)
    data : MemberData
    rows : ndarray of int
    """
    folds = folds_of_members(mixture, data)
    features = [data.of(family)[0][rows] for family, _ in mixture]
    return np.array(
        [
            sum(
                weight * family.outputs(family.members[k], of_family)
                for (family, weight), of_family in zip(mixture, features, strict=True)
            )
            for k in range(len(folds))
        ]
    )


def gain_of_averaging(mixture, data, rows: np.ndarray) -> float:
    """Return the mean gain in squared error on held-out rows, for one output."""
    folds, rows = folds_of_members(mixture, data), evenly_spaced(rows, MOST_ROWS)
    n_held_out = counts_of(folds, rows, "held_out").sum(axis=0)
    trained = counts_of(folds, rows, "train")
    counted = (n_held_out > 0) & (trained.sum(axis=0) > 1)
    weights = data.weights[rows[counted]]
    if not weights.any():
        return 0.0
    outputs = outputs_of_members(mixture, data, rows[counted])[:, :, 0]
    variance = np.var(outputs, axis=0, ddof=1, where=trained[:, counted])
    gain = variance * (1.0 / n_held_out[counted] - 1.0 / len(folds))
    return float(np.average(gain, weights=weights))


def scores_of_mean(scores: np.ndarray, mixture, data, rows: np.ndarray) -> np.ndarray:
    """Return the scores 1 - p of held-out rows as they would be in the mean of all.

    They are returned as they are if several members held out a row, or if members of a
    family memorize their training rows: there, these members are alike, and say nothing
    about the mean for new rows.
    """
    folds = folds_of_members(mixture, data)
    memorizes = any(family.memorizes for family, _ in mixture)
    has_several = (counts_of(folds, rows, "held_out").sum(axis=0) > 1).any()
    if len(folds) < 2 or memorizes or has_several:
        return scores
    rows = evenly_spaced(rows, MOST_ROWS)
    trained = counts_of(folds, rows, "train")
    counted = trained.sum(axis=0) > 1
    rows, trained = rows[counted], trained[:, counted, None]
    if not data.weights[rows].any():
        return scores
    p = outputs_of_members(mixture, data, rows)
    mean = p.mean(axis=0, where=trained)
    counts = mean * data.weights[rows][:, None]
    one, share = distribution_of(1.0 - p, counts * trained)
    of_mean, share_of_mean = distribution_of(1.0 - mean, counts)
    return np.interp(np.interp(scores, one, share), share_of_mean, of_mean)


def distribution_of(scores, counts) -> tuple[np.ndarray, np.ndarray]:
    """Return scores in ascending order, 0 to 1, and the share of each and lower ones."""
    order = np.argsort(scores, axis=None)
    total = np.cumsum(counts.ravel()[order])
    scores = scores.ravel()[order]
    return np.r_[0.0, scores, 1.0], np.r_[0.0, total / total[-1], 1.0]
