"""The figures show what they are given, in the book's style."""

from __future__ import annotations

import io
import math
from functools import partial

import matplotlib as mpl
import numpy as np
import pytest

import initcourse as ic
from initcourse import plots
from initcourse.plots.style import MARKERS, plain_ticks

RNG = np.random.default_rng(0)
MEASURED = ic.Measurement(RNG.uniform(1, 2, (9, 4)), RNG.uniform(1, 2, (9, 4)))
PREDICTED = ic.predict("relu", 4, 2.0)


@pytest.fixture(autouse=True)
def _style():
    with mpl.rc_context():
        plots.use_style()
        yield


def lines(axes):
    return {line.get_label(): line for line in axes.get_lines()}


def test_every_figure_can_be_drawn_as_svg():
    figures = [
        plots.signals({"He": MEASURED}, {"He": PREDICTED}, title="t"),
        plots.histograms({"He": [RNG.normal(size=50)]}, title="t", xlabel="x", limit=1),
        plots.losses({"He": np.ones((2, 20))}, title="t", smooth=5, classes=10),
        plots.compare([1, 2], {"a": [1, 2]}, {"b": [1, 2]}, title="t", xlabel="x", ylabel="y"),
        plots.gains(["relu"], [1.4], [1.4]),
        plots.hero({"He": np.ones((2, 3))}, {"He": 1.0}),
        plots.tiles({"He": [np.eye(3)]}, signed=True, title="t"),
        plots.halves(0.2),
        plots.both_ways([(2, 3)]),
        plots.rolls([EYE], rest=(0, 0), title="t", xlabel="x", ylabel="y"),
        plots.arrows([RNG.normal(size=(2, 5, 2))]),
        plots.layer([0.0, 1.0, 2.0, 3.0], np.ones((4, 2)), title="t"),
        plots.network([np.eye(2), -np.ones((2, 1))], title="t"),
        plots.symptoms({"A": [1, 0]}, {"A": [1, 2]}, layers=["1", "2"], title="t"),
        plots.walks(RNG.uniform(1, 2, (5, 3)), average=np.ones(3), typical=np.ones(3), title="t"),
    ]
    for figure in figures:
        target = io.BytesIO()
        figure.savefig(target, format="svg")
        assert b"<svg" in target.getvalue()


def test_figures_are_not_registered_with_pyplot():
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    plots.panels(2, 2)
    assert plt.get_fignums() == before


def test_signals_draws_means_bands_and_theory():
    figure = plots.signals({"He": MEASURED}, {"He": PREDICTED}, title="finding")
    left, right = figure.axes
    for axes, measured, theory in (
        (left, MEASURED.forward, PREDICTED.forward),
        (right, MEASURED.backward, PREDICTED.backward),
    ):
        dots, curve = axes.get_lines()[:2]
        assert dots.get_ydata() == pytest.approx(measured.mean(axis=0))
        assert dots.get_linestyle() == "None"
        assert curve.get_ydata() == pytest.approx(theory)
        assert axes.get_yscale() == "log"
        band = axes.collections[0].get_paths()[0].vertices[:, 1]
        low, high = np.quantile(measured, (0.1, 0.9), axis=0)
        assert band.min() == pytest.approx(low.min())
        assert band.max() == pytest.approx(high.max())
    assert figure.get_suptitle() == "finding"


def test_without_theory_the_means_are_joined():
    left, _ = plots.signals({"any": MEASURED}, title="t", colors={"any": "he"}).axes
    assert left.get_lines()[0].get_linestyle() == "-"


def test_signals_are_activations_on_the_left_and_gradients_on_the_right_from_layer_one():
    figure = plots.signals({"He": MEASURED}, {"He": PREDICTED}, title="t")
    assert [axes.get_ylabel() for axes in figure.axes] == [
        "mean square of activations",
        "mean square of gradients",
    ]
    for axes in figure.axes:
        assert axes.get_yscale() == "log"
        for line in axes.get_lines()[:2]:
            assert line.get_xdata().tolist() == [1, 2, 3, 4]
    two = ic.Measurement(MEASURED.forward[:, :2], MEASURED.backward[:, :2])
    for axes in plots.signals({"He": two}, title="t").axes:  # there is no layer 1.2
        assert all(tick == round(tick) for tick in axes.get_xticks())


def test_a_mean_of_skewed_networks_is_drawn_as_their_mean():
    skewed = ic.Measurement(np.array([[1.0], [1.0], [10.0]]), np.array([[2.0], [2.0], [20.0]]))
    left, right = plots.signals({"He": skewed}, title="t").axes
    assert left.get_lines()[0].get_ydata() == pytest.approx([4])
    assert right.get_lines()[0].get_ydata() == pytest.approx([8])
    names = {"title": "t", "xlabel": "x", "ylabel": "y"}
    (axes,) = plots.compare([1], {"a": skewed.forward}, **names).axes
    assert axes.get_lines()[0].get_ydata() == pytest.approx([4])


