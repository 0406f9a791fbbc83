"""Time the samplers and a deep network against NumPy, PyTorch, JAX, Keras and SciPy.

Run as ``make bench``. All of it happens in one process, the rivals taking turns, so that the
ratios hold on a machine whose speed drifts; and on one thread, which is all that NumPy's samplers
use. A ratio is the median of the ratios round by round; the spread is their interquartile range.
The result is printed and written for the status page.
"""

from __future__ import annotations

import json
import os

os.environ.setdefault("KERAS_BACKEND", "jax")
# read when NumPy, PyTorch and JAX are imported
os.environ |= {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM")}
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
if hasattr(os, "sched_setaffinity"):  # and whatever starts more threads shares one core
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import platform
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
import torch
from scipy import stats
from tqdm import tqdm

import initcourse as ic
from tools import toc

FILE = toc.ROOT / "book" / "reference" / "bench.json"
SHAPE = (4096, 4096)
ROUNDS = 9
SIZES = [10**4, 10**5, 10**6, 10**7, 10**8]
STD = 0.02
WIDTH, DEPTH, SAMPLES = 512, 50, 256

Job = Callable[[int], Any]
RNG = np.random.default_rng(2026)


# --- samplers: each takes a seed and draws an array of SHAPE ------------------------------------


def jitted(draw: Callable[[Any], Any]) -> Job:
    """Compile a draw of JAX, and wait for its result."""
    compiled = jax.jit(draw)
    return lambda seed: compiled(jax.random.PRNGKey(seed)).block_until_ready()


def in_place(fill: Callable[[Any], Any]) -> Job:
    """Let PyTorch fill a new tensor."""
    return lambda seed: fill(torch.empty(SHAPE))


RAW_NORMAL: Job = lambda seed: RNG.standard_normal(SHAPE, dtype=np.float32)  # noqa: E731
RAW_UNIFORM: Job = lambda seed: RNG.random(SHAPE, dtype=np.float32)  # noqa: E731
LIMITS = {"minval": -STD, "maxval": STD}

SAMPLERS: dict[str, dict[str, Job]] = {
    "truncated normal": {
        "NumPy, raw normal": RAW_NORMAL,
        "initcourse": lambda seed: ic.truncated_normal(SHAPE, STD, rng=RNG),
        "PyTorch": in_place(lambda w: torch.nn.init.trunc_normal_(w, 0, STD, -2 * STD, 2 * STD)),
        "JAX": jitted(lambda key: STD * jax.random.truncated_normal(key, -2, 2, SHAPE)),
        "Keras": lambda seed: keras.initializers.TruncatedNormal(0, STD, seed)(
            SHAPE
        ).block_until_ready(),
        "SciPy": lambda seed: stats.truncnorm.rvs(-2, 2, scale=STD, size=SHAPE, random_state=RNG),
    },
    "normal": {
        "NumPy, raw normal": RAW_NORMAL,
        "initcourse": lambda seed: ic.normal(SHAPE, STD, rng=RNG),
        "PyTorch": in_place(lambda w: torch.nn.init.normal_(w, 0, STD)),
        "JAX": jitted(lambda key: STD * jax.random.normal(key, SHAPE)),
        "Keras": lambda seed: keras.initializers.RandomNormal(0, STD, seed)(
            SHAPE
        ).block_until_ready(),
    },
    "uniform": {
        "NumPy, raw uniform": RAW_UNIFORM,
        "initcourse": lambda seed: ic.uniform(SHAPE, STD, rng=RNG),
        "PyTorch": in_place(lambda w: torch.nn.init.uniform_(w, -STD, STD)),
        "JAX": jitted(lambda key: jax.random.uniform(key, SHAPE, **LIMITS)),
        "Keras": lambda seed: keras.initializers.RandomUniform(-STD, STD, seed)(
            SHAPE
        ).block_until_ready(),
    },
    "presets, normal": {
        "NumPy, raw normal": RAW_NORMAL,
        "he_normal": lambda seed: ic.he_normal(SHAPE, rng=RNG),
        "glorot_normal": lambda seed: ic.glorot_normal(SHAPE, rng=RNG),
        "lecun_normal": lambda seed: ic.lecun_normal(SHAPE, rng=RNG),
    },
    "presets, uniform": {
        "NumPy, raw uniform": RAW_UNIFORM,
        "he_uniform": lambda seed: ic.he_uniform(SHAPE, rng=RNG),
        "glorot_uniform": lambda seed: ic.glorot_uniform(SHAPE, rng=RNG),
        "lecun_uniform": lambda seed: ic.lecun_uniform(SHAPE, rng=RNG),
    },
}


# --- a deep network -----------------------------------------------------------------------------


def networks(depth: int) -> tuple[dict[str, Job], dict[str, Job]]:
    """Return the forward passes of one ReLU network, and forward with backward."""
    net = ic.mlp(
        [WIDTH] * (depth + 1), ic.he_normal, activation="relu", output_activation="relu", rng=0
    )
    x = RNG.standard_normal((SAMPLES, WIDTH), dtype=np.float32)
    weights = net.weights
    tensors = [torch.from_numpy(w).requires_grad_() for w in weights]
    constants = [jnp.asarray(w) for w in weights]

    def products(seed: int) -> Any:
        h: Any = x
        for w in weights:
            h = h @ w
        return h

    def products_both_ways(seed: int) -> Any:
        """Forward, and backward two products a layer."""
        h = g = products(seed)
        for w in weights:
            gradient = h.T @ g
            g = g @ w.T
        return gradient

    def torch_forward(seed: int) -> Any:
        h = torch.from_numpy(x)
        for w in tensors:
            h = torch.relu(h @ w)
        return h

    def torch_both(seed: int) -> Any:
        torch_forward(seed).sum().backward()

    def jax_network(parameters: Any) -> Any:
        h = jnp.asarray(x)
        for w in parameters:
            h = jax.nn.relu(h @ w)
        return h

    forward = jax.jit(jax_network)
    gradient = jax.jit(jax.grad(lambda parameters: jax_network(parameters).sum()))
    ones = np.ones((SAMPLES, WIDTH), np.float32)
    return (
        {
            "NumPy, bare products": products,
            "initcourse": lambda seed: ic.forward(net, x),
            "PyTorch": torch_forward,
            "JAX": lambda seed: forward(constants).block_until_ready(),
        },
        {
            "NumPy, bare products": products_both_ways,
            "initcourse": lambda seed: ic.backward(net, ic.forward(net, x), ones),
            "PyTorch": torch_both,
            "JAX": lambda seed: jax.block_until_ready(gradient(constants)),
        },
    )


# --- measuring ------------------------------------------------------------------------------------


def seconds(job: Job, seed: int) -> float:
    """Time one run."""
    start = time.perf_counter()
    job(seed)
    return time.perf_counter() - start


def compare(title: str, jobs: dict[str, Job], rounds: int = ROUNDS) -> list[dict[str, Any]]:
    """Time jobs in turns; the first one is what the others are compared with."""
    for job in jobs.values():
        job(0)  # compile, warm up
    times = np.array(
        [
            [seconds(job, seed) for job in jobs.values()]
            for seed in tqdm(range(rounds), desc=title, unit="round")
        ]
    )
    rows = []
    for name, column in zip(jobs, times.T, strict=True):
        low, middle, high = np.quantile(column / times[:, 0], (0.25, 0.5, 0.75))
        rows.append(
            {
                "what": title,
                "who": name,
                "seconds": round(float(np.median(column)), 6),
                "ratio": round(float(middle), 3),
                "spread": [round(float(low), 3), round(float(high), 3)],
            }
        )
    return rows


def peak_memory() -> dict[str, float]:
    """Measure the peak of allocated memory during a draw, in sizes of its result."""
    found = {}
    for name in ("truncated normal", "normal", "uniform"):
        tracemalloc.start()
        size = SAMPLERS[name]["initcourse"](0).nbytes
        found[name] = round(tracemalloc.get_traced_memory()[1] / size, 3)
        tracemalloc.stop()
    return found


def draws(size: int) -> dict[str, Job]:
    """Return a raw draw of a size, and a truncated one."""
    return {
        "NumPy, raw normal": lambda seed: RNG.standard_normal(size, dtype=np.float32),
        "initcourse": lambda seed: ic.truncated_normal((size,), STD, rng=RNG),
    }


def growth() -> list[dict[str, Any]]:
    """Time truncated normal draws of growing size, and networks of growing depth."""
    rows = []
    for size in SIZES:
        rounds = 3 if size > 10**7 else ROUNDS
        rows += compare(f"truncated normal, {size:.0e} draws", draws(size), rounds)
    for depth in (5, 20, 50, 100):
        forward, _ = networks(depth)
        rows += compare(f"forward, {depth} layers", dict(list(forward.items())[:2]))
    return rows


def main() -> None:
    """Measure, print, and write the file that the status page reads."""
    torch.set_num_threads(1)
    rows = [row for title, jobs in SAMPLERS.items() for row in compare(title, jobs)]
    forward, both = networks(DEPTH)
    rows += compare(f"forward, {DEPTH} layers of {WIDTH}", forward)
    rows += compare(f"forward and backward, {DEPTH} layers of {WIDTH}", both)
    rows += growth()
    memory = peak_memory()
    print("| what | who | seconds | times the first | spread |\n|---|---|---:|---:|---|")
    for row in rows:
        low, high = row["spread"]
        print(
            f"| {row['what']} | {row['who']} | {row['seconds']:.5f} | {row['ratio']:.2f} "
            f"| {low:.2f} to {high:.2f} |"
        )
    print(f"peak memory, in sizes of the result: {memory}")
    result = {
        "cores": os.cpu_count(),
        "threads": "All of them ran on one thread.",
        "system": platform.system(),
        "shape": list(SHAPE),
        "rows": rows,
        "peak_memory": memory,
    }
    FILE.write_text(f"{json.dumps(result, indent=1)}\n", "utf-8")


if __name__ == "__main__":
    main()
