"""Loss, data, and gradient descent."""

from __future__ import annotations

import gzip
import math
import sys
from functools import partial
from importlib import resources
from itertools import pairwise

import numpy as np
import pytest

import initcourse as ic
from initcourse import training

DIGITS = training.load_digits()
TRAIN_LABELS = [2, 2, 7, 4, 9, 0, 7, 7, 2, 7, 8, 5, 0, 0, 4, 4, 5, 5, 7, 9]
TEST_LABELS = [5, 7, 6, 5, 7, 0, 5, 3, 4, 5, 9, 3, 6, 1, 9, 1, 4, 8, 0, 8]


def small(rng=0, dtype="float32"):
    return ic.mlp([64, 16, 10], ic.he_normal, activation="relu", rng=rng, dtype=dtype)


def test_digits_are_split_and_whole():
    raw = training.load_digits("none")
    assert raw.x_train.shape == (1437, 64)
    assert raw.x_test.shape == (360, 64)
    together = np.vstack([raw.x_train, raw.x_test])
    assert {tuple(row) for row in together} == {tuple(row) for row in _sklearn()}
    assert together.min() == 0
    assert together.max() == 16
    assert set(raw.y_train) == set(range(10))


def _sklearn():
    from sklearn.datasets import load_digits

    return load_digits().data.astype("float32")


def test_the_digits_of_the_package_are_those_of_scikit_learn_to_the_last_bit():
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    rows = training._rows()
    assert rows.dtype == x.dtype
    assert np.array_equal(rows[:, :-1], x)
    assert np.array_equal(rows[:, -1], y)
    assert rows.strides == x.strides  # sums go the same way through memory


def test_the_file_of_the_digits_names_its_source_and_its_license():
    path = resources.files("initcourse").joinpath("digits.csv.gz")
    head = gzip.decompress(path.read_bytes()).decode("ascii").split("\n0,")[0]
    for needed in ("Alpaydin", "Kaynak", "10.24432/C50P49", "CC BY 4.0", "licenses/by/4.0"):
        assert needed in head


def test_the_split_is_made_once_and_for_all():
    train, test = DIGITS.y_train, DIGITS.y_test
    assert train[:20].tolist() == TRAIN_LABELS
    assert test[:20].tolist() == TEST_LABELS
    assert (train.dtype, test.dtype) == (np.int64, np.int64)
    for normalize in ("pixels", "images", "none"):
        again = training.load_digits(normalize)
        assert np.array_equal(again.y_train, train)
        assert np.array_equal(again.y_test, test)
        assert (again.x_train.dtype, again.x_test.dtype) == (np.float32, np.float32)


def test_every_image_keeps_its_label():
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    label = {tuple(row): right for row, right in zip(x.astype("float32"), y, strict=True)}
    raw = training.load_digits("none")
    for images, labels in ((raw.x_train, raw.y_train), (raw.x_test, raw.y_test)):
        assert [label[tuple(row)] for row in images] == labels.tolist()


def test_test_images_are_shifted_and_scaled_as_the_training_images_are():
    raw = training.load_digits("none")
    mean = raw.x_train.astype("float64").mean(axis=0)
    one_number = math.sqrt(np.mean((raw.x_train.astype("float64") - mean) ** 2))
    for found, images in ((DIGITS.x_train, raw.x_train), (DIGITS.x_test, raw.x_test)):
        assert np.abs(found - (images - mean) / one_number).max() < 1e-6


def test_each_image_alone_is_normalized_of_the_test_too():
    for x in (training.load_digits("images").x_train, training.load_digits("images").x_test):
        assert np.abs(x.astype("float64").mean(axis=1)).max() < 1e-6
        assert np.abs(np.mean(x.astype("float64") ** 2, axis=1) - 1).max() < 1e-5


def test_pixels_are_normalized_unless_said_otherwise():
    assert np.array_equal(training.load_digits("pixels").x_test, DIGITS.x_test)


