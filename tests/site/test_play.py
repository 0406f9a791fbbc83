"""The small labs: what they compute against the package, and what a reader does with them."""

import json
import math
import re

import numpy as np
import pytest
from scipy import stats

import initcourse as ic
from conftest import visit
from initcourse import decoder, normalization, residual, testing
from tools import toc
from tools.browser import new_page

LABS = [
    (chapter.page, name)
    for chapter in toc.chapters()
    for cell in json.loads((toc.ROOT / f"{chapter.page}.ipynb").read_text("utf-8"))["cells"]
    for name in re.findall(r"lab-(\w+)", " ".join(cell["metadata"].get("tags", [])))
]


@pytest.fixture(scope="module")
def page(browser, book):
    """A chapter, whose models the tests call."""
    seen = visit(browser, (book / f"{LABS[0][0]}.html").as_uri())
    yield seen.page
    seen.page.context.close()


def model(page, call):
    """Evaluate a call of the labs' models."""
    return page.evaluate(f"() => playModels.{call}")


def says(page, lab, /, **settings):
    """Return the sentence of a lab."""
    knobs = "Object.fromEntries(lab.knobs.map(knob => [knob.key, knob.start]))"
    script = f"""settings => {{
        const lab = playLabs.{lab};
        return lab.draw({{ ...{knobs}, ...settings }}, 700, 1)[1];
    }}"""
    return page.evaluate(script, settings)


# --- the models ---------------------------------------------------------------------------------


def test_each_chapter_has_two_small_labs():
    for chapter in toc.chapters():
        assert sum(page == chapter.page for page, _ in LABS) >= 2, chapter.page


@pytest.mark.parametrize("slope", [0, 0.2, 1])
def test_what_a_leaky_relu_keeps(page, slope):
    f = ic.activations.leaky_relu(slope)
    assert model(page, f"kept({slope})") == pytest.approx(ic.moments(f).second_moment)


@pytest.mark.parametrize(("name", "scale"), [("relu", 2), ("linear", 0.64), ("leaky_relu", 1.5)])
def test_a_chain_of_layers_multiplies_as_matrices_do(page, name, scale):
    width, slope, networks = 40, 0.2, 600
    settings = f"name: '{name}', slope: {slope}, depth: 3, width: {width}, scale: {scale}"
    chains = model(
        page, f"range({networks}).map(k => playModels.chain({{ {settings}, seed: k + 1 }}))"
    )
    rng = np.random.default_rng(0)
    drawn = ic.measure(
        [width] * 4,
        lambda shape, rng, dtype: rng.normal(0, math.sqrt(scale / width), shape).astype(dtype),
        rng.standard_normal((1, width)),
        activation=ic.activations.leaky_relu(slope) if name == "leaky_relu" else name,
        networks=networks,
        rng=rng,
    ).forward
    factors = np.array(chains)[:, 1:] / np.array(chains)[:, :-1]
    f = {"relu": "relu", "linear": "linear"}.get(name, ic.activations.leaky_relu(slope))
    testing.assert_mean(factors, scale * ic.moments(f).second_moment, axis=0)
    for layer in (1, 2):
        mine, theirs = (np.log(np.array(a)[:, layer] / np.array(a)[:, 0]) for a in (chains, drawn))
        assert stats.ks_2samp(mine, theirs).pvalue > 1e-5


@pytest.mark.parametrize("spread", [0, 0.5, 3, 20])
@pytest.mark.parametrize("classes", [2, 10])
def test_the_mean_first_loss(page, spread, classes):
    z, u = np.linspace(-8, 8, 3201), np.arange(-9 * spread - 40, 5 * spread + 6, 0.05)
    density = stats.norm.pdf(z) * (z[1] - z[0])
    share = np.exp(-np.exp(u[:, None] + spread * z)) @ density
    exact = 0.05 * np.sum(np.exp(-np.exp(u)) - share**classes)
    assert model(page, f"firstLoss({spread}, {classes})") == pytest.approx(exact, rel=2e-3)


