"""What is measured: initializers, fresh layers and recipes, and which library offers them.

Every subject says how many products its sums have, counted and not read off a shape, and which
call of `initcourse` draws the same distribution, if one does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import initcourse as ic

Shape = tuple[int, ...]
Fans = tuple[int, int]

DENSE: Shape = (300, 200)
CONV: Shape = (3, 3, 32, 48)
DEPTHWISE: Shape = (3, 3, 1, 32)
TABLE: Shape = (1000, 64)
NONE: Fans = (0, 0)
PRESETS = [f"{who}_{how}" for who in ("glorot", "he", "lecun") for how in ("uniform", "normal")]
DISTRIBUTIONS = ("truncated_normal", "normal", "uniform")
HEADS = tuple(f"head {number}" for number in range(1, 5))


def scaling(scale: str, mode: str, distribution: str) -> str:
    """Return the `initcourse` expression for a row of variance scaling."""
    return f'ic.variance_scaling(shape, {scale}, "{mode}", "{distribution}", rng=rng)'


def preset(name: str) -> str:
    """Return the `initcourse` expression for a preset."""
    return f"ic.{name}(shape, rng=rng)"


ZERO, ONE = "ic.zeros(shape)", "ic.constant(shape, 1.0)"
ORTHOGONAL = "ic.orthogonal(shape, rng=rng)"


def each_gate(draw: str, gates: int) -> str:
    """Return the `initcourse` expression for a kernel drawn gate by gate."""
    return f"np.hstack([{draw} for gate in range({gates})])"


@dataclass(frozen=True)
class Kind:
    """A sort of layer that recipes are for.

    Attributes
    ----------
    shape : tuple of int
        Shape of what a recipe fills.
    fans : tuple of int
        Products in a sum, forward and backward; (0, 0) for what is not a kernel.
    blocks : tuple of str
        Names of equal parts along the last axis.
    """

    shape: Shape
    fans: Fans
    blocks: tuple[str, ...] = ()


KINDS = {
    "dense": Kind(DENSE, ic.fans(DENSE)),
    "convolution": Kind(CONV, ic.fans(CONV)),
    "depthwise": Kind(DEPTHWISE, ic.fans(DEPTHWISE, groups=32)),
    "embedding": Kind(TABLE, (1, 64)),
    "LSTM": Kind((192,), NONE, ("input", "forget", "cell", "output")),
    "model": Kind(DENSE, ic.fans(DENSE)),
}


@dataclass(frozen=True)
class Wish:
    """What a recipe is for: a kind of layer, and our expression ("" if there is none)."""

    ours: str
    kind: str = "dense"


WISHES = {
    "He, for ReLU": Wish(preset("he_normal")),
    "He, for leaky ReLU of slope 0.2": Wish(
        scaling("2 / (1 + 0.2**2)", "fan_in", "truncated_normal")
    ),
    "He, truncated and corrected": Wish(preset("he_normal")),
    "Xavier, for tanh": Wish(preset("glorot_uniform")),
    "LeCun, for SELU": Wish(preset("lecun_normal")),
    "GELU, its gain": Wish("ic.normal(shape, 1.5335 / 300**0.5, rng=rng)"),
    "SiLU, its gain": Wish("ic.normal(shape, 1.6765 / 300**0.5, rng=rng)"),
    "orthogonal": Wish(ORTHOGONAL),
    "Keras's default": Wish(preset("glorot_uniform")),
    "PyTorch's default": Wish(scaling("1 / 3", "fan_in", "uniform")),
    "standard deviation 0.02, truncated": Wish(
        "ic.truncated_normal(shape, 0.02, corrected=False, rng=rng)"
    ),
    "GPT-2's residual projection, 12 blocks": Wish("ic.normal(shape, 0.02 / 24**0.5, rng=rng)"),
    "a residual branch that begins at zero": Wish(ZERO),
    "convolution, He": Wish(preset("he_normal"), "convolution"),
    "depthwise convolution, He": Wish("ic.normal(shape, (2 / 9) ** 0.5, rng=rng)", "depthwise"),
    "embedding, standard deviation 0.02": Wish("ic.normal(shape, 0.02, rng=rng)", "embedding"),
    "LSTM, forget gate at one": Wish("", "LSTM"),
    "whole model, He": Wish(preset("he_normal"), "model"),
}
"""What the recipes are for, and our expression."""


@dataclass(frozen=True)
class Subject:
    """Something that draws weights.

    Attributes
    ----------
    library, part, name : str
        Whose it is; "initializer", "layer", "model" or "recipe"; the code that names it.
    shape : tuple of int
        Shape of the kernel as `initcourse` would store it: (*receptive_field, in, out).
    fans : tuple of int
        Products in a sum, forward and backward; (0, 0) for what is not a kernel.
    draw : callable
        Takes a seed, returns the values, in the order of `shape`. Of a "model" it returns one
        array for each layer.
    ours : str
        An expression in `ic`, `np`, `shape` and `rng` that draws the same distribution, or "".
    blocks : tuple of str
        Names of the equal parts along the last axis: gates, or heads.
    bias : callable, optional
        Takes a seed, returns the bias that comes with the kernel.
    """

    library: str
    part: str
    name: str
    shape: Shape
    fans: Fans
    draw: Callable[[int], Any]
    ours: str
    blocks: tuple[str, ...] = ()
    bias: Callable[[int], Any] | None = None


@dataclass(frozen=True)
class Library:
    """A framework, and what is measured of it.

    Attributes
    ----------
    name, distribution : str
        As the book prints it; what is installed.
    initializers : callable
        Lists its initializers.
    codes : dict of str
        The code for each of `WISHES` that it has one for.
    execute : callable
        Takes a code, the kind of its layer and a seed; executes the code and returns what it
        filled, and the bias beside it or None.
    layers, models : callable
        List the parameters of its fresh layers, and layers that should differ.
    unlike : dict of str
        Our expression where it is not that of `WISHES`.
    fans : callable, optional
        Takes the shape of a kernel, returns the fans that the library reads off it.
    """

    name: str
    distribution: str
    initializers: Callable[[], Iterable[Subject]]
    codes: dict[str, str]
    execute: Callable[[str, str, int], tuple[Any, Any]]
    layers: Callable[[], Iterable[Subject]] = tuple
    models: Callable[[], Iterable[Subject]] = tuple
    unlike: dict[str, str] = field(default_factory=dict)
    fans: Callable[[Shape], Fans] | None = None

    def ours(self, wish: str) -> str:
        """Return the `initcourse` expression for a wish."""
        return self.unlike.get(wish, WISHES[wish].ours)

    def subjects(self) -> Iterator[Subject]:
        """List everything that is measured."""
        yield from self.initializers()
        yield from self.layers()
        yield from self.models()
        yield from self.recipes()

    def recipes(self) -> Iterator[Subject]:
        """List the recipes, each executed as it is printed."""
        for wish, code in self.codes.items():
            kind = KINDS[WISHES[wish].kind]
            filled, bias = (partial(self._part, code, WISHES[wish].kind, part) for part in (0, 1))
            name, ours = f"{wish}\n{code}", self.ours(wish)
            yield Subject(
                *(self.name, "recipe", name, kind.shape, kind.fans, filled, ours),
                blocks=kind.blocks,
                bias=bias,
            )

    def _part(self, code: str, kind: str, part: int, seed: int) -> Any:
        return self.execute(code, kind, seed)[part]
