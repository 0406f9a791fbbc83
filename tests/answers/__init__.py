"""Answers that learners might give: two right ones for each exercise, and one a misconception."""

import math
from itertools import pairwise

import numpy as np
from scipy import integrate, special, stats

import initcourse as ic
from initcourse import testing

RIGHT = {}  # exercise: [answer, answer]
WRONG = {}  # (exercise, misconception): answer


# --- chapter 1 --------------------------------------------------------------------------------


def loss_of_zero_logits(classes):
    return -np.log(special.softmax(np.zeros(classes))[0])


RIGHT["first_loss"] = [np.log, loss_of_zero_logits]
WRONG |= {
    ("first_loss", "probability"): lambda c: 1 / c,
    ("first_loss", "sign"): lambda c: np.log(1 / c),
    ("first_loss", "base-2"): np.log2,
    ("first_loss", "base-10"): lambda c: float(np.log10(c)),
    ("first_loss", "ten-classes"): lambda c: 2.302585093,
    ("first_loss", "summed"): lambda c: sum(np.log(c) for _ in range(c)),
}


def layers_by_loop(width, std, floor):
    layers, signal = 0, 1.0
    while signal >= floor:
        signal *= width * std * std
        layers += 1
    return layers


def amplitude_by_loop(width, std, floor):
    return layers_by_loop(1, math.sqrt(math.sqrt(width) * std), floor)


RIGHT["layers_until"] = [
    layers_by_loop,
    lambda n, std, floor: np.ceil(np.log(floor) / (np.log(n) + 2 * np.log(std))),
]
WRONG |= {
    ("layers_until", "amplitude"): amplitude_by_loop,
    ("layers_until", "std-not-squared"): lambda n, s, f: layers_by_loop(n, math.sqrt(s), f),
    ("layers_until", "width-forgotten"): lambda n, s, f: layers_by_loop(1, s, f),
    ("layers_until", "one-short"): lambda n, s, f: math.floor(math.log(f, n * s**2)),
}


def merge_by_unique(w_in, w_out, combine=None):
    columns, group = np.unique(w_in, axis=1, return_inverse=True)
    rows = [w_out[group.ravel() == g] for g in range(columns.shape[1])]
    return columns, np.array([(combine or sum)(twins) for twins in rows])


def merge_by_dictionary(w_in, w_out):
    merged = {}
    for column, row in zip(w_in.T, w_out, strict=True):
        merged[tuple(column)] = merged.get(tuple(column), 0) + row
    return np.array(list(merged)).T, np.array(list(merged.values()))


def merge_incoming(w_in, w_out):
    columns, group, count = np.unique(w_in, axis=1, return_inverse=True, return_counts=True)
    first = [list(group.ravel()).index(g) for g in range(columns.shape[1])]
    return columns * count, w_out[first]


def merge_outgoing(w_in, w_out):
    merged_out, merged_in = merge_by_unique(w_out.T, w_in.T)
    return merged_in.T, merged_out.T


def merge_equal_in_both(w_in, w_out):
    units, count = np.unique(np.vstack([w_in, w_out.T]), axis=1, return_counts=True)
    return units[: len(w_in)], (units[len(w_in) :] * count).T


RIGHT["merge_twins"] = [merge_by_unique, merge_by_dictionary]
WRONG |= {
    ("merge_twins", "dropped"): lambda a, b: merge_by_unique(a, b, lambda twins: twins[0]),
    ("merge_twins", "averaged"): lambda a, b: merge_by_unique(a, b, lambda t: t.mean(axis=0)),
    ("merge_twins", "incoming-summed"): merge_incoming,
    ("merge_twins", "outgoing-merged"): merge_outgoing,
    ("merge_twins", "not-merged"): merge_equal_in_both,
}


def moving_by_gradients(w1_is_zero, w2_is_zero):
    rng = np.random.default_rng(0)
    net = ic.mlp([3, 4, 2], ic.lecun_normal, rng=rng)
    net.weights[0] *= not w1_is_zero
    net.weights[1] *= not w2_is_zero
    signals = ic.forward(net, rng.normal(size=(5, 3)))
    gradients = ic.backward(net, signals, rng.normal(size=(5, 2)))
    both = {"W": gradients.weights, "b": gradients.biases}
    return {f"{k}{i + 1}" for k, arrays in both.items() for i, g in enumerate(arrays) if g.any()}


