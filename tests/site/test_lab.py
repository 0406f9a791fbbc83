"""The lab's JavaScript against the package: measurement, theory, and what a reader does with it."""

import itertools
import math
import re
from functools import lru_cache
from itertools import cycle

import numpy as np
import pytest
from scipy import stats

import initcourse as ic
from conftest import violations, visit
from initcourse import normalization, residual, training
from tools import toc
from tools.browser import new_page

LAB = "book/lab.html"
SCRIPTS = "_static/lab"
NETWORKS = 80

DEFAULT = {
    "init": "he",
    "std": 1,
    "distribution": "normal",
    "activation": "relu",
    "slope": 0.5,
    "depth": 10,
    "width": 48,
    "bias": 0,
    "branch": "none",
    "norm": "none",
    "networks": NETWORKS,
}
ACTIVATIONS = ("linear", "tanh", "relu", "leaky_relu", "sigmoid", "selu", "gelu", "silu")
GRID = [
    {**DEFAULT, **case, "seed": number + 1}
    for number, case in enumerate(
        [
            *({"init": i, "activation": a} for a in ACTIVATIONS for i in ("lecun", "he")),
            {"init": "xavier"},
            *({"init": "orthogonal", "activation": a} for a in ACTIVATIONS),
            *({"init": "orthogonal", "activation": a, "std": 1.5} for a in ("tanh", "relu")),
            *(
                {"init": "std", "std": 1.6, "bias": 0.4, "activation": a, "distribution": d}
                for a, d in zip(ACTIVATIONS, cycle(("normal", "uniform", "truncated")))
            ),
            *({"distribution": d, "width": w} for d in ("uniform", "truncated") for w in (16, 96)),
            *({"depth": d, "activation": a} for d in (1, 2, 25) for a in ("tanh", "relu")),
            {"init": "zero", "activation": "sigmoid"},
            {"init": "zero", "activation": "tanh", "bias": 0.5},
            {"init": "constant", "activation": "tanh", "std": 0.12},
            {"init": "constant", "activation": "linear", "std": 0.3, "depth": 3},
        ]
    )
]


@pytest.fixture(scope="module")
def page(browser, book):
    """The lab, whose model the tests call."""
    seen = visit(browser, (book / LAB).as_uri())
    yield seen.page
    seen.page.context.close()


def of_javascript(page, settings, old="", new=""):
    """Measure in the page, with a fault put into the model's text if one is asked for."""
    return page.evaluate(
        """([settings, old, fault]) => {
            const text = String(labModel);
            if (old && text.split(old).length !== 2) throw new Error(`not once: ${old}`);
            const model = new Function(`return ${old ? text.replace(old, () => fault) : text}`)()();
            const { forward, backward } = model.measure(settings);
            return { forward, backward };
        }""",
        [settings, old, new],
    )


def predicted_by_javascript(page, settings):
    return page.evaluate("settings => lab.model.predict(settings)", settings)


def activation(settings):
    name = settings["activation"]
    return ic.activations.leaky_relu(settings["slope"]) if name == "leaky_relu" else name


def initializer(settings):
    """The package's initializer of the same name."""
    kind = {"truncated": "truncated_normal"}.get(settings["distribution"], settings["distribution"])
    slope = settings["slope"] if settings["activation"] == "leaky_relu" else 0.0
    rules = {
        "lecun": (1.0, "fan_in"),
        "xavier": (1.0, "fan_avg"),
        "he": (2 / (1 + slope**2), "fan_in"),
        "std": (settings["std"] ** 2, "fan_in"),
    }
    if settings["init"] in rules:
        scale, mode = rules[settings["init"]]
        return lambda shape, rng, dtype: ic.variance_scaling(
            shape, scale, mode, kind, rng=rng, dtype=dtype
        )
    if settings["init"] == "constant":
        value = settings["std"] / math.sqrt(settings["width"])
        return lambda shape, rng, dtype: ic.constant(shape, value, rng=rng, dtype=dtype)
    if settings["init"] == "orthogonal":
        return lambda shape, rng, dtype: ic.orthogonal(shape, settings["std"], rng=rng, dtype=dtype)
    return ic.zeros


def of_package(settings, rule=initializer):
    """Measure with the package: every network has an input of its own, of mean square 1."""
    rng = np.random.default_rng(settings["seed"])
    n, std = settings["width"], settings["bias"]

    def bias(shape, rng, dtype):
        return ic.normal(shape, std, rng=rng, dtype=dtype) if std else ic.zeros(shape, dtype=dtype)

    def input_of_one_network():
        x = rng.standard_normal((1, n))
        return x / math.sqrt(np.mean(x**2))

    found = [
        ic.measure(
            [n] * (settings["depth"] + 1),
            rule(settings),
            input_of_one_network(),
            activation=activation(settings),
            bias=bias,
            networks=1,
            rng=rng,
        )
        for _ in range(settings["networks"])
    ]
    return {
        "forward": [m.forward[0] for m in found],
        "backward": [m.backward[0] for m in found],
    }


def scores(ours, theirs):
    """Compare the logarithms of two samples of networks, layer by layer: Welch's z for each."""
    found = []
    for direction in ("forward", "backward"):
        a, b = (np.array(each[direction], float) for each in (ours, theirs))
        gone = (a == 0).all(axis=0) & (b == 0).all(axis=0)
        a, b = a[:, ~gone], b[:, ~gone]
        if a.size == 0:
            continue
        if (a <= 0).any() or (b <= 0).any():
            return [math.inf]
        a, b = np.log(a), np.log(b)
        error = np.sqrt(a.var(axis=0, ddof=1) / len(a) + b.var(axis=0, ddof=1) / len(b))
        distance = np.abs(a.mean(axis=0) - b.mean(axis=0))
        exact = error < 1e-12  # nothing is random: sigmoid of zero weights
        if (distance[exact] > 1e-5).any():
            return [math.inf]
        found += list(distance[~exact] / error[~exact])
    return found or [0.0]


@pytest.fixture(scope="module")
def package():
    """What the package measures, by setting."""
    return [of_package(settings) for settings in GRID]


@pytest.fixture(scope="module")
def compared(page, package):
    """The z of each comparison, by setting."""
    return {
        number: scores(of_javascript(page, settings), package[number])
        for number, settings in enumerate(GRID)
    }


def limit(compared):
    """The z that one of so many comparisons exceeds once in 10,000 runs."""
    count = sum(map(len, compared.values()))
    return stats.t.isf(1e-4 / count / 2, df=NETWORKS - 1)


def test_the_grid_is_large_and_has_everything():
    assert len(GRID) >= 45
    for key, count in {
        "init": 7,
        "activation": 8,
        "distribution": 3,
        "depth": 5,
        "width": 3,
    }.items():
        assert len({settings[key] for settings in GRID}) >= count, key


def test_the_lab_measures_what_the_package_measures(compared):
    worst = {number: max(z) for number, z in compared.items()}
    bound = limit(compared)
    print(f"\n{len(GRID)} settings, worst z {max(worst.values()):.2f}, allowed {bound:.2f}")
    assert {number: (z, GRID[number]) for number, z in worst.items() if z > bound} == {}


