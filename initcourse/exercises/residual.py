"""Exercises of the chapter residual: what a stream adds up, and what moves at the first step."""

from __future__ import annotations

import math
from collections.abc import Set
from functools import cache
from itertools import product
from typing import Any

import numpy as np

from .. import residual
from ..training import load_digits
from ._diagnosis import Table, compare_diagnosis, formatted
from ._exercise import exercise
from ._guess import compare_guess
from ._judge import (
    PRECEDENCE,
    TEST_MISCONCEPTIONS,
    call,
    centered,
    compare_numbers,
    compare_test,
    seeded,
)
from ._outcome import Misconception, NotYet

SEED = 6
"""Of the networks that are guessed and diagnosed; another seed tells the same of them."""


@exercise(
    title="How much of it is the image?",
    level="guess",
    section="Scale the last matrix: 1/√L, zero, 1/L",
    hints=(
        "On average the stream still holds the whole image. What is its mean square at the end?",
        "What does a branch of two matrices by He's rule add to a mean square of 1, once it is "
        "divided by √32? So by what does a block multiply it, and what do 32 such factors make?",
    ),
    misconceptions={
        "equal": "That would mean 32 branches that each add as much as the image is. Divided by "
        "√32, each adds a 32nd of what it would.",
        "one": "6.25 % is what one branch adds to the stream that it reads, 2/32. What is left of "
        "the image when 32 have added?",
        "gone": "That would mean that the branches bury the image: without the factor they do. "
        "Divided, each adds a 32nd of what it would.",
        "more": "That would mean branches that add up to more than these. How much does one of "
        "them add?",
        "less": "That would mean branches that add up to less than these. How much does one of "
        "them add?",
        "sum": "That would mean that what the branches add is a sum, 1 + 32 · 2/32 = 3. Each adds "
        "a share of the stream, which has grown already: it is a product.",
        "lecun": "That would mean branches that hand on what they get, β = 1: near 1/e. With He's "
        "rule in the last matrix too, a branch hands on twice as much. Or did you take the root of "
        "the share?",
        "upside-down": "The stream becomes some 7 times as large as the image. Which percentage of "
        "it is the image?",
        "half": "That would mean that all branches together are about as large as the image. What "
        "a block adds is a share of the stream, which has grown already.",
        "most": "That would mean that the branches hardly count. Each adds little, and there are "
        "32 of them.",
    },
    moral="The stream ends near e to the power of β, and the image is what it was: 1/√L sets the "
    "size of the sum only if β is known.",
)
def input_share(answer: object) -> str:
    """Check a guess of the percentage of the image in the mean square of a stream."""
    return compare_guess(
        answer,
        _percentage_of_image(SEED),
        allowed=5,
        ranges={
            "equal": (3, 3.2),
            "one": (6, 6.5),
            "upside-down": (6.8, 7.5),
            "gone": (0, 8),
            "more": (8, 14),
            "less": (14, 30),
            "sum": (30, 35),
            "lecun": (35, 42),
            "half": (42, 65),
            "most": (65, 100),
        },
        possible=(0, 100),
        unit=" %",
    )


@cache
def _percentage_of_image(seed: int) -> float:
    """Send images through 300 networks of 32 blocks: He's rule, the last matrix divided by √32."""
    rng, images = np.random.default_rng(seed), load_digits("images").x_train[:20]
    whole = []
    for _ in range(300):
        net = residual.residual_mlp(32, 64, residual.Start(last=2 / 32), rng=rng)
        whole.append(np.mean(residual.forward(net, images).output ** 2))
    return float(100 * np.mean(images**2) / np.mean(whole))


