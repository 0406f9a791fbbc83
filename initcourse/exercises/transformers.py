"""Exercises of the chapter transformers: sizes, rules and names before the first step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache, partial
from typing import Any

import numpy as np

from ..signals import second_moment
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
    number,
    seeded,
)
from ._outcome import Misconception, NotYet

SEED = 8
"""Of the decoders that are guessed and diagnosed; another seed tells the same of them."""


def _exact_loss(width: int, std: float, vocabulary: int) -> float:
    """Compute the expected first loss, beyond the leading order."""
    from ..decoder import first_loss

    return first_loss(width, std, vocabulary)


@exercise(
    title="How much of it is the word?",
    level="guess",
    section="Write down what every sublayer adds",
    hints=(
        "What do the embeddings bring, 2σ², and what does one MLP add? There are twelve of them.",
        "With dσ² = 0.3072 an MLP of twelve blocks adds what it adds in GPT-2, 0.00545, whatever "
        "the width. The embeddings bring 2σ², and at 96 units σ² is larger than in GPT-2.",
    ),
    misconceptions={
        "nothing": "That is nearer to the truth at GPT-2's own width, where it is 0.9 %. Here the "
        "width is 96 and dσ² the same, so that σ², and with it the embeddings, is eight times as "
        "large.",
        "some": "That would mean branches that add less. One MLP adds nearly as much as the "
        "embeddings are, and there are twelve, with attention beside them.",
        "half": "That is what 1/√(2n) would keep if each branch, before it is divided, and the "
        "embeddings had the same mean square. The embeddings are far smaller, and a branch reads "
        "them normalized.",
        "most": "That would mean that the branches hardly count. A branch reads a normalized row, "
        "and what it adds does not care how small the embeddings are.",
    },
    moral="The scaling makes the branches add up to a fixed size; the embeddings are measured "
    "against that, and small ones drown.",
)
def embedding_share(answer: object) -> str:
    """Check a guess of the percentage of the embeddings in the stream at the end."""
    return compare_guess(
        answer,
        _percentage_of_embeddings(SEED),
        allowed=4,
        ranges={"nothing": (0, 6), "some": (6, 30), "half": (30, 65), "most": (65, 100)},
        possible=(0, 100),
        unit=" %",
    )


@cache
def _percentage_of_embeddings(seed: int) -> float:
    """Send sequences through ten decoders of twelve blocks, 96 units and GPT-2's dσ²."""
    from .. import decoder  # here, for it needs autograd, and most checks do not

    rng, shares = np.random.default_rng(seed), []
    for _ in range(10):
        net = decoder.draw(500, 32, 96, 12, std=0.02 * math.sqrt(8), rng=rng)
        some = np.array([rng.permutation(500)[:33] for _ in range(2)])
        f = decoder.first_pass(net, some, 4).record.forward
        shares.append(second_moment(f["stream 0"]) / second_moment(f["stream 12"]))
    return float(100 * np.mean(shares))


@exercise(
    title="The size for the logits you want",
    level="line",
    section="Predict attention: logits and entropy",
    hints=(
        "What variance has an entry of a query, if the row that is read has squares that add up "
        "to the width?",
        "A product of query and key adds one product for each unit of the head, and the division "
        "by the root takes that out again. So the spread is that of one product of two entries.",
    ),
    misconceptions={
        "one-side": "That is the formula for the logits of the head, which one matrix makes. Those "
        "of attention come from two, queries and keys: their spread is proportional to the square "
        "of the standard deviation.",
        "head": "You take the width of a head for that of the stream. A query sums over the row "
        "that is read.",
        "spread-ignored": "Your answer is right for logits of standard deviation 1, whatever is "
        "asked for.",
        "width-ignored": "Your answer does not depend on the width. The same weights make larger "
        "logits in a wider network.",
        "variance": "That is the variance of the weights. A standard deviation is wanted.",
        "undivided": "You leave the division by the root of the head's width out.",
        "divided-by-width": "You divide the products by the width of a head, as μP does. Here "
        "it is its root.",
        "mean-square": "You take the spread for a mean square. It is a standard deviation.",
        "precedence": PRECEDENCE,
    },
    moral="The logits scatter by the width times the variance of the weights, whatever the heads.",
)
def attention_std(answer: object) -> None:
    """Check a function (spread, width, head) -> σ."""
    compare_numbers(
        answer,
        [(1.0, 4096, 128), (0.3072, 768, 64), (0.5, 100, 10), (2.0, 64, 64)],
        lambda s, d, h: math.sqrt(s / d),
        {
            "one-side": lambda s, d, h: s / math.sqrt(d),
            "head": lambda s, d, h: math.sqrt(s / h),
            "spread-ignored": lambda s, d, h: 1 / math.sqrt(d),
            "width-ignored": lambda s, d, h: math.sqrt(s) * 0.02,
            "variance": lambda s, d, h: s / d,
            "undivided": lambda s, d, h: math.sqrt(s / d / math.sqrt(h)),
            "divided-by-width": lambda s, d, h: math.sqrt(s * math.sqrt(h) / d),
            "mean-square": lambda s, d, h: math.sqrt(math.sqrt(s) / d),
            "precedence": lambda s, d, h: s / d / 2,
        },
    )


