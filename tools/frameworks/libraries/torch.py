"""PyTorch, whose kernels are (out, in, *receptive_field)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import numpy as np
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


def dense(call: str) -> str:
    """Return the code for a linear layer whose bias begins at zero."""
    return (
        f"layer = torch.nn.Linear(300, 200)\ntorch.nn.init.{call}\ntorch.nn.init.zeros_(layer.bias)"
    )


CODES = {
    "He, for ReLU": dense('kaiming_normal_(layer.weight, nonlinearity="relu")'),
    "He, for leaky ReLU of slope 0.2": dense(
        'kaiming_normal_(layer.weight, a=0.2, nonlinearity="leaky_relu")'
    ),
    "He, truncated and corrected": (
        "layer = torch.nn.Linear(300, 200)\n"
        "std = (2 / 300) ** 0.5 / 0.8796  # of the normal before it is cut\n"
        "torch.nn.init.trunc_normal_(layer.weight, std=std, a=-2 * std, b=2 * std)\n"
        "torch.nn.init.zeros_(layer.bias)"
    ),
    "Xavier, for tanh": dense("xavier_uniform_(layer.weight)"),
    "LeCun, for SELU": dense('kaiming_normal_(layer.weight, nonlinearity="linear")'),
    "GELU, its gain": dense("normal_(layer.weight, std=1.5335 / 300**0.5)"),
    "SiLU, its gain": dense("normal_(layer.weight, std=1.6765 / 300**0.5)"),
    "orthogonal": dense("orthogonal_(layer.weight)"),
    "Keras's default": dense("xavier_uniform_(layer.weight)"),
    "PyTorch's default": "layer = torch.nn.Linear(300, 200)",
    "standard deviation 0.02, truncated": (
        "layer = torch.nn.Linear(300, 200)\n"
        "std = 0.02\n"
        "torch.nn.init.trunc_normal_(layer.weight, std=std, a=-2 * std, b=2 * std)\n"
        "torch.nn.init.zeros_(layer.bias)"
    ),
    "GPT-2's residual projection, 12 blocks": dense("normal_(layer.weight, std=0.02 / 24**0.5)"),
    "a residual branch that begins at zero": dense("zeros_(layer.weight)"),
    "convolution, He": (
        "layer = torch.nn.Conv2d(32, 48, 3)\n"
        'torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")\n'
        "torch.nn.init.zeros_(layer.bias)"
    ),
    "depthwise convolution, He": (
        "layer = torch.nn.Conv2d(32, 32, 3, groups=32)\n"
        'torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")\n'
        "torch.nn.init.zeros_(layer.bias)"
    ),
    "embedding, standard deviation 0.02": (
        "layer = torch.nn.Embedding(1000, 64)\ntorch.nn.init.normal_(layer.weight, std=0.02)"
    ),
    "LSTM, forget gate at one": (
        "layer = torch.nn.LSTM(64, 48)\n"
        "for name, bias in layer.named_parameters():\n"
        '    if name.startswith("bias"):\n'
        "        torch.nn.init.zeros_(bias)\n"
        "layer.bias_ih_l0.data[48:96] = 1.0  # the second of its four gates"
    ),
    "whole model, He": (
        "def he(module):\n"
        "    if isinstance(module, (torch.nn.Linear, torch.nn.Conv2d)):\n"
        '        torch.nn.init.kaiming_normal_(module.weight, nonlinearity="relu")\n'
        "        torch.nn.init.zeros_(module.bias)\n"
        "\n"
        "\n"
        "model = torch.nn.Sequential(\n"
        "    torch.nn.Linear(300, 200),\n"
        "    torch.nn.ReLU(),\n"
        "    torch.nn.Linear(200, 200),\n"
        "    torch.nn.ReLU(),\n"
        "    torch.nn.Linear(200, 10),\n"
        ")\n"
        "model.apply(he)"
    ),
}
UNLIKE = {  # the normals are not truncated
    "He, for ReLU": scaling("2.0", "fan_in", "normal"),
    "He, for leaky ReLU of slope 0.2": scaling("2 / (1 + 0.2**2)", "fan_in", "normal"),
    "LeCun, for SELU": scaling("1.0", "fan_in", "normal"),
    "convolution, He": scaling("2.0", "fan_in", "normal"),
    "whole model, He": scaling("2.0", "fan_in", "normal"),
}
BEYOND = 10  # standard deviations: a normal number never gets there


def empty(shape: Shape) -> Any:
    """Return a kernel as PyTorch stores it, not filled yet."""
    return torch.empty((shape[-1], shape[-2], *shape[:-2]))


def turned(w: Any) -> Any:
    """Return a kernel with its axes as `initcourse` has them."""
    array = w.detach().numpy()
    return np.moveaxis(array, (0, 1), (-1, -2)) if array.ndim > 1 else array


def initializers() -> Iterator[Subject]:
    """List the initializers of PyTorch."""

    def subject(name: str, fill: Callable[[Any], Any], shape: Shape, ours: str) -> Subject:
        def draw(seed: int) -> Any:
            torch.manual_seed(seed)
            return turned(fill(empty(shape)))

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
    title = "kaiming_normal_()"
    yield subject(title, init.kaiming_normal_, DENSE, scaling("2.0", "fan_in", "normal"))
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

    def subject(
        name: str,
        make: Any,
        leaf: str,
        shape: Shape,
        fans: Any,
        ours: str,
        blocks: tuple[str, ...] = (),
    ) -> Subject:
        def draw(seed: int) -> Any:
            torch.manual_seed(seed)
            w = dict(make().named_parameters())[leaf]
            return turned(w.T if name == "Embedding" else w)  # of shape (vocabulary, dim)

        return Subject("PyTorch", "layer", f"{name}, {leaf}", shape, fans, draw, ours, blocks)

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

    def by_fan_out() -> Any:
        layer = t.Conv2d(256, 256, 3, groups=256)
        t.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
        return layer

    name = 'Conv2d(groups=256), kaiming_normal_(mode="fan_out", nonlinearity="relu")'
    shape, ours = (3, 3, 1, 256), scaling("2.0", "fan_out", "normal")
    yield subject(name, by_fan_out, "weight", shape, ic.fans(shape, groups=256), ours)
    make = lambda: t.ConvTranspose2d(32, 48, 3)  # noqa: E731
    stored = (3, 3, 48, 32)
    fans = ic.fans(stored, transposed=True)
    yield subject("ConvTranspose2d", make, "weight", stored, fans, limit.format(9 * 48))
    yield subject("ConvTranspose2d", make, "bias", (48,), NONE, limit.format(9 * 48))
    make = lambda: t.Embedding(1000, 64)  # noqa: E731
    yield subject("Embedding", make, "weight", (1000, 64), (1, 64), "ic.normal(shape, rng=rng)")
    for name, gates in (
        ("LSTM", ("input", "forget", "cell", "output")),
        ("GRU", ("reset", "update", "new")),
    ):
        make = lambda n=name: getattr(t, n)(64, 48)  # noqa: E731
        wide = 48 * len(gates)
        ours = limit.format(48)
        yield subject(name, make, "weight_ih_l0", (64, wide), (64, 48), ours, gates)
        yield subject(name, make, "weight_hh_l0", (48, wide), (48, 48), ours, gates)
        yield subject(name, make, "bias_ih_l0", (wide,), NONE, ours, gates)
    glorot = preset("glorot_uniform")
    parts = ("query", "key", "value")
    name, make = "MultiheadAttention", lambda: t.MultiheadAttention(64, 4)
    yield subject(name, make, "in_proj_weight", (64, 192), (64, 64), glorot, parts)
    yield subject(name, make, "in_proj_bias", (192,), NONE, ZERO, parts)
    yield subject(name, make, "out_proj.weight", (64, 64), (64, 64), third)
    yield subject(name, make, "out_proj.bias", (64,), NONE, ZERO)
    name = "MultiheadAttention(kdim=32, vdim=32)"
    make = lambda: t.MultiheadAttention(64, 4, kdim=32, vdim=32)  # noqa: E731
    yield subject(name, make, "q_proj_weight", (64, 64), (64, 64), glorot)
    yield subject(name, make, "k_proj_weight", (32, 64), (32, 64), glorot)
    yield subject("LayerNorm", lambda: t.LayerNorm(64), "weight", (64,), NONE, ONE)
    yield subject("LayerNorm", lambda: t.LayerNorm(64), "bias", (64,), NONE, ZERO)


def models() -> Iterator[Subject]:
    """List layers that should differ."""

    def encoder(seed: int) -> Any:
        torch.manual_seed(seed)
        layer = torch.nn.TransformerEncoderLayer(16, 2, 32)
        model = torch.nn.TransformerEncoder(layer, 6, enable_nested_tensor=False)
        return [turned(layer.linear1.weight) for layer in model.layers]

    def layers(seed: int) -> Any:
        torch.manual_seed(seed)
        layers = [torch.nn.TransformerEncoderLayer(16, 2, 32) for _ in range(6)]
        return [turned(layer.linear1.weight) for layer in layers]

    shape, fans = (16, 32), (16, 32)
    name = "TransformerEncoder(layer, 6)"
    yield Subject("PyTorch", "model", name, shape, fans, encoder, "")
    name = "6 TransformerEncoderLayer"
    yield Subject("PyTorch", "model", name, shape, fans, layers, "")


def execute(code: str, kind: str, seed: int) -> tuple[Any, Any]:
    """Execute a recipe; return what it filled, and the bias beside it."""
    torch.manual_seed(seed)
    names: dict[str, Any] = {"torch": torch}
    exec(code, names)
    if kind == "LSTM":  # what is added to a gate is the sum of both
        layer = names["layer"]
        return turned(layer.bias_ih_l0 + layer.bias_hh_l0), None
    if kind == "embedding":
        return names["layer"].weight.detach().numpy(), None
    layer = names["model"][0] if kind == "model" else names["layer"]
    return turned(layer.weight), turned(layer.bias)


def by_inversion(w: Any, std: float) -> Any:
    """Fill by the steps of trunc_normal_ up to PyTorch 2.11, with its default bounds.

    Uniform numbers, through the inverse of the normal distribution. From 2.12 on, numbers out of
    bounds are drawn again instead.
    """
    low, high = (math.erf(bound / std / math.sqrt(2)) for bound in (-2, 2))
    return w.uniform_(low, high).erfinv_().mul_(std * math.sqrt(2)).clamp_(-2, 2)


def outliers(released: str) -> Iterator[dict[str, Any]]:
    """Count, in a truncated normal, draws of more than ten standard deviations."""
    std, size = 0.02, 2**24
    for kind, seeds in (("float32", 16), ("bfloat16", 1)):
        for version, fill in (
            (f"2.11.0, its steps in {released}", by_inversion),
            (released, lambda w, std: torch.nn.init.trunc_normal_(w, std=std)),
        ):
            beyond, squares = 0, 0.0
            for seed in range(seeds):
                torch.manual_seed(seed)
                w = fill(torch.empty(size, dtype=getattr(torch, kind)), std).float()
                beyond += int((w.abs() > BEYOND * std).sum())
                squares += float((w.double() ** 2).mean()) / seeds
            yield {
                "library": "PyTorch",
                "version": version,
                "measured": date.today().isoformat(),
                "name": f"trunc_normal_(std=0.02), {kind}",
                "draws": seeds * size,
                "beyond": beyond,
                "times_variance": squares / std**2,
            }


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


LIBRARY = Library("PyTorch", "torch", initializers, CODES, execute, layers, models, UNLIKE, fans)
