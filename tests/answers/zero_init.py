"""Answers to the exercises of the chapter zero_init."""

import math

import numpy as np
from scipy import special

import initcourse as ic
from initcourse.exercises import zero_init
from tests.answers._common import never

RIGHT = {}
WRONG = {}
OTHER = {}
SUBTLE = {}
DIAGNOSES = {}


RIGHT["units_left"] = [2, np.float32(2)]
WRONG |= {
    ("units_left", "one"): 1,
    ("units_left", "some"): 15.0,
    ("units_left", "all"): 16,
}
SUBTLE |= {
    ("units_left", "three"): 3,
    ("units_left", "between one and two"): 1.4,
}
OTHER |= {
    ("units_left", "from 1 to 16"): 0,
    ("units_left", "A number is wanted as a guess"): "two",
}


def loss_sample_by_sample(bias, frequencies):
    chances = special.softmax(bias)
    return sum(p * -math.log(q) for p, q in zip(frequencies, chances, strict=True))


RIGHT["first_loss"] = [
    lambda bias, p: np.log(np.exp(bias).sum()) - p @ bias,
    loss_sample_by_sample,
    lambda bias, p: special.logsumexp(bias - p @ bias),
]
WRONG |= {
    ("first_loss", "bias-ignored"): lambda bias, p: np.log(len(p)),
    ("first_loss", "entropy"): lambda bias, p: special.entr(p).sum(),
    ("first_loss", "even"): lambda bias, p: special.logsumexp(bias) - bias.mean(),
    ("first_loss", "excess"): lambda bias, p: special.rel_entr(p, special.softmax(bias)).sum(),
    ("first_loss", "sign"): lambda bias, p: p @ special.log_softmax(bias),
    ("first_loss", "base-2"): lambda bias, p: -p @ np.log2(special.softmax(bias)),
    ("first_loss", "averaged-inside"): lambda bias, p: -np.log(p @ special.softmax(bias)),
    ("first_loss", "summed"): lambda bias, p: -special.log_softmax(bias).sum(),
}
SUBTLE |= {
    ("first_loss", "of the most frequent class"): (
        lambda bias, p: -special.log_softmax(bias)[np.argmax(p)]
    ),
    ("first_loss", "both the other way round"): (
        lambda bias, p: -special.softmax(bias) @ np.log(p)
    ),
    ("first_loss", "without the largest logit"): lambda bias, p: bias.max() - p @ bias,
}
OTHER |= {
    ("first_loss", "For [0, 0, 0], [0.2, 0.3, 0.5] it returns 0, and"): lambda bias, p: bias.sum(),
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
    lambda n, std, floor: np.floor(np.log(floor) / np.log(n * std**2)) + 1,
]
WRONG |= {
    ("layers_until", "amplitude"): amplitude_by_loop,
    ("layers_until", "std-not-squared"): lambda n, s, f: layers_by_loop(n, math.sqrt(s), f),
    ("layers_until", "width-forgotten"): lambda n, s, f: layers_by_loop(1, s, f),
    ("layers_until", "one-short"): lambda n, s, f: layers_by_loop(n, s, f) - 1,
    ("layers_until", "tie"): lambda n, s, f: math.ceil(math.log(f, n * s**2)),
}


def layers_until_the_floor(width, std, floor):
    layers, signal = 0, 1.0
    while signal > floor:
        signal *= width * std * std
        layers += 1
    return layers


