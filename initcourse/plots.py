"""The book's figures, in one style.

Every initializer keeps its color and line style through the whole book. Measurements are dots or
bands, theory is a thin dark line, and the title of a figure states its finding.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from itertools import cycle
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator
from numpy.typing import ArrayLike, NDArray

from . import _arguments
from .activations import Activation, activation
from .initializers import normal
from .network import Measurement, measure
from .theory import Prediction, predict

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
}
"""One color for each initializer; a label that begins with a key takes its color."""

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
}
"""One line style for each initializer, so that color is never alone."""

THEORY = "#1a1a1a"
_MARKERS = "osD^vPX*"


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
            "legend.fontsize": 9,
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
    rows: int = 1, columns: int = 1, *, height: float = 3.6, title: str | None = None
) -> tuple[Figure, NDArray[Any]]:
    """Make a figure of the book's width with a grid of axes.

    The figure is not registered with pyplot: it shows once, where a cell ends with it.

    Parameters
    ----------
    rows, columns : int, optional
        Size of the grid.
    height : float, optional
        Height of the figure in inches; the width is 7.2.
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
    figure = Figure(figsize=(7.2, _arguments.number("height", height, "positive")))
    if title is not None:
        figure.suptitle(title, fontsize=11, fontweight="bold", x=0.01, ha="left")
    return figure, figure.subplots(rows, columns, squeeze=False)


def color(label: str) -> str:
    """Return the color of an initializer in this book; see `COLORS`.

    Parameters
    ----------
    label : str
        A label that begins with a key of `COLORS`, in either case, like "He normal".

    Returns
    -------
    str
        A hexadecimal color.

    Raises
    ------
    TypeError, ValueError
        If no key fits.

    Examples
    --------
    >>> color("He normal") == color("he")
    True
    """
    return COLORS[_key(label)]


