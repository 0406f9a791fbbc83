"""What theory predicts for a deep network at its first step.

The maps below follow one number through the layers: the second moment of the activations on the
way forward, and of the gradients on the way back. They hold in the limit of wide layers with
independent weights; `Prediction` adds how much one network of finite width scatters around them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _arguments
from .activations import Activation, named
from .gaussian import gaussian_mean


@dataclass(frozen=True)
class Prediction:
    """Predicted signals of the layers 1 … L of a network.

    Attributes
    ----------
    forward : ndarray of shape (L,)
        Second moment of the activations h_l, averaged over units and over networks.
    backward : ndarray of shape (L,)
        Second moment of the gradients ∂loss/∂z_l with respect to the pre-activations, where the
        gradient ∂loss/∂h_L that enters at the end has second moment 1.
    forward_spread, backward_spread : ndarray of shape (L,)
        Standard deviation, from network to network, of the logarithm of the second moment that
        one input has in a network, to first order in 1/width; zero for infinite width. The mean
        over several inputs scatters less.
    """

    forward: NDArray[np.float64]
    backward: NDArray[np.float64]
    forward_spread: NDArray[np.float64]
    backward_spread: NDArray[np.float64]

    def band(self, direction: str, z: float = 1.0) -> tuple[NDArray[np.float64], ...]:
        """Return the log-normal quantiles at -z, 0 and +z of one input's second moment.

        The middle one is the median of that log-normal law: about what the typical network shows.
        What finite width takes from the mean itself, behind a curved activation, is of the same
        order, 1/width, and left out.

        Parameters
        ----------
        direction : {"forward", "backward"}
            Which signal.
        z : float, optional
            Number of standard deviations of the logarithm, finite and not negative.

        Returns
        -------
        low, median, high : ndarray of shape (L,)

        Raises
        ------
        TypeError, ValueError
            If an argument is not as described.

        Examples
        --------
        >>> low, median, high = predict("relu", 50, 2.0, width=100).band("forward")
        >>> print(f"{median[-1]:.2f}")
        0.30
        """
        _arguments.one_of("direction", direction, ("forward", "backward"))
        z = _arguments.number("z", z, "not negative")
        mean, s = (
            (self.forward, self.forward_spread)
            if direction == "forward"
            else (self.backward, self.backward_spread)
        )
        return tuple(mean * np.exp(-(s**2) / 2 + k * s) for k in (-z, 0, z))


def predict(
    activation: str | Activation,
    depth: int,
    scale: ArrayLike,
    *,
    bias_variance: float = 0.0,
    input_second_moment: float = 1.0,
    width: int | None = None,
) -> Prediction:
    """Predict the second moments of activations and gradients, layer by layer.

    Parameters
    ----------
    activation : str or Activation
        The activation f of every layer.
    depth : int
        Number of layers L, at least 1.
    scale : float or array_like of shape (L,)
        n Var[W] for every layer or for each: positive or zero. For the first layer n is its
        fan in; for the others, of equal width, fan in and fan out are the same.
    bias_variance : float, optional
        Var[b], not negative.
    input_second_moment : float, optional
        Mean square of the inputs, positive.
    width : int, optional
        Units a layer, for the spread between networks. None stands for infinite width.

    Returns
    -------
    Prediction

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Notes
    -----
    With q_0 the mean square of the inputs, K_l = scale q_{l-1} + Var[b] is the variance of the
    pre-activations and q_l = E f(√K_l Z)² (Poole et al. 2016). Backward,
    g_L = E f'(√K_L Z)² and g_l = scale E f'(√K_l Z)² g_{l+1} (Schoenholz et al. 2017).

    The spread adds up what each layer contributes to the variance of the logarithm. A layer's
    mean of n squares f² has relative variance r/n, r = E f⁴ / (E f²)² - 1, and so contributes
    ln(1 + r/n); it passes on the variance of the layer below times (∂ ln q_l / ∂ ln q_{l-1})².
    For He's initialization with ReLU r is 5, and for Gaussian weights the mean of (q_L / q_0)² is
    exactly (1 + 5/n)^L. Backward,
    a layer's mean of n products (f' g)², g an independent Gaussian, contributes likewise, and each
    deviation of the forward signal changes the slopes of the layers above it. The spread is of
    first order in 1/n and not reliable where it is large: single networks of narrow ReLU layers
    scatter further. Where a forward signal is unstable, as GELU's near the level of its gain, they
    may scatter much more or much less.

    Examples
    --------
    >>> p = predict("relu", 30, 1.0)
    >>> print(f"{p.forward[-1]:.3g} {2.0**-30:.3g}")
    9.31e-10 9.31e-10
    """
    f = named("activation", activation)
    depth = _arguments.integer("depth", depth, 1, 10**9)
    scales = _scales(scale, depth)
    bias_variance = _arguments.number("bias_variance", bias_variance, "not negative")
    q = _arguments.number("input_second_moment", input_second_moment, "positive")
    n = math.inf if width is None else _arguments.integer("width", width, 1, 10**15)

    layers: list[_Layer] = []
    for layer, layer_scale in enumerate(scales):
        k = layer_scale * q + bias_variance
        if k > _LARGEST:
            raise ValueError(
                f"scale must keep the signal within floats, got {_arguments.shown(scale)}: it "
                f"leaves them at layer {layer + 1}"
            )
        layers.append(_layer(f, math.sqrt(k), layer_scale * q / k if k > 0 else 0.0, n))
        q = layers[-1].second_moment

    # g_L = E f'², g_l = scale_{l+1} E f'(z_l)² g_{l+1}
    factors = np.array([layer.slope for layer in layers]) * np.append(scales[1:], 1.0)
    backward = np.cumprod(factors[::-1])[::-1]
    forward_variance, backward_variance = _variances(layers)
    return Prediction(
        np.array([layer.second_moment for layer in layers]),
        backward,
        np.sqrt(forward_variance),
        np.sqrt(backward_variance),
    )


_LARGEST = 1e300  # of a second moment; its Gaussian integral must be a float as well


def _scales(scale: ArrayLike, depth: int) -> NDArray[np.float64]:
    scales = _arguments.finite_array("scale", scale).astype(np.float64)
    if scales.shape not in ((), (depth,)) or (scales < 0).any():
        raise ValueError(
            f"scale must be a number, or one for each of the {depth} layers, positive or zero, "
            f"got {scale!r}"
        )
    return np.broadcast_to(scales, (depth,))


_Function = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True)
class _Layer:
    """What a layer makes of its input, and how much it scatters, to first order in 1/n."""

    second_moment: float  # q = E f²
    slope: float  # E f'²
    variance: float  # of ln q, for a given input
    slope_variance: float  # of ln E (f' g)², g the gradient that comes in
    covariance: float  # of the two
    elasticity: float  # ∂ ln q / ∂ ln q_{l-1}
    slope_elasticity: float  # ∂ ln E f'² / ∂ ln q_{l-1}


def _layer(f: Activation, std: float, share: float, n: float) -> _Layer:
    """Describe a layer; share is the part of its pre-activations' variance that is the signal's."""
    q, value = _normalized(f, std)
    slope, steep = _normalized(f.derivative, std)

    def response(g: _Function) -> float:
        # Stein's lemma: K d/dK E F(√K Z) = E F(√K Z)(Z² - 1)/2, no derivative of F needed.
        if share == 0:
            return 0.0
        return share * gaussian_mean(lambda x: g(x) * ((x / std) ** 2 - 1) / 2, std)

    alive = q > 0 and slope > 0  # not where the signal underflows
    return _Layer(
        q,
        slope,
        math.log1p(max(gaussian_mean(lambda x: value(x) ** 2, std) - 1, 0) / n),
        math.log1p(max(3 * gaussian_mean(lambda x: steep(x) ** 2, std) - 1, 0) / n),
        (gaussian_mean(lambda x: value(x) * steep(x), std) - 1) / n if alive else 0.0,
        response(value),
        response(steep),
    )


def _normalized(g: _Function, std: float) -> tuple[float, _Function]:
    """Return E g², and g² divided by it, or 0 where it vanishes."""
    mean = gaussian_mean(lambda x: g(x) ** 2, std)
    return mean, (lambda x: g(x) ** 2 / mean if mean > 0 else 0 * x)


def _variances(layers: list[_Layer]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the variance of the logarithm of each layer's signal, forward and backward."""
    forward, backward = np.zeros(len(layers)), np.zeros(len(layers))
    below = 0.0
    for number, layer in enumerate(layers):
        below = layer.variance + layer.elasticity**2 * below
        forward[number] = below
    above = 0.0  # what the layers from here up contribute by themselves
    effect = 0.0  # of a deviation of ln q here on the gradients that the layers above send down
    for number, layer in reversed(list(enumerate(layers))):
        above += layer.slope_variance + effect**2 * layer.variance + 2 * effect * layer.covariance
        effect = layer.slope_elasticity + layer.elasticity * effect
        backward[number] = max(above + effect**2 * forward[number - 1] * (number > 0), 0)
    return forward, backward
