"""The survey of language models: each row recomputed, and what a row may not be."""

from __future__ import annotations

import math
import re
import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from initcourse import survey, testing

FILE = Path(__file__).parents[2] / "book/reference/models.toml"
MODELS = survey.read(FILE)
ROWS = tomllib.loads(FILE.read_text("utf-8"))
STDS = [(model, role) for model in MODELS for role in model.stds]

each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)


# --- the rows -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("model", "role"), STDS, ids=[f"{m.name}, {r}" for m, r in STDS])
def test_a_standard_deviation_is_what_its_formula_gives(model, role):
    """Python's own evaluation, and the law of the cut by a sum over a fine grid."""
    [row] = [row for row in ROWS["model"] if row["name"] == model.name]
    given = row["embedding" if row[role] == "tied" else role]
    share = 1.0
    if "cut" in given:
        x = np.linspace(-given["cut"], given["cut"], 20_001)
        density = np.exp(-(x**2) / 2)
        share = math.sqrt(np.sum(density * x**2) / np.sum(density))
    ends = given["std"] if isinstance(given["std"], list) else [given["std"]]
    blocks = (1, model.sizes["L"])[: len(ends)]
    for block, end in zip(blocks, ends, strict=True):
        value = eval(given["formula"], {"sqrt": math.sqrt}, {**model.sizes, "l": block}) * share
        assert value == pytest.approx(end, rel=6e-4)
        assert model.stds[role].by_block[block - 1] == pytest.approx(value, rel=2e-4)


@each_model
def test_a_row_names_what_was_read(model):
    assert model.sources
    for source in model.sources:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+", source.repository)
        assert re.fullmatch(r"[0-9a-f]{40}", source.commit)
        assert re.search(r"\.(py|ya?ml|sh|slurm|json|gin|md)$", source.path)
        assert date(2018, 1, 1) < source.date < date.today()
        assert source.address.endswith(f"{source.commit}/{source.path}")


@each_model
def test_the_rule_out_of_a_branch_is_that_of_the_numbers(model):
    """Each matrix against one that reads, in units of what its own fan in would give."""
    blocks = np.arange(1, model.sizes["L"] + 1)
    rules = {
        "none": 1 + 0 * blocks,
        "1/√(2L)": (2 * model.sizes["L"] + 0 * blocks) ** -0.5,
        "1/√(2l)": (2 * blocks) ** -0.5,
        "zero": 0 * blocks,
    }
    if model.out not in rules or model.name.startswith("T5"):
        assert model.out in {"1/L", "1/√L", "1/√(2L), attention only", "none"}
        return
    for role in {"attention_out", "down"} & set(model.stds):
        spread = model.stds[role]
        ratio = np.array(spread.by_block) / np.array(model.stds["query"].by_block)
        fan = model.sizes["m"] if re.search(r"\bm\b", spread.formula) else model.sizes["d"]
        same = ratio == pytest.approx(rules[model.out] * (model.sizes["d"] / fan) ** 0.5, rel=1e-12)
        assert same or (model.differs and re.fullmatch(r"[\d.]+", spread.formula))


@each_model
def test_the_rule_into_a_branch_is_that_of_the_formula(model):
    formulas = [model.stds[role].formula for role in ("query", "up") if role in model.stds]
    uses = set(re.findall(r"\b[a-zA-Z]\b", " ".join(formulas)))
    if model.into == "width":  # a file may give the number for its width instead
        assert "d" in uses or 0.5 < float(formulas[0]) * model.sizes["d"] ** 0.5 < 1.01
    else:
        assert uses == ({"l"} if model.into == "block" else set())


def test_a_disagreement_is_dated():
    parts = [model.differs for model in MODELS if model.differs]
    assert len(parts) > 5
    assert all(re.search(r"\(20\d\d-\d\d-\d\d", text) for text in parts)


def test_a_tied_head_has_the_standard_deviation_of_the_embedding():
    tied = [model for model in MODELS if model.tied]
    assert tied
    assert all(model.stds["head"] == model.stds["embedding"] for model in tied)


# --- formulas -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("0.02", 0.02),
        ("0", 0),
        ("2 / (L * sqrt(d))", 2 / (4 * 10)),
        ("sqrt(2 / (5 * d))", math.sqrt(2 / 500)),
        ("d - L + 1", 97),
    ],
)
def test_a_formula_has_its_value(formula, value):
    assert survey.evaluate(formula, {"d": 100, "L": 4}) == value


@pytest.mark.parametrize(
    "formula",
    [
        "",
        "0.02 /",
        "width",
        "d ** 2",
        "-d",
        "True",
        "'d'",
        "sqrt(d, L)",
        "sqrt(x=d)",
        "abs(d)",
        "d.real",
        "[d][0]",
        "(lambda: d)()",
        "__import__('os').getpid()",
        "1 / (d - d)",
        "sqrt(L - d)",
        "1e308 * d",
        "x = 1",
    ],
)
def test_a_formula_of_anything_else_is_refused(formula):
    with pytest.raises(ValueError, match=r"^formula must be .*, got "):
        survey.evaluate(formula, {"d": 100, "L": 4})


def test_a_formula_is_text():
    with pytest.raises(TypeError, match=r"^formula must be of type str, got 3"):
        survey.evaluate(3, {})


@pytest.mark.parametrize("cut", [0.5, 2, 3])
def test_what_a_cut_keeps_is_what_draws_keep(cut):
    draws = np.random.default_rng(17).standard_normal(400_000)
    testing.assert_variance(draws[np.abs(draws) < cut], survey.kept(cut) ** 2)


