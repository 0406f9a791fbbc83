"""Measure `make book` and `make test` for the status page: python -m tools.timings."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time

from tools.toc import ROOT

FILE = ROOT / "book" / "reference" / "timings.json"
COMMANDS = ("make book", "make test")


def seconds(command: str) -> float:
    """Run a command in the repository; it must succeed."""
    start = time.perf_counter()
    subprocess.run(command.split(), cwd=ROOT, check=True)
    return round(time.perf_counter() - start, 1)


def main() -> int:
    """Measure both commands and write the file that the status page reads."""
    measured = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
        "seconds": {command: seconds(command) for command in COMMANDS},
    }
    FILE.write_text(f"{json.dumps(measured, indent=1)}\n", "utf-8")
    print(f"wrote {FILE.relative_to(ROOT)}: {measured['seconds']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
