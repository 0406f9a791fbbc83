"""What is measured: initializers and fresh layers of Keras, JAX, Flax and PyTorch.

Every subject says how many products its sums have, counted and not read off a shape, and which
call of `initcourse` draws the same distribution, if one does.
"""

from __future__ import annotations

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import flax.linen as nn
import jax
import keras
import numpy as np
import torch

import initcourse as ic

Shape = tuple[int, ...]

DENSE: Shape = (300, 200)
CONV: Shape = (3, 3, 32, 48)


@dataclass(frozen=True)
class Subject:
    """Something that draws weights.

    Attributes
    ----------
    library, part, name : str
        Whose it is; "initializer", "layer" or "recipe"; the code that names it.
    shape : tuple of int
        Shape of the kernel as `initcourse` would store it: (*receptive_field, in, out).
    fans : tuple of int
        Products in a sum, forward and backward; (0, 0) for what is not a kernel.
    draw : callable
        Takes a seed, returns the values in any order.
    ours : str
        An expression in `ic`, `shape` and `rng` that draws the same distribution, or "".
    """

    library: str
    part: str
    name: str
    shape: Shape
    fans: tuple[int, int]
    draw: Callable[[int], Any]
    ours: str


def scaling(scale: str, mode: str, distribution: str) -> str:
    """Return the `initcourse` expression for a row of variance scaling."""
    return f'ic.variance_scaling(shape, {scale}, "{mode}", "{distribution}", rng=rng)'


def preset(name: str) -> str:
    """Return the `initcourse` expression for a preset."""
    return f"ic.{name}(shape, rng=rng)"


PRESETS = [f"{who}_{how}" for who in ("glorot", "he", "lecun") for how in ("uniform", "normal")]
DISTRIBUTIONS = ("truncated_normal", "normal", "uniform")


# --- initializers -----------------------------------------------------------------------------


def keras_initializers() -> Iterator[Subject]:
    """List the initializers of Keras."""

    def subject(name: str, make: Callable[[int], Any], shape: Shape, ours: str) -> Subject:
        def draw(seed: int) -> Any:
            return make(seed)(shape)

        return Subject("Keras", "initializer", name, shape, ic.fans(shape), draw, ours)

    for name in PRESETS:
        title = "".join(word.capitalize() for word in name.split("_"))
        make = getattr(keras.initializers, title)
        for shape in (DENSE, CONV):
            yield subject(title, partial(_seeded, make), shape, preset(name))
    for mode in ("fan_in", "fan_out", "fan_avg"):
        for kind, ours in zip(
            ("truncated_normal", "untruncated_normal", "uniform"), DISTRIBUTIONS, strict=True
        ):

            def make(seed: int, mode: str = mode, kind: str = kind) -> Any:
                return keras.initializers.VarianceScaling(1.0, mode, kind, seed=seed)

            title = f'VarianceScaling(1.0, "{mode}", "{kind}")'
            yield subject(title, make, DENSE, scaling("1.0", mode, ours))
    simple = {
        "RandomNormal()": "ic.normal(shape, 0.05, rng=rng)",
        "RandomUniform()": "ic.uniform(shape, 0.05, rng=rng)",
        "TruncatedNormal()": "ic.truncated_normal(shape, 0.05, corrected=False, rng=rng)",
        "Orthogonal()": "ic.orthogonal(shape, rng=rng)",
    }
    for title, ours in simple.items():
        cls = getattr(keras.initializers, title.removesuffix("()"))
        yield subject(title, partial(_seeded, cls), DENSE, ours)


def _seeded(initializer: Any, seed: int) -> Any:
    return initializer(seed=seed)


