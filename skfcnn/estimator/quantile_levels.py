"""The levels of the quantile loss: several are several outputs for one number.

The outputs are sorted, so that a higher level never has a lower prediction.
"""

import numpy as np
from sklearn.metrics import d2_pinball_score


def levels_of(params) -> list[float] | None:
    """Return the levels of the quantile loss, or None for another loss.

    Raises
    ------
    ValueError
        If a level is not between 0 and 1, or there are none.
    """
    if params.loss != "quantile":
        return None
    levels = [float(level) for level in np.atleast_1d(params.quantile)]
    if not levels or not all(0.0 < level < 1.0 for level in levels):
        raise ValueError(
            "quantile must be a level between 0 and 1, or a list of such levels; got "
            f"{params.quantile!r}."
        )
    return levels


def in_order(outputs, levels: list[float]):
    """Return the outputs of each row, (n_rows, n_levels), in the order of their levels."""
    ranks = np.argsort(np.argsort(levels, kind="stable"))
    return np.sort(outputs, axis=1)[:, ranks]


def score_of_levels(y, predicted, levels: list[float], weights) -> float:
    """Return D^2 of the pinball loss, the mean over the levels.

    `y` and `predicted` have a column for each level.
    """
    columns = zip(y.T, predicted.T, levels, strict=True)
    scores = [
        d2_pinball_score(of_y, of_p, alpha=level, sample_weight=weights)
        for of_y, of_p, level in columns
    ]
    return float(np.mean(scores))