def _left(cut: float) -> float:
    """Return the variance of N(0, 1) of which only |z| < cut is kept."""
    density = math.exp(-(cut**2) / 2) / math.sqrt(2 * math.pi)
    return 1 - 2 * cut * density / math.erf(cut / math.sqrt(2))


@exercise(
    title="Bounds that are absolute",
    level="line",
    section="What people get wrong",
    hints=(
        "The bounds are numbers that weights are compared with. How large is the standard "
        "deviation that has to be handed over, so that the target is left behind the cut?",
        "Behind the cut the standard deviation is smaller by a factor. Which, and on which side of "
        "the fraction does it stand?",
    ),
    misconceptions={
        "relative": "You hand over the number of standard deviations. The bounds are absolute: "
        "next to such weights they are far out.",
        "uncorrected": "Your bound is right if the target is the deviation before the cut. The cut "
        "makes the weights smaller.",
        "wrong-way": "You correct the wrong way round: before the cut the deviation is larger.",
        "variance": "You divide by the variance that is left. Deviations take its root.",
        "always-two": "Your cut lies at two standard deviations, whatever is asked for.",
        "deviation": "That is the standard deviation to hand over. The bound lies `cut` of them "
        "away.",
        "left-by-two": "You correct by 0.8796, what a cut at two deviations leaves. Yours lies "
        "elsewhere.",
        "relative-corrected": "Your bound is right for a target of 1. The bounds are absolute: "
        "they are proportional to the target.",
    },
    moral="Bounds that are absolute have to be computed from the standard deviation, and that from "
    "what the cut leaves.",
)
def cut_bound(answer: object) -> None:
    """Check a function (target, cut) -> b."""
    compare_numbers(
        answer,
        [(0.02, 2.0), (0.02, 3.0), (0.006, 1.0), (0.1, 2.5)],
        lambda target, cut: cut * target / math.sqrt(_left(cut)),
        {
            "relative": lambda target, cut: cut,
            "uncorrected": lambda target, cut: cut * target,
            "wrong-way": lambda target, cut: cut * target * math.sqrt(_left(cut)),
            "variance": lambda target, cut: cut * target / _left(cut),
            "always-two": lambda target, cut: 2 * target / math.sqrt(_left(2)),
            "deviation": lambda target, cut: target / math.sqrt(_left(cut)),
            "left-by-two": lambda target, cut: cut * target / math.sqrt(_left(2)),
            "relative-corrected": lambda target, cut: cut / math.sqrt(_left(cut)),
        },
    )


