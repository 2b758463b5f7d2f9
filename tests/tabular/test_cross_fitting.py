"""Out-of-fold target means, compared with those of scikit-learn."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import TargetEncoder

from skfcnn.tabular.cross_fitting import cross_fitted_means, fold_of_each_row, splits_of
from skfcnn.tabular.encoder import TargetMeans


def labels(n_classes, *, n=300):
    """Class numbers; the first class has three rows."""
    y = np.random.RandomState(0).randint(1, n_classes, n)
    y[[5, 50, 200]] = 0
    return y


@pytest.mark.parametrize("n_classes", [2, 7])
@pytest.mark.parametrize("n_folds", [2, 3, 5])
def test_folds_are_those_of_stratified_k_fold(n_classes, n_folds):
    y = labels(n_classes)
    folds = StratifiedKFold(n_folds, shuffle=True, random_state=3)
    expected = np.empty(len(y), int)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        for number, (_, held_out) in enumerate(folds.split(y, y)):
            expected[held_out] = number
    np.testing.assert_array_equal(fold_of_each_row(y, n_folds, 3), expected)


@pytest.mark.parametrize("n_classes", [2, 7])
def test_means_are_those_of_target_encoder_to_the_bit(n_classes):
    """There is no warning about the class with fewer rows than folds."""
    rng, y = np.random.RandomState(1), labels(n_classes)
    table = pd.DataFrame({"a": rng.choice([*"abcdefgh", np.nan], 300), "b": "same"})
    table.loc[7, "a"] = "alone"
    target_type = "multiclass" if n_classes > 2 else "binary"
    folds = fold_of_each_row(y, 5, 0)
    found = TargetMeans(random_state=0).fit_transform(table, y)
    width = n_classes if n_classes > 2 else 1
    for fold in range(5):
        rows = folds != fold
        if len(set(y[rows])) < n_classes:
            continue
        encoder = TargetEncoder(target_type=target_type).fit(table[rows], y[rows])
        expected = encoder.transform(table[~rows]).astype(np.float32)
        assert expected.shape[1] == 2 * width
        np.testing.assert_array_equal(found[~rows], expected)


def test_category_without_other_rows_gets_the_overall_mean():
    target = np.array([[0, 1, 1, 1]])
    splits = splits_of(np.array([0, 0, 1, 1]))
    means = cross_fitted_means(np.array([0, 0, 0, 1]), target, np.ones(4), splits)
    assert means[0, 3] == 0.5
    # Of one row there is no variance: the category is believed.
    assert means[0, :2].tolist() == [1.0, 1.0]


def test_rows_encoded_repeatedly_get_the_average_and_others_the_overall_mean():
    categories, target = np.zeros(6, int), np.array([[0, 0, 1, 1, 1, 1]])
    rows = np.arange(6)
    of_zeros = (rows[:2], rows[2:4])
    of_ones = (rows[2:4], rows[3:5])
    means = cross_fitted_means(categories, target, np.ones(6), [of_zeros, of_ones])
    assert means[0].tolist() == [4 / 6, 4 / 6, 0.0, 0.5, 1.0, 4 / 6]


@pytest.mark.parametrize("n_classes", [2, 7, None])
def test_whole_weights_are_repeats_of_rows(n_classes):
    rng, is_continuous = np.random.RandomState(1), n_classes is None
    y = rng.standard_normal(300) if is_continuous else labels(n_classes)
    table = pd.DataFrame({"a": rng.choice([*"abcdefgh", np.nan], 300), "b": "same"})
    counts, fold = 1 + rng.randint(0, 4, 300), rng.randint(0, 3, 300)
    means = TargetMeans(splits=splits_of(fold), is_continuous=is_continuous)
    found = means.fit_transform(table, y, counts)
    other = TargetMeans(splits=splits_of(fold.repeat(counts)), is_continuous=is_continuous)
    repeated = table.loc[table.index.repeat(counts)]
    expected = other.fit_transform(repeated, y.repeat(counts))
    np.testing.assert_allclose(found.repeat(counts, axis=0), expected, rtol=1e-5, atol=1e-6)
    unknown = pd.concat([table, pd.DataFrame({"a": ["new"], "b": ["new"]})])
    np.testing.assert_allclose(
        means.transform(unknown), other.transform(unknown), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("weight", [2.0, 0.5])
def test_equal_weights_change_no_bit(weight):
    y = labels(7)
    table = pd.DataFrame({"a": np.random.RandomState(1).choice([*"abcdefgh"], 300)})
    plain, weighted = (TargetMeans(random_state=0) for _ in range(2))
    expected = plain.fit_transform(table, y)
    found = weighted.fit_transform(table, y, np.full(300, weight))
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(weighted.transform(table), plain.transform(table))
