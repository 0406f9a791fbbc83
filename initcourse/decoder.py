"""A decoder like GPT-2, small enough to read, and the numbers that it shows before its first step.

h = E[tokens] + P;  then in each block h = h + attention(_norm(h)) and h = h + mlp(_norm(h));
logits = _norm(h) Eᵀ: the head is tied. Queries, keys and values are packed in one matrix, attention
looks back only, the activation is GELU, layer norm has no parameters, and there are no biases. The
forward pass is written with autograd's NumPy; `initcourse.gradients` brings the way back.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from typing import Any

import autograd.numpy as anp
import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _arguments
from ._arguments import FloatArray, Rng
from .gradients import Pass, Watch, differentiate
from .initializers import normal

Decoder = dict[str, Any]
"""The parameters: "tokens" (V, d), "positions" (T, d) and "blocks", a list of dicts with "qkv"
(d, 3d), "attention out" (d, d), "up" (d, 4d) and "down" (4d, d)."""

ROLES = ("qkv", "attention out", "up", "down")
"""The matrices of a block. The second and the last write to the stream."""

PARTS = ("queries", "keys", "values")
"""What is packed in qkv, in this order."""


def draw(
    vocabulary: int,
    context: int,
    width: int,
    blocks: int,
    *,
    std: float = 0.02,
    residual: bool = True,
    embedding: float | None = None,
    rng: Rng = None,
) -> Decoder:
    """Draw a decoder by GPT-2's rule: everything from N(0, σ²), what writes to the stream less.

    Parameters
    ----------
    vocabulary, context, width, blocks : int
        V tokens, T positions, d units of the stream, n blocks; at least 1.
    std : float, optional
        σ, positive: 0.02 in GPT-2.
    residual : bool, optional
        Whether the matrices that write to the stream get σ/√(2n), for there are 2n additions.
    embedding : float or None, optional
        The standard deviation of tokens and positions; None for σ.
    rng : None, int, SeedSequence or Generator, optional
        Source of randomness (SPEC 7).

    Returns
    -------
    dict
        A `Decoder`; float64.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    References
    ----------
    Radford et al. (2019), section 2.3, as the ports of GPT-2 read it. The code that was published
    (`openai/gpt-2`) draws positions with 0.01 and divides nothing.

    Examples
    --------
    >>> net = draw(50, 16, 24, 2, rng=0)
    >>> {name: w.shape for name, w in net["blocks"][0].items()}
    {'qkv': (24, 72), 'attention out': (24, 24), 'up': (24, 96), 'down': (96, 24)}
    """
    v, t = (
        _arguments.integer("vocabulary", vocabulary, 1),
        _arguments.integer("context", context, 1),
    )
    d, n = _arguments.integer("width", width, 1), _arguments.integer("blocks", blocks, 1)
    std = _arguments.squarable("std", std, "positive")
    _arguments.instance("residual", residual, bool)
    if embedding is not None:
        embedding = _arguments.squarable("embedding", embedding, "positive")
    generator = _arguments.generator(rng)

    def gaussian(rows: int, columns: int, size: float) -> FloatArray:
        return normal((rows, columns), size, rng=generator, dtype=np.float64)

    first, out = embedding or std, std / np.sqrt(2 * n) if residual else std
    return {
        "tokens": gaussian(v, d, first),
        "positions": gaussian(t, d, first),
        "blocks": [
            {
                "qkv": gaussian(d, 3 * d, std),
                "attention out": gaussian(d, d, out),
                "up": gaussian(d, 4 * d, std),
                "down": gaussian(4 * d, d, out),
            }
            for _ in range(n)
        ],
    }


def _norm(h: Any) -> Any:
    """Layer norm without parameters: each row gets mean 0 and mean square 1."""
    centered = h - anp.mean(h, axis=-1, keepdims=True)
    return centered / anp.sqrt(anp.mean(centered**2, axis=-1, keepdims=True) + 1e-12)


def _attend(x: Any, block: Decoder, heads: int, power: float, see: Callable[[Any], Any]) -> Any:
    """Let every position average the values of those up to itself; `see` gets the logits."""
    b, t, d = x.shape
    packed = anp.reshape(x @ block["qkv"], (b, t, 3, heads, d // heads))
    q, k, v = (anp.transpose(packed[:, :, i], (0, 2, 1, 3)) for i in range(3))
    logits = see(q @ anp.swapaxes(k, 2, 3) / (d // heads) ** power)
    weights = _softmax(logits + np.triu(np.full((t, t), -1e9), 1))
    mixed = anp.reshape(anp.transpose(weights @ v, (0, 2, 1, 3)), (b, t, d))
    return mixed @ block["attention out"]


def _softmax(logits: Any) -> Any:
    """Turn logits into weights that add up to 1 along the last axis."""
    powers = anp.exp(logits - anp.max(logits, axis=-1, keepdims=True))
    return powers / anp.sum(powers, axis=-1, keepdims=True)


def _cross_entropy(logits: Any, targets: NDArray[np.int64]) -> Any:
    """Average -ln _softmax(logits)[target] over all positions, in nats."""
    rows = anp.reshape(logits, (-1, logits.shape[-1]))
    top = anp.max(rows, axis=1, keepdims=True)
    total = anp.log(anp.sum(anp.exp(rows - top), axis=1)) + top[:, 0]
    return anp.mean(total - rows[np.arange(len(rows)), targets.ravel()])


def _gelu(z: Any) -> Any:
    """GELU by its formula with tanh, which GPT-2 uses (Hendrycks & Gimpel 2016)."""
    return 0.5 * z * (1 + anp.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)))


def _gelu_slope(z: Any) -> Any:
    """Differentiate GELU."""
    inner = np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))
    outer = np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * z**2)
    return 0.5 * (1 + inner) + 0.5 * z * (1 - inner**2) * outer


def _forward(
    net: Decoder, tokens: NDArray[np.int64], heads: int, power: float, watch: Watch
) -> Any:
    """Compute the logits of the next token at each position; `first_pass` says what is watched."""
    h = watch("stream 0", net["tokens"][tokens] + net["positions"][: tokens.shape[1]])
    for number, block in enumerate(net["blocks"], start=1):
        see = partial(watch, f"logits {number}")
        h = h + watch(f"attention {number}", _attend(_norm(h), block, heads, power, see))
        h = h + watch(f"mlp {number}", _gelu(_norm(h) @ block["up"]) @ block["down"])
        h = watch(f"stream {number}", h)
    return watch("output", _norm(h) @ net["tokens"].T)


def first_pass(net: Decoder, tokens: ArrayLike, heads: int, *, power: float = 0.5) -> Pass:
    """Send sequences through a decoder: the loss, its gradients, and every signal.

    Parameters
    ----------
    net : dict
        A `Decoder`.
    tokens : array_like of int, shape (sequences, positions + 1)
        Each token is read, but the last one; each is to be told, but the first one.
    heads : int
        Number of heads, a divisor of the width.
    power : float, optional
        The attention logits are q·k / (d/heads)^power.

    Returns
    -------
    Pass
        The record holds "stream 0"; for block 1, 2, … "logits 1", "attention 1" and "mlp 1", which
        are what these add, and "stream 1"; and "output", the logits of the head.

    Raises
    ------
    TypeError, ValueError
        If the tokens or the heads do not fit the decoder.

    Examples
    --------
    >>> net = draw(50, 16, 24, 2, rng=0)
    >>> found = first_pass(net, [[3, 1, 4, 1, 5]], heads=4)
    >>> print(f"{found.loss:.2f} {np.log(50):.2f}", found.gradients["tokens"].shape)
    3.82 3.91 (50, 24)
    """
    read = _tokens(_decoder(net), tokens)
    width = net["tokens"].shape[1]
    heads, power = _arguments.integer("heads", heads, 1), _arguments.number("power", power)
    if width % heads:
        raise ValueError(f"heads must divide the width {width}, got {heads}")

    def loss(parameters: Decoder, watch: Watch) -> Any:
        return _cross_entropy(_forward(parameters, read[:, :-1], heads, power, watch), read[:, 1:])

    return differentiate(loss, net)


def _decoder(net: Decoder) -> Decoder:
    _arguments.instance("net", net, dict)
    if set(net) != {"tokens", "positions", "blocks"}:
        raise ValueError(f"net must be a Decoder, as from draw, got the keys {sorted(net)}")
    return net


def _tokens(net: Decoder, tokens: ArrayLike) -> NDArray[np.int64]:
    context, vocabulary = len(net["positions"]), len(net["tokens"])
    array = np.asarray(tokens)
    wanted = f"sequences of 2 to {context + 1} integers from 0 to {vocabulary - 1}"
    if array.dtype.kind not in "iu" or array.ndim != 2:
        raise TypeError(f"tokens must be {wanted}, got {_arguments.shown(tokens)}")
    if not (array.size and 2 <= array.shape[1] <= context + 1):
        raise ValueError(f"tokens must be {wanted}, got shape {array.shape}")
    if array.min() < 0 or array.max() >= vocabulary:
        raise ValueError(f"tokens must be {wanted}, got {array.min()} to {array.max()}")
    return array.astype(np.int64)


@dataclass(frozen=True)
class Numbers:
    """What a decoder shows before its first step, in theory.

    Attributes
    ----------
    logit_std : float
        s = dσ², the standard deviation of the logits of attention in the first block.
    entropy : float
        ln T - s²/2: the entropy of attention in the first block at the last position, for s well
        below √(2 ln T).
    attention, mlp : ndarray of shape (n,)
        Mean square of what attention and MLP of each block add.
    stream : ndarray of shape (n + 1,)
        Mean square of the stream, before the first block and behind each.
    correlation : ndarray of shape (n + 1,)
        Mean cosine between the streams of two positions.
    """

    logit_std: float
    entropy: float
    attention: NDArray[np.float64]
    mlp: NDArray[np.float64]
    stream: NDArray[np.float64]
    correlation: NDArray[np.float64]


def predict(
    context: int,
    width: int,
    blocks: int,
    *,
    std: float = 0.02,
    residual: bool = True,
    embedding: float | None = None,
) -> Numbers:
    """Compute what a wide decoder shows before its first step, for T different tokens.

    Parameters
    ----------
    context, width, blocks : int
        T positions, d units, n blocks.
    std, residual, embedding
        As for `draw`.

    Returns
    -------
    Numbers

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Notes
    -----
    Followed is the matrix C of covariances between positions. A layer norm hands on ‖x‖² = d and
    the correlations R. Attention adds dσ² dσ_out² times the averages of R over what two positions
    see; at one position i its weights scatter, which adds about expm1(s²(1 - r)) (1 - r)/i, where r
    is the mean correlation up to i. The MLP adds 4dσ_out² E f(X) f(Y) with f GELU and X, Y of
    variance s and correlation R. Good for s up to a half: at s = 0.95 the first attention adds a
    fifth less than this.

    Examples
    --------
    >>> gpt2 = predict(1024, 768, 12)
    >>> print(f"{gpt2.logit_std:.4f} {gpt2.stream[0]:.4f} {gpt2.mlp[0]:.6f} {gpt2.stream[-1]:.3f}")
    0.3072 0.0008 0.005451 0.082
    """
    t, d, n, std = _sizes(context, width, blocks, std, residual)
    if embedding is not None:
        embedding = _arguments.squarable("embedding", embedding, "positive")
    s, out = d * std**2, d * std**2 / (2 * n if residual else 1)
    read, added, end = _follow(t, n, s, out, 2 * (embedding or std) ** 2)
    streams, pairs = [*read[::2], end], max(t * (t - 1), 1)
    return Numbers(
        s,
        float(np.log(t)) - s**2 / 2,
        np.array([np.diag(c).mean() for c in added[::2]]),
        np.array([np.diag(c).mean() for c in added[1::2]]),
        np.array([np.diag(c).mean() for c in streams]),
        np.array([2 * np.triu(_correlations(c), 1).sum() / pairs for c in streams]),
    )


def predict_gradients(
    vocabulary: int,
    context: int,
    width: int,
    blocks: int,
    *,
    sequences: int = 1,
    std: float = 0.02,
    residual: bool = True,
) -> dict[str, NDArray[np.float64]]:
    """Compute the mean squares of a wide decoder's first gradients, for T different tokens.

    Parameters
    ----------
    vocabulary, context, width, blocks : int
        V tokens, T positions, d units, n blocks.
    sequences : int, optional
        How many sequences of T positions the loss is the mean over; at least 1. What their
        gradients have in common is left out: it is small for far fewer positions than tokens V.
    std, residual
        As for `draw`.

    Returns
    -------
    dict of str to ndarray
        "stream": that of the stream before the first block and behind each, of shape (n + 1,);
        "qkv", "attention out", "up", "down": those of these matrices, of shape (n,); "queries",
        "keys" and "values", the parts of qkv; "positions"; and "head" and "lookup", which add up to
        that of the tokens.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Notes
    -----
    Followed is the matrix D of covariances between positions, now of the gradient, from above. With
    N positions in all, the head sends down σ²/N² (1 + (exp(s R) - 2)/V)/q, where s = dσ², q is the
    stream, R its correlations, and the 1 stands on the diagonal. The way back through an MLP adds
    4 dσ² dσ_out² E f'(X) f'(Y) D/q with f GELU, that through the values of attention
    dσ² dσ_out² AᵀDA/q, where A averages over what is seen, and a little for the scatter of the
    weights; that by queries and keys is of the order of s² beside it. They get what values differ
    by from their average, so that there what two rows have in common by chance, of the order 1/d,
    counts. A matrix collects the products of what it reads and of what comes down, over all pairs
    of positions. Terms of the order 1/d are left out at each layer norm. Good for s well below 1.

    Examples
    --------
    >>> found = predict_gradients(1000, 32, 96, 6, std=0.0566)
    >>> bare = predict_gradients(1000, 32, 96, 6, std=0.0566, residual=False)
    >>> times = {role: found[role][-1] / bare[role][-1] for role in ROLES}
    >>> print(", ".join(f"{role} {factor:.3g}" for role, factor in times.items()))
    qkv 0.706, attention out 8.39, up 1.05, down 12.6
    >>> print(f"queries {found['queries'][-1] / bare['queries'][-1]:.3g}")
    queries 2.34
    """
    v = _arguments.integer("vocabulary", vocabulary, 1)
    t, d, n, std = _sizes(context, width, blocks, std, residual)
    b = _arguments.integer("sequences", sequences, 1)
    s, out = d * std**2, d * std**2 / (2 * n if residual else 1)
    read, _, end = _follow(t, n, s, out, 2 * std**2)
    r = _correlations(end)
    told = (np.eye(t) + (np.exp(s * r) - 2) / v) / (b * t) ** 2  # softmax minus target
    delta = std**2 * told / _roots(end)
    stream = [delta]
    squares: dict[str, list[float]] = {role: [] for role in (*ROLES, *PARTS)}
    for before, between in zip(read[-2::-2], read[::-2], strict=True):
        r, slopes = _correlations(between), _products(_gelu_slope, _correlations(between), s)
        squares["down"].append((_products(_gelu, r, s) * delta).sum())
        squares["up"].append(out * (r * slopes * delta).sum())
        delta = delta * (1 + 4 * s * out * slopes / _roots(between))
        r = _correlations(before)
        squares["attention out"].append(s * (_mixed(r, s) * delta).sum())
        (queries, keys), values = _looks(r, s, d, delta), out * _values(r, s, delta)
        looks = out * s**2 * (r * queries).sum()
        sums = {"queries": looks, "keys": looks, "values": (r * values).sum()}
        for part, total in sums.items():
            squares[part].append(total)
        squares["qkv"].append(sum(sums.values()) / 3)
        back = values + out * s**2 * (queries + keys)
        delta = delta + s * back / _roots(before)
        stream.append(delta)
    first = float(np.trace(delta))
    return {
        "stream": np.array([np.diag(matrix).mean() for matrix in stream[::-1]]),
        **{role: b * np.array(values[::-1]) for role, values in squares.items()},
        "positions": np.array(b * first / t),
        "lookup": np.array(b * first / v),
        "head": np.array(b * (told * _correlations(end)).sum() / v),
    }


def _sizes(
    context: int, width: int, blocks: int, std: float, residual: bool
) -> tuple[int, int, int, float]:
    t, d = _arguments.integer("context", context, 1), _arguments.integer("width", width, 1)
    n = _arguments.integer("blocks", blocks, 1)
    std = _arguments.squarable("std", std, "positive")
    _arguments.instance("residual", residual, bool)
    return t, d, n, std


def _follow(
    t: int, n: int, s: float, out: float, first: float
) -> tuple[list[FloatArray], list[FloatArray], FloatArray]:
    """Follow the covariances between positions: what each sublayer reads and adds, and the end.

    s is dσ², out is dσ_out², first the mean square of the embeddings.
    """
    c = np.eye(t) * first
    read: list[FloatArray] = []
    added: list[FloatArray] = []
    for _ in range(n):
        for mlp in (False, True):
            r = _correlations(c)
            read.append(c)
            added.append(out * (4 * _products(_gelu, r, s) if mlp else s * _mixed(r, s)))
            c = c + added[-1]
    return read, added, c


def _averages(t: int) -> FloatArray:
    """Return the matrix that averages over each position and what stands before it."""
    return np.asarray(np.tril(np.ones((t, t))) / np.arange(1, t + 1)[:, None])


def _scatter(r: FloatArray, s: float) -> tuple[FloatArray, FloatArray]:
    """Return how attention's weights scatter at each position i, and how unlike its rows are.

    The first is the variance of a weight over 1/i²; the second 1 minus the mean correlation of the
    rows up to i.
    """
    seen = np.arange(1, len(r) + 1)
    within = np.diag(r.cumsum(0).cumsum(1)) - seen  # of the pairs up to each position
    apart = 1 - within / np.maximum(seen * (seen - 1), 1)
    return np.expm1(s**2 * apart), apart


def _mixed(r: FloatArray, s: float) -> FloatArray:
    """Return the covariances of what attention makes of rows with correlations r."""
    average, (scatter, apart) = _averages(len(r)), _scatter(r, s)
    share = np.diag(average)  # 1/i
    return np.asarray(average @ r @ average.T + np.diag(scatter * apart * (1 - share) * share))


def _values(r: FloatArray, s: float, delta: FloatArray) -> FloatArray:
    """Return the covariances of what comes back at the values, over dσ_out²."""
    average, (scatter, _) = _averages(len(r)), _scatter(r, s)
    loose = np.diag(delta) * scatter * np.diag(average)  # of the weights, over 1/i
    mean = average.T @ (delta - np.diag(loose)) @ average
    return np.asarray(mean + np.diag(average.T @ loose))


def _looks(r: FloatArray, s: float, d: int, delta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the covariances of what comes back at queries, and at keys, over s² dσ_out².

    Where attention averages, a logit gets what its value differs by from the average of them. At
    one position the weights scatter, which makes that more. What d units of two rows have in common
    by chance, (1 - R²)²/d, stands beside differences here: it is added to queries, of which the
    matrices' gradients are made (keys get the same sum).
    """
    average, (scatter, _) = _averages(len(r)), _scatter(r, s)
    seen, weight = average @ r, r * delta
    mixed = seen @ average.T
    level, share = np.diag(mixed), np.diag(average)
    loose = scatter * np.diag(delta) * share
    crossed = seen**2 @ average.T
    queries = delta * (average @ r**2 @ average.T - crossed - crossed.T + mixed**2)
    queries = queries + np.diag(loose * (1 - level))
    chance = average @ (1 - r**2) ** 2 @ average.T / d
    queries = queries + delta * chance * np.outer(1 - share, 1 - share)
    crossed = average.T @ (seen * (weight @ average))
    keys = r * (average.T @ weight @ average) - crossed - crossed.T
    keys = keys + average.T @ (weight * mixed) @ average
    keys = keys + np.diag(loose @ (average * (1 + level[:, None] - 2 * seen)))
    return np.asarray(queries), np.asarray(keys)