def test_answers_are_shares(page):
    shares = model(page, "softmax([1000, 1001, -1000])")
    assert shares == pytest.approx([1 / (1 + math.e), math.e / (1 + math.e), 0])


@pytest.mark.parametrize("rule", ["xavier", "in", "out"])
def test_a_matrix_both_ways(page, rule):
    preset = {
        "xavier": ic.glorot_normal,
        "in": ic.lecun_normal,
        "out": lambda shape, rng: ic.variance_scaling(shape, 1.0, "fan_out", "normal", rng=rng),
    }[rule]
    weights = preset((400, 100), rng=np.random.default_rng(1)).astype("float64")
    found = model(page, f"ways('{rule}', 400, 100)")
    testing.assert_variance(weights, found["up"] / 400)
    assert found["down"] == pytest.approx(found["up"] / 4)


@pytest.mark.parametrize(("n", "length"), [(1, 1), (50, 1), (400, 0.05)])
def test_sums_of_arrows(page, n, length):
    paths = np.array(model(page, f"arrows(800, {n}, {length}, 7)"))
    assert paths.shape == (800, n + 1, 2)
    assert np.linalg.norm(np.diff(paths, axis=1), axis=2) == pytest.approx(length)
    ends = paths[:, -1]
    testing.assert_mean(ends, 0, axis=0)
    if n > 1:
        testing.assert_mean((ends**2).sum(axis=1), n * length**2)


@pytest.mark.parametrize("name", ["linear", "tanh", "sigmoid", "relu", "selu", "gelu", "silu"])
def test_the_factors_of_a_gain(page, name):
    found = model(page, f"gains('{name}', 1.3)")
    assert found["forward"] == pytest.approx((1.3 / ic.forward_gain(name)) ** 2, rel=1e-6)
    assert found["backward"] == pytest.approx((1.3 / ic.backward_gain(name)) ** 2, rel=1e-6)


@pytest.mark.parametrize("start", [(0, 1), (-0.8, 0.3), (0.5, 2)])
@pytest.mark.parametrize("scale", [0.5, 1, 1.7])
def test_a_roll_is_a_layer_of_selu(page, start, scale):
    mean, variance = start
    layer = ic.moments("selu", std=math.sqrt(scale * (variance + mean**2)))
    assert model(page, f"roll({list(start)}, {scale})") == pytest.approx(
        [layer.mean, layer.variance], abs=1e-9
    )


@pytest.mark.parametrize("cut", [0.5, 2, 4])
def test_the_variance_without_tails(page, cut):
    assert model(page, f"tails({cut})") == pytest.approx(stats.truncnorm(-cut, cut).var(), rel=1e-6)


@pytest.mark.parametrize("kernel", [1, 3, 7])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_what_a_window_reads_and_a_pixel_enters(page, kernel, stride):
    size, half = 8, kernel // 2
    sees = np.zeros((math.ceil(size / stride), size + 2 * half), bool)
    for output in range(len(sees)):
        sees[output, output * stride : output * stride + kernel] = True
    sees = sees[:, half : half + size]
    for output, row in enumerate(sees):
        assert model(page, f"reads(8, {kernel}, {stride}, {output})") == list(np.flatnonzero(row))
    for pixel, column in enumerate(sees.T):
        found = model(page, f"enters(8, {kernel}, {stride}, {pixel})")
        assert found == list(np.flatnonzero(column))


@pytest.mark.parametrize("last", [0, 0.1, 1, 2])
def test_a_stream_adds_as_a_residual_network_does(page, last):
    networks, width = 600, 24
    settings = f"blocks: 3, width: {width}, last: {last}"
    streams = np.array(
        model(page, f"range({networks}).map(k => playModels.stream({{ {settings}, seed: k + 1 }}))")
    )
    begin = residual.Start(last=last)
    x = np.ones((1, width))
    drawn = residual.measure(3, begin, x, networks=networks, rng=0).forward
    testing.assert_mean(streams[:, 1:] / streams[:, :-1], residual.growth(begin), axis=0)
    for block in (1, 3) if last else ():
        mine, theirs = np.log(streams[:, block]), np.log(drawn[:, block])
        assert stats.ks_2samp(mine, theirs).pvalue > 1e-5


