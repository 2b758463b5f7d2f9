import copy

import numpy as np
import pandas as pd
import pytest

from skfcnn import FullyConnectedClassifier
from skfcnn.estimator.history import NAMES, History

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.RandomState(0)
X, Y = RNG.standard_normal((60, 3)), np.arange(60) % 3


def fitted(**params):
    return FullyConnectedClassifier((4,), max_iter=3, random_state=0, **params).fit(X, Y)


def test_every_epoch_has_one_value_of_each_kind():
    model = fitted(early_stopping=True)
    assert [*model.history_] == [*NAMES]
    assert model.history_["loss"] == model.loss_curve_
    assert model.history_["validation_score"] == model.validation_scores_
    assert model.history_["validation_loss"] == model.validation_loss_curve_
    assert model.history_["learning_rate"] == [0.001] * 3
    assert len(model.history_["seconds"]) == 3
    assert min(model.history_["seconds"]) > 0.0
    assert pd.DataFrame(model.history_).shape == (3, 5)


def test_learning_rate_is_that_of_the_last_step():
    model = fitted(schedule=lambda fraction: 1.0 - fraction, batch_size=30)
    # Six steps, at the fractions 0, 1/6, ... of training.
    expected = [0.001 * (1.0 - step / 6.0) for step in (1, 3, 5)]
    np.testing.assert_allclose(model.history_["learning_rate"], expected, rtol=1e-12)


def test_missing_values_are_nan():
    model = fitted(solver="lbfgs")
    assert np.isnan(model.history_["learning_rate"]).all()
    assert np.isnan(model.history_["validation_score"]).all()
    assert model.history_["loss"] == model.loss_curve_


def test_partial_fit_appends_an_epoch():
    model = fitted()
    first = {name: [*values] for name, values in model.history_.items()}
    model.partial_fit(X, Y, X_val=X, y_val=Y)
    assert len(model.history_["loss"]) == 4
    assert model.history_["loss"][:3] == first["loss"]
    assert np.isnan(model.history_["validation_score"][:3]).all()
    assert model.history_["validation_score"][3] == model.validation_scores_[0]


def test_fit_starts_a_new_history():
    model = fitted()
    earlier = model.history_
    model.fit(X, Y)
    assert len(model.history_["loss"]) == len(earlier["loss"]) == 3
    assert model.history_ is not earlier


def test_failed_fit_keeps_the_earlier_history():
    model = fitted()
    earlier = {name: [*values] for name, values in model.history_.items()}
    with pytest.raises(ValueError):
        model.set_params(solver="sgd", learning_rate_init=1e200).fit(X, Y)
    assert model.history_["loss"] == earlier["loss"]


def test_history_is_copied():
    history = History.of(vars(fitted()))
    history.append(0.5, None, learning_rate=0.1)
    assert history.n_iter == 1
    again = History.of({"history_": history.epochs}, n_iter=4)
    again.append(0.4, (0.9, 0.3), seconds=2.0)
    assert again.n_iter == 5
    assert len(history.loss_curve) == 4 and len(again.loss_curve) == 5
    assert again.validation_scores == [0.9]


def test_learning_rate_of_invscaling_is_that_of_the_epoch():
    params = {"solver": "sgd", "learning_rate": "invscaling", "power_t": 0.5}
    model = fitted(**params)
    expected = [0.001, *(0.001 / np.sqrt(60 * epoch + 1) for epoch in (1, 2))]
    np.testing.assert_allclose(model.history_["learning_rate"], expected, rtol=1e-12)


def test_copy_during_a_fit_keeps_its_history():
    model = fitted()
    twin = copy.copy(model)
    model.partial_fit(X, Y)
    model.history_["loss"].append(0.0)
    assert len(twin.history_["loss"]) == 3
