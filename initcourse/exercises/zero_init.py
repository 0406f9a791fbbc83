"""Exercises of the chapter zero_init: why not zeros, and why not just any random number."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ._exercise import exercise
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


@exercise(
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
        "tie": "Where the mean square meets the floor exactly, you stop there. It is not below it "
        "yet.",
    },
    moral="Every layer multiplies by n·std²: the depth a network survives is a logarithm.",
)
def layers_until(answer: object) -> None:
    """Check a function (width, std, floor) -> depth."""

    def depth(factor: float, floor: float) -> float:
        return math.floor(math.log(floor) / math.log(factor)) + 1

    tie = (4, 0.125, 2**-8)  # (1/16)² is the floor: exact in binary, and in logarithms
    compare_numbers(
        answer,
        [(64, 0.01, 3e-12), (15, 0.05, 4e-6), (40, 0.02, 7e-20), (500, 0.0018, 3e-3), tie],
        lambda n, std, floor: depth(n * std**2, floor),
        {
            "amplitude": lambda n, std, floor: depth(math.sqrt(n) * std, floor),
            "std-not-squared": lambda n, std, floor: depth(n * std, floor),
            "width-forgotten": lambda n, std, floor: depth(std**2, floor),
            "one-short": lambda n, std, floor: depth(n * std**2, floor) - 1,
            "tie": lambda n, std, floor: math.ceil(math.log(floor) / math.log(n * std**2)),
        },
    )


@exercise(
    title="Merge the twins",
    level="b",
    section="Prove that equal units stay equal",
    hints=(
        "Units with equal incoming weights have equal activations. What reaches the output from "
        "two of them?",
        "One unit can stand for both if its outgoing weights are chosen well. np.unique(…, axis=1, "
        "return_inverse=True) finds the groups.",
    ),
    misconceptions={
        "dropped": "You keep one twin and drop what the others sent to the output.",
        "averaged": "You average the outgoing weights. The output adds up what each twin sends.",
        "incoming-summed": "You add up the incoming weights. Twice the input of a tanh is not "
        "twice its output.",
        "outgoing-merged": "You merge units with equal outgoing weights. Their activations differ, "
        "and no single unit gives the sum of two different activations.",
        "unequal-merged": "You merge units whose incoming weights are not all equal.",
        "not-merged": "The output is right, and some units still have equal incoming weights. "
        "Their outgoing weights need not be equal for a merger.",
    },
    moral="A layer of twins is a layer with a single unit, whatever its width says.",
)
def merge_twins(answer: object) -> None:
    """Check a function (W_in, W_out) -> smaller (W_in, W_out) of the same tanh network."""
    rng = np.random.default_rng(0)
    a, b, c = rng.standard_normal((3, 4, 1))
    rows = rng.standard_normal((5, 3))
    # not twins: the same weights in another order, with another sign, nearly the same
    alike = [(1, 2, 3), (1, 3, 2), (2, 1, 3), (1, 2, 3), (-1, 2, 3), (1, 2, 3.2)]
    cases = [
        (np.hstack([a, b, a, c, a]), rows),
        (np.hstack([a, b, a, c, a]), rows[[0, 1, 0, 1, 0]]),
        (np.hstack([a, b, c]), rows[[1, 1, 2]]),
        (np.full((6, 5), 0.3), rows),
        (np.array(alike, float).T, rng.standard_normal((6, 3))),
    ]
    x = {n: rng.standard_normal((20, n)) for n in (3, 4, 6)}
    known: set[str] | None = None
    changed = ""
    twins_left = unequal = False
    for w_in, w_out in cases:
        small_in, small_out = _matrices(call(answer, w_in, w_out), w_in, w_out)
        units = small_in.shape[1]
        inputs = x[len(w_in)]
        found = np.tanh(inputs @ small_in) @ small_out
        if not np.allclose(found, np.tanh(inputs @ w_in) @ w_out):
            changed = changed or f"it keeps {units} of {w_in.shape[1]} units"
            unequal |= units < np.unique(w_in, axis=1).shape[1]
            wrong = {
                name
                for name, (v, w) in _mergers(w_in, w_out).items()
                if np.allclose(found, np.tanh(inputs @ v) @ w)
            }
            known = wrong if known is None else known & wrong
        twins_left |= units > np.unique(w_in, axis=1).shape[1]
    if known is not None:
        if known:
            raise Misconception(sorted(known)[0])
        if unequal:
            raise Misconception("unequal-merged")
        raise NotYet(f"Your network does not compute the same function: {changed}.")
    if twins_left:
        raise Misconception("not-merged")


def _matrices(value: Any, w_in: Any, w_out: Any) -> tuple[Any, Any]:
    """Return a learner's two matrices if they fit each other, the inputs and the outputs."""
    small_in, small_out = parts(value, ("W_in", "W_out"), "matrices")
    shape = np.shape(small_in)
    if len(shape) != 2 or shape[0] != len(w_in):
        raise NotYet(
            f"W_in needs a row for each of the {len(w_in)} inputs, and yours has shape {shape}."
        )
    return (
        array(small_in, shape, " for W_in"),
        array(small_out, (shape[1], w_out.shape[1]), f" for W_out beside {shape[1]} units"),
    )


