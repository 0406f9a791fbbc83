"""The exercises of chapter 1: why not zeros, and why not just any random number."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ._exercise import (
    TEST_MISCONCEPTIONS,
    Misconception,
    NotYet,
    call,
    compare_numbers,
    compare_test,
    exercise,
    number,
    seeded,
)

CHAPTER = "01_zero_init"


@exercise(
    chapter=CHAPTER,
    title="The first loss",
    level="a",
    section="Read a network's first loss",
    hints=(
        "Logits of zero make all classes equally likely.",
        "The cross-entropy of one sample is the negative logarithm of the probability that its "
        "own class is given.",
    ),
    misconceptions={
        "probability": "That is the probability of the right class. The loss is a logarithm of it.",
        "sign": "The size is right and the sign is not: a loss is never negative here.",
        "base-2": "You measure in bits. The cross-entropy of this course, and of the frameworks, "
        "uses the natural logarithm.",
        "base-10": "Your logarithm has base 10. The cross-entropy uses the natural one.",
        "ten-classes": "You return the digits' ten classes, whatever is asked for. Use the "
        "argument.",
        "summed": "That is the sum over the classes. Only the class of the sample counts.",
    },
    moral="With equal probabilities 1/C the loss is ln C; a first loss far above it means logits "
    "that are too large.",
)
def first_loss(answer: object) -> None:
    """Check a function of the number of classes."""
    compare_numbers(
        answer,
        [(2,), (7,), (100,), (50_000,)],
        math.log,
        {
            "probability": lambda c: 1 / c,
            "sign": lambda c: -math.log(c),
            "base-2": math.log2,
            "base-10": math.log10,
            "ten-classes": lambda c: math.log(10),
            "summed": lambda c: c * math.log(c),
        },
    )


@exercise(
    chapter=CHAPTER,
    title="How deep until nothing is left?",
    level="a",
    section="Predict how a signal shrinks or grows with depth",
    hints=(
        "By which factor does one linear layer multiply the second moment?",
        "The factor to the power of the depth must come to lie below the floor: take logarithms.",
    ),
    misconceptions={
        "amplitude": "You follow the root mean square. The floor is one for the mean square.",
        "std-not-squared": "The factor a layer needs the variance of the weights, which is the "
        "square of std.",
        "width-forgotten": "Your factor a layer does not contain the width: a unit adds up n "
        "products.",
        "one-short": "One layer short: after that many layers the signal is still above the floor.",
    },
    moral="Every layer multiplies by n·std²: the depth a network survives is a logarithm.",
)
def layers_until(answer: object) -> None:
    """Check a function (width, std, floor) -> depth."""

    def depth(factor: float, floor: float) -> float:
        return math.ceil(math.log(floor) / math.log(factor))

    compare_numbers(
        answer,
        [(64, 0.01, 3e-12), (15, 0.05, 4e-6), (40, 0.02, 7e-20), (500, 0.0018, 3e-3)],
        lambda n, std, floor: depth(n * std**2, floor),
        {
            "amplitude": lambda n, std, floor: depth(math.sqrt(n) * std, floor),
            "std-not-squared": lambda n, std, floor: depth(n * std, floor),
            "width-forgotten": lambda n, std, floor: depth(std**2, floor),
            "one-short": lambda n, std, floor: depth(n * std**2, floor) - 1,
        },
    )


@exercise(
    chapter=CHAPTER,
    title="Count the units that differ",
    level="b",
    section="Prove that equal units stay equal",
    hints=(
        "When do two hidden units receive the same gradient, and so stay equal?",
        "Unit j owns column j of W_in and row j of W_out. Both count.",
    ),
    misconceptions={
        "incoming-only": "Two units with equal incoming weights differ as soon as their outgoing "
        "weights differ. Look at both.",
        "outgoing-only": "Two units with equal outgoing weights differ as soon as their incoming "
        "weights differ. Look at both.",
        "rank": "That is a rank. Units can differ and still be linearly dependent: one may be "
        "twice another.",
        "inputs-counted": "You compare rows of W_in, which belong to the inputs. A hidden unit "
        "owns a column of it.",
        "all-units": "You count all units, the equal ones too.",
    },
    moral="A unit is its incoming and its outgoing weights: equal in both, equal forever.",
)
def distinct_units(answer: object) -> None:
    """Check a function (W_in, W_out) -> number of hidden units that differ."""
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 4, 1)), rng.standard_normal((2, 1, 3))
    repeated = np.hstack([a[0], a[0], a[1], a[1], a[0]])  # five units, two kinds of columns
    mixed = np.vstack([b[0], b[1], b[0], b[0], b[0]])
    cases = [
        (repeated, mixed),  # three kinds of units
        (np.hstack([a[0], 2 * a[0], 3 * a[0]]), np.vstack([b[0], b[0], b[1]])),
        (np.zeros((6, 8)), np.zeros((8, 2))),
        (rng.standard_normal((3, 7)), rng.standard_normal((7, 2))),
        (np.ones((3, 5)), rng.standard_normal((5, 2))),
    ]

    def kinds(rows: Any) -> int:
        return len(np.unique(rows, axis=0))

    compare_numbers(
        answer,
        cases,
        lambda w_in, w_out: kinds(np.hstack([w_in.T, w_out])),
        {
            "incoming-only": lambda w_in, w_out: kinds(w_in.T),
            "outgoing-only": lambda w_in, w_out: kinds(w_out),
            "rank": lambda w_in, w_out: float(np.linalg.matrix_rank(w_in)),
            "inputs-counted": lambda w_in, w_out: kinds(w_in),
            "all-units": lambda w_in, w_out: len(w_out),
        },
    )


@exercise(
    chapter=CHAPTER,
    title="Which parameters move?",
    level="b",
    section="Prove that equal units stay equal",
    hints=(
        "A weight's gradient is its input times the gradient that arrives at its output.",
        "Set W1 to zero: what are the hidden activations? Set W2 to zero: what arrives at the "
        "hidden layer?",
    ),
    misconceptions={
        "own-zero": "A matrix of zeros does not stop its own gradient; it stops what passes "
        "through it. Follow the signal forward and the gradient backward.",
        "nothing-moves": "Even with all weights zero one parameter moves: which gradient needs "
        "neither an activation nor a weight?",
        "swapped": "You have the two directions exchanged: W1 = 0 silences the activations, "
        "W2 = 0 the gradient below.",
        "everything-moves": "One zero matrix is enough to stop something. Multiply the backward "
        "pass out.",
    },
    moral="Zeros stop what passes through them, forward or backward; the output bias always moves.",
)
def moving_parameters(answer: object) -> None:
    """Check a function (W1_is_zero, W2_is_zero) -> the set of parameters that move at once."""
    cases = [(False, False), (False, True), (True, False), (True, True)]
    found = []
    for case in cases:
        value = call(answer, *case)
        if not isinstance(value, (set, frozenset, list, tuple)):
            raise NotYet(f"A set of names is wanted, not a {type(value).__name__}.")
        names = {name for name in value if isinstance(name, str)}
        if len(names) < len(value) or not names <= {"W1", "b1", "W2", "b2"}:
            raise NotYet('The names are "W1", "b1", "W2" and "b2".')
        found.append(names)
    everything, below, above = {"W1", "b1", "W2", "b2"}, {"W1", "b1", "b2"}, {"W2", "b2"}
    right = [everything, above, below, {"b2"}]
    if found == right:
        return
    known = {
        "own-zero": [
            everything,
            everything - {"W2"},
            everything - {"W1"},
            everything - {"W1", "W2"},
        ],
        "nothing-moves": [everything, above, below, set()],
        "swapped": [everything, below, above, {"b2"}],
        "everything-moves": [everything] * 4,
    }
    for name, pattern in known.items():
        if found == pattern:
            raise Misconception(name)
    first = next(case for case, a, b in zip(cases, found, right, strict=True) if a != b)
    raise NotYet(f"For (W1 is zero, W2 is zero) = {first} the set is not right.")


@exercise(
    chapter=CHAPTER,
    title="Find the copied layer",
    level="c",
    section="Prove that equal units stay equal",
    hints=(
        "What is true of two layers that were drawn independently, and false for a copy?",
        "Compare the numbers in the matrices, every pair of layers.",
    ),
    misconceptions={
        **TEST_MISCONCEPTIONS,
        "identity": "You ask whether two layers are the same object. A copy is another object "
        "with the same numbers: compare the numbers.",
        "first-pair": "Your test looks at the first two layers. The copy may come later: compare "
        "every pair.",
        "neighbors": "Your test compares neighbors. Two layers further apart may be equal too: "
        "compare every pair.",
    },
    moral="Independent draws are never equal: one assertion for every pair finds every copy.",
)
def test_copied_layer(answer: object) -> None:
    """Check a test of build(layers, width, rng) -> list of matrices."""

    def builder(copies: str, seed: int) -> Any:
        def build(layers: int = 6, width: int = 16, rng: Any = None) -> list[Any]:
            layers, width = int(number(layers, "")), int(number(width, ""))
            source = seeded(seed, rng)
            drawn = [
                source.standard_normal((width, width)) / math.sqrt(width) for _ in "x" * layers
            ]
            if copies == "all":
                drawn = [drawn[0].copy() for _ in drawn]
            elif copies == "same object":
                drawn = [drawn[0]] * layers
            elif copies == "last pair":
                drawn[-1] = drawn[-2].copy()
            elif copies == "far apart" and layers > 2:
                drawn[-1] = drawn[0].copy()
            return drawn

        return build

    compare_test(
        answer,
        right={"independent": lambda seed: builder("none", seed)},
        bug=lambda seed: builder("all", seed),
        wrong={
            "first-pair": lambda seed: builder("last pair", seed),
            "neighbors": lambda seed: builder("far apart", seed),
        },
        lures={"identity": lambda seed: builder("same object", seed)},
    )