@exercise(
    title="The largest factor",
    level="line",
    section="Predict the stream, up and down",
    hints=(
        "By how much may one block multiply the mean square, if all of them together multiply it "
        "by the ratio?",
        "Solve (1 + α²β)^L = ratio for α.",
    ),
    misconceptions={
        "no-compounding": "You share the growth out evenly, as if it were a sum. Each block "
        "multiplies what the blocks below have made.",
        "limit": "That is the limit of many blocks. With a few of them it is too small.",
        "variance": "That is the square of the factor: it multiplies values, and the square "
        "multiplies mean squares.",
        "beta-ignored": "Your answer does not depend on β, what a branch makes of a mean square "
        "of 1.",
        "one-block": "A single block could have that factor. There are more of them.",
        "amplitude": "You take the ratio for one of root mean squares. It is one of mean squares.",
        "root-L": "1/√L keeps the growth below e to the power of β, whatever ratio is asked for.",
        "root-L-beta": "1/√(Lβ) keeps the growth below e, whatever ratio is asked for.",
        "beta-outside": "α² stands with β: what you take the root of has to be divided by β first.",
        "precedence": PRECEDENCE,
    },
    moral="A stream of L blocks may grow by (ratio)^(1/L) a block; the branch pays with a root.",
)
def branch_scale(answer: object) -> None:
    """Check a function (ratio, blocks, beta) -> α."""
    compare_numbers(
        answer,
        [(2.0, 100, 1.0), (2.0, 4, 2.0), (10.0, 12, 0.5), (1.1, 1, 3.0)],
        lambda r, n, b: math.sqrt((r ** (1 / n) - 1) / b),
        {
            "no-compounding": lambda r, n, b: math.sqrt((r - 1) / n / b),
            "limit": lambda r, n, b: math.sqrt(math.log(r) / n / b),
            "variance": lambda r, n, b: (r ** (1 / n) - 1) / b,
            "beta-ignored": lambda r, n, b: math.sqrt(r ** (1 / n) - 1),
            "one-block": lambda r, n, b: math.sqrt((r - 1) / b),
            "amplitude": lambda r, n, b: math.sqrt((r ** (2 / n) - 1) / b),
            "root-L": lambda r, n, b: 1 / math.sqrt(n),
            "root-L-beta": lambda r, n, b: 1 / math.sqrt(n * b),
            "precedence": lambda r, n, b: (r ** (1 / n) - 1) / b / 2,
            "beta-outside": lambda r, n, b: math.sqrt(r ** (1 / n) - 1) / b,
        },
    )


@exercise(
    title="Count the additions",
    level="line",
    section="Say what GPT-2's 1/√(2n) counts",
    hints=(
        "How often does one block add something to its stream?",
        "Attention to the words so far, attention to the other text where there is one, and the "
        "MLP: each has a last matrix of its own.",
    ),
    misconceptions={
        "blocks": "You count blocks. What adds up are the branches, and a block has several.",
        "two-always": "Two branches a block is right without cross-attention. That is a branch "
        "more.",
        "three-always": "Without cross-attention a block adds twice.",
        "variance": "That is the factor for variances. The weights are multiplied by its root.",
        "inverse": "Your factor grows with depth. It has to make up for a sum.",
        "matrices": "You count matrices. An MLP has two, and attention two or more: one of each "
        "writes to the stream.",
        "precedence": PRECEDENCE,
        "std": "That is a standard deviation, with the 0.02 of GPT-2 in it. The factor alone is "
        "wanted, whatever the matrix was drawn with.",
    },
    moral="What counts is how often something is added to the stream, not how many blocks or "
    "matrices there are.",
)
def residual_factor(answer: object) -> None:
    """Check a function (blocks, cross) -> the factor on the last matrices of a decoder."""
    compare_numbers(
        answer,
        [(12, False), (12, True), (6, True), (48, False)],
        lambda n, cross: (n * (3 if cross else 2)) ** -0.5,
        {
            "blocks": lambda n, cross: n**-0.5,
            "two-always": lambda n, cross: (2 * n) ** -0.5,
            "three-always": lambda n, cross: (3 * n) ** -0.5,
            "variance": lambda n, cross: 1 / (n * (3 if cross else 2)),
            "inverse": lambda n, cross: (n * (3 if cross else 2)) ** 0.5,
            "matrices": lambda n, cross: (n * (6 if cross else 4)) ** -0.5,
            "precedence": lambda n, cross: 1 / (n * (3 if cross else 2)) / 2,
            "std": lambda n, cross: 0.02 * (n * (3 if cross else 2)) ** -0.5,
        },
    )


