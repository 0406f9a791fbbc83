"""Exercises of the chapter zero_init: why not zeros, and why not just any random number."""

from __future__ import annotations

import math
from functools import cache, partial
from typing import Any

import numpy as np

from .. import initializers, training
from ..network import backward, forward, mlp
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

SEED = 1
"""Of the networks that are guessed and diagnosed; another seed tells the same of them."""

CONSTANT = partial(initializers.constant, value=0.1)


@exercise(
    title="One unit that is different",
    level="guess",
    section="Prove that equal units stay equal",
    hints=(
        "What does the theorem on twins ask of two units, and what of the rest of the network?",
        "Which units begin as twins here? What could part them?",
    ),
    misconceptions={
        "one": "A single unit would mean that the odd one has become like the others. Gradient "
        "descent moves units that differ by gradients that differ, and does not make them equal.",
        "some": "That would mean that training parts some of the equal units. Their gradients are "
        "equal at each step, so they stay equal.",
        "all": "That would mean that one random unit breaks every tie. It breaks its own: for two "
        "equal units the rest of the network, the odd unit with it, is the same.",
    },
    moral="Twins stay twins whatever the rest of the network does: one different unit makes two.",
)
def units_left(answer: object) -> str:
    """Check a guess of how many of 16 units differ after training."""
    return compare_guess(
        answer,
        _units_after_training(SEED),
        allowed=0.5,
        ranges={"one": (1, 1.5), "some": (1.5, 15.5), "all": (15.5, 16)},
        possible=(1, 16),
    )


@cache
def _units_after_training(seed: int) -> float:
    """Train 15 equal units and a random one on noise, and count those that differ."""
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((50, 20)), rng.integers(5, size=50)
    net = mlp([20, 16, 5], CONSTANT, activation="tanh", dtype="float64")
    net.weights[0][:, 0] = initializers.lecun_normal((20, 1), rng=rng)[:, 0]
    net.weights[1][0] = initializers.lecun_normal((16, 5), rng=rng)[0]
    training.train(net, x, y, learning_rate=0.5, steps=100, batch_size=None)
    units = np.vstack([net.weights[0], net.biases[0], net.weights[1].T])
    return float(np.unique(units.round(6), axis=1).shape[1])


@exercise(
    title="The first loss of a network with a bias",
    level="line",
    section="Read a network's first loss",
    hints=(
        "All images get the same logits here. Which are they?",
        "Average the cross-entropy over the labels: how often does each class occur?",
    ),
    misconceptions={
        "bias-ignored": "That is ln C, the loss of equal logits. These are as unequal as the bias.",
        "entropy": "That is the entropy of the labels: the lowest loss that any bias reaches. "
        "Yours should depend on the bias.",
        "even": "You average over the classes as if all were equally frequent.",
        "excess": "That is by how much the loss exceeds the entropy of the labels.",
        "sign": "The size is right and the sign is not: a loss is never negative here.",
        "base-2": "You measure in bits. The cross-entropy of this course, and of the frameworks, "
        "uses the natural logarithm.",
        "averaged-inside": "You average the probabilities and take the logarithm then. Each sample "
        "has a loss of its own: the logarithm comes first.",
        "summed": "That is the sum over the classes, each counted once.",
    },
    moral="A bias of ln p_c starts a classifier at the entropy of its labels; none starts it at "
    "ln C, and a wrong one may start it higher still.",
)
def first_loss(answer: object) -> None:
    """Check a function (bias, frequencies) -> loss of a network whose output weights are zero."""
    cases = [
        (np.array([0.0, 0.0, 0.0]), np.array([0.2, 0.3, 0.5])),
        (np.log([0.9, 0.1]), np.array([0.9, 0.1])),
        (np.array([2.0, -1.0, 0.5, 1.0]), np.array([0.1, 0.6, 0.1, 0.2])),
        (np.array([-3.0, 1.0]), np.array([0.75, 0.25])),
    ]

    def log_chance(b: Any) -> Any:
        return b - np.log(np.exp(b).sum())

    def entropy(p: Any) -> float:
        return float(-p @ np.log(p))

    def right(b: Any, p: Any) -> float:
        return float(-p @ log_chance(b))

    compare_numbers(
        answer,
        cases,
        right,
        {
            "bias-ignored": lambda b, p: math.log(len(b)),
            "entropy": lambda b, p: entropy(p),
            "even": lambda b, p: float(-log_chance(b).mean()),
            "excess": lambda b, p: right(b, p) - entropy(p),
            "sign": lambda b, p: -right(b, p),
            "base-2": lambda b, p: right(b, p) / math.log(2),
            "averaged-inside": lambda b, p: float(-np.log(p @ np.exp(log_chance(b)))),
            "summed": lambda b, p: float(-log_chance(b).sum()),
        },
    )


