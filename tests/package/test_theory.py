"""Predictions against closed forms, asymptotics and measured networks."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest

import initcourse as ic
from initcourse import testing
from initcourse.gaussian import gaussian_mean


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_linear_layers_multiply_by_the_scale(scale):
    p = ic.predict("linear", 5, scale, input_second_moment=3.0)
    layers = np.arange(1, 6)
    assert p.forward == pytest.approx(3 * scale**layers, rel=1e-12, abs=0)
    assert p.backward == pytest.approx(scale ** (5.0 - layers), rel=1e-12, abs=0)


@pytest.mark.parametrize("slope", [0.0, 0.2])
def test_relu_layers_keep_their_share_in_both_directions(slope):
    f, share = ic.leaky_relu(slope), (1 + slope**2) / 2
    p = ic.predict(f, 4, 1.5)
    layers = np.arange(1, 5)
    assert p.forward == pytest.approx((1.5 * share) ** layers, rel=1e-11, abs=0)
    assert p.backward == pytest.approx(share * (1.5 * share) ** (4.0 - layers), rel=1e-11, abs=0)


def test_each_layer_may_have_its_own_scale():
    p = ic.predict("linear", 3, [2.0, 3.0, 5.0])
    assert p.forward == pytest.approx([2, 6, 30])
    assert p.backward == pytest.approx([15, 5, 1])


def test_a_bias_adds_its_variance():
    p = ic.predict("linear", 2, 0.5, bias_variance=0.25)
    assert p.forward == pytest.approx([0.75, 0.625])


def test_tanh_fades_like_one_over_twice_the_depth():
    q = ic.predict("tanh", 100, 1.0).forward
    for layer, digits in ((1, "0.394"), (2, "0.236"), (10, "0.0522"), (100, "0.00507")):
        testing.assert_digits(q[layer - 1], digits)


def test_tanh_with_gain_five_thirds_settles_and_explodes():
    p = ic.predict("tanh", 200, (5 / 3) ** 2)
    testing.assert_digits(math.sqrt(p.forward[-1]), "0.65135")
    testing.assert_digits(p.backward[99] / p.backward[100], "1.2098")


def test_he_spreads_like_the_exact_law():
    p = ic.predict("relu", 50, 2.0, width=100)
    layers = np.arange(1, 51)
    assert p.forward_spread**2 == pytest.approx(layers * math.log(1.05), rel=1e-9, abs=0)
    assert p.backward_spread**2 == pytest.approx(layers[::-1] * math.log(1.05), rel=1e-9, abs=0)


def test_linear_spread_is_two_over_the_width():
    p = ic.predict("linear", 10, 1.0, width=64)
    assert p.forward_spread**2 == pytest.approx(
        np.arange(1, 11) * math.log1p(2 / 64), rel=1e-9, abs=0
    )


def test_infinite_width_has_no_spread_and_zero_weights_no_signal():
    assert not ic.predict("tanh", 3, 1.0).forward_spread.any()
    p = ic.predict("tanh", 3, 0.0, width=10)
    assert not p.forward.any()
    assert not p.forward_spread.any()
    assert p.backward == pytest.approx([0, 0, 1])


def test_a_signal_that_underflows_is_zero_without_complaint():
    cube = ic.Activation("cube", lambda x: x**3, lambda x: 3 * x**2)
    prediction = ic.predict(cube, 12, 0.01)
    assert prediction.forward[-1] == 0
    assert np.isfinite(prediction.forward_spread).all()
    assert np.isfinite(prediction.backward_spread).all()


def test_the_spread_is_exact_as_long_as_the_signal_is_a_float():
    depth = 1000
    spread = ic.predict("relu", depth, 1.0, width=100).forward_spread
    assert spread == pytest.approx(np.sqrt(np.arange(1, depth + 1) * np.log1p(5 / 100)))


def test_a_signal_beyond_floats_is_refused_with_its_layer():
    assert ic.predict("linear", 290, 10.0).forward[-1] == pytest.approx(1e290)
    with pytest.raises(ValueError, match=r"scale must keep .*, got 10.0: .* at layer 300"):
        ic.predict("linear", 600, 10.0)


def test_the_band_holds_log_normal_quantiles():
    p = ic.predict("relu", 5, 2.0, width=50)
    for direction in ("forward", "backward"):
        mean, s = getattr(p, direction), getattr(p, f"{direction}_spread")
        low, median, high = p.band(direction, z=2.0)
        assert median == pytest.approx(mean * np.exp(-(s**2) / 2))
        assert high / median == pytest.approx(np.exp(2 * s))
        assert median / low == pytest.approx(np.exp(2 * s))


@pytest.mark.parametrize(("name", "scale"), [("relu", 2.0), ("tanh", 1.5), ("selu", 1.0)])
def test_measured_networks_agree_in_mean_and_in_spread(name, scale):
    n, depth, networks = 400, 4, 150
    x = np.random.default_rng(0).standard_normal((1, n))
    x /= math.sqrt(np.mean(x**2))

    def draw(shape, rng, dtype):
        return ic.variance_scaling(shape, scale, "fan_in", "normal", rng=rng, dtype=dtype)

    m = ic.measure([n] * (depth + 1), draw, x, activation=name, networks=networks, rng=1)
    p = ic.predict(name, depth, scale, width=n)
    for measured, mean, spread in (
        (m.forward, p.forward, p.forward_spread),
        (m.backward, p.backward, p.backward_spread),
    ):
        testing.assert_mean(measured / mean, 1, axis=0)
        testing.assert_variance(np.log(measured), spread**2, axis=0)


def scatters(f, n, k):
    """Of ln mean f² and ln mean f'² over n units, and their covariance, to first order in 1/n."""
    std = math.sqrt(k)
    value, slope = (gaussian_mean(lambda x, g=g: g(x) ** 2, std) for g in (f, f.derivative))
    fourth = gaussian_mean(lambda x: f(x) ** 4, std) / value**2
    steep = gaussian_mean(lambda x: f.derivative(x) ** 4, std) / slope**2
    both = gaussian_mean(lambda x: (f(x) * f.derivative(x)) ** 2, std) / (value * slope)
    # a gradient has Gaussian factors of its own, so that its fourth moment counts three times
    return math.log1p((fourth - 1) / n), math.log1p((3 * steep - 1) / n), (both - 1) / n