@exercise(
    title="A power of the depth",
    level="function",
    section="Derive Fixup's exponent from one step of gradient descent",
    hints=(
        "Let the matrices below the last one be multiplied by a. How large is what reaches the "
        "last one, and how large is its step?",
        "Under gradient descent the step is in proportion to a^(m-1), and what it does once more. "
        "Under Adam the step is not in proportion to anything.",
    ),
    misconceptions={
        "sgd-for-both": "Your answer for Adam is the one for gradient descent. Under Adam a "
        "smaller gradient does not make a smaller step. Or does your function not know the word "
        '"adam"?',
        "adam-for-both": "Your answer for gradient descent is the one for Adam. There a smaller "
        "signal makes the step smaller too, so that it counts twice. Or does your function not "
        'know the word "sgd"?',
        "sign": "With your sign the step grows with depth even faster than it did.",
        "last-counted": "You multiply all m matrices. The last one is zero, and multiplying it "
        "changes nothing.",
        "variance": "That is the power for variances. Standard deviations take half of it.",
        "two-matrices": "You give the power of two matrices, whatever m is.",
        "adam-needs-none": "You say that Adam needs no power. Its step has the same size at every "
        "depth, and yet there are L of them, and what each does grows with what reaches it.",
        "exchanged": "You have the two the wrong way round: it is under gradient descent that a "
        "smaller signal counts twice.",
        "precedence": "In Python -1 / k * (m - 1) is (m - 1) times -1/k. Put the whole denominator "
        "in parentheses.",
        "precedence-sgd": "Your power for gradient descent is (m - 1) times -1/2, which is what "
        "-1 / 2 * (m - 1) means in Python. Put the whole denominator in parentheses.",
    },
    moral="L branches take part in the first step; a branch counts with a^(2(m-1)) under gradient "
    "descent, with a^(m-1) under Adam.",
)
def depth_power(answer: object) -> None:
    """Check a function (matrices, optimizer) -> the power of the number of blocks."""
    cases = [(m, how) for m in (2, 3, 4, 7) for how in ("sgd", "adam")]
    twice = {"sgd": 2, "adam": 1}
    compare_numbers(
        answer,
        cases,
        lambda m, how: -1 / (twice[how] * (m - 1)),
        {
            "sgd-for-both": lambda m, how: -1 / (2 * (m - 1)),
            "adam-for-both": lambda m, how: -1 / (m - 1),
            "sign": lambda m, how: 1 / (twice[how] * (m - 1)),
            "last-counted": lambda m, how: -1 / (twice[how] * m),
            "variance": lambda m, how: -2 / (twice[how] * (m - 1)),
            "two-matrices": lambda m, how: -1 / twice[how],
            "adam-needs-none": lambda m, how: -1 / (2 * (m - 1)) if how == "sgd" else 0.0,
            "exchanged": lambda m, how: -1 / ((3 - twice[how]) * (m - 1)),
            "precedence": lambda m, how: -(m - 1) / twice[how],
            "precedence-sgd": lambda m, how: -(m - 1) / 2 if how == "sgd" else -1 / (m - 1),
        },
    )


NAMES = ("first", "last", "alpha", "head")