def jax_initializers() -> Iterator[Subject]:
    """List the initializers of JAX, which are Flax's too."""

    def subject(library: str, name: str, initializer: Any, shape: Shape, ours: str) -> Subject:
        def draw(seed: int) -> Any:
            return initializer(jax.random.PRNGKey(seed), shape)

        return Subject(library, "initializer", name, shape, ic.fans(shape), draw, ours)

    for name in PRESETS:
        for shape in (DENSE, CONV):
            initializer = getattr(jax.nn.initializers, name)()
            yield subject("JAX", f"{name}()", initializer, shape, preset(name))
        initializer = getattr(nn.initializers, name)()
        yield subject("Flax", f"nn.initializers.{name}()", initializer, DENSE, preset(name))
    for mode in ("fan_in", "fan_out", "fan_avg", "fan_geo_avg"):
        for kind in DISTRIBUTIONS:
            initializer = jax.nn.initializers.variance_scaling(1.0, mode, kind)
            title = f'variance_scaling(1.0, "{mode}", "{kind}")'
            yield subject("JAX", title, initializer, DENSE, scaling("1.0", mode, kind))
    simple = {
        "normal()": "ic.normal(shape, 0.01, rng=rng)",
        "truncated_normal()": "ic.truncated_normal(shape, 0.01, corrected=False, rng=rng)",
        "orthogonal()": "ic.orthogonal(shape, rng=rng)",
    }
    for title, ours in simple.items():
        initializer = getattr(jax.nn.initializers, title.removesuffix("()"))()
        yield subject("JAX", title, initializer, DENSE, ours)


def torch_initializers() -> Iterator[Subject]:
    """List the initializers of PyTorch, whose kernels are (out, in, *receptive_field)."""

    def subject(name: str, fill: Callable[[Any], Any], shape: Shape, ours: str) -> Subject:
        stored = (shape[-1], shape[-2], *shape[:-2])

        def draw(seed: int) -> Any:
            torch.manual_seed(seed)
            return fill(torch.empty(stored)).numpy()

        return Subject("PyTorch", "initializer", name, shape, ic.fans(shape), draw, ours)

    init = torch.nn.init
    for shape in (DENSE, CONV):
        yield subject("xavier_uniform_", init.xavier_uniform_, shape, preset("glorot_uniform"))
        ours = scaling("1.0", "fan_avg", "normal")
        yield subject("xavier_normal_", init.xavier_normal_, shape, ours)
        for nonlinearity, scale in (("relu", "2.0"), ("linear", "1.0")):
            for kind in ("uniform", "normal"):
                function = getattr(init, f"kaiming_{kind}_")

                def fill(w: Any, function: Any = function, f: str = nonlinearity) -> Any:
                    return function(w, nonlinearity=f)

                title = f'kaiming_{kind}_(nonlinearity="{nonlinearity}")'
                yield subject(title, fill, shape, scaling(scale, "fan_in", kind))
        yield subject(
            "kaiming_uniform_(a=√5)",
            lambda w: init.kaiming_uniform_(w, a=5**0.5),
            shape,
            scaling("1 / 3", "fan_in", "uniform"),
        )
    yield subject(
        'kaiming_normal_(mode="fan_out", nonlinearity="relu")',
        lambda w: init.kaiming_normal_(w, mode="fan_out", nonlinearity="relu"),
        DENSE,
        scaling("2.0", "fan_out", "normal"),
    )
    yield subject("normal_", init.normal_, DENSE, "ic.normal(shape, rng=rng)")
    yield subject(
        "trunc_normal_(std=0.02)",
        lambda w: init.trunc_normal_(w, std=0.02),
        DENSE,
        "ic.normal(shape, 0.02, rng=rng)",
    )
    yield subject(
        "trunc_normal_(std=0.02, a=-0.04, b=0.04)",
        lambda w: init.trunc_normal_(w, std=0.02, a=-0.04, b=0.04),
        DENSE,
        "ic.truncated_normal(shape, 0.02, corrected=False, rng=rng)",
    )
    yield subject("trunc_normal_()", init.trunc_normal_, DENSE,
                  "ic.truncated_normal(shape, 1.0, corrected=False, rng=rng)")  # fmt: skip
    yield subject("orthogonal_", init.orthogonal_, DENSE, "ic.orthogonal(shape, rng=rng)")