@pytest.mark.parametrize("matrices", [2, 3, 4])
def test_the_first_step_is_level_at_the_power_of_fixup(page, matrices):
    power = residual.fixup_exponent(matrices)
    assert model(page, f"firstStep({power}, {matrices}, 64)") == pytest.approx(1)
    assert model(page, f"firstStep(0, {matrices}, 64)") == pytest.approx(64)
    assert model(page, f"firstStep(-0.1, {matrices}, 64)") == pytest.approx(
        64 * (64**-0.1) ** (2 * matrices - 2)
    )


@pytest.mark.parametrize("norm", ["none", "layer", "batch"])
def test_what_a_normalized_layer_makes_of_a_gradient(page, norm):
    each = model(page, f"normed('{norm}', 0.7)")
    if norm == "none":
        backward = ic.predict("relu", 3, 0.7).backward
        assert each == pytest.approx(backward[0] / backward[1])
    else:
        assert each == pytest.approx(normalization.gradient_factor(norm), rel=1e-9)


@pytest.mark.parametrize(("size", "decay"), [(4, 0.1), (0.2, 0.5)])
def test_the_angles_are_those_of_normalized_weights(page, size, decay):
    rate, steps = 0.1, 2000
    settings = f"size: {size}, rate: {rate}, decay: {decay}, steps: {steps}"
    found = np.array(model(page, f"turning({{ {settings} }})"))
    w, angles = np.array([float(size), 0.0]), []  # in a plane, the gradient at a right angle
    for _ in range(steps):
        after = (1 - rate * decay) * w - rate * np.array([-w[1], w[0]]) / (w @ w)
        angles.append(np.arccos(w @ after / np.linalg.norm(w) / np.linalg.norm(after)))
        w = after
    assert found == pytest.approx(np.array(angles), abs=1e-7)
    assert math.cos(found[-1]) == pytest.approx(1 - rate * decay, rel=1e-6)


@pytest.mark.parametrize("spread", [0.1, 0.6, 5.0, 28.0])
@pytest.mark.parametrize("vocabulary", [1000, 50000])
def test_the_first_loss_of_a_large_vocabulary(page, spread, vocabulary):
    found = model(page, f"firstLoss({spread}, {vocabulary})")
    assert found == pytest.approx(decoder.first_loss(1, spread, vocabulary), rel=2e-3)


@pytest.mark.parametrize("scaled", [True, False])
@pytest.mark.parametrize(("width", "blocks"), [(64, 3), (768, 12), (2048, 5)])
def test_the_budget_of_a_stream(page, width, blocks, scaled):
    settings = f"width: {width}, blocks: {blocks}, scaled: {str(scaled).lower()}"
    told = decoder.predict(64, width, blocks, residual=scaled).stream
    assert model(page, f"budget({{ {settings} }})") == pytest.approx(list(told), rel=5e-3)


# --- what they say --------------------------------------------------------------------------------


