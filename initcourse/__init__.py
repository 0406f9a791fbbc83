"""Companion package of the book *Weight Initialization, Executed*.

The book's chapters use it as ``import initcourse as ic``. Everything needed for drawing weights and
sending signals through a network stands here; `initcourse.testing`, `initcourse.training` and
`initcourse.plots` are imported by name.
"""

from .activations import (
    ACTIVATIONS,
    Activation,
    activation,
    leaky_relu,
)
from .choose import Choice, choose
from .claims import claim
from .gaussian import (
    Moments,
    backward_gain,
    calculate_gain,
    correlation_map,
    elasticity,
    forward_gain,
    gaussian_mean,
    moments,
    relu_correlation,
)
from .initializers import (
    TRUNCATED_STD,
    constant,
    fans,
    glorot_normal,
    glorot_uniform,
    he_normal,
    he_uniform,
    lecun_normal,
    lecun_uniform,
    normal,
    orthogonal,
    truncated_normal,
    uniform,
    variance_scaling,
    zeros,
)
from .network import (
    MLP,
    Gradients,
    Signals,
    backward,
    forward,
    measure,
    mlp,
)
from .signals import Measurement, Record, second_moment
from .theory import Prediction, predict

__version__ = "0.1.0"


def progress() -> None:
    """Print every exercise of the course, and what its check last found in this kernel.

    The chapters stand in their order where their notebooks can be seen: in the current folder, as
    for a notebook's kernel, in the folder above, or in ``book``. For notebooks on disk run
    ``python -m initcourse progress`` in the folder of the book.

    Examples
    --------
    >>> progress()  # doctest: +ELLIPSIS
    chapter              exercise             level      state
    ...
    ... are correct.
    """
    from pathlib import Path

    from .exercises import EXERCISES, outcomes  # here, for it takes time and few ask
    from .exercises._progress import in_order, table

    course = in_order(EXERCISES.values(), [Path(), Path(".."), Path("book")])
    print(table(course, outcomes()))


__all__ = [
    "ACTIVATIONS",
    "MLP",
    "TRUNCATED_STD",
    "Activation",
    "Choice",
    "Gradients",
    "Measurement",
    "Moments",
    "Prediction",
    "Record",
    "Signals",
    "activation",
    "backward",
    "backward_gain",
    "calculate_gain",
    "choose",
    "claim",
    "constant",
    "correlation_map",
    "elasticity",
    "fans",
    "forward",
    "forward_gain",
    "gaussian_mean",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "leaky_relu",
    "lecun_normal",
    "lecun_uniform",
    "measure",
    "mlp",
    "moments",
    "normal",
    "orthogonal",
    "predict",
    "progress",
    "relu_correlation",
    "second_moment",
    "truncated_normal",
    "uniform",
    "variance_scaling",
    "zeros",
]