def test_a_wide_cut_keeps_everything():
    assert survey.kept(100) == 1


@pytest.mark.parametrize("cut", [0, -1, math.inf, math.nan])
def test_a_cut_is_a_positive_number(cut):
    with pytest.raises(ValueError, match=r"^cut must be a finite number, positive, got "):
        survey.kept(cut)


# --- what is refused ----------------------------------------------------------------------------

GOOD = """
[repository.one]
name = "owner/one"
commit = "0123456789012345678901234567890123456789"
date = 2026-01-02

[[model]]
name = "A"
read = ["one: model.py"]
d = 100
L = 4
into = "constant"
out = "1/√(2l)"
query = { formula = "0.02", cut = 2, std = 0.01759 }
up = "none"
attention_out = { formula = "0.02 / sqrt(2 * l)", std = [0.01414, 0.007071] }
down = { formula = "0", std = 0.0 }
embedding = { formula = "1", std = 1.0 }
head = "tied"
remark = ""
"""


def read(tmp_path, text):
    path = tmp_path / "models.toml"
    path.write_text(text, "utf-8")
    return survey.read(path)


def test_a_good_row_is_read(tmp_path):
    [model] = read(tmp_path, GOOD)
    assert (model.name, model.tied, model.differs) == ("A", True, "")
    assert set(model.stds) == {"query", "attention_out", "down", "embedding", "head"}
    assert model.stds["attention_out"].by_block == tuple(
        0.02 / (2 * block) ** 0.5 for block in (1, 2, 3, 4)
    )
    assert model.stds["attention_out"].last == 0.02 / 8**0.5
    address = "https://github.com/owner/one/blob/0123456789012345678901234567890123456789/model.py"
    assert model.sources[0].address == address


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "owner/one"', "", "repository one, name: is missing"),
        ('name = "owner/one"', 'name = "one"', "repository one, name: must be owner/name"),
        ('6789"', '678"', "repository one, commit: must be 40 hexadecimal digits"),
        ('"0123456789', '"Z123456789', "repository one, commit: must be 40 hexadecimal digits"),
        ("2026-01-02", '"yesterday"', "repository one, date: must be a day"),
        ("2026-01-02", "2026-01-02T10:00:00", "repository one, date: must be a day"),
        (
            "date = 2026-01-02",
            "date = 2026-01-02\nbranch = 1",
            "repository one, branch: is no column",
        ),
        ('name = "A"', "", "model 1, name: is missing"),
        ('name = "A"', "name = 3", "3, name: must be text"),
        ('remark = ""', "", "A, remark: is missing"),
        ('remark = ""', "remark = 3", "A, remark: must be text"),
        ('remark = ""', 'remark = ""\nyear = 2026', "A, year: is no column"),
        ('["one: model.py"]', "[]", "A, read: must be a list of files"),
        ('["one: model.py"]', '["two: model.py"]', "A, read: must be repository: path"),
        ('["one: model.py"]', '["one"]', "A, read: must be repository: path"),
        ('["one: model.py"]', '["one: "]', "A, read: must be repository: path"),
        ("d = 100", "d = 0", "A, d: must be a positive integer"),
        ("L = 4", "L = true", "A, L: must be a positive integer"),
        ("L = 4", "L = 4.0", "A, L: must be a positive integer"),
        ('into = "constant"', 'into = "0.02"', "A, into: must be one of width"),
        ('out = "1/√(2l)"', 'out = "half"', "A, out: must be one of none"),
        ("std = 0.01759", "std = 0.0176", "A, query: must be [0.01759]"),
        ("cut = 2, ", "", "A, query: must be [0.02]"),
        ("cut = 2, ", "cut = -2, ", "A, query: cut must be a finite number, positive"),
        ("[0.01414, 0.007071]", "0.01414", "A, attention_out: must be [0.01414, 0.007071]"),
        ('"0.02 / sqrt(2 * l)"', '"0.02 / sqrt(2 * n)"', "A, attention_out: formula must be"),
        ('"0.02 / sqrt(2 * l)"', '"0.02 / m"', "A, attention_out: formula must be"),
        ('{ formula = "0", std = 0.0 }', '"tied"', "A, down: must be a formula with its number"),
        ('{ formula = "0", std = 0.0 }', '{ formula = "0" }', "A, down.std: is missing"),
        ("std = 0.0 }", "std = 0.0, law = 1 }", "A, down.law: is no column"),
        ('{ formula = "0", std = 0.0 }', "0.0", "A, down: must be a formula with its number"),
        ('"0", std = 0.0', '"0 - 1", std = -1.0', "A, down: must be "),
        ('{ formula = "1", std = 1.0 }', '"none"', "A, head: must be a formula with its number"),
    ],
)
def test_a_bad_row_is_refused_by_its_name_and_column(tmp_path, old, new, message):
    assert GOOD.count(old) == 1
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        read(tmp_path, GOOD.replace(old, new))


def test_two_rows_of_one_name_are_refused(tmp_path):
    row = GOOD[GOOD.index("[[model]]") :]
    with pytest.raises(ValueError, match=r"^A, name: there are 2 rows of that name"):
        read(tmp_path, GOOD + row)


def test_a_repository_that_no_row_names_is_refused(tmp_path):
    other = GOOD[: GOOD.index("[[model]]")].replace("one", "two")
    with pytest.raises(ValueError, match=r"^repository two: no model names it"):
        read(tmp_path, other + GOOD)
