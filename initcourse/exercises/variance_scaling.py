"""Exercises of the chapter variance_scaling: one formula, its distributions, its fans."""

from __future__ import annotations

import math
from functools import cache, partial
from typing import Any

import numpy as np

from .. import initializers
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

SEED = 5
"""Of the draws that are guessed and diagnosed; another seed tells the same of them."""


@exercise(
    title="Cut at one standard deviation",
    level="guess",
    section="Compute what truncation takes away",
    hints=(
        "What is left lies between -1 and 1. Which variance has a uniform law there, and does the "
        "normal lean toward the middle or toward the ends?",
        "The formula for the variance is in this section, for any bound c. Here c is 1.",
    ),
    misconceptions={
        "less": "That would mean that what is left keeps close to the middle. Between -1 and 1 a "
        "normal law falls by 39 % only, and a uniform one has a variance of 1/3.",
        "root": "That is near what is left of the standard deviation. It is near the variance of "
        "draws that are clipped, too, and these were drawn again.",
        "draws": "That is near the share of the draws that are left, 68 %. The third that goes are "
        "the largest, and they carry most of the variance.",
        "two": "That is near what is left if the bounds lie at two standard deviations.",
        "more": "That would mean that what is left scatters more than a uniform law between -1 "
        "and 1, which has a variance of 1/3. A normal law leans toward the middle.",
    },
    moral="The draws beyond one standard deviation, a third of all, carry most of the variance.",
)
def left_by_cut(answer: object) -> str:
    """Check a guess of the percentage of a normal law's variance between -1 and 1."""
    return compare_guess(
        answer,
        _percentage_left(SEED),
        allowed=6,
        ranges={
            "less": (0, 25),
            "root": (46, 60),
            "draws": (60, 72),
            "two": (72, 82),
            "more": (25, 100),
        },
        possible=(0, 100),
        unit=" %",
    )


@cache
def _percentage_left(seed: int) -> float:
    z = np.random.default_rng(seed).standard_normal(1_000_000)
    return float(100 * z[np.abs(z) <= 1].var())


@exercise(
    title="PyTorch's linear layer as a row of the formula",
    level="line",
    section="Write every named rule as a row of one formula",
    hints=(
        "The layer draws uniformly within 1/√fan_in. Which variance is that?",
        "A third of 1/fan_in. The scale is what stands over the fan.",
    ),
    misconceptions={
        "limit-as-std": "With scale 1 the uniform draw reaches √3/√fan_in. The layer stops at "
        "1/√fan_in.",
        "slope-as-scale": "√5 is the slope in the call, and 5 its square. Neither is the scale of "
        "the variance.",
        "he": "Scale 2 is He's rule. This layer draws with far less variance.",
        "gain": "√(1/3) is the gain, the factor of the standard deviation. The scale is the factor "
        "of the variance: its square.",
        "limit": "√3 is the limit of a uniform distribution of variance 1. The scale of the "
        "formula is a variance times the fan.",
        "inverted": "The fraction stands upside down: this layer draws with less variance than "
        "LeCun's rule, not with more.",
        "normal": "The scale is right. The layer does not draw from a normal distribution.",
        "fan": "The scale is right. Which fan does the layer divide by?",
    },
    moral="scale 1/3, fan in, uniform: no name of its own, and a sixth of He.",
)
def linear_default(answer: object) -> None:
    """Check a dict with the keys scale, mode and distribution."""
    if not isinstance(answer, dict) or set(answer) != {"scale", "mode", "distribution"}:
        raise NotYet('A dict with the keys "scale", "mode" and "distribution" is wanted.')
    if any(value is ... or value is None for value in answer.values()):
        raise NotYet("One of the three entries is still missing.")
    scale = number(answer["scale"], " for scale")
    try:
        initializers.variance_scaling((2, 2), **{**answer, "scale": scale})
    except (TypeError, ValueError) as error:
        raise NotYet(f"variance_scaling does not take these settings: {error}.") from error
    scales = {
        "limit-as-std": (1.0,),
        "slope-as-scale": (5.0, math.sqrt(5)),
        "he": (2.0,),
        "gain": (1 / math.sqrt(3),),
        "limit": (math.sqrt(3),),
        "inverted": (3.0,),
    }
    for name, values in scales.items():
        if any(math.isclose(scale, value, rel_tol=1e-3) for value in values):
            raise Misconception(name)
    if not math.isclose(scale, 1 / 3, rel_tol=1e-3):
        raise NotYet(
            f"With scale {scale:.4g} the variance of these draws is not that of the layer."
        )
    if answer["distribution"] != "uniform":
        raise Misconception("normal")
    if answer["mode"] != "fan_in":
        raise Misconception("fan")


