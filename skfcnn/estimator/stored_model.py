"""Conversion of an estimator to plain values, and back.

Functions and other objects are recorded by their names only. They are taken from the
estimator that resumes the fit, whose objects must have the same names.
"""

import re
from importlib import import_module
from numbers import Real
from typing import Any

import numpy as np

from skfcnn.estimator.base import OF_A_FIT
from skfcnn.estimator.construction import embedded_columns, in_python, make_layers
from skfcnn.estimator.plain_values import Name, description, of_kind
from skfcnn.estimator.solver import finish
from skfcnn.estimator.stored_solver import plain_entries, plain_solver, solver_of
from skfcnn.estimator.training_state import TrainingState, Watched
from skfcnn.network.network import Network
from skfcnn.network.parameters import count_parameters

FIT_ID = re.compile("[0-9a-f]{32}")

# The classes that can be created without an estimator, and their modules.
OURS = {
    "skfcnn.classifier.FullyConnectedClassifier": "skfcnn",
    "skfcnn.regressor.FullyConnectedRegressor": "skfcnn",
    "skfcnn.dask.classifier.DaskFullyConnectedClassifier": "skfcnn.dask",
    "skfcnn.dask.regressor.DaskFullyConnectedRegressor": "skfcnn.dask",
}
# Attributes that are stored in another form, or belong to the estimator that resumes.
STORED_APART = {"_network", "_target", "_training", "_skl_callbacks"}
STORED_APART |= {"_metadata_request"} | OF_A_FIT
# The attributes of a fitted estimator that its network and its target do not determine.
ATTRIBUTES = {
    "n_features_in_": int,
    "loss_curve_": list,
    "best_loss_": Real | None,
    "validation_loss_curve_": list | None,
    "validation_scores_": list | None,
    "best_validation_score_": Real | None,
    "best_epoch_": int | None,
    "n_iter_": int,
    "t_": int,
    "loss_": Real,
    "converged_": bool | np.bool_,
    "history_": dict,
}
WATCHED: dict[str, Any] = {
    "name": str,
    "best": Real,
    "loss": Real | None,
    "n_no_improvement": int,
}


class NotOfThisKind(ValueError):
    """The estimator lacks what the file names. The path of the file precedes the text."""


def plain_model(model, fitted) -> dict:
    """Return an estimator that is being fitted, and its solver, as plain values.

    Its attributes are those of `fitted`: as if the fit ended here.
    """
    state, training = fitted.__getstate__(), model._training
    solver = training.solver
    entries = {name: of for name, of in state.items() if name not in STORED_APART}
    network, target = model._network, model._target
    return {
        "class": description(type(fitted)),
        "parameters": [*fitted.get_params(deep=False)],
        "entries": plain_entries(entries),
        "target": target.state(),
        "embedded": embedded_columns(network.layers),
        "theta": network.theta,
        "fit_id": training.fit_id,
        "watched": vars(fitted._training.watched),
        "solver": None if solver is None else plain_solver(solver),
    }


def model_of(content: dict, estimator):
    """Return the stored model; functions and other objects come from the estimator.

    Raises
    ------
    NotOfThisKind
        If the class or the objects are needed, but the estimator is None or has others.
    Exception
        Of any kind, if `content` was not made by plain_model.
    """
    kind = _class_of(content, estimator)
    given = None if estimator is None else vars(estimator)
    entries = _resolved(content["entries"], given)
    solver = content["solver"]
    if solver is not None and solver["params"] is not None:
        solver["params"] = _resolved(solver["params"], given)
    model = _made(kind, content, entries)
    if given and "_metadata_request" in given:
        model._metadata_request = given["_metadata_request"]
    return model


