"""The held-out rows of each network of a fitted ensemble: positions and digests only."""

import hashlib
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from skfcnn.estimator.resuming import digest_of
from skfcnn.tabular.dataframes import open_table


@dataclass(frozen=True)
class HeldOut:
    """The held-out rows of each network, as bits, and digests of their table.

    Parameters
    ----------
    names : list or None
        Names of the columns of the table that was trained on; None for an array.
    digests : dict of str to str
        Of X, y and sample_weight. X is missing if it was no table.
    n_rows : int
        Number of rows of the table that has the held-out rows.
    held_out : list of ndarrays of uint8
        Of each fold, a bit for each row.
    train : list of ndarrays of uint8, or None
        Likewise, if target means were computed from the rows to train on.
    of_val : bool
        Whether the rows are those of X_val.
    """

    names: list | None
    digests: dict[str, str]
    n_rows: int
    held_out: list[np.ndarray]
    train: list[np.ndarray] | None
    of_val: bool

    @classmethod
    def of(cls, tables: tuple, data, n_trained: int, splits_means: bool) -> Self:
        """Return the held-out rows of a table.

        Parameters
        ----------
        tables : tuple (X, X_val)
            As passed by the user. The rows of X_val are held out, if there are any.
        data : MemberData
            Encoded y, weights and folds; the rows of X_val are last.
        n_trained : int
            Number of rows of X.
        splits_means : bool
            Whether target means are cross-fitted within these folds.
        """
        y, weights, folds = data.y, data.weights, data.folds
        of_val = tables[1] is not None
        start = n_trained if of_val else 0
        n_rows = len(y) - start
        held_out = [_bits(fold.held_out - start, n_rows) for fold in folds]
        train = [_bits(fold.train, n_rows) for fold in folds] if splits_means else None
        names, digests = None, digests_of(y[start:], weights[start:])
        try:
            names = open_table(tables[0]).names
            digests["X"] = digest_of_table(tables[of_val])
        except (ValueError, TypeError):  # what only an encoder of the user's can read
            pass
        return cls(names, digests, n_rows, held_out, train, of_val)

    @property
    def splits(self) -> list[tuple] | None:
        """The splits in which target means are cross-fitted; None for random ones."""
        if self.train is None:
            return None
        pairs = zip(self.train, self.held_out, strict=True)
        return [(self._rows(train), self._rows(held_out)) for train, held_out in pairs]

    @property
    def groups(self) -> list[tuple[np.ndarray, list[int]]]:
        """Held-out rows, with the numbers of all folds that hold out the same."""
        numbers: dict[bytes, list[int]] = {}
        for number, bits in enumerate(self.held_out):
            numbers.setdefault(bits.tobytes(), []).append(number)
        groups = [(self._rows(self.held_out[same[0]]), same) for same in numbers.values()]
        return [(rows, same) for rows, same in groups if len(rows)]

    def _rows(self, bits: np.ndarray) -> np.ndarray:
        return np.flatnonzero(np.unpackbits(bits, count=self.n_rows))

    def check(self, X, y: np.ndarray, weights: np.ndarray) -> None:
        """Raise ValueError if this is another table than the one with the held-out rows."""
        now = {"X": digest_of_table(X), **digests_of(y, weights)}
        differ = [name for name in now if now[name] != self.digests.get(name)]
        if not differ:
            return
        wanted = "X_val, y_val and sample_weight_val" if self.of_val else "X and y"
        raise ValueError(
            f"permutation_importances needs the {wanted} that fit was given, with the same "
            "values, types and weights in the same order, since each network is asked for "
            f"the rows that it has held out. Different: {', '.join(differ)}. Pass what fit "
            "was given, or use sklearn.inspection.permutation_importance for other rows."
        )


def _bits(rows: np.ndarray, n_rows: int) -> np.ndarray:
    mask = np.zeros(n_rows, bool)
    mask[rows] = True
    return np.packbits(mask)


def digests_of(y: np.ndarray, weights: np.ndarray) -> dict[str, str]:
    """Return the digests of encoded y and of the weights."""
    return {"y": digest_of(y), "sample_weight": digest_of(weights)}


def digest_of_table(X) -> str:
    """Return a digest of the names and the values of a table.

    Raises
    ------
    ValueError, TypeError
        If X is not a table, or has cells that cannot be hashed.
    """
    if isinstance(X, np.ndarray) and X.ndim == 2 and X.dtype.kind in "biuf":
        return digest_of(X)
    table, digest = open_table(X), hashlib.sha256()
    digest.update(repr(table.names).encode())
    # Together: one by one takes longer than the training.
    if table.numeric and table.numbers:
        digest.update(np.ascontiguousarray(table.numbers(table.numeric).T).data)
    for number in sorted({*range(table.shape[1])} - {*table.numeric}):
        hashes = pd.util.hash_pandas_object(table.column(number), index=False)
        digest.update(hashes.to_numpy().data)
    return f"{table.shape} {digest.hexdigest()[:16]}"
