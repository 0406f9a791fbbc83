"""Normalization: by hand, against finite differences, autograd and its theory."""

from __future__ import annotations

import math
from functools import partial

import autograd.numpy as anp
import numpy as np
import pytest

import initcourse as ic
from initcourse import normalization, residual, testing, training
from initcourse.gradients import differentiable, differentiate
from initcourse.normalization import (
    NORMS,
    PLACES,
    NormalizedMLP,
    NormalizedResidual,
    batch_norm,
    layer_norm,
)

RNG = np.random.default_rng(0)


def plain(norm="layer", activation="relu", widths=(5, 7, 6, 3), dtype="float64", epsilon=0.0):
    return normalization.normalized_mlp(
        list(widths), ic.he_normal, activation=activation, norm=norm, epsilon=epsilon, rng=1,
        dtype=dtype,
    )  # fmt: skip


def stream(place="pre", norm="layer", outputs=3, epsilon=0.0, dtype="float64", **form):
    begin = residual.Start(alpha=0.7, learned=True)
    net = residual.residual_mlp(3, 6, begin, outputs=outputs, rng=1, dtype=dtype, **form)
    return NormalizedResidual(net, place, norm, epsilon)


def test_layer_norm_by_hand():
    found = layer_norm([[1.0, 3.0], [0.0, 8.0]])
    assert found.values.tolist() == [[-1.0, 1.0], [-1.0, 1.0]]
    assert found.std.tolist() == [[1.0], [4.0]]
    assert layer_norm([[1.0, 3.0]], epsilon=3.0).values.tolist() == [[-0.5, 0.5]]


def test_batch_norm_averages_over_the_samples():
    found = batch_norm([[1.0, 0.0], [3.0, 8.0]])
    assert found.values.tolist() == [[-1.0, -1.0], [1.0, 1.0]]
    assert found.std.tolist() == [[1.0, 4.0]]
    z = RNG.normal(size=(9, 4))
    np.testing.assert_array_equal(batch_norm(z).values, layer_norm(z.T).values.T)


def test_layer_norm_takes_any_number_of_axes():
    z = RNG.normal(size=(2, 3, 8))
    values = layer_norm(z).values
    np.testing.assert_allclose(values.mean(axis=-1), 0, atol=1e-12)
    np.testing.assert_allclose(np.mean(values**2, axis=-1), 1)


def test_what_is_constant_becomes_zero_and_hands_down_no_gradient():
    for found in (layer_norm(np.ones((2, 3))), batch_norm([[1.0, 2.0]])):
        assert not found.values.any()
        assert not found.backward(np.ones(found.values.shape)).any()


@pytest.mark.parametrize("norm", [layer_norm, batch_norm])
@pytest.mark.parametrize("epsilon", [0.0, 0.3])
def test_derivatives_agree_with_finite_differences(norm, epsilon):
    z, g, step = RNG.normal(size=(5, 4)), RNG.normal(size=(5, 4)), 1e-6
    found = norm(z, epsilon).backward(g)
    for place in np.ndindex(z.shape):
        up, down = z.copy(), z.copy()
        up[place] += step
        down[place] -= step
        slope = np.sum(g * (norm(up, epsilon).values - norm(down, epsilon).values)) / (2 * step)
        assert slope == pytest.approx(found[place], rel=1e-5, abs=1e-8)


NETWORKS = [
    *(partial(plain, norm, f) for norm in NORMS for f in ("relu", "tanh")),
    partial(plain, "batch", epsilon=0.2),
    *(partial(stream, place, norm) for place in PLACES for norm in NORMS),
    partial(stream, "pre", outputs=None, epsilon=0.2),
    partial(stream, "post", matrices=3, activation="tanh"),
]


@pytest.mark.parametrize("draw", NETWORKS)
def test_gradients_agree_with_finite_differences(draw):
    net = draw()
    x = RNG.normal(size=(5, net.inputs))
    weights = RNG.normal(size=(5, net.outputs))
    passage = normalization.forward(net, x)
    found = normalization.backward(passage, weights)

    def slope(array, place, step=1e-6):
        before, ends = array[place], []
        for way in (1, -1):
            array[place] = before + way * step
            ends.append(np.sum(weights * normalization.forward(net, x).output))
        array[place] = before
        return (ends[0] - ends[1]) / (2 * step)

    assert len(found.parameters) == len(net.parameters)
    for parameter, gradient in zip(net.parameters, found.parameters, strict=True):
        assert parameter.shape == gradient.shape
        for place in list(np.ndindex(parameter.shape))[:9]:
            assert slope(parameter, place) == pytest.approx(gradient[place], rel=1e-4, abs=1e-6)
    assert len(found.signals) == len(passage.signals)
    if isinstance(net, NormalizedResidual):
        for place in np.ndindex(x.shape):
            assert slope(x, place) == pytest.approx(found.signals[0][place], rel=1e-4, abs=1e-6)


