"""Whatever is wrong is refused, with the argument's name, its value and what is allowed."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import initcourse as ic
from initcourse import plots, testing, training


class BadIndex:
    """An object that promises to be an index and breaks the promise."""

    def __index__(self):
        raise RuntimeError("no such thing today")


class BadArray:
    """An object that promises to be an array and breaks the promise."""

    def __array__(self, dtype=None, copy=None):
        raise KeyError("no such thing today")


class BadRepr:
    """An object that cannot be printed."""

    def __repr__(self):
        raise RuntimeError("no such thing today")


NAN, INF = float("nan"), float("inf")
SPREAD = {"normal": "std", "truncated_normal": "std", "uniform": "limit"}
PRESETS = ("lecun_normal", "lecun_uniform", "glorot_normal", "glorot_uniform")
PRESETS += ("he_normal", "he_uniform")
SAMPLERS = (*SPREAD, *PRESETS, "variance_scaling", "orthogonal")

NET = ic.mlp([4, 3, 2], ic.lecun_normal, rng=0)
SIGNALS = ic.forward(NET, np.ones((5, 4)))
X, Y = np.ones((5, 4)), [0, 1, 0, 1, 1]
STEP = {"learning_rate": 0.1, "steps": 2}
M = ic.Measurement(np.ones((2, 3)), np.ones((2, 3)))
RULE = ic.lecun_normal


def wrong_shape(shape, *, rng, dtype):
    return np.ones(3)


def no_array(shape, *, rng, dtype):
    return "weights"


def rows():
    """Yield (call, the argument's name, what the message must repeat of the value)."""
    for name in ("fans", "zeros", *SAMPLERS):
        f = getattr(ic, name)
        for shape in ((3, 0), (3, -1), [2, 2.5], ("3", 4), (True, 3), (3, None), (3, NAN)):
            yield partial(f, shape), "shape", repr(shape)
        for shape in (5, None, "3x4", {3, 4}, np.array([3, 4]), 3.0):
            yield partial(f, shape), "shape", repr(shape)
        yield partial(f, (3, np.ones(2))), "shape", "array"
        yield partial(f, (1,) * 65), "shape", "65"
    yield partial(ic.constant, (0,), 1.0), "shape", "0"

    for name in ("zeros", *SAMPLERS):
        f = partial(getattr(ic, name), (3, 4))
        for dtype in (None, "int32", "complex64", bool, "nonsense", ">f4", 7, object):
            yield partial(f, dtype=dtype), "dtype", repr(dtype)
        for rng in (-1, 1.5, "seed", True, [1, 2], np.random, object):
            yield partial(f, rng=rng), "rng", repr(rng)
        yield partial(f, rng=np.random.RandomState(0)), "rng", "RandomState"
    yield partial(ic.constant, (3,), 1.0, dtype="int8"), "dtype", "int8"
    yield partial(ic.constant, (3,), 1.0, rng="x"), "rng", "x"

    for name, argument in SPREAD.items():
        f = partial(getattr(ic, name), (3, 4))
        for value in (-1.0, NAN, INF, -INF, "1", None, 1j, True, [1.0], 10**400, 1e39):
            yield partial(f, value), argument, repr(value)[:20]
    for value in (NAN, INF, "1", None, 1j, False, 1e39):
        yield partial(ic.constant, (3,), value), "value", repr(value)
    for value in (1, 0, "yes", None):
        yield partial(ic.truncated_normal, (3,), corrected=value), "corrected", repr(value)
    for value in (0, -1, NAN, INF, "2", None, 2j, True):
        yield partial(ic.variance_scaling, (3, 4), value), "scale", repr(value)
        for name in ("glorot_normal", "glorot_uniform", "orthogonal"):
            yield partial(getattr(ic, name), (3, 4), value), "gain", repr(value)
    for value in (1e200, 1e-200):
        for name in ("glorot_normal", "glorot_uniform"):
            yield partial(getattr(ic, name), (3, 4), value), "gain", repr(value)
    for value in (1e-80, 1e80):
        for law in ("truncated_normal", "normal", "uniform"):
            call = partial(ic.variance_scaling, (3, 4), value, "fan_in", law)
            yield call, "scale", repr(value)
    yield partial(ic.variance_scaling, (3, 4), 5e-324, dtype="float64"), "scale", "5e-324"
    for value in (NAN, INF, "0", None, True, 1e200):
        for name in ("he_normal", "he_uniform"):
            yield partial(getattr(ic, name), (3, 4), value), "negative_slope", repr(value)
        if value != 1e200:  # a steep function, but one
            yield partial(ic.leaky_relu, value), "negative_slope", repr(value)
    for value in ("fan", "FAN_IN", None, 3, ["fan_in"]):
        yield partial(ic.variance_scaling, (3, 4), 1.0, value), "mode", repr(value)
    for value in ("gaussian", "untruncated_normal", None, 3):
        yield (
            partial(ic.variance_scaling, (3, 4), 1.0, "fan_in", value),
            "distribution",
            repr(value),
        )
    for shape in ((), (3,)):
        yield partial(ic.orthogonal, shape), "shape", repr(shape)

    for value in ("gelu", "Tanh", None, 3, ["relu"]):
        yield partial(ic.calculate_gain, value), "nonlinearity", repr(value)
    for value in (NAN, "0.1", True, 1e200):
        yield partial(ic.calculate_gain, "leaky_relu", value), "param", repr(value)
    yield partial(ic.calculate_gain, "relu", 0.1), "param", "0.1"

    for f in (ic.activation, ic.moments, ic.forward_gain, ic.backward_gain):
        for value in ("Relu", "", None, 3, np.tanh, ["relu"]):
            yield partial(f, value), "activation", repr(value)
    for value in (-1.0, NAN, "1", None):
        yield partial(ic.gaussian_mean, np.tanh, value), "std", repr(value)
        yield partial(ic.moments, "relu", value), "std", repr(value)
    for value in (NAN, INF, "1", None):
        yield partial(ic.gaussian_mean, np.tanh, 1.0, value), "mean", repr(value)
    yield partial(ic.gaussian_mean, "tanh"), "function", "tanh"
    yield partial(ic.gaussian_mean, lambda x: 1.0), "function", "()"
    yield partial(ic.gaussian_mean, lambda x: x * 1j), "function", "complex128"
    yield partial(ic.gaussian_mean, lambda x: x.astype(str)), "function", "<U"
    yield partial(ic.gaussian_mean, lambda x: x * NAN), "function", "nan"
    yield partial(ic.moments, "relu", 1e200), "std", "1e+200"

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
    yield partial(ic.predict, "rely", 3, 2.0), "activation", "rely"
    for value in ("sideways", None):
        yield partial(ic.predict("relu", 3, 2.0).band, value), "direction", repr(value)
    yield partial(ic.predict("relu", 3, 2.0).band, "forward", -1), "z", "-1"
    for value in (1.5, -2, NAN, "1", None, [0.0, 2.0]):
        yield partial(ic.relu_correlation, value), "correlation", ""

    for value in ([3], [], None, 5, "34", [3, 0], [3, -1], [3, 2.5], [3, "4"], [True, 3]):
        yield partial(ic.mlp, value, RULE), "widths", ""
    for value in (None, "he_normal", 3, [RULE], [RULE, RULE, RULE], [RULE, None]):
        yield partial(ic.mlp, [2, 3, 4], value), "initializer", ""
    for value in (wrong_shape, no_array):
        yield partial(ic.mlp, [2, 3, 4], value), "initializer", "(2, 3)"
        yield (
            partial(ic.mlp, [2, 3, 4], RULE, bias=value if value is no_array else None),
            "bias",
            "",
        )
    yield partial(ic.mlp, [2, 3], RULE, activation="rely"), "activation", "rely"
    yield partial(ic.mlp, [2, 3], RULE, output_activation=3), "activation", "3"
    yield partial(ic.mlp, [2, 3], RULE, rng="x"), "rng", "x"
    yield partial(ic.mlp, [2, 3], RULE, dtype="int8"), "dtype", "int8"
    for value in (np.ones(4), np.ones((5, 3)), np.ones((0, 4)), np.full((5, 4), NAN), None, "x"):
        yield partial(ic.forward, NET, value), "x", ""
    yield partial(ic.forward, NET, [[1, 2], [3]]), "x", "ragged"
    yield partial(ic.forward, NET, np.full((5, 4), INF)), "x", "inf"
    for value in (
        np.ones((5, 3)),
        np.ones(2),
        np.full((5, 2), NAN),
        None,
        np.ones((5, 2), complex),
    ):
        yield partial(ic.backward, NET, SIGNALS, value), "output_gradient", ""
    for value in (0, 2.5, None):
        yield partial(ic.measure, [4, 3], RULE, X, networks=value), "networks", repr(value)
    for value in ([], [NAN], ["a"], None):
        yield partial(ic.second_moment, value), "signal", ""

    for value in ("pixel", None, 3):
        yield partial(training.load_digits, value), "normalize", repr(value)
    xent = training.softmax_cross_entropy
    for value in (np.ones(3), [[NAN, 1.0]], [["a"]], np.ones((0, 2))):
        yield partial(xent, value, [0]), "logits", ""
    for value in ([2, 0], [-1, 0], [0], [[0, 1]], [0.0, 1.0], ["a", "b"], [True, False]):
        yield partial(xent, np.ones((2, 2)), value), "labels", ""
    yield partial(training.loss_and_accuracy, NET, X, [0]), "y must", "(1,)"
    yield partial(training.loss_and_accuracy, NET, np.ones((5, 9)), Y), "x", "(5, 9)"
    train = partial(training.train, NET)
    yield partial(train, np.full((5, 4), NAN), Y, **STEP), "x", "nan"
    yield partial(train, X[:, :2], Y, **STEP), "x", "(5, 2)"
    yield partial(train, X, Y[:2], **STEP), "y must", "(2,)"
    yield partial(train, X, [0, 1, 2, 0, 0], **STEP), "y must", "2"
    yield partial(train, X, [[0], [0, 1]], **STEP), "y must", "[[0], [0, 1]]"
    for value in (0, -0.1, NAN, "0.1", None):
        yield partial(train, X, Y, learning_rate=value, steps=2), "learning_rate", repr(value)
    for value in (0, 1.5, "3", None):
        yield partial(train, X, Y, learning_rate=0.1, steps=value), "steps", repr(value)
    for value in (0, 2.5, "3"):
        yield partial(train, X, Y, batch_size=value, **STEP), "batch_size", repr(value)
    yield partial(train, X, Y, rng="x", **STEP), "rng", "x"
    curves = training.loss_curves
    yield partial(curves, NET, X, Y, seeds=2, **STEP), "draw", "MLP"
    for value in (0, -1, 1.5, "12", None, [0.5], [-1], [True]):
        yield partial(curves, lambda rng: NET, X, Y, seeds=value, **STEP), "seeds", ""
    best = partial(training.best_learning_rate, lambda rng: NET, X, Y, seeds=1, steps=2)
    for f in (ic.forward, training.loss_and_accuracy, training.train):
        for value in (None, "net", [NET]):
            call = partial(f, value, X, Y, **STEP) if f is training.train else partial(f, value, X)
            call = partial(call, Y) if f is training.loss_and_accuracy else call
            yield call, "net", repr(value)[:40]
    yield partial(ic.backward, None, SIGNALS, np.ones((5, 2))), "net", "None"
    for value in (None, SIGNALS.output):
        yield partial(ic.backward, NET, value, np.ones((5, 2))), "signals", repr(value)[:10]
    for widths in ([4, 7, 2], [4, 3, 3, 2]):
        other = ic.mlp(widths, RULE, rng=0)
        yield partial(ic.backward, other, SIGNALS, np.ones((5, 2))), "signals", "[4, 3, 2]"
        yield partial(ic.backward, NET, ic.forward(other, X), np.ones((5, 2))), "signals", ""
    yield partial(ic.forward, NET, X * 1e39), "x must", "1e+39"
    yield partial(ic.backward, NET, SIGNALS, np.full((5, 2), 1e39)), "output_gradient", "1e+39"
    for value in (NAN, 1j, "a"):
        rule = partial(np.full, fill_value=value)
        call = partial(ic.mlp, [2, 3], lambda s, rng, dtype, rule=rule: rule(s))
        yield call, "initializer", ""
    yield partial(curves, lambda rng: None, X, Y, seeds=2, **STEP), "draw", "None"
    yield partial(curves, lambda rng: NET, X, Y, seeds=[], **STEP), "seeds", "none"
    for value in ([], [0.1, -1], [NAN], "0.1", 0.1, None, ["0.1"]):
        yield partial(best, learning_rates=value), "learning_rates", ""

    for f in (testing.assert_mean, testing.assert_variance):
        for value in ([1.0], [], [1.0, NAN], ["a", "b"], None, 3.0, [1j, 2j], [[1], [1, 2]]):
            yield partial(f, value, 0.0), "sample", ""
        for value in (NAN, "0", None, [0.0, 1.0]):
            yield partial(f, [1.0, 2.0, 3.0, 4.0], value), "expected", ""
        for value in (2, -3, 0.5, "0", True):
            yield partial(f, np.ones((4, 4)), 0.0, axis=value), "axis", ""
    yield partial(testing.assert_variance, [1.0, 2.0, 3.0], 1.0), "sample", "3"
    yield partial(testing.assert_variance, [1.0, 2.0, 3.0, 4.0], -1.0), "expected", "-1.0"
    for f in (testing.assert_mean, testing.assert_variance):
        yield partial(f, [1e80, -1e80, 1e80, 1e80], 0.0), "sample", "1e+80"
    yield partial(testing.assert_less, [1e80, -1e80], 0.0), "smaller", "1e+80"
    yield partial(testing.assert_less, 1.0, 2.0), "smaller", "one number"
    yield partial(testing.assert_less, [NAN, 1.0], 2.0), "smaller", "nan"
    yield partial(testing.assert_less, [0.0, 1.0], "2"), "larger", ""
    for value in (NAN, "0.1", None, [0.1]):
        yield partial(testing.assert_digits, value, "0.1"), "value", repr(value)
    for value in (0.1, None, "", "abc", "0.1.2", "nan", "inf", "1_0", " 0.1", "0e5000", "1e-5000"):
        yield partial(testing.assert_digits, 0.1, value), "digits", repr(value)

    for value in ("adam", "", None, 3):
        yield partial(plots.color, value), "label", repr(value)
    yield partial(plots.signals, {}, title="t"), "measured", "none"
    for value in ([M], None, {"He": None}, {"He": np.ones((2, 3))}):
        yield partial(plots.signals, value, title="t"), "measured", ""
    for value in ([M], {"He": 5}):
        yield partial(plots.signals, {"He": M}, value, title="t"), "predicted", ""
    names = {"title": "t", "xlabel": "x", "ylabel": "y"}
    bad_values = ("x", None, [], [[1], [1, 2]], np.ones((2, 2, 2)), 1j)
    for value in ([1], None, {}, *({"He": bad} for bad in bad_values)):
        yield partial(plots.losses, value, title="t"), "curves", ""
        yield partial(plots.compare, [1], value, **names), "measured", ""
        yield partial(plots.hero, value, {"He": 1.0}), "measured", ""
    for value in ([1], {"a": [1]}, {"a": None}, {"a": ["x", "y"]}):
        yield partial(plots.compare, [1, 2], {"He": [1, 2]}, value, **names), "theory", ""
    for value in ("a", None, [], [NAN], [[1]], 1):
        yield partial(plots.compare, value, {"He": [1]}, **names), "x must", ""
    for value in ("x", 4):
        yield partial(plots.losses, {"He": [1.0]}, title="t", axes=value), "axes", repr(value)
        yield partial(plots.compare, [1], {"He": [1]}, axes=value, **names), "axes", repr(value)
    for value in ({"He": 0}, {"He": -1.0}, {"He": "1"}, {"He": NAN}, [1.0], None):
        yield partial(plots.hero, {"He": np.ones((2, 3))}, value), "factors", ""
    for value in ([-1.0], [0.0], ["x"], [NAN], None):
        yield partial(plots.gains, ["a"], value, [1]), "forward", ""
        yield partial(plots.gains, ["a"], [1], value), "backward", ""
    for value in (5, None, [3], "a"):
        yield partial(plots.gains, value, [1], [1]), "names", repr(value)
    for value in ([1], None, {"He": None}, {"He": "ab"}, {"He": [[]]}, {"He": [[NAN]]}):
        yield partial(plots.histograms, value, title="t", xlabel="x", limit=1), "rows", ""
    hist = partial(plots.histograms, title="t", xlabel="x")
    yield partial(hist, {}, limit=1), "rows", "none"
    yield partial(hist, {"He": [[1.0]], "Xavier": [[1.0], [2.0]]}, limit=1), "rows", "[1, 2]"
    yield partial(hist, {"He": [[1.0]]}, limit=0), "limit", "0"
    yield partial(hist, {"Adam": [[1.0]]}, limit=1), "label", "Adam"
    yield partial(plots.losses, {"He": np.ones((2, 3))}, title="t", smooth=0), "smooth", "0"
    yield partial(plots.losses, {"He": np.ones((2, 3))}, title="t", smooth=4), "smooth", "4"
    yield partial(plots.losses, {"He": np.ones((2, 3))}, title="t", classes=1), "classes", "1"
    yield partial(plots.compare, [1, 2], {"He": [1]}, **names), "measured", "(1, 1)"
    yield partial(plots.compare, [1], {"He": [1]}, log="z", **names), "log", "z"
    for argument in ("rows", "columns"):
        yield partial(plots.panels, **{argument: 0}), argument, "0"
    yield partial(plots.panels, height=-1), "height", "-1"
    yield partial(plots.gains, ["a"], [1, 2], [1, 2]), "forward", "(2,)"
    yield partial(plots.hero, {"He": np.ones((2, 3))}, {}), "factors", "He"
    for value in ("rely", None, 2):
        yield partial(plots.signal, value), "activation", repr(value)
    for value in (0, -1.0, NAN, "2", None):
        yield partial(plots.signal, "relu", value), "scale", repr(value)
    for argument in ("depth", "width", "networks"):
        for value in (0, 2.5, True):
            yield partial(plots.signal, **{argument: value}), argument, repr(value)
    yield partial(plots.signal, seed=-1), "seed", "-1"


TABLE = list(rows())


@pytest.mark.parametrize(
    ("call", "argument", "value"),
    TABLE,
    ids=[
        f"{getattr(call.func, '__name__', 'call')}-{name}-{i}"
        for i, (call, name, _) in enumerate(TABLE)
    ],
)
def test_bad_input_is_refused_by_name_and_value(call, argument, value):
    with pytest.raises((ValueError, TypeError)) as caught:
        call()
    message = str(caught.value)
    assert argument in message
    assert value.strip("'") in message
    assert any(word in message for word in ("must", "allowed")), message


def test_every_public_function_is_in_the_table():
    tested = set()
    for call, _, _ in TABLE:
        f = call
        while isinstance(f, partial):
            f = f.func
        tested.add(getattr(f, "__qualname__", str(f)))
    public = {name for name in ic.__all__ if callable(getattr(ic, name))}
    classes = {name for name in public if isinstance(getattr(ic, name), type)}
    for module in (training, testing, plots):
        public |= {
            name
            for name, value in vars(module).items()
            if callable(value)
            and getattr(value, "__module__", "") == module.__name__
            and not name.startswith("_")
        }
    data = {"Digits", "Comparison", "use_style", "progress"}  # nothing to refuse
    assert public - classes - data <= tested


@pytest.mark.parametrize("shape", [(10**7, 10**7), (2**40, 2**40), (10**30, 1), (10**5,) * 4])
@pytest.mark.parametrize("name", ["zeros", "normal", "uniform", "he_normal", "orthogonal"])
def test_a_size_that_cannot_exist_is_a_memory_error(name, shape):
    with pytest.raises(MemoryError, match="shape"):
        getattr(ic, name)(shape)


def test_nothing_is_drawn_when_input_is_refused():
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    for call in (
        lambda: ic.normal((3, 4), -1.0, rng=rng),
        lambda: ic.normal((3, 0), rng=rng),
        lambda: ic.he_normal((3, 4), rng=rng, dtype="int8"),
        lambda: ic.orthogonal((3,), rng=rng),
    ):
        with pytest.raises((TypeError, ValueError)):
            call()
    assert rng.bit_generator.state == before


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: ic.fans((3, BadIndex())), "shape"),
        (lambda: ic.mlp([3, BadIndex()], RULE), "widths"),
        (lambda: ic.predict("relu", BadIndex(), 2.0), "depth"),
        (lambda: ic.second_moment(BadArray()), "signal"),
        (lambda: training.softmax_cross_entropy(np.ones((1, 2)), BadArray()), "labels"),
    ],
)
def test_a_broken_promise_is_refused_by_name_and_its_cause_is_kept(call, argument):
    with pytest.raises((TypeError, ValueError), match=f"{argument} must be") as caught:
        call()
    assert "no such thing today" in str(caught.value.__cause__)


