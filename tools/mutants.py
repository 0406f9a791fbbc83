"""Break a copy of the package, one fault at a time, and show which test and which chapter notices.

python -m tools.mutants [--only NAME ...] [--no-chapters]

The faults are listed in mutants.toml. Each must make the package's unit tests fail, and each
chapter that teaches the point. A fault that survives is an error.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from tools import toc
from tools.notebooks import ONE_THREAD, first_failure, read

LIST = Path(__file__).with_name("mutants.toml")
TIMEOUT = 900  # seconds for the unit tests; a fault may make a loop endless
FOLDERS = ("initcourse", "tests", "book", "tools")
COPIED = (*FOLDERS, "conftest.py", "pyproject.toml", "_toc.yml", "_config.yml")


@dataclass(frozen=True)
class Mutant:
    """A fault: in `file`, the text `old` reads `new`; the chapters named must notice."""

    name: str
    file: str
    old: str
    new: str
    chapters: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """What noticed a mutant; None stands for a test or a chapter that did not."""

    unit_test: str | None
    by_chapter: dict[str, str | None]

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
    known = [chapter.name for chapter in toc.chapters()]
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
        return Verdict(
            _failing_test(copy, environment),
            {name: _failing_cell(copy, name, environment) for name in with_chapters},
        )


def _prove_import(copy: Path, environment: dict[str, str]) -> None:
    """Make sure that the copy is what gets imported, not the installed package."""
    command = [sys.executable, "-c", "import initcourse; print(initcourse.__file__)"]
    where = subprocess.run(
        command, cwd=copy / "book", env=environment, capture_output=True, text=True, check=True
    )
    if copy.resolve() not in Path(where.stdout.strip()).resolve().parents:
        raise RuntimeError(f"the package is imported from {where.stdout.strip()}, not {copy}")


def _failing_test(copy: Path, environment: dict[str, str]) -> str | None:
    """Name the first unit test or doctest of the package that fails."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-p", "no:cacheprovider"]
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


def _failing_cell(copy: Path, chapter: str, environment: dict[str, str]) -> str | None:
    """Name the first cell of a chapter that fails, its line and its error."""
    (path,) = (found.path for found in toc.chapters(copy) if found.name == chapter)
    failure = first_failure(read(path.read_text("utf-8")), path.parent, environment)
    return str(failure) if failure else None


def table(verdicts: dict[str, Verdict]) -> str:
    """Format who noticed which fault as a Markdown table."""

    def cell(text: str) -> str:
        return text.replace("|", "\\|").replace("\n", " ")

    lines = ["| fault | unit test | chapters |", "|---|---|---|"]
    for name, verdict in verdicts.items():
        noticed = "<br>".join(
            f"{chapter} {cell(what or '**SURVIVES**')}"
            for chapter, what in verdict.by_chapter.items()
        )
        test = f"`{verdict.unit_test}`" if verdict.unit_test else "**SURVIVES**"
        lines.append(f"| {name} | {test} | {noticed or '–'} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description="Show that every fault is noticed.")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="beginnings of names")
    parser.add_argument("--no-chapters", action="store_true", help="run the unit tests only")
    options = parser.parse_args(arguments)
    mutants = [m for m in load() if m.name.startswith(tuple(options.only or [""]))]
    if not mutants:
        parser.error("no mutant of that name")
    known = [] if options.no_chapters else [chapter.name for chapter in toc.chapters()]

    print("The intact package first: nothing may fail.", flush=True)
    needed = sorted({c for m in mutants for c in m.chapters} & set(known))
    intact = try_mutant(None, needed)
    if intact.unit_test is not None or any(intact.by_chapter.values()):
        print(f"The intact package fails: {intact}")
        return 1

    verdicts: dict[str, Verdict] = {}
    with ThreadPoolExecutor(max_workers=2) as pool:
        jobs = {
            pool.submit(try_mutant, m, () if options.no_chapters else m.chapters): m.name
            for m in mutants
        }
        for job in tqdm(as_completed(jobs), total=len(jobs), unit="mutant"):
            verdicts[jobs[job]] = job.result()

    ordered = {mutant.name: verdicts[mutant.name] for mutant in mutants}
    print(f"\n{table(ordered)}\n")
    survivors = [name for name, verdict in ordered.items() if not verdict.killed]
    print(f"{len(ordered) - len(survivors)} of {len(ordered)} faults are noticed by all that must.")
    unguarded = set(known) - {c for m in mutants for c in m.chapters}
    if unguarded and not options.only:
        print(f"No fault belongs to chapter {', '.join(sorted(unguarded))}.")
        return 1
    return int(bool(survivors))


if __name__ == "__main__":
    sys.exit(main())
