"""JAX, which has initializers and no layers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import numpy as np

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
    "Xavier, for tanh": "w = jax.nn.initializers.glorot_uniform()(key, (300, 200))",
    "LeCun, for SELU": "w = jax.nn.initializers.lecun_normal()(key, (300, 200))",
    "orthogonal": "w = jax.nn.initializers.orthogonal()(key, (300, 200))",
    "GPT-2's residual projection, 12 blocks": (
        "w = jax.nn.initializers.normal(0.02 / 24**0.5)(key, (300, 200))"
    ),
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


def kernel(code: str, seed: int) -> Any:
    """Execute a recipe and read the kernel."""
    names: dict[str, Any] = {"jax": jax, "key": jax.random.PRNGKey(seed)}
    exec(code, names)
    return np.asarray(names["w"])


LIBRARY = Library("JAX", initializers, CODES, kernel)
