"""Training a network on real data, from several seeds, to see what a start is worth."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _arguments, network, normalization, residual
from ._arguments import FloatArray, Rng
from .network import MLP
from .normalization import NormalizedMLP, NormalizedResidual
from .residual import ResidualMLP

Network = MLP | ResidualMLP | NormalizedMLP | NormalizedResidual
"""What can be trained."""


class Draw(Protocol):
    """The recipe of a network: called as ``draw(rng=generator)``."""

    def __call__(self, *, rng: np.random.Generator) -> Network:
        """Draw a fresh network."""


_TEST_SHARE = 5  # one image in five is kept for testing


@dataclass(frozen=True)
class Digits:
    """Handwritten digits, those of scikit-learn: 1,797 images of 8 × 8 pixels in ten classes.

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


@cache
def _rows() -> NDArray[np.float64]:
    """Read the file of the digits: in each row the pixels of an image, and its label."""
    path = resources.files(__package__).joinpath("digits.csv.gz")
    with path.open("rb") as packed, gzip.open(packed, "rt", encoding="ascii") as rows:
        return np.loadtxt(rows, delimiter=",")


def load_digits(normalize: str = "pixels") -> Digits:
    """Load the digits that come with the package, split once and for all into 1,437 and 360.

    They are those that scikit-learn ships, to the last bit.

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

    References
    ----------
    Alpaydin & Kaynak (1998), Optical Recognition of Handwritten Digits, UCI,
    doi:10.24432/C50P49, CC BY 4.0.

    Examples
    --------
    >>> digits = load_digits()
    >>> digits.x_train.shape, digits.x_test.shape
    ((1437, 64), (360, 64))
    >>> print(f"{np.mean(digits.x_train ** 2):.3f}")
    1.000
    """
    _arguments.one_of("normalize", normalize, ("pixels", "images", "none"))
    x, y = _rows()[:, :-1], _rows()[:, -1]
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


def loss_and_accuracy(net: Network, x: ArrayLike, y: ArrayLike) -> tuple[float, float]:
    """Compute the mean cross-entropy and the share of right answers on a data set.

    Parameters
    ----------
    net : MLP, ResidualMLP, NormalizedMLP or NormalizedResidual
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
    output, _ = _sent(_network("net", net), x)
    labels = _labels("y", y, *output.shape)
    loss, _ = softmax_cross_entropy(output, labels)
    return loss, float(np.mean(output.argmax(axis=1) == labels))


def train(
    net: Network,
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
    net : MLP, ResidualMLP, NormalizedMLP or NormalizedResidual
        The network; its parameters are changed.
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
        The loss of each batch before its update, in nats. Should the output overflow, training
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
    _network("net", net)
    inputs = _arguments.finite_array("x", x, axes=2)
    labels = _labels("y", y, len(inputs), net.outputs)
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
            output, gradients = _sent(net, inputs[batch])
            if not np.isfinite(output).all():
                break
            losses[step], gradient = softmax_cross_entropy(output, labels[batch])
            for parameter, change in zip(net.parameters, gradients(gradient), strict=True):
                parameter -= learning_rate * change
    return losses


def loss_curves(
    draw: Draw,
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
        ``draw(rng=generator)`` returns a fresh network: `functools.partial` of `initcourse.mlp`,
        say.
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
        If tqdm is not installed (``pip install initcourse[training]``).

    Examples
    --------
    >>> from functools import partial
    >>> from initcourse import he_normal, mlp
    >>> digits = load_digits()
    >>> curves = loss_curves(
    ...     partial(mlp, [64, 32, 10], he_normal, activation="relu"),
    ...     digits.x_train, digits.y_train, seeds=2, learning_rate=0.1, steps=5,
    ... )
    >>> curves.shape
    (2, 5)
    """
    if isinstance(seeds, (str, bytes)) or not isinstance(seeds, (int, np.integer, Iterable)):
        raise TypeError(
            f"seeds must be an int or an iterable of ints, got {_arguments.shown(seeds)}"
        )
    if not isinstance(seeds, Iterable):
        seeds = range(_arguments.integer("seeds", seeds, 1))
    chosen = [_arguments.integer("seeds", seed, 0) for seed in seeds]
    if not chosen:
        raise ValueError("seeds must hold at least one seed, got none")
    with _progress(len(chosen)) as bar:
        return _curves(draw, x, y, chosen, bar, options)


@dataclass(frozen=True)
class AtItsBest:
    """A network trained at the best learning rate that its tuning found.

    Attributes
    ----------
    learning_rate : float
        The best one; smaller and larger ones were tried.
    curves : ndarray of shape (seeds, steps)
        Losses at that rate, a row a seed; none of these seeds was tuned on.
    tried : dict of float to float
        For each learning rate tried, in increasing order, the loss over the last tenth of the
        steps, averaged over the tuning seeds.
    """

    learning_rate: float
    curves: NDArray[np.float64]
    tried: dict[float, float]

    def __str__(self) -> str:
        """Say which rate was best, and of which."""
        return f"best rate {self.learning_rate:g} of {', '.join(f'{r:g}' for r in self.tried)}"


