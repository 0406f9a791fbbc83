"""Exercises of the chapter xavier: the variance of a sum, both directions, two distributions."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np

from .. import initializers
from ._exercise import exercise
from ._judge import (
    TEST_MISCONCEPTIONS,
    array,
    call,
    centered,
    compare_numbers,
    compare_test,
    parts,
    seeded,
)
from ._outcome import Misconception, NotYet


@exercise(
    title="Glorot's uniform limit",
    level="line",
    section="Tell the normal from the uniform form",
    hints=(
        "Which variance does the rule ask for? Which variance has a uniform distribution on "
        "(-a, a)?",
        "Set a²/3 equal to the variance, and solve for a.",
    ),
    misconceptions={
        "standard-deviation": "That is the standard deviation. A uniform distribution with this "
        "limit has a third of the variance.",
        "variance": "That is the variance itself, not a limit.",
        "square-missing": "A limit is a root: you return the square of it.",
        "fan-in-only": "You use one fan. That keeps the forward signal only; the rule averages "
        "the two.",
        "heuristic": "That is the older heuristic, whose variance is a third of 1/fan_in. "
        "Glorot and Bengio wrote their paper against it.",
        "sum-and-average": "You divide by the average of the fans and keep the 6: the 6 belongs "
        "to the sum.",
        "root-misplaced": "The root covers the whole fraction, not only the 6.",
    },
    moral="Var U(-a, a) = a²/3, so a uniform rule carries a 3 that a normal one does not.",
)
def xavier_limit(answer: object) -> None:
    """Check a function (fan_in, fan_out) -> limit."""
    compare_numbers(
        answer,
        [(300, 200), (17, 41), (1, 1000), (64, 64)],
        lambda m, n: math.sqrt(6 / (m + n)),
        {
            "standard-deviation": lambda m, n: math.sqrt(2 / (m + n)),
            "variance": lambda m, n: 2 / (m + n),
            "square-missing": lambda m, n: 6 / (m + n),
            "fan-in-only": lambda m, n: math.sqrt(3 / m),
            "heuristic": lambda m, n: 1 / math.sqrt(m),
            "sum-and-average": lambda m, n: math.sqrt(12 / (m + n)),
            "root-misplaced": lambda m, n: math.sqrt(6) / (m + n),
        },
    )


@exercise(
    title="What a funnel does to the signal",
    level="line",
    section="Do the same for the gradient, and reconcile both",
    hints=(
        "One linear layer multiplies the second moment by n_in times the variance of its weights.",
        "Put Xavier's variance in, and multiply over the layers.",
    ),
    misconceptions={
        "backward": "That is the factor of the gradient: the fan out stands where the fan in "
        "belongs.",
        "telescoped": "You let the widths in between cancel. They do for fan in alone; with the "
        "average of the fans every step costs its own factor.",
        "one": "Xavier keeps the signal only where the widths are equal.",
        "average-without-2": "You divide by the sum of the fans. Their average is half of it.",
        "last-layer-missing": "One layer is missing: widths n_0 … n_L belong to L matrices.",
        "root": "That is the factor of the root mean square; the second moment is its square.",
    },
    moral="Where widths alternate, averaging the fans loses signal in both directions.",
)
def funnel_factor(answer: object) -> None:
    """Check a function (widths) -> factor of the forward second moment."""

    def product(widths: Any, factor: Any) -> float:
        return float(math.prod(factor(m, n) for m, n in pairwise(widths)))

    compare_numbers(
        answer,
        [([100, 400, 25],), ([64, 512, 256, 128, 10],), ([7, 3],), ([30, 60, 30, 60],)],
        lambda widths: product(widths, lambda m, n: 2 * m / (m + n)),
        {
            "backward": lambda widths: product(widths, lambda m, n: 2 * n / (m + n)),
            "telescoped": lambda widths: 2 * widths[0] / (widths[0] + widths[-1]),
            "one": lambda widths: 1.0,
            "average-without-2": lambda widths: product(widths, lambda m, n: m / (m + n)),
            "last-layer-missing": lambda widths: product(widths[:-1], lambda m, n: 2 * m / (m + n)),
            "root": lambda widths: math.sqrt(product(widths, lambda m, n: 2 * m / (m + n))),
        },
    )


@exercise(
    title="The variance of a product",
    level="function",
    section="Derive the variance of a sum of products",
    hints=(
        "Independence splits both E[WX] and E[W²X²].",
        "E[W²] is Var W plus the square of the mean; the same for X.",
    ),
    misconceptions={
        "means-forgotten": "That is right only where both means are zero.",
        "second-moment": "That is E[(WX)²]. A variance subtracts the square of the mean.",
        "mean-not-squared": "A mean enters with its square: look at the units of each term.",
        "one-term": "One of the two mixed terms is missing, the one with the mean of W. Exchange "
        "W and X in your formula: it must stay the same.",
        "other-term": "One of the two mixed terms is missing, the one with the mean of X. "
        "Exchange W and X in your formula: it must stay the same.",
        "product-missing": "The product of the two variances is missing.",
    },
    moral="Three terms; zero means leave one. A mean of the inputs adds to the variance of a unit.",
)
def product_variance(answer: object) -> None:
    """Check a function (mean_w, var_w, mean_x, var_x) -> Var(WX)."""
    compare_numbers(
        answer,
        [(1.5, 4.0, 3.0, 0.25), (0.0, 2.0, -5.0, 0.5), (-2.0, 0.3, 0.7, 1.9), (4.0, 0.0, 1.0, 2.0)],
        lambda mw, vw, mx, vx: mw**2 * vx + mx**2 * vw + vw * vx,
        {
            "means-forgotten": lambda mw, vw, mx, vx: vw * vx,
            "second-moment": lambda mw, vw, mx, vx: (vw + mw**2) * (vx + mx**2),
            "mean-not-squared": lambda mw, vw, mx, vx: mw * vx + mx * vw + vw * vx,
            "one-term": lambda mw, vw, mx, vx: mx**2 * vw + vw * vx,
            "other-term": lambda mw, vw, mx, vx: mw**2 * vx + vw * vx,
            "product-missing": lambda mw, vw, mx, vx: mw**2 * vx + mx**2 * vw,
        },
    )


@exercise(
    title="Backward through one tanh layer",
    level="function",
    section="Do the same for the gradient, and reconcile both",
    hints=(
        "First through the activation: the gradient at z is the gradient at h times tanh'(z).",
        "Then the matrix: each gradient has the shape of what it belongs to, and that leaves one "
        "way to multiply.",
    ),
    misconceptions={
        "slope-forgotten": "The gradient does not pass the activation: tanh' is missing.",
        "slope-of-h": "You take the slope at h = tanh(z). Its formula is 1 - h², or 1 - tanh(z)²: "
        "not both.",
        "slope-not-squared": "The slope of tanh is not 1 - tanh(z): it is never above 1.",
        "not-transposed": "The gradient of h_below passes the matrix in the other direction.",
        "all-averaged": "Your three gradients are divided by the number of samples. grad_h is the "
        "gradient of the loss as it stands: nothing is left to average.",
        "both-averaged": "Your gradients of W and b are means over the samples. The loss adds up "
        "what each sample contributes: sums.",
        "bias-averaged": "Your bias gradient is a mean over the samples. The loss adds up what "
        "each sample contributes: a sum.",
        "weights-averaged": "Your weight gradient is a mean over the samples. The loss adds up "
        "what each sample contributes: a sum.",
    },
    moral="Backward, the same matrix transposed and the slope at the same place: that is why both "
    "directions have a rule of their own.",
)
def layer_backward(answer: object) -> None:
    """Check a function (h_below, W, b, grad_h) -> (grad_h_below, grad_W, grad_b)."""
    wrong: dict[str, dict[str, Any]] = {
        "slope-forgotten": {"slope": np.ones_like},
        "slope-of-h": {"slope": lambda z: 1 - np.tanh(np.tanh(z)) ** 2},
        "slope-not-squared": {"slope": lambda z: 1 - np.tanh(z)},
        "not-transposed": {"transposed": False},
        "all-averaged": {"share": lambda samples: 1 / samples},
        "both-averaged": {"weights": np.mean, "bias": np.mean},
        "weights-averaged": {"weights": np.mean},
        "bias-averaged": {"bias": np.mean},
    }
    names = ("grad_h_below", "grad_W", "grad_b")
    for samples, m, n in ((7, 3, 3), (5, 4, 3), (1, 2, 6)):  # square: any matrix product fits
        rng = np.random.default_rng(samples)
        h, w, b = rng.standard_normal((samples, m)), rng.standard_normal((m, n)), rng.random(n)
        case = (h, w, b, rng.standard_normal((samples, n)))
        value = parts(call(answer, *case), names, "arrays")
        found = [
            array(each, like.shape, f" for {name}")
            for each, like, name in zip(value, case, names, strict=False)
        ]

        def agree(expected: Any, found: Any = found) -> list[bool]:
            return [np.allclose(*pair) for pair in zip(found, expected, strict=True)]

        verdicts = agree(_gradients(*case))
        if not all(verdicts):
            for name, change in wrong.items():
                if all(agree(_gradients(*case, **change))):
                    raise Misconception(name)
            wrongs = [name for name, right in zip(names, verdicts, strict=True) if not right]
            rights = [name for name, right in zip(names, verdicts, strict=True) if right]
            first = found[names.index(wrongs[0])].flat[0]
            raise NotYet(
                f"For {samples} samples and W of shape {w.shape}, right: "
                f"{', '.join(rights) or 'none'}; not right: {', '.join(wrongs)}. Your "
                f"{wrongs[0]} begins with {first:.4g}."
            )


def _gradients(
    h: Any,
    w: Any,
    b: Any,
    grad: Any,
    slope: Any = lambda z: 1 - np.tanh(z) ** 2,
    transposed: bool = True,
    weights: Any = np.sum,
    bias: Any = np.sum,
    share: Any = lambda samples: 1,
) -> tuple[Any, Any, Any]:
    """Send a gradient through one tanh layer, rightly or with one thing changed."""
    delta = share(len(h)) * grad * slope(h @ w + b)
    products = h[:, :, np.newaxis] * delta[:, np.newaxis, :]
    return delta @ (w.T if transposed else w), weights(products, axis=0), bias(delta, axis=0)


@exercise(
    title="Find the initializer that confuses variance and standard deviation",
    level="test",
    section="Derive the variance of a sum of products",
    hints=(
        "The rule fixes one number of the draw. Which one?",
        "testing.assert_variance(draw, expected) knows how far a variance may lie off.",
        "Choose a shape whose two fans differ.",
    ),
    misconceptions={
        **TEST_MISCONCEPTIONS,
        "normal-refused": "Your test passes on the uniform form and refuses the normal one, whose "
        "variance is right as well. Test the variance, not the distribution.",
        "uniform-refused": "Your test passes on the normal form and refuses the uniform one, whose "
        "variance is right as well. Test the variance, not the distribution.",
        "too-large": "Weights of three times the standard deviation pass your test. Bound the "
        "variance from both sides.",
        "fan-in": "Weights of variance 1/fan_in pass your test. In which shapes is that far from "
        "Glorot's variance, and further than your tolerance?",
        "fan-out": "Weights of variance 1/fan_out pass your test. In which shapes is that far from "
        "Glorot's variance, and further than your tolerance?",
    },
    moral="A shape with two different fans and an assertion on the variance: that is a test of an "
    "initializer.",
)
def test_glorot(answer: object) -> None:
    """Check a test of draw(shape, rng) -> array."""

    def normal(std: Any, seed: int, exact: bool = False) -> Any:
        def draw(shape: Any, rng: Any = None) -> Any:
            s = std(*initializers.fans(shape))
            w = initializers.normal(shape, s, rng=seeded(seed, rng), dtype="float64")
            return centered(w, s**2) if exact else w

        return draw

    def glorot(m: int, n: int) -> float:
        return math.sqrt(2 / (m + n))

    def uniform(seed: int) -> Any:
        return lambda shape, rng=None: initializers.glorot_uniform(shape, rng=seeded(seed, rng))

    compare_test(
        answer,
        right={
            "normal-refused": lambda seed: normal(glorot, seed),
            "uniform-refused": uniform,
        },
        bug=lambda seed: normal(lambda m, n: 2 / (m + n), seed),
        wrong={
            "too-large": lambda seed: normal(lambda m, n: 3 * glorot(m, n), seed),
            "fan-in": lambda seed: normal(lambda m, n: math.sqrt(1 / m), seed),
            "fan-out": lambda seed: normal(lambda m, n: math.sqrt(1 / n), seed),
        },
        exact=lambda seed: normal(glorot, seed, exact=True),
    )