@pytest.mark.parametrize("bias", [0.0, 0.3])
@pytest.mark.parametrize("scale", [1.5, [2.5, 0.7, 1.2, 3.0, 0.9]])
@pytest.mark.parametrize("name", ["tanh", "gelu", "selu", "relu", "softplus"])
def test_the_spread_is_the_sum_of_what_every_layer_contributes(name, scale, bias):
    """Each layer's scatter times its effect on the signal, found by disturbing the network there.

    A deviation of the signal behind layer j changes the signals and the slopes above it, and hence
    the gradient of every layer; in layer j itself it goes along with a deviation of the slopes.
    """
    f, depth, n, h = ic.activation(name), 5, 80, 1e-4
    scales = np.broadcast_to(scale, depth)
    p = ic.predict(f, depth, scale, bias_variance=bias, width=n)
    behind = [1.0, *p.forward]  # of the input, and of the layers 1 … L
    effects = np.zeros((2, depth + 1, depth + 1))  # [.., j, l]: of ln q_j on ln q_l, on ln g_l
    for j in range(1, depth):
        above = [
            ic.predict(f, depth - j, scales[j:], bias_variance=bias, input_second_moment=q)
            for q in (behind[j] * math.exp(h), behind[j] * math.exp(-h))
        ]
        for kind, direction in enumerate(("forward", "backward")):
            high, low = (np.log(getattr(a, direction)) for a in above)
            effects[kind, j, j + 1 :] = (high - low) / (2 * h)
    on_signal, on_gradient = effects
    forward, backward = np.zeros(depth), np.zeros(depth)
    for j in range(1, depth + 1):
        value, slope, both = scatters(f, n, scales[j - 1] * behind[j - 1] + bias)
        forward[j - 1] += value
        for layer in range(1, depth + 1):
            if layer > j:  # the gradient arrives from above: all of the slopes there have changed
                forward[layer - 1] += on_signal[j, layer] ** 2 * value
                backward[layer - 1] += on_gradient[j, layer] ** 2 * value
            else:
                effect = on_gradient[j, j + 1] if j < depth else 0.0
                backward[layer - 1] += slope + effect**2 * value + 2 * effect * both
    assert p.forward_spread**2 == pytest.approx(forward, rel=1e-5, abs=0)
    assert p.backward_spread**2 == pytest.approx(backward, rel=1e-5, abs=0)


