"""Answers to the exercises of the chapter lecun."""

import math
from decimal import Decimal

import numpy as np
from scipy import integrate, stats

from initcourse import testing
from tests.answers._common import never

RIGHT = {}
WRONG = {}
OTHER = {}
SUBTLE = {}
DIAGNOSES = {}


RIGHT["lecun_limit"] = [
    lambda n: math.sqrt(3 / n),
    lambda n: np.sqrt(3) * n**-0.5,
    lambda n: (Decimal(3) / n).sqrt(),
]
SUBTLE["lecun_limit", "one percent"] = lambda n: 0.99 * math.sqrt(3 / n)
WRONG |= {
    ("lecun_limit", "standard-deviation"): lambda n: n**-0.5,
    ("lecun_limit", "he"): lambda n: math.sqrt(6 / n),
    ("lecun_limit", "square-missing"): lambda n: 3 / n,
    ("lecun_limit", "variance"): lambda n: 1 / n,
    ("lecun_limit", "third-of-std"): lambda n: math.sqrt(1 / n) / math.sqrt(3),
}

RIGHT["slope_for"] = [
    lambda c: math.sqrt(6 / c**2 - 1),
    lambda c: math.sqrt((math.sqrt(6) - c) * (math.sqrt(6) + c)) / c,
]
WRONG |= {
    ("slope_for", "always-root-five"): lambda c: 5**0.5,
    ("slope_for", "square-missing"): lambda c: 6 * c**-2 - 1,
    ("slope_for", "uniform-forgotten"): lambda c: math.sqrt(max(0, 2 / c**2 - 1)),
    ("slope_for", "one-forgotten"): lambda c: math.sqrt(6 / c**2),
    ("slope_for", "negative"): lambda c: -math.sqrt(6 / c**2 - 1),
    ("slope_for", "limit-not-squared"): lambda c: math.sqrt(6 / c - 1),
}


def normalize(train, test, *, by=None, center=True, power=1.0, axis=0, own=False, guard=True):
    by = train if by is None else by
    columns = []
    for part in (train, test):
        source = part if own else by
        mean = source.mean(axis, keepdims=True) if center else 0
        std = source.std(axis, keepdims=True) ** power
        columns.append((part - mean) / (np.where(std == 0, 1, std) if guard else std))
    return tuple(columns)


def normalize_by_scikit_learn(train, test):
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(train)
    return scaler.transform(train), scaler.transform(test)


def with_constant_columns_at(value, train, test):
    constant = train.std(axis=0) == 0
    return tuple(np.where(constant, value, part) for part in normalize(train, test))


def normalize_with_slack(train, test, slack):
    return tuple((part - train.mean(0)) / (train.std(0) + slack) for part in (train, test))


RIGHT["normalize"] = [
    normalize,
    normalize_by_scikit_learn,
    lambda train, test: normalize_with_slack(train, test, 1e-8),
    lambda train, test: tuple(
        (part - train.mean(0)) / np.maximum(train.std(0, ddof=1), 1e-12) for part in (train, test)
    ),
]
WRONG |= {
    ("normalize", "test-statistics"): lambda a, b: normalize(a, b, own=True),
    ("normalize", "pooled-statistics"): lambda a, b: normalize(a, b, by=np.vstack([a, b])),
    ("normalize", "one-for-all"): lambda a, b: normalize(a, b, axis=None),
    ("normalize", "per-sample"): lambda a, b: normalize(a, b, axis=1, own=True),
    ("normalize", "not-centered"): lambda a, b: normalize(a, b, center=False),
    ("normalize", "not-scaled"): lambda a, b: normalize(a, b, power=0),
    ("normalize", "variance"): lambda a, b: normalize(a, b, power=2),
    ("normalize", "not-finite"): lambda a, b: normalize(a, b, guard=False),
    ("normalize", "constant-column"): lambda a, b: with_constant_columns_at(5.0, a, b),
    ("normalize", "slack"): lambda a, b: normalize_with_slack(a, b, 1e-3),
}
SUBTLE |= {
    ("normalize", "constant columns stay"): lambda a, b: with_constant_columns_at(16.0, a, b),
    ("normalize", "constant columns nearly zero"): lambda a, b: with_constant_columns_at(0.1, a, b),
    ("normalize", "three percent"): lambda a, b: tuple(1.03 * p for p in normalize(a, b)),
    ("normalize", "five percent"): lambda a, b: tuple(0.95 * p for p in normalize(a, b)),
    ("normalize", "shifted"): lambda a, b: tuple(p + 0.05 for p in normalize(a, b)),
    ("normalize", "test mean"): lambda a, b: (normalize(a, b)[0], normalize(a, b - b.mean(0))[1]),
}


def selu(z):
    return 1.0507009873554805 * np.where(z > 0, z, 1.6732632423543772 * np.expm1(np.minimum(z, 0)))


def selu_by_integration(m, s, *, mean=0.0, variance=None, f=selu):
    k = math.sqrt(s + m**2 if variance is None else variance)

    def mean_of(g):
        return integrate.quad(lambda z: g(mean + k * z) * stats.norm.pdf(z), -12, 12, points=[0])[0]

    first, second = mean_of(f), mean_of(lambda z: f(z) ** 2)
    return first, second - first**2


