"""Answers to the exercises of the chapter transformers."""

import math
from fractions import Fraction

import numpy as np

from initcourse import testing
from initcourse.decoder import first_loss
from initcourse.exercises import transformers
from tests.answers._common import never

RIGHT = {}
WRONG = {}
OTHER = {}
SUBTLE = {}
DIAGNOSES = {}


RIGHT["embedding_share"] = [7, 8.5, Fraction(13, 2)]
WRONG |= {
    ("embedding_share", "nothing"): 1,
    ("embedding_share", "some"): 20,
    ("embedding_share", "half"): 50.0,
    ("embedding_share", "most"): 90,
}
SUBTLE |= {("embedding_share", "an eighth"): 12.5}
OTHER |= {
    ("embedding_share", "from 0 to 100"): 120,
    ("embedding_share", "did you mean 7?"): 0.07,
    ("embedding_share", "Decimals take a point"): (7, 2),
}

RIGHT["attention_std"] = [
    lambda s, d, h: math.sqrt(s / d),
    lambda s, d, h: np.sqrt(s) * d**-0.5,
]
WRONG |= {
    ("attention_std", "one-side"): lambda s, d, h: s * d**-0.5,
    ("attention_std", "head"): lambda s, d, h: (s / h) ** 0.5,
    ("attention_std", "spread-ignored"): lambda s, d, h: d**-0.5,
    ("attention_std", "width-ignored"): lambda s, d, h: 0.02 * s**0.5,
    ("attention_std", "variance"): lambda s, d, h: s / d,
    ("attention_std", "undivided"): lambda s, d, h: math.sqrt(s / (d * math.sqrt(h))),
    ("attention_std", "precedence"): lambda s, d, h: (s / d) ** 1 / 2,
    ("attention_std", "mean-square"): lambda s, d, h: math.sqrt(math.sqrt(s) / d),
    ("attention_std", "divided-by-width"): lambda s, d, h: math.sqrt(s * h**0.5 / d),
}
SUBTLE |= {
    ("attention_std", "heads in the product"): lambda s, d, h: math.sqrt(s / d) * (h / 64) ** 0.25,
    ("attention_std", "twice the width"): lambda s, d, h: math.sqrt(s / (2 * d)),
}


def level(s, v, beyond=lambda s, v: s * math.sqrt(2 * math.log(v))):
    return math.log(v) + s * s / 2 if s * s <= 2 * math.log(v) else beyond(s, v)


RIGHT["loss_at_start"] = [
    lambda d, a, v: level(a * math.sqrt(d), v),
    lambda d, a, v: (
        np.log(v) + d * a**2 / 2 if d * a**2 < 2 * np.log(v) else np.sqrt(2 * d * np.log(v)) * a
    ),
]
WRONG |= {
    ("loss_at_start", "no-border"): lambda d, a, v: math.log(v) + d * a * a / 2,
    ("loss_at_start", "line-everywhere"): lambda d, a, v: a * math.sqrt(2 * d * math.log(v)),
    ("loss_at_start", "guessing"): lambda d, a, v: np.log(v),
    ("loss_at_start", "log2"): lambda d, a, v: (
        math.log2(v) + d * a**2 / 2
        if d * a**2 <= 2 * math.log2(v)
        else a * math.sqrt(2 * d * math.log2(v))
    ),
    ("loss_at_start", "bits"): lambda d, a, v: level(a * math.sqrt(d), v) * math.log2(math.e),
    ("loss_at_start", "whole-variance"): lambda d, a, v: (
        level(a * math.sqrt(d), v) + (d * a * a / 2 if d * a * a <= 2 * math.log(v) else 0)
    ),
    ("loss_at_start", "width-ignored"): lambda d, a, v: level(a, v),
    ("loss_at_start", "spread-not-squared"): lambda d, a, v: (
        math.log(v) + a * math.sqrt(d) / 2
        if d * a * a <= 2 * math.log(v)
        else a * math.sqrt(2 * d * math.log(v))
    ),
    ("loss_at_start", "jump"): lambda d, a, v: level(
        a * math.sqrt(d), v, lambda s, v: s * math.sqrt(2 * math.log(v)) + math.log(v)
    ),
    ("loss_at_start", "early-border"): lambda d, a, v: (
        math.log(v) + d * a * a / 2
        if d * a * a < math.log(v)
        else a * math.sqrt(2 * d * math.log(v))
    ),
    ("loss_at_start", "late-border"): lambda d, a, v: (
        math.log(v) + d * a * a / 2
        if a * d**0.5 < math.log(v)
        else a * math.sqrt(2 * d * math.log(v))
    ),
    ("loss_at_start", "whole-variance-everywhere"): lambda d, a, v: math.log(v) + d * a * a,
    ("loss_at_start", "variance-for-spread"): lambda d, a, v: level(d * a * a, v),
    ("loss_at_start", "exact"): first_loss,
}