def test_theory_has_one_key_and_is_a_thin_dark_line_in_every_figure():
    pair = {"He": MEASURED, "Xavier": MEASURED}
    figure = plots.signals(pair, dict.fromkeys(pair, PREDICTED), title="t")
    (legend,) = figure.legends
    assert sorted(text.get_text() for text in legend.get_texts()) == ["He", "Xavier", "theory"]
    names = {"title": "t", "xlabel": "x", "ylabel": "y"}
    compared = plots.compare([1], {"a": [1]}, {"b": [1]}, **names).axes[0]
    curves = [figure.axes[0].get_lines()[1], figure.axes[1].get_lines()[1]]
    curves += [
        lines(compared)["b"],
        plots.hero({"He": np.ones((2, 3))}, {"He": 1.0}).axes[0].lines[0],
    ]
    for curve in curves:
        assert curve.get_color() == plots.THEORY
        assert curve.get_linewidth() < 1
    assert max(mpl.colors.to_rgb(plots.THEORY)) < 0.2


def test_no_two_measurements_share_a_marker_and_no_two_theories_a_dash():
    """Color is never alone."""
    five = {str(k): MEASURED for k in range(5)}
    for axes in plots.signals(five, title="t").axes:
        assert len({line.get_marker() for line in axes.get_lines()}) == 5
    names = {"title": "t", "xlabel": "x", "ylabel": "y"}
    flat = {str(k): [1.0, 2.0] for k in range(4)}
    (axes,) = plots.compare([1, 2], flat, {f"t{k}": [1, 2] for k in range(4)}, **names).axes
    drawn = lines(axes)
    assert len({drawn[str(k)].get_marker() for k in range(4)}) == 4
    assert len({drawn[f"t{k}"].get_linestyle() for k in range(4)}) == 4


def test_many_layers_have_about_ten_markers():
    deep = ic.Measurement(np.ones((2, 50)), np.ones((2, 50)))
    line = plots.signals({"He": deep}, title="t").axes[0].get_lines()[0]
    assert line.get_markevery() == 5
    assert line.get_xdata().size == 50


def test_whole_abscissas_have_whole_ticks():
    names = {"title": "t", "xlabel": "x", "ylabel": "y"}
    (whole,) = plots.compare([1, 2, 3], {"a": [1, 2, 3]}, **names).axes
    assert all(tick == round(tick) for tick in whole.get_xticks())
    (parts,) = plots.compare([0.1, 0.2, 0.3], {"a": [1, 2, 3]}, **names).axes
    assert any(tick != round(tick) for tick in parts.get_xticks())


def test_a_palette_goes_round_and_leaves_out_the_gray_of_zero():
    many = {str(k): np.ones((1, 3)) for k in range(len(plots.COLORS))}
    (axes,) = plots.losses(many, title="t").axes
    used = [line.get_color() for line in axes.get_lines()]
    assert used == [*plots.COLORS.values()][2:] + [*plots.COLORS.values()][2:4]


def test_a_legend_is_inside_one_panel_and_below_several_with_each_label_once():
    names = {"title": "t", "xlabel": "x", "ylabel": "y"}
    (axes,) = plots.compare([1], {"He": [1]}, **names).axes
    assert axes.get_legend() is not None
    assert not axes.get_figure().legends
    figure, ((left, right),) = plots.panels(1, 2)
    plots.compare([1], {"He": [1], "Xavier": [1]}, **names, axes=left)
    plots.compare([1], {"He": [1], "LeCun": [1]}, **names, axes=right)
    (legend,) = figure.legends
    texts = [text.get_text() for text in legend.get_texts()]
    assert sorted(texts) == ["He", "LeCun", "Xavier"]
    assert left.get_legend() is right.get_legend() is None


def test_a_short_logarithmic_axis_has_plain_ticks_and_a_long_one_powers():
    names = {"title": "t", "xlabel": "x", "ylabel": "y", "log": "xy"}
    (axes,) = plots.compare([1, 1e6], {"He": [2.3, 40]}, **names).axes
    axes.get_figure().canvas.draw()
    low, high = axes.get_ylim()
    shown = [t.get_text() for t in axes.get_yticklabels() if low <= t.get_position()[1] <= high]
    assert shown[-3:] == ["5", "10", "20"]
    assert "10⁶" in "".join(t.get_text() for t in axes.get_xticklabels())


def test_losses_are_named_at_their_ends_and_names_do_not_lie_on_each_other():
    ends = {"He": 0.1, "zero": 2.302, "too small": 2.3026, "a": 1.0, "b": 1.16}
    curves = {name: np.linspace([3.0], [end], 5).T for name, end in ends.items()}
    (axes,) = plots.losses({**curves, "gone": [[np.inf] * 5]}, title="t", classes=10).axes
    assert axes.get_legend() is None
    places = {text.get_text(): text.xyann[1] for text in axes.texts}
    points = {text.get_text(): text.xy[1] for text in axes.texts}
    assert points["zero"] == pytest.approx(points["too small"], abs=1e-3), "one end, two threads"
    assert set(places) == {*ends, "gone", "guessing: ln 10"}
    heights = sorted(places.values())
    assert min(np.diff(heights)) > 0.06
    assert places["He"] < 0.2 < 0.6 < min(places["zero"], places["too small"])
    (steep,) = plots.losses(curves, title="t", log=(0.01, 10)).axes
    assert (steep.get_yscale(), steep.get_ylim()) == ("log", (0.01, 10))
    assert {text.get_text(): text.xyann[1] for text in steep.texts}["He"] == pytest.approx(1 / 3)
    colors = {text.get_text(): text.get_color() for text in axes.texts}
    assert colors["He"] == axes.get_lines()[0].get_color()