@exercise(
    title="How deep until nothing is left?",
    level="line",
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
        "one-short": "One layer short: after that many layers the signal is not below the floor "
        "yet.",
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
    title="Merge the echoes",
    level="function",
    section="Prove that equal units stay equal",
    hints=(
        "Units with equal incoming weights have equal activations. What reaches the output from "
        "two of them?",
        "One unit can stand for both if its outgoing weights are chosen well. np.unique(…, axis=1, "
        "return_inverse=True) finds the groups.",
    ),
    misconceptions={
        "dropped": "You keep one echo and drop what the others sent to the output.",
        "averaged": "You average the outgoing weights. The output adds up what each echo sends.",
        "incoming-summed": "You add up the incoming weights. Twice the input of a tanh is not "
        "twice its output.",
        "outgoing-merged": "You merge units with equal outgoing weights. Their activations differ, "
        "and no single unit gives the sum of two different activations.",
        "unequal-merged": "You merge units whose incoming weights are not all equal.",
        "not-merged": "The output is right, and some units still have equal incoming weights. "
        "Their outgoing weights need not be equal for a merger.",
    },
    moral="A layer of echoes does what a single unit does, whatever its width says.",
)
def merge_twins(answer: object) -> None:
    """Check a function (W_in, W_out) -> smaller (W_in, W_out) of the same tanh network."""
    rng = np.random.default_rng(0)
    a, b, c = rng.standard_normal((3, 4, 1))
    rows = rng.standard_normal((5, 3))
    # not echoes: the same weights in another order, with another sign, nearly the same
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
    echoes_left = unequal = False
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
        echoes_left |= units > np.unique(w_in, axis=1).shape[1]
    if known is not None:
        if known:
            raise Misconception(sorted(known)[0])
        if unequal:
            raise Misconception("unequal-merged")
        raise NotYet(f"Your network does not compute the same function: {changed}.")
    if echoes_left:
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
    """Return networks whose echoes are merged in wrong ways."""
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
    level="function",
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


STARTS = {
    "A": "large output layer",
    "B": "too small",
    "C": "one constant",
    "D": "zero output layer",
    "E": "too large",
}


@exercise(
    title="Five starts, five networks",
    level="diagnosis",
    section="Predict how a signal shrinks or grows with depth",
    hints=(
        "Begin with the loss: which networks guess, and which are confidently wrong?",
        "Then compare layer 1 with layer 5: the signal on its way up, the gradient on its way "
        "down. A small number is not yet a zero.",
    ),
    misconceptions={
        "all zeros": "Zeros everywhere leave nothing: each hidden layer is 0, and so is the "
        "gradient of each weight.",
        "one constant": "From one constant all units of a layer are equal, so that it has one "
        "unit.",
        "too small": "Weights that are too small shrink signal and gradient at each layer: layer 5 "
        "holds far less than layer 1.",
        "too large": "Weights that are too large in every layer saturate tanh, so that each layer "
        "has a mean square near 1, and the gradient grows on its way down.",
        "zero output layer": "With zeros at the output the loss is ln 10 = 2.303, and no gradient "
        "passes below it.",
        "large output layer": "An output layer that is too large shows in the loss, far above ln "
        "10, while the hidden layers are as in a healthy network.",
        "nothing": "A healthy start guesses: its loss is near ln 10 = 2.303. Its units differ, and "
        "its gradients are alike in all layers.",
    },
    moral="Loss, signal, gradient, differences: four looks before the first step tell these starts "
    "apart.",
)
def diagnose_starts(answer: object) -> None:
    """Check a dict of case to fault."""
    compare_diagnosis(
        answer,
        STARTS,
        _starts(SEED),
        {
            "all zeros": ("mean square of h1", "gradient of W5"),
            "one constant": ("different units in h5",),
            "too small": ("mean square of h1", "mean square of h5"),
            "too large": ("mean square of h5", "gradient of W1", "gradient of W5"),
            "zero output layer": ("first loss", "gradient of W5"),
            "large output layer": ("first loss", "mean square of h1", "mean square of h5"),
            "nothing": ("first loss", "different units in h5", "gradient of W1", "gradient of W5"),
        },
    )


def show_starts() -> None:
    """Print the symptoms of five networks of five hidden tanh layers, fed with noise."""
    print(formatted(starts()))


def starts() -> Table:
    """Return these symptoms, for a picture of them."""
    return _starts(SEED)


@cache
def _starts(seed: int) -> Table:
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((200, 64)), rng.integers(10, size=200)
    rules: dict[str, tuple[Any, Any]] = {
        "too small": (partial(initializers.normal, std=0.01),) * 2,
        "too large": (partial(initializers.normal, std=1.0),) * 2,
        "one constant": (CONSTANT, CONSTANT),
        "zero output layer": (initializers.lecun_normal, initializers.zeros),
        "large output layer": (initializers.lecun_normal, partial(initializers.normal, std=2.0)),
    }
    table = {}
    for case, fault in STARTS.items():
        hidden, last = rules[fault]
        net = mlp([64] * 6 + [10], [hidden] * 5 + [last], rng=rng, dtype="float64")
        signals = forward(net, x)
        loss, delta = training.softmax_cross_entropy(signals.output, y)
        gradients = backward(net, signals, delta).weights
        h = signals.activations
        table[case] = {
            "first loss": loss,
            "mean square of h1": float(np.mean(h[1] ** 2)),
            "mean square of h5": float(np.mean(h[5] ** 2)),
            "gradient of W1": _rms(gradients[0]),
            "gradient of W5": _rms(gradients[4]),
            "different units in h5": len(np.unique((h[5] / np.abs(h[5]).max()).round(6).T, axis=0)),
        }
    return table


def _rms(array: Any) -> float:
    """Return the root mean square, where it is more than rounding leaves."""
    return round(float(np.sqrt(np.mean(array**2))), 12)


@exercise(
    title="Find the copied layer",
    level="test",
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
