"""The command line: ``python -m initcourse --version``, ``python -m initcourse progress``."""

from __future__ import annotations

import argparse
import signal
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
    progress.add_argument(
        "--exercises-only",
        action="store_true",
        help="execute set-up and exercises, not the chapters: minutes for a class, not hours",
    )
    progress.add_argument(
        "--csv",
        action="store_true",
        help="a line for each path and exercise, with the mistake that was recognized",
    )
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(_stopped(number)))
    try:
        results = _progress.on_disk(options.paths, exercises_only=options.exercises_only)
    except (OSError, ImportError) as error:
        print(f"initcourse: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return _stopped(signal.SIGINT)
    folders = [path if path.is_dir() else path.parent for path in options.paths]
    course = _progress.in_order(EXERCISES.values(), folders)
    if options.csv:
        _progress.write_csv(course, results)
    else:
        for where, found in results.items():
            print(f"{where}\n{_progress.table(course, found)}")
    return 0


def _stopped(number: int) -> int:
    """Return the exit code after a signal; what is torn down with the process keeps silent."""
    sys.unraisablehook = lambda late: None
    return 128 + number


if __name__ == "__main__":
    sys.exit(main())