RIGHT["moving_parameters"] = [
    moving_by_gradients,
    lambda w1, w2: ["b2"] + ["W2"] * (not w1) + ["W1", "b1"] * (not w2),
]
WRONG |= {
    ("moving_parameters", "own-zero"): lambda w1, w2: {
        "b1",
        "b2",
        *(["W1"] if not w1 else []),
        *(["W2"] if not w2 else []),
    },
    ("moving_parameters", "nothing-moves"): lambda w1, w2: (
        set() if w1 and w2 else moving_by_gradients(w1, w2)
    ),
    ("moving_parameters", "swapped"): lambda w1, w2: moving_by_gradients(w2, w1),
    ("moving_parameters", "everything-moves"): lambda w1, w2: {"W1", "W2", "b1", "b2"},
}


def pairs_differ(build):
    layers = build(5, 8, 0)
    for i, a in enumerate(layers):
        for b in layers[:i]:
            assert not np.array_equal(a, b)


def layers_are_uncorrelated(build):
    flat = np.array([w.ravel() for w in build(10, 32, np.random.default_rng(1))])
    correlation = np.corrcoef(flat) - np.eye(10)
    assert np.abs(correlation).max() < 0.5


def no_object_twice(build):
    layers = build(4, 8, 0)
    assert len({id(w) for w in layers}) == 4


def first_two_differ(build):
    first, second, *_ = build(4, 8, 0)
    assert (first != second).any()


def neighbors_differ(build):
    layers = build(4, 8, 0)
    for i in range(3):
        assert not np.array_equal(layers[i], layers[i + 1])


def shapes_only(build):
    assert [w.shape for w in build(4, 8, 0)] == [(8, 8)] * 4


def layers_are_equal(build):
    layers = build(3, 8, 0)
    assert all(np.array_equal(layers[0], w) for w in layers)


def never(subject):
    raise AssertionError("always")


def means_are_close_to_zero(build):
    layers = build(5, 8, 0)
    assert not np.array_equal(layers[0], layers[-1])
    assert abs(layers[0].mean()) < 0.02


RIGHT["test_copied_layer"] = [pairs_differ, layers_are_uncorrelated]
WRONG |= {
    ("test_copied_layer", "identity"): no_object_twice,
    ("test_copied_layer", "first-pair"): first_two_differ,
    ("test_copied_layer", "neighbors"): neighbors_differ,
    ("test_copied_layer", "passes-everything"): shapes_only,
    ("test_copied_layer", "upside-down"): layers_are_equal,
    ("test_copied_layer", "fails-everything"): never,
    ("test_copied_layer", "false-alarm"): means_are_close_to_zero,
}


# --- chapter 2 --------------------------------------------------------------------------------

RIGHT["xavier_limit"] = [
    lambda m, n: math.sqrt(6 / (m + n)),
    lambda m, n: np.sqrt(3.0 * 2 / np.add(m, n)),
]
WRONG |= {
    ("xavier_limit", "standard-deviation"): lambda m, n: math.sqrt(2 / (m + n)),
    ("xavier_limit", "variance"): lambda m, n: 1 / ((m + n) / 2),
    ("xavier_limit", "square-missing"): lambda m, n: 3 / ((m + n) / 2),
    ("xavier_limit", "fan-in-only"): lambda m, n: math.sqrt(3 / m),
    ("xavier_limit", "heuristic"): lambda m, n: m**-0.5,
    ("xavier_limit", "sum-and-average"): lambda m, n: math.sqrt(6 / ((m + n) / 2)),
    ("xavier_limit", "root-misplaced"): lambda m, n: math.sqrt(6) / (m + n),
}


def funnel_by_variances(widths):
    factor = 1.0
    for fan_in, fan_out in pairwise(widths):
        factor *= fan_in * (2 / (fan_in + fan_out))
    return factor


