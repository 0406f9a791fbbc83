"""Initializers: how the weights of a layer are drawn before training starts.

Kernels have shape ``(*receptive_field, in, out)``: (in, out) for a dense layer y = x @ W + b,
(height, width, in, out) for a two-dimensional convolution.

The module reads from top to bottom: how many connections a unit has (`fans`), how numbers are
drawn (`zeros` to `truncated_normal`), the one rule Var[W] = scale / n (`variance_scaling`), and
its named settings, each one line.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import DTypeLike

from . import _arguments
from ._arguments import FloatArray, Rng

Shape = Sequence[int]
Mode = Literal["fan_in", "fan_out", "fan_avg", "fan_geo_avg"]
Distribution = Literal["truncated_normal", "normal", "uniform"]

TRUNCATION = 2.0
"""Where the truncated normal is cut, in standard deviations of the parent normal."""

_DENSITY_AT_CUT = math.exp(-(TRUNCATION**2) / 2) / math.sqrt(2 * math.pi)
_MASS_WITHIN_CUT = math.erf(TRUNCATION / math.sqrt(2))
TRUNCATED_STD = math.sqrt(1 - 2 * TRUNCATION * _DENSITY_AT_CUT / _MASS_WITHIN_CUT)
"""Standard deviation of N(0, 1) truncated to two standard deviations: 0.8796…"""

_CHUNK = 1 << 16  # draws at a time: small enough to stay in the processor's cache


# --- fans -------------------------------------------------------------------------------------


def fans(shape: Shape, *, groups: int = 1, transposed: bool = False) -> tuple[int, int]:
    """Count the products in a sum: into one output of a kernel, and out of one input.

    Parameters
    ----------
    shape : tuple or list of int
        Kernel shape ``(*receptive_field, in, out)``.
    groups : int, optional
        Number of groups of a grouped convolution, whose kernel has shape
        ``(*receptive_field, in / groups, out)``. A depthwise convolution has as many as inputs.
    transposed : bool, optional
        Whether the kernel belongs to a transposed convolution (of stride 1), stored as
        ``(*receptive_field, out, in)``; with groups, ``(*receptive_field, out / groups, in)``.

    Returns
    -------
    fan_in, fan_out : int
        Both contain the number of positions in the receptive field. A vector of shape (n,)
        counts as (n, n), a scalar of shape () as (1, 1).

    Raises
    ------
    TypeError
        If `shape` is not a tuple or a list, `groups` not an integer, `transposed` not a bool.
    ValueError
        If a dimension is zero, negative or not an integer; if `groups` does not divide the last
        dimension; if either is set for a shape of fewer than two dimensions.

    References
    ----------
    He et al. (2015), section 2.2: a response of a k × k convolution with c input channels sums
    n = k²c products.

    Examples
    --------
    >>> fans((784, 100))
    (784, 100)
    >>> fans((3, 3, 64, 128))
    (576, 1152)
    >>> fans((3, 3, 1, 64), groups=64)
    (9, 9)
    >>> fans((3, 3, 128, 64), transposed=True)
    (576, 1152)
    """
    dimensions = _arguments.shape_of(shape)
    groups = _arguments.integer("groups", groups, 1)
    if not isinstance(transposed, (bool, np.bool_)):
        raise TypeError(f"transposed must be True or False, got {_arguments.shown(transposed)}")
    if len(dimensions) < 2:
        if groups > 1 or transposed:
            raise ValueError(
                f"shape must have at least two dimensions for groups={groups}, "
                f"transposed={transposed}, got {dimensions}"
            )
        n = dimensions[0] if dimensions else 1
        return n, n
    *receptive_field, inputs, outputs = dimensions
    if outputs % groups:
        raise ValueError(f"groups must divide the last dimension, {outputs}, got {groups}")
    positions = math.prod(receptive_field)
    pair = positions * inputs, positions * outputs // groups
    return pair[::-1] if transposed else pair


# --- samplers ---------------------------------------------------------------------------------


def zeros(shape: Shape, *, rng: Rng = None, dtype: DTypeLike = np.float32) -> FloatArray:
    """Return an array of zeros: right for biases, wrong for most hidden weights.

    Parameters
    ----------
    shape : tuple or list of int
        Shape of the result.
    rng : None, int, SeedSequence or Generator, optional
        Accepted so that `zeros` can stand where a sampler stands; nothing is drawn.
    dtype : {float16, float32, float64}, optional
        Dtype of the result.

    Returns
    -------
    ndarray
        Zeros of that shape and dtype.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.
    MemoryError
        If an array of that shape cannot exist.

    Examples
    --------
    >>> zeros((2, 3))
    array([[0., 0., 0.],
           [0., 0., 0.]], dtype=float32)
    """
    return constant(shape, 0.0, rng=rng, dtype=dtype)


def constant(
    shape: Shape, value: float, *, rng: Rng = None, dtype: DTypeLike = np.float32
) -> FloatArray:
    """Return an array whose entries are all `value`.

    Parameters
    ----------
    shape : tuple or list of int
        Shape of the result.
    value : float
        A finite number that fits in `dtype`.
    rng : None, int, SeedSequence or Generator, optional
        Accepted so that `constant` can stand where a sampler stands; nothing is drawn.
    dtype : {float16, float32, float64}, optional
        Dtype of the result.

    Returns
    -------
    ndarray
        The constant array.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.
    MemoryError
        If an array of that shape cannot exist.

    Examples
    --------
    >>> constant((3,), 0.5, dtype="float64")
    array([0.5, 0.5, 0.5])
    """
    value = _arguments.number("value", value)
    _arguments.generator(rng)
    result = _empty(shape, dtype)
    _fits("value", value, 1.0, result.dtype)
    result.fill(value)
    return result


def normal(
    shape: Shape, std: float = 1.0, *, rng: Rng = None, dtype: DTypeLike = np.float32
) -> FloatArray:
    """Draw from the normal distribution with mean 0 and standard deviation `std`.

    Parameters
    ----------
    shape : tuple or list of int
        Shape of the result.
    std : float, optional
        Standard deviation, finite and not negative.
    rng : None, int, SeedSequence or Generator, optional
        Source of randomness (SPEC 7). A Generator advances.
    dtype : {float16, float32, float64}, optional
        Dtype of the result.

    Returns
    -------
    ndarray
        Independent draws from N(0, std²).

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.
    MemoryError
        If an array of that shape cannot exist.

    Examples
    --------
    >>> w = normal((1000, 1000), 0.1, rng=0)
    >>> print(f"{w.std():.2f}")
    0.10
    """
    std = _arguments.number("std", std, "not negative")
    generator = _arguments.generator(rng)
    result = _empty(shape, dtype)
    _fits("std", std, 16.0, result.dtype)  # no double-precision draw lies beyond 16 std

    def draw(chunk: FloatArray) -> None:
        generator.standard_normal(out=chunk, dtype=chunk.dtype.type)
        chunk *= std

    return _fill(result, draw)


def uniform(
    shape: Shape, limit: float = 1.0, *, rng: Rng = None, dtype: DTypeLike = np.float32
) -> FloatArray:
    """Draw uniformly from [-limit, limit]; the variance is limit² / 3.

    Parameters
    ----------
    shape : tuple or list of int
        Shape of the result.
    limit : float, optional
        Largest absolute value, finite and not negative.
    rng : None, int, SeedSequence or Generator, optional
        Source of randomness (SPEC 7). A Generator advances.
    dtype : {float16, float32, float64}, optional
        Dtype of the result.

    Returns
    -------
    ndarray
        Independent draws from U(-limit, limit).

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.
    MemoryError
        If an array of that shape cannot exist.

    Examples
    --------
    >>> w = uniform((1000, 1000), 0.3, rng=0)
    >>> bool(abs(w).max() <= 0.3)
    True
    >>> print(f"{w.var():.2f}")
    0.03
    """
    limit = _arguments.number("limit", limit, "not negative")
    generator = _arguments.generator(rng)
    result = _empty(shape, dtype)
    _fits("limit", limit, 2.0, result.dtype)
    width = 2 * _round_down(limit, result.dtype)

    def draw(chunk: FloatArray) -> None:
        generator.random(out=chunk, dtype=chunk.dtype.type)
        chunk -= 0.5
        chunk *= width

    return _fill(result, draw, limit)


def truncated_normal(
    shape: Shape,
    std: float = 1.0,
    *,
    corrected: bool = True,
    rng: Rng = None,
    dtype: DTypeLike = np.float32,
) -> FloatArray:
    """Draw from a normal distribution cut off at two standard deviations of the parent.

    The cut takes 22.6 % of the variance away. With ``corrected=True`` the parent is widened so
    that the draws have standard deviation `std` (and reach 2.2737 `std`); with
    ``corrected=False`` the parent has standard deviation `std` and the draws 0.8796 `std`.

    Parameters
    ----------
    shape : tuple or list of int
        Shape of the result.
    std : float, optional
        Standard deviation, of the draws or of the parent; finite and not negative.
    corrected : bool, optional
        Whether `std` is that of the draws.
    rng : None, int, SeedSequence or Generator, optional
        Source of randomness (SPEC 7). A Generator advances.
    dtype : {float16, float32, float64}, optional
        Dtype of the result.

    Returns
    -------
    ndarray
        Independent draws; none lies beyond two standard deviations of the parent.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.
    MemoryError
        If an array of that shape cannot exist.

    Notes
    -----
    With φ and Φ the density and distribution function of N(0, 1), the variance of N(0, 1)
    truncated to [-2, 2] is 1 - 4 φ(2) / (2 Φ(2) - 1) = 0.7737 (derived in the book).

    Examples
    --------
    >>> w = truncated_normal((1000, 1000), rng=0)
    >>> print(f"{w.std():.2f} {abs(w).max():.2f}")
    1.00 2.27
    >>> w = truncated_normal((1000, 1000), corrected=False, rng=0)
    >>> print(f"{w.std():.2f} {abs(w).max():.2f}")
    0.88 2.00
    """
    std = _arguments.number("std", std, "not negative")
    if not isinstance(corrected, (bool, np.bool_)):
        raise TypeError(f"corrected must be True or False, got {_arguments.shown(corrected)}")
    generator = _arguments.generator(rng)
    result = _empty(shape, dtype)
    _fits("std", std, 4.0, result.dtype)
    parent_std = _round_down(std / TRUNCATED_STD if corrected else std, result.dtype)

    def draw(chunk: FloatArray) -> None:
        generator.standard_normal(out=chunk, dtype=chunk.dtype.type)
        outside = np.flatnonzero(np.abs(chunk) > TRUNCATION)
        while outside.size:
            again = generator.standard_normal(outside.size, dtype=chunk.dtype.type)
            chunk[outside] = again
            outside = outside[np.abs(again) > TRUNCATION]
        chunk *= parent_std

    return _fill(result, draw, TRUNCATION * parent_std)


# --- the one rule -----------------------------------------------------------------------------


def variance_scaling(
    shape: Shape,
    scale: float = 1.0,
    mode: Mode = "fan_in",
    distribution: Distribution = "truncated_normal",
    *,
    rng: Rng = None,
    dtype: DTypeLike = np.float32,
) -> FloatArray:
    """Draw weights with mean 0 and variance scale / n.

    Parameters
    ----------
    shape : tuple or list of int
        Kernel shape ``(*receptive_field, in, out)``.
    scale : float, optional
        Factor of the variance, finite and positive.
    mode : {"fan_in", "fan_out", "fan_avg", "fan_geo_avg"}, optional
        What n is: the fan in, the fan out, their arithmetic or their geometric mean.
    distribution : {"truncated_normal", "normal", "uniform"}, optional
        The family; the truncated normal is corrected, so that all three have variance scale / n.
    rng : None, int, SeedSequence or Generator, optional
        Source of randomness (SPEC 7). A Generator advances.
    dtype : {float16, float32, float64}, optional
        Dtype of the result.

    Returns
    -------
    ndarray
        Independent draws with mean 0 and variance scale / n.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.
    MemoryError
        If an array of that shape cannot exist.

    Notes
    -----
    scale 1 and fan_in is LeCun's rule, 1 and fan_avg Glorot's, 2 and fan_in He's. For the uniform
    distribution the limit is √(3 scale / n), because Var U(-a, a) = a² / 3.

    Examples
    --------
    >>> w = variance_scaling((400, 600), 2.0, "fan_in", "normal", rng=0)
    >>> print(f"{400 * w.var():.1f}")
    2.0
    """
    scale = _arguments.number("scale", scale, "positive")
    mode_name = _arguments.one_of("mode", mode, tuple(_MODES))
    _arguments.one_of("distribution", distribution, ("truncated_normal", "normal", "uniform"))
    std = math.sqrt(scale / _MODES[mode_name](*fans(shape)))
    held = np.finfo(_arguments.float_dtype(dtype))
    if not float(held.smallest_normal) <= std <= float(held.max) / 16:
        raise ValueError(
            f"scale must give a standard deviation √(scale / n) that {held.dtype} holds, "
            f"got {scale!r} and so {std:.3g}"
        )
    if distribution == "uniform":
        return uniform(shape, math.sqrt(3) * std, rng=rng, dtype=dtype)
    if distribution == "normal":
        return normal(shape, std, rng=rng, dtype=dtype)
    return truncated_normal(shape, std, rng=rng, dtype=dtype)


_MODES: dict[str, Callable[[int, int], float]] = {
    "fan_in": lambda fan_in, fan_out: fan_in,
    "fan_out": lambda fan_in, fan_out: fan_out,
    "fan_avg": lambda fan_in, fan_out: (fan_in + fan_out) / 2,
    "fan_geo_avg": lambda fan_in, fan_out: math.sqrt(fan_in * fan_out),
}


# --- its named settings -----------------------------------------------------------------------


def lecun_normal(shape: Shape, *, rng: Rng = None, dtype: DTypeLike = np.float32) -> FloatArray:
    """Draw a truncated normal with variance 1 / fan_in (LeCun et al. 1998, eq. 16).

    `variance_scaling` with scale 1 and fan_in; arguments, result and errors as there.

    Examples
    --------
    >>> w = lecun_normal((400, 600), rng=0)
    >>> print(f"{400 * w.var():.1f}")
    1.0
    """
    return variance_scaling(shape, 1.0, "fan_in", "truncated_normal", rng=rng, dtype=dtype)


def lecun_uniform(shape: Shape, *, rng: Rng = None, dtype: DTypeLike = np.float32) -> FloatArray:
    """Draw uniformly within √(3 / fan_in): variance 1 / fan_in (LeCun et al. 1998, eq. 16).

    `variance_scaling` with scale 1 and fan_in; arguments, result and errors as there.

    Examples
    --------
    >>> w = lecun_uniform((300, 600), rng=0)
    >>> bool(abs(w).max() <= 0.1)
    True
    """
    return variance_scaling(shape, 1.0, "fan_in", "uniform", rng=rng, dtype=dtype)


def glorot_normal(
    shape: Shape, gain: float = 1.0, *, rng: Rng = None, dtype: DTypeLike = np.float32
) -> FloatArray:
    """Draw a truncated normal with variance 2 gain² / (fan_in + fan_out).

    Glorot & Bengio (2010), eq. 12, also called Xavier. `gain` is finite and positive; otherwise
    `variance_scaling` with scale gain² and fan_avg; arguments, result and errors as there.

    Examples
    --------
    >>> w = glorot_normal((400, 600), rng=0)
    >>> print(f"{500 * w.var():.1f}")
    1.0
    """
    gain = _arguments.squarable("gain", gain, "positive")
    return variance_scaling(shape, gain * gain, "fan_avg", "truncated_normal", rng=rng, dtype=dtype)


def glorot_uniform(
    shape: Shape, gain: float = 1.0, *, rng: Rng = None, dtype: DTypeLike = np.float32
) -> FloatArray:
    """Draw uniformly within gain √(6 / (fan_in + fan_out)).

    Glorot & Bengio (2010), eq. 16, also called Xavier. `gain` is finite and positive; otherwise
    `variance_scaling` with scale gain² and fan_avg; arguments, result and errors as there.

    Examples
    --------
    >>> w = glorot_uniform((200, 400), rng=0)
    >>> bool(abs(w).max() <= 0.1)
    True
    """
    gain = _arguments.squarable("gain", gain, "positive")
    return variance_scaling(shape, gain * gain, "fan_avg", "uniform", rng=rng, dtype=dtype)


def he_normal(
    shape: Shape, negative_slope: float = 0.0, *, rng: Rng = None, dtype: DTypeLike = np.float32
) -> FloatArray:
    """Draw a truncated normal with variance 2 / ((1 + a²) fan_in), a the negative slope.

    He et al. (2015), eq. 10 for ReLU and eq. 15 for a leaky ReLU of slope `negative_slope` (a
    finite number); otherwise `variance_scaling` with scale 2 / (1 + a²) and fan_in; arguments,
    result and errors as there.

    Examples
    --------
    >>> w = he_normal((400, 600), rng=0)
    >>> print(f"{400 * w.var():.1f}")
    2.0
    """
    a = _arguments.squarable("negative_slope", negative_slope)
    return variance_scaling(
        shape, 2 / (1 + a * a), "fan_in", "truncated_normal", rng=rng, dtype=dtype
    )


def he_uniform(
    shape: Shape, negative_slope: float = 0.0, *, rng: Rng = None, dtype: DTypeLike = np.float32
) -> FloatArray:
    """Draw uniformly within √(6 / ((1 + a²) fan_in)), a the negative slope.

    He et al. (2015), eq. 10 for ReLU and eq. 15 for a leaky ReLU of slope `negative_slope` (a
    finite number); otherwise `variance_scaling` with scale 2 / (1 + a²) and fan_in; arguments,
    result and errors as there.

    Examples
    --------
    >>> w = he_uniform((600, 400), rng=0)
    >>> bool(abs(w).max() <= 0.1)
    True
    """
    a = _arguments.squarable("negative_slope", negative_slope)
    return variance_scaling(shape, 2 / (1 + a * a), "fan_in", "uniform", rng=rng, dtype=dtype)


def orthogonal(
    shape: Shape, gain: float = 1.0, *, rng: Rng = None, dtype: DTypeLike = np.float32
) -> FloatArray:
    """Draw a uniformly (Haar) distributed orthogonal matrix, times `gain`.

    Parameters
    ----------
    shape : tuple or list of int
        Kernel shape with at least two dimensions; it is flattened to (-1, out).
    gain : float, optional
        Every singular value of the flattened kernel; finite and positive.
    rng : None, int, SeedSequence or Generator, optional
        Source of randomness (SPEC 7). A Generator advances.
    dtype : {float16, float32, float64}, optional
        Dtype of the result.

    Returns
    -------
    ndarray
        The kernel: its columns are orthonormal times `gain`, or its rows if it is wide.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.
    MemoryError
        If an array of that shape cannot exist.

    Notes
    -----
    The Q of the QR decomposition of a Gaussian matrix is Haar distributed once the signs of the
    diagonal of R are made positive (Mezzadri 2007). Orthogonal weights: Saxe et al. (2014).

    Examples
    --------
    >>> w = orthogonal((3, 3, 16, 32), gain=2.0, rng=0)
    >>> singular_values = np.linalg.svd(w.reshape(-1, 32), compute_uv=False)
    >>> print(f"{singular_values.min():.3f} {singular_values.max():.3f}")
    2.000 2.000
    """
    dimensions = _arguments.shape_of(shape)
    gain = _arguments.number("gain", gain, "positive")
    if len(dimensions) < 2:
        raise ValueError(f"shape must have at least two dimensions, got {shape!r}")
    result = _empty(dimensions, dtype)
    _fits("gain", gain, 2.0, result.dtype)
    rows, columns = result.size // dimensions[-1], dimensions[-1]
    work_dtype = np.float64 if result.dtype == np.float64 else np.float32
    tall = (max(rows, columns), min(rows, columns))
    q, r = np.linalg.qr(normal(tall, rng=rng, dtype=work_dtype))
    q *= np.where(np.diagonal(r) < 0, -gain, gain).astype(work_dtype)
    result[...] = (q if rows >= columns else q.T).reshape(dimensions)
    return result


# --- how arrays are filled --------------------------------------------------------------------


def _empty(shape: Shape, dtype: DTypeLike) -> FloatArray:
    """Allocate the result, or say which shape cannot exist."""
    dimensions, float_dtype = _arguments.shape_of(shape), _arguments.float_dtype(dtype)
    try:
        return np.empty(dimensions, float_dtype)
    except (ValueError, OverflowError, MemoryError):
        raise MemoryError(
            f"shape {_arguments.shown(dimensions)} of {float_dtype} does not fit in memory"
        ) from None


def _fill(result: FloatArray, draw: Callable[[Any], None], bound: float = math.inf) -> FloatArray:
    """Let `draw` overwrite the result a chunk at a time: no copy of the whole array is made.

    NumPy draws float32 and float64 only, so that float16 passes through a float32 chunk. There
    the last bit may round beyond `bound`, which the draws themselves keep.
    """
    reach = np.float16(min(bound, float(np.finfo(np.float16).max)))
    if float(reach) > bound:
        reach = np.nextafter(reach, np.float16(0))
    for chunk in _chunks(result):
        if result.dtype == np.float16:
            wide = np.empty(chunk.size, np.float32)
            draw(wide)
            chunk[...] = np.clip(wide, -reach, reach)
        else:
            draw(chunk)
    return result


def _chunks(result: FloatArray) -> Iterator[FloatArray]:
    flat = result.reshape(-1)  # a view: the result was just allocated
    for start in range(0, flat.size, _CHUNK):
        yield flat[start : start + _CHUNK]


def _fits(name: str, value: float, reach: float, dtype: np.dtype[Any]) -> None:
    """Refuse a magnitude that `dtype` cannot hold up to `reach` times, or only as nearly zero."""
    info = np.finfo(dtype)
    smallest, largest = float(info.smallest_normal), float(info.max) / reach
    if abs(value) > largest or 0 < abs(value) < smallest:
        raise ValueError(
            f"{name} must be 0 or between {smallest:.2g} and {largest:.2g} in size "
            f"to be held by {dtype}, got {value!r}"
        )


def _round_down(value: float, dtype: np.dtype[Any]) -> float:
    """Return the largest number not above `value` in the dtype of the draws: bounds hold."""
    if dtype == np.float64:
        return value
    rounded = np.float32(value)
    return float(rounded if float(rounded) <= value else np.nextafter(rounded, np.float32(0)))
