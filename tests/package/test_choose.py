"""What is chosen: the rules, the lines of code against the record, the reasons and their places."""

from __future__ import annotations

import ast
import itertools
import json
import math
import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import initcourse as ic
from initcourse import testing
from initcourse.choose import FIELDS, table

RECORD = Path(__file__).parents[2] / "book/reference/frameworks.json"
FRAMEWORKS = {"PyTorch": "pytorch", "Keras": "keras", "JAX": "jax"}
ACTIVATIONS = [key for field in FIELDS if field.key == "activation" for key in field.choices]

dense = partial(ic.choose, "dense", inputs=300, outputs=200)
convolution = partial(ic.choose, "convolution", inputs=32, outputs=48)
residual = partial(ic.choose, "residual", inputs=300, outputs=200)


def _combinations():
    """Yield every combination of choices, with numbers of all kinds."""
    drawn = itertools.product(ACTIVATIONS, ("none", "layer", "batch"))
    for activation, normalization in drawn:
        slope = {"slope": 0.2} if activation == "leaky_relu" else {}
        both = {"activation": activation, "normalization": normalization, **slope}
        yield {"layer": "dense", "inputs": 300, "outputs": 200, **both}
        for kernel, stride in ((3, 1), (5, 3), (1, 2)):
            size = {"inputs": 32, "outputs": 48, "kernel": kernel, "stride": stride}
            yield {"layer": "convolution", **size, **both}
    for layer, inputs, outputs in (("embedding", 1000, 64), ("output", 300, 10)):
        yield {"layer": layer, "inputs": inputs, "outputs": outputs}
    for more in ({}, {"branches": 24}, {"normalization": "layer"}, {"normalization": "batch"}):
        yield {"layer": "residual", "inputs": 300, "outputs": 200, **more}


COMBINATIONS = list(_combinations())


# --- the rules ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "rule", "variance"),
    [
        (dense("relu"), "He", 2 / 300),
        (dense("leaky_relu", slope=0.2), "He, with the slope", 2 / 1.04 / 300),
        (dense("leaky_relu", slope=1), "He, with the slope", 1 / 300),
        (dense("tanh"), "Xavier", 2 / 500),
        (dense("selu"), "LeCun", 1 / 300),
        (dense("linear"), "LeCun", 1 / 300),
        (convolution("relu"), "He", 2 / (9 * 32)),
        (convolution("relu", kernel=1), "He", 2 / 32),
        (convolution("relu", stride=2), "He", 2 / (9 * 32)),
        (convolution("tanh"), "Xavier", 2 / (9 * 32 + 9 * 48)),
        (convolution("tanh", stride=2), "Xavier", 2 / (9 * 32 + 9 * 48 / 4)),
        (convolution("tanh", kernel=5, stride=3), "Xavier", 2 / (25 * 32 + 25 * 48 / 9)),
        (ic.choose("output", inputs=300, outputs=10), "LeCun", 1 / 300),
        (residual(), "zeros", 0),
        (residual(branches=24), "LeCun, over the branches", 1 / 300 / 24),
        (residual(normalization="batch"), "LeCun", 1 / 300),
        (ic.choose("embedding", inputs=1000, outputs=64), "0.02", 0.0004),
    ],
)
def test_a_rule_has_the_variance_of_its_formula(choice, rule, variance):
    assert choice.rule == rule
    assert choice.std == pytest.approx(math.sqrt(variance), rel=1e-14)
    numbers = choice.variance.replace("·", "*")
    assert eval(numbers) == pytest.approx(variance, rel=1e-14)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_formula_in_words_is_the_variance(activation):
    slope = 0.3 if activation == "leaky_relu" else 0.01
    words = {"slope²": slope**2, "average of both fans": 250, "fan in": 300, "branches": 24}
    for choice in (
        dense(activation, slope=slope) if activation == "leaky_relu" else dense(activation),
        residual(branches=24),
    ):
        formula = choice.formula.replace("·", "*")
        for word, value in words.items():
            formula = formula.replace(word, str(value))
        assert eval(formula) == pytest.approx(choice.std**2, rel=1e-3)  # a scale has four digits