def test_sentences_say_what_the_package_computes(page):
    assert "64 units times a variance of 0.01 make 0.64" in says(page, "linear")
    assert "ten layers by 0.012" in says(page, "linear")
    assert "dies" in says(page, "linear")
    assert "stays in sight" in says(page, "linear", std=0.125)
    assert "grows" in says(page, "linear", std=0.4)
    assert "the mean first loss is 2.3;" in says(page, "loss", spread=0)
    assert "multiplied by 1.6, the gradient's by 0.4" in says(page, "ways")
    assert "add up to 2" not in says(page, "ways", rule="in")
    assert "by 1, the gradient's by 0.25" in says(page, "ways", rule="in")
    assert "6.32" in says(page, "arrows")
    assert "The circle stays" in says(page, "arrows", length="root")
    theory = ic.predict("tanh", 50, 1.0)
    assert f"{theory.forward[-1]:.2g} is left at the top" in says(page, "tanh")
    assert f"has {theory.backward[0]:.2g} at the bottom" in says(page, "tanh")
    assert "= 0.5 of the mean square" in says(page, "humps")
    assert "After twenty layers 1 is left" in says(page, "humps")
    assert f"theory of wide layers says {math.exp(-1.25):.2g}." in says(page, "walks")
    assert "the average of all that can be drawn; the average of the sixty is" in says(
        page, "walks"
    )
    assert "rare networks" not in says(page, "walks")
    assert "rare networks that hold the rest" in says(page, "walks", width=8, depth=100)
    assert "at mean 0 and variance 1: the ring" in says(page, "funnel")
    assert "The only level is 0: the signal dies out" in says(page, "funnel", scale=0.4)
    assert "No lamp is lit" in says(page, "lamps")
    assert "the mean square of a gradient is multiplied by" in says(page, "lamps")
    assert "last matrix of each branch and the first matrix of a branch" in says(page, "step")
    assert "last matrix of each branch and the first 3 matrices of a branch" in says(
        page, "step", matrices=4
    )
    assert "a parent 1.001 times as wide" in says(page, "tails", cut=3.9, parent="wider")
    forward = round(ic.forward_gain("tanh"), 2)
    assert "The lamp of the signal is lit" in says(page, "lamps", gain=forward)
    assert "Both lamps are lit" in says(page, "lamps", name="relu", gain=1.41)
    assert "is 0.774 of what was asked for, the standard deviation 0.88" in says(page, "tails")
    assert "is 1, as asked for" in says(page, "tails", cut=1, parent="wider")
    assert "reads 9 pixels" in says(page, "fan")
    assert "reads 4 pixels" in says(page, "fan", pixel=0)
    assert "2.25 would be right on average" in says(page, "fan", stride=2)
    assert f"by {(1 + 1 / 32) ** 32:.3g} with LeCun's divided by √L" in says(page, "stream")
    assert "by 4 on average if" not in says(page, "stream", blocks=2)
    assert "by 9 on average if" in says(page, "stream", blocks=2)
    assert "100 times as much as that of one: larger" in says(page, "step")
    assert "1 times as much as that of one: level: this is Fixup" in says(page, "step", power=-0.5)
    assert "smaller, the deeper" in says(page, "step", power=-0.5, matrices=3)
    assert "6.7\u00a0·\u00a010⁴ times with batch norm" in says(page, "divide")
    assert "has 8 times the mean square" in says(page, "divide", scale=4, layers=4)
    assert "by 0.142 in step 400; √(2ηλ) is 0.141" in says(page, "turn")
    below = "τ is below the border √(2 ln V), 4.65: ln V + τ²/2 says 11, and ln V is 10.82"
    assert f"first loss is 11 on average; {below}" in says(page, "head")
    beyond = f"{decoder.first_loss(1, 27.7, 32000):.4g} on average; τ is beyond the border"
    assert beyond in says(page, "head", spread=27.7, vocabulary=32)
    ends = [decoder.predict(64, 768, 12, residual=scaled).stream[-1] for scaled in (True, False)]
    assert f"ends at {ends[0]:.2g}, and unscaled at {ends[1]:.2g}" in says(page, "budget")
    assert "1 block the stream" in says(page, "budget", blocks=1)
    assert ": nearly level: Fixup has −1/6" in says(page, "step", power=-0.17, matrices=4)
    assert "level: this is Fixup" not in says(page, "step", power=-0.17, matrices=4)
    assert "Fixup's power for 3 matrices is −0.25" in says(page, "step", matrices=3)


# --- a reader -----------------------------------------------------------------------------------


def wake(page, name):
    """Scroll to a lab and return its figure, once it lives."""
    figure = page.locator(f"figure[data-lab={name}]")
    figure.scroll_into_view_if_needed()
    page.wait_for_function(
        "name => document.querySelector(`figure[data-lab=${name}] svg.live`)", arg=name
    )
    return figure


