"""What all figures share: colors, lines, panels, legends, labels at line ends."""

from __future__ import annotations

import math
import sys
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, LogLocator, NullLocator
from numpy.typing import ArrayLike, NDArray

from .. import _arguments

# Okabe & Ito's palette, safe for color-blind readers
COLORS = {
    "zero": "#767676",
    "constant": "#767676",
    "too small": "#56b4e9",
    "too large": "#cc3311",
    "lecun": "#0072b2",
    "xavier": "#e69f00",
    "he": "#009e73",
    "orthogonal": "#cc79a7",
    "default": "#8c5a2b",
    "root": "#6a3d9a",
    "fixup": "#b8336a",
    "rezero": "#7a7a00",
    "layer": "#4b5fc4",
    "batch": "#b35900",
}
"""One color for each initializer. Figures are told which: no label's words decide it."""

LINES: dict[str, Any] = {
    "zero": ":",
    "constant": "-.",
    "too small": (0, (1, 1)),
    "too large": (0, (5, 1)),
    "lecun": "--",
    "xavier": (0, (3, 1, 1, 1)),
    "he": "-",
    "orthogonal": (0, (6, 2, 2, 2)),
    "default": (0, (2, 2)),
    "root": (0, (4, 1, 1, 1)),
    "fixup": (0, (8, 1)),
    "rezero": (0, (3, 2)),
    "layer": (0, (7, 1, 1, 1)),
    "batch": (0, (4, 2, 1, 2)),
}
"""One line style for each initializer, so that color is never alone."""

MARKERS = {
    "zero": "X",
    "constant": "P",
    "too small": "v",
    "too large": "^",
    "lecun": "o",
    "xavier": "D",
    "he": "s",
    "orthogonal": "p",
    "default": "*",
    "root": "h",
    "fixup": "d",
    "rezero": "<",
    "layer": ">",
    "batch": "H",
}
"""And one marker for each."""

THEORY = "#1a1a1a"

SIGNAL: dict[str, Any] = {"color": COLORS["lecun"], "marker": "o"}
"""What goes up has one color and one marker: signals, the fan in, the forward gain."""

GRADIENT: dict[str, Any] = {"color": COLORS["orthogonal"], "marker": "D"}
"""What comes down has another: gradients, the fan out, the backward gain."""

WIDE = 7.2
"""Inches: panels side by side, as wide as the page."""

NARROW = 4.5
"""Inches: one panel, as wide as a phone. A page on a large screen enlarges it."""

SMALL = 9.7
"""Points: the smallest letters of one panel, 9 pixels on a phone of 360."""


def use_style() -> None:
    """Switch Matplotlib to the style of the book, and notebooks to SVG figures.

    Examples
    --------
    >>> use_style()
    >>> mpl.rcParams["axes.grid"]
    True
    """
    mpl.rcParams.update(
        {
            "figure.figsize": (7.0, 3.6),
            "figure.facecolor": "#ffffff",
            "figure.constrained_layout.use": True,
            "figure.constrained_layout.wspace": 0.06,  # a panel's labels keep off its neighbor
            "axes.facecolor": "#ffffff",
            "axes.grid": True,
            "axes.axisbelow": True,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlesize": 11,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "axes.labelsize": 10,
            "grid.color": "#e3e3e3",
            "grid.linewidth": 0.7,
            "legend.frameon": False,
            "legend.fontsize": SMALL,
            "lines.linewidth": 1.8,
            "lines.markersize": 4.0,
            "font.size": 10,
            "svg.hashsalt": "initcourse",
            "svg.fonttype": "none",  # text stays text: small files that can be searched
            "savefig.facecolor": "#ffffff",
        }
    )
    if "IPython" in sys.modules:
        from IPython import get_ipython
        from IPython.core.pylabtools import select_figure_formats

        shell = get_ipython()
        if shell is not None:
            select_figure_formats(shell, {"svg"}, metadata={"Date": None})


def panels(
    rows: int = 1,
    columns: int = 1,
    *,
    height: float = 3.6,
    width: float | None = None,
    title: str | None = None,
) -> tuple[Figure, NDArray[Any]]:
    """Make a figure with a grid of axes: one panel as wide as a phone, several as wide as the page.

    The figure is not registered with pyplot: it shows once, where a cell ends with it.

    Parameters
    ----------
    rows, columns : int, optional
        Size of the grid.
    height : float, optional
        Height of the figure in inches.
    width : float, optional
        Its width; if it is not given, 4.5 for one column of panels and 7.2 for more.
    title : str, optional
        The finding, above all panels.

    Returns
    -------
    figure : Figure
    axes : ndarray of Axes, shape (rows, columns)

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> figure, axes = panels(1, 2)
    >>> axes.shape
    (1, 2)
    """
    rows, columns = _arguments.integer("rows", rows, 1), _arguments.integer("columns", columns, 1)
    if width is None:
        width = NARROW if columns == 1 else WIDE
    width = _arguments.number("width", width, "positive")
    figure = Figure(figsize=(width, _arguments.number("height", height, "positive")))
    if title is not None:
        entitle(figure, title)
    return figure, figure.subplots(rows, columns, squeeze=False)