def test_a_label_has_the_color_it_is_given_whatever_its_words():
    told = {"title": "t", "colors": {"He, it says": "xavier", "not drawn": "he"}}
    for figure in (
        plots.signals({"He, it says": MEASURED}, **told),
        plots.losses({"He, it says": np.ones((2, 3))}, **told),
        plots.compare([1], {"He, it says": [1]}, xlabel="x", ylabel="y", **told),
    ):
        assert figure.axes[0].get_lines()[0].get_color() == plots.COLORS["xavier"]
    (axes,) = plots.losses({"He": np.ones((2, 3)), "Xavier": np.ones((2, 3))}, title="t").axes
    used = [line.get_color() for line in axes.get_lines()]
    assert used == list(plots.COLORS.values())[2:4]  # the palette's, whatever the words


def test_every_initializer_has_a_color_and_a_line_of_its_own():
    assert len(set(plots.COLORS.values())) == len(plots.COLORS) - 1  # zero and constant: both gray
    assert plots.COLORS.keys() == plots.LINES.keys()
    assert len(set(map(str, plots.LINES.values()))) == len(plots.LINES)


def test_layers_are_numbered_and_other_signals_are_named():
    assert plots.signals({"He": MEASURED}, title="t").axes[0].get_xlabel() == "layer"
    names = ("embedding", "block 1", "block 2", "head")
    named = ic.Measurement(MEASURED.forward, MEASURED.backward, names)
    for axes in plots.signals({"He": named}, title="t").axes:
        assert tuple(tick.get_text() for tick in axes.get_xticklabels()) == names
        assert axes.get_xlabel() == ""


def test_networks_of_different_depth_share_a_figure():
    shallow = ic.Measurement(MEASURED.forward[:, :2], MEASURED.backward[:, :2])
    axes = plots.signals({"deep": MEASURED, "shallow": shallow}, title="t").axes[0]
    assert [len(line.get_xdata()) for line in axes.get_lines()] == [4, 2]


def test_histograms_are_a_row_a_label_and_a_panel_a_layer():
    layers = [np.linspace(-1, 1, 100), np.linspace(-0.5, 0.5, 100)]
    figure = plots.histograms({"He": layers, "Xavier (a)": layers}, title="t", xlabel="x", limit=1)
    assert len(figure.axes) == 4
    assert "std 0.58" in figure.axes[0].get_title(loc="left")
    assert figure.axes[2].get_ylabel() == "Xavier\n(a)"
    assert figure.axes[0].get_xlim() == (-1, 1)
    titles = [axes.get_title(loc="left").splitlines()[0] for axes in figure.axes]
    assert titles == ["layer 1", "layer 2"] * 2
    assert (figure.get_suptitle(), figure.get_supxlabel()) == ("t", "x")


def test_a_histograms_std_is_that_of_all_values_of_its_layer():
    layers = [np.array([-1.0, 1.0]), np.array([-3.0, 0.0, 0.0, 3.0])]  # some outside the panel
    figure = plots.histograms({"He": layers}, title="t", xlabel="x", limit=1.5)
    found = [axes.get_title(loc="left").splitlines()[1] for axes in figure.axes]
    assert found == ["std 1", "std 2.1"]


def edges(axes, number=0):
    """Return the lowest and the highest ordinate of a band, at each of its abscissas."""
    x, y = axes.collections[number].get_paths()[0].vertices.T
    at = [y[x == where] for where in np.unique(x)]
    return [values.min() for values in at], [values.max() for values in at]


def test_losses_draws_the_median_within_the_range_of_all_seeds():
    curves = np.array([[1.0, 2.0, 3.0], [1.5, 2.0, 4.0], [9.0, 8.0, 7.0]])
    (axes,) = plots.losses({"He": curves}, title="t").axes
    assert axes.get_lines()[0].get_ydata() == pytest.approx([1.5, 2.0, 4.0])
    low, high = edges(axes)
    assert low == pytest.approx([1, 2, 3])
    assert high == pytest.approx([9, 8, 7])
    assert axes.get_lines()[0].get_xdata() == pytest.approx([0.5, 1.5, 2.5])
    band = axes.collections[0].get_facecolor()[0][:3]
    assert tuple(band) == pytest.approx(mpl.colors.to_rgb(axes.get_lines()[0].get_color()))
    assert axes.get_ylim()[0] == 0
    labels = (axes.figure.get_suptitle(), axes.get_xlabel(), axes.get_ylabel())
    assert labels == ("t", "step", "training loss (nats)")


def test_a_smoothed_loss_stands_at_the_middle_of_its_steps_and_is_their_mean():
    curves = np.array([[1.0, 2.0, 6.0, 4.0, 4.0, 7.0, 100.0]])  # the last does not fill a point
    (axes,) = plots.losses({"He": curves}, title="t", smooth=3).axes
    assert axes.get_lines()[0].get_xdata() == pytest.approx([1.5, 4.5])
    assert axes.get_lines()[0].get_ydata() == pytest.approx([3, 5])


