"""The decoder: by hand, against finite differences, and against the numbers of its start."""

from __future__ import annotations

import copy
import json
import math
from functools import partial

import numpy as np
import pytest

import initcourse as ic
from initcourse import decoder, testing
from initcourse.decoder import PARTS, ROLES
from tools import decoder_training

V, T, D, H = 11, 6, 8, 2
TOKENS = np.random.default_rng(0).integers(V, size=(3, T + 1))


def small(**form):
    return decoder.draw(V, T, D, 2, std=0.4, rng=1, **form)


def by_loops(net, sequence, heads, power=0.5):
    """Compute the logits of one sequence, position by position and head by head."""

    def norm(x):
        return (x - x.mean()) / x.std()

    d = net["tokens"].shape[1]
    size = d // heads
    stream = [net["tokens"][k] + net["positions"][i] for i, k in enumerate(sequence)]
    for block in net["blocks"]:
        q, k, v = (
            [norm(h) @ block["qkv"][:, part * d : (part + 1) * d] for h in stream]
            for part in range(3)
        )
        added = []
        for i in range(len(stream)):
            mixed = np.zeros(d)
            for head in range(heads):
                own = slice(head * size, (head + 1) * size)
                powers = [math.exp(q[i][own] @ k[j][own] / size**power) for j in range(i + 1)]
                for j in range(i + 1):
                    mixed[own] += powers[j] / sum(powers) * v[j][own]
            added.append(mixed @ block["attention out"])
        stream = [h + a for h, a in zip(stream, added, strict=True)]
        for i, h in enumerate(stream):
            z = norm(h) @ block["up"]
            inner = math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)
            stream[i] = h + (z / 2 * (1 + np.tanh(inner))) @ block["down"]
    return np.array([norm(h) @ net["tokens"].T for h in stream])


@pytest.mark.parametrize(("heads", "power"), [(1, 0.5), (2, 0.5), (4, 1.0), (8, 0.0)])
def test_logits_and_loss_are_those_of_loops(heads, power):
    net = small()
    found = decoder.first_pass(net, TOKENS, heads, power=power)
    losses = []
    for sequence, output in zip(TOKENS, found.record.forward["output"], strict=True):
        logits = by_loops(net, sequence[:-1], heads, power)
        np.testing.assert_allclose(output, logits, rtol=1e-7, atol=1e-9)
        shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        losses += [-math.log(shares[i, sequence[i + 1]]) for i in range(T)]
    assert found.loss == pytest.approx(np.mean(losses))


def test_gradients_agree_with_finite_differences():
    net = small()
    found = decoder.first_pass(net, TOKENS, H)
    pairs = [(net[name], found.gradients[name]) for name in ("tokens", "positions")]
    for block, changes in zip(net["blocks"], found.gradients["blocks"], strict=True):
        pairs += [(block[role], changes[role]) for role in ROLES]
    rng = np.random.default_rng(2)
    for parameter, gradient in pairs:
        assert parameter.shape == gradient.shape
        for _ in range(6):
            place = tuple(rng.integers(parameter.shape))
            before = parameter[place]
            ends = []
            for step in (1e-5, -1e-5):
                parameter[place] = before + step
                ends.append(decoder.first_pass(net, TOKENS, H).loss)
            parameter[place] = before
            slope = (ends[0] - ends[1]) / 2e-5
            assert slope == pytest.approx(gradient[place], rel=1e-5, abs=1e-8)


def test_no_position_sees_what_comes_later():
    net, changed = small(), TOKENS.copy()
    changed[:, 4] = (changed[:, 4] + 1) % V
    one, two = (
        decoder.first_pass(net, tokens, H).record.forward["output"] for tokens in (TOKENS, changed)
    )
    assert (one[:, :4] == two[:, :4]).all()
    assert (one[:, 4:] != two[:, 4:]).any(axis=2).all()


def test_every_signal_is_in_the_record():
    record = decoder.first_pass(small(), TOKENS, H).record
    names = ["stream 0"]
    for number in (1, 2):
        names += [f"{kind} {number}" for kind in ("logits", "attention", "mlp", "stream")]
    assert [*record.forward] == [*names, "output"]
    assert set(record.backward) == set(record.forward)
    f = record.forward
    np.testing.assert_allclose(f["stream 1"], f["stream 0"] + f["attention 1"] + f["mlp 1"])


@pytest.mark.parametrize("residual", [True, False])
@pytest.mark.parametrize("embedding", [None, 1.0])
def test_weights_have_the_deviations_of_their_roles(residual, embedding):
    net = decoder.draw(300, 200, 64, 3, std=0.05, residual=residual, embedding=embedding, rng=0)
    first = 0.05 if embedding is None else embedding
    testing.assert_variance(net["tokens"], first**2)
    testing.assert_variance(net["positions"], first**2)
    assert len(net["blocks"]) == 3
    for block in net["blocks"]:
        for role in ROLES:
            out = residual and role in ("attention out", "down")
            testing.assert_variance(block[role], 0.05**2 / (6 if out else 1))


