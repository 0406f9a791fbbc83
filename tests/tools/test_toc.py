"""The contents: pages in order, and one definition of a chapter."""

import json

import pytest

from tools import toc


def contents(root, *files):
    (root / "book").mkdir(exist_ok=True)
    lines = "".join(f"- file: {file}\n" for file in files)
    (root / "_toc.yml").write_text(
        f"format: jb-book\nroot: book/intro\nchapters:\n{lines}", "utf-8"
    )


def test_chapters_are_listed_beyond_the_ninth(tmp_path):
    names = [f"book/{number:02}_topic_{number}" for number in range(1, 15)]
    contents(tmp_path, *names, "book/lab", "book/solutions/01_topic_1")
    for name in names:
        (tmp_path / f"{name}.ipynb").touch()
    found = toc.chapters(tmp_path)
    assert toc.chapter_pages(tmp_path) == names
    assert [chapter.number for chapter in found] == list(range(1, 15))
    last = found[-1]
    assert (last.name, last.stem, last.page) == ("topic_14", "14_topic_14", "book/14_topic_14")
    assert last.solutions == tmp_path / "book/solutions/14_topic_14.ipynb"


def test_a_chapter_that_is_not_listed_is_an_error_that_says_what_to_do(tmp_path):
    contents(tmp_path, "book/01_a")
    (tmp_path / "book/01_a.ipynb").touch()
    (tmp_path / "book/02_b.ipynb").touch()
    with pytest.raises(
        ValueError, match=r"book/02_b\.ipynb .* list it there as `- file: book/02_b`"
    ):
        toc.chapters(tmp_path)


def test_a_chapter_that_is_listed_and_missing_is_an_error_that_says_what_to_do(tmp_path):
    contents(tmp_path, "book/01_a", "book/02_b")
    (tmp_path / "book/01_a.ipynb").touch()
    with pytest.raises(ValueError, match=r"add book/02_b\.ipynb"):
        toc.chapters(tmp_path)


def notebook(path, *tags):
    cells = [{"metadata": {"tags": list(tags)}}, {"metadata": {}}]
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"cells": cells}), "utf-8")


def test_pages_that_set_a_seed_follow_the_chapters(tmp_path):
    contents(tmp_path, "book/intro", "book/play", "book/01_a", "book/reference/b", "book/quiet")
    (tmp_path / "book/intro.md").touch()
    (tmp_path / "book/01_a.ipynb").touch()  # a chapter whatever it holds
    notebook(tmp_path / "book/play.ipynb", "parameters")
    notebook(tmp_path / "book/reference/b.ipynb", "hide-input", "parameters")
    notebook(tmp_path / "book/quiet.ipynb", "hide-input")
    found = toc.seeded(tmp_path)
    assert [(page.name, page.stem) for page in found] == [
        ("a", "01_a"),
        ("play", "play"),
        ("b", "b"),
    ]


def test_a_page_that_sets_a_seed_is_not_called_like_a_chapter(tmp_path):
    contents(tmp_path, "book/01_a", "book/reference/a")
    (tmp_path / "book/01_a.ipynb").touch()
    notebook(tmp_path / "book/reference/a.ipynb", "parameters")
    with pytest.raises(ValueError, match="two pages are called a"):
        toc.seeded(tmp_path)


def test_choose_and_the_article_claim_for_any_seed():
    assert {"choose", "article"} < {page.name for page in toc.seeded()}


@pytest.mark.parametrize("name", ["1_a", "01-a", "01_A", "010_a", "01_"])
def test_a_chapter_has_two_digits_and_a_name(tmp_path, name):
    contents(tmp_path, f"book/{name}")
    (tmp_path / f"book/{name}.ipynb").touch()
    with pytest.raises(ValueError, match=r"NN_name\.ipynb"):
        toc.chapters(tmp_path)


def test_a_page_needs_exactly_one_source(tmp_path):
    with pytest.raises(FileNotFoundError, match="found 0"):
        toc.source("page", tmp_path)
    (tmp_path / "page.md").touch()
    assert toc.source("page", tmp_path) == tmp_path / "page.md"
    (tmp_path / "page.ipynb").touch()
    with pytest.raises(FileNotFoundError, match="found 2"):
        toc.source("page", tmp_path)


def test_the_contents_are_read_in_order_through_all_levels(tmp_path):
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: a\nparts:\n- chapters:\n  - file: b\n    sections:\n    - file: c\n"
        "- chapters:\n  - url: https://example.org\n  - file: d\n",
        "utf-8",
    )
    assert toc.pages(tmp_path) == ["a", "b", "c", "d"]
