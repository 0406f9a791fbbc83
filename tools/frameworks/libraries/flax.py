"""Flax, whose initializers are JAX's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np

import initcourse as ic
from tools.frameworks.subject import (
    DENSE,
    HEADS,
    NONE,
    ONE,
    PRESETS,
    ZERO,
    Library,
    Shape,
    Subject,
    each_gate,
    preset,
    scaling,
)


def dense(init: str) -> str:
    """Return the code for a dense layer."""
    return f"layer = nn.Dense(200, kernel_init=nn.initializers.{init})"


CODES = {
    "He, for ReLU": dense("he_normal()"),
    "He, for leaky ReLU of slope 0.2": (
        "init = nn.initializers.variance_scaling(\n"
        '    2 / (1 + 0.2**2), "fan_in", "truncated_normal"\n'
        ")\n"
        "layer = nn.Dense(200, kernel_init=init)"
    ),
    "Xavier, for tanh": dense("glorot_uniform()"),
    "LeCun, for SELU": dense("lecun_normal()"),
    "GELU, its gain": dense("normal(1.5335 / 300**0.5)"),
    "SiLU, its gain": dense("normal(1.6765 / 300**0.5)"),
    "orthogonal": dense("orthogonal()"),
    "Keras's default": dense("glorot_uniform()"),
    "PyTorch's default": (
        "def bias_init(key, shape, dtype=jnp.float32):\n"
        "    limit = 300**-0.5\n"
        "    return jax.random.uniform(key, shape, dtype, -limit, limit)\n"
        "\n"
        "\n"
        'kernel_init = nn.initializers.variance_scaling(1 / 3, "fan_in", "uniform")\n'
        "layer = nn.Dense(200, kernel_init=kernel_init, bias_init=bias_init)"
    ),
    "standard deviation 0.02, truncated": dense("truncated_normal(0.02)"),
    "GPT-2's residual projection, 12 blocks": dense("normal(0.02 / 24**0.5)"),
    "a residual branch that begins at zero": dense("zeros"),
    "convolution, He": "layer = nn.Conv(48, (3, 3), kernel_init=nn.initializers.he_normal())",
    "depthwise convolution, He": (
        "init = nn.initializers.normal((2 / 9) ** 0.5)\n"
        "layer = nn.Conv(32, (3, 3), feature_group_count=32, kernel_init=init)"
    ),
    "embedding, standard deviation 0.02": (
        "layer = nn.Embed(1000, 64, embedding_init=nn.initializers.normal(0.02))"
    ),
    "LSTM, forget gate at one": (
        "layer = nn.OptimizedLSTMCell(48)\n"
        "carry = layer.initialize_carry(key, (1, 64))\n"
        'params = layer.init(key, carry, jnp.ones((1, 64)))["params"]\n'
        'params["hf"]["bias"] = jnp.ones(48)'
    ),
    "whole model, He": (
        "model = nn.Sequential([nn.Dense(200), nn.relu, nn.Dense(200), nn.relu, nn.Dense(10)])\n"
        'params = model.init(key, jnp.ones((1, 300)))["params"]\n'
        "he = nn.initializers.he_normal()\n"
        "leaves, tree = jax.tree.flatten(params)\n"
        "keys = jax.random.split(key, len(leaves))\n"
        "leaves = [he(k, w.shape) if w.ndim > 1 else w for k, w in zip(keys, leaves)]\n"
        "params = jax.tree.unflatten(tree, leaves)"
    ),
}
INPUTS: dict[str, Shape] = {"convolution": (1, 8, 8, 32), "depthwise": (1, 8, 8, 32)}


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
        name: str,
        module: Any,
        inputs: Any,
        leaf: str,
        shape: Shape,
        fans: Any,
        ours: str,
        blocks: tuple[str, ...] = (),
    ) -> Subject:
        def draw(seed: int) -> Any:
            found = module.init(jax.random.PRNGKey(seed), *inputs)["params"]
            folders, _, kind = leaf.rpartition("/")
            parts = [found[folder][kind] for folder in folders.split()] or [found[kind]]
            return np.concatenate([np.reshape(w, (*shape[:-1], -1)) for w in parts], axis=-1)

        return Subject("Flax", "layer", f"{name}, {leaf}", shape, fans, draw, ours, blocks)

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
    gates: tuple[str, ...] = ("input", "forget", "cell", "output")
    cell = nn.OptimizedLSTMCell(48)
    step = [cell.initialize_carry(jax.random.PRNGKey(0), (1, 64)), np.ones((1, 64))]
    ours = each_gate("ic.lecun_normal((64, 48), rng=rng)", 4)
    packed = (64, 192), (64, 48)
    yield subject("LSTM", cell, step, "ii if ig io/kernel", *packed, ours, gates)
    packed = (48, 192), (48, 48)
    yield subject(
        "LSTM",
        cell,
        step,
        "hi hf hg ho/kernel",
        *packed,
        each_gate("ic.orthogonal((48, 48), rng=rng)", 4),
        gates,
    )
    yield subject("LSTM", cell, step, "hi hf hg ho/bias", (192,), NONE, ZERO, gates)
    cell = nn.GRUCell(48)
    step = [cell.initialize_carry(jax.random.PRNGKey(0), (1, 64)), np.ones((1, 64))]
    gates = ("reset", "update", "new")
    ours = each_gate("ic.lecun_normal((64, 48), rng=rng)", 3)
    packed = (64, 144), (64, 48)
    yield subject("GRU", cell, step, "ir iz in/kernel", *packed, ours, gates)
    ours = each_gate("ic.orthogonal((48, 48), rng=rng)", 3)
    packed = (48, 144), (48, 48)
    yield subject("GRU", cell, step, "hr hz hn/kernel", *packed, ours, gates)
    yield subject("GRU", cell, step, "ir iz in/bias", (144,), NONE, ZERO, gates)
    attention, name = nn.MultiHeadDotProductAttention(num_heads=4), "MultiHeadDotProductAttention"
    both = [np.ones((1, 5, 64))] * 2
    for leaf in ("query/kernel", "key/kernel", "value/kernel", "out/kernel"):
        heads = () if leaf.startswith("out") else HEADS
        yield subject(name, attention, both, leaf, (64, 64), (64, 64), lecun, heads)
    yield subject(name, attention, both, "query/bias", (64,), NONE, ZERO)
    yield subject("LayerNorm", nn.LayerNorm(), dense, "scale", (64,), NONE, ONE)
    yield subject("LayerNorm", nn.LayerNorm(), dense, "bias", (64,), NONE, ZERO)


def models() -> Iterator[Subject]:
    """List layers that should differ."""

    def draw(seed: int) -> Any:
        init = nn.initializers.he_normal()
        model = nn.Sequential([nn.Dense(8, kernel_init=init) for _ in range(3)])
        found = model.init(jax.random.PRNGKey(seed), np.ones((1, 8)))["params"]
        return [np.asarray(layer["kernel"]) for layer in found.values()]

    yield Subject("Flax", "model", "3 Dense, one initializer", (8, 8), (8, 8), draw, "")


def execute(code: str, kind: str, seed: int) -> tuple[Any, Any]:
    """Execute a recipe; return what it filled, and the bias beside it."""
    key = jax.random.PRNGKey(seed)
    names: dict[str, Any] = {"nn": nn, "jax": jax, "jnp": jnp, "key": key}
    exec(code, names)
    if kind == "LSTM":
        biases = [names["params"][f"h{gate}"]["bias"] for gate in "ifgo"]
        return np.concatenate(biases), None
    if kind == "model":
        found = names["params"]["layers_0"]
    elif kind == "embedding":
        return names["layer"].init(key, np.zeros((1, 1), int))["params"]["embedding"], None
    else:
        found = names["layer"].init(key, np.ones(INPUTS.get(kind, (1, 300))))["params"]
    return np.asarray(found["kernel"]), np.asarray(found["bias"])


LIBRARY = Library("Flax", "flax", initializers, CODES, execute, layers, models)
