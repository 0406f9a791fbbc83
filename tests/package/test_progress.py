"""The table of solved exercises, in a kernel and on disk."""

import csv
import io
import signal
import subprocess
import sys
import time
from functools import partial

import nbformat
import pytest

import initcourse as ic
from initcourse import __main__ as command_line
from initcourse.exercises import EXERCISES, _exercise, _progress, lecun

RIGHT = "lambda c: (6 / c**2 - 1) ** 0.5"


def write(path, *sources):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


@pytest.fixture
def folder(tmp_path):
    imports = "from initcourse.exercises import lecun as check"
    write(tmp_path / "a.ipynb", imports, "1 / 0", f"check.slope_for({RIGHT})")
    wrong = ["check.normalize(lambda a, b: 1)", "check.selu_map(lambda m, v: (m, v))"]
    write(tmp_path / "b.ipynb", imports, *wrong, "check.test_embedding(None)")
    write(tmp_path / "c.ipynb", "raise RuntimeError('this one has no exercises')")
    return tmp_path


@pytest.fixture
def numbered(tmp_path):
    """Number the chapters of the course in an order that is not that of the alphabet."""
    names = sorted({exercise.chapter for exercise in EXERCISES.values()}, reverse=True)
    labels = [f"{number:02}_{name}" for number, name in enumerate(names, start=1)]
    (tmp_path / "book" / "solutions").mkdir(parents=True)
    for label in labels:
        write(tmp_path / "book" / f"{label}.ipynb", "import initcourse.exercises")
    return tmp_path, labels


def chapters_printed(capsys):
    """Return the first column of a table, each entry once."""
    lines = capsys.readouterr().out.splitlines()
    first = lines.index(next(line for line in lines if line.startswith("chapter")))
    return list(dict.fromkeys(line.split()[0] for line in lines[first + 1 : -1]))


def test_the_package_is_imported_without_its_exercises():
    code = "import sys, initcourse; print('initcourse.exercises' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


@pytest.mark.parametrize("folder", [".", "book", "book/solutions"])
def test_the_order_of_the_chapters_is_that_of_their_notebooks(
    folder, numbered, monkeypatch, capsys
):
    root, labels = numbered
    monkeypatch.chdir(root / folder)
    ic.progress()
    assert chapters_printed(capsys) == labels