def border_at(where):
    def loss(d, a, v):
        s = a * math.sqrt(d)
        return math.log(v) + s**2 / 2 if s <= where(v) else s * math.sqrt(2 * math.log(v))

    return loss


SUBTLE |= {
    ("loss_at_start", f"border at {name}"): border_at(where)
    for name, where in {
        "4.65": lambda v: 4.65,
        "3.72": lambda v: 3.72,
        "2": lambda v: 2,
        "binary logarithm": lambda v: math.sqrt(2 * math.log2(v)),
        "three": lambda v: math.sqrt(3 * math.log(v)),
        "half of the logarithm": lambda v: math.log(v) / 2,
        "a power": lambda v: v**0.2,
        "half of the vocabulary": lambda v: math.sqrt(2 * math.log(v / 2)),
    }.items()
}
OTHER |= {
    ("loss_at_start", "near, and compared to one part in 100,000"): lambda d, a, v: round(
        level(a * math.sqrt(d), v), 2
    ),
}

LEFT = {2.0: 0.7737413035499232}


def left(cut):
    z = np.linspace(-cut, cut, 200001)
    p = np.exp(-(z**2) / 2)
    return np.trapezoid(z**2 * p) / np.trapezoid(p)


RIGHT["cut_bound"] = [
    lambda target, cut: cut * target / math.sqrt(left(cut)),
    lambda target, cut: cut * target * left(cut) ** -0.5,
]
WRONG |= {
    ("cut_bound", "relative"): lambda target, cut: cut,
    ("cut_bound", "uncorrected"): lambda target, cut: target * cut,
    ("cut_bound", "wrong-way"): lambda target, cut: cut * target * math.sqrt(left(cut)),
    ("cut_bound", "variance"): lambda target, cut: cut * target / left(cut),
    ("cut_bound", "always-two"): lambda target, cut: 2 * target / math.sqrt(LEFT[2.0]),
    ("cut_bound", "deviation"): lambda target, cut: target / math.sqrt(left(cut)),
    ("cut_bound", "left-by-two"): lambda target, cut: cut * target / math.sqrt(left(2)),
    ("cut_bound", "relative-corrected"): lambda target, cut: cut / math.sqrt(left(cut)),
}
SUBTLE |= {("cut_bound", "as for two"): lambda target, cut: cut * target / math.sqrt(LEFT[2.0])}


def by_ratio(width, blocks, reads, writes):
    rules = {name: transformers._rule(name, width, blocks) for name in transformers.WRITES}
    readers = {name: rules[name] for name in transformers.READS}
    return (
        min(readers, key=lambda name: abs(math.log(readers[name] / reads))),
        min(rules, key=lambda name: abs(math.log(rules[name] / writes))),
    )


def by_hand(width, blocks, reads, writes):
    def off(name, value, told):
        return max(value / told, told / value), name

    root = width**-0.5
    small, scaled = 0.4**0.5 * root, 0.02 / (2 * blocks) ** 0.5
    read = min(off("normal", reads, 0.02), off("small_init", reads, small))
    write = min(
        off("normal", writes, 0.02),
        off("small_init", writes, small),
        off("scaled_normal", writes, scaled),
        off("wang_init", writes, 2 * root / blocks),
    )
    return [read[1], write[1]]


def by_difference(width, blocks, reads, writes):
    rules = {name: transformers._rule(name, width, blocks) for name in transformers.WRITES}
    return (
        min(transformers.READS, key=lambda name: abs(rules[name] - reads)),
        min(rules, key=lambda name: abs(rules[name] - writes)),
    )


