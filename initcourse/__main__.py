"""The command line: ``python -m initcourse --version``, ``python -m initcourse progress``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from . import __version__
from .exercises import EXERCISES, _progress


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m initcourse", description=__doc__)
    parser.add_argument("--version", action="version", version=f"initcourse {__version__}")
    commands = parser.add_subparsers(required=True)
    progress = commands.add_parser(
        "progress", help="execute notebooks and list which of their exercises are solved"
    )
    progress.add_argument(
        "paths",
        nargs="*",
        type=Path,
        default=[Path("book")],
        help="notebooks, or folders of them, one a student for instance (default: book)",
    )
    progress.add_argument("--csv", action="store_true", help="a line for each path and exercise")
    options = parser.parse_args(arguments)
    try:
        results = _progress.on_disk(options.paths)
    except (OSError, ImportError) as error:
        print(f"initcourse: {error}", file=sys.stderr)
        return 2
    folders = [path if path.is_dir() else path.parent for path in options.paths]
    course = _progress.in_order(EXERCISES.values(), folders)
    if options.csv:
        _progress.write_csv(course, results)
    else:
        for where, states in results.items():
            print(f"{where}\n{_progress.table(course, states)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
