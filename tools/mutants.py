"""Break a copy of the package, one fault at a time, and show which test and which chapter notices.

python -m tools.mutants [--only NAME ...] [--no-chapters | --claims]

The faults are listed in mutants.toml. Each must make the package's unit tests fail, and each
chapter that teaches the point. A fault that survives is an error. A page beside the course whose
randomness comes from one seed counts as a chapter here.

A chapter runs to its end under a fault, and the cells that claim run statement by statement, so
that one false claim hides no other. At the end stands how many faults each claim noticed: it is
false under them. A claim that notices none of the faults under which its chapter ran is to be
looked at: it may be about something that no fault breaks, or unable to fail. With --claims every
chapter runs under every fault that could matter to it, which takes hours.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from tqdm import tqdm

from initcourse import claims
from tools import toc
from tools.notebooks import ONE_THREAD, Notebook, is_claim, raised, read, shown, timed

LIST = Path(__file__).with_name("mutants.toml")
TIMEOUT = 1800  # seconds for the unit tests: a fault may make a loop endless, a machine may be busy
FOLDERS = ("initcourse", "tests", "book", "tools")
COPIED = (*FOLDERS, "conftest.py", "pyproject.toml", "_toc.yml", "_config.yml")
# they matter where they are named
BY_NAME = (
    "choose",
    "decoder",
    "gradients",
    "lab",
    "normalization",
    "plots",
    "residual",
    "training",
)
JUDGES = ("testing", "claims")  # a fault in one makes claims easier: no claim is about that


@dataclass(frozen=True)
class Mutant:
    """A fault: in `file`, the text `old` reads `new`; the chapters named must notice."""

    name: str
    file: str
    old: str
    new: str
    chapters: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """A part of a chapter as it ran: its cell, the claims that it showed, the name of its error."""

    cell: str
    claims: tuple[str, ...]
    error: str


@dataclass(frozen=True)
class Verdict:
    """What noticed a mutant, None standing for a test or a chapter that did not; and the runs."""

    unit_test: str | None
    by_chapter: dict[str, str | None]
    runs: dict[str, list[Step]] = field(default_factory=dict)

    @property
    def killed(self) -> bool:
        """Tell whether everything that should notice did."""
        return self.unit_test is not None and None not in self.by_chapter.values()


def load(path: Path = LIST) -> list[Mutant]:
    """Read the list of faults."""
    entries = tomllib.loads(path.read_text("utf-8"))["mutant"]
    mutants = [
        Mutant(m["name"], m["file"], m["old"], m["new"], tuple(m["chapters"])) for m in entries
    ]
    names = [mutant.name for mutant in mutants]
    if len(set(names)) != len(names):
        raise ValueError("two mutants have the same name")
    known = [chapter.name for chapter in toc.seeded()]
    for mutant in mutants:
        for chapter in mutant.chapters:
            if chapter not in known:
                raise ValueError(
                    f"{mutant.name}: there is no chapter {chapter!r}, take of {', '.join(known)}"
                )
    return mutants


def apply(mutant: Mutant, package: Path) -> None:
    """Put the fault into a copy of the package; its text must occur exactly once."""
    path = package / mutant.file
    text = path.read_text("utf-8")
    if mutant.old == mutant.new or text.count(mutant.old) != 1:
        raise ValueError(
            f"{mutant.name}: the text to replace must occur once in {mutant.file}, "
            f"found {text.count(mutant.old)} times"
        )
    path.write_text(text.replace(mutant.old, mutant.new), "utf-8")


def try_mutant(mutant: Mutant | None, with_chapters: Sequence[str]) -> Verdict:
    """Run the unit tests and the chapters on a broken copy, or on an intact one for None."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        copy = Path(folder)
        for name in COPIED:
            if (toc.ROOT / name).is_dir():
                ignored = shutil.ignore_patterns("__pycache__", ".*")
                shutil.copytree(toc.ROOT / name, copy / name, ignore=ignored)
            elif (toc.ROOT / name).exists():
                shutil.copy(toc.ROOT / name, copy / name)
        if mutant is not None:
            apply(mutant, copy / "initcourse")
        environment = {
            **os.environ,
            "PYTHONPATH": str(copy),
            "PYTHONDONTWRITEBYTECODE": "1",
            **ONE_THREAD,
        }
        _prove_import(copy, environment)
        runs = {name: _run(copy, name, environment) for name in with_chapters}
        judged = with_chapters if mutant is None else mutant.chapters
        return Verdict(
            _failing_test(copy, environment, mutant),
            {name: runs[name][0] for name in with_chapters if name in judged},
            {name: steps for name, (_, steps) in runs.items()},
        )


