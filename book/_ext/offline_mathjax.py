"""Serve MathJax from the book's own files, so that formulas need no network.

The wheel `sphinx-mathjax-offline` carries all of MathJax; a page needs the parts named here.
"""

from __future__ import annotations

from importlib.metadata import files
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ENTRY = "tex-chtml.js"
PARTS = (ENTRY, "input/tex/extensions", "output/chtml", "a11y", "sre", "ui")


def mathjax_folder() -> Path:
    """Find MathJax in the installed wheel."""
    for file in files("sphinx-mathjax-offline") or ():
        if file.name == ENTRY:
            return Path(str(file.locate())).parent
    raise FileNotFoundError(f"sphinx-mathjax-offline is installed without {ENTRY}")


def copy_mathjax(app: Sphinx, error: Exception | None) -> None:
    """Copy the parts that pages ask for into the site."""
    if error or app.builder.format != "html":
        return
    source, target = mathjax_folder(), Path(app.outdir) / "_static" / "mathjax"
    for part in PARTS:
        if (source / part).is_dir():
            copytree(
                source / part,
                target / part,
                dirs_exist_ok=True,
                ignore=ignore_patterns("*.ts"),
            )
        else:
            target.mkdir(parents=True, exist_ok=True)
            (target / part).write_bytes((source / part).read_bytes())


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.config.mathjax_path = f"mathjax/{ENTRY}"
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
