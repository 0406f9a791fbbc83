"""Execute the code that `initcourse.choose` answers: compare what it draws, biases among it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

import initcourse as ic
from initcourse import testing
from initcourse.choose import FIELDS
from tools.frameworks.subject import CONV, DENSE, TABLE, Library

SEEDS = 4
SIZES = {"convolution": CONV, "embedding": TABLE}  # and DENSE
LAYERS = {  # PyTorch's lines fill a layer that is there
    "dense": "layer = torch.nn.Linear(300, 200)\n",
    "convolution": "layer = torch.nn.Conv2d(32, 48, 3)\n",
    "embedding": "layer = torch.nn.Embedding(1000, 64)\n",
}


def cases() -> Iterator[dict[str, Any]]:
    """Yield settings that together have every rule in every line."""
    choices = {field.key: field.choices or {} for field in FIELDS}
    for layer in choices["layer"]:
        inputs, outputs = SIZES.get(layer, DENSE)[-2:]
        sizes = {"layer": layer, "inputs": inputs, "outputs": outputs}
        if layer not in ("dense", "convolution"):
            yield sizes
            if layer == "residual":
                yield sizes | {"branches": 24}
                yield sizes | {"normalization": "layer"}
            continue
        for activation in choices["activation"]:
            slope = {"slope": 0.2} if activation == "leaky_relu" else {}
            for stride in (1, 2) if layer == "convolution" else (1,):
                yield sizes | slope | {"activation": activation, "stride": stride}


def unlike_chosen(libraries: Iterable[Library]) -> list[str]:
    """List where code draws another standard deviation than its answer's, or biases but 0."""
    found = []
    for library in libraries:
        for settings in cases():
            choice = ic.choose(**settings)
            line = getattr(choice, library.name.lower(), None)
            if line is None:  # a library without lines
                continue
            kind = settings["layer"] if settings["layer"] in SIZES else "dense"
            code = LAYERS[kind] + line if library.name == "PyTorch" else line
            drawn = [library.execute(code, kind, seed) for seed in range(SEEDS)]
            w = np.stack([weights for weights, _ in drawn])
            try:
                if choice.std:
                    testing.assert_variance(w.astype(np.float64).ravel(), choice.std**2)
                else:
                    testing.assert_equal(w, 0)
                for bias in (bias for _, bias in drawn if bias is not None):
                    testing.assert_equal(bias, 0)
            except AssertionError as error:
                found.append(f"{library.name}, {settings}: {line}\n{error}")
    return found
