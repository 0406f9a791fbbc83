"""Arguments of every function: NumPy's numbers are welcome, its booleans are not."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

import initcourse as ic
from initcourse import _arguments, testing


@pytest.mark.parametrize("kind", [np.int8, np.int64, np.uint16, np.float16, np.float32, np.float64])
def test_a_number_may_be_one_of_numpys(kind):
    assert np.array_equal(ic.normal((4, 6), kind(2), rng=0), ic.normal((4, 6), 2.0, rng=0))
    assert ic.predict("linear", 2, 1.0, input_second_moment=kind(2)).forward == pytest.approx(2)


@pytest.mark.parametrize("kind", [np.int8, np.int64, np.uint16])
def test_an_integer_may_be_one_of_numpys(kind):
    net = ic.mlp([kind(3), kind(2)], ic.he_normal, rng=kind(7))
    assert np.array_equal(net.weights[0], ic.mlp([3, 2], ic.he_normal, rng=7).weights[0])


def test_an_integer_may_be_as_small_and_as_large_as_is_said():
    assert _arguments.integer("n", 2, 2, 5) == 2
    assert _arguments.integer("n", 5, 2, 5) == 5
    assert ic.zeros((1,) * 64).ndim == 64


@pytest.mark.parametrize("seed", [2**32, 2**64 + 5, 10**40])
def test_every_digit_of_a_long_seed_counts(seed):
    same = ic.normal((4, 6), rng=np.random.default_rng(seed))
    assert np.array_equal(ic.normal((4, 6), rng=seed), same)
    assert not np.array_equal(ic.normal((4, 6), rng=seed % 2**32), same)
    assert not np.array_equal(ic.normal((4, 6), rng=seed + 1), same)


def test_integers_become_floats_of_full_precision():
    assert ic.second_moment([2**24 + 1]) == (2**24 + 1) ** 2
    assert testing.assert_mean([2**40, 2**40 + 2], 2**40 + 1).measured == 2**40 + 1


def refused():
    for value in (np.True_, np.False_):
        yield partial(ic.normal, (3, 4), value), "std", repr(value)
        yield partial(ic.predict, "relu", value, 2.0), "depth", repr(value)
        yield partial(ic.fans, (3, value)), "shape", repr(value)
        yield partial(ic.normal, (3, 4), rng=value), "rng", repr(value)
    for value in ([True, False], np.zeros(2, bool)):
        yield partial(ic.second_moment, value), "signal", "dtype bool"
    net = ic.mlp([2, 1], ic.he_normal, rng=0)
    yield partial(ic.forward, net, [[1.0, 1e39]]), "x", "1e+39"
    yield partial(_arguments.integer, "minimum", 6, 2, 5), "minimum", "6"
    yield partial(_arguments.integer, "minimum", 1, 2, 5), "minimum", "1"
