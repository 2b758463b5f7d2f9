"""From the user's table to the numbers that an ensemble is trained on."""

from collections.abc import Sequence

import numpy as np
from sklearn import config_context
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.utils import check_array
from sklearn.utils.validation import check_consistent_length, validate_data

from skfcnn.estimator.records import refuse_records
from skfcnn.tabular.dataframes import check_in_memory
from skfcnn.tabular.encoder import TargetMeans, table_encoder

# Parameters of the ensemble that are those of the encoder "auto".
DECLARED = (
    "categorical_features",
    "numeric_features",
    "datetime_features",
    "drop_features",
)
FLOATS = [np.float32, np.float64]


def encode_training_rows(
    model, X, y, weights: np.ndarray, splits: Sequence[tuple] | None, seed: int
):
    """Fit the encoder of an ensemble, and return it with the encoded rows.

    Parameters
    ----------
    model : TabularEnsemble
        It gets the number and the names of the columns.
    X, y
        As passed by the user, but only rows with weight.
    weights : ndarray of shape (n_rows,)
        Positive. Only the encoder "auto" uses them.
    splits : list of pairs of ndarrays of int, or None
        For target encoding: rows to compute the means from, and rows to encode.
    seed : int
        For what the encoder draws.

    Returns
    -------
    encoder : transformer or "passthrough"
    encoded : ndarray of shape (n_rows, n_encoded)
    """
    for name in ("n_features_in_", "feature_names_in_"):
        vars(model).pop(name, None)
    refuse_declared(model)
    if isinstance(model.encoder, str) and model.encoder == "passthrough":
        _check_array_like(X)
        encoded = validate_data(model, X, dtype=FLOATS)
        check_consistent_length(encoded, y)
        return "passthrough", encoded
    if isinstance(model.encoder, str) and (weights != weights[0]).any():
        with config_context(enable_metadata_routing=True):
            encoder = new_encoder(model, splits, seed, is_weighted=True)
            encoded = encoder.fit_transform(X, y, sample_weight=weights)
    else:
        encoder = new_encoder(model, splits, seed)
        encoded = encoder.fit_transform(X, y)
    encoded = checked(encoded)
    check_consistent_length(encoded, y)
    _forget_splits(encoder)
    for name in ("n_features_in_", "feature_names_in_"):
        if hasattr(encoder, name):
            setattr(model, name, getattr(encoder, name))
    return encoder, encoded


def refuse_declared(model) -> None:
    """Raise ValueError if columns are declared for another encoder than "auto"."""
    if isinstance(model.encoder, str) and model.encoder == "auto":
        return
    for name in DECLARED:
        columns = getattr(model, name)
        if columns is not None and not isinstance(columns, str) and len(columns):
            raise ValueError(
                f"{name} is only for encoder='auto'; got encoder={model.encoder!r}. "
                "Declare the columns in the encoder, or leave the parameter out."
            )


def new_encoder(model, splits, seed: int, *, is_weighted: bool = False):
    """Return the unfitted encoder of an ensemble."""
    if isinstance(model.encoder, str):
        declared = {name: getattr(model, name) for name in DECLARED}
        return table_encoder(
            is_continuous=model._target_class.is_continuous,
            random_state=seed,
            splits=splits,
            is_weighted=is_weighted,
            estimator_name=type(model).__name__,
            **declared,
        )
    return clone(model.encoder)


def encode(model, X) -> np.ndarray:
    """Return the rows of a table as a fitted ensemble encodes them."""
    if isinstance(model.encoder_, str):
        _check_array_like(X)
        return validate_data(model, X, dtype=FLOATS, reset=False)
    return checked(model.encoder_.transform(X))


def _check_array_like(X) -> None:
    refuse_records(X)
    check_in_memory(X)


def checked(encoded) -> np.ndarray:
    """Return what an encoder returned as an array of finite floats."""
    return check_array(encoded, dtype=FLOATS, input_name="the output of the encoder")


def cross_fit(
    encoder,
    encoded: np.ndarray,
    X,
    y,
    weights: np.ndarray,
    splits: Sequence[tuple] | None,
) -> None:
    """Replace the target means of training rows, as `transform` gives them, in place.

    The means of a row are then from other rows, as in training.

    Parameters
    ----------
    encoder : transformer or "passthrough"
        Fitted to X and y. Only the encoder "auto" is known to have target means.
    encoded : ndarray of shape (n_rows, n_encoded)
        What its `transform` returns for X.
    X, y
        As passed by the user, but only rows with weight.
    weights : ndarray of shape (n_rows,)
        Positive.
    splits : list of pairs of ndarrays of int, or None
        As in `encode_training_rows`.
    """
    if not (isinstance(encoder, Pipeline) and isinstance(encoder[-1], ColumnTransformer)):
        return
    for name, step, columns in encoder[-1].transformers_:
        is_means = isinstance(step, Pipeline) and isinstance(step[0], TargetMeans)
        if is_means and len(columns):
            table = encoder[:-1].transform(X)[columns]
            means = clone(step[0]).set_params(splits=splits)
            means = means.fit_transform(table, y, weights)
            where = encoder[-1].output_indices_[name]
            encoded[:, where] = step[1:].transform(means)


def _forget_splits(encoder) -> None:
    """Drop the rows of the splits: a fitted model has as many numbers for any table."""
    if not isinstance(encoder, Pipeline):
        return
    for step in (encoder[-1], *getattr(encoder[-1], "named_transformers_", {}).values()):
        means = step[0] if isinstance(step, Pipeline) else None
        if isinstance(means, TargetMeans):
            means.splits = None