def test_compare_draws_the_outer_deciles_and_both_scales():
    repeats = RNG.uniform(1, 2, size=(50, 3))
    names = {"title": "t", "xlabel": "x", "ylabel": "y"}
    (axes,) = plots.compare([1, 2, 3], {"a": repeats}, log="y", **names).axes
    low, high = edges(axes)
    assert low == pytest.approx(np.quantile(repeats, 0.1, axis=0))
    assert high == pytest.approx(np.quantile(repeats, 0.9, axis=0))
    assert (axes.get_xscale(), axes.get_yscale()) == ("linear", "log")
    found = (axes.figure.get_suptitle(), axes.get_xlabel(), axes.get_ylabel())
    assert found == ("t", "x", "y")


def test_hero_draws_the_range_of_the_networks_and_the_factor_of_theory():
    measured = np.array([[0.4, 0.2], [0.6, 0.3]])
    (axes,) = plots.hero({"Xavier": measured}, {"Xavier": 0.5}).axes
    low, high = edges(axes)
    assert low == pytest.approx([1, 0.4, 0.2])
    assert high == pytest.approx([1, 0.6, 0.3])
    assert axes.get_lines()[0].get_ydata() == pytest.approx([1, 0.5, 0.25])
    assert axes.get_yscale() == "log"


def test_a_histogram_holds_the_values_given():
    values = RNG.uniform(-0.5, 0.5, 3000)
    options = {"title": "t", "xlabel": "x", "limit": 1, "colors": {"a": "he"}}
    axes = plots.histograms({"a": [values]}, **options).axes[0]
    expected, bins = np.histogram(values, np.linspace(-1, 1, 41), density=True)
    x, y = axes.patches[0].get_xy().T
    assert y.max() == pytest.approx(expected.max())
    inside = bins[:-1][expected > 0]
    assert x[y > 0].min() == pytest.approx(inside.min())
    assert axes.patches[0].get_facecolor() == mpl.colors.to_rgba(plots.COLORS["he"])


def test_the_style_reaches_the_figures():
    figure, grid = plots.panels(title="t")
    assert mpl.rcParams["axes.grid"]
    assert grid[0, 0].xaxis.get_gridlines()[0].get_visible()
    assert not grid[0, 0].spines["top"].get_visible()
    assert not grid[0, 0].spines["right"].get_visible()
    assert tuple(figure.get_size_inches()) == (4.5, 3.6), "one panel: as wide as a phone"
    figure, grid = plots.panels(2, 3, height=5.0)
    assert tuple(figure.get_size_inches()) == (7.2, 5.0)
    assert grid.shape == (2, 3)


def test_a_title_takes_as_few_lines_as_fit_and_about_equally_long_ones():
    title = "With one hidden layer, random on one side is enough"
    figure, _ = plots.panels(title=title)
    lines = figure.get_suptitle().splitlines()
    assert " ".join(lines) == title
    assert len(lines) == 2
    assert min(map(len, lines)) > len(title) / 3
    assert plots.panels(1, 2, title=title)[0].get_suptitle() == title, "there is room for it"


def test_a_network_has_a_line_for_each_weight_and_twins_look_alike():
    below = np.array([[1.0, -2.0, -2.0], [0.0, 0.5, 0.5]])
    above = np.array([[4.0], [1.0], [1.0]])
    figure = plots.network([below, above], names=["x", "h", "y"], marked=[(1, 1), (1, 2)])
    (axes,) = figure.axes
    lines = [line for line in axes.get_lines() if len(line.get_xdata()) == 2]
    units = [line for line in axes.get_lines() if len(line.get_xdata()) == 1]
    assert (len(lines), len(units)) == (5 + 3, 2 + 3 + 1), "a weight of zero is no line"

    def look(line):
        return line.get_linewidth(), line.get_linestyle(), line.get_color()

    places = {tuple(line.get_ydata()): look(line) for line in lines if line.get_xdata()[0] == 0}
    assert places[0.5, 0.0] == places[0.5, -1.0]
    assert places[0.5, 0.0][1:] == ("--", plots.COLORS["lecun"])
    assert places[0.5, 1.0][1:] == ("-", plots.COLORS["zero"])
    assert places[0.5, 0.0][0] > places[0.5, 1.0][0] > places[-0.5, 0.0][0]
    assert [unit.get_markeredgecolor() for unit in units].count(plots.COLORS["lecun"]) == 2


def test_symptoms_show_each_network_and_a_zero_at_the_bottom():
    signals = {"A": [1.0, 100.0], "B": [1.0, 0.5]}
    figure = plots.symptoms(signals, {"A": [1e-3, 0.0], "B": [2, 2]}, layers=["1", "5"], title="t")
    left, right = figure.axes
    assert [list(line.get_ydata()) for line in left.get_lines()] == list(signals.values())
    assert right.get_lines()[0].get_ydata() == pytest.approx([1e-3, 1e-4])
    assert right.get_ylim()[0] == pytest.approx(1e-4)
    assert [text.get_text() for text in right.texts] == ["0", "A", "B"]
    assert [text.get_text() for text in left.texts] == ["B", "A"]
    for axes, look in ((left, plots.SIGNAL), (right, plots.GRADIENT)):
        assert {line.get_color() for line in axes.get_lines()} == {look["color"]}
        assert {line.get_marker() for line in axes.get_lines()} == {look["marker"]}
        assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "5"]


