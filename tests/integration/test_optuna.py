"""Optuna: a search that prunes bad fits, by a callback that raises."""

import numpy as np
import optuna
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_digits
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_score, train_test_split

from skfcnn import FullyConnectedClassifier, FullyConnectedRegressor, TabularClassifier

pytestmark = [
    pytest.mark.integration,
    # A search also tries parameters that do not learn.
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]

digits = load_digits()
X_train, X_val, y_train, y_val = train_test_split(
    digits.data / 16.0, digits.target, stratify=digits.target, random_state=0
)


class PruneTrial:
    """Reports the validation score of every epoch, and raises if Optuna prunes it."""

    def __init__(self, trial):
        self.trial = trial

    def setup(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context, *, fitted_estimator):
        if context.task_name == "epoch":
            score = fitted_estimator.validation_scores_[-1]
            self.trial.report(score, step=fitted_estimator.n_iter_)
            if self.trial.should_prune():
                raise optuna.TrialPruned

    def teardown(self, estimator, context):
        pass


def objective(trial):
    model = FullyConnectedClassifier(
        hidden_layer_sizes=(trial.suggest_int("units", 8, 64, log=True),),
        learning_rate_init=trial.suggest_float("rate", 1e-4, 1e-1, log=True),
        max_iter=20,
        schedule="cosine",
        random_state=0,
    )
    model.set_callbacks(PruneTrial(trial))
    model.fit(X_train, y_train, X_val=X_val, y_val=y_val)
    return model.validation_scores_[-1]


def study_of(objective):
    """Return a study of 16 trials, of which the worse ones are pruned."""
    pruner = optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=4)
    sampler = optuna.samplers.TPESampler(seed=0)
    study = optuna.create_study(direction="maximize", sampler=sampler, pruner=pruner)
    study.optimize(objective, n_trials=16)
    return study


@pytest.fixture(scope="module", autouse=True)
def few_words():
    optuna.logging.set_verbosity(optuna.logging.WARNING)


def test_search_prunes_bad_trials_and_finds_a_good_one():
    study = study_of(objective)
    epochs = {trial.number: [*trial.intermediate_values] for trial in study.trials}
    pruned = {trial.number for trial in study.trials if trial.state.name == "PRUNED"}
    whole = {trial.number for trial in study.trials if trial.state.name == "COMPLETE"}
    assert pruned and whole and len(pruned | whole) == 16
    assert all(epochs[number] == [*range(1, 21)] for number in whole)
    assert all(4 <= len(epochs[number]) < 20 for number in pruned)
    # A linear model reaches 0.96 on these digits.
    assert study.best_value > 0.96
    assert objective(optuna.trial.FixedTrial(study.best_params)) == study.best_value


def test_search_prunes_trials_of_a_regressor():
    X, y = load_diabetes(return_X_y=True)
    X_train, X_val, y_train, y_val = train_test_split(X, y, random_state=0)

    def objective(trial):
        model = FullyConnectedRegressor(
            trial.suggest_categorical("loss", ["squared_error", "huber", "gamma"]),
            learning_rate_init=trial.suggest_float("rate", 1e-5, 1e-1, log=True),
            max_iter=20,
            schedule="cosine",
            random_state=0,
        )
        model.set_callbacks(PruneTrial(trial))
        model.fit(X_train, y_train, X_val=X_val, y_val=y_val)
        return model.validation_scores_[-1]

    study = study_of(objective)
    states = [trial.state.name for trial in study.trials]
    assert {*states} == {"PRUNED", "COMPLETE"}
    # A linear regression has an R^2 of 0.36 on these rows.
    assert study.best_value > 0.3
    assert objective(optuna.trial.FixedTrial(study.best_params)) == study.best_value


def test_trials_in_two_threads_give_the_same_values():
    def values(n_jobs):
        grid = {"units": [8, 32], "rate": [0.003, 0.03]}
        study = optuna.create_study(sampler=optuna.samplers.GridSampler(grid, seed=0))
        study.optimize(objective, n_trials=4, n_jobs=n_jobs)
        return {tuple(trial.params.values()): trial.value for trial in study.trials}

    assert len(values(1)) == 4
    assert values(1) == values(2)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("warm_start", [False, True])
def test_pruned_fit_does_not_change_the_model(solver, warm_start):
    class Hopeless(optuna.trial.FixedTrial):
        def should_prune(self):
            return True

    def rows(part):
        return {"X": X_train[part], "y": y_train[part], "X_val": X_val, "y_val": y_val}

    params = {"solver": solver, "warm_start": warm_start, "max_iter": 5}
    new, old = (FullyConnectedClassifier((8,), random_state=0, **params) for _ in range(2))
    before = old.fit(**rows(slice(0, 500))).predict_proba(X_val)
    for model in (new, old):
        model.set_callbacks(PruneTrial(Hopeless({})))
        with pytest.raises(optuna.TrialPruned):
            model.fit(**rows(slice(500, None)))
    np.testing.assert_array_equal(old.predict_proba(X_val), before)
    with pytest.raises(NotFittedError):
        new.predict(X_val)
    old.set_callbacks().fit(**rows(slice(500, None)))
    assert not np.array_equal(old.predict_proba(X_val), before)


def test_entries_of_network_params_of_a_table_model_are_searched():
    """Each trial sets them one by one; the dict of the model itself stays as it is."""
    template = TabularClassifier(
        "fast", network_params={"max_iter": 4}, trees=False, random_state=0
    )

    def objective(trial):
        model = clone(template).set_params(
            network_params__dropout=trial.suggest_float("dropout", 0.0, 0.5),
            network_params__hidden_layer_sizes=(trial.suggest_int("units", 4, 64),),
        )
        scores = cross_val_score(model, X_val, y_val, cv=2, error_score="raise")
        return scores.mean()

    study = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.TPESampler(seed=0)
    )
    study.optimize(objective, n_trials=6)
    assert len({trial.value for trial in study.trials}) > 1
    assert study.best_params.keys() == {"dropout", "units"}
    assert template.network_params == {"max_iter": 4}
