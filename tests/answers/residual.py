"""Answers to the exercises of the chapter residual."""

import math
from fractions import Fraction

import numpy as np

from initcourse import testing
from initcourse.exercises import residual
from tests.answers._common import never

RIGHT = {}
WRONG = {}
OTHER = {}
SUBTLE = {}
DIAGNOSES = {}


RIGHT["input_share"] = [14, 100 * math.exp(-2), Fraction(29, 2), 10]
WRONG |= {
    ("input_share", "equal"): 100 / 32,
    ("input_share", "one"): 6.25,
    ("input_share", "gone"): 4,
    ("input_share", "more"): 8.5,
    ("input_share", "less"): 25.0,
    ("input_share", "sum"): 33.3,
    ("input_share", "upside-down"): 6.96,
    ("input_share", "lecun"): 37,
    ("input_share", "half"): 50,
    ("input_share", "most"): 94,
}
SUBTLE |= {("input_share", "a fifth and a bit"): 21}
OTHER |= {
    ("input_share", "from 0 to 100"): -5,
    ("input_share", "did you mean 14?"): 0.14,
}

RIGHT["branch_scale"] = [
    lambda r, n, b: math.sqrt((r ** (1 / n) - 1) / b),
    lambda r, n, b: np.sqrt(np.expm1(np.log(r) / n) / b),
]
WRONG |= {
    ("branch_scale", "no-compounding"): lambda r, n, b: math.sqrt((r - 1) / (n * b)),
    ("branch_scale", "limit"): lambda r, n, b: math.sqrt(math.log(r) / (n * b)),
    ("branch_scale", "variance"): lambda r, n, b: (r ** (1 / n) - 1) / b,
    ("branch_scale", "beta-ignored"): lambda r, n, b: math.sqrt(r ** (1 / n) - 1),
    ("branch_scale", "one-block"): lambda r, n, b: math.sqrt((r - 1) / b),
    ("branch_scale", "amplitude"): lambda r, n, b: math.sqrt((r ** (2 / n) - 1) / b),
    ("branch_scale", "root-L"): lambda r, n, b: n**-0.5,
    ("branch_scale", "root-L-beta"): lambda r, n, b: (n * b) ** -0.5,
    ("branch_scale", "precedence"): lambda r, n, b: ((r ** (1 / n) - 1) / b) ** 1 / 2,
    ("branch_scale", "beta-outside"): lambda r, n, b: math.sqrt(r ** (1 / n) - 1) / b,
}
SUBTLE |= {
    ("branch_scale", "one block fewer"): lambda r, n, b: math.sqrt((r ** (1 / (n + 1)) - 1) / b),
    ("branch_scale", "beta squared"): lambda r, n, b: math.sqrt(r ** (1 / n) - 1) / b**2,
}

OTHER |= {
    ("branch_scale", "). Is it the root of a negative number?"): lambda r, n, b: math.sqrt(
        (r**1 / n - 1) / b
    ),
    ("branch_scale", "this is nan. Is it the root of a negative"): lambda r, n, b: np.sqrt(
        (r**1 / n - 1) / b
    ),
    ("branch_scale", "of type complex. Is it the root of a negative"): lambda r, n, b: (
        ((r**1 / n - 1) / b) ** 0.5
    ),
}

RIGHT["residual_factor"] = [
    lambda n, cross: 1 / math.sqrt((2 + cross) * n),
    lambda n, cross: (3 * n if cross else 2 * n) ** -0.5,
]
WRONG |= {
    ("residual_factor", "blocks"): lambda n, cross: 1 / math.sqrt(n),
    ("residual_factor", "two-always"): lambda n, cross: 1 / math.sqrt(2 * n),
    ("residual_factor", "three-always"): lambda n, cross: 1 / math.sqrt(3 * n),
    ("residual_factor", "variance"): lambda n, cross: 1 / ((2 + cross) * n),
    ("residual_factor", "inverse"): lambda n, cross: math.sqrt((2 + cross) * n),
    ("residual_factor", "matrices"): lambda n, cross: ((6 if cross else 4) * n) ** -0.5,
    ("residual_factor", "precedence"): lambda n, cross: ((3 if cross else 2) * n) ** -1 / 2,
    ("residual_factor", "std"): lambda n, cross: 0.02 / math.sqrt((2 + cross) * n),
}
SUBTLE |= {
    ("residual_factor", "the other way round"): lambda n, cross: 1 / math.sqrt((3 - cross) * n),
    ("residual_factor", "four with cross"): lambda n, cross: 1 / math.sqrt((2 + 2 * cross) * n),
}

