"""Measure the frameworks and compare with the committed record, or write it.

python -m tools.frameworks            measure and compare; exit 1 if a line no longer holds
python -m tools.frameworks --update   measure and write the record
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
from tqdm import tqdm

import initcourse as ic
from tools import toc
from tools.frameworks.compare import differences, expected
from tools.frameworks.libraries import load
from tools.frameworks.libraries.torch import gain
from tools.frameworks.subject import WISHES, Library, Subject

RECORD = toc.ROOT / "book" / "reference" / "frameworks.json"
DRAWS = 200_000  # of one subject, at least
MOST_SEEDS = 60
SHAPES: dict[str, tuple[tuple[int, ...], dict[str, Any]]] = {
    "dense": ((300, 200), {}),
    "convolution": ((3, 3, 32, 48), {}),
    "grouped convolution, 4 groups": ((3, 3, 8, 48), {"groups": 4}),
    "depthwise convolution as groups": ((3, 3, 1, 256), {"groups": 256}),
    "transposed convolution": ((3, 3, 48, 32), {"transposed": True}),
}


def measure(subject: Subject) -> dict[str, Any]:
    """Draw from one subject and describe what came."""
    from scipy import stats

    size = math.prod(subject.shape)
    seeds = min(max(2, math.ceil(DRAWS / size)), MOST_SEEDS)
    w = np.concatenate([np.ravel(subject.draw(seed)) for seed in range(seeds)]).astype(np.float64)
    fan_in, fan_out = subject.fans
    row: dict[str, Any] = {
        "library": subject.library,
        "part": subject.part,
        "name": subject.name,
        "shape": list(subject.shape),
        "fan_in": fan_in,
        "fan_out": fan_out,
        "ours": subject.ours,
        "draws": w.size,
    }
    values = np.unique(w)
    if values.size <= 3:
        return {**row, "values": values.tolist()}
    mean_square = float(np.mean(w**2))
    error = float(np.std(w**2) / math.sqrt(w.size))
    rms = math.sqrt(mean_square)
    laws = {
        "uniform": stats.uniform(-math.sqrt(3), 2 * math.sqrt(3)),
        "truncated normal": stats.truncnorm(-2, 2, scale=1 / ic.TRUNCATED_STD),
        "normal": stats.norm,
    }
    thinned = w[:: max(1, w.size // 50_000)] / rms
    distance = {law: float(stats.kstest(thinned, f.cdf).statistic) for law, f in laws.items()}
    row |= {
        "mean_square": mean_square,
        "standard_error": error,
        "largest": float(np.abs(w).max() / rms),
        "distribution": min(distance, key=distance.__getitem__),
    }
    if subject.ours:
        ours = expected(subject.ours, subject.shape, seeds)
        test = stats.ks_2samp(w, ours, method="asymp")
        row |= {"ks": float(test.statistic), "ks_p": float(test.pvalue)}
    return row


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


def record() -> dict[str, Any]:
    """Measure everything."""
    found = load()
    libraries = found.values()
    subjects = [subject for library in libraries for subject in library.subjects()]
    return {
        "versions": {name: version(name).partition("+")[0] for name in (*found, "numpy")},
        "rows": [measure(subject) for subject in tqdm(subjects, unit="row")],
        "fans": fans(libraries),
        "gains": {name: gain(name) for name in ic.ACTIVATIONS},
        "recipes": {
            wish: {
                "code": {library.name: library.codes[wish] for library in libraries},
                "ours": {library.name: library.ours(wish) for library in libraries},
            }
            for wish in WISHES
        },
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description="Measure the frameworks.")
    parser.add_argument("--update", action="store_true", help="write the record anew")
    options = parser.parse_args(arguments)
    found = record()
    unlike_ours = [
        f"{row['library']} {row['name']}: not the distribution of {row['ours']} "
        f"(Kolmogorov-Smirnov distance {row['ks']:.4f}, p = {row['ks_p']:.1e})"
        for row in found["rows"]
        if row.get("ks_p", 1) < 1e-6
    ]
    if options.update:
        problems = unlike_ours
        text = json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True)
        RECORD.write_text(text + "\n", "utf-8")
    else:
        problems = unlike_ours + differences(json.loads(RECORD.read_text("utf-8")), found)
    print("\n".join(problems) or "The record holds.")
    print(f"{len(found['rows'])} rows, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
