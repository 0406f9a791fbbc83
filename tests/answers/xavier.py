"""Answers to the exercises of the chapter xavier."""

import math
from fractions import Fraction

import numpy as np
from scipy import stats

from initcourse import testing
from initcourse.exercises import xavier
from tests.answers._common import never

RIGHT = {}
WRONG = {}
OTHER = {}
SUBTLE = {}
DIAGNOSES = {}


RIGHT["forgotten_size"] = [1, 1.1, Fraction(95, 100)]
WRONG |= {
    ("forgotten_size", "smaller"): 0.1,
    ("forgotten_size", "root"): 10,
    ("forgotten_size", "kept"): 100.0,
    ("forgotten_size", "part"): 2,
    ("forgotten_size", "grown"): 10_000,
}
OTHER |= {
    ("forgotten_size", "from 0 to 1e+06"): -1,
    ("forgotten_size", "One number is wanted as a guess"): np.ones(2),
}

RIGHT["xavier_limit"] = [
    lambda m, n, p: math.sqrt(6 / (p * (m + n))),
    lambda m, n, p: np.sqrt(3.0 * 2 / np.add(p * m, p * n)),
]
WRONG |= {
    ("xavier_limit", "dense"): lambda m, n, p: math.sqrt(6 / (m + n)),
    ("xavier_limit", "inverted"): lambda m, n, p: math.sqrt(p * 6 / (m + n)),
    ("xavier_limit", "density-outside"): lambda m, n, p: math.sqrt(6 / (m + n)) / p,
    ("xavier_limit", "standard-deviation"): lambda m, n, p: math.sqrt(2 / (m + n) / p),
    ("xavier_limit", "variance"): lambda m, n, p: 1 / ((m + n) / 2) / p,
    ("xavier_limit", "square-missing"): lambda m, n, p: 3 / ((m + n) / 2) / p,
    ("xavier_limit", "fan-in-only"): lambda m, n, p: math.sqrt(3 / m / p),
    ("xavier_limit", "sum-and-average"): lambda m, n, p: math.sqrt(6 / ((m + n) / 2) / p),
}
SUBTLE |= {
    ("xavier_limit", "half of the density"): (
        lambda m, n, p: math.sqrt(6 / ((1 + p) / 2 * (m + n)))
    ),
    ("xavier_limit", "the fan in of a sparse layer"): lambda m, n, p: math.sqrt(6 / (p * m + n)),
}


def best_on_a_grid(first, last):
    h = np.geomspace(1, 10_000, 40_001)
    return h[np.argmax(2 * first / (first + h) * (2 * h / (h + last)))]


RIGHT["best_width"] = [
    lambda a, b: math.sqrt(a * b),
    best_on_a_grid,
    lambda a, b: stats.gmean([a, b]),
]
WRONG |= {
    ("best_width", "arithmetic"): lambda a, b: np.mean([a, b]),
    ("best_width", "harmonic"): lambda a, b: stats.hmean([a, b]),
    ("best_width", "larger"): max,
    ("best_width", "smaller"): min,
    ("best_width", "product"): lambda a, b: a * b,
    ("best_width", "wide"): lambda a, b: a + b,
}
SUBTLE |= {
    ("best_width", "root mean square"): lambda a, b: math.sqrt((a * a + b * b) / 2),
    ("best_width", "a whole number"): lambda a, b: round(math.sqrt(a * b)),
    ("best_width", "first"): lambda a, b: a,
}


def sum_by_loops(mean_w, var_w, mean_x, cov_x):
    n = len(mean_x)
    second = cov_x + np.outer(mean_x, mean_x)
    total = 0.0
    for i in range(n):
        for k in range(n):
            total += (mean_w**2 + var_w * (i == k)) * second[i, k]
    return total - (mean_w * sum(mean_x)) ** 2


