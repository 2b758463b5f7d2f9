"""Permutation importances of the columns of a table, as bars."""

from numbers import Integral

import numpy as np
from sklearn.utils import check_scalar

from skfcnn.inspection.axes import axes_for, font_size_for
from skfcnn.inspection.curves import TRAINING

# Inches for each bar, and for the axis and its label.
BAR_HEIGHT, MARGIN = 0.27, 1.0
MIN_HEIGHT = 2.4  # inches of a figure


class ImportancesDisplay:
    """The permutation importance of each column: a bar for the mean, dots for the repeats.

    The columns are sorted, the most important one on top. A bar that is not much longer
    than its dots are apart is no evidence that the column matters.

    It is recommended to use `from_estimator` or `from_importances`. All parameters are
    stored as attributes.

    Parameters
    ----------
    importances : ndarray of shape (n_features, n_repeats)
    feature_names : list of str
    label : str, default="importance"
        Label of the axis.

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    bars_ : matplotlib BarContainer
        A bar for each column drawn, the most important one first.
    dots_ : matplotlib Line2D
        The repeats.
    columns_ : ndarray of int
        The columns drawn, the most important one first.

    See Also
    --------
    skfcnn.TabularClassifier.permutation_importances : The numbers that are drawn.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from skfcnn import TabularClassifier
    >>> from skfcnn.inspection import ImportancesDisplay
    >>> X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    >>> clf = TabularClassifier("fast", random_state=0).fit(X, y)
    >>> display = ImportancesDisplay.from_estimator(clf, X, y, random_state=0)
    >>> len(display.bars_)
    20
    """

    def __init__(self, importances, feature_names, *, label="importance"):
        self.importances = importances
        self.feature_names = feature_names
        self.label = label

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        y,
        sample_weight=None,
        *,
        n_repeats=5,
        scoring=None,
        random_state=None,
        ax=None,
        max_features=20,
    ):
        """Compute and draw the importances of the columns of the training table.

        Parameters
        ----------
        estimator : TabularClassifier
            Fitted to the table.
        X, y, sample_weight, n_repeats, scoring, random_state
            Of its `permutation_importances`.
        ax : matplotlib Axes, default=None
            Where to draw; by default on a new figure.
        max_features : int, default=20
            Largest number of columns drawn.

        Returns
        -------
        display : ImportancesDisplay

        Raises
        ------
        NotFittedError, TypeError
            If the estimator is not fitted, or has no `permutation_importances`.
        ValueError
            If the table is not that of `fit`.
        ImportError
            If matplotlib is not installed.
        """
        if not hasattr(estimator, "permutation_importances"):
            raise TypeError(
                f"{type(estimator).__name__} has no permutation_importances. Pass a "
                "TabularClassifier, or the result of "
                "sklearn.inspection.permutation_importance to from_importances."
            )
        found = estimator.permutation_importances(
            X,
            y,
            sample_weight,
            n_repeats=n_repeats,
            scoring=scoring,
            random_state=random_state,
        )
        what = "score" if callable(scoring) else scoring and scoring.removeprefix("neg_")
        what = (what or "log loss").replace("_", " ")
        rises = scoring is None or (isinstance(scoring, str) and scoring[:4] == "neg_")
        label = f"{'increase' if rises else 'decrease'} of the {what}, if permuted"
        return cls.from_importances(found, label=label, ax=ax, max_features=max_features)

    @classmethod
    def from_importances(
        cls,
        importances,
        *,
        feature_names=None,
        label="importance",
        ax=None,
        max_features=20,
    ):
        """Draw importances that have been computed.

        Parameters
        ----------
        importances : Bunch
            From `permutation_importances`, or from
            `sklearn.inspection.permutation_importance`.
        feature_names : list of str, default=None
            By default those of the Bunch, or x0, x1, ...
        label : str, default="importance"
            Label of the axis.
        ax : matplotlib Axes, default=None
            Where to draw; by default on a new figure.
        max_features : int, default=20
            Largest number of columns drawn.

        Returns
        -------
        display : ImportancesDisplay

        Raises
        ------
        ValueError
            If there is not one name for each column.
        ImportError
            If matplotlib is not installed.
        """
        values = np.asarray(importances.importances)
        if feature_names is None:
            numbered = [f"x{i}" for i in range(len(values))]
            feature_names = importances.get("feature_names", numbered)
        if len(feature_names) != len(values):
            raise ValueError(
                f"feature_names has {len(feature_names)} names, but there are importances "
                f"of {len(values)} columns. Pass one name for each."
            )
        display = cls(values, [*map(str, feature_names)], label=label)
        return display.plot(ax, max_features=max_features)

    def plot(self, ax=None, *, max_features=20):
        """Draw the bars.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; by default on a new figure.
        max_features : int, default=20
            Largest number of columns drawn: those with the largest means.

        Returns
        -------
        display : ImportancesDisplay
        """
        check_scalar(max_features, "max_features", Integral, min_val=1)
        mean = self.importances.mean(axis=1)
        self.columns_ = np.argsort(-mean, kind="stable")[:max_features]
        drawn = self.importances[self.columns_]
        n_bars, n_repeats = drawn.shape
        height = max(MIN_HEIGHT, MARGIN + BAR_HEIGHT * n_bars)
        self.ax_ = ax = axes_for(self, ax, figsize=(6.4, height))
        self.figure_ = ax.figure
        rows = np.arange(n_bars)
        self.bars_ = ax.barh(rows, mean[self.columns_], color=TRAINING, alpha=0.55)
        style = {"color": "black", "linestyle": "", "marker": "o", "markersize": 3}
        (self.dots_,) = ax.plot(drawn.ravel(), rows.repeat(n_repeats), **style)
        ax.axvline(0.0, color="black", linewidth=0.8)
        names = [self.feature_names[column] for column in self.columns_]
        ax.set_yticks(rows, names, fontsize=font_size_for(ax, n_bars))
        ax.set(xlabel=self.label, ylim=(n_bars - 0.4, -0.6))
        if n_bars < len(mean):
            ax.set_title(f"{n_bars} of {len(mean)} columns")
        return self
