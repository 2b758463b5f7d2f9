"""The graph that converters add nodes to. A node is identified by its output name.

Formulas are nested nodes: `graph.node("Mul", z, graph.node("Tanh", z))` is z tanh(z).
All operators used are available in onnxruntime in float32 and float64.
"""

import numpy as np
from numpy.typing import DTypeLike
from onnx import TensorProto
from onnx.helper import np_dtype_to_tensor_dtype
from skl2onnx.common.data_types import DoubleTensorType

INTEGERS = np.dtype(np.int64)


def precision_of(tensor_type) -> np.dtype:
    """Return the output precision for a tensor type: float64 for double, else float32."""
    return np.dtype(np.float64 if isinstance(tensor_type, DoubleTensorType) else np.float32)


def is_utf8(text: str) -> bool:
    """Return whether ONNX can hold a text: it has no lone surrogates."""
    return text.encode(errors="ignore").decode() == text


def width_of(variable) -> int:
    """Return the number of columns of a variable.

    Raises
    ------
    ValueError
        If its type does not specify the number.
    """
    width = dict(enumerate(variable.type.shape)).get(1)
    if not isinstance(width, int):
        raise ValueError(
            f"The type of the input {variable.raw_name!r} does not say how many columns it "
            f"has. For a single one, use {type(variable.type).__name__}([None, 1])."
        )
    return width


class Graph:
    """The graph of an ONNX model under construction.

    Parameters
    ----------
    scope, container
        The arguments that skl2onnx passes to a converter: names, and the nodes so far.
    dtype : dtype
        The precision of floating-point constants, and of `cast`.
    """

    def __init__(self, scope, container, dtype: DTypeLike) -> None:
        self.scope = scope
        self.container = container
        self.dtype = np.dtype(dtype)

    def in_precision(self, dtype: np.dtype) -> "Graph":
        """Return the same graph, with constants and casts of another precision."""
        return Graph(self.scope, self.container, dtype)

    def node(self, op: str, *inputs, output: str | None = None, **attributes) -> str:
        """Add a node whose inputs are names, numbers or arrays; return its output name."""
        names = [x if isinstance(x, str) else self._constant(x) for x in inputs]
        output = output or self.scope.get_unique_variable_name(op)
        name = self.scope.get_unique_operator_name(op)
        self.container.add_node(op, names, output, name=name, **attributes)
        return output

    def cast(
        self, x: str, dtype: DTypeLike | None = None, output: str | None = None
    ) -> str:
        """Return x in the precision of this graph, or in another dtype."""
        to = np_dtype_to_tensor_dtype(np.dtype(dtype or self.dtype))
        return self.node("Cast", x, to=to, output=output)

    def columns(self, inputs) -> list[str]:
        """Return the columns of all variables of a list, each (n_rows, 1)."""
        return [
            name
            for variable in inputs
            for name in self._split(variable.full_name, width_of(variable))
        ]

    def concat(self, parts: list[str], output: str | None = None) -> str:
        """Return all parts side by side."""
        return self.node("Concat", *parts, axis=1, output=output)

    def ascending(self, x: str, n_columns: int) -> str:
        """Return the numbers of each row in ascending order.

        TopK has two outputs: the numbers, and their positions, which are not used.
        """
        outputs = [self.scope.get_unique_variable_name(of) for of in ("sorted", "position")]
        name = self.scope.get_unique_operator_name("TopK")
        inputs = [x, self._constant([n_columns])]
        self.container.add_node("TopK", inputs, outputs, name=name, axis=1, largest=0)
        return outputs[0]

    def _split(self, name, width):
        if width == 1:
            return [name]
        return [self.node("Gather", name, np.array([i]), axis=1) for i in range(width)]

    def _constant(self, values):
        values = np.asarray(values)
        content, name = values.ravel(), self.scope.get_unique_variable_name("constant")
        if values.dtype.kind == "f":
            kind, content = np_dtype_to_tensor_dtype(self.dtype), content.astype(self.dtype)
        elif values.dtype.kind in "iub":
            kind, content = TensorProto.INT64, content.astype(INTEGERS)
        else:
            kind, content = TensorProto.STRING, [str(text).encode() for text in content]
        self.container.add_initializer(name, kind, values.shape, content)
        return name