def test_normalizations_say_what_they_do():
    x = DIGITS.x_train.astype("float64")
    assert np.abs(x.mean(axis=0)).max() < 1e-6
    assert np.mean(x**2) == pytest.approx(1, abs=1e-6)
    x = training.load_digits("images").x_train.astype("float64")
    assert np.abs(x.mean(axis=1)).max() < 1e-6
    assert np.abs(np.mean(x**2, axis=1) - 1).max() < 1e-5
    assert DIGITS.x_train.dtype == np.float32


def test_equal_logits_cost_ln_of_the_classes():
    for classes in (2, 10):
        loss, _ = training.softmax_cross_entropy(np.full((3, classes), 7.0), [0, 1, 1])
        assert loss == pytest.approx(math.log(classes), abs=1e-14)


def test_the_loss_by_hand():
    loss, gradient = training.softmax_cross_entropy([[0.0, math.log(3)]], [1])
    assert loss == pytest.approx(math.log(4 / 3))
    assert gradient == pytest.approx(np.array([[0.25, -0.25]]))


def test_the_loss_gradient_agrees_with_finite_differences():
    rng = np.random.default_rng(0)
    logits, labels, h = rng.standard_normal((5, 4)), rng.integers(4, size=5), 1e-6
    _, gradient = training.softmax_cross_entropy(logits, labels)
    for index in np.ndindex(logits.shape):
        step = np.zeros_like(logits)
        step[index] = h
        above, _ = training.softmax_cross_entropy(logits + step, labels)
        below, _ = training.softmax_cross_entropy(logits - step, labels)
        assert (above - below) / (2 * h) == pytest.approx(gradient[index], abs=1e-8)


def test_huge_logits_do_not_overflow():
    loss, gradient = training.softmax_cross_entropy([[1e30, 0.0], [0.0, 1e30]], [0, 0])
    assert loss == pytest.approx(5e29)
    assert np.isfinite(gradient).all()


def test_the_loss_changes_neither_logits_nor_labels():
    logits, labels = np.array([[3.0, 1.0], [0.0, 2.0]]), np.array([0, 1])
    before = logits.copy(), labels.copy()
    training.softmax_cross_entropy(logits, labels)
    assert np.array_equal(logits, before[0])
    assert np.array_equal(labels, before[1])


def test_loss_and_accuracy_count_right_answers():
    net = ic.mlp([2, 2], ic.zeros, dtype="float64")
    net.weights[0][:] = np.eye(2)
    x = np.array([[5.0, 0.0], [0.0, 5.0], [5.0, 0.0], [0.0, 5.0]])
    loss, accuracy = training.loss_and_accuracy(net, x, [0, 1, 1, 1])
    assert accuracy == 0.75
    assert loss == pytest.approx(math.log1p(math.exp(-5)) + 5 / 4)


def test_one_step_of_gradient_descent_by_hand():
    net = small(dtype="float64")
    x, y = DIGITS.x_train[:50], DIGITS.y_train[:50]
    signals = ic.forward(net, x)
    loss, g = training.softmax_cross_entropy(signals.output, y)
    gradients = ic.backward(net, signals, g)
    expected = [w - 0.1 * d for w, d in zip(net.weights, gradients.weights, strict=True)]
    biases = [b - 0.1 * d for b, d in zip(net.biases, gradients.biases, strict=True)]
    losses = training.train(net, x, y, learning_rate=0.1, steps=1, batch_size=None)
    assert losses == pytest.approx([loss])
    for w, e in zip(net.weights + net.biases, expected + biases, strict=True):
        assert w == pytest.approx(e, abs=1e-12)


def test_training_learns_the_digits():
    net = small()
    training.train(net, DIGITS.x_train, DIGITS.y_train, learning_rate=0.3, steps=400, rng=0)
    _, accuracy = training.loss_and_accuracy(net, DIGITS.x_test, DIGITS.y_test)
    assert accuracy > 0.9


def test_training_is_reproducible_by_seed():
    curves = []
    for order in (1, 1, 2):
        net = small()
        curves.append(
            training.train(
                net, DIGITS.x_train, DIGITS.y_train, learning_rate=0.1, steps=30, rng=order
            )
        )
    assert np.array_equal(curves[0], curves[1])
    assert not np.array_equal(curves[0], curves[2])


