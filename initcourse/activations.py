"""Activations, and what they do to a Gaussian.

A wide layer with independent weights hands its activation a nearly Gaussian pre-activation. Three
integrals against that Gaussian then say how the layer scales a signal: E f, E f², and E f'² for
the gradient. They are computed here by quadrature, to about 1e-12 also for functions with a kink.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _arguments

Function = Callable[[Any], Any]

SELU_SCALE = 1.0507009873554805
"""λ of SELU (Klambauer et al. 2017, eq. 14)."""
SELU_ALPHA = 1.6732632423543772
"""α of SELU (Klambauer et al. 2017, eq. 14)."""


@dataclass(frozen=True)
class Activation:
    """A nonlinearity with its derivative.

    Attributes
    ----------
    name : str
        Name in the book's tables.
    function, derivative : callable
        Elementwise on float arrays; the dtype is kept. At a kink the derivative is the left one,
        so that ReLU has f'(0) = 0.

    Examples
    --------
    >>> relu = activation("relu")
    >>> relu(np.array([-1.0, 2.0]))
    array([0., 2.])
    >>> relu.derivative(np.array([-1.0, 2.0]))
    array([0., 1.])
    """

    name: str
    function: Function
    derivative: Function

    def __call__(self, x: Any) -> Any:
        """Apply the function."""
        return self.function(_arguments.numeric_array("x", x))


# --- the functions ----------------------------------------------------------------------------


def _sigmoid(x: Any) -> Any:
    return 0.5 + 0.5 * np.tanh(0.5 * x)  # cannot overflow


def _softplus(x: Any) -> Any:
    return np.logaddexp(x, x.dtype.type(0))


def _step(x: Any) -> Any:
    return (x > 0).astype(x.dtype)


def _tanh_prime(x: Any) -> Any:
    return 1 - np.tanh(x) ** 2


def _exponential_below(x: Any, alpha: float) -> Any:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def _exponential_below_prime(x: Any, alpha: float) -> Any:
    return np.where(x > 0, x.dtype.type(1), alpha * np.exp(np.minimum(x, 0)))


_erf = np.vectorize(math.erf, otypes=[np.float64])  # NumPy has none


def _normal_cdf(x: Any) -> Any:
    return (0.5 + 0.5 * _erf(x / math.sqrt(2))).astype(x.dtype)


def _normal_density(x: Any) -> Any:
    return np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)


def _mish(x: Any) -> Any:
    return x * np.tanh(_softplus(x))


def _mish_prime(x: Any) -> Any:
    return np.tanh(_softplus(x)) + x * _sigmoid(x) * _tanh_prime(_softplus(x))


def leaky_relu(negative_slope: float = 0.01) -> Activation:
    """Build the leaky ReLU: x where positive, negative_slope · x elsewhere.

    Parameters
    ----------
    negative_slope : float, optional
        Slope a for x ≤ 0; a finite number. PReLU is the same function with a learned slope.

    Returns
    -------
    Activation

    Raises
    ------
    TypeError, ValueError
        If the slope is not a finite number.

    References
    ----------
    Maas et al. (2013); He et al. (2015), eq. 1.

    Examples
    --------
    >>> leaky_relu(0.2)(np.array([-1.0, 2.0]))
    array([-0.2,  2. ])
    """
    a = _arguments.number("negative_slope", negative_slope)
    return Activation(
        f"leaky_relu({a:g})",
        lambda x: np.where(x > 0, x, a * x),
        lambda x: np.where(x > 0, x.dtype.type(1), x.dtype.type(a)),
    )


ACTIVATIONS: dict[str, Activation] = {
    item.name: item
    for item in (
        Activation("linear", lambda x: x, np.ones_like),
        Activation("relu", lambda x: np.maximum(x, 0), _step),
        Activation("tanh", np.tanh, _tanh_prime),
        Activation("sigmoid", _sigmoid, lambda x: _sigmoid(x) * _sigmoid(-x)),
        Activation("softsign", lambda x: x / (1 + abs(x)), lambda x: (1 + abs(x)) ** -2),
        Activation("softplus", _softplus, _sigmoid),
        Activation(
            "elu",
            lambda x: _exponential_below(x, 1.0),
            lambda x: _exponential_below_prime(x, 1.0),
        ),
        Activation(
            "selu",
            lambda x: SELU_SCALE * _exponential_below(x, SELU_ALPHA),
            lambda x: SELU_SCALE * _exponential_below_prime(x, SELU_ALPHA),
        ),
        Activation(
            "gelu",
            lambda x: x * _normal_cdf(x),
            lambda x: _normal_cdf(x) + x * _normal_density(x),
        ),
        Activation(
            "silu",
            lambda x: x * _sigmoid(x),
            lambda x: _sigmoid(x) * (1 + x * _sigmoid(-x)),
        ),
        Activation("mish", _mish, _mish_prime),
        Activation(
            "lecun_tanh",
            lambda x: 1.7159 * np.tanh(x * (2 / 3)),
            lambda x: 1.7159 * (2 / 3) * _tanh_prime(x * (2 / 3)),
        ),
    )
}
"""The named activations; `leaky_relu` builds one for any slope."""


def activation(name: str | Activation) -> Activation:
    """Find an activation by name; an `Activation` is returned as it is.

    Parameters
    ----------
    name : str or Activation
        A key of `ACTIVATIONS`, "leaky_relu" (slope 0.01), or an `Activation`.

    Returns
    -------
    Activation

    Raises
    ------
    TypeError, ValueError
        If there is none of that name.

    Examples
    --------
    >>> activation("tanh").name
    'tanh'
    """
    if isinstance(name, Activation):
        return name
    if name == "leaky_relu":
        return leaky_relu()
    return ACTIVATIONS[_arguments.one_of("activation", name, (*ACTIVATIONS, "leaky_relu"))]


# --- integrals against a Gaussian -------------------------------------------------------------

_REACH = 13.0  # beyond it a standard normal has mass 1e-38
_NODES_A_PANEL = 20


@lru_cache(maxsize=256)
def _rule(center: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
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
    return nodes, (half * w).ravel() * _normal_density(nodes)


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
    >>> print(f"{gaussian_mean(activation('relu')):.6f}")
    0.398942
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
        E f'²: what a gradient is multiplied by on its way back.
    """

    mean: float
    second_moment: float
    variance: float
    derivative_second_moment: float