@pytest.mark.parametrize("value", [10**5000, -(10**5000), BadRepr()], ids=["huge", "-huge", "repr"])
@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda value: ic.fans(value), "shape"),
        (lambda value: ic.zeros((value,)), "shape"),
        (lambda value: ic.normal((3,), value), "std"),
        (lambda value: ic.variance_scaling((3,), 1.0, value), "mode"),
        (lambda value: ic.normal((3,), dtype=value), "dtype"),
        (lambda value: ic.predict("relu", value, 2.0), "depth"),
        (lambda value: ic.gaussian_mean(value), "function"),
        (lambda value: testing.assert_mean([1.0, 2.0], value), "expected"),
        (lambda value: plots.color(value), "label"),
    ],
)
def test_what_cannot_be_printed_is_refused_by_name(call, argument, value):
    with pytest.raises((TypeError, ValueError, MemoryError), match=argument):
        call(value)


def test_messages_stay_short():
    with pytest.raises(ValueError, match="shape must be") as caught:
        ic.fans(["x" * 100] * 60)
    assert len(str(caught.value)) < 700


ARGUMENTS = ("std", "limit", "gain", "scale", "negative_slope")
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.text(max_size=5),
    st.binary(max_size=5),
    st.lists(st.integers(-2, 4), max_size=4),
    st.tuples(st.integers(-2, 4), st.floats()),
    st.sampled_from([np.float32(1), np.int8(3), np.bool_(True), np.ones(2), math.pi, object()]),
)


@settings(max_examples=400, deadline=None)
@given(name=st.sampled_from(SAMPLERS), shape=ANYTHING, value=ANYTHING, rng=ANYTHING, dtype=ANYTHING)
def test_samplers_return_an_array_or_refuse(name, shape, value, rng, dtype):
    f = getattr(ic, name)
    positional = (shape,) if name.startswith("lecun") else (shape, value)
    try:
        result = f(*positional, rng=rng, dtype=dtype)
    except (ValueError, TypeError, MemoryError):
        return
    assert result.shape == tuple(shape)
    assert np.isfinite(result).all()