@pytest.mark.parametrize(("where", "name"), LABS)
@pytest.mark.parametrize("mode", ["desktop light", "phone dark"])
def test_every_knob_turns_by_the_keyboard_and_changes_what_is_seen(
    browser, book, where, name, mode
):
    seen = visit(browser, (book / f"{where}.html").as_uri(), mode)
    figure = wake(seen.page, name)
    for knob in figure.locator(".play-knobs input, .play-knobs select").all():
        before = figure.locator("svg.live").inner_html()
        knob.focus()
        key = "ArrowDown" if knob.evaluate("e => e.tagName") == "SELECT" else "ArrowLeft"
        for press in (key, "ArrowUp", "ArrowUp"):  # whatever end it stood at
            seen.page.keyboard.press(press)
            if figure.locator("svg.live").inner_html() != before:
                break
        assert figure.locator("svg.live").inner_html() != before, knob.get_attribute("id")
        sentence = figure.locator(".play-says").inner_text()
        assert figure.locator("svg.live").get_attribute("aria-label") == sentence
        assert not re.search(r"NaN|undefined|Infinity|–", sentence), sentence
        if seen.page.viewport_size["width"] < 600:
            assert figure.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
    for button in figure.locator("button").all():
        before = figure.locator("svg.live").inner_html()
        button.click()
        assert figure.locator("svg.live").inner_html() != before
    assert seen.errors == []
    seen.page.context.close()


@pytest.mark.parametrize(("where", "name"), LABS)
def test_at_each_end_of_each_knob_a_picture_stays_within_its_frame(browser, book, where, name):
    seen = visit(browser, (book / f"{where}.html").as_uri())
    wake(seen.page, name)
    outside = seen.page.evaluate(
        """name => {
            const lab = playLabs[name], found = [];
            const start = Object.fromEntries(lab.knobs.map(knob => [knob.key, knob.start]));
            const place = document.createElement("div");
            document.querySelector(`figure[data-lab=${name}]`).append(place);
            for (const width of [300, 700]) for (const knob of lab.knobs) {
                const ends = knob.choices ? Object.keys(knob.choices) : knob.range.slice(0, 2);
                for (const end of ends) {
                    const [sheet, says] = lab.draw({ ...start, [knob.key]: end }, width, 1);
                    place.innerHTML = sheet.picture(says);
                    const frame = place.firstChild.getBoundingClientRect();
                    const one = frame.width / width;
                    for (const mark of place.querySelectorAll("svg *")) {
                        const box = mark.getBoundingClientRect();
                        if (box.left < frame.left - 8 * one || box.right > frame.right + 8 * one ||
                            box.top < frame.top - 4 || box.bottom > frame.bottom + 4)
                            found.push(`${knob.key} ${end} ${width}: ${mark.outerHTML}`);
                    }
                    if (/NaN|undefined|Infinity/.test(place.innerHTML + says))
                        found.push(`${knob.key} ${end}: ${says}`);
                }
            }
            place.remove();
            return found;
        }""",
        name,
    )
    assert outside == []
    seen.page.context.close()


def test_without_javascript_the_figure_of_the_notebook_stays(browser, book):
    where, name = LABS[0]
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((book / f"{where}.html").as_uri())
    figure = page.locator(f"figure[data-lab={name}]")
    assert figure.locator("svg.picture").filter(visible=True).count() == 1
    assert not figure.locator(".play").is_visible()
    context.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("where", sorted({where for where, _ in LABS}))
def test_a_lab_on_the_first_screen_keeps_its_place_before_it_lives(browser, book, where, width):
    """What stands below it would jump under a reader's eyes; labs further down live in time."""
    name = next(n for w, n in LABS if w == where)
    captions = []
    for living in (False, True):
        page = new_page(browser, viewport={"width": width, "height": 900})
        if not living:
            page.route("**/play/play.js", lambda route: route.abort())
        page.goto((book / f"{where}.html").as_uri())
        page.evaluate("() => document.fonts.ready.then(() => null)")
        figure = page.locator(f"figure[data-lab={name}]")
        top = figure.bounding_box()["y"]
        if not living and top > 900:
            page.context.close()
            return
        if living:
            wake(page, name)
            top = figure.bounding_box()["y"]
        captions.append(figure.locator("figcaption").bounding_box()["y"] - top)
        page.context.close()
    assert captions[1] == pytest.approx(captions[0], abs=8)
