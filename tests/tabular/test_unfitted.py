"""Before fit, everything that needs a fitted table model says that it is not fitted."""

import inspect

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from skfcnn import TabularClassifier, TabularRegressor

X = np.zeros((6, 3))
ARGUMENTS = {"X": X, "y": np.arange(6) % 2}
WITHOUT_FIT = {"fit", "set_params"}


def methods_for_fitted_models():
    for kind in (TabularClassifier, TabularRegressor):
        for name, method in inspect.getmembers(kind, inspect.isfunction):
            parameters = inspect.signature(method).parameters
            needs_rows = "X" in parameters and not name.startswith("_")
            if needs_rows and name not in WITHOUT_FIT:
                yield pytest.param(kind(), name, id=f"{kind.__name__}-{name}")


@pytest.mark.parametrize(("model", "name"), methods_for_fitted_models())
def test_methods_say_that_the_model_is_not_fitted(model, name):
    method = getattr(model, name)
    required = [
        ARGUMENTS[parameter.name]
        for parameter in inspect.signature(method).parameters.values()
        if parameter.default is parameter.empty
    ]
    message = f"This {type(model).__name__} instance is not fitted"
    with pytest.raises(NotFittedError, match=message):
        method(*required)
