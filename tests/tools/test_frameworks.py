"""The record of the frameworks, and that an altered record fails."""

import copy
import json
import pkgutil
from datetime import date, timedelta

import numpy as np
import pytest

import initcourse as ic
from tools import locks, toc
from tools.frameworks import libraries
from tools.frameworks.chosen import SIZES, cases, unlike_chosen
from tools.frameworks.compare import differences, seal, unlike_ours
from tools.frameworks.measure import expected, measure, spread
from tools.frameworks.subject import DENSE, KINDS, ORTHOGONAL, WISHES, Library, Subject

RECORD = json.loads((toc.ROOT / "book/reference/frameworks.json").read_text("utf-8"))
DISTRIBUTIONS = {"Flax": "flax", "JAX": "jax", "Keras": "keras", "PyTorch": "torch"}


def row(record, library, name, axes=None):
    """Return the only row of a library's newest version with a name (or its first line)."""
    version = record["versions"][DISTRIBUTIONS[library]]
    (found,) = (
        r
        for r in record["rows"]
        if (r["library"], r["version"], r["name"].split("\n")[0]) == (library, version, name)
        and axes in (None, len(r["shape"]))
    )
    return found


def altered(change, again=True):
    """Return a record with a change, and the seal that a forger would give it."""
    record = copy.deepcopy(RECORD)
    change(record)
    if again:
        record["seal"] = seal(record)
    return record


def changed(library, name, *path):
    """Return a change of one entry of a row: its last argument is made of the old value."""
    *keys, new = path

    def change(record):
        place = row(record, library, name)
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = new(place[keys[-1]])

    return change


def test_the_record_holds_against_itself():
    assert differences(RECORD, copy.deepcopy(RECORD)) == []


def test_every_framework_of_the_folder_is_recorded_in_its_locked_version():
    modules = {module.name for module in pkgutil.iter_modules(libraries.__path__)}
    assert modules | {"numpy", "older keras"} == RECORD["versions"].keys()
    assert modules == set(DISTRIBUTIONS.values())
    for pin in locks.pins(toc.ROOT / "requirements/frameworks.txt"):
        assert RECORD["versions"].get(pin.name, pin.version) == pin.version
    older = {pin.name: pin.version for pin in locks.pins(toc.ROOT / locks.LOCKS[-1].file)}
    assert RECORD["versions"]["older keras"] == older["keras"]


def test_every_row_says_its_version_its_day_and_its_invariants():
    for r in RECORD["rows"]:
        assert r["version"] in RECORD["versions"].values()
        assert date(2026, 1, 1) < date.fromisoformat(r["measured"]) <= date.today()
        matrix = "mean_square" in r and len(r["shape"]) > 1 and r["shape"][-1] > 1
        assert ("spread" in r["invariants"]) is matrix
        assert ("distinct" in r["invariants"]) is (r["part"] == "model")


def test_there_are_many_rows_and_no_two_alike():
    keys = [
        (r["library"], r["version"], r["part"], r["name"], tuple(r["shape"]))
        for r in RECORD["rows"]
    ]
    assert len(set(keys)) == len(keys) > 200


def test_every_library_with_layers_has_a_recipe_for_every_wish():
    for wish in WISHES:
        codes = RECORD["recipes"][wish]["code"]
        if wish == "He, truncated and corrected":  # what the others call he_normal
            assert codes.keys() == {"PyTorch"}
        else:
            without = set() if WISHES[wish].kind not in ("LSTM", "model") else {"JAX"}
            assert codes.keys() == DISTRIBUTIONS.keys() - without
        for library in codes:
            shape = tuple(row(RECORD, library, wish)["shape"])
            assert shape == KINDS[WISHES[wish].kind].shape


