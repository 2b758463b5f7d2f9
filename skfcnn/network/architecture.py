"""What a network is made of, before anything is learned: its layers, and their sizes.

The layers from below: an embedding of numeric columns, a scaling of the inputs, and then
for each hidden layer a linear layer and its activation. Embedding and scaling are there if
asked for; an activation may have parameters of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

# Per embedded column: the cosines, and the features computed from them.
# Holzmueller et al., "Better by default", arXiv:2407.04491, appendix C.
N_COSINES, N_EMBEDDED = 16, 3


@dataclass(frozen=True)
class Architecture:
    """The layers of a network.

    Parameters
    ----------
    sizes : tuple of int
        Number of inputs, of units of each hidden layer, and of outputs.
    activations : tuple
        Of each hidden layer a key of ACTIVATIONS, or a pair of functions z -> f(z) and
        z -> f'(z).
    parametric : bool
        Whether the units learn how much of their activation they use.
    scaling : bool
        Whether there is a layer that scales what the first linear layer gets.
    embedded : tuple of int, or None
        The columns of the inputs that have an embedding; None is for no embedding at all.
    """

    sizes: tuple[int, ...]
    activations: tuple
    parametric: bool = False
    scaling: bool = False
    embedded: tuple[int, ...] | None = None

    @property
    def linear(self) -> list[tuple[int, int]]:
        """(n_in, n_out) of each linear layer."""
        n_in, *others = self.sizes
        return list(pairwise([n_in + N_EMBEDDED * self.n_embedded, *others]))

    @property
    def n_embedded(self) -> int:
        """The number of columns that have an embedding."""
        return len(self.embedded or ())

    def shapes(self) -> Mapping[str, Sequence[tuple[int, ...]]]:
        """Return the shapes of all parameters, by the groups in which they lie in theta."""
        linear, n_columns = self.linear, self.n_embedded
        of_embedding = [
            (n_columns, N_COSINES),
            (n_columns, N_COSINES),
            (n_columns, N_COSINES, N_EMBEDDED),
            (n_columns, N_EMBEDDED),
        ]
        return {
            "weights": linear,
            "bias": [(n_out,) for _, n_out in linear],
            "scale": [linear[0][:1]] if self.scaling else [],
            "mix": [(n_out,) for _, n_out in linear[:-1]] if self.parametric else [],
            "embedding": of_embedding if self.embedded else [],
        }
