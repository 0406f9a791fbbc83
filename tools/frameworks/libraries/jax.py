"""JAX, which has initializers and no layers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import jax
import numpy as np
from jax._src.nn.initializers import _compute_fans

import initcourse as ic
from tools.frameworks.subject import (
    CONV,
    DENSE,
    DISTRIBUTIONS,
    ORTHOGONAL,
    PRESETS,
    Library,
    Shape,
    Subject,
    preset,
    scaling,
)

CODES = {
    "He, for ReLU": "w = jax.nn.initializers.he_normal()(key, (300, 200))",
    "He, for leaky ReLU of slope 0.2": (
        "init = jax.nn.initializers.variance_scaling(\n"
        '    2 / (1 + 0.2**2), "fan_in", "truncated_normal"\n'
        ")\n"
        "w = init(key, (300, 200))"
    ),
    "Xavier, for tanh": "w = jax.nn.initializers.glorot_uniform()(key, (300, 200))",
    "LeCun, for SELU": "w = jax.nn.initializers.lecun_normal()(key, (300, 200))",
    "GELU, its gain": "w = jax.nn.initializers.normal(1.5335 / 300**0.5)(key, (300, 200))",
    "SiLU, its gain": "w = jax.nn.initializers.normal(1.6765 / 300**0.5)(key, (300, 200))",
    "orthogonal": "w = jax.nn.initializers.orthogonal()(key, (300, 200))",
    "Keras's default": "w = jax.nn.initializers.glorot_uniform()(key, (300, 200))",
    "PyTorch's default": (
        'init = jax.nn.initializers.variance_scaling(1 / 3, "fan_in", "uniform")\n'
        "w = init(key, (300, 200))"
    ),
    "standard deviation 0.02, truncated": (
        "w = jax.nn.initializers.truncated_normal(0.02)(key, (300, 200))"
    ),
    "GPT-2's residual projection, 12 blocks": (
        "w = jax.nn.initializers.normal(0.02 / 24**0.5)(key, (300, 200))"
    ),
    "a residual branch that begins at zero": "w = jax.nn.initializers.zeros(key, (300, 200))",
    "convolution, He": "w = jax.nn.initializers.he_normal()(key, (3, 3, 32, 48))",
    "depthwise convolution, He": (
        "w = jax.nn.initializers.normal((2 / 9) ** 0.5)(key, (3, 3, 1, 32))"
    ),
    "embedding, standard deviation 0.02": ("w = jax.nn.initializers.normal(0.02)(key, (1000, 64))"),
}


def initializers() -> Iterator[Subject]:
    """List the initializers of JAX."""

    def subject(name: str, initializer: Any, shape: Shape, ours: str) -> Subject:
        def draw(seed: int) -> Any:
            return initializer(jax.random.PRNGKey(seed), shape)

        return Subject("JAX", "initializer", name, shape, ic.fans(shape), draw, ours)

    for name in PRESETS:
        for shape in (DENSE, CONV):
            initializer = getattr(jax.nn.initializers, name)()
            yield subject(f"{name}()", initializer, shape, preset(name))
    for mode in ("fan_in", "fan_out", "fan_avg", "fan_geo_avg"):
        for kind in DISTRIBUTIONS:
            initializer = jax.nn.initializers.variance_scaling(1.0, mode, kind)
            title = f'variance_scaling(1.0, "{mode}", "{kind}")'
            yield subject(title, initializer, DENSE, scaling("1.0", mode, kind))
    simple = {
        "normal()": "ic.normal(shape, 0.01, rng=rng)",
        "truncated_normal()": "ic.truncated_normal(shape, 0.01, corrected=False, rng=rng)",
        "orthogonal()": ORTHOGONAL,
    }
    for title, ours in simple.items():
        initializer = getattr(jax.nn.initializers, title.removesuffix("()"))()
        yield subject(title, initializer, DENSE, ours)


def models() -> Iterator[Subject]:
    """List draws that should differ."""

    def draw(seed: int, again: bool) -> Any:
        key = jax.random.PRNGKey(seed)
        keys = [key] * 3 if again else jax.random.split(key, 3)
        return [np.asarray(jax.nn.initializers.he_normal()(each, (8, 8))) for each in keys]

    for name, again in (("3 draws from one key", True), ("3 draws from jax.random.split", False)):
        yield Subject("JAX", "model", name, (8, 8), (8, 8), partial(draw, again=again), "")


def execute(code: str, kind: str, seed: int) -> tuple[Any, Any]:
    """Execute a recipe and return the kernel."""
    names: dict[str, Any] = {"jax": jax, "key": jax.random.PRNGKey(seed)}
    exec(code, names)
    return np.asarray(names["w"]), None


def fans(shape: Shape) -> tuple[int, int]:
    """Return the fans that JAX reads off a kernel."""
    fan_in, fan_out = _compute_fans(shape)
    return int(fan_in), int(fan_out)


LIBRARY = Library("JAX", "jax", initializers, CODES, execute, models=models, fans=fans)
