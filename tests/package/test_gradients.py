"""Gradients of any architecture: against the plain network's, and against finite differences."""

from functools import partial

import autograd.numpy as anp
import numpy as np
import pytest

import initcourse as ic
from initcourse import training
from initcourse.gradients import differentiable, differentiate

RNG = np.random.default_rng(0)


def cross_entropy(logits, labels):
    shifted = logits - anp.max(logits, axis=1, keepdims=True)
    total = anp.log(anp.sum(anp.exp(shifted), axis=1))
    return anp.mean(total - shifted[np.arange(len(labels)), labels])


@pytest.mark.parametrize("name", [*ic.ACTIVATIONS, "leaky_relu"])
def test_a_plain_network_has_the_gradients_derived_by_hand(name):
    net = ic.mlp([6, 5, 4, 3], ic.lecun_normal, activation=name, rng=1, dtype="float64")
    net.biases[0][:] = RNG.normal(size=5)
    x, y = RNG.normal(size=(7, 6)), RNG.integers(3, size=7)
    f = differentiable(name)

    def loss(parameters, watch):
        h = x
        for layer, (w, b) in enumerate(zip(*parameters, strict=True), start=1):
            z = watch(f"z{layer}", h @ w + b)
            h = watch(f"h{layer}", f(z)) if layer < 3 else z
        return cross_entropy(h, y)

    found = differentiate(loss, [net.weights, net.biases])
    signals = ic.forward(net, x)
    value, output_gradient = training.softmax_cross_entropy(signals.output, y)
    gradients = ic.backward(net, signals, output_gradient)
    assert found.loss == pytest.approx(value)
    for ours, derived in zip(
        [*found.gradients[0], *found.gradients[1]],
        [*gradients.weights, *gradients.biases],
        strict=True,
    ):
        np.testing.assert_allclose(ours, derived, atol=1e-12)
    for layer in (1, 2, 3):
        z, delta = signals.pre_activations[layer - 1], gradients.pre_activations[layer - 1]
        np.testing.assert_allclose(found.record.forward[f"z{layer}"], z, atol=1e-12)
        np.testing.assert_allclose(found.record.backward[f"z{layer}"], delta, atol=1e-12)
    below = gradients.pre_activations[1] @ net.weights[1].T
    np.testing.assert_allclose(found.record.backward["h1"], below, atol=1e-12)


def normalized(h, axis=-1):
    centered = h - anp.mean(h, axis=axis, keepdims=True)
    return centered / anp.sqrt(anp.mean(centered**2, axis=axis, keepdims=True) + 1e-5)


def residual(p, watch):
    f, h = differentiable("gelu"), p["x"]
    for block in range(3):
        h = watch(f"block {block}", h + f(normalized(h) @ p["in"][block]) @ p["out"][block])
    return anp.sum(h * p["probe"])


def batch_normalized(p, watch):
    h = p["x"]
    for layer, w in enumerate(p["in"]):
        h = watch(f"layer {layer}", differentiable("relu")(normalized(h @ w, axis=0)))
    return anp.sum(h[:, :4] * p["probe"])


def attention(p, watch):
    h = normalized(p["x"])
    q, k, v = (h @ w for w in p["square"])
    scores = watch("scores", q @ k.T / np.sqrt(4))
    weights = anp.exp(scores) * np.tri(5)
    h = watch("mixed", weights / anp.sum(weights, axis=1, keepdims=True) @ v)
    return anp.sum(h * p["probe"])


def recurrent(p, watch):
    h = np.zeros((1, 4))
    for step, row in enumerate(p["x"]):
        h = watch(f"step {step}", differentiable("tanh")(h @ p["square"][0] + row))
    return anp.sum(h * p["probe"][:1])


@pytest.mark.parametrize("loss", [residual, batch_normalized, attention, recurrent])
def test_an_architecture_agrees_with_finite_differences(loss):
    parameters = {
        "x": RNG.normal(size=(5, 4)),
        "in": [RNG.normal(size=(4, 8)) for _ in range(3)],
        "out": [RNG.normal(size=(8, 4)) for _ in range(3)],
        "square": [RNG.normal(size=(4, 4)) for _ in range(3)],
        "probe": RNG.normal(size=(5, 4)),
    }
    if loss is batch_normalized:
        parameters["in"] = [RNG.normal(size=(4, 8)), RNG.normal(size=(8, 8))]
    found = differentiate(loss, parameters)
    checked = 0
    for key, value in parameters.items():
        arrays, slopes = (
            (value, found.gradients[key])
            if isinstance(value, list)
            else ([value], [found.gradients[key]])
        )
        for array, slope in zip(arrays, slopes, strict=True):
            direction = RNG.normal(size=array.shape)
            array += 1e-6 * direction
            above = differentiate(loss, parameters).loss
            array -= 2e-6 * direction
            below = differentiate(loss, parameters).loss
            array += 1e-6 * direction
            expected = np.sum(slope * direction)
            assert (above - below) / 2e-6 == pytest.approx(expected, rel=1e-5, abs=1e-6)
            checked += abs(expected) > 1e-3
    assert checked >= 3


def test_a_watched_signal_has_the_gradient_of_everything_behind_it():
    """Two ways lead on from it, and both count."""
    found = differentiate(
        lambda w, watch: (lambda h: anp.sum(h**2) + 5 * anp.sum(h))(watch("h", 3 * w)),
        np.array([1.0, 2.0]),
    )
    assert found.record.backward["h"] == pytest.approx(2 * np.array([3.0, 6.0]) + 5)
    assert found.gradients == pytest.approx(3 * (2 * np.array([3.0, 6.0]) + 5))