@exercise(
    title="What has a gradient at the first step?",
    level="function",
    section="Derive Fixup's exponent from one step of gradient descent",
    hints=(
        "The gradient of a factor is made of everything else on the way from the image to the "
        "loss. Is something of that zero?",
        "What a head reads is the stream, and the stream holds the image, whatever the branches "
        "add.",
    ),
    misconceptions={
        "own-zero": "You say that what is zero has no gradient. The gradient of a factor is made "
        "of the others: it is these that must not be zero.",
        "head-forgotten": "You let a head of zeros pass a gradient down. What it sends down is "
        "multiplied by it.",
        "first-through-zero": "You let the first matrix have a gradient where the last one is "
        "zero. It gets there through the last one.",
        "head-through-branch": "You say that the head has no gradient where the branches add "
        "nothing. It reads the stream, and that holds the image.",
        "first-without-alpha": "You let the first matrix have a gradient where α is zero. α stands "
        "on its way.",
        "arguments-reversed": "You read the arguments the wrong way round: True means that it is "
        "not zero.",
    },
    moral="A zero stops the gradient of all other factors of its branch, never its own: ReZero "
    "begins by learning α, a start of zeros by learning the last matrix. A head of zeros stops "
    "those of all branches.",
)
def first_to_move(answer: object) -> None:
    """Check a function (alpha, last, head) -> the names of what has a gradient."""
    cases = list(product((True, False), repeat=3))
    found = [_names(call(answer, *case), case) for case in cases]

    def of(*conditions: Any) -> list[frozenset[str]]:
        return [
            frozenset(n for n, holds in zip(NAMES, conditions, strict=True) if holds(*case))
            for case in cases
        ]

    def head(a: bool, w: bool, h: bool) -> bool:
        return True

    def first(a: bool, w: bool, h: bool) -> bool:
        return a and w and h

    def last(a: bool, w: bool, h: bool) -> bool:
        return a and h

    def alpha(a: bool, w: bool, h: bool) -> bool:
        return w and h

    right = of(first, last, alpha, head)
    if found == right:
        return
    zeros = [
        frozenset(name for name, given in zip(NAMES[1:], case, strict=True) if not given)
        for case in ((w, a, h) for a, w, h in cases)
    ]
    if all(r - zero <= f <= r for f, r, zero in zip(found, right, zeros, strict=True)):
        raise Misconception("own-zero")
    wrong = {
        "own-zero": of(head, lambda a, w, h: w, lambda a, w, h: a, lambda a, w, h: h),
        "arguments-reversed": of(
            lambda a, w, h: not (a or w or h),
            lambda a, w, h: not (a or h),
            lambda a, w, h: not (w or h),
            head,
        ),
        "head-forgotten": of(lambda a, w, h: a and w, lambda a, w, h: a, lambda a, w, h: w, head),
        "first-through-zero": of(last, last, alpha, head),
        "head-through-branch": of(first, last, alpha, lambda a, w, h: a and w),
        "first-without-alpha": of(alpha, last, alpha, head),
    }
    for name, sets in wrong.items():
        if found == sets:
            raise Misconception(name)
    k = next(k for k, names in enumerate(found) if names != right[k])
    said = ", ".join(name for name in NAMES if name in found[k]) or "nothing"
    raise NotYet(f"For alpha, last, head = {cases[k]} it says {said}, and that is not right.")


def _names(value: object, case: tuple[bool, ...]) -> frozenset[str]:
    if not isinstance(value, (Set, list, tuple)):
        raise NotYet(f"A set of names is wanted for {case}, not a {type(value).__name__}.")
    for name in value:
        if not isinstance(name, str) or name not in NAMES:
            text = " ".join(name.split()) if isinstance(name, str) else ""
            shown = f"“{text:.40}”" if isinstance(name, str) else f"a {type(name).__name__}"
            raise NotYet(f"The names are {', '.join(NAMES)}; for {case} there is {shown}.")
    return frozenset(value)


STREAMS = {
    "A": "zeros in the last matrix",
    "B": "He in the last matrix",
    "C": "the addition is missing",
    "D": "α = 0",
    "E": "LeCun, divided by √L",
}


