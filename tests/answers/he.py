"""Answers to the exercises of the chapter he."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
from scipy import stats

import initcourse as ic
from initcourse import testing
from initcourse.exercises import he
from tests.answers._common import never

RIGHT = {}
WRONG = {}
OTHER = {}
SUBTLE = {}
DIAGNOSES = {}


RIGHT["above_average"] = [13, 15.0, Fraction(25, 2)]
WRONG |= {
    ("above_average", "none"): 2,
    ("above_average", "some"): 30,
    ("above_average", "half"): 50,
    ("above_average", "most"): 80.0,
}
SUBTLE |= {("above_average", "a quarter"): 25}
OTHER |= {
    ("above_average", "from 0 to 100"): 130,
    ("above_average", "as a guess, and this is of type str"): "few",
    ("above_average", "did you mean 14?"): 0.14,
}

RIGHT["he_std"] = [
    lambda n, a, k: math.sqrt(2 * k / ((1 + a**2) * n)),
    lambda n, a, k: ic.calculate_gain("leaky_relu", float(a)) * np.sqrt(k / n),
]
WRONG |= {
    ("he_std", "dropout-ignored"): lambda n, a, k: math.sqrt(2 / ((1 + a**2) * n)),
    ("he_std", "inverted"): lambda n, a, k: math.sqrt(2 / (1 + a**2) / n / k),
    ("he_std", "keep-outside"): lambda n, a, k: math.sqrt(2 / (1 + a**2) / n) * k,
    ("he_std", "variance"): lambda n, a, k: 2 * k / (n + n * a**2),
    ("he_std", "slope-not-squared"): lambda n, a, k: math.sqrt(2 * k / n / (1 + a)),
    ("he_std", "slope-ignored"): lambda n, a, k: math.sqrt(2 * k / n),
    ("he_std", "slope-subtracted"): lambda n, a, k: math.sqrt(2 * k / n / (1 - a**2)),
    ("he_std", "without-2"): lambda n, a, k: math.sqrt(k / n / (1 + a**2)),
    ("he_std", "limit"): lambda n, a, k: math.sqrt(6 * k / n / (1 + a**2)),
}
SUBTLE |= {
    ("he_std", "one percent"): lambda n, a, k: 1.01 * math.sqrt(2 * k / ((1 + a**2) * n)),
    ("he_std", "the variance that dropout adds"): (
        lambda n, a, k: math.sqrt(2 / ((1 + a**2) * n) / (2 - k))
    ),
}


def two_values(share):
    a = math.sqrt(share / (1 - share))
    return [a, -1 / a], [1 - share, share]


def three_values(share):
    """Put half of the probability on 0, and scale the rest up."""
    values, chances = two_values(share)
    return np.array([0.0, *values]) * math.sqrt(2), np.array([1.0, *chances]) / 2


def exponential_tails(share):
    """Spread the positive and the negative side out over three values each."""
    values, chances = two_values(share)
    spread = np.array([0.5, 1.0, 1.5])
    scale = 1 / math.sqrt(np.mean(spread**2))
    return (
        np.concatenate([value * scale * spread for value in values]),
        np.repeat(chances, 3) / 3,
    )


RIGHT["lopsided"] = [two_values, three_values, exponential_tails]
WRONG |= {
    ("lopsided", "no-law"): lambda share: ([1, -1], [share, share]),
    ("lopsided", "mean"): lambda share: ([1, -1], [share, 1 - share]),
    ("lopsided", "square"): lambda share: ([share, share - 1], [1 - share, share]),
    ("lopsided", "symmetric"): lambda share: ([1, -1], [0.5, 0.5]),
    ("lopsided", "complement"): lambda share: two_values(1 - share),
}
SUBTLE |= {
    ("lopsided", "right for one share"): lambda share: two_values(0.9),
    ("lopsided", "the square of the share"): lambda share: two_values(share**2),
    ("lopsided", "rounded"): lambda share: [np.round(part, 3) for part in two_values(share)],
    ("lopsided", "a negative probability"): lambda share: (
        [2, 1, -1],
        [-0.1, share + 0.1, 1 - share],
    ),
}
OTHER |= {
    ("lopsided", "For share 0.5 ReLU keeps 0.25 of"): lambda share: two_values(share**2),
    ("lopsided", "There are 2 values and 3 probabilities"): (
        lambda share: ([1, -1], [0.3, 0.3, 0.4])
    ),
    ("lopsided", "A list of numbers is wanted as values"): lambda share: (share, 1 - share),
}


def exponential_of(change):
    """Return what the median would be with another sum of reciprocals."""
    return lambda widths: math.exp(-2.5 * change(np.array(widths, float)))


RIGHT["typical_signal"] = [
    exponential_of(lambda n: (1 / n[1:]).sum()),
    lambda widths: np.prod([1 - 5 / (2 * n) for n in widths[1:]]),
    lambda widths: math.exp(-sum(math.log1p(5 / n) for n in widths[1:]) / 2),
]
WRONG |= {
    ("typical_signal", "mean"): lambda widths: 1,
    ("typical_signal", "variance"): exponential_of(lambda n: 2 * (1 / n[1:]).sum()),
    ("typical_signal", "inputs-counted"): exponential_of(lambda n: (1 / n[:-1]).sum()),
    ("typical_signal", "all-counted"): exponential_of(lambda n: (1 / n).sum()),
    ("typical_signal", "last-width"): exponential_of(lambda n: (len(n) - 1) / n[-1]),
    ("typical_signal", "average-width"): exponential_of(lambda n: (len(n) - 1) / n[1:].mean()),
    ("typical_signal", "narrowest"): exponential_of(lambda n: (len(n) - 1) / n[1:].min()),
    ("typical_signal", "halved"): lambda widths: 2.0 ** (1 - len(widths)),
    ("typical_signal", "sign"): exponential_of(lambda n: -(1 / n[1:]).sum()),
    ("typical_signal", "logarithm"): lambda widths: -2.5 * sum(1 / n for n in widths[1:]),
    ("typical_signal", "expanded"): lambda widths: 1 - 2.5 * sum(1 / n for n in widths[1:]),
}
SUBTLE |= {
    ("typical_signal", "two for five halves"): exponential_of(lambda n: 0.8 * (1 / n[1:]).sum()),
    ("typical_signal", "three for five halves"): exponential_of(lambda n: 1.2 * (1 / n[1:]).sum()),
    ("typical_signal", "one layer more"): exponential_of(lambda n: (1 / n[1:]).sum() + 1 / n[-1]),
    ("typical_signal", "one layer fewer"): exponential_of(lambda n: (1 / n[1:-1]).sum()),
    ("typical_signal", "the geometric mean"): exponential_of(
        lambda n: (len(n) - 1) / stats.gmean(n[1:])
    ),
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


def relu_told_apart(table):
    """Name how each kind of ReLU network started from what its layers show."""

    def fault(of):
        if of["dead units, layer 10"] > 0.9:
            return "negative biases"
        if of["difference, layer 10"] < 1e-3:
            return "default of PyTorch"
        growth = (of["mean square, layer 10"] / of["mean square, layer 5"]) ** (1 / 5)
        factors = {
            "half of He": 1 / 2,
            "a sixth of He": 1 / 6,
            "nothing": 1,
            "variance for second moment": 1.467,
        }
        return min(factors, key=lambda name: abs(math.log(factors[name] / growth)))

    return {case: fault(symptoms) for case, symptoms in table.items()}


RELU = {
    "A": "default of PyTorch",
    "B": "nothing",
    "C": "variance for second moment",
    "D": "negative biases",
    "E": "half of He",
}
DIAGNOSES["diagnose_relu"] = he._relu_starts, relu_told_apart
RIGHT["diagnose_relu"] = [RELU, relu_told_apart(he._relu_starts(he.SEED))]
WRONG |= {
    ("diagnose_relu", "half of He"): {**RELU, "A": "half of He"},
    ("diagnose_relu", "a sixth of He"): {**RELU, "A": "a sixth of He"},
    ("diagnose_relu", "variance for second moment"): {**RELU, "B": "variance for second moment"},
    ("diagnose_relu", "negative biases"): {**RELU, "A": "negative biases"},
    ("diagnose_relu", "default of PyTorch"): {**RELU, "B": "default of PyTorch"},
    ("diagnose_relu", "nothing"): {**RELU, "A": "nothing"},
}
OTHER |= {("diagnose_relu", "this is of type list"): {**RELU, "D": []}}


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
