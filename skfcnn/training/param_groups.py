"""Learning rates by group of parameters: a factor for each element of theta.

Groups are the weights, the biases, and the parameters of other layers. The factor
"1/sqrt(n_in)" gives the weights of a layer with many inputs a smaller rate. Then a step
changes z as much as in a layer with few inputs. This is equivalent to the neural tangent
parametrization z = x W / sqrt(n_in) + b, for an optimizer whose steps do not depend on the
size of the gradient, like Adam.

References
----------
Jacot et al., "Neural tangent kernel", arXiv:1806.07572. Holzmueller et al., "Better by
default", arXiv:2407.04491, section 3.
"""

import math
from collections.abc import Mapping

import numpy as np

from skfcnn.network.network import Network
from skfcnn.network.parameters import Parameters

BY_INPUTS = "1/sqrt(n_in)"


def spread_factors(network: Network, factors: Mapping[str, float | str]) -> np.ndarray:
    """Return the factor of each element of theta: that of its group, else 1."""
    spread = np.ones_like(network.theta)
    groups = Parameters(spread, network.layers).groups
    for name, factor in factors.items():
        for array in groups[name]:
            array[...] = 1.0 / math.sqrt(len(array)) if factor == BY_INPUTS else factor
    return spread
