"""The seed run: what it replaces, and what it reports."""

import numpy as np
import pytest

from initcourse import testing
from tools import notebooks, seeds

WRONG = notebooks.Failure("cell", "assert False", "AssertionError", "")


def chapter(*sources, tags=("parameters",)):
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": {"tags": list(tags)} if number == 0 else {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for number, source in enumerate(sources)
    ]
    text = notebooks.write({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    return notebooks.read(text)


def test_the_seed_is_replaced_and_nothing_else():
    changed = seeds.with_seed(chapter("SEED = 2026", "x = 2026"), 7)
    assert [cell["source"] for cell in changed["cells"]] == ["SEED = 7", "x = 2026"]


@pytest.mark.parametrize(
    "notebook",
    [chapter("SEED = 2026", tags=()), chapter("SEED = 2026\nn = 3"), chapter("seed = 1")],
)
def test_a_chapter_without_one_seed_is_refused(notebook):
    with pytest.raises(ValueError, match="SEED = <number>"):
        seeds.with_seed(notebook, 7)


def test_a_claim_that_holds_for_one_seed_only_is_reported(tmp_path):
    path = tmp_path / "01_lucky.ipynb"
    path.write_text(notebooks.write(chapter("SEED = 2026", "assert SEED == 7, 'luck'")), "utf-8")
    assert seeds.run(path, 7) == (None, [])
    failure, _ = seeds.run(path, 8)
    assert str(failure) == "cell-1: `assert SEED == 7, 'luck'` AssertionError: luck"
    assert "AssertionError: luck" in failure.report


def test_the_table_has_a_row_a_seed_and_a_column_a_chapter():
    lines = seeds.table({(2, "a"): None, (1, "a"): WRONG, (1, "b"): None, (2, "b"): None})
    assert lines.splitlines() == [
        "| seed | a | b |",
        "|---:|:---:|:---:|",
        "| 1 | FAILS | holds |",
        "| 2 | holds | holds |",
    ]


def test_the_distances_of_a_run_are_those_of_its_claims(tmp_path):
    path = tmp_path / "01_chapter.ipynb"
    code = """import numpy as np
from initcourse import claim, testing
sample = np.random.default_rng(SEED).standard_normal((100, 2))
claim("The mean is zero.", testing.assert_mean(sample, [0, 0], axis=0))"""
    path.write_text(notebooks.write(chapter("SEED = 2026", code)), "utf-8")
    failure, z = seeds.run(path, 7)
    sample = np.random.default_rng(7).standard_normal((100, 2))
    assert failure is None
    expected = testing.assert_mean(sample, [0, 0], axis=0).z[0]
    assert z == [("The mean is zero.", pytest.approx(expected, abs=1e-3))]


def test_distances_are_counted_beside_what_chance_puts_there():
    assert seeds.scatter([0.0] * 996 + [3.1, -4.0, 2.9, -2.9]) == (
        "Of 1000 distances between theory and measurement 2 are beyond 3 standard errors; "
        "chance puts 2.7 ± 1.6 there."
    )
