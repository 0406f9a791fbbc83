"""Answers to the exercises of the chapter xavier."""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
from scipy import stats

from initcourse import testing
from tests.answers._common import never

RIGHT = {}
WRONG = {}
OTHER = {}
SUBTLE = {}
DIAGNOSES = {}


RIGHT["xavier_limit"] = [
    lambda m, n: math.sqrt(6 / (m + n)),
    lambda m, n: np.sqrt(3.0 * 2 / np.add(m, n)),
]
WRONG |= {
    ("xavier_limit", "standard-deviation"): lambda m, n: math.sqrt(2 / (m + n)),
    ("xavier_limit", "variance"): lambda m, n: 1 / ((m + n) / 2),
    ("xavier_limit", "square-missing"): lambda m, n: 3 / ((m + n) / 2),
    ("xavier_limit", "fan-in-only"): lambda m, n: math.sqrt(3 / m),
    ("xavier_limit", "heuristic"): lambda m, n: m**-0.5,
    ("xavier_limit", "sum-and-average"): lambda m, n: math.sqrt(6 / ((m + n) / 2)),
    ("xavier_limit", "root-misplaced"): lambda m, n: math.sqrt(6) / (m + n),
}


def funnel_by_variances(widths):
    factor = 1.0
    for fan_in, fan_out in pairwise(widths):
        factor *= fan_in * (2 / (fan_in + fan_out))
    return factor


RIGHT["funnel_factor"] = [
    funnel_by_variances,
    lambda w: np.prod([2 / (1 + w[i + 1] / w[i]) for i in range(len(w) - 1)]),
    lambda w: math.prod(Fraction(2 * m, m + n) for m, n in pairwise(w)),
]
WRONG |= {
    ("funnel_factor", "backward"): lambda w: funnel_by_variances(w[::-1]),
    ("funnel_factor", "telescoped"): lambda w: funnel_by_variances([w[0], w[-1]]),
    ("funnel_factor", "one"): lambda w: 1,
    ("funnel_factor", "average-without-2"): lambda w: funnel_by_variances(w) / 2 ** (len(w) - 1),
    ("funnel_factor", "last-layer-missing"): lambda w: funnel_by_variances(w[:-1]),
    ("funnel_factor", "root"): lambda w: funnel_by_variances(w) ** 0.5,
}

RIGHT["product_variance"] = [
    lambda mw, vw, mx, vx: mw**2 * vx + mx**2 * vw + vw * vx,
    lambda mw, vw, mx, vx: (vw + mw**2) * (vx + mx**2) - (mw * mx) ** 2,
]
WRONG |= {
    ("product_variance", "means-forgotten"): lambda mw, vw, mx, vx: vw * vx,
    ("product_variance", "second-moment"): lambda mw, vw, mx, vx: (vw + mw**2) * (vx + mx**2),
    ("product_variance", "mean-not-squared"): lambda mw, vw, mx, vx: mw * vx + mx * vw + vw * vx,
    ("product_variance", "one-term"): lambda mw, vw, mx, vx: vw * (vx + mx**2),
    ("product_variance", "other-term"): lambda mw, vw, mx, vx: vx * (vw + mw**2),
    ("product_variance", "product-missing"): lambda mw, vw, mx, vx: mw**2 * vx + mx**2 * vw,
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