def entitle(figure: Figure, title: str) -> None:
    """Write the finding above all panels, in as few lines as fit, about equally long."""
    longest = int(10.5 * figure.get_figwidth())
    count = len(textwrap.wrap(title, longest))
    splits = (textwrap.wrap(title, k) for k in range(len(title) // max(count, 1) or 1, longest + 1))
    lines = next((lines for lines in splits if len(lines) == count), [title])
    figure.suptitle("\n".join(lines), fontsize=11, fontweight="bold", x=0.01, ha="left")


def styles(labels: Iterable[str], colors: Mapping[str, str] | None) -> dict[str, dict[str, Any]]:
    """Return color, line and marker of each label: its initializer's, or those of the palette."""
    labels = list(labels)
    given = {} if colors is None else colors
    if not isinstance(given, Mapping):
        raise TypeError(f"colors must map labels to initializers, got {_arguments.shown(colors)}")
    for name in given.values():
        _arguments.one_of("colors", name, tuple(COLORS))
    if given and (without := [label for label in labels if label not in given]):
        raise ValueError(
            f"colors must name an initializer for each label, or be left out, got none for "
            f"{_arguments.shown(without[0])}"
        )
    palette = list(COLORS)[2:]
    keys = [given.get(label, palette[k % len(palette)]) for k, label in enumerate(labels)]
    return {
        label: {"color": COLORS[k], "ls": LINES[k], "marker": MARKERS[k]}
        for label, k in zip(labels, keys, strict=True)
    }


def label_end(axes: Axes, text: str, point: tuple[float, float]) -> None:
    """Write a label to the right of the last point of a line."""
    axes.annotate(text, point, xytext=(6, 0), textcoords="offset points", va="center")


def label_ends(axes: Axes, ends: Mapping[str, tuple[float, float, str]]) -> None:
    """Name lines at their ends, (x, y), in a color.

    No name stands on another. A thread joins each to its line: names of lines that end together
    hang on one point.
    """
    axes.autoscale_view()  # the limits are settled
    to_axes = axes.transData + axes.transAxes.inverted()
    places = {label: to_axes.transform((x, y)) for label, (x, y, _) in ends.items()}
    heights = {label: float(place[1]) for label, place in places.items()}
    groups: list[list[str]] = []
    for label in sorted(ends, key=lambda label: heights[label]):
        if groups and heights[label] - heights[groups[-1][-1]] < 0.04:
            groups[-1].append(label)
        else:
            groups.append([label])
    thread = {"arrowstyle": "-", "lw": 0.7, "relpos": (0, 0.5), "shrinkA": 1, "shrinkB": 1}
    lowest = -1.0
    for group in groups:
        rise = 0.065 * (len(group) - 1)
        middle = float(np.mean([heights[label] for label in group]))
        height = max(middle - rise / 2, lowest + 0.075, 0.0)
        lowest = height + rise
        for place, label in enumerate(group):
            axes.annotate(
                label,
                (float(places[label][0]), heights[label]),
                xycoords="axes fraction",
                xytext=(1.05, height + 0.065 * place),
                textcoords="axes fraction",
                va="center",
                color=ends[label][2],
                fontsize=SMALL,
                arrowprops=thread | {"color": ends[label][2]},
            )


def plain_ticks(axes: Axes) -> None:
    """Mark a logarithmic axis as a person would: at 1, 2, 5, 10, or at every k-th power from 1."""
    for axis, (low, high) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
        if axis.get_scale() != "log":
            continue
        if high / low < 1000:
            axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axis.set_major_formatter("{x:g}")
            axis.set_minor_locator(NullLocator())
            continue
        bottom, top = np.log10(low), np.log10(high)
        step = next(k for k in (1, 2, 5, 10, 20, 50, 100) if (top - bottom) / k < 7)
        powers = step * np.arange(np.ceil(bottom / step), np.floor(top / step) + 1)
        axis.set_major_locator(FixedLocator([*10.0**powers]))
        axis.set_major_formatter(lambda value, _: power_of_ten(value))
        axis.set_minor_locator(NullLocator())


def power_of_ten(value: float) -> str:
    """Write a number as the nearest power of ten: 1, or 10⁻¹⁶.

    The raised digits are letters. Those of a formula are small, too small for a phone.
    """
    power = str(round(math.log10(value)))
    raised = power.translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return "1" if power == "0" else f"10{raised}"


def repeats(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return one row for each repeat; a single row may come without its first axis."""
    array = np.atleast_2d(_arguments.numeric_array(name, values).astype(np.float64))
    if array.ndim != 2 or array.size == 0:
        raise ValueError(f"{name} must hold one or two axes a label, got shape {np.shape(values)}")
    return array


def legend(axes: Axes) -> None:
    """Explain the labels: inside a single panel, below several, each label once."""
    figure = figure_of(axes)
    if len(figure.axes) == 1:
        axes.legend(handlelength=3.0)
        return
    while figure.legends:
        figure.legends[0].remove()
    entries: dict[str, Any] = {}
    for panel in figure.axes:
        handles, labels = panel.get_legend_handles_labels()
        entries = dict(zip(labels, handles, strict=True)) | entries
    figure.legend(
        list(entries.values()),
        list(entries),
        loc="outside lower center",
        ncols=4,
        handlelength=2.5,
    )


def bare(axes: Axes) -> None:
    """Take from axes all but their ground, for a picture of things."""
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.grid(visible=False)


def figure_of(axes: Axes) -> Figure:
    """Return the figure that axes live in."""
    figure = axes.get_figure(root=True)
    assert figure is not None  # these axes were made by, or live in, a figure
    return figure
