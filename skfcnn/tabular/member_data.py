"""What the members of an ensemble are trained on: encoded rows, their weights and folds."""

from collections.abc import Sequence

import numpy as np
from sklearn.utils.validation import check_consistent_length

from skfcnn.tabular.counted_rows import positions_among, with_weight, with_zeros
from skfcnn.tabular.encoding import encode, encode_training_rows
from skfcnn.tabular.family import ModelFamily
from skfcnn.tabular.folds import Fold
from skfcnn.tabular.given_table import GivenTable, checked_weights


class MemberData:
    """Encoded rows, with the features of each family, computed when needed."""

    def __init__(self, X, y, weights, folds: Sequence[Fold]) -> None:
        self.X, self.y, self.weights, self.folds = X, y, weights, folds
        self.features: dict = {}

    @property
    def X_with_weight(self):
        """The encoded rows of positive weight."""
        return self.X if self.weights.all() else self.X[self.weights > 0.0]

    def of(self, family: ModelFamily) -> tuple:
        """Return the features, labels and weights for the models of a family."""
        if family not in self.features:
            family.learn_features(self.X, self.weights)
            self.features[family] = family.features(self.X)
        return self.features[family], self.y, self.weights


def encoded_data(
    model,
    target,
    given: GivenTable,
    validation: GivenTable,
    data: MemberData,
    splits: Sequence[tuple] | None,
    seed: int,
) -> MemberData:
    """Fit the encoder of an ensemble, and return all rows, those to validate on last.

    Parameters
    ----------
    model : TabularEnsemble
        It gets `encoder_`, and the number and the names of the columns.
    target : EnsembleTarget
    given, validation : GivenTable
        As passed by the user.
    data : MemberData
        Encoded y, weights and folds of the rows to train on.
    splits : list of pairs of ndarrays of int, or None
        For target encoding: rows to compute the means from, and rows to encode.
    seed : int
        For what the encoder draws.
    """
    rows = np.flatnonzero(data.weights)
    X, y = with_weight(given.X, given.y, rows, len(data.y))
    model.encoder_, encoded = encode_training_rows(
        model, X, y, data.weights[rows], positions_among(rows, splits), seed
    )
    X = with_zeros(encoded, rows, len(data.y))
    if validation.X is None:
        return MemberData(X, data.y, data.weights, data.folds)
    y_val = target.encode(validation.y)
    weights = checked_weights(validation.sample_weight, y_val)
    rows = np.flatnonzero(weights)
    X_val, _ = with_weight(validation.X, y_val, rows, len(y_val))
    X_val = with_zeros(encode(model, X_val), rows, len(y_val))
    check_consistent_length(X_val, y_val)
    return MemberData(
        np.vstack([X, X_val]),
        np.concatenate([data.y, y_val]),
        np.concatenate([data.weights, weights]),
        data.folds,
    )
