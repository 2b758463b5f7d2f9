"""TableReader in ONNX: an input for each column of a table, numbers or strings.

Numbers (also booleans as 0 and 1, and time spans in seconds) are returned in float64, and
categories as strings, where "nan" is a missing value. Columns that were left out have no
input. Dates are not supported, as ONNX has no type for them, and no time zones; nor are
numbers in text, and free text. Input that TableReader rejects, such as infinite numbers,
raises no error in ONNX.
"""

import numpy as np
from skl2onnx.common.data_types import (
    BooleanTensorType,
    DoubleTensorType,
    FloatTensorType,
    Int32TensorType,
    Int64TensorType,
    StringTensorType,
)
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from skfcnn.onnx.graph import Graph, width_of
from skfcnn.tabular.column_names import positions_of, texts_of
from skfcnn.tabular.column_types import Categories, LeftOut, Numbers
from skfcnn.tabular.dataframes import Table
from skfcnn.tabular.reader import TableReader
from skfcnn.tabular.text_types import FreeText

READER = "SkfcnnTableReader"
FOR_BOTH = (Int64TensorType, Int32TensorType)
FOR_NUMBERS = (DoubleTensorType, FloatTensorType, BooleanTensorType, *FOR_BOTH)
FOR_CATEGORIES = (StringTensorType, *FOR_BOTH)


def initial_types(model) -> list[tuple]:
    """Return the `initial_types` of skl2onnx for the columns of a table.

    Each column is an input of shape (n_rows, 1), as `table[[name]].to_numpy()` is.
    Categories are strings, with "nan" for missing values; all other columns are float64,
    with NaN for missing values. Columns that were left out are no inputs.

    Parameters
    ----------
    model : TabularClassifier or TableReader
        A fitted model with `encoder="auto"`, or the reader of an encoder.

    Returns
    -------
    types : list of tuples (name, type)

    Raises
    ------
    ValueError
        If a column has no name.
    """
    check_is_fitted(model)
    reader = model if isinstance(model, TableReader) else reader_of(model)
    _check_names(reader)
    return [
        (name, (StringTensorType if _is_text(kind) else DoubleTensorType)([None, 1]))
        for name, kind in zip(_names_in(reader), reader.kinds_, strict=True)
        if not isinstance(kind, LeftOut)
    ]


def reader_of(model) -> TableReader:
    """Return the reader of the encoder of a fitted ensemble.

    Raises
    ------
    ValueError
        If the model has another encoder.
    """
    encoder = getattr(model, "encoder_", None)
    if not isinstance(encoder, Pipeline) or not isinstance(encoder[0], TableReader):
        raise ValueError(
            f"The types of the columns are known for encoder='auto'; got {model}. Pass "
            "initial_types, or rows of X, to skl2onnx.to_onnx."
        )
    return encoder[0]


def parse_table(scope, reader, inputs, custom_parsers=None) -> list:
    """Declare a variable for each column that the reader returns."""
    check_is_fitted(reader)
    _check_names(reader)
    _check_kinds(reader)
    operator = scope.declare_local_operator(READER, reader)
    operator.inputs = inputs
    n_rows = inputs[0].get_first_dimension()
    for kind, names in zip(reader.kinds_, reader._names_out, strict=True):
        made = StringTensorType if _is_text(kind) else DoubleTensorType
        for name in names:
            variable = scope.declare_local_variable(name, made([n_rows, 1]))
            operator.outputs.append(variable)
    return operator.outputs


def table_shapes(operator) -> None:
    """Do nothing: `parse_table` declares all types."""


