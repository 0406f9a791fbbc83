"""Measure the frameworks and compare with the committed record, or write it.

python -m tools.frameworks OLDER            measure and compare; exit 1 if a line no longer holds
python -m tools.frameworks OLDER --update   measure and write the record

OLDER is the file of `tools.frameworks.older`: what versions from before a change drew.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

import initcourse as ic
from tools import toc
from tools.frameworks.chosen import unlike_chosen
from tools.frameworks.compare import differences, seal, unlike_ours
from tools.frameworks.libraries import load
from tools.frameworks.libraries.torch import gain, outliers
from tools.frameworks.measure import installed, measure
from tools.frameworks.subject import WISHES, Library

RECORD = toc.ROOT / "book" / "reference" / "frameworks.json"
SHAPES: dict[str, tuple[tuple[int, ...], dict[str, Any]]] = {
    "dense": ((300, 200), {}),
    "convolution": ((3, 3, 32, 48), {}),
    "grouped convolution, 4 groups": ((3, 3, 8, 48), {"groups": 4}),
    "depthwise convolution as groups": ((3, 3, 1, 256), {"groups": 256}),
    "transposed convolution": ((3, 3, 48, 32), {"transposed": True}),
}


def fans(libraries: Iterable[Library]) -> list[dict[str, Any]]:
    """Compare the fans that each library reads off a kernel's shape with counted ones."""
    return [
        {
            "kernel": name,
            "shape": list(shape),
            "settings": keywords,
            "counted": list(ic.fans(shape, **keywords)),
            **{each.name: list(each.fans(shape)) for each in libraries if each.fans},
        }
        for name, (shape, keywords) in SHAPES.items()
    ]


def record(older: dict[str, Any]) -> dict[str, Any]:
    """Measure everything; take what was measured of older versions."""
    libraries = load()
    versions = {library.distribution: installed(library.distribution) for library in libraries}
    subjects = [
        (subject, versions[library.distribution])
        for library in libraries
        for subject in library.subjects()
    ]
    found = {
        "versions": versions | {"numpy": installed("numpy"), "older keras": older["version"]},
        "rows": [measure(*each) for each in tqdm(subjects, unit="row")] + older["rows"],
        "outliers": list(outliers(versions["torch"])),
        "fans": fans(libraries),
        "gains": {name: gain(name) for name in (*ic.ACTIVATIONS, "leaky_relu")},
        "recipes": {
            wish: {
                "code": {each.name: each.codes[wish] for each in libraries if wish in each.codes},
                "ours": {each.name: each.ours(wish) for each in libraries if wish in each.codes},
            }
            for wish in WISHES
        },
    }
    return found | {"seal": seal(found)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description="Measure the frameworks.")
    parser.add_argument("older", type=Path, help="what tools.frameworks.older wrote")
    parser.add_argument("--update", action="store_true", help="write the record anew")
    options = parser.parse_args(arguments)
    found = record(json.loads(options.older.read_text("utf-8")))
    problems = [text for row in found["rows"] for text in unlike_ours(row)]
    problems += unlike_chosen(load())
    if options.update:
        text = json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True)
        RECORD.write_text(text + "\n", "utf-8")
    else:
        problems += differences(json.loads(RECORD.read_text("utf-8")), found)
    print("\n".join(problems) or "The record holds.")
    print(f"{len(found['rows']) + len(found['outliers'])} rows, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
