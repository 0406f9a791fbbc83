"""Keep notebooks in their committed form: only what a person wrote, and what is checked.

python -m tools.notebooks PATHS            write the committed form
python -m tools.notebooks --execute PATHS  execute first, so that checked outputs are fresh
python -m tools.notebooks --check PATHS    change nothing; list what is not in the form

The form: no outputs but the text of cells tagged `nbval-check-output`, with their execution count;
readable, unique cell ids; no metadata but tags and figure settings; cells that claim or draw are
folded, on the page and in JupyterLab. A folder stands for every notebook in it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from tools.toc import notebooks_in

Notebook = dict[str, Any]
Cell = dict[str, Any]

TIMEOUT = 1800  # seconds a cell: a limit only stops what hangs
ONE_THREAD = {  # of linear algebra: several kernels share the cores
    f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM")
}
CHECKED = "nbval-check-output"
NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
FOLDED = "hide-input"
CLAIMS = re.compile(r"(^|[^\w.])(ic\.)?claim\(")
DRAWS = re.compile(r"(^|[^\w.])plots\.(?!use_style)\w+\(")
CELL_METADATA = ("mystnb", "tags")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
GOOD_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
RANDOM_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=.*\d)[0-9a-f]{6,}")


def is_checked(cell: Cell) -> bool:
    """Tell whether the prose quotes this cell's output."""
    return CHECKED in cell["metadata"].get("tags", [])


def is_claim(cell: Cell) -> bool:
    """Tell whether the code of this cell is evidence for a claim, and folded on the page."""
    return cell["cell_type"] == "code" and CLAIMS.search(cell["source"]) is not None


def draws(cell: Cell) -> bool:
    """Tell whether the code of this cell draws a figure, and is folded on the page."""
    return cell["cell_type"] == "code" and DRAWS.search(cell["source"]) is not None


def normalize(notebook: Notebook) -> Notebook:
    """Return the committed form of a notebook."""
    taken: set[str] = set()
    cells = []
    for cell in notebook["cells"]:
        metadata = {
            key: cell["metadata"][key] for key in CELL_METADATA if cell["metadata"].get(key)
        }
        if (is_claim(cell) or draws(cell)) and FOLDED not in metadata.get("tags", []):
            metadata["tags"] = [*metadata.get("tags", []), FOLDED]
        if FOLDED in metadata.get("tags", []):
            metadata["jupyter"] = {"source_hidden": True}
        form: Cell = {
            "cell_type": cell["cell_type"],
            "id": _readable_id(cell, taken),
            "metadata": metadata,
            "source": cell["source"].rstrip("\n"),
        }
        if cell["cell_type"] == "code":
            outputs = _text(cell["outputs"]) if is_checked(cell) else []
            form["outputs"] = outputs
            form["execution_count"] = cell["execution_count"] if outputs else None
            for output in outputs:
                if output["output_type"] == "execute_result":
                    output["execution_count"] = form["execution_count"]
        cells.append(form)
    return {"cells": cells, "metadata": NOTEBOOK_METADATA, "nbformat": 4, "nbformat_minor": 5}


