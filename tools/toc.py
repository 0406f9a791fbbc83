"""What `_toc.yml` lists: the pages as paths, and the chapters among them.

A chapter is a notebook `book/NN_name.ipynb` that the contents list. Its file's name is the only
place that knows its number; whatever needs a chapter asks `chapters`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent

_CHAPTER = re.compile(r"(?P<number>\d\d)_(?P<name>[a-z][a-z0-9_]*)")


@dataclass(frozen=True)
class Chapter:
    """A chapter of the course.

    Attributes
    ----------
    path : Path
        Its notebook, book/NN_name.ipynb.
    """

    path: Path

    @property
    def number(self) -> int:
        """NN."""
        return int(self.path.stem[:2])

    @property
    def name(self) -> str:
        """The name without the number: that of its module of exercises, and of its answers."""
        return self.path.stem[3:]

    @property
    def stem(self) -> str:
        """NN_name."""
        return self.path.stem

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
