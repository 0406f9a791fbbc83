"""Evidence for claims: statistical assertions whose tolerance is derived, not chosen.

An estimate from random draws has a standard error, and the standard error can be computed from
the draws. Few draws make the error itself uncertain, so that the distance, in standard errors,
scatters like a Student's t; `z` is that distance read off a normal law at the same probability
(W. G. Hill, 1970, Communications of the ACM 13, 617-619, Algorithm 395). A claim holds here if
its z lies within `Z`. For a mean of Gaussian draws that fails by chance about once in 1.7 million
times, however few they are, and a wrong formula fails every time, as soon as the sample is large
enough to tell. A variance is judged by its cube root, which is nearly as good.
A claim over several numbers allows each of them a little more, so that it fails as a whole no more
often than a claim over one. The draws of a sample need not be Gaussian for that, only their mean,
about, or their variance: take many draws of what is skewed, or its logarithm.

The draws must be independent. Weights are. The units of a layer are not, for they share their
inputs: draw several networks, and hand over one number per network.

Each assertion returns its evidence, which `claim` shows beside the sentence that it proves.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _arguments

Z = 5.0
"""How many standard errors an estimate of many draws may lie from what is claimed."""

FALSE_ALARMS = 2 * NormalDist().cdf(-Z)
"""How often a right claim about a mean of Gaussian draws fails, about: 1 in 1.7 million."""

_LARGEST = 1e70


class Evidence:
    """What an assertion found. Its text says it in one line.

    Attributes
    ----------
    kind : str
        "statistical", "ordered", "exact" or "digits".
    """

    kind: str


@dataclass(frozen=True, repr=False)
class Comparison(Evidence):
    """An estimate beside the value claimed for it.

    Attributes
    ----------
    what : str
        Which statistic was estimated.
    expected, measured, standard_error : ndarray
        One element for each number that is claimed.
    draws : int
        How many independent draws each estimate is of.
    """

    what: str
    expected: NDArray[np.float64]
    measured: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    draws: int
    kind: str = field(default="statistical", init=False)

    @property
    def z(self) -> NDArray[np.float64]:
        """Distance of estimate and claim, as a normal z; infinite if there is no error."""
        return normal_equivalent(self._distance, self.draws - 1)

    @property
    def _distance(self) -> NDArray[np.float64]:
        """The distance in standard errors."""
        return _quotient(self.measured - self.expected, self.standard_error)

    @property
    def allowed(self) -> float:
        """How far z may lie from 0: `Z` for one number, more for the worst of several."""
        return -NormalDist().inv_cdf(FALSE_ALARMS / 2 / self.z.size)

    @property
    def worst(self) -> int:
        """The index of the number that is furthest off."""
        return int(np.argmax(np.abs(self.z)))

    def __repr__(self) -> str:
        """Say what was expected and measured, for the number that is furthest off."""
        worst, z = self.worst, self.z
        of = f", the furthest of {z.size}" if z.size > 1 else ""
        return (
            f"{self.what}: expected {self.expected.flat[worst]:.4g}, measured "
            f"{with_error(self.measured.flat[worst], self.standard_error.flat[worst])} "
            f"(z = {z.flat[worst]:+.1f}{of})"
        )


class _Spread(Comparison):
    """A variance: its cube root is nearly Gaussian, itself it is skewed, and so is its error."""

    @property
    def _distance(self) -> NDArray[np.float64]:
        off = self.measured - self.expected
        with np.errstate(divide="ignore", invalid="ignore"):
            root = 3 * (np.cbrt(self.measured / self.expected) - 1)
            far = _quotient(root, self.standard_error / self.measured)
        nothing = (self.measured == 0) | (self.expected == 0)  # which no ratio can be judged by
        return np.where(off == 0, 0.0, np.where(nothing, np.copysign(math.inf, off), far))


@dataclass(frozen=True, repr=False)
class Difference(Evidence):
    """One mean below another, or below a bound.

    Attributes
    ----------
    smaller, larger : tuple of (float, float)
        Mean and standard error of each side; a bound has no error.
    draws : tuple of (int, int)
        How many independent draws each mean is of; 1 for a bound.
    bound : str
        What the bound is, if one side is one.
    """

    smaller: tuple[float, float]
    larger: tuple[float, float]
    draws: tuple[int, int]
    bound: str
    kind: str = field(default="ordered", init=False)

    @property
    def measured(self) -> float:
        """The difference of the means, smaller - larger."""
        return self.smaller[0] - self.larger[0]

    @property
    def standard_error(self) -> float:
        """The standard error of that difference."""
        return math.hypot(self.smaller[1], self.larger[1])

    @property
    def z(self) -> float:
        """The difference as a normal z; infinite if there is no error."""
        variances = self.smaller[1] ** 2, self.larger[1] ** 2
        terms = [
            v**2 / (n - 1) for v, n in zip(variances, self.draws, strict=True) if v > 0 and n > 1
        ]
        degrees = sum(variances) ** 2 / sum(terms) if sum(terms) > 0 else math.inf
        distance = _quotient(np.array([self.measured]), np.array([self.standard_error]))
        return float(normal_equivalent(distance, degrees)[0])

    def __repr__(self) -> str:
        """Say what was compared."""
        sides = [
            with_error(*side) if n > 1 else f"{side[0]:.4g} ({self.bound})"
            for side, n in zip((self.smaller, self.larger), self.draws, strict=True)
        ]
        return f"difference of means: {sides[0]} against {sides[1]} (z = {self.z:+.1f})"


@dataclass(frozen=True, repr=False)
class Exact(Evidence):
    """Numbers that are equal, or statements that are true.

    Attributes
    ----------
    how : str
        In which sense: "equal to the last bit", "equal to 12 digits", "true".
    count : int
        How many numbers or statements.
    """

    how: str
    count: int
    kind: str = field(default="exact", init=False)

    def __repr__(self) -> str:
        """Say how much was compared, and in which sense."""
        return self.how if self.count == 1 else f"{self.how} in all {self.count:,} cases"


@dataclass(frozen=True, repr=False)
class Digits(Evidence):
    """A printed number and the one computed for it.

    Attributes
    ----------
    value : float
        The computed number.
    digits : str
        The number as printed.
    """

    value: float
    digits: str
    kind: str = field(default="digits", init=False)

    def __repr__(self) -> str:
        """Show both, the computed one with a few digits more."""
        return f"computed {self.value:.{_significant(self.digits) + 3}g}, printed {self.digits}"


def assert_mean(sample: ArrayLike, expected: ArrayLike, *, axis: int | None = None) -> Comparison:
    """Assert that the mean of independent draws is what is claimed, within its error.

    Parameters
    ----------
    sample : array_like
        Independent draws of a finite number each, at least two.
    expected : float or array_like
        The claimed mean; one for each column, if `axis` is given.
    axis : int, optional
        The axis along which draws are independent, the others being separate numbers. By default
        all elements are draws of one number.

    Returns
    -------
    Comparison
        What was expected and measured, and z: how far they lie apart.

    Raises
    ------
    AssertionError
        If the mean is further off, with the numbers.
    TypeError, ValueError
        If an argument is not as described.

    Notes
    -----
    The standard error of a mean of n draws is s/√n, s² being the sample variance. The distance in
    standard errors is judged as a Student's t with n - 1 degrees of freedom, and the worst of m
    numbers at the m-th part of the rate of false alarms (Bonferroni).

    Examples
    --------
    >>> draws = np.random.default_rng(0).exponential(size=10_000)
    >>> print(assert_mean(draws, 1.0))
    mean: expected 1, measured ... ± 0.0100 (z = ...)
    """
    array, claim, count = _sample(sample, expected, axis)
    error = np.sqrt(array.var(axis=0, ddof=1) / count)
    return _hold(Comparison("mean", claim, array.mean(axis=0), error, count))


def assert_variance(
    sample: ArrayLike, expected: ArrayLike, *, axis: int | None = None
) -> Comparison:
    """Assert that the variance of independent draws is what is claimed, within its error.

    Parameters
    ----------
    sample : array_like
        Independent draws of a finite number each, at least four.
    expected : float or array_like
        The claimed variance, not negative; one for each column, if `axis` is given.
    axis : int, optional
        The axis along which draws are independent, the others being separate numbers. By default
        all elements are draws of one number.

    Returns
    -------
    Comparison
        What was expected and measured, and z: how far they lie apart.

    Raises
    ------
    AssertionError
        If the variance is further off, with the numbers.
    TypeError, ValueError
        If an argument is not as described.

    Notes
    -----
    The variance of the sample variance of n draws is (μ₄ - σ⁴ (n - 3)/(n - 1))/n, with the fourth
    central moment μ₄, whatever the distribution; both moments are estimated from the draws. For a
    normal sample the relative standard error is √(2/n), for a uniform one √(0.8/n).

    A sample variance is skewed, and its error falls with it. What is judged is therefore the cube
    root of its ratio to the claim, which is nearly Gaussian (E. B. Wilson and M. M. Hilferty, 1931,
    Proceedings of the National Academy of Sciences 17, 684-688): z = 3 (∛(s²/σ²) - 1) s²/error.
    Of 20 Gaussian draws, the fewest that were tried, it lies beyond 3 some 4 times as often as a
    normal z, of 130 draws 1.5 times.

    Examples
    --------
    >>> draws = np.random.default_rng(0).uniform(-3, 3, size=10_000)
    >>> print(assert_variance(draws, 3.0))
    variance: expected 3, measured ... ± 0.027 (z = ...)
    """
    array, claim, count = _sample(sample, expected, axis, minimum=4)
    if (claim < 0).any():
        raise ValueError(f"expected must not be negative for a variance, got {expected!r}")
    centered = array - array.mean(axis=0)
    variance = array.var(axis=0, ddof=1)
    fourth = np.mean(centered**4, axis=0)
    error = np.sqrt(np.maximum(fourth - variance**2 * (count - 3) / (count - 1), 0) / count)
    return _hold(_Spread("variance", claim, variance, error, count))


def assert_less(smaller: ArrayLike, larger: ArrayLike, *, bound: str = "chosen") -> Difference:
    """Assert that one mean is below another, or below a bound, by more than `Z` standard errors.

    Parameters
    ----------
    smaller, larger : array_like
        Independent draws each, at least two, or one number: a bound. At least one is a sample.
    bound : str
        Where the bound comes from, if one side is one: it is shown beside the number. By default
        it is said to be chosen.

    Returns
    -------
    Difference
        Both means, their errors, and z.

    Raises
    ------
    AssertionError
        If the difference is not that clear, with the numbers.
    TypeError, ValueError
        If an argument is not as described.

    Notes
    -----
    The standard error of a difference of means is √(s₁²/n₁ + s₂²/n₂). The distance is judged as a
    Student's t with the degrees of freedom of B. L. Welch (1947, Biometrika 34, 28-35).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> print(assert_less(rng.normal(0, 1, 100), rng.normal(2, 1, 100)))
    difference of means: ... ± ... against ... ± ... (z = -1...)
    """
    _arguments.instance("bound", bound, str)
    sides, draws = [], []
    for name, value in (("smaller", smaller), ("larger", larger)):
        array = _draws(name, value).ravel()
        error = math.sqrt(array.var(ddof=1) / array.size) if array.size > 1 else 0.0
        sides.append((float(array.mean()), error))
        draws.append(array.size)
    if max(draws) < 2:
        raise ValueError("smaller or larger must hold at least 2 draws, got one number each")
    result = Difference(sides[0], sides[1], (draws[0], draws[1]), bound)
    if not (result.measured < 0 and result.z < -Z):
        raise AssertionError(f"{result}; claimed: smaller by more than {Z:g} standard errors")
    return result


def assert_equal(measured: ArrayLike, expected: ArrayLike, *, digits: int | None = None) -> Exact:
    """Assert that computed numbers are equal, to the last bit or to some digits.

    Parameters
    ----------
    measured, expected : array_like
        Finite numbers; shapes that broadcast.
    digits : int, optional
        To how many significant digits of the largest expected number, for what is computed in two
        ways and rounded twice; 1 to 17. By default to the last bit.

    Returns
    -------
    Exact
        How many numbers are equal, and in which sense.

    Raises
    ------
    AssertionError
        If two differ, with the first of them.
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> print(assert_equal(np.ones((2, 3)), 1))
    equal to the last bit in all 6 cases
    >>> print(assert_equal(0.1 + 0.2, 0.3, digits=15))
    equal to 15 digits
    """
    left = _arguments.finite_array("measured", measured).astype(np.float64)
    right = _arguments.finite_array("expected", expected).astype(np.float64)
    if digits is not None:
        _arguments.integer("digits", digits, 1, 17)
    try:
        left, right = np.broadcast_arrays(left, right)
    except ValueError:
        raise ValueError(
            f"expected must have a shape that broadcasts with {left.shape}, got {right.shape}"
        ) from None
    slack = 0.0 if digits is None else 10.0**-digits * float(np.abs(right).max())
    wrong = np.flatnonzero(~(np.abs(left - right) <= slack))
    how = "equal to the last bit" if digits is None else f"equal to {digits} digits"
    if wrong.size:
        first = wrong[0]
        raise AssertionError(
            f"expected {float(right.flat[first])!r}, measured {float(left.flat[first])!r}; "
            f"claimed: {how}; {wrong.size} of {left.size} differ"
        )
    return Exact(how, left.size)


def assert_true(statements: ArrayLike, what: str = "true") -> Exact:
    """Assert that a statement about computed numbers is true, or each of several.

    Parameters
    ----------
    statements : array_like of bool
        What must be true, at least one.
    what : str
        What was looked at, for the line of evidence.

    Returns
    -------
    Exact
        How many statements are true.

    Raises
    ------
    AssertionError
        If one is false.
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> print(assert_true(np.arange(1, 6) > 0))
    true in all 5 cases
    """
    array = np.asarray(statements)
    _arguments.instance("what", what, str)
    if array.dtype != np.bool_:
        raise TypeError(f"statements must be True or False each, got dtype {array.dtype}")
    if array.size == 0:
        raise ValueError("statements must hold at least one, got none")
    if not array.all():
        raise AssertionError(f"{what}: false in {int((~array).sum())} of {array.size} cases")
    return Exact(what, array.size)


def assert_digits(value: float, digits: str) -> Digits:
    """Assert that a computed number is the one printed in the text, to its last digit.

    Parameters
    ----------
    value : float
        The computed number.
    digits : str
        The number as printed: "0.7737" stands for 0.7737 ± 0.00005, "1e-3" for 0.001 ± 0.0005.

    Returns
    -------
    Digits
        Both numbers.

    Raises
    ------
    AssertionError
        If the number does not round to those digits.
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> print(assert_digits(1 / 3, "0.333"))
    computed 0.333333, printed 0.333
    >>> assert_digits(1 / 3, "0.34")
    Traceback (most recent call last):
    ...
    AssertionError: the text prints 0.34, computed 0.333333
    """
    computed = _arguments.number("value", value)
    if not isinstance(digits, str):
        raise TypeError(f'digits must be the printed number as text, like "0.77", got {digits!r}')
    if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]*)?(e[+-]?[0-9]{1,3})?", digits.lower()):
        raise ValueError(f'digits must be a number like "0.77" or "1e-3", got {digits!r}')
    mantissa, _, exponent = digits.lower().partition("e")
    printed, power = float(digits), int(exponent or 0)
    if abs(power) > 300 or not math.isfinite(printed):
        raise ValueError(f"digits must be a number within the range of floats, got {digits!r}")
    half_unit = 0.5 * 10.0 ** (power - len(mantissa.partition(".")[2]))
    # the slack of a few ulp is for numbers that lie on the edge in decimal, not in binary
    if abs(computed - printed) > half_unit * (1 + 1e-9):
        raise AssertionError(f"the text prints {digits}, computed {computed:.6g}")
    return Digits(computed, digits)


def normal_equivalent(t: NDArray[np.float64], degrees: float) -> NDArray[np.float64]:
    """Return the normal z that is as improbable as a Student's t.

    Parameters
    ----------
    t : ndarray
        Distances in standard errors.
    degrees : float
        Degrees of freedom, at least 1; infinite for a standard error that is known.

    Returns
    -------
    ndarray
        Of the same shape and signs.

    Notes
    -----
    From 3 degrees on, the expansion of Hill (1970), Algorithm 395, whose error stays below 0.015
    up to z = 5; below, the laws of 1 and 2 degrees in closed form.

    Examples
    --------
    >>> print(normal_equivalent(np.array([7.197]), 20).round(3))
    [5.]
    """
    size = np.abs(t)
    with np.errstate(over="ignore", invalid="ignore"):
        if math.isinf(degrees):
            z = size
        elif degrees < 3:
            root = np.sqrt(2 + size**2)
            tail = np.arctan2(1, size) / math.pi if degrees < 2 else 1 / (root * (root + size))
            z = np.array(
                [-NormalDist().inv_cdf(p) if p > 0 else math.inf for p in tail.flat]
            ).reshape(t.shape)
        else:
            a = degrees - 0.5
            b = 48 * a**2
            y = a * np.log1p(size**2 / degrees)
            series = (((-0.4 * y - 3.3) * y - 24) * y - 85.5) / (0.8 * y**2 + 100 + b)
            z = ((series + y + 3) / b + 1) * np.sqrt(y)
        z = np.where(np.isinf(size), math.inf, z)
    return np.copysign(z, t)


def with_error(value: float, error: float) -> str:
    """Write a number with its standard error, to two digits of the error.

    Parameters
    ----------
    value, error : float
        The number, and its standard error.

    Returns
    -------
    str
        Like "0.4993 ± 0.0011", or "1.21e-22 ± 0.03e-22" for what is very small or large; the
        number alone where the error is that of rounding.

    Examples
    --------
    >>> print(with_error(0.49931, 0.00112))
    0.4993 ± 0.0011
    >>> print(with_error(1.2114e-22, 3.1e-24))
    1.211e-22 ± 0.031e-22
    >>> print(with_error(0.834032445, 1e-17))
    0.834
    """
    if 0 <= error <= 1e-12 * abs(value):  # rounding, if anything
        return f"{value:.4g}"
    if not math.isfinite(error):
        return f"{value:.4g} ± {error:.2g}"
    power = math.floor(math.log10(max(abs(value), error)))
    plain = -4 < power < 5
    unit = 1.0 if plain else 10.0**power
    places = min(max(1 - math.floor(math.log10(error / unit)), 0), 12)
    tail = "" if plain else f"e{power:+03d}"
    return f"{value / unit:.{places}f}{tail} ± {error / unit:.{places}f}{tail}"


def _quotient(distance: NDArray[np.float64], error: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a distance in standard errors; infinite if there is no error."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(distance == 0, 0.0, distance / error)


def _significant(digits: str) -> int:
    """Count the significant digits of a printed number."""
    return max(len(re.sub(r"e.*|[+.-]", "", digits.lower()).lstrip("0")), 1)


def _draws(name: str, value: ArrayLike) -> NDArray[np.float64]:
    array = _arguments.finite_array(name, value).astype(np.float64)
    if np.abs(array).max() > _LARGEST:
        raise ValueError(
            f"{name} must be numbers of size up to {_LARGEST:g}, for their fourth powers must be "
            f"floats, got {np.abs(array).max():.3g}"
        )
    return array


def _sample(
    sample: ArrayLike, expected: ArrayLike, axis: int | None, minimum: int = 2
) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    """Return the draws along axis 0, the claims shaped like the rest, and the number of draws."""
    array = _draws("sample", sample)
    if axis is None:
        array = array.reshape(-1)
    else:
        _arguments.integer("axis", axis, -array.ndim)
        if not -array.ndim <= axis < array.ndim:
            raise ValueError(f"axis must be below {array.ndim}, the sample's axes, got {axis}")
        array = np.moveaxis(array, axis, 0)
    if len(array) < minimum:
        raise ValueError(f"sample must hold at least {minimum} draws, got {len(array)}")
    claim = _arguments.finite_array("expected", expected).astype(np.float64)
    if claim.shape not in ((), array.shape[1:]):
        raise ValueError(
            f"expected must be a number or have shape {array.shape[1:]}, got shape {claim.shape}"
        )
    return array, np.broadcast_to(claim, array.shape[1:]), len(array)


def _hold(comparison: Comparison) -> Comparison:
    if not (np.abs(comparison.z) <= comparison.allowed).all():
        which = f"; no. {comparison.worst + 1} is the worst" if comparison.z.size > 1 else ""
        raise AssertionError(f"{comparison}{which}; allowed is |z| up to {comparison.allowed:.1f}")
    return comparison
