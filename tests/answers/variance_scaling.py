"""Answers to the exercises of the chapter variance_scaling."""

import math
from fractions import Fraction

import numpy as np
from scipy import integrate, stats

import initcourse as ic
from initcourse import testing
from initcourse.exercises import variance_scaling
from tests.answers._common import never

RIGHT = {}
WRONG = {}
OTHER = {}
SUBTLE = {}
DIAGNOSES = {}


RIGHT["linear_default"] = [
    {"scale": 1 / 3, "mode": "fan_in", "distribution": "uniform"},
    {"distribution": "uniform", "mode": "fan_in", "scale": 0.3333},
    {"scale": Fraction(1, 3), "mode": "fan_in", "distribution": "uniform"},
]
SUBTLE |= {
    ("linear_default", f"scale {scale}"): {
        "scale": scale,
        "mode": "fan_in",
        "distribution": "uniform",
    }
    for scale in (0.3, 0.33, 0.34, 0.4)
}
WRONG |= {
    ("linear_default", name): {"scale": scale, "mode": mode, "distribution": distribution}
    for name, scale, mode, distribution in [
        ("limit-as-std", 1, "fan_in", "uniform"),
        ("slope-as-scale", math.sqrt(5), "fan_in", "uniform"),
        ("he", 2.0, "fan_in", "uniform"),
        ("gain", 1 / math.sqrt(3), "fan_in", "uniform"),
        ("limit", math.sqrt(3), "fan_in", "uniform"),
        ("inverted", 3, "fan_in", "uniform"),
        ("normal", 1 / 3, "fan_in", "normal"),
        ("fan", 1 / 3, "fan_out", "uniform"),
    ]
}

RIGHT["left_by_cut"] = [29, Fraction(30), np.float64(29.1)]
WRONG |= {
    ("left_by_cut", "less"): 16,
    ("left_by_cut", "root"): 54,
    ("left_by_cut", "draws"): 68.3,
    ("left_by_cut", "two"): 77,
    ("left_by_cut", "more"): 40,
}
SUBTLE |= {("left_by_cut", "nearly all"): 95, ("left_by_cut", "a share"): 0.29}
OTHER |= {("left_by_cut", "from 0 to 100"): -5}


def between(low, high, power, inner=stats.norm.pdf):
    return integrate.quad(lambda t: t**power * inner(t), low, high)[0]


def truncated_on_a_grid(low, high):
    t = np.linspace(low, high, 20_001)
    weight = np.exp(-(t**2) / 2)
    mean = np.average(t, weights=weight)
    return np.average((t - mean) ** 2, weights=weight)


def clipped_variance(low, high):
    def value(t):
        return min(max(t, low), high)

    options = {"limit": 200, "points": [low, high]}
    first, second = (
        integrate.quad(lambda t, k=k: value(t) ** k * stats.norm.pdf(t), -12, 12, **options)[0]
        for k in (1, 2)
    )
    return second - first**2


RIGHT["truncated_variance"] = [
    lambda low, high: stats.truncnorm(low, high).var(),
    truncated_on_a_grid,
]
WRONG |= {
    ("truncated_variance", "second-moment"): lambda low, high: (
        between(low, high, 2) / between(low, high, 0)
    ),
    ("truncated_variance", "symmetric"): lambda low, high: stats.truncnorm(
        (low - high) / 2, (high - low) / 2
    ).var(),
    ("truncated_variance", "not-normalized"): lambda low, high: (
        between(low, high, 2) - between(low, high, 1) ** 2
    ),
    ("truncated_variance", "clipped"): clipped_variance,
    ("truncated_variance", "uniform"): lambda low, high: stats.uniform(low, high - low).var(),
    ("truncated_variance", "standard-deviation"): lambda low, high: stats.truncnorm(
        low, high
    ).std(),
    ("truncated_variance", "always-two"): lambda low, high: 0.7737413,
    ("truncated_variance", "unchanged"): lambda low, high: 1.0,
}
SUBTLE |= {
    ("truncated_variance", "the formula for the upper bound"): lambda low, high: stats.truncnorm(
        -abs(high), abs(high)
    ).var(),
    ("truncated_variance", "the formula for the farther bound"): lambda low, high: stats.truncnorm(
        -max(-low, high), max(-low, high)
    ).var(),
    ("truncated_variance", "no density at the lower bound"): lambda low, high: (
        1
        - high * stats.norm.pdf(high) / between(low, high, 0)
        - (between(low, high, 1) / between(low, high, 0)) ** 2
    ),
}


