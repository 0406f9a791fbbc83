"""Compare two records of the frameworks; needs none of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

import initcourse as ic

Z = 5.0
"""How many standard errors two measurements of the same thing may differ."""


def expected(ours: str, shape: tuple[int, ...], repeats: int, seed: int = 1) -> NDArray[Any]:
    """Draw from the `initcourse` expression of a row."""
    rng = np.random.default_rng(seed)
    draws = [eval(ours, {"ic": ic, "shape": shape, "rng": rng}) for _ in range(repeats)]
    return np.concatenate([np.ravel(w) for w in draws])


def differences(record: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """List where what was found is not what the record says."""
    problems = [
        f"{name}: recorded with {record['versions'].get(name)}, installed is {installed}"
        for name, installed in found["versions"].items()
        if record["versions"].get(name) != installed
    ]
    old, new = (
        {(r["library"], r["part"], r["name"], tuple(r["shape"])): r for r in each["rows"]}
        for each in (record, found)
    )
    problems += [f"{key}: recorded, but no longer measured" for key in old.keys() - new.keys()]
    problems += [f"{key}: measured, but not in the record" for key in new.keys() - old.keys()]
    for key in old.keys() & new.keys():
        problems += [f"{key}: {text}" for text in _row(old[key], new[key])]
    problems += [
        f"{part}: recorded {record[part]}, found {found[part]}"
        for part in ("fans", "gains", "recipes")
        if record[part] != found[part]
    ]
    return problems


def _row(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """List how a row differs."""
    problems = [
        f"{field}: recorded {old.get(field)}, found {new.get(field)}"
        for field in ("fan_in", "fan_out", "distribution", "values", "ours")
        if old.get(field) != new.get(field)
    ]
    if "mean_square" in old and "mean_square" in new:
        error = math.hypot(old["standard_error"], new["standard_error"])
        z = (new["mean_square"] - old["mean_square"]) / error
        if abs(z) > Z:
            problems.append(
                f"mean square: recorded {old['mean_square']:.6g}, found {new['mean_square']:.6g} "
                f"({z:+.1f} standard errors)"
            )
        bounded = old.get("distribution") in ("uniform", "truncated normal")
        if bounded and abs(new["largest"] / old["largest"] - 1) > 0.02:
            problems.append(
                f"largest draw, in standard deviations: recorded {old['largest']:.3f}, "
                f"found {new['largest']:.3f}"
            )
    return problems