FAULTS = {
    "he-without-its-2": ("1 + slope * slope) : 2;", "1 + slope * slope) : 1;"),
    "he-ignores-the-slope": ("2 / (1 + slope * slope) : 2", "2 : 2"),
    "truncated-uncorrected": ("deviation / TRUNCATED_STD, 2", "deviation, 2"),
    "uniform-limit-is-std": ("Math.sqrt(3) * deviation", "deviation"),
    "gelu-slope-without-density": ("cdf(x) + x * density(x)", "cdf(x)"),
    "silu-slope-wrong": ("sigmoid(x) * (1 + x * sigmoid(-x))", "sigmoid(x)"),
    "selu-alpha-wrong": ("1.6732632423543772", "1.0"),
    "tanh-slope-wrong": ("1 - Math.tanh(x) ** 2", "1 - Math.tanh(x)"),
    "sigmoid-halved-argument": ("0.5 + 0.5 * Math.tanh(0.5 * x)", "0.5 + 0.5 * Math.tanh(x)"),
    "bias-forgotten": ("size * value + b[j]", "size * value"),
    "reflection-halved": ("z[j] -= 2 * product", "z[j] -= product"),
    "slope-of-the-activation": ("value * slope(met.values[j])", "value * slope(f(met.values[j]))"),
    "variance-as-deviation": ("Math.sqrt(scaleOf(settings))", "scaleOf(settings)"),
    "gradient-without-the-size": (
        "below.map((value) => size * value)",
        "below.map((value) => value)",
    ),
    "moment-a-tenth-too-large": ("meanSquare(inputs[0])", "meanSquare(inputs[0]) * 1.1"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_javascript_is_noticed(page, package, compared, fault):
    bound = limit(compared)
    for settings, measured in zip(GRID, package, strict=True):
        if max(scores(of_javascript(page, settings, *FAULTS[fault]), measured)) > bound:
            return
    pytest.fail(f"no setting of the grid notices {fault}")


@pytest.mark.parametrize("wrong", ["lecun", "std"])
def test_a_fault_in_the_package_is_noticed(page, compared, wrong):
    settings = {**DEFAULT, "seed": 5, "std": 1.3}
    mistaken = of_package(settings, lambda s: initializer({**s, "init": wrong}))
    assert max(scores(of_javascript(page, settings), mistaken)) > limit(compared)


def test_the_theory_is_that_of_the_package_to_a_millionth(page):
    worst, count = 0.0, 0
    for settings in GRID:
        found = predicted_by_javascript(page, settings)
        if settings["init"] == "constant":
            assert found is None
            continue
        expected = ic.predict(
            activation(settings),
            settings["depth"],
            found["scale"],
            bias_variance=settings["bias"] ** 2,
            width=settings["width"],
        )
        for ours, theirs in (
            (found["forward"], expected.forward),
            (found["backward"], expected.backward),
            (found["forwardSpread"], expected.forward_spread),
            (found["backwardSpread"], expected.backward_spread),
        ):
            np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-12)
            known = theirs != 0
            worst = max(worst, np.abs(np.array(ours)[known] / theirs[known] - 1).max(initial=0))
            count += len(theirs)
    print(f"\n{count} numbers of theory, worst relative error {worst:.1e}")


def test_moments_of_any_scale_are_those_of_the_package(page):
    for name in ACTIVATIONS:
        for std in (1e-3, 0.3, 1, 4, 1e3):
            settings = {**DEFAULT, "activation": name, "init": "std", "std": std, "depth": 1}
            found = predicted_by_javascript(page, settings)
            moments = ic.moments(activation(settings), std=std)
            assert found["forward"][0] == pytest.approx(moments.second_moment, rel=1e-6)
            assert found["backward"][0] == pytest.approx(moments.derivative_second_moment, rel=1e-6)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_correlation_of_two_units_is_that_of_the_package(page, name):
    for settings, std in (({}, 1.3), ({"slope": -0.3}, 0.2), ({}, 6.0)):
        f = activation({**DEFAULT, **settings, "activation": name})
        slope = settings.get("slope", DEFAULT["slope"])
        for rho in (-1, -0.9, 0, 0.5, 0.99, 1):
            found = page.evaluate(
                "([name, slope, K, rho]) =>"
                " lab.model.product(lab.model.activation(name, slope)[0], K, rho)",
                [name, slope, std**2, rho],
            )
            expected = ic.correlation_map(f, rho, std) * ic.moments(f, std).second_moment
            assert found == pytest.approx(float(expected), rel=2e-6, abs=2e-6)


@pytest.mark.parametrize("bias", [0.0, 0.4])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_cosine_of_two_inputs_follows_the_map_of_the_package(page, name, bias):
    settings = {**DEFAULT, "activation": name, "init": "lecun", "bias": bias, "depth": 12}
    found = predicted_by_javascript(page, settings)["cosine"]
    f, cosine, q = activation(settings), 0.5, 1.0
    for value in found:
        variance = q + bias**2
        q_next = ic.moments(f, math.sqrt(variance)).second_moment
        rho = (q * cosine + bias**2) / variance
        cosine = float(ic.correlation_map(f, min(rho, 1.0), math.sqrt(variance)))
        q = q_next
        assert value == pytest.approx(cosine, abs=5e-6)


def test_every_input_begins_with_mean_square_one_and_the_two_with_cosine_one_half(page):
    settings = {**DEFAULT, "init": "orthogonal", "activation": "linear", "seed": 3, "networks": 5}
    for width in (8, 48):  # an orthogonal matrix changes neither
        found = page.evaluate("s => lab.model.measure(s)", {**settings, "width": width})
        np.testing.assert_allclose(found["forward"], 1, rtol=1e-5)
        np.testing.assert_allclose(found["cosine"], 0.5, rtol=1e-5)


@pytest.mark.parametrize("kind", ["matrix", "reflections"])
def test_the_way_back_is_the_transpose_of_the_way_forward(page, kind):
    products = page.evaluate(
        """kind => {
            const n = 12, random = lab.model.generator(3);
            const storage = random.normal(new Float32Array(n * n));
            const layer = lab.model[kind](n, storage, random);
            const [h, delta] = [0, 0].map(() => random.normal(new Float64Array(n)));
            const [z, g] = [new Float64Array(n), new Float64Array(n)];
            layer.forward(h, z);
            layer.backward(delta, g);
            const dot = (a, b) => a.reduce((sum, value, k) => sum + value * b[k], 0);
            return [dot(z, delta), dot(h, g), dot(z, z), dot(h, h)];
        }""",
        kind,
    )
    assert products[0] == pytest.approx(products[1], rel=1e-5)
    if kind == "reflections":
        assert products[2] == pytest.approx(products[3], rel=1e-5)


# --- Residual blocks and layer normalization --------------------------------------------------

ALPHA = {"one": lambda blocks: 1.0, "root": lambda blocks: blocks**-0.5, "inverse": lambda b: 1 / b}
BLOCKS = [
    {**DEFAULT, "depth": 6, "width": 64, **case, "seed": number + 100}
    for number, case in enumerate(
        [
            *({"branch": branch} for branch in ALPHA),
            {"branch": "one", "activation": "tanh", "init": "lecun"},
            {"branch": "root", "activation": "gelu", "init": "std", "std": 1.7, "bias": 0.3},
            {"branch": "root", "init": "orthogonal", "std": 1.3},
            {"branch": "one", "init": "zero"},
            *(
                {"branch": branch, "norm": norm, "activation": a, "init": "std", "std": std}
                for branch, a, std in (("one", "relu", 1.4), ("root", "silu", 2.5))
                for norm in ("before", "after")
            ),
            {"norm": "before", "init": "he"},
            {"norm": "before", "init": "std", "std": 0.05, "activation": "tanh"},
            {"norm": "after", "init": "he"},
            {"norm": "after", "init": "std", "std": 3, "activation": "selu"},
        ]
    )
]


def blocks_of_package(settings):
    """Measure blocks and normalized layers with the package, like `of_package`."""
    rng = np.random.default_rng(settings["seed"])
    found = [one_of_package(settings, rng) for _ in range(settings["networks"])]
    return {
        direction: [[float(np.mean(np.square(s, dtype=float))) for s in one[k]] for one in found]
        for k, direction in enumerate(("forward", "backward"))
    }


def one_of_package(settings, rng):
    """The signals and gradients of one network that the lab shows."""
    n, depth, norm = settings["width"], settings["depth"], settings["norm"]
    f, rule = activation(settings), initializer(settings)
    f = ic.activations.named("activation", f)
    x = rng.standard_normal((1, n))
    x /= math.sqrt(np.mean(x**2))
    g = rng.standard_normal((1, n))

    def drawn():
        return np.asarray(rule((n, n), rng=rng, dtype="float64"))

    bias = settings["bias"] * rng.standard_normal((depth, n))
    if settings["branch"] != "none":
        if settings["bias"]:
            return by_hand(x, g, [(drawn(), drawn()) for _ in bias], bias, settings)
        alphas = np.full(depth, ALPHA[settings["branch"]](depth))
        net = residual.ResidualMLP([[drawn(), drawn()] for _ in bias], alphas, None, f)
        passage = normalization.forward(
            normalization.NormalizedResidual(net, "pre" if norm == "before" else "post", "layer")
            if norm != "none"
            else normalization.NormalizedResidual(net, norm="none"),
            x,
        )
        return passage.signals[1:], normalization.backward(passage, g).signals[:-1]
    if norm == "before":
        net = normalization.NormalizedMLP([*(drawn() for _ in bias), np.eye(n)], f)
        passage = normalization.forward(net, x)
        activations = [f(normalization.layer_norm(z).values) for z in passage.signals]
        return activations, normalization.backward(passage, g).signals
    return by_hand(x, g, [(drawn(),) for _ in bias], bias, settings)


def by_hand(x, g, matrices, biases, settings):
    """Layers with a normalization behind them, or blocks with biases and none."""
    f = ic.activations.named("activation", activation(settings))
    alpha = ALPHA.get(settings["branch"], lambda blocks: 1.0)(settings["depth"])
    h, tape, signals, gradients = x, [], [], []
    for (first, *second), b in zip(matrices, biases, strict=True):
        z = h @ first + b
        if second:
            tape.append((first, second[0], z))
            h = h + alpha * f(z) @ second[0]
        else:
            tape.append((first, normalization.layer_norm(f(z)), z))
            h = tape[-1][1].values
        signals.append(h)
    for first, then, z in reversed(tape):
        if isinstance(then, np.ndarray):
            g = g + alpha * (g @ then.T * f.derivative(z)) @ first.T
            gradients.append(g)
        else:
            gradients.append(then.backward(g) * f.derivative(z))
            g = gradients[-1] @ first.T
    return signals, gradients[::-1]


@pytest.fixture(scope="module")
def package_blocks():
    """What the package measures of blocks and normalized layers, by setting."""
    return [blocks_of_package(settings) for settings in BLOCKS]


def blocks_differ(page, package_blocks, old="", new=""):
    """The z of each comparison, by setting."""
    return {
        number: scores(of_javascript(page, settings, old, new), package_blocks[number])
        for number, settings in enumerate(BLOCKS)
    }


@pytest.fixture(scope="module")
def compared_blocks(page, package_blocks):
    return blocks_differ(page, package_blocks)


BLOCK_FAULTS = {
    "alpha-squared": ("h[j] + alpha * size * value", "h[j] + alpha * alpha * size * value"),
    "no-stream": ("h[j] + alpha", "alpha"),
    "gradient-without-the-stream": ("value + behind[j]);", "value);"),
    "gradient-without-alpha": ("inner.map((value) => alpha *", "inner.map((value) =>"),
    "no-last-normalization": ("g = layerNorm(inputs[0]).back(g)", "g = g.slice()"),
    "norm-keeps-the-mean": ("(value - mean) * factor", "value * factor"),
    "norm-forgets-its-size": ("values[j] * along) * factor", "values[j] * along)"),
    "norm-before-is-after": ('second ? at("before")(h)', 'second ? at("after")(h)'),
    "root-is-one": ("root: 1 / Math.sqrt(depth)", "root: 1"),
    "inverse-is-root": ("inverse: 1 / depth", "inverse: 1 / Math.sqrt(depth)"),
}


def test_blocks_and_normalized_layers_are_those_of_the_package(compared_blocks):
    worst = {number: max(z) for number, z in compared_blocks.items()}
    print(f"\n{len(BLOCKS)} settings, worst z {max(worst.values()):.2f}")
    bound = limit(compared_blocks)
    assert {number: (z, BLOCKS[number]) for number, z in worst.items() if z > bound} == {}


@pytest.mark.parametrize("fault", BLOCK_FAULTS)
def test_a_fault_in_blocks_is_noticed(page, package_blocks, compared_blocks, fault):
    bound = limit(compared_blocks)
    for settings, measured in zip(BLOCKS, package_blocks, strict=True):
        if max(scores(of_javascript(page, settings, *BLOCK_FAULTS[fault]), measured)) > bound:
            return
    pytest.fail(f"no setting notices {fault}")


@pytest.mark.parametrize(
    "row", [[1.0, 2.0, 4.0, -3.0], [2.0, 2.0, 2.0, 2.0], [1e4, 1e4, 1e4, 1e4 + 1]]
)
def test_layer_normalization_and_its_way_back_are_those_of_the_package(page, row):
    gradient = [0.5, -1.0, 2.0, 0.25]
    found = page.evaluate(
        """([x, g]) => {
            const { values, back } = lab.model.layerNorm(Float32Array.from(x));
            return [Array.from(values), Array.from(back(Float64Array.from(g)))];
        }""",
        [row, gradient],
    )
    expected = normalization.layer_norm(np.array([row]))
    np.testing.assert_allclose(found[0], expected.values[0], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(found[1], expected.backward([gradient])[0], rtol=1e-5, atol=1e-6)


def test_the_theory_of_blocks_is_that_of_the_package(page):
    for branch, alpha in ALPHA.items():
        settings = {**DEFAULT, "branch": branch, "init": "std", "std": 1.2, "depth": 9}
        found = predicted_by_javascript(page, settings)
        start = residual.Start(1.44, 1.44, alpha(9))
        growth = residual.growth(start)
        np.testing.assert_allclose(found["forward"], growth ** np.arange(1, 10), rtol=1e-6)
        np.testing.assert_allclose(found["backward"], growth ** np.arange(9, 0, -1), rtol=1e-6)
        added = growth - 1  # by a branch that reads mean square 1
        before = predicted_by_javascript(page, {**settings, "norm": "before"})
        stream = 1 + added * np.arange(10)
        np.testing.assert_allclose(before["forward"], stream[1:], rtol=1e-6)
        np.testing.assert_allclose(before["backward"], 1 / stream[:-1], rtol=1e-6)
        after = predicted_by_javascript(page, {**settings, "norm": "after"})
        np.testing.assert_allclose(after["forward"] + after["backward"], 1, rtol=1e-6)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_theory_of_normalized_layers_is_that_of_the_package(page, name):
    f = activation({**DEFAULT, "activation": name})
    settings = {**DEFAULT, "activation": name, "norm": "before", "init": "std", "std": 0.3}
    found = predicted_by_javascript(page, settings)
    np.testing.assert_allclose(found["forward"], ic.moments(f).second_moment, rtol=1e-6)
    factors = np.divide(found["backward"][1:-1], found["backward"][2:])
    np.testing.assert_allclose(factors, normalization.gradient_factor("layer", f), rtol=1e-6)


@pytest.mark.parametrize("settings", BLOCKS, ids=lambda s: f"{s['branch']}-{s['norm']}-{s['seed']}")
def test_blocks_follow_their_theory(page, settings):
    """Means of wide networks: of the signal, of the gradient, and of the cosine."""
    wide = {**settings, "width": 512, "networks": 20, "depth": 4}
    theory = predicted_by_javascript(page, wide)
    measured = page.evaluate("s => lab.model.measure(s)", wide)
    for name in ("forward", "backward", "cosine"):
        drawn = np.array(measured[name], float)
        error = drawn.std(axis=0, ddof=1) / math.sqrt(len(drawn))
        allowed = 5 * error + 0.02 * np.abs(theory[name])  # 1/n of wide networks, a few times
        np.testing.assert_array_less(np.abs(drawn.mean(axis=0) - theory[name]), allowed + 1e-6)


@lru_cache
def images_of_package(choices):
    """Of each network, the mean square of each layer that an image passes, and the last layer."""
    settings = dict(choices)
    n, x = settings["width"], digit()[None]
    found = []
    for seed in range(NETWORKS):
        net = ic.mlp(
            [64] + [n] * settings["depth"],
            lambda shape, rng, dtype: ic.variance_scaling(
                shape, settings["std"] ** 2, "fan_in", "normal", rng=rng, dtype=dtype
            ),
            activation=activation(settings),
            output_activation=activation(settings),
            rng=np.random.default_rng(1000 + seed),
        )
        layers = [layer[0] for layer in ic.forward(net, x).activations[1:]]
        found.append(([np.mean(np.square(layer, dtype=float)) for layer in layers], layers[-1]))
    return found


def digit():
    return training.load_digits("images").x_train[0]


def images_of_javascript(page, settings, old="", new=""):
    return page.evaluate(
        """([settings, networks, old, fault]) => {
            const text = String(labModel);
            if (old && text.split(old).length !== 2) throw new Error(`not once: ${old}`);
            const faulty = old ? text.replace(old, () => fault) : text;
            const { walk } = new Function(`return ${faulty}`)()();
            return Array.from({ length: networks }, (_, seed) => {
                const { squares, tiles } =
                    walk({ ...settings, seed }, labDigit.pixels, [settings.depth]);
                return [squares, Array.from(tiles[settings.depth])];
            });
        }""",
        [settings, NETWORKS, old, new],
    )


def images_differ(page, settings, old="", new=""):
    """The largest z of what the lab's image meets, layer by layer, and of its last square."""
    ours = images_of_javascript(page, settings, old, new)
    theirs = images_of_package(tuple(settings.items()))
    side = min(16, math.isqrt(settings["width"]))
    assert all(len(square) == side**2 for _, square in ours)

    def bright(square, squares):  # the share of a square that is above its own root mean square
        return np.mean(np.array(square) > math.sqrt(squares[-1]))

    a, b = (np.log([squares for squares, _ in each]) for each in (ours, theirs))
    shares = [np.array([[bright(s, q)] for q, s in each]) for each in (ours, theirs)]
    worst = 0.0
    for one, other in ((a, b), tuple(shares)):
        error = np.sqrt((one.var(axis=0, ddof=1) + other.var(axis=0, ddof=1)) / NETWORKS)
        worst = max(worst, float(np.max(np.abs(one.mean(axis=0) - other.mean(axis=0)) / error)))
    return worst


IMAGES = [
    {**DEFAULT, "init": "std", "std": 1.0, "activation": "relu", "depth": 10, "width": 64},
    {**DEFAULT, "init": "std", "std": 2**0.5, "activation": "relu", "depth": 8, "width": 256},
    {**DEFAULT, "init": "std", "std": 1.5, "activation": "tanh", "depth": 6, "width": 48},
    {**DEFAULT, "init": "std", "std": 0.32, "activation": "relu", "depth": 5, "width": 256},
]
IMAGE_FAULTS = {
    "size-forgotten": ("size * value + b[j]", "value + b[j]"),
    "activation-forgotten": ("Float32Array.from(met.values, f)", "Float32Array.from(met.values)"),
    "half-of-the-mean-square": ("squares.push(meanSquare(h))", "squares.push(meanSquare(h) / 2)"),
}


def test_the_image_meets_in_the_lab_what_it_meets_in_the_package(page):
    limit = stats.t.isf(1e-4 / 2 / 33, df=NETWORKS - 1)
    found = [images_differ(page, settings) for settings in IMAGES]
    assert max(found) < limit, found
    for fault in IMAGE_FAULTS.values():
        assert not max(images_differ(page, settings, *fault) for settings in IMAGES[1:3]) < limit


def test_the_digit_of_the_page_is_the_first_of_the_package(page):
    np.testing.assert_allclose(page.evaluate("labDigit.pixels"), digit(), atol=1e-6)


def test_a_size_has_the_name_of_the_rule_that_has_it(page):
    for init, slope, size in (
        ("zero", 0, 0),
        ("lecun", 0, 1),
        ("he", 0, 2**0.5),
        ("he", 1, 1),
        ("std", 0, 0.7),
        ("orthogonal", 0, 0.7),
        ("constant", 0, 0.7),
    ):
        settings = {**DEFAULT, "init": init, "std": 0.7, "slope": slope}
        settings["activation"] = "leaky_relu" if slope else "relu"
        assert page.evaluate("s => lab.model.sizeOf(s)", settings) == pytest.approx(size)


# --- The page ---------------------------------------------------------------------------------


def settled(page):
    """Wait until the lab shows what its controls say."""
    page.wait_for_function("document.getElementById('lab').getAttribute('aria-busy') === 'false'")


def lab(fresh, query="", mode="desktop light"):
    page = fresh(f"{LAB}?{query}" if query else LAB, mode)
    settled(page)
    return page


def sentence(page):
    found = (page.locator(f"#lab-{name}").inner_text() for name in ("sentence", "why"))
    return " ".join(found).replace("\u00a0", " ")


def drag(page, size):
    """Move the slider of the size."""
    page.fill("#lab-size", str(size))
    settled(page)


def test_a_dying_signal_is_explained(fresh):
    page = lab(fresh, "init=xavier&activation=relu&depth=30")
    text = sentence(page)
    assert "keeps half" in text
    assert "10⁻⁹" in text
    assert "He's factor 2" in text
    assert "dies" in page.locator("#lab-forward svg").text_content()


def test_a_healthy_and_an_exploding_signal_are_told_apart(fresh):
    assert "keeps the mean square" in sentence(lab(fresh, "init=he"))
    page = lab(fresh, "init=std&std=3&activation=linear")
    assert "multiplies the mean square by 9" in sentence(page)
    assert "grows" in page.locator("#lab-forward svg").text_content()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        # E f(√K Z)²: 2⁻³⁰, 0.52³⁰, tanh's fixed point at gain 5/3, SELU's at 1, 9³⁰
        ("init=xavier", "9.3 · 10⁻¹⁰ of the signal is left"),
        ("init=lecun&activation=leaky_relu", "after 30 layers 3 · 10⁻⁹ of the signal is left"),
        ("init=std&std=1.6667&activation=tanh", "settles at 0.42, which a layer maps to itself"),
        ("init=lecun&activation=selu&depth=50", "settles at 1, which a layer maps to itself"),
        ("init=std&std=3&activation=linear", "after 30 layers it is 4.2 · 10²⁸"),
        # What is small meets GELU's slope at 0, 1/2, and a quarter of its mean square is left.
        ("init=he&activation=gelu", "by n Var W = 2, and its activation by 0.25"),
        # The slope of SELU: E f'² = 1.0716
        ("init=lecun&activation=selu", "multiplies the gradient's mean square by 1.07 on average"),
        ("init=xavier&activation=sigmoid", "arrive with cosine 1.00"),
        ("init=std&std=0", "the first layer already gives 0"),
        # He and ReLU with biases drift by half a bias's variance a layer, and settle nowhere.
        ("init=he&bias=0.05", "After 30 layers the mean square is 1.038. On the way back"),
        # 3³⁰, and e² but for a term of 1/L; half of 2 · 2 is added a block; 1 + 29 · 2 at the last
        (
            "init=he&branch=one",
            "Each block multiplies the mean square by 3: after 30 blocks it is 2.1",
        ),
        ("init=he&branch=one", "divided by √L, here 5.48, it would grow to 6.9"),
        ("init=he", "On the way back each layer keeps the gradient's expected mean square, too"),
        ("init=he&branch=root", "30 blocks it is 6.9. The gradient meets the same factor 29 times"),
        ("init=he&branch=one&norm=before", "each block adds 2 to the stream, however large it is"),
        ("init=he&branch=one&norm=before", "After 30 blocks it is 61."),
        ("init=he&branch=one&norm=before", "at the first block is 59 times that at the last"),
        ("init=he&branch=one&norm=after", "Behind every block the stream is set back"),
        (
            "init=zero&branch=one",
            "leaves with the mean square with which it came. The gradient passes",
        ),
        ("init=zero&branch=one", "so neither gets a gradient"),
        # tanh: E f'² / E f² = 1.178; the first reads a mean square of 1, not E f²: E f'²
        (
            "init=xavier&norm=before&activation=tanh&depth=6",
            "mean square by about 1.18 each; the first multiplies it by 0.464",
        ),
        (
            "init=he&norm=before",
            "the layers above the first keep the gradient; the first multiplies it by 0.5: 0.5",
        ),
        (
            "init=xavier&norm=before",
            "the mean square is set to 1, whatever the size is: a layer hands on 0.5",
        ),
        ("init=xavier&norm=after", "Behind every layer the mean square is set to 1"),
        ("init=constant&std=0.1&branch=one", "All units of a branch compute the same number"),
        ("init=lecun&branch=one&activation=tanh", "The last block adds"),
        ("init=lecun&depth=49&bias=0.75&width=64", "The mean square settles at 0.56"),
        ("init=lecun&depth=50&bias=0.75&width=64", "The mean square settles at 0.56"),
        # Biases, and targets, tell even equal units apart.
        ("init=constant&bias=0.5", "only their biases differ"),
        ("init=std&std=2.45&activation=linear&depth=100&width=16&networks=20", "overflowed in "),
        ("init=std&std=0.05&activation=tanh&depth=100", "float32 holds only 0"),
        ("init=xavier&activation=sigmoid&depth=100", "float32 holds only 0"),
        ("init=std&std=1.41", "Each layer multiplies the mean square by 0.994"),
        ("init=constant&std=0&activation=sigmoid", "and nothing of the input"),
        ("init=he&width=16&depth=50&networks=1", "in the one network drawn the signal ends at"),
        # Theory of wide layers has no scatter here; what is drawn has.
        ("init=he&branch=one&norm=after&depth=100&width=32", "But layers of 32 units scatter"),
        ("init=xavier&norm=before&depth=100&width=32", "But layers of 32 units scatter"),
        ("init=orthogonal&std=1&depth=100&width=8", "But layers of 8 units scatter"),
        ("init=std&std=0.01&depth=100", "less than 10⁻³⁰⁰ of the signal is left"),
        ("init=std&std=0.01&depth=100", "the drawn signal and gradient are gone"),
        ("init=std&std=0.1&branch=one", "Each block hardly changes the mean square"),
        ("init=std&std=1.39&activation=leaky_relu&depth=2", "after 2 layers it is 1.0"),
        ("init=std&activation=tanh&bias=0.1&std=1.28", "gradient's mean square rises and falls"),
        ("init=std&activation=selu&bias=2&std=1.23", "gradient's mean square falls and rises"),
        ("init=std&std=1.4142&depth=2", "all of the signal is left"),
        (
            "init=std&std=5&width=8&depth=80&bias=1&networks=9&seed=94",
            "In the median of the 5 other networks the gradient changes by the factor 0.",
        ),
        (
            "init=constant&activation=linear&norm=before&bias=0.1&depth=5",
            "is 1, and nothing of it is the input's",
        ),
        # The gradient is gone, and the signal is not where theory has it.
        (
            "init=orthogonal&width=8&bias=0.5&networks=3&std=0.02&seed=326",
            "the drawn gradient is gone. But layers of 8 units scatter: in the median of the 3"
            " networks drawn the signal ends at 0.052",
        ),
        (
            "init=zero&activation=selu&branch=inverse&norm=after&depth=2&width=8&networks=2&seed=951",
            "The gradient passes, too; the first normalization multiplies it by",
        ),
        # Behind the normalization the second layer's equal weights read a sum of 0.
        ("init=constant&norm=after&bias=0.5", "is 1, and nothing of it is the input's"),
        ("init=he&activation=gelu&depth=20&bias=0.5", "rises and falls: 1.045 times as much"),
        ("init=xavier&activation=selu&depth=6&bias=0.5", "falls and rises: 0.9636 of it"),
        ("init=std&std=1.39&activation=leaky_relu&depth=2", "way back: 1.005 times as much"),
        # A network whose signal has died sends nothing back; it counts among the drawn.
        ("init=he&width=8&depth=100&networks=1&seed=4", "gradient changes by the factor 0."),
        ("init=he&width=8&depth=100&networks=10&seed=4", "gradient changes by the factor 0."),
    ],
)
def test_the_sentence_says_what_the_theory_of_the_book_says(fresh, query, said):
    assert said in sentence(lab(fresh, query))


