"""The mutants: each can be planted, and the report says who noticed."""

import dataclasses

import pytest

from tools import mutants, toc

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


def test_every_chapter_has_a_mutant_of_its_own():
    guarded = {chapter for mutant in mutants.load() for chapter in mutant.chapters}
    assert {chapter.name for chapter in toc.chapters()} == guarded


def test_a_mutant_survives_unless_all_that_must_notice_do():
    killed = mutants.Verdict("tests/test_x.py::test_y", {"01": "cell: AssertionError"})
    assert killed.killed
    assert not dataclasses.replace(killed, unit_test=None).killed
    assert not dataclasses.replace(killed, by_chapter={"01": None}).killed


def test_the_table_names_survivors():
    verdict = mutants.Verdict(None, {"01": "cell: AssertionError", "02": None})
    row = mutants.table({"a fault": verdict}).splitlines()[-1]
    assert row == "| a fault | **SURVIVES** | 01 cell: AssertionError<br>02 **SURVIVES** |"
