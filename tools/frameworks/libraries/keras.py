"""Keras, on the backend of JAX."""

from __future__ import annotations

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import keras
import numpy as np
from keras.src.initializers.random_initializers import compute_fans

import initcourse as ic
from tools.frameworks.subject import (
    CONV,
    DENSE,
    DISTRIBUTIONS,
    HEADS,
    NONE,
    ONE,
    ORTHOGONAL,
    PRESETS,
    ZERO,
    Library,
    Shape,
    Subject,
    preset,
    scaling,
)


def dense(init: str, rest: str = "") -> str:
    """Return the code for a dense layer."""
    return f"layer = keras.layers.Dense(200, kernel_initializer={init}{rest})"


def drawn(init: str, layer: str = "Dense(200, kernel_initializer=init)") -> str:
    """Return the code for a layer whose initializer has a line of its own."""
    return f"init = keras.initializers.{init}\nlayer = keras.layers.{layer}"


CODES = {
    "He, for ReLU": dense('"he_normal"'),
    "He, for leaky ReLU of slope 0.2": drawn('VarianceScaling(2 / (1 + 0.2**2), "fan_in")'),
    "Xavier, for tanh": dense('"glorot_uniform"'),
    "LeCun, for SELU": dense('"lecun_normal"'),
    "GELU, its gain": drawn("RandomNormal(stddev=1.5335 / 300**0.5)"),
    "SiLU, its gain": drawn("RandomNormal(stddev=1.6765 / 300**0.5)"),
    "orthogonal": dense('"orthogonal"'),
    "Keras's default": "layer = keras.layers.Dense(200)",
    "PyTorch's default": (
        'kernel = keras.initializers.VarianceScaling(1 / 3, "fan_in", "uniform")\n'
        "bias = keras.initializers.RandomUniform(-(300**-0.5), 300**-0.5)\n"
        "layer = keras.layers.Dense(200, kernel_initializer=kernel, bias_initializer=bias)"
    ),
    "standard deviation 0.02, truncated": drawn("TruncatedNormal(stddev=0.02)"),
    "GPT-2's residual projection, 12 blocks": drawn("RandomNormal(stddev=0.02 / 24**0.5)"),
    "a residual branch that begins at zero": dense('"zeros"'),
    "convolution, He": 'layer = keras.layers.Conv2D(48, 3, kernel_initializer="he_normal")',
    "depthwise convolution, He": drawn(
        "RandomNormal(stddev=(2 / 9) ** 0.5)", "DepthwiseConv2D(3, depthwise_initializer=init)"
    ),
    "embedding, standard deviation 0.02": drawn(
        "RandomNormal(stddev=0.02)", "Embedding(1000, 64, embeddings_initializer=init)"
    ),
    "LSTM, forget gate at one": "layer = keras.layers.LSTM(48)",
    "whole model, He": (
        "model = keras.Sequential(\n"
        "    [\n"
        "        keras.Input((300,)),\n"
        '        keras.layers.Dense(200, "relu"),\n'
        '        keras.layers.Dense(200, "relu"),\n'
        "        keras.layers.Dense(10),\n"
        "    ]\n"
        ")\n"
        "for layer in model.layers:\n"
        "    he = keras.initializers.HeNormal()\n"
        "    layer.kernel.assign(he(layer.kernel.shape))"
    ),
}
INPUTS: dict[str, Shape] = {
    "convolution": (1, 8, 8, 32),
    "depthwise": (1, 8, 8, 32),
    "embedding": (1,),
    "LSTM": (1, 5, 64),
}
GLOROT = preset("glorot_uniform")


