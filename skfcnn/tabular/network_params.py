"""network_params: a dict of parameters that can be set and searched one by one."""

from difflib import get_close_matches
from typing import Self

from skfcnn.estimator.solver import rows_per_batch

PREFIX = "network_params__"
# Parameters of networks that belong to the ensemble, and why.
NOT_OF_NETWORKS = {
    "random_state": "so all networks would be trained with the same one",
    "class_weight": "but the calibration needs the weights too",
    "loss": "but the weights of the ensemble depend on it",
    "quantile": "but the weights of the ensemble depend on it",
}


class NetworkParams:
    """A mixin for estimators whose parameter `network_params` is a dict or None.

    `get_params` and `set_params` have its entries as `network_params__<name>`.
    """

    network_params: dict | None

    def get_params(self, deep: bool = True) -> dict:
        """Return the parameters.

        Parameters
        ----------
        deep : bool, default=True
            Whether to include the entries of `network_params`, and the parameters of the
            encoder.

        Returns
        -------
        params : dict
        """
        params = super().get_params(deep=deep)  # type: ignore[misc]
        if deep and isinstance(self.network_params, dict):
            entries = self.network_params.items()
            params |= {PREFIX + name: value for name, value in entries}
        return params

    def set_params(self, **params) -> Self:
        """Set parameters; `network_params__dropout=0.1` sets an entry of a new dict.

        Parameters
        ----------
        **params
            Parameters of the estimator, or entries of `network_params`.

        Returns
        -------
        self : object
        """
        entries = {
            name.removeprefix(PREFIX): params.pop(name)
            for name in [*params]
            if name.startswith(PREFIX)
        }
        super().set_params(**params)  # type: ignore[misc]
        if entries:
            self.network_params = {**(self.network_params or {}), **entries}
        return self


def refuse_unknown(network_params: dict, network_class: type, name: str) -> None:
    """Raise ValueError if an entry is no parameter of the networks."""
    known = [*network_class._get_param_names()]  # type: ignore[attr-defined]
    for entry in network_params:
        if entry not in known:
            close = get_close_matches(str(entry), known, n=1)
            meant = f"Did you mean {close[0]!r}?" if close else f"Use one of {known}."
            raise ValueError(
                f"network_params of {name} has {entry!r}, which is no parameter of "
                f"{network_class.__name__}. {meant}"
            )


def checked_network_params(model, n_rows: int) -> dict:
    """Return the parameters for all networks of an ensemble; n_rows is the least number."""
    params = model.network_params or {}
    name, network_class = type(model).__name__, model._target_class.network_class
    for refused, reason in NOT_OF_NETWORKS.items():
        if refused in params and hasattr(model, refused):
            raise ValueError(
                f"network_params has a {refused}, {reason}. Use the {refused} of {name}."
            )
    refuse_unknown(params, network_class, name)
    network_class(**params)._validate_params()
    rows_per_batch(
        params.get("batch_size", "auto"), n_rows
    )  # warns once, not for every network
    return params
