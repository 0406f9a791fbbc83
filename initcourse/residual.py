"""A residual network: a stream, to which every block adds what its branch makes of it.

h_0 = x;  h_l = h_{l-1} + α_l g_l(h_{l-1}) for l = 1 … L, rows being samples. A branch is a product
of m square matrices with an activation between them, g(h) = f(… f(h W_1) …) W_m: nothing follows
the last matrix. A head W may read the stream at the end. There are no biases.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from . import _arguments
from ._arguments import FloatArray, Rng
from .activations import Activation, named
from .gaussian import moments
from .initializers import lecun_normal, normal
from .signals import Measurement, Record


@dataclass(frozen=True)
class Start:
    """How the branches of a residual network begin.

    Attributes
    ----------
    inner : float
        n Var[W] of every matrix of a branch but the last, not negative: 2 is He's rule.
    last : float
        n Var[W] of the last matrix of a branch, not negative.
    alpha : float
        The number in front of every branch.
    learned : bool
        Whether these numbers are trained, one for each block.
    """

    inner: float = 2.0
    last: float = 1.0
    alpha: float = 1.0
    learned: bool = False

    def __post_init__(self) -> None:
        """Refuse sizes that no weights have."""
        for name in ("inner", "last"):
            _arguments.number(name, getattr(self, name), "not negative")
        _arguments.number("alpha", self.alpha)
        _arguments.instance("learned", self.learned, bool)


STARTS: dict[str, Callable[[int, int], Start]] = {
    "he": lambda blocks, matrices: Start(last=2.0),
    "lecun": lambda blocks, matrices: Start(),
    "root": lambda blocks, matrices: Start(last=1 / blocks),
    "inverse": lambda blocks, matrices: Start(last=1 / blocks**2),
    "zero": lambda blocks, matrices: Start(last=0.0),
    "fixup": lambda blocks, matrices: Start(
        inner=2.0 * blocks ** (2 * fixup_exponent(matrices)), last=0.0
    ),
    "rezero": lambda blocks, matrices: Start(alpha=0.0, learned=True),
}
"""The starts by name, for L blocks of m matrices.