@exercise(
    title="Five streams",
    level="diagnosis",
    section="Predict the stream, up and down",
    hints=(
        "What does a block multiply the mean square by? Eight blocks lie between the two places.",
        "Where the stream stands still, the gradients of the matrices tell why. And is the image "
        "in the stream at all?",
    ),
    misconceptions={
        "zeros in the last matrix": "Behind zeros the stream stays as it is, the last matrices "
        "have a gradient, and the first ones have none.",
        "He in the last matrix": "With He's rule in the last matrix eight blocks multiply the mean "
        "square by 6561 on average.",
        "LeCun in the last matrix": "With LeCun's rule in the last matrix eight blocks multiply "
        "the mean square by 256 on average.",
        "LeCun, divided by √L": "Divided by √16, eight blocks multiply the mean square by 1.6, and "
        "the image stays in the stream.",
        "the addition is missing": "Without the addition a block hands on what its branch makes "
        "of the image: the mean square stays near 1, and nothing of the image itself is left.",
        "α = 0": "With α = 0 the stream stays as it is, and no matrix of a branch has a gradient.",
    },
    moral="The same steady mean square may mean three things; the image and the gradients tell "
    "them apart.",
)
def diagnose_streams(answer: object) -> None:
    """Check a dict of case to fault."""
    squares = ("mean square, block 8", "mean square, block 16")
    matrices = ("gradient, first matrices", "gradient, last matrices")
    compare_diagnosis(
        answer,
        STREAMS,
        _streams(SEED),
        {
            "zeros in the last matrix": (squares[1], *matrices),
            "He in the last matrix": squares,
            "LeCun in the last matrix": squares,
            "LeCun, divided by √L": (*squares, "image left, block 16"),
            "the addition is missing": (squares[1], "image left, block 16"),
            "α = 0": (squares[1], *matrices),
        },
    )


def show_streams() -> None:
    """Print the symptoms of streams of 16 blocks of width 64."""
    print(formatted(_streams(SEED)))


@cache
def _streams(seed: int) -> Table:
    rng, images = np.random.default_rng(seed), load_digits("images").x_train[:30]
    starts = {
        "zeros in the last matrix": residual.start("zero", 16),
        "He in the last matrix": residual.start("he", 16),
        "the addition is missing": residual.start("lecun", 16),
        "α = 0": residual.start("rezero", 16),
        "LeCun, divided by √L": residual.start("root", 16),
    }
    table = {}
    for case, fault in STREAMS.items():
        seen = [_symptoms(starts[fault], fault, images, rng) for _ in range(30)]
        names = seen[0]
        table[case] = {name: float(np.mean([one[name] for one in seen])) for name in names}
    return table


def _symptoms(
    begin: residual.Start, fault: str, images: Any, rng: np.random.Generator
) -> dict[str, float]:
    """Send images up and noise down, through blocks that add or, by a fault, do not."""
    net = residual.residual_mlp(16, 64, begin, rng=rng, dtype="float64")
    stream, inside = [images.astype(float)], []
    keeps = 0.0 if fault == "the addition is missing" else 1.0
    for (first, last), alpha in zip(net.branches, net.alphas, strict=True):
        inside.append(np.maximum(stream[-1] @ first, 0))
        stream.append(keeps * stream[-1] + alpha * (inside[-1] @ last))
    down = rng.standard_normal(images.shape)
    top, firsts, lasts = float(np.mean(down**2)), 0.0, 0.0
    for k in reversed(range(16)):
        delta = net.alphas[k] * down
        lasts += float(np.sum((inside[k].T @ delta) ** 2))
        delta = (delta @ net.branches[k][1].T) * (inside[k] > 0)
        firsts += float(np.sum((stream[k].T @ delta) ** 2))
        down = keeps * down + delta @ net.branches[k][0].T
    h = stream[-1]
    return {
        "mean square, block 8": float(np.mean(stream[8] ** 2)),
        "mean square, block 16": float(np.mean(h**2)),
        "image left, block 16": float(
            np.mean(
                np.sum(h * images, axis=1) ** 2 / np.sum(images**2, axis=1) / np.sum(h**2, axis=1)
            )
        ),
        "gradient, block 0 to 16": float(np.mean(down**2)) / top,
        "gradient, first matrices": math.sqrt(firsts),
        "gradient, last matrices": math.sqrt(lasts),
    }


