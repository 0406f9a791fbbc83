"""The assertions: right tolerance, right statistic, and the power to fail."""

from __future__ import annotations

import dataclasses
import math
from functools import partial

import numpy as np
import pytest
from scipy import stats

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


@pytest.mark.parametrize(("draws", "rate"), [(20, 5.0), (130, 2.5)])
def test_a_variance_of_gaussian_draws_strays_little_further_than_a_normal_number(draws, rate):
    """Without the cube root they lie beyond 3 errors 18 and 3.8 times as often as it."""
    samples = np.random.default_rng(0).standard_normal((draws, 8_000_000 // draws))
    result = testing.assert_variance(samples, samples.var(axis=0, ddof=1), axis=0)
    z = dataclasses.replace(result, expected=np.ones(samples.shape[1])).z
    beyond = np.abs(z) > 3
    testing.assert_less(beyond * 1.0, rate * 2 * stats.norm.sf(3), bound="chosen")


def test_the_error_of_the_variance_of_few_draws_is_exact_in_their_number():
    """Not the form for large n, which is 2.6 % off for 20 draws."""
    sample = np.linspace(-1, 1, 20) ** 3
    centered = sample - sample.mean()
    variance, fourth = sample.var(ddof=1), np.mean(centered**4)
    exact = math.sqrt((fourth - variance**2 * 17 / 19) / 20)
    assert testing.assert_variance(sample, variance).standard_error == pytest.approx(exact)


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


@pytest.mark.parametrize("draws", [2, 3, 4, 5, 8, 20, 200])
def test_few_draws_are_judged_by_students_t(draws):
    """A claim of five networks fails as seldom as a claim of a thousand."""
    limit = stats.t.isf(testing.FALSE_ALARMS / 2, draws - 1)
    sample = np.linspace(-1, 1, draws)
    error = sample.std(ddof=1) / math.sqrt(draws)
    testing.assert_mean(sample, 0.95 * limit * error)
    with pytest.raises(AssertionError, match=r"\|z\| up to 5\.0"):
        testing.assert_mean(sample, 1.05 * limit * error)


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 5, 10, 30, 1000])
def test_the_normal_equivalent_of_t_is_as_improbable(degrees):
    z = np.array([-5.0, -3.0, -1.0, -0.1, 0.0, 0.5, 2.0, 4.0, 5.0])
    t = stats.t.isf(stats.norm.sf(z), degrees)
    np.testing.assert_allclose(testing.normal_equivalent(t, degrees), z, atol=0.02)


def test_the_normal_equivalent_keeps_what_it_cannot_bend():
    t = np.array([-math.inf, -2.0, 0.0, 2.0, math.inf])
    assert (testing.normal_equivalent(t, math.inf) == t).all()
    for degrees in (1, 2, 7):
        z = testing.normal_equivalent(t, degrees)
        assert np.isinf(z[[0, -1]]).all()
        assert z[2] == pytest.approx(0, abs=1e-12)
        assert z[1] == pytest.approx(-z[3])


def test_the_rate_of_false_alarms_is_that_of_five_errors():
    assert pytest.approx(2 * stats.norm.sf(5)) == testing.FALSE_ALARMS
    assert 1.7e6 < 1 / testing.FALSE_ALARMS < 1.8e6


@pytest.mark.parametrize("draws", [4, 1000])
@pytest.mark.parametrize("count", [1, 2, 50])
def test_a_claim_over_several_numbers_fails_no_more_often_than_one(count, draws):
    limit = stats.t.isf(testing.FALSE_ALARMS / 2 / count, draws - 1)
    column = np.linspace(-1, 1, draws)
    sample = np.tile(column[:, None], count)
    expected = np.zeros(count)
    error = column.std(ddof=1) / math.sqrt(draws)
    expected[-1] = 0.8 * limit * error
    testing.assert_mean(sample, expected, axis=0)
    expected[-1] = 1.05 * limit * error
    with pytest.raises(AssertionError):
        testing.assert_mean(sample, expected, axis=0)


@pytest.mark.parametrize("wrong", [0, 3, 9])
def test_one_wrong_number_among_right_ones_is_found(wrong):
    """Its z is not averaged away."""
    sample = np.random.default_rng(0).standard_normal((10_000, 10))
    expected = np.zeros(10)
    expected[wrong] = 0.1  # ten standard errors
    with pytest.raises(AssertionError, match=rf"no. {wrong + 1} is the worst"):
        testing.assert_mean(sample, expected, axis=0)
    with pytest.raises(AssertionError, match=rf"no. {wrong + 1} is the worst"):
        testing.assert_variance(sample, 1 + expected * 1.5, axis=0)


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


