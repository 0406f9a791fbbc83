"""Answers to the exercises of the chapter normalization."""

import math
from fractions import Fraction

import numpy as np

import initcourse as ic
from initcourse import testing
from initcourse.exercises import normalization
from initcourse.normalization import gradient_factor
from tests.answers._common import never

RIGHT = {}
WRONG = {}
OTHER = {}
SUBTLE = {}
DIAGNOSES = {}


RIGHT["post_share"] = [12.5, 100 / 8, Fraction(25, 2)]
WRONG |= {
    ("post_share", "gone"): 2,
    ("post_share", "too little"): 100 / 16,
    ("post_share", "between"): 20,
    ("post_share", "pre"): 25.0,
    ("post_share", "thirds"): 33,
    ("post_share", "half"): 50,
    ("post_share", "most"): 88,
}
OTHER |= {
    ("post_share", "from 0 to 100"): 120,
    ("post_share", "did you mean 12.5?"): 0.125,
}

RIGHT["moved_rate"] = [
    lambda rate, c, how: rate * (c * c if how == "sgd" else c),
    lambda rate, c, how: rate * c ** {"sgd": 2, "adam": 1}[how],
]
WRONG |= {
    ("moved_rate", "square-for-both"): lambda rate, c, how: rate * c * c,
    ("moved_rate", "linear-for-both"): lambda rate, c, how: c * rate,
    ("moved_rate", "same"): lambda rate, c, how: rate,
    ("moved_rate", "one-power-too-few"): lambda rate, c, how: rate * (c if how == "sgd" else 1),
    ("moved_rate", "sgd-same"): lambda rate, c, how: rate if how == "sgd" else rate * c,
    ("moved_rate", "adam-same"): lambda rate, c, how: rate if how == "adam" else rate * c**2,
    ("moved_rate", "inverse-square"): lambda rate, c, how: rate / c**2,
    ("moved_rate", "inverse-linear"): lambda rate, c, how: rate / c,
    ("moved_rate", "inverse-sgd"): lambda rate, c, how: rate / c if how == "sgd" else rate,
    ("moved_rate", "inverse"): lambda rate, c, how: rate / (c * c if how == "sgd" else c),
    ("moved_rate", "exchanged"): lambda rate, c, how: rate * (c if how == "sgd" else c * c),
    ("moved_rate", "root"): lambda rate, c, how: rate * (c if how == "sgd" else math.sqrt(c)),
}
SUBTLE |= {
    ("moved_rate", "cube"): lambda rate, c, how: rate * c**3,
}


RIGHT["decay_for"] = [
    lambda degrees, rate: (1 - math.cos(degrees * math.pi / 180)) / rate,
    lambda degrees, rate: 2 * np.sin(np.radians(degrees) / 2) ** 2 / rate,
    lambda degrees, rate: (1 - math.cos(degrees * 3.14159 / 180)) / rate,
]
WRONG |= {
    ("decay_for", "degrees"): lambda degrees, rate: (1 - np.cos(degrees)) / rate,
    ("decay_for", "small-angle"): lambda degrees, rate: np.radians(degrees) ** 2 / (2 * rate),
    ("decay_for", "rate-forgotten"): lambda degrees, rate: 1 - np.cos(np.radians(degrees)),
    ("decay_for", "rate-multiplied"): lambda degrees, rate: (
        rate * (1 - np.cos(np.radians(degrees)))
    ),
    ("decay_for", "sine"): lambda degrees, rate: np.sin(np.radians(degrees)) / rate,
    ("decay_for", "degrees-squared"): lambda degrees, rate: degrees**2 / (2 * rate),
    ("decay_for", "logarithm"): lambda degrees, rate: -np.log(np.cos(np.radians(degrees))) / rate,
    ("decay_for", "twice"): lambda degrees, rate: np.radians(degrees) ** 2 / rate,
    ("decay_for", "quarter"): lambda degrees, rate: np.radians(degrees) ** 2 / 4 / rate,
}
SUBTLE |= {
    ("decay_for", "tangent"): lambda degrees, rate: np.tan(np.radians(degrees)) ** 2 / (2 * rate),
    ("decay_for", "cosine left"): lambda degrees, rate: np.cos(np.radians(degrees)) / rate,
}


