"""Which exercises are solved: in this kernel, or in notebooks on disk."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ._exercise import Exercise
from ._outcome import State

TIMEOUT = 600  # seconds a cell: only what hangs takes as long; it is interrupted, the rest goes on
MARK = "initcourse states: "
REPORT = f"""
import json
import initcourse.exercises
print({MARK!r} + json.dumps(initcourse.exercises.states()))
"""
UNKNOWN = "–"


def in_order(exercises: Iterable[Exercise], folders: Iterable[Path]) -> list[tuple[str, Exercise]]:
    """Pair every exercise with the label of its chapter, in the order of the labels.

    The label of he is 03_he where a notebook of that name lies in one of the folders, else he.
    """
    stems = [path.stem for folder in folders for path in folder.glob("[0-9][0-9]_*.ipynb")]
    labels = {stem[3:]: stem for stem in stems}
    course = [(labels.get(exercise.chapter, exercise.chapter), exercise) for exercise in exercises]
    return sorted(course, key=lambda pair: pair[0])


def table(course: Iterable[tuple[str, Exercise]], states: Mapping[str, State]) -> str:
    """Format the state of every exercise as text, and how many are correct."""
    rows = [(label, e.name, e.level, states.get(e.name, UNKNOWN)) for label, e in course]
    correct = sum(row[-1] == "correct" for row in rows)
    lines = [f"{'chapter':20} {'exercise':20} level  state"]
    lines += [f"{label:20} {name:20} {level:5}  {state}" for label, name, level, state in rows]
    return "\n".join([*lines, f"{correct} of {len(rows)} are correct."])


def write_csv(
    course: Sequence[tuple[str, Exercise]], results: Mapping[str, Mapping[str, State]]
) -> None:
    """Write a line for every place and exercise to standard output."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["where", "chapter", "exercise", "level", "state"])
    for where, states in results.items():
        for label, e in course:
            writer.writerow([where, label, e.name, e.level, states.get(e.name, UNKNOWN)])


def chapters_in(path: Path) -> list[Path]:
    """List the notebooks with exercises: the path itself, or those that lie in the folder."""
    if not path.exists():
        raise FileNotFoundError(f"there is no file or folder {path}")
    found = sorted(path.glob("*.ipynb")) if path.is_dir() else [path]
    return [p for p in found if b"initcourse.exercises" in p.read_bytes()]


def on_disk(paths: Iterable[Path]) -> dict[str, dict[str, State]]:
    """Execute notebooks, with a progress bar, and return the states of each path's exercises.

    Cells that raise or take too long do not stop the rest. Nothing on disk is changed.
    """
    try:
        import nbformat
        from nbclient import NotebookClient
        from nbclient.exceptions import DeadKernelError
        from tqdm import tqdm
    except ImportError as error:
        raise ImportError(
            "executing notebooks needs nbclient and tqdm: pip install 'initcourse[progress]'"
        ) from error
    notebooks = [(str(path), file) for path in paths for file in chapters_in(path)]
    results: dict[str, dict[str, State]] = {str(path): {} for path in paths}
    for where, file in tqdm(notebooks, unit="notebook"):
        try:
            notebook: Any = nbformat.read(file, as_version=4)
        except (ValueError, nbformat.ValidationError) as error:  # not JSON, not UTF-8, no notebook
            print(f"{file}: cannot be read as a notebook ({error!r:.80})", file=sys.stderr)
            continue
        notebook.cells.append(nbformat.v4.new_code_cell(REPORT))
        client = NotebookClient(
            notebook,
            timeout=TIMEOUT,
            interrupt_on_timeout=True,
            allow_errors=True,
            kernel_name="python3",
            resources={"metadata": {"path": str(file.parent)}},
        )
        try:
            client.execute()
        except DeadKernelError:
            print(f"{file}: the kernel died; nothing is known of its exercises", file=sys.stderr)
            continue
        for output in notebook.cells[-1].outputs:
            text = output.get("text", "")
            if text.startswith(MARK):
                results[where] |= json.loads(text.removeprefix(MARK))
    return results