@exercise(
    title="A loss before the first step",
    level="function",
    section="Predict the first loss, and where it freezes",
    hints=(
        "How far do the logits scatter, if the head reads squares that add up to the width?",
        "Below a spread of √(2 ln V) the many words make the sum, and above it the largest one: "
        "a parabola, then a straight line that continues it.",
    ),
    misconceptions={
        "no-border": "Your parabola goes on beyond the border, where a few words make the sum. "
        "The line touches the parabola from below, so that the larger of the two is the parabola "
        "everywhere.",
        "early-border": "Your border comes too early. The largest of V standard normal numbers is "
        "near √(2 ln V), and that is the border.",
        "late-border": "Your border comes too late. It lies at √(2 ln V), which the largest of V "
        "standard normal numbers is near.",
        "line-everywhere": "Your straight line begins at zero. Below the border the many words "
        "make the loss, and with equal logits it is ln V. The line touches the parabola from "
        "below, so that the smaller of the two is the line everywhere.",
        "bits": "You count in bits. The natural logarithm makes nats.",
        "log2": "Your logarithm of V is the binary one. The natural one is wanted.",
        "guessing": "That is the loss of guessing. Logits that scatter cost more.",
        "whole-variance": "You add the variance of the logits. Half of it is what they cost.",
        "whole-variance-everywhere": "You add the variance of the logits, at any spread. Half of "
        "it is what they cost, and beyond the border not even that.",
        "variance-for-spread": "You take dσ² for the spread. It is the variance of a logit of the "
        "head, and σ√d the standard deviation.",
        "exact": "That is the exact mean. It is asked for to leading order: a parabola up to the "
        "border, and a straight line beyond.",
        "width-ignored": "Your logits scatter by the standard deviation of a weight. Each is a sum "
        "over the width.",
        "spread-not-squared": "You add half of the spread. It is half of its square.",
        "jump": "Your two branches do not meet at the border: the straight line has no ln V beside "
        "it.",
    },
    moral="The first loss is ln V and half a variance, until the largest logit wins.",
)
def loss_at_start(answer: object) -> None:
    """Check a function (width, std, vocabulary) -> the first loss, to leading order."""

    def parabola(s: float, v: int) -> float:
        return math.log(v) + s**2 / 2

    def line(s: float, v: int) -> float:
        return s * math.sqrt(2 * math.log(v))

    def of(s: float, v: int, first: Any = parabola, second: Any = line) -> float:
        return float((first if s <= math.sqrt(2 * math.log(v)) else second)(s, v))

    cases = [(768, 0.02, 50257), (768, 1.0, 32128), (2500, 0.06, 1000), (100, 0.5, 1000)]
    cases += [(100, 0.9, 61), (100, 0.28, 61), (100, 0.3, 61), (100, 0.36, 1000)]
    cases += [(100, 0.39, 1000), (100, 0.45, 50257), (100, 0.48, 50257)]  # on both sides of it
    _look_at_border(answer, cases, of, lambda s, v: of(s, v, line, parabola))
    compare_numbers(
        answer,
        cases,
        lambda d, a, v: of(a * math.sqrt(d), v),
        {
            "no-border": lambda d, a, v: parabola(a * math.sqrt(d), v),
            "whole-variance-everywhere": lambda d, a, v: math.log(v) + d * a**2,
            "variance-for-spread": lambda d, a, v: of(d * a**2, v),
            "exact": _exact_loss,
            "line-everywhere": lambda d, a, v: line(a * math.sqrt(d), v),
            "guessing": lambda d, a, v: math.log(v),
            "log2": lambda d, a, v: of(a * math.sqrt(d), v ** (1 / math.log(2))),
            "bits": lambda d, a, v: of(a * math.sqrt(d), v) / math.log(2),
            "whole-variance": lambda d, a, v: of(
                a * math.sqrt(d), v, lambda s, v: math.log(v) + s**2
            ),
            "width-ignored": lambda d, a, v: of(a, v),
            "spread-not-squared": lambda d, a, v: of(
                a * math.sqrt(d), v, lambda s, v: math.log(v) + s / 2
            ),
            "jump": lambda d, a, v: of(
                a * math.sqrt(d), v, second=lambda s, v: math.log(v) + line(s, v)
            ),
        },
    )


