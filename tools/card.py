"""Draw the card that a link to the book shows: one digit through fifty layers, 1200 × 630 pixels.

python -m tools.card
"""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure

import initcourse as ic
from initcourse import plots, training
from tools import toc

CARD = toc.ROOT / "book/_static/card.png"
LAYERS = (1, 2, 5, 10, 20, 50)
GROUND, INK = "#fbfaf6", "#12263a"


def draw() -> Figure:
    """Return the card."""
    width, depth, rng = 256, 50, np.random.default_rng(2026)
    images = training.load_digits("images").x_train
    digit = images[[np.argmin(np.abs(np.mean(images**2, axis=1) - 1))]]
    stds = {"too small": 0.02, "xavier": width**-0.5, "he": (2 / width) ** 0.5, "too large": 0.2}
    figure = Figure(figsize=(12, 6.3), facecolor=GROUND)
    grid = figure.subplots(len(stds), 1 + len(LAYERS), gridspec_kw={"wspace": 0.06, "hspace": 0.1})
    figure.subplots_adjust(left=0.47, right=0.975, top=0.9, bottom=0.06)
    for row, (name, std) in zip(grid, stds.items(), strict=True):
        rule = partial(ic.normal, std=std)
        form: dict[str, Any] = {"activation": "relu", "output_activation": "relu", "rng": rng}
        h = ic.forward(ic.mlp([64] + [width] * depth, rule, **form), digit).activations
        for axes, layer in zip(row, (0, *LAYERS), strict=True):
            side = round(h[layer].size ** 0.5)
            axes.imshow(
                h[layer].reshape(side, side), cmap="gray", vmin=0, vmax=3, interpolation="nearest"
            )
            axes.set(xticks=[], yticks=[])
            for spine in axes.spines.values():
                spine.set(color=plots.COLORS[name], linewidth=2.5)
    title: dict[str, Any] = {"family": "serif", "fontsize": 44, "fontweight": "bold"}
    said: dict[str, Any] = {"family": "serif", "color": INK}
    figure.text(0.04, 0.72, "Weight\nInitialization,", color=INK, **title)
    figure.text(0.04, 0.6, "Executed", color="#00624a", style="italic", **title)
    figure.text(0.04, 0.32, "One digit, fifty layers,\nfour ways to start.", fontsize=26, **said)
    figure.text(0.04, 0.1, "Every claim is checked\nwhen the book is built.", fontsize=20, **said)
    return figure


def main() -> int:
    """Write the card into the book."""
    draw().savefig(CARD, dpi=100)
    print(f"wrote {CARD.relative_to(toc.ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
