"""The lab's experiment in one call: a figure everywhere, sliders in Jupyter."""

from __future__ import annotations

import math
import sys
from functools import partial
from types import SimpleNamespace

import pytest

import initcourse as ic
from initcourse import lab


def test_the_signal_of_a_deep_network_is_drawn_in_one_call():
    figure = lab.signal("tanh", 1.0, depth=6, width=40, networks=5, seed=3)
    left, right = figure.axes
    theory = ic.predict("tanh", 6, 1.0)
    assert left.get_lines()[1].get_ydata() == pytest.approx(theory.forward)
    assert right.get_lines()[1].get_ydata() == pytest.approx(theory.backward)
    measured = left.get_lines()[0].get_ydata()
    assert measured == pytest.approx(theory.forward, rel=0.5)
    again = lab.signal("tanh", 1.0, depth=6, width=40, networks=5, seed=3)
    assert (again.axes[0].get_lines()[0].get_ydata() == measured).all()


def test_with_ipywidgets_the_signal_has_sliders(monkeypatch):
    shown, made = [], SimpleNamespace()

    def interactive(draw, **sliders):
        made.sliders = sliders
        draw(**{name: slider.value for name, slider in sliders.items()})
        return made

    def slider(value, *, min, max, step=1):
        assert min <= value <= max, "the real one would silently move it between the two"
        return SimpleNamespace(value=value, max=max)

    stub = SimpleNamespace(interactive=interactive, FloatSlider=slider, IntSlider=slider)
    monkeypatch.setitem(sys.modules, "ipywidgets", stub)
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=shown.append))
    monkeypatch.setattr(lab, "find_spec", lambda name: object())
    monkeypatch.setattr("IPython.get_ipython", lambda: SimpleNamespace(kernel=None))
    assert lab.signal("relu", 1.5, depth=4, width=600, networks=2) is made
    assert set(made.sliders) == {"scale", "depth", "width"}
    assert made.sliders["width"].max >= 600
    assert len(shown) == 1
    assert "600 units" in shown[0].get_suptitle()
    lab.signal("relu", 9.0, depth=105, width=4, networks=2)
    assert "scale 9, 105 layers of 4 units" in shown[1].get_suptitle()


# --- what is refused --------------------------------------------------------------------------


def refused():
    for value in ("rely", None, 2):
        yield partial(lab.signal, value), "activation", repr(value)
    for value in (0, -1.0, math.nan, "2", None):
        yield partial(lab.signal, "relu", value), "scale", repr(value)
    yield partial(lab.signal, "linear", 1e9, depth=100), "scale", "1000000000.0"
    for value in (1e8, 1e-200):
        yield partial(lab.signal, "relu", value), "scale", f"{value:g}"
    for argument in ("depth", "width", "networks"):
        for value in (0, 2.5, True):
            yield partial(lab.signal, **{argument: value}), argument, repr(value)
    yield partial(lab.signal, seed=-1), "seed", "-1"
