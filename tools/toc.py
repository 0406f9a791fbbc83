"""What `_toc.yml` lists: the pages as paths, and among them the chapters and what claims like one.

A chapter is a notebook `book/NN_name.ipynb` that the contents list. Its file's name is the only
place that knows its number; whatever needs a chapter asks `chapters`. A page beside the course
takes its randomness from one seed as a chapter does, and then its claims must hold for any seed,
too; whatever needs both asks `seeded`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent

_CHAPTER = re.compile(r"(?P<number>\d\d)_(?P<name>[a-z][a-z0-9_]*)")


@dataclass(frozen=True)
class Seeded:
    """A page whose claims hold for any seed.

    Attributes
    ----------
    path : Path
        Its notebook.
    """

    path: Path

    @property
    def name(self) -> str:
        """What commands and the list of faults call it."""
        return self.path.stem

    @property
    def stem(self) -> str:
        """The name of its file."""
        return self.path.stem


@dataclass(frozen=True)
class Chapter(Seeded):
    """A chapter of the course: its notebook is book/NN_name.ipynb."""

    @property
    def number(self) -> int:
        """NN."""
        return int(self.path.stem[:2])

    @property
    def name(self) -> str:
        """The name without the number: that of its module of exercises, and of its answers."""
        return self.path.stem[3:]

    @property
    def page(self) -> str:
        """Its entry in the contents."""
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def solutions(self) -> Path:
        """The notebook with its worked solutions."""
        return self.path.parent / "solutions" / self.path.name


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
        raise FileNotFoundError(
            f"{page} of _toc.yml needs one source, {page}.ipynb or {page}.md: found {len(existing)}"
        )
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


def chapters(root: Path = ROOT) -> list[Chapter]:
    """List the chapters in their order.

    Raises
    ------
    ValueError
        If a chapter is in the folder and not in the contents, or the other way round.
    """
    listed = [
        root / f"{page}.ipynb"
        for page in pages(root)
        if Path(page).parent.name == "book" and _CHAPTER.fullmatch(Path(page).name)
    ]
    lying = [path for path in sorted((root / "book").glob("*.ipynb")) if path.stem[:1].isdigit()]
    for path in lying:
        if not _CHAPTER.fullmatch(path.stem):
            raise ValueError(
                f"a chapter must be called NN_name.ipynb, its name in small letters: got "
                f"book/{path.name}"
            )
        if path not in listed:
            raise ValueError(
                f"book/{path.name} is in the folder and not in _toc.yml: list it there as "
                f"`- file: book/{path.stem}`, or move it out of book/"
            )
    for path in listed:
        if path not in lying:
            raise ValueError(
                f"book/{path.stem} is in _toc.yml and not in the folder: add book/{path.name}, or "
                f"take its line out of the contents"
            )
    return [Chapter(path) for path in listed]


def chapter_pages(root: Path = ROOT) -> list[str]:
    """List the pages that are chapters."""
    return [chapter.page for chapter in chapters(root)]


def seeded(root: Path = ROOT) -> list[Seeded]:
    """List the chapters, then the other pages with a cell tagged `parameters`, which sets a seed.

    Raises
    ------
    ValueError
        If two of them have the same name.
    """
    course = chapters(root)
    taken = {chapter.path for chapter in course}
    beside = [root / f"{page}.ipynb" for page in pages(root)]
    found = [*course, *(Seeded(p) for p in beside if p not in taken and _sets_a_seed(p))]
    names = [page.name for page in found]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two pages are called {name}: rename the one that is no chapter")
    return found


def _sets_a_seed(path: Path) -> bool:
    if not path.is_file():
        return False
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return any("parameters" in cell["metadata"].get("tags", ()) for cell in cells)