RIGHT["funnel_factor"] = [
    funnel_by_variances,
    lambda w: np.prod([2 / (1 + w[i + 1] / w[i]) for i in range(len(w) - 1)]),
]
WRONG |= {
    ("funnel_factor", "backward"): lambda w: funnel_by_variances(w[::-1]),
    ("funnel_factor", "telescoped"): lambda w: funnel_by_variances([w[0], w[-1]]),
    ("funnel_factor", "one"): lambda w: 1,
    ("funnel_factor", "average-without-2"): lambda w: funnel_by_variances(w) / 2 ** (len(w) - 1),
    ("funnel_factor", "last-layer-missing"): lambda w: funnel_by_variances(w[:-1]),
    ("funnel_factor", "root"): lambda w: funnel_by_variances(w) ** 0.5,
}

RIGHT["product_variance"] = [
    lambda mw, vw, mx, vx: mw**2 * vx + mx**2 * vw + vw * vx,
    lambda mw, vw, mx, vx: (vw + mw**2) * (vx + mx**2) - (mw * mx) ** 2,
]
WRONG |= {
    ("product_variance", "means-forgotten"): lambda mw, vw, mx, vx: vw * vx,
    ("product_variance", "second-moment"): lambda mw, vw, mx, vx: (vw + mw**2) * (vx + mx**2),
    ("product_variance", "mean-not-squared"): lambda mw, vw, mx, vx: mw * vx + mx * vw + vw * vx,
    ("product_variance", "one-term"): lambda mw, vw, mx, vx: vw * (vx + mx**2),
    ("product_variance", "other-term"): lambda mw, vw, mx, vx: vx * (vw + mw**2),
    ("product_variance", "product-missing"): lambda mw, vw, mx, vx: mw**2 * vx + mx**2 * vw,
}


def backward(h, w, b, grad, *, slope=None, turn=True, weights=1.0, bias=1.0):
    z = h @ w + b
    delta = grad * (1 / np.cosh(z) ** 2 if slope is None else slope(z))
    return (
        np.einsum("sj,ij->si" if turn else "sj,ji->si", delta, w),
        np.einsum("si,sj->ij", h, delta) * weights,
        np.ones(len(h)) @ delta * bias,
    )


def backward_by_loop(h, w, b, grad):
    delta = grad * (1 - np.tanh(h @ w + b) ** 2)
    grad_w = np.zeros(w.shape)
    for sample, error in zip(h, delta, strict=True):
        grad_w += np.outer(sample, error)
    return [delta @ w.T, grad_w, delta.sum(0)]


RIGHT["layer_backward"] = [backward, backward_by_loop]
WRONG |= {
    ("layer_backward", "slope-forgotten"): lambda h, w, b, g: backward(
        h, w, b, g, slope=lambda z: 1
    ),
    ("layer_backward", "slope-of-h"): lambda h, w, b, g: backward(
        h, w, b, g, slope=lambda z: np.cosh(np.tanh(z)) ** -2
    ),
    ("layer_backward", "slope-not-squared"): lambda h, w, b, g: backward(
        h, w, b, g, slope=lambda z: 1 - np.tanh(z)
    ),
    ("layer_backward", "not-transposed"): lambda h, w, b, g: backward(h, w, b, g, turn=False),
    ("layer_backward", "bias-averaged"): lambda h, w, b, g: backward(h, w, b, g, bias=1 / len(h)),
    ("layer_backward", "weights-averaged"): lambda h, w, b, g: backward(
        h, w, b, g, weights=1 / len(h)
    ),
}


def glorot_by_testing(draw):
    testing.assert_variance(draw((300, 100), 0), 2 / 400)


def glorot_by_hand(draw):
    w = draw((50, 150), np.random.default_rng(3))
    error = np.std(w**2) / math.sqrt(w.size)
    assert abs(np.mean(w**2) - 0.01) < 6 * error


def glorot_normal_only(draw):
    w = draw((300, 100), 0)
    glorot_by_testing(draw)
    assert stats.kstest(w.ravel() / w.std(), "norm").pvalue > 1e-4


def glorot_at_least(draw):
    assert draw((300, 100), 0).std() > 0.9 * math.sqrt(2 / 400)