def test_a_signal_that_is_multiplied_by_zero_has_a_gradient_of_zero():
    found = differentiate(lambda w, watch: anp.sum(0 * watch("h", 2 * w) + w), np.ones(3))
    assert not found.record.backward["h"].any()


def test_a_record_is_a_copy_forward_and_backward():
    w = np.ones(3)
    found = differentiate(lambda w, watch: anp.sum(watch("w", w) * np.arange(3.0)), w)
    w[:] = 5
    found.gradients[:] = 5
    assert np.array_equal(found.record.forward["w"], np.ones(3))
    assert np.array_equal(found.record.backward["w"], np.arange(3.0))


def test_signals_are_recorded_in_the_order_in_which_they_are_computed():
    def loss(w, watch):
        return anp.sum(watch("b", watch("c", 2 * watch("a", 3 * w)) + 1))

    assert list(differentiate(loss, np.ones(2)).record.forward) == ["a", "c", "b"]


def test_a_record_and_a_loss_keep_the_digits_of_float64():
    w = np.array([1 + 1e-12])
    found = differentiate(lambda w, watch: anp.sum(watch("w", w) ** 2) / 2, w)
    assert type(found.loss) is float
    assert found.record.forward["w"] == found.record.backward["w"] == w


def test_gradients_are_nested_like_the_parameters():
    parameters = {"a": (np.ones(2), [3.0]), "b": {"c": np.full((1, 2), 4.0)}}
    found = differentiate(
        lambda p, watch: sum(anp.sum(q**2) for q in (*p["a"][:1], p["a"][1][0], p["b"]["c"])),
        parameters,
    ).gradients
    assert (type(found), type(found["a"]), type(found["a"][1])) == (dict, tuple, list)
    assert found["a"][0] == pytest.approx([2, 2])
    assert found["a"][1] == [6.0]
    assert found["b"]["c"] == pytest.approx(np.full((1, 2), 8.0))


def test_numbers_are_parameters_too():
    f = differentiable("softplus")
    found = differentiate(lambda p, watch: f(p["scale"]) * 2, {"scale": 0.0})
    assert found.gradients["scale"] == pytest.approx(1.0)  # 2 sigmoid(0)


def test_an_activation_is_made_differentiable_once():
    for value in ("relu", "leaky_relu", ic.leaky_relu(0.3)):
        assert differentiable(value) is differentiable(value)


def test_the_dtype_of_the_parameters_is_kept():
    found = differentiate(
        lambda w, watch: anp.sum(watch("h", differentiable("selu")(w @ w))),
        np.ones((3, 3), np.float32),
    )
    assert found.gradients.dtype == found.record.backward["h"].dtype == np.float32


def test_a_network_written_out_makes_the_measurement_of_a_plain_one():
    """A layer's activation forward, the gradient at its pre-activation backward."""
    x = RNG.normal(size=(9, 8))
    f = differentiable("relu")

    def record_of(seed):
        generator = np.random.default_rng(seed)
        layers = {"activation": "relu", "output_activation": "relu", "dtype": "float64"}
        net = ic.mlp([8, 8, 8], ic.he_normal, rng=generator, **layers)
        gradient = generator.standard_normal((9, 8))

        def loss(weights, watch):
            h = x
            for layer, w in enumerate(weights, start=1):
                h = watch(f"h{layer}", f(watch(f"z{layer}", h @ w)))
            return anp.sum(h * gradient)

        watched = differentiate(loss, net.weights).record
        return ic.Record(
            {layer: watched.forward[f"h{layer}"] for layer in "12"},
            {layer: watched.backward[f"z{layer}"] for layer in "12"},
        )

    ours = ic.Measurement.of([record_of(3)])
    theirs = ic.measure(
        [8, 8, 8], ic.he_normal, x, activation="relu", networks=1, rng=3, dtype="float64"
    )
    assert ours.forward == pytest.approx(theirs.forward)
    assert ours.backward == pytest.approx(theirs.backward)


@pytest.mark.parametrize(
    ("loss", "error", "named"),
    [
        ("a loss", TypeError, "loss must be callable"),
        (lambda p, watch: p, TypeError, "loss must return one number"),
        (lambda p, watch: 1.0, TypeError, "loss must return one number"),
        (lambda p, watch: anp.sum(watch(3, p)), TypeError, "name must be of type str"),
        (lambda p, watch: anp.sum(watch("x", np.ones(2))), ValueError, "signal must depend"),
        (lambda p, watch: (watch("h", p), anp.sum(p))[1], ValueError, r"loss must go on .*\['h'\]"),
        (lambda p, watch: anp.sum(watch("h", watch("h", p))), ValueError, "name must be .* 'h'"),
    ],
)
def test_a_loss_that_cannot_be_watched_is_refused(loss, error, named):
    with pytest.raises(error, match=named):
        differentiate(loss, np.ones(3))


# --- what is refused --------------------------------------------------------------------------


def refused():
    for value in ("swish", None, ["relu"], 3):
        yield partial(differentiable, value), "activation", repr(value)
    for value in ("a loss", None, lambda p, watch: p, lambda p, watch: 1.0):
        yield partial(differentiate, value, np.ones(3)), "loss", ""
    for value in (np.ones(3, int), {"b": None}, [1.0, (2,)], "w"):
        yield partial(differentiate, lambda p, watch: 0.0, value), "parameters", ""
    yield partial(differentiate, lambda p, watch: p, np.ones(3)), "loss", "(3,)"