def first_numbers(residual, rng, blocks=4, width=96, context=32):
    std = 0.02 * math.sqrt(768 / width)
    net = decoder.draw(400, context, width, blocks, std=std, residual=residual, rng=rng)
    tokens = np.array([rng.permutation(400)[: context + 1] for _ in range(4)])
    found = decoder.first_pass(net, tokens, 4)
    f = found.record.forward
    logits = f["logits 1"][:, :, ~np.eye(context, dtype=bool)]
    rows = f[f"stream {blocks}"]
    rows = rows / np.linalg.norm(rows, axis=2, keepdims=True)
    cosines = (rows @ rows.swapaxes(1, 2))[:, ~np.eye(context, dtype=bool)]
    numbers = range(1, blocks + 1)
    return [
        found.loss,
        np.mean(logits**2),
        *(ic.second_moment(f[f"attention {number}"]) for number in numbers),
        *(ic.second_moment(f[f"mlp {number}"]) for number in numbers),
        *(ic.second_moment(f[f"stream {number}"]) for number in (0, *numbers)),
        cosines.mean(),
    ]


@pytest.mark.parametrize("residual", [True, False])
def test_what_is_predicted_is_measured_sublayer_by_sublayer(residual):
    rng = np.random.default_rng(3)
    drawn = np.array([first_numbers(residual, rng) for _ in range(24)])
    std = 0.02 * math.sqrt(768 / 96)
    told = decoder.predict(32, 96, 4, std=std, residual=residual)
    loss = decoder.first_loss(96, std, 400)
    testing.assert_mean(
        drawn,
        [
            loss,
            told.logit_std**2,
            *told.attention,
            *told.mlp,
            *told.stream,
            told.correlation[-1],
        ],
        axis=0,
    )
    assert told.entropy == pytest.approx(math.log(32) - told.logit_std**2 / 2)


def test_numbers_of_gpt_2():
    small_one, xl = decoder.predict(64, 768, 12), decoder.predict(64, 1600, 48, residual=False)
    assert small_one.logit_std == pytest.approx(0.3072)
    assert small_one.mlp == pytest.approx([0.005452] * 12, rel=1e-3)
    assert xl.mlp[0] == pytest.approx(0.6489, rel=1e-3)
    assert decoder.predict(10, 8, 1, embedding=1.0).stream[0] == 2


def first_gradients(residual, rng, blocks=3, width=192, context=16, sequences=2):
    std = 0.02 * math.sqrt(768 / width)
    net = decoder.draw(300, context, width, blocks, std=std, residual=residual, rng=rng)
    tokens = np.array([rng.permutation(300)[: context + 1] for _ in range(sequences)])
    found = decoder.first_pass(net, tokens, 4)
    back, of = found.record.backward, found.gradients
    lookup = np.zeros_like(of["tokens"])
    np.add.at(lookup, tokens[:, :-1], back["stream 0"])
    return np.hstack(
        [
            [ic.second_moment(back[f"stream {number}"]) for number in range(blocks + 1)],
            *([ic.second_moment(block[role]) for block in of["blocks"]] for role in ROLES),
            *(
                [ic.second_moment(np.split(block["qkv"], 3, axis=1)[k]) for block in of["blocks"]]
                for k in range(3)
            ),
            [ic.second_moment(part) for part in (of["positions"], lookup, of["tokens"] - lookup)],
        ]
    )


@pytest.mark.parametrize("residual", [True, False])
def test_gradients_are_predicted_role_by_role(residual):
    rng = np.random.default_rng(6)
    drawn = np.array([first_gradients(residual, rng) for _ in range(20)])
    told = decoder.predict_gradients(300, 16, 192, 3, sequences=2, std=0.04, residual=residual)
    keys = ("stream", *ROLES, *PARTS, "positions", "lookup", "head")
    testing.assert_mean(drawn, np.hstack([told[key] for key in keys]), axis=0)


