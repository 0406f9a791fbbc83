"""Exercises of the chapter he: what ReLU costs, and what a mean over networks hides."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ._exercise import exercise
from ._judge import (
    TEST_MISCONCEPTIONS,
    centered,
    compare_numbers,
    compare_test,
    seeded,
)


@exercise(
    title="He's standard deviation with a slope",
    level="line",
    section="Derive He's rule in both directions",
    hints=(
        "Which share of the second moment does a leaky ReLU let through?",
        "The two halves keep 1/2 and a²/2. The weights make up for the sum.",
    ),
    misconceptions={
        "variance": "That is the variance. A standard deviation is its root.",
        "slope-not-squared": "The slope acts on a value; on its square it acts as a square.",
        "slope-ignored": "Your answer does not depend on the slope.",
        "slope-subtracted": "A leaking slope lets more through, not less: the weights have to "
        "make up for less.",
        "without-2": "The half that ReLU removes is not made up for.",
        "limit": "That is the limit of the uniform form, which carries a 3.",
    },
    moral="(1 + a²)/2 of the second moment passes, and He's rule divides by it: a = 1 gives back "
    "LeCun.",
)
def he_std(answer: object) -> None:
    """Check a function (fan_in, slope) -> standard deviation."""
    compare_numbers(
        answer,
        [(300, 0.0), (64, 0.2), (100, 0.9), (7, 0.5)],
        lambda n, a: math.sqrt(2 / ((1 + a**2) * n)),
        {
            "variance": lambda n, a: 2 / ((1 + a**2) * n),
            "slope-not-squared": lambda n, a: math.sqrt(2 / ((1 + a) * n)),
            "slope-ignored": lambda n, a: math.sqrt(2 / n),
            "slope-subtracted": lambda n, a: math.sqrt(2 / ((1 - a**2) * n)),
            "without-2": lambda n, a: math.sqrt(1 / ((1 + a**2) * n)),
            "limit": lambda n, a: math.sqrt(6 / ((1 + a**2) * n)),
        },
    )


@exercise(
    title="The variance after ReLU",
    level="line",
    section="Say what ReLU does to a Gaussian",
    hints=(
        "A variance is a second moment less the square of a mean.",
        "Scale: relu(sZ) = s relu(Z) for s > 0.",
    ),
    misconceptions={
        "second-moment": "That is the second moment. After ReLU the mean is not zero.",
        "half-normal": "That is the variance of |z|. ReLU sets one half to zero instead of "
        "folding it over.",
        "std-not-squared": "A variance grows with the square of std.",
        "standard-deviation": "That is the standard deviation of the result.",
        "mean": "That is the mean of the result.",
        "unit": "Your answer does not depend on std.",
    },
    moral="A third of the variance is left and half of the second moment: the layer above sees "
    "the half.",
)
def relu_variance(answer: object) -> None:
    """Check a function (std) -> Var relu(z) for z ~ N(0, std²)."""
    kept = 1 / 2 - 1 / (2 * math.pi)
    compare_numbers(
        answer,
        [(1.0,), (3.0,), (0.2,)],
        lambda s: kept * s**2,
        {
            "second-moment": lambda s: s**2 / 2,
            "half-normal": lambda s: (1 - 2 / math.pi) * s**2,
            "std-not-squared": lambda s: kept * s,
            "standard-deviation": lambda s: math.sqrt(kept) * s,
            "mean": lambda s: s / math.sqrt(2 * math.pi),
            "unit": lambda s: kept,
        },
        rtol=2e-4,  # so that a table's four digits will do
    )


@exercise(
    title="The typical network",
    level="function",
    section="Tell the typical network from the average one",
    hints=(
        "The mean over networks is exact, and not typical. Which mean is?",
        "The logarithm drifts by the same amount at every layer; the median is near the "
        "exponential of its mean.",
    ),
    misconceptions={
        "mean": "That is the average over networks. Few large ones carry it.",
        "variance": "5/n is the variance of one layer's factor. The drift of the logarithm is "
        "half of it.",
        "one-layer": "That is the loss of one layer. It happens at every layer.",
        "halved": "That is Xavier under ReLU: half at each layer. He's rule keeps the mean.",
        "sign": "Your typical network grows. The logarithm of a number that scatters around 1 is "
        "below zero on average.",
        "inverted": "You have width and depth exchanged: more width means less loss.",
        "logarithm": "That is the logarithm of the answer.",
        "expanded": "You expand the exponential itself. Only its exponent is wanted to leading "
        "order: a signal cannot fall below zero.",
        "one-more": "That is the signal one layer further on.",
        "one-fewer": "That is the signal one layer earlier.",
    },
    moral="The typical signal falls like exp(-5L/(2n)): depth over width counts, not depth.",
)
def typical_signal(answer: object) -> None:
    """Check a function (width, depth) -> median of the signal, to leading order."""
    compare_numbers(
        answer,
        [(100, 50), (200, 60), (1000, 300), (80, 24), (20, 2)],
        lambda n, depth: math.exp(-5 * depth / (2 * n)),
        {
            "mean": lambda n, depth: 1.0,
            "variance": lambda n, depth: math.exp(-5 * depth / n),
            "one-layer": lambda n, depth: math.exp(-5 / (2 * n)),
            "halved": lambda n, depth: 0.5**depth,
            "sign": lambda n, depth: math.exp(5 * depth / (2 * n)),
            "inverted": lambda n, depth: math.exp(-5 * n / (2 * depth)),
            "logarithm": lambda n, depth: -5 * depth / (2 * n),
            "expanded": lambda n, depth: 1 - 5 * depth / (2 * n),
            "one-more": lambda n, depth: math.exp(-5 * (depth + 1) / (2 * n)),
            "one-fewer": lambda n, depth: math.exp(-5 * (depth - 1) / (2 * n)),
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
