"""The assertions: right tolerance, right statistic, and the power to fail."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest

from initcourse import testing

DRAWS = {
    "normal": (lambda rng, n: rng.standard_normal(n), 0.0, 1.0, 3.0),
    "uniform": (lambda rng, n: rng.uniform(-1, 1, n), 0.0, 1 / 3, 1.8),
    "exponential": (lambda rng, n: rng.exponential(size=n), 1.0, 1.0, 9.0),
    "coin": (lambda rng, n: rng.choice([0.0, 1.0], n, p=[0.9, 0.1]), 0.1, 0.09, 8.1111111),
}
each = pytest.mark.parametrize("case", DRAWS.values(), ids=DRAWS)


@each
def test_right_claims_hold_and_their_z_is_standard_normal(case):
    draw, mean, variance, _ = case
    z = []
    for seed in range(400):
        # for skewed draws z has a long tail: large samples, or 400 of them hold a false alarm
        sample = draw(np.random.default_rng(seed), 40_000)
        z.append(
            (
                float(testing.assert_mean(sample, mean).z),
                float(testing.assert_variance(sample, variance).z),
            )
        )
    for column in np.transpose(z):
        testing.assert_mean(column, 0)  # slightly biased for skewed draws, below what this sees
        testing.assert_variance(column, 1)


@each
def test_the_standard_error_of_the_variance_is_that_of_theory(case):
    draw, _, variance, kurtosis = case
    n = 100_000
    error = testing.assert_variance(draw(np.random.default_rng(0), n), variance).standard_error
    exact = variance * math.sqrt((kurtosis - (n - 3) / (n - 1)) / n)
    assert float(error) == pytest.approx(exact, rel=0.1)


@each
def test_the_standard_errors_are_the_scatter_of_repeated_samples(case):
    draw, mean, variance, _ = case
    samples = draw(np.random.default_rng(0), (2000, 2000))
    for claim, expected, estimates in (
        (testing.assert_mean, mean, samples.mean(axis=1)),
        (testing.assert_variance, variance, samples.var(axis=1, ddof=1)),
    ):
        squared_errors = claim(samples, estimates, axis=1).standard_error ** 2
        # the mean of the squared errors estimates the variance of the estimates
        scatter = (estimates - expected) ** 2 - squared_errors
        testing.assert_mean(scatter, 0)


@each
def test_wrong_claims_fail_with_the_numbers(case):
    draw, mean, variance, _ = case
    sample = draw(np.random.default_rng(1), 40_000)
    with pytest.raises(AssertionError, match=r"mean: expected .* measured .*\(z = "):
        testing.assert_mean(sample, mean + 0.2 * math.sqrt(variance))
    with pytest.raises(AssertionError, match=r"variance: expected .*; allowed is \|z\| up to 5\.0"):
        testing.assert_variance(sample, 1.3 * variance)


def test_the_limit_is_five_standard_errors():
    sample = np.random.default_rng(0).standard_normal(100_000)
    center, error = sample.mean(), sample.std(ddof=1) / math.sqrt(100_000)
    testing.assert_mean(sample, center + 4.99 * error)
    testing.assert_mean(sample, center - 4.99 * error)
    for sign in (1, -1):
        with pytest.raises(AssertionError):
            testing.assert_mean(sample, center + sign * 5.01 * error)


def test_small_samples_use_the_unbiased_variance():
    sample = [1.0, 3.0]
    assert testing.assert_mean(sample, 2.0).standard_error == pytest.approx(1.0)
    assert testing.assert_variance([0.0, 0.0, 2.0, 2.0], 4 / 3).measured == pytest.approx(4 / 3)


def test_columns_are_claims_of_their_own():
    rng = np.random.default_rng(0)
    sample = rng.standard_normal((5000, 3)) * [1, 2, 3] + [0, 10, 20]
    assert testing.assert_mean(sample, [0, 10, 20], axis=0).z.shape == (3,)
    assert testing.assert_variance(sample.T, [1, 4, 9], axis=1).z.shape == (3,)
    assert testing.assert_mean(sample[:, 0].reshape(50, 100), 0, axis=-1).z.shape == (50,)
    with pytest.raises(AssertionError, match=r"the furthest of 3\); no. 2 is the worst"):
        testing.assert_mean(sample, [0, 11, 20], axis=0)


def test_exact_values_need_exact_claims():
    testing.assert_mean([2.0, 2.0, 2.0], 2.0)
    testing.assert_variance([2.0] * 5, 0.0)
    with pytest.raises(AssertionError, match="inf"):
        testing.assert_mean([2.0, 2.0, 2.0], 2.1)
    with pytest.raises(AssertionError):
        testing.assert_variance([2.0] * 5, 0.1)


def test_less_needs_a_clear_difference():
    rng = np.random.default_rng(0)
    a, b = rng.normal(0, 1, 200), rng.normal(2, 1, 200)
    result = testing.assert_less(a, b)
    assert "(z = -" in str(result)
    assert result.standard_error == pytest.approx(
        math.sqrt(a.var(ddof=1) / 200 + b.var(ddof=1) / 200)
    )
    testing.assert_less(a, 1.0)  # 14 standard errors away, so that any seed will do
    testing.assert_less(-1.0, a)
    for wrong in ((b, a), (a, a + 0.1), (a, float(a.mean())), ([1.0, 1.0], 1.0)):
        with pytest.raises(AssertionError, match="claimed: smaller by more than 5"):
            testing.assert_less(*wrong)
    testing.assert_less([1.0, 1.0], 1.1)  # no spread: any difference is clear


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        (0.773741, "0.7737"),
        (0.77365, "0.7737"),
        (0.77375, "0.7737"),
        (-0.0004, "0.000"),
        (2129.41, "2129"),
        (4.88e-4, "4.9e-4"),
        (12345, "1.2e4"),
        (1e-17, "0.00"),
        (np.float32(0.5), "0.5"),
    ],
)
def test_digits_round(value, digits):
    testing.assert_digits(value, digits)


@pytest.mark.parametrize(
    ("value", "digits"),
    [(0.773741, "0.7738"), (0.7736, "0.7737"), (4.8e-4, "4.9e-4"), (2130, "2129"), (-1, "1")],
)
def test_wrong_digits_fail(value, digits):
    with pytest.raises(AssertionError, match="the text prints"):
        testing.assert_digits(value, digits)


def test_a_comparison_prints_itself_in_a_notebook():
    result = testing.assert_mean([1.0, 2.0, 3.0], 2.0)
    assert repr(result) == str(result) == "mean: expected 2, measured 2.00 ± 0.58 (z = +0.0)"


# --- what is refused --------------------------------------------------------------------------

NAN = math.nan


def refused():
    for f in (testing.assert_mean, testing.assert_variance):
        for value in ([1.0], [], [1.0, NAN], ["a", "b"], None, 3.0, [1j, 2j], [[1], [1, 2]]):
            yield partial(f, value, 0.0), "sample", ""
        yield partial(f, [1e80, -1e80, 1e80, 1e80], 0.0), "sample", "1e+80"
        for value in (NAN, "0", None, [0.0, 1.0]):
            yield partial(f, [1.0, 2.0, 3.0, 4.0], value), "expected", ""
        for value in (2, -3, 0.5, "0", True):
            yield partial(f, np.ones((4, 4)), 0.0, axis=value), "axis", ""
    yield partial(testing.assert_variance, [1.0, 2.0, 3.0], 1.0), "sample", "3"
    yield partial(testing.assert_variance, [1.0, 2.0, 3.0, 4.0], -1.0), "expected", "-1.0"

    yield partial(testing.assert_less, [1e80, -1e80], 0.0), "smaller", "1e+80"
    yield partial(testing.assert_less, 1.0, 2.0), "smaller", "one number"
    yield partial(testing.assert_less, [NAN, 1.0], 2.0), "smaller", "nan"
    yield partial(testing.assert_less, [0.0, 1.0], "2"), "larger", ""

    for value in (NAN, "0.1", None, [0.1]):
        yield partial(testing.assert_digits, value, "0.1"), "value", repr(value)
    for value in (0.1, None, "", "abc", "0.1.2", "nan", "inf", "1_0", " 0.1", "0e5000", "1e-5000"):
        yield partial(testing.assert_digits, 0.1, value), "digits", repr(value)