def test_gradients_of_one_position_follow_from_a_line_each():
    """Nothing is averaged: attention hands on its value, queries and keys get nothing."""
    d, std, v = 60, 0.05, 40
    s = d * std**2
    told = decoder.predict_gradients(v, 1, d, 1, std=std, residual=False)
    stream = decoder.predict(1, d, 1, std=std, residual=False)
    between = stream.stream[0] + stream.attention[0]
    end = std**2 / stream.stream[1] * (1 + (math.exp(s) - 2) / v)
    slope = ic.gaussian_mean(lambda z: decoder._gelu_slope(z) ** 2, math.sqrt(s))
    assert told["stream"][1] == pytest.approx(end)
    assert told["down"][0] == pytest.approx(
        ic.gaussian_mean(lambda z: decoder._gelu(z) ** 2, math.sqrt(s)) * end
    )
    assert told["up"][0] == pytest.approx(s * slope * end)
    middle = end * (1 + 4 * s * s * slope / between)
    assert told["attention out"][0] == pytest.approx(s * middle)
    assert told["qkv"][0] == pytest.approx(s * middle / 3)
    first = middle * (1 + s * s / stream.stream[0])
    assert told["stream"][0] == pytest.approx(first)
    assert told["positions"] == pytest.approx(first)
    assert told["lookup"] == pytest.approx(first / v)
    assert told["head"] == pytest.approx((1 + (math.exp(s) - 2) / v) / v)


def test_queries_keys_and_values_of_the_first_block_get_a_sum_over_positions():
    """Rows are independent there, so that each position counts by how many it sees."""
    d, std, t = 50, 0.1, 5
    s, seen = d * std**2, np.arange(1, t + 1)
    read, _, end = decoder._follow(t, 1, s, s, 2 * std**2)
    slope = ic.gaussian_mean(lambda z: decoder._gelu_slope(z) ** 2, math.sqrt(s))
    down = std**2 / t**2 / np.diag(end) * (1 + 4 * s * s * slope / np.diag(read[1]))
    apart = 1 - 1 / seen
    values = (1 + math.expm1(s**2) * apart) / seen
    looks = s**2 * (math.exp(s**2) * apart / seen + apart**3 / d)  # rows are alike by chance
    told = decoder.predict_gradients(10**9, t, d, 1, std=std, residual=False)
    for part, each in (("values", values), ("queries", looks), ("keys", looks)):
        assert told[part][0] == pytest.approx(s * np.sum(down * each))
    assert told["qkv"][0] == pytest.approx(s / 3 * np.sum(down * (values + 2 * looks)))


def test_the_slope_of_gelu():
    z = np.linspace(-4, 4, 81)
    slope = (decoder._gelu(z + 1e-6) - decoder._gelu(z - 1e-6)) / 2e-6
    np.testing.assert_allclose(decoder._gelu_slope(z), slope, atol=1e-8)


def test_the_mean_of_gelu_is_what_two_positions_share():
    """Rows that have nothing in common have a common part behind GELU, whose mean is not zero."""
    told = decoder.predict(2, 50, 1, std=0.2, residual=False, embedding=1e-6)
    z = np.random.default_rng(0).standard_normal(10**6) * math.sqrt(2.0)
    gelu = 0.5 * z * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)))
    attention = 2.0 * 2.0 * np.array([[1, 1 / 2], [1 / 2, 1 / 2]])  # s d σ_out², before focus
    focus = 4 * (math.exp(4) - 1) * 0.5 / 2
    common = attention[0, 1] / math.sqrt(attention[0, 0] * (attention[1, 1] + focus))
    assert told.attention[0] == pytest.approx((attention[0, 0] + attention[1, 1] + focus) / 2)
    assert told.mlp[0] == pytest.approx(4 * 50 * 0.04 * np.mean(gelu**2), rel=1e-2)
    assert common < told.correlation[1] < 1


@pytest.mark.parametrize("spread", [1e-4, 0.5, 2.0, 5.0, 27.7, 40.0])
@pytest.mark.parametrize("vocabulary", [1, 2, 60, 3000])
def test_first_loss_is_that_of_independent_logits(spread, vocabulary):
    rng = np.random.default_rng(4)
    draws = spread * rng.standard_normal((600, vocabulary))
    top = draws.max(axis=1)
    losses = np.log(np.exp(draws - top[:, None]).sum(axis=1)) + top
    testing.assert_mean(losses, decoder.first_loss(4, spread / 2, vocabulary))


def test_first_loss_at_its_two_ends():
    assert decoder.first_loss(768, 0.02, 50257) == pytest.approx(
        math.log(50257) + 768 * 0.02**2 / 2, abs=1e-4
    )
    assert decoder.first_loss(1, 100, 10) == pytest.approx(100 * 1.53875, rel=1e-2)


def test_the_sonnets():
    text, alphabet = decoder.load_sonnets()
    letters = "".join(alphabet[k] for k in text)
    assert len(alphabet) == len(set(letters)) == 61
    assert len(letters.split("\n\n")) == 154
    assert letters.endswith("Love's fire heats water, water cools not love.\n")


