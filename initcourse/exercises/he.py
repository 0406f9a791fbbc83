"""Exercises of the chapter he: what ReLU costs, and what a mean over networks hides."""

from __future__ import annotations

import math
from functools import cache, partial
from typing import Any

import numpy as np

from .. import initializers
from ..network import forward, mlp
from ._diagnosis import Table, compare_diagnosis, formatted
from ._exercise import exercise
from ._guess import compare_guess
from ._judge import (
    TEST_MISCONCEPTIONS,
    call,
    centered,
    compare_numbers,
    compare_test,
    numbers,
    parts,
    seeded,
)
from ._outcome import Misconception, NotYet

SEED = 3
"""Of the networks that are guessed and diagnosed; another seed tells the same of them."""


@exercise(
    title="How many are above average?",
    level="guess",
    section="Tell the typical network from the average one",
    hints=(
        "The logarithm of the signal has a mean below 0, and scatters. By how much, at this depth "
        "and width?",
        "The logarithm is nearly Gaussian, with mean -5L/(2n) and variance 5L/n. Where does 0 lie "
        "in units of its standard deviation?",
    ),
    misconceptions={
        "none": "That would mean that next to no network is above the average. The few would then "
        "have to be larger still: they carry it.",
        "some": "That would mean a law that leans less than this one. Few networks lie far above "
        "the average, and many below make up for them.",
        "half": "That would mean that the average is the network in the middle. It is for a "
        "symmetric law; a product of many factors leans, and a few large ones lift its average.",
        "most": "That would mean that few networks lie far below. The signal cannot fall below 0, "
        "and it can rise without bound: it leans the other way.",
    },
    moral="The average of such products is carried by a few: most networks are below it, and the "
    "deeper they are for their width, the more.",
)
def above_average(answer: object) -> str:
    """Check a guess of the percentage of He's networks whose signal is above its mean, 1."""
    return compare_guess(
        answer,
        _percentage_above(SEED),
        allowed=8,
        ranges={"none": (0, 10), "some": (10, 40), "half": (40, 60), "most": (60, 100)},
        possible=(0, 100),
        unit=" %",
    )


@cache
def _percentage_above(seed: int) -> float:
    """Send a signal through 600 networks of 30 ReLU layers of 30 units, drawn by He's rule."""
    rng = np.random.default_rng(seed)
    h = np.ones((600, 1, 30), dtype=np.float32)
    for _ in range(30):
        w = rng.standard_normal((600, 30, 30), dtype=np.float32) * math.sqrt(2 / 30)
        h = np.maximum(h @ w, 0)
    return float(100 * np.mean(np.mean(h**2, axis=(1, 2)) > 1))


@exercise(
    title="He's rule in front of dropout",
    level="line",
    section="Derive He's rule in both directions",
    hints=(
        "What does dropout make of the square of an activation, on average?",
        "With probability keep it becomes 1/keep² of itself, and 0 otherwise. The weights make up "
        "for dropout and for the leaky ReLU together.",
    ),
    misconceptions={
        "dropout-ignored": "Your answer does not depend on keep. Dropout keeps the mean of an "
        "activation; the mean of its square is another number.",
        "inverted": "You make up for a loss. The activations that are kept are divided by keep, "
        "and their squares by its square.",
        "keep-outside": "You multiply the standard deviation by keep. It is the variance that has "
        "to make up for what dropout does to a square.",
        "variance": "That is the variance. A standard deviation is its root.",
        "slope-not-squared": "The slope acts on a value; on its square it acts as a square.",
        "slope-ignored": "Your answer does not depend on the slope.",
        "slope-subtracted": "A leaking slope lets more through, not less: the weights have to "
        "make up for less.",
        "without-2": "The half that ReLU removes is not made up for.",
        "limit": "That is the limit of the uniform form, which carries a 3.",
    },
    moral="Dropout that keeps the mean raises the second moment by 1/keep, and the weights take it "
    "back; without it, at test time, the signal is smaller.",
)
def he_std(answer: object) -> None:
    """Check a function (fan_in, slope, keep) -> standard deviation."""
    compare_numbers(
        answer,
        [(300, 0.0, 0.5), (64, 0.2, 0.8), (100, 0.9, 0.9), (7, 0.5, 0.25)],
        lambda n, a, k: math.sqrt(2 * k / ((1 + a**2) * n)),
        {
            "dropout-ignored": lambda n, a, k: math.sqrt(2 / ((1 + a**2) * n)),
            "inverted": lambda n, a, k: math.sqrt(2 / ((1 + a**2) * n * k)),
            "keep-outside": lambda n, a, k: k * math.sqrt(2 / ((1 + a**2) * n)),
            "variance": lambda n, a, k: 2 * k / ((1 + a**2) * n),
            "slope-not-squared": lambda n, a, k: math.sqrt(2 * k / ((1 + a) * n)),
            "slope-ignored": lambda n, a, k: math.sqrt(2 * k / n),
            "slope-subtracted": lambda n, a, k: math.sqrt(2 * k / ((1 - a**2) * n)),
            "without-2": lambda n, a, k: math.sqrt(k / ((1 + a**2) * n)),
            "limit": lambda n, a, k: math.sqrt(6 * k / ((1 + a**2) * n)),
        },
    )


