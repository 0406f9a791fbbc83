"""Normalization: a network whose layers divide what they compute by its own size.

ẑ = (z - mean(z)) / √(variance(z) + ε): the mean and the variance are taken over the units of each
sample by layer normalization, and over the samples of a batch for each unit by batch normalization.
Gains and biases behind it, which begin at 1 and 0, are left out.

Two kinds of network are built of it, without biases: a plain one, h_l = f(N(h_{l-1} W_l)), and a
residual one, with a normalization in front of the branch, at its end, or behind the addition.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from . import _arguments
from ._arguments import FloatArray


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
        That axis; None if nothing was normalized.
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
            has no effect on ẑ, and is taken out.

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
        if self.axis is None:
            return g
        along = np.mean(g * self.values, axis=self.axis, keepdims=True)
        rest = g - g.mean(axis=self.axis, keepdims=True) - along * self.values
        return _divided(rest, self.std)


Normalize = Callable[[FloatArray], Normalized]
"""A normalization: `layer_norm`, `batch_norm`, `partial(layer_norm, epsilon=1e-5)`, or `as_it_is`."""


def layer_norm(z: ArrayLike, epsilon: float = 0.0) -> Normalized:
    """Shift and scale each sample to mean 0 and mean square 1 over its units.

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
    """Shift and scale each unit to mean 0 and mean square 1 over the samples of a batch.

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


def as_it_is(z: ArrayLike) -> Normalized:
    """Return z unchanged, in the form of a normalization.

    Parameters
    ----------
    z : array_like
        Finite numbers.

    Returns
    -------
    Normalized

    Raises
    ------
    TypeError, ValueError
        If z is not finite.

    Examples
    --------
    >>> as_it_is([[1.0, 2.0]]).values
    array([[1., 2.]])
    """
    values = _arguments.finite_array("z", z)
    return Normalized(values, np.ones((1,) * values.ndim, values.dtype), None)


def _normalized(z: FloatArray, axis: int, epsilon: float) -> Normalized:
    epsilon = _arguments.number("epsilon", epsilon, "not negative")
    centered = z - z.mean(axis=axis, keepdims=True)
    std = np.sqrt(np.mean(centered**2, axis=axis, keepdims=True) + z.dtype.type(epsilon))
    return Normalized(_divided(centered, std), std, axis)


def _divided(z: FloatArray, std: FloatArray) -> FloatArray:
    """Return z / std, and 0 where std is 0."""
    result: FloatArray = np.divide(z, std, out=np.zeros_like(z), where=std > 0)
    return result
