"""Choose an initialization: from a layer to its standard deviation, its code and the reason.

The answers are a table of conditions: of the rules and of the lines of code the first that fits
holds, of the reasons every one that fits. The book's page of that name carries the same table.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from . import _arguments
from .gaussian import forward_gain
from .initializers import fans

Setting = str | int | float


@dataclass(frozen=True)
class Field:
    """Something to be set: its choices with their labels, or a range; which layers have it.

    `named` holds what it is called for a layer, where that is not its label.
    """

    key: str
    label: str
    fallback: Setting
    choices: Mapping[str, str] | None = None
    range: tuple[float, float] | None = None
    whole: bool = True
    used: Mapping[str, Sequence[Setting]] | None = None
    named: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Rule:
    """A variance: scale over the product of `factors`; and its name in each framework's code."""

    name: str
    scale: float
    factors: tuple[str, ...]
    initializer: Mapping[str, str]

    @property
    def shown(self) -> str:
        """The scale to four digits."""
        return f"{self.scale:.4g}"


@dataclass(frozen=True)
class Reason:
    """A sentence that says why.

    Attributes
    ----------
    text : str
        The sentence.
    section : str
        Where the book derives it: an address, as seen from the folder of the chapters.
    claim : str
        The address of the claim behind it.
    """

    text: str
    section: str
    claim: str


@dataclass(frozen=True)
class Choice:
    """How to begin a layer.

    Attributes
    ----------
    rule : str
        The name of the rule.
    std : float
        The standard deviation of the weights; 0 for zeros.
    formula, variance : str
        Its square: in words, and with this layer's numbers.
    pytorch, keras, jax : str
        The code. PyTorch's fills a layer that is there, ``layer``: its weights, and with zeros its
        biases, which PyTorch does not begin there. Keras's makes the layer. JAX's draws the array,
        from a random ``key``.
    reasons : tuple of Reason
        Why, and where the book says so.
    """

    rule: str
    std: float
    formula: str
    variance: str
    pytorch: str
    keras: str
    jax: str
    reasons: tuple[Reason, ...]

    @property
    def reason(self) -> str:
        """The sentences of the reasons."""
        return " ".join(reason.text for reason in self.reasons)


DRAWN = ("dense", "convolution")
"""The layers whose rule depends on the activation behind them."""

FIELDS = (
    Field(
        "layer",
        "Layer",
        "dense",
        {
            "dense": "dense",
            "convolution": "convolution",
            "embedding": "embedding",
            "output": "output layer",
            "residual": "last of a residual branch",
        },
    ),
    Field(
        "activation",
        "Activation",
        "relu",
        {
            "relu": "ReLU",
            "leaky_relu": "leaky ReLU",
            "tanh": "tanh",
            "sigmoid": "sigmoid",
            "selu": "SELU",
            "elu": "ELU",
            "gelu": "GELU",
            "silu": "SiLU",
            "linear": "none",
        },
        used={"layer": DRAWN},
    ),
    Field(
        "normalization",
        "Normalization behind it",
        "none",
        {"none": "none", "layer": "layer norm", "batch": "batch norm"},
        used={"layer": (*DRAWN, "residual")},
        named={"residual": "Normalization at the end of the branch"},
    ),
    Field(
        "inputs",
        "Inputs",
        300,
        range=(1, 100_000),
        named={"convolution": "Channels in", "embedding": "Words"},
    ),
    Field(
        "outputs",
        "Outputs",
        200,
        range=(1, 100_000),
        named={"convolution": "Channels out", "embedding": "Numbers a word"},
    ),
    Field("kernel", "Kernel size", 3, range=(1, 15), used={"layer": ("convolution",)}),
    Field("stride", "Stride", 1, range=(1, 15), used={"layer": ("convolution",)}),
    Field(
        "slope",
        "Slope below zero",
        0.01,
        range=(0, 1),
        whole=False,
        used={"layer": DRAWN, "activation": ("leaky_relu",)},
    ),
    Field(
        "branches",
        "Branches to divide by; 0: begin at zero",
        0,
        range=(0, 1000),
        used={"layer": ("residual",), "normalization": ("none",)},
    ),
)


