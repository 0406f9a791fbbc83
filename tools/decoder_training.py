"""Train a small decoder on the sonnets, with and without the residual scaling, each at its best.

`python -m tools.decoder_training` takes about fifteen minutes and writes what chapter 8 reads, to
`book/reference/decoder.json`. Rates are tuned on seeds that are not trained with afterwards; at two
and at four times its best rate each is trained from the other seeds as well.
"""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from initcourse import decoder

RECORD = Path(__file__).parents[1] / "book" / "reference" / "decoder.json"
BLOCKS, WIDTH, CONTEXT, HEADS, STEPS = 8, 32, 32, 4, 160
STD = 0.02 * (768 / WIDTH) ** 0.5  # dσ² is that of GPT-2
RATES = [float(2.0**k) for k in range(-11, -4)]
TUNING, SEEDS = (100, 101), tuple(range(10))
FASTER = (2, 4)


def curve(residual: bool, rate: float, seed: int, steps: int = STEPS) -> NDArray[np.float64]:
    """Draw a decoder from a seed and train it: the loss at each step."""
    text, alphabet = decoder.load_sonnets()
    net = decoder.draw(len(alphabet), CONTEXT, WIDTH, BLOCKS, std=STD, residual=residual, rng=seed)
    return decoder.train(net, text, HEADS, learning_rate=rate, steps=steps, rng=seed)


def last(residual: bool, rate: float, seed: int) -> float:
    """Train and return the mean loss over the last 16 steps."""
    return float(curve(residual, rate, seed)[-16:].mean())


def measure() -> dict[str, Any]:
    """Find the best rate of both, then train both from the same seeds."""
    found: dict[str, Any] = {}
    for name, residual in (("scaled", True), ("unscaled", False)):
        tried = {
            rate: float(np.mean([last(residual, rate, seed) for seed in TUNING])) for rate in RATES
        }
        best = min(tried, key=lambda rate: tried[rate])
        if best in (RATES[0], RATES[-1]):
            raise ValueError(f"the best rate must lie inside the grid, got {best} of {RATES}")
        curves = [curve(residual, best, seed).round(6).tolist() for seed in SEEDS]
        found[name] = {
            "rates": RATES,
            "losses": [round(loss, 6) for loss in tried.values()],
            "best": best,
            "curves": curves,
            "faster": {
                times: [round(last(residual, times * best, seed), 6) for seed in SEEDS]
                for times in FASTER
            },
        }
    return found


def main() -> None:
    """Write the record."""
    sizes = {"blocks": BLOCKS, "width": WIDTH, "context": CONTEXT, "heads": HEADS, "std": STD}
    record = {"date": datetime.date.today().isoformat(), **sizes, **measure()}
    RECORD.write_text(json.dumps(record) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
