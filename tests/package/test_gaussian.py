"""What an activation does to a pair of Gaussians."""

import math

import numpy as np
import pytest

import initcourse as ic


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
