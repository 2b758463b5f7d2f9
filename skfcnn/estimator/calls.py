"""The arguments of a training run: those of a call of `fit` or `partial_fit`."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from skfcnn.network.network import Network
from skfcnn.network.parameters import ParameterViews

FIT, RESUMED_FIT, PARTIAL_FIT = "fit", "resumed fit", "partial_fit"


class Call(NamedTuple):
    """The call that trains.

    Parameters
    ----------
    kind : str
        FIT, RESUMED_FIT or PARTIAL_FIT.
    epochs : range
        The numbers of the epochs; a resumed fit starts where the first one ended.
    rng : RandomState
        For the hold-out and the shuffles.
    continues : bool
        Whether the curves of the estimator are continued.
    params : dict or None
        The parameters that a fit that resumes this one must have; None if it cannot be
        resumed.
    digests : dict or None
        The digests of the data, if computed.
    coefs_init, intercepts_init : list of ndarray or None
        The parameters to start from, in the units of y.
    """

    kind: str
    epochs: range
    rng: np.random.RandomState
    continues: bool
    params: dict | None = None
    digests: dict | None = None
    coefs_init: Sequence[np.ndarray] | None = None
    intercepts_init: Sequence[np.ndarray] | None = None

    @property
    def has_init(self) -> bool:
        """Whether there are parameters to start from."""
        return self.coefs_init is not None or self.intercepts_init is not None

    def write_init(self, network: Network) -> None:
        """Write the parameters to start from, if there are any, into the network."""
        groups = network.parameters.groups
        for name, group in {"coefs_init": "weights", "intercepts_init": "bias"}.items():
            if (given := getattr(self, name)) is not None:
                ParameterViews(name, groups[group])[:] = given
