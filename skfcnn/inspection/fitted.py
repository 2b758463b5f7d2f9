"""Which network an estimator means, and what its inputs and outputs are called."""

from collections.abc import Sequence

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from skfcnn.estimator.base import FittedNetwork
from skfcnn.estimator.construction import embedded_columns
from skfcnn.network.embedding import N_EMBEDDED


def fitted_network(estimator) -> FittedNetwork:
    """Return the fitted classifier: the estimator, or the last step of a Pipeline.

    Raises
    ------
    TypeError
        Where that is no FullyConnectedClassifier.
    NotFittedError
        Where it is not fitted.
    """
    model = estimator[-1] if isinstance(estimator, Pipeline) else estimator
    if not isinstance(model, FittedNetwork):
        raise TypeError(
            "What is shown is the network of a FullyConnectedClassifier, or of a Pipeline "
            f"that ends with one; got {type(model).__name__}. Of a search, give the "
            "best_estimator_; of an ensemble, one of its members."
        )
    check_is_fitted(model)
    return model


def input_names(estimator, feature_names: Sequence | None = None) -> list[str]:
    """Return a name for every input of the first linear layer.

    They are those given, or seen by `fit`, or made by the steps of the Pipeline before the
    network, or else x0, x1, ...; then come those of embedded columns.
    """
    model = fitted_network(estimator)
    if feature_names is None:
        feature_names = _known_names(estimator, model)
    if len(feature_names) != model.n_features_in_:
        raise ValueError(
            f"feature_names has {len(feature_names)} names, and the network has "
            f"{model.n_features_in_} features. Give one for each."
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
        except (AttributeError, ValueError):  # a step that cannot name what it makes
            names = None
    return [f"x{i}" for i in range(model.n_features_in_)] if names is None else names


def output_names(model: FittedNetwork, class_names: Sequence | None = None) -> list[str]:
    """Return a name for every output: its class, of two that share one the second."""
    names = model.classes_ if class_names is None else class_names
    if len(names) != len(model.classes_):
        raise ValueError(
            f"class_names has {len(names)} names, and there are {len(model.classes_)} "
            "classes. Give one for each, in the order of classes_."
        )
    return [*map(str, names[-model.n_outputs_ :])]


def activation_name(activation) -> str:
    """Return the name of an activation, of a pair that of its function."""
    if isinstance(activation, str):
        return activation
    function, _ = activation
    return getattr(function, "__name__", type(function).__name__)