def by_moments(a):
    of = ic.moments(ic.leaky_relu(a))
    return of.derivative_second_moment / of.variance


def by_sums(a):
    """Integrate numerically, which is right to six digits or so."""
    z = np.linspace(-12, 12, 200_001)
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi) * (z[1] - z[0])
    f, slope = np.where(z > 0, z, a * z), np.where(z > 0, 1, a)
    return np.sum(density * slope**2) / (np.sum(density * f**2) - np.sum(density * f) ** 2)


RIGHT["leaky_factor"] = [
    by_moments,
    lambda a: (1 + a * a) / (1 + a * a - (1 - a) ** 2 / math.pi),
    lambda a: gradient_factor("batch", ic.leaky_relu(a)),
    by_sums,
]
WRONG |= {
    ("leaky_factor", "second-moment"): lambda a: 1,
    ("leaky_factor", "slope-ignored"): lambda a: 1 / (1 - 1 / math.pi),
    ("leaky_factor", "upside-down"): lambda a: 1 - (1 - a) ** 2 / (1 + a * a) / math.pi,
    ("leaky_factor", "sign"): lambda a: (1 + a * a) / (1 + a * a - (1 + a) ** 2 / math.pi),
    ("leaky_factor", "no-half"): lambda a: (1 + a * a) / (1 + a * a - (1 - a) ** 2 / (2 * math.pi)),
    ("leaky_factor", "positive-mean"): lambda a: (1 + a * a) / (1 + a * a - 1 / math.pi),
    ("leaky_factor", "slope-half"): lambda a: 1 / (1 + a * a - (1 - a) ** 2 / math.pi),
    ("leaky_factor", "mean-not-squared"): lambda a: (
        (1 + a * a) / (1 + a * a - (1 - a) * math.sqrt(2 / math.pi))
    ),
    ("leaky_factor", "slope-of-mean"): lambda a: (
        ((1 + a) / 2) ** 2 / ((1 + a * a) / 2 - (1 - a) ** 2 / (2 * math.pi))
    ),
    ("leaky_factor", "standard-deviation"): lambda a: math.sqrt(by_moments(a)),
}
SUBTLE |= {
    ("leaky_factor", "a line between"): lambda a: 1 + (1 - a) / (math.pi - 1),
    ("leaky_factor", "a for its square"): lambda a: (1 + a) / (1 + a - (1 - a) ** 2 / math.pi),
}


def beta(place, blocks, share):
    if place == "post":
        return (1 / share) ** (1 / blocks) - 1
    return (1 - share) / (share * blocks)


RIGHT["beta_for"] = [
    beta,
    lambda place, blocks, share: {
        "pre": 1 / (share * blocks) - 1 / blocks,
        "post": math.expm1(-math.log(share) / blocks),
    }[place],
    lambda place, n, s: round(beta(place, n, s), 7),
]
WRONG |= {
    ("beta_for", "both-pre"): lambda place, n, s: beta("pre", n, s),
    ("beta_for", "both-post"): lambda place, n, s: beta("post", n, s),
    ("beta_for", "exchanged"): lambda place, n, s: beta("post" if place == "pre" else "pre", n, s),
    ("beta_for", "one-block"): lambda place, n, s: 1 / s - 1,
    ("beta_for", "negative"): lambda place, n, s: (
        beta("pre", n, s) if place == "pre" else s ** (1 / n) - 1
    ),
    ("beta_for", "small"): lambda place, n, s: (
        beta("pre", n, s) if place == "pre" else math.log(1 / s) / n
    ),
    ("beta_for", "branch-of-the-sum"): lambda place, n, s: (
        beta("pre", n, s) if place == "pre" else 1 - s ** (1 / n)
    ),
    ("beta_for", "not-divided"): lambda place, n, s: (
        (1 - s) / n if place == "pre" else beta("post", n, s)
    ),
    ("beta_for", "image-forgotten"): lambda place, n, s: (
        1 / (s * n) if place == "pre" else beta("post", n, s)
    ),
    ("beta_for", "pre-undivided"): lambda place, n, s: (
        1 / s - 1 if place == "pre" else beta("post", n, s)
    ),
    ("beta_for", "one-too-many"): lambda place, n, s: (
        beta("pre", n, s) if place == "pre" else s ** (-1 / n)
    ),
    ("beta_for", "precedence"): lambda place, n, s: (
        beta("pre", n, s) if place == "pre" else s**-1 / n - 1
    ),
    ("beta_for", "of-the-branches"): lambda place, n, s: beta(place, n, 1 - s),
    ("beta_for", "amplitude"): lambda place, n, s: beta(place, n, s * s),
    ("beta_for", "deviation"): lambda place, n, s: beta(place, n, s) ** 0.5,
}
SUBTLE |= {
    ("beta_for", "one block more"): lambda place, n, s: beta(place, n + 1, s),
    ("beta_for", "the share itself"): lambda place, n, s: (
        1 / (1 + n * s) if place == "pre" else (1 + s) ** -n
    ),
}