@pytest.mark.parametrize("name", ["relu", "selu", "elu", "gelu", "silu", "sigmoid"])
def test_the_rule_of_an_activation_takes_variance_1_to_variance_1(name):
    expected = 1 / (300 * ic.gaussian_mean(lambda z: ic.activation(name)(z) ** 2))
    assert dense(name).std ** 2 == pytest.approx(expected, rel=1e-6)


def test_a_normalization_changes_the_reason_and_not_the_rule():
    for name in ACTIVATIONS:
        plain, *normalized = (dense(name, normalization=n) for n in ("none", "layer", "batch"))
        for choice in normalized:
            assert (choice.rule, choice.std, choice.jax) == (plain.rule, plain.std, plain.jax)
            assert "learning rate" in choice.reasons[0].text
            kept = [reason for reason in plain.reasons if reason in choice.reasons]
            assert list(choice.reasons[-len(kept) :]) == kept != []


def test_what_was_measured_without_a_normalization_is_said_of_such_a_layer_alone():
    for name in ("sigmoid", "elu", "gelu", "silu"):
        plain, normalized = dense(name), dense(name, normalization="layer")
        assert re.search("layers did not learn|level is", plain.reason)
        assert not re.search("layers did not learn|level is", normalized.reason)


def test_a_warning_comes_first():
    assert dense("sigmoid").reasons[0].text.startswith("In hidden layers take tanh instead")


def test_the_branches_together_multiply_the_stream_by_less_than_e():
    for branches in (1, 2, 24, 1000):
        share = 300 * residual(branches=branches).std ** 2
        assert (1 + share) ** branches < math.e


# --- what is refused ----------------------------------------------------------------------------


def refused():
    """Bad calls: what is called, the argument, and what the message repeats of its value."""
    return [
        *(
            (partial(ic.choose, **({"inputs": 3, "outputs": 4} | settings)), name, shown)
            for settings, name, shown in (
                ({"layer": "attention"}, "layer", "attention"),
                ({"layer": None}, "layer", "None"),
                ({"activation": "mush"}, "activation", "mush"),
                ({"normalization": "group"}, "normalization", "group"),
                ({"inputs": 0}, "inputs", "0"),
                ({"inputs": 2.5}, "inputs", "2.5"),
                ({"outputs": 100_001}, "outputs", "100001"),
                ({"outputs": True}, "outputs", "True"),
                ({"layer": "convolution", "kernel": 16}, "kernel", "16"),
                ({"layer": "convolution", "stride": 0}, "stride", "0"),
                ({"activation": "leaky_relu", "slope": 1.5}, "slope", "1.5"),
                ({"activation": "leaky_relu", "slope": -0.1}, "slope", "-0.1"),
                ({"activation": "leaky_relu", "slope": math.nan}, "slope", "nan"),
                ({"layer": "residual", "branches": -1}, "branches", "-1"),
                # set for a layer that does not have it
                ({"kernel": 5}, "kernel", "5"),
                ({"stride": 2}, "stride", "2"),
                ({"slope": 0.2}, "slope", "0.2"),
                ({"branches": 4}, "branches", "4"),
                ({"layer": "output", "activation": "tanh"}, "activation", "tanh"),
                ({"layer": "embedding", "normalization": "layer"}, "normalization", "layer"),
                (
                    {"layer": "residual", "normalization": "layer", "branches": 4},
                    "branches",
                    "4",
                ),
            )
        )
    ]


# --- the lines of code --------------------------------------------------------------------------


class _Canonical(ast.NodeTransformer):
    """Put what `init` names in its place, and 0 for every number."""

    def __init__(self, values):
        self.values = values

    def visit_Name(self, node):
        known = isinstance(node.ctx, ast.Load) and node.id in self.values
        return self.visit(self.values[node.id]) if known else node

    def visit_Constant(self, node):
        return ast.Constant(0) if isinstance(node.value, int | float) else node


def statements(code):
    """List the statements of a code without its numbers, so that those of any layer are alike."""
    values, found = {}, []
    for statement in ast.parse(code).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "init":
            values["init"] = statement.value
        found.append(ast.unparse(_Canonical(values).visit(statement)))
    return found


