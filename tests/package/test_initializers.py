"""The contract of the initializers, line by line; SciPy is the independent oracle."""

from __future__ import annotations

import math
import tracemalloc
from functools import partial

import numpy as np
import pytest
from scipy import stats

import initcourse as ic
from initcourse import initializers, testing

SEEDS = range(5)
PRESETS = {
    "lecun_normal": (1.0, "fan_in", "truncated_normal"),
    "lecun_uniform": (1.0, "fan_in", "uniform"),
    "glorot_normal": (1.0, "fan_avg", "truncated_normal"),
    "glorot_uniform": (1.0, "fan_avg", "uniform"),
    "he_normal": (2.0, "fan_in", "truncated_normal"),
    "he_uniform": (2.0, "fan_in", "uniform"),
}
SAMPLERS = {
    "normal": ic.normal,
    "uniform": ic.uniform,
    "truncated_normal": ic.truncated_normal,
    "orthogonal": ic.orthogonal,
    "variance_scaling": ic.variance_scaling,
    **{name: getattr(ic, name) for name in PRESETS},
}
each_sampler = pytest.mark.parametrize("draw", SAMPLERS.values(), ids=SAMPLERS)
each_dtype = pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])


def kolmogorov(sample, distribution):
    """Return the p-value of a Kolmogorov-Smirnov test, in float64."""
    return stats.kstest(np.asarray(sample, dtype=np.float64).ravel(), distribution.cdf).pvalue


# --- fans ---


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((), (1, 1)),
        ((7,), (7, 7)),
        ((3, 5), (3, 5)),
        ([3, 5], (3, 5)),
        ((2, 3, 5), (6, 10)),
        ((3, 3, 64, 128), (576, 1152)),
        ((2, 3, 4, 5, 6), (24 * 5, 24 * 6)),
        ((np.int64(3), np.int32(5)), (3, 5)),
    ],
)
def test_fans_multiply_channels_by_the_receptive_field(shape, expected):
    assert ic.fans(shape) == expected
    assert all(type(fan) is int for fan in ic.fans(shape))


