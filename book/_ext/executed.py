"""Say where executed notebooks are kept: in a folder whose name is a hash of what they depend on.

A notebook's own code is compared by jupyter-cache. What it imports, the package and the libraries of
the lock, and the data files of the book, are not: they are in the name of the folder, so that
another package, lock or Python never meets the outputs of this one. `tools.execute` fills it.
"""

from __future__ import annotations

import hashlib
import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

# A page would keep progress bars, and nothing in it could move a slider.
STILL = {"TQDM_DISABLE": "1", "INITCOURSE_STILL": "1"}
PARTS = (
    "initcourse/**/*.py",
    "initcourse/**/*.gz",
    "requirements.txt",
    "book/**/*.json",
    "book/**/*.toml",
)


def folder(root: Path) -> Path:
    """Return the folder of the notebooks executed with the package and the lock as they are."""
    digest = hashlib.sha256(platform.python_version().encode())
    for part in PARTS:
        for path in sorted(root.glob(part)):
            digest.update(f"\0{path.relative_to(root).as_posix()}\0".encode())
            digest.update(path.read_bytes())
    return root / "_build" / "executed" / digest.hexdigest()[:16]


def configure(app: Sphinx, config: Config) -> None:
    """Let the build take the outputs from there; what it executes itself shows no bar."""
    os.environ.update(STILL)
    config.nb_execution_cache_path = str(folder(Path(app.srcdir)))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("config-inited", configure)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
