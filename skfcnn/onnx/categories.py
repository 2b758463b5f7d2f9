"""The encoders of categories as ONNX has them: a category chooses a row of a table.

The last row is for all categories that are not known. The text "nan" chooses the row of
missing values, as onnxruntime makes "nan" of NaN among strings.
"""

import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from skl2onnx.operator_converters.one_hot_encoder import convert_sklearn_one_hot_encoder
from skl2onnx.shape_calculators.one_hot_encoder import (
    calculate_sklearn_one_hot_encoder_output_shapes,
)

from skfcnn.onnx.graph import Graph, is_utf8


class Lookup(NamedTuple):
    """A column, and the row that each of its categories chooses."""

    column: str
    name: str
    categories: Sequence
    table: np.ndarray  # (n_categories + 1, n_out)


def looked_up(graph: Graph, lookups: list[Lookup], output: str) -> None:
    """Give an output the rows that all columns choose, side by side."""
    _check_texts(lookups)
    _check_missing(lookups)
    graph.concat([_rows(graph, lookup) for lookup in lookups], output=output)


def _rows(graph, lookup):
    keys = [str(category) for category in lookup.categories]
    number = graph.node(
        "LabelEncoder",
        lookup.column,
        op_domain="ai.onnx.ml",
        op_version=2,
        keys_strings=keys,
        values_int64s=[*range(len(keys))],
        default_int64=len(keys),
    )
    rows = graph.node("Gather", lookup.table, number, axis=0)  # (n_rows, 1, n_out)
    return graph.node("Reshape", rows, np.array([0, lookup.table.shape[1]]))


def _check_texts(lookups):
    """Raise ValueError for a category that ONNX cannot hold."""
    for lookup in lookups:
        for category in lookup.categories:
            if not is_utf8(str(category)):
                raise ValueError(
                    f"Column {lookup.name!r} has a category {category!r}, which cannot be "
                    "written in UTF-8, as the texts of ONNX are. Rename the category "
                    "before the pipeline is fitted."
                )


def _check_missing(lookups):
    """Refuse a category that would be taken for missing; tell of texts that would be."""
    taken = [
        f"{text!r} in column {lookup.name!r}"
        for lookup in lookups
        for text in _taken_for_missing(lookup)
    ]
    if taken:
        warnings.warn(
            "The converted model takes a text for a missing value, as onnxruntime makes "
            "'nan' of NaN, and in Python it is an unknown category: "
            f"{', '.join(dict.fromkeys(taken))}. Replace such texts before the prediction.",
            stacklevel=1,
        )


def _taken_for_missing(lookup):
    """Return the texts that mean missing, though missing is not encoded as unknown is."""
    *rows, unknown = lookup.table
    rows = list(zip(lookup.categories, rows, strict=True))
    texts = {category: row for category, row in rows if isinstance(category, str)}
    missing = {"nan": unknown} | {str(key): row for key, row in rows if pd.isna(key)}
    differ = [
        text
        for text, row in missing.items()
        if not np.array_equal(row, texts.get(text, unknown))
    ]
    for text in differ:
        if text in texts:
            raise ValueError(
                f"Column {lookup.name!r} has a category {text!r}, and in ONNX that text "
                "stands for missing values. Rename the category before the pipeline is "
                "fitted, or make it missing."
            )
    return differ


def convert_known(scope, operator, container) -> None:
    """Add the nodes of KnownCategories: all zeros for missing and unknown."""
    graph, encoder = Graph(scope, container, np.float32), operator.raw_operator.encoder_
    columns = zip(graph.columns(operator.inputs), _names(encoder), strict=True)
    known = zip(columns, encoder.categories_, strict=True)
    lookups = [Lookup(*column, *_one_hot(categories)) for column, categories in known]
    looked_up(graph, lookups, operator.outputs[0].full_name)


def _names(encoder):
    """Return what messages call the columns."""
    return getattr(encoder, "feature_names_in_", range(encoder.n_features_in_))


def _one_hot(categories, infrequent=None):
    """Return categories and their rows: a column of each, and one for the infrequent."""
    if infrequent is None:
        return categories, np.eye(len(categories) + 1, len(categories))
    frequent = categories[~pd.Series(categories).isin(infrequent)]
    return frequent, np.eye(len(frequent) + 1)


def convert_one_hot(scope, operator, container) -> None:
    """Add the nodes of a OneHotEncoder: of skl2onnx, but for "infrequent_if_exist"."""
    if not _takes_unknown(operator):
        convert_sklearn_one_hot_encoder(scope, operator, container)
        return
    graph, encoder = Graph(scope, container, np.float32), operator.raw_operator
    columns = [*zip(graph.columns(operator.inputs), _names(encoder), strict=True)]
    infrequent = getattr(encoder, "infrequent_categories_", [None] * len(columns))
    known = zip(columns, encoder.categories_, infrequent, strict=True)
    lookups = [Lookup(*column, *_one_hot(*categories)) for column, *categories in known]
    looked_up(graph, lookups, operator.outputs[0].full_name)


def one_hot_shapes(operator) -> None:
    """Count the columns that come of a OneHotEncoder."""
    calculate_sklearn_one_hot_encoder_output_shapes(operator)
    if _takes_unknown(operator):
        named_shapes(operator)


def _takes_unknown(operator):
    encoder = operator.raw_operator
    are_texts = all(isinstance(one.type, StringTensorType) for one in operator.inputs)
    plain = encoder.drop is None and np.issubdtype(encoder.dtype, np.floating)
    return encoder.handle_unknown == "infrequent_if_exist" and are_texts and plain


def convert_means(scope, operator, container) -> None:
    """Add the nodes of TargetMeans: of each of its encoders, and of each column."""
    graph = Graph(scope, container, np.float32)
    columns = graph.columns(operator.inputs)
    lookups = [
        Lookup(column, name, encoder.categories_[i], _means(encoder, i))
        for encoder in operator.raw_operator.encoders_
        for i, (column, name) in enumerate(zip(columns, _names(encoder), strict=True))
    ]
    looked_up(graph, lookups, operator.outputs[0].full_name)


def _means(encoder, i):
    """Return the means of the categories of a column, (n_categories + 1, n_classes)."""
    n_classes = np.size(encoder.target_mean_)
    means = np.transpose(encoder.encodings_[i * n_classes : (i + 1) * n_classes])
    return np.vstack([means, encoder.target_mean_])


def named_shapes(operator) -> None:
    """Give the output a column of float32 for each name that the encoder has."""
    n_rows = operator.inputs[0].get_first_dimension()
    n_out = len(operator.raw_operator.get_feature_names_out())
    operator.outputs[0].type = FloatTensorType([n_rows, n_out])