def convert_table(scope, operator, container) -> None:
    """Add a node for each column: a number in float64, a category as a string."""
    reader, outputs = operator.raw_operator, iter(operator.outputs)
    graph = Graph(scope, container, np.float64)
    columns = graph.columns(operator.inputs)
    variables = [v for v in operator.inputs for _ in range(width_of(v))]
    for i, kind in zip(_positions(reader, variables), reader.kinds_, strict=True):
        if kind.names(""):
            _check_type(variables[i], kind)
            output = next(outputs).full_name
            if _is_text(kind):
                text = graph.cast(columns[i], np.str_)
                graph.node("Identity", _respelled(graph, text, kind), output=output)
            else:
                graph.cast(columns[i], output=output)


def _respelled(graph, text, kind):
    """Return a text; one that means true or false in the spelling of the training data."""
    if kind.spellings is None:
        return text
    given, known = zip(*kind.spellings.items(), strict=True)
    number = graph.node(
        "LabelEncoder",
        text,
        op_domain="ai.onnx.ml",
        op_version=2,
        keys_strings=given,
        values_int64s=[*range(len(given))],
        default_int64=len(given),
    )
    word = graph.node("Gather", np.array([*known, ""]), number, axis=0)
    is_other = graph.node("Equal", number, len(given))
    return graph.node("Where", is_other, text, word)


def _check_names(reader):
    """Raise ValueError for a column whose name is empty."""
    for number, name in enumerate(_names_in(reader)):
        if name == "":
            raise ValueError(
                f"Column {number} has the name '', but an input of ONNX needs a name. "
                "Rename the column before the pipeline is fitted."
            )


def _check_kinds(reader):
    """Raise ValueError for a column of dates, of parsed text or of free text."""
    for name, kind in zip(_names_in(reader), reader.kinds_, strict=True):
        if not kind.names("") or isinstance(kind, Categories | Numbers):
            continue
        if kind.label == "free text":
            raise ValueError(
                f"Column {name!r} holds free text, and its n-grams have no form in ONNX. "
                f"Fit with drop_features=[{name!r}] to leave it out."
            )
        held, why = "dates", "ONNX has no type for them"
        if kind.label != "date":
            held, why = f"values in text ({kind.label})", "ONNX cannot parse them"
        raise ValueError(
            f"Column {name!r} holds {held}, but {why}. The reader converts them to "
            "numbers, so convert only the steps after it: "
            "rest = copy.copy(model); rest.encoder_ = model.encoder_[1:]; "
            "to_onnx(rest, model.encoder_[0].transform(X)). Or fit with numbers instead "
            f"of {held}."
        )


def _positions(reader, variables):
    """Return the position of each training column: by name, if all have names."""
    given = [variable.raw_name for variable in variables]
    names, names_in = reader._known_names(), _names_in(reader)
    are_unique = len(set(given)) == len(given)
    if names is None and are_unique and len(given) < len(names_in):
        # Of initial_types, without the columns that were left out.
        table = Table(given, (1, len(given)), None)
        left_out = {i for i, own in enumerate(reader._names_out) if not own}
        return positions_of(
            names_in,
            len(names_in),
            table,
            left_out,
            estimator_name=reader.estimator_name,
        )
    if names is None or not are_unique:
        return reader._positions(Table(None, (1, len(given)), None))
    named = dict(zip(names_in, names, strict=True))
    return reader._positions(Table([named.get(n, n) for n in given], (1, len(given)), None))


def _check_type(variable, kind):
    """Raise ValueError if an input cannot hold the values of its training column."""
    wanted = FOR_CATEGORIES if _is_text(kind) else FOR_NUMBERS
    if not isinstance(variable.type, wanted):
        held, use = ("text", "String") if _is_text(kind) else ("numbers", "Double")
        raise ValueError(
            f"Column {variable.raw_name!r} had {held} in training, but its input is a "
            f"{type(variable.type).__name__}. Use {use}TensorType([None, 1]), or the types "
            "of skfcnn.onnx.initial_types."
        )


def _names_in(reader):
    """Return the names of the training columns as texts."""
    return texts_of(reader._known_names(), reader.n_features_in_)


def _is_text(kind):
    return isinstance(kind, Categories | FreeText)
