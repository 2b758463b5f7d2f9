"""table_encoder: a scikit-learn pipeline from a table to a dense float32 matrix.

numbers      RobustSmoothScaler; missing values become 0, the scaled median, and an
             indicator column marks them; so are dates, durations and yes/no
few          a column of zeros and ones for each category; missing and unknown: all zeros
many         the same for the frequent categories, and one column for all others
means        for the columns of "many", also the target means of each category
text         of free text, its length and components of its character n-grams

"few" means up to `max_one_hot` categories; `transform` warns about unknown ones.
`drop="if_binary"` is not used: OneHotEncoder would encode an unknown category like the
dropped one.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse
from pandas.api.types import is_numeric_dtype, is_object_dtype
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, TargetEncoder
from sklearn.utils.validation import check_is_fitted, validate_data

from skfcnn.estimator.onnx_methods import ConvertsToOnnx
from skfcnn.estimator.row_counts import row_counts
from skfcnn.preprocessing import RobustSmoothScaler
from skfcnn.tabular.column_encoder import ColumnEncoder
from skfcnn.tabular.cross_fitting import (
    cross_fitted_means,
    fold_of_each_row,
    set_means,
    splits_of,
)
from skfcnn.tabular.free_text import FreeTextComponents
from skfcnn.tabular.reader import TableReader
from skfcnn.tabular.text_types import FREE_TEXT

N_FOLDS = 5  # the default of TargetEncoder


def table_encoder(
    *,
    is_continuous=False,
    random_state=None,
    max_one_hot=20,
    splits=None,
    is_weighted=False,
    **reading,
):
    """Return a pipeline that encodes a table as a dense float32 matrix.

    Parameters
    ----------
    is_continuous : bool, default=False
        Whether y holds numbers, and not classes.
    random_state : int, RandomState instance or None, default=None
        Source of the folds of target encoding, and of the components of free text.
    max_one_hot : int, default=20
        Largest number of one-hot columns per column of the table.
    splits : list of pairs of ndarrays of int, default=None
        For the target encoding of the training rows: rows to compute the means from, and
        rows to encode. None means stratified folds.
    is_weighted : bool, default=False
        Whether `fit_transform` takes sample_weight, for quantiles and target means. It
        needs metadata routing to be enabled.
    **reading
        Parameters of `skfcnn.tabular.reader.TableReader`.

    Returns
    -------
    encoder : sklearn.pipeline.Pipeline
        Use `fit_transform(X, y)` for training data and `transform(X)` for other data: the
        training rows are encoded with out-of-fold target means. `y` is required only if a
        column has more than `max_one_hot` categories.
    """
    many = CategoryColumns(at_least=max_one_hot + 1)
    frequent = OneHotEncoder(
        max_categories=max_one_hot,
        handle_unknown="infrequent_if_exist",
        sparse_output=False,
        dtype=np.float32,
    )
    numbers = make_pipeline(
        _scaler(is_weighted),
        Float32(),
        SimpleImputer(strategy="constant", fill_value=0.0, add_indicator=True),
    )
    few = CategoryColumns(at_least=1, at_most=max_one_hot)
    text = make_pipeline(FreeTextComponents(random_state), _scaler(is_weighted), Float32())
    means = make_pipeline(
        TargetMeans(random_state, splits, is_continuous), _scaler(is_weighted)
    )
    columns = ColumnEncoder(
        [
            ("numbers", numbers, number_columns),
            ("few", KnownCategories(), few),
            ("many", frequent, many),
            ("means", means, many),
            ("text", text, free_text_columns),
        ],
        sparse_threshold=0,
    )
    # The steps exchange arrays, for any setting of sklearn.set_config.
    steps = make_pipeline(TableReader(**reading), columns)
    return steps.set_output(transform="default")


def _scaler(is_weighted: bool) -> RobustSmoothScaler:
    scaler = RobustSmoothScaler()
    return scaler.set_fit_request(sample_weight=True) if is_weighted else scaler


def as_float32(X):
    """Return X in float32."""
    return np.asarray(X, np.float32)


class Float32(ConvertsToOnnx, OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Convert the input to float32.

    A FunctionTransformer does the same but always counts as fitted, and then the diagram of
    an unfitted pipeline cannot be drawn.
    """

    def fit(self, X, y=None):
        """Store the names of the columns."""
        validate_data(self, X, skip_check_array=True)
        return self

    def transform(self, X):
        """Return X in float32."""
        check_is_fitted(self)
        return as_float32(X)


def number_columns(table):
    """Return the names of the numeric columns in the output of TableReader."""
    return [name for name, dtype in table.dtypes.items() if is_numeric_dtype(dtype)]


def free_text_columns(table):
    """Return the names of the columns of free text in the output of TableReader."""
    return [name for name, dtype in table.dtypes.items() if dtype == FREE_TEXT]


@dataclass(frozen=True)
class CategoryColumns:
    """Select the columns by their number of categories."""

    at_least: int
    at_most: float = np.inf

    def __call__(self, table):
        """Return the names of the selected columns."""
        others = [name for name, dtype in table.dtypes.items() if is_object_dtype(dtype)]
        counts = {name: table[name].nunique() for name in others}
        return [name for name in others if self.at_least <= counts[name] <= self.at_most]


