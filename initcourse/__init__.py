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
from .exercises import progress
from .gaussian import (
    Moments,
    backward_gain,
    calculate_gain,
    correlation_map,
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

__all__ = [
    "ACTIVATIONS",
    "MLP",
    "TRUNCATED_STD",
    "Activation",
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
    "constant",
    "correlation_map",
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