He's rule in every matrix ("he"); LeCun's in the last one ("lecun"), divided by √L ("root") or by L
("inverse"), or zeros there ("zero"); Fixup; and ReZero, which is SkipInit with α = 0.
"""


def start(name: str, blocks: int, matrices: int = 2) -> Start:
    """Look up how the branches begin.

    Parameters
    ----------
    name : str
        A key of `STARTS`.
    blocks : int
        Number of blocks L, at least 1.
    matrices : int, optional
        Number of matrices m in a branch, at least 2.

    Returns
    -------
    Start

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    References
    ----------
    Fixup: Zhang, Dauphin & Ma (2019). ReZero: Bachlechner et al. (2021). SkipInit: De & Smith
    (2020). "root" has the factor of GPT-2 (Radford et al. 2019), where L counts the additions.

    Examples
    --------
    >>> start("root", 16)
    Start(inner=2.0, last=0.0625, alpha=1.0, learned=False)
    """
    _arguments.one_of("name", name, tuple(STARTS))
    return STARTS[name](
        _arguments.integer("blocks", blocks, 1), _arguments.integer("matrices", matrices, 2)
    )


def fixup_exponent(matrices: int) -> float:
    """Return the power of L by which Fixup multiplies all matrices of a branch but the last.

    -1/(2m - 2): then the first step of gradient descent on the last matrices changes the loss as
    much at every depth, on average and to first order (Zhang, Dauphin & Ma 2019).

    Parameters
    ----------
    matrices : int
        Number of matrices m in a branch, at least 2.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If there are fewer than two matrices: then there is nothing to multiply.

    Examples
    --------
    >>> fixup_exponent(2), fixup_exponent(3)
    (-0.5, -0.25)
    """
    return -1 / (2 * _arguments.integer("matrices", matrices, 2) - 2)


def growth(begin: Start, *, matrices: int = 2, activation: str | Activation = "relu") -> float:
    """Compute what a block multiplies the mean square of the stream by, on average.

    1 + α²β, where β is the second moment of a branch's output for an input of mean square 1:
    β = last (inner E f(Z)²)^(m-1) for an activation that is linear on either side of 0. The stream
    grows by (1 + α²β)^L. For ReLU that holds at any width, and the mean square of the gradient is
    multiplied by the same number on its way back. A curved activation has another one there.

    Parameters
    ----------
    begin : Start
        How the branches begin.
    matrices : int, optional
        Number of matrices m in a branch, at least 2.
    activation : str or Activation, optional
        The activation f. Where it is curved, the result is that of wide layers at mean square 1,
        on the way up.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> print(*(f"{growth(start(name, 8)):.4g}" for name in ("he", "lecun", "root")))
    3 2 1.125
    """
    _arguments.instance("begin", begin, Start)
    matrices = _arguments.integer("matrices", matrices, 2)
    f = named("activation", activation)
    signal = 1.0
    for _ in range(matrices - 1):
        signal = moments(f, std=float(np.sqrt(begin.inner * signal))).second_moment
    return 1 + begin.alpha**2 * begin.last * signal


@dataclass(frozen=True)
class ResidualMLP:
    """A residual network of blocks without biases; `residual_mlp` draws one.

    Attributes
    ----------
    branches : list of list of ndarray, shapes (n, n)
        W_1 … W_m of each of the L blocks.
    alphas : ndarray of shape (L,)
        α_1 … α_L.
    head : ndarray of shape (n, outputs), or None
        The matrix that reads the stream at the end; without one the stream is the output.
    activation : Activation
        f.
    learned : bool
        Whether the α are trained.
    """

    branches: list[list[FloatArray]]
    alphas: FloatArray
    head: FloatArray | None
    activation: Activation
    learned: bool = False

    @property
    def width(self) -> int:
        """Units n of the stream."""
        return len(self.branches[0][0])

    @property
    def outputs(self) -> int:
        """How many numbers come out for each sample."""
        return self.width if self.head is None else self.head.shape[1]

    @property
    def parameters(self) -> list[FloatArray]:
        """What is trained: the matrices, the head, and α where it is learned."""
        head = [] if self.head is None else [self.head]
        alphas = [self.alphas] if self.learned else []
        return [*(w for branch in self.branches for w in branch), *head, *alphas]


@dataclass(frozen=True)
class Stream:
    """What a forward pass leaves behind.

    Attributes
    ----------
    stream : list of ndarray, shapes (samples, n)
        h_0 = x, then h_1 … h_L.
    pre_activations : list of list of ndarray, shapes (samples, n)
        For each block z_1 … z_m: the products with W_1 … W_m, the last of them g(h).
    output : ndarray of shape (samples, outputs)
        What the head makes of h_L, or h_L.
    """

    stream: list[FloatArray]
    pre_activations: list[list[FloatArray]]
    output: FloatArray


@dataclass(frozen=True)
class StreamGradients:
    """What a backward pass leaves behind.

    Attributes
    ----------
    stream : list of ndarray, shapes (samples, n)
        ∂loss/∂h_0 … ∂loss/∂h_L.
    branches : list of list of ndarray, shapes (n, n)
        ∂loss/∂W_1 … ∂loss/∂W_m of each block.
    alphas : ndarray of shape (L,)
        ∂loss/∂α_1 … ∂loss/∂α_L.
    parameters : list of ndarray
        The gradients of `ResidualMLP.parameters`, in their order.
    """

    stream: list[FloatArray]
    branches: list[list[FloatArray]]
    alphas: FloatArray
    parameters: list[FloatArray]


def residual_mlp(
    blocks: int,
    width: int,
    begin: Start,
    *,
    matrices: int = 2,
    outputs: int | None = None,
    activation: str | Activation = "relu",
    rng: Rng = None,
    dtype: DTypeLike = np.float32,
) -> ResidualMLP:
    """Draw a residual network; all weights are normal.

    Parameters
    ----------
    blocks, width : int
        Number of blocks L and units n of the stream, which are the inputs too; at least 1.
    begin : Start
        How the branches begin: `start` knows some.
    matrices : int, optional
        Number of matrices m in a branch, at least 2.
    outputs : int, optional
        Outputs of a head that is drawn by LeCun's rule; None for a network without a head.
    activation : str or Activation, optional
        The activation between the matrices of a branch.
    rng : None, int, SeedSequence or Generator, optional
        Source of randomness (SPEC 7), used block by block, the head last.
    dtype : {float16, float32, float64}, optional
        Dtype of the parameters.

    Returns
    -------
    ResidualMLP

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> net = residual_mlp(8, 64, start("fixup", 8), outputs=10, rng=0)
    >>> len(net.branches), [w.shape for w in net.branches[0]], net.head.shape
    (8, [(64, 64), (64, 64)], (64, 10))
    """
    blocks = _arguments.integer("blocks", blocks, 1)
    n = _arguments.integer("width", width, 1)
    _arguments.instance("begin", begin, Start)
    matrices = _arguments.integer("matrices", matrices, 2)
    outputs = None if outputs is None else _arguments.integer("outputs", outputs, 1)
    f = named("activation", activation)
    generator, float_dtype = _arguments.generator(rng), _arguments.float_dtype(dtype)
    scales = [begin.inner] * (matrices - 1) + [begin.last]
    draw = partial(normal, (n, n), rng=generator, dtype=float_dtype)
    return ResidualMLP(
        [[draw(float(np.sqrt(scale / n))) for scale in scales] for _ in range(blocks)],
        np.full(blocks, begin.alpha, float_dtype),
        None if outputs is None else lecun_normal((n, outputs), rng=generator, dtype=float_dtype),
        f,
        begin.learned,
    )


def forward(net: ResidualMLP, x: ArrayLike) -> Stream:
    """Compute the stream behind every block.

    Parameters
    ----------
    net : ResidualMLP
        The network.
    x : array_like of shape (samples, n)
        Finite inputs; cast to the dtype of the weights.

    Returns
    -------
    Stream

    Raises
    ------
    TypeError, ValueError
        If the inputs are not finite or do not fit the network.

    Examples
    --------
    >>> net = residual_mlp(4, 3, start("zero", 4), rng=0)
    >>> forward(net, [[1.0, 2.0, 3.0]]).output
    array([[1., 2., 3.]], dtype=float32)
    """
    _arguments.instance("net", net, ResidualMLP)
    inputs = _arguments.finite_array("x", x, axes=2)
    if inputs.shape[1] != net.width:
        raise ValueError(
            f"x must have shape (samples, {net.width}) to fit the network, got {inputs.shape}"
        )
    h: FloatArray = _arguments.cast("x", inputs, net.alphas.dtype)
    stream = [h]
    pre_activations: list[list[FloatArray]] = []
    for branch, alpha in zip(net.branches, net.alphas, strict=True):
        z: list[FloatArray] = [h @ branch[0]]
        for w in branch[1:]:
            z.append(net.activation(z[-1]) @ w)
        h = h + alpha * z[-1]
        stream.append(h)
        pre_activations.append(z)
    return Stream(stream, pre_activations, h if net.head is None else h @ net.head)


def backward(net: ResidualMLP, signals: Stream, output_gradient: ArrayLike) -> StreamGradients:
    """Compute the gradients of a loss with respect to every parameter and to the stream.

    Parameters
    ----------
    net : ResidualMLP
        The network.
    signals : Stream
        What `forward` returned for the same network.
    output_gradient : array_like of shape (samples, outputs)
        ∂loss/∂output, finite.

    Returns
    -------
    StreamGradients

    Raises
    ------
    TypeError, ValueError
        If `output_gradient` is not finite or does not have the shape of the output.

    Notes
    -----
    The stream hands its gradient down as it is, and every branch adds to it what it makes of it:
    ∂loss/∂h_{l-1} = ∂loss/∂h_l + α_l (∂g_l/∂h_{l-1})ᵀ ∂loss/∂h_l.

    Examples
    --------
    >>> net = residual_mlp(4, 3, start("zero", 4), rng=0)
    >>> signals = forward(net, np.ones((1, 3)))
    >>> backward(net, signals, [[1.0, 2.0, 3.0]]).stream[0]
    array([[1., 2., 3.]], dtype=float32)
    """
    _arguments.instance("net", net, ResidualMLP)
    _arguments.instance("signals", signals, Stream)
    if len(signals.pre_activations) != len(net.branches) or signals.stream[0].shape[1] != net.width:
        raise ValueError(
            f"signals must be of {len(net.branches)} blocks of width {net.width}, as the network, "
            f"got {len(signals.pre_activations)} of width {signals.stream[0].shape[1]}"
        )
    gradient = _arguments.finite_array("output_gradient", output_gradient, axes=2)
    if gradient.shape != signals.output.shape:
        raise ValueError(
            f"output_gradient must have the shape of the output, {signals.output.shape}, "
            f"got {gradient.shape}"
        )
    gradient = _arguments.cast("output_gradient", gradient, signals.output.dtype)
    head = [] if net.head is None else [signals.stream[-1].T @ gradient]
    down = gradient if net.head is None else gradient @ net.head.T
    stream, branches, alphas = [down], [], []
    passes = zip(net.branches, net.alphas, signals.pre_activations, signals.stream, strict=False)
    for branch, alpha, z, h in reversed(list(passes)):
        alphas.append(np.vdot(down, z[-1]))
        delta = alpha * down  # at the end of the branch
        changes = []
        for w, below in zip(branch[:0:-1], z[-2::-1], strict=True):
            changes.append(net.activation(below).T @ delta)
            delta = (delta @ w.T) * net.activation.derivative(below)
        branches.append([h.T @ delta, *changes[::-1]])
        down = down + delta @ branch[0].T
        stream.append(down)
    branches.reverse()
    of_alphas = np.array(alphas[::-1], net.alphas.dtype)
    learned = [of_alphas] if net.learned else []
    matrices = [change for changes in branches for change in changes]
    return StreamGradients(stream[::-1], branches, of_alphas, [*matrices, *head, *learned])


def measure(
    blocks: int,
    begin: Start,
    x: ArrayLike,
    *,
    matrices: int = 2,
    activation: str | Activation = "relu",
    networks: int = 20,
    rng: Rng = None,
    dtype: DTypeLike = np.float32,
) -> Measurement:
    """Draw several networks without a head and measure the first stream of each, both ways.

    The gradient that enters at the end, ∂loss/∂h_L, is drawn from N(0, 1), independently of
    everything else. The columns of the result are h_0 = x, h_1 … h_L and the gradients with respect
    to them.

    Parameters
    ----------
    blocks, begin, matrices, activation, dtype
        As for `residual_mlp`.
    x : array_like of shape (samples, n)
        Finite inputs; their number n is the width of the stream.
    networks : int, optional
        Number of independent networks, at least 1.
    rng : None, int, SeedSequence or Generator, optional
        Source of randomness (SPEC 7).

    Returns
    -------
    Measurement

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> x = np.random.default_rng(0).standard_normal((20, 50))
    >>> measure(6, start("root", 6), x, networks=3, rng=0).forward.shape
    (3, 7)
    """
    inputs = _arguments.finite_array("x", x, axes=2)
    networks = _arguments.integer("networks", networks, 1)
    generator = _arguments.generator(rng)
    form: dict[str, Any] = {"matrices": matrices, "activation": activation, "dtype": dtype}

    def first_signals() -> Record:
        net = residual_mlp(blocks, inputs.shape[1], begin, rng=generator, **form)
        signals = forward(net, inputs)
        gradients = backward(net, signals, generator.standard_normal(signals.output.shape))
        names = [str(number) for number in range(len(net.branches) + 1)]
        return Record(
            dict(zip(names, signals.stream, strict=True)),
            dict(zip(names, gradients.stream, strict=True)),
        )

    return Measurement.of(first_signals() for _ in range(networks))