@pytest.mark.parametrize("groups", [1, 2, 3])
@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("field", [(), (3,), (3, 2)])
def test_fans_are_the_products_of_a_real_convolution(field, groups, transposed):
    """Count, in the matrix of the whole convolution, the entries of a row and of a column."""
    inputs, outputs = 6, 12
    sizes = tuple(k + 2 for k in field)  # large enough for a window that does not see itself
    connected = np.zeros((*sizes, inputs, *sizes, outputs), bool)
    for at in np.ndindex(sizes):
        for offset in np.ndindex(field):
            to = tuple((a + o) % s for a, o, s in zip(at, offset, sizes, strict=True))
            for i, o in np.ndindex(inputs, outputs):
                same_group = i // (inputs // groups) == o // (outputs // groups)
                connected[(*at, i, *to, o)] = same_group
    matrix = connected.reshape(math.prod(sizes) * inputs, -1)
    fan_out, fan_in = matrix.sum(axis=1), matrix.sum(axis=0)
    shape = (
        (*field, outputs // groups, inputs) if transposed else (*field, inputs // groups, outputs)
    )
    found = ic.fans(shape, groups=groups, transposed=transposed)
    assert set(fan_in) == {found[0]}
    assert set(fan_out) == {found[1]}


@pytest.mark.parametrize(
    ("shape", "keywords", "error", "message"),
    [
        (
            (3, 3, 4, 6),
            {"groups": 4},
            ValueError,
            r"groups must divide the last dimension, 6, got 4",
        ),
        (
            (3, 3, 4, 6),
            {"groups": 0},
            ValueError,
            r"groups must be an integer of at least 1, got 0",
        ),
        ((3, 3, 4, 6), {"groups": 2.0}, TypeError, r"groups must be an integer .*, got 2.0"),
        ((3, 3, 4, 6), {"groups": True}, TypeError, r"groups must be an integer .*, got True"),
        ((3, 3, 4, 6), {"transposed": 1}, TypeError, r"transposed must be True or False, got 1"),
        ((4,), {"groups": 2}, ValueError, r"shape must have at least two dimensions .*\(4,\)"),
        ((), {"transposed": True}, ValueError, r"shape must have at least two dimensions .*\(\)"),
    ],
)
def test_fans_refuse_layers_that_cannot_be(shape, keywords, error, message):
    with pytest.raises(error, match=message):
        ic.fans(shape, **keywords)


# --- dtype, shape, randomness ---


@each_sampler
@each_dtype
def test_every_sampler_keeps_shape_and_dtype(draw, dtype):
    for shape in ((4, 6), [4, 6], (3, 2, 4, 6)):
        w = draw(shape, rng=0, dtype=dtype)
        assert w.shape == tuple(shape)
        assert w.dtype == np.dtype(dtype)


@each_sampler
def test_the_default_dtype_is_float32(draw):
    assert draw((4, 6), rng=0).dtype == np.float32


@each_sampler
def test_every_kind_of_seed_means_the_same(draw):
    expected = draw((4, 6), rng=5)
    for rng in (np.random.SeedSequence(5), np.random.default_rng(5), np.int64(5)):
        assert np.array_equal(draw((4, 6), rng=rng), expected)


@each_sampler
def test_a_generator_advances_and_none_is_fresh(draw):
    rng = np.random.default_rng(5)
    assert not np.array_equal(draw((4, 6), rng=rng), draw((4, 6), rng=rng))
    assert not np.array_equal(draw((4, 6)), draw((4, 6)))


@each_sampler
def test_the_global_random_state_is_neither_read_nor_touched(draw):
    np.random.seed(1)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first = draw((4, 6), rng=3)
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    np.random.seed(2)  # noqa: NPY002
    assert np.array_equal(draw((4, 6), rng=3), first)


@pytest.mark.parametrize("name", sorted(SAMPLERS.keys() - {"orthogonal"}))
def test_the_empty_shape_gives_an_array_of_no_axes(name):
    for w in (SAMPLERS[name]((), rng=0), ic.zeros(()), ic.constant((), 2.0)):
        assert isinstance(w, np.ndarray)
        assert w.shape == ()


def test_zeros_and_constant_hold_what_they_say():
    assert not ic.zeros((3, 4), dtype="float64").any()
    assert (ic.constant((3, 4), -0.5) == -0.5).all()
    assert ic.zeros((3, 4), rng=0).shape == (3, 4)


@each_dtype
def test_a_constant_of_either_sign_may_be_the_largest_and_the_smallest_of_its_dtype(dtype):
    held = np.finfo(dtype)
    for value in (float(held.max), float(held.smallest_normal)):
        for signed in (value, -value):
            assert (ic.constant((3,), signed, dtype=dtype) == signed).all()


def test_nothing_is_drawn_for_zeros_and_constants():
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    ic.zeros((3, 4), rng=rng)
    ic.constant((3, 4), 2.0, rng=rng)
    assert rng.bit_generator.state == before


@pytest.mark.parametrize("size", [1, 65_535, 65_536, 65_537, 200_001])
def test_chunks_cover_the_whole_array(size):
    assert (ic.uniform((size,), 1.0, rng=0) != 0).all()
    assert np.unique(ic.normal((size,), rng=0, dtype="float64")).size == size
    assert np.abs(ic.truncated_normal((size,), rng=0)).max() < 2.28


@pytest.mark.parametrize("draw", [ic.normal, ic.uniform, ic.truncated_normal])
@each_dtype
def test_every_draw_follows_the_law_up_to_the_last_chunk(draw, dtype):
    w = draw((65_536 + 40_000,), rng=0, dtype=dtype).astype(np.float64)
    testing.assert_mean(w[65_536:], 0)
    testing.assert_variance(w[65_536:], 1 / 3 if draw is ic.uniform else 1)
    assert not np.array_equal(w[:40_000], w[65_536:])


@pytest.mark.parametrize("draw", [ic.normal, ic.uniform, ic.truncated_normal, ic.he_normal])
@each_dtype
def test_sampling_takes_a_few_megabytes_beside_the_result(draw, dtype):
    draw((10,), rng=0)
    tracemalloc.start()
    try:
        result = draw((1 << 11, 1 << 10), rng=0, dtype=dtype)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert result.nbytes <= peak < result.nbytes + (3 << 20)


@each_sampler
def test_float64_draws_use_their_precision(draw):
    w = draw((40, 40), rng=0, dtype="float64")
    assert (w != w.astype(np.float32)).any()


@pytest.mark.parametrize("draw", [ic.normal, ic.uniform, ic.truncated_normal])
def test_a_spread_of_zero_gives_zeros(draw):
    assert not draw((5, 5), 0.0, rng=0).any()


# --- distributions ---


@pytest.mark.parametrize("seed", SEEDS)
@each_dtype
def test_normal_is_normal(seed, dtype):
    w = ic.normal((300, 300), 0.3, rng=seed, dtype=dtype)
    testing.assert_mean(w, 0)
    testing.assert_variance(w, 0.3**2)
    if dtype != "float16":  # whose grid a test of this size can feel
        assert kolmogorov(w, stats.norm(scale=0.3)) > 1e-6


@pytest.mark.parametrize("seed", SEEDS)
@each_dtype
def test_uniform_is_uniform_within_its_limit(seed, dtype):
    w = ic.uniform((300, 300), 0.3, rng=seed, dtype=dtype)
    testing.assert_mean(w, 0)
    testing.assert_variance(w, 0.3**2 / 3)
    assert 0.29 < float(np.abs(w).max()) <= 0.3
    if dtype != "float16":
        assert kolmogorov(w, stats.uniform(-0.3, 0.6)) > 1e-6


class Extreme(np.random.Generator):
    """A generator that draws nothing but the ends of the range."""

    def random(self, *, out, dtype):
        out[...] = 0

    def standard_normal(self, *, out, dtype):
        out[...] = np.resize([-2.0, 2.0], out.shape)


@each_dtype
@pytest.mark.parametrize("limit", [0.1, 0.3, 1 / 3, 0.7, 1.1, 0.0123])
def test_even_the_most_extreme_draw_stays_within_its_bound(limit, dtype):
    rng = Extreme(np.random.PCG64(0))
    one_ulp = float(np.finfo(dtype).eps)
    for w, bound in (
        (ic.uniform((8,), limit, rng=rng, dtype=dtype), limit),
        (ic.truncated_normal((8,), limit, corrected=False, rng=rng, dtype=dtype), 2 * limit),
        (
            ic.truncated_normal((8,), limit, rng=rng, dtype=dtype),
            2 * (limit / ic.TRUNCATED_STD),
        ),
    ):
        assert bound * (1 - 2 * one_ulp) <= float(np.abs(w).max()) <= bound


ROOT = math.sqrt(2 / (1 + 0.5**2))  # He's, for a slope of 0.5 of either sign
PUBLISHED = [  # the std, and how many of it the draws reach, for 31 inputs and 50 outputs
    (partial(ic.uniform, limit=0.3), 0.3 / math.sqrt(3), "uniform"),
    (partial(ic.normal, std=0.3), 0.3, "normal"),
    (partial(ic.truncated_normal, std=0.3), 0.3, "truncated_normal"),
    (ic.lecun_uniform, math.sqrt(1 / 31), "uniform"),
    (ic.lecun_normal, math.sqrt(1 / 31), "truncated_normal"),
    (ic.glorot_uniform, math.sqrt(2 / 81), "uniform"),
    (ic.glorot_normal, math.sqrt(2 / 81), "truncated_normal"),
    (partial(ic.glorot_uniform, gain=5.0), 5 * math.sqrt(2 / 81), "uniform"),
    (partial(ic.glorot_normal, gain=5.0), 5 * math.sqrt(2 / 81), "truncated_normal"),
    (ic.he_uniform, math.sqrt(2 / 31), "uniform"),
    (ic.he_normal, math.sqrt(2 / 31), "truncated_normal"),
    (partial(ic.he_uniform, negative_slope=0.5), ROOT / math.sqrt(31), "uniform"),
    (partial(ic.he_normal, negative_slope=0.5), ROOT / math.sqrt(31), "truncated_normal"),
    (partial(ic.he_uniform, negative_slope=-0.5), ROOT / math.sqrt(31), "uniform"),
    (partial(ic.he_normal, negative_slope=-0.5), ROOT / math.sqrt(31), "truncated_normal"),
    *(
        (
            partial(ic.variance_scaling, scale=1.7, mode=mode, distribution=law),
            math.sqrt(1.7 / n),
            law,
        )
        for law in ("uniform", "normal", "truncated_normal")
        for mode, n in (
            ("fan_in", 31),
            ("fan_out", 50),
            ("fan_avg", 40.5),
            ("fan_geo_avg", math.sqrt(31 * 50)),
        )
    ),
]


@pytest.mark.parametrize(("draw", "std", "law"), PUBLISHED)
def test_the_published_std_is_kept_to_the_last_digits(draw, std, law):
    reach = {  # the generator draws both ends of U, and ±2 of N
        "uniform": math.sqrt(3),
        "normal": 2,
        "truncated_normal": 2 / stats.truncnorm.std(-2, 2),
    }
    w = draw((31, 50), rng=Extreme(np.random.PCG64(0)), dtype="float64")
    assert np.abs(w) == pytest.approx(np.full((31, 50), reach[law] * std), rel=1e-14, abs=0)


@each_dtype
@pytest.mark.parametrize("limit", [0.1, 0.3, 1 / 3, 0.7])  # each dtype rounds some of them up
def test_bounds_hold_in_exact_arithmetic_too(limit, dtype):
    for draw, bound in (
        (ic.uniform, limit),
        (partial(ic.truncated_normal, corrected=False), 2 * limit),
        (ic.truncated_normal, 2 * limit / stats.truncnorm.std(-2, 2)),
    ):
        w = draw((600_000,), limit, rng=0, dtype=dtype).astype(np.float64)
        assert np.abs(w).max() <= bound


@pytest.mark.parametrize("seed", SEEDS)
@each_dtype
@pytest.mark.parametrize("corrected", [True, False])
def test_truncated_normal_is_the_truncated_normal(seed, dtype, corrected):
    parent = 0.3 / 0.8796256610342398 if corrected else 0.3
    exact = stats.truncnorm(-2, 2, scale=parent)
    w = ic.truncated_normal((300, 300), 0.3, corrected=corrected, rng=seed, dtype=dtype)
    testing.assert_mean(w, 0)
    testing.assert_variance(w, exact.var())
    assert 1.99 * parent < float(np.abs(w).max()) <= 2 * parent
    if dtype != "float16":
        assert kolmogorov(w, exact) > 1e-6


def test_the_truncation_constant_is_scipys():
    assert pytest.approx(stats.truncnorm.std(-2, 2), abs=1e-15) == ic.TRUNCATED_STD


def test_float16_holds_large_and_refuses_too_large_spreads():
    assert np.isfinite(ic.normal((1000,), 1000.0, rng=0, dtype="float16")).all()
    for draw in (ic.normal, ic.uniform, ic.truncated_normal):
        with pytest.raises(ValueError, match="float16"):
            draw((10,), 60_000.0, dtype="float16")
        with pytest.raises(ValueError, match="float16"):
            draw((10,), 1e-7, dtype="float16")


@pytest.mark.parametrize(
    ("draw", "reach"), [(ic.normal, 16), (ic.truncated_normal, 4), (ic.uniform, 2)]
)
@each_dtype
def test_a_spread_whose_draws_could_leave_the_dtype_is_refused(draw, reach, dtype):
    """No draw lies beyond 16 standard deviations, and no truncated one beyond 4."""
    largest = float(np.finfo(dtype).max)
    w = draw((100_000,), 0.99 * largest / reach, rng=0, dtype=dtype)
    assert np.isfinite(w).all()
    for share in (1.01 / reach, 0.9, 1.0):
        with pytest.raises(ValueError, match=rf"(std|limit) must be .* to be held by {dtype}"):
            draw((3,), share * largest, dtype=dtype)


@pytest.mark.parametrize("law", ["truncated_normal", "normal", "uniform"])
@pytest.mark.parametrize("scale", [3e75, 1e-77])  # a std of 3e37 or 2e-39: float32 ends there
def test_a_scale_whose_std_its_dtype_cannot_hold_is_refused_as_a_scale(law, scale):
    with pytest.raises(ValueError, match=r"scale must give a standard deviation .* float32 holds"):
        ic.variance_scaling((3, 4), scale, "fan_in", law)


# --- variance scaling and presets ---


@pytest.mark.parametrize("distribution", ["truncated_normal", "normal", "uniform"])
@pytest.mark.parametrize(
    ("mode", "n"),
    [("fan_in", 9 * 20), ("fan_out", 9 * 60), ("fan_avg", 9 * 40), ("fan_geo_avg", 9 * 1200**0.5)],
)
def test_variance_is_scale_over_n(distribution, mode, n):
    for seed in SEEDS:
        w = ic.variance_scaling((3, 3, 20, 60), 1.7, mode, distribution, rng=seed)
        testing.assert_mean(w, 0)
        testing.assert_variance(w, 1.7 / n)


def test_the_distributions_are_told_apart_by_their_reach():
    std = math.sqrt(1 / 100)
    draw = {
        name: np.abs(ic.variance_scaling((100, 1000), 1.0, "fan_in", name, rng=0)).max() / std
        for name in ("uniform", "truncated_normal", "normal")
    }
    assert draw["uniform"] <= math.sqrt(3) < 2.2 < draw["truncated_normal"] <= 2.2738
    assert draw["normal"] > 3.5


def test_variance_scaling_left_to_itself_is_lecuns_rule():
    expected = ic.variance_scaling((30, 50), 1.0, "fan_in", "truncated_normal", rng=3)
    assert np.array_equal(ic.variance_scaling((30, 50), rng=3), expected)


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("shape", [(30, 50), (3, 3, 8, 16), (40,)])
def test_a_preset_is_a_row_of_variance_scaling(name, shape):
    expected = ic.variance_scaling(shape, *PRESETS[name], rng=3)
    assert np.array_equal(getattr(ic, name)(shape, rng=3), expected)


@pytest.mark.parametrize("seed", SEEDS)
def test_presets_have_the_published_variances(seed):
    shape, n_in, n_out = (300, 500), 300, 500
    testing.assert_variance(ic.lecun_normal(shape, rng=seed), 1 / n_in)
    testing.assert_variance(ic.lecun_uniform(shape, rng=seed), 1 / n_in)
    testing.assert_variance(ic.glorot_normal(shape, rng=seed), 2 / (n_in + n_out))
    testing.assert_variance(ic.glorot_uniform(shape, rng=seed), 2 / (n_in + n_out))
    testing.assert_variance(ic.he_normal(shape, rng=seed), 2 / n_in)
    testing.assert_variance(ic.he_uniform(shape, rng=seed), 2 / n_in)


@pytest.mark.parametrize("seed", SEEDS)
def test_gain_and_slope_scale_the_variance(seed):
    for draw in (ic.glorot_normal, ic.glorot_uniform):
        testing.assert_variance(draw((300, 500), gain=1.5, rng=seed), 2 * 1.5**2 / 800)
    for draw in (ic.he_normal, ic.he_uniform):
        testing.assert_variance(draw((300, 500), negative_slope=0.5, rng=seed), 1.6 / 300)


def test_he_keeps_the_second_moment_through_relu():
    x = np.random.default_rng(0).standard_normal((1, 300))
    kept = [
        np.mean(np.maximum(x @ ic.he_normal((300, 300), rng=seed), 0) ** 2) / np.mean(x**2)
        for seed in range(300)
    ]
    testing.assert_mean(kept, 1)


# --- orthogonal ---


@pytest.mark.parametrize("shape", [(6, 6), (9, 4), (4, 9), (1, 5), (5, 1), (3, 3, 4, 8)])
@each_dtype
def test_orthogonal_has_equal_singular_values(shape, dtype):
    w = ic.orthogonal(shape, gain=1.5, rng=0, dtype=dtype).astype(np.float64)
    values = np.linalg.svd(w.reshape(-1, shape[-1]), compute_uv=False)
    precision = {"float16": 5e-3, "float32": 1e-5, "float64": 1e-12}[dtype]
    assert np.abs(values - 1.5).max() < precision


@pytest.mark.parametrize("shape", [(3, 3), (5, 3), (3, 5), (2, 2, 2, 3)])
def test_orthogonal_is_haar_distributed_square_or_not(shape):
    """Signs are even and a column is uniform on the sphere; of LAPACK's own Q neither holds."""
    draws = np.array([ic.orthogonal(shape, rng=seed, dtype="float64") for seed in range(4000)])
    draws = draws.reshape(4000, -1, shape[-1])
    n = max(draws.shape[1:])  # a unit vector's length: a column's, or a row's of a wide matrix
    for i, j in np.ndindex(draws.shape[1:]):
        testing.assert_mean(draws[:, i, j], 0)
        testing.assert_variance(draws[:, i, j], 1 / n)
    trace = np.trace(draws, axis1=1, axis2=2)
    testing.assert_mean(trace, 0)
    testing.assert_variance(trace, min(draws.shape[1:]) / n)
    for corner in (draws[:, 0, 0], draws[:, -1, -1]):  # of a square, x² is Beta(1/2, (n - 1)/2)
        assert kolmogorov(corner**2, stats.beta(0.5, (n - 1) / 2)) > 1e-6


@pytest.mark.parametrize("shape", [(2, 2, 3, 5), (3, 2, 2, 4)])
def test_an_orthogonal_kernel_is_flattened_to_minus_one_and_out(shape):
    flat = (math.prod(shape[:-1]), shape[-1])
    expected = ic.orthogonal(flat, rng=3).reshape(shape)
    assert np.array_equal(ic.orthogonal(shape, rng=3), expected)


# --- what they say ---


def test_the_presets_say_what_they_are():
    for name in (*PRESETS, "orthogonal", "variance_scaling", "fans"):
        assert "Examples" in getattr(initializers, name).__doc__


# --- what is refused ---

NAN, INF = math.nan, math.inf
SPREAD = {"normal": "std", "truncated_normal": "std", "uniform": "limit"}


def refused():
    for f in (ic.fans, ic.zeros, *SAMPLERS.values()):
        for shape in ((3, 0), (3, -1), [2, 2.5], ("3", 4), (True, 3), (3, None), (3, NAN)):
            yield partial(f, shape), "shape", repr(shape)
        for shape in (5, None, "3x4", {3, 4}, np.array([3, 4]), 3.0):
            yield partial(f, shape), "shape", repr(shape)
        yield partial(f, (3, np.ones(2))), "shape", "array"
        yield partial(f, (1,) * 65), "shape", "65"
    yield partial(ic.constant, (0,), 1.0), "shape", "0"
    for shape in ((), (3,)):
        yield partial(ic.orthogonal, shape), "shape", repr(shape)

    for draw in (ic.zeros, *SAMPLERS.values()):
        f = partial(draw, (3, 4))
        for dtype in (None, "int32", "complex64", bool, "nonsense", ">f4", 7, object):
            yield partial(f, dtype=dtype), "dtype", repr(dtype)
        for rng in (-1, 1.5, "seed", True, [1, 2], np.random, object):
            yield partial(f, rng=rng), "rng", repr(rng)
        yield partial(f, rng=np.random.RandomState(0)), "rng", "RandomState"
    yield partial(ic.constant, (3,), 1.0, dtype="int8"), "dtype", "int8"
    yield partial(ic.constant, (3,), 1.0, rng="x"), "rng", "x"

    for name, argument in SPREAD.items():
        f = partial(SAMPLERS[name], (3, 4))
        for value in (-1.0, NAN, INF, -INF, "1", None, 1j, True, [1.0], 10**400, 1e39):
            yield partial(f, value), argument, repr(value)[:20]
    for value in (NAN, INF, "1", None, 1j, False, 1e39, -1e39, 1e-39, -1e-39):
        yield partial(ic.constant, (3,), value), "value", repr(value)
    for value in (1, 0, "yes", None):
        yield partial(ic.truncated_normal, (3,), corrected=value), "corrected", repr(value)

    for value in (0, -1, NAN, INF, "2", None, 2j, True):
        yield partial(ic.variance_scaling, (3, 4), value), "scale", repr(value)
        for draw in (ic.glorot_normal, ic.glorot_uniform, ic.orthogonal):
            yield partial(draw, (3, 4), value), "gain", repr(value)
    for value in (1e200, 1e-200):
        for draw in (ic.glorot_normal, ic.glorot_uniform):
            yield partial(draw, (3, 4), value), "gain", repr(value)
    for value in (1e-80, 1e80):
        for law in ("truncated_normal", "normal", "uniform"):
            call = partial(ic.variance_scaling, (3, 4), value, "fan_in", law)
            yield call, "scale", repr(value)
    yield partial(ic.variance_scaling, (3, 4), 5e-324, dtype="float64"), "scale", "5e-324"
    for value in (NAN, INF, "0", None, True, 1e200):
        for draw in (ic.he_normal, ic.he_uniform):
            yield partial(draw, (3, 4), value), "negative_slope", repr(value)
    for value in ("fan", "FAN_IN", None, 3, ["fan_in"]):
        yield partial(ic.variance_scaling, (3, 4), 1.0, value), "mode", repr(value)
    for value in ("gaussian", "untruncated_normal", None, 3):
        call = partial(ic.variance_scaling, (3, 4), 1.0, "fan_in", value)
        yield call, "distribution", repr(value)
