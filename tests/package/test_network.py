"""Forward and backward of the perceptron, against hand calculation and finite differences."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
from scipy import stats

import initcourse as ic
from initcourse import testing
from initcourse.network import MLP

ALL = [*ic.ACTIVATIONS, "leaky_relu"]
RNG = np.random.default_rng(0)


def random_net(widths, activation, output_activation="linear", seed=0):
    def bias(shape, rng, dtype):
        return ic.normal(shape, 0.3, rng=rng, dtype=dtype)

    return ic.mlp(
        widths,
        ic.lecun_normal,
        activation=activation,
        output_activation=output_activation,
        bias=bias,
        rng=seed,
        dtype="float64",
    )


def test_a_network_by_hand():
    relu, linear = ic.activation("relu"), ic.activation("linear")
    net = MLP(
        [np.array([[1.0, -1.0], [2.0, 1.0]]), np.array([[3.0], [4.0]])],
        [np.array([0.5, 0.0]), np.array([-1.0])],
        [relu, linear],
    )
    signals = ic.forward(net, np.array([[1.0, 1.0], [-1.0, 0.0]]))
    assert signals.pre_activations[0].tolist() == [[3.5, 0.0], [-0.5, 1.0]]
    assert signals.activations[1].tolist() == [[3.5, 0.0], [0.0, 1.0]]
    assert signals.output.tolist() == [[9.5], [3.0]]
    g = ic.backward(net, signals, np.array([[1.0], [2.0]]))
    assert g.pre_activations[1].tolist() == [[1.0], [2.0]]
    assert g.pre_activations[0].tolist() == [[3.0, 0.0], [0.0, 8.0]]
    assert g.weights[1].tolist() == [[3.5], [2.0]]
    assert g.biases[1].tolist() == [3.0]
    assert g.weights[0].tolist() == [[3.0, -8.0], [3.0, 0.0]]
    assert g.biases[0].tolist() == [3.0, 8.0]
    assert g.inputs.tolist() == [[3.0, 6.0], [-8.0, 8.0]]


@pytest.mark.parametrize("activation", ALL)
@pytest.mark.parametrize("hidden", [[], [6], [6, 4, 5]])
def test_gradients_agree_with_finite_differences(activation, hidden):
    rng = np.random.default_rng(1)
    net = random_net([3, *hidden, 2], activation, output_activation="tanh")
    x, direction = rng.standard_normal((4, 3)), rng.standard_normal((4, 2))
    gradients = ic.backward(net, ic.forward(net, x), direction)

    def loss():
        return np.sum(ic.forward(net, x).output * direction)

    pairs = [*zip(net.weights, gradients.weights, strict=True)]
    pairs += [*zip(net.biases, gradients.biases, strict=True), (x, gradients.inputs)]
    h = 1e-6
    for parameter, gradient in pairs:
        along = rng.standard_normal(parameter.shape)
        parameter += h * along
        above = loss()
        parameter -= 2 * h * along
        below = loss()
        parameter += h * along
        assert (above - below) / (2 * h) == pytest.approx(np.sum(gradient * along), rel=1e-6)


def test_shapes_and_depth():
    net = random_net([3, 4, 5], "tanh")
    assert net.depth == 2
    signals = ic.forward(net, np.ones((7, 3)))
    assert [h.shape for h in signals.activations] == [(7, 3), (7, 4), (7, 5)]
    assert [z.shape for z in signals.pre_activations] == [(7, 4), (7, 5)]
    assert signals.output is signals.activations[-1]
    gradients = ic.backward(net, signals, np.ones((7, 5)))
    assert [d.shape for d in gradients.pre_activations] == [(7, 4), (7, 5)]
    assert gradients.inputs.shape == (7, 3)


def test_activations_are_hidden_or_last():
    net = ic.mlp([2, 3, 3, 1], ic.he_normal, activation="relu", output_activation="sigmoid", rng=0)
    assert [f.name for f in net.activations] == ["relu", "relu", "sigmoid"]


def test_one_initializer_or_one_a_layer():
    net = ic.mlp([2, 3, 4], [ic.zeros, ic.lecun_normal], rng=0)
    assert not net.weights[0].any()
    assert net.weights[1].all()
    assert not any(b.any() for b in net.biases)


def test_draws_are_reproducible_and_layers_differ():
    first, second = (ic.mlp([8, 8, 8], ic.he_normal, rng=3) for _ in range(2))
    assert all(map(np.array_equal, first.weights, second.weights))
    assert not np.array_equal(first.weights[0], first.weights[1])


def test_draws_go_layer_by_layer_weights_before_biases():
    def bias(shape, *, rng, dtype):
        return ic.uniform(shape, 0.3, rng=rng, dtype=dtype)

    net = ic.mlp([3, 5, 2], ic.he_normal, bias=bias, rng=4)
    rng = np.random.default_rng(4)
    for w, b in zip(net.weights, net.biases, strict=True):
        assert np.array_equal(w, ic.he_normal(w.shape, rng=rng))
        assert np.array_equal(b, ic.uniform(b.shape, 0.3, rng=rng))


def test_layers_share_no_memory_whatever_an_initializer_returns():
    """Training writes into the parameters."""
    square, row = np.ones((4, 4), np.float32), np.ones(4, np.float32)
    net = ic.mlp(
        [4, 4, 4], lambda shape, rng, dtype: square, bias=lambda shape, rng, dtype: row, rng=0
    )
    parameters = [*net.weights, *net.biases, square, row]
    for i, one in enumerate(parameters):
        assert not any(np.shares_memory(one, other) for other in parameters[:i])


def test_parameters_have_the_dtype_asked_for_whatever_an_initializer_returns():
    def draw(shape, *, rng, dtype):
        return rng.standard_normal(shape)

    for dtype in ("float16", "float32", "float64"):
        net = ic.mlp([3, 4, 2], draw, bias=draw, rng=0, dtype=dtype)
        assert {p.dtype for p in (*net.weights, *net.biases)} == {np.dtype(dtype)}


def test_a_network_left_to_itself_is_tanh_with_linear_outputs_and_no_biases_in_float32():
    net = ic.mlp([3, 4, 4, 2], ic.lecun_normal, rng=0)
    assert [f.name for f in net.activations] == ["tanh", "tanh", "linear"]
    assert not any(b.any() for b in net.biases)
    assert {p.dtype for p in (*net.weights, *net.biases)} == {np.dtype(np.float32)}


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_signals_stay_in_the_dtype_of_the_weights(dtype):
    net = ic.mlp([8, 6, 4], ic.he_normal, activation="relu", rng=0, dtype=dtype)
    signals = ic.forward(net, np.ones((2, 8)))
    gradients = ic.backward(net, signals, np.ones((2, 4)))
    for array in (*signals.activations, *gradients.weights, *gradients.biases, gradients.inputs):
        assert array.dtype == np.dtype(dtype)


def test_a_pass_changes_nothing_that_it_is_given():
    net = random_net([3, 4, 2], "selu", output_activation="tanh")
    x, gradient = RNG.normal(size=(5, 3)), RNG.normal(size=(5, 2))
    signals = ic.forward(net, x)
    given = [x, gradient, *net.weights, *net.biases]
    given += [*signals.pre_activations, *signals.activations]
    before = [array.copy() for array in given]
    ic.backward(net, signals, gradient)
    ic.forward(net, x)
    assert all(map(np.array_equal, given, before))


def test_integers_are_welcome_as_inputs():
    net = random_net([3, 2], "tanh")
    assert np.array_equal(
        ic.forward(net, np.ones((1, 3), int)).output, ic.forward(net, np.ones((1, 3))).output
    )


def test_measure_gives_independent_networks_in_both_directions():
    x = np.random.default_rng(0).standard_normal((10, 50))
    m = ic.measure([50, 40, 30], ic.lecun_normal, x, networks=4, rng=0)
    assert m.forward.shape == m.backward.shape == (4, 2)
    assert np.unique(m.forward[:, 0]).size == 4
    again = ic.measure([50, 40, 30], ic.lecun_normal, x, networks=4, rng=0)
    assert np.array_equal(m.forward, again.forward)


def test_measure_sends_a_gradient_of_mean_square_one():
    x = np.random.default_rng(0).standard_normal((50, 40))
    m = ic.measure([40, 40], ic.lecun_normal, x, activation="linear", networks=50, rng=0)
    testing.assert_mean(m.backward, 1)


def test_a_bias_initializer_is_used():
    x = np.zeros((5, 20)) + 1e-30

    def bias(shape, rng, dtype):
        return ic.normal(shape, 2.0, rng=rng, dtype=dtype)

    m = ic.measure(
        [20, 400], ic.lecun_normal, x, activation="linear", bias=bias, networks=20, rng=0
    )
    testing.assert_mean(m.forward, 4)


def test_a_measurement_is_over_all_samples_and_all_units_forward_and_backward():
    """Of single samples and units that are far from alike, in a network of given weights."""
    first, second = RNG.normal(size=(4, 5)) * [1, 3, 9, 27, 81], RNG.normal(size=(5, 3))
    x = RNG.normal(size=(6, 4)) * np.array([1, 3, 9, 27, 81, 243])[:, None]
    layers = [lambda *a, w=w, **k: w for w in (first, second)]
    found = ic.measure(
        [4, 5, 3], layers, x, activation="linear", networks=3000, rng=0, dtype="float64"
    )
    h = x @ first
    expected = [np.mean(h**2), np.mean((h @ second) ** 2)]
    assert found.forward == pytest.approx(np.tile(expected, (3000, 1)), rel=1e-12, abs=0)
    testing.assert_mean(found.backward, [np.sum(second**2) / 5, 1], axis=0)
    # the mean of 6 × 3 independent squares of N(0, 1), and of 6 forms g Sᵀ S g / 5
    spectrum = np.linalg.eigvalsh(second @ second.T)
    variances = [2 * np.sum(spectrum**2) / (6 * 5**2), 2 / (6 * 3)]
    testing.assert_variance(found.backward, variances, axis=0)


def test_the_gradient_that_enters_is_gaussian_and_independent_of_the_network():
    x = np.ones((2, 3))
    found = ic.measure(
        [3, 1], ic.lecun_normal, x, activation="linear", networks=4000, rng=0, dtype="float64"
    )
    squares = 2 * found.backward[:, 0]  # of two draws from N(0, 1): χ² of two degrees of freedom
    assert stats.kstest(squares, stats.chi2(2).cdf).pvalue > 1e-6
    testing.assert_mean((squares - 2) * (found.forward[:, 0] - 1), 0)


def test_a_measurement_left_to_itself_is_of_twenty_tanh_networks_without_biases_in_float32():
    x, seen = RNG.normal(size=(4, 3)), []

    def draw(shape, *, rng, dtype):
        seen.append(dtype)
        return ic.lecun_normal(shape, rng=rng, dtype=dtype)

    found = ic.measure([3, 4, 2], draw, x, rng=7)
    assert set(seen) == {np.dtype(np.float32)}
    assert found.forward.shape == (20, 2)
    tanh = {"activation": "tanh", "bias": ic.zeros, "networks": 20, "rng": 7}
    same = ic.measure([3, 4, 2], ic.lecun_normal, x, dtype="float32", **tanh)
    assert np.array_equal(found.forward, same.forward)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_measurement_is_of_networks_of_the_dtype_asked_for(dtype):
    seen = []

    def draw(shape, *, rng, dtype):
        seen.append(dtype)
        return ic.zeros(shape, dtype=dtype)

    ic.measure([3, 2], draw, np.ones((1, 3)), bias=draw, networks=1, rng=0, dtype=dtype)
    assert seen == [np.dtype(dtype)] * 2


def test_a_measurement_advances_the_generator_that_it_is_given():
    rng = np.random.default_rng(0)
    first, second = (
        ic.measure([3, 2], ic.lecun_normal, np.ones((1, 3)), networks=2, rng=rng) for _ in range(2)
    )
    assert not np.isin(first.forward, second.forward).any()


def test_second_moment_is_the_mean_square_in_float64():
    assert ic.second_moment(np.array([300.0, 300.0], dtype="float16")) == 90_000
    assert ic.second_moment([[1, 2], [3, 4]]) == 7.5


# --- what is refused --------------------------------------------------------------------------

NAN, INF = math.nan, math.inf
RULE = ic.lecun_normal
NET = ic.mlp([4, 3, 2], RULE, rng=0)
X, GRADIENT = np.ones((5, 4)), np.ones((5, 2))
SIGNALS = ic.forward(NET, X)


def wrong_shape(shape, *, rng, dtype):
    return np.ones(3)


def no_array(shape, *, rng, dtype):
    return "weights"


def refused():
    for value in ([3], [], None, 5, "34", [3, 0], [3, -1], [3, 2.5], [3, "4"], [True, 3]):
        yield partial(ic.mlp, value, RULE), "widths", ""
    for value in (None, "he_normal", 3, [RULE], [RULE, RULE, RULE], [RULE, None]):
        yield partial(ic.mlp, [2, 3, 4], value), "initializer", ""
    for value in (wrong_shape, no_array):
        yield partial(ic.mlp, [2, 3, 4], value), "initializer", "(2, 3)"
    for value in (NAN, 1j, "a"):
        rule = partial(np.full, fill_value=value)
        call = partial(ic.mlp, [2, 3], lambda s, rng, dtype, rule=rule: rule(s))
        yield call, "initializer", ""
    for value in (no_array, None):
        yield partial(ic.mlp, [2, 3, 4], RULE, bias=value), "bias", ""
    yield partial(ic.mlp, [2, 3], RULE, activation="rely"), "activation", "rely"
    yield partial(ic.mlp, [2, 3], RULE, output_activation=3), "output_activation", "3"
    yield partial(ic.mlp, [2, 3], RULE, rng="x"), "rng", "x"
    yield partial(ic.mlp, [2, 3], RULE, dtype="int8"), "dtype", "int8"

    for value in (None, "net", [NET]):
        yield partial(ic.forward, value, X), "net", repr(value)[:40]
    for value in (np.ones(4), np.ones((5, 3)), np.ones((0, 4)), np.full((5, 4), NAN), None, "x"):
        yield partial(ic.forward, NET, value), "x", ""
    yield partial(ic.forward, NET, [[1, 2], [3]]), "x", "ragged"
    yield partial(ic.forward, NET, np.full((5, 4), INF)), "x", "inf"
    yield partial(ic.forward, NET, X * 1e39), "x", "1e+39"

    yield partial(ic.backward, None, SIGNALS, GRADIENT), "net", "None"
    for value in (None, SIGNALS.output):
        yield partial(ic.backward, NET, value, GRADIENT), "signals", repr(value)[:10]
    for widths in ([4, 7, 2], [4, 3, 3, 2]):
        other = ic.mlp(widths, RULE, rng=0)
        yield partial(ic.backward, other, SIGNALS, GRADIENT), "signals", "[4, 3, 2]"
        yield partial(ic.backward, NET, ic.forward(other, X), GRADIENT), "signals", ""
    bad = (np.ones((5, 3)), np.ones(2), np.full((5, 2), NAN), None, np.ones((5, 2), complex))
    for value in bad:
        yield partial(ic.backward, NET, SIGNALS, value), "output_gradient", ""
    yield partial(ic.backward, NET, SIGNALS, np.full((5, 2), 1e39)), "output_gradient", "1e+39"

    for value in (0, 2.5, None):
        yield partial(ic.measure, [4, 3], RULE, X, networks=value), "networks", repr(value)
    for value in ([], [NAN], ["a"], None):
        yield partial(ic.second_moment, value), "signal", ""
