"""Compare two records of the frameworks; needs none of them."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np

from initcourse import testing

Row = dict[str, Any]
FIXED = ("fan_in", "fan_out", "distribution", "values", "ours", "draws")
BOUNDED = ("uniform", "truncated normal")
LISTS = ("rows", "outliers")


def seal(record: dict[str, Any]) -> str:
    """Return what changes with every character of a record but its seal."""
    rest = {part: value for part, value in record.items() if part != "seal"}
    text = json.dumps(rest, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def differences(record: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """List where what was found is not what the record says, and where the record is no record."""
    problems = [
        f"the record was altered by hand: its seal is that of another one: {each['seal'][:12]}"
        for each in (record, found)
        if each["seal"] != seal(each)
    ]
    problems += [
        f"{part}: recorded {record[part]}, found {found[part]}"
        for part in ("versions", "fans", "gains", "recipes")
        if record[part] != found[part]
    ]
    for part in LISTS:
        old, new = ({_key(row): row for row in each[part]} for each in (record, found))
        problems += [f"{key}: recorded, but no longer measured" for key in old.keys() - new.keys()]
        problems += [f"{key}: measured, but not in the record" for key in new.keys() - old.keys()]
        for key in old.keys() & new.keys():
            problems += [f"{key}: {text}" for text in _row(old[key], new[key])]
    return problems


def unlike_ours(row: Row) -> list[str]:
    """List how the draws of a row differ from those of its `initcourse` expression."""
    who = f"{row['library']} {row['version']}, {row['name']}: "
    found = []
    if row.get("ks_p", 1) < 1e-6:
        found.append(
            f"{who}not the distribution of {row['ours']} "
            f"(Kolmogorov-Smirnov distance {row['ks']:.4f}, p = {row['ks_p']:.1e})"
        )
    if "ours_spread" in row:
        here = row["invariants"]["spread"], row["invariants"]["spread_error"]
        z = _z(here, row["ours_spread"], draws(row))
        if abs(z) > testing.Z:
            found.append(
                f"{who}singular values scatter by {testing.with_error(*here)}, those of "
                f"{row['ours']} by {testing.with_error(*row['ours_spread'])} (z = {z:+.1f})"
            )
    return found


def draws(row: Row) -> int:
    """Count the independent draws of the whole array of a row."""
    return int(row["draws"] // math.prod(row["shape"]))


def _key(row: Row) -> tuple[Any, ...]:
    shape = tuple(row.get("shape", ()))
    return row["library"], row["version"], row.get("part", "outliers"), row["name"], shape


def _z(one: tuple[float, float], other: tuple[float, float], repeats: float) -> float:
    """Return how far two estimates of the same thing lie apart, as a normal z."""
    (value, error), (second, second_error) = one, other
    t = (value - second) / math.hypot(error, second_error)
    return float(testing.normal_equivalent(np.array([t]), repeats - 1)[0])


def _row(old: Row, new: Row) -> Iterator[str]:
    """List how a row differs."""
    for each, name in ((old, "recorded"), (new, "found")):
        if not _is_past(each["measured"]):
            yield f"{name} to be measured on {each['measured']}, which is no day up to today"
    yield from _fixed(old, new, FIXED)
    if old.keys() != new.keys():
        yield f"columns: recorded {sorted(old)}, found {sorted(new)}"
    elif "beyond" in old:
        yield from _outliers(old, new)
    else:
        yield from _scale(old, new, "")
        if old.get("distribution") in BOUNDED:
            yield from _near(old, new, "largest")
        yield from _invariants(old["invariants"], new["invariants"], old)


def _outliers(old: Row, new: Row) -> Iterator[str]:
    """Compare counts, which scatter like a Poisson variable, and what they add to the variance."""
    counts = old["beyond"], new["beyond"]
    if abs(counts[1] - counts[0]) > testing.Z * math.sqrt(max(sum(counts), 1)):
        yield f"beyond ten standard deviations: recorded {counts[0]}, found {counts[1]}"
    one, other = (
        (
            row["times_variance"],
            math.sqrt(2 / row["draws"] + row["beyond"] * (1e4 / row["draws"]) ** 2),
        )
        for row in (old, new)
    )  # each adds the square of its hundred standard deviations
    if abs(_z(other, one, math.inf)) > testing.Z:
        yield f"times_variance: recorded {one[0]:.4f}, found {other[0]:.4f}"


def _fixed(old: Row, new: Row, fields: tuple[str, ...]) -> Iterator[str]:
    for name in fields:
        if old.get(name) != new.get(name):
            yield f"{name}: recorded {old.get(name)}, found {new.get(name)}"


def _scale(old: Row, new: Row, where: str) -> Iterator[str]:
    if "mean_square" in old and "mean_square" in new:
        one, other = ((each["mean_square"], each["standard_error"]) for each in (old, new))
        z = _z(other, one, math.inf)
        if abs(z) > testing.Z:
            yield (
                f"{where}mean square: recorded {testing.with_error(*one)}, "
                f"found {testing.with_error(*other)} (z = {z:+.1f})"
            )


def _near(old: Row, new: Row, name: str) -> Iterator[str]:
    """The largest of many bounded draws comes close to the bound."""
    if abs(new[name] - old[name]) > 0.02 * abs(new[name]):
        yield f"{name}: recorded {old[name]:.3f}, found {new[name]:.3f}"


def _invariants(old: Row, new: Row, row: Row) -> Iterator[str]:
    if old.keys() != new.keys():
        yield f"invariants: recorded {sorted(old)}, found {sorted(new)}"
        return
    yield from _fixed(old, new, ("layers", "distinct"))
    yield from _spread(old, new, row, "")
    if "bias" in old:
        yield from _near(old, new, "bias")
    if old.get("blocks", {}).keys() != new.get("blocks", {}).keys():
        yield f"blocks: recorded {sorted(old['blocks'])}, found {sorted(new['blocks'])}"
        return
    for name, block in old.get("blocks", {}).items():
        other = new["blocks"][name]
        yield from (f"{name}: {text}" for text in _fixed(block, other, ("values",)))
        yield from _scale(block, other, f"{name}: ")
        yield from _spread(block, other, row, f"{name}: ")


def _spread(old: Row, new: Row, row: Row, where: str) -> Iterator[str]:
    if "spread" in old and "spread" in new:
        one, other = ((each["spread"], each["spread_error"]) for each in (old, new))
        z = _z(other, one, draws(row))
        if abs(z) > testing.Z:
            yield (
                f"{where}scatter of the singular values: recorded {testing.with_error(*one)}, "
                f"found {testing.with_error(*other)} (z = {z:+.1f})"
            )


def _is_past(day: str) -> bool:
    try:
        return date.fromisoformat(day) <= date.today()
    except ValueError:
        return False
