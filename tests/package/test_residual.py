"""Residual networks: by hand, against finite differences and autograd, and against their theory."""

from __future__ import annotations

import math
from functools import partial

import autograd.numpy as anp
import numpy as np
import pytest

import initcourse as ic
from initcourse import residual, testing, training
from initcourse.gradients import differentiable, differentiate
from initcourse.residual import STARTS, ResidualMLP, Start, Stream

RNG = np.random.default_rng(0)


def drawn(blocks=3, width=5, begin=None, **form):
    begin = Start(alpha=0.7, learned=True) if begin is None else begin
    return residual.residual_mlp(blocks, width, begin, rng=1, dtype="float64", **form)


def test_a_block_by_hand():
    relu = ic.activation("relu")
    w1, w2 = np.array([[1.0, -1.0], [2.0, 1.0]]), np.array([[3.0, 0.0], [1.0, 4.0]])
    net = ResidualMLP([[w1, w2]], np.array([0.5]), np.array([[1.0], [2.0]]), relu)
    signals = residual.forward(net, [[1.0, -1.0], [2.0, 0.5]])
    assert signals.pre_activations[0][0].tolist() == [[-1.0, -2.0], [3.0, -1.5]]
    assert signals.pre_activations[0][1].tolist() == [[0.0, 0.0], [9.0, 0.0]]
    assert signals.stream[1].tolist() == [[1.0, -1.0], [6.5, 0.5]]
    assert signals.output.tolist() == [[-1.0], [7.5]]
    found = residual.backward(net, signals, [[1.0], [2.0]])
    assert found.stream[1].tolist() == [[1.0, 2.0], [2.0, 4.0]]
    assert found.alphas.tolist() == [18.0]
    assert found.branches[0][1].tolist() == [[3.0, 6.0], [0.0, 0.0]]  # a = (0, 0) and (3, 0)
    assert found.branches[0][0].tolist() == [[6.0, 0.0], [1.5, 0.0]]  # δ = (0, 0) and (3, 0)
    assert found.stream[0].tolist() == [[1.0, 2.0], [5.0, 10.0]]
    assert found.parameters[2].tolist() == [[14.0], [0.0]]


