"""What an activation does to a Gaussian, and to a pair of them."""

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


# --- one Gaussian -----------------------------------------------------------------------------


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
        size = ic.gaussian_mean(lambda x, g=g: np.abs(g(x)), std, mean)
        assert ic.gaussian_mean(g, std, mean) == pytest.approx(expected, abs=1e-12 * size)


@pytest.mark.parametrize("std", [100.0, 1e3, 1e5])
def test_a_slope_much_steeper_than_the_spread_is_integrated_to_twelve_digits(std):
    """E tanh'(X) as a series in 1/std, of the moments of tanh': 2, π²/6, 7π⁴/120."""
    moments = 2 - math.pi**2 / 6 / (2 * std**2) + 7 * math.pi**4 / 120 / (8 * std**4)
    expected = moments / (std * math.sqrt(2 * math.pi))
    slope = ic.activation("tanh").derivative
    assert ic.gaussian_mean(slope, std) == pytest.approx(expected, rel=1e-12, abs=0)
    assert 1 - ic.moments("tanh", std).second_moment == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("std", "mean"), [(1.0, 0.7), (0.3, -0.2), (2.0, -3.0)])
def test_every_moment_of_a_relu_is_that_of_its_input_cut_at_zero(std, mean):
    above = 0.5 * (1 + math.erf(mean / std / math.sqrt(2)))
    density = math.exp(-((mean / std) ** 2) / 2) / math.sqrt(2 * math.pi)
    first = mean * above + std * density
    second = (mean**2 + std**2) * above + mean * std * density
    m = ic.moments("relu", std, mean)
    found = [m.mean, m.second_moment, m.variance, m.derivative_second_moment]
    assert found == pytest.approx([first, second, second - first**2, above], rel=1e-11, abs=0)


@pytest.mark.parametrize("name", ["sigmoid", "softplus"])
def test_a_small_variance_beside_a_large_mean_keeps_its_digits(name):
    f, std = ic.activation(name), 1e-6
    linear = (f.derivative(np.zeros(1))[0] * std) ** 2
    assert ic.moments(f, std).variance == pytest.approx(linear, rel=1e-8, abs=0)


def test_the_gaussian_is_standard_unless_said_otherwise():
    assert ic.gaussian_mean(lambda x: x) == pytest.approx(0, abs=1e-15)
    assert ic.gaussian_mean(lambda x: x**2) == pytest.approx(1, abs=1e-13)
    assert ic.moments("gelu") == ic.moments("gelu", 1.0, 0.0)
    assert ic.correlation_map("gelu", 0.3) == ic.correlation_map("gelu", 0.3, 1.0)


def test_moments_are_found_as_long_as_their_powers_are_floats():
    assert ic.moments("linear", 1e100).second_moment == pytest.approx(1e200)
    assert ic.moments("tanh", mean=-1e100).mean == pytest.approx(-1)


@pytest.mark.parametrize("std", [1e-6, 1e-3, 0.1, 1, 10, 1e3, 1e6])
@pytest.mark.parametrize("shift", [0.0, 0.37, -2.2])
def test_quadrature_is_right_for_kinks_and_steep_slopes_at_every_scale(std, shift):
    mean = shift * std
    inside = 0.5 * (1 + math.erf(shift / math.sqrt(2)))  # P(X > 0)
    assert ic.gaussian_mean(lambda x: (x > 0) * 1.0, std, mean) == pytest.approx(inside, abs=1e-10)
    density = math.exp(-(shift**2) / 2) / math.sqrt(2 * math.pi)
    expected = std * (shift * inside + density)  # E relu(X)
    assert ic.gaussian_mean(lambda x: np.maximum(x, 0), std, mean) == pytest.approx(
        expected, rel=1e-10, abs=0
    )


def test_a_spread_of_zero_is_a_point():
    assert ic.gaussian_mean(np.tanh, 0.0, 0.7) == pytest.approx(math.tanh(0.7), abs=1e-14)


def test_forward_and_backward_gain_agree_only_without_curvature():
    equal = {f.name for f in ALL if abs(ic.forward_gain(f) - ic.backward_gain(f)) < 1e-9}
    assert equal == {"linear", "relu", "leaky_relu(0.2)", "leaky_relu(-0.5)"}


