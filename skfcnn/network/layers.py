"""The kinds of layers, and the groups of theta in which their parameters lie."""

from skfcnn.network.dropout import Dropout
from skfcnn.network.elementwise import Elementwise
from skfcnn.network.embedding import Embedding
from skfcnn.network.layer import Layer
from skfcnn.network.linear import Linear
from skfcnn.network.normalization import LayerNormalization
from skfcnn.network.parametric import Parametric
from skfcnn.network.scaling import ScaledLinear

LAYERS: dict[str, type[Layer]] = {
    "linear": Linear,
    "scaled_linear": ScaledLinear,
    "elementwise": Elementwise,
    "parametric": Parametric,
    "embedding": Embedding,
    "layer_normalization": LayerNormalization,
    "dropout": Dropout,
}

# In the order in which they lie in theta.
GROUPS = [*dict.fromkeys(group for kind in LAYERS.values() for group in kind.groups())]