@pytest.mark.parametrize(
    ("query", "never"),
    [
        ("init=std&std=0.1&branch=one", "would grow"),  # 1.0015 after 30 blocks
        ("init=std&std=1.41", "repairs it"),  # that size is set
        ("init=std&std=0.03&activation=tanh&branch=one", "settles"),  # each block adds as much
        ("init=std&std=10&activation=linear&branch=one&depth=100", "would grow"),  # beyond float32
        ("init=std&std=10&bias=0.5&depth=60&width=16", "arrive"),  # all have overflowed
        ("init=std&std=10&activation=tanh&depth=1&width=8", "scatter"),  # the signal does not
        ("init=lecun&activation=linear&norm=before", "multiplies it by 1:"),
        # 0.9975 a layer is 0.78 in a hundred
        (
            "init=std&std=1&activation=linear&norm=before&bias=0.05&depth=100",
            "the layers keep the gradient",
        ),
        ("init=std&std=1.39&depth=2", "keep the gradient"),
        ("init=he&branch=one&norm=after&depth=100&width=32", "the signal ends"),
        ("init=std&std=0.01&activation=tanh&branch=inverse&depth=100", "settles"),
        ("init=std&std=0.16&activation=linear&branch=one&depth=100", "would grow"),  # to 1.0007
        ("init=std&std=0.1&bias=2&depth=2", "multiplies it"),  # most of it is the biases'
        # It rises to 2.2 times and falls again: as much reaches the first layer by chance.
        ("init=std&activation=tanh&bias=0.1&std=1.28", "keep the gradient"),
        ("init=he&activation=silu&bias=1&depth=60", "keep the gradient"),
        # Four of the nine overflow, and of the others most have died.
        ("init=std&std=5&width=8&depth=80&bias=1&networks=9&seed=94", "times as much reaches"),
        ("init=std&std=1.4142&depth=2", "1 of the signal"),
        ("init=std&std=0.1&activation=gelu&branch=inverse&depth=4", "all"),
        # Of two networks one has a cosine.
        (
            "init=std&slope=0.99&depth=70&width=8&distribution=truncated&networks=2&std=4&bias=1"
            "&seed=535",
            "tell them apart",
        ),
        ("init=he&activation=selu&norm=before&depth=3&bias=0.2", "keep the gradient"),
        # Theory's cosine is 0.991, that of the networks drawn 0.7.
        ("init=he&activation=selu&bias=0.1&width=16&depth=100", "tell them apart"),
    ],
)
def test_a_sentence_that_would_be_false_is_not_said(fresh, query, never):
    assert never not in sentence(lab(fresh, query))