def fans_by_counting(shape, groups, transposed):
    field = int(np.prod(shape[:-2]))
    inputs, outputs = (shape[-1], shape[-2]) if transposed else (shape[-2], shape[-1])
    return field * inputs, field * outputs // groups


def fans_by_package(shape, groups, transposed):
    fan_in, fan_out = ic.fans(shape)
    return [fan_out, fan_in] if transposed else [fan_in, fan_out / groups]


def groups_twice(shape, groups, transposed):
    fan_in, fan_out = fans_by_counting(shape, groups, transposed)
    return fan_in // groups, fan_out


RIGHT["conv_fans"] = [
    fans_by_counting,
    fans_by_package,
    lambda *case: np.array(fans_by_counting(*case)),
]
WRONG |= {
    ("conv_fans", "as-stored"): lambda shape, g, t: ic.fans(shape),
    ("conv_fans", "groups-ignored"): lambda shape, g, t: fans_by_counting(shape, 1, t),
    ("conv_fans", "groups-twice"): groups_twice,
    ("conv_fans", "field-ignored"): lambda shape, g, t: fans_by_counting(shape[-2:], g, t),
    ("conv_fans", "transposed-ignored"): lambda shape, g, t: fans_by_counting(shape, g, False),
    ("conv_fans", "swapped"): lambda shape, g, t: fans_by_counting(shape, g, t)[::-1],
    ("conv_fans", "side"): lambda shape, g, t: fans_by_counting((shape[0], *shape[-2:]), g, t),
}


def scaling(shape, scale, mode, distribution, rng, *, fault=""):
    fan_in, fan_out = shape[-2], shape[-1]
    if fault == "field out":
        fan_in *= math.prod(shape[:-2])
    elif fault != "field":
        fan_in, fan_out = fan_in * math.prod(shape[:-2]), fan_out * math.prod(shape[:-2])
    average = fan_in + fan_out if fault == "sum" else (fan_in + fan_out) / 2
    n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": average}[mode]
    if fault in ("floor", "ceiling") and mode == "fan_avg":
        n = (fan_in + fan_out + (fault == "ceiling")) // 2
    if fault == "fan_in":
        n = fan_in
    std = scale / n if fault == "variance" else math.sqrt(scale / n)
    if distribution == "normal":
        return rng.normal(0, std, shape)
    if distribution == "uniform":
        limit = std if fault == "limit" else math.sqrt(3) * std
        return rng.uniform(-limit, limit, shape)
    std /= 1 if fault == "uncorrected" else 0.8796256610342398
    if fault == "untruncated":
        return rng.normal(0, 0.8796256610342398 * std, shape)
    if fault == "zeroed":
        w = rng.normal(0, std, shape)
        return np.where(np.abs(w) > 2 * std, 0, w)
    if fault == "clipped":
        return np.clip(rng.normal(0, std, shape), -2 * std, 2 * std)
    w = rng.normal(0, std, shape)
    while (np.abs(w) > 2 * std).any():
        w = np.where(np.abs(w) > 2 * std, rng.normal(0, std, shape), w)
    return w


RIGHT["my_variance_scaling"] = [
    scaling,
    lambda shape, scale, mode, kind, rng: ic.variance_scaling(shape, scale, mode, kind, rng=rng),
]


def draws_told_apart(table):
    """Name what each program drew from two variances and the largest weight."""

    def fault(of):
        dense, kernel, largest = of.values()
        if largest < 2:
            return "std for limit"
        if largest > 3:
            return "bounds that never bind"
        if kernel > 10:
            return "field forgotten"
        if abs(dense - kernel) > 1:
            return "fan out"
        return "uncorrected" if dense < 1.8 else "nothing"

    return {case: fault(symptoms) for case, symptoms in table.items()}