@exercise(
    title="The variance between two bounds",
    level="function",
    section="Compute what truncation takes away",
    hints=(
        "Integrate t and t² over the density between the bounds; there the density integrates to "
        "1. The mean is no longer 0.",
        "The derivative of the density φ(t) is -t φ(t), and (1 + math.erf(c / √2)) / 2 is the "
        "probability of Z ≤ c. A sum over a fine grid will do as well.",
    ),
    misconceptions={
        "second-moment": "That is the second moment. Between bounds that are not symmetric the "
        "mean is not 0: take its square off.",
        "symmetric": "That is the variance between symmetric bounds at the same distance from each "
        "other. Where the interval lies matters.",
        "not-normalized": "You integrate the density of the whole normal distribution. What is cut "
        "off has to be shared out: divide by the probability that is left.",
        "clipped": "That is the variance of a clipped normal: what lies beyond a bound is put on "
        "it. Truncated draws are drawn again.",
        "uniform": "That is the variance of a uniform law between the bounds.",
        "standard-deviation": "That is the standard deviation.",
        "always-two": "That is the value for bounds at -2 and 2, whatever the bounds are.",
        "unchanged": "Truncation takes draws away. The variance cannot stay 1.",
    },
    moral="Bounds that are not symmetric move the mean as well: the second moment is no longer the "
    "variance.",
)
def truncated_variance(answer: object) -> None:
    """Check a function (low, high) -> Var of a standard normal truncated to that interval."""

    def density(c: float) -> float:
        return math.exp(-(c**2) / 2) / math.sqrt(2 * math.pi)

    def below(c: float) -> float:
        return (1 + math.erf(c / math.sqrt(2))) / 2

    def inside(low: float, high: float) -> tuple[float, float, float]:
        """Return the integrals of 1, t and t² times the density."""
        share = below(high) - below(low)
        first = density(low) - density(high)
        return share, first, share + low * density(low) - high * density(high)

    def right(low: float, high: float) -> float:
        share, first, second = inside(low, high)
        return second / share - (first / share) ** 2

    def clipped(low: float, high: float) -> float:
        _, first, second = inside(low, high)
        mean = first + low * below(low) + high * below(-high)
        return second + low**2 * below(low) + high**2 * below(-high) - mean**2

    compare_numbers(
        answer,
        [(-2.0, 2.0), (-0.5, 2.0), (0.0, 3.0), (1.0, 2.0), (-3.0, 0.5)],
        right,
        {
            "second-moment": lambda a, b: inside(a, b)[2] / inside(a, b)[0],
            "symmetric": lambda a, b: right((a - b) / 2, (b - a) / 2),
            "not-normalized": lambda a, b: inside(a, b)[2] - inside(a, b)[1] ** 2,
            "clipped": clipped,
            "uniform": lambda a, b: (b - a) ** 2 / 12,
            "standard-deviation": lambda a, b: math.sqrt(right(a, b)),
            "always-two": lambda a, b: right(-2.0, 2.0),
            "unchanged": lambda a, b: 1.0,
        },
        rtol=5e-3,  # a numerical integral will do, and so will three digits
    )