def _normal(std: str) -> dict[str, str]:
    """Return the code for a plain normal law."""
    return {
        "pytorch": f"normal_(layer.weight, std={std})",
        "keras": f"keras.initializers.RandomNormal(stddev={std})",
        "jax": f"normal({std})",
    }


HE = {
    "pytorch": 'kaiming_normal_(layer.weight, nonlinearity="relu")',
    "keras": '"he_normal"',
    "jax": "he_normal()",
}
LEAKY = {
    "pytorch": 'kaiming_normal_(layer.weight, a={slope}, nonlinearity="leaky_relu")',
    "keras": 'keras.initializers.VarianceScaling(2 / (1 + {slope}**2), "fan_in")',
    "jax": 'variance_scaling(2 / (1 + {slope}**2), "fan_in", "truncated_normal")',
}
XAVIER = {
    "pytorch": "xavier_uniform_(layer.weight)",
    "keras": '"glorot_uniform"',
    "jax": "glorot_uniform()",
}
LECUN = {
    "pytorch": 'kaiming_normal_(layer.weight, nonlinearity="linear")',
    "keras": '"lecun_normal"',
    "jax": "lecun_normal()",
}
ZEROS = {"pytorch": "zeros_(layer.weight)", "keras": '"zeros"', "jax": "zeros"}

When = Mapping[str, Sequence[Setting]]


def _at_its_gain(name: str) -> tuple[When, Rule]:
    """Return the rule of an activation that begins with the square of its forward gain."""
    gain = forward_gain(name)
    code = _normal(f"{gain:.4f} / {{n}}**0.5")
    return {"activation": (name,)}, Rule("the square of its gain", gain**2, ("fan_in",), code)


def _rules() -> list[tuple[When, Rule]]:
    """List the rules; the first whose conditions hold is the answer."""
    lecun = Rule("LeCun", 1.0, ("fan_in",), LECUN)
    divided = Rule("LeCun, over the branches", 1.0, ("fan_in", "branches"), _normal("1 / {n}**0.5"))
    return [
        ({"layer": ("embedding",)}, Rule("0.02", 0.02**2, (), _normal("0.02"))),
        ({"layer": ("output",)}, lecun),
        ({"layer": ("residual",), "normalization": ("layer", "batch")}, lecun),
        ({"layer": ("residual",), "branches": (0,)}, Rule("zeros", 0.0, (), ZEROS)),
        ({"layer": ("residual",)}, divided),
        ({"activation": ("relu",)}, Rule("He", 2.0, ("fan_in",), HE)),
        (
            {"activation": ("leaky_relu",)},
            Rule("He, with the slope", 2.0, ("slope", "fan_in"), LEAKY),
        ),
        (
            {"activation": ("tanh",), "stride": (1,)},
            Rule("Xavier", 1.0, ("average",), XAVIER),
        ),
        ({"activation": ("tanh",)}, Rule("Xavier", 1.0, ("average",), _normal("1 / {n}**0.5"))),
        ({"activation": ("selu", "linear")}, lecun),
        *(_at_its_gain(name) for name in ("sigmoid", "elu", "gelu", "silu")),
    ]