def test_the_title_and_the_sentence_tell_one_story(page):
    """Every combination of knobs: no sentence is broken, and no title contradicts the theory."""
    told = page.evaluate(
        """() => {
            const of = (key) => Object.keys(labSettings.FIELDS.find((f) => f.key === key).choices);
            const told = [];
            for (const init of of("init")) for (const activation of of("activation"))
                for (const branch of of("branch")) for (const norm of of("norm")) {
                    const fields = labSettings.FIELDS.map((f) => [f.key, f.fallback]);
                    const size = {depth: 6, width: 64, networks: 9};
                    const knobs = {init, activation, branch, norm, ...size};
                    const settings = {...Object.fromEntries(fields), ...knobs};
                    const measured = lab.model.measure(settings);
                    const theory = lab.model.predict(settings);
                    told.push({
                        knobs,
                        text: labWords.sentences(settings, measured, theory).join(" "),
                        end: labWords.typicalEnd(settings, measured),
                        change: labWords.typicalChange(settings, measured),
                        theory: theory
                            && [theory.forward[5], theory.backward[0] / theory.backward[5]],
                    });
                }
            return told;
        }"""
    )
    assert len(told) == 7 * 8 * 4 * 3
    assert [t for t in told if re.search(r"\$|undefined|NaN|null|Infinity", t["text"])] == []
    # A layer of zeros hands on a number that is not of the signal: there the title says 0.
    dead = [t for t in told if t["knobs"]["init"] == "zero" and t["knobs"]["branch"] == "none"]
    assert [t for t in dead if t["end"] != 0] == []
    rest = [t for t in told if t not in dead and t["theory"] is not None]
    for number, name in enumerate(("end", "change")):
        off = [t for t in rest if not 1 / 2 < t[name] / t["theory"][number] < 2]
        assert [t for t in off if "scatter" not in t["text"]] == []


