"""Prepare the notebooks for JupyterLite: each begins by installing the package.

python -m tools.lite FOLDER

The kernel in a browser starts without the package. It finds the wheel in the site's own index, with
that of comm, which it needs to start, and NumPy, Matplotlib and autograd in Pyodide's.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

from tools import toc

INSTALL = "%pip install -q initcourse autograd matplotlib tqdm"
# The kernel looks in the site's own index and in Pyodide's, and asks no other.
SETTINGS = {
    "jupyter-lite-schema-version": 0,
    "jupyter-config-data": {
        "litePluginSettings": {
            "@jupyterlite/pyodide-kernel-extension:kernel": {"disablePyPIFallback": True}
        }
    },
}
RECORDS = ("reference/frameworks.json", "reference/decoder.json")
"""What chapters read beside the data sets: what the frameworks drew, how a decoder trained."""


def prepared(notebook: dict[str, object]) -> dict[str, object]:
    """Return a notebook whose first cell installs what it needs."""
    cells = notebook["cells"]
    assert isinstance(cells, list)
    install: dict[str, object] = {
        "cell_type": "code",
        "execution_count": None,
        "id": "install",
        "metadata": {},
        "outputs": [],
        "source": INSTALL,
    }
    return {**notebook, "cells": [install, *cells]}


def write(target: Path) -> list[Path]:
    """Write every notebook of the course, chapters and solutions, to a folder, and the settings."""
    for record in RECORDS:
        (target / record).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(toc.ROOT / "book" / record, target / record)
    (target / "jupyter-lite.json").write_text(json.dumps(SETTINGS, indent=1) + "\n", "utf-8")
    written = []
    for source in toc.notebooks_in(toc.ROOT / "book"):
        path = target / source.relative_to(toc.ROOT / "book")
        if path.parent.name == "reference":
            continue  # made for the pages, and reads files that a browser does not have
        path.parent.mkdir(parents=True, exist_ok=True)
        notebook = prepared(json.loads(source.read_text("utf-8")))
        path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", "utf-8")
        written.append(path)
    return written


def main(arguments: list[str] | None = None) -> int:
    """Write the notebooks and count them."""
    parser = argparse.ArgumentParser(description="Prepare the notebooks for JupyterLite.")
    parser.add_argument("folder", type=Path, help="where to write them")
    folder = parser.parse_args(arguments).folder
    print(f"{len(write(folder))} notebooks in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