@exercise(
    title="Find the scale on the wrong matrix",
    level="test",
    section="Say what GPT-2's 1/√(2n) counts",
    hints=(
        "Send an input through the branch, once with the scale on w3 and once with it on w2. What "
        "differs?",
        "Nothing differs in the law of what comes out, so look at the matrices themselves: which "
        "standard deviation has each of the three?",
    ),
    misconceptions={
        **TEST_MISCONCEPTIONS,
        "forward-only": "Your test notices a start without any scale, and not this bug. What comes "
        "out of the branch has the same law with the factor on w3 as on w2: w2(silu(w1 x) * w3 x) "
        "lets it pass through.",
        "both": "A start that scales w2 and w3 passes your test. Only one matrix writes to the "
        "stream.",
        "gate": "A start that scales w1 as well as w2 passes your test. Look at all three.",
        "blocks": "A start that counts blocks, 1/√n in place of 1/√(2n), passes your test. The two "
        "differ by a factor of 1.41: is your tolerance below that?",
        "square": "A start with 1/(2n) in place of its root passes your test. Assert the standard "
        "deviation, not only that it is smaller.",
        "ratios": "A start whose three matrices are all three times too large passes your test. "
        "Compare one of them with 0.02, and not only with each other.",
        "unscaled-others": "A start whose w1 and w3 are three times too large passes your test. "
        "Look at these too.",
        "first-call": "A start that keeps the number of blocks it was first asked for passes your "
        "test. Try two numbers.",
    },
    moral="Where two factors commute, no forward pass sees which of them was scaled; the weights "
    "do, and so would the gradients.",
)
def test_swiglu(answer: object) -> None:
    """Check a test of init_swiglu(width, hidden, blocks, rng), which returns a dict of arrays."""

    def maker(fault: str, seed: int) -> Any:
        asked: list[Any] = []

        def init_swiglu(width: Any, hidden: Any, blocks: Any, rng: Any = None) -> Any:
            source = seeded(seed, rng)
            asked.append(blocks)
            scale = (2 * (asked[0] if fault == "first-call" else blocks)) ** -0.5
            scale = {"blocks": blocks**-0.5, "square": 1 / (2 * blocks)}.get(fault, scale)
            scaled = {
                "w3": ("w3",),
                "both": ("w2", "w3"),
                "gate": ("w1", "w2"),
                "nothing": (),
            }.get(fault, ("w2",))
            shapes = {"w1": (width, hidden), "w2": (hidden, width), "w3": (width, hidden)}
            result = {}
            for name, shape in shapes.items():
                std = 0.02 * (scale if name in scaled else 1)
                std *= 3 if fault == "ratios" or (fault == "large" and name != "w2") else 1
                w = source.normal(0, std, shape)
                result[name] = centered(w, std**2) if fault == "exact" else w
            return result

        return init_swiglu

    compare_test(
        answer,
        right={"repaired": lambda seed: maker("", seed)},
        bug=lambda seed: maker("w3", seed),
        wrong={
            "both": lambda seed: maker("both", seed),
            "gate": lambda seed: maker("gate", seed),
            "blocks": lambda seed: maker("blocks", seed),
            "square": lambda seed: maker("square", seed),
            "unscaled-others": lambda seed: maker("large", seed),
            "ratios": lambda seed: maker("ratios", seed),
            "first-call": lambda seed: maker("first-call", seed),
        },
        exact=lambda seed: maker("exact", seed),
        lures={"forward-only": lambda seed: maker("nothing", seed)},
    )
