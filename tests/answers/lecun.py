"""Answers to the exercises of the chapter lecun."""

import math

import numpy as np
from scipy import integrate, stats

from initcourse import testing
from initcourse.exercises import lecun
from tests.answers._common import never

RIGHT = {}
WRONG = {}
OTHER = {}
SUBTLE = {}
DIAGNOSES = {}


RIGHT["wide_column"] = [50, 49.0]
WRONG |= {
    ("wide_column", "equal"): 10,
    ("wide_column", "amplitudes"): 25,
    ("wide_column", "most"): 90,
}
SUBTLE |= {("wide_column", "the other nine"): 42}
OTHER |= {("wide_column", "A finite number is wanted as a guess"): math.nan}

RIGHT["first_std"] = [
    lambda x: 1 / math.sqrt((x**2).sum(axis=1).mean()),
    lambda x: np.sqrt(len(x)) / np.linalg.norm(x),
    lambda x: (x.var(axis=0) + x.mean(axis=0) ** 2).sum() ** -0.5,
]
WRONG |= {
    ("first_std", "lecun"): lambda x: 1 / np.sqrt(x.shape[1]),
    ("first_std", "shift-ignored"): lambda x: np.sqrt(1 / x.var(axis=0).sum()),
    ("first_std", "common-mean"): lambda x: 1 / (x.std() * np.sqrt(x.shape[1])),
    ("first_std", "columns-forgotten"): lambda x: np.mean(x**2) ** -0.5,
    ("first_std", "all-summed"): lambda x: 1 / np.linalg.norm(x),
    ("first_std", "mean-length"): lambda x: 1 / np.linalg.norm(x, axis=1).mean(),
    ("first_std", "inverted"): lambda x: np.sqrt((x**2).sum(axis=1).mean()),
    ("first_std", "variance"): lambda x: 1 / (x**2).sum(axis=1).mean(),
    ("first_std", "limit"): lambda x: np.sqrt(3 / (x**2).sum(axis=1).mean()),
}
SUBTLE |= {
    ("first_std", "the first sample"): lambda x: 1 / np.linalg.norm(x[0]),
    ("first_std", "the longest sample"): lambda x: 1 / np.linalg.norm(x, axis=1).max(),
}
OTHER |= {
    ("first_std", "For an array of shape (7, 4) it returns 4, and"): lambda x: x.shape[1],
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


def recipe_told_apart(table):
    """Name what is missing from the recipe of 1998, from the first and the last layers."""

    def fault(of):
        first, last = of["mean square of z1"], of["mean square of h30"]
        if first > 10:
            return "raw inputs"
        if of["shift in z1"] > first / 2:
            return "not centered"
        if last < 1e-6:
            return "a third of the variance"
        if last < 0.1:
            return "plain tanh"
        return "twice the variance" if first > 1.5 else "nothing"

    return {case: fault(symptoms) for case, symptoms in table.items()}


RECIPES = {
    "A": "plain tanh",
    "B": "raw inputs",
    "C": "twice the variance",
    "D": "a third of the variance",
    "E": "not centered",
}
DIAGNOSES["diagnose_recipe"] = lecun._recipes, recipe_told_apart
RIGHT["diagnose_recipe"] = [RECIPES, recipe_told_apart(lecun._recipes(lecun.SEED))]
WRONG |= {
    ("diagnose_recipe", "raw inputs"): {**RECIPES, "C": "raw inputs"},
    ("diagnose_recipe", "not centered"): {**RECIPES, "B": "not centered"},
    ("diagnose_recipe", "plain tanh"): {**RECIPES, "D": "plain tanh"},
    ("diagnose_recipe", "a third of the variance"): {**RECIPES, "A": "a third of the variance"},
    ("diagnose_recipe", "twice the variance"): {**RECIPES, "E": "twice the variance"},
    ("diagnose_recipe", "nothing"): {**RECIPES, "E": "nothing"},
}
OTHER |= {("diagnose_recipe", "this is “a third”"): {**RECIPES, "D": "a third"}}


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