@pytest.mark.parametrize("axes", [2, 4])
@pytest.mark.parametrize("how", ["uniform", "normal"])
@pytest.mark.parametrize("who", ["glorot", "he", "lecun"])
def test_each_preset_is_its_namesake(who, how, axes):
    """Every preset, dense and convolution; PyTorch where its law is not another one."""
    keras = row(RECORD, "Keras", f"{who.capitalize()}{how.capitalize()}", axes)
    jax = row(RECORD, "JAX", f"{who}_{how}()", axes)
    found = [keras, jax]
    if how == "uniform":
        name = {
            "glorot": "xavier_uniform_",
            "he": 'kaiming_uniform_(nonlinearity="relu")',
            "lecun": 'kaiming_uniform_(nonlinearity="linear")',
        }[who]
        found.append(row(RECORD, "PyTorch", name, axes))
    fan = {"glorot": lambda r: (r["fan_in"] + r["fan_out"]) / 2}.get(who, lambda r: r["fan_in"])
    for r in found:
        expected_square = (2 if who == "he" else 1) / fan(r)
        assert abs(r["mean_square"] - expected_square) < 5 * r["standard_error"]
        assert r["distribution"] == ("uniform" if how == "uniform" else "truncated normal")
        assert r["ks_p"] > 1e-6


# --- what is altered is noticed -----------------------------------------------------------------


FORGET = "LSTM, bias"
RECURRENT = "LSTM, recurrent_kernel"
LINEAR = "Linear, weight"
COPIES = "TransformerEncoder(layer, 6)"
DEFAULT = "PyTorch's default"


def tomorrow(_):
    return (date.today() + timedelta(days=1)).isoformat()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (changed("Keras", RECURRENT, "version", lambda old: "3.0.0"), "recorded, but no longer"),
        (changed("Keras", RECURRENT, "measured", tomorrow), "no day up to today"),
        (changed("Keras", RECURRENT, "measured", lambda old: "yesterday"), "no day up to today"),
        (changed("Keras", RECURRENT, "fan_in", lambda old: old + 1), "fan_in"),
        (changed("Keras", RECURRENT, "fan_out", lambda old: old + 1), "fan_out"),
        (changed("Keras", RECURRENT, "draws", lambda old: old + 1), "draws"),
        (changed("Keras", RECURRENT, "ours", lambda old: "ic.zeros(shape)"), "ours"),
        (changed("PyTorch", LINEAR, "distribution", lambda old: "normal"), "distribution"),
        (changed("PyTorch", LINEAR, "largest", lambda old: 1.1 * old), "largest"),
        (changed("PyTorch", LINEAR, "mean_square", lambda old: 1.1 * old), "mean square"),
        (changed("PyTorch", LINEAR, "mean_square", lambda old: 0.9 * old), "mean square"),
        (changed("Keras", FORGET, "values", lambda old: [2.0]), "values"),
        (
            changed("Keras", RECURRENT, "invariants", "spread", lambda old: 0.5),
            "scatter of the singular values: recorded 0.5",
        ),
        (
            changed("PyTorch", LINEAR, "invariants", "spread", lambda old: 0.0),
            "scatter of the singular values: recorded 0",
        ),
        (
            changed("Keras", FORGET, "invariants", "blocks", "forget", "values", lambda old: [0]),
            "forget: values",
        ),
        (
            changed("Keras", RECURRENT, "invariants", "blocks", "cell", "mean_square",
                    lambda old: 2 * old),
            "cell: mean square",
        ),
        (
            changed("Keras", RECURRENT, "invariants", "blocks", "cell", "spread",
                    lambda old: 0.0),
            "cell: scatter",
        ),
        (
            changed("Keras", RECURRENT, "invariants", "blocks", lambda old: {"cell": old["cell"]}),
            "blocks",
        ),
        (changed("PyTorch", COPIES, "invariants", "distinct", lambda old: 6), "distinct"),
        (changed("PyTorch", COPIES, "invariants", "layers", lambda old: 7), "layers"),
        (changed("PyTorch", DEFAULT, "invariants", "bias", lambda old: 0.0), "bias"),
        (changed("PyTorch", DEFAULT, "invariants", lambda old: {}), "invariants"),
        (lambda record: row(record, "PyTorch", LINEAR).pop("ours_spread"), "columns"),
        (lambda record: record["versions"].update(jax="0.0.1"), "versions"),
        (lambda record: record["versions"].update({"older keras": "3.0"}), "versions"),
        (lambda record: record["rows"].pop(), "measured, but not in the record"),
        (lambda record: record["rows"].append({**record["rows"][0], "name": "Other"}), "Other"),
        (lambda record: record["outliers"].pop(), "measured, but not in the record"),
        (lambda record: record["outliers"][0].update(beyond=100), "beyond ten"),
        (lambda record: record["outliers"][0].update(draws=100), "draws"),
        (lambda record: record["outliers"][0].update(measured="2100-01-01"), "no day up to"),
        (lambda record: record["outliers"][0].update(times_variance=2.0), "times_variance"),
        (lambda record: record["fans"][0].update(Keras=[1, 1]), "fans"),
        (lambda record: record["gains"].update(tanh=1.0), "gains"),
        (lambda record: record["recipes"].popitem(), "recipes"),
    ],
)  # fmt: skip
def test_whatever_is_altered_is_noticed(change, word):
    """Even if the forger seals the record anew."""
    record = altered(change)
    found = differences(record, RECORD)
    assert found
    assert any(word in text for text in found), found
    assert differences(RECORD, record)


