"""Chapters, solutions and checks list the same exercises, and each stub fits its solution."""

import ast
import inspect
import re

import matplotlib as mpl
import nbformat
import pytest

from initcourse.exercises import EXERCISES, _progress
from initcourse.exercises._judge import seeded
from tests.answers import RIGHT
from tools import notebooks, toc

KINDS = {
    "guess": "Guess first",
    "line": "One line",
    "function": "A function",
    "diagnosis": "A diagnosis",
    "test": "A test",
}
CHAPTERS = {chapter.name: chapter for chapter in toc.chapters()}

each_chapter = pytest.mark.parametrize("chapter", CHAPTERS.values(), ids=CHAPTERS)
each_exercise = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda e: e.name)


def read(path):
    return {cell["id"]: cell for cell in notebooks.read(path.read_text("utf-8"))["cells"]}


BOOK = {name: read(chapter.path) for name, chapter in CHAPTERS.items()}
SOLUTIONS = {name: read(chapter.solutions) for name, chapter in CHAPTERS.items()}


def of(exercise, kind):
    return f"{kind}-{exercise.name.replace('_', '-')}"


def names(cells, prefix):
    return [name.removeprefix(prefix) for name in cells if name.startswith(prefix)]


def heading_anchor(title):
    """Return the fragment of a heading, as GitHub and the book make it."""
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def definition(source, name):
    """Return the statement that defines the answer: a function, or an assignment."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return node
    raise AssertionError(f"{name} is not defined")


def test_every_chapter_has_exercises_under_its_name():
    assert {exercise.chapter for exercise in EXERCISES.values()} == CHAPTERS.keys()


@each_chapter
def test_chapter_solutions_and_checks_list_the_same_exercises(chapter):
    listed = [e.name.replace("_", "-") for e in EXERCISES.values() if e.chapter == chapter.name]
    cells, solutions = BOOK[chapter.name], SOLUTIONS[chapter.name]
    assert names(cells, "stub-") == listed
    assert names(cells, "check-") == listed
    assert names(cells, "ex-")[:-1] == listed  # the last one is the open experiment
    assert names(solutions, "solve-") == listed
    assert names(solutions, "check-") == listed


@each_exercise
def test_the_exercise_is_stated_in_the_chapter(exercise):
    cells = BOOK[exercise.chapter]
    statement = cells[of(exercise, "ex")]["source"]
    assert statement.startswith(f":::{{exercise}} {exercise.title}\n")
    assert f":label: {of(exercise, 'ex')}\n" in statement
    assert f"**{KINDS[exercise.level]}.**" in statement
    solution = CHAPTERS[exercise.chapter].solutions.name
    assert f"[Solution](solutions/{solution}#{heading_anchor(exercise.title)})" in statement
    assert cells[of(exercise, "check")]["source"] == f"check.{exercise.name}({exercise.name})"


@each_exercise
def test_the_section_that_teaches_it_exists(exercise):
    headings = [
        line.removeprefix("## ")
        for cell in BOOK[exercise.chapter].values()
        if cell["cell_type"] == "markdown"
        for line in cell["source"].splitlines()
        if line.startswith("## ")
    ]
    assert exercise.section in headings


@each_exercise
def test_the_stub_is_unsolved_and_has_the_form_of_the_solution(exercise):
    stub = definition(BOOK[exercise.chapter][of(exercise, "stub")]["source"], exercise.name)
    solved = definition(SOLUTIONS[exercise.chapter][of(exercise, "solve")]["source"], exercise.name)
    if isinstance(stub, ast.Assign) and exercise.level == "guess":
        assert stub.value.value is ...
        return
    if isinstance(stub, ast.Assign):
        assert {type(value) for value in stub.value.values} == {ast.Constant}
        assert {value.value for value in stub.value.values} == {...}
        assert ast.dump(ast.Tuple(stub.value.keys)) == ast.dump(ast.Tuple(solved.value.keys))
        return
    assert [type(node) for node in stub.body] == [ast.Expr, ast.Expr]
    assert stub.body[1].value.value is ...
    assert ast.get_docstring(stub) == ast.get_docstring(solved)
    assert ast.dump(stub.args) == ast.dump(solved.args)


@each_exercise
def test_the_solution_is_hidden_checked_and_linked(exercise):
    cells = SOLUTIONS[exercise.chapter]
    opening = cells[exercise.name.replace("_", "-")]["source"]
    assert opening.startswith(f"## {exercise.title}\n")
    assert f":::{{solution-start}} {of(exercise, 'ex')}\n:class: dropdown\n:::" in opening
    closing = cells[f"{exercise.name.replace('_', '-')}-end"]["source"]
    assert closing.endswith(":::{solution-end}\n:::")
    assert cells[of(exercise, "check")]["source"] == f"check.{exercise.name}({exercise.name})"


@each_chapter
def test_solutions_run_in_strict_mode_and_link_back(chapter):
    cells = SOLUTIONS[chapter.name]
    assert 'os.environ["INITCOURSE_STRICT"] = "1"' in cells["set-up"]["source"]
    assert f"(../{chapter.path.name}#exercises)" in cells["title"]["source"]


@each_chapter
def test_a_chapter_ends_with_an_open_experiment_that_is_discussed(chapter):
    cells, solutions = BOOK[chapter.name], SOLUTIONS[chapter.name]
    name = names(cells, "ex-")[-1]
    statement = cells[f"ex-{name}"]["source"]
    title = statement.splitlines()[0].removeprefix(":::{exercise} ")
    assert "**An experiment, without a check.**" in statement
    assert f"[Discussion](solutions/{chapter.solutions.name}#{heading_anchor(title)})" in statement
    assert solutions[name]["source"].startswith(f"## {title}\n")
    assert f":::{{solution-start}} ex-{name}\n" in solutions[name]["source"]


@each_chapter
def test_a_measurement_follows_its_guess_and_symptoms_precede_their_diagnosis(chapter):
    cells = [n for n, cell in BOOK[chapter.name].items() if "mystnb" not in cell["metadata"]]
    kinds = {kind: [] for kind in KINDS}
    for exercise in EXERCISES.values():
        if exercise.chapter == chapter.name:
            kinds[exercise.level].append(exercise)
    shown = [cells.index(of(e, "show")) for e in kinds["guess"] + kinds["diagnosis"]]
    assert len(shown) == len(names(cells, "show-"))
    for exercise, place in zip(kinds["guess"] + kinds["diagnosis"], shown, strict=True):
        if exercise.level == "guess":
            assert cells[place - 1] == of(exercise, "check")
            # what was measured is folded on the page, below the guess
            assert "hide-output" in BOOK[chapter.name][cells[place]]["metadata"]["tags"]
        else:
            assert cells[place - 1 : place + 2] == [of(exercise, k) for k in ("ex", "show", "stub")]


SHARED = "The check tries other faults of this kind as well: your test must notice those too."


@pytest.mark.parametrize("exercise", [e for e in EXERCISES.values() if e.level == "test"], ids=str)
def test_the_text_of_a_test_to_write_says_that_other_faults_are_tried(exercise):
    assert SHARED in BOOK[exercise.chapter][of(exercise, "ex")]["source"]


@each_chapter
def test_exercises_need_nothing_of_the_sections_above_them(chapter, tmp_path):
    """So that a class is judged by its exercises alone: python -m initcourse progress does it."""
    notebook = nbformat.read(chapter.path, as_version=4)
    for cell in notebook.cells:
        if cell.id.startswith("stub-"):
            cell.source = SOLUTIONS[chapter.name][cell.id.replace("stub-", "solve-", 1)]["source"]
    nbformat.write(notebook, tmp_path / chapter.path.name)
    (found,) = _progress.on_disk([tmp_path], exercises_only=True).values()
    states = {name: outcome.state for name, outcome in found.items()}
    assert states == {e.name: "correct" for e in EXERCISES.values() if e.chapter == chapter.name}


# --- the bugs that are printed ----------------------------------------------------------------


TESTS_TO_WRITE = [exercise for exercise in EXERCISES.values() if exercise.level == "test"]


def bug_of(exercise):
    """Return the id of the cell that prints the bug to find: bug-glorot for test_glorot."""
    return f"bug-{exercise.name.removeprefix('test_').replace('_', '-')}"


def printed_bug(exercise):
    """Return the function that the chapter prints."""
    cells, namespace = BOOK[exercise.chapter], {"SEED": 0}
    with mpl.rc_context():
        exec(cells["setup"]["source"], namespace)
    source = cells[bug_of(exercise)]["source"]
    exec(source, namespace)
    return namespace[ast.parse(source).body[-1].name]


def under(seed, function):
    """Return the function, drawing from its own seed as well as from what a test hands over."""

    def seeded_function(*arguments, **keywords):
        call = inspect.signature(function).bind(*arguments, **keywords)
        if "rng" in call.arguments:
            call.arguments["rng"] = seeded(seed, call.arguments["rng"])
        return function(*call.args, **call.kwargs)

    return seeded_function


@each_chapter
def test_every_test_to_write_has_its_bug_printed_and_no_bug_is_left_over(chapter):
    wanted = [bug_of(e) for e in TESTS_TO_WRITE if e.chapter == chapter.name]
    assert [name for name in BOOK[chapter.name] if name.startswith("bug-")] == wanted


@pytest.mark.parametrize("exercise", TESTS_TO_WRITE, ids=lambda e: e.name)
def test_a_right_test_finds_the_printed_bug(exercise):
    """The check judges by a bug of its own, so it cannot tell."""
    bug = printed_bug(exercise)
    for answer in RIGHT[exercise.name]:
        for seed in range(5):
            with pytest.raises(AssertionError):
                answer(under(seed, bug))
