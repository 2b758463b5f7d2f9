"""The methods that skl2onnx calls before it converts a model.

skl2onnx has a registry of model classes. For other classes, it calls the `onnx_parser` of
the model. The converters are imported and registered in this call, so `import skfcnn` does
not import skl2onnx.
"""

from collections.abc import Callable
from functools import partial


class ConvertsToOnnx:
    """A model that skl2onnx converts, with or without `import skfcnn.onnx` before."""

    def onnx_parser(self) -> Callable:
        """Return the function by which skl2onnx declares the outputs of this model.

        The converters of all models of skfcnn are registered with skl2onnx.

        Returns
        -------
        parser : callable
            `parser(scope, inputs)`, as skl2onnx calls it.
        """
        from skfcnn.onnx.registration import declare_late

        return partial(declare_late, self)