def leaves(value, path=()):
    """Yield the path to each entry of a nested record."""
    if isinstance(value, dict | list) and value:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in items:
            yield from leaves(part, (*path, key))
    else:
        yield path


def test_each_column_of_each_kind_of_row_is_under_the_seal():
    kinds = {}
    for part in ("rows", "outliers"):
        for number, r in enumerate(RECORD[part]):
            for path in leaves(r):
                kinds.setdefault((part, *(k for k in path if isinstance(k, str))), (number, path))
    assert len(kinds) > 60
    for (part, *_), (number, path) in kinds.items():
        small = {part: [RECORD[part][number]]}
        forged = copy.deepcopy(small)
        place = forged[part][0]
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = "forged"
        assert seal(forged) != seal(small), path


def test_a_record_with_a_broken_seal_fails():
    record = altered(changed("PyTorch", LINEAR, "ks_p", lambda old: 0.9), again=False)
    (problem,) = differences(record, RECORD)
    assert "altered by hand" in problem


# --- what is drawn is compared with this package ------------------------------------------------


def drawn(draw, ours, shape=DENSE):
    """Measure a library of our own."""
    fans = (shape[0], shape[-1])
    subject = Subject("Ours", "initializer", "mine", shape, fans, draw, ours)
    return measure(subject, "1.0")


def normal(seed):
    return ic.normal(DENSE, 300**-0.5, rng=100 + seed)


def orthogonal(seed):
    return ic.orthogonal(DENSE, rng=100 + seed)


def test_a_plain_normal_is_not_taken_for_an_orthogonal_matrix():
    """Its entries pass: the test of single entries cannot tell them apart."""
    found = drawn(normal, ORTHOGONAL)
    assert found["ks_p"] > 1e-6
    assert abs(found["mean_square"] * 300 - 1) < 5 * 300 * found["standard_error"]
    (problem,) = unlike_ours(found)
    assert "singular values" in problem


def test_an_orthogonal_matrix_is_not_taken_for_a_plain_normal_one():
    (problem,) = unlike_ours(drawn(orthogonal, "ic.normal(shape, 300**-0.5, rng=rng)"))
    assert "singular values" in problem


@pytest.mark.parametrize(
    ("draw", "ours"), [(orthogonal, ORTHOGONAL), (normal, "ic.normal(shape, 300**-0.5, rng=rng)")]
)
def test_what_is_the_same_passes(draw, ours):
    assert unlike_ours(drawn(draw, ours)) == []


