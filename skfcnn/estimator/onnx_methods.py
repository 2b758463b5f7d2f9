"""What skl2onnx asks a model for before it converts it.

skl2onnx looks the class of a model up in its own tables, and if it is not there, asks the
model for its `onnx_parser`. The converters are imported and registered then, so that
`import skfcnn` needs neither skl2onnx nor the time to load it.
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
