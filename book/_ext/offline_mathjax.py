"""Serve MathJax from the book's own files, so that formulas need no network.

The wheel `sphinx-mathjax-offline` carries all of MathJax, 14 MB. A page needs the components
named here: TeX in, HTML out, and MathML beside it for screen readers. The menu and the speech
engine stay away; they are more than half of MathJax's usual bundle.
"""

from __future__ import annotations

from importlib.metadata import files
from pathlib import Path
from shutil import copy, copytree
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

ENTRY = "startup.js"
COMPONENTS = ("core", "input/tex", "output/chtml", "a11y/assistive-mml")
FOLDERS = ("input/tex/extensions", "output/chtml/fonts")  # loaded when a formula asks


def mathjax_folder() -> Path:
    """Find MathJax in the installed wheel."""
    for file in files("sphinx-mathjax-offline") or ():
        if file.name == ENTRY:
            return Path(str(file.locate())).parent
    raise FileNotFoundError(f"sphinx-mathjax-offline is installed without {ENTRY}")


def configure(app: Sphinx, config: Config) -> None:
    """Load the components instead of a bundle."""
    config.mathjax_path = f"mathjax/{ENTRY}"
    config.mathjax3_config = {
        **(config.mathjax3_config or {}),
        "loader": {"load": list(COMPONENTS)},
        # Computer Modern's letters are lower than those of the text: 1.1 makes them as high.
        "chtml": {"matchFontHeight": False, "scale": 1.1},
    }


def copy_mathjax(app: Sphinx, error: Exception | None) -> None:
    """Copy the components and what they may ask for into the site."""
    if error or app.builder.format != "html":
        return
    source, target = mathjax_folder(), Path(app.outdir) / "_static" / "mathjax"
    for script in (ENTRY, *(f"{component}.js" for component in COMPONENTS)):
        (target / script).parent.mkdir(parents=True, exist_ok=True)
        copy(source / script, target / script)
    for folder in FOLDERS:
        copytree(source / folder, target / folder, dirs_exist_ok=True)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("config-inited", configure)
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