def test_another_law_of_the_same_variance_does_not_pass():
    found = drawn(
        lambda seed: ic.variance_scaling(DENSE, 1.0, distribution="uniform", rng=seed),
        "ic.lecun_normal(shape, rng=rng)",
    )
    (problem,) = unlike_ours(found)
    assert "Kolmogorov" in problem


def test_the_scatter_of_independent_entries_follows_from_the_shape():
    found = spread(np.stack([normal(seed) for seed in range(20)]))
    theory = np.sqrt((200 + 1) / 300)  # for normal entries, the squared one has this mean, about
    assert abs(found["spread"] - theory) < 5 * found["spread_error"]
    assert spread(np.stack([orthogonal(seed) for seed in range(4)]))["spread"] < 1e-6


def test_blocks_are_cut_along_the_last_axis():
    weights = np.repeat([1.0, 2.0, 3.0], 16) * np.ones((48, 1))
    subject = Subject(
        "Ours", "layer", "cell", (48, 48), (48, 16), lambda seed: weights, "", ("a", "b", "c")
    )
    blocks = measure(subject, "1.0")["invariants"]["blocks"]
    assert blocks == {"a": {"values": [1.0]}, "b": {"values": [2.0]}, "c": {"values": [3.0]}}


def test_copies_are_counted():
    one, other = ic.he_normal((4, 4), rng=0), ic.he_normal((4, 4), rng=1)
    subject = Subject(
        "Ours", "model", "net", (4, 4), (4, 4), lambda seed: [one, one.copy(), other], ""
    )
    assert measure(subject, "1.0")["invariants"] == {"layers": 3, "distinct": 2}


def test_a_bias_is_measured_beside_its_kernel():
    subject = Subject(
        *("Ours", "recipe", "mine", DENSE, (300, 200), normal, ""), bias=lambda seed: [0.0, -0.5]
    )
    assert measure(subject, "1.0")["invariants"]["bias"] == 0.5


def test_an_expression_is_drawn_as_it_is_written():
    w = expected("ic.uniform(shape, 0.5, rng=rng)", (30, 40), 2)
    assert w.shape == (2, 30, 40)
    assert 0.4 < np.abs(w).max() <= 0.5


# --- the lines of the chooser -------------------------------------------------------------------


def drawing(lines, wrong="", bias=None):
    """Return a library that draws what the lines say, a twentieth more under a wrong one."""

    def execute(code, kind, seed):
        std = lines[code] * (1.05 if code == wrong else 1)
        return ic.normal(SIZES.get(kind, DENSE), std, rng=seed), bias

    return Library("JAX", "jax", list, {}, execute)


def test_a_line_that_draws_another_standard_deviation_is_named():
    lines = {(choice := ic.choose(**settings)).jax: choice.std for settings in cases()}
    assert len(lines) >= 20
    assert unlike_chosen([drawing(lines)]) == []
    for wrong in [line for line, std in lines.items() if std][::6]:
        found = unlike_chosen([drawing(lines, wrong)])
        assert found
        assert all(wrong in problem for problem in found)


def test_a_bias_that_is_not_zero_is_named():
    lines = {(choice := ic.choose(**settings)).jax: choice.std for settings in cases()}
    assert unlike_chosen([drawing(lines, bias=np.zeros(3))]) == []
    assert len(unlike_chosen([drawing(lines, bias=np.array([0, 0, 0.1]))])) == len(list(cases()))


def test_zeros_are_zeros():
    lines = {(choice := ic.choose(**settings)).jax: choice.std or 1e-9 for settings in cases()}
    (problem,) = unlike_chosen([drawing(lines)])
    assert "initializers.zeros(key" in problem


def test_a_library_without_lines_is_passed_over():
    assert unlike_chosen([Library("Other", "other", list, {}, lambda *given: 1 / 0)]) == []
