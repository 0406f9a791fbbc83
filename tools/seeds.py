"""Execute the pages that set a seed under others: a claim must hold for any, not for a lucky one.

python -m tools.seeds [--seeds 20] [--chapters zero_init he choose]

They are the chapters and the pages beside the course whose randomness comes from one seed.
The cell tagged `parameters` is replaced; nothing else changes, and printed output is not compared.
At the end it says how far the measurements lay from theory, how far chance would have put them, and
which lay beyond three standard errors.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from statistics import NormalDist

import nbformat
from tqdm import tqdm

from initcourse import claims
from tools import toc
from tools.notebooks import ONE_THREAD, Failure, Notebook, read, shown, timed

FIRST_SEED = 1000  # any other than the book's own


def with_seed(notebook: Notebook, seed: int) -> Notebook:
    """Set the seed in the one cell tagged `parameters`."""
    cells = [c for c in notebook["cells"] if "parameters" in c["metadata"].get("tags", [])]
    if len(cells) != 1 or not re.fullmatch(r"SEED = \d+", cells[0]["source"]):
        raise ValueError("a page needs one cell tagged `parameters` that reads SEED = <number>")
    cells[0]["source"] = f"SEED = {seed}"
    return notebook


def run(path: Path, seed: int) -> tuple[Failure | None, list[tuple[str, float]]]:
    """Execute a notebook under a seed: what failed, if something did, each claim's z."""
    notebook = nbformat.from_dict(with_seed(read(path.read_text("utf-8")), seed))
    _, failure = timed(notebook, path.parent, {**os.environ, **ONE_THREAD})
    found = claims.read(shown(notebook))
    return failure, [(e["sentence"], z) for e in found for z in claims.distances([e])]


def scatter(z: Sequence[float], limit: float = 3) -> str:
    """Say how many distances lie beyond a limit, and how many chance puts there."""
    beyond = sum(abs(value) > limit for value in z)
    rate = 2 * NormalDist().cdf(-limit)
    return (
        f"Of {len(z)} distances between theory and measurement {beyond} are beyond {limit:g} "
        f"standard errors; chance puts {rate * len(z):.1f} ± {math.sqrt(rate * len(z)):.1f} there."
    )


def table(results: dict[tuple[int, str], Failure | None]) -> str:
    """Format the outcome of every seed and page as a Markdown table."""
    seeds = sorted({seed for seed, _ in results})
    names = sorted({name for _, name in results})
    lines = [f"| seed | {' | '.join(names)} |", f"|---:|{':---:|' * len(names)}"]
    for seed in seeds:
        marks = ("holds" if results[seed, name] is None else "FAILS" for name in names)
        lines.append(f"| {seed} | {' | '.join(marks)} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description="Execute chapters and pages under other seeds.")
    parser.add_argument("--seeds", type=int, default=20, help="how many (default 20)")
    parser.add_argument("--chapters", nargs="+", help="their names, as he (default: all)")
    options = parser.parse_args(arguments)
    known = {page.name: page for page in toc.seeded()}
    unknown = set(options.chapters or ()) - known.keys()
    if unknown:
        parser.error(f"there is no page {', '.join(sorted(unknown))}: take of {', '.join(known)}")
    if options.seeds < 1:
        parser.error(f"--seeds must be at least 1, got {options.seeds}")
    chosen = [known[name] for name in options.chapters or known]

    results: dict[tuple[int, str], Failure | None] = {}
    far: list[str] = []
    z: list[float] = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        jobs = {
            pool.submit(run, page.path, seed): (seed, page.stem)
            for seed in range(FIRST_SEED, FIRST_SEED + options.seeds)
            for page in chosen
        }
        for job in tqdm(as_completed(jobs), total=len(jobs), unit="run"):
            results[jobs[job]], found = job.result()
            z += [value for _, value in found]
            place = "under seed {} in {}".format(*jobs[job])
            far += [
                f"{value:+.1f} {place}: {sentence}" for sentence, value in found if abs(value) > 3
            ]

    for (seed, name), failure in sorted(results.items(), key=lambda item: item[0]):
        if failure is not None:
            print(f"\n## {name} under seed {seed}, cell {failure.cell}\n\n{failure.report}")
    print(f"\n{table(results)}\n")
    failures = sum(failure is not None for failure in results.values())
    print(f"{len(results) - failures} of {len(results)} executions hold.")
    print(scatter(z), *sorted(far), sep="\n")
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