def glorot_square(draw):
    testing.assert_variance(draw((200, 200), 0), 1 / 200)


def glorot_fan_out_allowed(draw):
    variance = draw((300, 100), 0).var()
    assert 0.8 * 2 / 400 < variance < 1.2 / 100


def glorot_two_sigma(draw):
    testing.assert_variance(draw((300, 100), 0), 2 / 400)
    w = draw((30, 10), 0)
    assert abs(np.mean(w**2) * 20 - 1) < 1.4 * math.sqrt(2 / w.size)


def glorot_is_the_bug(draw):
    testing.assert_variance(draw((300, 100), 0), (2 / 400) ** 2)


def mean_is_zero(draw):
    testing.assert_mean(draw((300, 100), 0), 0)


RIGHT["test_glorot"] = [glorot_by_testing, glorot_by_hand]
WRONG |= {
    ("test_glorot", "uniform-refused"): glorot_normal_only,
    ("test_glorot", "one-sided"): glorot_at_least,
    ("test_glorot", "square-only"): glorot_square,
    ("test_glorot", "transposed"): glorot_fan_out_allowed,
    ("test_glorot", "false-alarm"): glorot_two_sigma,
    ("test_glorot", "upside-down"): glorot_is_the_bug,
    ("test_glorot", "passes-everything"): mean_is_zero,
    ("test_glorot", "fails-everything"): never,
}


# --- chapter 3 --------------------------------------------------------------------------------

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
]
WRONG |= {
    ("typical_signal", "mean"): lambda n, depth: 1,
    ("typical_signal", "variance"): lambda n, depth: math.exp(-5 * depth / n),
    ("typical_signal", "one-layer"): lambda n, depth: 1 - 2.5 / n,
    ("typical_signal", "halved"): lambda n, depth: 2.0**-depth,
    ("typical_signal", "sign"): lambda n, depth: math.exp(2.5 * depth / n),
    ("typical_signal", "inverted"): lambda n, depth: math.exp(-2.5 * n / depth),
    ("typical_signal", "logarithm"): lambda n, depth: -2.5 * depth / n,
}

RIGHT["dead_share"] = [
    lambda h: np.mean(~h.any(axis=0)),
    lambda h: sum(not np.any(unit) for unit in h.T) / h.shape[1],
]
WRONG |= {
    ("dead_share", "sparsity"): lambda h: 1 - np.count_nonzero(h) / h.size,
    ("dead_share", "samples"): lambda h: np.mean(~h.any(axis=1)),
    ("dead_share", "any"): lambda h: np.mean(~h.all(axis=0)),
    ("dead_share", "count"): lambda h: np.sum(~h.any(axis=0)),
    ("dead_share", "alive"): lambda h: np.mean(h.any(axis=0)),
    ("dead_share", "mean-zero"): lambda h: np.mean(h.mean(axis=0) == 0),
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


def reset_weights_only(reset):
    parameters = wrong_start()
    reset(parameters, 0)
    testing.assert_variance(parameters["hidden.weight"], 2 / 300)
    testing.assert_variance(parameters["out.weight"], 2 / 200)


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
    ("test_reset", "second-layer"): reset_first_only,
    ("test_reset", "biases"): reset_weights_only,
    ("test_reset", "fan-out"): reset_square,
    ("test_reset", "passes-everything"): reset_keeps_shapes,
    ("test_reset", "upside-down"): reset_changes_nothing,
    ("test_reset", "false-alarm"): reset_tight,
    ("test_reset", "fails-everything"): never,
}


# --- chapter 4 --------------------------------------------------------------------------------

RIGHT["lecun_limit"] = [lambda n: math.sqrt(3 / n), lambda n: np.sqrt(3) * n**-0.5]
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


