"""Names of other libraries for values of parameters: errors name the value to use."""

import inspect
import pickle
import re
from pathlib import Path

import numpy as np
import pytest
import sklearn

from skfcnn import FullyConnectedClassifier, TabularClassifier, callbacks
from skfcnn._sklearn import StrOptions
from skfcnn.estimator.aliases import ALIASES, hint
from skfcnn.estimator.constraints import OF_CLASSIFIERS, OF_REGRESSORS

X, Y = np.eye(12)[:, :3], np.arange(12) % 2


def own_names(parameter):
    return {
        name
        for constraints in (OF_CLASSIFIERS, OF_REGRESSORS)
        for constraint in constraints[parameter]
        if isinstance(constraint, StrOptions)
        for name in constraint.options
    }


def error_of(**params):
    with pytest.raises(ValueError, match="must be") as caught:
        FullyConnectedClassifier(**params).fit(X, Y)
    return caught.value


@pytest.mark.parametrize("parameter", ALIASES)
def test_aliases_map_to_values_and_are_not_values(parameter):
    own = own_names(parameter)
    assert own >= set(ALIASES[parameter].values())
    assert not own & ALIASES[parameter].keys()


@pytest.mark.parametrize(
    ("parameter", "value", "ours"),
    [
        ("activation", "swish", "silu"),
        ("activation", "sigmoid", "logistic"),
        ("activation", "linear", "identity"),
        ("activation", "gelu_new", "gelu_tanh"),
        ("activation", "gelu_approx", "gelu_tanh"),
        ("activation", "leakyrelu", "leaky_relu"),
        ("activation", "LeakyReLU", "leaky_relu"),
        ("activation", "SiLU", "silu"),
        ("solver", "momentum", "sgd"),
        ("solver", "nesterov", "sgd"),
        ("solver", "L-BFGS", "lbfgs"),
        ("solver", "AdamW", "adamw"),
        ("loss", "cross_entropy", "log_loss"),
        ("loss", "crossentropy", "log_loss"),
        ("loss", "CrossEntropyLoss", "log_loss"),
        ("loss", "bce", "log_loss"),
        ("loss", "mse", "squared_error"),
        ("loss", "focal_loss", "focal"),
        ("weight_init", "xavier_uniform", "glorot_uniform"),
        ("weight_init", "xavier_normal_", "glorot_normal"),
        ("weight_init", "kaiming_uniform", "he_uniform"),
        ("weight_init", "KaimingNormal", "he_normal"),
        ("schedule", "onecycle", "one_cycle"),
        ("schedule", "OneCycleLR", "one_cycle"),
        ("schedule", "cosine_annealing", "cosine"),
        ("schedule", "CosineAnnealingLR", "cosine"),
        ("schedule", "reduce_on_plateau", "adaptive"),
        ("schedule", "ReduceLROnPlateau", "adaptive"),
        ("normalization", "LayerNorm", "layer"),
    ],
)
def test_error_names_the_value_of_skfcnn(parameter, value, ours):
    error = error_of(**{parameter: value})
    assert type(error).__name__ == "InvalidParameterError"
    assert str(error).endswith(f"Got {value!r} instead. Use {ours!r}.")


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("activation", "hswish"),
        ("activation", 3),
        ("solver", "rmsprop"),
        ("class_weight", "auto"),
        ("alpha", "swish"),
        ("alpha", -1.0),
    ],
)
def test_error_without_an_alias_is_that_of_scikit_learn(parameter, value):
    assert str(error_of(**{parameter: value})).endswith(f"Got {value!r} instead.")


def test_hint_is_for_the_parameter_of_the_error():
    error = error_of(activation="swish", loss="none", alpha=1.0)
    assert str(error).endswith("Use 'silu'.")
    error = error_of(alpha=-1.0, solver="momentum")
    assert str(error).endswith("Got -1.0 instead.")


def test_error_for_one_layer_names_the_value_of_skfcnn():
    error = error_of(hidden_layer_sizes=(2, 2), activation=["relu", "swish"])
    assert type(error) is ValueError
    assert str(error).endswith("got 'swish'. Use 'silu'.")
    error = error_of(weight_init=["xavier_normal", "zeros"])
    assert type(error) is ValueError
    assert str(error).endswith("got 'xavier_normal'. Use 'glorot_normal'.")
    assert str(error_of(activation=["hswish"])).endswith("got 'hswish'.")


def test_error_has_a_hint_without_validation_by_scikit_learn():
    with sklearn.config_context(skip_parameter_validation=True):
        assert str(error_of(activation="swish")).endswith("Use 'silu'.")


def test_errors_of_partial_fit_and_tabular_networks_have_the_hint():
    model = FullyConnectedClassifier(activation="swish")
    with pytest.raises(ValueError, match="Use 'silu'"):
        model.partial_fit(X, Y, classes=[0, 1])
    model = TabularClassifier("fast", network_params={"loss": "bce"})
    with pytest.raises(ValueError, match="Use 'log_loss'"):
        model.fit(X, Y)


def test_error_can_be_pickled():
    """joblib pickles the errors of worker processes."""
    error = error_of(activation="swish")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize("value", [None, 3, 2.5, ["swish"], np.zeros(2), {}, print])
def test_values_other_than_strings_have_no_alias(value):
    assert hint("activation", value) == ""


PAGE = (Path(__file__).parents[2] / "docs" / "names.md").read_text()
CELLS = [line.split(" | ")[-1] for line in PAGE.splitlines() if line.startswith("| ")]
ASSIGNED = [code for cell in CELLS for code in re.findall(r"`(\w+=[^`]+)`", cell)]


def test_page_of_names_has_many_entries():
    assert len(CELLS) > 45
    assert len(ASSIGNED) > 45


@pytest.mark.parametrize("assigned", sorted({*ASSIGNED}))
def test_parameters_on_the_page_of_names_are_valid(assigned):
    name, value = assigned.split("=", 1)
    known = {"function": np.tanh, "derivative": np.tanh, "c": 1e-5, "batch_size": 32}
    params = {name: eval(value, known)}  # the code is from our own page
    FullyConnectedClassifier(**params)._validate_params()


def test_methods_and_attributes_on_the_page_of_names_exist():
    model = FullyConnectedClassifier((2,), max_iter=1, early_stopping=True)
    with pytest.warns(UserWarning):
        model.fit(X, Y)
    text = " ".join(CELLS)
    names = set(re.findall(r"`(\w+_)`", text))
    assert {"coefs_", "history_", "best_epoch_"} <= names
    assert all(hasattr(model, name) for name in names)
    for method, arguments in re.findall(r"`(fit|partial_fit)\((.*?)\)`", text):
        given = re.findall(r"(\w+)=", arguments)
        assert given
        assert {*given} <= inspect.signature(getattr(model, method)).parameters.keys()
    assert callbacks.Checkpoint("directory")
