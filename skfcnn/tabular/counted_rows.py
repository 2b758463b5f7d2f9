"""The rows of a table that count: those of positive weight.

A row of weight zero is not encoded, and is in no fold. Rows keep their positions, which
folds and importances refer to; in the encoded table, rows without weight are zero.
"""

from collections.abc import Sequence

import numpy as np
from sklearn.utils.validation import check_consistent_length

from skfcnn._sklearn import _safe_indexing
from skfcnn.tabular.encoding import among, encode, encode_training_rows
from skfcnn.tabular.given_table import GivenTable, checked_weights
from skfcnn.tabular.members import MemberData
from skfcnn.tabular.moved_columns import movable, rows_of


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
        model, X, y, data.weights[rows], among(rows, splits), seed
    )
    X = in_place(encoded, rows, len(data.y))
    if validation.X is None:
        return MemberData(X, data.y, data.weights, data.folds)
    y_val = target.encode(validation.y)
    weights = checked_weights(validation.sample_weight, y_val)
    X_val = encode(model, validation.X)
    check_consistent_length(X_val, y_val)
    return MemberData(
        np.vstack([X, X_val]),
        np.concatenate([data.y, y_val]),
        np.concatenate([data.weights, weights]),
        data.folds,
    )


def with_weight(X, y, rows: np.ndarray, n_rows: int) -> tuple:
    """Return these rows of a table and its y, of n_rows rows, as passed if they are all."""
    if len(rows) == n_rows:
        return X, y
    try:
        table = movable(X)
    except (ValueError, TypeError):  # what only an encoder of the user's can read
        check_consistent_length(X, y)
        return _safe_indexing(X, rows), _safe_indexing(y, rows)
    check_consistent_length(table, y)
    return rows_of(table, rows), _safe_indexing(y, rows)


def in_place(encoded: np.ndarray, rows: np.ndarray, n_rows: int) -> np.ndarray:
    """Return a table of n_rows rows with these encoded rows; the others are zero."""
    if len(rows) == n_rows:
        return encoded
    table = np.zeros((n_rows, encoded.shape[1]), encoded.dtype)
    table[rows] = encoded
    return table