def _look_at_border(
    answer: object, cases: Sequence[tuple[int, float, int]], right: Any, crossed: Any
) -> None:
    """Raise `Misconception` if all is right but where the border lies, too early or too late."""
    taken: dict[bool, list[tuple[float, int]]] = {True: [], False: []}
    right_ones = {True: 0, False: 0}
    for d, a, v in cases:
        s, value = a * math.sqrt(d), number(call(answer, d, a, v), f" for {d}, {a}, {v}")
        below = s <= math.sqrt(2 * math.log(v))
        if math.isclose(value, right(s, v), rel_tol=1e-5):
            right_ones[below] += 1
        elif math.isclose(value, crossed(s, v), rel_tol=1e-5):
            taken[below].append((s, v))
        else:
            return
    for below, name, where in (
        (True, "early-border", "on the straight line already"),
        (False, "late-border", "on the parabola still"),
    ):
        if taken[below] and right_ones[below] and not taken[not below]:
            s, v = taken[below][0]
            border = math.sqrt(2 * math.log(v))
            raise Misconception(
                name, f"For {v} words and a spread of {s:g} you are {where}; it is {border:.3g}."
            )


READS = ("normal", "small_init")
WRITES = ("normal", "small_init", "scaled_normal", "wang_init")


def _rule(name: str, width: int, blocks: int) -> float:
    return {
        "normal": 0.02,
        "small_init": math.sqrt(2 / (5 * width)),
        "scaled_normal": 0.02 / math.sqrt(2 * blocks),
        "wang_init": 2 / (blocks * math.sqrt(width)),
    }[name]


_CASES = tuple(
    (width, blocks, reads, writes)
    for width, blocks in ((4096, 32), (768, 12), (2560, 32), (512, 6))
    for reads in READS
    for writes in WRITES
)


@exercise(
    title="Two numbers of Pythia",
    level="function",
    section="Exercises",
    hints=(
        "Compute what each rule would give, and see which of them is closest to what was measured.",
        "Closest in ratio means that the logarithms are closest. What reads has two rules to "
        "choose from; what writes may have any of the four.",
    ),
    misconceptions={
        "paper": "You answer what the paper says, whatever was measured.",
        "defaults": "You answer what the code's defaults are, whatever was measured.",
        "exchanged": "You have the two the wrong way round: the first is the rule of what reads.",
        "blocks": "You take 0.02/√n for scaled_normal. A block writes twice.",
        "unscaled-writes": "You never find that what writes has no rule of its own. It may follow "
        "any of the four.",
        "writes-without-small-init": "You never find small_init in what writes. It may follow any "
        "of the four.",
        "wang-root": "Your wang_init is not 2/(n√d): the blocks stand without a root, the width "
        "under one, and both divide. For 4096 and 32 it is 0.00098.",
        "difference": "You do not take the closest in ratio: 0.01 is as far below 0.02 as 0.04 is "
        "above it. |rule/measured - 1| orders as the difference does, and small "
        "rules win.",
        "one-sided": "|measured/rule - 1| is not the same up and down: half comes to 1/2 and twice "
        "to 1, so that large rules win. In ratio half and twice are equally far.",
        "twelve": "Your scaled_normal is that of twelve blocks, whatever n is.",
        "any-reads": "You let what reads have any of the four rules. It has two to choose from.",
    },
    moral="Two measured standard deviations say which rules a checkpoint was drawn by, whatever a "
    "paper says.",
)
def two_numbers(answer: object) -> None:
    """Check a function (width, blocks, reads, writes) -> two names."""
    # the last ones lie between rules
    cases = [(d, n, 1.02 * _rule(r, d, n), 0.98 * _rule(w, d, n)) for d, n, r, w in _CASES] + [
        (768, 12, 0.02, 0.005),
        (768, 12, 0.02, 0.00585),
        (768, 12, 0.02, 0.0049),
        (4096, 32, 0.02, 0.0018),
        (512, 6, 0.0147, 0.02),
        (768, 12, 0.005, 0.02),
    ]
    found = [_two(call(answer, *case), case) for case in cases]

    def ratio(told: float, measured: float) -> float:
        return abs(math.log(told / measured))

    def closest(
        far: Any = ratio, ways: tuple[str, ...] = WRITES, reads: Any = READS, **other: Any
    ) -> list[Any]:
        def near(measured: float, name: str, d: int, n: int) -> float:
            told = other[name](d, n) if name in other else _rule(name, d, n)
            return float(far(told, measured))

        return [
            (
                min(reads, key=lambda name: near(r, name, d, n)),
                min(ways, key=lambda name: near(w, name, d, n)),
            )
            for d, n, r, w in cases
        ]

    right = closest()
    if found == right:
        return
    wrong = {
        "paper": [("small_init", "wang_init")] * len(cases),
        "defaults": [("normal", "scaled_normal")] * len(cases),
        "exchanged": [(w, r) for r, w in right],
        "blocks": closest(scaled_normal=lambda d, n: 0.02 / math.sqrt(n)),
        "wang-root": closest(wang_init=lambda d, n: 2 / math.sqrt(n * d)),
        "unscaled-writes": closest(ways=("scaled_normal", "wang_init")),
        "writes-without-small-init": closest(ways=("normal", "scaled_normal", "wang_init")),
        "difference": closest(lambda told, measured: abs(told - measured)),
        "one-sided": closest(lambda told, measured: abs(measured / told - 1)),
        "twelve": closest(scaled_normal=lambda d, n: 0.02 / math.sqrt(24)),
        "any-reads": closest(reads=WRITES),
    }
    for name, pairs in wrong.items():
        if found == pairs:
            raise Misconception(name)
    k = next(k for k, pair in enumerate(found) if pair != right[k])
    raise NotYet(
        f"For {_told(cases[k])} it says {found[k][0]} and {found[k][1]}, and that is not right."
    )