def test_where_networks_scatter_the_typical_one_is_named(fresh):
    page = lab(fresh, "init=he&width=16&depth=50&networks=20")
    found = re.search(
        r"in the median of the 20 networks drawn the signal ends at (\S+(?: · \S+)?), and the"
        r" gradient changes by the factor (\S+(?: · \S+)?)\.",
        sentence(page),
    )
    table = page.locator("#lab-numbers tbody tr").last.locator("td").first
    assert found[1] == table.text_content().replace("\u00a0", " ")
    assert "the signal dies" in page.locator("#lab-forward svg").text_content()
    assert "still 1, half of it held by fewer than one network in forty" in sentence(page)
    for query in ("init=he&width=512", "init=orthogonal&activation=linear&width=16"):
        assert not re.search("scatter|in forty", sentence(lab(fresh, query)))


@pytest.mark.parametrize(
    ("query", "chart", "title"),
    [
        (
            "init=std&activation=selu&std=6&width=8&depth=90&networks=20&seed=390",
            "backward",
            "Backward: no gradient in 16 of 20 networks",
        ),
        # One gradient of nine overflows, and three are 0: the median is neither.
        (
            "init=std&std=4&width=8&depth=100&distribution=truncated&bias=0.1&networks=9&seed=981",
            "backward",
            "Backward: the gradient grows",
        ),
        (
            "init=constant&activation=leaky_relu&slope=1&norm=after&bias=0.1&depth=5",
            "forward",
            "Forward: the signal dies, nothing of it is left",
        ),
        (
            "init=constant&activation=relu&norm=before&bias=0.1&depth=2",
            "backward",
            "Backward: the gradient dies, nothing of it is left",
        ),
        (
            "init=constant&activation=linear&norm=before&bias=0.1&depth=5",
            "forward",
            "Forward: the signal dies, nothing of it is left",
        ),
        (
            "init=constant&norm=after&bias=0.5",
            "forward",
            "Forward: the signal dies, nothing of it is left",
        ),
        (
            "init=constant&norm=after&bias=0.5&activation=tanh&depth=2",
            "backward",
            "Backward: the gradient dies, nothing of it is left",
        ),
        ("init=constant&norm=after&bias=0.5&depth=1", "forward", "Forward: the signal stays"),
    ],
)
def test_the_titles_speak_of_the_median_network(fresh, query, chart, title):
    assert title in lab(fresh, query).locator(f"#lab-{chart} svg").text_content()


def test_the_gradients_arrow_counts_the_networks_that_its_title_counts(fresh):
    page = lab(fresh, "init=std&std=5&width=8&depth=80&bias=1&networks=9&seed=94")
    chart = page.locator("#lab-backward svg").text_content()
    assert "Backward: the gradient dies, nothing of it is left" in chart
    assert "up, then down to 0" in chart
    assert "in the median of 5 networks" in chart