def of_two(width, blocks, reads, writes):
    first = by_ratio(width, blocks, reads, writes)[0]
    scaled, wang = 0.02 / math.sqrt(2 * blocks), 2 / blocks / math.sqrt(width)
    near = abs(math.log(scaled / writes)) < abs(math.log(wang / writes))
    return first, "scaled_normal" if near else "wang_init"


def counts_blocks(width, blocks, reads, writes):
    rules = {name: transformers._rule(name, width, blocks) for name in transformers.WRITES}
    rules["scaled_normal"] = 0.02 / math.sqrt(blocks)
    first = by_ratio(width, blocks, reads, writes)[0]
    return first, min(rules, key=lambda name: abs(math.log(rules[name] / writes)))


def without_small_init(width, blocks, reads, writes):
    rules = {name: transformers._rule(name, width, blocks) for name in transformers.WRITES}
    del rules["small_init"]
    first = by_ratio(width, blocks, reads, writes)[0]
    return first, min(rules, key=lambda name: abs(math.log(rules[name] / writes)))


def wang_with_a_root(width, blocks, reads, writes):
    rules = {name: transformers._rule(name, width, blocks) for name in transformers.WRITES}
    rules["wang_init"] = 2 / math.sqrt(width * blocks)
    first = by_ratio(width, blocks, reads, writes)[0]
    return first, min(rules, key=lambda name: abs(math.log(rules[name] / writes)))


def as_for_twelve(width, blocks, reads, writes):
    rules = {name: transformers._rule(name, width, blocks) for name in transformers.WRITES}
    rules["scaled_normal"] = 0.02 / math.sqrt(24)
    first = by_ratio(width, blocks, reads, writes)[0]
    return first, min(rules, key=lambda name: abs(math.log(rules[name] / writes)))


def four_for_both(width, blocks, reads, writes):
    return by_ratio(width, blocks, writes, reads)[1], by_ratio(width, blocks, reads, writes)[1]


def by_share(width, blocks, reads, writes):
    rules = {name: transformers._rule(name, width, blocks) for name in transformers.WRITES}
    first = by_ratio(width, blocks, reads, writes)[0]
    return first, min(rules, key=lambda name: abs(rules[name] / writes - 1))


def one_sided(width, blocks, reads, writes):
    rules = {name: transformers._rule(name, width, blocks) for name in transformers.WRITES}
    return (
        min(transformers.READS, key=lambda name: abs(reads / rules[name] - 1)),
        min(rules, key=lambda name: abs(writes / rules[name] - 1)),
    )


RIGHT["two_numbers"] = [by_ratio, by_hand, lambda *case: np.array(by_ratio(*case))]
WRONG |= {
    ("two_numbers", "paper"): lambda *case: ("small_init", "wang_init"),
    ("two_numbers", "defaults"): lambda *case: ("normal", "scaled_normal"),
    ("two_numbers", "exchanged"): lambda *case: by_ratio(*case)[::-1],
    ("two_numbers", "blocks"): counts_blocks,
    ("two_numbers", "unscaled-writes"): of_two,
    ("two_numbers", "difference"): by_difference,
    ("two_numbers", "one-sided"): one_sided,
    ("two_numbers", "writes-without-small-init"): without_small_init,
    ("two_numbers", "wang-root"): wang_with_a_root,
    ("two_numbers", "twelve"): as_for_twelve,
    ("two_numbers", "any-reads"): four_for_both,
}
SUBTLE |= {
    ("two_numbers", "always normal reads"): lambda *case: ("normal", by_ratio(*case)[1]),
    ("two_numbers", "closest as a share"): by_share,
    ("two_numbers", "always normal writes"): lambda *case: (by_ratio(*case)[0], "normal"),
}
OTHER |= {
    ("two_numbers", "Two names are wanted"): lambda *case: "normal",
    ("two_numbers", "the names are normal, small_init"): lambda *case: ("normal", "he"),
    ("two_numbers", "this is of type float"): lambda *case: (0.02, "normal"),
    ("two_numbers", "and that is not right"): lambda *case: ("normal", "normal"),
}


