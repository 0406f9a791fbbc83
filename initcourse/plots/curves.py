"""Figures of curves: training losses, and measurements over theory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from .. import _arguments
from .style import (
    THEORY,
    figure_of,
    label_ends,
    legend,
    panels,
    plain_ticks,
    repeats,
    styles,
)


def losses(
    curves: Mapping[str, ArrayLike],
    *,
    title: str,
    smooth: int = 1,
    classes: int | None = None,
    log: tuple[float, float] | None = None,
    colors: Mapping[str, str] | None = None,
    axes: Axes | None = None,
) -> Figure:
    """Draw training losses: the median over seeds as a line, the range of all seeds as a band.

    Parameters
    ----------
    curves : mapping of str to array_like of shape (seeds, steps)
        Losses in nats; infinite ones (after an overflow) are left out of the picture.
    title : str
        The finding.
    smooth : int, optional
        Steps averaged into one point.
    classes : int, optional
        Where given, a dotted line marks the loss of guessing, ln(classes).
    log : tuple of float, optional
        Where given, the axis of the loss is logarithmic, between these two positive numbers.
    colors : mapping of str to str, optional
        For every label, the initializer whose color it takes: a key of `COLORS`; further labels
        may be in it. Without it, the labels take the colors of the palette one by one.
    axes : Axes, optional
        Where to draw, for figures of several panels.

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> figure = losses({"He": np.ones((3, 10))}, title="Nothing learned", classes=10)
    >>> figure.axes[0].get_ylabel()
    'training loss (nats)'
    """
    _arguments.labelled("curves", curves)
    smooth = _arguments.integer("smooth", smooth, 1)
    axes = _panel(axes, title)
    if log is not None:
        if not isinstance(log, (list, tuple)) or len(log) != 2:
            raise TypeError(f"log must be two numbers, got {_arguments.shown(log)}")
        low, high = (_arguments.number("log", limit, "positive") for limit in log)
        if low >= high:
            raise ValueError(f"log must rise, got {_arguments.shown(log)}")
    style = styles(curves, colors)
    for label, values in curves.items():
        array = repeats("curves", values)
        kept = array[:, : array.shape[1] // smooth * smooth]
        if kept.shape[1] == 0:
            raise ValueError(f"smooth must be at most the number of steps, got {smooth}")
        points = kept.reshape(len(array), -1, smooth).mean(axis=2)
        middle = np.median(points, axis=0)
        middle[~np.isfinite(middle)] = np.nan
        points[~np.isfinite(points)] = np.nan
        low, high = np.fmin.reduce(points), np.fmax.reduce(points)  # of those that are finite
        steps = (np.arange(points.shape[1]) + 0.5) * smooth
        color = style[label]["color"]
        axes.plot(steps, middle, label=label, color=color, ls=style[label]["ls"])
        axes.fill_between(steps, low, high, color=color, alpha=0.2, lw=0)
    if classes is not None:
        guess = np.log(_arguments.integer("classes", classes, 2))
        last = max(_end(line)[0] for line in axes.get_lines())
        label = f"guessing: ln {classes}"
        axes.plot([0, last], [guess, guess], color=THEORY, lw=0.9, ls=":", label=label)
    axes.set(xlabel="step", ylabel="training loss (nats)")
    if log is None:
        axes.set_ylim(bottom=0)
    else:
        axes.set(yscale="log", ylim=log)
    ends = {
        str(line.get_label()): (*_end(line), str(line.get_color())) for line in axes.get_lines()
    }
    label_ends(axes, ends)
    return figure_of(axes)


def _panel(axes: Axes | None, title: str) -> Axes:
    """Return a figure's single panel, or the panel that is given, with its title."""
    if axes is None:
        axes = panels(title=title)[1][0, 0]
    else:
        _arguments.instance("axes", axes, Axes).set_title(title)
    return axes


def _end(line: Line2D) -> tuple[float, float]:
    """Return where a line ends: its last point that is finite."""
    x, y = (np.asarray(values, np.float64) for values in line.get_data())
    finite = np.flatnonzero(np.isfinite(y))
    return (float(x[-1]), float(y[finite[-1]])) if finite.size else (float(x[-1]), 0.0)


def compare(
    x: ArrayLike,
    measured: Mapping[str, ArrayLike],
    theory: Mapping[str, ArrayLike] | None = None,
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    log: str = "",
    colors: Mapping[str, str] | None = None,
    axes: Axes | None = None,
) -> Figure:
    """Draw measurements as dots (or bands) over x, and theory as thin dark lines.

    Parameters
    ----------
    x : array_like of shape (points,)
        Where it was measured.
    measured : mapping of str to array_like of shape (points,) or (repeats, points)
        For each label, one value a point, or several repeats, drawn as their mean between the
        10 % and the 90 % quantile.
    theory : mapping of str to array_like of shape (points,), optional
        Predicted curves over the same x, each with its label.
    title, xlabel, ylabel : str
        The finding; what the axes are, with units.
    log : {"", "x", "y", "xy"}, optional
        Which axes are logarithmic.
    colors : mapping of str to str, optional
        For every label, the initializer whose color it takes: a key of `COLORS`; further labels
        may be in it. Without it, the labels take the colors of the palette one by one.
    axes : Axes, optional
        Where to draw, for figures of several panels.

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> n = np.array([10, 100])
    >>> figure = compare(n, {"He": 1 / n}, {"1/n": 1 / n}, title="1/n", xlabel="n", ylabel="v")
    >>> figure.axes[0].get_xlabel()
    'n'
    """
    _arguments.one_of("log", log, ("", "x", "y", "xy"))
    where = _arguments.finite_array("x", x, axes=1)
    _arguments.labelled("measured", measured)
    if theory:
        _arguments.labelled("theory", theory)
    axes = _panel(axes, title)
    style = styles(measured, colors)
    for label, values in measured.items():
        array = repeats("measured", values)
        if array.shape[1:] != where.shape:
            raise ValueError(
                f"measured must hold {where.size} points a label, got shape {array.shape} "
                f"for {label!r}"
            )
        color = style[label]["color"]
        axes.plot(
            where,
            array.mean(axis=0),
            color=color,
            ls="",
            marker=style[label]["marker"],
            label=label,
        )
        if len(array) > 1:
            low, high = np.quantile(array, (0.1, 0.9), axis=0)
            axes.fill_between(where, low, high, color=color, alpha=0.2, lw=0)
    dashes: Iterator[Any] = cycle(("-", "--", ":", "-."))
    for label, values in (theory or {}).items():
        curve = _arguments.numeric_array("theory", values)
        if curve.shape != where.shape:
            raise ValueError(
                f"theory must hold {where.size} points a label, got shape {curve.shape} "
                f"for {label!r}"
            )
        axes.plot(where, curve, color=THEORY, lw=0.9, ls=next(dashes), label=label)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.set_xscale("log" if "x" in log else "linear")
    if "x" not in log and (where == np.round(where)).all():
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_yscale("log" if "y" in log else "linear")
    plain_ticks(axes)
    legend(axes)
    return figure_of(axes)