PYTORCH = "torch.nn.init.{initializer}"
WITH_BIAS = f"{PYTORCH}\ntorch.nn.init.zeros_(layer.bias)"
LINES: tuple[tuple[When, Mapping[str, str]], ...] = (
    (
        {"layer": ("embedding",)},
        {
            "pytorch": PYTORCH,
            "keras": "layer = keras.layers.Embedding("
            "{inputs}, {outputs}, embeddings_initializer={initializer})",
            "jax": "w = jax.nn.initializers.{initializer}(key, ({inputs}, {outputs}))",
        },
    ),
    (
        {"layer": ("convolution",), "stride": (1,)},
        {
            "pytorch": WITH_BIAS,
            "keras": "layer = keras.layers.Conv2D("
            "{outputs}, {kernel}, kernel_initializer={initializer})",
            "jax": "w = jax.nn.initializers.{initializer}"
            "(key, ({kernel}, {kernel}, {inputs}, {outputs}))",
        },
    ),
    (
        {"layer": ("convolution",)},
        {
            "pytorch": WITH_BIAS,
            "keras": "layer = keras.layers.Conv2D("
            "{outputs}, {kernel}, strides={stride}, kernel_initializer={initializer})",
            "jax": "w = jax.nn.initializers.{initializer}"
            "(key, ({kernel}, {kernel}, {inputs}, {outputs}))",
        },
    ),
    (
        {},
        {
            "pytorch": WITH_BIAS,
            "keras": "layer = keras.layers.Dense({outputs}, kernel_initializer={initializer})",
            "jax": "w = jax.nn.initializers.{initializer}(key, ({inputs}, {outputs}))",
        },
    ),
)
WORDS = {
    "fan_in": "fan in",
    "average": "average of both fans",
    "slope": "(1 + slope²)",
    "branches": "branches",
}
"""What a variance is divided by."""

_THIRTY = "choose.html#claim-{}-30-layers-learn-from-this-start-the-loss-falls-below-ln-10-th{}"
_TEN = "choose.html#claim-{}-ten-layers-learn-from-the-forward-gain-with-30-they-fall-behind-tan"
_GAIN = "choose.html#is-the-level-stable"
_ANSWERS = (
    "choose.html#claim-what-the-chooser-answers-for-an-activation-takes-pre-activations-of-vari"
)


def _of_activation(
    name: str, text: str, section: str, claim: str, *, alone: bool = False
) -> tuple[When, Reason]:
    """Return why a layer takes the rule of its activation; `alone`: without a normalization."""
    when = {"layer": DRAWN, "activation": (name,)}
    return when | ({"normalization": ("none",)} if alone else {}), Reason(text, section, claim)