DRAWS = {
    "A": "bounds that never bind",
    "B": "field forgotten",
    "C": "std for limit",
    "D": "uncorrected",
    "E": "fan out",
}
DIAGNOSES["diagnose_draws"] = variance_scaling._draws, draws_told_apart
RIGHT["diagnose_draws"] = [DRAWS, draws_told_apart(variance_scaling._draws(variance_scaling.SEED))]
WRONG |= {
    ("diagnose_draws", "uncorrected"): {**DRAWS, "C": "uncorrected"},
    ("diagnose_draws", "bounds that never bind"): {**DRAWS, "B": "bounds that never bind"},
    ("diagnose_draws", "std for limit"): {**DRAWS, "E": "std for limit"},
    ("diagnose_draws", "fan out"): {**DRAWS, "B": "fan out"},
    ("diagnose_draws", "field forgotten"): {**DRAWS, "E": "field forgotten"},
    ("diagnose_draws", "nothing"): {**DRAWS, "D": "nothing"},
}
OTHER |= {("diagnose_draws", "Case A: the faults are"): {**DRAWS, "A": ("fan out",)}}


def cut_at(bound, left):
    """Answer my_variance_scaling, cutting the parent there and dividing by what is left."""

    def answer(shape, scale, mode, distribution, rng):
        if distribution != "truncated_normal":
            return scaling(shape, scale, mode, distribution, rng)
        cut = stats.truncnorm.rvs(-bound, bound, size=shape, random_state=rng) / left
        return cut * math.sqrt(scale / {"fan_in": shape[-2], "fan_out": shape[-1]}[mode])

    return answer


def with_fault(fault):
    return lambda shape, scale, mode, kind, rng: scaling(shape, scale, mode, kind, rng, fault=fault)


def with_other_generator(*seed):
    return lambda shape, scale, mode, kind, rng: scaling(
        shape, scale, mode, kind, np.random.default_rng(*seed)
    )


WRONG |= {
    ("my_variance_scaling", "variance-as-std"): with_fault("variance"),
    ("my_variance_scaling", "std-as-limit"): with_fault("limit"),
    ("my_variance_scaling", "uncorrected"): with_fault("uncorrected"),
    ("my_variance_scaling", "clipped"): with_fault("clipped"),
    ("my_variance_scaling", "zeroed"): with_fault("zeroed"),
    ("my_variance_scaling", "untruncated"): with_fault("untruncated"),
    ("my_variance_scaling", "sum"): with_fault("sum"),
    ("my_variance_scaling", "fan-in-only"): with_fault("fan_in"),
    ("my_variance_scaling", "field-ignored"): with_fault("field"),
    ("my_variance_scaling", "global-random"): with_other_generator(),
    ("my_variance_scaling", "ignores-rng"): with_other_generator(0),
    ("my_variance_scaling", "rounded-average"): with_fault("floor"),
    ("my_variance_scaling", "one-sided"): lambda *case: np.abs(scaling(*case)),
    ("my_variance_scaling", "over-corrected"): cut_at(2, 0.7737413),
    ("my_variance_scaling", "root-1.3"): cut_at(2, 1 / math.sqrt(1.3)),
}


def truncation_by_extremes(draw):
    w = draw((200, 100), 0.02, 0)
    assert 0.036 < np.abs(w).max() <= 0.04
    assert np.mean(np.abs(w) == np.abs(w).max()) < 0.001


def truncation_by_variance(draw):
    w = draw((300, 100), 0.05, np.random.default_rng(2))
    testing.assert_variance(w / 0.05, 0.7737413)
    assert np.unique(w).size > 0.9 * w.size


def truncation_unit(draw):
    assert np.abs(draw((200, 100), 1.0, 0)).max() <= 2


def truncation_bounds_only(draw):
    assert np.abs(draw((200, 100), 0.02, 0)).max() <= 0.04 * (1 + 1e-12)
    assert np.abs(draw((200, 100), 0.02, 0)).max() > 0.03


