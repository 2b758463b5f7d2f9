"""TabularClassifier on tables with text and missing values, and pipelines built by hand.

    python benchmarks/mixed_tables.py --packages DIR

Three of the thirty raw data sets, before they are encoded, with a tenth of their cells made
missing. The manual pipelines are a ColumnTransformer that imputes medians and most frequent
values, scales and encodes, followed by MLPClassifier or by the ensemble of skfcnn.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from packages import Archives
from recipes import BENCHMARK
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skfcnn import TabularClassifier

NAMES = ("adult", "german", "nursery")
SHARE = 0.1
MAX_ROWS = 20_000


def blanked(columns, share, seed):
    """Return the columns, as numbers or words, with a share of the cells missing."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(index=columns.index)
    for name, values in columns.items():
        numbers = pd.to_numeric(values, errors="coerce")
        all_numbers = numbers.notna().equals(values.notna())
        table[name] = numbers if all_numbers else values.astype(object)
        table.loc[rng.uniform(size=len(table)) < share, name] = np.nan
    return table


def by_hand(classifier):
    """Return a classifier behind the usual transformers."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    words = make_pipeline(
        SimpleImputer(strategy="most_frequent"),
        OneHotEncoder(handle_unknown="ignore", sparse_output=False),
    )
    encode = make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (words, make_column_selector(dtype_exclude="number")),
    )
    return make_pipeline(encode, classifier)


def contestants(seed):
    """Return what is compared, with its name."""
    return {
        "by hand, MLPClassifier": by_hand(MLPClassifier(random_state=seed)),
        "by hand, the same ensemble": by_hand(
            TabularClassifier(encoder="passthrough", random_state=seed)
        ),
        "TabularClassifier": TabularClassifier(random_state=seed),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--packages", type=Path, required=True, help="where to keep them")
    parser.add_argument("--names", nargs="+", default=NAMES, choices=NAMES)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    options = parser.parse_args()
    archives = Archives(options.packages)
    for name in options.names:
        source = BENCHMARK[name](archives)
        y = source.target.astype(str).to_numpy()
        accuracies = {}
        for seed in options.seeds:
            table = blanked(source.columns, SHARE, seed)
            rows = np.arange(len(y))
            kept, _ = train_test_split(
                rows, train_size=min(MAX_ROWS, len(y) - 100), stratify=y, random_state=seed
            )
            rest, test = train_test_split(
                kept, test_size=0.2, stratify=y[kept], random_state=seed
            )
            for contestant, model in contestants(seed).items():
                model.fit(table.iloc[rest], y[rest])
                accuracy = model.score(table.iloc[test], y[test])
                accuracies.setdefault(contestant, []).append(accuracy)
        for contestant, reached in accuracies.items():
            print(f"{name:8} {contestant:28} {np.mean(reached):.4f}", *np.round(reached, 4))


if __name__ == "__main__":
    main()