@pytest.mark.parametrize(
    ("query", "chart", "told"),
    [
        # What rounding leaves of a sum that is 0 is no gradient.
        ("init=constant&norm=before&bias=0.5&depth=2", "backward", "gradients: 0 at layer 1"),
        ("init=constant&norm=after&bias=0.5&depth=3", "backward", "gradients: 0 at layer 1"),
        # Eight of ten overflow, by their first input or by their second.
        ("init=constant&branch=one", "cosine", "in the medians of 10 networks and of 2"),
        ("init=zero", "cosine", "Cosine: no number at any layer."),
        (
            "init=std&std=10&depth=100",
            "off",
            "and no number at layer 100, in the median of 1 network.",
        ),
        (
            "init=std&branch=one&depth=90&width=8&networks=3&std=10",
            "forward",
            "Theory says 5000 and overflow.",
        ),
        # A branch of equal weights reads a sum of 0, on whichever side of it the rounding falls.
        ("init=constant&branch=one&norm=before", "off", "steepest: 1 at block 1"),
        ("init=he", "cosine", "in the median of 10 networks"),
        # Eight inputs of the first network overflow, and the one that is followed does not.
        ("init=std&std=10&depth=45&width=32", "last", "of layer 45, of 24 of 32 inputs"),
        # Of 32 inputs 13 overflow, for which the units are on: of the others alone all are off.
        ("init=constant&branch=one&networks=1&seed=3", "last", "block 30, of 19 of 32 inputs"),
        ("init=constant&branch=one&networks=1&seed=3", "off", "and no number at block 30"),
        ("init=std&depth=81&width=8&networks=1&std=5&seed=3", "last", "of 10 of 32 inputs"),
        ("init=std&depth=82&width=8&networks=1&std=5&seed=3", "last", "of 9 of 32 inputs"),
        ("init=he", "last", "Activations of layer 30Histogram of 4096 numbers"),
    ],
)
def test_a_chart_is_described_by_what_it_shows(fresh, query, chart, told):
    page = lab(fresh, query)
    assert told in page.locator(f"#lab-{chart} svg").text_content()
    assert "NaN" not in page.locator("#lab").inner_html()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_what_has_overflowed_stays_so(page, name):
    fallback = "Object.fromEntries(labSettings.FIELDS.map((field) => [field.key, field.fallback]))"
    settings = {"activation": name, "init": "std", "std": 10, "depth": 100, "width": 32}
    squares = page.evaluate(
        f"""more => lab.model.walk({{...{fallback}, ...more}}, Float32Array.from({{length: 784}},
            (_, k) => k % 2 ? 1 : -1), []).squares.map(String)""",
        settings,
    )
    beyond = [text in ("Infinity", "NaN") for text in squares]
    assert beyond == sorted(beyond)
    assert beyond[-1] is (name not in ("tanh", "sigmoid"))


def test_every_number_can_be_written(page):
    plain = {0: "0", 0.48: "0.48", -3: "−3", 0.00996: "0.01", 9949: "9900"}
    large = {9951: "10⁴", 99999: "10⁵", -2.5e5: "−2.5 · 10⁵", 1.7e308: "1.7 · 10³⁰⁸"}
    small = {2.2e-9: "2.2 · 10⁻⁹", -1e-9: "−10⁻⁹", 9.96e-9: "10⁻⁸", 5e-324: "4.9 · 10⁻³²⁴"}
    numbers = plain | large | small
    found = page.evaluate("all => all.map((number) => labChart.number(number))", list(numbers))
    assert [text.replace("\u00a0", " ") for text in found] == list(numbers.values())


def test_an_overflow_is_called_so_where_numbers_are_written(fresh):
    page = lab(fresh, "init=std&activation=selu&std=6&width=8&depth=90&networks=20&seed=390")
    chart = page.locator("#lab-forward svg").text_content()
    assert "and overflow at layer 90, in the median of 20 networks" in chart
    row = page.locator("#lab-numbers tbody tr").last
    assert row.locator("td").first.text_content() == "overflow"


def test_an_overflow_names_its_layer(fresh):
    page = lab(fresh, "init=std&std=10&depth=100&activation=linear")
    found = re.search(r"overflowed first at layer (\d+)", sentence(page))
    # The mean square grows by 100 a layer, and float32 ends at 3.4e38: near layer 38.
    assert 36 <= int(found[1]) <= 40
    assert "overflow, first at layer" in page.locator("#lab-forward svg").text_content()


@pytest.mark.parametrize(
    "query",
    [
        "init=zero",
        "init=zero&activation=sigmoid",
        "init=zero&bias=0.5",
        "init=constant",
        "init=constant&activation=sigmoid&std=10",
        "init=std&std=0",
        "init=std&std=0&depth=1&width=8&networks=1",
        "init=std&std=10&depth=100&width=512&activation=gelu",
        "init=std&std=0.01&depth=100&width=8",
        "init=orthogonal&width=512&depth=100",
        "activation=leaky_relu&slope=0&bias=2&depth=100",
        "init=std&std=10&depth=100&branch=one&bias=1",
        "init=constant&norm=before",
        "init=zero&norm=after&activation=sigmoid",
        "init=zero&branch=inverse&norm=before",
        "init=std&std=0.01&depth=100&norm=after&activation=gelu",
        "depth=1&networks=1",
    ],
)
def test_no_setting_leaves_the_page_blank(fresh, query):
    page = lab(fresh, query)
    assert len(sentence(page)) > 20
    assert "NaN" not in page.locator("#lab").inner_text()
    assert "Infinity" not in page.locator("#lab").inner_text()
    assert page.locator("#lab svg").count() >= 4
    assert "NaN" not in page.locator("#lab").inner_html()
    assert page.locator("#lab-problems").inner_text() == ""


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("depth=1000", ["depth=1000", "1 to 100", "30"]),
        ("depth=3.5", ["depth=3.5", "whole number"]),
        ("width=lots", ["width=lots", "8 to 512"]),
        ("activation=swish", ["activation=swish", "relu", "silu"]),
        ("init=kaiming&std=-1", ["init=kaiming", "xavier", "std=-1"]),
        ("colour=red", ["colour", "activation"]),
        ("std=", ["std=", "0 to 10"]),
        ("bias=<b>1</b>", ["bias=<b>1</b>"]),
    ],
)
def test_an_address_that_cannot_be_used_is_answered(fresh, query, parts):
    page = lab(fresh, query)
    message = page.locator("#lab-problems").inner_text()
    assert all(part in message for part in parts), message
    assert page.locator("#lab-problems b").count() == 0
    assert page.locator("#lab svg").count() >= 4


def test_the_link_shows_the_same_experiment(fresh):
    page = lab(fresh)
    page.get_by_role("button", name="More knobs").click()
    page.select_option("#lab-activation", "leaky_relu")
    page.locator("#lab-depth").fill("12")
    page.locator("#lab-std").fill("1.25")
    page.locator("#lab-slope").fill("0.3")
    page.get_by_role("button", name="Draw again").click()
    settled(page)
    query = page.locator("#lab-link").get_attribute("href").partition("?")[2]
    for part in ("init=std", "leaky_relu", "depth=12", "std=1.25", "slope=0.3", "seed=2"):
        assert part in query
    twin = lab(fresh, query)
    for place in ("#lab-forward", "#lab-backward", "#lab-last"):
        assert twin.locator(place).inner_html() == page.locator(place).inner_html()
    assert sentence(twin) == sentence(page)


def test_the_charts_take_the_room_that_the_window_gives(fresh):
    page = lab(fresh)
    chart = page.locator("#lab-backward svg")
    before = chart.bounding_box()["width"]
    page.set_viewport_size({"width": 550, "height": 900})
    page.wait_for_function(
        "before => document.querySelector('#lab-backward svg').clientWidth > 1.3 * before",
        arg=before,
    )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("mode", ["desktop light", "phone light"])
def test_a_square_bears_the_number_of_its_layer(fresh, mode):
    page = lab(fresh, "depth=30", mode)
    named = [
        name.split()[-1] for name in page.locator("#lab-strip div > :first-child").all_inner_texts()
    ]
    ticks = page.locator("#lab-forward .lab-tick").all_text_contents()
    assert named[0] == "input"
    assert named[-1] == "30"
    assert set(named[1:]) < set(ticks)


def test_drawing_again_draws_other_networks(fresh):
    page = lab(fresh)
    before = page.locator("#lab-forward").inner_html()
    page.get_by_role("button", name="Draw again").click()
    settled(page)
    assert page.locator("#lab-forward").inner_html() != before