def calls(code):
    """List the initializers of a code: what stands under a keyword, or is called with a key."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.keyword) and node.arg.endswith("_initializer"):
            found.append(node.value)
        if isinstance(node, ast.Call) and any(ast.unparse(a) == "key" for a in node.args):
            found.append(node.func)
    return [ast.unparse(node) for node in found]


@pytest.fixture(scope="module")
def recorded():
    """What the recipes execute in each framework: whole statements, and initializers in them."""
    recipes = json.loads(RECORD.read_text("utf-8"))["recipes"].values()
    lines = {
        library: [s for r in recipes for s in statements(r["code"].get(library, ""))]
        for library in FRAMEWORKS
    }
    used = {library: {c for s in found for c in calls(s)} for library, found in lines.items()}
    return lines, used


@pytest.mark.parametrize("settings", COMBINATIONS, ids=lambda s: "-".join(map(str, s.values())))
def test_a_line_is_made_of_what_the_recipes_of_the_record_execute(recorded, settings):
    """`make frameworks` executes the lines themselves, too: tools/frameworks/chosen.py."""
    lines, used = recorded
    choice = ic.choose(**settings)
    for library, name in FRAMEWORKS.items():
        if library == "PyTorch":
            found = statements(choice.pytorch)
            assert set(found) <= set(lines[library])
            assert len(found) == (1 if settings["layer"] == "embedding" else 2)  # it has no biases
            continue
        (line,) = statements(getattr(choice, name))
        (initializer,) = calls(line)
        assert initializer in used[library]
        shells = {s.replace(c, "…") for s in lines[library] for c in calls(s)}
        assert line.replace(initializer, "…").replace("strides=0, ", "") in shells


@pytest.mark.parametrize("settings", COMBINATIONS, ids=lambda s: "-".join(map(str, s.values())))
def test_a_number_in_a_line_is_the_standard_deviation(settings):
    choice = ic.choose(**settings)
    for code in (choice.pytorch, choice.keras, choice.jax):
        for node in ast.walk(ast.parse(code)):
            number = None
            if isinstance(node, ast.keyword) and node.arg in ("std", "stddev"):
                number = node.value
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
                "initializers.normal"
            ):
                (number,) = node.args
            if number is not None:
                assert eval(ast.unparse(number)) == pytest.approx(choice.std, rel=5e-5)


def test_the_default_is_a_recipe_word_for_word():
    recipe = json.loads(RECORD.read_text("utf-8"))["recipes"]["He, for ReLU"]["code"]
    choice = ic.choose(inputs=300, outputs=200)
    assert f"layer = torch.nn.Linear(300, 200)\n{choice.pytorch}" == recipe["PyTorch"]
    assert (choice.keras, choice.jax) == (recipe["Keras"], recipe["JAX"])


# --- the table ----------------------------------------------------------------------------------


def test_the_table_survives_the_way_into_a_page():
    known = table()
    assert json.loads(json.dumps(known)) == json.loads(json.dumps(known, ensure_ascii=False))
    assert [field["key"] for field in known["fields"]] == [field.key for field in FIELDS]


def test_every_rule_line_and_reason_of_the_table_is_an_answer():
    choices = [ic.choose(**settings) for settings in COMBINATIONS]
    for rule in table()["rules"]:
        code = re.sub(r"\\{\w+\\}", r"[\\d.]+", re.escape(rule["initializer"]["jax"]))
        assert any(c.rule == rule["name"] and re.search(code, c.jax) for c in choices), rule
    said = {reason.text for choice in choices for reason in choice.reasons}
    assert said == {reason["text"] for reason in table()["reasons"]}
    for choice in choices:
        assert choice.reason == " ".join(reason.text for reason in choice.reasons) != ""


def test_what_is_chosen_keeps_a_signal():
    rng = np.random.default_rng(5)
    std = dense("relu").std
    x = np.maximum(rng.standard_normal((200, 300)), 0)
    z = [h @ ic.normal((300, 50), std, rng=rng, dtype="float64") for h in x]
    testing.assert_mean(np.mean(np.square(z), axis=1), 1)