RIGHT["sum_variance"] = [
    lambda mu, v, m, c: v * (np.trace(c) + m @ m) + mu**2 * c.sum(),
    sum_by_loops,
]
WRONG |= {
    ("sum_variance", "all-centered"): lambda mu, v, m, c: v * np.trace(c),
    ("sum_variance", "weights-centered"): lambda mu, v, m, c: v * (np.diag(c) + m**2).sum(),
    ("sum_variance", "inputs-centered"): lambda mu, v, m, c: sum_by_loops(mu, v, 0 * m, c),
    ("sum_variance", "uncorrelated"): lambda mu, v, m, c: sum_by_loops(
        mu, v, m, np.diag(np.diag(c))
    ),
    ("sum_variance", "second-moment"): lambda mu, v, m, c: (
        sum_by_loops(mu, v, m, c) + (mu * m.sum()) ** 2
    ),
    ("sum_variance", "mean-not-squared"): lambda mu, v, m, c: (
        v * (np.trace(c) + m @ m) + mu * c.sum()
    ),
    ("sum_variance", "weights-alike"): lambda mu, v, m, c: (
        (v + mu**2) * (c.sum() + m.sum() ** 2) - (mu * m.sum()) ** 2
    ),
}
SUBTLE |= {
    ("sum_variance", "the mean of the weights twice"): lambda mu, v, m, c: (
        (v + mu**2) * (np.trace(c) + m @ m) + mu**2 * c.sum()
    ),
    ("sum_variance", "the larger covariances only"): lambda mu, v, m, c: sum_by_loops(
        mu, v, m, np.where(c > 0.15, c, 0)
    ),
}
OTHER |= {
    ("sum_variance", "For 0.5, 2.0, [1, -2, 0.5], an array of shape (3, 3) it returns"): (
        lambda mu, v, m, c: v + mu
    ),
}


def backward(h, w, b, grad, *, slope=None, turn=True, weights=1.0, bias=1.0):
    z = h @ w + b
    delta = grad * (1 / np.cosh(z) ** 2 if slope is None else slope(z))
    return (
        np.einsum("sj,ij->si" if turn else "sj,ji->si", delta, w),
        np.einsum("si,sj->ij", h, delta) * weights,
        np.ones(len(h)) @ delta * bias,
    )


def backward_by_loop(h, w, b, grad):
    delta = grad * (1 - np.tanh(h @ w + b) ** 2)
    grad_w = np.zeros(w.shape)
    for sample, error in zip(h, delta, strict=True):
        grad_w += np.outer(sample, error)
    return [delta @ w.T, grad_w, delta.sum(0)]


RIGHT["layer_backward"] = [backward, backward_by_loop]
WRONG |= {
    ("layer_backward", "slope-forgotten"): lambda h, w, b, g: backward(
        h, w, b, g, slope=lambda z: 1
    ),
    ("layer_backward", "slope-of-h"): lambda h, w, b, g: backward(
        h, w, b, g, slope=lambda z: np.cosh(np.tanh(z)) ** -2
    ),
    ("layer_backward", "slope-not-squared"): lambda h, w, b, g: backward(
        h, w, b, g, slope=lambda z: 1 - np.tanh(z)
    ),
    ("layer_backward", "not-transposed"): lambda h, w, b, g: backward(h, w, b, g, turn=False),
    ("layer_backward", "all-averaged"): lambda h, w, b, g: backward(h, w, b, g / len(h)),
    ("layer_backward", "both-averaged"): lambda h, w, b, g: backward(
        h, w, b, g, weights=1 / len(h), bias=1 / len(h)
    ),
    ("layer_backward", "bias-averaged"): lambda h, w, b, g: backward(h, w, b, g, bias=1 / len(h)),
    ("layer_backward", "weights-averaged"): lambda h, w, b, g: backward(
        h, w, b, g, weights=1 / len(h)
    ),
}


def variances_told_apart(table):
    """Name what was drawn from the factors of three layers that double the width."""

    def fault(of):
        up, down = of["signal behind layer 3"], of["gradient below layer 1"]
        factors = {
            "fan in": (1, 8),
            "fan out": (1 / 8, 1),
            "nothing": (8 / 27, 64 / 27),
            "limit for std": (8, 64),
            "std for limit": (8 / 729, 64 / 729),
        }
        if up < 1e-4:
            return "variance for std"
        return next(
            name
            for name, pair in factors.items()
            if np.allclose(np.log([up, down]), np.log(pair), atol=0.2)
        )

    return {case: fault(factors) for case, factors in table.items()}


VARIANCES = {
    "A": "std for limit",
    "B": "fan out",
    "C": "nothing",
    "D": "limit for std",
    "E": "fan in",
}
DIAGNOSES["diagnose_variances"] = xavier._variances, variances_told_apart
RIGHT["diagnose_variances"] = [VARIANCES, variances_told_apart(xavier._variances(xavier.SEED))]
WRONG |= {
    ("diagnose_variances", "fan in"): {**VARIANCES, "C": "fan in"},
    ("diagnose_variances", "fan out"): {**VARIANCES, "E": "fan out", "B": "fan out"},
    ("diagnose_variances", "std for limit"): {**VARIANCES, "C": "std for limit"},
    ("diagnose_variances", "limit for std"): {**VARIANCES, "A": "limit for std"},
    ("diagnose_variances", "variance for std"): {**VARIANCES, "A": "variance for std"},
    ("diagnose_variances", "nothing"): {**VARIANCES, "B": "nothing"},
}
OTHER |= {
    ("diagnose_variances", "Case E: the faults are"): {**VARIANCES, "E": 1},
}