def test_whoever_predicts_first_sees_nothing_before(fresh):
    page = lab(fresh, "init=xavier&predict=1")
    curves = page.locator("#lab :is(.lab-network, .lab-theory, .lab-band)")
    blank = "canvas => !canvas.getContext('2d').getImageData(0, 0, 9, 9).data.some(Boolean)"
    squares = page.locator("#lab-strip canvas").all()
    assert [square.evaluate(blank) for square in squares] == [False] + [True] * (len(squares) - 1)
    assert curves.count() == 0
    assert page.locator("#lab-numbers td").count() == 0
    assert page.locator("#lab-sentence").inner_text() == ""
    page.get_by_role("button", name="It grows").click()
    assert page.locator("#lab-verdict").inner_text() == "You said it grows. It dies."
    page.get_by_role("button", name="Draw again").click()
    settled(page)
    assert page.locator("#lab-verdict").inner_text() == "You said it grows. It dies."
    assert page.locator("#lab svg").count() >= 4
    page.get_by_role("button", name="He", exact=True).click()
    settled(page)
    assert curves.count() == 0
    page.get_by_role("button", name="It stays").click()
    assert page.locator("#lab-verdict").inner_text() == "You said it stays. It does."
    page.get_by_role("button", name="More knobs").click()
    page.get_by_role("button", name="Back to the start").click()
    settled(page)
    assert page.locator("#lab-predict").get_attribute("aria-pressed") == "true"
    assert curves.count() == 0


def test_the_verdict_is_on_the_networks_that_are_shown(fresh):
    page = lab(fresh, "init=he&width=64&depth=50&predict=1")
    title = page.locator("#lab-forward svg .lab-title")
    page.get_by_role("button", name="It stays").click()
    ends = set()
    for _ in range(8):
        settled(page)
        end = "dies" if "dies" in title.text_content() else "does"
        assert page.locator("#lab-verdict").inner_text() == f"You said it stays. It {end}."
        ends.add(end)
        page.get_by_role("button", name="Draw again").click()
    assert ends == {"dies", "does"}


def test_a_guess_waits_for_the_networks_that_it_is_of(fresh):
    page = lab(fresh, "init=xavier&width=512&depth=30&predict=1")
    names = ("He", "It stays: 0.1 to 10")
    both = [page.get_by_role("button", name=name, exact=True).element_handle() for name in names]
    page.evaluate("both => both.forEach((button) => button.click())", both)
    settled(page)
    assert "the signal stays" in page.locator("#lab-forward svg").text_content()
    assert page.locator("#lab-verdict").inner_text() == "You said it stays. It does."


def test_a_guess_waits_for_the_last_of_several_changes(fresh):
    page = lab(fresh, "init=he&width=384&depth=30&predict=1")
    said = page.evaluate(
        """async () => {
            const seen = new Set(), verdict = document.getElementById("lab-verdict");
            const watch = new MutationObserver(() => seen.add(verdict.textContent));
            watch.observe(verdict, {childList: true, characterData: true, subtree: true});
            const size = document.getElementById("lab-size");
            for (const value of [0.5, 2.5]) {
                size.value = value;
                size.dispatchEvent(new Event("input", {bubbles: true}));
            }
            document.querySelector("[data-guess=grows]").click();
            const host = document.getElementById("lab");
            while (host.getAttribute("aria-busy") !== "false" || !verdict.textContent)
                await new Promise((done) => setTimeout(done, 10));
            return [...seen].filter(Boolean);
        }"""
    )
    assert said == ["You said it grows. It does."]


