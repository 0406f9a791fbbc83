"""What `_toc.yml` lists, as paths."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent


def pages(root: Path = ROOT) -> list[str]:
    """List the pages of the book in their order, as paths without a suffix."""
    toc: dict[str, Any] = yaml.safe_load((root / "_toc.yml").read_text("utf-8"))
    found = [toc["root"]]

    def walk(node: dict[str, Any]) -> None:
        if "file" in node:
            found.append(node["file"])
        for part in ("parts", "chapters", "sections"):
            for child in node.get(part, []):
                walk(child)

    walk(toc)
    return found


def source(page: str, root: Path = ROOT) -> Path:
    """Find the file of a page: a notebook or a Markdown file, exactly one."""
    candidates = [root / f"{page}{suffix}" for suffix in (".ipynb", ".md")]
    existing = [path for path in candidates if path.is_file()]
    if len(existing) != 1:
        raise FileNotFoundError(f"{page} of _toc.yml needs one source, found {len(existing)}")
    return existing[0]


def files_in(folder: Path) -> list[Path]:
    """List every file below a folder, but for hidden folders such as checkpoints."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def notebooks_in(folder: Path) -> list[Path]:
    """List every notebook below a folder, listed in the contents or not."""
    return [path for path in files_in(folder) if path.suffix == ".ipynb"]


def chapters(root: Path = ROOT) -> list[Path]:
    """List the chapters: book/NN_name.ipynb."""
    return [
        path
        for path in notebooks_in(root / "book")
        if path.parent == root / "book" and re.match(r"\d\d_", path.name)
    ]