SUBTLE |= {
    ("layers_until", "stops at the floor"): layers_until_the_floor,
    ("layers_until", "one too many"): lambda n, s, f: layers_by_loop(n, s, f) + 1,
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


def merge_by(key):
    """Merge units that a key of their incoming weights takes for equal."""

    def merge(w_in, w_out):
        groups = {}
        for unit, column in enumerate(w_in.T):
            groups.setdefault(key(column), []).append(unit)
        units = groups.values()
        rows = np.array([w_out[members].sum(axis=0) for members in units])
        return w_in[:, [members[0] for members in units]], rows

    return merge


def merge_but_where(width):
    """Merge the echoes, but leave them in layers of that many units."""
    return lambda w_in, w_out: (
        (w_in.copy(), w_out.copy()) if w_in.shape[1] == width else merge_by_unique(w_in, w_out)
    )


def merge_but_four_inputs(w_in, w_out):
    return (w_in.copy(), w_out.copy()) if len(w_in) == 4 else merge_by_unique(w_in, w_out)


def merge_neighbors(w_in, w_out):
    while (w_in[:, 1:] == w_in[:, :-1]).all(axis=0).any():
        unit = int((w_in[:, 1:] == w_in[:, :-1]).all(axis=0).argmax())
        w_out = np.vstack([w_out[:unit], w_out[[unit, unit + 1]].sum(axis=0), w_out[unit + 2 :]])
        w_in = np.delete(w_in, unit, axis=1)
    return w_in, w_out


RIGHT["merge_twins"] = [merge_by_unique, merge_by_dictionary, merge_by(tuple)]
SUBTLE |= {
    ("merge_twins", "first weight"): merge_by(lambda column: column[0]),
    ("merge_twins", "last weight"): merge_by(lambda column: column[-1]),
    ("merge_twins", "sum of the weights"): merge_by(lambda column: column.sum()),
    ("merge_twins", "the same weights in another order"): merge_by(lambda c: tuple(sorted(c))),
    ("merge_twins", "all but the first cases"): merge_but_four_inputs,
    ("merge_twins", "rounded weights"): merge_by(lambda column: tuple(column.round())),
    ("merge_twins", "sizes of the weights"): merge_by(lambda column: tuple(np.abs(column))),
    ("merge_twins", "all but the last case"): merge_but_where(6),
    ("merge_twins", "neighbors only"): merge_neighbors,
}
WRONG |= {
    ("merge_twins", "dropped"): lambda a, b: merge_by_unique(a, b, lambda twins: twins[0]),
    ("merge_twins", "averaged"): lambda a, b: merge_by_unique(a, b, lambda t: t.mean(axis=0)),
    ("merge_twins", "incoming-summed"): merge_incoming,
    ("merge_twins", "outgoing-merged"): merge_outgoing,
    ("merge_twins", "not-merged"): merge_equal_in_both,
    ("merge_twins", "unequal-merged"): merge_by(lambda column: column[0]),
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


def starts_told_apart(table):
    """Name the start of each network from its symptoms, by a rule for each."""

    def fault(of):
        if of["different units in h5"] == 1:
            return "all zeros" if of["mean square of h5"] == 0 else "one constant"
        if of["gradient of W5"] == 0:
            return "zero output layer"
        if of["first loss"] > 4:
            saturated = of["mean square of h5"] > 0.5
            return "too large" if saturated else "large output layer"
        return "too small" if of["mean square of h5"] < 1e-3 else "nothing"

    return {case: fault(symptoms) for case, symptoms in table.items()}


STARTS = {
    "A": "large output layer",
    "B": "too small",
    "C": "one constant",
    "D": "zero output layer",
    "E": "too large",
}
RIGHT["diagnose_starts"] = [STARTS, starts_told_apart(zero_init._starts(zero_init.SEED))]
DIAGNOSES["diagnose_starts"] = zero_init._starts, starts_told_apart
WRONG |= {
    ("diagnose_starts", "all zeros"): {**STARTS, "C": "all zeros"},
    ("diagnose_starts", "one constant"): {**STARTS, "D": "one constant"},
    ("diagnose_starts", "too small"): {**STARTS, "C": "too small"},
    ("diagnose_starts", "too large"): {**STARTS, "A": "too large"},
    ("diagnose_starts", "zero output layer"): {**STARTS, "B": "zero output layer"},
    ("diagnose_starts", "large output layer"): {**STARTS, "E": "large output layer"},
    ("diagnose_starts", "nothing"): {**STARTS, "B": "nothing"},
}
OTHER |= {
    ("diagnose_starts", "Case C: the faults are"): {**STARTS, "C": "constant"},
    ("diagnose_starts", "for each case is wanted"): {"A": "too large"},
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


def ends_differ_from_all(build):
    first_differs_from_all(build)
    last_differs_from_all(build)


def no_object_twice(build):
    layers = build(4, 8, 0)
    assert len({id(w) for w in layers}) == 4


def first_differs_from_all(build):
    first, *others = build(6, 8, 0)
    assert not any(np.array_equal(first, w) for w in others)


def last_differs_from_all(build):
    *others, last = build(6, 8, 0)
    assert not any(np.array_equal(last, w) for w in others)


def neighbors_differ(build):
    layers = build(4, 8, 0)
    for i in range(3):
        assert not np.array_equal(layers[i], layers[i + 1])


def shapes_only(build):
    assert [w.shape for w in build(4, 8, 0)] == [(8, 8)] * 4


def layers_are_equal(build):
    layers = build(3, 8, 0)
    assert all(np.array_equal(layers[0], w) for w in layers)


def means_are_close_to_zero(build):
    layers = build(5, 8, 0)
    assert not np.array_equal(layers[0], layers[-1])
    assert abs(layers[0].mean()) < 0.02


def means_are_zero(build):
    layers = build(5, 8, 0)
    assert not np.array_equal(layers[0], layers[-1])
    assert all(np.isclose(w.mean(), 0) for w in layers)


RIGHT["test_copied_layer"] = [pairs_differ, layers_are_uncorrelated]
WRONG |= {
    ("test_copied_layer", "identity"): no_object_twice,
    ("test_copied_layer", "last-pair"): first_differs_from_all,
    ("test_copied_layer", "first-pair"): last_differs_from_all,
    ("test_copied_layer", "middle-pair"): ends_differ_from_all,
    ("test_copied_layer", "far-apart"): neighbors_differ,
    ("test_copied_layer", "too-tight"): means_are_zero,
    ("test_copied_layer", "passes-everything"): shapes_only,
    ("test_copied_layer", "upside-down"): layers_are_equal,
    ("test_copied_layer", "fails-everything"): never,
    ("test_copied_layer", "false-alarm"): means_are_close_to_zero,
}


OTHER |= {
    ("merge_twins", "it keeps 5 of 5 units"): lambda w_in, w_out: (2 * w_in, w_out),
    ("merge_twins", "a row for each of the 6 inputs, and yours has shape (1, 5)"): (
        lambda w_in, w_out: (np.unique(w_in, axis=0), w_out)
    ),
    ("moving_parameters", "= (False, True) it returns W2, b1, b2, and"): (
        lambda w1, w2: moving_by_gradients(w1, w2) | {"b1"}
    ),
    ("test_copied_layer", "for layers, and this is of type Generator"): (
        lambda build: build(np.random.default_rng(0), 4, 8)
    ),
}