@pytest.mark.parametrize("mode", ["desktop light", "phone dark"])
def test_the_lab_can_be_used_by_keyboard_alone(fresh, mode):
    page = lab(fresh, "init=he", mode)
    page.locator("#lab-more").press("Enter")
    page.locator("#lab-size").focus()
    seen = set()
    for _ in range(30):
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
        if page.evaluate("document.activeElement.id") == "lab-depth":
            page.keyboard.press("ArrowRight")
        if page.evaluate("document.activeElement.id") == "lab-activation":
            page.keyboard.type("tanh")
        page.keyboard.press("Tab")
    assert {"lab-size", "lab-activation", "lab-depth", "lab-width", "lab-again", "lab-link"} <= seen
    settled(page)
    assert page.locator("#lab-depth").input_value() == "31"
    assert page.locator("#lab-activation").input_value() == "tanh"
    assert "settles" in sentence(page)
    page.locator("#lab-numbers summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("#lab-numbers tbody tr").count() == 31
    assert page.locator("#lab-numbers tbody").is_visible()


@pytest.mark.parametrize("mode", ["desktop light", "desktop dark", "phone light", "phone dark"])
@pytest.mark.parametrize("query", ["init=xavier", "init=std&std=10&depth=100", "predict=1"])
def test_the_lab_is_accessible_in_every_state(fresh, mode, query):
    page = lab(fresh, query, mode)
    if "predict" not in query:
        page.locator("#lab-numbers summary").click()
    found, _ = violations(page)
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_every_chart_says_in_words_what_it_shows(fresh):
    page = lab(fresh, "init=xavier")
    for chart in page.locator("#lab svg").all():
        assert chart.get_attribute("role") == "img"
        assert len(chart.locator("desc").text_content()) >= 40
    text = page.locator("#lab-forward desc").text_content()
    assert "at layer 30" in text
    assert "Theory says" in text


def test_the_picture_follows_a_knob_while_it_is_dragged(fresh):
    page = lab(fresh)
    # Nothing else happens in the page between two moves: no picture can be done so soon.
    pictures = page.evaluate(
        """() => new Promise(done => {
            const host = document.getElementById("lab");
            const knob = document.getElementById("lab-depth");
            const pictures = [];
            new MutationObserver(() => {
                pictures.push(host.dataset.state);
                if (host.dataset.state === "init=xavier&depth=50") done(pictures);
            }).observe(host, {attributeFilter: ["data-state"]});
            for (let depth = 31; depth <= 50; depth++) {
                knob.value = depth;
                knob.dispatchEvent(new Event("input", {bubbles: true}));
            }
        })"""
    )
    expected = [f"init=xavier&depth={depth}" for depth in (31, 50)]
    assert pictures == expected, "one picture at a time: the first and the newest"
    settled(page)
    assert page.locator("#lab-numbers tbody tr").count() == 50


def test_the_page_brings_less_than_400_kb_of_its_own(book):
    sizes = {path.name: path.stat().st_size for path in (book / SCRIPTS).iterdir()}
    print(f"\n{sizes}, together {sum(sizes.values())} bytes")
    assert sum(sizes.values()) <= 400_000


def test_links_from_the_chapters_lead_to_experiments_that_exist(fresh, book):
    addresses = {
        page: re.findall(r'href="lab\.html\?([^"]+)"', (book / f"{page}.html").read_text("utf-8"))
        for page in ("book/lab", "book/choose", *toc.chapter_pages())
    }
    assert all(addresses.values())
    assert len(addresses["book/lab"]) == 7
    page = lab(fresh)
    for query in {query for found in addresses.values() for query in found}:
        problems = page.evaluate("query => lab.parse(query).problems", query.replace("&amp;", "&"))
        assert problems == [], query


# --- The slider, the axes that stay, the guess that is drawn ------------------------------------


def test_the_lab_begins_where_something_happens(fresh):
    page = lab(fresh)
    assert page.locator("#lab-size").input_value() == "1"
    assert page.get_by_role("button", name="Xavier").get_attribute("aria-pressed") == "true"
    assert "30 layers of 128 units" in page.locator("#lab-made").inner_text()
    assert "dies" in page.locator("#lab-forward svg").text_content()


def test_an_address_from_before_means_what_it_meant(fresh):
    page = lab(fresh)
    for query, init in (("", "xavier"), ("depth=50", "he"), ("init=lecun", "lecun")):
        assert page.evaluate("query => lab.parse(query).settings.init", query) == init
    for query in ("init=xavier&depth=50", "init=he", "init=std&std=0.5", "init=xavier&seed=3"):
        assert page.evaluate("query => lab.query(lab.parse(query).settings)", query) == query


def test_the_slider_passes_the_rules_that_have_a_place_on_it(fresh):
    page = lab(fresh)
    for size, init in ((0, "zero"), (0.5, "std"), (1, "xavier"), (1.41, "he"), (2.7, "std")):
        drag(page, size)
        assert page.locator("#lab").get_attribute("data-init") == init
        assert page.locator("#lab-made").inner_text() == "ReLU, 30 layers of 128 units"
    for name, value in (("LeCun", "1.00"), ("He", "1.41"), ("zero", "0.00"), ("Xavier", "1.00")):
        page.get_by_role("button", name=name, exact=True).press("Enter")
        settled(page)
        assert page.locator(".lab-size output").inner_text() == value
        pressed = page.locator(".lab-marks [aria-pressed=true]").all_inner_texts()
        assert pressed == [name]
    page.get_by_role("button", name="More knobs").click()
    page.select_option("#lab-distribution", "orthogonal")
    drag(page, 1.41)
    query = page.locator("#lab-link").get_attribute("href").partition("?")[2]
    assert query == "init=orthogonal&std=1.41"
    page.select_option("#lab-distribution", "uniform")
    settled(page)
    query = page.locator("#lab-link").get_attribute("href").partition("?")[2]
    assert query.startswith("init=he&distribution=uniform")


@pytest.mark.parametrize("mode", ["desktop light", "phone light"])
def test_nothing_but_the_lines_moves_while_the_size_is_dragged(fresh, mode):
    page = lab(fresh, mode=mode)
    places = """() => ["#lab-strip", "#lab-forward", "#lab-backward"]
        .map(id => document.querySelector(id).getBoundingClientRect().top)"""
    ticks = "() => [...document.querySelectorAll('#lab-forward .lab-tick')].map(t => t.outerHTML)"
    before = page.evaluate(places), page.evaluate(ticks)
    for size in (0, 0.32, 1.2, 1.41, 3):
        drag(page, size)
        assert (page.evaluate(places), page.evaluate(ticks)) == before, size


def test_an_arrow_says_where_a_line_leaves_the_axis_and_what_it_comes_to(fresh):
    page = lab(fresh)
    arrow = page.locator("#lab-forward .lab-gone")
    assert arrow.count() == 0
    drag(page, 3)
    median = page.locator("#lab-numbers tbody tr").last.locator("td").first.text_content()
    assert arrow.text_content() == f"up to {median}"
    drag(page, 0.5)
    assert arrow.text_content().startswith("down to ")
    drag(page, 0)
    assert arrow.text_content() == "down to 0"


@pytest.mark.parametrize(("width", "height"), [(1400, 900), (390, 844)])
def test_slider_sentence_and_picture_are_seen_at_once(fresh, width, height):
    page = lab(fresh)
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_timeout(500)
    settled(page)
    for place in ("#lab-size", "#lab-sentence", "#lab-strip", "#lab-forward"):
        box = page.locator(place).bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= height, place


@pytest.mark.parametrize(
    ("said", "power", "end", "verdict"),
    [
        ("stays", 0, 1e-5, "You drew it to 1: it stays. It dies, to 10⁻⁵ in the median network."),
        ("grows", 3, None, "You drew it to 1000: it grows. It does, and overflows in the median"),
        # The mean square that is left is not of the signal.
        ("stays", 0, 0, "it stays. It dies: nothing of it is left in the median network."),
        ("dies", -3, 0, "it dies. It does: nothing of it is left in the median network."),
    ],
)
def test_the_verdict_names_what_becomes_of_the_signal(page, said, power, end, verdict):
    script = "([said, power, end]) => labWords.verdictOn(said, power, end ?? Infinity)"
    assert verdict in page.evaluate(script, [said, power, end])


@pytest.mark.parametrize("mode", ["desktop light", "phone light"])
def test_a_guess_can_be_drawn(fresh, mode):
    page = lab(fresh, "init=xavier&predict=1", mode)
    chart = page.locator("#lab-forward")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    middle = box["y"] + box["height"] * 0.42
    page.mouse.move(box["x"] + box["width"] * 0.2, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, middle, steps=5)
    page.mouse.up()
    assert "Go on" in chart.text_content()
    assert page.locator("#lab .lab-network").count() == 0
    page.mouse.move(box["x"] + box["width"] * 0.6, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 4, box["y"] + 36, steps=5)
    page.mouse.up()
    verdict = page.locator("#lab-verdict").inner_text()
    assert re.match(
        r"You drew it to .*10.*: it grows\. It dies, to .* in the median network\.", verdict
    )
    assert page.locator("#lab-forward .lab-guess").count() == 1
    assert page.locator("#lab-forward .lab-network").count() == 10
    drag(page, 1.2)
    assert page.locator("#lab-forward .lab-network").count() == 0


# --- The front page -----------------------------------------------------------------------------

FRONT = "book/intro.html"
ROW_NAMES = ["zero", "too small", "Xavier", "He", "too large"]
MARKS = ["zero", "xavier", "lecun", "he"]


@pytest.fixture
def front(fresh):
    """Open the front page, and wait for its rows."""

    def open_front(mode="desktop light"):
        page = fresh(FRONT, mode)
        page.wait_for_selector(".rows .rows-number")
        page.wait_for_selector("#rows[aria-busy=false]")
        return page

    return open_front


def row(page, name):
    """The numbers below a row's squares, and their mean brightness."""
    number = page.locator(".rows-name").all_inner_texts().index(name)
    cells = page.locator(".rows-cell").all()[8 * number : 8 * number + 8]
    bright = """e => {
        const c = e.querySelector("canvas");
        const { data } = c.getContext("2d").getImageData(0, 0, c.width, c.height);
        return data.filter((_, k) => k % 4 === 0).reduce((sum, v) => sum + v, 0) / c.width ** 2;
    }"""
    numbers = [cell.locator(".rows-number").text_content() for cell in cells]
    return numbers, [cell.evaluate(bright) for cell in cells]


def test_the_live_rows_begin_as_the_still_ones(front):
    page = front()
    assert page.locator("#fig-landing svg").count() == 0
    assert page.locator(".rows-name").all_inner_texts() == ROW_NAMES
    assert page.locator("#rows-says").inner_text().startswith("At 1.41, He's size, a layer keeps")
    for name in ROW_NAMES:
        numbers, bright = row(page, name)
        assert numbers[0] == "1"
        last = numbers[-1]
        if name == "zero":
            assert numbers[1:] == ["0"] * 7
        elif name == "He":
            assert 0.01 < float(last) < 50
            assert min(bright) > 10
        else:
            factor = {"too small": 0.32, "Xavier": 1, "too large": 3.2}[name] ** 2 / 2
            power = int(last[2:].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")))
            assert abs(power - 50 * math.log10(factor)) < 2
            assert (bright[-1] > 100) is (factor > 1)


def test_the_rows_are_seen_at_once(front):
    page = front()
    page.set_viewport_size({"width": 1400, "height": 900})
    page.wait_for_timeout(500)
    for place in ("#rows", ".rows"):
        box = page.locator(place).bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 900, place
    last = page.locator(".rows-number").last.bounding_box()
    assert last["y"] + last["height"] <= 900
    names = [page.locator(f"#rows [data-mark={mark}]").bounding_box() for mark in MARKS]
    assert all(a["x"] + a["width"] <= b["x"] for a, b in itertools.pairwise(names))


def test_the_size_of_a_row_is_set_by_the_slider_and_by_its_marks(front):
    page = front()
    alive = row(page, "He")[1]
    page.fill("#rows-size", "0.5")
    page.wait_for_selector("#rows[aria-busy=false]")
    assert "0.50" in page.locator(".rows-name").all_inner_texts()
    assert "It dies." in page.locator("#rows-says").inner_text().replace("The signal", "It")
    assert row(page, "0.50")[1][-1] == 0 < alive[-1]
    page.fill("#rows-size", "2.5")
    page.wait_for_selector("#rows[aria-busy=false]")
    assert row(page, "2.50")[1][-1] > 100
    page.get_by_role("button", name="Xavier").press("Enter")
    page.wait_for_selector("#rows[aria-busy=false]")
    assert "keeps half" in page.locator("#rows-says").inner_text()
    page.get_by_role("radio", name="zero").focus()
    page.keyboard.press("ArrowDown")
    assert page.locator(".rows-size, .lab-size output").inner_text() == "0.32"
    page.fill("#rows-size", "1.41")
    page.wait_for_selector("#rows[aria-busy=false]")
    assert page.locator(".rows-name").all_inner_texts()[1] == "He"


@pytest.mark.parametrize("mode", ["desktop light", "desktop dark", "phone light", "phone dark"])
def test_the_front_page_is_accessible_with_its_live_rows(front, mode):
    page = front(mode)
    assert violations(page)[0] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [1400, 390])
def test_the_live_rows_move_nothing_when_they_come(browser, book, width):
    heights = []
    for scripts in (False, True):
        page = new_page(
            browser, viewport={"width": width, "height": 900}, java_script_enabled=scripts
        )
        page.goto((book / FRONT).as_uri())
        page.wait_for_selector(".rows .rows-number" if scripts else "#fig-landing svg.picture")
        heights.append(page.locator("#fig-landing").bounding_box()["height"])
        if scripts:
            kept, used = page.evaluate(
                """() => {
                    const host = document.getElementById("rows");
                    return [parseFloat(getComputedStyle(host).minHeight), host.offsetHeight];
                }"""
            )
            assert used == pytest.approx(kept, abs=1), "the place is kept before the script comes"
        page.context.close()
    assert heights[1] == pytest.approx(heights[0], abs=2)


def test_without_scripts_the_still_picture_stays(browser, book):
    page = new_page(browser, java_script_enabled=False)
    page.goto((book / FRONT).as_uri())
    assert page.locator("#fig-landing svg.picture").is_visible()
    assert not page.locator("#rows").is_visible()
    page.context.close()