def signals(
    measured: Mapping[str, Measurement],
    predicted: Mapping[str, Prediction] | None = None,
    *,
    title: str,
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

    Returns
    -------
    Figure
        Activations on the left, gradients on the right, both on logarithmic axes.

    Raises
    ------
    TypeError, ValueError
        If nothing is given to draw, or a value is not of the type named.

    Examples
    --------
    >>> import initcourse as ic
    >>> x = np.random.default_rng(0).standard_normal((10, 50))
    >>> he = ic.measure([50] * 6, ic.he_normal, x, activation="relu", networks=3, rng=0)
    >>> figure = signals({"He": he}, {"He": ic.predict("relu", 5, 2.0)}, title="He keeps both")
    >>> [axes.get_xlabel() for axes in figure.axes]
    ['layer', 'layer']
    """
    _arguments.labelled("measured", measured)
    if predicted:
        _arguments.labelled("predicted", predicted)
    for label, measurement in measured.items():
        _arguments.instance(f"measured[{label!r}]", measurement, Measurement)
    for label, prediction in (predicted or {}).items():
        _arguments.instance(f"predicted[{label!r}]", prediction, Prediction)
    figure, ((left, right),) = panels(1, 2, title=title)
    for number, (label, measurement) in enumerate(measured.items()):
        theory = (predicted or {}).get(label)
        for axes, direction in ((left, "forward"), (right, "backward")):
            _band_by_layer(axes, getattr(measurement, direction), label, number, theory is None)
            if theory is not None:
                curve = getattr(theory, direction)
                axes.plot(_layers(curve), curve, color=THEORY, lw=0.9)
    if predicted:
        left.plot([], [], color=THEORY, lw=0.9, label="theory")
    for axes in (left, right):
        axes.set(yscale="log", xlabel="layer")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    left.set_ylabel("mean square of activations")
    right.set_ylabel("mean square of gradients")
    _legend(left)
    return figure


def _has_sliders() -> bool:
    """Tell whether this is a Jupyter kernel with ipywidgets."""
    if "IPython" not in sys.modules or find_spec("ipywidgets") is None:
        return False
    from IPython import get_ipython

    return hasattr(get_ipython(), "kernel")


def signal(
    name: str | Activation = "relu",
    scale: float = 2.0,
    *,
    depth: int = 30,
    width: int = 128,
    networks: int = 10,
    seed: int = 0,
) -> Any:
    """Draw a deep network and its first signal: the experiment of the book's lab, in one call.

    Weights are normal with variance scale / width, biases are zero, and every layer is as wide
    as the Gaussian inputs.

    Parameters
    ----------
    name : str or Activation, optional
        The activation of every layer.
    scale : float, optional
        n Var[W], positive: 1 is LeCun's and, between equal layers, Xavier's rule, 2 is He's.
    depth, width, networks : int, optional
        Layers, units a layer, and networks drawn; at least 1.
    seed : int, optional
        Seed of the networks and of the inputs, not negative.

    Returns
    -------
    Figure, or ipywidgets.interactive
        What `signals` draws, with the theory of `predict`. In Jupyter, if ipywidgets is installed,
        the same with sliders for scale, depth and width.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described, or the signal leaves the range of floats.

    Examples
    --------
    >>> figure = signal("tanh", 1.0, depth=10, width=50, networks=3)
    >>> [axes.get_ylabel() for axes in figure.axes]
    ['mean square of activations', 'mean square of gradients']
    """
    f = activation(name)
    networks = _arguments.integer("networks", networks, 1)
    seed = _arguments.integer("seed", seed, 0)

    def draw(scale: float, depth: int, width: int) -> Figure:
        scale = _arguments.number("scale", scale, "positive")
        depth, width = _arguments.integer("depth", depth, 1), _arguments.integer("width", width, 1)
        theory = predict(f, depth, scale, width=width)
        rng = np.random.default_rng(seed)
        measured = measure(
            [width] * (depth + 1),
            lambda shape, rng, dtype: normal(shape, math.sqrt(scale / width), rng=rng, dtype=dtype),
            rng.standard_normal((8, width)),
            activation=f,
            networks=networks,
            rng=rng,
        )
        label = {1.0: "LeCun", 2.0: "He"}.get(scale, "default")
        title = f"{f.name}, scale {scale:g}, {depth} layers of {width} units"
        label = f"{label} (scale {scale:g})"
        return signals({label: measured}, {label: theory}, title=title)

    if not _has_sliders():
        return draw(scale, depth, width)
    import ipywidgets
    from IPython.display import display

    draw(scale, depth, width)  # a mistake is reported here, not inside a slider
    return ipywidgets.interactive(
        lambda scale, depth, width: display(draw(scale, depth, width)),
        scale=ipywidgets.FloatSlider(scale, min=min(0.1, scale), max=max(4, scale), step=0.1),
        depth=ipywidgets.IntSlider(depth, min=1, max=max(100, depth)),
        width=ipywidgets.IntSlider(width, min=min(8, width), max=max(512, width)),
    )


def histograms(
    rows: Mapping[str, Sequence[ArrayLike]], *, title: str, xlabel: str, limit: float
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

    Returns
    -------
    Figure
        The panels, each with its standard deviation printed inside.

    Raises
    ------
    ValueError
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
    figure, grid = panels(len(rows), depth, height=0.9 + 1.3 * len(rows), title=title)
    bins = np.linspace(-limit, limit, 61)
    for row, (label, layers) in zip(grid, rows.items(), strict=True):
        for layer, (axes, values) in enumerate(zip(row, layers, strict=True), start=1):
            array = _arguments.finite_array("rows", values).ravel()
            axes.hist(array, bins=bins, density=True, color=color(label), histtype="stepfilled")
            axes.set(yticks=[], xlim=(-limit, limit))
            axes.spines["left"].set_visible(False)
            axes.grid(False)
            axes.set_title(f"layer {layer}\nstd {array.std():.2g}", fontsize=8, fontweight="normal")
        row[0].set_ylabel(label.replace(" (", "\n("), fontsize=9)
    figure.supxlabel(xlabel, fontsize=10)
    return figure


def losses(
    curves: Mapping[str, ArrayLike],
    *,
    title: str,
    smooth: int = 1,
    classes: int | None = None,
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
    axes = panels()[1][0, 0] if axes is None else _arguments.instance("axes", axes, Axes)
    for number, (label, values) in enumerate(curves.items()):
        array = _repeats("curves", values)
        kept = array[:, : array.shape[1] // smooth * smooth]
        if kept.shape[1] == 0:
            raise ValueError(f"smooth must be at most the number of steps, got {smooth}")
        points = kept.reshape(len(array), -1, smooth).mean(axis=2)
        middle = np.median(points, axis=0)
        middle[~np.isfinite(middle)] = np.nan
        points[~np.isfinite(points)] = np.nan
        low, high = np.fmin.reduce(points), np.fmax.reduce(points)  # of those that are finite
        steps = (np.arange(points.shape[1]) + 0.5) * smooth
        style = _style(label, number)
        axes.plot(steps, middle, label=label, **style)
        axes.fill_between(steps, low, high, color=style["color"], alpha=0.2, lw=0)
    if classes is not None:
        guess = np.log(_arguments.integer("classes", classes, 2))
        axes.axhline(guess, color=THEORY, lw=0.9, ls=":", label=f"guessing: ln {classes}")
    axes.set(xlabel="step", ylabel="training loss (nats)", title=title)
    axes.set_ylim(bottom=0)
    _legend(axes)
    return _figure_of(axes)


def compare(
    x: ArrayLike,
    measured: Mapping[str, ArrayLike],
    theory: Mapping[str, ArrayLike] | None = None,
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    log: str = "",
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
    axes = panels()[1][0, 0] if axes is None else _arguments.instance("axes", axes, Axes)
    for number, (label, values) in enumerate(measured.items()):
        array = _repeats("measured", values)
        if array.shape[1:] != where.shape:
            raise ValueError(
                f"measured must hold {where.size} points a label, got shape {array.shape} "
                f"for {label!r}"
            )
        style = _style(label, number)
        axes.plot(
            where,
            array.mean(axis=0),
            color=style["color"],
            ls="",
            marker=_MARKERS[number % len(_MARKERS)],
            label=label,
        )
        if len(array) > 1:
            low, high = np.quantile(array, (0.1, 0.9), axis=0)
            axes.fill_between(where, low, high, color=style["color"], alpha=0.2, lw=0)
    dashes: Iterator[Any] = cycle(("-", "--", ":", "-."))
    for label, values in (theory or {}).items():
        curve = _arguments.numeric_array("theory", values)
        if curve.shape != where.shape:
            raise ValueError(
                f"theory must hold {where.size} points a label, got shape {curve.shape} "
                f"for {label!r}"
            )
        axes.plot(where, curve, color=THEORY, lw=0.9, ls=next(dashes), label=label)
    axes.set(xlabel=xlabel, ylabel=ylabel, title=title)
    axes.set_xscale("log" if "x" in log else "linear")
    if "x" not in log and (where == np.round(where)).all():
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_yscale("log" if "y" in log else "linear")
    _legend(axes)
    return _figure_of(axes)


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
    x, y = _arguments.finite_array("forward", forward), _arguments.finite_array("backward", backward)
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
    figure, ((axes,),) = panels(height=4.6)
    for label, gain in (("LeCun: 1", 1.0), ("He: √2", np.sqrt(2))):
        axes.axvline(gain, color=color(label), ls=LINES[_key(label)], lw=1.2, label=label)
    axes.hlines(rows, x[order], y[order], color=THEORY, lw=0.9)
    axes.plot(x[order], rows, ls="", marker="o", ms=7, color=COLORS["default"], label="forward")
    axes.plot(y[order], rows, ls="", marker="D", ms=5, color=COLORS["orthogonal"], label="backward")
    axes.set_yticks(rows, [names[row].replace("_", " ") for row in order])
    axes.set(
        xscale="log", xlabel="gain", title="None of the curved activations has one gain for both"
    )
    axes.xaxis.set_major_locator(FixedLocator([1, 1.5, 2, 3, 4, 5]))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.legend(loc="upper right")
    return figure


def hero(measured: Mapping[str, ArrayLike], factors: Mapping[str, float]) -> Figure:
    """Draw the figure of the landing page: one signal through many layers.

    Parameters
    ----------
    measured : mapping of str to array_like of shape (networks, layers)
        For each initializer, the mean square of the signal in every layer; the input's is 1.
    factors : mapping of str to float
        For each of them, the predicted factor a layer.

    Returns
    -------
    Figure
        A band a label from the lowest to the highest network, its name at the end of it.

    Raises
    ------
    TypeError, ValueError
        If a label has no color in `COLORS`, or no factor.

    Examples
    --------
    >>> figure = hero({"He": np.ones((2, 3))}, {"He": 1.0})
    >>> figure.axes[0].get_xlabel()
    'layer'
    """
    _arguments.labelled("measured", measured)
    if not isinstance(factors, Mapping):
        raise TypeError(f"factors must be a mapping from labels, got {_arguments.shown(factors)}")
    figure, ((axes,),) = panels(title="One signal, five starts: what is left of it")
    figure.set_size_inches(5.2, 3.5)  # small, so that its letters can be read on a phone
    for label, values in measured.items():
        array = _repeats("measured", values)
        if label not in factors:
            raise ValueError(f"factors must hold every label of measured, got none for {label!r}")
        _arguments.number(f"factors[{label!r}]", factors[label], "positive")
        layers = np.arange(array.shape[1] + 1)
        whole = np.hstack([np.ones((len(array), 1)), array])
        axes.fill_between(layers, whole.min(axis=0), whole.max(axis=0), color=color(label), lw=1.5)
        axes.plot(layers, factors[label] ** layers.astype(float), color=THEORY, lw=0.9)
        exponent = layers[-1] * np.log10(factors[label])
        name = f"{label}: {'stays' if abs(exponent) < 1 else f'× $10^{{{exponent:.0f}}}$'}"
        end = (layers[-1], factors[label] ** float(layers[-1]))
        axes.annotate(name, end, xytext=(6, 0), textcoords="offset points", va="center")
    axes.annotate("zero: nothing passes the first layer", (0.03, 0.05), xycoords="axes fraction")
    axes.set(yscale="log", xlabel="layer", ylabel="mean square of the signal")
    axes.spines["bottom"].set_bounds(0, layers[-1])
    axes.set_xlim(0, layers[-1] * 1.25)
    axes.set_xticks(np.linspace(0, layers[-1], 6))
    return figure


def _key(label: str) -> str:
    if not isinstance(label, str):
        raise TypeError(f"label must be a str, got {_arguments.shown(label)}")
    for key in COLORS:
        if label.lower().startswith(key):
            return key
    raise ValueError(f"label must begin with one of {', '.join(COLORS)}, got {label!r}")


def _style(label: str, number: int) -> dict[str, Any]:
    """Look up color and line of an initializer, or take the next of the palette."""
    try:
        key = _key(label)
    except ValueError:
        key = list(COLORS)[2 + number % (len(COLORS) - 2)]
    return {"color": COLORS[key], "ls": LINES[key]}


def _repeats(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return one row for each repeat; a single row may come without its first axis."""
    array = np.atleast_2d(_arguments.numeric_array(name, values).astype(np.float64))
    if array.ndim != 2 or array.size == 0:
        raise ValueError(f"{name} must hold one or two axes a label, got shape {np.shape(values)}")
    return array


def _layers(curve: ArrayLike) -> NDArray[np.int64]:
    return np.arange(1, np.shape(curve)[-1] + 1)


def _band_by_layer(
    axes: Axes, values: NDArray[np.float64], label: str, number: int, joined: bool
) -> None:
    """Draw the mean as dots, joined by a line where no theory does that, within its band."""
    style, layers = _style(label, number), _layers(values)
    style["ls"] = style["ls"] if joined else ""
    low, high = np.quantile(values, (0.1, 0.9), axis=0)
    axes.fill_between(layers, low, high, color=style["color"], alpha=0.22, lw=0)
    axes.plot(
        layers,
        values.mean(axis=0),
        label=label,
        marker=_MARKERS[number % len(_MARKERS)],
        markevery=1 if len(layers) <= 25 else len(layers) // 10,
        **style,
    )


def _legend(axes: Axes) -> None:
    """Explain the labels: inside a single panel, below several, each label once."""
    figure = _figure_of(axes)
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


def _figure_of(axes: Axes) -> Figure:
    figure = axes.get_figure(root=True)
    assert figure is not None  # these axes were made by, or live in, a figure
    return figure
