"""Answers to the exercises of the chapter he."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
from scipy import stats

import initcourse as ic
from initcourse import testing
from tests.answers._common import never

RIGHT = {}
WRONG = {}
OTHER = {}
SUBTLE = {}
DIAGNOSES = {}


RIGHT["he_std"] = [
    lambda n, a: math.sqrt(2 / ((1 + a**2) * n)),
    lambda n, a: ic.calculate_gain("leaky_relu", float(a)) / np.sqrt(n),
]
WRONG |= {
    ("he_std", "variance"): lambda n, a: 2 / (n + n * a**2),
    ("he_std", "slope-not-squared"): lambda n, a: math.sqrt(2 / n / (1 + a)),
    ("he_std", "slope-ignored"): lambda n, a: math.sqrt(2 / n),
    ("he_std", "slope-subtracted"): lambda n, a: math.sqrt(2 / n / (1 - a**2)),
    ("he_std", "without-2"): lambda n, a: math.sqrt(1 / n / (1 + a**2)),
    ("he_std", "limit"): lambda n, a: math.sqrt(6 / n / (1 + a**2)),
}

RIGHT["relu_variance"] = [
    lambda s: 0.34085 * s**2,
    lambda s: ic.moments("relu", std=s).variance,
]
WRONG |= {
    ("relu_variance", "second-moment"): lambda s: 0.5 * s * s,
    ("relu_variance", "half-normal"): lambda s: stats.halfnorm(scale=s).var(),
    ("relu_variance", "std-not-squared"): lambda s: 0.34085 * s,
    ("relu_variance", "standard-deviation"): lambda s: 0.58382 * s,
    ("relu_variance", "mean"): lambda s: 0.398942 * s,
    ("relu_variance", "unit"): lambda s: 0.34085,
}


RIGHT["typical_signal"] = [
    lambda n, depth: math.exp(-2.5 * depth / n),
    lambda n, depth: (1 - 5 / (2 * n)) ** depth,
    lambda n, depth: math.exp(-depth * math.log1p(5 / n) / 2),
]
WRONG |= {
    ("typical_signal", "mean"): lambda n, depth: 1,
    ("typical_signal", "variance"): lambda n, depth: math.exp(-5 * depth / n),
    ("typical_signal", "one-layer"): lambda n, depth: 1 - 2.5 / n,
    ("typical_signal", "halved"): lambda n, depth: 2.0**-depth,
    ("typical_signal", "sign"): lambda n, depth: math.exp(2.5 * depth / n),
    ("typical_signal", "inverted"): lambda n, depth: math.exp(-2.5 * n / depth),
    ("typical_signal", "logarithm"): lambda n, depth: -2.5 * depth / n,
    ("typical_signal", "expanded"): lambda n, depth: 1 - 2.5 * depth / n,
    ("typical_signal", "one-more"): lambda n, depth: math.exp(-2.5 * (depth + 1) / n),
    ("typical_signal", "one-fewer"): lambda n, depth: math.exp(-2.5 * (depth - 1) / n),
}
SUBTLE |= {
    ("typical_signal", "two for five halves"): lambda n, depth: math.exp(-2 * depth / n),
    ("typical_signal", "three for five halves"): lambda n, depth: math.exp(-3 * depth / n),
    ("relu_variance", "0.34"): lambda s: 0.34 * s**2,
    ("relu_variance", "0.335"): lambda s: 0.335 * s**2,
    ("relu_variance", "a third"): lambda s: s**2 / 3,
    ("he_std", "one percent"): lambda n, a: 1.01 * math.sqrt(2 / ((1 + a**2) * n)),
}

RIGHT["dead_share"] = [
    lambda h: np.mean(~h.any(axis=0)),
    lambda h: sum(not np.any(unit) for unit in h.T) / h.shape[1],
    lambda h: Fraction(int((~h.any(axis=0)).sum()), h.shape[1]),
    lambda h: Decimal(int((~h.any(axis=0)).sum())) / h.shape[1],
]
WRONG |= {
    ("dead_share", "sparsity"): lambda h: 1 - np.count_nonzero(h) / h.size,
    ("dead_share", "samples"): lambda h: np.mean(~h.any(axis=1)),
    ("dead_share", "any"): lambda h: np.mean(~h.all(axis=0)),
    ("dead_share", "count"): lambda h: np.sum(~h.any(axis=0)),
    ("dead_share", "alive"): lambda h: np.mean(h.any(axis=0)),
    ("dead_share", "mean-zero"): lambda h: np.mean(h.mean(axis=0) == 0),
    ("dead_share", "not-positive"): lambda h: np.mean((h <= 0).all(axis=0)),
    ("dead_share", "largest"): lambda h: np.mean(h.max(axis=0) == 0),
    ("dead_share", "constant"): lambda h: np.mean(h.std(axis=0) == 0),
    ("dead_share", "first-sample"): lambda h: np.mean(h[0] == 0),
    ("dead_share", "nearly-zero"): lambda h: np.mean(np.isclose(h, 0).all(axis=0)),
}
SUBTLE |= {
    ("dead_share", "small"): lambda h: np.mean(np.isclose(h, 0, atol=1e-3).all(axis=0)),
    ("dead_share", "median"): lambda h: np.mean(np.median(h, axis=0) == 0),
    ("dead_share", "mostly"): lambda h: np.mean((h == 0).mean(axis=0) > 0.9),
    ("dead_share", "last sample"): lambda h: np.mean(h[-1] == 0),
}


def wrong_start(names=("hidden.weight", "out.weight"), fill=7.0):
    return {
        names[0]: np.full((300, 200), fill),
        "hidden.bias": np.full(200, fill),
        names[-1]: np.full((200, 100), fill),
        "out.bias": np.full(100, fill),
    }


def reset_by_testing(reset):
    parameters = wrong_start()
    reset(parameters, 0)
    for value in parameters.values():
        if value.ndim == 1:
            assert not value.any()
        else:
            testing.assert_variance(value, 2 / len(value))


def reset_by_ratio(reset):
    parameters = {f"block.{i}.w": np.ones((400, 50 + i)) for i in range(3)}
    parameters["block.b"] = np.ones(9)
    reset(parameters, np.random.default_rng(5))
    assert (parameters.pop("block.b") == 0).all()
    for w in parameters.values():
        assert 0.9 < np.mean(w**2) * 200 < 1.1


def reset_named_weight(reset):
    parameters = {"weight": np.ones((300, 200))}
    reset(parameters, 0)
    testing.assert_variance(parameters["weight"], 2 / 300)


def reset_already_right(reset):
    parameters = {"hidden.weight": ic.he_normal((300, 200), rng=1)}
    reset(parameters, 0)
    testing.assert_variance(parameters["hidden.weight"], 2 / 300)


def reset_first_only(reset):
    parameters = wrong_start()
    reset(parameters, 0)
    testing.assert_variance(parameters["hidden.weight"], 2 / 300)


def reset_last_only(reset):
    parameters = wrong_start()
    reset(parameters, 0)
    testing.assert_variance(parameters["out.weight"], 2 / 200)
    assert not parameters["out.bias"].any()


def reset_is_close(reset):
    parameters = wrong_start()
    reset(parameters, 0)
    assert np.isclose(parameters["hidden.weight"].var(), 2 / 300)


def reset_biases_only(reset):
    parameters = wrong_start()
    reset(parameters, 0)
    assert not parameters["hidden.bias"].any()
    assert not parameters["out.bias"].any()


SUBTLE["test_reset", "biases only"] = reset_biases_only


def reset_weights_only(reset):
    parameters = wrong_start()
    reset(parameters, 0)
    testing.assert_variance(parameters["hidden.weight"], 2 / 300)
    testing.assert_variance(parameters["out.weight"], 2 / 200)


def reset_hidden_bias_only(reset):
    parameters = wrong_start()
    reset_weights_only(reset)
    reset(parameters, 0)
    assert not parameters["hidden.bias"].any()


def reset_square(reset):
    parameters = {"a.weight": np.ones((200, 200)), "b.weight": np.ones((200, 200)), "b": np.ones(3)}
    reset(parameters, 0)
    assert not parameters["b"].any()
    testing.assert_variance(parameters["a.weight"], 2 / 200)
    testing.assert_variance(parameters["b.weight"], 2 / 200)


def reset_keeps_shapes(reset):
    parameters = wrong_start()
    reset(parameters, 0)
    assert parameters["hidden.weight"].shape == (300, 200)


def reset_changes_nothing(reset):
    parameters = wrong_start()
    reset(parameters, 0)
    assert (parameters["hidden.weight"] == 7).all()


def reset_tight(reset):
    reset_by_testing(reset)
    parameters = wrong_start()
    reset(parameters, 1)
    assert abs(np.mean(parameters["hidden.weight"] ** 2) * 150 - 1) < 0.003


RIGHT["test_reset"] = [reset_by_testing, reset_by_ratio]
WRONG |= {
    ("test_reset", "named-weight"): reset_named_weight,
    ("test_reset", "already-right"): reset_already_right,
    ("test_reset", "first-only"): reset_first_only,
    ("test_reset", "last-only"): reset_last_only,
    ("test_reset", "too-tight"): reset_is_close,
    ("test_reset", "first-bias"): reset_weights_only,
    ("test_reset", "last-bias"): reset_hidden_bias_only,
    ("test_reset", "fan-out"): reset_square,
    ("test_reset", "passes-everything"): reset_keeps_shapes,
    ("test_reset", "upside-down"): reset_changes_nothing,
    ("test_reset", "false-alarm"): reset_tight,
    ("test_reset", "fails-everything"): never,
}