def initializers() -> Iterator[Subject]:
    """List the initializers of Keras."""

    def drawer(name: str, make: Callable[..., Any], shape: Shape, ours: str) -> Subject:
        def draw(seed: int) -> Any:
            return make(seed=seed)(shape)

        return Subject("Keras", "initializer", name, shape, ic.fans(shape), draw, ours)

    for name in PRESETS:
        title = "".join(word.capitalize() for word in name.split("_"))
        make = getattr(keras.initializers, title)
        for shape in (DENSE, CONV):
            yield drawer(title, make, shape, preset(name))
    for mode in ("fan_in", "fan_out", "fan_avg"):
        for kind, ours in zip(
            ("truncated_normal", "untruncated_normal", "uniform"), DISTRIBUTIONS, strict=True
        ):
            make = partial(keras.initializers.VarianceScaling, 1.0, mode, kind)
            title = f'VarianceScaling(1.0, "{mode}", "{kind}")'
            yield drawer(title, make, DENSE, scaling("1.0", mode, ours))
    simple = {
        "RandomNormal()": "ic.normal(shape, 0.05, rng=rng)",
        "RandomUniform()": "ic.uniform(shape, 0.05, rng=rng)",
        "TruncatedNormal()": "ic.truncated_normal(shape, 0.05, corrected=False, rng=rng)",
        "Orthogonal()": ORTHOGONAL,
    }
    for title, ours in simple.items():
        make = getattr(keras.initializers, title.removesuffix("()"))
        yield drawer(title, make, DENSE, ours)


def subject(
    name: str,
    make: Any,
    build: Any,
    leaf: str,
    shape: Shape,
    fans: Any,
    ours: str,
    blocks: tuple[str, ...] = (),
) -> Subject:
    """Return the parameter of a fresh layer."""

    def draw(seed: int) -> Any:
        keras.utils.set_random_seed(seed)
        layer = make()
        layer.build(*build)
        (weight,) = (w for w in layer.weights if w.path.endswith(leaf))
        return np.asarray(weight)

    return Subject("Keras", "layer", f"{name}, {leaf}", shape, fans, draw, ours, blocks)


def attention(by_shape: bool = False) -> Iterator[Subject]:
    """List the projections of fresh attention.

    Up to Keras 3.14 the fans were read off the shape (in, heads, size of a head), as if it were
    that of a convolution; from 3.15 on, off the axes that are summed over.
    """
    make = lambda: keras.layers.MultiHeadAttention(4, 16)  # noqa: E731
    both = [(1, 5, 64), (1, 5, 64)]
    name = "MultiHeadAttention"
    for leaf in ("query/kernel", "key/kernel", "value/kernel", "attention_output/kernel"):
        out = leaf.startswith("attention")
        ours = f"ic.glorot_uniform({(4, 16, 64) if out else (64, 4, 16)}, rng=rng)"
        yield subject(
            *(name, make, both, leaf, (64, 64), (64, 64)),
            ours if by_shape else GLOROT,
            () if out else HEADS,
        )
    yield subject(name, make, both, "query/bias", (64,), NONE, ZERO)


