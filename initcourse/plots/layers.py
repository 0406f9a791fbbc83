"""Figures of what happens layer by layer: the recurring signals, and histograms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from .. import _arguments
from ..signals import Measurement
from ..theory import Prediction
from .style import (
    GRADIENT,
    NARROW,
    SIGNAL,
    SMALL,
    THEORY,
    label_ends,
    legend,
    panels,
    plain_ticks,
    styles,
)


def signals(
    measured: Mapping[str, Measurement],
    predicted: Mapping[str, Prediction] | None = None,
    *,
    title: str,
    colors: Mapping[str, str] | None = None,
) -> Figure:
    """Draw the recurring figure: second moments layer by layer, forward and backward.

    Parameters
    ----------
    measured : mapping of str to Measurement
        For each label, the signals of several networks: drawn as their mean (dots) between the
        10 % and the 90 % quantile (band).
    predicted : mapping of str to Prediction, optional
        For some of the labels, the theory: drawn as thin dark lines.
    title : str
        The finding.
    colors : mapping of str to str, optional
        For every label, the initializer whose color it takes: a key of `COLORS`; further labels
        may be in it. Without it, the labels take the colors of the palette one by one.

    Returns
    -------
    Figure
        Activations on the left, gradients on the right, both on logarithmic axes. Signals that have
        names of their own are named on the axis; layers are numbered.

    Raises
    ------
    TypeError, ValueError
        If nothing is given to draw, or a value is not of the type named.

    Examples
    --------
    >>> import initcourse as ic
    >>> x = np.random.default_rng(0).standard_normal((10, 50))
    >>> he = ic.measure([50] * 6, ic.he_normal, x, activation="relu", networks=3, rng=0)
    >>> theory = ic.predict("relu", 5, 2.0)
    >>> figure = signals({"He": he}, {"He": theory}, title="He keeps both", colors={"He": "he"})
    >>> [axes.get_xlabel() for axes in figure.axes]
    ['layer', 'layer']
    """
    _arguments.labelled("measured", measured)
    if predicted:
        _arguments.labelled("predicted", predicted)
    for label, measurement in measured.items():
        _arguments.instance(f"measured[{label!r}]", measurement, Measurement)
    named = {measurement.names for measurement in measured.values()}
    if len(named) > 1:
        raise ValueError(
            f"measured must hold signals of the same names, got {_arguments.shown(sorted(named))}"
        )
    (names,) = named
    for label, prediction in (predicted or {}).items():
        _arguments.instance(f"predicted[{label!r}]", prediction, Prediction)
        if label not in measured:
            raise ValueError(
                f"predicted must be for labels of measured, {', '.join(map(repr, measured))}, "
                f"got {_arguments.shown(label)}"
            )
        depth = measured[label].forward.shape[1]
        if prediction.forward.shape != (depth,):
            raise ValueError(
                f"predicted[{label!r}] must have {depth} layers as measured, "
                f"got {len(prediction.forward)}"
            )
    style = styles(measured, colors)
    figure, ((left, right),) = panels(1, 2, height=4.0, title=title)
    for label, measurement in measured.items():
        theory = (predicted or {}).get(label)
        for axes, direction in ((left, "forward"), (right, "backward")):
            values = getattr(measurement, direction)
            _band_by_layer(axes, values, label, style[label], theory is None)
            if theory is not None:
                curve = getattr(theory, direction)
                axes.plot(_layers(curve), curve, color=THEORY, lw=0.9)
    if predicted:
        left.plot([], [], color=THEORY, lw=0.9, label="theory")
    for axes in (left, right):
        axes.set(yscale="log", xlabel="layer")
        plain_ticks(axes)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        if names:
            axes.set_xlabel("")
            axes.set_xticks(range(1, len(names) + 1), names, rotation=90)
    left.set_ylabel("mean square of activations")
    right.set_ylabel("mean square of gradients")
    legend(left)
    return figure


def histograms(
    rows: Mapping[str, Sequence[ArrayLike]],
    *,
    title: str,
    xlabel: str,
    limit: float,
    colors: Mapping[str, str] | None = None,
) -> Figure:
    """Draw one histogram a layer, a row of panels for each initializer.

    Parameters
    ----------
    rows : mapping of str to sequence of array_like
        For each label, the values in layer 1, 2, …; the same number of layers in each row.
    title : str
        The finding.
    xlabel : str
        What the values are.
    limit : float
        The panels run from -limit to limit.
    colors : mapping of str to str, optional
        For every label, the initializer whose color it takes: a key of `COLORS`; further labels
        may be in it. Without it, the labels take the colors of the palette one by one.

    Returns
    -------
    Figure
        The panels, each with its standard deviation in its title.

    Raises
    ------
    TypeError, ValueError
        If there is nothing to draw, or the rows differ in length.

    Examples
    --------
    >>> h = [np.linspace(-1, 1, 50), np.linspace(-0.5, 0.5, 50)]
    >>> len(histograms({"Xavier": h}, title="A title", xlabel="activation", limit=1).axes)
    2
    """
    _arguments.labelled("rows", rows)
    for label, layers in rows.items():
        if not isinstance(layers, (Sequence, np.ndarray)) or isinstance(layers, str):
            raise TypeError(
                f"rows must hold a list of layers a label, got {layers!r} for {label!r}"
            )
    depths = {len(layers) for layers in rows.values()}
    if len(depths) != 1 or 0 in depths:
        raise ValueError(f"rows must hold the same number of layers each, got {sorted(depths)}")
    limit = _arguments.number("limit", limit, "positive")
    (depth,) = depths
    style = styles(rows, colors)
    height = 0.9 + 1.5 * len(rows)
    figure, grid = panels(len(rows), depth, height=height, width=NARROW, title=title)
    bins = np.linspace(-limit, limit, 41)
    for row, (label, layers) in zip(grid, rows.items(), strict=True):
        for layer, (axes, values) in enumerate(zip(row, layers, strict=True), start=1):
            array = _arguments.finite_array("rows", values).ravel()
            axes.hist(
                array, bins=bins, density=True, color=style[label]["color"], histtype="stepfilled"
            )
            axes.set(yticks=[], xlim=(-limit, limit))
            axes.spines["left"].set_visible(False)
            axes.grid(False)
            axes.set_title(
                f"layer {layer}\nstd {array.std():.2g}", fontsize=SMALL, fontweight="normal"
            )
            axes.tick_params(labelsize=SMALL, labelbottom=label == list(rows)[-1])
        row[0].set_ylabel(label.replace(" (", "\n("), fontsize=SMALL)
    figure.supxlabel(xlabel, fontsize=10)
    return figure


def symptoms(
    signals: Mapping[str, ArrayLike],
    gradients: Mapping[str, ArrayLike],
    *,
    layers: Sequence[str],
    title: str,
) -> Figure:
    """Draw what is seen of several networks in some of their layers, for a diagnosis.

    Parameters
    ----------
    signals, gradients : mapping of str to array_like of shape (layers,)
        For each network, the sizes of its signal and of its gradient, not negative.
    layers : sequence of str
        The names of the layers, from the lowest up.
    title : str
        What is shown.

    Returns
    -------
    Figure
        Signals on the left, gradients on the right, both on logarithmic axes, each network named at
        the end of its line. A zero stands at the bottom, and is marked so.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> found = {"A": [1.0, 0.1], "B": [1.0, 0.0]}
    >>> figure = symptoms(found, found, layers=["1", "5"], title="Two networks")
    >>> [axes.get_title(loc="left") for axes in figure.axes]
    ['signal', 'gradient']
    """
    if not isinstance(layers, (list, tuple)) or not layers:
        raise TypeError(f"layers must be a list of names, got {_arguments.shown(layers)}")
    figure, (row,) = panels(1, 2, height=3.6, title=title)
    places = np.arange(len(layers))
    for axes, name, cases, look in zip(
        row, ("signal", "gradient"), (signals, gradients), (SIGNAL, GRADIENT), strict=True
    ):
        _arguments.labelled(f"{name}s", cases)
        sizes = {case: _arguments.finite_array(f"{name}s", found) for case, found in cases.items()}
        for case, found in sizes.items():
            if found.shape != places.shape or (found < 0).any():
                raise ValueError(
                    f"{name}s must hold {places.size} sizes a network, none of them negative, "
                    f"got {_arguments.shown(cases[case])}"
                )
        positive = np.concatenate([found[found > 0] for found in sizes.values()])
        floor = 10.0 ** (np.floor(np.log10(positive.min())) - 1) if positive.size else 0.1
        for found in sizes.values():
            axes.plot(places, np.maximum(found, floor), lw=1.4, **look)
        axes.set(yscale="log", xlabel="layer", xlim=(-0.3, places[-1] + 0.1))
        axes.set_title(name, loc="left")
        axes.set_xticks(places, layers)
        if any((found == 0).any() for found in sizes.values()):
            axes.set_ylim(bottom=floor)
            side = {"xycoords": axes.get_yaxis_transform(), "textcoords": "offset points"}
            axes.annotate("0", (0, floor), xytext=(-8, 0), ha="right", va="center", **side)
        plain_ticks(axes)
        ends = {
            case: (float(places[-1]), max(float(found[-1]), floor), look["color"])
            for case, found in sizes.items()
        }
        label_ends(axes, ends)
    return figure


def _layers(curve: ArrayLike) -> NDArray[np.int64]:
    return np.arange(1, np.shape(curve)[-1] + 1)


def _band_by_layer(
    axes: Axes,
    values: NDArray[np.float64],
    label: str,
    style: dict[str, Any],
    joined: bool,
) -> None:
    """Draw the mean as dots, joined by a line where no theory does that, within its band."""
    layers = _layers(values)
    low, high = np.quantile(values, (0.1, 0.9), axis=0)
    axes.fill_between(layers, low, high, color=style["color"], alpha=0.22, lw=0)
    axes.plot(
        layers,
        values.mean(axis=0),
        label=label,
        marker=style["marker"],
        markevery=1 if len(layers) <= 25 else len(layers) // 10,
        color=style["color"],
        ls=style["ls"] if joined else "",
    )