def _told(case: tuple[Any, ...]) -> str:
    width, blocks, reads, writes = case
    return f"{width} units, {blocks} blocks, {reads:.4g} and {writes:.4g}"


def _two(value: object, case: tuple[Any, ...]) -> tuple[str, str]:
    if isinstance(value, np.ndarray) and value.ndim == 1:
        value = value.tolist()
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise NotYet(f"Two names are wanted, reading first, not a {type(value).__name__}.")
    for name in value:
        if not isinstance(name, str) or name not in WRITES:
            shown = f"“{name:.40}”" if isinstance(name, str) else f"of type {type(name).__name__}"
            names = ", ".join(WRITES)
            raise NotYet(f"For {_told(case)}: the names are {names}, and this is {shown}.")
    return value[0], value[1]


DECODERS = {
    "A": "logits of attention divided by d_h",
    "B": "layer norm over the wrong axis",
    "C": "no residual scaling",
    "D": "identical layers",
    "E": "embeddings from N(0, 1)",
}


@exercise(
    title="Five decoders",
    level="diagnosis",
    section="Predict attention: logits and entropy",
    hints=(
        "Which of the rows has a number that theory gives? The first loss should be ln 200 + 0.15, "
        "the logits of attention should scatter by 0.31, and the stream should end at "
        "decoder.predict(24, 48, 4, std=0.08).stream[-1], which is 0.093.",
        "A layer norm over the wrong axis mixes positions, later ones too. Copies agree, whatever "
        "passes through them.",
    ),
    misconceptions={
        "as it should be": "A decoder that is as it should be begins near 5.45, with logits of "
        "attention that scatter by 0.31, a small stream, no view of the future, and blocks that "
        "have nothing to do with each other.",
        "no residual scaling": "Without the residual scaling the stream ends near 0.7 here, and "
        "not at 0.093, and nothing else is off.",
        "embeddings from N(0, 1)": "Embeddings from N(0, 1) make the stream begin at 2, and with "
        "the tied head the first loss is far above ln 200.",
        "logits of attention divided by d_h": "Divided by the width of a head, 12, in place of its "
        "root, the logits of attention scatter by 0.31/√12.",
        "layer norm over the wrong axis": "A layer norm over the positions, the wrong axis, lets "
        "the first position see the last one.",
        "identical layers": "Identical layers are copies of one draw: their correlation is 1.",
    },
    moral="Each fault moves a number that theory knows; the first loss alone tells one of them.",
)
def diagnose_decoders(answer: object) -> None:
    """Check a dict of case to fault."""
    seen = ("first loss", "attention logits", "stream at the end")
    compare_diagnosis(
        answer,
        DECODERS,
        _decoders(SEED),
        {
            "as it should be": (*seen, "moved by the future", "up matrices alike"),
            "no residual scaling": ("stream at the end", "up matrices alike", "first loss"),
            "embeddings from N(0, 1)": ("first loss", "stream at the end"),
            "logits of attention divided by d_h": ("attention logits",),
            "layer norm over the wrong axis": ("moved by the future",),
            "identical layers": ("up matrices alike",),
        },
    )