def test_without_notebooks_chapters_have_their_bare_names(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    ic.progress()
    assert chapters_printed(capsys) == sorted({e.chapter for e in EXERCISES.values()})


@pytest.mark.parametrize("path", ["book", "book/{}.ipynb"])
def test_the_command_looks_for_the_order_in_its_paths(path, numbered, monkeypatch, capsys):
    root, labels = numbered
    monkeypatch.setattr(_progress, "on_disk", lambda paths, **_: {str(path): {} for path in paths})
    assert command_line.main(["progress", str(root / path.format(labels[0]))]) == 0
    assert chapters_printed(capsys) == labels
    assert command_line.main(["progress", "--csv", str(root / path.format(labels[0]))]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert list(dict.fromkeys(row["chapter"] for row in rows)) == labels


def test_every_exercise_is_listed_with_what_its_check_found_last(monkeypatch, capsys):
    monkeypatch.setattr(_exercise, "_found", {})
    lecun.slope_for(lambda c: 1 / c)
    lecun.slope_for(lambda c: (6 / c**2 - 1) ** 0.5)
    lecun.normalize(None)
    capsys.readouterr()
    ic.progress()
    lines = capsys.readouterr().out.splitlines()
    states = {line.split()[1]: line.split(maxsplit=3)[3] for line in lines[1:-1]}
    assert states.keys() == EXERCISES.keys()
    assert states.pop("slope_for") == "correct"
    assert states.pop("normalize") == "not attempted"
    assert set(states.values()) == {"–"}
    assert lines[-1] == f"1 of {len(EXERCISES)} are correct."


def test_notebooks_on_disk_are_executed_past_their_errors(folder, capsys):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert command_line.main(["progress", "--csv", str(folder)]) == 0
    out, err = capsys.readouterr()
    assert "2/2" in err  # a progress bar; the notebook without exercises is left out
    rows = {row["exercise"]: row for row in csv.DictReader(io.StringIO(out))}
    assert rows.keys() == EXERCISES.keys()
    assert rows["slope_for"]["state"] == "correct"
    assert rows["normalize"]["state"] == "not yet"
    assert rows["test_embedding"]["state"] == "not attempted"
    assert rows["he_std"]["state"] == "–"
    mistakes = {name: row["misconception"] for name, row in rows.items() if row["misconception"]}
    assert mistakes == {"selu_map": "identity"}
    assert {row["where"] for row in rows.values()} == {str(folder)}
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_table_for_each_path_and_a_kernel_that_dies(folder, capsys):
    dead = write(folder / "d.ipynb", "import initcourse.exercises, os; os._exit(1)")
    assert command_line.main(["progress", str(dead), str(folder / "a.ipynb")]) == 0
    out, err = capsys.readouterr()
    assert f"{dead}: the kernel died" in err
    assert f"{dead}\nchapter" in out
    assert f"0 of {len(EXERCISES)} are correct." in out
    assert f"1 of {len(EXERCISES)} are correct." in out


def test_a_broken_notebook_does_not_stop_the_others(folder, capsys):
    broken = folder / "0.ipynb"
    broken.write_bytes(b"\xff initcourse.exercises {")
    assert command_line.main(["progress", "--csv", str(folder)]) == 0
    out, err = capsys.readouterr()
    assert f"{broken}: cannot be read as a notebook" in err
    assert "slope_for,line,correct," in out


def test_the_exercises_of_a_chapter_are_executed_without_its_sections(tmp_path, capsys):
    new = nbformat.v4
    cells = [
        new.new_markdown_cell("# A chapter"),
        new.new_code_cell("six = 6"),
        new.new_markdown_cell("## A section"),
        new.new_code_cell("six = 7"),
        new.new_markdown_cell("## Exercises"),
        new.new_code_cell("from initcourse.exercises import lecun as check"),
        new.new_code_cell("slope = lambda c: (six / c**2 - 1) ** 0.5"),
        new.new_code_cell("check.slope_for(slope)"),
        new.new_markdown_cell("An experiment"),
        new.new_code_cell("check.slope_for.hint(); check.slope_for.__call__(None)"),
    ]
    kept = _progress.exercise_cells(cells)
    assert [c.source for c in kept] == [cells[i].source for i in (0, 1, 5, 6, 7)]
    nbformat.write(new.new_notebook(cells=cells), tmp_path / "a.ipynb")
    for option, state in (("--exercises-only", "correct"), ("--csv", "not attempted")):
        assert command_line.main(["progress", option, "--csv", str(tmp_path)]) == 0
        assert f"slope_for,line,{state}," in capsys.readouterr().out


def test_what_is_no_chapter_is_executed_as_a_whole():
    """A notebook of a learner's own, or the solutions, whose set-up imports the checks."""
    cells = [nbformat.v4.new_code_cell(source) for source in ("a = 1", "b = 2")]
    assert _progress.exercise_cells(cells) == cells
    heading = nbformat.v4.new_markdown_cell("## One")
    imports = nbformat.v4.new_code_cell("from initcourse.exercises import he as check")
    assert _progress.exercise_cells([imports, heading, *cells]) == [imports, heading, *cells]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGTERM")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_command_without_a_traceback(number, tmp_path):
    started = tmp_path / "started"
    wait = f"import initcourse.exercises, pathlib, time; pathlib.Path({str(started)!r}).touch()"
    write(tmp_path / "a.ipynb", f"{wait}; time.sleep(60)")
    command = [sys.executable, "-m", "initcourse", "progress", str(tmp_path)]
    heard = partial(signal.signal, number, signal.SIG_DFL)  # in the background a shell ignores one
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=heard) as run:
        for _ in range(600):
            if started.exists():
                break
            time.sleep(0.1)
        run.send_signal(number)
        assert run.wait(30) == 128 + number
        error = run.stderr.read()
    assert "Traceback" not in error
    assert all("notebook/s" in line for line in error.split("\n") if line)  # the progress bar


def test_a_path_that_does_not_exist_is_an_error(tmp_path, capsys):
    assert command_line.main(["progress", str(tmp_path / "nowhere")]) == 2
    assert "there is no file or folder" in capsys.readouterr().err


def test_the_version_is_printed(capsys):
    with pytest.raises(SystemExit) as stop:
        command_line.main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"initcourse {ic.__version__}\n"
