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

CODES = {
    "He, for ReLU": 'layer = keras.layers.Dense(200, kernel_initializer="he_normal")',
    "Xavier, for tanh": 'layer = keras.layers.Dense(200, kernel_initializer="glorot_uniform")',
    "LeCun, for SELU": 'layer = keras.layers.Dense(200, kernel_initializer="lecun_normal")',
    "orthogonal": 'layer = keras.layers.Dense(200, kernel_initializer="orthogonal")',
    "GPT-2's residual projection, 12 blocks": (
        "layer = keras.layers.Dense(\n"
        "    200,\n"
        "    kernel_initializer=keras.initializers.RandomNormal(stddev=0.02 / 24**0.5),\n"
        ")"
    ),
}


def initializers() -> Iterator[Subject]:
    """List the initializers of Keras."""

    def subject(name: str, make: Callable[..., Any], shape: Shape, ours: str) -> Subject:
        def draw(seed: int) -> Any:
            return make(seed=seed)(shape)

        return Subject("Keras", "initializer", name, shape, ic.fans(shape), draw, ours)

    for name in PRESETS:
        title = "".join(word.capitalize() for word in name.split("_"))
        make = getattr(keras.initializers, title)
        for shape in (DENSE, CONV):
            yield subject(title, make, shape, preset(name))
    for mode in ("fan_in", "fan_out", "fan_avg"):
        for kind, ours in zip(
            ("truncated_normal", "untruncated_normal", "uniform"), DISTRIBUTIONS, strict=True
        ):
            make = partial(keras.initializers.VarianceScaling, 1.0, mode, kind)
            title = f'VarianceScaling(1.0, "{mode}", "{kind}")'
            yield subject(title, make, DENSE, scaling("1.0", mode, ours))
    simple = {
        "RandomNormal()": "ic.normal(shape, 0.05, rng=rng)",
        "RandomUniform()": "ic.uniform(shape, 0.05, rng=rng)",
        "TruncatedNormal()": "ic.truncated_normal(shape, 0.05, corrected=False, rng=rng)",
        "Orthogonal()": ORTHOGONAL,
    }
    for title, ours in simple.items():
        make = getattr(keras.initializers, title.removesuffix("()"))
        yield subject(title, make, DENSE, ours)


def layers() -> Iterator[Subject]:
    """List the parameters of fresh Keras layers."""

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
    yield subject(
        "Dense", lambda: keras.layers.Dense(48), dense, "kernel", (64, 48), (64, 48), glorot
    )
    yield subject("Dense", lambda: keras.layers.Dense(48), dense, "bias", (48,), NONE, ZERO)
    conv = (3, 3, 32, 48)
    yield subject(
        "Conv2D", lambda: keras.layers.Conv2D(48, 3), image, "kernel", conv, ic.fans(conv), glorot
    )
    grouped = (3, 3, 8, 48)
    fans = ic.fans(grouped, groups=4)
    name = "Conv2D(groups=4)"
    yield subject(
        name, lambda: keras.layers.Conv2D(48, 3, groups=4), image, "kernel", grouped, fans, glorot
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
        ours = preset("he_normal") if "he" in title else glorot
        yield subject(title, make, image, "kernel", depthwise, fans, ours)
    stored = (3, 3, 48, 32)
    fans = ic.fans(stored, transposed=True)
    name = "Conv2DTranspose"
    yield subject(
        name, lambda: keras.layers.Conv2DTranspose(48, 3), image, "kernel", stored, fans, glorot
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
    for cell, gates in (("LSTM", 4), ("GRU", 3)):
        make = {"LSTM": lambda: keras.layers.LSTM(48), "GRU": lambda: keras.layers.GRU(48)}[cell]
        wide = 48 * gates
        yield subject(cell, make, sequence, "/kernel", (64, wide), (64, 48), glorot)
        yield subject(cell, make, sequence, "recurrent_kernel", (48, wide), (48, 48), ORTHOGONAL)
        if cell == "LSTM":  # the forget gate begins at one
            yield subject(cell, make, sequence, "bias", (wide,), NONE, "")
        else:  # two biases a gate
            yield subject(cell, make, sequence, "bias", (2 * wide,), NONE, ZERO)
    attention = lambda: keras.layers.MultiHeadAttention(4, 16)  # noqa: E731
    both = [(1, 5, 64), (1, 5, 64)]
    for leaf in ("query/kernel", "key/kernel", "value/kernel", "attention_output/kernel"):
        yield subject("MultiHeadAttention", attention, both, leaf, (64, 64), (64, 64), glorot)
    yield subject("MultiHeadAttention", attention, both, "query/bias", (64,), NONE, ZERO)
    make = keras.layers.LayerNormalization
    yield subject("LayerNormalization", make, dense, "gamma", (64,), NONE, ONE)
    yield subject("LayerNormalization", make, dense, "beta", (64,), NONE, ZERO)


def kernel(code: str, seed: int) -> Any:
    """Execute a recipe and read the kernel."""
    keras.utils.set_random_seed(seed)
    names: dict[str, Any] = {"keras": keras}
    exec(code, names)
    layer = names["layer"]
    layer.build((1, 300))
    return np.asarray(layer.kernel)


LIBRARY = Library("Keras", initializers, CODES, kernel, layers, fans=compute_fans)
