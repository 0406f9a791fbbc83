"""Exercises of the chapter xavier: the variance of a sum, both directions, two distributions."""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from .. import initializers
from ..network import measure
from ..training import load_digits
from ._diagnosis import Table, compare_diagnosis, formatted
from ._exercise import exercise
from ._guess import compare_guess
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

SEED = 2
"""Of the networks that are guessed and diagnosed; another seed tells the same of them."""


@exercise(
    title="Ten times as bright",
    level="guess",
    section="Say what tanh does to the rule",
    hints=(
        "What does the first tanh layer do to a signal that is ten times too large?",
        "By how much does the reciprocal of the mean square rise from layer to layer, and on what "
        "does that depend?",
    ),
    misconceptions={
        "smaller": "That would mean that the brighter image ends well below the other. Each layer "
        "of a wide tanh network hands on more where more comes in.",
        "root": "That would mean that the ratio of 10 between the two images reaches the top. It "
        "does in a linear network, and as 100 in the mean square.",
        "kept": "That would mean a linear network: there the mean square at the top is in "
        "proportion to that at the bottom.",
        "part": "That would mean that a part of the difference is left at the top. Tanh takes more "
        "from the larger signal at each layer, and thirty layers are many.",
        "grown": "That would mean that a difference between two signals grows on its way. Tanh "
        "takes more from the larger one at each layer.",
    },
    moral="In the end the mean square falls as 1/(2l), wherever it began. By layer 30 that hides "
    "how bright an image was, unless it was so dim that it has not come to that line yet.",
)
def forgotten_size(answer: object) -> str:
    """Check a guess of the ratio of two mean squares behind 30 tanh layers."""
    return compare_guess(
        answer,
        _ratio_at_the_top(SEED),
        allowed=0.25,
        ranges={
            "smaller": (0, 1),
            "root": (9, 11),
            "kept": (90, 110),
            "part": (1, 100),
            "grown": (100, 1e6),
        },
        possible=(0, 1e6),
    )


@cache
def _ratio_at_the_top(seed: int) -> float:
    """Send an image, and the same ten times as bright, through 30 layers of Xavier and tanh."""
    image = load_digits("images").x_train[:1]
    usual, bright = (
        measure([64] * 31, initializers.glorot_normal, size * image, networks=60, rng=seed)
        for size in (1, 10)
    )
    return float(bright.forward[:, -1].mean() / usual.forward[:, -1].mean())


@exercise(
    title="The limit of a sparse layer",
    level="line",
    section="Tell the normal from the uniform form",
    hints=(
        "What is the mean square of an entry that is zero most of the time?",
        "Of the a²/3 of a uniform draw the share density is left. Set it equal to Glorot's "
        "variance.",
    ),
    misconceptions={
        "dense": "That is the limit of a dense layer. Zeros take their share of the variance.",
        "inverted": "Your limit falls with the density. The fewer weights are left, the larger "
        "each has to be.",
        "density-outside": "The density takes a share of the variance, which goes with the square "
        "of the limit.",
        "standard-deviation": "That is the standard deviation of the weights that are kept. A "
        "uniform distribution with this limit has a third of its square as variance.",
        "variance": "That is the variance of the weights that are kept, not a limit.",
        "square-missing": "A limit is a root: you return the square of it.",
        "fan-in-only": "You use one fan. That keeps the forward signal only; the rule averages "
        "the two.",
        "sum-and-average": "You divide by the average of the fans and keep the 6: the 6 belongs "
        "to the sum.",
    },
    moral="A rule fixes the variance of the entry, zeros included; what is drawn there follows. "
    "Counting products that are not zero, density times the fans, comes to the same.",
)
def xavier_limit(answer: object) -> None:
    """Check a function (fan_in, fan_out, density) -> limit."""
    compare_numbers(
        answer,
        [(300, 200, 0.5), (17, 41, 0.1), (1, 1000, 0.9), (64, 64, 0.25)],
        lambda m, n, p: math.sqrt(6 / (p * (m + n))),
        {
            "dense": lambda m, n, p: math.sqrt(6 / (m + n)),
            "inverted": lambda m, n, p: math.sqrt(6 * p / (m + n)),
            "density-outside": lambda m, n, p: math.sqrt(6 / (m + n)) / p,
            "standard-deviation": lambda m, n, p: math.sqrt(2 / (p * (m + n))),
            "variance": lambda m, n, p: 2 / (p * (m + n)),
            "square-missing": lambda m, n, p: 6 / (p * (m + n)),
            "fan-in-only": lambda m, n, p: math.sqrt(3 / (p * m)),
            "sum-and-average": lambda m, n, p: math.sqrt(12 / (p * (m + n))),
        },
    )