@each
@pytest.mark.parametrize("std", [0.1, 1.0, 2.5])
def test_elasticity_is_the_slope_of_the_level_on_logarithmic_axes(f, std):
    """The slope by central differences, whose error is of second order in the step."""
    step = 1e-4
    above, below = (ic.moments(f, std * math.exp(h / 2)).second_moment for h in (step, -step))
    assert ic.elasticity(f, std) == pytest.approx(math.log(above / below) / (2 * step), abs=1e-7)


@pytest.mark.parametrize("std", [0.1, 1.0, 10.0])
def test_elasticity_says_whether_an_activation_flattens_or_steepens(std):
    value = {name: ic.elasticity(name, std) for name in ic.ACTIVATIONS}
    assert {name for name, e in value.items() if e > 1 + 1e-9} == {"gelu", "silu", "mish"}
    assert {name for name, e in value.items() if abs(e - 1) <= 1e-9} == {"linear", "relu"}
    assert ic.elasticity(ic.leaky_relu(0.2), std) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(
    ("name", "param", "gain"),
    [
        ("linear", None, 1),
        *((f"conv{axes}d", None, 1) for axes in (1, 2, 3)),
        *((f"conv_transpose{axes}d", None, 1) for axes in (1, 2, 3)),
        ("sigmoid", None, 1),
        ("tanh", None, 5 / 3),
        ("relu", None, math.sqrt(2)),
        ("leaky_relu", None, math.sqrt(2 / (1 + 0.01**2))),
        ("leaky_relu", 0.2, math.sqrt(2 / 1.04)),
        ("leaky_relu", math.sqrt(5), math.sqrt(1 / 3)),
        ("leaky_relu", -0.5, math.sqrt(1.6)),
        ("selu", None, 0.75),
    ],
)
def test_calculate_gain_is_pytorchs_table(name, param, gain):
    assert ic.calculate_gain(name, param) == pytest.approx(gain, abs=1e-15)


# --- two Gaussians ----------------------------------------------------------------------------


def pair_on_a_grid(f, std, rho, points):
    """E f(X) f(Y) by the trapezoidal rule, which for smooth f is as good as exact."""
    z = np.linspace(-9, 9, points)
    weights = np.exp(-(z**2) / 2)
    weights /= weights.sum()
    second = f(std * (rho * z[:, None] + math.sqrt(1 - rho**2) * z))
    return weights * f(std * z) @ second @ weights


@pytest.mark.parametrize("rho", [-0.9, 0.0, 0.5, 0.99])
@pytest.mark.parametrize(
    ("name", "std", "points", "error"),
    [("tanh", 2.0, 800, 1e-9), ("gelu", 1.3, 800, 1e-9), ("selu", 0.5, 3000, 1e-5)],
)
def test_the_cosine_of_any_activation_is_that_of_a_pair_of_gaussians(name, std, points, error, rho):
    f = ic.activation(name)
    expected = pair_on_a_grid(f, std, rho, points) / ic.moments(f, std).second_moment
    assert float(ic.correlation_map(f, rho, std)) == pytest.approx(expected, abs=error)


def pair_by_conditioning(f, std, rho):
    """E f(X) f(Y) from two integrals in turn: over Y given X, and over X."""
    rest = std * math.sqrt(1 - rho**2)

    def given(x):
        return np.array([ic.gaussian_mean(f, rest, rho * value) for value in x])

    return ic.gaussian_mean(lambda x: f(x) * given(x), std)


@pytest.mark.parametrize("rho", [-0.8, 0.3, 0.95])
@pytest.mark.parametrize(
    ("name", "std"), [("tanh", 1.0), ("tanh", 30.0), ("tanh", 1e4), ("selu", 0.1), ("elu", 20.0)]
)
def test_the_map_has_ten_digits_for_kinks_and_slopes_of_any_steepness(name, std, rho):
    f = ic.activation(name)
    expected = pair_by_conditioning(f, std, rho) / ic.moments(f, std).second_moment
    assert float(ic.correlation_map(f, rho, std)) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("name", [*ic.ACTIVATIONS, "leaky_relu"])
def test_the_map_is_a_cosine(name):
    for std in (0.1, 0.5, 1.0, 2.0, 7.0):
        assert np.abs(ic.correlation_map(name, [-1.0, 1.0], std)).max() <= 1


def test_for_relu_the_map_is_known_and_has_no_scale():
    c = np.linspace(-1, 1, 41)
    for std in (1e-3, 1.0, 50.0):
        assert ic.correlation_map("relu", c, std) == pytest.approx(
            ic.relu_correlation(c), abs=1e-10
        )