def test_an_epoch_sees_every_sample_once(monkeypatch):
    seen = []

    def spy(net, x):
        seen.append(np.asarray(x)[:, 0].tolist())
        return ic.forward(net, x)

    monkeypatch.setattr(training.network, "forward", spy)
    net = ic.mlp([1, 2], ic.zeros)
    x = np.arange(12.0)[:, None]
    training.train(net, x, np.zeros(12, int), learning_rate=0.1, steps=6, batch_size=4, rng=0)
    for epoch in (seen[:3], seen[3:]):
        assert sorted(value for batch in epoch for value in batch) == list(range(12))
    assert seen[:3] != seen[3:]


def batches(monkeypatch, samples, **options):
    """Train on numbered samples; return the numbers in each batch."""
    seen = []

    def spy(net, x):
        seen.append(np.asarray(x)[:, 0].astype(int).tolist())
        return ic.forward(net, x)

    monkeypatch.setattr(training.network, "forward", spy)
    x, y = np.arange(float(samples))[:, None], np.zeros(samples, int)
    training.train(ic.mlp([1, 2], ic.zeros), x, y, learning_rate=1e-9, rng=0, **options)
    return seen


def test_an_incomplete_last_batch_is_dropped(monkeypatch):
    seen = batches(monkeypatch, 11, steps=6, batch_size=4)
    assert [len(batch) for batch in seen] == [4] * 6
    left_out = []
    for epoch in (seen[:2], seen[2:4], seen[4:]):
        drawn = {number for batch in epoch for number in batch}
        assert len(drawn) == 8  # none twice
        left_out.append(set(range(11)) - drawn)
    assert left_out[0] != left_out[1]  # every epoch in an order of its own


def test_a_batch_left_to_itself_has_64_samples_and_none_stands_for_all(monkeypatch):
    assert {len(batch) for batch in batches(monkeypatch, 200, steps=3)} == {64}
    assert batches(monkeypatch, 200, steps=2, batch_size=None) == [list(range(200))] * 2


def test_a_batch_larger_than_the_data_takes_all():
    net, same = small(), small()
    x, y = DIGITS.x_train[:20], DIGITS.y_train[:20]
    options = {"learning_rate": 0.1, "steps": 5}
    first = training.train(net, x, y, batch_size=500, **options)
    assert np.array_equal(first, training.train(same, x, y, batch_size=None, **options))


def test_an_overflow_ends_training_with_infinite_losses():
    net = ic.mlp([64, 64, 64, 10], ic.he_normal, activation="relu", rng=0)
    losses = training.train(net, DIGITS.x_train, DIGITS.y_train, learning_rate=1e6, steps=40, rng=0)
    assert np.isfinite(losses[0])
    assert np.isinf(losses[-1])
    finite = np.isfinite(losses)
    assert not (finite[1:] & ~finite[:-1]).any()  # once infinite, always infinite


def test_no_step_follows_an_overflow_even_if_the_next_batch_would_do(monkeypatch):
    steps = []

    def spy(net, x):
        steps.append(x)
        signals = ic.forward(net, x)
        if len(steps) == 2:
            signals.activations[-1] = np.full_like(signals.output, np.inf)
        return signals

    monkeypatch.setattr(training.network, "forward", spy)
    losses = training.train(small(), DIGITS.x_train, DIGITS.y_train, learning_rate=0.1, steps=5)
    assert np.isfinite(losses[0])
    assert losses[1:].tolist() == [math.inf] * 4
    assert len(steps) == 2


def test_a_number_of_numpys_says_how_many_seeds():
    options = {"learning_rate": 0.1, "steps": 1}
    found = training.loss_curves(
        small, DIGITS.x_train, DIGITS.y_train, seeds=np.int64(2), **options
    )
    assert found.shape == (2, 1)


