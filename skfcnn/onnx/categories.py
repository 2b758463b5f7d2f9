"""The category encoders in ONNX: each category selects a row of a table.

The last row is for all unknown categories. The text "nan" selects the row of missing
values, since onnxruntime converts NaN to "nan" in a column of strings.
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
    """A column, and the row that each of its categories selects."""

    column: str
    name: str
    categories: Sequence
    table: np.ndarray  # (n_categories + 1, n_out)


def add_lookups(graph: Graph, lookups: list[Lookup], output: str) -> None:
    """Set an output to the rows that all columns select, side by side."""
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
                    "encoded in UTF-8, as ONNX requires. Rename the category before the "
                    "pipeline is fitted."
                )


def _check_missing(lookups):
    """Raise or warn if the converted model would read a text as a missing value."""
    ambiguous = [
        f"{text!r} in column {lookup.name!r}"
        for lookup in lookups
        for text in _texts_read_as_missing(lookup)
    ]
    if ambiguous:
        warnings.warn(
            "The converted model treats a text as a missing value, since onnxruntime "
            "converts NaN to 'nan'. In Python the text is an unknown category: "
            f"{', '.join(dict.fromkeys(ambiguous))}. Replace such texts before prediction.",
            stacklevel=1,
        )


def _texts_read_as_missing(lookup):
    """Return the texts for missing values that Python would encode differently."""
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
                f"Column {lookup.name!r} has a category {text!r}, but in ONNX that text "
                "means a missing value. Rename the category before the pipeline is "
                "fitted, or replace it by a missing value."
            )
    return differ


def convert_known(scope, operator, container) -> None:
    """Add the nodes of KnownCategories: all zeros for missing and unknown values."""
    graph, encoder = Graph(scope, container, np.float32), operator.raw_operator.encoder_
    columns = zip(graph.columns(operator.inputs), _names(encoder), strict=True)
    known = zip(columns, encoder.categories_, strict=True)
    lookups = [Lookup(*column, *_one_hot(categories)) for column, categories in known]
    add_lookups(graph, lookups, operator.outputs[0].full_name)


def _names(encoder):
    """Return the names of the columns in messages."""
    return getattr(encoder, "feature_names_in_", range(encoder.n_features_in_))


def _one_hot(categories, infrequent=None):
    """Return categories and their rows, with one shared column for infrequent ones."""
    if infrequent is None:
        return categories, np.eye(len(categories) + 1, len(categories))
    frequent = categories[~pd.Series(categories).isin(infrequent)]
    return frequent, np.eye(len(frequent) + 1)


def convert_one_hot(scope, operator, container) -> None:
    """Add the nodes of a OneHotEncoder; by skl2onnx unless "infrequent_if_exist"."""
    if not _takes_unknown(operator):
        convert_sklearn_one_hot_encoder(scope, operator, container)
        return
    graph, encoder = Graph(scope, container, np.float32), operator.raw_operator
    columns = [*zip(graph.columns(operator.inputs), _names(encoder), strict=True)]
    infrequent = getattr(encoder, "infrequent_categories_", [None] * len(columns))
    known = zip(columns, encoder.categories_, infrequent, strict=True)
    lookups = [Lookup(*column, *_one_hot(*categories)) for column, *categories in known]
    add_lookups(graph, lookups, operator.outputs[0].full_name)


def one_hot_shapes(operator) -> None:
    """Set the number of output columns of a OneHotEncoder."""
    calculate_sklearn_one_hot_encoder_output_shapes(operator)
    if _takes_unknown(operator):
        named_shapes(operator)


def _takes_unknown(operator):
    encoder = operator.raw_operator
    are_texts = all(isinstance(one.type, StringTensorType) for one in operator.inputs)
    plain = encoder.drop is None and np.issubdtype(encoder.dtype, np.floating)
    return encoder.handle_unknown == "infrequent_if_exist" and are_texts and plain


def convert_means(scope, operator, container) -> None:
    """Add the nodes of TargetMeans, for each of its encoders and each column."""
    graph = Graph(scope, container, np.float32)
    columns = graph.columns(operator.inputs)
    lookups = [
        Lookup(column, name, encoder.categories_[i], _means(encoder, i))
        for encoder in operator.raw_operator.encoders_
        for i, (column, name) in enumerate(zip(columns, _names(encoder), strict=True))
    ]
    add_lookups(graph, lookups, operator.outputs[0].full_name)


def _means(encoder, i):
    """Return the target means of a column's categories, (n_categories + 1, n_classes)."""
    n_classes = np.size(encoder.target_mean_)
    means = np.transpose(encoder.encodings_[i * n_classes : (i + 1) * n_classes])
    return np.vstack([means, encoder.target_mean_])


def named_shapes(operator) -> None:
    """Set the output to float32, with a column for each feature name of the encoder."""
    n_rows = operator.inputs[0].get_first_dimension()
    n_out = len(operator.raw_operator.get_feature_names_out())
    operator.outputs[0].type = FloatTensorType([n_rows, n_out])
