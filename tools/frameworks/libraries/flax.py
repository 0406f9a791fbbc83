"""Flax, whose initializers are JAX's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import flax.linen as nn
import jax
import numpy as np

import initcourse as ic
from tools.frameworks.subject import (
    DENSE,
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
    "He, for ReLU": "layer = nn.Dense(200, kernel_init=nn.initializers.he_normal())",
    "Xavier, for tanh": "layer = nn.Dense(200, kernel_init=nn.initializers.glorot_uniform())",
    "LeCun, for SELU": "layer = nn.Dense(200, kernel_init=nn.initializers.lecun_normal())",
    "orthogonal": "layer = nn.Dense(200, kernel_init=nn.initializers.orthogonal())",
    "GPT-2's residual projection, 12 blocks": (
        "layer = nn.Dense(\n    200, kernel_init=nn.initializers.normal(0.02 / 24**0.5)\n)"
    ),
}


def initializers() -> Iterator[Subject]:
    """List the initializers of Flax."""
    for name in PRESETS:
        initializer = getattr(nn.initializers, name)()

        def draw(seed: int, initializer: Any = initializer) -> Any:
            return initializer(jax.random.PRNGKey(seed), DENSE)

        title = f"nn.initializers.{name}()"
        yield Subject("Flax", "initializer", title, DENSE, ic.fans(DENSE), draw, preset(name))


def layers() -> Iterator[Subject]:
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
        yield subject(name, cell, step, f"h{gate}/kernel", (48, 48), (48, 48), ORTHOGONAL)
        side = "h" if name == "LSTM" else "i"
        yield subject(name, cell, step, f"{side}{gate}/bias", (48,), NONE, ZERO)
    attention, name = nn.MultiHeadDotProductAttention(num_heads=4), "MultiHeadDotProductAttention"
    both = [np.ones((1, 5, 64))] * 2
    for leaf in ("query/kernel", "key/kernel", "value/kernel", "out/kernel"):
        yield subject(name, attention, both, leaf, (64, 64), (64, 64), lecun)
    yield subject(name, attention, both, "query/bias", (64,), NONE, ZERO)
    yield subject("LayerNorm", nn.LayerNorm(), dense, "scale", (64,), NONE, ONE)
    yield subject("LayerNorm", nn.LayerNorm(), dense, "bias", (64,), NONE, ZERO)


def kernel(code: str, seed: int) -> Any:
    """Execute a recipe and read the kernel."""
    names: dict[str, Any] = {"nn": nn}
    exec(code, names)
    fresh = names["layer"].init(jax.random.PRNGKey(seed), np.ones((1, 300)))
    return np.asarray(fresh["params"]["kernel"])


LIBRARY = Library("Flax", initializers, CODES, kernel, layers)
