"""Pictures with knobs in a notebook, among them the experiment of the book's lab."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from . import _arguments, plots
from .activations import Activation, named
from .initializers import normal
from .network import measure
from .theory import predict

_SMALLEST = 1e-72  # mean square of float32 numbers, with room for networks that scatter


def signal(
    activation: str | Activation = "relu",
    scale: float = 2.0,
    *,
    depth: int = 30,
    width: int = 128,
    networks: int = 10,
    seed: int = 0,
) -> Any:
    """Draw a deep network, its signal and its gradient: the curves of the book's lab, in one call.

    Weights are normal with variance scale / width, biases are zero, and every layer is as wide
    as the eight Gaussian inputs, which all networks share.

    Parameters
    ----------
    activation : str or Activation, optional
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
        What `initcourse.plots.signals` draws, with the theory of `predict`. In Jupyter, if
        ipywidgets is installed, the same with sliders for scale, depth and width.

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
    f = named("activation", activation)
    scale = _arguments.number("scale", scale, "positive")
    depth, width = _arguments.integer("depth", depth, 1), _arguments.integer("width", width, 1)
    networks = _arguments.integer("networks", networks, 1)
    seed = _arguments.integer("seed", seed, 0)

    def draw(scale: float, depth: int, width: int) -> Figure:
        theory = predict(f, depth, scale, width=width)
        signals = np.concatenate([theory.forward, theory.backward])
        if not (signals.min() > _SMALLEST and signals.max() < 1 / _SMALLEST):
            raise ValueError(
                f"scale must keep the signal within float32, got {scale:g}: it would run from "
                f"{signals.min():.1g} to {signals.max():.1g}"
            )
        rng = np.random.default_rng(seed)
        measured = measure(
            [width] * (depth + 1),
            partial(normal, std=math.sqrt(scale / width)),
            rng.standard_normal((8, width)),
            activation=f,
            networks=networks,
            rng=rng,
        )
        title = f"{f.name}, scale {scale:g}, {depth} layers of {width} units"
        who, color = {1.0: ("LeCun, ", "lecun"), 2.0: ("He, ", "he")}.get(scale, ("", "default"))
        label = f"{who}scale {scale:g}"
        return plots.signals({label: measured}, {label: theory}, title=title, colors={label: color})

    return play(
        draw,
        scale=(min(0.1, scale), scale, max(4.0, scale)),
        depth=(1, depth, max(100, depth)),
        width=(min(8, width), width, max(512, width)),
    )


def play(draw: Callable[..., Figure], **knobs: tuple[float, float, float]) -> Any:
    """Draw a picture; in Jupyter, with a slider for each number that it depends on.

    Parameters
    ----------
    draw : callable
        Draws the picture. It takes each knob by its name and returns a Figure.
    **knobs : tuple of float or of int
        The least, the first and the greatest value of each: (low, start, high). A knob of three
        integers takes integers only.

    Returns
    -------
    Figure, or ipywidgets.interactive
        The picture at the first values. In Jupyter, if ipywidgets is installed, the same with
        sliders, unless the environment variable INITCOURSE_STILL is 1, as it is while the book is
        built.

    Raises
    ------
    TypeError, ValueError
        If a knob is not as described, and whatever `draw` raises at the first values.

    Examples
    --------
    >>> from initcourse import plots
    >>> figure = play(plots.halves, negative_slope=(0.0, 0.2, 1.0))
    >>> [axes.get_title() for axes in figure.axes][1]
    'Leaky ReLU keeps more'
    """
    for name, knob in knobs.items():
        if not isinstance(knob, tuple) or len(knob) != 3:
            raise TypeError(f"{name} must be (low, start, high), got {_arguments.shown(knob)}")
        low, start, high = (_arguments.number(name, value) for value in knob)
        if not low <= start <= high:
            raise ValueError(f"{name} must be low <= start <= high, got {_arguments.shown(knob)}")
    figure = draw(**{name: start for name, (_, start, _) in knobs.items()})
    if not _has_sliders():
        return figure
    import ipywidgets
    from IPython.display import display

    def slider(low: float, start: float, high: float) -> Any:
        options = {"min": low, "max": high, "style": {"description_width": "initial"}}
        if all(isinstance(value, int) for value in (low, start, high)):
            return ipywidgets.IntSlider(start, **options)
        return ipywidgets.FloatSlider(start, step=0.05, **options)

    return ipywidgets.interactive(
        lambda **values: display(draw(**values)),
        **{name: slider(*knob) for name, knob in knobs.items()},
    )


def _has_sliders() -> bool:
    """Tell whether this is a Jupyter kernel with ipywidgets, and a reader who may move them."""
    still = os.environ.get("INITCOURSE_STILL") == "1"
    if still or "IPython" not in sys.modules or find_spec("ipywidgets") is None:
        return False
    from IPython import get_ipython

    return hasattr(get_ipython(), "kernel")
