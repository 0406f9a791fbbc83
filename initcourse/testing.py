"""Statistical assertions whose tolerance is derived, not chosen.

An estimate from random draws has a standard error, and the standard error can be computed from
the draws. A claim holds here if the estimate lies within `Z` standard errors of it. For a Gaussian
estimate that fails by chance once in 1.7 million times; a wrong formula fails every time, as soon
as the sample is large enough to tell. The error of few draws is itself uncertain, so that chance is
larger there: once in 13,000 times for 20 draws, as for a Student's t.

The draws must be independent. Weights are. The units of a layer are not, for they share their
inputs: draw several networks, and hand over one number per network.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _arguments

Z = 5.0
"""How many standard errors an estimate may lie from what is claimed."""

_LARGEST = 1e70


@dataclass(frozen=True, repr=False)
class Comparison:
    """An estimate beside the value claimed for it.

    Attributes
    ----------
    what : str
        Which statistic was estimated.
    expected, measured, standard_error : ndarray
        One element for each claim.
    """

    what: str
    expected: NDArray[np.float64]
    measured: NDArray[np.float64]
    standard_error: NDArray[np.float64]

    @property
    def z(self) -> NDArray[np.float64]:
        """Distance of estimate and claim in standard errors; infinite if there is no error."""
        distance = self.measured - self.expected
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(distance == 0, 0.0, distance / self.standard_error)

    def __repr__(self) -> str:
        """Say what was expected and measured, for the claim that is furthest off."""
        worst = self._worst
        of = f", worst of {self.z.size}" if self.z.size > 1 else ""
        return (
            f"{self.what}: expected {self.expected.flat[worst]:.4g}, "
            f"measured {self.measured.flat[worst]:.4g} ± {self.standard_error.flat[worst]:.2g} "
            f"(z = {self.z.flat[worst]:+.1f}{of})"
        )

    @property
    def _worst(self) -> int:
        return int(np.argmax(np.abs(self.z)))


def assert_mean(sample: ArrayLike, expected: ArrayLike, *, axis: int | None = None) -> Comparison:
    """Assert that the mean of independent draws is what is claimed, within `Z` standard errors.

    Parameters
    ----------
    sample : array_like
        Independent draws of a finite number each, at least two.
    expected : float or array_like
        The claimed mean; one for each column, if `axis` is given.
    axis : int, optional
        The axis along which draws are independent, the others being separate claims. By default
        all elements are draws of one number.

    Returns
    -------
    Comparison
        What was expected and measured, and z: how many standard errors lie between.

    Raises
    ------
    AssertionError
        If the mean is further off, with the numbers.
    TypeError, ValueError
        If an argument is not as described.

    Notes
    -----
    The standard error of a mean of n draws is s/√n, s² being the sample variance.

    Examples
    --------
    >>> draws = np.random.default_rng(0).exponential(size=10_000)
    >>> print(assert_mean(draws, 1.0))
    mean: expected 1, measured ... ± 0.01 (z = ...)
    """
    array, claim, count = _sample(sample, expected, axis)
    error = np.sqrt(array.var(axis=0, ddof=1) / count)
    return _hold(Comparison("mean", claim, array.mean(axis=0), error))


def assert_variance(
    sample: ArrayLike, expected: ArrayLike, *, axis: int | None = None
) -> Comparison:
    """Assert that the variance of independent draws is what is claimed, within `Z` standard errors.

    Parameters
    ----------
    sample : array_like
        Independent draws of a finite number each, at least four.
    expected : float or array_like
        The claimed variance, not negative; one for each column, if `axis` is given.
    axis : int, optional
        The axis along which draws are independent, the others being separate claims. By default
        all elements are draws of one number.

    Returns
    -------
    Comparison
        What was expected and measured, and z: how many standard errors lie between.

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
    return _hold(Comparison("variance", claim, variance, error))


def assert_less(smaller: ArrayLike, larger: ArrayLike) -> Comparison:
    """Assert that one mean is below another, or below a bound, by more than `Z` standard errors.

    Parameters
    ----------
    smaller, larger : array_like
        Independent draws each, at least two, or one number: a bound. At least one is a sample.

    Returns
    -------
    Comparison
        The difference smaller - larger, beside 0.

    Raises
    ------
    AssertionError
        If the difference is not that clear, with the numbers.
    TypeError, ValueError
        If an argument is not as described.

    Notes
    -----
    The standard error of a difference of means is √(s₁²/n₁ + s₂²/n₂).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> print(assert_less(rng.normal(0, 1, 100), rng.normal(2, 1, 100)))
    difference of means: ... ± 0.1... (z = -1...)
    """
    means, variances = [], []
    for name, value in (("smaller", smaller), ("larger", larger)):
        array = _draws(name, value).ravel()
        means.append(array.mean())
        variances.append(array.var(ddof=1) / array.size if array.size > 1 else 0.0)
    if np.size(smaller) < 2 and np.size(larger) < 2:
        raise ValueError("smaller or larger must hold at least 2 draws, got one number each")
    error = math.sqrt(sum(variances))
    result = _Difference(
        "difference of means", np.zeros(1), np.array([means[0] - means[1]]), np.array([error])
    )
    if not (result.measured[0] < 0 and result.z[0] < -Z):
        raise AssertionError(f"{result}; claimed: below 0 by more than {Z:g}")
    return result


def assert_digits(value: float, digits: str) -> None:
    """Assert that a computed number is the one printed in the text, to its last digit.

    Parameters
    ----------
    value : float
        The computed number.
    digits : str
        The number as printed: "0.7737" stands for 0.7737 ± 0.00005, "1e-3" for 0.001 ± 0.0005.

    Raises
    ------
    AssertionError
        If the number does not round to those digits.
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> assert_digits(1 / 3, "0.333")
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


class _Difference(Comparison):
    def __repr__(self) -> str:
        return (
            f"{self.what}: {self.measured[0]:.4g} ± {self.standard_error[0]:.2g} "
            f"(z = {self.z[0]:+.1f})"
        )


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
    if not (np.abs(comparison.z) <= Z).all():
        which = f"; no. {comparison._worst + 1} is the worst" if comparison.z.size > 1 else ""
        raise AssertionError(f"{comparison}{which}; allowed are {Z:g} standard errors")
    return comparison