def test_signals_of_a_plain_network_and_their_gradients_are_those_of_autograd():
    net, x, f = plain("batch"), RNG.normal(size=(6, 5)), differentiable("relu")

    def loss(parameters, watch):
        h = x
        for number, w in enumerate(parameters[:-1]):
            z = watch(f"z{number}", anp.dot(h, w))
            centered = z - anp.mean(z, axis=0)
            h = f(centered / anp.sqrt(anp.mean(centered**2, axis=0)))
        return anp.sum(anp.dot(h, parameters[-1]) ** 2) / 2

    theirs = differentiate(loss, net.weights)
    passage = normalization.forward(net, x)
    ours = normalization.backward(passage, passage.output)
    for number in range(2):
        name = f"z{number}"
        np.testing.assert_allclose(passage.signals[number], theirs.record.forward[name])
        np.testing.assert_allclose(
            ours.signals[number], theirs.record.backward[name], rtol=1e-7, atol=1e-9
        )


def test_without_a_normalization_the_networks_are_those_without():
    x, g = RNG.normal(size=(4, 5)), RNG.normal(size=(4, 3))
    net = plain("none")
    bare = ic.mlp([5, 7, 6, 3], ic.he_normal, activation="relu", rng=1, dtype="float64")
    signals = ic.forward(bare, x)
    passage = normalization.forward(net, x)
    np.testing.assert_array_equal(passage.output, signals.output)
    ours, theirs = normalization.backward(passage, g), ic.backward(bare, signals, g)
    for one, two in zip(ours.parameters, theirs.weights, strict=True):
        np.testing.assert_array_equal(one, two)

    normed, x = stream("post", "none"), RNG.normal(size=(4, 6))
    bare_stream = residual.forward(normed.net, x)
    passage = normalization.forward(normed, x)
    np.testing.assert_array_equal(passage.signals, bare_stream.stream)
    ours, theirs = normalization.backward(passage, g), residual.backward(normed.net, bare_stream, g)
    for one, two in zip(ours.parameters, theirs.parameters, strict=True):
        np.testing.assert_array_equal(one, two)


def test_each_place_normalizes_what_it_says():
    x = RNG.normal(size=(4, 6))
    net = stream("post").net
    w1, w2 = net.branches[0]

    def branch(h):
        return np.maximum(h @ w1, 0) @ w2

    def first(place):
        return normalization.forward(NormalizedResidual(net, place), x).signals[1]

    np.testing.assert_allclose(first("pre"), x + 0.7 * branch(layer_norm(x).values))
    np.testing.assert_allclose(first("branch"), x + 0.7 * layer_norm(branch(x)).values)
    np.testing.assert_allclose(first("post"), layer_norm(x + 0.7 * branch(x)).values)
    end = normalization.forward(NormalizedResidual(net, "pre"), x)
    np.testing.assert_allclose(end.output, layer_norm(end.signals[-1]).values @ net.head)


@pytest.mark.parametrize(
    ("norm", "activation", "expected"),
    [
        ("layer", "relu", 1.0),
        ("batch", "relu", math.pi / (math.pi - 1)),
        ("batch", ic.leaky_relu(0.2), 1.2436),
        ("batch", "gelu", 1.3188),
        ("layer", "gelu", 1.0720),
        ("batch", "tanh", 1.1778),
        ("layer", "tanh", 1.1778),
        ("batch", "linear", 1.0),
    ],
)
def test_what_a_layer_multiplies_a_gradient_by(norm, activation, expected):
    assert normalization.gradient_factor(norm, activation) == pytest.approx(expected, abs=5e-5)
    net = partial(
        normalization.normalized_mlp, [300] * 7 + [5], ic.he_normal, activation=activation,
        norm=norm, rng=np.random.default_rng(3),
    )  # fmt: skip
    x = np.random.default_rng(4).standard_normal((200, 300))
    g = normalization.measure(net, x, networks=3, rng=5).backward[:, 1:]
    growth = np.exp(np.log(g[:, 0] / g[:, -1]).mean() / (g.shape[1] - 1))
    assert growth == pytest.approx(expected, rel=0.03)