def test_training_is_adam():
    text = np.arange(40) % V
    net = small()
    same = copy.deepcopy(net)
    losses = decoder.train(net, text, H, learning_rate=0.01, steps=1, sequences=2, rng=5)
    places = np.random.default_rng(5).integers(len(text) - T, size=2)
    found = decoder.first_pass(same, np.array([text[at : at + T + 1] for at in places]), H)
    assert losses.tolist() == [found.loss]
    for role in ROLES:  # the first step of Adam has the size of the rate, against the gradient
        moved = net["blocks"][1][role] - same["blocks"][1][role]
        gradient = found.gradients["blocks"][1][role]
        np.testing.assert_allclose(moved, -0.01 * np.sign(gradient), atol=1e-4)
    long = decoder.train(small(), text, H, learning_rate=0.01, steps=80, rng=5)
    assert long[-5:].mean() < 0.4 < losses[0]


def test_the_record_is_what_its_script_measures():
    record = json.loads(decoder_training.RECORD.read_text("utf-8"))
    for name, residual in (("scaled", True), ("unscaled", False)):
        found = record[name]
        best = found["rates"][int(np.argmin(found["losses"]))]
        assert found["best"] == best
        assert best not in (found["rates"][0], found["rates"][-1])
        again = decoder_training.curve(residual, best, seed=3, steps=4)
        np.testing.assert_allclose(again, found["curves"][3][:4], atol=2e-5)


# --- what is refused --------------------------------------------------------------------------

NET = small()
TEXT = np.arange(40) % V


def refused():
    for name, rest in (
        ("vocabulary", partial(decoder.draw, context=4, width=4, blocks=1)),
        ("context", partial(decoder.draw, 4, width=4, blocks=1)),
        ("width", partial(decoder.draw, 4, 4, blocks=1)),
        ("blocks", partial(decoder.draw, 4, 4, 4)),
        ("context", partial(decoder.predict, width=4, blocks=1)),
        ("width", partial(decoder.predict, 4, blocks=1)),
        ("blocks", partial(decoder.predict, 4, 4)),
        ("width", partial(decoder.first_loss, std=1.0, vocabulary=4)),
        ("vocabulary", partial(decoder.predict_gradients, context=4, width=4, blocks=1)),
        ("context", partial(decoder.predict_gradients, 4, width=4, blocks=1)),
        ("width", partial(decoder.predict_gradients, 4, 4, blocks=1)),
        ("blocks", partial(decoder.predict_gradients, 4, 4, 4)),
        ("sequences", partial(decoder.predict_gradients, 4, 4, 4, 1)),
        ("vocabulary", partial(decoder.first_loss, 4, 1.0)),
    ):
        for value in (0, 2.5, None):
            yield partial(rest, **{name: value}), name, repr(value)
    for call in (partial(decoder.draw, 4, 4, 4, 1), partial(decoder.predict, 4, 4, 1)):
        for value in (0.0, -1.0, math.nan, "1"):
            yield partial(call, std=value), "std", repr(value)
            yield partial(call, embedding=value), "embedding", repr(value)
        yield partial(call, residual=1), "residual", "1"
    yield partial(decoder.predict_gradients, 4, 4, 4, 1, std=0.0), "std", "0.0"
    yield partial(decoder.predict_gradients, 4, 4, 4, 1, residual=1), "residual", "1"
    yield partial(decoder.draw, 4, 4, 4, 1, rng="x"), "rng", "x"
    for value in (0.0, math.inf, 60.0):
        yield partial(decoder.first_loss, 4, value, 4), "std", repr(value)
    for value in (None, [NET]):
        yield partial(decoder.first_pass, value, TOKENS, H), "net", repr(value)[:20]
        yield partial(decoder.train, value, TEXT, H, learning_rate=1, steps=1), "net", ""
    yield partial(decoder.first_pass, {"tokens": 1}, TOKENS, H), "net", "tokens"
    for value in (TOKENS.astype(float), TOKENS[0], "x"):
        yield partial(decoder.first_pass, NET, value, H), "tokens", ""
    yield partial(decoder.first_pass, NET, TOKENS + V, H), "tokens", "11"
    yield partial(decoder.first_pass, NET, TOKENS[:, :1], H), "tokens", "(3, 1)"
    yield partial(decoder.first_pass, NET, np.zeros((1, T + 2), int), H), "tokens", "(1, 8)"
    for value in (0, 3, 1.5):
        yield partial(decoder.first_pass, NET, TOKENS, value), "heads", repr(value)
    yield partial(decoder.first_pass, NET, TOKENS, H, power=math.nan), "power", "nan"
    train = partial(decoder.train, NET, TEXT, H, learning_rate=0.1, steps=1)
    yield partial(train, learning_rate=0), "learning_rate", "0"
    yield partial(train, steps=0), "steps", "0"
    yield partial(train, sequences=0), "sequences", "0"
    for value in (TEXT[:T], None, TOKENS):
        yield partial(decoder.train, NET, value, H, learning_rate=0.1, steps=1), "text", ""
