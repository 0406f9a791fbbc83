"""The mutants: each can be planted, and the report says who noticed."""

import dataclasses
import os
import re

import nbformat
import pytest

from tools import mutants, notebooks, toc

PACKAGE = toc.ROOT / "initcourse"


@pytest.mark.parametrize("mutant", mutants.load(), ids=lambda mutant: mutant.name)
def test_a_mutant_can_be_planted_and_is_still_python(mutant, tmp_path):
    (tmp_path / mutant.file).parent.mkdir(exist_ok=True)
    (tmp_path / mutant.file).write_text((PACKAGE / mutant.file).read_text("utf-8"), "utf-8")
    mutants.apply(mutant, tmp_path)
    changed = (tmp_path / mutant.file).read_text("utf-8")
    assert changed != (PACKAGE / mutant.file).read_text("utf-8")
    compile(changed, mutant.file, "exec")


@pytest.mark.parametrize("text", ["", "a b", "x x"])
def test_a_text_that_does_not_occur_once_is_refused(text, tmp_path):
    (tmp_path / "m.py").write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"once in m\.py"):
        mutants.apply(mutants.Mutant("name", "m.py", "x", "y", ()), tmp_path)


def test_every_page_that_sets_a_seed_has_a_mutant_of_its_own():
    guarded = {chapter for mutant in mutants.load() for chapter in mutant.chapters}
    computing = {p.name for p in toc.seeded() if re.search(r"\bic\.", p.path.read_text("utf-8"))}
    assert computing == guarded


def test_a_mutant_survives_unless_all_that_must_notice_do():
    killed = mutants.Verdict("tests/test_x.py::test_y", {"01": "cell: AssertionError"})
    assert killed.killed
    assert not dataclasses.replace(killed, unit_test=None).killed
    assert not dataclasses.replace(killed, by_chapter={"01": None}).killed


def test_the_table_names_survivors():
    verdict = mutants.Verdict(None, {"01": "cell: AssertionError", "02": None})
    row = mutants.table({"a fault": verdict}).splitlines()[-1]
    assert row == "| a fault | **SURVIVES** | 01 cell: AssertionError<br>02 **SURVIVES** |"


# --- claims ---


def notebook(*sources):
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{n}") for n, source in enumerate(sources)]
    return notebooks.read(nbformat.writes(nbformat.v4.new_notebook(cells=cells)))


def run(tmp_path, *sources):
    node = nbformat.from_dict(mutants.apart(notebook(*sources)))
    _, failure = notebooks.timed(node, tmp_path, {**os.environ}, to_the_end=True)
    return failure, mutants.steps_of(node)


CHAPTER = """\
from initcourse import claim, testing
x, gone = 1, 2
---
testing.assert_equal(x, 1)
claim("One is one.", testing.assert_equal(x, 1))
claim("Two are two.", testing.assert_equal(2, 2))

# a comment, and evidence that has a name
found = testing.assert_equal(
    x, 1
)
claim("It has a name.", found)
---
for value in (2, x, 3):
    claim(f"No. {value}.", testing.assert_equal(max(value, 3), 3))
---
claim("Nothing is gone.", testing.assert_equal(gone, 2))
---
y = x
claim("The last one.", testing.assert_equal(y, 1))"""


def test_every_claim_that_a_fault_breaks_is_found_and_no_other(tmp_path):
    failure, intact = run(tmp_path, *CHAPTER.split("\n---\n"))
    assert failure is None
    assert [sentence for step in intact for sentence in step.claims] == [
        "One is one.",
        "Two are two.",
        "It has a name.",
        "No. 2.",
        "No. 1.",
        "No. 3.",
        "Nothing is gone.",
        "The last one.",
    ]
    faulty = CHAPTER.replace("x, gone = 1, 2", "x = 5")  # one claim cannot be made: no evidence
    failure, steps = run(tmp_path, *faulty.split("\n---\n"))
    assert (failure.cell, failure.line) == ("cell-1", "testing.assert_equal(x, 1)")
    assert failure.error.startswith("AssertionError")
    assert mutants.broken(intact, steps) == [
        "One is one.",
        "It has a name.",
        "No. 1.",
        "The last one.",
    ]


def test_a_cell_that_does_not_claim_stays_whole():
    sources = ["a = 1\nb = 2", "claim('x', found)\n\n# why\nb = [\n    3,\n]\nc = 4"]
    apart = mutants.apart(notebook(*sources))["cells"]
    assert [cell["source"] for cell in apart] == [
        "a = 1\nb = 2",
        "claim('x', found)",
        "\n# why\nb = [\n    3,\n]",
        "c = 4",
    ]


def test_a_fault_matters_where_its_module_is_used():
    def fault(file):
        return mutants.Mutant("name", file, "x", "y", ())

    assert mutants.matters(fault("initializers.py"), "")
    assert mutants.matters(fault("training.py"), "from initcourse import plots, training")
    assert not mutants.matters(fault("training.py"), "constrainings = 1")
    assert mutants.matters(fault("plots/curves.py"), "plots.losses(curves)")
    assert not mutants.matters(fault("testing.py"), "from initcourse import testing")


def test_the_table_of_claims_counts_faults_and_ends_with_those_that_notice_none():
    def ran(*errors):
        return [
            mutants.Step(f"cell-{n}", () if error else (f"{n} | {n}.",), error)
            for n, error in enumerate(errors)
        ]

    intact = mutants.Verdict(None, {}, {"he": ran("", "", "")})
    verdicts = {
        "a": mutants.Verdict("test", {"he": "cell"}, {"he": ran("", "AssertionError", "")}),
        "b": mutants.Verdict(
            "test", {"he": "cell"}, {"he": ran("", "AssertionError", "AssertionError")}
        ),
        "c": mutants.Verdict("test", {}, {"he": ran("ValueError", "", "")}),
    }
    found = mutants.noticed(intact, verdicts)
    assert list(found.values()) == [[], ["a", "b"], ["b"]]
    assert mutants.claims_table(found).splitlines()[2:] == [
        "| 1 \\| 1. | he | 2 |",
        "| 2 \\| 2. | he | 1 |",
        "| 0 \\| 0. | he | **NONE** |",
    ]
