"""Tables of all kinds of columns, predicted by pipelines and by what ONNX makes of them.

    python reliability/fuzzing_onnx.py --tables 200

Each table has columns that are drawn from KINDS, with or without missing values. The rows
that are predicted have values that were seen in training, others, missing ones, and texts
that look like missing ones. Where the text "nan" means missing in the converted model, and
not in Python, the conversion has to have said so.
"""

import argparse
import time
import warnings
from typing import NamedTuple

import numpy as np
import onnxruntime
import pandas as pd
from seeds import outcomes
from sklearn.exceptions import ConvergenceWarning

from skfcnn import TabularClassifier
from skfcnn.onnx import to_onnx

# Of probabilities, in float32: a sum of some hundred terms errs by about 1e-6.
ATOL = 1e-5
N_ROWS = 200
LOOKALIKES = ["", "nan", "None", "NaN", " nan"]
WORDS = ["Bonn", "Köln", "a b", "1", "1.0", "True", "0", "x\ty", "東京", "NA"]
NUMBERS = [0.0, -0.0, 3.0, -1e9, 1e30]


class Kind(NamedTuple):
    """A kind of column: what it has in training, what may come later, and its dtype."""

    seen: list
    later: list
    dtype: object = object


def words(n):
    return [f"word {i}" for i in range(n)]


KINDS = {
    "few": Kind(WORDS[:6], LOOKALIKES),
    "few that look missing": Kind(["", "None", "NaN", " nan", "x"], [*LOOKALIKES, "y"]),
    "many": Kind(words(30), [*LOOKALIKES, "word 99"]),
    "many that look missing": Kind([*words(24), "", "None", " nan"], [*LOOKALIKES, "y"]),
    "text nan, few": Kind(["nan", "x", "y"], LOOKALIKES),
    "text nan, many": Kind(["nan", *words(24)], LOOKALIKES),
    "digits": Kind([*"01234"], [*LOOKALIKES, "7", "07", "1.0"]),
    "many digits": Kind([str(i) for i in range(30)], [*LOOKALIKES, "99", "3.0"]),
    "true and false": Kind(["True", "False", "x"], [*LOOKALIKES, "1", "0"]),
    "floats": Kind([0.5, -2.0, 1e-30, 7.0], NUMBERS, float),
    "integers": Kind([-3, 0, 5, 2**40], NUMBERS, float),
    "booleans": Kind([True, False], [True, False]),
    "spans": Kind([1.5, 0.0, 3e4], [-1.0, 1e6], "timedelta64[s]"),
    "categories": Kind(["x", "y", "z"], ["x", "new", "", "nan", "None"], "category"),
    "categories of integers": Kind([1, 2, 30], [1, 4], "category"),
    "many categories of integers": Kind([*range(30)], [3, 99], "category"),
    "categories of floats": Kind([1.0, 2.5, 1e6], [1.0, 4.5], "category"),
    "categories of booleans": Kind([True, False], [True, False], "category"),
}


def random_kinds(seed):
    """Return the names of one to five kinds."""
    rng = np.random.default_rng(seed)
    return rng.choice([*KINDS], rng.integers(1, 6)).tolist()


def column(kind, values, rng, missing):
    """Return a column of the values, with missing ones among them."""
    holes = rng.random(N_ROWS) < (0.15 if missing else 0.0)
    chosen = rng.integers(0, len(values), N_ROWS)
    cells = [None if hole else values[i] for i, hole in zip(chosen, holes, strict=True)]
    series = pd.Series(cells, dtype=object)
    if kind.dtype == "timedelta64[s]":
        return pd.to_timedelta(series.astype(float), unit="s")
    return series.astype(kind.dtype)


def tables(rng, names):
    """Return a table to fit, and one to predict, with a column for each name of a kind."""
    fitted, new = {}, {}
    for number, name in enumerate(names):
        kind, missing = KINDS[name], rng.random() < 0.5
        label = f"{number} {name}"
        fitted[label] = column(kind, kind.seen, rng, missing)
        new[label] = column(kind, kind.seen + kind.later, rng, missing=True)
    return pd.DataFrame(fitted), pd.DataFrame(new)


def fitted_model(table, rng):
    """Return a small model of classes that depend on the first column."""
    first, _ = pd.factorize(table.iloc[:, 0])
    y = (first + rng.integers(0, 2, len(table))) % rng.integers(2, 4)
    params = {"max_iter": 3, "hidden_layer_sizes": (8,), "learning_rate_init": 0.1}
    digits = [name for name in table if "digits" in name]  # otherwise read as numbers
    model = TabularClassifier(
        "fast", categorical_features=digits, network_params=params, random_state=0
    )
    return model.fit(table, y)


def converted(model):
    """Return the converted model, and what its conversion warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        graph = to_onnx(model, options={"zipmap": False})
    return graph, " ".join(str(each.message) for each in caught)


def opened(graph):
    """Return a session of onnxruntime."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(graph.SerializeToString(), options)


def predicted(graph, read):
    """Return the probabilities of onnxruntime for what the reader makes of a table."""
    session = opened(graph)
    names = [each.name for each in session.get_inputs()]
    told = {name: read[[label]].to_numpy() for name, label in zip(names, read, strict=True)}
    return session.run(None, told)[1]


def check(seed, names):
    """Compare a pipeline with its ONNX; return "refused" or "same"."""
    rng = np.random.default_rng(seed)
    table, new = tables(rng, names)
    model = fitted_model(table, rng)
    forbidden = [label for label in table if "text nan" in label]
    try:
        graph, warned = converted(model)
    except ValueError as error:
        named = [f"Column {label!r} has a category 'nan'" for label in forbidden]
        assert any(text in str(error) for text in named), error
        return "refused"
    assert not forbidden, f"{forbidden} have the text 'nan', and were converted"
    is_nan = new.map(lambda cell: isinstance(cell, str) and cell == "nan")
    as_told = new.copy()
    for label in new:
        if repr(label) in warned:
            as_told[label] = new[label].mask(is_nan[label])
    p = predicted(graph, model.encoder_[0].transform(new))
    np.testing.assert_allclose(p, model.predict_proba(as_told), rtol=0, atol=ATOL)
    return "same"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    start = time.perf_counter()
    counts = outcomes(
        lambda seed: check(seed, random_kinds(seed)),
        range(options.seed, options.seed + options.tables),
    )
    seconds = time.perf_counter() - start
    print(f"{options.tables} tables in {seconds:.0f} s: {dict(counts)}")


if __name__ == "__main__":
    main()