# --- layers as they are born --------------------------------------------------------------------

NONE = (0, 0)
ZERO, ONE = "ic.zeros(shape)", "ic.constant(shape, 1.0)"


def keras_layers() -> Iterator[Subject]:
    """List the parameters of fresh Keras layers."""
    layers = keras.layers

    def subject(
        name: str, make: Any, build: Any, leaf: str, shape: Shape, fans: Any, ours: str
    ) -> Subject:
        def draw(seed: int) -> Any:
            keras.utils.set_random_seed(seed)
            layer = make()
            layer.build(*build)
            (weight,) = (w for w in layer.weights if w.path.endswith(leaf))
            return np.asarray(weight)

        title = f"{name}, {leaf}"
        return Subject("Keras", "layer", title, shape, fans, draw, ours)

    dense, image, sequence = [(1, 64)], [(1, 8, 8, 32)], [(1, 5, 64)]
    glorot = preset("glorot_uniform")
    yield subject("Dense", lambda: layers.Dense(48), dense, "kernel", (64, 48), (64, 48), glorot)
    yield subject("Dense", lambda: layers.Dense(48), dense, "bias", (48,), NONE, ZERO)
    conv = (3, 3, 32, 48)
    yield subject(
        "Conv2D", lambda: layers.Conv2D(48, 3), image, "kernel", conv, ic.fans(conv), glorot
    )
    grouped = (3, 3, 8, 48)
    fans = ic.fans(grouped, groups=4)
    name = "Conv2D(groups=4)"
    yield subject(
        name, lambda: layers.Conv2D(48, 3, groups=4), image, "kernel", grouped, fans, glorot
    )
    depthwise = (3, 3, 32, 1)
    fans = ic.fans((3, 3, 1, 32), groups=32)
    for title, make in (
        ("DepthwiseConv2D", lambda: layers.DepthwiseConv2D(3)),
        (
            "DepthwiseConv2D(he_normal)",
            lambda: layers.DepthwiseConv2D(3, depthwise_initializer="he_normal"),
        ),
    ):
        ours = preset("he_normal") if "he" in title else glorot
        yield subject(title, make, image, "kernel", depthwise, fans, ours)
    stored = (3, 3, 48, 32)
    fans = ic.fans(stored, transposed=True)
    name = "Conv2DTranspose"
    yield subject(
        name, lambda: layers.Conv2DTranspose(48, 3), image, "kernel", stored, fans, glorot
    )
    yield subject(
        "Conv2DTranspose(he_normal)",
        lambda: layers.Conv2DTranspose(48, 3, kernel_initializer="he_normal"),
        image,
        "kernel",
        stored,
        fans,
        preset("he_normal"),
    )
    table = "ic.uniform(shape, 0.05, rng=rng)"
    yield subject(
        "Embedding", lambda: layers.Embedding(1000, 64), [(1,)], "embeddings", (1000, 64), (1, 64),
        table,
    )  # fmt: skip
    for cell, gates in (("LSTM", 4), ("GRU", 3)):
        make = {"LSTM": lambda: layers.LSTM(48), "GRU": lambda: layers.GRU(48)}[cell]
        wide = 48 * gates
        yield subject(cell, make, sequence, "/kernel", (64, wide), (64, 48), glorot)
        ours = "ic.orthogonal(shape, rng=rng)"
        yield subject(cell, make, sequence, "recurrent_kernel", (48, wide), (48, 48), ours)
        if cell == "LSTM":  # the forget gate begins at one
            yield subject(cell, make, sequence, "bias", (wide,), NONE, "")
        else:  # two biases a gate
            yield subject(cell, make, sequence, "bias", (2 * wide,), NONE, ZERO)
    attention = lambda: layers.MultiHeadAttention(4, 16)  # noqa: E731
    both = [(1, 5, 64), (1, 5, 64)]
    for leaf in ("query/kernel", "key/kernel", "value/kernel", "attention_output/kernel"):
        yield subject("MultiHeadAttention", attention, both, leaf, (64, 64), (64, 64), glorot)
    yield subject("MultiHeadAttention", attention, both, "query/bias", (64,), NONE, ZERO)
    make = layers.LayerNormalization
    yield subject("LayerNormalization", make, dense, "gamma", (64,), NONE, ONE)
    yield subject("LayerNormalization", make, dense, "beta", (64,), NONE, ZERO)