def _prove_import(copy: Path, environment: dict[str, str]) -> None:
    """Make sure that the copy is what gets imported, not the installed package."""
    command = [sys.executable, "-c", "import initcourse; print(initcourse.__file__)"]
    where = subprocess.run(
        command, cwd=copy / "book", env=environment, capture_output=True, text=True, check=True
    )
    if copy.resolve() not in Path(where.stdout.strip()).resolve().parents:
        raise RuntimeError(f"the package is imported from {where.stdout.strip()}, not {copy}")


def _failing_test(
    copy: Path, environment: dict[str, str], mutant: Mutant | None = None
) -> str | None:
    """Name the first unit test or doctest of the package that fails, those of the module first."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-p", "no:cacheprovider"]
    module = Path(mutant.file).parts[0].removesuffix(".py") if mutant else ""
    if (copy / (own := f"tests/package/test_{module}.py")).exists():
        command.append(own)
    command += ["tests/package", "initcourse"]
    try:
        result = subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, text=True, timeout=TIMEOUT
        )
    except subprocess.TimeoutExpired:
        return f"no end within {TIMEOUT} seconds"
    if result.returncode == 0:
        return None
    failed = re.search(r"^(?:FAILED|ERROR) (\S+)", result.stdout, re.MULTILINE)
    if result.returncode != 1 and failed is None:
        raise RuntimeError(f"pytest could not run:\n{result.stdout}{result.stderr}")
    return failed[1] if failed else "?"


def _run(copy: Path, chapter: str, environment: dict[str, str]) -> tuple[str | None, list[Step]]:
    """Run a chapter to its end: its first cell that fails, with line and error, and all steps."""
    (path,) = (found.path for found in toc.seeded(copy) if found.name == chapter)
    node = nbformat.from_dict(apart(read(path.read_text("utf-8"))))
    _, failure = timed(node, path.parent, environment, to_the_end=True)
    return str(failure) if failure else None, steps_of(node)


def apart(notebook: Notebook) -> Notebook:
    """Give every statement of the cells that claim a cell of its own."""
    cells = []
    for cell in notebook["cells"]:
        if not is_claim(cell):
            cells.append(cell)
            continue
        lines, start = cell["source"].splitlines(), 0
        for statement in ast.parse(cell["source"]).body:
            stop = statement.end_lineno or start
            cells.append({**cell, "source": "\n".join(lines[start:stop])})
            start = stop
    return {**notebook, "cells": cells}


def steps_of(executed: Notebook) -> list[Step]:
    """Tell what each cell of a chapter did."""
    steps = []
    for cell in executed["cells"]:
        found = claims.read(shown({"cells": [cell]}))
        sentences = tuple(entry["sentence"] for entry in found)
        steps.append(Step(cell.get("id", "?"), sentences, raised(cell).get("ename", "")))
    return steps


def broken(intact: Sequence[Step], under_fault: Sequence[Step]) -> list[str]:
    """List the claims that a fault has made false, of those that the intact chapter shows.

    False is a claim whose evidence is not to be had: an assertion fails in the statement that
    claims, or before it in the same cell. Of a statement with several claims the first that is
    missing counts; a statement that fails for another reason, as an earlier cell has, says nothing.
    """
    found, without_evidence = [], ""
    for before, after in zip(intact, under_fault, strict=True):
        if after.error == "AssertionError":
            without_evidence = after.cell
        elif not (after.error == "NameError" and after.cell == without_evidence):
            continue
        if len(after.claims) < len(before.claims):
            found.append(before.claims[len(after.claims)])
    return found


def matters(mutant: Mutant, code: str) -> bool:
    """Tell whether a fault could make a claim of a chapter false, as the chapter's code goes."""
    module = Path(mutant.file).parts[0].removesuffix(".py")
    if module in BY_NAME:
        return re.search(rf"\b{module}\b", code) is not None
    return module not in JUDGES