REASONS: tuple[tuple[When, Reason], ...] = (
    _of_activation(
        "sigmoid",
        "In hidden layers take tanh instead: ten layers did not learn from this start in 80 steps.",
        "choose.html#thirty-layers",
        "choose.html#claim-with-its-mean-it-has-not-learned-in-these-80-steps-the-loss-stays-above",
        alone=True,
    ),
    (
        {"layer": DRAWN, "normalization": ("layer", "batch")},
        Reason(
            "The normalization takes the scale away, and what is left of it is a learning rate: "
            "begin with the rule of the activation and tune the rate.",
            "07_normalization.html",
            "07_normalization.html#claim-with-normalization-all-three-scales-learn",
        ),
    ),
    (
        {"layer": DRAWN, "normalization": ("batch",)},
        Reason(
            "The theorem holds for batch normalization too; but there the gradient of a plain "
            "network grows with depth, whatever is drawn.",
            "07_normalization.html#norm-gradient",
            "07_normalization.html#claim-batch-norm-obeys-the-same-theorem",
        ),
    ),
    _of_activation(
        "relu",
        "ReLU keeps half of the mean square, and the factor 2 gives it back.",
        "03_he.html#derive-he-s-rule-in-both-directions",
        _THIRTY.format("relu", "at-of"),
    ),
    _of_activation(
        "leaky_relu",
        "A leaky ReLU of slope a keeps (1 + a²)/2 of the mean square, and the scale gives it back.",
        "03_he.html#leaky-relu-and-the-numbers-of-the-paper",
        _THIRTY.format("leaky-relu", ""),
    ),
    _of_activation(
        "tanh",
        "tanh is nearly the identity around 0: the average of both fans is a compromise between "
        "the signal and the gradient.",
        "02_xavier.html#do-the-same-for-the-gradient-and-reconcile-both",
        _THIRTY.format("tanh", "at-of"),
    ),
    _of_activation(
        "sigmoid",
        "This keeps the mean square, but most of that is the mean of 1/2, the same for every "
        "input.",
        "choose.html#thirty-layers",
        "choose.html#claim-of-what-a-sigmoid-hands-on-at-unit-variance-85-is-the-square-of-its-mean",
    ),
    _of_activation(
        "selu",
        "At this scale mean 0 and variance 1 are a stable level of SELU.",
        "04_lecun.html#show-that-selu-s-mean-0-and-variance-1-need-exactly-this-rule",
        _THIRTY.format("selu", "at-of"),
    ),
    *(
        _of_activation(
            name, "The gain takes a pre-activation of variance 1 to the next one.", _GAIN, _ANSWERS
        )
        for name in ("elu", "gelu", "silu")
    ),
    _of_activation(
        "elu", "The level is stable.", _GAIN, _THIRTY.format("elu", "at-of-g"), alone=True
    ),
    *(
        _of_activation(
            name,
            "The level is not stable: ten layers learned from it, 30 fell behind tanh.",
            _GAIN,
            _TEN.format(name),
            alone=True,
        )
        for name in ("gelu", "silu")
    ),
    _of_activation(
        "linear",
        "A sum of n products has n times the variance of one, and 1/n keeps the signal.",
        "02_xavier.html#derive-the-variance-of-a-sum-of-products",
        "04_lecun.html#claim-under-lecun-s-rule-a-linear-layer-of-100-inputs-and-300-outputs-multipli",
    ),
    (
        {"layer": ("convolution",)},
        Reason(
            "The fan in of a convolution counts its receptive field.",
            "05_variance_scaling.html#count-the-fans-of-a-convolution",
            "05_variance_scaling.html#claim-without-the-receptive-field-it-grows-by-9-a-layer-to-"
            "6561",
        ),
    ),
    (
        {"layer": ("convolution",), "activation": ("tanh",), "not stride": (1,)},
        Reason(
            "Its fan out is divided by the square of the stride, which a framework cannot read "
            "off the kernel: therefore the number in the code.",
            "05_variance_scaling.html#count-the-fans-of-a-convolution",
            "05_variance_scaling.html#claim-with-stride-2-it-multiplies-the-gradient-by-3-8-the-"
            "fan-out-is-a-quarter",
        ),
    ),
    (
        {"layer": ("embedding",)},
        Reason(
            "A convention of language models, and the frameworks begin theirs far apart. Where the "
            "head is tied to it, the first loss lies above that of guessing by 0.15 at 768 numbers "
            "a word, by 2.5 at 12,288, and at either far above it with N(0, 1).",
            "08_transformers.html#predict-the-first-loss-and-where-it-freezes",
            "08_transformers.html#claim-with-embeddings-and-positions-from-n-0-1-and-a-tied-head-"
            "the-first-loss",
        ),
    ),
    (
        {"layer": ("output",)},
        Reason(
            "It keeps the signal. Zeros are right as well: then the first loss is that of "
            "guessing.",
            "01_zero_init.html#say-when-zeros-are-right",
            "choose.html#claim-output-layer-from-zeros-the-first-loss-is-ln-10-2-303-and-from-"
            "lecun-s-r",
        ),
    ),
    (
        {"layer": ("residual",), "normalization": ("layer", "batch")},
        Reason(
            "At the end of the branch a normalization takes the scale away, and zeros leave it "
            "nothing to divide. Let its own factor γ begin at zero instead: then the block begins "
            "as the identity. One in front of the branch, or behind the addition, leaves the size "
            "its meaning.",
            "07_normalization.html#predict-signal-and-gradient-with-the-normalization-before-in-and-"
            "behind-a-branch",
            "07_normalization.html#claim-with-the-norm-at-the-end-of-the-branch-that-of-the-stream-"
            "ends-on-averag",
        ),
    ),
    (
        {"layer": ("residual",), "normalization": ("none",), "branches": (0,)},
        Reason(
            "The block begins as the identity, and the branch learns all the same.",
            "01_zero_init.html#say-when-zeros-are-right",
            "choose.html#claim-residual-branch-with-a-last-layer-of-zeros-30-blocks-are-the-"
            "identity-wi",
        ),
    ),
    (
        {"layer": ("residual",), "normalization": ("none",), "branches": (0,)},
        Reason(
            "But the first step grows with the number of blocks: look for the learning rate again "
            "when you add some, or make the other layers of the branch smaller, as Fixup does.",
            "06_residual.html#derive-fixup-s-exponent-from-one-step-of-gradient-descent",
            "06_residual.html#claim-at-the-rate-0-04-each-network-of-8-blocks-with-1-sqrt-l-learns-"
            "and-none",
        ),
    ),
    (
        {"layer": ("residual",), "normalization": ("none",), "not branches": (0,)},
        Reason(
            "If what reaches it has the mean square of the stream, each of N branches adds 1/N of "
            "that, and together they multiply it by less than e.",
            "06_residual.html#scale-the-last-matrix-1-l-zero-1-l",
            "choose.html#claim-residual-branch-divided-with-the-variance-over-the-number-of-branches-ea",
        ),
    ),
    (
        {"layer": ("residual",), "normalization": ("none",), "not branches": (0,)},
        Reason(
            "Where a branch normalizes what it reads, as in GPT-2, and hands its last layer a mean "
            "square of 1, together they add 1.",
            "06_residual.html#say-what-gpt-2-s-1-2n-counts",
            "06_residual.html#claim-from-a-mean-square-of-1-and-with-beta-1-twelve-blocks-with-1-"
            "sqrt-2n-bri",
        ),
    ),
)

