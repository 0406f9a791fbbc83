"""Checks of arguments at the public edge: one message form for the whole package.

Every refusal names the argument, the value received and what is allowed.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

FloatArray = NDArray[np.floating[Any]]
Rng = int | np.random.SeedSequence | np.random.Generator | None

T = TypeVar("T")

FLOAT_DTYPES = (np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.float64))
MAX_AXES = 64  # NumPy's own limit on the number of axes


def shown(value: object) -> str:
    """Return `value` as text for a message: its repr, cut if long, or at least its type."""
    try:
        text = repr(value)
    except Exception:  # a broken __repr__, or an int of too many digits to print
        return f"an unprintable {type(value).__name__}"
    return text if len(text) <= 500 else f"{text[:500]}…"


def instance(name: str, value: object, kind: type[T]) -> T:
    """Return `value` if it is of that type, or refuse it."""
    if not isinstance(value, kind):
        raise TypeError(f"{name} must be of type {kind.__name__}, got {shown(value)}")
    return value


def number(name: str, value: object, allowed: str = "finite") -> float:
    """Return `value` as a float, or refuse it.

    `allowed` is "finite", "positive" or "not negative"; infinities and NaN never pass.
    """
    wanted = "a finite number" if allowed == "finite" else f"a finite number, {allowed}"
    if isinstance(value, (bool, np.bool_)) or not isinstance(
        value, (int, float, np.integer, np.floating)
    ):
        raise TypeError(f"{name} must be {wanted}, got {shown(value)}")
    try:
        result = float(value)
    except OverflowError:  # an int beyond the range of a float
        result = math.inf
    too_small = (allowed == "positive" and result <= 0) or (
        allowed == "not negative" and result < 0
    )
    if not math.isfinite(result) or too_small:
        raise ValueError(f"{name} must be {wanted}, got {shown(value)}")
    return result


def squarable(name: str, value: object, allowed: str = "finite") -> float:
    """Return `value` as a float whose square is a float too, or refuse it; see `number`."""
    result = number(name, value, allowed)
    square = result * result
    if math.isinf(square) or (allowed == "positive" and square == 0):
        raise ValueError(f"{name} must be a number whose square is a float, got {shown(value)}")
    return result


def integer(name: str, value: object, minimum: int, maximum: int | None = None) -> int:
    """Return `value` as an int from `minimum` to `maximum`, or refuse it."""
    wanted = f"an integer of at least {minimum}"
    if maximum is not None:
        wanted += f" and at most {maximum}"
    if isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be {wanted}, got {shown(value)}")
    try:
        result = operator.index(value)  # type: ignore[arg-type]
    except Exception as error:  # whatever a broken __index__ raises
        raise TypeError(f"{name} must be {wanted}, got {shown(value)}") from error
    if result < minimum or (maximum is not None and result > maximum):
        raise ValueError(f"{name} must be {wanted}, got {shown(value)}")
    return result


def one_of(name: str, value: object, allowed: tuple[str, ...]) -> str:
    """Return `value` if it is one of the `allowed` names, or refuse it."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be one of {', '.join(allowed)}, got {shown(value)}")
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, got {shown(value)}")
    return value


def shape_of(shape: object) -> tuple[int, ...]:
    """Return `shape` as a tuple of positive ints, or refuse it."""
    wanted = "a tuple or list of positive integers"
    if not isinstance(shape, (tuple, list)):
        raise TypeError(f"shape must be {wanted}, got {shown(shape)}")
    if len(shape) > MAX_AXES:
        raise ValueError(f"shape must be {wanted}, at most {MAX_AXES} of them, got {len(shape)}")
    dimensions = []
    for dimension in shape:
        if isinstance(dimension, (bool, np.bool_)) or not hasattr(dimension, "__index__"):
            raise ValueError(f"shape must be {wanted}, got {shown(shape)}")
        try:
            size = operator.index(dimension)
        except Exception as error:  # an array has __index__ too, and one may be broken
            raise ValueError(f"shape must be {wanted}, got {shown(shape)}") from error
        if size < 1:
            raise ValueError(f"shape must be {wanted}, got {shown(shape)}")
        dimensions.append(size)
    return tuple(dimensions)


def float_dtype(dtype: DTypeLike) -> np.dtype[np.floating[Any]]:
    """Return `dtype` as one of the three supported dtypes, or refuse it."""
    wanted = "dtype must be float16, float32 or float64"
    if dtype is None:  # NumPy would read it as float64
        raise TypeError(f"{wanted}, got None")
    try:
        result = np.dtype(dtype)
    except Exception:  # NumPy asks the object itself what it is, and that may fail in any way
        raise TypeError(f"{wanted}, got {shown(dtype)}") from None
    if result not in FLOAT_DTYPES:
        raise TypeError(f"{wanted}, got {shown(dtype)}")
    return result  # type: ignore[return-value]


def generator(rng: Rng) -> np.random.Generator:
    """Return the generator that `rng` stands for, as in SPEC 7; a Generator is used as it is."""
    wanted = "rng must be None, a non-negative int, a SeedSequence or a numpy.random.Generator"
    if rng is None or isinstance(rng, (np.random.SeedSequence, np.random.Generator)):
        return np.random.default_rng(rng)
    if isinstance(rng, (bool, np.bool_)) or not isinstance(rng, (int, np.integer)):
        raise TypeError(f"{wanted}, got {shown(rng)}")
    if rng < 0:
        raise ValueError(f"{wanted}, got {shown(rng)}")
    return np.random.default_rng(int(rng))


def numeric_array(name: str, value: object, wanted: str = "an array of numbers") -> FloatArray:
    """Return `value` as a float array, or refuse it; NaN and infinity pass."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} must be {wanted}, got a ragged {type(value).__name__}") from None
    except Exception as error:  # whatever a broken __array__ raises
        raise TypeError(f"{name} must be {wanted}, got {shown(value)}") from error
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} must be {wanted}, got dtype {array.dtype}")
    return array.astype(np.float64) if array.dtype.kind in "iu" else array


def finite_array(name: str, value: ArrayLike, axes: int | None = None) -> FloatArray:
    """Return `value` as a float array without NaN or infinity, or refuse it."""
    wanted = "an array of finite numbers" if axes is None else f"a finite array with {axes} axes"
    array = numeric_array(name, value, wanted)
    if axes is not None and array.ndim != axes:
        raise ValueError(f"{name} must be {wanted}, got shape {array.shape}")
    if array.size == 0:
        raise ValueError(f"{name} must be {wanted}, got an empty array of shape {array.shape}")
    if not np.isfinite(array).all():
        bad = array[~np.isfinite(array)].flat[0]
        raise ValueError(f"{name} must be {wanted}, got a value of {bad}")
    return array


def cast(name: str, array: FloatArray, dtype: np.dtype[Any]) -> FloatArray:
    """Return a finite array in `dtype`, or refuse it if `dtype` cannot hold it."""
    if array.dtype == dtype:
        return array
    with np.errstate(over="ignore"):
        result: FloatArray = array.astype(dtype)
    if not np.isfinite(result).all():
        largest = np.abs(array).max()
        raise ValueError(f"{name} must be finite in {dtype}, got a size of up to {largest:.3g}")
    return result


def labelled(name: str, value: object) -> Mapping[Any, Any]:
    """Return `value` if it maps at least one label to something, or refuse it."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} must be a mapping from labels, got {shown(value)}")
    if not value:
        raise ValueError(f"{name} must be a mapping from labels, at least one, got none")
    return value