def selu_by_draws(m, s):
    z = np.sqrt(s + m**2) * np.random.default_rng(0).standard_normal(1_000_000)
    h = selu(z)
    return h.mean(), h.var()


def selu_slope(z):
    return 1.0507009873554805 * np.where(z > 0, 1, 1.6732632423543772 * np.exp(np.minimum(z, 0)))


def with_second(pair, change):
    return pair[0], change(*pair)


RIGHT["selu_map"] = [
    selu_by_integration,
    selu_by_draws,
    lambda m, s: np.round(selu_by_integration(m, s), 2),
]
SUBTLE["selu_map", "mean of ELU"] = lambda m, s: (
    selu_by_integration(m, s)[0] / 1.0507,
    selu_by_integration(m, s)[1],
)
WRONG |= {
    ("selu_map", "variance-for-second-moment"): lambda m, s: selu_by_integration(m, s, variance=s),
    ("selu_map", "mean-passes"): lambda m, s: selu_by_integration(m, s, mean=m, variance=s),
    ("selu_map", "second-moment-returned"): lambda m, s: with_second(
        selu_by_integration(m, s), lambda a, v: v + a**2
    ),
    ("selu_map", "standard-deviation"): lambda m, s: with_second(
        selu_by_integration(m, s), lambda a, v: math.sqrt(v)
    ),
    ("selu_map", "identity"): lambda m, s: (m, s),
    ("selu_map", "gradient"): lambda m, s: selu_by_integration(m, s, f=selu_slope),
}


def embedding_by_testing(embed):
    for vocabulary in (100, 3000):
        testing.assert_mean(embed(vocabulary, 20, 0) ** 2, 1)


def embedding_by_variance(embed):
    testing.assert_variance(embed(1000, 20, 0), 1)


def embedding_at_least(embed):
    assert np.mean(embed(1000, 20, 0) ** 2) > 0.9


def embedding_is_close(embed):
    assert np.isclose(np.mean(embed(1000, 20, 0) ** 2), 1)


def embedding_uniform_only(embed):
    table = embed(1000, 20, 0)
    assert np.abs(table).max() < 1.8
    assert np.mean(table**2) > 0.9


def embedding_by_mean_square(embed):
    table = embed(1000, 50, np.random.default_rng(0))
    assert abs(np.mean(table**2) - 1) < 0.05


def embedding_no_smaller_when_larger(embed):
    assert embed(100, 50, 0).std() <= 1.2 * embed(5000, 50, 0).std()
    assert embed(100, 50, 0).std() <= 1.2 * embed(100, 500, 0).std()


def embedding_same_for_all_sizes(embed):
    stds = [embed(v, d, 0).std() for v, d in ((100, 50), (5000, 50), (100, 500))]
    assert 0 < max(stds) < 1.2 * min(stds)


def embedding_lengths(embed):
    small, large = (np.linalg.norm(embed(v, 50, 0), axis=1).mean() for v in (50, 5000))
    assert 0.8 < small / large < 1.25


def embedding_normal_only(embed):
    table = embed(2000, 20, 0)
    assert abs(np.mean(table**4) - 3) < 0.5


def embedding_shape(embed):
    assert embed(300, 20, 0).shape == (300, 20)


def embedding_is_the_bug(embed):
    testing.assert_variance(embed(1000, 20, 0), 1 / 1000)


def embedding_tight(embed):
    assert abs(np.mean(embed(1000, 20, 0) ** 2) - 1) < 0.01


RIGHT["test_embedding"] = [embedding_by_testing, embedding_by_mean_square]
WRONG |= {
    ("test_embedding", "per-dimension"): embedding_lengths,
    ("test_embedding", "zeros"): embedding_no_smaller_when_larger,
    ("test_embedding", "constant-scale"): embedding_same_for_all_sizes,
    ("test_embedding", "too-large"): embedding_at_least,
    ("test_embedding", "normal-refused"): embedding_uniform_only,
    ("test_embedding", "uniform-refused"): embedding_normal_only,
    ("test_embedding", "mean-refused"): embedding_by_variance,
    ("test_embedding", "too-tight"): embedding_is_close,
    ("test_embedding", "passes-everything"): embedding_shape,
    ("test_embedding", "upside-down"): embedding_is_the_bug,
    ("test_embedding", "false-alarm"): embedding_tight,
    ("test_embedding", "fails-everything"): never,
}


OTHER |= {
    ("normalize", "Column 0 of the training set"): lambda train, test: (train * 3, test * 3),
    ("normalize", "Column 0 of the test set does not come out right: its mean is 0 and"): (
        lambda train, test: (normalize(train, test)[0], (test - test.mean(0)) / train.std(0))
    ),
    ("selu_map", "and the mean is not right"): lambda m, s: (0.0, selu_by_integration(m, s)[1]),
    ("selu_map", "mean and variance are not right"): lambda m, s: (0.0, 1.0),
    ("selu_map", "Two numbers"): lambda mean, variance: (mean, variance, 0.0),
}
