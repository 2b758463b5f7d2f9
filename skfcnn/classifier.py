"""FullyConnectedClassifier: the parameters, the attributes, and what they mean."""

from collections.abc import Callable, Sequence

import numpy as np

from skfcnn.estimator.aliases import add_hint
from skfcnn.estimator.constraints import CONSTRAINTS
from skfcnn.estimator.fit import LearningNetwork
from skfcnn.estimator.onnx_methods import ConvertsToOnnx

Functions = tuple[Callable, Callable]


class FullyConnectedClassifier(ConvertsToOnnx, LearningNetwork):
    """Fully connected neural network classifier.

    Minimizes, by backpropagation in NumPy, the weighted mean loss with an L2 penalty on
    the weights W (not on the biases)::

        J = sum_i w_i l_i / sum_i w_i + alpha / (2 sum_i w_i) |W|^2

    All parameters up to `max_fun` are those of scikit-learn's MLPClassifier, with the same
    meaning and defaults; those from `loss` on are new. With `dtype="float64"` and
    the same integer `random_state` the fitted numbers are the same too.

    Parameters
    ----------
    hidden_layer_sizes : int or array-like of int, default=(100,)
        Number of units of each hidden layer. Without any, `()`, the model is a logistic
        regression.

    activation : {"identity", "logistic", "tanh", "relu", "leaky_relu", "elu", "selu", \
            "gelu", "gelu_tanh", "silu", "mish", "softplus"}, pair of functions, or list, \
            default="relu"
        Function of the hidden units; a list has one for each hidden layer.

        - "identity": f(z) = z
        - "logistic": f(z) = sigma(z) = 1 / (1 + exp(-z))
        - "tanh": f(z) = tanh(z)
        - "relu": f(z) = max(z, 0)
        - "leaky_relu": f(z) = z, or 0.01 z where z < 0
        - "elu": f(z) = z, or exp(z) - 1 where z < 0
        - "selu": 1.0507 z, or 1.7581 (exp(z) - 1) where z < 0
        - "gelu": f(z) = z Phi(z), with the standard normal distribution Phi
        - "gelu_tanh": the same with tanh in place of Phi: within 0.0005, and faster
        - "silu": f(z) = z sigma(z), also called swish
        - "mish": f(z) = z tanh(log(1 + exp(z)))
        - "softplus": f(z) = log(1 + exp(z))
        - a tuple `(function, derivative)`: two functions that take an array z of any shape
          and precision, leave it as it is, and return f(z) and df/dz in a new one. `fit`
          compares the derivative with differences of the function, and refuses functions
          that change z. To be pickled, they have to be functions of a module.

    solver : {"lbfgs", "sgd", "adam", "adamw", "nadam", "lion"}, default="adam"
        How the objective is minimized.

        - "sgd": stochastic gradient descent with momentum, one step per batch.
        - "adam": a step per batch too, with a rate of its own for every parameter [1]_.
        - "adamw": Adam with decoupled weight decay, which is no part of the gradient [7]_.
        - "nadam": Adam with Nesterov's momentum [10]_.
        - "lion": the sign of a running mean of the gradient, with decoupled weight decay
          [11]_.
        - "lbfgs": quasi-Newton steps over all rows at once, by SciPy. On a few thousand
          rows or fewer it often needs the least time.

        All but "lbfgs" are the stochastic solvers.

    alpha : float, default=0.0001
        Strength of the L2 penalty. It is divided by the sum of the sample weights (of a
        batch), the number of rows where there are none.

    batch_size : int or "auto", default="auto"
        Rows per step of the stochastic solvers; "auto" is `min(200, n_samples)`.

    learning_rate : {"constant", "invscaling", "adaptive"}, default="constant"
        Schedule of the learning rate, for `solver="sgd"`.

        - "constant": `learning_rate_init` throughout.
        - "invscaling": `learning_rate_init / (t_ + 1) ** power_t` after every epoch.
        - "adaptive": divided by 5 whenever the loss (with early stopping: the validation
          score) has not improved for over `n_iter_no_change` epochs, until it is at most
          1e-6.

    learning_rate_init : float, default=0.001
        First learning rate of the stochastic solvers; with a schedule, its peak. "lion"
        needs a rate 3 to 10 times smaller than "adam".

    power_t : float, default=0.5
        Exponent of "invscaling".

    max_iter : int, default=200
        Largest number of epochs, or of iterations of "lbfgs".

    shuffle : bool, default=True
        Whether the stochastic solvers shuffle the rows before every epoch.

    random_state : int, RandomState instance or None, default=None
        Source of the first weights and biases, of the hold-out split, of the seed of
        dropout and of the shuffles, drawn in this order. An int makes the fit
        reproducible.

    tol : float, default=1e-4
        An epoch counts as an improvement when its loss (or validation score) is better
        than the best by at least `tol`. For "lbfgs": training ends when no component of
        the gradient is larger than `tol`.

    verbose : bool or int, default=False
        Print a line per epoch or iteration: its loss, the validation score, the learning
        rate, how many pass in a second; and why training stops.

    warm_start : bool, default=False
        Whether `fit` continues from the fitted network, with a new solver, instead of a
        new network. The classes, the features and the layer sizes have to be the same.

    momentum : float, default=0.9
        Momentum of "sgd", between 0 and 1.

    nesterovs_momentum : bool, default=True
        Whether the momentum of "sgd" is Nesterov's.

    early_stopping : bool, default=False
        Whether the stochastic solvers hold out `validation_fraction` of the rows (or
        take the `X_val` given to `fit`), stop when the score on them no longer improves
        (see `scoring`), and restore the parameters of the best epoch. The split is
        stratified by class, except for multilabel targets. If False, they stop when the
        training loss no longer improves.

    validation_fraction : float, default=0.1
        Share of the rows held out for early stopping.

    beta_1, beta_2 : float, default=0.9 and 0.999
        Decay rates of the two running means of "adam", "adamw" and "nadam", in [0, 1).
        "lion" has those of its paper, 0.9 and 0.99.

    epsilon : float, default=1e-8
        Added to the denominator of a step of "adam", "adamw" and "nadam".

    n_iter_no_change : int or inf, default=10
        The stochastic solvers stop when more than so many epochs in a row were no
        improvement.

    max_fun : int, default=15000
        Largest number of evaluations of the objective by "lbfgs".

    loss : {"log_loss", "squared_error", "focal"}, default="log_loss"
        What a row costs.

        - "log_loss": -log of the probability of what is true, summed over the labels of a
          multilabel target.
        - "squared_error": half of the squared difference between probability and target,
          of the one output of a binary problem, summed over classes or labels else.
        - "focal": `(1 - p) ** focal_gamma` times the log loss, with the probability p of
          what is true: rows that are judged right already count for less [12]_.

    focal_gamma : float, default=2.0
        Exponent of the focal loss; with 0 it is the log loss.

    dtype : {"auto", "float64", "float32"}, default="auto"
        Precision of the parameters and of all that is computed. With "auto", float32 input
        is computed in float32; other input in float64 where one evaluation of the
        objective takes at most 262,144 products (rows of a batch times weights), as
        float32 saves less than a third there, and in float32 where it takes more. The first
        `fit` or `partial_fit` decides; later calls keep it. See `dtype_`.

    weight_init : {"auto", "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", \
            "ntk", "zeros", "data_driven"}, callable, or list, default="auto"
        First weights and biases; a list has one for each layer, the last for the outputs.

        - "auto": as MLPClassifier: both uniform within sqrt(6 / (n_in + n_out)), or
          sqrt(2 / (n_in + n_out)) with logistic units.
        - "glorot_uniform", "glorot_normal": variance 2 / (n_in + n_out), biases 0 [2]_.
        - "he_uniform", "he_normal": variance 2 / n_in, biases 0 [3]_.
        - "ntk": normal, variance 1 / n_in, biases of variance 1.
        - "zeros": 0; of use for the outputs only.
        - "data_driven": normal, such that every z has variance 1 over the rows, and is 0
          at a random mean of five of them [8]_.
        - a function `(n_in, n_out, rng) -> (weights, bias)`, called once per layer, with
          arrays of shapes (n_in, n_out) and (n_out,) to be returned.

    dropout : float or array-like of float, default=0.0
        Share of the units of a hidden layer that are dropped, redrawn for every row and
        step of training, the others being scaled up; one rate for all layers, or one for
        each. A prediction uses all units [4]_. Not for "lbfgs".

    class_weight : dict, "balanced", list of dict or None, default=None
        Weight of each class, by which the sample weights of its rows are multiplied.

        - dict: `{class_label: weight}`; 1 for a class that it leaves out.
        - "balanced": all classes together weigh alike, as
          `n_samples / (n_classes * np.bincount(y))` does it. Not for `partial_fit`.
        - for several labels per row "balanced", or a list with a dict for each label: the
          weights of a row's labels are multiplied.

    label_smoothing : float, default=0.0
        Share of each target that is spread evenly over all classes (over yes and no, for
        two classes or several labels), so that no output has to become infinite [5]_.

    weight_decay : float, default=0.01
        By which part, times the learning rate, "adamw" and "lion" shrink the weights (not
        the biases) in every step, whatever the gradient. `alpha` acts as well.

    max_grad_norm : float or None, default=None
        Largest norm of the gradient of all parameters: a longer one is scaled down to it
        before the step of a stochastic solver [6]_.

    schedule : {"cosine", "one_cycle", "coslog4", "adaptive"}, callable or None, \
            default=None
        How the learning rate of a stochastic solver changes. Except with "adaptive",
        it is `learning_rate_init` times a function of t, the fraction of the steps of
        `max_iter` epochs that have been taken, computed for every step; and training goes
        on to the end of the schedule, unless `early_stopping=True` ends it.

        - "cosine": up to 1 in the first twentieth, then down to 0 along half a cosine.
        - "one_cycle": from 1/25 up to 1 at t = 0.3, then down to nearly 0.
        - "coslog4": four times up to 1 and down to 0, each time for twice as long.
        - "adaptive": as `learning_rate="adaptive"`, for all three solvers.
        - a function `t -> factor`, with t from 0 to 1 and a factor that is not negative.
          (To be pickled, it has to be a function of a module.)

        In `partial_fit` every call is an epoch, and beyond the end of the schedule the rate
        stays what it was there.

    scoring : str, callable or None, default=None
        What the validation scores, greater being better.

        - None: the accuracy, as in MLPClassifier; of all labels of a row together.
        - "loss": the negative of the mean loss.
        - "calibrated_loss": the same of outputs divided by the temperature, of eight from
          0.35 to 4, that suits best. So a network is not worse for being more or less
          confident than it should, as label smoothing makes it.
        - the name of a scorer of scikit-learn, as "roc_auc", or a function
          `(estimator, X, y) -> float`. They get `sample_weight` too, if the weights of the
          rows differ, those of their classes included. One that takes no `sample_weight`,
          as "adjusted_rand_score", scores all rows alike, with a warning.

    scaling_layer : bool, default=False
        Whether every input has a factor, the same for all units, that is learned like
        the weights [8]_.

    parametric_activation : bool, default=False
        Whether every hidden unit learns how much of its activation to use:
        z + m (f(z) - z), with m = 1 at first [8]_.

    normalization : {"layer"} or None, default=None
        "layer" normalizes what each hidden linear layer returns, before the activation:
        each row gets mean 0 and variance 1 over the units, then a gain and a bias for each
        unit, which are learned and not penalized [12]_.

    numeric_embedding : {"pbld"} or None, default=None
        What a numeric column becomes before the first layer. With "pbld" three sums of 16
        cosines, with frequencies and phases that are learned, are appended for every column
        that has more than two values [8]_; for X about as it comes from a StandardScaler.
        `coefs_[0]` then has three rows more for each such column, below the others.

    learning_rate_multipliers : dict or None, default=None
        Factors of the learning rate of the stochastic solvers by the groups of
        parameters: "weights", "bias", "scale" (of the scaling layer), "mix" (of parametric
        activations), "embedding" and "normalization". For "weights" the factor
        "1/sqrt(n_in)" is that of the neural tangent parametrization. Groups that are not
        named have the factor 1.

    weight_averaging : float, default=0.0
        Share of the steps so far, at the end of training, over which the parameters are
        averaged: the fitted network, and the one that is validated, has the average, for
        the stochastic solvers [9]_. 0.1 is a good choice; 0 is no average.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Class labels, in the order of the columns of `predict_proba`.

    coefs_ : list of ndarray of shape (n_in, n_out)
        Weights of each layer. They are views of the parameters: what is written into them,
        or assigned to the list or its items, takes effect in `predict`. A view taken
        before a new `fit` belongs to the model of that time.

    intercepts_ : list of ndarray of shape (n_out,)
        Biases of each layer, views like `coefs_`.

    dtype_ : dtype
        Precision of the parameters and of what is computed: what `dtype="auto"` has chosen.
        Probabilities have the dtype of X, float64 for any but float32.

    loss_ : float
        Objective in the last epoch or iteration that came to its end: for all but "lbfgs"
        the mean over its batches, each before its step. NaN if none did.

    loss_curve_ : list of float
        `loss_` of every epoch or iteration; continues over warm starts and partial fits.

    best_loss_ : float or None
        Smallest value of `loss_curve_`, infinity if it is empty; in a warm start with
        another `loss`, to or from "lbfgs", or after early stopping, smallest since. None
        with early stopping.

    validation_scores_ : list of float or None
        Score of the validation after every epoch or iteration; None without early stopping
        or `X_val`.

    validation_loss_curve_ : list of float or None
        Weighted mean loss of the same rows, without the penalty and without
        `label_smoothing`.

    best_validation_score_ : float or None
        Largest value of `validation_scores_`; in a warm start that scores something else,
        or other rows, largest since.

    best_epoch_ : int or None
        With early stopping, the epoch whose parameters were restored, counted from 1 as in
        `loss_curve_`; else None.

    converged_ : bool
        Whether training ended by its stopping rule, or at the end of its schedule.

    parameters_ : dict of str to list of ndarray
        All that was learned, by the groups of `learning_rate_multipliers`: views, as
        `coefs_`.

    n_iter_ : int
        Number of epochs or iterations of the last `fit` or `partial_fit`.

    t_ : int
        Number of rows that a stochastic solver has seen so far.

    n_features_in_ : int
        Number of features.

    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, where X has names that are all strings.

    n_layers_ : int
        Number of layers, inputs and outputs included.

    n_outputs_ : int
        Number of outputs of the network: 1 for a binary problem.

    out_activation_ : {"logistic", "softmax"}
        Link from the raw outputs to probabilities: "softmax" where classes exclude each
        other and are not two.

    See Also
    --------
    sklearn.neural_network.MLPClassifier : The model whose place this one takes.

    Notes
    -----
    After `fit` the state of the solver stays in memory, as `partial_fit` continues with it.
    It is not pickled: after loading, `partial_fit` starts a new solver.

    References
    ----------
    .. [1] Kingma, Ba, "Adam: a method for stochastic optimization", arXiv:1412.6980.
    .. [2] Glorot, Bengio, "Understanding the difficulty of training deep feedforward
           neural networks", AISTATS 2010.
    .. [3] He et al., "Delving deep into rectifiers", arXiv:1502.01852.
    .. [4] Srivastava et al., "Dropout: a simple way to prevent neural networks from
           overfitting", JMLR 15, 2014.
    .. [5] Szegedy et al., "Rethinking the Inception architecture for computer vision",
           arXiv:1512.00567.
    .. [6] Pascanu et al., "On the difficulty of training recurrent neural networks",
           arXiv:1211.5063.
    .. [7] Loshchilov, Hutter, "Decoupled weight decay regularization", arXiv:1711.05101.
    .. [8] Holzmueller et al., "Better by default: strong pre-tuned MLPs and boosted trees
           on tabular data", arXiv:2407.04491.
    .. [9] Izmailov et al., "Averaging weights leads to wider optima and better
           generalization", arXiv:1803.05407.
    .. [10] Dozat, "Incorporating Nesterov momentum into Adam", ICLR 2016 workshop.
    .. [11] Chen et al., "Symbolic discovery of optimization algorithms", arXiv:2302.06675.
    .. [12] Ba, Kiros, Hinton, "Layer normalization", arXiv:1607.06450.
    .. [12] Lin et al., "Focal loss for dense object detection", arXiv:1708.02002.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skfcnn import FullyConnectedClassifier
    >>> X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    >>> model = make_pipeline(
    ...     StandardScaler(), FullyConnectedClassifier(random_state=0, max_iter=500)
    ... )
    >>> model.fit(X_train, y_train).score(X_test, y_test) > 0.95
    True
    """

    _parameter_constraints: dict = CONSTRAINTS

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] | np.ndarray = (100,),
        activation: str | Functions | Sequence = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: int | np.random.RandomState | None = None,
        tol: float = 1e-4,
        verbose: bool | int = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        loss: str = "log_loss",
        focal_gamma: float = 2.0,
        dtype: str = "auto",
        weight_init: str | Callable | Sequence = "auto",
        dropout: float | Sequence[float] = 0.0,
        class_weight: dict | list[dict] | str | None = None,
        label_smoothing: float = 0.0,
        weight_decay: float = 0.01,
        max_grad_norm: float | None = None,
        schedule: str | Callable | None = None,
        scoring: str | Callable | None = None,
        scaling_layer: bool = False,
        parametric_activation: bool = False,
        normalization: str | None = None,
        numeric_embedding: str | None = None,
        learning_rate_multipliers: dict | None = None,
        weight_averaging: float = 0.0,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.loss = loss
        self.focal_gamma = focal_gamma
        self.dtype = dtype
        self.weight_init = weight_init
        self.dropout = dropout
        self.class_weight = class_weight
        self.label_smoothing = label_smoothing
        self.weight_decay = weight_decay
        self.max_grad_norm = max_grad_norm
        self.schedule = schedule
        self.scoring = scoring
        self.scaling_layer = scaling_layer
        self.parametric_activation = parametric_activation
        self.normalization = normalization
        self.numeric_embedding = numeric_embedding
        self.learning_rate_multipliers = learning_rate_multipliers
        self.weight_averaging = weight_averaging

    def _validate_params(self) -> None:
        """Validate the parameters; an error names the value that an alias stands for."""
        try:
            super()._validate_params()
        except ValueError as error:
            add_hint(error, self.get_params(deep=False))
            raise