@exercise(
    title="A law of which ReLU keeps what you like",
    level="function",
    section="Say what ReLU does to a Gaussian",
    hints=(
        "Two values are enough, one on each side of 0. Mean 0 says how their probabilities are "
        "related to their sizes.",
        "Let a > 0 have probability p and -b the rest. Mean 0 and mean square 1 give ab = 1. What "
        "is p a², the part that ReLU keeps?",
    ),
    misconceptions={
        "no-law": "Your probabilities are not all at least 0, or they do not add up to 1.",
        "mean": "The mean of your number is not 0.",
        "square": "The mean square of your number is not 1.",
        "symmetric": "ReLU keeps half of your number, whatever share is asked for. What is rare "
        "on one side has to be large there.",
        "complement": "ReLU keeps the other share: what you put above 0 belongs below.",
    },
    moral="Mean 0 and variance 1 leave any share possible: what carries the proof for ReLU is "
    "symmetry.",
)
def lopsided(answer: object) -> None:
    """Check a function (share) -> values and probabilities of mean 0 and mean square 1."""
    shares = (0.5, 0.9, 0.2, 0.75, 0.99)
    kept = []
    for share in shares:
        where = f" for share {share}"
        names = ("values", "probabilities")
        value, chance = (
            numbers(part, f" as {name}{where}")
            for part, name in zip(parts(call(answer, share), names, "lists"), names, strict=True)
        )
        if len(value) != len(chance):
            raise NotYet(f"There are {len(value)} values and {len(chance)} probabilities{where}.")
        total, mean, square = chance.sum(), chance @ value, chance @ value**2
        if (chance < 0).any() or abs(total - 1) > 1e-6:
            raise Misconception(
                "no-law", f"For share {share} the least is {chance.min():.3g}, the sum {total:.4g}."
            )
        if abs(mean) > 1e-6:
            raise Misconception("mean", f"For share {share} it is {mean:.3g}.")
        if abs(square - 1) > 1e-6:
            raise Misconception("square", f"For share {share} it is {square:.4g}.")
        kept.append(float(chance @ np.maximum(value, 0) ** 2))
    if np.allclose(kept, shares, atol=1e-6):
        return
    if np.allclose(kept, 0.5, atol=1e-6):
        raise Misconception("symmetric")
    if np.allclose(kept, 1 - np.array(shares), atol=1e-6):
        raise Misconception("complement")
    first = next(k for k, s in enumerate(shares) if abs(kept[k] - s) > 1e-6)
    raise NotYet(f"For share {shares[first]} ReLU keeps {kept[first]:.4g} of the mean square.")