def decoders_told_apart(table):
    """Name the fault of each kind of decoder from what it shows."""

    def fault(of):
        if of["up matrices alike"] > 0.5:
            return "identical layers"
        if of["moved by the future"] > 0:
            return "layer norm over the wrong axis"
        if of["first loss"] > 10:
            return "embeddings from N(0, 1)"
        if of["attention logits"] < 0.2:
            return "logits of attention divided by d_h"
        return "no residual scaling" if of["stream at the end"] > 0.3 else "as it should be"

    return {case: fault(symptoms) for case, symptoms in table.items()}


DECODERS = {
    "A": "logits of attention divided by d_h",
    "B": "layer norm over the wrong axis",
    "C": "no residual scaling",
    "D": "identical layers",
    "E": "embeddings from N(0, 1)",
}
DIAGNOSES["diagnose_decoders"] = transformers._decoders, decoders_told_apart
RIGHT["diagnose_decoders"] = [
    DECODERS,
    decoders_told_apart(transformers._decoders(transformers.SEED)),
]
WRONG |= {
    ("diagnose_decoders", "as it should be"): {**DECODERS, "A": "as it should be"},
    ("diagnose_decoders", "no residual scaling"): {**DECODERS, "D": DECODERS["C"]},
    ("diagnose_decoders", "embeddings from N(0, 1)"): {**DECODERS, "C": DECODERS["E"]},
    ("diagnose_decoders", "logits of attention divided by d_h"): {**DECODERS, "B": DECODERS["A"]},
    ("diagnose_decoders", "layer norm over the wrong axis"): {**DECODERS, "E": DECODERS["B"]},
    ("diagnose_decoders", "identical layers"): {**DECODERS, "A": DECODERS["D"]},
}
OTHER |= {("diagnose_decoders", "this is of type list"): {**DECODERS, "B": []}}

OUT = ("attn.c_proj", "mlp.c_proj")
PARTS = ("attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj")


def stds(init_decoder, blocks, parts=PARTS, some=None, width=60):
    w = init_decoder(width, blocks, 1)
    for i in range(blocks) if some is None else some:
        for part in parts:
            variance = 0.02**2 / (2 * blocks if part in OUT else 1)
            testing.assert_variance(w[f"h.{i}.{part}.weight"], variance)
    return w


def differ(w, blocks, parts=PARTS):
    for part in parts:
        drawn = [w[f"h.{i}.{part}.weight"].ravel() for i in range(blocks)]
        for i in range(blocks):
            for j in range(i):
                assert abs(np.corrcoef(drawn[i], drawn[j])[0, 1]) < 0.5, part


def by_testing(init_decoder):
    for blocks in (3, 5):
        differ(stds(init_decoder, blocks), blocks)


def by_thresholds(init_decoder):
    for blocks in (2, 4):
        w = init_decoder(100, blocks, np.random.default_rng(2))
        for name, matrix in w.items():
            told = 0.02 / math.sqrt(2 * blocks) if "c_proj" in name else 0.02
            assert abs(matrix.std() / told - 1) < 0.04, name
            assert matrix.shape[0] in (100, 400)
        for part in PARTS:
            first, last = (w[f"h.{i}.{part}.weight"] for i in (0, blocks - 1))
            assert not np.array_equal(first, last)


def attention_half(init_decoder):
    differ(stds(init_decoder, 3, ("attn.c_attn", "attn.c_proj", "mlp.c_fc")), 3)


def mlp_half(init_decoder):
    differ(stds(init_decoder, 3, ("attn.c_attn", "mlp.c_proj", "mlp.c_fc")), 3)


def writers_only(init_decoder):
    differ(stds(init_decoder, 3, OUT), 3)


def small_writers(init_decoder):
    w = stds(init_decoder, 3, ("attn.c_attn", "mlp.c_fc"))
    for i in range(3):
        for part in OUT:
            assert np.std(w[f"h.{i}.{part}.weight"]) < 0.014
    differ(w, 3)


def halved_writers(init_decoder):
    w = stds(init_decoder, 3, ("attn.c_attn", "mlp.c_fc"))
    for i in range(3):
        for part in OUT:
            assert np.std(w[f"h.{i}.{part}.weight"]) < 0.009
    differ(w, 3)


def first_block(init_decoder):
    differ(stds(init_decoder, 3, some=[0]), 3)