def layers() -> Iterator[Subject]:
    """List the parameters of fresh Keras layers."""

    dense, image, sequence = [(1, 64)], [(1, 8, 8, 32)], [(1, 5, 64)]
    yield subject(
        "Dense", lambda: keras.layers.Dense(48), dense, "kernel", (64, 48), (64, 48), GLOROT
    )
    yield subject("Dense", lambda: keras.layers.Dense(48), dense, "bias", (48,), NONE, ZERO)
    conv = (3, 3, 32, 48)
    yield subject(
        "Conv2D", lambda: keras.layers.Conv2D(48, 3), image, "kernel", conv, ic.fans(conv), GLOROT
    )
    grouped = (3, 3, 8, 48)
    fans = ic.fans(grouped, groups=4)
    name = "Conv2D(groups=4)"
    yield subject(
        name, lambda: keras.layers.Conv2D(48, 3, groups=4), image, "kernel", grouped, fans, GLOROT
    )
    depthwise = (3, 3, 32, 1)
    fans = ic.fans((3, 3, 1, 32), groups=32)
    for title, make in (
        ("DepthwiseConv2D", lambda: keras.layers.DepthwiseConv2D(3)),
        (
            "DepthwiseConv2D(he_normal)",
            lambda: keras.layers.DepthwiseConv2D(3, depthwise_initializer="he_normal"),
        ),
    ):
        ours = preset("he_normal") if "he" in title else GLOROT
        yield subject(title, make, image, "kernel", depthwise, fans, ours)
    stored = (3, 3, 48, 32)
    fans = ic.fans(stored, transposed=True)
    name = "Conv2DTranspose"
    yield subject(
        name, lambda: keras.layers.Conv2DTranspose(48, 3), image, "kernel", stored, fans, GLOROT
    )
    yield subject(
        "Conv2DTranspose(he_normal)",
        lambda: keras.layers.Conv2DTranspose(48, 3, kernel_initializer="he_normal"),
        image,
        "kernel",
        stored,
        fans,
        preset("he_normal"),
    )
    make = lambda: keras.layers.Embedding(1000, 64)  # noqa: E731
    table, ours = (1000, 64), "ic.uniform(shape, 0.05, rng=rng)"
    yield subject("Embedding", make, [(1,)], "embeddings", table, (1, 64), ours)
    for cell, gates in (
        ("LSTM", ("input", "forget", "cell", "output")),
        ("GRU", ("update", "reset", "new")),
    ):
        make = {"LSTM": lambda: keras.layers.LSTM(48), "GRU": lambda: keras.layers.GRU(48)}[cell]
        wide = 48 * len(gates)
        packed = (64, wide), (64, 48)
        yield subject(cell, make, sequence, "/kernel", *packed, GLOROT, gates)
        packed = (48, wide), (48, 48)
        yield subject(cell, make, sequence, "recurrent_kernel", *packed, ORTHOGONAL, gates)
        if cell == "LSTM":  # the forget gate begins at one
            yield subject(cell, make, sequence, "bias", (wide,), NONE, "", gates)
        else:  # two biases a gate
            yield subject(cell, make, sequence, "bias", (2, wide), NONE, ZERO, gates)
    yield from attention()
    make = keras.layers.LayerNormalization
    yield subject("LayerNormalization", make, dense, "gamma", (64,), NONE, ONE)
    yield subject("LayerNormalization", make, dense, "beta", (64,), NONE, ZERO)


def models() -> Iterator[Subject]:
    """List layers that should differ."""

    def draw(seed: int, one: bool) -> Any:
        keras.utils.set_random_seed(seed)
        shared = keras.initializers.HeNormal()
        layers = [
            keras.layers.Dense(8, kernel_initializer=shared if one else "he_normal")
            for _ in range(3)
        ]
        for layer in layers:
            layer.build((1, 8))
        return [np.asarray(layer.kernel) for layer in layers]

    for name, one in (("3 Dense, one HeNormal()", True), ('3 Dense, each "he_normal"', False)):
        yield Subject("Keras", "model", name, (8, 8), (8, 8), partial(draw, one=one), "")


def execute(code: str, kind: str, seed: int) -> tuple[Any, Any]:
    """Execute a recipe; return what it filled, and the bias beside it."""
    keras.utils.set_random_seed(seed)
    names: dict[str, Any] = {"keras": keras}
    exec(code, names)
    if kind == "model":
        layer = names["model"].layers[0]
    else:
        layer = names["layer"]
        layer.build(INPUTS.get(kind, (1, 300)))
    if kind == "embedding":
        return np.asarray(layer.embeddings), None
    if kind == "LSTM":
        return np.asarray(layer.cell.bias), None
    # a depthwise kernel has its channels before its one output each
    w = np.swapaxes(layer.kernel, 2, 3) if kind == "depthwise" else layer.kernel
    return np.asarray(w), np.asarray(layer.bias)


LIBRARY = Library("Keras", "keras", initializers, CODES, execute, layers, models, fans=compute_fans)