def flax_layers() -> Iterator[Subject]:
    """List the parameters of fresh Flax layers."""

    def subject(
        name: str, module: Any, inputs: Any, leaf: str, shape: Shape, fans: Any, ours: str
    ) -> Subject:
        def draw(seed: int) -> Any:
            value = module.init(jax.random.PRNGKey(seed), *inputs)["params"]
            for key in leaf.split("/"):
                value = value[key]
            return np.asarray(value)

        return Subject("Flax", "layer", f"{name}, {leaf}", shape, fans, draw, ours)

    dense, image = [np.ones((1, 64))], [np.ones((1, 8, 8, 32))]
    lecun = preset("lecun_normal")
    yield subject("Dense", nn.Dense(48), dense, "kernel", (64, 48), (64, 48), lecun)
    yield subject("Dense", nn.Dense(48), dense, "bias", (48,), NONE, ZERO)
    conv = (3, 3, 32, 48)
    yield subject("Conv", nn.Conv(48, (3, 3)), image, "kernel", conv, ic.fans(conv), lecun)
    yield subject("Conv", nn.Conv(48, (3, 3)), image, "bias", (48,), NONE, ZERO)
    for groups in (4, 32):
        shape = (3, 3, 32 // groups, 64)
        module = nn.Conv(64, (3, 3), feature_group_count=groups)
        name = f"Conv(feature_group_count={groups})"
        yield subject(name, module, image, "kernel", shape, ic.fans(shape, groups=groups), lecun)
    module = nn.ConvTranspose(48, (3, 3))
    yield subject("ConvTranspose", module, image, "kernel", conv, ic.fans(conv), lecun)
    stored = (3, 3, 48, 32)
    yield subject(
        "ConvTranspose(transpose_kernel=True)",
        nn.ConvTranspose(48, (3, 3), transpose_kernel=True),
        image,
        "kernel",
        stored,
        ic.fans(stored, transposed=True),
        lecun,
    )
    ours = scaling("1.0", "fan_out", "normal")
    index = [np.zeros((1, 1), int)]
    yield subject("Embed", nn.Embed(1000, 64), index, "embedding", (1000, 64), (1, 64), ours)
    for name, cell, gate in (("LSTM", nn.OptimizedLSTMCell(48), "f"), ("GRU", nn.GRUCell(48), "r")):
        carry = cell.initialize_carry(jax.random.PRNGKey(0), (1, 64))
        step = [carry, np.ones((1, 64))]
        yield subject(name, cell, step, f"i{gate}/kernel", (64, 48), (64, 48), lecun)
        ours = "ic.orthogonal(shape, rng=rng)"
        yield subject(name, cell, step, f"h{gate}/kernel", (48, 48), (48, 48), ours)
        side = "h" if name == "LSTM" else "i"
        yield subject(name, cell, step, f"{side}{gate}/bias", (48,), NONE, ZERO)
    attention, name = nn.MultiHeadDotProductAttention(num_heads=4), "MultiHeadDotProductAttention"
    both = [np.ones((1, 5, 64))] * 2
    for leaf in ("query/kernel", "key/kernel", "value/kernel", "out/kernel"):
        yield subject(name, attention, both, leaf, (64, 64), (64, 64), lecun)
    yield subject(name, attention, both, "query/bias", (64,), NONE, ZERO)
    yield subject("LayerNorm", nn.LayerNorm(), dense, "scale", (64,), NONE, ONE)
    yield subject("LayerNorm", nn.LayerNorm(), dense, "bias", (64,), NONE, ZERO)


def torch_layers() -> Iterator[Subject]:
    """List the parameters of fresh PyTorch layers."""
    t = torch.nn

    def subject(name: str, make: Any, leaf: str, shape: Shape, fans: Any, ours: str) -> Subject:
        def draw(seed: int) -> Any:
            torch.manual_seed(seed)
            return dict(make().named_parameters())[leaf].detach().numpy()

        return Subject("PyTorch", "layer", f"{name}, {leaf}", shape, fans, draw, ours)

    third = scaling("1 / 3", "fan_in", "uniform")
    limit = "ic.uniform(shape, {} ** -0.5, rng=rng)"
    make: Any = lambda: t.Linear(64, 48)  # noqa: E731
    yield subject("Linear", make, "weight", (64, 48), (64, 48), third)
    yield subject("Linear", make, "bias", (48,), NONE, limit.format(64))
    for groups in (1, 4, 32):
        make = lambda g=groups: t.Conv2d(32, 64, 3, groups=g)  # noqa: E731
        shape = (3, 3, 32 // groups, 64)
        name = "Conv2d" if groups == 1 else f"Conv2d(groups={groups})"
        yield subject(name, make, "weight", shape, ic.fans(shape, groups=groups), third)
        yield subject(name, make, "bias", (64,), NONE, limit.format(9 * 32 // groups))
    make = lambda: t.ConvTranspose2d(32, 48, 3)  # noqa: E731
    stored = (3, 3, 48, 32)
    fans = ic.fans(stored, transposed=True)
    yield subject("ConvTranspose2d", make, "weight", stored, fans, limit.format(9 * 48))
    yield subject("ConvTranspose2d", make, "bias", (48,), NONE, limit.format(9 * 48))
    make = lambda: t.Embedding(1000, 64)  # noqa: E731
    yield subject("Embedding", make, "weight", (1000, 64), (1, 64), "ic.normal(shape, rng=rng)")
    for name, gates in (("LSTM", 4), ("GRU", 3)):
        make = lambda n=name: getattr(t, n)(64, 48)  # noqa: E731
        wide = 48 * gates
        ours = limit.format(48)
        yield subject(name, make, "weight_ih_l0", (64, wide), (64, 48), ours)
        yield subject(name, make, "weight_hh_l0", (48, wide), (48, 48), ours)
        yield subject(name, make, "bias_ih_l0", (wide,), NONE, ours)
    glorot = preset("glorot_uniform")
    name, make = "MultiheadAttention", lambda: t.MultiheadAttention(64, 4)
    yield subject(name, make, "in_proj_weight", (64, 192), (64, 64), glorot)
    yield subject(name, make, "in_proj_bias", (192,), NONE, ZERO)
    yield subject(name, make, "out_proj.weight", (64, 64), (64, 64), third)
    yield subject(name, make, "out_proj.bias", (64,), NONE, ZERO)
    name = "MultiheadAttention(kdim=32, vdim=32)"
    make = lambda: t.MultiheadAttention(64, 4, kdim=32, vdim=32)  # noqa: E731
    yield subject(name, make, "q_proj_weight", (64, 64), (64, 64), glorot)
    yield subject(name, make, "k_proj_weight", (32, 64), (32, 64), glorot)
    yield subject("LayerNorm", lambda: t.LayerNorm(64), "weight", (64,), NONE, ONE)
    yield subject("LayerNorm", lambda: t.LayerNorm(64), "bias", (64,), NONE, ZERO)


# --- recipes ------------------------------------------------------------------------------------

WANTED = {
    "He, for ReLU": {
        "Keras": 'layer = keras.layers.Dense(200, kernel_initializer="he_normal")',
        "PyTorch": 'torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")',
        "JAX": "w = jax.nn.initializers.he_normal()(key, (300, 200))",
        "Flax": "layer = nn.Dense(200, kernel_init=nn.initializers.he_normal())",
    },
    "Xavier, for tanh": {
        "Keras": 'layer = keras.layers.Dense(200, kernel_initializer="glorot_uniform")',
        "PyTorch": "torch.nn.init.xavier_uniform_(layer.weight)",
        "JAX": "w = jax.nn.initializers.glorot_uniform()(key, (300, 200))",
        "Flax": "layer = nn.Dense(200, kernel_init=nn.initializers.glorot_uniform())",
    },
    "LeCun, for SELU": {
        "Keras": 'layer = keras.layers.Dense(200, kernel_initializer="lecun_normal")',
        "PyTorch": 'torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="linear")',
        "JAX": "w = jax.nn.initializers.lecun_normal()(key, (300, 200))",
        "Flax": "layer = nn.Dense(200, kernel_init=nn.initializers.lecun_normal())",
    },
    "orthogonal": {
        "Keras": 'layer = keras.layers.Dense(200, kernel_initializer="orthogonal")',
        "PyTorch": "torch.nn.init.orthogonal_(layer.weight)",
        "JAX": "w = jax.nn.initializers.orthogonal()(key, (300, 200))",
        "Flax": "layer = nn.Dense(200, kernel_init=nn.initializers.orthogonal())",
    },
    "GPT-2's residual projection, 12 blocks": {
        "Keras": "layer = keras.layers.Dense(\n    200,\n    kernel_initializer="
        "keras.initializers.RandomNormal(stddev=0.02 / 24**0.5),\n)",
        "PyTorch": "torch.nn.init.normal_(layer.weight, std=0.02 / 24**0.5)",
        "JAX": "w = jax.nn.initializers.normal(0.02 / 24**0.5)(key, (300, 200))",
        "Flax": "layer = nn.Dense(\n    200, kernel_init=nn.initializers.normal(0.02 / 24**0.5)\n)",
    },
}
"""For each wish and library the code; `layer` is a Linear(300, 200), `key` a random key."""

OURS = {
    "He, for ReLU": preset("he_normal"),
    "Xavier, for tanh": preset("glorot_uniform"),
    "LeCun, for SELU": preset("lecun_normal"),
    "orthogonal": "ic.orthogonal(shape, rng=rng)",
    "GPT-2's residual projection, 12 blocks": "ic.normal(shape, 0.02 / 24**0.5, rng=rng)",
}
UNTRUNCATED = {  # PyTorch's normal forms are not truncated
    "He, for ReLU": scaling("2.0", "fan_in", "normal"),
    "LeCun, for SELU": scaling("1.0", "fan_in", "normal"),
}


def recipes() -> Iterator[Subject]:
    """List the recipes, each executed as it is printed."""
    for wish, codes in WANTED.items():
        for library, code in codes.items():

            def draw(seed: int, library: str = library, code: str = code) -> Any:
                torch.manual_seed(seed)
                keras.utils.set_random_seed(seed)
                key = jax.random.PRNGKey(seed)
                names: dict[str, Any] = {
                    "keras": keras,
                    "torch": torch,
                    "jax": jax,
                    "nn": nn,
                    "key": key,
                    "layer": torch.nn.Linear(300, 200),
                }
                exec(code, names)
                layer = names["layer"]
                if library == "Keras":
                    layer.build((1, 300))
                    return np.asarray(layer.kernel)
                if library == "PyTorch":
                    return layer.weight.detach().numpy()
                if library == "JAX":
                    return np.asarray(names["w"])
                return np.asarray(layer.init(key, np.ones((1, 300)))["params"]["kernel"])

            ours = UNTRUNCATED.get(wish, OURS[wish]) if library == "PyTorch" else OURS[wish]
            yield Subject(library, "recipe", f"{wish}\n{code}", DENSE, (300, 200), draw, ours)


def subjects() -> list[Subject]:
    """List everything that is measured."""
    return [
        *keras_initializers(),
        *jax_initializers(),
        *torch_initializers(),
        *keras_layers(),
        *flax_layers(),
        *torch_layers(),
        *recipes(),
    ]
