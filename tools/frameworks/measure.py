"""Draw from a subject, and describe what came: its law, its scale and its invariants."""

from __future__ import annotations

import math
from datetime import date
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

import initcourse as ic
from tools.frameworks.subject import Subject

DRAWS = 200_000  # of one subject, at least
SEEDS = (8, 60)  # fewest and most
ROUNDING = 1e-4
"""What float32 can do to a spread of singular values."""

Array = NDArray[Any]


def installed(distribution: str) -> str:
    """Return the version that is installed, without the name of its build."""
    return version(distribution).partition("+")[0]


def expected(ours: str, shape: tuple[int, ...], repeats: int, seed: int = 1) -> Array:
    """Draw several times from the `initcourse` expression of a row."""
    rng = np.random.default_rng(seed)
    names = {"ic": ic, "np": np, "shape": shape, "rng": rng}
    return np.stack([np.reshape(eval(ours, names), shape) for _ in range(repeats)])


def is_matrix(shape: tuple[int, ...]) -> bool:
    """Tell whether a kernel has several singular values."""
    return len(shape) > 1 and shape[-1] > 1


def spread(draws: Array) -> dict[str, float]:
    """Measure how the squared singular values scatter, over their mean: 0 if orthogonal.

    For independent entries it is about the root of the smaller side over the larger one.
    """
    found = []
    for w in draws:
        squares = np.linalg.svd(w.reshape(-1, w.shape[-1]), compute_uv=False) ** 2
        found.append(float(squares.std() / squares.mean()))
    error = float(np.std(found, ddof=1)) / math.sqrt(len(found))
    return {"spread": float(np.mean(found)), "spread_error": max(error, ROUNDING)}


def scale(draws: Array) -> dict[str, Any]:
    """Measure the mean square; of what takes three values at most, say which."""
    values = np.unique(draws)
    if values.size <= 3:
        return {"values": values.tolist()}
    squares = draws.ravel() ** 2
    error = float(np.std(squares) / math.sqrt(squares.size))
    return {"mean_square": float(np.mean(squares)), "standard_error": error}


def law(w: Array, rms: float) -> str:
    """Name the distribution that is nearest."""
    from scipy import stats

    laws = {
        "uniform": stats.uniform(-math.sqrt(3), 2 * math.sqrt(3)),
        "truncated normal": stats.truncnorm(-2, 2, scale=1 / ic.TRUNCATED_STD),
        "normal": stats.norm,
    }
    thinned = w[:: max(1, w.size // 50_000)] / rms
    distance = {name: float(stats.kstest(thinned, f.cdf).statistic) for name, f in laws.items()}
    return min(distance, key=distance.__getitem__)


def invariants(subject: Subject, draws: Array, seeds: int) -> dict[str, Any]:
    """Measure what no single entry shows: singular values, each block, the bias beside it."""
    found: dict[str, Any] = {}
    constant = np.unique(draws).size <= 3
    if is_matrix(subject.shape) and not constant:
        found |= spread(draws)
    if subject.blocks:
        parts = np.split(draws, len(subject.blocks), axis=-1)
        found["blocks"] = {
            name: scale(part) | ({} if constant or len(subject.shape) == 1 else spread(part))
            for name, part in zip(subject.blocks, parts, strict=True)
        }
    if subject.bias is not None and subject.bias(0) is not None:
        biases = np.stack([np.ravel(subject.bias(seed)) for seed in range(seeds)])
        found["bias"] = float(np.abs(biases).max())
    return found


def measure(subject: Subject, released: str) -> dict[str, Any]:
    """Draw from one subject of a library's version and describe what came."""
    from scipy import stats

    row: dict[str, Any] = {
        "library": subject.library,
        "version": released,
        "measured": date.today().isoformat(),
        "part": subject.part,
        "name": subject.name,
        "shape": list(subject.shape),
        "fan_in": subject.fans[0],
        "fan_out": subject.fans[1],
        "ours": subject.ours,
    }
    if subject.part == "model":
        layers = [np.asarray(w) for w in subject.draw(0)]
        distinct = len({w.tobytes() for w in layers})
        return row | {"invariants": {"layers": len(layers), "distinct": distinct}}
    seeds = min(max(SEEDS[0], math.ceil(DRAWS / math.prod(subject.shape))), SEEDS[1])
    draws = np.stack([np.reshape(subject.draw(seed), subject.shape) for seed in range(seeds)])
    draws = draws.astype(np.float64)
    row |= {"draws": draws.size, **scale(draws), "invariants": invariants(subject, draws, seeds)}
    if "values" in row:
        return row
    w, rms = draws.ravel(), math.sqrt(row["mean_square"])
    row |= {"largest": float(np.abs(w).max() / rms), "distribution": law(w, rms)}
    if subject.ours:
        ours = expected(subject.ours, subject.shape, seeds)
        test = stats.ks_2samp(w, ours.ravel(), method="asymp")
        row |= {"ks": float(test.statistic), "ks_p": float(test.pvalue)}
        if is_matrix(subject.shape):
            row["ours_spread"] = list(spread(ours).values())
    return row
