"""Checks of arguments at the public edge: one message form for the whole package.

Every refusal names the argument, the value received and what is allowed.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

FloatArray = NDArray[np.floating[Any]]
Rng = int | np.random.SeedSequence | np.random.Generator | None

FLOAT_DTYPES = (np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.float64))
MAX_AXES = 64  # NumPy's own limit on the number of axes


def number(name: str, value: object, allowed: str = "finite") -> float:
    """Return `value` as a float, or refuse it.

    `allowed` is "finite", "positive" or "not negative"; infinities and NaN never pass.
    """
    wanted = "a finite number" if allowed == "finite" else f"a finite number, {allowed}"
    if isinstance(value, (bool, np.bool_)) or not isinstance(
        value, (int, float, np.integer, np.floating)
    ):
        raise TypeError(f"{name} must be {wanted}, got {value!r}")
    try:
        result = float(value)
    except OverflowError:  # an int beyond the range of a float
        result = math.inf
    too_small = (allowed == "positive" and result <= 0) or (
        allowed == "not negative" and result < 0
    )
    if not math.isfinite(result) or too_small:
        raise ValueError(f"{name} must be {wanted}, got {value!r}")
    return result


def integer(name: str, value: object, minimum: int) -> int:
    """Return `value` as an int of at least `minimum`, or refuse it."""
    wanted = f"an integer of at least {minimum}"
    if isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be {wanted}, got {value!r}")
    try:
        result = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"{name} must be {wanted}, got {value!r}") from None
    if result < minimum:
        raise ValueError(f"{name} must be {wanted}, got {value!r}")
    return result


def one_of(name: str, value: object, allowed: tuple[str, ...]) -> str:
    """Return `value` if it is one of the `allowed` names, or refuse it."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be one of {', '.join(allowed)}, got {value!r}")
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, got {value!r}")
    return value


def shape_of(shape: object) -> tuple[int, ...]:
    """Return `shape` as a tuple of positive ints, or refuse it."""
    wanted = "a tuple or list of positive integers"
    if not isinstance(shape, (tuple, list)):
        raise TypeError(f"shape must be {wanted}, got {shape!r}")
    if len(shape) > MAX_AXES:
        raise ValueError(f"shape must be {wanted}, at most {MAX_AXES} of them, got {len(shape)}")
    dimensions = []
    for dimension in shape:
        if isinstance(dimension, (bool, np.bool_)) or not hasattr(dimension, "__index__"):
            raise ValueError(f"shape must be {wanted}, got {shape!r}")
        try:
            size = operator.index(dimension)
        except TypeError:  # an array of several elements has __index__ too
            raise ValueError(f"shape must be {wanted}, got {shape!r}") from None
        if size < 1:
            raise ValueError(f"shape must be {wanted}, got {shape!r}")
        dimensions.append(size)
    return tuple(dimensions)


def float_dtype(dtype: DTypeLike) -> np.dtype[np.floating[Any]]:
    """Return `dtype` as one of the three supported dtypes, or refuse it."""
    wanted = "dtype must be float16, float32 or float64"
    if dtype is None:  # NumPy would read it as float64
        raise TypeError(f"{wanted}, got None")
    try:
        result = np.dtype(dtype)
    except (TypeError, ValueError, SyntaxError):
        raise TypeError(f"{wanted}, got {dtype!r}") from None
    if result not in FLOAT_DTYPES:
        raise TypeError(f"{wanted}, got {dtype!r}")
    return result  # type: ignore[return-value]


def generator(rng: Rng) -> np.random.Generator:
    """Return the generator that `rng` stands for, as in SPEC 7; a Generator is used as it is."""
    wanted = "rng must be None, a non-negative int, a SeedSequence or a numpy.random.Generator"
    if rng is None or isinstance(rng, (np.random.SeedSequence, np.random.Generator)):
        return np.random.default_rng(rng)
    if isinstance(rng, (bool, np.bool_)) or not isinstance(rng, (int, np.integer)):
        raise TypeError(f"{wanted}, got {rng!r}")
    if rng < 0:
        raise ValueError(f"{wanted}, got {rng!r}")
    return np.random.default_rng(int(rng))


def finite_array(name: str, value: ArrayLike, axes: int | None = None) -> FloatArray:
    """Return `value` as a float array without NaN or infinity, or refuse it."""
    wanted = "an array of finite numbers" if axes is None else f"a finite array with {axes} axes"
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} must be {wanted}, got a ragged {type(value).__name__}") from None
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} must be {wanted}, got dtype {array.dtype}")
    if array.dtype.kind in "iu":
        array = array.astype(np.float64)
    if axes is not None and array.ndim != axes:
        raise ValueError(f"{name} must be {wanted}, got shape {array.shape}")
    if array.size == 0:
        raise ValueError(f"{name} must be {wanted}, got an empty array of shape {array.shape}")
    if not np.isfinite(array).all():
        bad = array[~np.isfinite(array)].flat[0]
        raise ValueError(f"{name} must be {wanted}, got a value of {bad}")
    return array
