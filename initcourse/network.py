"""A plain multilayer perceptron whose every signal can be looked at.

h_0 = x;  z_l = h_{l-1} W_l + b_l;  h_l = f(z_l) for l = 1 … L, rows being samples. The last layer
has an activation of its own, linear unless asked otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from . import _arguments
from ._arguments import FloatArray, Rng
from .activations import Activation, named
from .initializers import zeros
from .signals import Measurement, Record


class Initializer(Protocol):
    """Anything called like the samplers of `initcourse.initializers`."""

    def __call__(self, shape: Any, *, rng: Any, dtype: Any) -> FloatArray:
        """Draw an array of that shape."""


@dataclass(frozen=True)
class MLP:
    """A multilayer perceptron; `mlp` draws one.

    Attributes
    ----------
    weights : list of ndarray, shapes (n_{l-1}, n_l)
        W_1 … W_L.
    biases : list of ndarray, shapes (n_l,)
        b_1 … b_L.
    activations : list of Activation
        f_1 … f_L.
    """

    weights: list[FloatArray]
    biases: list[FloatArray]
    activations: list[Activation]

    @property
    def depth(self) -> int:
        """Number of layers L."""
        return len(self.weights)

    @property
    def outputs(self) -> int:
        """How many numbers come out for each sample."""
        return len(self.biases[-1])

    @property
    def parameters(self) -> list[FloatArray]:
        """What is trained: the weights, then the biases."""
        return [*self.weights, *self.biases]


@dataclass(frozen=True)
class Signals:
    """What a forward pass leaves in the layers.

    Attributes
    ----------
    pre_activations : list of ndarray, shapes (samples, n_l)
        z_1 … z_L.
    activations : list of ndarray, shapes (samples, n_l)
        h_0 = x, then h_1 … h_L.
    """

    pre_activations: list[FloatArray]
    activations: list[FloatArray]

    @property
    def output(self) -> FloatArray:
        """h_L."""
        return self.activations[-1]


@dataclass(frozen=True)
class Gradients:
    """What a backward pass leaves in the layers.

    Attributes
    ----------
    weights, biases : list of ndarray
        ∂loss/∂W_l and ∂loss/∂b_l, shaped like the parameters.
    pre_activations : list of ndarray, shapes (samples, n_l)
        ∂loss/∂z_1 … ∂loss/∂z_L.
    inputs : ndarray of shape (samples, n_0)
        ∂loss/∂x.
    """

    weights: list[FloatArray]
    biases: list[FloatArray]
    pre_activations: list[FloatArray]
    inputs: FloatArray

    @property
    def parameters(self) -> list[FloatArray]:
        """The gradients of `MLP.parameters`, in their order."""
        return [*self.weights, *self.biases]


def mlp(
    widths: Sequence[int],
    initializer: Initializer | Sequence[Initializer],
    *,
    activation: str | Activation = "tanh",
    output_activation: str | Activation = "linear",
    bias: Initializer = zeros,
    rng: Rng = None,
    dtype: DTypeLike = np.float32,
) -> MLP:
    """Draw a multilayer perceptron.

    Parameters
    ----------
    widths : sequence of int
        n_0 … n_L: inputs, hidden units, outputs; at least two, all positive.
    initializer : callable or sequence of callables
        Called as ``initializer(shape, rng=…, dtype=…)`` for every weight matrix; or one for each
        of the L layers.
    activation, output_activation : str or Activation, optional
        Activation of the hidden layers and of the last layer.
    bias : callable, optional
        Initializer of the biases.
    rng : None, int, SeedSequence or Generator, optional
        Source of randomness (SPEC 7), used layer by layer, weights before biases.
    dtype : {float16, float32, float64}, optional
        Dtype of the parameters.

    Returns
    -------
    MLP

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described, or an initializer returns the wrong shape.

    Examples
    --------
    >>> from initcourse import he_normal
    >>> net = mlp([64, 100, 10], he_normal, activation="relu", rng=0)
    >>> [w.shape for w in net.weights]
    [(64, 100), (100, 10)]
    """
    if not isinstance(widths, (tuple, list)) or len(widths) < 2:
        shown = _arguments.shown(widths)
        raise ValueError(f"widths must be a list of at least two positive integers, got {shown}")
    sizes = [_arguments.integer("widths", n, 1) for n in widths]
    depth = len(sizes) - 1
    initializers = list(initializer) if isinstance(initializer, Sequence) else [initializer] * depth
    if len(initializers) != depth:
        raise ValueError(
            f"initializer must be one callable, or one for each of the {depth} layers, "
            f"got {len(initializers)}"
        )
    hidden = named("activation", activation)
    last = named("output_activation", output_activation)
    generator, float_dtype = _arguments.generator(rng), _arguments.float_dtype(dtype)
    weights, biases = [], []
    for shape, draw in zip(pairwise(sizes), initializers, strict=True):
        weights.append(_drawn("initializer", draw, shape, generator, float_dtype))
        biases.append(_drawn("bias", bias, shape[1:], generator, float_dtype))
    return MLP(weights, biases, [hidden] * (depth - 1) + [last])


def forward(net: MLP, x: ArrayLike) -> Signals:
    """Compute every pre-activation and activation.

    Parameters
    ----------
    net : MLP
        The network.
    x : array_like of shape (samples, n_0)
        Finite inputs; cast to the dtype of the weights.

    Returns
    -------
    Signals

    Raises
    ------
    TypeError, ValueError
        If the inputs are not finite or do not fit the network.

    Examples
    --------
    >>> from initcourse import lecun_normal
    >>> net = mlp([3, 4, 2], lecun_normal, rng=0)
    >>> forward(net, np.ones((5, 3))).output.shape
    (5, 2)
    """
    _arguments.instance("net", net, MLP)
    inputs = _arguments.finite_array("x", x, axes=2)
    if inputs.shape[1] != net.weights[0].shape[0]:
        raise ValueError(
            f"x must have shape (samples, {net.weights[0].shape[0]}) to fit the network, "
            f"got {inputs.shape}"
        )
    h: FloatArray = _arguments.cast("x", inputs, net.weights[0].dtype)
    pre_activations: list[FloatArray] = []
    activations: list[FloatArray] = [h]
    for w, b, f in zip(net.weights, net.biases, net.activations, strict=True):
        z = h @ w
        z += b
        h = f(z)
        pre_activations.append(z)
        activations.append(h)
    return Signals(pre_activations, activations)


def backward(net: MLP, signals: Signals, output_gradient: ArrayLike) -> Gradients:
    """Compute the gradients of a loss with respect to every parameter and every signal.

    Parameters
    ----------
    net : MLP
        The network.
    signals : Signals
        What `forward` returned for the same network.
    output_gradient : array_like of shape (samples, n_L)
        ∂loss/∂h_L, finite.

    Returns
    -------
    Gradients

    Raises
    ------
    TypeError, ValueError
        If `output_gradient` is not finite or does not have the shape of the output.

    Notes
    -----
    δ_l = ∂loss/∂z_l = (δ_{l+1} W_{l+1}ᵀ) ⊙ f'(z_l); ∂loss/∂W_l = h_{l-1}ᵀ δ_l; ∂loss/∂b_l is the
    sum of δ_l over the samples.

    Examples
    --------
    >>> from initcourse import lecun_normal
    >>> net = mlp([3, 4, 2], lecun_normal, rng=0)
    >>> signals = forward(net, np.ones((5, 3)))
    >>> backward(net, signals, np.ones((5, 2))).weights[0].shape
    (3, 4)
    """
    _arguments.instance("net", net, MLP)
    _arguments.instance("signals", signals, Signals)
    widths = [net.weights[0].shape[0], *(w.shape[1] for w in net.weights)]
    got = [h.shape[1] for h in signals.activations]
    if got != widths:
        raise ValueError(f"signals must be of layers as wide as the network's, {widths}, got {got}")
    gradient = _arguments.finite_array("output_gradient", output_gradient, axes=2)
    if gradient.shape != signals.output.shape:
        raise ValueError(
            f"output_gradient must have the shape of the output, {signals.output.shape}, "
            f"got {gradient.shape}"
        )
    gradient = _arguments.cast("output_gradient", gradient, signals.output.dtype)
    deltas: list[FloatArray] = []
    for layer in reversed(range(net.depth)):
        delta = gradient * net.activations[layer].derivative(signals.pre_activations[layer])
        deltas.insert(0, delta)
        gradient = delta @ net.weights[layer].T
    return Gradients(
        weights=[h.T @ d for h, d in zip(signals.activations, deltas, strict=False)],
        biases=[d.sum(axis=0) for d in deltas],
        pre_activations=deltas,
        inputs=gradient,
    )


def measure(
    widths: Sequence[int],
    initializer: Initializer | Sequence[Initializer],
    x: ArrayLike,
    *,
    activation: str | Activation = "tanh",
    bias: Initializer = zeros,
    networks: int = 20,
    rng: Rng = None,
    dtype: DTypeLike = np.float32,
) -> Measurement:
    """Draw several networks and measure the first signals of each, forward and backward.

    All layers, the last included, have the same activation. The gradient that enters at the last
    layer, ∂loss/∂h_L, is drawn from N(0, 1), independently of everything else. The columns of the
    result are the layers l: h_l on the way forward, ∂loss/∂z_l on the way back.

    Parameters
    ----------
    widths, initializer, activation, bias, dtype
        As for `mlp`.
    x : array_like of shape (samples, n_0)
        Finite inputs.
    networks : int, optional
        Number of independent networks, at least 1.
    rng : None, int, SeedSequence or Generator, optional
        Source of randomness (SPEC 7).

    Returns
    -------
    Measurement

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> from initcourse import lecun_normal
    >>> x = np.random.default_rng(0).standard_normal((20, 50))
    >>> measure([50, 50, 50], lecun_normal, x, networks=3, rng=0).forward.shape
    (3, 2)
    """
    networks = _arguments.integer("networks", networks, 1)
    generator = _arguments.generator(rng)

    def first_signals() -> Record:
        net = mlp(
            widths,
            initializer,
            activation=activation,
            output_activation=activation,
            bias=bias,
            rng=generator,
            dtype=dtype,
        )
        signals = forward(net, x)
        gradients = backward(net, signals, generator.standard_normal(signals.output.shape))
        names = [str(number) for number in range(1, net.depth + 1)]
        return Record(
            dict(zip(names, signals.activations[1:], strict=True)),
            dict(zip(names, gradients.pre_activations, strict=True)),
        )

    found = Measurement.of(first_signals() for _ in range(networks))
    return Measurement(found.forward, found.backward)


def _drawn(
    name: str,
    draw: Initializer,
    shape: tuple[int, ...],
    generator: np.random.Generator,
    dtype: np.dtype[Any],
) -> FloatArray:
    if not callable(draw):
        raise TypeError(
            f"{name} must be callable as f(shape, rng=…, dtype=…), got {_arguments.shown(draw)}"
        )
    result = draw(shape, rng=generator, dtype=dtype)
    if not isinstance(result, np.ndarray) or result.shape != shape:
        got = result.shape if isinstance(result, np.ndarray) else type(result).__name__
        raise ValueError(f"{name} must return an array of shape {shape}, got {got}")
    cast = _arguments.cast(name, _arguments.finite_array(name, result), dtype)
    return cast.copy() if cast is result else cast  # training writes into it
