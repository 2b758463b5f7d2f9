"""The state of a regression target from a file, which may not be trusted."""

from typing import Any

from skfcnn.estimator.plain_values import of_kind
from skfcnn.network.links import NUMBER_LINKS

# The parameters of the target, and their types.
KINDS: dict[str, Any] = {
    "n_outputs": int,
    "is_vector": bool,
    "out_activation": str,
    "levels": list | None,
    "is_scaled": bool,
}


def check_state(state: dict) -> None:
    """Raise ValueError if the state is invalid; its scale is checked apart."""
    for name, kind in KINDS.items():
        of_kind(kind, state[name], name)
    n_outputs, levels, scale = state["n_outputs"], state["levels"], state["scale"]
    if n_outputs < 1 or (levels is not None and len(levels) != n_outputs):
        raise ValueError(f"n_outputs is {n_outputs}, levels are {levels!r:.99}")
    if state["is_vector"] and n_outputs > 1:
        raise ValueError(f"is_vector is True, but n_outputs is {n_outputs}")
    for level in levels or ():
        if not 0.0 < of_kind(float, level, "level") < 1.0:
            raise ValueError(f"levels are {levels!r:.99}")
    if state["out_activation"] not in NUMBER_LINKS:
        raise ValueError(f"out_activation is {state['out_activation']!r:.99}")
    if (scale is not None) != state["is_scaled"]:
        raise ValueError(f"is_scaled is {state['is_scaled']}, scale is {scale!r:.99}")
