"""Exercises of the chapter lecun: inputs, activation and weights as one system."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..activations import activation
from ..gaussian import gaussian_mean
from ._exercise import exercise
from ._judge import (
    TEST_MISCONCEPTIONS,
    array,
    call,
    compare_numbers,
    compare_test,
    number,
    seeded,
)
from ._outcome import Misconception, NotYet


@exercise(
    title="LeCun's uniform limit",
    level="a",
    section="Recognize the rule where it lives on",
    hints=(
        "LeCun's rule is Var W = 1/fan_in, in whatever distribution.",
        "Var U(-a, a) = a²/3.",
    ),
    misconceptions={
        "standard-deviation": "That is the standard deviation, used as a limit: the draws have a "
        "third of the variance. PyTorch's linear layer does the same.",
        "he": "That is He's limit: it carries a 2 for a ReLU that is not here.",
        "square-missing": "That is the square of a limit.",
        "variance": "That is the variance itself.",
        "third-of-std": "You divide by the 3 where you should multiply: the limit lies beyond the "
        "standard deviation.",
    },
    moral="√3 standard deviations: the limit of any uniform rule.",
)
def lecun_limit(answer: object) -> None:
    """Check a function (fan_in) -> limit."""
    compare_numbers(
        answer,
        [(300,), (7,), (4096,)],
        lambda n: math.sqrt(3 / n),
        {
            "standard-deviation": lambda n: 1 / math.sqrt(n),
            "he": lambda n: math.sqrt(6 / n),
            "square-missing": lambda n: 3 / n,
            "variance": lambda n: 1 / n,
            "third-of-std": lambda n: 1 / math.sqrt(3 * n),
        },
    )


@exercise(
    title="The slope behind a limit",
    level="a",
    section="Recognize the rule where it lives on",
    hints=(
        "He's uniform limit with slope a is √(6 / ((1 + a²) fan_in)).",
        "Set it equal to c/√fan_in; the fan cancels. Solve for a.",
    ),
    misconceptions={
        "always-root-five": "√5 is the answer for c = 1 only.",
        "square-missing": "That is a², not a.",
        "uniform-forgotten": "You equate the standard deviation with the limit: √3 lies between "
        "them.",
        "one-forgotten": "He's rule divides by 1 + a². The 1 is missing.",
        "limit-not-squared": "The limit enters squared: c is a length, 1 + a² a share of a "
        "variance.",
    },
    moral="√5 is what the formula returns for the limit 1/√n, and not a property of any network.",
)
def slope_for(answer: object) -> None:
    """Check a function (c) -> slope a whose He limit is c/√fan_in."""
    compare_numbers(
        answer,
        [(1.0,), (0.5,), (2.0,), (1.3,)],
        lambda c: math.sqrt(6 / c**2 - 1),
        {
            "always-root-five": lambda c: math.sqrt(5),
            "square-missing": lambda c: 6 / c**2 - 1,
            "uniform-forgotten": lambda c: math.sqrt(max(2 / c**2 - 1, 0)),
            "one-forgotten": lambda c: math.sqrt(6) / c,
            "limit-not-squared": lambda c: math.sqrt(6 / c - 1),
        },
    )


@exercise(
    title="Normalize inputs, for real",
    level="b",
    section="Say why inputs must be normalized",
    hints=(
        "One mean and one standard deviation for each column.",
        "What may you know about the test set when you normalize? And what is the standard "
        "deviation of a pixel that is always black?",
    ),
    misconceptions={
        "test-statistics": "You normalize the test set by its own mean. The network has learned "
        "the scale of the training set; use that for both.",
        "pooled-statistics": "Your statistics contain the test set. It must stay unseen: use the "
        "training set alone.",
        "one-for-all": "You use one mean and one standard deviation for all columns. A large "
        "column stays large.",
        "per-sample": "You normalize each sample. Each column is to have mean 0 and variance 1.",
        "not-centered": "The columns have the right spread and still a mean.",
        "not-scaled": "The columns have mean 0 and still their own spread.",
        "variance": "You divide by the variance. Dividing by the standard deviation makes it 1.",
        "constant-column": "A column that never changes has standard deviation 0, and your result "
        "is not finite there. Let it become 0.",
    },
    moral="Mean 0 and variance 1 for each column, by the training set's numbers; a constant "
    "column becomes 0.",
)
def normalize(answer: object) -> None:
    """Check a function (train, test) -> (train, test), normalized by column."""
    rng = np.random.default_rng(4)
    scale, shift = np.array([1.0, 30.0, 0.2, 5.0]), np.array([0.0, -7.0, 3.0, 100.0])
    train = shift + scale * rng.standard_normal((50, 4))
    test = 1.5 * shift + 2 * scale * rng.standard_normal((20, 4))
    found = _two_arrays(call(answer, train, test), train, test)
    both = np.vstack([train, test])

    def scaled(a: Any, like: Any, axis: int | None = 0) -> Any:
        return (a - like.mean(axis, keepdims=True)) / like.std(axis, keepdims=True)

    wrong = {
        "test-statistics": (scaled(train, train), scaled(test, test)),
        "pooled-statistics": (scaled(train, both), scaled(test, both)),
        "one-for-all": (scaled(train, train, None), scaled(test, train, None)),
        "per-sample": (scaled(train, train, 1), scaled(test, test, 1)),
        "not-centered": (train / train.std(0), test / train.std(0)),
        "not-scaled": (train - train.mean(0), test - train.mean(0)),
        "variance": ((train - train.mean(0)) / train.var(0), (test - train.mean(0)) / train.var(0)),
    }

    def agree(expected: Any) -> bool:
        slack = 0.02 * np.abs(expected[0]).max()  # n or n - 1 below the variance: either will do
        pairs = zip(found, expected, strict=True)
        return all(np.allclose(a, b, rtol=0.02, atol=slack) for a, b in pairs)

    if not agree((scaled(train, train), scaled(test, train))):
        for name, pair in wrong.items():
            if agree(pair):
                raise Misconception(name)
        where = "training" if not np.allclose(found[0], scaled(train, train), rtol=0.02) else "test"
        raise NotYet(f"The {where} set does not come out with its columns normalized.")
    train[:, 2] = test[:, 2] = 16.0
    value = call(answer, train, test)
    if not all(np.isfinite(np.asarray(part, float)).all() for part in value):
        raise Misconception("constant-column")
    columns = [part[:, 2] for part in _two_arrays(value, train, test)]
    if any(np.abs(column).max() > 1e-6 for column in columns):
        raise Misconception("constant-column")


def _two_arrays(value: Any, train: Any, test: Any) -> list[Any]:
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise NotYet("Two arrays are wanted: (train, test).")
    return [
        array(part, like.shape, f" for {name}")
        for part, like, name in zip(value, (train, test), ("train", "test"), strict=True)
    ]


@exercise(
    title="One layer of SELU",
    level="b",
    section="Show that SELU needs exactly this rule",
    hints=(
        "A pre-activation adds up many inputs times weights of mean 0 and variance 1/n. What are "
        "its mean and its variance?",
        "Its mean is 0 and its variance the second moment of the inputs. Average selu and selu² "
        "over that Gaussian.",
    ),
    misconceptions={
        "variance-for-second-moment": "The inputs' mean adds to the pre-activations' variance: "
        "weights of mean 0 turn it into scatter. What counts is the second moment.",
        "mean-passes": "The weights have mean 0, so the pre-activation has mean 0 whatever the "
        "mean of the inputs is.",
        "second-moment-returned": "Your second number is the second moment of the outputs. Take "
        "the squared mean off.",
        "standard-deviation": "Your second number is a standard deviation.",
        "identity": "The fixed point is (0, 1) and only that: other inputs are moved toward it.",
        "gradient": "You average the derivative of selu. The outputs are wanted.",
    },
    moral="The mean of a layer reaches the next one only as variance, which is why the map "
    "contracts.",
)
def selu_map(answer: object) -> None:
    """Check a function (mean, variance) -> (mean, variance) after one layer."""
    cases = [(0.0, 1.0), (0.5, 1.0), (-0.8, 2.0), (0.3, 0.4)]
    found = []
    for case in cases:
        value = call(answer, *case)
        if isinstance(value, np.ndarray) and value.shape == (2,):
            value = list(value)
        if not isinstance(value, (tuple, list)) or len(value) != 2:
            raise NotYet("Two numbers are wanted: (mean, variance).")
        found.append([number(part, f" for {case}") for part in value])

    selu = activation("selu")

    def after(variance: float, mean: float = 0.0, f: Any = selu) -> tuple[float, float]:
        std = math.sqrt(variance)
        first = gaussian_mean(f, std=std, mean=mean)
        second = gaussian_mean(lambda z: f(z) ** 2, std=std, mean=mean)
        return first, second - first**2

    def moved(m: float, s: float) -> tuple[float, float]:
        return after(s + m**2)

    def second_moment(m: float, s: float) -> tuple[float, float]:
        mean, variance = moved(m, s)
        return mean, variance + mean**2

    def agree(formula: Any) -> list[bool]:
        # a Monte Carlo answer of a million draws will do; the wrong ideas are further off
        pairs = zip(found, cases, strict=True)
        return [np.allclose(a, formula(*case), rtol=0, atol=0.01) for a, case in pairs]

    verdicts = agree(moved)
    if all(verdicts):
        return
    wrong = {
        "variance-for-second-moment": lambda m, s: after(s),
        "mean-passes": lambda m, s: after(s, m),
        "second-moment-returned": lambda m, s: (
            moved(m, s)[0],
            moved(m, s)[1] + moved(m, s)[0] ** 2,
        ),
        "standard-deviation": lambda m, s: (moved(m, s)[0], math.sqrt(moved(m, s)[1])),
        "identity": lambda m, s: (m, s),
        "gradient": lambda m, s: after(s + m**2, f=selu.derivative),
    }
    for name, formula in wrong.items():
        if all(agree(formula)):
            raise Misconception(name)
    raise NotYet(f"For mean and variance {cases[verdicts.index(False)]} the result is not right.")


@exercise(
    title="Find the embedding whose vocabulary is taken for a fan",
    level="c",
    section="Say why inputs must be normalized",
    hints=(
        "How many products does the sum have that looks up one row of an embedding?",
        "One. So which variance must an entry have, and on what must it not depend?",
    ),
    misconceptions={
        **TEST_MISCONCEPTIONS,
        "uniform-refused": "Your test refuses a uniform embedding of the right variance. Test the "
        "second moment.",
        "constant-scale": "An embedding whose scale is wrong, but the same for every vocabulary, "
        "passes your test. Which variance should it have?",
        "per-dimension": "An embedding of variance 1/dim passes your test. Its vectors have "
        "length 1, and their entries do not have second moment 1.",
        "zeros": "An embedding of zeros passes your test.",
    },
    moral="A fan counts the products in a sum. A look-up has one, however large the table is.",
)
def test_embedding(answer: object) -> None:
    """Check a test of embed(vocabulary, dim, rng) -> array of shape (vocabulary, dim)."""

    def maker(variance: Any, seed: int, uniform: bool = False) -> Any:
        def embed(vocabulary: int, dim: int, rng: Any = None) -> Any:
            source, std = seeded(seed, rng), math.sqrt(variance(vocabulary, dim))
            if uniform:
                return source.uniform(-math.sqrt(3) * std, math.sqrt(3) * std, (vocabulary, dim))
            return std * source.standard_normal((vocabulary, dim))

        return embed

    compare_test(
        answer,
        right={
            "normal": lambda seed: maker(lambda v, d: 1.0, seed),
            "uniform-refused": lambda seed: maker(lambda v, d: 1.0, seed, uniform=True),
        },
        bug=lambda seed: maker(lambda v, d: 1 / v, seed),
        wrong={
            "per-dimension": lambda seed: maker(lambda v, d: 1 / d, seed),
            "zeros": lambda seed: maker(lambda v, d: 0.0, seed),
            "constant-scale": lambda seed: maker(lambda v, d: 0.02**2, seed),
        },
    )
