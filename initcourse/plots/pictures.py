"""Pictures of the things themselves: images and weights as tiles, a square in halves, networks."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from matplotlib.ticker import FixedLocator, NullLocator
from numpy.typing import ArrayLike, NDArray

from .. import _arguments
from .style import (
    COLORS,
    GRADIENT,
    NARROW,
    SIGNAL,
    SMALL,
    THEORY,
    bare,
    figure_of,
    label_end,
    panels,
    power_of_ten,
    repeats,
    styles,
)


def tiles(
    rows: Mapping[str, Sequence[ArrayLike]],
    *,
    columns: Sequence[str] = (),
    below: Mapping[str, ArrayLike] | None = None,
    colors: Mapping[str, str] | None = None,
    limit: float | None = None,
    signed: bool = False,
    title: str | None = None,
) -> Figure:
    """Draw rows of small images, all on one scale: layers, digits, the weights of units.

    Parameters
    ----------
    rows : mapping of str to sequence of array_like
        The images of each row: matrices, or vectors of n² numbers, which are drawn as squares.
    columns : sequence of str, optional
        What stands above the images.
    below : mapping of str to array_like of shape (images,), optional
        A number for below each image of a row: shown as a power of ten where it is small or large.
    colors : mapping of str to str, optional
        The initializer whose color a row's name has.
    limit : float, optional
        The number that is white; the largest of all, if it is not given. 0 is black.
    signed : bool, optional
        Draw numbers of both signs: 0 is white, -limit is violet and +limit is orange.
    title : str, optional
        The finding.

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> figure = tiles({"He": [np.eye(3), np.ones(4)]}, columns=["layer 1", "layer 2"])
    >>> [axes.get_title() for axes in figure.axes]
    ['layer 1', 'layer 2']
    """
    images = _images(rows)
    count = max(len(row) for row in images.values())
    if not isinstance(columns, (list, tuple)) or len(columns) not in (0, count):
        raise ValueError(
            f"columns must name each of {count} images, got {_arguments.shown(columns)}"
        )
    if below is not None:
        _arguments.labelled("below", below)
    numbers = {
        name: _arguments.finite_array("below", values).astype(np.float64)
        for name, values in (below or {}).items()
    }
    if numbers and {name: len(row) for name, row in images.items()} != {
        name: values.size for name, values in numbers.items()
    }:
        raise ValueError(
            f"below must hold a number for each image of each row, got {_arguments.shown(below)}"
        )
    inks = dict.fromkeys(images, THEORY)
    if colors is not None:
        inks = {name: style["color"] for name, style in styles(images, colors).items()}
    peak = max(float(np.abs(image).max()) for row in images.values() for image in row)
    top = peak or 1.0 if limit is None else _arguments.number("limit", limit, "positive")
    shades: dict[str, Any] = {
        "cmap": "PuOr_r" if signed else "gray",
        "vmin": -top if signed else 0,
        "vmax": top,
    }
    tile = min(3.7 / count, 1.6)
    height = len(images) * (tile + (0.22 if below else 0.08)) + (0.3 if columns else 0.1)
    height += 0.35 if title else 0
    figure, grid = panels(len(images), count, height=height, width=NARROW, title=title)
    figure.set_layout_engine("constrained", w_pad=0.02, h_pad=0.04, wspace=0, hspace=0)
    for row, (name, line) in enumerate(images.items()):
        for place, axes in enumerate(grid[row]):
            if place >= len(line):
                axes.set_axis_off()
                continue
            axes.imshow(line[place], interpolation="none", **shades)
            bare(axes)
            axes.patch.set(edgecolor=COLORS["zero"], linewidth=1.0)  # half of it below the image
            if row == 0 and columns:
                axes.set_title(columns[place], fontsize=SMALL, fontweight="normal", loc="center")
            if below:
                axes.set_xlabel(_short(numbers[name][place]), fontsize=SMALL, labelpad=2)
        grid[row][0].set_ylabel(
            "\n".join(textwrap.wrap(name, 8)),
            color=inks[name],
            fontweight="bold",
            rotation=0,
            ha="right",
            va="center",
            labelpad=6,
        )
    return figure


def _short(value: float) -> str:
    """Write a number in at most five characters: 0, 0.35, 12, 10⁻¹⁶."""
    if value == 0 or 0.01 <= abs(value) < 1000:
        return f"{value:.2g}" if abs(value) < 100 else f"{value:.0f}"
    return power_of_ten(abs(value))


def _images(rows: Mapping[str, Sequence[ArrayLike]]) -> dict[str, list[NDArray[np.float64]]]:
    if not isinstance(rows, Mapping) or not rows:
        raise TypeError(f"rows must map names to images, got {_arguments.shown(rows)}")
    for row in rows.values():
        if not isinstance(row, (list, tuple, np.ndarray)) or not len(row):
            raise TypeError(f"rows must hold lists of images, got {_arguments.shown(row)}")
    found: dict[str, list[NDArray[np.float64]]] = {}
    for name, row in rows.items():
        found[name] = []
        for image in row:
            array = _arguments.finite_array("rows", image).astype(np.float64)
            side = math.isqrt(array.size)
            if array.ndim == 1 and side**2 == array.size:
                array = array.reshape(side, side)
            if array.ndim != 2 or array.size == 0:
                raise ValueError(
                    f"rows must hold matrices, or vectors of n² numbers, got shape {array.shape}"
                )
            found[name].append(array)
    return found


def layer(inputs: ArrayLike, weights: ArrayLike, *, title: str, unit: int = 0) -> Figure:
    """Draw an image on its way through a layer: its numbers, the matrix of weights, the outputs.

    Unit j adds up its products, Σ_i x_i W_ij: each number of the image times the weight in its row
    of column j. The numbers stand beside their rows, and the outputs below their columns.

    Parameters
    ----------
    inputs : array_like of shape (n²,)
        The numbers of a square image.
    weights : array_like of shape (n², units)
        The weights of the layer.
    title : str
        The finding.
    unit : int, optional
        The unit whose column and output are framed, counted from 0.

    Returns
    -------
    Figure
        The image in gray; the rest orange above zero and violet below, each on its own scale.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> figure = layer([1.0, 0.5, 0.0, -1.0], np.ones((4, 3)), title="Four numbers, three units")
    >>> [text.get_text() for text in figure.axes[0].texts][-1]
    '3 outputs'
    """
    x = _arguments.finite_array("inputs", inputs, axes=1).astype(np.float64)
    w = _arguments.finite_array("weights", weights, axes=2).astype(np.float64)
    side, units = math.isqrt(x.size), w.shape[1]
    if side**2 != x.size:
        raise ValueError(f"inputs must hold the n² numbers of a square image, got {x.size}")
    if len(w) != x.size:
        raise ValueError(f"weights must have a row for each of {x.size} inputs, got {len(w)}")
    unit = _arguments.integer("unit", unit, 0)
    if unit >= units:
        raise ValueError(f"unit must be below the number of units, {units}, got {unit}")
    figure, ((axes,),) = panels(height=3.0, title=title)
    signed: dict[tuple[float, float, float, float], NDArray[np.float64]] = {
        (55, 59, 0, 64): x[:, None],
        (63, 127, 0, 64): w,
        (63, 127, -9, -5): (x @ w)[None],
    }
    axes.imshow(x.reshape(side, side), cmap="gray", interpolation="none", extent=(0, 44, 10, 54))
    for place, values in signed.items():
        peak = float(np.abs(values).max()) or 1.0
        shades: dict[str, Any] = {"cmap": "PuOr_r", "vmin": -peak, "vmax": peak}
        axes.imshow(values, interpolation="none", extent=place, **shades)
    for left, right, bottom, top in ((0, 44, 10, 54), *signed):
        edge: dict[str, Any] = {"fill": False, "edgecolor": COLORS["zero"], "lw": 0.5}
        axes.add_patch(Rectangle((left, bottom), right - left, top - bottom, **edge))
    wide = 64 / units
    column, middle = 63 + wide * unit, 63 + wide * (unit + 0.5)
    frame: dict[str, Any] = {"fill": False, "edgecolor": "#111111", "lw": 1.6}  # on light cells
    axes.add_patch(Rectangle((column, 0), wide, 64, **frame))
    axes.add_patch(Rectangle((column, -9), wide, 4, **frame))
    for start, end in (((46, 32), (53, 32)), ((middle, -0.5), (middle, -5))):
        axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": THEORY})
    axes.text(22, 57, "an image", ha="center")
    axes.text(57, 67, f"its {x.size}\nnumbers", ha="center")
    axes.text(95, 67, f"{x.size} × {units} weights", ha="center")
    axes.text(130, 32, "framed: the\nweights of one\nunit, a column", va="center")
    axes.text(130, -7, f"{units} outputs", va="center")
    axes.set(xlim=(-2, 165), ylim=(-11, 78))
    axes.set_axis_off()
    return figure


def network(
    weights: Sequence[ArrayLike],
    *,
    names: Sequence[str] = (),
    marked: Sequence[tuple[int, int]] = (),
    title: str | None = None,
    axes: Axes | None = None,
) -> Figure:
    """Draw a small network: circles for units, lines for weights, as thick as they are large.

    Parameters
    ----------
    weights : sequence of array_like of shape (n_in, n_out)
        The matrix of each layer; its rows are the units that the one before leads to.
    names : sequence of str, optional
        What stands below the columns of units: inputs first.
    marked : sequence of tuple of int, optional
        Units, (column, place from the top), that stand out, with all that joins them: in blue.
    title : str, optional
        The finding; of the panel, where `axes` is given.
    axes : Axes, optional
        Where to draw, for figures of several panels.

    Returns
    -------
    Figure
        Negative weights are dashed, and those that are zero are not drawn.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described, or a matrix does not fit the one before.

    Examples
    --------
    >>> figure = network([np.ones((3, 2)), -np.ones((2, 1))], names=["in", "hidden", "out"])
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['in', 'hidden', 'out']
    """
    if not isinstance(weights, (list, tuple)) or not weights:
        raise TypeError(f"weights must be a list of matrices, got {_arguments.shown(weights)}")
    matrices = [_arguments.finite_array("weights", w, axes=2).astype(np.float64) for w in weights]
    for below, above in pairwise(matrices):
        if below.shape[1] != len(above):
            raise ValueError(
                f"weights must hold matrices that follow each other, got shapes {below.shape} "
                f"and {above.shape}"
            )
    widths = [len(matrices[0]), *(w.shape[1] for w in matrices)]
    if not isinstance(names, (list, tuple)) or len(names) not in (0, len(widths)):
        raise ValueError(
            f"names must name each of {len(widths)} columns, got {_arguments.shown(names)}"
        )
    for unit in marked:
        if unit not in [(k, j) for k, width in enumerate(widths) for j in range(width)]:
            raise ValueError(f"marked must hold units, (column, place), got {unit!r}")
    if axes is None:
        axes = panels(height=2.8, title=title)[1][0, 0]
    elif title is not None:
        _arguments.instance("axes", axes, Axes).set_title(title, fontsize=9)
    heights = [(width - 1) / 2 - np.arange(width) for width in widths]
    largest = max(float(np.abs(w).max()) for w in matrices) or 1.0
    for column, matrix in enumerate(matrices):
        for (i, j), weight in np.ndenumerate(matrix):
            if weight:
                special = (column, i) in marked or (column + 1, j) in marked
                axes.plot(
                    [column, column + 1],
                    [heights[column][i], heights[column + 1][j]],
                    color=COLORS["lecun" if special else "zero"],
                    ls="-" if weight > 0 else (0, (3, 1.5)),
                    lw=0.3 + 3 * abs(weight) / largest,
                    zorder=2 if special else 1,
                )
    for column, places in enumerate(heights):
        for place, height in enumerate(places):
            color = COLORS["lecun"] if (column, place) in marked else THEORY
            look: dict[str, Any] = {
                "marker": "o",
                "ms": 12,
                "mfc": "#ffffff",
                "mec": color,
                "mew": 1.8,
            }
            axes.plot(column, height, ls="", zorder=3, **look)
    bottom = -max(widths) / 2
    for column, name in enumerate(names):
        axes.text(column, bottom, name, ha="center", va="top")
    axes.set(xlim=(-0.3, len(widths) - 0.7), ylim=(bottom - 0.5, -bottom))
    bare(axes)
    return figure_of(axes)


def halves(negative_slope: float = 0.0) -> Figure:
    """Draw of which half of a Gaussian ReLU keeps the mean square, and what makes it whole again.

    The mean square of z ~ N(0, 1) is the integral of z² φ(z): two equal humps, of which ReLU keeps
    the right one whole and a² of the left one. Weights larger by √(2/(1 + a²)) make it 1 again.

    Parameters
    ----------
    negative_slope : float, optional
        a, the slope of a leaky ReLU for z < 0: 0 to 1.

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        If the slope is not as described.

    Examples
    --------
    >>> figure = halves()
    >>> [axes.get_title() for axes in figure.axes][1]
    'ReLU keeps one of two humps'
    """
    a = _arguments.number("negative_slope", negative_slope)
    if not 0 <= a <= 1:
        raise ValueError(f"negative_slope must lie between 0 and 1, got {a:g}")
    z = np.linspace(-5.5, 5.5, 111)
    factor = math.sqrt(2 / (1 + a**2))
    figure, ((first, second, third),) = panels(1, 3, height=2.5)

    def mean_square(std: float) -> NDArray[np.float64]:
        return z**2 * np.exp(-((z / std) ** 2) / 2) / (std * math.sqrt(2 * math.pi))

    first.fill_between(z, np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi), color=COLORS["zero"], lw=0)
    first.set_title("A number z before ReLU", fontsize=9)
    kept = "½ kept" if a == 0 else f"{1 / 2:g} kept"
    for axes, std in ((second, 1.0), (third, factor)):
        hump = mean_square(std)
        dashes: dict[str, Any] = {"ls": (0, (2, 2)), "lw": 1, "color": COLORS["zero"]}
        axes.plot(z[z <= 0], hump[z <= 0], **dashes)
        axes.fill_between(z, np.where(z > 0, hump, a**2 * hump), color=COLORS["he"], lw=0)
    second.set_title(
        "ReLU keeps one of two humps" if a == 0 else "Leaky ReLU keeps more", fontsize=9
    )
    second.text(-1.5, 0.33, "½ lost" if a == 0 else f"{(1 - a**2) / 2:.2g} lost", ha="center")
    second.text(1.5, 0.33, kept, ha="center")
    third.set_title(f"Weights × {'√2' if a == 0 else f'{factor:.3g}'}: 1 again", fontsize=9)
    third.text(-2.0, 0.46, "0 left" if a == 0 else f"{factor**2 * a**2 / 2:.2g}", ha="center")
    third.text(2.0, 0.46, "1" if a == 0 else f"{factor**2 / 2:.2g}", ha="center")
    for axes in (first, second, third):
        axes.set(ylim=(0, 0.56), xticks=[-3, 0, 3], xlabel="z")
        axes.yaxis.set_major_locator(NullLocator())
        axes.spines["left"].set_visible(False)
        axes.grid(visible=False)
    first.set_ylabel("how often")
    second.set_ylabel("share of the mean square")
    return figure


def walks(
    signals: ArrayLike,
    *,
    average: ArrayLike,
    typical: ArrayLike,
    title: str,
    color: str = "he",
    shown: int = 60,
) -> Figure:
    """Draw single networks, one thin line each, and where all of them are at the last layer.

    Parameters
    ----------
    signals : array_like of shape (networks, layers)
        The mean square of each network at each layer, positive.
    average, typical : array_like of shape (layers,)
        Theory: of the mean over networks, and of the network in the middle.
    title : str
        The finding.
    color : str, optional
        The initializer whose color the networks have.
    shown : int, optional
        How many networks are drawn as lines; all of them stand in the histogram.

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> draws = np.exp(np.random.default_rng(0).normal(size=(9, 3)))
    >>> figure = walks(draws, average=[1, 1, 1], typical=[1, 1, 1], title="Nine networks")
    >>> figure.axes[0].get_ylabel()
    'mean square'
    """
    y = repeats("signals", signals)
    if not (y > 0).all():
        raise ValueError(f"signals must be positive, got {y.min():g}")
    lines = {
        name: _arguments.finite_array(name, line).astype(np.float64)
        for name, line in (("average", average), ("typical", typical))
    }
    for name, line in lines.items():
        if line.shape != y.shape[1:]:
            raise ValueError(
                f"{name} must hold a number for each of {y.shape[1]} layers, got shape {line.shape}"
            )
    ink = COLORS[_arguments.one_of("color", color, tuple(COLORS))]
    shown = _arguments.integer("shown", shown, 1)
    figure, ((left, right),) = panels(1, 2, height=3.4, title=title)
    left.get_gridspec().set_width_ratios([3.6, 1])
    x = np.arange(1, y.shape[1] + 1)
    left.plot(x, y[:shown].T, color=ink, lw=0.6, alpha=0.45)
    for name, line in lines.items():
        style: dict[str, Any] = {"lw": 2.2, "color": THEORY}
        style["ls"] = "-" if name == "average" else (0, (4, 2))
        left.plot(x, line, **style)
        label_end(left, f"{name}: {line[-1]:.2g}", (float(x[-1]), float(line[-1])))
        right.axhline(line[-1], **style)
    left.set(yscale="log", xlabel="layer", ylabel="mean square", xlim=(1, x[-1] * 1.25))
    low, high = left.get_ylim()
    left.set_ylim(min(low, y[:, -1].min() / 1.2), max(high, y[:, -1].max() * 1.2))
    left.xaxis.set_major_locator(FixedLocator([*left.get_xticks()[left.get_xticks() <= x[-1]]]))
    bins = np.geomspace(y[:, -1].min(), y[:, -1].max(), 30)
    right.hist(y[:, -1], bins=bins, orientation="horizontal", color=ink)
    right.set(yscale="log", ylim=left.get_ylim(), xlabel=f"of {len(y):,} networks")
    right.set_title(f"layer {x[-1]}", fontsize=9, fontweight="normal")
    right.tick_params(labelleft=False)
    return figure


def both_ways(shapes: Sequence[tuple[int, int]]) -> Figure:
    """Draw weight matrices with what Xavier's rule does to a signal in either direction.

    A unit above adds up a column, n_in numbers; a unit below adds up a row, n_out numbers. With
    the variance 2/(n_in + n_out) the two sums are 2 n_in/(n_in + n_out) and 2 n_out/(n_in + n_out)
    times the mean square of what goes in.

    Parameters
    ----------
    shapes : sequence of tuple of int
        The (n_in, n_out) of each matrix, at least 1 each.

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> figure = both_ways([(400, 100), (100, 400)])
    >>> [axes.get_title() for axes in figure.axes]
    ['400 to 100 units', '100 to 400 units']
    """
    if not isinstance(shapes, (list, tuple)) or not shapes:
        raise TypeError(f"shapes must be a list of (n_in, n_out), got {_arguments.shown(shapes)}")
    for shape in shapes:
        if not isinstance(shape, (list, tuple)) or len(shape) != 2:
            raise TypeError(f"shapes must hold pairs (n_in, n_out), got {_arguments.shown(shape)}")
    sizes = [tuple(_arguments.integer("shapes", size, 1) for size in shape) for shape in shapes]
    largest = max(max(size) for size in sizes)
    figure, (row,) = panels(1, len(sizes), height=3.1)
    for axes, (n_in, n_out) in zip(row, sizes, strict=True):
        tall, wide = n_in / largest, n_out / largest
        left, bottom = -wide / 2, -tall / 2
        box: dict[str, Any] = {"edgecolor": COLORS["zero"], "lw": 0.8}
        axes.add_patch(Rectangle((left, bottom), wide, tall, facecolor="none", **box))
        thin = 0.05
        column = Rectangle((left + wide * 0.6, bottom), thin, tall, color=SIGNAL["color"])
        across = Rectangle((left, bottom + tall * 0.55), wide, thin, color=GRADIENT["color"])
        axes.add_patch(across)
        axes.add_patch(column)
        total = n_in + n_out
        axes.text(0, -0.62, f"↑ adds {n_in}: × {2 * n_in / total:.3g}", ha="center", va="top")
        axes.text(0, -0.76, f"↓ adds {n_out}: × {2 * n_out / total:.3g}", ha="center", va="top")
        axes.set(xlim=(-0.62, 0.62), ylim=(-0.92, 0.55), aspect="equal")
        axes.set_title(f"{n_in} to {n_out} units", fontsize=9, loc="center")
        axes.set_axis_off()
    return figure


def arrows(steps: Sequence[ArrayLike]) -> Figure:
    """Draw sums of random arrows, head to tail, and the circle at their root mean square.

    n independent arrows of mean zero add up to one whose mean square is n times that of each: it
    is √n times as long, not n times.

    Parameters
    ----------
    steps : sequence of array_like of shape (sums, n, 2)
        For each panel, several sums of n arrows in the plane.

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> figure = arrows([rng.normal(size=(3, n, 2)) for n in (4, 16)])
    >>> [axes.get_title() for axes in figure.axes]
    ['4 arrows', '16 arrows']
    """
    found = _in_the_plane("steps", steps, "(sums, n, 2)", 1)
    figure, (row,) = panels(1, len(found), height=2.9)
    reach = max(math.sqrt(np.sum(a**2) / len(a)) for a in found)
    for axes, array in zip(row, found, strict=True):
        paths = np.concatenate([np.zeros((len(array), 1, 2)), array.cumsum(axis=1)], axis=1)
        for path in paths:
            axes.plot(*path.T, color=COLORS["zero"], lw=0.7, alpha=0.7)
            axes.plot(*path[-1], color=THEORY, marker="o", ms=3)
        radius = math.sqrt(np.sum(array**2) / len(array))  # root of n times the mean square
        axes.add_patch(Circle((0, 0), radius, facecolor="none", edgecolor=THEORY, lw=1.6))
        axes.set(xlim=(-2 * reach, 2 * reach), ylim=(-2 * reach, 2 * reach))
        axes.text(0, -1.95 * reach, f"root mean square {radius:.3g}", ha="center", fontsize=9)
        axes.set_aspect("equal")
        axes.set_title(f"{array.shape[1]} arrows", fontsize=9, loc="center")
        bare(axes)
    return figure


def rolls(
    paths: Sequence[ArrayLike],
    *,
    rest: tuple[float, float],
    title: str,
    xlabel: str,
    ylabel: str,
    color: str = "lecun",
) -> Figure:
    """Draw where starts roll to in a plane, step by step, under a map with a place to rest.

    Parameters
    ----------
    paths : sequence of array_like of shape (steps, 2)
        From each start the points that follow it.
    rest : tuple of float
        The fixed point.
    title, xlabel, ylabel : str
        The finding; what the axes are.
    color : str, optional
        The initializer whose color the paths have.

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> halving = [[(2.0, 1.0), (1.0, 0.5), (0.5, 0.25)]]
    >>> figure = rolls(halving, rest=(0, 0), title="To zero", xlabel="x", ylabel="y")
    >>> len(figure.axes[0].get_lines())
    2
    """
    found = _in_the_plane("paths", paths, "(steps, 2)", 2)
    place = _arguments.finite_array("rest", rest)
    if place.shape != (2,):
        raise ValueError(f"rest must be a point of the plane, got {_arguments.shown(rest)}")
    ink = COLORS[_arguments.one_of("color", color, tuple(COLORS))]
    figure, ((axes,),) = panels(height=3.8, title=title)
    for path in found:
        axes.plot(*path.T, color=ink, lw=1, marker="o", ms=2.5)
        axes.annotate(
            "",
            path[0] + 0.6 * (path[1] - path[0]),
            path[0],
            arrowprops={"arrowstyle": "->", "color": ink, "lw": 1.4},
        )
    axes.plot(*place, color=THEORY, marker="o", ms=8, mfc="none", mew=1.6, ls="")
    axes.set(xlabel=xlabel, ylabel=ylabel)
    return figure


def _in_the_plane(name: str, value: object, shape: str, fewest: int) -> list[NDArray[np.float64]]:
    """Return arrays of points of the plane, each of a shape such as "(steps, 2)"."""
    if not isinstance(value, (list, tuple)) or not value:
        raise TypeError(f"{name} must be a list of arrays, got {_arguments.shown(value)}")
    found = [_arguments.finite_array(name, array).astype(np.float64) for array in value]
    for array in found:
        fits = array.ndim == shape.count(",") + 1 and array.size > 0
        if not fits or array.shape[-1] != 2 or array.shape[-2] < fewest:
            raise ValueError(
                f"{name} must hold arrays of shape {shape}, at least {fewest} points each, "
                f"got {array.shape}"
            )
    return found
