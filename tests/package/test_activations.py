"""Activations and their derivatives."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest

import initcourse as ic

ALL = [*ic.ACTIVATIONS.values(), ic.leaky_relu(0.2), ic.leaky_relu(-0.5)]
each = pytest.mark.parametrize("f", ALL, ids=lambda f: f.name)


@each
def test_the_derivative_is_the_derivative(f):
    x = np.linspace(-5, 5, 1001) + 1e-3  # off the kink at 0
    h = 1e-5
    numeric = (f(x + h) - f(x - h)) / (2 * h)
    assert np.abs(numeric - f.derivative(x)).max() < 1e-8


@each
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_dtype_and_shape_are_kept(f, dtype):
    x = np.linspace(-3, 3, 12, dtype=dtype).reshape(3, 4)
    for y in (f(x), f.derivative(x)):
        assert y.dtype == x.dtype
        assert y.shape == x.shape


@each
def test_large_inputs_neither_overflow_nor_warn(f):
    x = np.array([-1e4, -100.0, 0.0, 100.0, 1e4])
    assert np.isfinite(f(x)).all()
    assert np.isfinite(f.derivative(x)).all()


def test_relu_has_slope_zero_at_zero():
    zero = np.zeros(1)
    assert ic.activation("relu").derivative(zero) == 0
    assert ic.leaky_relu(0.2).derivative(zero) == 0.2
    assert ic.activation("selu").derivative(zero) == pytest.approx(
        1.0507009873554805 * 1.6732632423543772
    )


def test_the_constants_of_selu_are_those_of_its_fixed_point_to_the_last_digit():
    """Klambauer et al. 2017, eq. 14: mean 0 and variance 1 are handed on."""
    a, b = math.erfc(1 / math.sqrt(2)) * math.exp(0.5), math.erfc(math.sqrt(2)) * math.exp(2)
    alpha = math.sqrt(2 / math.pi) / (1 - a)
    square = 2 * b + math.pi * a**2 - 2 * (2 + math.pi) * a + math.pi + 2
    scale = (1 - a) * math.sqrt(2 * math.pi / square)
    assert pytest.approx(alpha, rel=2e-15, abs=0) == ic.activations.SELU_ALPHA
    assert pytest.approx(scale, rel=2e-15, abs=0) == ic.activations.SELU_SCALE


def test_softplus_is_the_exponential_far_below_zero():
    x = np.array([-40.0, -300.0, -700.0])
    assert ic.activation("softplus")(x) == pytest.approx(np.exp(x), rel=1e-12, abs=0)


@pytest.mark.parametrize("name", ["elu", "selu"])
def test_small_negative_inputs_keep_their_digits(name):
    f, x = ic.activation(name), np.array([-1e-12, -1e-9])
    assert f(x) == pytest.approx(f.derivative(np.zeros(1)) * x, rel=1e-8, abs=0)


@each
def test_neither_the_function_nor_its_derivative_touches_its_input(f):
    x = np.linspace(-3, 3, 12)
    before = x.copy()
    f(x)
    f.derivative(x)
    assert np.array_equal(x, before)


@each
def test_a_list_of_integers_is_an_array_of_floats(f):
    assert np.array_equal(f([-2, 0, 3]), f(np.array([-2.0, 0.0, 3.0])))
    assert f([-2, 0, 3]).dtype == np.float64


def test_a_leaky_relu_is_named_after_its_slope():
    assert ic.leaky_relu().name == "leaky_relu(0.01)"
    assert ic.leaky_relu(0.125).name == "leaky_relu(0.125)"
    assert ic.leaky_relu()(np.array([-1.0])) == -0.01


def test_names_are_found_and_activations_pass_through():
    f = ic.leaky_relu(0.3)
    assert ic.activation(f) is f
    assert ic.activation("leaky_relu").name == ic.leaky_relu(0.01).name
    assert all(ic.activation(name).name == name for name in ic.ACTIVATIONS)


# --- what is refused --------------------------------------------------------------------------

NAN, INF = math.nan, math.inf


def refused():
    for value in (NAN, INF, "0", None, True):
        yield partial(ic.leaky_relu, value), "negative_slope", repr(value)
    for value in ("Relu", "", None, 3, np.tanh, ["relu"]):
        yield partial(ic.activation, value), "name", repr(value)
    for value in ("a", None, [True], 1j, ["1"]):
        yield partial(ic.Activation.__call__, ic.activation("relu"), x=value), "x", ""
