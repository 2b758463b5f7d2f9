"""The random numbers of a fit of an ensemble: folds and seeds."""

from functools import partial
from numbers import Integral
from typing import NamedTuple

import numpy as np
from sklearn.utils import check_random_state

from skfcnn.tabular.folds import Fold, folds, folds_of, group_splits
from skfcnn.tabular.given_table import checked_weights
from skfcnn.tabular.presets import EFFORTS


class Drawn(NamedTuple):
    """The random folds and seeds of a fit; the seeds of the networks are a list."""

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
    effort = EFFORTS[model.effort]
    n_kinds = len(effort.families)
    if model.trees:
        randomized = effort.randomized_trees.model_for(target, len(rows[0].train))
        n_kinds += 1 if randomized is None else 2
    n_models = n_kinds * len(rows)
    seeds = [int(rng.randint(2**31)) for _ in range(n_models)]
    return Drawn(rows, int(encoder_seed), seeds, int(rng.randint(2**31)))


def folds_for(model, target, given, validation, labelled, rng) -> list[Fold]:
    """Return the rows to train on and to hold out, for each network of a kind."""
    y, weights = labelled
    n_folds = EFFORTS[model.effort].n_folds
    missing_rows = partial(target.missing_rows, y)
    if validation.X is not None:
        rows = np.flatnonzero(weights)
        of_val = checked_weights(validation.sample_weight, target.encode(validation.y))
        val = len(y) + np.flatnonzero(of_val)
        return [Fold(rows, val, missing_rows(rows))] * n_folds
    cv, strata = model.cv, target.strata(y)
    if cv is None or isinstance(cv, Integral):
        n_folds = n_folds if cv is None else int(cv)
        if given.groups is None:
            drawn = folds(strata, weights, n_folds, rng)
            return [fold._replace(named=missing_rows(fold.train)) for fold in drawn]
        cv = group_splits(given.groups, strata, weights, n_folds, rng)
    return folds_of(cv, (given.X, given.y, given.groups), weights, missing_rows)


def splits_means(model, given, validation) -> bool:
    """Return whether target means are computed within the folds."""
    return validation.X is None and (model.cv is not None or given.groups is not None)
