"""The guide for contributors says where things go, and each of its lists is true and complete."""

import re
import subprocess
from pathlib import Path

import pytest

from tools import toc

GUIDE = (toc.ROOT / "book/reference/contributing.md").read_text("utf-8")
EXAMPLES = {  # what a list says, held against something that is there
    "An activation": "mish",
    "An initializer": "lecun_uniform",
    "An exercise": "slope_for",
    "A figure": "histograms",
    "A framework": "flax",
}
CODE = (".py", ".toml", ".yml")
ELSEWHERE = {  # code that may mention the example without being a place for another one
    "An activation": set(),
    "An initializer": set(),
    "An exercise": {"tests/package/test_exercises.py", "tests/package/test_progress.py"},
    "A figure": {"tests/site/test_lab.py"},
    "A framework": set(),
}


def places(title):
    """Return the paths that begin the lines of a list."""
    text = GUIDE.split(f"### {title}\n")[1].split("\n#")[0]
    return [
        re.match(r"- `([^`]+)`", line)[1] for line in text.splitlines() if line.startswith("- ")
    ]


def of_chapter(place, chapter):
    for each in toc.chapters():
        place = place.replace(f"NN_{each.name}.", f"{each.stem}.")
    place = place.replace("NN_name", chapter.stem)
    return re.sub(r"\bname\.py$", f"{chapter.name}.py", place)


def chapter_of(word):
    """Return the chapter whose exercises mention a word; the last one else."""
    folder = toc.ROOT / "initcourse/exercises"
    for chapter in toc.chapters():
        if re.search(rf"\b{word}\b", (folder / f"{chapter.name}.py").read_text("utf-8")):
            return chapter
    return next(chapter for chapter in toc.chapters() if chapter.name == "lecun")


def tracked():
    found = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=toc.ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    return [name for name in found if (toc.ROOT / name).is_file()]


def mentions(place, word):
    return re.search(rf"\b{word}\b", (toc.ROOT / place).read_text("utf-8"), re.IGNORECASE)


@pytest.mark.parametrize("title", EXAMPLES)
def test_each_place_of_a_list_holds_the_example(title):
    word = EXAMPLES[title]
    chapter = chapter_of(word)
    found = [of_chapter(place, chapter) for place in places(title)]
    if title == "A framework":
        found = [re.sub(r"lecun\.py$", f"{word}.py", place) for place in found]
    assert found
    for place in found:
        assert mentions(place, word), place


@pytest.mark.parametrize("title", EXAMPLES)
def test_no_code_holds_the_example_that_the_list_does_not_name(title):
    word = EXAMPLES[title]
    chapter = chapter_of(word)
    listed = {of_chapter(place, chapter) for place in places(title)} | ELSEWHERE[title]
    if title == "A framework":
        listed = {re.sub(r"lecun\.py$", f"{word}.py", place) for place in listed}
        listed |= {"tests/tools/test_frameworks.py", "tools/frameworks/subject.py"}
    holding = {
        name
        for name in tracked()
        if name.endswith(CODE)
        and name != "tests/book/test_contributing.py"
        and mentions(name, word)
    }
    assert holding - listed == set()


@pytest.mark.parametrize("chapter", toc.chapters(), ids=lambda chapter: chapter.name)
def test_a_chapter_stands_in_each_of_its_eight_places(chapter):
    named_in = {
        "_toc.yml": rf"file: {chapter.page}$",
        "tools/mutants.toml": rf'^chapters = \[.*"{chapter.name}"',
        "book/intro.md": rf"^{chapter.number}\. \[.*\]\({chapter.stem}\.ipynb\)",
        "book/reference/teaching.md": rf"^\| \[{chapter.number} .*\]\(\.\./{chapter.stem}\.ipynb\)",
    }
    found = places("A chapter")
    assert len(found) == 8
    assert set(named_in) <= set(found)
    for place in found:
        path = toc.ROOT / of_chapter(place, chapter)
        assert re.search(named_in.get(place, ""), path.read_text("utf-8"), re.MULTILINE), place


def test_every_folder_of_tests_is_in_the_guide():
    folders = {
        f"{Path(name).parent.as_posix()}/"
        for name in tracked()
        if re.match(r"tests/\w+/test_", name)
    }
    assert folders == set(places("A test"))


def test_every_module_of_the_package_has_a_file_of_tests():
    modules = {
        Path(name).name for name in tracked() if re.fullmatch(r"initcourse/[a-z]\w*\.py", name)
    }
    tests = {
        Path(name).name.removeprefix("test_") for name in tracked() if "tests/package/" in name
    }
    assert modules <= tests


def test_every_path_that_the_guide_names_exists():
    named = set(
        re.findall(r"`((?:book|initcourse|tests|tools|requirements|binder)/[\w./-]*)`", GUIDE)
    )
    assert len(named) > 20
    missing = {
        path for path in named if "name" not in path and "NN_" not in path
        and not (toc.ROOT / path).exists()
    }  # fmt: skip
    assert missing == set()


def test_every_command_that_is_named_anywhere_is_one_of_the_makefile():
    makefile = (toc.ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    pages = [
        toc.ROOT / "README.md",
        *(p for p in toc.files_in(toc.ROOT / "book") if p.suffix == ".md"),
    ]
    named = set(re.findall(r"`make ([a-z-]+)", "\n".join(p.read_text("utf-8") for p in pages)))
    assert named <= targets
    assert "help" in named
