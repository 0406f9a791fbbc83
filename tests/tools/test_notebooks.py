"""The normalizer: what it keeps, what it throws away, and what it refuses."""

import json

import pytest

from tools import notebooks

CHECKED = {"tags": ["nbval-check-output"]}
STDOUT = {"output_type": "stream", "name": "stdout", "text": "3\n"}
IMAGE = {"output_type": "display_data", "data": {"image/png": "aGk="}, "metadata": {}}
RESULT = {
    "output_type": "execute_result",
    "execution_count": 7,
    "data": {"text/plain": "3", "text/html": "<b>3</b>"},
    "metadata": {},
}


def code(source="print(3)", *, name="sum", metadata=None, outputs=(), count=None):
    return {
        "cell_type": "code",
        "id": name,
        "metadata": metadata or {},
        "source": source,
        "outputs": list(outputs),
        "execution_count": count,
    }


def markdown(source, name):
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}


def notebook(*cells, metadata=notebooks.NOTEBOOK_METADATA):
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def normal(*cells, **options):
    text = notebooks.write(notebook(*cells, **options))
    return notebooks.normalize(notebooks.read(text))


def test_outputs_of_an_unchecked_cell_are_dropped():
    (cell,) = normal(code(outputs=[STDOUT, IMAGE], count=4))["cells"]
    assert (cell["outputs"], cell["execution_count"]) == ([], None)


@pytest.mark.parametrize(
    ("source", "tags"),
    [
        ('claim("It holds.", found)', ["hide-input"]),
        ('x = 1\nic.claim("It holds.", found)', ["hide-input"]),
        ("title = 3\nplots.compare(x, y)", ["hide-input"]),
        ("disclaim(x)", []),
        ("plots.use_style()", []),
        ("subplots.compare(x)", []),
        ("print(3)", []),
    ],
)
def test_a_cell_that_claims_or_draws_is_folded_on_the_page_and_in_jupyterlab(source, tags):
    (cell,) = normal(code(source))["cells"]
    assert cell["metadata"].get("tags", []) == tags
    assert cell["metadata"].get("jupyter") == ({"source_hidden": True} if tags else None)
    (again,) = normal(cell)["cells"]
    assert again == cell


def test_a_checked_cell_keeps_its_text_and_its_count():
    (cell,) = normal(code(metadata=CHECKED, outputs=[STDOUT, IMAGE], count=4))["cells"]
    assert cell["outputs"] == [STDOUT]
    assert cell["execution_count"] == 4


def test_a_checked_result_keeps_its_plain_text_only():
    (cell,) = normal(code("3", metadata=CHECKED, outputs=[RESULT], count=7))["cells"]
    assert cell["outputs"][0]["data"] == {"text/plain": "3"}


def test_a_stream_in_pieces_becomes_one():
    pieces = [STDOUT, {**STDOUT, "text": "4\n"}]
    (cell,) = normal(code(metadata=CHECKED, outputs=pieces, count=1))["cells"]
    assert [output["text"] for output in cell["outputs"]] == ["3\n4\n"]


def test_metadata_shrinks_to_the_whitelist():
    figure = {"figure": {"name": "f", "caption": "c"}}
    metadata = {"tags": ["a"], "mystnb": figure, "collapsed": True, "execution": {"t": "1"}}
    form = normal(
        code(metadata=metadata), metadata={"language_info": {"name": "python", "version": "3.11.7"}}
    )
    assert form["cells"][0]["metadata"] == {"mystnb": figure, "tags": ["a"]}
    assert form["metadata"] == notebooks.NOTEBOOK_METADATA


def test_empty_tags_are_no_metadata():
    assert normal(code(metadata={"tags": []}))["cells"][0]["metadata"] == {}


@pytest.mark.parametrize(
    ("name", "source", "expected"),
    [
        ("fan-in", "# Anything", "fan-in"),
        ("3f2a9c01", "## Fans of a kernel", "fans-of-a-kernel"),
        ("a1b2c3d4-0000-4000-8000-123456789abc", "x = 1", "x-1"),
        ("Figure_1", "\n:::{note}\nRead me", "note"),
        ("0badcafe", "$$", "markdown"),
        ("facade", "a word of the letters a to f", "facade"),
    ],
)
def test_a_random_id_gives_way_to_a_readable_one(name, source, expected):
    assert normal(markdown(source, name))["cells"][0]["id"] == expected


def test_ids_are_unique():
    form = normal(markdown("# Fans", "00112233"), markdown("# Fans", "44556677"))
    assert [cell["id"] for cell in form["cells"]] == ["fans", "fans-2"]


def test_the_form_is_stable():
    cells = (markdown("# Fans", "00112233"), code(metadata=CHECKED, outputs=[RESULT], count=2))
    once = notebooks.write(normal(*cells))
    assert notebooks.write(notebooks.normalize(notebooks.read(once))) == once
    assert notebooks.problems(once) == []
    assert once.endswith("}\n")
    assert once.splitlines()[1].startswith(' "cells"')


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        (code(metadata=CHECKED), "no output"),
        (code(metadata=CHECKED, outputs=[STDOUT]), "no execution count"),
        (code(outputs=[STDOUT], count=1), "not in the committed form"),
        (code(name="0011223a"), "not in the committed form"),
        (
            code(
                metadata=CHECKED,
                count=1,
                outputs=[{"output_type": "error", "ename": "E", "evalue": "", "traceback": []}],
            ),
            "is an error",
        ),
    ],
)
def test_what_is_not_in_the_form_is_named(cell, problem):
    (found,) = notebooks.problems(notebooks.write(notebook(cell)))
    assert problem in found


def test_a_missing_final_newline_is_noticed():
    assert notebooks.problems(notebooks.write(normal(code())).rstrip("\n"))


def test_check_changes_nothing_and_fails(tmp_path, capsys):
    path = tmp_path / "a.ipynb"
    before = notebooks.write(notebook(code(outputs=[STDOUT], count=1)))
    path.write_text(before, "utf-8")
    assert notebooks.main(["--check", str(tmp_path)]) == 1
    assert path.read_text("utf-8") == before
    assert "a.ipynb" in capsys.readouterr().err


def test_writing_makes_the_check_pass(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text(notebooks.write(notebook(code(outputs=[STDOUT], count=1))), "utf-8")
    assert notebooks.main([str(path)]) == 0
    assert notebooks.main(["--check", str(path)]) == 0


def test_execution_refreshes_a_stale_output(tmp_path):
    path = tmp_path / "a.ipynb"
    stale = code("print(1 + 3)", metadata=CHECKED, outputs=[STDOUT], count=9)
    path.write_text(notebooks.write(notebook(stale)), "utf-8")
    assert notebooks.main(["--execute", str(path)]) == 0
    (cell,) = json.loads(path.read_text("utf-8"))["cells"]
    assert cell["outputs"][0]["text"] == ["4\n"]
    assert cell["execution_count"] == 1