def test_with_biases_measured_networks_scatter_as_predicted():
    n, depth, networks = 200, 4, 1000
    x = np.random.default_rng(0).standard_normal((1, n))
    x /= math.sqrt(np.mean(x**2))
    m = ic.measure(
        [n] * (depth + 1),
        partial(ic.normal, std=math.sqrt(1.5 / n)),
        x,
        activation="relu",
        bias=partial(ic.normal, std=1.0),
        networks=networks,
        rng=3,
    )
    p = ic.predict("relu", depth, 1.5, bias_variance=1.0, width=n)
    testing.assert_mean(m.forward / p.forward, 1, axis=0)
    testing.assert_variance(np.log(m.forward), p.forward_spread**2, axis=0)
    testing.assert_variance(np.log(m.backward), p.backward_spread**2, axis=0)
    without = ic.predict("relu", depth, 1.5, width=n).forward_spread
    with pytest.raises(AssertionError):
        testing.assert_variance(np.log(m.forward[:, -1]), without[-1] ** 2)


def test_a_prediction_left_to_itself_is_of_unit_inputs_no_biases_and_infinite_width():
    p = ic.predict("tanh", 3, 1.5)
    said = ic.predict("tanh", 3, 1.5, bias_variance=0.0, input_second_moment=1.0, width=None)
    for name in ("forward", "backward", "forward_spread", "backward_spread"):
        assert np.array_equal(getattr(p, name), getattr(said, name))
    assert not p.backward_spread.any()


def test_a_band_left_to_itself_is_one_standard_deviation_wide():
    p = ic.predict("tanh", 3, 1.5, width=50)
    for direction in ("forward", "backward"):
        low, _, high = p.band(direction)
        assert np.log(high / low) == pytest.approx(2 * getattr(p, f"{direction}_spread"))


@pytest.mark.parametrize("name", ["tanh", "gelu"])
def test_the_size_of_the_input_reaches_the_slopes(name):
    q = 7.0
    p = ic.predict(name, 1, 1.3, input_second_moment=q, bias_variance=0.2)
    m = ic.moments(name, math.sqrt(1.3 * q + 0.2))
    assert p.forward == pytest.approx([m.second_moment], rel=1e-12, abs=0)
    assert p.backward == pytest.approx([m.derivative_second_moment], rel=1e-12, abs=0)


@pytest.mark.parametrize(("name", "scale"), [("tanh", (5 / 3) ** 2), ("selu", 1.0)])
def test_gradients_scatter_with_the_slopes_that_the_signal_has_changed(name, scale):
    n, depth = 100, 20
    x = np.random.default_rng(0).standard_normal((1, n))
    x /= math.sqrt(np.mean(x**2))

    def draw(shape, rng, dtype):
        return ic.variance_scaling(shape, scale, "fan_in", "normal", rng=rng, dtype=dtype)

    m = ic.measure([n] * (depth + 1), draw, x, activation=name, networks=1500, rng=2)
    p = ic.predict(name, depth, scale, width=n)
    measured = np.log(m.backward[:, 0])
    testing.assert_variance(measured, p.backward_spread[0] ** 2)
    f, alone = ic.activations.activation(name), 0.0
    for q in [1.0, *p.forward[:-1]]:
        slopes = [
            gaussian_mean(lambda x, k=k: f.derivative(x) ** k, math.sqrt(scale * q)) for k in (2, 4)
        ]
        alone += math.log1p((3 * slopes[1] / slopes[0] ** 2 - 1) / n)
    with pytest.raises(AssertionError):
        testing.assert_variance(measured, alone)


# --- what is refused --------------------------------------------------------------------------

NAN, INF = math.nan, math.inf


def refused():
    yield partial(ic.predict, "rely", 3, 2.0), "activation", "rely"
    for value in (0, -3, 2.5, "3", None, True):
        yield partial(ic.predict, "relu", value, 2.0), "depth", repr(value)
    for value in (-1.0, NAN, "2", [1.0, 2.0], [[1.0, 2.0, 3.0]], None):
        yield partial(ic.predict, "relu", 3, value), "scale", ""
    for value in (-1.0, NAN, None):
        yield partial(ic.predict, "relu", 3, 2.0, bias_variance=value), "bias_variance", repr(value)
    for value in (0.0, -1.0, INF):
        call = partial(ic.predict, "relu", 3, 2.0, input_second_moment=value)
        yield call, "input_second_moment", repr(value)
    for value in (0, 2.5, "3", 10**400):
        yield partial(ic.predict, "relu", 3, 2.0, width=value), "width", repr(value)
    for value in ("sideways", None):
        yield partial(ic.predict("relu", 3, 2.0).band, value), "direction", repr(value)
    yield partial(ic.predict("relu", 3, 2.0).band, "forward", -1), "z", "-1"
