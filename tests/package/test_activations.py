"""Activations, their derivatives, and their Gaussian moments."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
from scipy import integrate

import initcourse as ic
from initcourse import testing

ALL = [*ic.ACTIVATIONS.values(), ic.leaky_relu(0.2), ic.leaky_relu(-0.5)]
each = pytest.mark.parametrize("f", ALL, ids=lambda f: f.name)

# name, E f, E f², forward gain, backward gain: recomputed elsewhere, to the digits printed
TABLE = [
    ("relu", "0.398942", "0.500000", "1.414214", "1.414214"),
    ("tanh", "0.000000", "0.394294", "1.592537", "1.467414"),
    ("sigmoid", "0.500000", "0.293379", "1.846229", "4.722646"),
    ("elu", "0.160521", "0.644945", "1.245198", "1.223429"),
    ("selu", "0.000000", "1.000000", "1.000000", "0.966026"),
    ("gelu", "0.282095", "0.425221", "1.533530", "1.481114"),
    ("silu", "0.206621", "0.355776", "1.676532", "1.623320"),
    ("mish", "0.240404", "0.452342", "1.486848", "1.444755"),
    ("softplus", "0.806059", "0.921246", "1.041867", "1.846229"),
    ("softsign", "0.000000", "0.183014", "2.337533", "2.095781"),
    ("lecun_tanh", "0.000000", "0.750430", "1.154369", "1.115257"),
    ("linear", "0.000000", "1.000000", "1.000000", "1.000000"),
]


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


def test_names_are_found_and_activations_pass_through():
    f = ic.leaky_relu(0.3)
    assert ic.activation(f) is f
    assert ic.activation("leaky_relu").name == ic.leaky_relu(0.01).name
    assert all(ic.activation(name).name == name for name in ic.ACTIVATIONS)


@pytest.mark.parametrize(("name", "mean", "second", "forward", "backward"), TABLE)
def test_the_table_of_moments_and_gains(name, mean, second, forward, backward):
    m = ic.moments(name)
    testing.assert_digits(m.mean, mean)
    testing.assert_digits(m.second_moment, second)
    testing.assert_digits(ic.forward_gain(name), forward)
    testing.assert_digits(ic.backward_gain(name), backward)
    assert m.variance == pytest.approx(m.second_moment - m.mean**2, abs=1e-12)


def test_the_table_is_complete():
    assert {row[0] for row in TABLE} == set(ic.ACTIVATIONS)


@each
@pytest.mark.parametrize(("std", "mean"), [(1, 0), (0.3, 0), (3, 0), (1, -2), (0.5, 1.3)])
def test_quadrature_agrees_with_scipy(f, std, mean):
    """Each side of the kink separately, so that SciPy is exact as well."""
    kink = -mean / std

    def density(z):
        return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    for g in (lambda x: f(x), lambda x: f(x) ** 2, lambda x: f.derivative(x) ** 2):
        expected = sum(
            integrate.quad(
                lambda z, g=g: float(g(np.array([mean + std * z]))[0]) * density(z),
                *side,
                epsabs=1e-13,
                epsrel=1e-13,
                limit=200,
            )[0]
            for side in ((-13, kink), (kink, 13))
        )
        assert ic.gaussian_mean(g, std, mean) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("std", [1e-6, 1e-3, 0.1, 1, 10, 1e3, 1e6])
@pytest.mark.parametrize("shift", [0.0, 0.37, -2.2])
def test_quadrature_is_right_for_kinks_and_steep_slopes_at_every_scale(std, shift):
    mean = shift * std
    inside = 0.5 * (1 + math.erf(shift / math.sqrt(2)))  # P(X > 0)
    assert ic.gaussian_mean(lambda x: (x > 0) * 1.0, std, mean) == pytest.approx(inside, abs=1e-10)
    density = math.exp(-(shift**2) / 2) / math.sqrt(2 * math.pi)
    expected = std * (shift * inside + density)  # E relu(X)
    assert ic.gaussian_mean(lambda x: np.maximum(x, 0), std, mean) == pytest.approx(
        expected, rel=1e-10
    )


def test_a_spread_of_zero_is_a_point():
    assert ic.gaussian_mean(np.tanh, 0.0, 0.7) == pytest.approx(math.tanh(0.7), abs=1e-14)


def test_forward_and_backward_gain_agree_only_without_curvature():
    equal = {f.name for f in ALL if abs(ic.forward_gain(f) - ic.backward_gain(f)) < 1e-9}
    assert equal == {"linear", "relu", "leaky_relu(0.2)", "leaky_relu(-0.5)"}


# --- what is refused --------------------------------------------------------------------------

NAN, INF = math.nan, math.inf


def refused():
    for value in (NAN, INF, "0", None, True):
        yield partial(ic.leaky_relu, value), "negative_slope", repr(value)
    for value in ("Relu", "", None, 3, np.tanh, ["relu"]):
        yield partial(ic.activation, value), "name", repr(value)
        for f in (ic.moments, ic.forward_gain, ic.backward_gain):
            yield partial(f, value), "activation", repr(value)

    for value in (-1.0, NAN, "1", None):
        yield partial(ic.gaussian_mean, np.tanh, value), "std", repr(value)
        yield partial(ic.moments, "relu", value), "std", repr(value)
    yield partial(ic.moments, "relu", 1e200), "std", "1e+200"
    for value in (NAN, INF, "1", None):
        yield partial(ic.gaussian_mean, np.tanh, 1.0, value), "mean", repr(value)
    yield partial(ic.gaussian_mean, "tanh"), "function", "tanh"
    yield partial(ic.gaussian_mean, lambda x: 1.0), "function", "()"
    yield partial(ic.gaussian_mean, lambda x: x * 1j), "function", "complex128"
    yield partial(ic.gaussian_mean, lambda x: x.astype(str)), "function", "<U"
    yield partial(ic.gaussian_mean, lambda x: x * NAN), "function", "nan"
