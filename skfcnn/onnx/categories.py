"""The encoders of categories as ONNX has them: a category chooses a row of a table.

The last row is for all categories that are not known. Missing is the text "nan", which
onnxruntime makes of NaN among strings.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from skl2onnx.operator_converters.one_hot_encoder import convert_sklearn_one_hot_encoder
from skl2onnx.shape_calculators.one_hot_encoder import (
    calculate_sklearn_one_hot_encoder_output_shapes,
)

from skfcnn.onnx.graph import Graph


def looked_up(graph: Graph, column: str, categories: Sequence, table: np.ndarray) -> str:
    """Return the row of the table, (n_categories + 1, n_out), of each category in a column.

    Raises
    ------
    ValueError
        Where both missing and the text "nan" are categories.
    """
    keys = [str(category) for category in categories]
    if len(set(keys)) < len(keys):
        raise ValueError(
            "A column has both missing values and a category 'nan', and in ONNX the text "
            "'nan' stands for missing. Rename the category before the pipeline is fitted."
        )
    number = graph.node(
        "LabelEncoder",
        column,
        op_domain="ai.onnx.ml",
        op_version=2,
        keys_strings=keys,
        values_int64s=[*range(len(keys))],
        default_int64=len(keys),
    )
    rows = graph.node("Gather", table, number, axis=0)  # (n_rows, 1, n_out)
    return graph.node("Reshape", rows, np.array([0, table.shape[1]]))


def convert_known(scope, operator, container) -> None:
    """Add the nodes of KnownCategories: all zeros for missing and unknown."""
    graph = Graph(scope, container, np.float32)
    columns = graph.columns(operator.inputs)
    pairs = zip(columns, operator.raw_operator.encoder_.categories_, strict=True)
    parts = [_one_hot(graph, column, categories) for column, categories in pairs]
    graph.concat(parts, output=operator.outputs[0].full_name)


def _one_hot(graph, column, categories, infrequent=None):
    """Return a column for each category, and one for all others if some are infrequent."""
    if infrequent is None:
        table = np.eye(len(categories) + 1, len(categories))
        return looked_up(graph, column, categories, table)
    frequent = categories[~pd.Series(categories).isin(infrequent)]
    return looked_up(graph, column, frequent, np.eye(len(frequent) + 1))


def convert_one_hot(scope, operator, container) -> None:
    """Add the nodes of a OneHotEncoder: of skl2onnx, but for "infrequent_if_exist"."""
    if not _takes_unknown(operator):
        convert_sklearn_one_hot_encoder(scope, operator, container)
        return
    graph, encoder = Graph(scope, container, np.float32), operator.raw_operator
    columns = graph.columns(operator.inputs)
    infrequent = getattr(encoder, "infrequent_categories_", [None] * len(columns))
    known = zip(columns, encoder.categories_, infrequent, strict=True)
    parts = [_one_hot(graph, *of_column) for of_column in known]
    graph.concat(parts, output=operator.outputs[0].full_name)


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
    parts = [
        looked_up(graph, column, encoder.categories_[i], _means(encoder, i))
        for encoder in operator.raw_operator.encoders_
        for i, column in enumerate(columns)
    ]
    graph.concat(parts, output=operator.outputs[0].full_name)


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