@pytest.mark.parametrize("matrices", [2, 3, 4])
@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu", "leaky_relu"])
@pytest.mark.parametrize("outputs", [None, 2])
def test_gradients_agree_with_finite_differences(matrices, activation, outputs):
    net = drawn(matrices=matrices, activation=activation, outputs=outputs)
    x = RNG.normal(size=(4, 5))
    weights = RNG.normal(size=(4, net.outputs))

    def loss(inputs=x):
        return float(np.sum(weights * residual.forward(net, inputs).output))

    def slope(array, place, step=1e-6):
        before = array[place]
        array[place] = before + step
        high = loss()
        array[place] = before - step
        low = loss()
        array[place] = before
        return (high - low) / (2 * step)

    found = residual.backward(net, residual.forward(net, x), weights)
    for parameter, gradient in zip(net.parameters, found.parameters, strict=True):
        assert parameter.shape == gradient.shape
        for place in list(np.ndindex(parameter.shape))[:7]:
            assert slope(parameter, place) == pytest.approx(gradient[place], rel=1e-5, abs=1e-7)
    for place in np.ndindex(x.shape):
        assert slope(x, place) == pytest.approx(found.stream[0][place], rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("matrices", [2, 3])
def test_the_stream_and_its_gradients_are_those_of_autograd(matrices):
    net, x = drawn(matrices=matrices, outputs=3), RNG.normal(size=(4, 5))
    f = differentiable("relu")

    def loss(parameters, watch):
        branches, alphas, head = parameters
        h = x
        for number, branch in enumerate(branches, start=1):
            g = h @ branch[0]
            for w in branch[1:]:
                g = f(g) @ w
            h = watch(f"h{number}", h + alphas[number - 1] * g)
        return anp.sum((h @ head) ** 2) / 2

    theirs = differentiate(loss, [net.branches, net.alphas, net.head])
    signals = residual.forward(net, x)
    ours = residual.backward(net, signals, signals.output)
    for number in (1, 2, 3):
        name = f"h{number}"
        np.testing.assert_allclose(signals.stream[number], theirs.record.forward[name], rtol=1e-10)
        np.testing.assert_allclose(ours.stream[number], theirs.record.backward[name], rtol=1e-10)
    for mine, other in zip(ours.branches, theirs.gradients[0], strict=True):
        for one, two in zip(mine, other, strict=True):
            np.testing.assert_allclose(one, two, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(ours.alphas, theirs.gradients[1], rtol=1e-9)
    np.testing.assert_allclose(ours.parameters[-2], theirs.gradients[2], rtol=1e-9)


@pytest.mark.parametrize("name", STARTS)
@pytest.mark.parametrize("matrices", [2, 3])
def test_weights_have_the_variances_of_their_start(name, matrices):
    begin = residual.start(name, 16, matrices)
    net = residual.residual_mlp(2, 100, begin, matrices=matrices, outputs=50, rng=1)
    for branch in net.branches:
        for w in branch[:-1]:
            testing.assert_variance(w, begin.inner / 100)
        testing.assert_variance(branch[-1], begin.last / 100)
    testing.assert_variance(net.head, 1 / 100)
    assert (net.alphas == begin.alpha).all()
    assert (net.parameters[-1] is net.alphas) == begin.learned == (name == "rezero")


def test_starts_by_hand():
    assert residual.start("he", 8) == Start(2, 2)
    assert residual.start("lecun", 8) == Start(2, 1)
    assert residual.start("root", 8) == Start(2, 1 / 8)
    assert residual.start("inverse", 8) == Start(2, 1 / 64)
    assert residual.start("zero", 8) == Start(2, 0)
    assert residual.start("rezero", 8) == Start(2, 1, 0, learned=True)
    for matrices in (2, 3, 4):  # a standard deviation that is L^(-1/(2m-2)) times He's
        std = math.sqrt(residual.start("fixup", 16, matrices).inner)
        assert std == pytest.approx(math.sqrt(2) * 16 ** (-1 / (2 * matrices - 2)))
        assert residual.start("fixup", 16, matrices).last == 0


@pytest.mark.parametrize("matrices", [2, 3])
@pytest.mark.parametrize("begin", [Start(2, 2), Start(2, 1), Start(2, 1, 0.25), Start(1, 1, 2)])
def test_a_block_multiplies_the_stream_and_its_gradient_alike(begin, matrices):
    x = np.random.default_rng(2).standard_normal((3, 8))  # narrow, for it holds at any width
    found = residual.measure(3, begin, x, matrices=matrices, networks=4000, rng=3)
    expected = residual.growth(begin, matrices=matrices)
    assert expected == pytest.approx(
        1 + begin.alpha**2 * begin.last * (begin.inner / 2) ** (matrices - 1)
    )
    testing.assert_mean(found.forward[:, 1:] / found.forward[:, :-1], expected, axis=0)
    dead = 0.02 if matrices == 3 else 0  # that all eight units of a layer are asleep
    down = found.backward[:, :-1] / found.backward[:, 1:]
    assert down.mean(axis=0) == pytest.approx(
        [expected] * 3, abs=5 * down.std() / math.sqrt(4000) + dead
    )


def test_growth_of_a_curved_activation_is_that_of_wide_layers():
    x = np.random.default_rng(4).standard_normal((1, 2000))
    x /= math.sqrt(ic.second_moment(x))
    begin = Start(1.5, 0.8, 0.9)
    found = residual.measure(1, begin, x, activation="tanh", networks=40, rng=5).forward
    expected = residual.growth(begin, activation="tanh")
    assert expected == pytest.approx(1 + 0.81 * 0.8 * ic.moments("tanh", 1.5**0.5).second_moment)
    testing.assert_mean(found[:, 1], expected)


@pytest.mark.parametrize("name", ["zero", "fixup", "rezero"])
def test_a_branch_that_adds_nothing_leaves_the_identity(name):
    x = RNG.normal(size=(3, 6)).astype("float32")
    found = residual.measure(5, residual.start(name, 5), x, networks=2, rng=0)
    assert (found.forward == found.forward[:, :1]).all()
    assert (found.backward == found.backward[:, :1]).all()
    assert residual.growth(residual.start(name, 5)) == 1


def test_training_changes_alpha_only_where_it_is_learned():
    digits = training.load_digits()
    data = digits.x_train, digits.y_train
    for name in ("rezero", "root"):
        net = residual.residual_mlp(4, 64, residual.start(name, 4), outputs=10, rng=0)
        before = [p.copy() for p in (*net.parameters, net.alphas)]
        losses = training.train(net, *data, learning_rate=0.05, steps=60, rng=0)
        moved = [bool((a != b).any()) for a, b in zip(before, net.parameters, strict=False)]
        assert all(moved)
        assert (before[-1] != net.alphas).all() == (name == "rezero")
        assert losses[-5:].mean() < 0.6 < losses[0]
        loss, accuracy = training.loss_and_accuracy(net, digits.x_test, digits.y_test)
        assert loss < 0.7
        assert accuracy > 0.8


# --- what is refused --------------------------------------------------------------------------

NET = drawn(outputs=2)
X, GRADIENT = np.ones((3, 5)), np.ones((3, 2))
SIGNALS = residual.forward(NET, X)


def refused():
    for name in ("inner", "last", "alpha"):
        for value in (math.nan, math.inf, "1", None, *([-1.0] if name != "alpha" else [])):
            yield partial(Start, **{name: value}), name, repr(value)
    yield partial(Start, learned=1), "learned", "1"

    for value in ("xavier", None, 3):
        yield partial(residual.start, value, 4), "name", repr(value)
    for value in (0, 2.5, None):
        yield partial(residual.start, "he", value), "blocks", repr(value)
        yield partial(residual.residual_mlp, value, 4, Start()), "blocks", repr(value)
        yield partial(residual.residual_mlp, 4, value, Start()), "width", repr(value)
        yield partial(residual.measure, value, Start(), X), "blocks", repr(value)
        yield partial(residual.measure, 4, Start(), X, networks=value), "networks", repr(value)
    yield partial(residual.residual_mlp, 4, 4, Start(), outputs=0), "outputs", "0"
    for value in (1, 2.5, None):
        yield partial(residual.start, "he", 4, value), "matrices", repr(value)
        yield partial(residual.fixup_exponent, value), "matrices", repr(value)
        yield partial(residual.growth, Start(), matrices=value), "matrices", repr(value)
        yield partial(residual.residual_mlp, 4, 4, Start(), matrices=value), "matrices", repr(value)
    for value in (None, "he", 2.0):
        yield partial(residual.growth, value), "begin", repr(value)
        yield partial(residual.residual_mlp, 4, 4, value), "begin", repr(value)
        yield partial(residual.measure, 4, value, X), "begin", repr(value)
    yield partial(residual.growth, Start(), activation="rely"), "activation", "rely"
    yield partial(residual.residual_mlp, 4, 4, Start(), activation=3), "activation", "3"
    yield partial(residual.residual_mlp, 4, 4, Start(), rng="x"), "rng", "x"
    yield partial(residual.residual_mlp, 4, 4, Start(), dtype="int8"), "dtype", "int8"
    for value in (np.ones(5), np.full((2, 5), math.nan), None, "x"):
        yield partial(residual.measure, 4, Start(), value), "x", ""
        yield partial(residual.forward, NET, value), "x", ""

    for value in (None, "net", [NET]):
        yield partial(residual.forward, value, X), "net", repr(value)[:40]
        yield partial(residual.backward, value, SIGNALS, GRADIENT), "net", repr(value)[:40]
    yield partial(residual.forward, NET, np.ones((3, 4))), "x", "(3, 4)"
    for value in (None, X):
        yield partial(residual.backward, NET, value, GRADIENT), "signals", repr(value)[:10]
    for other in (drawn(blocks=2, outputs=2), drawn(width=4, outputs=2)):
        seen = residual.forward(other, np.ones((3, other.width)))
        yield partial(residual.backward, NET, seen, GRADIENT), "signals", "3 blocks of width 5"
    for value in (np.ones((3, 3)), np.ones(2), np.full((3, 2), math.nan), None):
        yield partial(residual.backward, NET, SIGNALS, value), "output_gradient", ""


def test_a_pass_keeps_the_dtype():
    net = residual.residual_mlp(2, 4, Start(), outputs=3, rng=0)
    signals = residual.forward(net, np.ones((2, 4)))
    found = residual.backward(net, signals, np.ones((2, 3)))
    assert isinstance(signals, Stream)
    assert {a.dtype.name for a in [*signals.stream, *found.parameters, *found.stream]} == {
        "float32"
    }