@pytest.mark.parametrize(
    ("limits", "ticks"),
    [
        ((1e-23, 3), [-20, -15, -10, -5, 0]),
        ((3e-3, 2e4), [-2, -1, 0, 1, 2, 3, 4]),
        ((1e-10, 1e-1), [-10, -8, -6, -4, -2]),
    ],
)
def test_powers_of_ten_are_counted_from_one(limits, ticks):
    _, ((axes,),) = plots.panels()
    axes.set(yscale="log", ylim=limits)
    plain_ticks(axes)
    assert np.log10(axes.get_yticks()) == pytest.approx(ticks)


def test_losses_are_smoothed_medians_and_overflow_is_left_out():
    curves = np.array([[1.0, 3.0, np.inf, np.inf], [2.0, 4.0, 5.0, 5.0], [3.0, 5.0, 7.0, 7.0]])
    figure = plots.losses({"He": curves}, title="t", smooth=2, classes=10)
    (axes,) = figure.axes
    assert axes.get_lines()[0].get_ydata()[0] == pytest.approx(3.0)
    assert axes.get_lines()[0].get_ydata()[1] == pytest.approx(7.0)  # one seed of three is gone
    (axes_of_two,) = plots.losses({"He": np.vstack([curves, curves[:1]])}, title="t", smooth=2).axes
    assert np.isnan(axes_of_two.get_lines()[0].get_ydata()[1])  # two of four
    assert lines(axes)["guessing: ln 10"].get_ydata()[0] == pytest.approx(np.log(10))


def test_compare_draws_on_given_axes_and_in_bands():
    figure, grid = plots.panels(1, 2)
    repeats = RNG.normal(size=(50, 3))
    returned = plots.compare(
        [1, 2, 3],
        {"a": repeats},
        {"theory": [1, 1, 1]},
        title="t",
        xlabel="x",
        ylabel="y",
        log="x",
        axes=grid[0, 1],
    )
    assert returned is figure
    assert not grid[0, 0].get_lines()
    assert lines(grid[0, 1])["a"].get_ydata() == pytest.approx(repeats.mean(axis=0))
    assert lines(grid[0, 1])["theory"].get_ydata() == pytest.approx([1, 1, 1])
    assert grid[0, 1].get_xscale() == "log"
    assert grid[0, 1].get_yscale() == "linear"


def test_gains_are_sorted_pairs():
    axes = plots.gains(["a", "b"], [1.0, 2.0], [1.5, 1.0]).axes[0]
    assert lines(axes)["forward"].get_xdata() == pytest.approx([2, 1])
    assert lines(axes)["backward"].get_xdata() == pytest.approx([1, 1.5])
    assert [label.get_text() for label in axes.get_yticklabels()] == ["b", "a"]


def test_each_pair_of_gains_is_joined_in_its_row_beside_lecuns_and_hes():
    axes = plots.gains(["a_b", "c"], [1.0, 2.0], [1.5, 1.2]).axes[0]
    segments = axes.collections[0].get_segments()
    assert np.array([sorted(s[:, 0]) for s in segments]) == pytest.approx(
        np.array([[1.2, 2.0], [1.0, 1.5]])
    )
    assert [s[0, 1] for s in segments] == [0, 1]
    assert axes.get_yticklabels()[1].get_text() == "a b"
    assert lines(axes)["LeCun: 1"].get_xdata() == [1, 1]
    assert lines(axes)["He: √2"].get_xdata() == pytest.approx([math.sqrt(2)] * 2)
    assert axes.get_xscale() == "log"


def test_hero_says_what_is_left():
    figure = plots.hero(
        {"Xavier": np.ones((2, 50)), "He": np.ones((2, 50))}, {"Xavier": 0.5, "He": 1.0}
    )
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert "He:\nstays" in texts
    assert "Xavier:\n× 10⁻¹⁵" in texts
    for factor, what in (
        (0.92, "× 10⁻²"),
        (0.97, "stays"),
        (1.04, "stays"),
        (1.1, "× 10²"),
    ):
        (axes,) = plots.hero({"a": np.ones((2, 50))}, {"a": factor}).axes
        (name,) = (text for text in axes.texts if text.get_text().startswith("a:"))
        assert name.get_text() == f"a:\n{what}"
        assert name.xy == pytest.approx((50, factor**50))  # at the end of its line
        assert name.get_position()[0] > 0


def test_hero_takes_the_colors_that_it_is_told():
    (axes,) = plots.hero({"a": np.ones((2, 3))}, {"a": 1.0}, colors={"a": "he"}).axes
    color = axes.collections[0].get_facecolor()[0]
    assert tuple(color) == mpl.colors.to_rgba(plots.COLORS["he"])


def test_style_outside_a_notebook_leaves_ipython_alone(monkeypatch):
    import sys

    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    plots.use_style()
    assert "IPython" not in sys.modules


def test_style_in_a_notebook_asks_for_svg(monkeypatch):
    import IPython  # noqa: F401
    from IPython.core import pylabtools

    asked = []
    monkeypatch.setattr("IPython.get_ipython", lambda: "shell")
    monkeypatch.setattr(
        pylabtools, "select_figure_formats", lambda *args, **options: asked.append((args, options))
    )
    plots.use_style()
    assert asked == [(("shell", {"svg"}), {"metadata": {"Date": None}})]