RIGHT["depth_power"] = [
    lambda m, how: -1 / ((2 if how == "sgd" else 1) * (m - 1)),
    lambda m, how: Fraction(-1, 2 * m - 2) if how == "sgd" else Fraction(1, 1 - m),
]
WRONG |= {
    ("depth_power", "sgd-for-both"): lambda m, how: -1 / (2 * m - 2),
    ("depth_power", "adam-for-both"): lambda m, how: 1 / (1 - m),
    ("depth_power", "sign"): lambda m, how: 1 / ((2 if how == "sgd" else 1) * (m - 1)),
    ("depth_power", "last-counted"): lambda m, how: -1 / ((2 if how == "sgd" else 1) * m),
    ("depth_power", "variance"): lambda m, how: -(1 if how == "sgd" else 2) / (m - 1),
    ("depth_power", "two-matrices"): lambda m, how: -0.5 if how == "sgd" else -1,
    ("depth_power", "exchanged"): lambda m, how: -1 / ((1 if how == "sgd" else 2) * (m - 1)),
    ("depth_power", "precedence"): lambda m, how: -1 / (2 if how == "sgd" else 1) * (m - 1),
    ("depth_power", "precedence-sgd"): lambda m, how: (
        -1 / 2 * (m - 1) if how == "sgd" else -1 / (m - 1)
    ),
    ("depth_power", "adam-needs-none"): lambda m, how: -1 / (2 * m - 2) * (how == "sgd"),
}
SUBTLE |= {
    ("depth_power", "one matrix more"): lambda m, how: -1 / ((2 if how == "sgd" else 1) * (m + 1)),
}


def moves(alpha, last, head):
    names = {"head"}
    if head and alpha:
        names.add("last")
    if head and last:
        names.add("alpha")
    if head and last and alpha:
        names.add("first")
    return names


RIGHT["first_to_move"] = [
    moves,
    lambda a, w, h: ["head"] + h * (a * ["last"] + w * ["alpha"] + (a and w) * ["first"]),
    lambda a, w, h: dict.fromkeys(moves(a, w, h)).keys(),
]
WRONG |= {
    ("first_to_move", "own-zero"): lambda a, w, h: (
        h * ["head"] + (a and w and h) * ["first", "last", "alpha"]
    ),
    ("first_to_move", "head-forgotten"): lambda a, w, h: moves(a, w, True),
    ("first_to_move", "first-through-zero"): lambda a, w, h: (
        (moves(a, w, h) - {"first"}) | ({"first"} if a and h else set())
    ),
    ("first_to_move", "head-through-branch"): lambda a, w, h: (
        moves(a, w, h) if a and w else moves(a, w, h) - {"head"}
    ),
    ("first_to_move", "arguments-reversed"): lambda a, w, h: moves(not a, not w, not h),
    ("first_to_move", "first-without-alpha"): lambda a, w, h: (
        (moves(a, w, h) - {"first"}) | ({"first"} if w and h else set())
    ),
}
SUBTLE |= {
    ("first_to_move", "all"): lambda a, w, h: set(residual.NAMES),
    ("first_to_move", "alpha always"): lambda a, w, h: moves(a, w, h) | {"alpha"},
}
OTHER |= {
    ("first_to_move", "A set of names is wanted"): lambda a, w, h: "head",
    ("first_to_move", "The names are first, last, alpha, head"): lambda a, w, h: {"W_1"},
    ("first_to_move", "there is a ndarray"): lambda a, w, h: [np.ones((2, 2))],
    ("first_to_move", "it says first, last, alpha, head"): lambda a, w, h: set(residual.NAMES),
}


