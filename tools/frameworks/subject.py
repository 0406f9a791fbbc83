"""What is measured: initializers, fresh layers and recipes, and which library offers them.

Every subject says how many products its sums have, counted and not read off a shape, and which
call of `initcourse` draws the same distribution, if one does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

Shape = tuple[int, ...]
Fans = tuple[int, int]

DENSE: Shape = (300, 200)
CONV: Shape = (3, 3, 32, 48)
NONE: Fans = (0, 0)
PRESETS = [f"{who}_{how}" for who in ("glorot", "he", "lecun") for how in ("uniform", "normal")]
DISTRIBUTIONS = ("truncated_normal", "normal", "uniform")


def scaling(scale: str, mode: str, distribution: str) -> str:
    """Return the `initcourse` expression for a row of variance scaling."""
    return f'ic.variance_scaling(shape, {scale}, "{mode}", "{distribution}", rng=rng)'


def preset(name: str) -> str:
    """Return the `initcourse` expression for a preset."""
    return f"ic.{name}(shape, rng=rng)"


ZERO, ONE = "ic.zeros(shape)", "ic.constant(shape, 1.0)"
ORTHOGONAL = "ic.orthogonal(shape, rng=rng)"

WISHES = {
    "He, for ReLU": preset("he_normal"),
    "Xavier, for tanh": preset("glorot_uniform"),
    "LeCun, for SELU": preset("lecun_normal"),
    "orthogonal": ORTHOGONAL,
    "GPT-2's residual projection, 12 blocks": "ic.normal(shape, 0.02 / 24**0.5, rng=rng)",
}
"""What the recipes are for, a dense layer of 300 inputs and 200 outputs, and our expression."""


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
    fans: Fans
    draw: Callable[[int], Any]
    ours: str


@dataclass(frozen=True)
class Library:
    """A framework, and what is measured of it.

    Attributes
    ----------
    name : str
        As the book prints it.
    initializers : callable
        Lists its initializers.
    codes : dict of str
        The code for each of `WISHES`.
    kernel : callable
        Takes a code and a seed, executes the code and reads the kernel.
    layers : callable
        Lists the parameters of its fresh layers.
    unlike : dict of str
        Our expression where it is not that of `WISHES`.
    fans : callable, optional
        Takes the shape of a kernel, returns the fans that the library reads off it.
    """

    name: str
    initializers: Callable[[], Iterable[Subject]]
    codes: dict[str, str]
    kernel: Callable[[str, int], Any]
    layers: Callable[[], Iterable[Subject]] = tuple
    unlike: dict[str, str] = field(default_factory=dict)
    fans: Callable[[Shape], Fans] | None = None

    def ours(self, wish: str) -> str:
        """Return the `initcourse` expression for a wish."""
        return self.unlike.get(wish, WISHES[wish])

    def subjects(self) -> Iterator[Subject]:
        """List everything that is measured."""
        yield from self.initializers()
        yield from self.layers()
        yield from self.recipes()

    def recipes(self) -> Iterator[Subject]:
        """List the recipes, each executed as it is printed."""
        for wish in WISHES:
            code = self.codes[wish]
            draw, name = partial(self.kernel, code), f"{wish}\n{code}"
            yield Subject(self.name, "recipe", name, DENSE, (300, 200), draw, self.ours(wish))