T = TypeVar("T")


def _fits(when: When, settings: Mapping[str, Setting]) -> bool:
    """Tell whether all conditions hold."""
    return all(
        (settings[key.removeprefix("not ")] in values) is not key.startswith("not ")
        for key, values in when.items()
    )


def _first(table: Iterable[tuple[When, T]], settings: Mapping[str, Setting]) -> T:
    """Return the first entry whose conditions hold."""
    return next(entry for when, entry in table if _fits(when, settings))


def _text(value: float) -> str:
    """Write a number so that it reads as itself, without a point if it is whole."""
    return str(int(value)) if value == int(value) else repr(float(value))


def _over(scale: str, factors: Sequence[str]) -> str:
    """Write a scale over a product."""
    if len(factors) < 2:
        return " / ".join([scale, *factors])
    return f"{scale} / ({' · '.join(factors)})"


def choose(
    layer: str = "dense",
    activation: str = "relu",
    *,
    inputs: int,
    outputs: int,
    normalization: str = "none",
    kernel: int = 3,
    stride: int = 1,
    slope: float = 0.01,
    branches: int = 0,
) -> Choice:
    """Choose how to begin the weights of a layer.

    Parameters
    ----------
    layer : str, optional
        "dense", "convolution" (in two dimensions), "embedding", "output", or "residual": the last
        layer of a residual branch, a dense one.
    activation : str, optional
        What follows a dense layer or a convolution: "relu", "leaky_relu", "tanh", "sigmoid",
        "selu", "elu", "gelu", "silu", or "linear" for nothing.
    inputs, outputs : int
        Its units, or the channels of a convolution, or the words and numbers of an embedding;
        from 1 to 100,000.
    normalization : str, optional
        What normalizes its pre-activations, or the end of the residual branch: "none", "layer"
        or "batch".
    kernel, stride : int, optional
        Size and stride of a convolution, from 1 to 15.
    slope : float, optional
        Slope of a leaky ReLU below zero, from 0 to 1.
    branches : int, optional
        How many residual branches the network has, up to 1000, if the last layer of each is to be
        scaled by their number; with 0 they begin at zero.

    Returns
    -------
    Choice
        The rule, the standard deviation, the code for each framework, and the reasons.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described, or is set for a layer that does not have it.

    References
    ----------
    Chapters 1 to 8 derive the rules, and the page *Choose* measures most of them; that of an
    embedding is a convention.

    Examples
    --------
    >>> choice = choose("convolution", "relu", inputs=16, outputs=32, kernel=3)
    >>> choice.rule, choice.formula, choice.variance, round(choice.std, 4)
    ('He', '2 / fan in', '2 / 144', 0.1179)
    >>> print(choice.pytorch)
    torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    torch.nn.init.zeros_(layer.bias)
    >>> choose("residual", inputs=512, outputs=512, branches=24).variance
    '1 / (512 · 24)'
    """
    given = {
        "layer": layer,
        "activation": activation,
        "normalization": normalization,
        "inputs": inputs,
        "outputs": outputs,
        "kernel": kernel,
        "stride": stride,
        "slope": slope,
        "branches": branches,
    }
    return _answer(_checked(given))