def _roots(c: FloatArray) -> FloatArray:
    """Return for each pair of positions the product of the roots of their mean squares."""
    roots = np.sqrt(np.diag(c))
    return np.asarray(np.outer(roots, roots))


def _correlations(c: FloatArray) -> FloatArray:
    return np.asarray(c / _roots(c))


def _products(f: Callable[[Any], Any], r: FloatArray, variance: float) -> FloatArray:
    """Compute E f(X) f(Y) for normal X, Y of that variance, for each correlation in r."""
    return np.asarray(np.interp(r, np.linspace(-1, 1, 201), _product_table(f, variance)))


@cache
def _product_table(f: Callable[[Any], Any], variance: float) -> FloatArray:
    z, weights = np.polynomial.hermite_e.hermegauss(41)
    weights = weights / weights.sum()
    x = np.sqrt(variance) * z
    table = [
        (weights * f(x)) @ (f(rho * x[:, None] + np.sqrt(1 - rho**2) * x) @ weights)
        for rho in np.linspace(-1, 1, 201)
    ]
    return np.array(table)


def first_loss(width: int, std: float, vocabulary: int) -> float:
    """Compute the expected first loss of a head that knows nothing of what it reads.

    E ln Σ exp(τ X_v) over V independent standard normal X_v, with τ = σ√d: the head's rows are
    N(0, σ²), it reads ‖h‖² = d, and the target is independent of its logits. Exact for every V.

    Parameters
    ----------
    width : int
        d, at least 1.
    std : float
        σ of the head, positive, with σ√d at most 100.
    vocabulary : int
        V, at least 1.

    Returns
    -------
    float
        In nats. To leading order in ln V it is ln V + τ²/2 up to τ = √(2 ln V), and τ√(2 ln V)
        beyond.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Notes
    -----
    With independent Gumbel variables G_v the maximum of τ X_v + G_v is ln Σ exp(τ X_v) plus a
    Gumbel variable, whose mean is Euler's constant γ. The maximum has the V-th power of the
    distribution function of one of them, E exp(-exp(τX - u)). The freezing is that of Derrida's
    random energy model (1981).

    Examples
    --------
    >>> print(f"{first_loss(768, 0.02, 50257):.3f} {first_loss(768, 1.0, 32128):.1f}")
    10.979 114.6
    """
    d, v = _arguments.integer("width", width, 1), _arguments.integer("vocabulary", vocabulary, 1)
    tau = _arguments.squarable("std", std, "positive") * float(np.sqrt(d))
    if tau > 100:
        raise ValueError(f"std must make a standard deviation σ√d of at most 100, got {std}")
    x = np.linspace(-10, 10, 2001 if tau < 30 else 8001)
    weights = np.exp(-(x**2) / 2)
    weights /= weights.sum()
    u = np.arange(-10 * tau - 6, 10 * tau + np.log(v) + 40, 0.1)
    with np.errstate(over="ignore", divide="ignore"):
        above = np.array([weights @ -np.expm1(-np.exp(tau * x - at)) for at in u])
        reached = np.exp(v * np.log1p(-np.minimum(above, 1)))
    return float(u[-1] - 0.1 * (reached.sum() - reached[-1] / 2) - np.euler_gamma)