def truncation_upper_bound(draw):
    w = draw((200, 100), 0.02, 0)
    assert np.abs(w).max() <= 0.04
    assert np.unique(np.abs(w)).size > 0.99 * w.size


def truncation_shape(draw):
    assert draw((20, 10), 0.02, 0).shape == (20, 10)


def truncation_absolute(draw):
    assert np.abs(draw((200, 100), 0.02, 0)).max() > 0.05


def truncation_tight(draw):
    truncation_by_extremes(draw)
    w = draw((50, 50), 0.02, 0)
    assert abs(np.mean(w**2) / 0.02**2 - 0.7737) < 0.01


def truncation_is_close(draw):
    assert np.isclose(draw((200, 100), 0.02, 0).var(), 0.7737413 * 0.02**2)


def truncation_large_std(draw):
    assert np.abs(draw((200, 100), 5.0, 0)).max() <= 10


SUBTLE["test_truncation", "a large std"] = truncation_large_std


def truncation_by_both(draw):
    truncation_by_variance(draw)
    assert np.abs(draw((30, 20), 0.02, 0)).max() <= 0.04


RIGHT["test_truncation"] = [truncation_by_extremes, truncation_by_both]
WRONG |= {
    ("test_truncation", "bounds-bind"): truncation_unit,
    ("test_truncation", "variance-only"): truncation_by_variance,
    ("test_truncation", "too-tight"): truncation_is_close,
    ("test_truncation", "clipping"): truncation_bounds_only,
    ("test_truncation", "too-narrow"): truncation_upper_bound,
    ("test_truncation", "passes-everything"): truncation_shape,
    ("test_truncation", "upside-down"): truncation_absolute,
    ("test_truncation", "false-alarm"): truncation_tight,
    ("test_truncation", "fails-everything"): never,
}


def packed_by_parts(pack):
    for part in np.split(pack(100, 0), 3, axis=1):
        testing.assert_variance(part, 1 / 100)


def packed_by_columns(pack):
    w = pack(64, np.random.default_rng(1)).reshape(64, 3, 64)
    assert (np.abs(np.mean(w**2, axis=(0, 2)) * 64 - 1) < 0.2).all()


def packed_first(pack):
    testing.assert_variance(pack(100, 0)[:, :100], 1 / 100)


def packed_last(pack):
    testing.assert_variance(pack(100, 0)[:, 200:], 1 / 100)


def packed_first_two(pack):
    testing.assert_variance(pack(100, 0)[:, :100], 1 / 100)
    testing.assert_variance(pack(100, 0)[:, 100:200], 1 / 100)


def packed_uniform_only(pack):
    packed_by_parts(pack)
    assert np.abs(pack(100, 0)).max() <= math.sqrt(3 / 100)


def packed_normal_only(pack):
    packed_by_parts(pack)
    assert np.abs(pack(100, 0)).max() > math.sqrt(3 / 100)


def packed_is_close(pack):
    for part in np.split(pack(100, 0), 3, axis=1):
        assert np.isclose(part.var(), 1 / 100)


def packed_whole(pack):
    assert abs(np.mean(pack(100, 0) ** 2) * 100 - 1) < 0.1


def packed_whole_and_first(pack):
    packed_whole(pack)
    packed_first(pack)


def packed_as_one(pack):
    testing.assert_variance(pack(100, 0), 2 / 400)


def packed_tight(pack):
    for part in np.split(pack(64, 0), 3, axis=1):
        assert abs(np.mean(part**2) * 64 - 1) < 0.02


def packed_shape(pack):
    assert pack(10, 0).shape == (10, 30)


RIGHT["test_packed"] = [packed_by_parts, packed_by_columns]
WRONG |= {
    ("test_packed", "first-part"): packed_last,
    ("test_packed", "middle-part"): packed_first,
    ("test_packed", "last-part"): packed_first_two,
    ("test_packed", "average-of-two"): packed_whole_and_first,
    ("test_packed", "normal-refused"): packed_uniform_only,
    ("test_packed", "uniform-refused"): packed_normal_only,
    ("test_packed", "too-tight"): packed_is_close,
    ("test_packed", "average-only"): packed_whole,
    ("test_packed", "upside-down"): packed_as_one,
    ("test_packed", "false-alarm"): packed_tight,
    ("test_packed", "passes-everything"): packed_shape,
    ("test_packed", "fails-everything"): never,
}


