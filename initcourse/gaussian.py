"""Integrals against a Gaussian: what an activation does to a pre-activation.

A wide layer with independent weights hands its activation a nearly Gaussian pre-activation. Three
integrals against that Gaussian then say how the layer scales a signal: E f, E f², and E f'² for
the gradient. A fourth, E f(X) f(Y) for a pair of Gaussians, says how it moves two inputs towards
each other. All are computed here by quadrature, to about 1e-12 also for functions with a kink.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _arguments
from .activations import Activation, Function, named

Array = NDArray[np.float64]

# --- one Gaussian -----------------------------------------------------------------------------

_REACH = 13.0  # beyond it a standard normal has mass 1e-38
_NODES_A_PANEL = 20
_LARGEST = 1e100  # of a pre-activation whose powers must be floats


@lru_cache(maxsize=256)
def _rule(center: float) -> tuple[Array, Array]:
    """Build nodes z and weights w with Σ w g(z) ≈ E g(Z), Z ~ N(0, 1).

    Gauss-Legendre on panels at most one wide, none of which has `center` inside. Panels shrink
    geometrically towards `center`, where a kink or a steep slope may sit.
    """
    near = 2.0 ** np.arange(-40, 1)
    edges = np.concatenate([np.arange(-_REACH, _REACH + 1), center + near, center - near, [center]])
    edges = np.unique(np.clip(edges, -_REACH, _REACH))
    x, w = np.polynomial.legendre.leggauss(_NODES_A_PANEL)
    half = np.diff(edges)[:, None] / 2
    nodes = (edges[:-1, None] + half * (1 + x)).ravel()
    return nodes, (half * w).ravel() * (np.exp(-0.5 * nodes * nodes) / math.sqrt(2 * math.pi))


def gaussian_mean(function: Function, std: float = 1.0, mean: float = 0.0) -> float:
    """Compute E f(X) for X ~ N(mean, std²) by quadrature.

    Parameters
    ----------
    function : callable
        f, elementwise on a float64 array. It may have a kink, a jump or a steep slope at 0, and
        is smooth elsewhere, as all activations here are.
    std : float, optional
        Standard deviation of X, finite and not negative.
    mean : float, optional
        Mean of X, finite.

    Returns
    -------
    float
        The expectation, to about 1e-12 relative to the mean of the absolute value.

    Raises
    ------
    TypeError, ValueError
        If `std` or `mean` is not such a number, or `function` is not callable or does not
        return an array of the same shape.

    Examples
    --------
    >>> print(f"{gaussian_mean(np.tanh, std=2.0, mean=1.0):.6f}")
    0.352344
    """
    std = _arguments.number("std", std, "not negative")
    mean = _arguments.number("mean", mean)
    if not callable(function):
        raise TypeError(f"function must be a callable on arrays, got {_arguments.shown(function)}")
    nodes, weights = _rule(float(np.clip(-mean / std, -_REACH, _REACH)) if std > 0 else 0.0)
    with np.errstate(over="ignore", invalid="ignore"):
        values = np.asarray(function(mean + std * nodes))
    if values.dtype.kind not in "fiub":
        raise TypeError(f"function must return an array of numbers, got dtype {values.dtype}")
    if values.shape != nodes.shape:
        raise ValueError(
            f"function must return an array of the shape it is given, {nodes.shape}, "
            f"got shape {values.shape}"
        )
    if not np.isfinite(values).all():
        raise ValueError(
            f"function must return finite numbers within {_REACH:g} std = {std:g} of "
            f"mean = {mean:g}, got {values[~np.isfinite(values)][0]}"
        )
    return float(weights @ values)


@dataclass(frozen=True)
class Moments:
    """What a Gaussian pre-activation becomes behind an activation.

    Attributes
    ----------
    mean : float
        E f.
    second_moment : float
        E f²: what the next layer's pre-activations are made of.
    variance : float
        E f² - (E f)².
    derivative_second_moment : float
        E f'²: what a gradient's mean square is multiplied by on its way back.
    """

    mean: float
    second_moment: float
    variance: float
    derivative_second_moment: float


def moments(activation: str | Activation, std: float = 1.0, mean: float = 0.0) -> Moments:
    """Compute the moments of an activation of N(mean, std²).

    Parameters
    ----------
    activation : str or Activation
        The activation f.
    std, mean : float, optional
        Standard deviation (finite, not negative) and mean (finite) of the pre-activation.

    Returns
    -------
    Moments

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> m = moments("relu")
    >>> print(f"{m.mean:.4f} {m.second_moment:.4f} {m.variance:.4f}")
    0.3989 0.5000 0.3408
    """
    f = named("activation", activation)
    std, mean = _moderate("std", std, "not negative"), _moderate("mean", mean, "finite")
    first = gaussian_mean(f, std, mean)
    second = gaussian_mean(lambda x: f(x) ** 2, std, mean)
    centered = gaussian_mean(lambda x: (f(x) - first) ** 2, std, mean)
    slope = gaussian_mean(lambda x: f.derivative(x) ** 2, std, mean)
    return Moments(first, second, centered, slope)


def forward_gain(activation: str | Activation) -> float:
    """Compute 1/√(E f(Z)²), Z ~ N(0, 1): the gain that keeps the variance of pre-activations at 1.

    With Var[W] = gain²/fan_in, pre-activations of variance 1 give activations of second moment
    1/gain², and these give pre-activations of variance 1 again.

    Parameters
    ----------
    activation : str or Activation
        The activation f.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If there is no such activation.

    Examples
    --------
    >>> print(f"{forward_gain('tanh'):.6f}")
    1.592537
    """
    return _gain(activation, moments(activation).second_moment)


def backward_gain(activation: str | Activation) -> float:
    """Compute 1/√(E f'²), Z ~ N(0, 1): the gain that keeps the gradients' second moment.

    Equal to `forward_gain` for a linear unit and a (leaky) ReLU, and for nothing else here.

    Parameters
    ----------
    activation : str or Activation
        The activation f.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If there is no such activation.

    Examples
    --------
    >>> print(f"{backward_gain('tanh'):.6f}")
    1.467414
    """
    return _gain(activation, moments(activation).derivative_second_moment)


def _gain(activation: str | Activation, second_moment: float) -> float:
    """Return what makes up for a second moment, if anything is left of it."""
    if second_moment == 0:
        raise ValueError(
            f"activation must leave something of a signal, got {_arguments.shown(activation)}"
        )
    return 1 / math.sqrt(second_moment)


def elasticity(activation: str | Activation, std: float = 1.0) -> float:
    """Compute by how many per cent a layer's signal changes if its input's changes by one.

    The level q = E f(√K Z)² of a wide layer's activations depends on the variance K of its
    pre-activations, which is proportional to the level of the layer below. The elasticity is
    d ln q / d ln K. A level that repeats itself from layer to layer is stable if it is below 1.

    Parameters
    ----------
    activation : str or Activation
        The activation f, continuous.
    std : float, optional
        √K, finite and positive.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described, or f vanishes on such pre-activations.

    Notes
    -----
    It is E X f(X) f'(X) / E f(X)², X ~ N(0, K): the slope of the logarithm of f's size over that
    of x's, averaged with the weights f². It is below 1 at every std if f(x)² + f(-x)² falls
    relative to x², as for tanh, ELU and SELU; 1 for a (leaky) ReLU; above 1 if it rises, as for
    GELU and SiLU. With zero biases a small deviation of a level that repeats itself is multiplied
    by the elasticity at each layer.

    Examples
    --------
    >>> print(f"{elasticity('tanh'):.4f} {elasticity('relu'):.4f} {elasticity('gelu'):.4f}")
    0.4611 1.0000 1.1441
    """
    f = named("activation", activation)
    std = _moderate("std", std, "positive")
    square = gaussian_mean(lambda x: f(x) ** 2, std)
    if square == 0:
        raise ValueError(
            f"std must be one at which {f.name} does not vanish, got {_arguments.shown(std)}"
        )
    return gaussian_mean(lambda x: x * f(x) * f.derivative(x), std) / square


# --- two Gaussians ----------------------------------------------------------------------------


def _double_exponential(start: float, stop: float, step: float) -> tuple[Array, Array]:
    """Build nodes sinh(t) π/2 and their weights: dense where the map of a caller sends t → -∞."""
    t = np.arange(start, stop + step / 2, step)
    return np.pi / 2 * np.sinh(t), step * np.pi / 2 * np.cosh(t)


@lru_cache(maxsize=1)
def _polar_rule() -> tuple[Array, Array, Array, Array]:
    """Build radii and their weights r exp(-r²/2), and nodes and weights on (0, 1).

    Double-exponential rules (Takahasi & Mori 1974), dense towards radius 0 and both ends of (0, 1):
    there an activation may have its kink, or a steep flank of any width.
    """
    u, w = _double_exponential(-4, 1.35, 1 / 24)
    radii = np.exp(u)
    u, v = _double_exponential(-3.2, 3.2, 1 / 16)
    return (
        radii,
        w * radii**2 * np.exp(-(radii**2) / 2),
        0.5 + 0.5 * np.tanh(u),
        v / np.cosh(u) ** 2 / 2,
    )


def _pair_mean(f: Function, std: float, correlation: float) -> float:
    """Compute E f(X) f(Y) for X, Y ~ N(0, std²) of that correlation.

    In polar coordinates the kinks of f lie on four rays, between which the integrand is smooth.
    """
    radii, radial, nodes, angular = _polar_rule()
    angle = math.acos(correlation)
    corners = [k * math.pi + shift for k in (-0.5, 0.5, 1.5) for shift in (0, angle)]
    rays = sorted(ray for ray in corners if -0.5 * math.pi <= ray <= 1.5 * math.pi)
    total = area = 0.0
    for start, stop in pairwise(rays):
        along = start + (stop - start) * nodes
        x, y = (std * np.outer(np.cos(a), radii) for a in (along, along - angle))
        total += (stop - start) * float(angular @ (f(x) * f(y)) @ radial)
        area += (stop - start) * float(angular.sum() * radial.sum())
    return total / area


def correlation_map(
    activation: str | Activation, correlation: ArrayLike, std: float = 1.0
) -> NDArray[np.float64]:
    """Map the correlation of two pre-activations to the cosine of the activations behind them.

    c' = E f(X) f(Y) / E f(X)² for X, Y ~ N(0, std²) of correlation c: in a wide layer with
    independent weights the cosine of the angle between the activations of two inputs (Poole et al.
    2016, eq. 5).

    Parameters
    ----------
    activation : str or Activation
        The activation f.
    correlation : array_like
        c, in [-1, 1].
    std : float, optional
        Standard deviation of the pre-activations, finite and positive.

    Returns
    -------
    ndarray
        c', to about 1e-10.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described, or f vanishes on such pre-activations.

    Examples
    --------
    >>> print(f"{float(correlation_map('tanh', 0.5)):.4f} {float(relu_correlation(0.5)):.4f}")
    0.4726 0.6090
    """
    f = named("activation", activation)
    c = _correlations(correlation)
    std = _moderate("std", std, "positive")
    square = gaussian_mean(lambda x: f(x) ** 2, std)
    if square == 0:
        raise ValueError(
            f"std must be one at which {f.name} does not vanish, got {_arguments.shown(std)}"
        )
    mapped = [_pair_mean(f, std, value) / square for value in c.flat]
    return np.clip(mapped, -1, 1).reshape(c.shape)


def relu_correlation(correlation: ArrayLike) -> NDArray[np.float64]:
    """Map the correlation of two inputs of a wide ReLU layer to that of its outputs.

    c' = (√(1 - c²) + c (π - arccos c))/π, the cosine of the angle between the two outputs, for
    zero biases and any weight variance (Cho & Saul 2009, arc-cosine kernel of order 1).

    Parameters
    ----------
    correlation : array_like
        c, the cosine of the angle between the inputs, in [-1, 1].

    Returns
    -------
    ndarray
        c'.

    Raises
    ------
    TypeError, ValueError
        If a value is not in [-1, 1].

    Examples
    --------
    >>> print(f"{float(relu_correlation(0.0)):.4f}")
    0.3183
    """
    c = _correlations(correlation)
    return np.asarray((np.sqrt(1 - c**2) + c * (math.pi - np.arccos(c))) / math.pi)


def _moderate(name: str, value: float, allowed: str) -> float:
    """Return a number whose powers are floats, or refuse it."""
    number = _arguments.number(name, value, allowed)
    if abs(number) > _LARGEST:
        raise ValueError(f"{name} must be at most {_LARGEST:g} in size, got {value!r}")
    return number


def _correlations(correlation: ArrayLike) -> Array:
    c = _arguments.finite_array("correlation", correlation).astype(np.float64)
    if (np.abs(c) > 1).any():
        raise ValueError(f"correlation must lie in [-1, 1], got {c[np.abs(c) > 1].flat[0]}")
    return c


# --- PyTorch's table --------------------------------------------------------------------------

_CONVOLUTIONS = tuple(
    f"conv{transposed}{axes}d" for transposed in ("", "_transpose") for axes in (1, 2, 3)
)
_GAINS = {
    **dict.fromkeys(("linear", "sigmoid", *_CONVOLUTIONS), 1.0),
    "tanh": 5 / 3,
    "relu": math.sqrt(2),
    "selu": 3 / 4,
}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Look up the gain that PyTorch recommends for a nonlinearity.

    Parameters
    ----------
    nonlinearity : str
        "linear", "conv1d" … "conv_transpose3d" or "sigmoid" (1), "tanh" (5/3), "relu" (√2),
        "leaky_relu" (√(2 / (1 + a²))) or "selu" (3/4).
    param : float, optional
        For "leaky_relu" only: the negative slope a, 0.01 unless given.

    Returns
    -------
    float
        The published value. Some are conventions: `forward_gain` and `backward_gain` compute the
        exact ones.

    Raises
    ------
    TypeError, ValueError
        If the name is not in the table, or `param` is not a finite number or does not belong.

    References
    ----------
    The table of ``torch.nn.init.calculate_gain`` in PyTorch's documentation.

    Examples
    --------
    >>> print(f"{calculate_gain('relu'):.4f} {calculate_gain('leaky_relu', 0.2):.4f}")
    1.4142 1.3868
    """
    name = _arguments.one_of("nonlinearity", nonlinearity, (*_GAINS, "leaky_relu"))
    if name == "leaky_relu":
        slope = 0.01 if param is None else _arguments.squarable("param", param)
        return math.sqrt(2 / (1 + slope * slope))
    if param is not None:
        raise ValueError(
            f"param is allowed only for leaky_relu, got {_arguments.shown(param)} for {name}"
        )
    return _GAINS[name]