def show_decoders() -> None:
    """Print the symptoms of decoders of four blocks of 48 units."""
    print(formatted(_decoders(SEED)))


@cache
def _decoders(seed: int) -> Table:
    rng, table = np.random.default_rng(seed), {}
    for case, fault in DECODERS.items():
        seen = [_symptoms(fault, rng) for _ in range(10)]
        table[case] = {name: float(np.mean([one[name] for one in seen])) for name in seen[0]}
    return table


def _symptoms(fault: str, rng: np.random.Generator) -> dict[str, float]:
    """Draw a decoder with a fault and look at it."""
    from .. import decoder

    net = decoder.draw(
        200,
        24,
        48,
        4,
        std=0.08,
        residual=fault != "no residual scaling",
        embedding=1.0 if fault == "embeddings from N(0, 1)" else None,
        rng=rng,
    )
    if fault == "identical layers":
        net["blocks"] = [net["blocks"][0]] * 4
    power = 1.0 if fault == "logits of attention divided by d_h" else 0.5
    axis = 0 if fault == "layer norm over the wrong axis" else 1
    some = rng.permutation(200)[:25]
    output, logits, end = _sent(net, some[:-1], power, axis)
    other = np.append(some[:-2], some[-1])
    moved = _sent(net, other, power, axis)[0][0] - output[0]
    shifted = np.exp(output - output.max(axis=1, keepdims=True))
    shares = shifted / shifted.sum(axis=1, keepdims=True)
    first, last = (net["blocks"][k]["up"].ravel() for k in (0, -1))
    return {
        "first loss": float(-np.log(shares[np.arange(24), some[1:]]).mean()),
        "attention logits": float(np.std(logits)),
        "stream at the end": float(np.mean(end**2)),
        "moved by the future": float(np.sqrt(np.mean(moved**2))),
        "up matrices alike": float(np.corrcoef(first, last)[0, 1]),
    }


def _sent(net: Any, tokens: Any, power: float, axis: int) -> tuple[Any, Any, Any]:
    """Send one sequence through a decoder of four heads, whose layer norm may have a wrong axis."""

    def norm(h: Any) -> Any:
        h = h - h.mean(axis=axis, keepdims=True)
        return h / np.sqrt(np.mean(h**2, axis=axis, keepdims=True) + 1e-12)

    h = net["tokens"][tokens] + net["positions"]
    seen = []
    for block in net["blocks"]:
        q, k, v = (
            part.reshape(24, 4, 12).swapaxes(0, 1)
            for part in np.split(norm(h) @ block["qkv"], 3, axis=1)
        )
        logits = q @ k.swapaxes(1, 2) / 12**power
        seen.append(logits)
        powers = np.tril(np.exp(logits))
        mixed = powers / powers.sum(axis=2, keepdims=True) @ v
        h = h + mixed.swapaxes(0, 1).reshape(24, 48) @ block["attention out"]
        z = norm(h) @ block["up"]
        gelu = z / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)))
        h = h + gelu @ block["down"]
    return norm(h) @ net["tokens"].T, seen[0], h


PARTS = {"attn.c_attn": (1, 3), "attn.c_proj": (1, 1), "mlp.c_fc": (1, 4), "mlp.c_proj": (4, 1)}