def at_its_best(
    draw: Draw,
    x: ArrayLike,
    y: ArrayLike,
    *,
    learning_rates: Iterable[float],
    tuning: int = 2,
    seeds: int = 5,
    rng: Rng = None,
    **options: Any,
) -> AtItsBest:
    """Find the best learning rate of a network, then train it on other seeds: a fair rival.

    The best rate is inside the grid: while it lies at an edge, the grid is widened there, by the
    ratio of the two rates at that edge and at least by 2.

    Parameters
    ----------
    draw : callable
        ``draw(rng=generator)`` returns a fresh network: `functools.partial` of `initcourse.mlp`,
        say.
    x, y : array_like
        Data, as for `train`.
    learning_rates : iterable of float
        The grid to begin with: at least two, positive.
    tuning, seeds : int, optional
        How many networks each rate is tried with, and how many are trained then; at least 1.
    rng : None, int, SeedSequence or Generator, optional
        Source of the seeds (SPEC 7).
    **options
        Passed to `train`: steps, batch_size.

    Returns
    -------
    AtItsBest

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described, or the best rate is still at an edge of the grid after
        it was widened ten times.
    ImportError
        If tqdm is not installed (``pip install initcourse[training]``).

    Examples
    --------
    >>> from functools import partial
    >>> from initcourse import he_normal, mlp
    >>> digits = load_digits()
    >>> draw = partial(mlp, [64, 32, 10], he_normal, activation="relu")
    >>> found = at_its_best(
    ...     draw, digits.x_train, digits.y_train, learning_rates=[0.01, 0.1], steps=50, rng=0
    ... )
    >>> print(found)
    best rate 1 of 0.01, 0.1, 1, 10
    """
    if isinstance(learning_rates, (str, bytes)) or not isinstance(learning_rates, Iterable):
        raise TypeError(
            f"learning_rates must be an iterable of numbers, got {_arguments.shown(learning_rates)}"
        )
    grid = sorted(
        {_arguments.number("learning_rates", rate, "positive") for rate in learning_rates}
    )
    if len(grid) < 2:
        raise ValueError(f"learning_rates must hold at least two numbers, got {grid}")
    if "learning_rate" in options:
        got = _arguments.shown(options["learning_rate"])
        raise ValueError(f"learning_rate must be left out, for the best is looked for, got {got}")
    tuning = _arguments.integer("tuning", tuning, 1)
    seeds = _arguments.integer("seeds", seeds, 1)
    drawn = _arguments.generator(rng).integers(2**31, size=tuning + seeds)
    chosen = [int(seed) for seed in drawn]
    tried: dict[float, float] = {}
    with _progress(len(grid) * tuning + seeds) as bar:

        def curves(rate: float, some: list[int]) -> NDArray[np.float64]:
            return _curves(draw, x, y, some, bar, {**options, "learning_rate": rate})

        def final_loss(rate: float) -> float:
            if rate not in tried:
                losses = curves(rate, chosen[:tuning])
                tried[rate] = float(losses[:, -max(1, losses.shape[1] // 10) :].mean())
            return tried[rate]

        best = min(grid, key=final_loss)
        for _ in range(_WIDENINGS):
            if best == grid[0]:
                grid.insert(0, float(f"{grid[0] / max(grid[1] / grid[0], 2):.2g}"))
            elif best == grid[-1]:
                grid.append(float(f"{grid[-1] * max(grid[-1] / grid[-2], 2):.2g}"))
            else:
                break
            bar.total += tuning
            best = min(grid, key=final_loss)
        if best in (grid[0], grid[-1]):
            raise ValueError(
                f"learning_rates must be a grid around the best rate: widened to "
                f"{', '.join(f'{rate:g}' for rate in grid)}, it still has the best at its edge, "
                f"got {best:g} with a loss of {tried[best]:.4g}"
            )
        return AtItsBest(best, curves(best, chosen[tuning:]), {rate: tried[rate] for rate in grid})


_WIDENINGS = 10


def _progress(total: int) -> Any:
    """Make a progress bar that appears after a few seconds."""
    from tqdm import tqdm

    # standard output: a bar must not count as an error message
    return tqdm(total=total, desc="networks", delay=3, leave=False, file=sys.stdout)


def _curves(
    draw: Draw, x: ArrayLike, y: ArrayLike, seeds: list[int], bar: Any, options: dict[str, Any]
) -> NDArray[np.float64]:
    if not callable(draw):
        raise TypeError(f"draw must be callable as draw(rng=…), got {_arguments.shown(draw)}")
    curves = []
    for seed in seeds:
        generator = np.random.default_rng(seed)
        net = _network("draw(rng=…)", draw(rng=generator))
        curves.append(train(net, x, y, rng=generator, **options))
        bar.update()
    return np.array(curves)


def _network(name: str, net: Network) -> Network:
    """Return what can be trained, or refuse it."""
    others = ResidualMLP, NormalizedMLP, NormalizedResidual
    return net if isinstance(net, others) else _arguments.instance(name, net, MLP)


def _sent(
    net: Network, x: ArrayLike
) -> tuple[FloatArray, Callable[[FloatArray], list[FloatArray]]]:
    """Send inputs through a network: the output, and what turns its gradient into all others."""
    if isinstance(net, (NormalizedMLP, NormalizedResidual)):
        passage = normalization.forward(net, x)
        return passage.output, lambda g: normalization.backward(passage, g).parameters
    if isinstance(net, ResidualMLP):
        stream = residual.forward(net, x)
        return stream.output, lambda gradient: residual.backward(net, stream, gradient).parameters
    signals = network.forward(net, x)
    return signals.output, lambda gradient: network.backward(net, signals, gradient).parameters


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