def moments(name: str | Activation, std: float = 1.0, mean: float = 0.0) -> Moments:
    """Compute the moments of an activation of N(mean, std²).

    Parameters
    ----------
    name : str or Activation
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
    f = activation(name)
    first = gaussian_mean(f, std, mean)
    second = gaussian_mean(lambda x: f(x) ** 2, std, mean)
    centered = gaussian_mean(lambda x: (f(x) - first) ** 2, std, mean)
    slope = gaussian_mean(lambda x: f.derivative(x) ** 2, std, mean)
    return Moments(first, second, centered, slope)


def forward_gain(name: str | Activation) -> float:
    """Compute 1/√(E f(Z)²), Z ~ N(0, 1): the gain that keeps the variance of pre-activations at 1.

    With Var[W] = gain²/fan_in, pre-activations of variance 1 give activations of second moment
    1/gain², and these give pre-activations of variance 1 again.

    Parameters
    ----------
    name : str or Activation
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
    return 1 / math.sqrt(moments(name).second_moment)


def backward_gain(name: str | Activation) -> float:
    """Compute 1/√(E f'²), Z ~ N(0, 1): the gain that keeps the gradients' second moment.

    Equal to `forward_gain` for a linear unit and a (leaky) ReLU, and for nothing else here.

    Parameters
    ----------
    name : str or Activation
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
    return 1 / math.sqrt(moments(name).derivative_second_moment)