def streams_told_apart(table):
    """Name how each kind of stream started from what its blocks show."""

    def fault(of):
        if of["gradient, last matrices"] == 0:
            return "α = 0"
        if of["gradient, first matrices"] == 0:
            return "zeros in the last matrix"
        if of["image left, block 16"] < 0.05 and of["mean square, block 16"] < 30:
            return "the addition is missing"
        growth = (of["mean square, block 16"] / of["mean square, block 8"]) ** (1 / 8)
        factors = {
            "He in the last matrix": 3,
            "LeCun in the last matrix": 2,
            "LeCun, divided by √L": 1 + 1 / 16,
        }
        return min(factors, key=lambda name: abs(math.log(factors[name] / growth)))

    return {case: fault(symptoms) for case, symptoms in table.items()}


STREAMS = {
    "A": "zeros in the last matrix",
    "B": "He in the last matrix",
    "C": "the addition is missing",
    "D": "α = 0",
    "E": "LeCun, divided by √L",
}
DIAGNOSES["diagnose_streams"] = residual._streams, streams_told_apart
RIGHT["diagnose_streams"] = [STREAMS, streams_told_apart(residual._streams(residual.SEED))]
WRONG |= {
    ("diagnose_streams", "zeros in the last matrix"): {**STREAMS, "D": STREAMS["A"]},
    ("diagnose_streams", "He in the last matrix"): {**STREAMS, "A": STREAMS["B"]},
    ("diagnose_streams", "LeCun in the last matrix"): {**STREAMS, "B": "LeCun in the last matrix"},
    ("diagnose_streams", "LeCun, divided by √L"): {**STREAMS, "C": STREAMS["E"]},
    ("diagnose_streams", "the addition is missing"): {**STREAMS, "E": STREAMS["C"]},
    ("diagnose_streams", "α = 0"): {**STREAMS, "A": STREAMS["D"]},
}
RIGHT["diagnose_streams"].append({**STREAMS, "D": "Α = 0 ", "E": "lecun, divided by  √l"})
OTHER |= {
    ("diagnose_streams", "this is of type list"): {**STREAMS, "B": []},
    ("diagnose_streams", "Case E is still open"): {**STREAMS, "E": ...},
}


def by_testing(init_swiglu):
    for blocks in (3, 20):
        w = init_swiglu(200, 300, blocks, 1)
        testing.assert_variance(w["w1"], 0.02**2)
        testing.assert_variance(w["w3"], 0.02**2)
        testing.assert_variance(w["w2"], 0.02**2 / (2 * blocks))


def by_hand(init_swiglu):
    for blocks in (5, 9):
        w = init_swiglu(300, 400, blocks, np.random.default_rng(2))
        for name, factor in (("w1", 1), ("w2", math.sqrt(1 / (2 * blocks))), ("w3", 1)):
            assert abs(np.std(w[name]) / (0.02 * factor) - 1) < 0.02, name


def branch(w, x):
    gate = x @ w["w1"]
    return (gate / (1 + np.exp(-gate)) * (x @ w["w3"])) @ w["w2"]


def forward_test(init_swiglu):
    x = np.random.default_rng(0).standard_normal((50, 100))
    one = branch(init_swiglu(100, 200, 24, 1), x)
    assert np.std(one) < 0.02 * math.sqrt(200) * 0.03 / 4


def third_unscaled(init_swiglu):
    w = init_swiglu(200, 300, 5, 1)
    testing.assert_variance(w["w3"], 0.02**2)
    testing.assert_variance(w["w1"], 0.02**2)
    assert np.std(w["w2"]) < 0.015