def _text(outputs: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep what a checked cell printed and, as text, what it returned."""
    kept: list[dict[str, Any]] = []
    for output in outputs:
        if output["output_type"] == "stream":
            if kept and kept[-1].get("name") == output["name"]:
                kept[-1]["text"] += output["text"]
            else:
                kept.append(dict(output))
        elif output["output_type"] == "execute_result":
            text = {"text/plain": output["data"]["text/plain"]}
            kept.append({**output, "data": text, "metadata": {}})
    return kept


def _readable_id(cell: Cell, taken: set[str]) -> str:
    """Keep a good id; make one from the first line for an id that Jupyter drew at random."""
    name: str = cell.get("id", "")
    if not GOOD_ID.fullmatch(name) or RANDOM_ID.fullmatch(name) or name in taken:
        first_line = next((line for line in cell["source"].splitlines() if line.strip(" :`")), "")
        words = re.findall(r"[a-z0-9]+", first_line.lower())
        base = "-".join(words)[:40].rstrip("-") or cell["cell_type"]
        if RANDOM_ID.fullmatch(base):
            base = f"cell-{base}"
        name, number = base, 1
        while name in taken:
            number += 1
            name = f"{base}-{number}"
    taken.add(name)
    return name


def problems(text: str) -> list[str]:
    """List what keeps the text of a notebook file from being in its committed form."""
    notebook = read(text)
    found = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and is_checked(cell):
            name = cell.get("id", "?")
            if not cell["outputs"]:
                found.append(f"cell {name} is checked but has no output: anything would pass")
            elif cell["execution_count"] is None:
                found.append(f"cell {name} is checked but has no execution count")
            elif any(output["output_type"] == "error" for output in cell["outputs"]):
                found.append(f"cell {name} is checked but its output is an error")
    if not found and write(normalize(notebook)) != text:
        found.append("not in the committed form: run `make notebooks`")
    return found


def read(text: str) -> Notebook:
    """Parse the text of a notebook file and bring it to the newest format."""
    notebook: Notebook = nbformat.reads(text, as_version=4)
    return notebook


def write(notebook: Notebook) -> str:
    """Return the text of a notebook file."""
    node = nbformat.from_dict(notebook)
    nbformat.validate(node)
    return f"{nbformat.writes(node)}\n"


def execute(
    notebook: Notebook, folder: Path, environment: Mapping[str, str] | None = None
) -> Notebook:
    """Run all cells in `folder`; a cell that raises is an error."""
    node = nbformat.from_dict(notebook)
    _client(node, folder).execute(env=dict(environment or os.environ))
    executed: Notebook = node
    return executed


@dataclass(frozen=True)
class Failure:
    """The first cell of a notebook that fails: its id, the line, the error, and the whole story."""

    cell: str
    line: str
    error: str
    report: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.cell}: `{self.line}` {self.error.splitlines()[0]}".rstrip()


def timed(
    node: Any,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    *,
    to_the_end: bool = False,
) -> tuple[float, Failure | None]:
    """Run the cells of a node in `folder`, in place: the seconds it took, and what failed first.

    A cell that fails is the last one, unless all are run `to_the_end`.
    """
    start = time.perf_counter()
    failure = None
    client = _client(node, folder)
    client.allow_errors = to_the_end
    try:
        # a loop of its own, closed at the end: several notebooks may run in several threads
        asyncio.run(client.async_execute(env=dict(environment or os.environ)))
    except CellExecutionError:
        pass  # the cell tells the story
    except (CellTimeoutError, DeadKernelError) as error:
        waiting = [cell for cell in node["cells"] if cell.get("execution_count", 0) is None]
        name = waiting[0].get("id", "?") if waiting else "?"
        failure = Failure(name, "", type(error).__name__, str(error))
    first = next((cell for cell in node["cells"] if raised(cell)), None)
    if first is not None:
        end = raised(first)
        report = ANSI.sub("", "\n".join(end["traceback"])).strip()
        line = re.search(r"^-+> *\d+ *(.*)$", report, re.MULTILINE)
        message = f"{end['ename']}: {ANSI.sub('', end['evalue'])}"
        failure = Failure(first.get("id", "?"), line[1] if line else "", message, report)
    return time.perf_counter() - start, failure


def raised(cell: Cell) -> dict[str, Any]:
    """Return the error with which an executed cell ended: empty if there was none."""
    errors = (out for out in cell.get("outputs", []) if out["output_type"] == "error")
    return next(errors, {})


def shown(notebook: Notebook) -> str:
    """Return the HTML that the cells of an executed notebook show."""
    return "\n".join(
        output["data"]["text/html"]
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if "text/html" in output.get("data", {})
    )


def _client(node: Any, folder: Path) -> NotebookClient:
    return NotebookClient(
        node,
        timeout=TIMEOUT,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],
        record_timing=False,  # which would be metadata of the cells
        resources={"metadata": {"path": str(folder)}},
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description="Keep notebooks in their committed form.")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="change nothing, list what is wrong")
    what.add_argument("--execute", action="store_true", help="execute before writing")
    parser.add_argument("paths", nargs="+", type=Path, help="notebooks, or folders of them")
    options = parser.parse_args(arguments)

    failed = False
    for given in options.paths:
        for path in notebooks_in(given) if given.is_dir() else [given]:
            text = path.read_text("utf-8")
            if not options.check:
                notebook = read(text)
                if options.execute:
                    print(f"executing {path}", flush=True)
                    notebook = execute(notebook, path.parent)
                new = write(normalize(notebook))
                if new != text:
                    path.write_text(new, "utf-8", newline="\n")
                    print(f"wrote {path}")
                text = new
            for problem in problems(text):
                print(f"{path}: {problem}", file=sys.stderr)
                failed = True
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