@exercise(
    title="The typical network, layer by layer",
    level="function",
    section="Tell the typical network from the average one",
    hints=(
        "The mean over networks is exact, and not typical. Which mean is?",
        "Every layer takes its own part of the logarithm. Which width sets how much a layer "
        "scatters: the one it comes from, or the one over whose units its mean square averages?",
    ),
    misconceptions={
        "mean": "That is the average over networks. Few large ones carry it.",
        "variance": "5/n is the variance of one layer's factor. The drift of the logarithm is "
        "half of it.",
        "inputs-counted": "You take the width that each layer comes from. Its mean square averages "
        "over its own units, and they are what scatters.",
        "all-counted": "You count the inputs as a layer. They are given, and do not scatter.",
        "last-width": "You take the last width for all layers.",
        "average-width": "You take the average of the widths. Each layer loses in proportion to "
        "1/n, so that the narrow ones count for more.",
        "narrowest": "You take the narrowest layer for all of them.",
        "halved": "That is variance 1/n_in under ReLU: half at each layer. He's rule keeps the "
        "mean.",
        "sign": "Your typical network grows. The logarithm of a number that scatters around 1 is "
        "below zero on average.",
        "logarithm": "That is the logarithm of the answer.",
        "expanded": "You expand the exponential itself. Only its exponent is wanted to leading "
        "order: a signal cannot fall below zero.",
    },
    moral="The typical signal falls like exp(-5/2 Σ 1/n): the narrow layers take most of it.",
)
def typical_signal(answer: object) -> None:
    """Check a function (widths) -> median of the signal, its exponent to leading order."""

    def exponent(widths: Any) -> float:
        return -5 / 2 * float(np.sum(1 / np.array(widths)))

    def of_equal(layers: int, width: float) -> float:
        return math.exp(-5 * layers / (2 * width))

    compare_numbers(
        answer,
        [([16] + [100] * 40,), ([100] + [60, 240] * 15,), ([500] * 11 + [20],), ([30, 60],)],
        lambda w: math.exp(exponent(w[1:])),
        {
            "mean": lambda w: 1.0,
            "variance": lambda w: math.exp(2 * exponent(w[1:])),
            "inputs-counted": lambda w: math.exp(exponent(w[:-1])),
            "all-counted": lambda w: math.exp(exponent(w)),
            "last-width": lambda w: of_equal(len(w) - 1, w[-1]),
            "average-width": lambda w: of_equal(len(w) - 1, float(np.mean(w[1:]))),
            "narrowest": lambda w: of_equal(len(w) - 1, min(w[1:])),
            "halved": lambda w: 0.5 ** (len(w) - 1),
            "sign": lambda w: math.exp(-exponent(w[1:])),
            "logarithm": lambda w: exponent(w[1:]),
            "expanded": lambda w: 1 + exponent(w[1:]),
        },
        rtol=0.05,  # terms of order 1/n² may be in the exponent
    )


