"""Answers to the programming exercises of the derivation."""

import numpy as np


class Layer:
    """A fully connected layer of sigmoids, over rows of samples."""

    def __init__(self, weights, bias):
        self.weights = np.array(weights, float)  # (n_in, n_out)
        self.bias = np.array(bias, float)  # (n_out,)

    def forward(self, x):
        """Return the outputs of the rows x, and store what the backward pass needs."""
        self.x = x  # (n_rows, n_in)
        self.a = 1 / (1 + np.exp(-(x @ self.weights + self.bias)))  # (n_rows, n_out)
        return self.a

    def backward(self, slope_a):
        """Take dE/da, keep the gradients of weights and bias, and return dE/dx."""
        delta = slope_a * self.a * (1 - self.a)  # (n_rows, n_out)
        self.gradient_weights = self.x.T @ delta  # (n_in, n_out)
        self.gradient_bias = delta.sum(axis=0)  # (n_out,)
        return delta @ self.weights.T  # (n_rows, n_in)

    def step(self, rate):
        """Move against the gradients."""
        self.weights -= rate * self.gradient_weights
        self.bias -= rate * self.gradient_bias


def predict(layers, x):
    """Return the outputs of the last layer."""
    for layer in layers:
        x = layer.forward(x)
    return x


def squared_error_slope(y, label):
    """Return the slope of (label - y)^2 by y."""
    return -2 * (label - y)


def log_loss_slope(y, label):
    """Return the slope of -label log y - (1 - label) log(1 - y) by y."""
    return (y - label) / (y * (1 - y))


def train(layers, X, labels, loss_slope, n_epochs, rate=0.1):
    """Take a step for each row in turn; return E after each epoch."""
    errors = []
    for _ in range(n_epochs):
        for i in range(len(X)):
            rows = slice(i, i + 1)
            slope = loss_slope(predict(layers, X[rows]), labels[rows]) / len(X)
            for layer in reversed(layers):
                slope = layer.backward(slope)
            for layer in layers:
                layer.step(rate)
        errors.append(np.mean((labels - predict(layers, X)) ** 2))
    return errors


def numerical_gradient(layers, X, labels, weights, h=1e-5):
    """Return dE/dweights by central differences, one weight after the other."""

    def error():
        return np.mean((labels - predict(layers, X)) ** 2)

    slopes = np.empty_like(weights)
    for place in np.ndindex(weights.shape):
        weight = weights[place]
        weights[place] = weight + h
        above = error()
        weights[place] = weight - h
        slopes[place] = (above - error()) / (2 * h)
        weights[place] = weight
    return slopes