def test_a_figure_is_the_same_file_every_time_and_its_text_stays_text():
    def drawn():
        target = io.BytesIO()
        figure = plots.losses({"He": np.ones((2, 9))}, title="A finding", classes=10)
        figure.savefig(target, format="svg", metadata={"Date": None})
        return target.getvalue().decode()

    assert drawn() == drawn()
    assert ">A finding</text>" in drawn()


def test_tiles_are_all_on_one_scale_with_their_names_and_numbers():
    rows = {"zero": [np.zeros(9), np.zeros(9)], "He": [np.eye(3), 2 * np.eye(3)]}
    numbers = {"zero": [0, 1e-16], "He": [0.354, 999.4]}
    figure = plots.tiles(
        rows, columns=["in", "out"], below=numbers, colors={"zero": "zero", "He": "he"}, title="t"
    )
    images = [axes.get_images()[0] for axes in figure.axes]
    assert [image.get_clim() for image in images] == [(0, 2)] * 4
    assert images[3].get_array().tolist() == (2 * np.eye(3)).tolist()
    assert [axes.get_title() for axes in figure.axes] == ["in", "out", "", ""]
    assert [axes.get_xlabel() for axes in figure.axes] == ["0", "10⁻¹⁶", "0.35", "999"]
    assert [axes.yaxis.label.get_text() for axes in figure.axes[::2]] == ["zero", "He"]
    assert figure.axes[2].yaxis.label.get_color() == plots.COLORS["he"]


def test_signed_tiles_have_zero_in_the_middle_and_short_rows_leave_room():
    figure = plots.tiles({"a": [-EYE, EYE / 2], "b": [EYE]}, signed=True)
    assert figure.axes[0].get_images()[0].get_clim() == (-1, 1)
    assert not figure.axes[3].axison
    low = plots.tiles({"a": [EYE]}, limit=0.5)
    assert low.axes[0].get_images()[0].get_clim() == (0, 0.5)