def second_only(init_swiglu):
    w = init_swiglu(200, 300, 5, 1)
    testing.assert_variance(w["w2"], 0.02**2 / 10)


def two_of_three(init_swiglu):
    second_only(init_swiglu)
    w = init_swiglu(200, 300, 5, 1)
    testing.assert_variance(w["w3"], 0.02**2)


def order_of_second_and_third(init_swiglu):
    w = init_swiglu(200, 300, 5, 1)
    assert np.std(w["w2"]) < 0.5 * np.std(w["w3"])


def third_and_small_second(init_swiglu):
    w = init_swiglu(200, 300, 5, 1)
    testing.assert_variance(w["w1"], 0.02**2)
    testing.assert_variance(w["w3"], 0.02**2)
    assert np.std(w["w2"]) < 0.02 * 0.4


def ratio_of_second(init_swiglu):
    w = init_swiglu(200, 300, 5, 1)
    assert 0.95 < np.std(w["w3"]) / np.std(w["w1"]) < 1.05
    assert (
        abs(np.std(w["w1"]) / np.std(w["w2"]) / math.sqrt(10) - 1) < 0.03
        or np.std(w["w2"]) == 0
        or np.std(w["w1"]) > 0.04
    )


def ratios_only(init_swiglu):
    for blocks in (3, 20):
        w = init_swiglu(200, 300, blocks, 1)
        assert 0.95 < np.std(w["w3"]) / np.std(w["w1"]) < 1.05
        assert abs(np.std(w["w1"]) / np.std(w["w2"]) / math.sqrt(2 * blocks) - 1) < 0.05


def at_one_depth(init_swiglu):
    w = init_swiglu(200, 300, 6, 1)
    testing.assert_variance(w["w1"], 0.02**2)
    testing.assert_variance(w["w3"], 0.02**2)
    testing.assert_variance(w["w2"], 0.02**2 / 12)


def shapes_only(init_swiglu):
    w = init_swiglu(20, 30, 5, 1)
    assert w["w1"].shape == w["w3"].shape == (20, 30)
    assert w["w2"].shape == (30, 20)


def expects_the_bug(init_swiglu):
    w = init_swiglu(200, 300, 5, 1)
    assert np.std(w["w3"]) < np.std(w["w2"])


def is_close(init_swiglu):
    w = init_swiglu(200, 300, 5, 1)
    assert np.isclose(w["w2"].var(), 0.02**2 / 10)
    assert np.isclose(w["w3"].std(), 0.02, rtol=1e-6)


def tight(init_swiglu):
    by_testing(init_swiglu)
    assert abs(np.std(init_swiglu(200, 300, 5, 3)["w3"]) / 0.02 - 1) < 0.002


def by_other_seeds(init_swiglu):
    by_hand(lambda width, hidden, blocks, rng: init_swiglu(width, hidden, blocks, [3, 4]))
    sequence = np.random.SeedSequence(5)
    by_hand(lambda width, hidden, blocks, rng: init_swiglu(width, hidden, blocks, sequence))


RIGHT["test_swiglu"] = [by_testing, by_hand, by_other_seeds]
WRONG |= {
    ("test_swiglu", "forward-only"): forward_test,
    ("test_swiglu", "both"): second_only,
    ("test_swiglu", "gate"): order_of_second_and_third,
    ("test_swiglu", "blocks"): third_unscaled,
    ("test_swiglu", "square"): third_and_small_second,
    ("test_swiglu", "unscaled-others"): ratio_of_second,
    ("test_swiglu", "ratios"): ratios_only,
    ("test_swiglu", "first-call"): at_one_depth,
    ("test_swiglu", "passes-everything"): shapes_only,
    ("test_swiglu", "upside-down"): expects_the_bug,
    ("test_swiglu", "too-tight"): is_close,
    ("test_swiglu", "false-alarm"): tight,
    ("test_swiglu", "fails-everything"): never,
}
SUBTLE |= {("test_swiglu", "two of three"): two_of_three}