@exercise(
    title="Count the dead",
    level="function",
    section="Find the death that a total hides",
    hints=(
        "A unit is dead if it is zero for every sample; a zero here and there is what ReLU is for.",
        "First all samples of a unit, then the mean over the units.",
    ),
    misconceptions={
        "sparsity": "That is the share of zeros. A unit is dead only if it is zero for every "
        "sample.",
        "samples": "You count samples that silence every unit. Which axis are the units?",
        "any": "You count units that are zero for some sample. Nearly every unit is.",
        "count": "That is a number of units. A share lies between 0 and 1.",
        "alive": "That is the share of units that are alive.",
        "mean-zero": "Activations below zero may cancel positive ones in a sum. Ask for each "
        "value.",
        "not-positive": "You count units that are never above zero. One that is below zero "
        "somewhere is not dead.",
        "largest": "You count units whose largest value is zero. One that lies below zero "
        "elsewhere is not dead.",
        "constant": "You count units that never change. One that stays at another value than zero "
        "is not dead.",
        "first-sample": "You count units that are zero for the first sample.",
        "nearly-zero": "You count units whose values are small. Dead is exactly zero.",
    },
    moral="Dead means zero for every input of the data, so the number depends on the data.",
)
def dead_share(answer: object) -> None:
    """Check a function (activations of shape (samples, units)) -> share of dead units."""
    rng = np.random.default_rng(0)
    cases = []
    for samples, count, dead, share in ((6, 8, 3, 0.5), (40, 5, 0, 0.02), (3, 10, 10, 0.5)):
        h = rng.random((samples, count)) * (rng.random((samples, count)) < share)
        h[rng.integers(1, samples - 1, count), np.arange(count)] = 0.5  # each unit lives once
        h[:, :dead] = 0
        h[-1] = 0
        cases.append((h,))
    signed = [[1.0, -2.0, 0.0], [-1.0, 2.0, 0.0], [0.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    cases.append((np.array(signed),))  # an activation may be below zero
    units = {  # as often as makes each wrong idea count another number of them
        (0.0, 0.0, 0.0): 2,
        (2.0, 2.0, 2.0): 1,
        (0.0, 1e-12, 0.0): 2,
        (-3.0, 0.0, 0.0): 4,
        (-1.0, -2.0, -0.5): 1,
        (0.0, 5.0, 0.0): 1,
    }
    cases.append((np.repeat(list(units), list(units.values()), axis=0).T,))
    compare_numbers(
        answer,
        cases,
        lambda h: float(np.mean((h == 0).all(axis=0))),
        {
            "sparsity": lambda h: float(np.mean(h == 0)),
            "samples": lambda h: float(np.mean((h == 0).all(axis=1))),
            "any": lambda h: float(np.mean((h == 0).any(axis=0))),
            "count": lambda h: float(np.sum((h == 0).all(axis=0))),
            "alive": lambda h: float(np.mean((h != 0).any(axis=0))),
            "mean-zero": lambda h: float(np.mean(h.sum(axis=0) == 0)),
            "not-positive": lambda h: float(np.mean((h <= 0).all(axis=0))),
            "largest": lambda h: float(np.mean(h.max(axis=0) == 0)),
            "constant": lambda h: float(np.mean(np.ptp(h, axis=0) == 0)),
            "first-sample": lambda h: float(np.mean(h[0] == 0)),
            "nearly-zero": lambda h: float(np.mean((np.abs(h) < 1e-6).all(axis=0))),
        },
    )


RELU_STARTS = {
    "A": "default of PyTorch",
    "B": "nothing",
    "C": "variance for second moment",
    "D": "negative biases",
    "E": "half of He",
}


@exercise(
    title="Five ReLU networks",
    level="diagnosis",
    section="Find the death that a total hides",
    hints=(
        "From layer 5 to layer 10 there are five equal steps. What is one of them?",
        "A total may be steady for two reasons. Do the inputs still differ?",
    ),
    misconceptions={
        "half of He": "With half of He's variance ReLU's half is not made up for: the mean square "
        "is halved at each layer, 1/32 in five layers.",
        "a sixth of He": "With a sixth of He's variance the mean square loses a factor of 6 at "
        "each layer, of 7776 in five layers.",
        "variance for second moment": "With 2.934/n the mean square grows by a factor of 1.467 at "
        "each layer, of 6.8 in five layers.",
        "negative biases": "Biases well below zero put unit after unit to sleep for all inputs, "
        "and deep layers are dead.",
        "default of PyTorch": "With the default of PyTorch's linear layer the biases hold the mean "
        "square up, and what differs between two inputs is lost.",
        "nothing": "Under He's rule the mean square stays near 1, and inputs that differ still do.",
    },
    moral="A steady total, many dead, no difference left: three numbers, and none of them tells "
    "the other two.",
)
def diagnose_relu(answer: object) -> None:
    """Check a dict of case to fault."""
    squares = ("mean square, layer 5", "mean square, layer 10")
    compare_diagnosis(
        answer,
        RELU_STARTS,
        _relu_starts(SEED),
        {
            "half of He": squares,
            "a sixth of He": squares,
            "variance for second moment": squares,
            "negative biases": ("dead units, layer 10",),
            "default of PyTorch": ("mean square, layer 10", "difference, layer 10"),
            "nothing": ("mean square, layer 10", "difference, layer 10"),
        },
    )


def show_relu() -> None:
    """Print the symptoms of networks of ten ReLU layers of 100 units."""
    print(formatted(_relu_starts(SEED)))


def relu_symptoms() -> Table:
    """Return the symptoms that `show_relu` prints, to be drawn."""
    return _relu_starts(SEED)


@cache
def _relu_starts(seed: int) -> Table:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((50, 100))
    small = partial(initializers.uniform, limit=1 / math.sqrt(100))
    rules: dict[str, tuple[Any, Any]] = {
        "half of He": (initializers.lecun_normal, initializers.zeros),
        "variance for second moment": (
            partial(initializers.variance_scaling, scale=2 / (1 - 1 / math.pi)),
            initializers.zeros,
        ),
        "negative biases": (initializers.he_normal, partial(initializers.constant, value=-2.0)),
        "default of PyTorch": (small, small),
        "nothing": (initializers.he_normal, initializers.zeros),
    }
    table = {}
    for case, fault in RELU_STARTS.items():
        weights, biases = rules[fault]
        seen = []
        for _ in range(20):
            net = mlp(
                [100] * 11,
                weights,
                activation="relu",
                output_activation="relu",
                bias=biases,
                rng=rng,
                dtype="float64",
            )
            h = forward(net, x).activations
            squares = [np.mean(h[layer] ** 2) for layer in (1, 5, 10)]
            dead = [np.mean(~h[layer].any(axis=0)) for layer in (1, 10)]
            seen.append([*squares, *dead, np.mean(h[10].var(axis=0)) / max(squares[-1], 1e-300)])
        symptoms = (
            *(f"mean square, layer {layer}" for layer in (1, 5, 10)),
            *(f"dead units, layer {layer}" for layer in (1, 10)),
            "difference, layer 10",
        )
        table[case] = {
            name: float(value) for name, value in zip(symptoms, np.mean(seen, axis=0), strict=True)
        }
    return table


@exercise(
    title="Find the name that never matches",
    level="test",
    section="Derive He's rule in both directions",
    hints=(
        "What is in the parameters after a call that did nothing?",
        "Start from parameters that are clearly wrong, with names like those of a real network, "
        "and assert what they are afterwards.",
    ),
    misconceptions={
        **TEST_MISCONCEPTIONS,
        "named-weight": "Your test notices a reset that does nothing, and not the one that does "
        "nothing for names like hidden.weight. Use such names.",
        "already-right": "A reset that does nothing passes your test, and one that draws weights "
        "that are too large does not. Start from parameters that are wrong.",
        "first-only": "A reset that draws the first matrix only passes your test. Look at what it "
        "leaves in every matrix of a network with several.",
        "last-only": "A reset that draws the last matrix only passes your test. Look at what it "
        "leaves in every matrix of a network with several.",
        "first-bias": "A reset that leaves the first bias as it is passes your test. Look at every "
        "bias, and start from biases that are not zero.",
        "last-bias": "A reset that leaves the last bias as it is passes your test. Look at every "
        "bias, and start from biases that are not zero.",
        "fan-out": "A reset that divides by fan out passes your test. For which matrices is that "
        "a different variance?",
    },
    moral="Test what a function leaves behind, starting from a state that is wrong.",
)
def test_reset(answer: object) -> None:
    """Check a test of reset(parameters, rng), which overwrites a dict of arrays in place."""

    def resetter(fault: str, seed: int) -> Any:
        def reset(parameters: Any, rng: Any = None) -> None:
            if not isinstance(parameters, dict) or not all(
                isinstance(value, np.ndarray) for value in parameters.values()
            ):
                raise TypeError("reset takes a dict of NumPy arrays")
            source = seeded(seed, rng)
            matrices = [name for name, value in parameters.items() if value.ndim == 2]
            biases = [name for name, value in parameters.items() if value.ndim == 1]
            drawn = {"first": matrices[:1], "last": matrices[-1:]}.get(fault, matrices)
            zeroed = {"first bias": biases[1:], "last bias": biases[:-1]}.get(fault, biases)
            for name, value in parameters.items():
                if fault == "nothing" or (fault == "name" and name not in ("weight", "bias")):
                    continue
                if name in zeroed:
                    value[...] = 0
                elif name in drawn:
                    fan = value.shape[1 if fault == "fan-out" else 0]
                    std = (3 if fault == "too large" else 1) * math.sqrt(2 / fan)
                    w = source.normal(0, std, value.shape)
                    value[...] = centered(w, std**2) if fault == "exact" else w

        return reset

    compare_test(
        answer,
        right={"repaired": lambda seed: resetter("", seed)},
        bug=lambda seed: resetter("name", seed),
        wrong={
            "first-only": lambda seed: resetter("first", seed),
            "last-only": lambda seed: resetter("last", seed),
            "first-bias": lambda seed: resetter("first bias", seed),
            "last-bias": lambda seed: resetter("last bias", seed),
            "fan-out": lambda seed: resetter("fan-out", seed),
        },
        exact=lambda seed: resetter("exact", seed),
        lures={
            "named-weight": lambda seed: resetter("nothing", seed),
            "already-right": lambda seed: resetter("too large", seed),
        },
    )