@pytest.mark.parametrize("slope", [0.0, 0.2, 1.0])
def test_the_humps_hold_the_mean_square_that_the_texts_say(slope):
    figure = plots.halves(slope)
    areas = []
    for axes in figure.axes[1:]:
        (filled,) = axes.collections
        points = filled.get_paths()[0].vertices
        x, y = points.T
        areas.append(abs(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2)
    assert areas == [pytest.approx((1 + slope**2) / 2, abs=2e-3), pytest.approx(1, abs=2e-3)]
    assert figure.axes[1].texts[1].get_text().endswith("kept")


def test_a_matrix_is_as_tall_and_wide_as_its_fans_and_says_what_xavier_does():
    figure = plots.both_ways([(400, 100), (250, 250)])
    tall, square = (axes.patches[0] for axes in figure.axes)
    assert tall.get_height() == pytest.approx(4 * tall.get_width())
    assert square.get_height() == square.get_width()
    texts = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert texts == [
        *("↑ adds 400: × 1.6", "↓ adds 100: × 0.4"),
        *("↑ adds 250: × 1", "↓ adds 250: × 1"),
    ]


def test_a_layer_shows_the_image_its_numbers_the_weights_and_their_sums_of_products():
    numbers, weights = RNG.normal(size=9), RNG.normal(size=(9, 4))
    figure = plots.layer(numbers, weights, unit=1, title="finding")
    (axes,) = figure.axes
    image, strip, matrix, outputs = axes.get_images()
    assert image.get_array().tolist() == numbers.reshape(3, 3).tolist()
    assert strip.get_array().tolist() == numbers[:, None].tolist()
    assert matrix.get_array().tolist() == weights.tolist()
    assert outputs.get_array().tolist() == [(numbers @ weights).tolist()]
    assert strip.get_extent()[2:] == matrix.get_extent()[2:]  # a number beside its row
    assert outputs.get_extent()[:2] == matrix.get_extent()[:2]  # an output below its column
    for signed in (strip, matrix, outputs):
        low, high = signed.get_clim()
        assert -low == high == pytest.approx(np.abs(signed.get_array()).max())
    left, right, *_ = matrix.get_extent()
    column, output = axes.patches[-2:]
    assert column.get_width() == output.get_width() == (right - left) / 4
    assert column.get_x() == output.get_x() == left + (right - left) / 4  # the second of four
    texts = [text.get_text() for text in axes.texts]
    assert {"its 9\nnumbers", "9 × 4 weights", "4 outputs"} <= set(texts)
    assert figure.get_suptitle() == "finding"
    plots.layer(np.zeros(4), np.zeros((4, 1)), title="t")  # nothing to scale by


def test_arrows_end_where_they_add_up_to_and_the_circle_is_their_root_mean_square():
    steps = RNG.normal(size=(400, 9, 2))
    (axes,) = plots.arrows([steps]).axes
    (circle,) = axes.patches
    assert circle.radius == pytest.approx(np.sqrt(np.sum(steps**2) / 400))
    assert circle.radius == pytest.approx(np.sqrt(18), rel=0.03)
    ends = np.array([line.get_xydata()[-1] for line in axes.get_lines()[::2]])
    assert ends == pytest.approx(steps.sum(axis=1))


def test_paths_roll_from_their_starts_and_the_place_of_rest_is_marked():
    paths = [np.cumsum(RNG.normal(size=(4, 2)), axis=0) for _ in range(3)]
    (axes,) = plots.rolls(paths, rest=(0.5, 1), title="t", xlabel="x", ylabel="y").axes
    *drawn, rest = axes.get_lines()
    assert [line.get_xydata().tolist() for line in drawn] == [path.tolist() for path in paths]
    assert rest.get_xydata().tolist() == [[0.5, 1.0]]


def test_an_initializer_keeps_its_marker_wherever_it_stands():
    assert len(set(MARKERS.values())) == len(MARKERS) == len(plots.COLORS)
    draws = RNG.normal(size=(4, 3))
    for order in (("He", "LeCun"), ("LeCun", "He")):
        figure = plots.compare(
            [1, 2, 3],
            dict.fromkeys(order, draws),
            colors={"He": "he", "LeCun": "lecun"},
            title="finding",
            xlabel="x",
            ylabel="y",
        )
        lines = {line.get_label(): line.get_marker() for line in figure.axes[0].get_lines()}
        assert {name: lines[name] for name in order} == {"He": "s", "LeCun": "o"}


def test_walks_draw_single_networks_and_count_them_all():
    signals = np.exp(RNG.normal(size=(70, 4)))
    signals[-1, -1] = 1e3  # beyond the lines that are drawn
    figure = plots.walks(signals, average=[1, 1, 1, 1], typical=[1, 0.9, 0.8, 0.7], title="finding")
    left, right = figure.axes
    assert len(left.get_lines()) == 60 + 2
    assert left.get_lines()[3].get_ydata().tolist() == signals[3].tolist()
    assert [text.get_text() for text in left.texts] == ["average: 1", "typical: 0.7"]
    assert sum(bar.get_width() for bar in right.patches) == 70
    low, high = right.get_ylim()
    assert low < signals[:, -1].min()
    assert signals[:, -1].max() < high


# --- what is refused --------------------------------------------------------------------------

NAN = math.nan
EYE = np.eye(2)


def refused():
    label_and_rest = {"title": "t", "colors": {"He": "he"}}
    for draw, values in (
        (plots.signals, MEASURED),
        (partial(plots.histograms, xlabel="x", limit=1), [[1.0]]),
        (plots.losses, [1.0]),
        (partial(plots.compare, [1], xlabel="x", ylabel="y"), [1.0]),
    ):
        yield partial(draw, {"He": values}, title="t", colors={"He": "adam"}), "colors", "adam"
        yield partial(draw, {"He": values}, title="t", colors=["he"]), "colors", "['he']"
        yield partial(draw, {"He": values, "Xavier": values}, **label_and_rest), "colors", "Xavier"
    yield partial(plots.hero, {"He": [1.0]}, {"He": 1.0}, colors={"Adam": "he"}), "colors", "He"
    for value in ({}, [EYE], {"a": []}, {"a": 3}, {"a": [[1, 2]]}, {"a": [[NAN]]}, {"a": ["x"]}):
        yield partial(plots.tiles, value), "rows", ""
    tiles = partial(plots.tiles, {"a": [EYE, EYE]})
    for value in (["one"], "ab", 3):
        yield partial(tiles, columns=value), "columns", str(value)[:3]
    yield partial(tiles, below=3), "below", "3"
    yield partial(tiles, below={"a": [1]}), "below", "[1]"
    yield partial(tiles, below={"b": [1, 2]}), "below", "'b'"
    yield partial(tiles, colors={"b": "he"}), "colors", "a"
    yield partial(tiles, limit=0), "limit", "0"
    rolls = partial(plots.rolls, title="t", xlabel="x", ylabel="y")
    for value in (None, [], [[1, 2]], [[(1, 2)]], [[(1, NAN), (1, 2)]]):
        yield partial(rolls, value, rest=(0, 0)), "paths", ""
    for value in ((1,), (1, NAN), 3):
        yield partial(rolls, [[(1, 2), (2, 3)]], rest=value), "rest", ""
    yield partial(rolls, [[(1, 2), (2, 3)]], rest=(0, 0), color="adam"), "color", "adam"
    for value in (None, [], [3], [(1, 2, 3)], [(0, 1)], [(1.5, 1)]):
        yield partial(plots.both_ways, value), "shapes", ""
    for value in (None, [], [[1, 2]], [np.ones((2, 3, 3))], [[[[1, NAN]]]]):
        yield partial(plots.arrows, value), "steps", ""
    for value in (None, [], [np.ones(3)], [[[NAN]]], [np.ones((2, 3)), np.ones((2, 3))]):
        yield partial(plots.network, value), "weights", ""
    network = partial(plots.network, [np.ones((2, 3))])
    yield partial(network, names=["in"]), "names", "['in']"
    for unit in ((0, 2), (2, 0), 1):
        yield partial(network, marked=[unit]), "marked", str(unit)
    yield partial(network, title="t", axes=4), "axes", "4"
    symptoms = partial(plots.symptoms, title="t")
    for value in ([1], {}, {"A": [1]}, {"A": [1, -1]}, {"A": [1, NAN]}):
        yield partial(symptoms, value, {"A": [1, 2]}, layers=["1", "2"]), "signals", ""
        yield partial(symptoms, {"A": [1, 2]}, value, layers=["1", "2"]), "gradients", ""
    for value in ([], "12", 2):
        yield partial(symptoms, {"A": [1, 2]}, {"A": [1, 2]}, layers=value), "layers", ""
    layer = partial(plots.layer, title="t")
    for value in ([1, 2, 3], [[1, 2], [3, 4]], [], [NAN], "x"):
        yield partial(layer, value, np.ones((3, 2))), "inputs", ""
    for value in (np.ones((3, 2)), np.ones(4), np.ones((4, 0)), [[NAN]] * 4, None):
        yield partial(layer, np.ones(4), value), "weights", ""
    for value in (-1, 2, 0.5):
        yield partial(layer, np.ones(4), np.ones((4, 2)), unit=value), "unit", str(value)
    for value in (-0.1, 1.1, "x"):
        yield partial(plots.halves, value), "negative_slope", str(value)
    walks = partial(plots.walks, average=[1, 1], typical=[1, 1], title="t")
    for value in ([[1, 0]], [[1, -1]], "x", [[[1]]]):
        yield partial(walks, value), "signals", ""
    walks = partial(plots.walks, [[1, 2]], title="t")
    yield partial(walks, average=[1], typical=[1, 1]), "average", "(1,)"
    yield partial(walks, average=[1, 1], typical=[1, NAN]), "typical", "nan"
    walks = partial(walks, average=[1, 1], typical=[1, 1])
    yield partial(walks, color="adam"), "color", "adam"
    yield partial(walks, shown=0), "shown", "0"
    for argument in ("rows", "columns"):
        yield partial(plots.panels, **{argument: 0}), argument, "0"
    yield partial(plots.panels, height=-1), "height", "-1"

    yield partial(plots.signals, {}, title="t"), "measured", "none"
    for value in ([MEASURED], None, {"He": None}, {"He": np.ones((2, 3))}):
        yield partial(plots.signals, value, title="t"), "measured", ""
    named = ic.Measurement(MEASURED.forward, MEASURED.backward, tuple("abcd"))
    yield partial(plots.signals, {"He": MEASURED, "Xavier": named}, title="t"), "measured", "'a'"
    for value in ([MEASURED], {"He": 5}):
        yield partial(plots.signals, {"He": MEASURED}, value, title="t"), "predicted", ""
    signals = partial(plots.signals, {"He": MEASURED}, title="t")
    yield partial(signals, {"he": PREDICTED}), "predicted", "'he'"
    yield partial(signals, {"He": ic.predict("relu", 30, 2.0)}), "predicted", "30"

    labels = {"title": "t", "xlabel": "x", "ylabel": "y"}
    bad_values = ("x", None, [], [[1], [1, 2]], np.ones((2, 2, 2)), 1j)
    for value in ([1], None, {}, *({"He": bad} for bad in bad_values)):
        yield partial(plots.losses, value, title="t"), "curves", ""
        yield partial(plots.compare, [1], value, **labels), "measured", ""
        yield partial(plots.hero, value, {"He": 1.0}), "measured", ""
    for value in ("x", 4):
        yield partial(plots.losses, {"He": [1.0]}, title="t", axes=value), "axes", repr(value)
        yield partial(plots.compare, [1], {"He": [1]}, axes=value, **labels), "axes", repr(value)

    losses = partial(plots.losses, {"He": np.ones((2, 3))}, title="t")
    yield partial(losses, smooth=0), "smooth", "0"
    yield partial(losses, smooth=4), "smooth", "4"
    yield partial(losses, classes=1), "classes", "1"
    for value in ((0, 1), (1,), 3, (2, 1), (1, NAN)):
        yield partial(losses, log=value), "log", ""

    for value in ("a", None, [], [NAN], [[1]], 1):
        yield partial(plots.compare, value, {"He": [1]}, **labels), "x", ""
    for value in ([1], {"a": [1]}, {"a": None}, {"a": ["x", "y"]}):
        yield partial(plots.compare, [1, 2], {"He": [1, 2]}, value, **labels), "theory", ""
    yield partial(plots.compare, [1, 2], {"He": [1]}, **labels), "measured", "(1, 1)"
    yield partial(plots.compare, [1], {"He": [1]}, log="z", **labels), "log", "z"

    for value in ({"He": 0}, {"He": -1.0}, {"He": "1"}, {"He": NAN}, [1.0], None):
        yield partial(plots.hero, {"He": np.ones((2, 3))}, value), "factors", ""
    yield partial(plots.hero, {"He": np.ones((2, 3))}, {}), "factors", "He"

    for value in ([-1.0], [0.0], ["x"], [NAN], None):
        yield partial(plots.gains, ["a"], value, [1]), "forward", ""
        yield partial(plots.gains, ["a"], [1], value), "backward", ""
    for value in (5, None, [3], "a"):
        yield partial(plots.gains, value, [1], [1]), "names", repr(value)
    yield partial(plots.gains, ["a"], [1, 2], [1, 2]), "forward", "(2,)"

    histograms = partial(plots.histograms, title="t", xlabel="x")
    for value in ([1], None, {"He": None}, {"He": "ab"}, {"He": [[]]}, {"He": [[NAN]]}):
        yield partial(histograms, value, limit=1), "rows", ""
    yield partial(histograms, {}, limit=1), "rows", "none"
    yield partial(histograms, {"He": [[1.0]], "Xavier": [[1.0], [2.0]]}, limit=1), "rows", "[1, 2]"
    yield partial(histograms, {"He": [[1.0]]}, limit=0), "limit", "0"