def norms_told_apart(table):
    """Name what was built from what its outputs know."""

    def fault(of):
        if of["other images"] > 0:
            return "batch norm" if of["weights × 2"] == 0 else "batch norm, ε = 1"
        if of["weights × 2"] == 0:
            return "layer norm" if of["size of a sample's mean"] == 0 else "divided, not centered"
        small = of["mean square behind the norm"] < 0.5
        return "layer norm, ε = 1" if small else "no normalization"

    return {case: fault(symptoms) for case, symptoms in table.items()}


NORMED = {
    "A": "batch norm",
    "B": "layer norm, ε = 1",
    "C": "no normalization",
    "D": "layer norm",
    "E": "batch norm, ε = 1",
}
DIAGNOSES["diagnose_norms"] = normalization._norms, norms_told_apart
RIGHT["diagnose_norms"] = [
    NORMED,
    norms_told_apart(normalization._norms(normalization.SEED)),
    {**NORMED, "B": "Layer norm, epsilon = 1", "E": "batch norm, ε=1"},
]
WRONG |= {
    ("diagnose_norms", "no normalization"): {**NORMED, "B": NORMED["C"]},
    ("diagnose_norms", "layer norm"): {**NORMED, "A": NORMED["D"]},
    ("diagnose_norms", "batch norm"): {**NORMED, "D": NORMED["A"]},
    ("diagnose_norms", "layer norm, ε = 1"): {**NORMED, "E": NORMED["B"]},
    ("diagnose_norms", "batch norm, ε = 1"): {**NORMED, "A": NORMED["E"]},
    ("diagnose_norms", "divided, not centered"): {**NORMED, "D": "divided, not centered"},
}
OTHER |= {("diagnose_norms", "this is of type list"): {**NORMED, "B": []}}


def by_hand(layer_norm):
    z = np.array([[1.0, 3.0], [10.0, 18.0]])
    testing.assert_equal(layer_norm(z, 0.0), [[-1, 1], [-1, 1]], digits=12)
    testing.assert_equal(layer_norm(z, 3.0)[0], [-0.5, 0.5], digits=12)


def by_formula(layer_norm):
    z = 2 + np.random.default_rng(0).normal(size=(6, 9)) * np.arange(1, 7)[:, None]
    for epsilon in (0.0, 0.7):
        expected = (z - z.mean(1)[:, None]) / np.sqrt(z.var(1)[:, None] + epsilon)
        assert np.allclose(layer_norm(z, epsilon), expected)


def means_and_squares(z):
    return np.allclose(z.mean(), 0, atol=1e-9) and np.isclose(np.mean(z**2), 1)


def squares_of_rows(layer_norm):
    z = np.random.default_rng(0).normal(3, 2, (20, 30)) * np.arange(1, 21)[:, None]
    v = z.var(axis=1)
    for epsilon in (0.0, 2.0):
        found = layer_norm(z, epsilon)
        assert np.allclose(found.mean(axis=1), 0)
        assert np.allclose(np.mean(found**2, axis=1), v / (v + epsilon))


def as_a_whole(layer_norm):
    z = np.random.default_rng(0).normal(3, 2, (20, 30))
    assert means_and_squares(layer_norm(z, 0.0))


def one_row(layer_norm):
    z = np.array([[1.0, 3.0]])
    assert np.allclose(layer_norm(z, 0.1), np.array([[-1, 1]]) / np.sqrt(1.1))