@exercise(
    title="Fans of grouped and transposed convolutions",
    level="function",
    section="Count the fans of a convolution",
    hints=(
        "How many products does one output value add up? To how many output values does one input "
        "value contribute?",
        "The kernel of a grouped convolution already holds only its group's inputs; its outputs it "
        "holds all. A transposed kernel is stored (…, out, in).",
    ),
    misconceptions={
        "as-stored": "You read both fans off the shape. The fan out of a grouped kernel is then "
        "too large by the number of groups, and a transposed kernel has its fans swapped.",
        "groups-ignored": "Your fans do not depend on groups. An input contributes to the outputs "
        "of its own group only.",
        "groups-twice": "The kernel's second to last dimension is already in/groups: you divide "
        "the fan in twice.",
        "field-ignored": "The receptive field is missing. Each position of the window is a "
        "product of its own.",
        "transposed-ignored": "A transposed kernel is stored with its two last dimensions "
        "exchanged, and so are its fans.",
        "swapped": "You return (fan_out, fan_in).",
        "side": "The receptive field of a k × k window is k², not k.",
    },
    moral="Count products in a sum, forward and backward, and never trust the shape alone.",
)
def conv_fans(answer: object) -> None:
    """Check a function (shape, groups, transposed) -> (fan_in, fan_out)."""
    cases = [
        ((3, 3, 16, 32), 1, False),
        ((5, 6, 24), 3, False),
        ((8, 8, 1, 64), 64, False),
        ((2, 2, 48, 8), 1, True),
        ((3, 5, 8, 12), 4, False),
    ]
    names = ("fan_in", "fan_out")
    found = [
        [number(part, f" for {case}") for part in parts(call(answer, *case), names)]
        for case in cases
    ]

    def fans(
        case: Any, field: Any = math.prod, inputs: Any = lambda m, g: m, outputs: Any = None
    ) -> tuple[float, float]:
        (*window, m, n), g, transposed = case
        if transposed:
            m, n = n, m
        size = field(window)
        return size * inputs(m, g), size * (n // g if outputs is None else outputs(n, g))

    def untransposed(case: Any) -> tuple[float, float]:
        return fans((*case[:2], False))

    wrong: dict[str, list[Any]] = {
        "as-stored": [lambda case: fans((case[0], 1, False))],
        "groups-ignored": [partial(fans, outputs=lambda n, g: n)],
        "groups-twice": [  # 64 places divide by 64 groups; their one input does not
            partial(fans, inputs=lambda m, g: m / g),
            partial(fans, inputs=lambda m, g: m // g),
        ],
        "field-ignored": [partial(fans, field=lambda window: 1)],
        "transposed-ignored": [untransposed],
        "swapped": [lambda case: fans(case)[::-1]],
        "side": [partial(fans, field=lambda window: window[0])],
    }

    def agree(formula: Any) -> list[bool]:
        return [np.allclose(pair, formula(case)) for pair, case in zip(found, cases, strict=True)]

    verdicts = agree(fans)
    if all(verdicts):
        return
    for name, formulas in wrong.items():
        if any(all(agree(formula)) for formula in formulas):
            raise Misconception(name)
    first = verdicts.index(False)
    (shape, groups, transposed), pair = cases[first], found[first]
    halves = [math.isclose(a, b) for a, b in zip(pair, fans(cases[first]), strict=True)]
    which = "neither is right" if not any(halves) else f"{names[halves.index(False)]} is not right"
    raise NotYet(
        f"For shape {shape}, groups={groups}, transposed={transposed} it returns "
        f"({pair[0]:g}, {pair[1]:g}), and {which}."
    )


@exercise(
    title="Your own variance scaling",
    level="function",
    section="Write every named rule as a row of one formula",
    hints=(
        "First n from the mode, then the variance scale/n, then the distribution.",
        "Normal: a standard deviation. Uniform: a limit. Truncated normal: draw again what lies "
        "beyond two standard deviations, and make up for the variance that is lost.",
    ),
    misconceptions={
        "variance-as-std": "You hand the variance scale/n to something that takes a standard "
        "deviation. Take the root.",
        "std-as-limit": "Your uniform draws end at one standard deviation. The limit is √3 of "
        "them.",
        "uncorrected": "Your truncated draws have 0.77 of the variance. Truncation takes some "
        "away; widen the parent before you cut.",
        "clipped": "Your truncated draws pile up at their bounds: you clip. Draw again instead.",
        "zeroed": "Your truncated draws are zero where they lay beyond the bounds. Draw again "
        "instead.",
        "untruncated": "Your truncated draws are not cut at two standard deviations of a parent.",
        "over-corrected": "Your truncated draws are cut where they should be, and their variance "
        "is too large: 0.77 is what truncation leaves of the variance, not of the standard "
        "deviation.",
        "root-1.3": "You widen the parent by √1.3, as TensorFlow's contrib did. The draws are cut "
        "where they should be; the variance that this leaves is 0.6 % too large.",
        "one-sided": "Your draws do not have mean 0.",
        "rounded-average": "For fan_avg you round the average of the fans. It need not be a whole "
        "number.",
        "sum": "For fan_avg you divide by the sum of the fans. The average is half of it.",
        "fan-in-only": "You divide by the fan in whatever the mode is.",
        "field-ignored": "For a convolution the fans contain the receptive field.",
        "global-random": "You draw from a generator other than rng: the same seed gives two "
        "different arrays.",
        "ignores-rng": "Two different seeds give the same array: use rng as it is handed over.",
    },
    moral="Three lines: a fan, a variance, a distribution. Every preset is one call of them.",
)
def my_variance_scaling(answer: object) -> None:
    """Check a function (shape, scale, mode, distribution, rng) -> array."""

    def drawn(shape: tuple[int, ...], scale: float, mode: str, kind: str, seed: int = 0) -> Any:
        value = call(answer, shape, scale, mode, kind, np.random.default_rng(seed))
        w = array(value, shape, f" for {shape}, {kind}")
        if abs(w.mean()) > 5 * w.std() / math.sqrt(w.size):
            raise Misconception("one-sided", f"For {shape}, {mode}, {kind} it is {w.mean():.3g}.")
        return w

    def share(w: Any, scale: float, mode: str) -> tuple[float, float]:
        """Return the variance over the one asked for, and its standard error, assuming a mean 0."""
        fan_in, fan_out = initializers.fans(w.shape)
        n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[mode]
        ratio = w**2 * n / scale
        return float(ratio.mean()), float(ratio.std() / math.sqrt(w.size))

    def near(w: Any, scale: float, mode: str, expected: float) -> bool:
        value, error = share(w, scale, mode)
        return abs(value - expected) <= 5 * error

    def times(w: Any, scale: float, mode: str) -> str:
        return f"{share(w, scale, mode)[0]:.3g} times scale/n"

    shape, kernel = (200, 100), (3, 3, 20, 60)
    first = drawn(shape, 2.0, "fan_in", "normal")
    if not np.array_equal(first, drawn(shape, 2.0, "fan_in", "normal")):
        raise Misconception("global-random")
    if np.array_equal(first, drawn(shape, 2.0, "fan_in", "normal", seed=1)):
        raise Misconception("ignores-rng")
    if not near(first, 2.0, "fan_in", 1.0):
        if near(first, 2.0, "fan_in", 2.0 / shape[0]):
            raise Misconception("variance-as-std")
        raise NotYet(f"The variance for fan_in, normal is {times(first, 2.0, 'fan_in')}.")
    reach = float(np.abs(first).max() / first.std())
    if reach < 3:  # of 20,000 normal draws the largest lies below with a probability of 1e-23
        raise NotYet(f"Your normal draws end at {reach:.3g} of their standard deviations.")
    for mode in ("fan_out", "fan_avg"):
        w = drawn(shape, 1.5, mode, "normal", seed=2)
        if not near(w, 1.5, mode, 1.0):
            if near(w, 1.5, "fan_in", 1.0):
                raise Misconception("fan-in-only")
            if mode == "fan_avg" and near(w, 1.5, mode, 0.5):
                raise Misconception("sum")
            raise NotYet(f"The variance for {mode}, normal is {times(w, 1.5, mode)}.")
    for mode in ("fan_in", "fan_out", "fan_avg"):
        w = drawn(kernel, 1.0, mode, "normal", seed=3)
        if not near(w, 1.0, mode, 1.0):
            if near(w, 1.0, mode, 9.0):
                raise Misconception("field-ignored", f"Here the mode is {mode}.")
            raise NotYet(f"The variance for {kernel}, {mode}, normal is {times(w, 1.0, mode)}.")
    w = drawn(shape, 1.0, "fan_out", "uniform", seed=4)
    if not near(w, 1.0, "fan_out", 1.0):
        if near(w, 1.0, "fan_out", 1 / 3):
            raise Misconception("std-as-limit")
        raise NotYet(f"The variance for fan_out, uniform is {times(w, 1.0, 'fan_out')}.")
    reach = float(np.abs(w).max()) / math.sqrt(3 / shape[1])
    if reach > 1.001:
        raise NotYet(f"Your uniform draws reach {reach:.3g} times the limit of that variance.")
    rng = np.random.default_rng(6)
    few = [call(answer, (1, 2), 1.0, "fan_avg", "uniform", rng) for _ in range(200)]
    reach = max(float(np.abs(array(w, (1, 2), " for (1, 2)")).max()) for w in few)
    if not 0.95 < reach / math.sqrt(3 / 1.5) <= 1.001:  # 400 draws come as close, but for 1e-9
        if any(0.95 < reach / math.sqrt(3 / n) <= 1.001 for n in (1, 2)):
            raise Misconception("rounded-average")
        raise NotYet(f"For (1, 2), fan_avg, uniform, 200 arrays reach {reach:.3g}.")
    w = drawn(shape, 3.0, "fan_out", "truncated_normal", seed=5)
    _truncated(w * math.sqrt(shape[1] / 3.0))


def _truncated(w: Any) -> None:
    """Look at draws that should be a truncated normal of variance 1."""
    size, left = np.abs(w), initializers.TRUNCATED_STD
    reach, variance = float(size.max()), float(np.mean(w**2))
    if np.mean(size == reach) > 1e-3:
        raise Misconception("clipped")
    if np.mean(size == 0) > 1e-3:
        raise Misconception("zeroed")
    error = float((w**2).std()) / math.sqrt(w.size)

    def is_cut(parent: float, deviations: float = 2.0) -> bool:
        """Tell whether the draws end at the bounds of a parent with that standard deviation."""
        return abs(reach / (deviations * parent) - 1) <= 1e-3

    seen = (
        f"For fan_out, truncated_normal they end at {reach:.4g} √(scale/n), and their variance is "
        f"{variance:.3g} times scale/n."
    )
    known = {"uncorrected": 1.0, "over-corrected": left**-2, "root-1.3": math.sqrt(1.3)}
    for name, parent in known.items():
        if is_cut(parent) and abs(variance - (left * parent) ** 2) <= 5 * error:
            raise Misconception(name, seen)
    if is_cut(1 / left) and abs(variance - 1) <= 5 * error:
        return
    # a normal that is cut at two of its own deviations keeps this share, whatever its width
    if abs(variance / (left * reach / 2) ** 2 - 1) <= 5 * error / variance:
        raise NotYet(f"Your truncated draws are cut at two deviations of a parent. {seen}")
    raise Misconception("untruncated", seen)


DRAWS = {
    "A": "bounds that never bind",
    "B": "field forgotten",
    "C": "std for limit",
    "D": "uncorrected",
    "E": "fan out",
}


@exercise(
    title="Five programs, one rule",
    level="diagnosis",
    section="Compute what truncation takes away",
    hints=(
        "Begin with the largest weight: which law was drawn from? A uniform draw ends at √3 of its "
        "standard deviations, a normal one in the tens of thousands beyond 3.5.",
        "Then compare the dense layer with the kernel. A fault of the distribution is the same in "
        "both, and a fault of the fans is not.",
    ),
    misconceptions={
        "uncorrected": "Truncated and not corrected, the draws have 0.77 of the variance in every "
        "layer, and still end at 2.27 of their own standard deviations.",
        "bounds that never bind": "With bounds at ±2 and not at two standard deviations nothing "
        "is cut off: of this many normal draws the largest lies beyond 3.5.",
        "std for limit": "A uniform law within the standard deviation ends at 1.73 of its own, "
        "and has a third of the variance.",
        "fan out": "Divided by the fan out, the variance times the fan in is off by the ratio of "
        "the two: too large where a layer narrows, too small where it widens.",
        "field forgotten": "Without the receptive field a dense layer is right, and a 3 × 3 "
        "kernel has nine times the variance.",
        "nothing": "He's rule has a variance of 2 over the fan in, in a kernel as in a dense "
        "layer, and a corrected truncation ends at 2.27 standard deviations.",
    },
    moral="The law shows in the largest draw, and the fan in the difference between layers: look "
    "at two layers, and at more than a variance.",
)
def diagnose_draws(answer: object) -> None:
    """Check a dict of case to fault."""
    dense, kernel, largest = _SYMPTOMS
    compare_diagnosis(
        answer,
        DRAWS,
        _draws(SEED),
        {
            "uncorrected": (dense, kernel, largest),
            "bounds that never bind": (largest,),
            "std for limit": (dense, largest),
            "fan out": (dense, kernel),
            "field forgotten": (dense, kernel),
            "nothing": (dense, kernel, largest),
        },
    )


def show_draws() -> None:
    """Print what five programs drew for a dense layer and for a convolution."""
    print(formatted(_draws(SEED)))


def draw_symptoms() -> Table:
    """Return the symptoms that `show_draws` prints, to be drawn."""
    return _draws(SEED)


_SYMPTOMS = ("variance × fan in, dense", "variance × fan in, kernel", "largest weight, in std")


@cache
def _draws(seed: int) -> Table:
    rng = np.random.default_rng(seed)

    def cut(shape: tuple[int, ...], std: float, corrected: bool = True) -> Any:
        options: dict[str, Any] = {"rng": rng, "dtype": "float64"}
        return initializers.truncated_normal(shape, std, corrected=corrected, **options)

    def drawn(fault: str, shape: tuple[int, ...]) -> Any:
        fan_in, fan_out = initializers.fans(shape)
        fan = {"fan out": fan_out, "field forgotten": shape[-2]}.get(fault, fan_in)
        std = math.sqrt(2 / fan)
        if fault == "bounds that never bind":
            return rng.normal(0, std / initializers.TRUNCATED_STD, shape)
        if fault == "std for limit":
            return rng.uniform(-std, std, shape)
        return cut(shape, std, corrected=fault != "uncorrected")

    table = {}
    for case, fault in DRAWS.items():
        w = {shape: drawn(fault, shape) for shape in ((300, 100), (3, 3, 20, 60))}
        seen = [float(initializers.fans(shape)[0] * each.var()) for shape, each in w.items()]
        seen.append(max(float(np.abs(each).max() / each.std()) for each in w.values()))
        table[case] = dict(zip(_SYMPTOMS, seen, strict=True))
    return table


@exercise(
    title="Find the bounds that never bind",
    level="test",
    section="Compute what truncation takes away",
    hints=(
        "What is true of every draw of a truncated normal, and false for a normal?",
        "Draw many numbers with a small std, as a network uses, and look at the largest in units "
        "of std.",
        "Draws can keep within the right bounds and still be wrong: they may lie on the bounds, or "
        "end before them. Look at more than the largest.",
    ),
    misconceptions={
        **TEST_MISCONCEPTIONS,
        "bounds-bind": "Your test notices draws without bounds, and passes on the bug: with this "
        "std its bounds at ±2 do cut something off. Use the std of a real layer.",
        "clipping": "Draws that are clipped to the bounds pass your test. How many may lie exactly "
        "on a bound?",
        "too-narrow": "Draws that are cut off at one standard deviation pass your test. Look at "
        "the variance too, or at how far the draws reach.",
        "variance-only": "Draws without bounds and of the variance that a cut leaves pass your "
        "test. Look at the largest draw, too.",
    },
    moral="Bounds belong in units of std. With std 0.02, a bound of 2 is a hundred of them.",
)
def test_truncation(answer: object) -> None:
    """Check a test of draw(shape, std, rng) -> array, truncated at two std of the parent."""

    def drawer(fault: str, seed: int) -> Any:
        def draw(shape: Any, std: float, rng: Any = None) -> Any:
            source, std = seeded(seed, rng), number(std, " for std")
            if fault == "absolute":
                w = source.normal(0, std, shape)
                while (beyond := np.abs(w) > 2).any():
                    w[beyond] = source.normal(0, std, int(beyond.sum()))
                return w
            if fault in ("none", "variance"):
                left = initializers.TRUNCATED_STD if fault == "variance" else 1.0
                return source.normal(0, left * std, shape)
            if fault == "clip":
                return np.clip(source.normal(0, std, shape), -2 * std, 2 * std)
            w = initializers.truncated_normal(
                shape, std, corrected=False, rng=source, dtype=np.float64
            )
            if fault == "exact":
                return centered(w, (initializers.TRUNCATED_STD * std) ** 2)
            return w / 2 if fault == "narrow" else w

        return draw

    compare_test(
        answer,
        right={"truncated": lambda seed: drawer("", seed)},
        bug=lambda seed: drawer("absolute", seed),
        wrong={
            "clipping": lambda seed: drawer("clip", seed),
            "too-narrow": lambda seed: drawer("narrow", seed),
            "variance-only": lambda seed: drawer("variance", seed),
        },
        exact=lambda seed: drawer("exact", seed),
        lures={"bounds-bind": lambda seed: drawer("none", seed)},
    )


@exercise(
    title="Find the three matrices in one",
    level="test",
    section="Count the fans of a convolution",
    hints=(
        "Queries, keys and values are three layers from dim to dim. Which variance does Glorot "
        "give each?",
        "Split the packed matrix into its three parts and assert the variance of each.",
    ),
    misconceptions={
        **TEST_MISCONCEPTIONS,
        "normal-refused": "Your test passes on uniform layers of Glorot's variance and refuses "
        "normal ones. Test the variance, not the distribution.",
        "uniform-refused": "Your test passes on normal layers of Glorot's variance and refuses "
        "uniform ones. Test the variance, not the distribution.",
        "first-part": "A matrix whose first part alone has half of the variance passes your test. "
        "Look at each part.",
        "middle-part": "A matrix whose middle part alone has half of the variance passes your "
        "test. Look at each part.",
        "last-part": "A matrix whose last part alone has half of the variance passes your test. "
        "Look at each part.",
        "average-only": "A matrix whose parts have 0.5, 1 and 1.5 of the variance passes your "
        "test: right on average, and not each. Look at them one by one.",
        "average-of-two": "A matrix whose parts have 1, 0.5 and 1.5 of the variance passes your "
        "test. Look at them one by one.",
    },
    moral="Packing is storage. Fans belong to the layers, not to the array that holds them.",
)
def test_packed(answer: object) -> None:
    """Check a test of pack(dim, rng) -> array of shape (dim, 3 dim)."""

    def packer(scales: tuple[float, float, float], seed: int, kind: str = "normal") -> Any:
        def pack(dim: int = 64, rng: Any = None) -> Any:
            source, size = seeded(seed, rng), int(number(dim, " for dim"))

            def unit() -> Any:
                if kind == "uniform":
                    return source.uniform(-math.sqrt(3), math.sqrt(3), (size, size))
                w = source.standard_normal((size, size))
                return centered(w, 1.0) if kind == "exact" else w

            return np.hstack([math.sqrt(scale / size) * unit() for scale in scales])

        return pack

    compare_test(
        answer,
        right={
            "normal-refused": lambda seed: packer((1, 1, 1), seed),
            "uniform-refused": lambda seed: packer((1, 1, 1), seed, "uniform"),
        },
        bug=lambda seed: packer((0.5, 0.5, 0.5), seed),
        wrong={
            "first-part": lambda seed: packer((0.5, 1, 1), seed),
            "middle-part": lambda seed: packer((1, 0.5, 1), seed),
            "last-part": lambda seed: packer((1, 1, 0.5), seed),
            "average-only": lambda seed: packer((0.5, 1, 1.5), seed),
            "average-of-two": lambda seed: packer((1, 0.5, 1.5), seed),
        },
        exact=lambda seed: packer((1, 1, 1), seed, "exact"),
    )