def scaled_where(factor, *, mode=None, kind=None, window=False):
    """Answer my_variance_scaling, with a factor in one case."""

    def answer(shape, scale, wanted, distribution, rng):
        w = scaling(shape, scale, wanted, distribution, rng)
        case = (mode or wanted) == wanted and (kind or distribution) == distribution
        return w * factor if case and (len(shape) > 2) >= window else w

    return answer


def with_one_far_draw(shape, scale, mode, distribution, rng):
    w = scaling(shape, scale, mode, distribution, rng)
    if distribution == "uniform":
        w.flat[0] *= 5
    return w


OTHER |= {
    ("linear_default", "still missing"): {
        "scale": None,
        "mode": "fan_in",
        "distribution": "uniform",
    },
    ("linear_default", "not take these"): {"scale": 1, "mode": "fan", "distribution": "uniform"},
    ("linear_default", "not that of"): {"scale": 0.7, "mode": "fan_in", "distribution": "uniform"},
    ("conv_fans", "it returns (7, 11), and neither is right"): (
        lambda shape, groups, transposed: (7.0, 11.0)
    ),
    ("conv_fans", "groups=3, transposed=False it returns (30, 120), and fan_out is not"): (
        lambda shape, groups, transposed: ic.fans(shape) if groups < 8 else (1, 1)
    ),
    ("my_variance_scaling", "for fan_in, normal is 2.8"): scaled_where(1.7),
    ("my_variance_scaling", "for fan_out, normal is 2.8"): scaled_where(1.7, mode="fan_out"),
    ("my_variance_scaling", "60), fan_in, normal is 2."): scaled_where(
        1.7, mode="fan_in", window=True
    ),
    ("my_variance_scaling", "for fan_out, uniform is 2."): scaled_where(1.7, kind="uniform"),
    ("my_variance_scaling", "draws reach 4."): with_one_far_draw,
    ("my_variance_scaling", "cut at two deviations of a parent. For fan_out"): scaled_where(
        0.5, kind="truncated_normal"
    ),
}


def truncated_by_fan_in(shape, scale, mode, distribution, rng):
    mode = "fan_in" if distribution == "truncated_normal" else mode
    return scaling(shape, scale, mode, distribution, rng)


def another_kind(asked, drawn):
    """Answer my_variance_scaling, drawing another distribution than is asked for."""
    return lambda shape, scale, mode, kind, rng: scaling(
        shape, scale, mode, drawn if kind == asked else kind, rng
    )


OTHER["my_variance_scaling", "draws reach 2."] = another_kind("uniform", "normal")
SUBTLE |= {
    ("my_variance_scaling", "eight percent"): scaled_where(1.04),
    ("my_variance_scaling", "eight percent of a uniform"): scaled_where(0.96, kind="uniform"),
    ("my_variance_scaling", "normal for uniform"): another_kind("uniform", "normal"),
    ("my_variance_scaling", "truncated for uniform"): another_kind("uniform", "truncated_normal"),
    ("my_variance_scaling", "uniform for truncated"): another_kind("truncated_normal", "uniform"),
    ("my_variance_scaling", "uniform for normal"): another_kind("normal", "uniform"),
    ("my_variance_scaling", "truncated for normal"): another_kind("normal", "truncated_normal"),
    ("my_variance_scaling", "truncated by fan_in"): truncated_by_fan_in,
    ("my_variance_scaling", "average rounded up"): with_fault("ceiling"),
    ("my_variance_scaling", "no field in fan_out"): with_fault("field out"),
    **{
        ("my_variance_scaling", f"cut at {bound}"): cut_at(
            bound, stats.truncnorm(-bound, bound).std()
        )
        for bound in (1.5, 1.9, 2.1, 2.5, 3)
    },
}
