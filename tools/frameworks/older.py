"""Measure what a version drew before a library changed it, in an environment with that version.

python -m tools.frameworks.older FILE

Writes the rows, which `tools.frameworks` compares with the record. What is measured here must be
measured in the newest version, too.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tools.frameworks.libraries.keras import attention
from tools.frameworks.measure import installed, measure


def main(file: str) -> None:
    """Measure, and write the rows and their version."""
    released = installed("keras")
    rows = [measure(subject, released) for subject in attention(by_shape=True)]
    path = Path(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"version": released, "rows": rows}), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
