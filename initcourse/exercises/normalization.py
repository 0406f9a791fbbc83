"""Exercises of the chapter normalization: what is left where a layer divides by its own size."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import initializers, normalization, residual
from ..training import load_digits
from ._diagnosis import Table, compare_diagnosis, formatted
from ._exercise import exercise
from ._guess import compare_guess
from ._judge import PRECEDENCE, TEST_MISCONCEPTIONS, compare_numbers, compare_test

SEED = 7
"""Of the networks that are guessed and diagnosed; another seed tells the same of them."""


@exercise(
    title="What post-norm leaves of an image",
    level="guess",
    section="Predict signal and gradient with the normalization before, in, and behind a branch",
    hints=(
        "A branch adds as much as it reads. Which share of the sum is what was there before?",
        "The normalization divides the sum, image and all. That happens three times.",
    ),
    misconceptions={
        "gone": "That would mean that hardly anything is left after three blocks. One block leaves "
        "half.",
        "too little": "That is nearer to what four blocks would leave.",
        "between": "Count again what one block leaves, and what two leave. The third leaves less "
        "than you say.",
        "pre": "That would mean a sum that is divided for the reader alone: then three branches "
        "of size 1 stand beside the image. Here each block divides what the last one left.",
        "thirds": "That would mean three parts that are alike. The image and three branches are "
        "four; and each block divides what the last one left. Or did you take the root of the "
        "share?",
        "half": "That would be about one block. There are three.",
        "most": "That would mean branches that add little. Each adds as much as it reads.",
    },
    moral="Post-norm halves the share of the image at each block, pre-norm makes it 1/(1 + L).",
)
def post_share(answer: object) -> str:
    """Check a guess of the percentage of the image in the mean square of a stream."""
    return compare_guess(
        answer,
        _percentage_of_image(SEED),
        allowed=4,
        ranges={
            "gone": (0, 4),
            "too little": (4, 13),
            "between": (13, 21),
            "pre": (21, 32),
            "thirds": (32, 40),
            "half": (40, 60),
            "most": (60, 100),
        },
        possible=(0, 100),
        unit=" %",
    )


@cache
def _percentage_of_image(seed: int) -> float:
    """Send images through 100 networks of three blocks with a layer norm behind the addition."""
    rng, images = np.random.default_rng(seed), load_digits("images").x_train[:50]
    along = []
    for _ in range(100):
        bare = residual.residual_mlp(3, 64, residual.Start(), rng=rng)
        net = normalization.NormalizedResidual(bare, "post")
        along.append(np.mean(normalization.forward(net, images).signals[-1] * images))
    return float(100 * np.mean(along) ** 2)


@exercise(
    title="The rate for larger weights",
    level="line",
    section="Turn the scale into a rate",
    hints=(
        "By what is the gradient multiplied if the weights are multiplied by c? The loss is the "
        "same.",
        "The step must be c times as large as it was. Under gradient descent it is the rate times "
        "the gradient, under Adam the rate alone.",
    ),
    misconceptions={
        "square-for-both": "Your answer for Adam is the one for gradient descent. Under Adam a "
        "smaller gradient does not make a smaller step. Or does your function not know the word "
        '"adam"?',
        "linear-for-both": "Your answer for gradient descent is the one for Adam. There the "
        "gradient shrinks as the weights grow, and the step has to grow with them all the same. "
        'Or does your function not know the word "sgd"?',
        "one-power-too-few": "Both of your rates lack one power of c. The step has to be c times "
        "as large; and under gradient descent the gradient is c times smaller as well.",
        "same": "The rate that was right stays, you say. A step of the same size turns larger "
        "weights less.",
        "sgd-same": "You are right for Adam. Under gradient descent the step has to grow as much, "
        "and the gradient is c times smaller as well.",
        "adam-same": "You are right for gradient descent. Under Adam the size of the gradient is "
        "not felt, but the size of the weights is: a step of one size turns larger weights less.",
        "inverse": "Your rate falls as the weights grow. Larger weights need larger steps.",
        "inverse-square": "Your rate falls with the square of the weights. Larger weights need "
        "larger steps.",
        "inverse-linear": "Your rate falls as the weights grow, by one power for both. Larger "
        "weights need larger steps, and the two optimizers differ.",
        "inverse-sgd": "Your rate for gradient descent falls as the weights grow, and that for "
        "Adam stays. Larger weights need larger steps, under both.",
        "exchanged": "You have the two optimizers the wrong way round.",
        "root": "You take the root of c. It is the weights that are c times as large, not their "
        "variance.",
    },
    moral="The step has to grow with the weights: c. Where it falls with the gradient, as in "
    "gradient descent, c once more.",
)
def moved_rate(answer: object) -> None:
    """Check a function (rate, c, optimizer) -> the learning rate."""
    power = {"sgd": 2, "adam": 1}
    compare_numbers(
        answer,
        [(0.1, 3.0, "sgd"), (0.1, 3.0, "adam"), (0.02, 0.25, "sgd"), (0.02, 0.25, "adam")],
        lambda rate, c, how: rate * c ** power[how],
        {
            "square-for-both": lambda rate, c, how: rate * c**2,
            "linear-for-both": lambda rate, c, how: rate * c,
            "one-power-too-few": lambda rate, c, how: rate * c ** (power[how] - 1),
            "same": lambda rate, c, how: rate,
            "sgd-same": lambda rate, c, how: rate * (c if how == "adam" else 1),
            "adam-same": lambda rate, c, how: rate * (c**2 if how == "sgd" else 1),
            "inverse": lambda rate, c, how: rate / c ** power[how],
            "inverse-square": lambda rate, c, how: rate / c**2,
            "inverse-linear": lambda rate, c, how: rate / c,
            "inverse-sgd": lambda rate, c, how: rate / (c if how == "sgd" else 1),
            "exchanged": lambda rate, c, how: rate * c ** (3 - power[how]),
            "root": lambda rate, c, how: rate * c ** (power[how] / 2),
        },
    )


@exercise(
    title="A decay for an angle",
    level="line",
    section="Say by which angle weights turn",
    hints=(
        "A step of plain decay leaves 1 - ηλ of the weights, and the gradient stands at a right "
        "angle to them. Which side of the triangle is next to the angle?",
        "Solve cos θ = 1 - ηλ for λ.",
        "NumPy's cosine takes radians.",
    ),
    misconceptions={
        "degrees": "You hand degrees to a cosine. It takes radians.",
        "degrees-squared": "You put degrees into θ²/2. It takes radians, and the exact cosine is "
        "asked for.",
        "small-angle": "That is θ²/(2η), right for small angles. The exact one is asked for.",
        "rate-forgotten": "That is ηλ. Divide by the rate.",
        "rate-multiplied": "You multiply by the rate. It is ηλ that is settled.",
        "sine": "You take a sine. What is left of the weights after the pull, 1 - ηλ, is the side "
        "next to the angle.",
        "logarithm": "You take the mean of -ln cos θ for ηλ itself. It is -ln(1 - ηλ), which is "
        "near ηλ and not the same.",
        "twice": "That is θ = √(2ηλ) solved without its 2.",
        "quarter": "That is θ = √(2ηλ) solved with its 2 counted twice.",
    },
    moral="Rate and decay count as a product: half the rate with twice the decay turns the weights "
    "as far.",
)
def decay_for(answer: object) -> None:
    """Check a function (degrees, rate) -> the weight decay."""
    compare_numbers(
        answer,
        [(5.0, 0.1), (5.0, 2.0), (30.0, 0.5), (1.0, 0.01)],
        lambda degrees, rate: (1 - math.cos(math.radians(degrees))) / rate,
        {
            "degrees": lambda degrees, rate: (1 - math.cos(degrees)) / rate,
            "small-angle": lambda degrees, rate: math.radians(degrees) ** 2 / 2 / rate,
            "rate-forgotten": lambda degrees, rate: 1 - math.cos(math.radians(degrees)),
            "rate-multiplied": lambda degrees, rate: (1 - math.cos(math.radians(degrees))) * rate,
            "sine": lambda degrees, rate: math.sin(math.radians(degrees)) / rate,
            "degrees-squared": lambda degrees, rate: degrees**2 / 2 / rate,
            "logarithm": lambda degrees, rate: -math.log(math.cos(math.radians(degrees))) / rate,
            "twice": lambda degrees, rate: math.radians(degrees) ** 2 / rate,
            "quarter": lambda degrees, rate: math.radians(degrees) ** 2 / 4 / rate,
        },
        rtol=1e-5,
    )


@exercise(
    title="Batch norm behind a leaky ReLU",
    level="function",
    section="Derive batch norm's π/(π − 1) and layer norm's 1",
    hints=(
        "The mean square of the gradient is multiplied by that of the slope and divided by the "
        "variance of what the activation hands on.",
        "The positive half adds 1/√(2π) to the mean of f; the negative one a times that, with a "
        "minus.",
    ),
    misconceptions={
        "second-moment": "You divide by the mean square. That is layer norm; batch norm takes the "
        "mean away first.",
        "slope-ignored": "That is ReLU's number, whatever the slope is.",
        "upside-down": "That is one over it: the gradient grows.",
        "sign": "You add the sizes of the two means. What the negative half adds is negative.",
        "no-half": "You leave out a half: a sample is on either side with probability 1/2.",
        "positive-mean": "Your mean of f is what the positive half alone adds, 1/√(2π). The "
        "negative half takes a times as much away.",
        "slope-half": "Your mean square of the slope is ReLU's, 1/2. On the negative side the "
        "slope is a, not 0.",
        "mean-not-squared": "From the mean square of f you take away its mean. Its square is to "
        "be taken away.",
        "slope-of-mean": "You square the mean slope. The mean of the squared slope is wanted.",
        "standard-deviation": "That is the root: the factor of the root mean square.",
    },
    moral="From slope 0 to slope 1, the larger the slope, the smaller the mean, and the less there "
    "is that batch norm takes away: at slope 1 the factor is 1.",
)
def leaky_factor(answer: object) -> None:
    """Check a function (a) -> the factor of a layer."""

    def square(a: float) -> float:
        return (1 + a**2) / 2

    def right(a: float) -> float:
        return square(a) / (square(a) - (1 - a) ** 2 / (2 * math.pi))

    compare_numbers(
        answer,
        [(0.0,), (0.2,), (0.5,), (1.0,)],
        right,
        {
            "second-moment": lambda a: 1.0,
            "slope-ignored": lambda a: math.pi / (math.pi - 1),
            "upside-down": lambda a: 1 / right(a),
            "sign": lambda a: square(a) / (square(a) - (1 + a) ** 2 / (2 * math.pi)),
            "no-half": lambda a: 2 * square(a) / (2 * square(a) - (1 - a) ** 2 / (2 * math.pi)),
            "positive-mean": lambda a: square(a) / (square(a) - 1 / (2 * math.pi)),
            "slope-half": lambda a: right(a) / (2 * square(a)),
            "mean-not-squared": lambda a: (
                square(a) / (square(a) - (1 - a) / math.sqrt(2 * math.pi))
            ),
            "slope-of-mean": lambda a: right(a) * (1 + a) ** 2 / 4 / square(a),
            "standard-deviation": lambda a: math.sqrt(right(a)),
        },
        rtol=1e-4,
    )


@exercise(
    title="The branch that leaves an image its share",
    level="function",
    section="Predict signal and gradient with the normalization before, in, and behind a branch",
    hints=(
        "Write down the share that a given β leaves, in front of the branches and behind the "
        "addition, and solve for β.",
        "In front of the branches the stream is a sum, and the image one of its parts; behind the "
        "addition each block divides what the last one left, so that the shares multiply.",
    ),
    misconceptions={
        "both-pre": "You let both places share one formula, that of a sum. Behind the addition "
        "each block divides the image too: the shares multiply. Or does your function not know "
        'the word "post"?',
        "both-post": "You let the shares multiply in both places, as where a block multiplies the "
        "stream. In front of the branches each reads a mean square of 1 and adds β: the stream is "
        'a sum. Or does your function not know the word "pre"?',
        "exchanged": "You have the two places the wrong way round.",
        "one-block": "That is β for one block. There are more, and together they leave the share.",
        "negative": "Your β behind the addition is negative. A block divides the share by 1 + β: "
        "so the power of the share that you want has a minus.",
        "small": "Behind the addition that is -ln(share)/blocks, right for small β. The exact one "
        "is asked for.",
        "branch-of-the-sum": "Behind the addition that is the branch's part of the sum, β/(1 + β). "
        "β itself is asked for.",
        "not-divided": "In front of the branches you take 1 - share for what all of them add. That "
        "is their share of the stream, which is not 1 but 1 + β times the blocks.",
        "image-forgotten": "In front of the branches you leave out the image's own 1: the stream "
        "becomes 1 + β times the blocks.",
        "pre-undivided": "In front of the branches that is what all of them add. Each of them adds "
        "β.",
        "one-too-many": "Behind the addition that is 1 + β, by which a block divides.",
        "precedence": PRECEDENCE,
        "of-the-branches": "You take the share for that of the branches, 1 minus the image's.",
        "amplitude": "You take the share for one of the root mean square. It is one of the mean "
        "square.",
        "deviation": "That is √β, of standard deviations. β is a mean square.",
    },
    moral="To keep half of the image takes a β of the order of 1/L in both places. With β = 1 "
    "pre-norm leaves 1/(1 + L), post-norm 1/2 to the power of L.",
)
def beta_for(answer: object) -> None:
    """Check a function (place, blocks, share) -> β."""

    def pre(blocks: int, share: float) -> float:
        return (1 / share - 1) / blocks

    def post(blocks: int, share: float) -> float:
        return float(share ** (-1 / blocks) - 1)

    def right(place: str, blocks: int, share: float) -> float:
        return (pre if place == "pre" else post)(blocks, share)

    def with_pre(other: Any) -> Any:
        return lambda place, blocks, share: (other if place == "pre" else post)(blocks, share)

    def with_post(other: Any) -> Any:
        return lambda place, blocks, share: (pre if place == "pre" else other)(blocks, share)

    compare_numbers(
        answer,
        [("pre", 12, 0.5), ("post", 12, 0.5), ("pre", 4, 0.2), ("post", 4, 0.2)],
        right,
        {
            "both-pre": with_post(pre),
            "both-post": with_pre(post),
            "exchanged": lambda place, blocks, share: (post if place == "pre" else pre)(
                blocks, share
            ),
            "one-block": lambda place, blocks, share: 1 / share - 1,
            "negative": with_post(lambda blocks, share: share ** (1 / blocks) - 1),
            "small": with_post(lambda blocks, share: -math.log(share) / blocks),
            "branch-of-the-sum": with_post(lambda blocks, share: 1 - share ** (1 / blocks)),
            "not-divided": with_pre(lambda blocks, share: (1 - share) / blocks),
            "image-forgotten": with_pre(lambda blocks, share: 1 / share / blocks),
            "pre-undivided": with_pre(lambda blocks, share: 1 / share - 1),
            "one-too-many": with_post(lambda blocks, share: share ** (-1 / blocks)),
            "precedence": with_post(lambda blocks, share: 1 / share / blocks - 1),
            "of-the-branches": lambda place, blocks, share: right(place, blocks, 1 - share),
            "amplitude": lambda place, blocks, share: right(place, blocks, share**2),
            "deviation": lambda place, blocks, share: math.sqrt(right(place, blocks, share)),
        },
        rtol=1e-5,
    )


NORMED = {
    "A": "batch norm",
    "B": "layer norm, ε = 1",
    "C": "no normalization",
    "D": "layer norm",
    "E": "batch norm, ε = 1",
}


@exercise(
    title="Which one divides by what?",
    level="diagnosis",
    section="Say where a bias and an ε bend the theorem",
    hints=(
        "Whose output depends on the other images? And whose does not know the size of the "
        "weights?",
        "An ε far above the variance leaves the size of the weights a meaning, and the "
        "mean square below 1.",
    ),
    misconceptions={
        "no normalization": "Without a normalization doubled weights multiply the output by a "
        "power of two, a change of that power less 1, and no other image matters.",
        "layer norm": "Under layer norm neither doubled weights nor other images change anything, "
        "and the mean square is 1.",
        "batch norm": "Under batch norm doubled weights change nothing, other images do, and the "
        "gradient grows on its way back.",
        "layer norm, ε = 1": "With such an ε the mean square stays below 1, and doubled weights "
        "change the output; other images do not.",
        "batch norm, ε = 1": "With such an ε the mean square stays below 1 and doubled weights "
        "change the output; and so do other images.",
        "divided, not centered": "Divided by its root mean square a sample has mean square 1, and "
        "neither doubled weights nor other images change anything, as under layer norm; but the "
        "mean of a sample is not 0.",
    },
    moral="Two questions sort them: does the output know the size of the weights, and does it know "
    "the other samples? The mean square, and the mean of a sample, tell the rest.",
)
def diagnose_norms(answer: object) -> None:
    """Check a dict of case to what was built."""
    square, mean = "mean square behind the norm", "size of a sample's mean"
    gradient = "gradient, layer 2 to 10"
    doubled, others = "weights × 2", "other images"
    compare_diagnosis(
        answer,
        NORMED,
        _norms(SEED),
        {
            "no normalization": (square, doubled, others),
            "layer norm": (square, mean, doubled, others),
            "batch norm": (doubled, others, gradient),
            "layer norm, ε = 1": (square, doubled, others),
            "batch norm, ε = 1": (square, doubled, others),
            "divided, not centered": (square, mean, doubled, others),
        },
    )


def show_norms() -> None:
    """Print the symptoms of ten hidden layers of width 128."""
    print(formatted(_norms(SEED)))


@cache
def _norms(seed: int) -> Table:
    built = {
        "no normalization": ("none", 0.0),
        "layer norm": ("layer", 0.0),
        "batch norm": ("batch", 0.0),
        "layer norm, ε = 1": ("layer", 1.0),
        "batch norm, ε = 1": ("batch", 1.0),
    }
    rng, table = np.random.default_rng(seed), {}
    for case, name in NORMED.items():
        rows = [_symptoms(*built[name], rng) for _ in range(12)]
        table[case] = {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}
    return table


def _symptoms(norm: str, epsilon: float, rng: np.random.Generator) -> dict[str, float]:
    """Draw a network, double its weights, exchange its images."""
    x = load_digits().x_train.astype(float)
    net = normalization.normalized_mlp(
        [64] + [128] * 10 + [10],
        initializers.he_normal,
        norm=norm,
        epsilon=epsilon,
        rng=rng,
        dtype="float64",
    )
    passage = normalization.forward(net, x[:64])
    found = normalization.backward(passage, rng.standard_normal(passage.output.shape)).signals
    z = passage.signals[-1]
    values = {
        "none": lambda: z,
        "layer": lambda: normalization.layer_norm(z, epsilon).values,
        "batch": lambda: normalization.batch_norm(z, epsilon).values,
    }[norm]()
    doubled = normalization.NormalizedMLP(
        [*(2 * w for w in net.weights[:-1]), net.weights[-1]], net.activation, norm, epsilon
    )
    exchanged = np.concatenate([x[:1], x[64:127]])

    def moved(other: NDArray[Any]) -> float:
        one = passage.output[: len(other)]
        return math.sqrt(np.mean((other - one) ** 2) / np.mean(one**2))

    beside = moved(normalization.forward(net, exchanged).output[:1])
    return {
        "mean square behind the norm": float(np.mean(values**2)),
        "size of a sample's mean": _unless_rounding(math.sqrt(np.mean(values.mean(axis=1) ** 2))),
        "gradient, layer 2 to 10": float(np.mean(found[1] ** 2) / np.mean(found[-1] ** 2)),
        "weights × 2": _unless_rounding(moved(normalization.forward(doubled, x[:64]).output)),
        "other images": _unless_rounding(beside),
    }


def _unless_rounding(value: float) -> float:
    return 0.0 if value < 1e-9 else value


@exercise(
    title="Find the wrong axis",
    level="test",
    section="Turn the scale into a rate",
    hints=(
        "Which axis has mean 0 and mean square 1 behind it? Look at each row by itself.",
        "One row alone must come out as it does beside others. And compare with numbers that you "
        "have worked out by hand.",
    ),
    misconceptions={
        **{name: hint for name, hint in TEST_MISCONCEPTIONS.items() if name != "too-tight"},
        "rounds-differently": "Your test fails on a function that is right and rounds differently. "
        "Compare with np.allclose.",
        "first-row": "A function that takes mean and variance of the first row for all rows passes "
        "your test. Look at every row.",
        "all-over": "A function that takes mean and variance over all numbers at once passes your "
        "test. Give it rows of different sizes.",
        "not-centered": "A function that does not subtract the mean passes your test. Give it rows "
        "whose mean is not 0, and look at the mean of what comes out.",
        "not-divided": "A function that subtracts the mean and does not divide passes your test.",
        "unbiased": "A function that divides the sum of squares by one unit fewer passes your "
        "test. With a few units the difference is large.",
        "epsilon-outside": "A function that adds ε to the standard deviation, and not to the "
        "variance, passes your test. With an ε that is not small, compare values.",
        "epsilon-ignored": "A function that leaves ε out passes your test. Take an ε that is not "
        "small.",
        "sign": "A function whose values all have the wrong sign passes your test. Means and mean "
        "squares do not know the sign: compare values.",
    },
    moral="With ε = 0 shape, mean and mean square are the same along either axis. What a row may "
    "depend on is what tells them apart.",
)
def test_layer_norm(answer: object) -> None:
    """Check a test of layer_norm(z, epsilon), which returns an array."""

    def maker(fault: str, seed: int) -> Any:
        def layer_norm(z: Any, epsilon: Any) -> Any:
            z = np.asarray(z, dtype=float)
            axis = {"samples": 0, "all-over": None}.get(fault, 1)
            mean = z.mean(axis=axis, keepdims=True)
            mean = {"not-centered": 0 * mean, "first-row": mean[0]}.get(fault, mean)
            centered = mean - z if fault == "sign" else z - mean
            if fault == "not-divided":
                return centered
            variance = np.mean(centered**2, axis=axis, keepdims=True)
            if fault == "first-row":
                variance = variance[0]
            if fault == "rounds-differently":
                return centered * (variance + epsilon) ** -0.5
            if fault == "unbiased":
                variance = variance * z.shape[1] / max(z.shape[1] - 1, 1)
            if fault == "epsilon-outside":
                return centered / (np.sqrt(variance) + epsilon)
            return centered / np.sqrt(variance + (0 if fault == "epsilon-ignored" else epsilon))

        return layer_norm

    compare_test(
        answer,
        right={
            "repaired": lambda seed: maker("", seed),
            "rounds-differently": lambda seed: maker("rounds-differently", seed),
        },
        bug=lambda seed: maker("samples", seed),
        wrong={
            name: lambda seed, name=name: maker(name, seed)  # type: ignore[misc]
            for name in (
                "all-over",
                "first-row",
                "not-centered",
                "not-divided",
                "unbiased",
                "epsilon-outside",
                "epsilon-ignored",
                "sign",
            )
        },
    )