def _every_chapter(mutants: Sequence[Mutant]) -> dict[str, list[str]]:
    """Return for each fault the chapters that it names, and those where it could matter."""
    code = {
        chapter.name: "\n".join(
            cell["source"]
            for cell in read(chapter.path.read_text("utf-8"))["cells"]
            if cell["cell_type"] == "code"
        )
        for chapter in toc.seeded()
    }
    return {
        mutant.name: [n for n in code if n in mutant.chapters or matters(mutant, code[n])]
        for mutant in mutants
    }


def noticed(intact: Verdict, verdicts: Mapping[str, Verdict]) -> dict[tuple[str, str], list[str]]:
    """Return for each claim, by chapter and sentence, the faults that it noticed."""
    found: dict[tuple[str, str], list[str]] = {
        (chapter, sentence): []
        for chapter, steps in intact.runs.items()
        for step in steps
        for sentence in step.claims
    }
    for name, verdict in verdicts.items():
        for chapter, steps in verdict.runs.items():
            for sentence in broken(intact.runs[chapter], steps):
                found[chapter, sentence].append(name)
    return found


def table(verdicts: dict[str, Verdict]) -> str:
    """Format who noticed which fault as a Markdown table."""

    lines = ["| fault | unit test | chapters |", "|---|---|---|"]
    for name, verdict in verdicts.items():
        noticed = "<br>".join(
            f"{chapter} {_cell(what or '**SURVIVES**')}"
            for chapter, what in verdict.by_chapter.items()
        )
        test = f"`{verdict.unit_test}`" if verdict.unit_test else "**SURVIVES**"
        lines.append(f"| {name} | {test} | {noticed or '–'} |")
    return "\n".join(lines)


def claims_table(found: Mapping[tuple[str, str], Sequence[str]]) -> str:
    """Format how many faults each claim noticed as a Markdown table, those with none at the end."""
    lines = ["| claim | chapter | faults noticed |", "|---|---|---:|"]
    for (chapter, sentence), faults in sorted(found.items(), key=lambda item: not item[1]):
        lines.append(f"| {_cell(sentence)} | {chapter} | {len(faults) or '**NONE**'} |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description="Show that every fault is noticed.")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="beginnings of names")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--no-chapters", action="store_true", help="run the unit tests only")
    which.add_argument(
        "--claims",
        action="store_true",
        help="run every chapter under every fault that could matter",
    )
    options = parser.parse_args(arguments)
    mutants = [m for m in load() if m.name.startswith(tuple(options.only or [""]))]
    if not mutants:
        parser.error("no mutant of that name")
    if options.claims:
        chapters = _every_chapter(mutants)
    else:
        chapters = {m.name: [] if options.no_chapters else [*m.chapters] for m in mutants}

    print("The intact package first: nothing may fail.", flush=True)
    intact = try_mutant(None, sorted({name for names in chapters.values() for name in names}))
    if intact.unit_test is not None or any(intact.by_chapter.values()):
        print(f"The intact package fails: {intact.unit_test}, {intact.by_chapter}")
        return 1

    verdicts: dict[str, Verdict] = {}
    with ThreadPoolExecutor(max_workers=2) as pool:
        jobs = {pool.submit(try_mutant, m, chapters[m.name]): m.name for m in mutants}
        for job in tqdm(as_completed(jobs), total=len(jobs), unit="mutant"):
            verdicts[jobs[job]] = job.result()
            tqdm.write(f"{jobs[job]}: {'noticed' if job.result().killed else 'SURVIVES'}")

    ordered = {mutant.name: verdicts[mutant.name] for mutant in mutants}
    print(f"\n{table(ordered)}\n")
    survivors = [name for name, verdict in ordered.items() if not verdict.killed]
    print(f"{len(ordered) - len(survivors)} of {len(ordered)} faults are noticed by all that must.")
    if by_claim := noticed(intact, ordered):
        print(f"\n{claims_table(by_claim)}\n")
        idle = sum(not faults for faults in by_claim.values())
        print(f"{idle} of {len(by_claim)} claims notice none of the faults tried: look at them.")
    return int(bool(survivors))


if __name__ == "__main__":
    sys.exit(main())
