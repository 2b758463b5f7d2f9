"""What a fit of an ensemble draws at random: folds and seeds."""

from functools import partial
from numbers import Integral
from typing import NamedTuple

import numpy as np
from sklearn.utils import check_random_state

from skfcnn.tabular.folds import Fold, folds, folds_of, group_splitter, merged_strata
from skfcnn.tabular.presets import EFFORTS


class Drawn(NamedTuple):
    """What a fit draws at random: folds, and seeds, those of the networks in a list."""

    folds: list[Fold]
    encoder_seed: int
    seeds: list[int]
    importances_seed: int


def draw(model, target, given, validation, labelled) -> Drawn:
    """Draw the folds and the seeds."""
    rng = check_random_state(model.random_state)
    rows = folds_for(model, target, given, validation, labelled, rng)
    # What a transformer draws for an int is the same for all ensembles with this int.
    is_int = isinstance(model.random_state, Integral)
    encoder_seed = model.random_state if is_int else rng.randint(2**31)
    n_models = (len(EFFORTS[model.effort].families) + bool(model.trees)) * len(rows)
    seeds = [int(rng.randint(2**31)) for _ in range(n_models)]
    return Drawn(rows, int(encoder_seed), seeds, int(rng.randint(2**31)))


def folds_for(model, target, given, validation, labelled, rng) -> list[Fold]:
    """Return the rows to train on and to hold out, for each network of a kind."""
    y, weights = labelled
    n_folds = EFFORTS[model.effort].n_folds
    if validation.X is not None:
        n_val = len(target.encode(validation.y))
        all_rows = Fold(np.arange(len(y)), len(y) + np.arange(n_val))
        return [all_rows] * n_folds
    is_drawn = model.cv is None or isinstance(model.cv, Integral)
    if is_drawn:
        n_folds = n_folds if model.cv is None else int(model.cv)
    cv = group_splitter(given.groups, n_folds, rng) if is_drawn else model.cv
    if cv is None:
        return folds(target.strata(y), weights, n_folds, rng)
    labels = merged_strata(target.strata(y), cv.n_splits) if is_drawn else given.y
    missing_rows = partial(target.missing_rows, y)
    return folds_of(cv, (given.X, labels, given.groups), weights, missing_rows)


def splits_means(model, given, validation) -> bool:
    """Return whether target means are computed within the folds."""
    return validation.X is None and (model.cv is not None or given.groups is not None)
