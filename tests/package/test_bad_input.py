"""Whatever is wrong is refused, with the argument's name, its value and what is allowed.

What is refused stands beside the other tests of a module, in the table `refused` of its test
module: the call, the name of its argument, and what the message repeats of the value.
"""

from __future__ import annotations

import inspect
import math
import re
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import initcourse as ic
from initcourse import decoder, gradients, lab, normalization, plots, residual, testing, training


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


PRESETS = ("lecun_normal", "lecun_uniform", "glorot_normal", "glorot_uniform")
PRESETS += ("he_normal", "he_uniform")
SAMPLERS = ("normal", "truncated_normal", "uniform", *PRESETS, "variance_scaling", "orthogonal")

RULE = ic.lecun_normal


def called(call):
    """Return the function that a partial one calls."""
    return called(call.func) if isinstance(call, partial) else call


MODULES = [
    import_module(path.stem)
    for path in sorted(Path(__file__).parent.glob("test_*.py"))
    if path.stem != __name__
]
TABLE = [row for module in MODULES if hasattr(module, "refused") for row in module.refused()]


@pytest.mark.parametrize(
    ("call", "argument", "value"),
    TABLE,
    ids=[f"{called(call).__name__}-{name}-{i}" for i, (call, name, _) in enumerate(TABLE)],
)
def test_bad_input_is_refused_by_name_and_value(call, argument, value):
    parameters = inspect.signature(called(call)).parameters
    named = [p.kind is not inspect.Parameter.VAR_KEYWORD for p in parameters.values()]
    assert argument in parameters or not all(named)  # it takes what its caller names
    with pytest.raises((ValueError, TypeError)) as caught:
        call()
    message = str(caught.value)
    assert re.match(rf"{argument}\b", message), message
    assert value.strip("'") in message
    assert any(word in message for word in ("must", "allowed")), message


def test_every_public_function_is_in_a_table():
    tested = {called(call).__qualname__ for call, _, _ in TABLE}
    public = {name for name in ic.__all__ if callable(getattr(ic, name))}
    classes = {name for name in public if isinstance(getattr(ic, name), type)}
    for module in (decoder, gradients, lab, normalization, residual, training, testing, plots):
        public |= {
            name
            for name, value in vars(module).items()
            if callable(value)
            and getattr(value, "__module__", "").startswith(module.__name__)
            and not name.startswith("_")
        }
    data = {
        "AtItsBest",
        "Comparison",
        "Difference",
        "Digits",
        "Draw",
        "Evidence",
        "Exact",
        "Gradients",
        "Normalized",
        "Numbers",
        "Pass",
        "Passage",
        "ResidualMLP",
        "Stream",
        "StreamGradients",
        "Watch",
        "load_sonnets",
        "normal_equivalent",
        "progress",
        "use_style",
        "with_error",
    }  # nothing to refuse
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
        (lambda value: plots.losses({"He": [1.0]}, title="t", colors=value), "colors"),
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
