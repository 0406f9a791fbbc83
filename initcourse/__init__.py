"""Companion package of the book *Weight Initialization, Executed*.

The book's chapters use it as ``import initcourse as ic``. Everything needed for drawing weights and
sending signals through a network stands here; `initcourse.testing`, `initcourse.training` and
`initcourse.plots` are imported by name.
"""

from .activations import (
    ACTIVATIONS,
    Activation,
    Moments,
    activation,
    backward_gain,
    forward_gain,
    gaussian_mean,
    leaky_relu,
    moments,
)
from .exercises import progress
from .initializers import (
    TRUNCATED_STD,
    calculate_gain,
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
    Measurement,
    Signals,
    backward,
    forward,
    measure,
    mlp,
    second_moment,
)
from .theory import Prediction, predict, relu_correlation

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
    "Signals",
    "activation",
    "backward",
    "backward_gain",
    "calculate_gain",
    "constant",
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