class KnownCategories(ConvertsToOnnx, TransformerMixin, BaseEstimator):
    """A OneHotEncoder that encodes missing values as all zeros, like unknown categories."""

    def fit(self, X, y=None):
        """Find the categories of each column of a DataFrame."""
        self.encoder_ = OneHotEncoder(
            categories=[np.sort(X[name].dropna().unique()) for name in X],
            handle_unknown="ignore",
            sparse_output=False,
            dtype=np.float32,
        )
        self.encoder_.set_output(transform="default").fit(X)
        return self

    def transform(self, X):
        """Return zeros and ones."""
        check_is_fitted(self)
        return self.encoder_.transform(X)

    def get_feature_names_out(self, input_features=None):
        """Return the names of columns and categories."""
        check_is_fitted(self)
        return self.encoder_.get_feature_names_out(input_features)


class TargetMeans(ConvertsToOnnx, TransformerMixin, BaseEstimator):
    """A TargetEncoder for any y: rare classes, any type, several labels or numbers per row.

    The output has one column for two classes, one for each of more classes, or one for each
    of several labels or numbers per row. Missing is a category.
    """

    __metadata_request__fit = {"sample_weight": True}

    def __init__(self, random_state=None, splits=None, is_continuous=False):
        self.random_state = random_state
        self.splits = splits
        self.is_continuous = is_continuous

    def fit(self, X, y=None, sample_weight=None):
        """Compute the target means of each category."""
        self.fit_transform(X, y, sample_weight)
        return self

    def fit_transform(self, X, y=None, sample_weight=None):
        """Return for each row the out-of-fold target means of its categories.

        Weights have to be positive.
        """
        if y is None:
            raise ValueError(
                f"The column {X.columns[0]!r} has too many categories for one-hot encoding "
                "and is encoded with target means, which need y. Pass y to fit."
            )
        if self.is_continuous:
            targets, self.suffixes_ = _numbers(y)
            encoders = [TargetEncoder(target_type="continuous") for _ in targets]
        else:
            targets, self.suffixes_ = _targets(y)
            encoders = [*map(_target_encoder, targets)]
        self.encoders_ = [
            encoder.fit(X, target)
            for encoder, target in zip(encoders, targets, strict=True)
        ]
        in_splits = [*map(self._in_splits, targets)]
        counts = np.ones(len(X))
        if sample_weight is not None:
            counts = row_counts(sample_weight)
            for encoder, (rows, _) in zip(self.encoders_, in_splits, strict=True):
                set_means(encoder, X, rows, counts)
        columns = [pd.factorize(X[name], use_na_sentinel=False)[0] for name in X]
        means = [
            cross_fitted_means(column, rows, counts, splits)
            for rows, splits in in_splits
            for column in columns
        ]
        return np.ascontiguousarray(np.vstack(means).T, np.float32)

    def _in_splits(self, target):
        """Return numbers, or indicators in a row for each class, and the splits."""
        if self.is_continuous:
            rows = np.zeros(len(target), int)
            fold = fold_of_each_row(rows, N_FOLDS, self.random_state)
            return target[None], self.splits or splits_of(fold)
        classes, counts = np.unique(target, return_counts=True)
        splits = self.splits
        if splits is None:
            n_folds = int(np.clip(counts.max(), 2, N_FOLDS))
            splits = splits_of(fold_of_each_row(target, n_folds, self.random_state))
        if len(classes) > 2:
            return (target == classes[:, None]).astype(int), splits
        return (target != classes[:1, None]).astype(int), splits

    def transform(self, X):
        """Return for each row the target means of its categories."""
        check_is_fitted(self)
        return as_float32(np.hstack([each.transform(X) for each in self.encoders_]))

    def get_feature_names_out(self, input_features=None):
        """Return the names of columns and classes, or of labels and columns."""
        check_is_fitted(self)
        names = self.encoders_[0].feature_names_in_
        every = [name + end for own in self.suffixes_ for name in names for end in own]
        return np.array(every, dtype=object)


def _targets(y):
    """Return the targets, and for each the suffixes of its feature names."""
    y = np.asarray(y.toarray() if scipy.sparse.issparse(y) else y)
    if y.ndim == 2 and y.shape[1] > 1:
        return list(y.T), [[f"_label{i}"] for i in range(y.shape[1])]
    classes, numbers = np.unique(y, return_inverse=True)
    ends = [f"_{label}" for label in classes] if len(classes) > 2 else [""]
    return [numbers.ravel()], [ends]


def _numbers(y):
    """Return the columns of y, and the suffixes of their feature names."""
    columns = np.asarray(y, np.float64).reshape(len(y), -1).T
    ends = [[""]] if len(columns) == 1 else [[f"_y{i}"] for i in range(len(columns))]
    return [*columns], ends


def _target_encoder(target):
    """Return a TargetEncoder for a binary or a multiclass target."""
    classes, counts = np.unique(target, return_counts=True)
    if counts.max() == 1:
        raise ValueError(
            f"Each of the {len(target)} rows has a different label, so target means "
            "carry no information. Pass classes as y."
        )
    return TargetEncoder(target_type="multiclass" if len(classes) > 2 else "binary")
