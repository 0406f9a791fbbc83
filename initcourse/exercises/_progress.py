"""Which exercises are solved: in this kernel, or in notebooks on disk."""

from __future__ import annotations

import asyncio
import csv
import json
import re
import subprocess
import sys
import threading
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from . import EXERCISES
from ._exercise import Exercise
from ._outcome import Outcome

TIMEOUT = 600  # seconds a cell: only what hangs takes as long; it is interrupted, the rest goes on
MARK = "initcourse outcomes: "
REPORT = f"""
import dataclasses, json
import initcourse.exercises
found = initcourse.exercises.outcomes().items()
print({MARK!r} + json.dumps({{name: dataclasses.asdict(outcome) for name, outcome in found}}))
"""
UNKNOWN = "–"
PACKAGE = "initcourse.exercises"


def in_order(exercises: Iterable[Exercise], folders: Iterable[Path]) -> list[tuple[str, Exercise]]:
    """Pair every exercise with the label of its chapter, in the order of the labels.

    The label of he is 03_he where a notebook of that name lies in one of the folders, else he.
    """
    stems = [path.stem for folder in folders for path in folder.glob("[0-9][0-9]_*.ipynb")]
    labels = {stem[3:]: stem for stem in stems}
    course = [(labels.get(exercise.chapter, exercise.chapter), exercise) for exercise in exercises]
    return sorted(course, key=lambda pair: pair[0])


def table(course: Iterable[tuple[str, Exercise]], found: Mapping[str, Outcome]) -> str:
    """Format the state of every exercise as text, and how many are correct."""
    states = {name: outcome.state for name, outcome in found.items()}
    rows = [(label, e.name, e.level, states.get(e.name, UNKNOWN)) for label, e in course]
    correct = sum(row[-1] == "correct" for row in rows)
    lines = [f"{'chapter':20} {'exercise':20} {'level':9}  state"]
    lines += [f"{label:20} {name:20} {level:9}  {state}" for label, name, level, state in rows]
    return "\n".join([*lines, f"{correct} of {len(rows)} are correct."])


def write_csv(
    course: Sequence[tuple[str, Exercise]], results: Mapping[str, Mapping[str, Outcome]]
) -> None:
    """Write a line for every place and exercise to standard output."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["where", "chapter", "exercise", "level", "state", "misconception"])
    for where, found in results.items():
        for label, e in course:
            outcome = found.get(e.name)
            state, idea = (outcome.state, outcome.misconception) if outcome else (UNKNOWN, None)
            writer.writerow([where, label, e.name, e.level, state, idea or ""])


def chapters_in(path: Path) -> list[Path]:
    """List the notebooks with exercises: the path itself, or those that lie in the folder."""
    if not path.exists():
        raise FileNotFoundError(f"there is no file or folder {path}")
    found = sorted(path.glob("*.ipynb")) if path.is_dir() else [path]
    return [p for p in found if PACKAGE.encode() in p.read_bytes()]


def exercise_cells(cells: Sequence[Any]) -> list[Any]:
    """Keep a chapter's set-up, and its cells from the import of the checks to the last check.

    The set-up stands above the first section, and the import of `initcourse.exercises` below the
    last. What comes after the last check, an experiment for instance, is left out.
    """
    call = re.compile(r"\b\w+\.(?:" + "|".join(EXERCISES) + r")\(")

    def where(kind: str, pattern: str | re.Pattern[str]) -> list[int]:
        return [
            number
            for number, cell in enumerate(cells)
            if cell.cell_type == kind and re.search(pattern, cell.source)
        ]

    first = min(where("code", re.escape(PACKAGE)), default=0)
    last = max(where("code", call), default=len(cells))
    setup = min([first, *where("markdown", r"(?m)^## ")])
    return [*cells[:setup], *cells[first : last + 1]]


def _in_a_thread(execution: Coroutine[Any, Any, object]) -> None:
    """Run a coroutine in a thread of its own, so that signals reach this one.

    nbclient would handle them, and end in a traceback.
    """
    raised: list[BaseException] = []

    def caught() -> None:
        try:
            asyncio.run(execution)
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=caught, daemon=True)
    thread.start()
    thread.join()
    if raised:
        raise raised[0]


def on_disk(
    paths: Iterable[Path], *, exercises_only: bool = False
) -> dict[str, dict[str, Outcome]]:
    """Execute notebooks, with a progress bar, and return what each path's checks found.

    Cells that raise or take too long do not stop the rest. Nothing on disk is changed. With
    `exercises_only` the sections of a chapter are left out; see `exercise_cells`.
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
    results: dict[str, dict[str, Outcome]] = {str(path): {} for path in paths}
    for where, file in tqdm(notebooks, unit="notebook"):
        try:
            notebook: Any = nbformat.read(file, as_version=4)
        except (ValueError, nbformat.ValidationError) as error:  # not JSON, not UTF-8, no notebook
            print(f"{file}: cannot be read as a notebook ({error!r:.80})", file=sys.stderr)
            continue
        if exercises_only:
            notebook.cells = exercise_cells(notebook.cells)
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
            _in_a_thread(client.async_execute(stderr=subprocess.DEVNULL))
        except DeadKernelError:
            print(f"{file}: the kernel died; nothing is known of its exercises", file=sys.stderr)
            continue
        for output in notebook.cells[-1].outputs:
            text = output.get("text", "")
            if text.startswith(MARK):
                found = json.loads(text.removeprefix(MARK))
                results[where] |= {name: Outcome(**outcome) for name, outcome in found.items()}
    return results
