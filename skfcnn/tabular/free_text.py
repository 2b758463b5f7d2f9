"""Free text as numbers: its length, and the main components of its character n-grams."""

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils.validation import check_is_fitted

# Buckets of n-grams, rows from which the components are computed, and rows at a time: an
# n-gram takes 12 bytes, and a text of 200 characters has 400.
N_BUCKETS, N_FITTED, N_TOGETHER = 2**14, 10_000, 10_000


class FreeTextComponents(TransformerMixin, BaseEstimator):  # type: ignore[call-arg]
    """Read columns of free text into dense numbers.

    The numbers are the logarithm of 1 + the number of characters, the same of words, and
    the components of the tf-idf weights of n-grams of 3 and 4 characters by a singular
    value decomposition, as in latent semantic analysis. Missing text is empty.

    Parameters
    ----------
    random_state : int, RandomState instance or None, default=None
        Source of the rows for the decomposition, and of its start.
    n_components : int, default=16
        Largest number of components per column.

    Attributes
    ----------
    components_ : list of Pipeline or None
        The fitted steps of each column; None for a column without n-grams.
    """

    def __init__(self, random_state=None, n_components=16):
        self.random_state = random_state
        self.n_components = n_components

    def fit(self, X: pd.DataFrame, y=None):
        """Find the components of each column."""
        self.names_ = [*X.columns]
        self.components_ = [self._fit_column(_filled(X[name])) for name in X]
        return self

    def _fit_column(self, texts) -> Pipeline | None:
        texts = texts.drop_duplicates()
        if len(texts) > N_FITTED:
            texts = texts.sample(N_FITTED, random_state=self.random_state)
        grams = HashingVectorizer(
            analyzer="char_wb",
            ngram_range=(3, 4),
            n_features=N_BUCKETS,
            alternate_sign=False,
            norm=None,
            dtype=np.float32,
        )
        if grams.transform(texts).nnz == 0:
            return None
        svd = TruncatedSVD(
            min(self.n_components, len(texts)), random_state=self.random_state
        )
        steps = make_pipeline(grams, TfidfTransformer(sublinear_tf=True), svd)
        with np.errstate(invalid="ignore"):  # of the explained variance of equal texts
            return steps.fit(texts)

    def transform(self, X: pd.DataFrame) -> np.ndarray:
        """Return the numbers of each text."""
        check_is_fitted(self)
        pairs = zip(self.names_, self.components_, strict=True)
        return np.hstack([_numbers_of(_filled(X[name]), steps) for name, steps in pairs])

    def get_feature_names_out(self, input_features=None) -> np.ndarray:
        """Return the names of columns and components."""
        check_is_fitted(self)
        names = []
        for name, steps in zip(self.names_, self.components_, strict=True):
            n_components = 0 if steps is None else steps[-1].components_.shape[0]
            ends = ["characters", "words", *map(str, range(n_components))]
            names += [f"{name}_{end}" for end in ends]
        return np.array(names, dtype=object)


def _filled(column):
    return column.astype(object).where(column.notna(), "")


def _numbers_of(texts, steps) -> np.ndarray:
    codes, distinct = pd.factorize(texts)
    sizes = [(len(text), len(text.split())) for text in distinct]
    parts = [np.log1p(np.array(sizes, np.float64))]
    if steps is not None:
        starts = range(0, len(distinct), N_TOGETHER)
        components = [steps.transform(distinct[i : i + N_TOGETHER]) for i in starts]
        parts.append(np.vstack(components))
    return np.hstack(parts)[codes]