@pytest.mark.parametrize("a", [-0.5, 0.2, 0.9])
def test_for_a_leaky_relu_the_map_is_known(a):
    c = np.linspace(-0.99, 0.99, 12)
    turned = np.sqrt(1 - c**2) - c * np.arccos(c)
    expected = c + (1 - a) ** 2 / (math.pi * (1 + a**2)) * turned
    assert ic.correlation_map(ic.leaky_relu(a), c) == pytest.approx(expected, abs=1e-10)


def test_a_steep_tanh_is_a_sign_and_has_the_map_of_one():
    c = np.array([-0.7, 0.0, 0.5])
    found = ic.correlation_map("tanh", c, std=1e6)
    assert found == pytest.approx(2 / math.pi * np.arcsin(c), abs=1e-5)


@pytest.mark.parametrize("name", [*ic.ACTIVATIONS, "leaky_relu"])
def test_the_ends_of_the_map(name):
    """Equal inputs stay equal; independent ones keep the squared mean alone."""
    m = ic.moments(name)
    ends = ic.correlation_map(name, [1.0, 0.0])
    assert ends == pytest.approx([1.0, m.mean**2 / m.second_moment], abs=1e-10)


def test_the_map_keeps_the_shape_of_what_it_is_given():
    assert ic.correlation_map("tanh", 0.5).shape == ()
    assert ic.correlation_map("tanh", [[0.1, 0.2, 0.3]]).shape == (1, 3)


def test_the_maps_are_computed_in_float64_whatever_they_are_given():
    c = np.array([0.3, -0.7], np.float32)
    for f in (ic.relu_correlation, partial(ic.correlation_map, "tanh")):
        assert f(c).dtype == np.float64
        assert np.array_equal(f(c), f(c.astype(np.float64)))


def test_relu_correlation_has_the_known_values():
    assert ic.relu_correlation(1.0) == pytest.approx(1)
    assert ic.relu_correlation(0.0) == pytest.approx(1 / math.pi)
    assert ic.relu_correlation(-1.0) == pytest.approx(0, abs=1e-15)
    assert ic.relu_correlation([0.0, 1.0]).shape == (2,)


def test_relu_correlation_is_that_of_gaussian_pairs():
    rng, c = np.random.default_rng(0), 0.4
    u = rng.standard_normal(400_000)
    v = c * u + math.sqrt(1 - c**2) * rng.standard_normal(400_000)
    product = np.maximum(u, 0) * np.maximum(v, 0) / 0.5
    testing.assert_mean(product, float(ic.relu_correlation(c)))


# --- what is refused --------------------------------------------------------------------------


NAN, INF = math.nan, math.inf


def refused():
    for f in (ic.moments, ic.forward_gain, ic.backward_gain, ic.elasticity):
        for value in ("Relu", "", None, 3, np.tanh, ["relu"]):
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
    yield partial(ic.gaussian_mean, lambda x: np.full(x.shape, INF)), "function", "inf"
    for value in ("gelu", "Tanh", None, 3, ["relu"]):
        yield partial(ic.calculate_gain, value), "nonlinearity", repr(value)
    for value in (NAN, "0.1", True, 1e200):
        yield partial(ic.calculate_gain, "leaky_relu", value), "param", repr(value)
    yield partial(ic.calculate_gain, "relu", 0.1), "param", "0.1"
    for value in (1.5, -2, NAN, "1", None, [0.0, 2.0]):
        yield partial(ic.relu_correlation, value), "correlation", ""
    for value in ("swish", None, 3):
        yield partial(ic.correlation_map, value, 0.5), "activation", repr(value)
    for value in (1.5, -2, math.nan, "1", None, [0.0, 2.0]):
        yield partial(ic.correlation_map, "tanh", value), "correlation", ""
    for value in (0, -1.0, math.inf, "1", None):
        yield partial(ic.correlation_map, "tanh", 0.5, value), "std", repr(value)
    for value in (0, -1.0, math.inf, "1", None):
        yield partial(ic.elasticity, "tanh", value), "std", repr(value)
    for f in (ic.moments, ic.elasticity, partial(ic.correlation_map, correlation=0.5)):
        yield partial(f, "relu", std=1e160), "std", "1e+160"
    vanishing = ic.Activation("nothing", np.zeros_like, np.zeros_like)
    yield partial(ic.correlation_map, vanishing, 0.5, 2.0), "std", "2.0"
    yield partial(ic.elasticity, vanishing, 2.0), "std", "2.0"
    for f in (ic.forward_gain, ic.backward_gain):
        yield partial(f, vanishing), "activation", "nothing"