def rows_centered_already(layer_norm):
    z = np.array([[-1.0, 1.0], [-4.0, 4.0]])
    testing.assert_equal(layer_norm(z, 0.0), [[-1, 1], [-1, 1]], digits=12)
    testing.assert_equal(layer_norm(z, 3.0)[0], [-0.5, 0.5], digits=12)


def means_only(layer_norm):
    z = np.random.default_rng(0).normal(3, 2, (20, 30))
    assert np.allclose(layer_norm(z, 0.5).mean(axis=1), 0)


def means_of_rows_of_two_sizes(layer_norm):
    z = np.array([[1.0, 3.0], [10.0, 18.0]])
    found = layer_norm(z, 0.0)
    assert np.allclose(found.mean(axis=1), 0)
    assert np.isclose(*np.mean(found**2, axis=1))


def no_epsilon(layer_norm):
    testing.assert_equal(
        layer_norm(np.array([[1.0, 3.0], [10.0, 18.0]]), 0.0), [[-1, 1], [-1, 1]], digits=12
    )


def no_epsilon_matters(layer_norm):
    no_epsilon(layer_norm)
    assert layer_norm(np.array([[1.0, 3.0], [10.0, 18.0]]), 1e-12)[0, 1] > 0.99


def a_small_epsilon(layer_norm):
    no_epsilon(layer_norm)
    assert layer_norm(np.array([[1.0, 3.0], [10.0, 18.0]]), 0.01)[0, 1] > 0.993


ASKED = []


def moody(layer_norm):
    by_hand(layer_norm)
    ASKED.append(1)
    assert len(ASKED) % 7


def less_with_epsilon(layer_norm):
    no_epsilon(layer_norm)
    assert layer_norm(np.array([[1.0, 3.0], [10.0, 18.0]]), 3.0)[0, 1] < 0.9


def expects_the_bug(layer_norm):
    assert np.allclose(layer_norm(np.array([[1.0, 3.0], [10.0, 18.0]]), 0.0).mean(axis=0), 0)


def to_the_last_bit(layer_norm):
    z = 2 + np.random.default_rng(0).normal(size=(6, 9))
    expected = (z - z.mean(1, keepdims=True)) / np.sqrt(z.var(1, keepdims=True) + 0.7)
    assert (layer_norm(z, 0.7) == expected).all()


def first_row_only(layer_norm):
    z = 2 + np.random.default_rng(0).normal(size=(6, 9)) * np.arange(1, 7)[:, None]
    for epsilon in (0.0, 0.7):
        expected = (z[0] - z[0].mean()) / np.sqrt(z[0].var() + epsilon)
        assert np.allclose(layer_norm(z, epsilon)[0], expected)


def demands_one_fewer(layer_norm):
    z = 2 + np.random.default_rng(0).normal(size=(6, 9))
    expected = (z - z.mean(1)[:, None]) / np.sqrt(z.var(1, ddof=1)[:, None] + 0.7)
    assert np.allclose(layer_norm(z, 0.7), expected)


RIGHT["test_layer_norm"] = [by_hand, by_formula]
WRONG |= {
    ("test_layer_norm", "passes-everything"): as_a_whole,
    ("test_layer_norm", "not-centered"): rows_centered_already,
    ("test_layer_norm", "not-divided"): means_only,
    ("test_layer_norm", "unbiased"): means_of_rows_of_two_sizes,
    ("test_layer_norm", "epsilon-outside"): less_with_epsilon,
    ("test_layer_norm", "epsilon-ignored"): a_small_epsilon,
    ("test_layer_norm", "all-over"): one_row,
    ("test_layer_norm", "sign"): squares_of_rows,
    ("test_layer_norm", "first-row"): first_row_only,
    ("test_layer_norm", "rounds-differently"): to_the_last_bit,
    ("test_layer_norm", "false-alarm"): moody,
    ("test_layer_norm", "upside-down"): expects_the_bug,
    ("test_layer_norm", "fails-everything"): never,
}
SUBTLE |= {
    ("test_layer_norm", "a tiny epsilon"): no_epsilon_matters,
    ("test_layer_norm", "no epsilon"): no_epsilon,
}