def _mergers(w_in: Any, w_out: Any) -> dict[str, tuple[Any, Any]]:
    """Return networks whose twins are merged in wrong ways."""
    columns, group = np.unique(w_in, axis=1, return_inverse=True)
    member = group.reshape(-1)[:, np.newaxis] == np.arange(columns.shape[1])
    rows, like = np.unique(w_out, axis=0, return_inverse=True)
    alike = like.reshape(-1)[:, np.newaxis] == np.arange(len(rows))
    return {
        "dropped": (columns, w_out[member.argmax(axis=0)]),
        "averaged": (columns, member.T @ w_out / member.sum(axis=0)[:, np.newaxis]),
        "incoming-summed": (w_in @ member, w_out[member.argmax(axis=0)]),
        "outgoing-merged": (w_in @ alike, rows),
    }


@exercise(
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
    moral="Zeros stop what passes through them, forward or backward; the output bias moves, unless "
    "equal logits meet balanced classes.",
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
    case, names = next((c, a) for c, a, b in zip(cases, found, right, strict=True) if a != b)
    returned = ", ".join(sorted(names)) or "no name"
    raise NotYet(
        f"For (W1 is zero, W2 is zero) = {case} it returns {returned}, and that is not right."
    )


@exercise(
    title="Find the copied layer",
    level="c",
    section="Prove that equal units stay equal",
    hints=(
        "What is true of two layers that were drawn independently, and false for a copy?",
        "Compare the numbers in the matrices, every pair of layers.",
    ),
    misconceptions={
        **TEST_MISCONCEPTIONS,
        "identity": "Your test notices one array that is used for every layer, and passes on the "
        "bug, where every layer is an array of its own with the same numbers. Compare the numbers.",
        "last-pair": "A stack whose last two layers are equal, and no others, passes your test. "
        "Compare every pair.",
        "first-pair": "A stack whose first two layers are equal, and no others, passes your test. "
        "Compare every pair.",
        "middle-pair": "A stack whose second and third layers are equal, and no others, passes "
        "your test. Compare every pair.",
        "far-apart": "A stack whose first and last layers are equal, and no others, passes your "
        "test. Compare every pair, in a stack of three layers or more.",
    },
    moral="Independent draws are never equal: one assertion for every pair finds every copy.",
)
def test_copied_layer(answer: object) -> None:
    """Check a test of build(layers, width, rng) -> list of matrices."""

    def builder(copies: str, seed: int, exact: bool = False) -> Any:
        def build(layers: int = 6, width: int = 16, rng: Any = None) -> list[Any]:
            layers, width = int(number(layers, " for layers")), int(number(width, " for width"))
            source = seeded(seed, rng)
            drawn = [
                source.standard_normal((width, width)) / math.sqrt(width) for _ in "x" * layers
            ]
            if exact:
                drawn = [centered(w, 1 / width) for w in drawn]
            if copies == "all":
                drawn = [drawn[0].copy() for _ in drawn]
            elif copies == "same object":
                drawn = [drawn[0]] * layers
            elif copies == "last pair" and layers > 1:
                drawn[-1] = drawn[-2].copy()
            elif copies == "first pair" and layers > 1:
                drawn[1] = drawn[0].copy()
            elif copies == "middle pair" and layers > 2:
                drawn[2] = drawn[1].copy()
            elif copies == "far apart" and layers > 2:
                drawn[-1] = drawn[0].copy()
            return drawn

        return build

    compare_test(
        answer,
        right={"independent": lambda seed: builder("none", seed)},
        bug=lambda seed: builder("all", seed),
        wrong={
            "last-pair": lambda seed: builder("last pair", seed),
            "first-pair": lambda seed: builder("first pair", seed),
            "middle-pair": lambda seed: builder("middle pair", seed),
            "far-apart": lambda seed: builder("far apart", seed),
        },
        exact=lambda seed: builder("none", seed, exact=True),
        lures={"identity": lambda seed: builder("same object", seed)},
    )