def _checked(given: Mapping[str, Any]) -> dict[str, Setting]:
    """Return the settings, or refuse one that is not allowed or that the layer does not have."""
    settings: dict[str, Setting] = {}
    for field in FIELDS:
        value = given[field.key]
        if field.choices is not None:
            settings[field.key] = _arguments.one_of(field.key, value, tuple(field.choices))
            continue
        assert field.range is not None
        low, high = field.range
        if field.whole:
            settings[field.key] = _arguments.integer(field.key, value, int(low), int(high))
        else:
            found = _arguments.number(field.key, value, "not negative")
            if found > high:
                raise ValueError(f"{field.key} must be at most {_text(high)}, got {value!r}")
            settings[field.key] = found
    for field in FIELDS:
        used = field.used or {}
        if settings[field.key] != field.fallback and not _fits(used, settings):
            wanted = " and ".join(f"{key} {' or '.join(map(str, v))}" for key, v in used.items())
            raise ValueError(
                f"{field.key} must be left at {field.fallback} but for {wanted}, "
                f"got {settings[field.key]!r}"
            )
    return settings


def _answer(settings: Mapping[str, Setting]) -> Choice:
    """Look the answer up."""
    rule = _first(_rules(), settings)
    inputs, outputs = int(settings["inputs"]), int(settings["outputs"])
    field = (int(settings["kernel"]),) * 2 if settings["layer"] == "convolution" else ()
    fan_in, fan_out = fans((*field, inputs, outputs))
    slope = float(settings["slope"])
    factor = {
        "fan_in": float(fan_in),
        "average": (fan_in + fan_out / int(settings["stride"]) ** 2) / 2,
        "slope": 1 + slope * slope,
        "branches": float(settings["branches"]),
    }
    n = math.prod(factor[name] for name in rule.factors)
    numbers = {name: value for name, value in settings.items() if not isinstance(value, str)}
    words = {name: _text(value) for name, value in (numbers | {"n": n}).items()}
    line = _first(LINES, settings)
    code = {
        name: line[name].format(initializer=text.format_map(words), **words)
        for name, text in rule.initializer.items()
    }
    reasons = tuple(reason for when, reason in REASONS if _fits(when, settings))
    formula = _over(rule.shown, [WORDS[name] for name in rule.factors])
    variance = _over(rule.shown, [_text(factor[name]) for name in rule.factors])
    std = math.sqrt(rule.scale / n)
    return Choice(rule.name, std, formula, variance, **code, reasons=reasons)


def table() -> dict[str, Any]:
    """Return everything that `choose` knows, for a page that looks it up.

    Returns
    -------
    dict
        "fields", what can be set; "rules" and "lines", of which the first that fits holds;
        "reasons", of which every one that fits does; each a list of dictionaries of text, numbers
        and lists. A condition "when" maps a field to the values that fit, and "not" before the
        field to those that do not. "words" says what the rules divide by.

    Examples
    --------
    >>> [rule["name"] for rule in table()["rules"]][:3]
    ['0.02', 'LeCun', 'LeCun']
    """
    return {
        "fields": [asdict(field) for field in FIELDS],
        "rules": [{"when": when, "shown": rule.shown, **asdict(rule)} for when, rule in _rules()],
        "words": WORDS,
        "lines": [{"when": when, **line} for when, line in LINES],
        "reasons": [{"when": when, **asdict(reason)} for when, reason in REASONS],
    }
