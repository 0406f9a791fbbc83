"""Gradients of any architecture, and the signals on their way.

`initcourse.network` derives the backward pass of a plain network by hand. What has branches,
normalization, attention or recurrence is written as a function with `autograd.numpy` in place of
NumPy, and differentiated here by autograd (pure Python, ``pip install initcourse[gradients]``). A
signal that is watched under a name lands, with its gradient, in the one `Record` that a plain
network fills too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from autograd import value_and_grad
from autograd.extend import Box, defvjp, primitive

from . import _arguments
from .activations import Activation, Function, named
from .signals import Record


class Watch(Protocol):
    """What a loss hands its signals to, to go on with the result: ``h = watch("block 1", h)``."""

    def __call__(self, name: str, signal: Any) -> Any:
        """Note a signal under a name, and return it."""


@dataclass(frozen=True)
class Pass:
    """A pass through a network, forward and backward.

    Attributes
    ----------
    loss : float
        The value of the loss.
    gradients : dict, list, tuple or ndarray
        Its gradients, shaped like the parameters.
    record : Record
        The watched signals and their gradients.
    """

    loss: float
    gradients: Any
    record: Record


def differentiate(loss: Callable[[Any, Watch], Any], parameters: Any) -> Pass:
    """Compute a loss, its gradients, and every signal that it watches.

    Parameters
    ----------
    loss : callable
        ``loss(parameters, watch)`` returns a number, computed with `autograd.numpy`. On its way it
        may call ``h = watch(name, h)``, with a name of its own for each signal.
    parameters : dict, list, tuple or ndarray
        Floats and float arrays, nested in any way. What is not among them has no gradient.

    Returns
    -------
    Pass

    Raises
    ------
    TypeError, ValueError
        If the loss is not a number or a parameter not a float; if a name is watched twice or is
        no text; if a signal does not depend on the parameters, or the loss not on the signal.

    Examples
    --------
    >>> import autograd.numpy as np
    >>> def loss(parameters, watch):
    ...     stream = watch("stream", np.array([1.0, 2.0]) @ parameters["W"])
    ...     return np.sum(stream**2)
    >>> result = differentiate(loss, {"W": np.eye(2)})
    >>> result.record.forward["stream"], result.record.backward["stream"]
    (array([1., 2.]), array([2., 4.]))
    """
    if not callable(loss):
        raise TypeError(
            f"loss must be callable as loss(parameters, watch), got {_arguments.shown(loss)}"
        )
    _floats(parameters)
    record = Record()

    def watch(name: str, signal: Any) -> Any:
        _arguments.instance("name", name, str)
        if name in record.forward:
            raise ValueError(f"name must be watched once in a pass, got {name!r} again")
        if not isinstance(signal, Box):
            raise ValueError(
                f"signal must depend on the parameters, or it has no gradient: {name!r} does not, "
                f"got {_arguments.shown(signal)}"
            )
        return _watched(signal, name, record)

    value, gradients = value_and_grad(lambda p: _number(loss(p, watch)))(parameters)
    if lost := record.forward.keys() - record.backward.keys():
        raise ValueError(
            f"loss must go on with what watch returns, as in h = watch(name, h): nothing of "
            f"{_arguments.shown(sorted(lost))} reaches it"
        )
    return Pass(float(value), gradients, record)


def differentiable(activation: str | Activation) -> Function:
    """Make an activation a function that `differentiate` knows: it brings its own derivative.

    Parameters
    ----------
    activation : str or Activation
        As for `initcourse.mlp`.

    Returns
    -------
    callable
        f, elementwise.

    Raises
    ------
    TypeError, ValueError
        If there is no such activation.

    Examples
    --------
    >>> f = differentiable("relu")
    >>> differentiate(lambda z, watch: f(z).sum(), np.array([-1.0, 0.0, 2.0])).gradients
    array([0., 0., 1.])
    """
    return _primitive(named("activation", activation))


@lru_cache(maxsize=256)
def _primitive(f: Activation) -> Function:
    function: Function = primitive(f.__call__)
    defvjp(function, lambda value, x: lambda gradient: gradient * f.derivative(np.asarray(x)))
    return function


@primitive  # type: ignore[untyped-decorator]
def _watched(signal: Any, name: str, record: Record) -> Any:
    record.forward[name] = np.array(signal)  # a copy: it may be a parameter
    return signal


def _note(record: Record, name: str, gradient: Any) -> Any:
    record.backward[name] = np.array(gradient)
    return gradient


defvjp(
    _watched,
    lambda value, signal, name, record: lambda gradient: _note(record, name, gradient),
    argnums=[0],
)


def _floats(parameters: Any) -> None:
    """Refuse what is no float, in whatever it is nested."""
    if isinstance(parameters, (dict, list, tuple)):
        for inner in parameters.values() if isinstance(parameters, dict) else parameters:
            _floats(inner)
    elif not isinstance(parameters, (float, np.floating, np.ndarray)) or (
        isinstance(parameters, np.ndarray) and parameters.dtype.kind != "f"
    ):
        got = _arguments.shown(parameters)
        raise TypeError(f"parameters must hold floats and float arrays, got {got}")


def _number(loss: Any) -> Any:
    wanted = "loss must return one number that depends on the parameters"
    if not isinstance(loss, Box):
        raise TypeError(f"{wanted}, got {_arguments.shown(loss)}")
    if np.shape(loss._value) != ():
        raise TypeError(f"{wanted}, got an array of shape {np.shape(loss._value)}")
    return loss