def load_sonnets() -> tuple[NDArray[np.int64], str]:
    """Load the sonnets of William Shakespeare, character by character.

    Returns
    -------
    tokens : ndarray of int
        A number for each of the 93,737 characters, line ends among them.
    alphabet : str
        The characters: number k is ``alphabet[k]``.

    References
    ----------
    Shakespeare (1609), in the public domain. The characters are those of `sonnets.txt` in
    `joelgrus/dumb-language-model`, commit `d981dec` of 2020-09-18, without indentation.

    Examples
    --------
    >>> tokens, alphabet = load_sonnets()
    >>> "".join(alphabet[k] for k in tokens[:28])
    'FROM fairest creatures we de'
    """
    path = resources.files(__package__).joinpath("sonnets.txt.gz")
    with path.open("rb") as packed, gzip.open(packed, "rt", encoding="ascii") as file:
        text = file.read()
    alphabet = "".join(sorted(set(text)))
    return np.array([alphabet.index(letter) for letter in text]), alphabet


def train(
    net: Decoder,
    text: NDArray[np.int64],
    heads: int,
    *,
    learning_rate: float,
    steps: int,
    sequences: int = 8,
    rng: Rng = None,
) -> NDArray[np.float64]:
    """Train a decoder in place by Adam on stretches of a text.

    Parameters
    ----------
    net : dict
        A `Decoder`; its parameters are changed.
    text : ndarray of int
        More than T tokens.
    heads : int
        Number of heads.
    learning_rate : float
        Adam's step, positive.
    steps : int
        Number of updates, at least 1.
    sequences : int, optional
        Stretches of T + 1 tokens an update, from places drawn at random; at least 1.
    rng : None, int, SeedSequence or Generator, optional
        Source of the places (SPEC 7).

    Returns
    -------
    ndarray of shape (steps,)
        The loss of each batch before its update, in nats.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    References
    ----------
    Kingma & Ba (2015), with β = (0.9, 0.99).

    Examples
    --------
    >>> text, alphabet = load_sonnets()
    >>> net = draw(len(alphabet), 16, 16, 1, std=0.1, rng=0)
    >>> losses = train(net, text, 2, learning_rate=0.01, steps=60, rng=0)
    >>> bool(losses[-10:].mean() < losses[0] - 0.5)
    True
    """
    rate = _arguments.number("learning_rate", learning_rate, "positive")
    steps = _arguments.integer("steps", steps, 1, 10**9)
    sequences = _arguments.integer("sequences", sequences, 1)
    span = len(_decoder(net)["positions"]) + 1
    if not isinstance(text, np.ndarray) or text.ndim != 1 or len(text) < span:
        raise ValueError(
            f"text must be an array of at least {span} tokens, got {_arguments.shown(text)}"
        )
    generator = _arguments.generator(rng)
    parameters = _matrices(net)
    first, second = ([np.zeros_like(w) for w in parameters] for _ in range(2))
    losses = np.empty(steps)
    for step in range(1, steps + 1):
        places = generator.integers(len(text) - span + 1, size=sequences)
        found = first_pass(net, np.array([text[at : at + span] for at in places]), heads)
        losses[step - 1] = found.loss
        for w, g, m, v in zip(parameters, _matrices(found.gradients), first, second, strict=True):
            m += 0.1 * (g - m)
            v += 0.01 * (g**2 - v)
            w -= rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.99**step)) + 1e-12)
    return losses


def _matrices(net: Decoder) -> list[FloatArray]:
    """List all parameters, or all gradients, in one order: embeddings, then block by block."""
    blocks = [block[role] for block in net["blocks"] for role in ROLES]
    return [net["tokens"], net["positions"], *blocks]
