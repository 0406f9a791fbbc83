"""Exercises of the chapter variance_scaling: one formula, its distributions, its fans."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import initializers
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
    title="PyTorch's linear layer as a row of the formula",
    level="a",
    section="Write every named rule as a row of one formula",
    hints=(
        "The layer draws uniformly within 1/√fan_in. Which variance is that?",
        "A third of 1/fan_in. The scale is what stands over the fan.",
    ),
    misconceptions={
        "limit-as-std": "With scale 1 the uniform draw reaches √3/√fan_in. The layer stops at "
        "1/√fan_in.",
        "slope-as-scale": "5, or √5, is the slope in the call, not the scale of the variance.",
        "he": "Scale 2 is He's rule, six times the variance of this layer.",
        "limit": "You give the scale of the limit. The scale of the formula is one of the "
        "variance: square, then divide by 3.",
        "inverted": "The scale is a third, not three.",
        "normal": "The variance is right. The layer does not draw from a normal distribution.",
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
        initializers.variance_scaling((2, 2), **answer)
    except (TypeError, ValueError) as error:
        raise NotYet(f"variance_scaling does not take these settings: {error}.") from error
    scales = {
        "limit-as-std": (1.0,),
        "slope-as-scale": (5.0, math.sqrt(5)),
        "he": (2.0,),
        "limit": (1 / math.sqrt(3), math.sqrt(3)),
        "inverted": (3.0,),
    }
    for name, values in scales.items():
        if any(math.isclose(scale, value, rel_tol=1e-3) for value in values):
            raise Misconception(name)
    if not math.isclose(scale, 1 / 3, rel_tol=1e-3):
        raise NotYet("The variance of these draws is not that of the layer.")
    if answer["distribution"] != "uniform":
        raise Misconception("normal")
    if answer["mode"] != "fan_in":
        raise Misconception("fan")


@exercise(
    title="The variance that a truncation leaves",
    level="b",
    section="Compute what truncation takes away",
    hints=(
        "Integrate t² over the density between the bounds; there the density integrates to 1.",
        "math.erf(c / √2) is the probability of |Z| ≤ c.",
    ),
    misconceptions={
        "not-normalized": "You integrate the density of the whole normal distribution. What is cut "
        "off has to be shared out: divide by the probability that is left.",
        "clipped": "That is the variance of a clipped normal: what lies beyond a bound is put on "
        "it. Truncated draws are drawn again.",
        "one-tail": "Both tails are cut off: the probability left is 2Φ(c) - 1.",
        "standard-deviation": "That is the standard deviation.",
        "always-two": "That is the value for bounds at 2, whatever c is.",
        "unchanged": "Truncation takes the largest draws away. The variance cannot stay 1.",
    },
    moral="At two standard deviations it leaves 77 % of the variance, and an initializer that "
    "forgets it is wrong by as much.",
)
def truncated_variance(answer: object) -> None:
    """Check a function (c) -> Var of a standard normal truncated at ±c."""

    def density(c: float) -> float:
        return math.exp(-(c**2) / 2) / math.sqrt(2 * math.pi)

    def inside(c: float) -> float:
        return math.erf(c / math.sqrt(2))

    def right(c: float) -> float:
        return 1 - 2 * c * density(c) / inside(c)

    compare_numbers(
        answer,
        [(2.0,), (1.0,), (3.0,), (0.5,)],
        right,
        {
            "not-normalized": lambda c: inside(c) - 2 * c * density(c),
            "clipped": lambda c: inside(c) - 2 * c * density(c) + c**2 * (1 - inside(c)),
            "one-tail": lambda c: 1 - 2 * c * density(c) / ((1 + inside(c)) / 2),
            "standard-deviation": lambda c: math.sqrt(right(c)),
            "always-two": lambda c: right(2.0),
            "unchanged": lambda c: 1.0,
        },
        rtol=1e-3,  # a numerical integral will do
    )


@exercise(
    title="Fans of grouped and transposed convolutions",
    level="b",
    section="Count the fans of a convolution",
    hints=(
        "How many products does one output value add up? To how many output values does one input "
        "value contribute?",
        "The kernel of a grouped convolution already holds only its group's inputs; its outputs it "
        "holds all. A transposed kernel is stored (…, out, in).",
    ),
    misconceptions={
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
        ((5, 4, 24), 3, False),
        ((3, 3, 1, 64), 64, False),
        ((2, 2, 48, 8), 1, True),
        ((3, 5, 6, 12), 4, False),
    ]
    found = []
    for case in cases:
        value = call(answer, *case)
        if not isinstance(value, (tuple, list)) or len(value) != 2:
            raise NotYet("Two numbers are wanted: (fan_in, fan_out).")
        found.append(tuple(number(part, f" for {case}") for part in value))

    def fans(
        case: Any, field: Any = math.prod, groups: Any = (1, -1), swap: bool = True, turn: int = 1
    ) -> tuple[float, float]:
        (*window, m, n), g, transposed = case
        if transposed and swap:
            m, n = n, m
        size = field(window)
        pair = (size * m * g ** (groups[0] - 1), size * n * g ** groups[1])
        return pair[::turn]

    wrong: dict[str, dict[str, Any]] = {
        "groups-ignored": {"groups": (1, 0)},
        "groups-twice": {"groups": (0, -1)},
        "field-ignored": {"field": lambda window: 1},
        "transposed-ignored": {"swap": False},
        "swapped": {"turn": -1},
        "side": {"field": lambda window: window[0]},
    }

    def agree(**change: Any) -> list[bool]:
        return [
            np.allclose(pair, fans(case, **change)) for pair, case in zip(found, cases, strict=True)
        ]

    verdicts = agree()
    if all(verdicts):
        return
    for name, change in wrong.items():
        if all(agree(**change)):
            raise Misconception(name)
    shape, groups, transposed = cases[verdicts.index(False)]
    raise NotYet(f"For shape {shape}, groups={groups}, transposed={transposed} it is not right.")


@exercise(
    title="Your own variance scaling",
    level="b",
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
        "untruncated": "Some of your truncated draws lie beyond the bounds.",
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
        return array(value, shape, f" for {shape}, {kind}")

    def share(w: Any, scale: float, mode: str) -> tuple[float, float]:
        """Return the variance over the one asked for, and its standard error, assuming a mean 0."""
        fan_in, fan_out = initializers.fans(w.shape)
        n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[mode]
        ratio = w**2 * n / scale
        return float(ratio.mean()), float(ratio.std() / math.sqrt(w.size))

    def near(w: Any, scale: float, mode: str, expected: float) -> bool:
        value, error = share(w, scale, mode)
        return abs(value - expected) <= 5 * error

    shape, kernel = (200, 100), (3, 3, 20, 60)
    first = drawn(shape, 2.0, "fan_in", "normal")
    if not np.array_equal(first, drawn(shape, 2.0, "fan_in", "normal")):
        raise Misconception("global-random")
    if np.array_equal(first, drawn(shape, 2.0, "fan_in", "normal", seed=1)):
        raise Misconception("ignores-rng")
    if not near(first, 2.0, "fan_in", 1.0):
        if near(first, 2.0, "fan_in", 2.0 / shape[0]):
            raise Misconception("variance-as-std")
        raise NotYet("The variance for fan_in and a normal distribution is not scale/fan_in.")
    for mode in ("fan_out", "fan_avg"):
        w = drawn(shape, 1.5, mode, "normal", seed=2)
        if not near(w, 1.5, mode, 1.0):
            if near(w, 1.5, "fan_in", 1.0):
                raise Misconception("fan-in-only")
            if mode == "fan_avg" and near(w, 1.5, mode, 0.5):
                raise Misconception("sum")
            raise NotYet(f"The variance for {mode} is not scale/n.")
    w = drawn(kernel, 1.0, "fan_in", "normal", seed=3)
    if not near(w, 1.0, "fan_in", 1.0):
        if near(w, 1.0, "fan_in", 9.0):
            raise Misconception("field-ignored")
        raise NotYet("The variance for a kernel of four dimensions is not scale/fan_in.")
    w = drawn(shape, 1.0, "fan_out", "uniform", seed=4)
    if not near(w, 1.0, "fan_out", 1.0):
        if near(w, 1.0, "fan_out", 1 / 3):
            raise Misconception("std-as-limit")
        raise NotYet("The variance for a uniform distribution is not scale/n.")
    if np.abs(w).max() > math.sqrt(3 / shape[1]) * 1.001:
        raise NotYet("Not all of the uniform draws lie within their limit.")
    _truncated(drawn(shape, 3.0, "fan_in", "truncated_normal", seed=5) * math.sqrt(shape[0] / 3.0))


def _truncated(w: Any) -> None:
    """Look at draws that should be a truncated normal of variance 1."""
    size = np.abs(w)
    if np.mean(size == size.max()) > 1e-3:
        raise Misconception("clipped")
    error = 5 * float((w**2).std()) / math.sqrt(w.size)
    if abs(np.mean(w**2) - initializers.TRUNCATED_STD**2) <= error:
        raise Misconception("uncorrected")
    if size.max() > 2 / initializers.TRUNCATED_STD * 1.001:
        raise Misconception("untruncated")
    if abs(np.mean(w**2) - 1) > error:
        raise NotYet("The variance for a truncated normal distribution is not scale/n.")


@exercise(
    title="Find the bounds that never bind",
    level="c",
    section="Compute what truncation takes away",
    hints=(
        "What is true of every draw of a truncated normal, and false for a normal?",
        "Draw many numbers with a small std, as a network uses, and look at the largest in units "
        "of std.",
    ),
    misconceptions={
        **TEST_MISCONCEPTIONS,
        "unit-std": "Your test draws with std = 1, where absolute bounds and relative ones are "
        "the same. Use the std of a real layer.",
        "clipping": "Draws that are clipped to the bounds pass your test. How many may lie exactly "
        "on a bound?",
        "too-narrow": "Draws that are cut off at one standard deviation pass your test. Look at "
        "the variance too, or at how far the draws reach.",
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
            if fault == "none":
                return source.normal(0, std, shape)
            if fault == "clip":
                return np.clip(source.normal(0, std, shape), -2 * std, 2 * std)
            w = initializers.truncated_normal(
                shape, std, corrected=False, rng=source, dtype=np.float64
            )
            return w / 2 if fault == "narrow" else w

        return draw

    compare_test(
        answer,
        right={"truncated": lambda seed: drawer("", seed)},
        bug=lambda seed: drawer("absolute", seed),
        wrong={
            "clipping": lambda seed: drawer("clip", seed),
            "too-narrow": lambda seed: drawer("narrow", seed),
        },
        lures={"unit-std": lambda seed: drawer("none", seed)},
    )


@exercise(
    title="Find the three matrices in one",
    level="c",
    section="Count the fans of a convolution",
    hints=(
        "Queries, keys and values are three layers from dim to dim. Which variance does Glorot "
        "give each?",
        "Split the packed matrix into its three parts and assert the variance of each.",
    ),
    misconceptions={
        **TEST_MISCONCEPTIONS,
        "first-only": "Your test looks at a part of the matrix. One of the other projections is "
        "wrong, and passes.",
        "average-only": "The three parts have the right variance on average, and not each. Look "
        "at them one by one.",
    },
    moral="Packing is storage. Fans belong to the layers, not to the array that holds them.",
)
def test_packed(answer: object) -> None:
    """Check a test of pack(dim, rng) -> array of shape (dim, 3 dim)."""

    def packer(scales: tuple[float, float, float], seed: int) -> Any:
        def pack(dim: int = 64, rng: Any = None) -> Any:
            source, size = seeded(seed, rng), int(number(dim, " for dim"))
            parts = [
                math.sqrt(scale / size) * source.standard_normal((size, size)) for scale in scales
            ]
            return np.hstack(parts)

        return pack

    compare_test(
        answer,
        right={"three layers": lambda seed: packer((1, 1, 1), seed)},
        bug=lambda seed: packer((0.5, 0.5, 0.5), seed),
        wrong={
            "first-only": lambda seed: packer((1, 1, 0.5), seed),
            "average-only": lambda seed: packer((0.5, 1, 1.5), seed),
        },
    )
