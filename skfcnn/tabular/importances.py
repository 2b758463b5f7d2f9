"""Permutation importance of the columns of a table, on held-out rows.

The importance of a column is the decrease of the score if the column is permuted among the
rows that a network has held out. The networks, and so the rows, are those of `fit`.

The encoding is that of training: the target means of a category are computed from other
rows than the encoded one. With `transform`, they would contain its label, and the
importance of columns with many rare categories would be overestimated.
"""

import copy
from collections.abc import Callable
from functools import partial
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import check_scoring
from sklearn.utils import Bunch, check_random_state, check_scalar
from sklearn.utils.validation import check_is_fitted

from skfcnn._sklearn import _check_sample_weight, _safe_indexing
from skfcnn.estimator.validation import WeightedScorer
from skfcnn.tabular.column_names import texts_of
from skfcnn.tabular.counted_rows import positions_among, with_weight
from skfcnn.tabular.dataframes import open_table
from skfcnn.tabular.encoding import cross_fit, encode
from skfcnn.tabular.held_out import HeldOut
from skfcnn.tabular.moved_columns import encoded_columns, movable, rows_of, with_moved

N_REPEATS = 5


class ColumnImportances:
    """A mixin for ensembles: permutation importances of the columns of the table."""

    importances: bool
    _held_out: HeldOut
    _feature_importances: np.ndarray | None
    _target: Any

    def permutation_importances(
        self,
        X,
        y,
        sample_weight: ArrayLike | None = None,
        *,
        n_repeats: int = N_REPEATS,
        scoring: str | Callable | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> Bunch:
        """Compute permutation importances on the held-out rows of the training table.

        Each column is permuted among the rows that a network has held out, and the
        predictions of that network are scored. Use
        `sklearn.inspection.permutation_importance` for new rows; the result has the same
        form.

        Parameters
        ----------
        X, y, sample_weight
            The data passed to `fit`, which the model does not store. If `fit` was given
            X_val, pass X_val, y_val and sample_weight_val.
        n_repeats : int, default=5
            Number of permutations of each column.
        scoring : str, callable or None, default=None
            The score. None is the score of `leaderboard_`: an importance is the increase
            of the mean log loss for classes, and the decrease of R^2 or D^2 for numbers.
            Otherwise the name of a scikit-learn scorer, or a function `(estimator, X, y,
            sample_weight)`. Its X can only be passed to `predict` and `predict_proba` of
            its estimator. Rows have the weights of training, including `class_weight`.
        random_state : int, RandomState instance or None, default=None
            Seed of the permutations.

        Returns
        -------
        importances : Bunch
            With `importances_mean` and `importances_std` of shape (n_features,),
            `importances` of shape (n_features, n_repeats), and `feature_names`, a list.

        Raises
        ------
        ValueError
            If the table is not the one passed to `fit`, or no rows were held out.

        Notes
        -----
        Rows are encoded as in training: the target means of a category are computed from
        other rows. An encoder other than "auto" encodes them by its `transform`. If it uses
        y, the importance of its columns may be overestimated.

        If two columns contain the same information, the importance of both is low.
        """
        check_is_fitted(self, "family_weights_")
        check_scalar(n_repeats, "n_repeats", Integral, min_val=1)
        encoded_y = self._target.encode(y)
        weights = _check_sample_weight(sample_weight, np.empty((len(encoded_y), 1)))
        if not self._held_out.of_val:
            weights = self._target.weights(encoded_y, weights, self)
        self._held_out.check(X, encoded_y, weights)
        rows = OutOfFold(self, X, y, weights)
        score = rows.scorer(scoring, encoded_y)
        return rows.importances(score, n_repeats, check_random_state(random_state))

    def _keep_held_out(
        self, tables: tuple, data, n_trained: int, splits_means: bool
    ) -> None:
        """Store the held-out rows; raise an error early if there are none."""
        self._held_out = HeldOut.of(tables, data, n_trained, splits_means)
        if self.importances:
            open_table(tables[0])
            check_any(self._held_out.groups)

    def _set_importances(self, X, y, data, rng) -> None:
        """Set `feature_importances_` if asked to; X and y have the held-out rows."""
        self._feature_importances = None
        if self.importances:
            n_rows = self._held_out.n_rows
            weights = data.weights[-n_rows:]
            rows = OutOfFold(self, X, y, weights)
            score = rows.scorer(None, data.y[-n_rows:])
            found = rows.importances(score, N_REPEATS, rng)
            self._feature_importances = found.importances_mean

    @property
    def feature_importances_(self) -> np.ndarray:
        """Mean permutation importance of each column, `(n_features_in_,)`.

        Only with `importances=True`.
        """
        check_is_fitted(self, "family_weights_")
        if self._feature_importances is None:
            raise AttributeError(
                f"This {type(self).__name__} has no feature_importances_. Fit it with "
                "importances=True, or use permutation_importances(X, y)."
            )
        return self._feature_importances


class OutOfFold:
    """Held-out rows, each with the networks that have not been trained on them.

    Parameters
    ----------
    model : TabularEnsemble
    X, y
        The table with the held-out rows.
    weights : ndarray of shape (n_rows,)
    """

    def __init__(self, model, X, y, weights) -> None:
        held_out = model._held_out
        self.model, self.table = model, open_table(X)
        self.counted = np.flatnonzero(weights)
        X, self.y = with_weight(X, y, self.counted, len(weights))
        self.X, self.weights = movable(X), weights[self.counted]
        self.encoded = encode(model, self.X)
        self.groups = [
            (np.searchsorted(self.counted, rows), members)
            for rows, folds in held_out.groups
            if (members := members_of(model, folds))
        ]
        check_any(self.groups)
        self.rows = np.concatenate([rows for rows, _ in self.groups])

    def importances(self, score: Callable, n_repeats: int, rng) -> Bunch:
        """Return the importances of all columns."""
        known = self.model._held_out.names
        positions: list = [*range(self.table.shape[1])]
        if known is not None and self.table.names is not None:
            place = {name: i for i, name in enumerate(self.table.names)}
            positions = [place.get(name) for name in known]
        n_columns = len(positions)
        found = [self._where(position) for position in positions]
        self._cross_fit()
        base = score(self.predict(self._unchanged))
        values = np.zeros((n_columns, n_repeats))
        for of_column, position, (columns, alone) in zip(
            values, positions, found, strict=True
        ):
            permuted = partial(self._permuted, position, columns, alone, rng)
            if len(columns):
                of_column[:] = [base - score(self.predict(permuted)) for _ in of_column]
        return Bunch(
            importances_mean=values.mean(axis=1),
            importances_std=values.std(axis=1),
            importances=values,
            feature_names=texts_of(known, n_columns),
        )

    def _where(self, position) -> tuple[np.ndarray, bool]:
        """Return the encoded columns of a column, none if X_val lacks it."""
        if position is None:
            return np.empty(0, int), True
        return encoded_columns(partial(encode, self.model), self.X, self.encoded, position)

    def _cross_fit(self) -> None:
        """Use the target means of training, which do not contain the label of the row."""
        held_out = self.model._held_out
        if not held_out.of_val:
            splits = positions_among(self.counted, held_out.splits)
            encoder = self.model.encoder_
            cross_fit(encoder, self.encoded, self.X, self.y, self.weights, splits)

    def _unchanged(self, rows) -> np.ndarray:
        return self.encoded[rows]

    def _permuted(self, position, columns, alone, rng, rows) -> np.ndarray:
        """Return encoded rows, with a column of the table permuted among them."""
        encoded, order = self.encoded[rows], rng.permutation(len(rows))
        if alone:
            encoded[:, columns] = encoded[np.ix_(order, columns)]
        else:
            table = with_moved(rows_of(self.X, rows), position, order)
            encoded[:, columns] = encode(self.model, table)[:, columns]
        return encoded

    def predict(self, encoded_rows: Callable) -> np.ndarray:
        """Return the outputs for `self.rows`, (n_judged, n_outputs)."""
        parts = []
        for rows, members in self.groups:
            X, outputs = encoded_rows(rows), 0.0
            for family, networks, weight in members:
                features = family.features(X)
                for network in networks:
                    outputs += weight * family.outputs(network, features)
            parts.append(outputs)
        return self.model._calibrated(np.vstack(parts))

    def scorer(self, scoring, encoded_y) -> Callable:
        """Return the function that scores outputs for `self.rows`."""
        y, weights = encoded_y[self.counted][self.rows], self.weights[self.rows]
        if scoring is None:
            return partial(mean_score, self.model._target, y, weights)
        judge = copy.copy(self.model)
        vars(judge)["_outputs"] = np.asarray  # its X are outputs
        scorer = WeightedScorer(check_scoring(judge, scoring), scoring)
        of_rows = None if (weights == weights[0]).all() else weights
        y = _safe_indexing(self.y, self.rows)
        return lambda outputs: scorer(judge, outputs, y, of_rows)


def check_any(groups: list) -> None:
    """Raise ValueError if no network has held out any rows."""
    if not groups:
        raise ValueError(
            "No network has held out any rows, so there are no importances. Use more rows "
            "of each class, or importances=False and "
            "sklearn.inspection.permutation_importance for other rows."
        )


def members_of(model, folds: list[int]) -> list[tuple]:
    """Return the networks of some folds by family, with the weight of each network.

    With a time limit a family may lack networks. The other families then share its weight.
    """
    pairs = zip(model._families, model.family_weights_, strict=True)
    found = [
        (family, [family.members[k] for k in folds if k < len(family.members)], weight)
        for family, weight in pairs
        if weight > 0.0
    ]
    found = [each for each in found if each[1]]
    total = sum(weight for *_, weight in found)
    return [
        (family, networks, weight / total / len(networks))
        for family, networks, weight in found
    ]


def mean_score(target, y, weights, outputs) -> float:
    """Return the weighted mean of the scores of the rows."""
    return float(np.average(target.row_scores(outputs, y), weights=weights))