def test_loss_curves_are_rows_by_seed():
    options = {"learning_rate": 0.1, "steps": 5}
    data = DIGITS.x_train, DIGITS.y_train
    curves = training.loss_curves(small, *data, seeds=[4, 9], **options)
    assert curves.shape == (2, 5)
    rng = np.random.default_rng(9)
    alone = training.train(small(rng), *data, rng=rng, **options)
    assert np.array_equal(curves[1], alone)
    assert np.array_equal(
        training.loss_curves(small, *data, seeds=2, **options),
        training.loss_curves(small, *data, seeds=[0, 1], **options),
    )


def test_nothing_is_printed_where_training_is_short(capsys):
    training.loss_curves(small, DIGITS.x_train, DIGITS.y_train, seeds=2, learning_rate=0.1, steps=2)
    assert capsys.readouterr() == ("", "")


@pytest.fixture
def bars(monkeypatch):
    """Log the progress bars, which count networks."""
    made = []

    class Bar:
        def __init__(self, **options):
            self.total, self.options, self.n = options["total"], options, 0
            made.append(self)

        def __enter__(self):
            return self

        def __exit__(self, *error):
            return None

        def update(self):
            self.n += 1

    monkeypatch.setattr("tqdm.tqdm", Bar)
    return made


def test_a_progress_bar_counts_networks_on_standard_output_and_only_where_it_takes_long(bars):
    data = DIGITS.x_train[:20], DIGITS.y_train[:20]
    training.loss_curves(small, *data, seeds=3, learning_rate=0.1, steps=1)
    found = training.at_its_best(small, *data, learning_rates=(0.01, 0.02), steps=20, rng=0)
    assert len(found.tried) > 2  # the grid was widened, and the bar with it
    assert [bar.total for bar in bars] == [3, 2 * len(found.tried) + 5]
    for bar in bars:
        assert bar.n == bar.total
        assert bar.options["file"] is sys.stdout
        assert bar.options["delay"] >= 1


# --- tuning -----------------------------------------------------------------------------------


