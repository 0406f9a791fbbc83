"""Training a plain network on real data, from several seeds, to see what a start is worth."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _arguments
from ._arguments import FloatArray, Rng
from .network import MLP, backward, forward

_TEST_SHARE = 5  # one image in five is kept for testing


@dataclass(frozen=True)
class Digits:
    """The handwritten digits of scikit-learn: 1,797 images of 8 × 8 pixels in ten classes.

    Attributes
    ----------
    x_train, x_test : ndarray of shape (images, 64)
        float32 inputs.
    y_train, y_test : ndarray of shape (images,)
        Labels 0 … 9.
    """

    x_train: FloatArray
    y_train: NDArray[np.int64]
    x_test: FloatArray
    y_test: NDArray[np.int64]


def load_digits(normalize: str = "pixels") -> Digits:
    """Load the digits that scikit-learn ships, split once and for all into 1,437 and 360.

    Parameters
    ----------
    normalize : {"pixels", "images", "none"}, optional
        "pixels": from each pixel its mean over the training images is taken, then all are
        divided by one number, so that the mean square over the training images is 1.
        "images": each image is shifted and scaled to mean 0 and mean square 1.
        "none": the raw values, 0 to 16.

    Returns
    -------
    Digits

    Raises
    ------
    TypeError, ValueError
        If `normalize` is none of these.
    ImportError
        If scikit-learn is not installed (``pip install initcourse[data]``).

    References
    ----------
    Alpaydin & Kaynak (1998), Optical Recognition of Handwritten Digits, UCI.

    Examples
    --------
    >>> digits = load_digits()
    >>> digits.x_train.shape, digits.x_test.shape
    ((1437, 64), (360, 64))
    >>> print(f"{np.mean(digits.x_train ** 2):.3f}")
    1.000
    """
    from sklearn.datasets import load_digits as sklearn_digits

    _arguments.one_of("normalize", normalize, ("pixels", "images", "none"))
    x, y = sklearn_digits(return_X_y=True)
    order = np.random.default_rng(1797).permutation(len(x))
    train, test = order[len(x) // _TEST_SHARE + 1 :], order[: len(x) // _TEST_SHARE + 1]
    if normalize == "images":
        x = x - x.mean(axis=1, keepdims=True)
        x /= np.sqrt(np.mean(x**2, axis=1, keepdims=True))
    elif normalize == "pixels":
        x = x - x[train].mean(axis=0)
        x /= np.sqrt(np.mean(x[train] ** 2))
    x = x.astype(np.float32)
    return Digits(x[train], y[train].astype(np.int64), x[test], y[test].astype(np.int64))


def softmax_cross_entropy(logits: ArrayLike, labels: ArrayLike) -> tuple[float, FloatArray]:
    """Compute the mean cross-entropy of softmax(logits), and its gradient.

    Parameters
    ----------
    logits : array_like of shape (samples, classes)
        Finite scores.
    labels : array_like of int, shape (samples,)
        The right class of each sample, 0 … classes - 1.

    Returns
    -------
    loss : float
        Mean over the samples, in nats. ln(classes) if all logits are equal.
    gradient : ndarray of shape (samples, classes)
        ∂loss/∂logits = (softmax - one-hot)/samples.

    Raises
    ------
    TypeError, ValueError
        If the logits are not finite or the labels do not fit them.

    Examples
    --------
    >>> loss, gradient = softmax_cross_entropy(np.zeros((1, 10)), [3])
    >>> print(f"{loss:.4f} {np.log(10):.4f}")
    2.3026 2.3026
    """
    scores = _arguments.finite_array("logits", logits, axes=2)
    right = _labels("labels", labels, *scores.shape)
    rows = np.arange(len(scores))
    shifted = scores - scores.max(axis=1, keepdims=True)
    gradient = np.exp(shifted)
    total = gradient.sum(axis=1, keepdims=True)
    loss = float(np.mean(np.log(total[:, 0]) - shifted[rows, right]))
    gradient /= total
    gradient[rows, right] -= 1
    gradient /= len(scores)
    return loss, gradient


def loss_and_accuracy(net: MLP, x: ArrayLike, y: ArrayLike) -> tuple[float, float]:
    """Compute the mean cross-entropy and the share of right answers on a data set.

    Parameters
    ----------
    net : MLP
        A network with one output per class.
    x : array_like of shape (samples, n_0)
        Inputs.
    y : array_like of int, shape (samples,)
        Labels.

    Returns
    -------
    loss : float
        In nats.
    accuracy : float
        Between 0 and 1.

    Raises
    ------
    TypeError, ValueError
        If the data do not fit the network.

    Examples
    --------
    >>> from initcourse import mlp, zeros
    >>> digits = load_digits()
    >>> loss, accuracy = loss_and_accuracy(mlp([64, 10], zeros), digits.x_test, digits.y_test)
    >>> print(f"{loss:.4f}")
    2.3026
    """
    output = forward(net, x).output
    labels = _labels("y", y, *output.shape)
    loss, _ = softmax_cross_entropy(output, labels)
    return loss, float(np.mean(output.argmax(axis=1) == labels))


def train(
    net: MLP,
    x: ArrayLike,
    y: ArrayLike,
    *,
    learning_rate: float,
    steps: int,
    batch_size: int | None = 64,
    rng: Rng = None,
) -> NDArray[np.float64]:
    """Train a classifier in place by stochastic gradient descent on the cross-entropy.

    Parameters
    ----------
    net : MLP
        The network; its weights and biases are changed.
    x : array_like of shape (samples, n_0)
        Finite inputs.
    y : array_like of int, shape (samples,)
        Labels 0 … n_L - 1.
    learning_rate : float
        Step size, finite and positive.
    steps : int
        Number of updates, at least 1.
    batch_size : int or None, optional
        Samples an update, drawn epoch by epoch without replacement, an incomplete last
        batch being dropped; None takes all of them.
    rng : None, int, SeedSequence or Generator, optional
        Source of the order of the samples (SPEC 7).

    Returns
    -------
    ndarray of shape (steps,)
        The loss of each batch before its update, in nats. Should a signal overflow, training
        stops there, and the losses from that step on are infinite.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described or the data do not fit the network.

    Examples
    --------
    >>> from initcourse import he_normal, mlp
    >>> digits = load_digits()
    >>> net = mlp([64, 32, 10], he_normal, activation="relu", rng=0)
    >>> losses = train(
    ...     net, digits.x_train, digits.y_train, learning_rate=0.1, steps=100, rng=0
    ... )
    >>> bool(losses[-10:].mean() < 0.5 < losses[0])
    True
    """
    _arguments.instance("net", net, MLP)
    inputs = _arguments.finite_array("x", x, axes=2)
    labels = _labels("y", y, len(inputs), net.weights[-1].shape[1])
    learning_rate = _arguments.number("learning_rate", learning_rate, "positive")
    steps = _arguments.integer("steps", steps, 1, 10**9)
    size = len(inputs) if batch_size is None else _arguments.integer("batch_size", batch_size, 1)
    size = min(size, len(inputs))
    generator = _arguments.generator(rng)

    losses = np.full(steps, np.inf)
    order, start = np.arange(len(inputs)), len(inputs)
    for step in range(steps):
        if size == len(inputs):
            batch = order
        else:
            if start + size > len(inputs):
                order, start = generator.permutation(len(inputs)), 0
            batch = order[start : start + size]
            start += size
        with np.errstate(over="ignore", invalid="ignore"):
            signals = forward(net, inputs[batch])
            if not np.isfinite(signals.output).all():
                break
            losses[step], gradient = softmax_cross_entropy(signals.output, labels[batch])
            gradients = backward(net, signals, gradient)
            for parameters, changes in (
                (net.weights, gradients.weights),
                (net.biases, gradients.biases),
            ):
                for parameter, change in zip(parameters, changes, strict=True):
                    parameter -= learning_rate * change
    return losses


def loss_curves(
    draw: Callable[[np.random.Generator], MLP],
    x: ArrayLike,
    y: ArrayLike,
    *,
    seeds: int | Iterable[int],
    **options: Any,
) -> NDArray[np.float64]:
    """Train one network per seed; a progress bar appears where it takes long.

    Parameters
    ----------
    draw : callable
        ``draw(generator)`` returns a fresh `MLP`.
    x, y : array_like
        Data, as for `train`.
    seeds : int or iterable of int
        The seeds, or how many: then 0 … seeds - 1. A seed fixes the network's draw and the
        order of the samples.
    **options
        Passed to `train`: learning_rate, steps, batch_size.

    Returns
    -------
    ndarray of shape (seeds, steps)
        Losses, a row a seed.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.
    ImportError
        If tqdm is not installed (``pip install initcourse[data]``).

    Examples
    --------
    >>> from initcourse import he_normal, mlp
    >>> digits = load_digits()
    >>> curves = loss_curves(
    ...     lambda rng: mlp([64, 32, 10], he_normal, activation="relu", rng=rng),
    ...     digits.x_train, digits.y_train, seeds=2, learning_rate=0.1, steps=5,
    ... )
    >>> curves.shape
    (2, 5)
    """
    from tqdm import tqdm

    if not callable(draw):
        raise TypeError(f"draw must be callable as draw(generator), got {_arguments.shown(draw)}")
    if isinstance(seeds, (str, bytes)) or not isinstance(seeds, (int, np.integer, Iterable)):
        raise TypeError(f"seeds must be an int or an iterable of ints, got {_arguments.shown(seeds)}")
    if not isinstance(seeds, Iterable):
        seeds = range(_arguments.integer("seeds", seeds, 1))
    chosen = [_arguments.integer("seeds", seed, 0) for seed in seeds]
    if not chosen:
        raise ValueError("seeds must hold at least one seed, got none")
    curves = []
    # standard output, and only after a few seconds: a bar must not count as an error message
    for seed in tqdm(chosen, desc="seeds", delay=3, leave=False, file=sys.stdout):
        generator = np.random.default_rng(seed)
        net = _arguments.instance("draw(generator)", draw(generator), MLP)
        curves.append(train(net, x, y, rng=generator, **options))
    return np.array(curves)


def best_learning_rate(
    draw: Callable[[np.random.Generator], MLP],
    x: ArrayLike,
    y: ArrayLike,
    *,
    learning_rates: Iterable[float],
    **options: Any,
) -> float:
    """Find the learning rate with the lowest final loss, so that rivals meet at their best.

    Parameters
    ----------
    draw : callable
        ``draw(generator)`` returns a fresh `MLP`.
    x, y : array_like
        Data, as for `train`.
    learning_rates : iterable of float
        The candidates.
    **options
        Passed to `loss_curves` and `train`: seeds, steps, batch_size.

    Returns
    -------
    float
        The candidate whose loss over the last tenth of the steps, averaged over the seeds, is
        lowest; the smallest candidate, if training overflows at all of them.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> from initcourse import he_normal, mlp
    >>> digits = load_digits()
    >>> best_learning_rate(
    ...     lambda rng: mlp([64, 32, 10], he_normal, activation="relu", rng=rng),
    ...     digits.x_train, digits.y_train, learning_rates=[1e-4, 0.1], seeds=2, steps=50,
    ... )
    0.1
    """
    if isinstance(learning_rates, (str, bytes)) or not isinstance(learning_rates, Iterable):
        raise TypeError(
            f"learning_rates must be an iterable of numbers, got {_arguments.shown(learning_rates)}"
        )
    candidates = sorted(
        _arguments.number("learning_rates", rate, "positive") for rate in learning_rates
    )
    if not candidates:
        raise ValueError("learning_rates must hold at least one number, got none")

    def final_loss(rate: float) -> float:
        curves = loss_curves(draw, x, y, learning_rate=rate, **options)
        return float(curves[:, -max(1, curves.shape[1] // 10) :].mean())

    return min(candidates, key=final_loss)


def _labels(name: str, labels: ArrayLike, samples: int, classes: int) -> NDArray[np.int64]:
    wanted = f"{samples} integers from 0 to {classes - 1}"
    try:
        array = np.asarray(labels)
    except Exception as error:  # ragged, or a broken __array__
        raise TypeError(f"{name} must be {wanted}, got {_arguments.shown(labels)}") from error
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must be {wanted}, got dtype {array.dtype}")
    if array.shape != (samples,):
        raise ValueError(f"{name} must be {wanted}, got shape {array.shape}")
    if array.min() < 0 or array.max() >= classes:
        raise ValueError(f"{name} must be {wanted}, got values {array.min()} to {array.max()}")
    return array.astype(np.int64, copy=False)
