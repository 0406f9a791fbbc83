"""The lab's experiment in one call: a figure everywhere, sliders in Jupyter."""

from __future__ import annotations

import math
import sys
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

import initcourse as ic
from initcourse import lab, plots, testing


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


@pytest.fixture
def experiments(monkeypatch):
    """Log what is measured: the arguments of `measure`, and its result."""
    log = []

    def spy(widths, initializer, x, **options):
        found = ic.measure(widths, initializer, x, **options)
        log.append(SimpleNamespace(widths=widths, draw=initializer, x=x, found=found, **options))
        return found

    monkeypatch.setattr(lab, "measure", spy)
    return log


def test_the_experiment_is_the_one_described(experiments):
    lab.signal("selu", 0.7, depth=3, width=400, networks=6)
    (said,) = experiments
    assert said.widths == [400] * 4
    assert said.activation.name == "selu"
    assert said.found.forward.shape == (6, 3)
    assert said.x.shape == (8, 400)
    assert stats.kstest(said.x.ravel(), stats.norm.cdf).pvalue > 1e-6
    w = said.draw((400, 400), rng=0, dtype="float64").ravel() / math.sqrt(0.7 / 400)
    assert stats.kstest(w, stats.norm.cdf).pvalue > 1e-6
    assert np.abs(w).max() > 3.5  # which truncated weights would not reach
    assert "bias" not in vars(said)  # zero, as `measure` has them


def test_the_experiment_left_to_itself_is_hes_in_thirty_relu_layers(experiments):
    figure = lab.signal()
    (said,) = experiments
    assert said.widths == [128] * 31
    assert said.activation.name == "relu"
    assert said.found.forward.shape == (10, 30)
    w = said.draw((128, 1000), rng=0, dtype="float64")
    testing.assert_variance(w, 2 / 128)
    assert figure.get_suptitle() == "relu, scale 2, 30 layers of 128 units"
    lab.signal(seed=0)
    assert np.array_equal(said.found.forward, experiments[1].found.forward)


def test_the_seed_draws_the_networks_and_the_inputs(experiments):
    for seed in (1, 2):
        lab.signal(depth=2, width=20, networks=1, seed=seed)
    first, second = experiments
    assert not np.isin(first.x, second.x).any()
    assert not np.isin(first.found.forward, second.found.forward).any()


@pytest.mark.parametrize(
    ("scale", "label", "color"),
    [(1.0, "LeCun, scale 1", "lecun"), (2.0, "He, scale 2", "he"), (1.5, "scale 1.5", "default")],
)
def test_a_scale_with_a_name_has_the_name_and_its_color(scale, label, color):
    axes = lab.signal("relu", scale, depth=3, width=20, networks=2).axes[0]
    (dots,) = (line for line in axes.get_lines() if line.get_label() == label)
    assert dots.get_color() == plots.COLORS[color]


@pytest.mark.parametrize("scale", [1e8, 1e-8])
def test_a_signal_within_float32_is_drawn_and_one_beyond_is_refused(scale):
    lab.signal("linear", scale, depth=8, width=10, networks=2)
    with pytest.raises(ValueError, match="scale must keep the signal within float32"):
        lab.signal("linear", scale, depth=10, width=10, networks=2)


def with_sliders(monkeypatch, shown, made):
    """Put a kernel with ipywidgets in place, which tells what it is asked to make and to show."""

    def interactive(draw, **sliders):
        made.sliders = sliders
        draw(**{name: slider.value for name, slider in sliders.items()})
        return made

    def slider(kind):
        def make(value, *, min, max, style, step=1):
            assert min <= value <= max, "the real one would silently move it between the two"
            return SimpleNamespace(kind=kind, value=value, min=min, max=max)

        return make

    stub = SimpleNamespace(
        interactive=interactive, FloatSlider=slider("float"), IntSlider=slider("int")
    )
    monkeypatch.setitem(sys.modules, "ipywidgets", stub)
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=shown.append))
    monkeypatch.setattr(lab, "find_spec", lambda name: object())
    monkeypatch.setattr("IPython.get_ipython", lambda: SimpleNamespace(kernel=None))


def test_with_ipywidgets_the_signal_has_sliders(monkeypatch):
    with_sliders(monkeypatch, shown := [], made := SimpleNamespace())
    assert lab.signal("relu", 1.5, depth=4, width=600, networks=2) is made
    assert set(made.sliders) == {"scale", "depth", "width"}
    assert made.sliders["width"].max >= 600
    assert len(shown) == 1
    assert "600 units" in shown[0].get_suptitle()
    lab.signal("relu", 9.0, depth=105, width=4, networks=2)
    assert "scale 9, 105 layers of 4 units" in shown[1].get_suptitle()


def test_without_sliders_a_picture_is_drawn_once_at_the_start():
    seen = []
    assert (
        lab.play(lambda **values: seen.append(values) or "picture", a=(0.0, 0.5, 1.0)) == "picture"
    )
    assert seen == [{"a": 0.5}]


def test_while_the_book_is_built_there_are_no_sliders(monkeypatch):
    with_sliders(monkeypatch, [], SimpleNamespace())
    monkeypatch.setenv("INITCOURSE_STILL", "1")
    assert lab.play(lambda a: a, a=(0.0, 0.5, 1.0)) == 0.5


def test_a_knob_of_integers_takes_integers(monkeypatch):
    with_sliders(monkeypatch, shown := [], made := SimpleNamespace())
    lab.play(lambda n, a: (n, a), n=(1, 4, 9), a=(0.0, 1.0, 2.0))
    assert shown == [(4, 1.0)]
    n, a = made.sliders["n"], made.sliders["a"]
    assert (n.kind, n.min, n.value, n.max) == ("int", 1, 4, 9)
    assert (a.kind, a.min, a.value, a.max) == ("float", 0, 1, 2)


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
    for knob in ((0.0, 2.0, 1.0), (3, 2, 5), (0.0, math.nan, 1.0)):
        yield partial(lab.play, len, a=knob), "a", repr(knob[1] if knob[1] != knob[1] else knob)
    for knob in (1.0, (0.0, 1.0), "abc"):
        yield partial(lab.play, len, a=knob), "a", repr(knob)
    yield partial(lab.play, len, a=(0, "1", 2)), "a", "'1'"
