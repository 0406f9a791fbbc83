"""Exercises of the chapter lecun: inputs, activation and weights as one system."""

from __future__ import annotations

import math
from functools import cache, partial
from typing import Any

import numpy as np

from .. import initializers
from ..activations import activation
from ..gaussian import gaussian_mean
from ..network import forward, mlp
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
    number,
    parts,
    seeded,
)
from ._outcome import Misconception, NotYet

SEED = 4
"""Of the networks that are guessed and diagnosed; another seed tells the same of them."""


@exercise(
    title="One column of ten",
    level="guess",
    section="Say why inputs must be normalized",
    hints=(
        "A pre-activation adds up ten products. What adds up when their mean squares do?",
        "The column of spread 3 counts 3² = 9. What do the others count together?",
    ),
    misconceptions={
        "equal": "That would mean that each column counts alike, whatever its spread. So it is "
        "once they are normalized.",
        "amplitudes": "That would mean that columns count less than in proportion to their "
        "variance: counted by standard deviations it would be 3 of 12, or 25. It is their mean "
        "squares that add up.",
        "most": "That would mean that the nine others together count less than the one. Their "
        "squares add up as well.",
    },
    moral="A column counts with the square of its spread: one of three times the spread weighs as "
    "much as nine others.",
)
def wide_column(answer: object) -> str:
    """Check a guess of the percentage of a pre-activation that comes from one wide column."""
    return compare_guess(
        answer,
        _percentage_of_the_first(SEED),
        allowed=6,
        ranges={"equal": (0, 15), "amplitudes": (15, 50), "most": (50, 100)},
        possible=(0, 100),
        unit=" %",
    )