@pytest.mark.parametrize("draws", [3, 6, 1000])
def test_an_order_needs_five_standard_errors(draws):
    sample = np.linspace(-1, 1, draws)
    t = stats.t.isf(testing.FALSE_ALARMS / 2, draws - 1)
    bound = t * sample.std(ddof=1) / math.sqrt(draws)
    testing.assert_less(sample, 1.05 * bound)
    testing.assert_less(-1.05 * bound, sample)
    for wrong in ((sample, 0.95 * bound), (-0.95 * bound, sample)):
        with pytest.raises(AssertionError):
            testing.assert_less(*wrong)


def test_two_samples_are_compared_by_welch():
    rng = np.random.default_rng(0)
    a, b = rng.normal(0, 1, 5), rng.normal(30, 4, 9)
    result = testing.assert_less(a, b)
    reference = stats.ttest_ind(a, b, equal_var=False, alternative="less")
    assert result.z == pytest.approx(stats.norm.ppf(reference.pvalue), abs=0.01)


def test_an_order_remembers_both_sides_and_where_a_bound_comes_from():
    result = testing.assert_less([0.9, 1.1], 1e9, bound="the loss of guessing")
    assert result.smaller == (pytest.approx(1.0), pytest.approx(0.1))
    assert result.larger == (1e9, 0.0)
    assert result.draws == (2, 1)
    assert "1e+09 (the loss of guessing)" in str(result)
    assert "(chosen)" in str(testing.assert_less([0.9, 1.1], 1e9))


def test_equal_is_to_the_last_bit():
    assert str(testing.assert_equal(0.5, 1 / 2)) == "equal to the last bit"
    assert str(testing.assert_equal(np.ones((2, 3)), [1, 1, 1])).endswith("in all 6 cases")
    with pytest.raises(AssertionError, match=r"0\.30000000000000004; .*last bit; 1 of 2 differ"):
        testing.assert_equal([0.1 + 0.2, 1.0], [0.3, 1.0])


def test_equal_to_some_digits_allows_rounding_of_the_largest_and_no_more():
    assert str(testing.assert_equal(0.1 + 0.2, 0.3, digits=15)) == "equal to 15 digits"
    testing.assert_equal([1000.0, 0.9e-6], [1000.0, 0.0], digits=9)
    for measured in ([1000.0, 1.1e-6], [1000.0 + 1.1e-6, 0.0], [-1000.0, 0.0]):
        with pytest.raises(AssertionError, match="claimed: equal to 9 digits"):
            testing.assert_equal(measured, [1000.0, 0.0], digits=9)
    with pytest.raises(AssertionError):
        testing.assert_equal(1e-300, 0.0, digits=3)  # of zero there are no digits


def test_true_statements_are_counted():
    assert str(testing.assert_true(np.arange(3) < 3)) == "true in all 3 cases"
    assert str(testing.assert_true(np.True_, "the rank is full")) == "the rank is full"
    with pytest.raises(AssertionError, match="rising: false in 1 of 3 cases"):
        testing.assert_true(np.arange(3) < 2, "rising")


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.49931, 0.00112, "0.4993 ± 0.0011"),
        (2.3026, 0.0, "2.303"),
        (12345.6, 78.9, "12346 ± 79"),
        (123456.0, 789.0, "1.2346e+05 ± 0.0079e+05"),
        (1.2114e-22, 3.1e-24, "1.211e-22 ± 0.031e-22"),
        (-0.5, 2.0, "-0.5 ± 2.0"),
        (0.0, 0.1, "0.00 ± 0.10"),
        (1.0, math.inf, "1 ± inf"),
    ],
)
def test_a_number_is_written_to_two_digits_of_its_error(value, error, text):
    assert testing.with_error(value, error) == text


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
    [
        (0.773741, "0.7738"),
        (0.773755, "0.7737"),
        (0.773645, "0.7737"),
        (0.7736, "0.7737"),
        (4.8e-4, "4.9e-4"),
        (2130, "2129"),
        (-1, "1"),
    ],
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

    yield partial(testing.assert_less, [0.0, 1.0], 2e9, bound=3), "bound", "3"

    for value in (NAN, "a", None, [1.0, math.inf], []):
        yield partial(testing.assert_equal, value, 1.0), "measured", ""
        yield partial(testing.assert_equal, 1.0, value), "expected", ""
    yield partial(testing.assert_equal, [1.0, 2.0], [1.0, 2.0, 3.0]), "expected", "(3,)"
    for value in (0, 18, 2.0, True, "3"):
        yield partial(testing.assert_equal, 1.0, 1.0, digits=value), "digits", repr(value)
    for value in (1, [0, 1], "yes", None, []):
        yield partial(testing.assert_true, value), "statements", ""
    yield partial(testing.assert_true, True, 3), "what", "3"

    for value in (NAN, "0.1", None, [0.1]):
        yield partial(testing.assert_digits, value, "0.1"), "value", repr(value)
    for value in (0.1, None, "", "abc", "0.1.2", "nan", "inf", "1_0", " 0.1", "0e5000", "1e-5000"):
        yield partial(testing.assert_digits, 0.1, value), "digits", repr(value)
