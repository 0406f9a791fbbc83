"""Normalization: a network whose layers divide what they compute by its own size.

ẑ = (z - mean(z)) / √(variance(z) + ε): the mean and the variance are taken over the units of each
sample by layer normalization, and over the samples of a batch for each unit by batch normalization.
Gains and biases behind it, which begin at 1 and 0, are left out.

Two kinds of network are built of it, without biases: a plain one, h_l = f(N(h_{l-1} W_l)), and a
residual one, with a normalization in front of the branch, at its end, or behind the addition.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from . import _arguments
from ._arguments import FloatArray, Rng
from .activations import Activation, named
from .gaussian import moments, relu_correlation
from .network import Initializer, mlp
from .residual import ResidualMLP
from .signals import Measurement, Record


@dataclass(frozen=True)
class Normalized:
    """What a normalization returns, and what its derivative needs.

    Attributes
    ----------
    values : ndarray
        ẑ, shaped like z.
    std : ndarray
        √(variance + ε), with one element along the axis that was averaged over.
    axis : int or None
        That axis; None where a network does not normalize.
    """

    values: FloatArray
    std: FloatArray
    axis: int | None

    def backward(self, gradient: ArrayLike) -> FloatArray:
        """Turn the gradient with respect to ẑ into that with respect to z.

        Parameters
        ----------
        gradient : array_like
            ∂loss/∂ẑ, finite, shaped like ẑ.

        Returns
        -------
        ndarray
            ∂loss/∂z = (g - mean(g) - ẑ mean(g ẑ)) / std: what would change the mean or the size
            has no effect on ẑ where ε is 0, and is taken out.

        Raises
        ------
        TypeError, ValueError
            If the gradient is not finite or not shaped like ẑ.

        Examples
        --------
        >>> layer_norm([[1.0, 2.0, 3.0]]).backward([[5.0, 5.0, 5.0]])
        array([[0., 0., 0.]])
        """
        g = _arguments.finite_array("gradient", gradient)
        if g.shape != self.values.shape:
            raise ValueError(f"gradient must have shape {self.values.shape}, got {g.shape}")
        return self._back(g)

    def _back(self, g: FloatArray) -> FloatArray:
        if self.axis is None:
            return g
        along = _mean(g * self.values, self.axis)
        rest = g - _mean(g, self.axis) - along * self.values
        return _divided(rest, self.std)


def layer_norm(z: ArrayLike, epsilon: float = 0.0) -> Normalized:
    """Shift and scale each sample to mean 0 and, up to ε, mean square 1 over its units.

    Parameters
    ----------
    z : array_like of shape (…, units)
        Finite pre-activations, or a stream.
    epsilon : float, optional
        ε, not negative, which is added to the variance.

    Returns
    -------
    Normalized
        Zeros where the standard deviation is 0.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    References
    ----------
    Ba, Kiros & Hinton (2016), Layer Normalization, arXiv:1607.06450, eq. 3.

    Examples
    --------
    >>> print(layer_norm([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]).values.round(3))
    [[-1.225  0.     1.225]
     [-1.225  0.     1.225]]
    """
    return _normalized(_arguments.finite_array("z", z), -1, epsilon)


def batch_norm(z: ArrayLike, epsilon: float = 0.0) -> Normalized:
    """Shift and scale each unit to mean 0 and, up to ε, mean square 1 over a batch.

    Parameters
    ----------
    z : array_like of shape (samples, units)
        Finite pre-activations, or a stream.
    epsilon : float, optional
        ε, not negative, which is added to the variance.

    Returns
    -------
    Normalized
        Zeros where the standard deviation is 0, as in a batch of one.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    References
    ----------
    Ioffe & Szegedy (2015), Batch Normalization, arXiv:1502.03167, algorithm 1.

    Examples
    --------
    >>> print(batch_norm([[1.0, 20.0], [3.0, 10.0]]).values)
    [[-1.  1.]
     [ 1. -1.]]
    """
    return _normalized(_arguments.finite_array("z", z, axes=2), 0, epsilon)


# --- what theory says ---------------------------------------------------------------------------


def gradient_factor(norm: str, activation: str | Activation = "relu") -> float:
    """Compute what a layer of a plain normalized network multiplies the gradient's mean square by.

    E f'(Z)² / E f(Z)² under layer normalization and E f'(Z)² / Var f(Z) under batch normalization,
    Z ~ N(0, 1), whatever the variance of the weights is. The limit of wide layers and, for batch
    normalization, of large batches.

    Parameters
    ----------
    norm : {"layer", "batch"}
        What is normalized: each sample over the units, or each unit over the batch.
    activation : str or Activation, optional
        The activation f.

    Returns
    -------
    float
        1 for ReLU under layer normalization, π/(π - 1) under batch normalization.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described, or f leaves nothing that could be normalized.

    References
    ----------
    Yang et al. (2019), A Mean Field Theory of Batch Normalization, arXiv:1902.08129.

    Examples
    --------
    >>> print(f"{gradient_factor('layer'):.4f} {gradient_factor('batch'):.4f}")
    1.0000 1.4669
    """
    _arguments.one_of("norm", norm, ("layer", "batch"))
    of = moments(activation)
    size = of.second_moment if norm == "layer" else of.variance
    if size <= 0:
        raise ValueError(
            f"activation must leave something to normalize, got {_arguments.shown(activation)}"
        )
    return of.derivative_second_moment / size


def batch_factor(batch: int) -> float:
    """Compute the factor of a ReLU layer under batch norm for the gradient's mean square.

    The limit of wide layers, in deep layers, where all pairs of samples have become equally
    correlated. With B samples, of which any two have the correlation ρ = -1/(B - 1),

        (½ - (½ - p)/B - (1 - r)/(2B)) · 2/(1 - r) · B/(B - 3),

    where r is the cosine of ReLU's outputs for two samples (E f(z)f(z') over E f(z)²) and p the
    share of units that are active for both.

    Parameters
    ----------
    batch : int
        Samples in a batch B, at least 4.

    Returns
    -------
    float
        Above π/(π - 1), which it approaches as the batch grows.

    Raises
    ------
    TypeError, ValueError
        If there are fewer than four samples: then the mean of 1/variance does not exist.

    References
    ----------
    Yang et al. (2019), A Mean Field Theory of Batch Normalization, arXiv:1902.08129, theorem 3.10.

    Examples
    --------
    >>> print(*(f"{batch_factor(batch):.3f}" for batch in (8, 32, 128)))
    1.788 1.522 1.480
    """
    batch = _arguments.integer("batch", batch, 4)
    rho = -1 / (batch - 1)
    together = 0.5 * (1 - math.acos(rho) / math.pi)
    kept = 0.5 * (1 - float(relu_correlation(rho)))
    return (0.5 - (0.5 - together + kept) / batch) / kept * batch / (batch - 3)


def _normalized(z: FloatArray, axis: int, epsilon: float) -> Normalized:
    epsilon = _arguments.number("epsilon", epsilon, "not negative")
    centered = z - _mean(z, axis)
    std = np.sqrt(_mean(centered**2, axis) + z.dtype.type(epsilon))
    return Normalized(_divided(centered, std), std, axis)


def _divided(z: FloatArray, std: FloatArray) -> FloatArray:
    """Return z / std, and 0 where std is 0."""
    result: FloatArray = z / np.where(std > 0, std, np.inf)
    return result


def _mean(z: FloatArray, axis: int) -> FloatArray:
    """Return the mean along an axis, which stays; for small arrays much faster than np.mean."""
    result: FloatArray = z.sum(axis=axis, keepdims=True) / z.dtype.type(z.shape[axis])
    return result


# --- networks -----------------------------------------------------------------------------------

NORMS = ("none", "layer", "batch")
PLACES = ("pre", "branch", "post")


@dataclass(frozen=True)
class NormalizedMLP:
    """A plain network of normalized layers without biases; `normalized_mlp` draws one.

    h_l = f(N(h_{l-1} W_l)) for the hidden layers; the last layer is linear and not normalized.

    Attributes
    ----------
    weights : list of ndarray, shapes (n_{l-1}, n_l)
        W_1 … W_L.
    activation : Activation
        f.
    norm : str
        "layer", "batch", or "none".
    epsilon : float
        What is added to the variance.
    """

    weights: list[FloatArray]
    activation: Activation
    norm: str = "layer"
    epsilon: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no normalization."""
        _arguments.one_of("norm", self.norm, NORMS)
        _arguments.number("epsilon", self.epsilon, "not negative")

    @property
    def inputs(self) -> int:
        """How many numbers a sample has."""
        return len(self.weights[0])

    @property
    def outputs(self) -> int:
        """How many numbers come out for each sample."""
        return len(self.weights[-1][0])

    @property
    def parameters(self) -> list[FloatArray]:
        """What is trained: the weights."""
        return self.weights