@exercise(
    title="Find the name that never matches",
    level="test",
    section="What people get wrong",
    hints=(
        "Call the function and print the standard deviation of every matrix. Which are not what "
        "the text says?",
        "Four roles, several blocks, two numbers of blocks; 0.02 itself, and not only ratios: and "
        "are the matrices of two blocks independent of each other?",
    ),
    misconceptions={
        **TEST_MISCONCEPTIONS,
        "attention-only": "A start that scales what attention writes, and not what the MLP writes, "
        "passes your test.",
        "mlp-only": "A start that scales what the MLP writes, and not what attention writes, "
        "passes your test.",
        "everything": "A start that scales all four matrices of a block passes your test.",
        "blocks": "A start that counts blocks, 1/√n in place of 1/√(2n), passes your test. The two "
        "differ by a factor of 1.41: is your tolerance below that?",
        "square": "A start with 1/(2n) in place of its root passes your test.",
        "first-block": "A start that scales in the first block and in no other passes your test.",
        "all-larger": "A start whose matrices are all twice as large passes your test. Compare "
        "them with 0.02, and not only with each other.",
        "reads-larger": "A start that draws c_fc twice as large passes your test. Look at what "
        "reads the stream, too.",
        "packed-larger": "A start that draws c_attn twice as large passes your test. Look at the "
        "queries, keys and values, too.",
        "copies": "A start that draws one block and copies it passes your test, as PyTorch's "
        "TransformerEncoder does (issue 72253). Compare two blocks.",
        "copies-of-one": "A start that draws c_fc once and copies it into each block passes your "
        "test. Compare two blocks, role by role.",
        "packed-copies": "A start that draws c_attn once and copies it into each block passes your "
        "test. Compare two blocks, role by role.",
        "attention-copies": "A start that draws attn.c_proj once and copies it into each block "
        "passes your test. Compare two blocks, role by role.",
        "mlp-copies": "A start that draws mlp.c_proj once and copies it into each block passes "
        "your test. Compare two blocks, role by role.",
        "not-first": "A start that scales in every block but the first passes your test.",
        "not-last": "A start that scales in every block but the last passes your test.",
        "first-call": "A start that keeps the number of blocks it was first asked for passes your "
        "test. Try two numbers.",
    },
    moral="A condition on a name that never holds raises nothing. Assert the standard deviation of "
    "every role, in every block, and that no two are the same draw.",
)
def test_names(answer: object) -> None:
    """Check a test of init_decoder(width, blocks, rng), which returns a dict of arrays."""

    def maker(fault: str, seed: int) -> Any:
        asked: list[Any] = []

        def init_decoder(width: Any, blocks: Any, rng: Any = None) -> Any:
            source = seeded(seed, rng)
            asked.append(blocks)
            scale = (2 * (asked[0] if fault == "first-call" else blocks)) ** -0.5
            scale = {"blocks": blocks**-0.5, "square": 1 / (2 * blocks)}.get(fault, scale)
            scaled = {
                "attention-only": ("attn.c_proj",),
                "mlp-only": ("mlp.c_proj",),
                "everything": tuple(PARTS),
                "nothing": (),
            }.get(fault, ("attn.c_proj", "mlp.c_proj"))
            packed, reads = ("attn.c_attn",), ("mlp.c_fc",)
            larger = {"all-larger": PARTS, "reads-larger": reads, "packed-larger": packed}
            copied = {"copies": PARTS, "copies-of-one": reads, "packed-copies": packed}
            copied |= {"attention-copies": ("attn.c_proj",), "mlp-copies": ("mlp.c_proj",)}
            bare = {"first-block": range(1, blocks), "not-first": [0], "not-last": [blocks - 1]}
            result: dict[str, Any] = {}
            for i in range(blocks):
                for part, (rows, columns) in PARTS.items():
                    kept = i in bare.get(fault, ())
                    std = 0.02 * (scale if part in scaled and not kept else 1)
                    std *= 2 if part in larger.get(fault, ()) else 1
                    w = source.normal(0, std, (rows * width, columns * width))
                    w = centered(w, std**2) if fault == "exact" else w
                    name = f"h.{i}.{part}.weight"
                    copy = i > 0 and part in copied.get(fault, ())
                    result[name] = result[f"h.0.{part}.weight"].copy() if copy else w
            return result

        return init_decoder

    scales = ("attention-only", "mlp-only", "everything", "blocks", "square")
    places = ("first-block", "not-first", "not-last", "first-call")
    sizes = ("all-larger", "reads-larger", "packed-larger")
    copies = ("copies", "copies-of-one", "packed-copies", "attention-copies", "mlp-copies")
    faults = (*scales, *places, *sizes, *copies)
    compare_test(
        answer,
        right={"repaired": partial(maker, "")},
        bug=partial(maker, "nothing"),
        wrong={fault: partial(maker, fault) for fault in faults},
        exact=partial(maker, "exact"),
    )
