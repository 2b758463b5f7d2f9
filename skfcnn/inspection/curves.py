"""Training curves: loss and validation per epoch."""

from skfcnn.inspection.axes import axes_for, count_along_x
from skfcnn.inspection.fitted import fitted_network

# Colours of Okabe and Ito: distinct for the colour-blind, legible on white and on black.
TRAINING, VALIDATION, SCORE, MARK = "#0072b2", "#d55e00", "#009e73", "#808080"


class LossCurveDisplay:
    """Loss and validation of every epoch, with the restored epoch.

    It is recommended to use `from_estimator`. All parameters are stored as attributes.

    Parameters
    ----------
    loss_curve : list of float
        Training loss of every epoch.
    validation_loss_curve : list of float or None, default=None
        Validation loss of the last epochs, usually of all.
    validation_scores : list of float or None, default=None
        Validation score of the same epochs.
    score_name : str, default="score"
        Name of the score.
    best_epoch : int or None, default=None
        The epoch, counted from 1, whose parameters were restored.
    unit : str, default="epoch"
        Unit of the x axis: "epoch", or "iteration" for "lbfgs".

    Attributes
    ----------
    ax_, score_ax_ : matplotlib Axes
        Axes of the losses, and of the scores, on the right; None without scores.
    figure_ : matplotlib Figure
    loss_line_, validation_loss_line_, score_line_, best_line_ : matplotlib Line2D or None
        The curves, and the line at the restored epoch; None for those not drawn.

    See Also
    --------
    GradientNormsDisplay : Gradients and updates of every layer over the same epochs.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skfcnn import FullyConnectedClassifier
    >>> from skfcnn.inspection import LossCurveDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = FullyConnectedClassifier(early_stopping=True, random_state=0).fit(X, y)
    >>> display = LossCurveDisplay.from_estimator(clf, yscale="log")
    """

    def __init__(
        self,
        loss_curve,
        *,
        validation_loss_curve=None,
        validation_scores=None,
        score_name="score",
        best_epoch=None,
        unit="epoch",
    ):
        self.loss_curve = loss_curve
        self.validation_loss_curve = validation_loss_curve
        self.validation_scores = validation_scores
        self.score_name = score_name
        self.best_epoch = best_epoch
        self.unit = unit

    @classmethod
    def from_estimator(cls, estimator, *, ax=None, yscale="linear", scores=True):
        """Draw the training curves of a fitted classifier or regressor.

        Parameters
        ----------
        estimator : FullyConnectedClassifier, FullyConnectedRegressor or Pipeline
            A fitted estimator; for a Pipeline, its last step is drawn.
        ax : matplotlib Axes, default=None
            Where to draw; by default on a new figure.
        yscale : {"linear", "log"} or another scale of matplotlib, default="linear"
            Scale of the losses.
        scores : bool, default=True
            Whether to draw the validation scores too. They are never drawn if they are the
            negative validation loss (`scoring="loss"`).

        Returns
        -------
        display : LossCurveDisplay

        Raises
        ------
        NotFittedError, TypeError
            If there is no fitted network.
        ImportError
            If matplotlib is not installed.
        """
        model = fitted_network(estimator)
        is_loss = model.scoring == "loss"
        display = cls(
            model.loss_curve_,
            validation_loss_curve=model.validation_loss_curve_,
            validation_scores=None if is_loss else model.validation_scores_,
            score_name=_score_name(model),
            best_epoch=model.best_epoch_,
            unit="iteration" if model.solver == "lbfgs" else "epoch",
        )
        return display.plot(ax, yscale=yscale, scores=scores)

    def plot(self, ax=None, *, yscale="linear", scores=True):
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; by default on a new figure.
        yscale : {"linear", "log"} or another scale of matplotlib, default="linear"
            Scale of the losses.
        scores : bool, default=True
            Whether to draw the validation scores too.

        Returns
        -------
        display : LossCurveDisplay
        """
        self.ax_ = ax = axes_for(self, ax)
        self.figure_ = ax.figure
        self.validation_loss_line_ = self.best_line_ = None
        self.score_ax_ = self.score_line_ = None
        self.loss_line_ = self._curve(ax, self.loss_curve, TRAINING, "training loss")
        if self.validation_loss_curve is not None:
            self.validation_loss_line_ = self._curve(
                ax, self.validation_loss_curve, VALIDATION, "validation loss"
            )
        if scores and self.validation_scores is not None:
            self._plot_scores()
        if self.best_epoch is not None:
            label = f"restored: {self.unit} {self.best_epoch}"
            style = {"color": MARK, "linestyle": "--", "linewidth": 1.0}
            self.best_line_ = ax.axvline(self.best_epoch, label=label, **style)
        count_along_x(ax, self.unit)
        ax.set(ylabel="loss", yscale=yscale)
        self._add_legend()
        return self

    def _plot_scores(self):
        self.score_ax_ = self.ax_.twinx()
        label = f"validation {self.score_name}"
        self.score_line_ = self._curve(self.score_ax_, self.validation_scores, SCORE, label)
        self.score_ax_.set_ylabel(label)

    def _curve(self, ax, values, color, label):
        """Draw values of consecutive epochs, the last one at the last epoch."""
        n_epochs = len(self.loss_curve)
        epochs = range(n_epochs - len(values) + 1, n_epochs + 1)
        marker = "o" if len(values) == 1 else None  # a single point has no line
        (line,) = ax.plot(epochs, values, color=color, marker=marker, label=label)
        return line

    def _add_legend(self):
        """Add the legend where it covers few points of the curves."""
        lines = [self.loss_line_, self.validation_loss_line_, self.score_line_]
        lines = [line for line in [*lines, self.best_line_] if line is not None]
        if self.score_ax_ is None:
            self.ax_.legend(handles=lines, loc="upper right")
        else:
            self.score_ax_.legend(handles=lines, loc="center right")


def _score_name(model) -> str:
    scoring = model.scoring
    if scoring is None:
        return model._target.score_name.replace("^2", "²")
    if callable(scoring):
        return getattr(scoring, "__name__", "score")
    return scoring.replace("_", " ")
