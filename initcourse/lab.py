"""The experiment of the book's lab, in a notebook."""

from __future__ import annotations

import math
import sys
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
    networks = _arguments.integer("networks", networks, 1)
    seed = _arguments.integer("seed", seed, 0)

    def draw(scale: float, depth: int, width: int) -> Figure:
        scale = _arguments.number("scale", scale, "positive")
        depth, width = _arguments.integer("depth", depth, 1), _arguments.integer("width", width, 1)
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


def _has_sliders() -> bool:
    """Tell whether this is a Jupyter kernel with ipywidgets."""
    if "IPython" not in sys.modules or find_spec("ipywidgets") is None:
        return False
    from IPython import get_ipython

    return hasattr(get_ipython(), "kernel")
