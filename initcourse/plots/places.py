"""Figures that belong to one place of the book: a chapter's gains, the landing page's signal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator
from numpy.typing import ArrayLike

from .. import _arguments
from .style import (
    GRADIENT,
    LINES,
    SIGNAL,
    THEORY,
    label_end,
    panels,
    plain_ticks,
    power_of_ten,
    repeats,
    styles,
)


def gains(names: Sequence[str], forward: ArrayLike, backward: ArrayLike) -> Figure:
    """Draw the forward and the backward gain of activations side by side.

    Parameters
    ----------
    names : sequence of str
        Labels of the activations.
    forward, backward : array_like of shape (activations,)
        Their gains, positive.

    Returns
    -------
    Figure
        A row for each activation, a circle and a diamond joined by a line.

    Raises
    ------
    TypeError, ValueError
        If the three do not have the same length.

    Examples
    --------
    >>> figure = gains(["linear", "relu"], [1, 1.414], [1, 1.414])
    >>> figure.axes[0].get_xlabel()
    'gain'
    """
    if not isinstance(names, (tuple, list)) or not all(isinstance(name, str) for name in names):
        raise TypeError(f"names must be a list of str, got {_arguments.shown(names)}")
    x, y = (
        _arguments.finite_array("forward", forward),
        _arguments.finite_array("backward", backward),
    )
    for name, values in (("forward", x), ("backward", y)):
        if (values <= 0).any():
            raise ValueError(f"{name} must hold positive gains, got {values.min():g}")
    if not x.shape == y.shape == (len(names),):
        raise ValueError(
            f"forward and backward must hold one gain for each of the {len(names)} names, "
            f"got shapes {x.shape} and {y.shape}"
        )
    order = np.argsort(x)[::-1]
    rows = np.arange(len(names))
    figure, ((axes,),) = panels(
        height=4.6, title="None of the curved activations has one gain for both"
    )
    for key, label, gain in (("lecun", "LeCun: 1", 1.0), ("he", "He: √2", np.sqrt(2))):
        axes.axvline(gain, color=THEORY, ls=LINES[key], lw=1.2, label=label)
    axes.hlines(rows, x[order], y[order], color=THEORY, lw=0.9)
    axes.plot(x[order], rows, ls="", ms=7, label="forward", **SIGNAL)
    axes.plot(y[order], rows, ls="", ms=5, label="backward", **GRADIENT)
    axes.set_yticks(rows, [names[row].replace("_", " ") for row in order])
    axes.set(xscale="log", xlabel="gain")
    axes.xaxis.set_major_locator(FixedLocator([1, 1.5, 2, 3, 4, 5]))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.legend(loc="upper right")
    return figure


def hero(
    measured: Mapping[str, ArrayLike],
    factors: Mapping[str, float],
    *,
    colors: Mapping[str, str] | None = None,
) -> Figure:
    """Draw the figure of the landing page: one signal through many layers.

    Parameters
    ----------
    measured : mapping of str to array_like of shape (networks, layers)
        For each initializer, the mean square of the signal in every layer; the input's is 1.
    factors : mapping of str to float
        For each of them, the predicted factor a layer.
    colors : mapping of str to str, optional
        For every label, the initializer whose color it takes: a key of `COLORS`; further labels
        may be in it. Without it, the labels take the colors of the palette one by one.

    Returns
    -------
    Figure
        A band a label from the lowest to the highest network, its name at the end of it.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described, or a label has no factor.

    Examples
    --------
    >>> figure = hero({"He": np.ones((2, 3))}, {"He": 1.0})
    >>> figure.axes[0].get_xlabel()
    'layer'
    """
    _arguments.labelled("measured", measured)
    if not isinstance(factors, Mapping):
        raise TypeError(f"factors must be a mapping from labels, got {_arguments.shown(factors)}")
    style = styles(measured, colors)
    figure, ((axes,),) = panels(title="One signal, five starts: what is left of it")
    for label, values in measured.items():
        array = repeats("measured", values)
        if label not in factors:
            raise ValueError(f"factors must hold every label of measured, got none for {label!r}")
        _arguments.number(f"factors[{label!r}]", factors[label], "positive")
        layers = np.arange(array.shape[1] + 1)
        whole = np.hstack([np.ones((len(array), 1)), array])
        axes.fill_between(
            layers, whole.min(axis=0), whole.max(axis=0), color=style[label]["color"], lw=1.5
        )
        axes.plot(layers, factors[label] ** layers.astype(float), color=THEORY, lw=0.9)
        left = factors[label] ** float(layers[-1])
        fate = "stays" if abs(np.log10(left)) < 1 else f"× {power_of_ten(left)}"
        label_end(axes, f"{label}:\n{fate}", (layers[-1], left))
    axes.annotate("zero: nothing passes the first layer", (0.03, 0.05), xycoords="axes fraction")
    axes.set(yscale="log", xlabel="layer", ylabel="mean square of the signal")
    axes.spines["bottom"].set_bounds(0, layers[-1])
    axes.set_xlim(0, layers[-1] * 1.25)
    axes.set_xticks(np.linspace(0, layers[-1], 6))
    plain_ticks(axes)
    return figure