@exercise(
    title="The best width in between",
    level="line",
    section="Do the same for the gradient, and reconcile both",
    hints=(
        "Write down the factor of each of the two layers, and multiply. Where does the width in "
        "between stand?",
        "Up to a constant the product is h / ((first + h)(h + last)). Its reciprocal is easier: "
        "which h makes h + first · last / h smallest?",
    ),
    misconceptions={
        "arithmetic": "That is the arithmetic mean of the two widths. Try the product of the two "
        "factors beside it, at 100 and 400 units: more is left elsewhere.",
        "harmonic": "That is the harmonic mean of the two widths. Try the product of the two "
        "factors beside it, at 100 and 400 units: more is left elsewhere.",
        "larger": "That is the larger of the two widths. It makes one of the layers square, and "
        "the other one pays for the whole step.",
        "smaller": "That is the smaller of the two widths. It makes one of the layers square, and "
        "the other one pays for the whole step.",
        "product": "That is the square of the width. Look at the units of what you return.",
        "wide": "You make the layer very wide. A width in between loses less, both ways.",
    },
    moral="The geometric mean: two equal ratios lose less than one large step, forward and "
    "backward.",
)
def best_width(answer: object) -> None:
    """Check a function (first, last) -> width of the hidden layer."""
    compare_numbers(
        answer,
        [(100, 400), (64, 10), (7, 700), (300, 200)],
        lambda a, b: math.sqrt(a * b),
        {
            "arithmetic": lambda a, b: (a + b) / 2,
            "harmonic": lambda a, b: 2 * a * b / (a + b),
            "larger": max,
            "smaller": min,
            "product": lambda a, b: a * b,
            "wide": lambda a, b: a + b,
        },
        rtol=1e-3,  # a search on a grid will do
    )