RIGHT["normalize"] = [normalize, normalize_by_scikit_learn]
WRONG |= {
    ("normalize", "test-statistics"): lambda a, b: normalize(a, b, own=True),
    ("normalize", "pooled-statistics"): lambda a, b: normalize(a, b, by=np.vstack([a, b])),
    ("normalize", "one-for-all"): lambda a, b: normalize(a, b, axis=None),
    ("normalize", "per-sample"): lambda a, b: normalize(a, b, axis=1, own=True),
    ("normalize", "not-centered"): lambda a, b: normalize(a, b, center=False),
    ("normalize", "not-scaled"): lambda a, b: normalize(a, b, power=0),
    ("normalize", "variance"): lambda a, b: normalize(a, b, power=2),
    ("normalize", "constant-column"): lambda a, b: normalize(a, b, guard=False),
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


RIGHT["selu_map"] = [selu_by_integration, selu_by_draws]
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
        testing.assert_variance(embed(vocabulary, 20, 0), 1)


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


def embedding_mean(embed):
    testing.assert_mean(embed(300, 20, 0), 0)


def embedding_is_the_bug(embed):
    testing.assert_variance(embed(1000, 20, 0), 1 / 1000)


def embedding_tight(embed):
    assert abs(np.mean(embed(1000, 20, 0) ** 2) - 1) < 0.01


RIGHT["test_embedding"] = [embedding_by_testing, embedding_by_mean_square]
WRONG |= {
    ("test_embedding", "per-dimension"): embedding_lengths,
    ("test_embedding", "zeros"): embedding_no_smaller_when_larger,
    ("test_embedding", "constant-scale"): embedding_same_for_all_sizes,
    ("test_embedding", "uniform-refused"): embedding_normal_only,
    ("test_embedding", "passes-everything"): embedding_mean,
    ("test_embedding", "upside-down"): embedding_is_the_bug,
    ("test_embedding", "false-alarm"): embedding_tight,
    ("test_embedding", "fails-everything"): never,
}


# --- chapter 5 --------------------------------------------------------------------------------

RIGHT["linear_default"] = [
    {"scale": 1 / 3, "mode": "fan_in", "distribution": "uniform"},
    {"distribution": "uniform", "mode": "fan_in", "scale": 0.3333},
]
WRONG |= {
    ("linear_default", name): {"scale": scale, "mode": mode, "distribution": distribution}
    for name, scale, mode, distribution in [
        ("limit-as-std", 1, "fan_in", "uniform"),
        ("slope-as-scale", math.sqrt(5), "fan_in", "uniform"),
        ("he", 2.0, "fan_in", "uniform"),
        ("limit", 1 / math.sqrt(3), "fan_in", "uniform"),
        ("inverted", 3, "fan_in", "uniform"),
        ("normal", 1 / 3, "fan_in", "normal"),
        ("fan", 1 / 3, "fan_out", "uniform"),
    ]
}

RIGHT["truncated_variance"] = [
    lambda c: stats.truncnorm(-c, c).var(),
    lambda c: 1 - 2 * c * stats.norm.pdf(c) / (2 * stats.norm.cdf(c) - 1),
]
WRONG |= {
    ("truncated_variance", "not-normalized"): lambda c: integrate.quad(
        lambda t: t**2 * stats.norm.pdf(t), -c, c
    )[0],
    ("truncated_variance", "clipped"): lambda c: integrate.quad(
        lambda t: min(t**2, c**2) * stats.norm.pdf(t), -30, 30, limit=200, points=[-c, c]
    )[0],
    ("truncated_variance", "one-tail"): lambda c: 1 - 2 * c * stats.norm.pdf(c) / stats.norm.cdf(c),
    ("truncated_variance", "standard-deviation"): lambda c: stats.truncnorm(-c, c).std(),
    ("truncated_variance", "always-two"): lambda c: 0.7737413,
    ("truncated_variance", "unchanged"): lambda c: 1.0,
}


def fans_by_counting(shape, groups, transposed):
    field = int(np.prod(shape[:-2]))
    inputs, outputs = (shape[-1], shape[-2]) if transposed else (shape[-2], shape[-1])
    return field * inputs, field * outputs // groups


def fans_by_package(shape, groups, transposed):
    fan_in, fan_out = ic.fans(shape)
    return [fan_out, fan_in] if transposed else [fan_in, fan_out / groups]


RIGHT["conv_fans"] = [fans_by_counting, fans_by_package]
WRONG |= {
    ("conv_fans", "groups-ignored"): lambda shape, g, t: fans_by_counting(shape, 1, t),
    ("conv_fans", "groups-twice"): lambda shape, g, t: np.array(
        [fans_by_counting(shape, g, t)[0] / g, fans_by_counting(shape, g, t)[1]]
    ).tolist(),
    ("conv_fans", "field-ignored"): lambda shape, g, t: fans_by_counting(shape[-2:], g, t),
    ("conv_fans", "transposed-ignored"): lambda shape, g, t: fans_by_counting(shape, g, False),
    ("conv_fans", "swapped"): lambda shape, g, t: fans_by_counting(shape, g, t)[::-1],
    ("conv_fans", "side"): lambda shape, g, t: fans_by_counting((shape[0], *shape[-2:]), g, t),
}


def scaling(shape, scale, mode, distribution, rng, *, fault=""):
    fan_in, fan_out = shape[-2], shape[-1]
    if fault != "field":
        fan_in, fan_out = fan_in * math.prod(shape[:-2]), fan_out * math.prod(shape[:-2])
    average = fan_in + fan_out if fault == "sum" else (fan_in + fan_out) / 2
    n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": average}[mode]
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
    ("my_variance_scaling", "untruncated"): with_fault("untruncated"),
    ("my_variance_scaling", "sum"): with_fault("sum"),
    ("my_variance_scaling", "fan-in-only"): with_fault("fan_in"),
    ("my_variance_scaling", "field-ignored"): with_fault("field"),
    ("my_variance_scaling", "global-random"): with_other_generator(),
    ("my_variance_scaling", "ignores-rng"): with_other_generator(0),
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


RIGHT["test_truncation"] = [truncation_by_extremes, truncation_by_variance]
WRONG |= {
    ("test_truncation", "unit-std"): truncation_unit,
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


def packed_whole(pack):
    assert abs(np.mean(pack(100, 0) ** 2) * 100 - 1) < 0.1


def packed_as_one(pack):
    testing.assert_variance(pack(100, 0), 2 / 400)


def packed_tight(pack):
    for part in np.split(pack(64, 0), 3, axis=1):
        assert abs(np.mean(part**2) * 64 - 1) < 0.02


def packed_shape(pack):
    assert pack(10, 0).shape == (10, 30)


RIGHT["test_packed"] = [packed_by_parts, packed_by_columns]
WRONG |= {
    ("test_packed", "first-only"): packed_first,
    ("test_packed", "average-only"): packed_whole,
    ("test_packed", "upside-down"): packed_as_one,
    ("test_packed", "false-alarm"): packed_tight,
    ("test_packed", "passes-everything"): packed_shape,
    ("test_packed", "fails-everything"): never,
}


# --- wrong in a way of their own: refused with where, not why ---------------------------------


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


OTHER = {  # (exercise, part of what is said): answer
    ("linear_default", "still missing"): {
        "scale": None,
        "mode": "fan_in",
        "distribution": "uniform",
    },
    ("linear_default", "not take these"): {"scale": 1, "mode": "fan", "distribution": "uniform"},
    ("linear_default", "not that of"): {"scale": 0.7, "mode": "fan_in", "distribution": "uniform"},
    ("conv_fans", "For shape"): lambda shape, groups, transposed: (7.0, 11.0),
    ("my_variance_scaling", "fan_in and a normal"): scaled_where(1.7),
    ("my_variance_scaling", "for fan_out is"): scaled_where(1.7, mode="fan_out"),
    ("my_variance_scaling", "kernel of four"): scaled_where(1.7, mode="fan_in", window=True),
    ("my_variance_scaling", "uniform distribution"): scaled_where(1.7, kind="uniform"),
    ("my_variance_scaling", "within their limit"): with_one_far_draw,
    ("my_variance_scaling", "a truncated normal"): scaled_where(0.5, kind="truncated_normal"),
    ("normalize", "training set"): lambda train, test: (train * 3, test * 3),
    ("selu_map", "Two numbers"): lambda mean, variance: (mean, variance, 0.0),
    ("merge_twins", "same function"): lambda w_in, w_out: (2 * w_in, w_out),
    ("layer_backward", "is not right for"): lambda h, w, b, grad: (grad @ w.T, 3 * w, b),
}
