"""The named activations, each with its derivative."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

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
    return _leaky_relu(_arguments.number("negative_slope", negative_slope))


@lru_cache(maxsize=256)
def _leaky_relu(a: float) -> Activation:
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
    return named("name", name)


def named(argument: str, value: object) -> Activation:
    """Find the activation that is the value of an argument, or refuse it under that name."""
    if isinstance(value, Activation):
        return value
    if value == "leaky_relu":
        return leaky_relu()
    return ACTIVATIONS[_arguments.one_of(argument, value, (*ACTIVATIONS, "leaky_relu"))]