@exercise(
    title="The variance of a sum, in general",
    level="function",
    section="Derive the variance of a sum of products",
    hints=(
        "Hold the inputs fixed first: what are the mean and the variance of the sum over the "
        "weights?",
        "A variance is the mean of the variance for fixed inputs, plus the variance of the mean "
        "for fixed inputs. What is the variance of a sum of correlated inputs?",
    ),
    misconceptions={
        "all-centered": "That is right where weights and inputs have mean 0, and not in general.",
        "weights-centered": "That is right for weights of mean 0, and not in general.",
        "inputs-centered": "That is right for inputs of mean 0, and not in general: what counts "
        "is E[X²].",
        "uncorrelated": "You use the variances of the inputs and not their covariances. The mean "
        "of the weights multiplies the sum of all inputs.",
        "second-moment": "That is E[Y²]. A variance subtracts the square of the mean.",
        "mean-not-squared": "The mean of the weights enters with its square: look at the units of "
        "each term.",
        "weights-alike": "You treat the weights as one and the same: independent weights leave of "
        "their variance the squares of the inputs, and no mixed terms.",
    },
    moral="Var W times what the inputs' squares add up to, plus the squared mean of W times the "
    "variance of the inputs' sum: only the second term knows how inputs hang together.",
)
def sum_variance(answer: object) -> None:
    """Check a function (mean_w, var_w, mean_x, cov_x) -> Var Σ W_i X_i."""
    correlated = np.array([[2.0, 1.2, -0.5], [1.2, 1.0, 0.1], [-0.5, 0.1, 0.7]])
    cases = [
        (0.5, 2.0, np.array([1.0, -2.0, 0.5]), correlated),
        (-1.5, 0.3, np.array([0.0, 3.0, 1.0]), correlated[::-1, ::-1].copy()),
        (0.1, 0.02, np.array([4.0, 1.0]), np.ones((2, 2))),
        (-2.0, 0.0, np.array([1.0, 1.0]), np.array([[1.0, -0.9], [-0.9, 1.0]])),
    ]

    def squares(m: Any, c: Any) -> float:
        return float(np.trace(c) + m @ m)

    compare_numbers(
        answer,
        cases,
        lambda mu, v, m, c: v * squares(m, c) + mu**2 * c.sum(),
        {
            "all-centered": lambda mu, v, m, c: v * np.trace(c),
            "weights-centered": lambda mu, v, m, c: v * squares(m, c),
            "inputs-centered": lambda mu, v, m, c: v * np.trace(c) + mu**2 * c.sum(),
            "uncorrelated": lambda mu, v, m, c: v * squares(m, c) + mu**2 * np.trace(c),
            "second-moment": lambda mu, v, m, c: (
                v * squares(m, c) + mu**2 * (c.sum() + m.sum() ** 2)
            ),
            "mean-not-squared": lambda mu, v, m, c: v * squares(m, c) + mu * c.sum(),
            "weights-alike": lambda mu, v, m, c: v * (c.sum() + m.sum() ** 2) + mu**2 * c.sum(),
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


VARIANCES = {
    "A": "std for limit",
    "B": "fan out",
    "C": "nothing",
    "D": "limit for std",
    "E": "fan in",
}


@exercise(
    title="Which variance was drawn?",
    level="diagnosis",
    section="Do the same for the gradient, and reconcile both",
    hints=(
        "Divide each number by the one before it: what does one layer do, forward and backward?",
        "Each layer doubles the width. What are the two factors of Glorot's variance there, and "
        "what are they if the variance is a third of it, or three times as large?",
    ),
    misconceptions={
        "fan in": "Divided by the fan in alone, the variance keeps the signal: 1 behind each "
        "layer, whatever the widths.",
        "fan out": "Divided by the fan out alone, the variance keeps the gradient: 1 below each "
        "layer, whatever the widths.",
        "std for limit": "Drawn uniformly within √(2/(m + n)), weights have a third of Glorot's "
        "variance: a layer that doubles the width hands on 2/9 of the signal.",
        "limit for std": "Drawn with the standard deviation √(6/(m + n)), weights have three times "
        "Glorot's variance: a layer that doubles the width doubles the signal.",
        "variance for std": "Drawn with the standard deviation 2/(m + n), weights are next to "
        "zero: less than a hundredth of the signal is left behind the first layer.",
        "nothing": "Glorot's variance multiplies the signal by 2/3 and the gradient by 4/3 in each "
        "layer that doubles the width.",
    },
    moral="Two factors a layer say which variance was drawn: their ratio is that of the widths, "
    "and their size the rest.",
)
def diagnose_variances(answer: object) -> None:
    """Check a dict of case to fault."""
    top, bottom = "signal behind layer 3", "gradient below layer 1"
    compare_diagnosis(
        answer,
        VARIANCES,
        _variances(SEED),
        {
            "fan in": (top,),
            "fan out": (bottom,),
            "std for limit": ("signal behind layer 1", top),
            "limit for std": ("signal behind layer 1", top),
            "variance for std": ("signal behind layer 1",),
            "nothing": (top, bottom),
        },
    )


def show_variances() -> None:
    """Print what three linear layers, each twice as wide as the one below, do to both signals."""
    print(formatted(variances()))


def variances() -> Table:
    """Return these numbers, for a picture of them."""
    return _variances(SEED)


@cache
def _variances(seed: int) -> Table:
    rng = np.random.default_rng(seed)
    widths = [50, 100, 200, 400]

    def normal(std: Any) -> Any:
        return lambda m, n: initializers.normal((m, n), std(m, n), rng=rng, dtype="float64")

    def limited(m: int, n: int) -> Any:
        return initializers.uniform((m, n), math.sqrt(2 / (m + n)), rng=rng, dtype="float64")

    rules = {
        "fan in": normal(lambda m, n: math.sqrt(1 / m)),
        "fan out": normal(lambda m, n: math.sqrt(1 / n)),
        "std for limit": limited,
        "limit for std": normal(lambda m, n: math.sqrt(6 / (m + n))),
        "nothing": normal(lambda m, n: math.sqrt(2 / (m + n))),
    }
    table = {}
    for case, fault in VARIANCES.items():
        up, down = np.zeros(3), np.zeros(3)
        for _ in range(10):
            layers = [rules[fault](m, n) for m, n in pairwise(widths)]
            h, g = (rng.standard_normal((100, width)) for width in (widths[0], widths[-1]))
            up += [np.mean((h := h @ w) ** 2) / 10 for w in layers]
            down += [np.mean((g := g @ w.T) ** 2) / 10 for w in reversed(layers)]
        signal = {f"signal behind layer {k}": float(up[k - 1]) for k in (1, 2, 3)}
        gradient = {f"gradient below layer {k}": float(down[3 - k]) for k in (3, 2, 1)}
        table[case] = signal | gradient
    return table


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