def test_a_small_batch_makes_it_worse():
    assert normalization.batch_factor(10**7) == pytest.approx(math.pi / (math.pi - 1), rel=1e-5)
    net = partial(
        normalization.normalized_mlp, [400] * 8 + [5], ic.he_normal, norm="batch",
        rng=np.random.default_rng(3),
    )  # fmt: skip
    for size in (16, 64):
        x = np.random.default_rng(4).standard_normal((size, 400))
        g = normalization.measure(net, x, networks=10, rng=5).backward
        testing.assert_mean((g[:, 1:-1] / g[:, 2:]).mean(axis=1), normalization.batch_factor(size))


def test_training_reaches_every_parameter():
    digits = training.load_digits()
    data = digits.x_train, digits.y_train
    begin = residual.Start(alpha=0.5, learned=True)
    branches = residual.residual_mlp(2, 64, begin, outputs=10, rng=0)
    for net in (
        plain("batch", widths=(64, 32, 10), dtype="float32"),
        NormalizedResidual(branches, "post"),
    ):
        before = [p.copy() for p in net.parameters]
        losses = training.train(net, *data, learning_rate=0.1, steps=60, rng=0)
        assert losses[-5:].mean() < 0.8 < losses[0]
        assert all((a != b).any() for a, b in zip(before, net.parameters, strict=True))
        assert training.loss_and_accuracy(net, digits.x_test, digits.y_test)[1] > 0.8


def test_a_pass_keeps_the_dtype():
    for net in (plain("batch", dtype="float32"), stream(dtype="float32")):
        passage = normalization.forward(net, RNG.normal(size=(4, net.inputs)))
        found = normalization.backward(passage, np.ones(passage.output.shape))
        arrays = [*passage.signals, *found.signals, *found.parameters]
        assert {a.dtype.name for a in arrays} == {"float32"}


# --- what is refused --------------------------------------------------------------------------

NET, X = plain(), np.ones((3, 5))
PASSAGE = normalization.forward(NET, RNG.normal(size=(3, 5)))


def refused():
    for value in (np.full(3, math.nan), None, "x", []):
        yield partial(layer_norm, value), "z", ""
        yield partial(batch_norm, value), "z", ""
    yield partial(batch_norm, np.ones(3)), "z", "(3,)"
    for value in (np.ones((3, 2)), np.full((2, 3), math.nan), None):
        yield partial(layer_norm(np.ones((2, 3))).backward, value), "gradient", ""
    for value in (-1.0, math.nan, "1", None):
        yield partial(layer_norm, X, epsilon=value), "epsilon", repr(value)
        yield partial(batch_norm, X, epsilon=value), "epsilon", repr(value)
        yield partial(NormalizedMLP, NET.weights, NET.activation, "layer", value), "epsilon", ""
        yield partial(NormalizedResidual, stream().net, epsilon=value), "epsilon", ""
    for value in ("group", None, 3):
        yield partial(normalization.gradient_factor, value), "norm", repr(value)
        yield partial(NormalizedMLP, NET.weights, NET.activation, value), "norm", repr(value)
        yield partial(NormalizedResidual, stream().net, "pre", value), "norm", repr(value)
        yield partial(NormalizedResidual, stream().net, value), "place", repr(value)
        yield partial(NormalizedResidual, value), "net", repr(value)
        yield partial(normalization.forward, value, X), "net", repr(value)
        yield partial(normalization.backward, value, X), "passage", repr(value)
        yield partial(normalization.measure, value, X), "draw", repr(value)
    yield partial(normalization.gradient_factor, "none"), "norm", "none"
    yield partial(normalization.gradient_factor, "layer", "rely"), "activation", "rely"
    for value in (3, 2.5, None):
        yield partial(normalization.batch_factor, value), "batch", repr(value)
    yield partial(normalization.normalized_mlp, [4], ic.he_normal), "widths", ""
    yield partial(normalization.normalized_mlp, [4, 4], "he"), "initializer", ""
    yield partial(normalization.measure, plain, X, networks=0), "networks", "0"
    yield partial(normalization.measure, plain, X, rng="x"), "rng", "x"
    for value in (np.ones(5), np.ones((3, 4)), np.full((2, 5), math.nan), None):
        yield partial(normalization.forward, NET, value), "x", ""
    for value in (np.ones((3, 4)), np.ones(3), np.full((3, 3), math.nan), None):
        yield partial(normalization.backward, PASSAGE, value), "output_gradient", ""
