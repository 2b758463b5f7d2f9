"""A family of networks of an ensemble: its layers, its features and its temperature."""

from itertools import pairwise
from typing import Self

from skfcnn.estimator.construction import layer_sizes
from skfcnn.tabular.family import ModelFamily
from skfcnn.tabular.network_training import train_network
from skfcnn.tabular.presets import Family, network_params
from skfcnn.tabular.splines import N_KNOTS, LinearSplines
from skfcnn.tabular.targets import EnsembleTarget

# Output columns of the embedding of a column.
N_EMBEDDED = 3


class NetworkFamily(ModelFamily):
    """The networks of one kind, before and after they are trained.

    Parameters
    ----------
    family : Family
    target : EnsembleTarget
    n_features : int
    columns : sequence of int
        Columns with more than two values.
    n_rows : int
        Number of rows that a network is trained on.
    params : dict
        Parameters of the networks that replace those of the preset.

    Attributes
    ----------
    splines : LinearSplines or None
        Fitted before the first member is trained.
    """

    train = staticmethod(train_network)

    def __init__(
        self,
        family: Family,
        target: EnsembleTarget,
        *,
        n_features: int,
        columns,
        n_rows: int,
        params: dict,
    ) -> None:
        params = network_params(family, n_rows, target.network_params | params)
        network = target.network_class(**params)
        added = N_KNOTS if family.splines else N_EMBEDDED if family.numeric_embedding else 0
        n_in = n_features + added * len(columns)
        sizes = layer_sizes(network.hidden_layer_sizes, n_in, 1)
        n_products = sum(inputs * units for inputs, units in pairwise(sizes))
        super().__init__(target, network, n_products)
        self.splines = LinearSplines(columns) if family.splines else None

    def __str__(self) -> str:
        network = self.model
        parts = f"hidden layers {network.hidden_layer_sizes}, {network.activation}"
        if network.numeric_embedding:
            return f"{parts}, embedding"
        return parts if self.splines is None else f"{parts}, splines"

    def learn_features(self, X, weights) -> Self:
        """Fit the splines, if there are any."""
        if self.splines is not None:
            self.splines.fit(X, weights)
        return self

    def features(self, X):
        """Return the features of these rows: X, with splines if there are any."""
        return X if self.splines is None else self.splines.transform(X)

    def set_temperature(self, temperature: float) -> None:
        """Divide the outputs of all networks, which are linear in their last weights."""
        super().set_temperature(temperature)
        for network in self.members:
            network.coefs_[-1] /= temperature
            network.intercepts_[-1] /= temperature

    def outputs(self, member, features):
        """Return the outputs of a network: its last weights have the temperature."""
        return self.raw_outputs(member, features)

    def course(self, member) -> tuple[int | None, list, str]:
        """Return the best epoch of a network, its losses, and on which rows they are."""
        losses = member.validation_loss_curve_
        if losses is None:
            return None, member.loss_curve_, "in training"
        return member.best_epoch_, losses, "on the fold"