def each_alone(init_decoder):
    for blocks in (3, 5):
        stds(init_decoder, blocks)


def ratios_only(init_decoder):
    for blocks in (3, 5):
        w = init_decoder(60, blocks, 1)
        differ(w, blocks)
        for i in range(blocks):
            size = {part: np.std(w[f"h.{i}.{part}.weight"]) for part in PARTS}
            for part in PARTS:
                told = math.sqrt(2 * blocks) if part in OUT else 1
                assert abs(size["attn.c_attn"] / size[part] / told - 1) < 0.05, part


def without_the_mlp(init_decoder):
    for blocks in (3, 5):
        differ(stds(init_decoder, blocks, ("attn.c_attn", *OUT)), blocks)


def without_attention(init_decoder):
    for blocks in (3, 5):
        differ(stds(init_decoder, blocks, ("mlp.c_fc", *OUT)), blocks)


def all_but_attention_differ(init_decoder):
    for blocks in (3, 5):
        differ(stds(init_decoder, blocks), blocks, ("mlp.c_fc", *OUT))


def one_role_differs(init_decoder):
    for blocks in (3, 5):
        w = stds(init_decoder, blocks)
        assert not np.array_equal(w["h.0.mlp.c_proj.weight"], w["h.1.mlp.c_proj.weight"])


def of_twelve(init_decoder):
    differ(stds(init_decoder, 12, width=30), 12)


def all_but(part):
    def test(init_decoder):
        for blocks in (3, 5):
            differ(stds(init_decoder, blocks), blocks, [each for each in PARTS if each != part])

    return test


def but_the_first(init_decoder):
    for blocks in (3, 5):
        differ(stds(init_decoder, blocks, some=range(1, blocks)), blocks)


def but_the_last(init_decoder):
    for blocks in (3, 5):
        differ(stds(init_decoder, blocks, some=range(blocks - 1)), blocks)


def shapes_only(init_decoder):
    w = init_decoder(10, 2, 1)
    assert w["h.1.attn.c_attn.weight"].shape == (10, 30)


def expects_the_bug(init_decoder):
    w = init_decoder(60, 3, 1)
    assert np.std(w["h.0.attn.c_proj.weight"]) > 0.015


def is_close(init_decoder):
    w = init_decoder(60, 3, 1)
    assert np.isclose(w["h.0.attn.c_proj.weight"].var(), 0.02**2 / 6, rtol=1e-6)
    differ(stds(init_decoder, 3), 3)


def tight(init_decoder):
    by_testing(init_decoder)
    w = init_decoder(60, 3, 1)
    assert abs(np.std(w["h.1.mlp.c_fc.weight"]) / 0.02 - 1) < 0.005


def by_a_list(init_decoder):
    by_thresholds(lambda width, blocks, rng: init_decoder(width, blocks, [3, 4]))


RIGHT["test_names"] = [by_testing, by_thresholds, by_a_list]
WRONG |= {
    ("test_names", "attention-only"): attention_half,
    ("test_names", "mlp-only"): mlp_half,
    ("test_names", "everything"): writers_only,
    ("test_names", "blocks"): small_writers,
    ("test_names", "square"): halved_writers,
    ("test_names", "first-block"): first_block,
    ("test_names", "all-larger"): ratios_only,
    ("test_names", "reads-larger"): without_the_mlp,
    ("test_names", "packed-larger"): without_attention,
    ("test_names", "copies"): each_alone,
    ("test_names", "copies-of-one"): one_role_differs,
    ("test_names", "packed-copies"): all_but_attention_differ,
    ("test_names", "first-call"): of_twelve,
    ("test_names", "attention-copies"): all_but("attn.c_proj"),
    ("test_names", "mlp-copies"): all_but("mlp.c_proj"),
    ("test_names", "not-first"): but_the_first,
    ("test_names", "not-last"): but_the_last,
    ("test_names", "passes-everything"): shapes_only,
    ("test_names", "upside-down"): expects_the_bug,
    ("test_names", "too-tight"): is_close,
    ("test_names", "false-alarm"): tight,
    ("test_names", "fails-everything"): never,
}
SUBTLE |= {("test_names", "without a look at what reads"): writers_only}
