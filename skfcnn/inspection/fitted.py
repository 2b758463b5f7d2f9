"""The fitted network of an estimator, and the names of its inputs and outputs."""

from collections.abc import Sequence

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from skfcnn.estimator.base import FittedNetwork
from skfcnn.estimator.construction import embedded_columns
from skfcnn.network.embedding import N_EMBEDDED


def fitted_network(estimator) -> FittedNetwork:
    """Return the fitted network: the estimator, or the last step of a Pipeline.

    Raises
    ------
    TypeError
        If it is not a FullyConnectedClassifier or FullyConnectedRegressor.
    NotFittedError
        If it is not fitted.
    """
    model = estimator[-1] if isinstance(estimator, Pipeline) else estimator
    if not isinstance(model, FittedNetwork):
        raise TypeError(
            "Only the network of a FullyConnectedClassifier or FullyConnectedRegressor can "
            f"be shown, or of a Pipeline that ends with one; got {type(model).__name__}. "
            "For a search, pass its best_estimator_; for an ensemble, one of its members."
        )
    check_is_fitted(model)
    return model


def names_of_inputs(estimator, feature_names: Sequence | None = None) -> list[str]:
    """Return a name for every input of the first linear layer.

    These are the given names, those seen in `fit`, the output names of the previous steps
    of the Pipeline, or x0, x1, ..., followed by the names of embedded columns.
    """
    model = fitted_network(estimator)
    if feature_names is None:
        feature_names = _known_names(estimator, model)
    if len(feature_names) != model.n_features_in_:
        raise ValueError(
            f"feature_names has {len(feature_names)} names, but the network has "
            f"{model.n_features_in_} features. Pass one name for each."
        )
    embedded = embedded_columns(model._network.layers) or ()
    return [*map(str, feature_names)] + [
        f"{feature_names[column]}, embedded {i}"
        for column in embedded
        for i in range(N_EMBEDDED)
    ]


def _known_names(estimator, model):
    names = getattr(model, "feature_names_in_", None)
    if names is None and isinstance(estimator, Pipeline):
        try:
            names = estimator[:-1].get_feature_names_out()
        except (AttributeError, ValueError):  # a step cannot name its outputs
            names = None
    return [f"x{i}" for i in range(model.n_features_in_)] if names is None else names


def names_of_outputs(model: FittedNetwork, names: Sequence | None = None) -> list[str]:
    """Return a name for every output; a single output has the second of two classes.

    These are the given names, or the classes, or those of the target of a regressor.
    """
    known = model._target.output_names()
    if names is None:
        return known
    n_outputs = len(known)
    allowed = {n_outputs, len(getattr(model, "classes_", known))}
    if len(names) not in allowed:
        raise ValueError(
            f"output_names has {len(names)} names, but the network has {n_outputs} "
            "outputs. Pass one name for each output, or for each class."
        )
    return [*map(str, names[-n_outputs:])]


def activation_name(activation) -> str:
    """Return the name of an activation; for a pair, that of its function."""
    if isinstance(activation, str):
        return activation
    function, _ = activation
    return getattr(function, "__name__", type(function).__name__)
