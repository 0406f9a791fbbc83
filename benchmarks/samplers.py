"""Time the samplers against NumPy's own generator, and measure their peak memory.

Run as ``python -m benchmarks.samplers``. All of it happens in one process, the rivals taking
turns, so that the ratios hold on a machine whose speed drifts. Each ratio is the median of the
ratios round by round; the spread is their interquartile range.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np

import initcourse as ic

SHAPE = (4096, 4096)
ROUNDS = 15

Draw = Callable[[np.random.Generator], Any]


def numpy_normal(rng: np.random.Generator) -> Any:
    """Draw as plainly as NumPy can."""
    return rng.standard_normal(SHAPE, dtype=np.float32)


def numpy_uniform(rng: np.random.Generator) -> Any:
    """Draw as plainly as NumPy can."""
    return rng.random(SHAPE, dtype=np.float32)


SAMPLERS: dict[str, tuple[Draw, Draw]] = {
    "normal": (lambda rng: ic.normal(SHAPE, 0.02, rng=rng), numpy_normal),
    "uniform": (lambda rng: ic.uniform(SHAPE, 0.02, rng=rng), numpy_uniform),
    "truncated_normal": (lambda rng: ic.truncated_normal(SHAPE, 0.02, rng=rng), numpy_normal),
    "he_normal": (lambda rng: ic.he_normal(SHAPE, rng=rng), numpy_normal),
    "glorot_uniform": (lambda rng: ic.glorot_uniform(SHAPE, rng=rng), numpy_uniform),
}


def seconds(draw: Draw, rng: np.random.Generator) -> float:
    """Time one draw."""
    start = time.perf_counter()
    draw(rng)
    return time.perf_counter() - start


def peak_over_result(draw: Draw, rng: np.random.Generator) -> float:
    """Measure the peak of allocated memory during one draw, in sizes of the result."""
    tracemalloc.start()
    size = draw(rng).nbytes
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / size


def main() -> None:
    """Print the table."""
    rng = np.random.default_rng(2026)
    print(f"float32 arrays of {SHAPE[0]} × {SHAPE[1]}, {ROUNDS} rounds\n")
    print("| sampler | seconds | times NumPy's raw draw | spread | peak memory / result |")
    print("|---|---|---|---|---|")
    for name, (draw, rival) in SAMPLERS.items():
        seconds(draw, rng), seconds(rival, rng)  # warm up
        pairs = np.array([(seconds(draw, rng), seconds(rival, rng)) for _ in range(ROUNDS)])
        ratios = pairs[:, 0] / pairs[:, 1]
        low, median, high = np.quantile(ratios, (0.25, 0.5, 0.75))
        print(
            f"| {name} | {np.median(pairs[:, 0]):.3f} | {median:.2f} | {low:.2f} to {high:.2f} "
            f"| {peak_over_result(draw, rng):.3f} |"
        )


if __name__ == "__main__":
    main()