def _class_of(content: dict, estimator) -> type:
    """Return the class to create. The name in the file is compared, but not imported."""
    name = of_kind(str, content["class"], "class")
    if estimator is None and name in OURS:
        return getattr(import_module(OURS[name]), name.rpartition(".")[2])
    if estimator is None:
        raise NotOfThisKind(
            f"is a checkpoint of the class {name}. Pass an estimator of this class: "
            f"load_checkpoint(path, estimator={name.rpartition('.')[2]}(...))."
        )
    others = {*content["parameters"]} - estimator.get_params(deep=False).keys()
    if others:
        raise NotOfThisKind(
            f"is a checkpoint of the class {name}, which has the parameters "
            f"{sorted(others)}. {type(estimator).__name__} does not have these parameters. "
            f"Use an estimator of the class {name.rpartition('.')[2]}."
        )
    return type(estimator)


def _resolved(entries: dict, given: dict | None) -> dict:
    """Return the entries, with the objects that they name taken from the estimator.

    Raises
    ------
    NotOfThisKind
        If objects are named, but there is no estimator or its objects have other names.
    """
    named = {name: value for name, value in entries.items() if isinstance(value, Name)}
    if named and given is None:
        names = (f"{name}: {value.text}" for name, value in sorted(named.items()))
        raise NotOfThisKind(
            f"holds only the names of functions and other objects ({'; '.join(names)}). "
            "Pass an estimator that has them: load_checkpoint(path, estimator=...)."
        )
    ours = {name: (given or {}).get(name) for name in named}
    words = [
        f"{name}: {value.text}, now {description(ours[name])}"
        for name, value in sorted(named.items())
        if value.text != description(ours[name])
    ]
    if words:
        raise NotOfThisKind(
            "holds only the names of functions and other objects. The estimator that "
            f"resumes the fit must have the same ones. These differ: {'; '.join(words)}."
        )
    return entries | ours


def _made(kind: Any, content: dict, entries: dict):
    """Return the model, with the entries as its attributes."""
    for name, kinds in ATTRIBUTES.items():
        of_kind(kinds, entries[name], name)
    for name in entries:
        if name in STORED_APART or callable(getattr(kind, name, None)):
            raise ValueError(f"{name} cannot be a stored attribute")
    model: Any = object.__new__(kind)
    model.__setstate__(entries)
    model._target = kind._target_class.of_state(content["target"])
    model._target.check_params(in_python(model))
    model._network = _network_of(model, content["embedded"], content["theta"])
    model._set_described()
    if not FIT_ID.fullmatch(content["fit_id"]):
        raise ValueError(f"fit_id is {content['fit_id']!r}, not 32 hexadecimal digits")
    watched = content["watched"]
    for name, kind_of_value in WATCHED.items():
        of_kind(kind_of_value, watched[name], name)
    model._training = TrainingState(Watched(**watched), fit_id=content["fit_id"])
    if content["solver"] is not None:
        scale = model._target.scale
        network = scale.network_of(model._network)
        solver = solver_of(content["solver"], model, network)
        if (solver.trained is None) != (network is model._network):
            raise ValueError("the solver and the target have not the same scale")
        finish(solver, network)
        scale.write(network, model._network)
        model._training.solver = solver
    return model


def _network_of(model, embedded, theta) -> Network:
    """Return the network that the parameters of the model describe."""
    n_in = of_kind(int, model.n_features_in_, "n_features_in_")
    for column in embedded or ():
        if not 0 <= of_kind(int, column, "embedded") < n_in:
            raise ValueError(f"embedded is {embedded}, but there are {n_in} columns")
    layers = make_layers(in_python(model), n_in, model._target.n_outputs, embedded)
    is_vector = of_kind(np.ndarray, theta, "theta").ndim == 1
    if not is_vector or theta.dtype not in (np.float32, np.float64):
        raise ValueError(
            f"theta has dtype {theta.dtype} and shape {theta.shape}, not float32 or "
            "float64 and one dimension"
        )
    if len(theta) != (n_parameters := count_parameters(layers)):
        raise ValueError(f"theta has {len(theta)} numbers, not {n_parameters}")
    return Network(layers, theta=theta)
