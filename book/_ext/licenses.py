"""Give the site the licenses of what it is made of, in one file: _static/licenses.txt.

The built pages pass on other projects' scripts, styles and fonts, and their licenses ask that
the text goes with them.
"""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

# Part of the site: the installed package, and the end of the name of the file with the license.
PARTS = {
    "Sphinx": ("sphinx", "LICENSE.rst"),
    "PyData Sphinx Theme": ("pydata-sphinx-theme", "licenses/LICENSE"),
    "Bootstrap, in the theme": ("pydata-sphinx-theme", "bootstrap.js.LICENSE.txt"),
    "Font Awesome, in the theme": ("pydata-sphinx-theme", "fontawesome.js.LICENSE.txt"),
    "Sphinx Book Theme": ("sphinx-book-theme", "LICENSE"),
    "MyST-NB": ("myst-nb", "LICENSE"),
    "sphinx-copybutton": ("sphinx-copybutton", "LICENSE"),
    "sphinx-design": ("sphinx-design", "licenses/LICENSE"),
    "sphinx-exercise": ("sphinx-exercise", "LICENSE"),
    "sphinx-proof": ("sphinx-proof", "LICENSE"),
    "sphinx-togglebutton": ("sphinx-togglebutton", "LICENSE"),
    # The wheel of MathJax has no license text. It is the one of requests, too.
    "MathJax, The MathJax Consortium": ("requests", "LICENSE"),
}


def license_text(package: str, ending: str) -> str:
    """Read a license from an installed package."""
    for file in distribution(package).files or ():
        if str(file).endswith(ending):
            return Path(str(file.locate())).read_text("utf-8").strip()
    raise FileNotFoundError(f"{package} is installed without {ending}")


def write(app: Sphinx, error: Exception | None) -> None:
    """Write all licenses into one file of the site."""
    if error or app.builder.format != "html":
        return
    parts = [
        f"{name}\n{'=' * len(name)}\n\n{license_text(*where)}"
        for name, where in PARTS.items()
    ]
    fonts = Path(app.outdir) / "_static" / "fonts" / "OFL.txt"
    parts.append(
        f"The book's fonts\n================\n\n{fonts.read_text('utf-8').strip()}"
    )
    target = Path(app.outdir) / "_static" / "licenses.txt"
    target.write_text("\n\n\n".join(parts) + "\n", "utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
