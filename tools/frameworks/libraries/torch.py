"""PyTorch, whose kernels are (out, in, *receptive_field)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch

import initcourse as ic
from tools.frameworks.subject import (
    CONV,
    DENSE,
    NONE,
    ONE,
    ORTHOGONAL,
    ZERO,
    Library,
    Shape,
    Subject,
    preset,
    scaling,
)

CODES = {
    "He, for ReLU": 'torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")',
    "Xavier, for tanh": "torch.nn.init.xavier_uniform_(layer.weight)",
    "LeCun, for SELU": 'torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="linear")',
    "orthogonal": "torch.nn.init.orthogonal_(layer.weight)",
    "GPT-2's residual projection, 12 blocks": (
        "torch.nn.init.normal_(layer.weight, std=0.02 / 24**0.5)"
    ),
}
UNLIKE = {  # the normals are not truncated
    "He, for ReLU": scaling("2.0", "fan_in", "normal"),
    "LeCun, for SELU": scaling("1.0", "fan_in", "normal"),
}


def empty(shape: Shape) -> Any:
    """Return a kernel as PyTorch stores it, not filled yet."""
    return torch.empty((shape[-1], shape[-2], *shape[:-2]))


def initializers() -> Iterator[Subject]:
    """List the initializers of PyTorch."""

    def subject(name: str, fill: Callable[[Any], Any], shape: Shape, ours: str) -> Subject:
        def draw(seed: int) -> Any:
            torch.manual_seed(seed)
            return fill(empty(shape)).numpy()

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
    ours = "ic.truncated_normal(shape, 1.0, corrected=False, rng=rng)"
    yield subject("trunc_normal_()", init.trunc_normal_, DENSE, ours)
    yield subject("orthogonal_", init.orthogonal_, DENSE, ORTHOGONAL)


def layers() -> Iterator[Subject]:
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


def kernel(code: str, seed: int) -> Any:
    """Execute a recipe and read the kernel."""
    torch.manual_seed(seed)
    layer = torch.nn.Linear(300, 200)
    exec(code, {"torch": torch, "layer": layer})
    return layer.weight.detach().numpy()


def fans(shape: Shape) -> tuple[int, int]:
    """Return the fans that PyTorch reads off a kernel."""
    fan_in, fan_out = torch.nn.init._calculate_fan_in_and_fan_out(empty(shape))
    return int(fan_in), int(fan_out)


def gain(name: str) -> float | None:
    """Return PyTorch's gain of an activation; None for one that it refuses."""
    try:
        return float(torch.nn.init.calculate_gain(name))
    except ValueError:
        return None


LIBRARY = Library("PyTorch", initializers, CODES, kernel, layers, UNLIKE, fans)