@dataclass(frozen=True)
class NormalizedResidual:
    """A residual network with a normalization in each block.

    Attributes
    ----------
    net : ResidualMLP
        Its branches, the numbers in front of them, and its head.
    place : str
        "pre": h + α g(N(h)), and N once more before the head. "branch": h + α N(g(h)), at the end
        of the branch. "post": N(h + α g(h)), behind the addition.
    norm : str
        "layer", "batch", or "none".
    epsilon : float
        What is added to the variance.
    """

    net: ResidualMLP
    place: str = "pre"
    norm: str = "layer"
    epsilon: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no normalization, or stands nowhere."""
        _arguments.instance("net", self.net, ResidualMLP)
        _arguments.one_of("place", self.place, PLACES)
        _arguments.one_of("norm", self.norm, NORMS)
        _arguments.number("epsilon", self.epsilon, "not negative")

    @property
    def inputs(self) -> int:
        """How many numbers a sample has."""
        return self.net.width

    @property
    def outputs(self) -> int:
        """How many numbers come out for each sample."""
        return self.net.outputs

    @property
    def parameters(self) -> list[FloatArray]:
        """What is trained, as in the network without a normalization."""
        return self.net.parameters


@dataclass(frozen=True)
class Gradients:
    """What a backward pass leaves behind.

    Attributes
    ----------
    signals : list of ndarray
        ∂loss/∂ of each of `Passage.signals`.
    parameters : list of ndarray
        ∂loss/∂ of each of the network's parameters.
    """

    signals: list[FloatArray]
    parameters: list[FloatArray]


@dataclass(frozen=True)
class Passage:
    """What a forward pass leaves behind; `backward` leads back.

    Attributes
    ----------
    signals : list of ndarray, shapes (samples, n_l)
        Of a plain network the pre-activations z_1 … z_{L-1}, before they are normalized; of a
        residual one the stream h_0 … h_L.
    output : ndarray of shape (samples, outputs)
        What comes out.
    back : callable
        From ∂loss/∂output to `Gradients`.
    """

    signals: list[FloatArray]
    output: FloatArray
    back: Callable[[FloatArray], Gradients]


def normalized_mlp(
    widths: Sequence[int],
    initializer: Initializer | Sequence[Initializer],
    *,
    activation: str | Activation = "relu",
    norm: str = "layer",
    epsilon: float = 0.0,
    rng: Rng = None,
    dtype: DTypeLike = np.float32,
) -> NormalizedMLP:
    """Draw a plain network of normalized layers.

    Parameters
    ----------
    widths, initializer, activation, rng, dtype
        As for `initcourse.mlp`.
    norm : {"layer", "batch", "none"}, optional
        How the hidden layers are normalized.
    epsilon : float, optional
        What is added to the variance, not negative.

    Returns
    -------
    NormalizedMLP

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> from initcourse import he_normal
    >>> net = normalized_mlp([64, 100, 10], he_normal, norm="batch", rng=0)
    >>> [w.shape for w in net.weights]
    [(64, 100), (100, 10)]
    """
    f = named("activation", activation)
    weights = mlp(widths, initializer, activation=f, rng=rng, dtype=dtype).weights
    return NormalizedMLP(weights, f, norm, epsilon)


def forward(net: NormalizedMLP | NormalizedResidual, x: ArrayLike) -> Passage:
    """Compute every signal of a normalized network.

    Parameters
    ----------
    net : NormalizedMLP or NormalizedResidual
        The network.
    x : array_like of shape (samples, inputs)
        Finite inputs; cast to the dtype of the weights. Under batch normalization the samples of
        one call are the batch.

    Returns
    -------
    Passage

    Raises
    ------
    TypeError, ValueError
        If the inputs are not finite or do not fit the network.

    Examples
    --------
    >>> from initcourse import he_normal
    >>> net = normalized_mlp([3, 50, 2], he_normal, rng=0)
    >>> hidden = forward(net, [[1.0, 2.0, 3.0]]).signals[0]
    >>> print(f"{np.mean(layer_norm(hidden).values ** 2):.4f}")
    1.0000
    """
    if not isinstance(net, NormalizedResidual):
        _arguments.instance("net", net, NormalizedMLP)
    inputs = _arguments.finite_array("x", x, axes=2)
    if inputs.shape[1] != net.inputs:
        raise ValueError(
            f"x must have shape (samples, {net.inputs}) to fit the network, got {inputs.shape}"
        )
    h = _arguments.cast("x", inputs, net.parameters[0].dtype)
    return _plain(net, h) if isinstance(net, NormalizedMLP) else _residual(net, h)


def backward(passage: Passage, output_gradient: ArrayLike) -> Gradients:
    """Compute the gradients of a loss with respect to every signal and every parameter.

    Parameters
    ----------
    passage : Passage
        What `forward` returned.
    output_gradient : array_like of shape (samples, outputs)
        ∂loss/∂output, finite.

    Returns
    -------
    Gradients

    Raises
    ------
    TypeError, ValueError
        If `output_gradient` is not finite or does not have the shape of the output.

    Examples
    --------
    >>> from initcourse import he_normal
    >>> net = normalized_mlp([3, 50, 2], he_normal, rng=0, dtype="float64")
    >>> found = backward(forward(net, np.ones((4, 3))), np.ones((4, 2)))
    >>> bool(abs(np.sum(net.weights[0] * found.parameters[0])) < 1e-12)  # no scale, no slope
    True
    """
    _arguments.instance("passage", passage, Passage)
    gradient = _arguments.finite_array("output_gradient", output_gradient, axes=2)
    if gradient.shape != passage.output.shape:
        raise ValueError(
            f"output_gradient must have the shape of the output, {passage.output.shape}, "
            f"got {gradient.shape}"
        )
    return passage.back(_arguments.cast("output_gradient", gradient, passage.output.dtype))


def measure(
    draw: Callable[[], NormalizedMLP | NormalizedResidual],
    x: ArrayLike,
    *,
    networks: int = 20,
    rng: Rng = None,
) -> Measurement:
    """Measure the first signals of several networks, both ways.

    The gradient that enters at the output is drawn from N(0, 1), independently of everything else.
    The columns are those of `Passage.signals`.

    Parameters
    ----------
    draw : callable
        ``draw()`` returns a fresh network.
    x : array_like of shape (samples, inputs)
        Finite inputs.
    networks : int, optional
        Number of independent networks, at least 1.
    rng : None, int, SeedSequence or Generator, optional
        Source of the gradient that enters (SPEC 7).

    Returns
    -------
    Measurement

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> from functools import partial
    >>> from initcourse import he_normal
    >>> source = np.random.default_rng(0)
    >>> draw = partial(normalized_mlp, [64, 100, 100, 10], he_normal, rng=source)
    >>> measure(draw, source.standard_normal((5, 64)), networks=3, rng=source).backward.shape
    (3, 2)
    """
    if not callable(draw):
        raise TypeError(f"draw must be callable as draw(), got {_arguments.shown(draw)}")
    networks = _arguments.integer("networks", networks, 1)
    generator = _arguments.generator(rng)

    def first_signals() -> Record:
        passage = forward(draw(), x)
        found = backward(passage, generator.standard_normal(passage.output.shape))
        names = [str(number) for number in range(len(passage.signals))]
        return Record(
            dict(zip(names, passage.signals, strict=True)),
            dict(zip(names, found.signals, strict=True)),
        )

    return Measurement.of(first_signals() for _ in range(networks))


def _plain(net: NormalizedMLP, h: FloatArray) -> Passage:
    f, tape = net.activation, []
    for w in net.weights[:-1]:
        z = h @ w
        tape.append((h, w, z, _by_name(z, net.norm, net.epsilon)))
        h = f(tape[-1][-1].values)
    head = net.weights[-1]

    def back(g: FloatArray) -> Gradients:
        signals: list[FloatArray] = []
        parameters: list[FloatArray] = [h.T @ g]
        g = g @ head.T
        for below, w, _, normalized in reversed(tape):
            g = normalized._back(g * f.derivative(normalized.values))
            signals.append(g)
            parameters.append(below.T @ g)
            g = g @ w.T
        return Gradients(signals[::-1], parameters[::-1])

    return Passage([z for _, _, z, _ in tape], h @ head, back)


def _residual(normed: NormalizedResidual, h: FloatArray) -> Passage:
    net, f = normed.net, normed.net.activation

    def norm(z: FloatArray, place: str) -> Normalized:
        return _by_name(z, normed.norm if normed.place == place else "none", normed.epsilon)

    stream, tape = [h], []
    for branch, alpha in zip(net.branches, net.alphas, strict=True):
        reads = norm(h, "pre")
        z = [reads.values @ branch[0]]
        for w in branch[1:]:
            z.append(f(z[-1]) @ w)
        adds = norm(z[-1], "branch")
        result = norm(h + alpha * adds.values, "post")
        tape.append((branch, alpha, reads, z, adds, result))
        h = result.values
        stream.append(h)
    last = norm(h, "pre")

    def back(g: FloatArray) -> Gradients:
        head = [] if net.head is None else [last.values.T @ g]
        g = last._back(g if net.head is None else g @ net.head.T)
        signals: list[FloatArray] = [g]
        changes: list[FloatArray] = []
        alphas = []
        for branch, alpha, reads, z, adds, result in reversed(tape):
            g = result._back(g)
            alphas.append(np.vdot(g, adds.values))
            delta = adds._back(alpha * g)
            for w, below in zip(branch[:0:-1], z[-2::-1], strict=True):
                changes.append(f(below).T @ delta)
                delta = (delta @ w.T) * f.derivative(below)
            changes.append(reads.values.T @ delta)
            g = g + reads._back(delta @ branch[0].T)
            signals.append(g)
        changes = [*changes[::-1], *head]
        if net.learned:
            changes.append(np.array(alphas[::-1], net.alphas.dtype))
        return Gradients(signals[::-1], changes)

    return Passage(stream, last.values if net.head is None else last.values @ net.head, back)


def _by_name(z: FloatArray, norm: str, epsilon: float) -> Normalized:
    if norm == "none":
        return Normalized(z, np.ones((1, 1), z.dtype), None)
    return _normalized(z, -1 if norm == "layer" else 0, epsilon)