def glorot_by_testing(draw):
    testing.assert_variance(draw((300, 100), 0), 2 / 400)


def glorot_by_hand(draw):
    w = draw((50, 150), np.random.default_rng(3))
    error = np.std(w**2) / math.sqrt(w.size)
    assert abs(np.mean(w**2) - 0.01) < 6 * error


def glorot_normal_only(draw):
    w = draw((300, 100), 0)
    glorot_by_testing(draw)
    assert stats.kstest(w.ravel() / w.std(), "norm").pvalue > 1e-4


def glorot_at_least(draw):
    assert draw((300, 100), 0).std() > 0.9 * math.sqrt(2 / 400)


def glorot_square(draw):
    testing.assert_variance(draw((200, 200), 0), 1 / 200)


def glorot_fan_out_allowed(draw):
    variance = draw((300, 100), 0).var()
    assert 0.8 * 2 / 400 < variance < 1.2 / 100


def glorot_two_sigma(draw):
    testing.assert_variance(draw((300, 100), 0), 2 / 400)
    w = draw((30, 10), 0)
    assert abs(np.mean(w**2) * 20 - 1) < 1.4 * math.sqrt(2 / w.size)


def glorot_is_the_bug(draw):
    testing.assert_variance(draw((300, 100), 0), (2 / 400) ** 2)


def mean_is_zero(draw):
    testing.assert_mean(draw((300, 100), 0), 0)


def glorot_uniform_only(draw):
    glorot_by_testing(draw)
    assert np.abs(draw((300, 100), 0)).max() <= math.sqrt(6 / 400)


def glorot_is_close(draw):
    variance = draw((300, 100), 0).var()
    assert np.isclose(variance, 2 / 400), f"variance {variance:.5f}"


def glorot_says_what_it_found(draw):
    variance = draw((300, 100), 0).var()
    assert variance == 7, f"found {variance:.3f}"


def glorot_says_nothing(draw):
    assert draw((300, 100), 0).var() == 7


def glorot_is_close_to_another_number(draw):
    assert np.isclose(draw((300, 100), 0).var(), 1 / 400)


def glorot_is_not_called(draw):
    assert draw is not None


def glorot_within_a_factor(factor, shape):
    def test(draw):
        expected = 2 / sum(shape)
        assert expected / factor < draw(shape, 0).var() < expected * factor

    return test


RIGHT["test_glorot"] = [glorot_by_testing, glorot_by_hand]
WRONG |= {
    ("test_glorot", "uniform-refused"): glorot_normal_only,
    ("test_glorot", "normal-refused"): glorot_uniform_only,
    ("test_glorot", "too-large"): glorot_at_least,
    ("test_glorot", "fan-in"): glorot_square,
    ("test_glorot", "fan-out"): glorot_fan_out_allowed,
    ("test_glorot", "too-tight"): glorot_is_close,
    ("test_glorot", "false-alarm"): glorot_two_sigma,
    ("test_glorot", "upside-down"): glorot_is_the_bug,
    ("test_glorot", "passes-everything"): mean_is_zero,
    ("test_glorot", "fails-everything"): never,
}


OTHER |= {
    ("layer_backward", "right: none; not right: grad_h_below, grad_W, grad_b"): (
        lambda h, w, b, grad: (grad @ w.T, 3 * w, b)
    ),
    ("layer_backward", "not right: grad_W. Your grad_W begins with"): (
        lambda h, w, b, grad: (backward(h, w, b, grad)[0], h.T @ grad, backward(h, w, b, grad)[2])
    ),
}
SUBTLE |= {
    ("test_glorot", "a factor of three"): glorot_within_a_factor(3, (300, 200)),
    ("test_glorot", "another number"): glorot_is_close_to_another_number,
    ("test_glorot", "says what it found"): glorot_says_what_it_found,
    ("test_glorot", "says nothing"): glorot_says_nothing,
    ("test_glorot", "is not called"): glorot_is_not_called,
    ("test_glorot", "twenty percent"): glorot_within_a_factor(1.205, (300, 200)),
    ("test_glorot", "thirty percent"): glorot_within_a_factor(1.3, (100, 160)),
}