@cache
def _percentage_of_the_first(seed: int) -> float:
    """Draw LeCun's weights for ten columns, the first of spread 3, and see what it adds."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((500, 10))
    x = (x - x.mean(axis=0)) / x.std(axis=0) * ([3.0] + [1.0] * 9)
    w = initializers.lecun_normal((10, 4000), rng=rng, dtype="float64")
    z = x @ w
    without = z - x[:, :1] * w[:1]
    return float(100 * (1 - np.mean(without**2) / np.mean(z**2)))


@exercise(
    title="A first layer for inputs as they come",
    level="line",
    section="Say why inputs must be normalized",
    hints=(
        "LeCun's rule takes it for granted that each input has mean square 1. What stands in the "
        "place of n if it has not?",
        "For one sample the mean square of a pre-activation is the variance of the weights times "
        "the sum of the squares of its inputs. Average over the samples.",
    ),
    misconceptions={
        "lecun": "That is LeCun's rule for inputs of mean square 1. Yours come as they are.",
        "shift-ignored": "You use the variances of the columns. A mean counts as well: weights "
        "turn it into scatter between the units.",
        "common-mean": "You take one common mean away: a standard deviation over all entries does. "
        "The inputs come as they are, and their mean counts.",
        "columns-forgotten": "You use the mean square of an entry. A unit adds up one product for "
        "each column.",
        "all-summed": "You add up the squares of all samples. A unit sees one sample at a time: "
        "the mean over them.",
        "mean-length": "You average the lengths of the samples. Mean squares average the squares "
        "of the lengths.",
        "inverted": "That is how large the pre-activations would be under weights of variance 1.",
        "variance": "That is the variance. A standard deviation is its root.",
        "limit": "That is the limit of the uniform form, which carries a 3.",
    },
    moral="1/√n is this for inputs of mean square 1. A scalar repairs the mean square of a layer, "
    "not a shift and not a column that is too wide.",
)
def first_std(answer: object) -> None:
    """Check a function (x) -> standard deviation of the weights of a first layer."""
    rng = np.random.default_rng(0)
    cases = [
        (rng.standard_normal((7, 4)) * np.array([1.0, 5.0, 0.1, 2.0]) + np.array([3.0, 0, 0, -1]),),
        (rng.random((20, 3)) * 16.0,),
        (np.array([[3.0, 4.0], [1.0, -2.0]]),),
        (rng.standard_normal((30, 12)) ** 3,),
    ]

    def total(x: Any) -> float:
        return float(np.mean(np.sum(x**2, axis=1)))

    compare_numbers(
        answer,
        cases,
        lambda x: 1 / math.sqrt(total(x)),
        {
            "lecun": lambda x: 1 / math.sqrt(x.shape[1]),
            "shift-ignored": lambda x: 1 / math.sqrt(x.var(axis=0).sum()),
            "common-mean": lambda x: 1 / (x.std() * math.sqrt(x.shape[1])),
            "columns-forgotten": lambda x: 1 / math.sqrt(np.mean(x**2)),
            "all-summed": lambda x: 1 / math.sqrt(np.sum(x**2)),
            "mean-length": lambda x: 1 / float(np.mean(np.sqrt(np.sum(x**2, axis=1)))),
            "inverted": lambda x: math.sqrt(total(x)),
            "variance": lambda x: 1 / total(x),
            "limit": lambda x: math.sqrt(3 / total(x)),
        },
    )


@exercise(
    title="The slope behind a limit",
    level="line",
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
        "negative": "The rule squares the slope, so this one draws the same. The one that is not "
        "negative is wanted.",
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
            "negative": lambda c: -math.sqrt(6 / c**2 - 1),
        },
    )


@exercise(
    title="Normalize inputs, for real",
    level="function",
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
        "slack": "Your standard deviations are all too large by the same amount. A small number "
        "that guards against division by zero spoils columns of small spread.",
        "not-finite": "A column that never changes has standard deviation 0, and your result is "
        "not finite there. Let it become 0.",
        "constant-column": "A column that never changes is to become 0, and yours holds another "
        "value.",
    },
    moral="Mean 0 and variance 1 for each column, by the training set's numbers; a constant "
    "column becomes 0.",
)
def normalize(answer: object) -> None:
    """Check a function (train, test) -> (train, test), normalized by column."""
    rng = np.random.default_rng(4)
    scale, shift = np.array([1.0, 30.0, 0.01, 5.0]), np.array([0.0, -7.0, 3.0, 100.0])
    train = shift + scale * rng.standard_normal((50, 4))
    test = 1.5 * shift + 2 * scale * rng.standard_normal((20, 4))
    found = _two_arrays(call(answer, train, test), train, test)
    both = np.vstack([train, test])

    def scaled(a: Any, like: Any, axis: int | None = 0, slack: float = 0.0) -> Any:
        return (a - like.mean(axis, keepdims=True)) / (like.std(axis, keepdims=True) + slack)

    right = (scaled(train, train), scaled(test, train))
    spread = found[0][:, 2].std()  # the column of the smallest scale tells what was added to it
    slack = float(train[:, 2].std() * (1 / spread - 1)) if spread > 0 else 0.0
    wrong = {
        "test-statistics": (scaled(train, train), scaled(test, test)),
        "pooled-statistics": (scaled(train, both), scaled(test, both)),
        "one-for-all": (scaled(train, train, None), scaled(test, train, None)),
        "per-sample": (scaled(train, train, 1), scaled(test, test, 1)),
        "not-centered": (train / train.std(0), test / train.std(0)),
        "not-scaled": (train - train.mean(0), test - train.mean(0)),
        "variance": ((train - train.mean(0)) / train.var(0), (test - train.mean(0)) / train.var(0)),
        "slack": (scaled(train, train, slack=slack), scaled(test, train, slack=slack)),
    }

    def near(a: Any, b: Any) -> Any:
        return np.isclose(a, b, rtol=0.015, atol=1e-3)  # n or n - 1 below the variance: either

    def agree(expected: Any) -> bool:
        return all(near(a, b).all() for a, b in zip(found, expected, strict=True))

    if not agree(right):
        for name, pair in wrong.items():
            if agree(pair):
                raise Misconception(name)
        known = "training", "test"
        where, a, b = next(
            c for c in zip(known, found, right, strict=True) if not near(*c[1:]).all()
        )
        column = int((~near(a, b).all(axis=0)).argmax())
        mean, std = round(a[:, column].mean(), 6) + 0.0, a[:, column].std()
        raise NotYet(
            f"Column {column} of the {where} set does not come out right: its mean is {mean:.3g} "
            f"and its standard deviation {std:.3g}."
        )
    train[:, 2] = test[:, 2] = 16.0
    value = call(answer, train, test)
    if not all(np.isfinite(np.asarray(part, float)).all() for part in value):
        raise Misconception("not-finite")
    columns = [part[:, 2] for part in _two_arrays(value, train, test)]
    if any(np.abs(column).max() > 1e-6 for column in columns):
        raise Misconception("constant-column")


def _two_arrays(value: Any, train: Any, test: Any) -> list[Any]:
    names = ("train", "test")
    return [
        array(part, like.shape, f" for {name}")
        for part, like, name in zip(
            parts(value, names, "arrays"), (train, test), names, strict=True
        )
    ]


@exercise(
    title="One layer of SELU",
    level="function",
    section="Show that SELU's mean 0 and variance 1 need exactly this rule",
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
        "identity": "(0, 1) stays where it is; inputs near it are moved toward it.",
        "gradient": "You average the derivative of selu. The outputs are wanted.",
    },
    moral="The mean of a layer reaches the next one only as variance; and of a small error of the "
    "variance SELU passes on 0.78 near the fixed point.",
)
def selu_map(answer: object) -> None:
    """Check a function (mean, variance) -> (mean, variance) after one layer."""
    cases = [(0.0, 1.0), (0.5, 1.0), (-0.8, 2.0), (0.3, 0.4), (2.0, 1.0)]
    names = ("mean", "variance")
    found = [
        [number(part, f" for {case}") for part in parts(call(answer, *case), names)]
        for case in cases
    ]

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
        # a Monte Carlo answer of a million draws will do: that is five of its standard errors
        pairs = zip(found, cases, strict=True)
        return [all(near(a, b) for a, b in zip(x, formula(*c), strict=True)) for x, c in pairs]

    def near(value: float, expected: float) -> bool:
        return abs(value - expected) <= 0.01 * max(1.0, abs(expected))

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
    number_of = verdicts.index(False)
    case, (mean, variance) = cases[number_of], found[number_of]
    halves = [near(a, b) for a, b in zip(found[number_of], moved(*case), strict=True)]
    which = "mean and variance are" if not any(halves) else f"the {names[halves.index(False)]} is"
    raise NotYet(
        f"For mean and variance {case} it returns ({mean:.4g}, {variance:.4g}), and {which} not "
        "right."
    )


RECIPES = {
    "A": "plain tanh",
    "B": "raw inputs",
    "C": "twice the variance",
    "D": "a third of the variance",
    "E": "not centered",
}


@exercise(
    title="Which part of the recipe is missing?",
    level="diagnosis",
    section="Read the recipe of 1998 as one system",
    hints=(
        "z1 tells of inputs and weights, and of no activation. What should it be, and how much of "
        "it is the same for all inputs?",
        "From layer 1 to layer 30 the recipe leads to its level, about 0.38, wherever it begins. "
        "Which cases end there?",
    ),
    misconceptions={
        "raw inputs": "Raw inputs enter many times too large: the mean square of z1 is far above "
        "1. The level of the deep layers is that of the recipe.",
        "not centered": "Inputs that are scaled and not centered give z1 a mean square of 1, most "
        "of it shift. The level of the deep layers is that of the recipe.",
        "plain tanh": "Plain tanh has no level but 0: the mean square falls like 1/(2l), to 0.05 "
        "and 0.017 in layers 10 and 30. z1 does not know of it.",
        "a third of the variance": "With a third of the variance z1 has a mean square of 1/3, and "
        "the deep layers fade, faster than by any power of the depth.",
        "twice the variance": "With twice the variance z1 has a mean square of 2, and the deep "
        "layers hold a level above that of the recipe.",
        "nothing": "By the recipe z1 has a mean square of 1 and no shift to speak of, and the deep "
        "layers hold 0.38.",
    },
    moral="Inputs show in the first layer, and a wrong variance there and in the deep layers; an "
    "activation shows behind it.",
)
def diagnose_recipe(answer: object) -> None:
    """Check a dict of case to fault."""
    first, last = "mean square of z1", "mean square of h30"
    compare_diagnosis(
        answer,
        RECIPES,
        _recipes(SEED),
        {
            "raw inputs": (first, last),
            "not centered": (first, "shift in z1", last),
            "plain tanh": (first, "mean square of h10", last),
            "a third of the variance": (first, last),
            "twice the variance": (first, last),
            "nothing": (first, "shift in z1", last),
        },
    )


def show_recipe() -> None:
    """Print the symptoms of networks of thirty layers of 100 units."""
    print(formatted(_recipes(SEED)))


def recipe_symptoms() -> Table:
    """Return the symptoms that `show_recipe` prints, to be drawn."""
    return _recipes(SEED)


@cache
def _recipes(seed: int) -> Table:
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((200, 100))
    table = {}
    for case, fault in RECIPES.items():
        raw = 5 + 4 * noise
        x = {"raw inputs": raw, "not centered": raw / math.sqrt(41)}
        scale = {"twice the variance": 2.0, "a third of the variance": 1 / 3}.get(fault, 1.0)
        seen = []
        for _ in range(5):
            net = mlp(
                [100] * 31,
                partial(initializers.variance_scaling, scale=scale, distribution="normal"),
                activation="tanh" if fault == "plain tanh" else "lecun_tanh",
                output_activation="tanh" if fault == "plain tanh" else "lecun_tanh",
                rng=rng,
                dtype="float64",
            )
            signals = forward(net, x.get(fault, noise))
            z, h = signals.pre_activations[0], signals.activations
            shift = np.mean(z.mean(axis=0) ** 2)
            seen.append([np.mean(z**2), shift, *(np.mean(h[k] ** 2) for k in (1, 10, 30))])
        symptoms = (
            "mean square of z1",
            "shift in z1",
            *(f"mean square of h{layer}" for layer in (1, 10, 30)),
        )
        table[case] = {
            name: float(value) for name, value in zip(symptoms, np.mean(seen, axis=0), strict=True)
        }
    return table


@exercise(
    title="Find the embedding whose vocabulary is taken for a fan",
    level="test",
    section="Say why inputs must be normalized",
    hints=(
        "How many products does the sum have that looks up one row of an embedding?",
        "One. So which second moment must an entry have, and on what must it not depend?",
    ),
    misconceptions={
        **TEST_MISCONCEPTIONS,
        "normal-refused": "Your test passes on an embedding of second moment 1 and refuses a "
        "normal one, which has it too. Test the second moment, not the distribution.",
        "uniform-refused": "Your test passes on a normal embedding and refuses a uniform one, "
        "which has second moment 1 too. Test the second moment, not the distribution.",
        "mean-refused": "Your test refuses entries of mean 0.6 and variance 0.64. Their second "
        "moment is 1: test that, and not the variance.",
        "constant-scale": "An embedding of standard deviation 0.02 for every vocabulary passes "
        "your test. Which second moment should it have?",
        "too-large": "An embedding of second moment 4 passes your test. Bound it from both sides.",
        "per-dimension": "An embedding of variance 1/dim passes your test. Its vectors have "
        "length 1, and their entries do not have second moment 1.",
        "zeros": "An embedding of zeros passes your test.",
    },
    moral="A fan counts the products in a sum. A look-up has one, however large the table is.",
)
def test_embedding(answer: object) -> None:
    """Check a test of embed(vocabulary, dim, rng) -> array of shape (vocabulary, dim)."""

    def maker(variance: Any, seed: int, kind: str = "normal") -> Any:
        def embed(vocabulary: int, dim: int, rng: Any = None) -> Any:
            source, std = seeded(seed, rng), math.sqrt(variance(vocabulary, dim))
            if kind == "uniform":
                return source.uniform(-math.sqrt(3) * std, math.sqrt(3) * std, (vocabulary, dim))
            draws = source.standard_normal((vocabulary, dim))
            if kind == "with a mean":
                return 0.6 + 0.8 * draws
            return std * (centered(draws, 1.0) if kind == "exact" else draws)

        return embed

    def one(vocabulary: int, dim: int) -> float:
        return 1.0

    compare_test(
        answer,
        right={
            "normal-refused": lambda seed: maker(one, seed),
            "uniform-refused": lambda seed: maker(one, seed, "uniform"),
            "mean-refused": lambda seed: maker(one, seed, "with a mean"),
        },
        bug=lambda seed: maker(lambda v, d: 1 / v, seed),
        wrong={
            "per-dimension": lambda seed: maker(lambda v, d: 1 / d, seed),
            "zeros": lambda seed: maker(lambda v, d: 0.0, seed),
            "constant-scale": lambda seed: maker(lambda v, d: 0.02**2, seed),
            "too-large": lambda seed: maker(lambda v, d: 4.0, seed),
        },
        exact=lambda seed: maker(one, seed, "exact"),
    )
