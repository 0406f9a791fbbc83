"""The contract of the initializers, line by line; SciPy is the independent oracle."""

from __future__ import annotations

import math
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


def test_orthogonal_is_haar_distributed():
    # A Haar matrix has independent signs and entries of variance 1/n; LAPACK's own Q does not.
    draws = np.array([ic.orthogonal((3, 3), rng=seed, dtype="float64") for seed in range(4000)])
    for i in range(3):
        for j in range(3):
            testing.assert_mean(draws[:, i, j], 0)
            testing.assert_variance(draws[:, i, j], 1 / 3)
    testing.assert_mean(np.trace(draws, axis1=1, axis2=2), 0)
    testing.assert_variance(np.trace(draws, axis1=1, axis2=2), 1)
    # for n = 3 an entry is uniform on [-1, 1], by Archimedes
    assert kolmogorov(draws[:, 0, 0], stats.uniform(-1, 2)) > 1e-6


# --- PyTorch's table ---


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
    for value in (NAN, INF, "1", None, 1j, False, 1e39):
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