@pytest.fixture
def tuned(monkeypatch):
    """Tune with known losses, |log10(rate / best)|, scattered by seed, and log the runs."""
    runs = []

    def train(net, x, y, *, rng, learning_rate, steps, best=0.1, noise=0.0):
        seed = rng.bit_generator.seed_seq.entropy
        runs.append((learning_rate, seed))
        early = 100 * learning_rate  # which would prefer the smallest rate
        late = abs(math.log10(learning_rate / best)) + noise * (seed % 7) ** 2
        tenth = max(1, steps // 10)
        falling = late + np.linspace(0.5, -0.5, tenth) if tenth > 1 else [late]
        return np.concatenate([np.full(steps - tenth, early), falling])

    monkeypatch.setattr(training, "train", train)

    def at_its_best(**options):
        runs.clear()
        options = {"learning_rates": (0.01, 0.1, 1.0), "steps": 20, "rng": 0} | options
        return training.at_its_best(small, DIGITS.x_train, DIGITS.y_train, **options), runs

    return at_its_best


def test_the_best_rate_is_the_one_with_the_lowest_loss_at_the_end(tuned):
    found, _ = tuned()
    assert found.learning_rate == 0.1
    assert list(found.tried) == [0.01, 0.1, 1.0]
    assert found.tried == pytest.approx({0.01: 1, 0.1: 0, 1.0: 1})  # the last tenth alone
    assert str(found) == "best rate 0.1 of 0.01, 0.1, 1"


@pytest.mark.parametrize("steps", [1, 5, 9, 10, 19, 20, 57, 100])
def test_the_last_tenth_is_all_of_it_and_at_least_one_step(tuned, steps):
    found, _ = tuned(steps=steps)
    assert found.tried == pytest.approx({0.01: 1, 0.1: 0, 1.0: 1}, abs=1e-12)


@pytest.mark.parametrize("grid", [(1.0, 0.01, 0.1), (0.1, 1.0, 0.1, 0.01, 1.0)])
def test_a_grid_may_come_in_any_order_and_hold_a_rate_twice(tuned, grid):
    found, runs = tuned(learning_rates=grid)
    assert list(found.tried) == [0.01, 0.1, 1.0]
    assert len(runs) == 3 * 2 + 5


def test_two_networks_tune_a_rate_and_five_are_trained_unless_said_otherwise(tuned):
    found, runs = tuned()
    assert [rate for rate, _ in runs].count(0.01) == 2
    assert found.curves.shape == (5, 20)


def test_the_best_rate_is_what_the_rivals_are_trained_at(tuned):
    found, runs = tuned(seeds=3)
    assert [rate for rate, _ in runs[-3:]] == [found.learning_rate] * 3
    assert found.curves[:, -2:].mean() == pytest.approx(0, abs=1e-12)  # the loss at that rate


def test_it_says_every_rate_that_was_tried(tuned):
    found, _ = tuned(best=1e-3)
    assert str(found) == "best rate 0.001 of 0.0001, 0.001, 0.01, 0.1, 1"


@pytest.mark.parametrize("best", [1e-5, 1e-3, 30.0, 1000.0])
def test_a_best_rate_at_the_edge_widens_the_grid_until_it_is_inside(tuned, best):
    found, _ = tuned(best=best)
    rates = list(found.tried)
    assert rates == sorted(rates)
    assert rates[0] < found.learning_rate < rates[-1]
    assert abs(math.log10(found.learning_rate / best)) <= 0.5
    ratios = [b / a for a, b in pairwise(rates)]
    assert ratios == pytest.approx([10] * len(ratios), rel=0.05)


@pytest.mark.parametrize("grid", [(0.1, 0.1001), (0.123, 0.124, 0.125), (0.02, 0.05)])
@pytest.mark.parametrize("best", [0.01, 2.0])
def test_a_close_grid_is_widened_in_steps_of_two_or_more(tuned, grid, best):
    found, _ = tuned(best=best, learning_rates=grid)
    rates = list(found.tried)
    assert rates[0] < found.learning_rate < rates[-1]
    new = [(a, b) for a, b in pairwise(rates) if a not in grid or b not in grid]
    assert new
    assert all(b / a > 1.9 for a, b in new)


@pytest.mark.parametrize("best", [1e-20, 1e20])
def test_a_grid_that_cannot_be_widened_far_enough_is_refused(tuned, best):
    with pytest.raises(ValueError, match=r"learning_rates must be a grid around the best rate"):
        tuned(best=best)


def test_the_grid_is_widened_ten_times_and_not_more(tuned):
    inside, _ = tuned(best=1e-11)  # three rates, nine more down to the best, and one beyond
    assert len(inside.tried) == 13
    with pytest.raises(ValueError, match=r"widened to 1e-12, 1e-11, .* got 1e-12 with a loss"):
        tuned(best=1e-12)


def test_tuning_and_training_use_seeds_of_their_own(tuned):
    found, runs = tuned(tuning=3, seeds=4)
    assert found.curves.shape == (4, 20)
    tuning, trained = runs[:9], runs[9:]
    assert {rate for rate, _ in trained} == {0.1}
    for rate in (0.01, 0.1, 1.0):
        assert len({seed for r, seed in tuning if r == rate}) == 3
    assert len({seed for _, seed in tuning}) == 3  # the same three for every rate
    assert len({seed for _, seed in trained}) == 4
    assert not {seed for _, seed in tuning} & {seed for _, seed in trained}


def test_the_tuning_averages_over_its_seeds(tuned):
    found, runs = tuned(tuning=5, noise=1.0)
    seeds = [seed for rate, seed in runs if rate == 0.01][:5]
    scatter = np.array([seed % 7 for seed in seeds]) ** 2
    assert abs(scatter.mean() - np.median(scatter)) > 1  # a median would be told apart
    assert found.tried[0.01] == pytest.approx(1 + scatter.mean())


def test_the_seeds_follow_from_rng(tuned):
    first, second, other = (tuned(rng=rng)[1].copy() for rng in (1, 1, 2))
    assert first == second != other


def test_a_real_network_is_tuned_away_from_overflow_and_from_standing_still():
    found = training.at_its_best(
        small,
        DIGITS.x_train,
        DIGITS.y_train,
        learning_rates=(1e-5, 0.1, 1e6),
        steps=60,
        seeds=1,
        rng=0,
    )
    assert found.learning_rate == 0.1
    assert found.tried[1e6] == math.inf
    hopeless = partial(ic.mlp, [64, 64, 64, 10], ic.he_normal, activation="relu")
    found = training.at_its_best(
        hopeless, DIGITS.x_train, DIGITS.y_train, learning_rates=(1e2, 1e3), steps=30, rng=0
    )
    assert 0.001 < found.learning_rate < 100


# --- what is refused --------------------------------------------------------------------------

NAN = math.nan
NET = ic.mlp([4, 3, 2], ic.lecun_normal, rng=0)
X, Y = np.ones((5, 4)), [0, 1, 0, 1, 1]
STEP = {"learning_rate": 0.1, "steps": 2}


def refused():
    for value in ("pixel", None, 3):
        yield partial(training.load_digits, value), "normalize", repr(value)

    xent = training.softmax_cross_entropy
    for value in (np.ones(3), [[NAN, 1.0]], [["a"]], np.ones((0, 2))):
        yield partial(xent, value, [0]), "logits", ""
    for value in ([2, 0], [-1, 0], [0], [[0, 1]], [0.0, 1.0], ["a", "b"], [True, False]):
        yield partial(xent, np.ones((2, 2)), value), "labels", ""

    for value in (None, "net", [NET]):
        yield partial(training.loss_and_accuracy, value, X, Y), "net", repr(value)[:40]
        yield partial(training.train, value, X, Y, **STEP), "net", repr(value)[:40]
    yield partial(training.loss_and_accuracy, NET, X, [0]), "y", "(1,)"
    yield partial(training.loss_and_accuracy, NET, np.ones((5, 9)), Y), "x", "(5, 9)"

    train = partial(training.train, NET)
    yield partial(train, np.full((5, 4), NAN), Y, **STEP), "x", "nan"
    yield partial(train, X[:, :2], Y, **STEP), "x", "(5, 2)"
    yield partial(train, X, Y[:2], **STEP), "y", "(2,)"
    yield partial(train, X, [0, 1, 2, 0, 0], **STEP), "y", "2"
    yield partial(train, X, [[0], [0, 1]], **STEP), "y", "[[0], [0, 1]]"
    for value in (0, -0.1, NAN, "0.1", None):
        yield partial(train, X, Y, learning_rate=value, steps=2), "learning_rate", repr(value)
    for value in (0, 1.5, "3", None):
        yield partial(train, X, Y, learning_rate=0.1, steps=value), "steps", repr(value)
    for value in (0, 2.5, "3"):
        yield partial(train, X, Y, batch_size=value, **STEP), "batch_size", repr(value)
    yield partial(train, X, Y, rng="x", **STEP), "rng", "x"

    curves = training.loss_curves
    yield partial(curves, NET, X, Y, seeds=2, **STEP), "draw", "MLP"
    yield partial(curves, lambda rng: None, X, Y, seeds=2, **STEP), "draw", "None"
    for value in (0, -1, 1.5, "12", None, [0.5], [-1], [True]):
        yield partial(curves, lambda rng: NET, X, Y, seeds=value, **STEP), "seeds", ""
    yield partial(curves, lambda rng: NET, X, Y, seeds=[], **STEP), "seeds", "none"

    best = partial(training.at_its_best, lambda rng: NET, X, Y, steps=2)
    for value in ([], [0.1], [0.1, 0.1], [0.1, -1], [NAN], "0.1", 0.1, None, ["0.1"]):
        yield partial(best, learning_rates=value), "learning_rates", ""
    grid = {"learning_rates": (0.1, 1.0)}
    for argument in ("tuning", "seeds"):
        for value in (0, 1.5, None):
            yield partial(best, **grid, **{argument: value}), argument, repr(value)
    yield partial(best, **grid, rng="x"), "rng", "x"
    yield partial(training.at_its_best, NET, X, Y, steps=2, **grid), "draw", "MLP"
    given = partial(training.at_its_best, lambda rng: NET, X, Y, learning_rate=0.5, steps=2, **grid)
    yield given, "learning_rate", "0.5"
