"""Notebooks are executed once for each code, package, lock and data."""

import pytest

from tools import execute, notebooks


def write(path, *sources):
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for number, source in enumerate(sources)
    ]
    text = {"cells": cells, "metadata": notebooks.NOTEBOOK_METADATA, "nbformat": 4}
    path.write_text(notebooks.write({**text, "nbformat_minor": 5}), "utf-8")


COUNT = "with open('runs', 'a') as file:\n    file.write('x')"


@pytest.fixture
def book(tmp_path):
    """A book of two pages with code and one without; each run of the notebook leaves an x."""
    folder = tmp_path / "book"
    folder.mkdir()
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: book/intro\nchapters:\n- file: book/a\n- file: book/b\n", "utf-8"
    )
    (folder / "intro.md").write_text(
        "---\nkernelspec:\n  display_name: Python 3\n  language: python\n  name: python3\n"
        "jupytext:\n  text_representation:\n    extension: .md\n    format_name: myst\n---\n\n"
        f"# Text\n\n```{{code-cell}} python3\n{COUNT}\n```\n",
        "utf-8",
    )
    write(folder / "a.ipynb", COUNT)
    (folder / "b.md").write_text("# No code\n\nIt says kernelspec: somewhere.\n", "utf-8")
    return folder


def executed_now(book):
    """Execute what has to be, and count the runs."""
    (book / "runs").write_text("")
    assert execute.main([], book.parent) == 0
    return len((book / "runs").read_text())


def test_pages_with_code_are_executed_once(book):
    assert [path.name for path in execute.executable(book.parent)] == ["intro.md", "a.ipynb"]
    assert executed_now(book) == 2
    assert executed_now(book) == 0


def test_a_change_of_prose_executes_nothing_and_one_of_code_that_page(book):
    assert executed_now(book) == 2
    (book / "intro.md").write_text((book / "intro.md").read_text() + "\nMore text.\n", "utf-8")
    assert executed_now(book) == 0
    write(book / "a.ipynb", COUNT, "1 + 1")
    assert executed_now(book) == 1


@pytest.mark.parametrize(
    "name", ["initcourse/initializers.py", "initcourse/plots/style.py", "requirements.txt",
             "book/reference/frameworks.json"]
)  # fmt: skip
def test_another_package_lock_or_data_executes_everything(book, name, capsys):
    assert executed_now(book) == 2
    path = book.parent / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("changed = 1\n", "utf-8")
    assert executed_now(book) == 2
    assert "executed anew" in capsys.readouterr().out
    assert len(list((book.parent / "_build/executed").iterdir())) == 1


def test_a_page_keeps_no_progress_bar(book):
    write(
        book / "a.ipynb", "from tqdm import tqdm\nassert list(tqdm([1, 2])) and tqdm([1]).disable"
    )
    assert execute.main([], book.parent) == 0


def test_a_fresh_build_executes_everything(book):
    assert executed_now(book) == 2
    (book / "runs").write_text("")
    assert execute.main(["--fresh"], book.parent) == 0
    assert (book / "runs").read_text() == "xx"


def test_a_page_that_fails_is_named_with_its_cell_and_executed_again(book, capsys):
    write(book / "a.ipynb", COUNT, "x = 1", "assert x == 2, 'a false claim'")
    assert execute.main([], book.parent) == 1
    said = capsys.readouterr().err
    assert "book/a.ipynb, cell-2: `assert x == 2, 'a false claim'` AssertionError" in said
    (book / "runs").write_text("")
    assert execute.main([], book.parent) == 1
    assert (book / "runs").read_text() == "x"


def test_the_build_reads_the_folder_that_is_filled(book):
    from types import SimpleNamespace

    config = SimpleNamespace()
    execute.executed.configure(SimpleNamespace(srcdir=str(book.parent)), config)
    assert config.nb_execution_cache_path == str(execute.executed.folder(book.parent))
