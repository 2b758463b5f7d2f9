"""FullyConnectedRegressor: the parameters, the attributes, and what they mean."""

from collections.abc import Callable, Sequence

import numpy as np

from skfcnn.estimator.constraints import OF_REGRESSORS
from skfcnn.estimator.onnx_methods import ConvertsToOnnx
from skfcnn.estimator.regression import LearningRegressor

Functions = tuple[Callable, Callable]


class FullyConnectedRegressor(ConvertsToOnnx, LearningRegressor):
    """Fully connected neural network regressor.

    `fit` minimizes the weighted mean loss plus an L2 penalty on the weights W, by
    backpropagation in NumPy. The biases are not penalized::

        J = sum_i w_i l_i / sum_i w_i + alpha / (2 sum_i w_i) |W|^2

    You do not need to scale y: by default, the network is trained on standardized y, and
    its parameters are then converted to the units of y (see `scale_target`).

    The parameters up to `max_fun` are the parameters of scikit-learn's MLPRegressor, with
    the same meanings and defaults. The parameters from `huber_delta` on are new. With
    `dtype="float64"`, `scale_target=False` and the same integer `random_state`, the fitted
    numbers are also the same, for one output.

    =======================  ==============================  ==============================
    Parameters by topic      Of MLPRegressor                 New
    =======================  ==============================  ==============================
    Architecture             `hidden_layer_sizes`,           `weight_init`,
                             `activation`                    `normalization`,
                                                             `scaling_layer`,
                                                             `parametric_activation`,
                                                             `numeric_embedding`
    Target and loss          `loss`                          `scale_target`, `huber_delta`,
                                                             `quantile`, `tweedie_power`
    Optimization             `solver`, `batch_size`,         `schedule`, `max_grad_norm`,
                             `shuffle`, `learning_rate`,     `learning_rate_multipliers`
                             `learning_rate_init`,
                             `power_t`, `momentum`,
                             `nesterovs_momentum`,
                             `beta_1`, `beta_2`, `epsilon`
    Regularization           `alpha`                         `weight_decay`, `dropout`,
                                                             `weight_averaging`
    Stopping and validation  `max_iter`, `max_fun`, `tol`,   `scoring`
                             `n_iter_no_change`,
                             `early_stopping`,
                             `validation_fraction`
    Computing                `random_state`, `warm_start`,   `dtype`
                             `verbose`
    =======================  ==============================  ==============================

    Parameters
    ----------
    loss : {"squared_error", "absolute_error", "huber", "quantile", "poisson", "gamma", \
            "tweedie"} or tuple of functions, default="squared_error"
        Loss of a row, summed over the outputs. MLPRegressor has "squared_error" and
        "poisson". The last three predict exp(z) of the output z of the network, which is
        positive; they are half of the deviance of a distribution.

        - "squared_error": half of the squared difference. It is minimal for the mean.
        - "absolute_error": the absolute difference. It is minimal for the median.
        - "huber": half of the squared difference up to `huber_delta`, and linear above. It
          is robust to outliers [12]_.
        - "quantile": the pinball loss; see `quantile` [13]_.
        - "poisson": for counts, and other y >= 0 whose variance increases with the mean.
        - "gamma": for y > 0 whose standard deviation increases with the mean.
        - "tweedie": for y >= 0 with many zeros; see `tweedie_power` [14]_.
        - a tuple `(value, gradient)` or `(value, gradient, link)`: two functions of arrays
          y and p of the same shape, the target and the prediction. They return the loss of
          each number, and its derivative with respect to p, in a new array, and must not
          change y and p. The link is "identity", the default, or "exp". `fit` compares the
          gradient with differences of the value. To be pickled, they must be defined in a
          module. They get standardized numbers, unless `scale_target=False`.

    hidden_layer_sizes : int or array-like of int, default=(100,)
        Number of units in each hidden layer. With `()` there is no hidden layer, and the
        model is linear. As in MLPRegressor.

    activation : {"identity", "logistic", "tanh", "relu", "leaky_relu", "elu", "selu", \
            "gelu", "gelu_tanh", "silu", "mish", "softplus"}, pair of functions, or list, \
            default="relu"
        Activation function of the hidden units. A list has one for each hidden layer.
        MLPRegressor has the first four.

        - "identity": f(z) = z
        - "logistic": f(z) = sigma(z) = 1 / (1 + exp(-z))
        - "tanh": f(z) = tanh(z)
        - "relu": f(z) = max(z, 0)
        - "leaky_relu": f(z) = z, or 0.01 z if z < 0
        - "elu": f(z) = z, or exp(z) - 1 if z < 0
        - "selu": f(z) = 1.0507 z, or 1.7581 (exp(z) - 1) if z < 0
        - "gelu": f(z) = z Phi(z), with the standard normal distribution function Phi
        - "gelu_tanh": "gelu" with an approximation of Phi by tanh, which is faster; the
          values differ by at most 0.0005
        - "silu": f(z) = z sigma(z), also called swish
        - "mish": f(z) = z tanh(log(1 + exp(z)))
        - "softplus": f(z) = log(1 + exp(z))
        - a tuple `(function, derivative)`: two functions of an array z of any shape and
          precision. They return f(z) and df/dz in a new array, and must not change z. `fit`
          compares the derivative with differences of the function. To be pickled, they
          must be defined in a module.

    solver : {"lbfgs", "sgd", "adam", "adamw", "lazy_adam", "nadam", "lion"}, default="adam"
        Algorithm that minimizes the objective. MLPRegressor has the first three.

        - "lbfgs": quasi-Newton steps on all rows at once, by SciPy. It is often the fastest
          solver for up to a few thousand rows.
        - "sgd": stochastic gradient descent with momentum, one step per batch.
        - "adam": one step per batch, with an adaptive step size for each parameter [1]_.
        - "adamw": Adam with decoupled weight decay, which is not part of the gradient [6]_.
        - "lazy_adam": Adam for sparse X. A step updates only the weights of the features
          that have a stored value in the batch. It is faster than "adam" if there are many
          features, and its numbers are different. For dense X it is "adam".
        - "nadam": Adam with Nesterov momentum [9]_.
        - "lion": the sign of a running mean of the gradient, with decoupled weight decay
          [10]_.

        All solvers except "lbfgs" are stochastic solvers.

    alpha : float, default=0.0001
        Strength of the L2 penalty. The penalty is divided by the sum of the sample weights
        of the batch ("lbfgs": of all rows); without sample weights, this is the number of
        rows. As in MLPRegressor.

    batch_size : int or "auto", default="auto"
        Number of rows in a batch of the stochastic solvers. "auto" is
        `min(200, n_samples)`. As in MLPRegressor.

    learning_rate : {"constant", "invscaling", "adaptive"}, default="constant"
        Learning rate schedule of `solver="sgd"`. As in MLPRegressor. The other solvers
        ignore it; see `schedule`.

        - "constant": always `learning_rate_init`.
        - "invscaling": `learning_rate_init / (t_ + 1) ** power_t`, updated after each
          epoch.
        - "adaptive": divided by 5 each time the training loss (with early stopping: the
          validation score) has not improved for more than `n_iter_no_change` epochs. When
          this happens at a learning rate of at most 1e-6, training stops.

    learning_rate_init : float, default=0.001
        Initial learning rate of the stochastic solvers. With a `schedule`, this is its
        peak. "lion" needs a learning rate 3 to 10 times smaller than "adam".

    power_t : float, default=0.5
        Exponent of `learning_rate="invscaling"`. As in MLPRegressor.

    max_iter : int, default=200
        Maximum number of epochs of the stochastic solvers, or of iterations of "lbfgs". As
        in MLPRegressor.

    shuffle : bool, default=True
        Whether the stochastic solvers shuffle the rows before each epoch. As in
        MLPRegressor.

    random_state : int, RandomState instance or None, default=None
        Random number generator of the initial weights and biases, the split for early
        stopping, the seed of dropout and the shuffles, in this order. Pass an int for
        reproducible results. As in MLPRegressor.

    tol : float, default=1e-4
        Tolerance of the optimization. An epoch is an improvement if its loss (with early
        stopping: its validation score) is better than the best so far by at least `tol`.
        With `scale_target`, this is the loss of standardized y. A `scoring` in the units of
        y, such as "neg_mean_absolute_error", needs a `tol` in these units.
        "lbfgs" stops when no component of the gradient is larger than `tol`. As in
        MLPRegressor.

    verbose : bool or int, default=False
        Whether to print the loss, the validation score, the learning rate and the number of
        epochs per second after each epoch (or iteration), and why training stops.

    warm_start : bool, default=False
        If True, `fit` continues from the fitted network, with a new solver. The features,
        the number of outputs and the layer sizes must be the same. If False, `fit` starts
        with a new network.

    momentum : float, default=0.9
        Momentum of "sgd", between 0 and 1. As in MLPRegressor.

    nesterovs_momentum : bool, default=True
        Whether "sgd" uses Nesterov's momentum. As in MLPRegressor.

    early_stopping : bool, default=False
        Whether the stochastic solvers stop when the validation score (see `scoring`) no
        longer improves, and restore the parameters of the best epoch. The validation rows
        are the `X_val` passed to `fit`. Without `X_val`, a fraction `validation_fraction`
        of the rows is held out. If False, the stochastic solvers stop when the training
        loss no longer improves.

    validation_fraction : float, default=0.1
        Fraction of the rows held out for early stopping. As in MLPRegressor.

    beta_1 : float, default=0.9
        Decay rate of the running mean of the gradient, in [0, 1), for "adam", "adamw",
        "lazy_adam" and "nadam". As in MLPRegressor. "lion" uses 0.9 and 0.99, the values
        of its paper.

    beta_2 : float, default=0.999
        Decay rate of the running mean of the squared gradient, in [0, 1), for "adam",
        "adamw", "lazy_adam" and "nadam". As in MLPRegressor.

    epsilon : float, default=1e-8
        Constant added to the denominator of a step of "adam", "adamw", "lazy_adam" and
        "nadam". As in MLPRegressor.

    n_iter_no_change : int or inf, default=10
        The stochastic solvers stop after more than this number of consecutive epochs
        without an improvement (see `tol`). As in MLPRegressor.

    max_fun : int, default=15000
        Maximum number of evaluations of the objective by "lbfgs". As in MLPRegressor.

    huber_delta : float, default=1.35
        Absolute difference above which the Huber loss is linear, in standard deviations of
        y; with `scale_target=False`, in the units of y.

    quantile : float or array-like of float, default=0.5
        Level of the quantile to predict, between 0 and 1. With several levels, the network
        has an output for each, and `predict` returns a column for each. In each row, the
        predictions are sorted by their levels. y must have one dimension.

    tweedie_power : float, default=1.5
        The power p of the Tweedie loss: the variance is proportional to the mean to the
        power p. 0 is the squared error, 1 "poisson", 2 "gamma", 3 inverse Gaussian; between
        1 and 2, y has zeros and positive numbers. There is no distribution between 0 and 1.

    scale_target : bool, default=True
        Whether the network is trained on standardized y: minus its mean, divided by its
        standard deviation, for each output. For the losses that predict exp(z), y is only
        divided by its mean. Mean and standard deviation are weighted, and computed from the
        training rows. Then training and early stopping do not depend on the units of y,
        unless `scoring` has these units. `coefs_`, `intercepts_`, predictions and
        losses have the units of y. Further calls of `partial_fit` and warm starts keep mean
        and deviation. With False, y is not changed, as in MLPRegressor.

    dtype : {"auto", "float64", "float32"}, default="auto"
        Precision of the parameters and of all computations.

        - "auto": float32 for float32 X. For any other X, float64 if one evaluation of the
          objective takes at most 262,144 products (rows of a batch times weights), or if
          the mean of y is more than 10,000 times its deviation, else float32. Below this
          size, float32 saves less than a third of the time.

        A warm start and further calls of `partial_fit` keep the first choice of "auto",
        `dtype_`.

    weight_init : {"auto", "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", \
            "ntk", "zeros", "data_driven"}, callable, or list, default="auto"
        Distribution of the initial weights and biases. A list has one for each layer; the
        last is for the output layer.

        - "auto": as in MLPRegressor. Weights and biases are uniform in [-b, b], with
          b = sqrt(6 / (n_in + n_out)), or sqrt(2 / (n_in + n_out)) for "logistic" units.
          With `scale_target=True` and a stochastic solver, those of the output layer are
          zero: the first prediction is the mean of y.
        - "glorot_uniform", "glorot_normal": weights of variance 2 / (n_in + n_out), biases
          0 [2]_.
        - "he_uniform", "he_normal": weights of variance 2 / n_in, biases 0 [3]_.
        - "ntk": normal weights of variance 1 / n_in, normal biases of variance 1.
        - "zeros": weights and biases 0. It is useful for the output layer only.
        - "data_driven": normal weights, scaled such that the z of each unit has variance 1
          over the rows. The bias makes z zero at a random mean of five rows [7]_.
        - a function `(n_in, n_out, rng) -> (weights, bias)`. It is called once per layer
          and returns arrays of shapes (n_in, n_out) and (n_out,).

    dropout : float or array-like of float, default=0.0
        Fraction of the units of a hidden layer that are set to zero in training. The units
        are drawn for each row and step, and the remaining units are scaled up. A float is
        for all hidden layers; an array-like has one rate for each. Predictions use all
        units [4]_. Not available with "lbfgs".

    weight_decay : float, default=0.01
        Decoupled weight decay of "adamw" and "lion". Each step multiplies the weights (not
        the biases) by 1 minus `weight_decay` times the learning rate. The penalty of
        `alpha` is applied as well.

    max_grad_norm : float or None, default=None
        Maximum norm of the gradient of all parameters. The stochastic solvers scale down a
        gradient with a larger norm before the step [5]_.

    schedule : {"cosine", "one_cycle", "coslog4", "adaptive"}, callable or None, \
            default=None
        Learning rate schedule of the stochastic solvers. Except with "adaptive", the
        learning rate is `learning_rate_init` times a function of t, the fraction of the
        steps of `max_iter` epochs taken so far. It is updated before each step. Training
        continues to the end of the schedule, unless `early_stopping=True` ends it.

        - "cosine": rises to 1 in the first twentieth, then falls to 0 along half a cosine.
        - "one_cycle": rises from 1/25 to 1 at t = 0.3, then falls to nearly 0.
        - "coslog4": rises to 1 and falls to 0 four times, each time for twice as long.
        - "adaptive": the same as `learning_rate="adaptive"`. `learning_rate` is for code
          written for MLPRegressor, with `solver="sgd"`; `schedule` is for new code, with
          any stochastic solver.
        - a function `t -> factor`, with t from 0 to 1 and a nonnegative factor. To be
          pickled, it must be defined in a module.

        In `partial_fit`, each call is one epoch. After the end of the schedule, the
        learning rate keeps its last value.

    scoring : str, callable or None, default=None
        Score of the validation rows; greater is better.

        - None: R^2, the mean over the outputs, as in MLPRegressor. With `loss="quantile"`,
          D^2 of the pinball loss, the mean over the levels.
        - "loss": the negative mean loss.
        - the name of a scorer of scikit-learn, such as "neg_mean_absolute_error", or a
          function `(estimator, X, y) -> float`. It gets `sample_weight` if the weights of
          the rows differ. A scorer without `sample_weight`, such as "max_error", gives all
          rows the same weight, with a warning.

    scaling_layer : bool, default=False
        Whether each input is multiplied by a learned factor, which is the same for all
        units of the first layer [7]_.

    parametric_activation : bool, default=False
        Whether each hidden unit learns a factor m of its activation: its output is
        z + m (f(z) - z), where m is initially 1 [7]_.

    normalization : {"layer"} or None, default=None
        Normalization before the activation of each hidden layer. With "layer", each row
        gets mean 0 and variance 1 over the units, then a gain and a bias for each unit.
        Gain and bias are learned and not penalized [11]_.

    numeric_embedding : {"pbld"} or None, default=None
        Embedding of the numeric columns. With "pbld", each column with more than two values
        gets three additional columns. Each of these is a sum of 16 cosines with learned
        frequencies and phases [7]_. X should be scaled as by StandardScaler. `coefs_[0]`
        has three additional rows for each such column, below the other rows.

    learning_rate_multipliers : dict or None, default=None
        Factors that multiply the learning rate of the stochastic solvers, by group of
        parameters: "weights", "bias", "scale" (of the scaling layer), "mix" (of parametric
        activations), "embedding" and "normalization". For "weights", the factor
        "1/sqrt(n_in)" gives the neural tangent parametrization. Groups that are not in the
        dict have the factor 1.

    weight_averaging : float, default=0.0
        Fraction of the steps, at the end of training, over which the stochastic solvers
        average the parameters [8]_. The fitted network has the averaged parameters, and
        validation uses them. 0.1 is a good choice; with 0 there is no average.

    Attributes
    ----------
    coefs_ : list of ndarray of shape (n_in, n_out)
        Weights of each layer. The arrays are views of the parameters: writing into them, or
        assigning to the list or its items, changes the predictions. After a new `fit`,
        older views belong to the earlier model.

    intercepts_ : list of ndarray of shape (n_out,)
        Biases of each layer, views like `coefs_`.

    dtype_ : dtype
        Precision of the parameters and computations, as chosen by `dtype="auto"`.
        Predictions are float32 for float32 X, and float64 for any other X.

    loss_ : float
        Objective in the last completed epoch or iteration. For the stochastic solvers, it
        is the mean over the batches, each before its step. NaN if none was completed. In
        the units of y: the objective for standardized y, times the square of the standard
        deviation of y for the squared error, times the deviation for "absolute_error",
        "huber" and "quantile", times the mean of y to the power 1 for "poisson", 0 for
        "gamma" and `2 - tweedie_power` for "tweedie"; for several outputs, the mean of
        these factors.

    history_ : dict of str to list of float
        "loss", "validation_score", "validation_loss", "learning_rate" (of the last step)
        and "seconds" of every epoch or iteration, NaN where there is none. Filled while
        `fit` runs, where callbacks can read it. Continues over warm starts and partial
        fits, as `loss_curve_`. The seconds are measured: pickles of equal fits differ by
        them.

    loss_curve_ : list of float
        `loss_` of every epoch or iteration. Warm starts and further calls of `partial_fit`
        append to it.

    best_loss_ : float or None
        Smallest value of `loss_curve_`; infinity if it is empty, None with early stopping.
        After a warm start with another `loss`, to or from "lbfgs", or after early stopping,
        only the values since then count.

    validation_scores_ : list of float or None
        Validation score after every epoch or iteration. None without early stopping and
        without `X_val`.

    validation_loss_curve_ : list of float or None
        Weighted mean loss of the validation rows, without the penalty.

    best_validation_score_ : float or None
        Largest value of `validation_scores_`. After a warm start with another `scoring` or
        other validation rows, only the scores since then count.

    best_epoch_ : int or None
        Epoch whose parameters early stopping restored, counted from 1 as in `loss_curve_`.
        None without early stopping.

    converged_ : bool
        Whether training ended by its stopping rule or at the end of its schedule.

    parameters_ : dict of str to list of ndarray
        All learned parameters, by the groups of `learning_rate_multipliers`: views like
        `coefs_`.

    n_iter_ : int
        Number of epochs or iterations of the last `fit` or `partial_fit`.

    t_ : int
        Number of training rows that the stochastic solver has processed.

    n_features_in_ : int
        Number of features.

    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features. Defined only if X has feature names that are all strings.

    n_layers_ : int
        Number of layers, including the input and the output layer.

    n_outputs_ : int
        Number of outputs of the network: columns of y, or levels of `quantile`.

    out_activation_ : {"identity", "exp"}
        Function from the outputs to predictions: "exp" for "poisson", "gamma" and
        "tweedie".

    See Also
    --------
    FullyConnectedClassifier : The same for class labels.
    skfcnn.TabularRegressor : An ensemble for tables, which needs no preprocessing.
    sklearn.neural_network.MLPRegressor : The regressor with the same interface in
        scikit-learn.

    Notes
    -----
    After `fit`, the state of the solver stays in memory, and `partial_fit` continues with
    it. It is not pickled: after loading, `partial_fit` starts a new solver.

    References
    ----------
    .. [1] Kingma, Ba, "Adam: a method for stochastic optimization", arXiv:1412.6980.
    .. [2] Glorot, Bengio, "Understanding the difficulty of training deep feedforward
           neural networks", AISTATS 2010.
    .. [3] He et al., "Delving deep into rectifiers", arXiv:1502.01852.
    .. [4] Srivastava et al., "Dropout: a simple way to prevent neural networks from
           overfitting", JMLR 15, 2014.
    .. [5] Pascanu et al., "On the difficulty of training recurrent neural networks",
           arXiv:1211.5063.
    .. [6] Loshchilov, Hutter, "Decoupled weight decay regularization", arXiv:1711.05101.
    .. [7] Holzmueller et al., "Better by default: strong pre-tuned MLPs and boosted trees
           on tabular data", arXiv:2407.04491.
    .. [8] Izmailov et al., "Averaging weights leads to wider optima and better
           generalization", arXiv:1803.05407.
    .. [9] Dozat, "Incorporating Nesterov momentum into Adam", ICLR 2016 workshop.
    .. [10] Chen et al., "Symbolic discovery of optimization algorithms", arXiv:2302.06675.
    .. [11] Ba, Kiros, Hinton, "Layer normalization", arXiv:1607.06450.
    .. [12] Huber, "Robust estimation of a location parameter", Annals of Mathematical
           Statistics 35, 1964.
    .. [13] Koenker, Bassett, "Regression quantiles", Econometrica 46, 1978.
    .. [14] Joergensen, "The theory of dispersion models", Chapman and Hall, 1997.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skfcnn import FullyConnectedRegressor
    >>> X, y = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    >>> model = make_pipeline(
    ...     StandardScaler(), FullyConnectedRegressor(random_state=0, early_stopping=True)
    ... )
    >>> model.fit(X_train, y_train).score(X_test, y_test) > 0.3
    True
    """

    _parameter_constraints: dict = OF_REGRESSORS

    def __init__(
        self,
        loss: str | tuple = "squared_error",
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
        huber_delta: float = 1.35,
        quantile: float | Sequence[float] = 0.5,
        tweedie_power: float = 1.5,
        scale_target: bool = True,
        dtype: str = "auto",
        weight_init: str | Callable | Sequence = "auto",
        dropout: float | Sequence[float] = 0.0,
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
        self.loss = loss
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
        self.huber_delta = huber_delta
        self.quantile = quantile
        self.tweedie_power = tweedie_power
        self.scale_target = scale_target
        self.dtype = dtype
        self.weight_init = weight_init
        self.dropout = dropout
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
