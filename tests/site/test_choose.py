"""The chooser: what the page shows is what `initcourse.choose` answers, for every combination."""

import itertools
import math
import re
from urllib.parse import parse_qsl, urlparse

import pytest
from playwright.sync_api import expect

import initcourse as ic
from initcourse.choose import FIELDS, table
from tools.browser import new_page

PAGE = "book/choose.html"
FRAMEWORKS = ("pytorch", "keras", "jax")
NUMBERS = {
    "inputs": (300, 7),
    "outputs": (200, 64),
    "kernel": (3, 5),
    "stride": (1, 2, 3),
    "slope": (0.01, 0.2, 1),
    "branches": (0, 24),
}


def fits(field, settings):
    return all(settings[key] in values for key, values in (field.used or {}).items())


def combinations():
    """List every combination of what a layer has: all choices, and a few numbers."""
    found = [{}]
    for field in FIELDS:
        values = tuple(field.choices or NUMBERS[field.key])
        found = [
            {**settings, field.key: value}
            for settings in found
            for value in (values if fits(field, settings) else (None,))
        ]
    return [{k: v for k, v in settings.items() if v is not None} for settings in found]


# Set the fields one after the other, as a reader does; return what the page shows then.
SHOW = """(all) => all.map(settings => {
    for (const [key, value] of Object.entries(settings)) {
        const input = document.getElementById(`choose-${key}`);
        input.value = value;
        input.dispatchEvent(new Event("input", {bubbles: true}));
    }
    const text = id => document.getElementById(`choose-${id}`).textContent;
    return {
        std: text("std"), rule: text("rule"), problems: text("problems"),
        pytorch: text("pytorch"), keras: text("keras"), jax: text("jax"),
        reasons: [...document.querySelectorAll("#choose-reasons li")].map(li =>
            [li.textContent, ...[...li.querySelectorAll("a")].map(a => a.getAttribute("href"))]),
        link: document.getElementById("choose-link").getAttribute("href"),
        fields: [...document.querySelectorAll(".choose-field")].filter(e => !e.hidden)
            .map(e => e.querySelector("select, input").id.replace("choose-", "")),
    };
})"""


def wrong(settings, shown):
    """List where what is shown is not what the package answers."""
    choice = ic.choose(**settings)
    formula, variance = f"Var W = {choice.formula}", f" = {choice.variance}"
    rule = f"{choice.rule}: {formula}" + (variance if choice.variance != choice.formula else "")
    expected = {
        "rule": rule,
        "problems": "",
        **{name: getattr(choice, name) for name in FRAMEWORKS},
        "reasons": [
            [f"{r.text} The section, the claim.", r.section, r.claim] for r in choice.reasons
        ],
        "fields": list(settings),
    }
    found = [f"{key}: {shown[key]!r}, not {e!r}" for key, e in expected.items() if shown[key] != e]
    if not math.isclose(float(shown["std"]), choice.std, rel_tol=5e-4):
        found.append(f"std: {shown['std']}, not {choice.std}")
    address = urlparse(shown["link"])
    if dict(parse_qsl(address.query)) != {
        k: f"{v:g}" if k in NUMBERS else v for k, v in settings.items()
    }:
        found.append(f"link: {shown['link']}")
    return found


def test_the_page_shows_what_the_package_answers_for_every_combination(fresh):
    every = combinations()
    assert len(every) > 900
    shown = fresh(PAGE).evaluate(SHOW, every)
    assert [(s, w) for s, page in zip(every, shown, strict=True) if (w := wrong(s, page))] == []


FAULTS = {
    "kernel-forgotten": ("settings.kernel * settings.kernel : 1", "1 : 1"),
    "stride-not-squared": ("settings.stride * settings.stride", "settings.stride"),
    "slope-not-squared": ("settings.slope * settings.slope", "settings.slope"),
    "average-as-a-sum": ("settings.stride)) / 2", "settings.stride))"),
    "not-is-ignored": ('key.startsWith("not ")', "false"),
    "variance-for-std": ("Math.sqrt(rule.scale / n)", "rule.scale / n"),
    "every-reason": ("reasons.filter(fits)", "reasons"),
    "three-digits": ("toPrecision(4)", "toPrecision(3)"),
    "unused-fields-stay": ("settings[other.key] = other.fallback;", ""),
    "unused-in-the-address": ("fields.filter(isUsed).map(", "fields.map("),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_script_is_noticed(browser, book, fault):
    text = (book / "_static/choose.js").read_text("utf-8")
    old, new = FAULTS[fault]
    assert text.count(old) == 1
    page = new_page(browser)
    page.route("**/choose.js*", lambda route: route.fulfill(body=text.replace(old, new)))
    page.goto((book / PAGE).as_uri())
    every = combinations()
    strided = next(s for s in every if s.get("stride", 1) > 1 and s["activation"] == "tanh")
    dense = next(s for s in every if s["layer"] == "dense" and s["activation"] == "tanh")
    every = [*every[::7], strided, dense]
    try:
        shown = page.evaluate(SHOW, every)
    except Exception as error:  # a reason for a field that is not there, say
        shown, _ = [], re.search("Error", str(error))[0]
    page.context.close()
    assert any(wrong(s, seen) for s, seen in itertools.zip_longest(every, shown, fillvalue=shown))


@pytest.mark.parametrize("number", range(0, 950, 158))
def test_an_address_leads_to_its_answer(fresh, number):
    every = combinations()
    settings = every[number % len(every)]
    (shown,) = fresh(PAGE).evaluate(SHOW, [settings])
    page = fresh(f"book/{shown['link']}")
    (again,) = page.evaluate(SHOW, [{}])
    assert again == shown
    assert wrong(settings, again) == []


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("foo=3", ("“foo”", "does not know", "layer, activation")),
        ("layer=attention", ("layer=attention", "dense, convolution", "The answer is for dense")),
        ("inputs=0", ("inputs=0", "a whole number from 1 to 100000", "for 300")),
        ("inputs=2.5", ("inputs=2.5", "a whole number")),
        ("inputs=", ("inputs=", "a whole number")),
        ("activation=leaky_relu&slope=2", ("slope=2", "a number from 0 to 1", "for 0.01")),
        ("kernel=5", ("kernel", "makes no difference to this layer")),
        ("layer=output&activation=tanh", ("activation", "makes no difference")),
        ("foo=%3Cimg src=x onerror=alert(1)%3E", ("“foo”",)),
    ],
)
def test_what_an_address_gets_wrong_is_named(fresh, query, words):
    page = fresh(f"{PAGE}?{query}")
    (shown,) = page.evaluate(SHOW, [{}])
    for word in words:
        assert word in shown["problems"]
    settings = dict(parse_qsl(urlparse(shown["link"]).query))
    assert set(settings) == set(shown["fields"])
    assert wrong({k: float(v) if k == "slope" else int(v) if k in NUMBERS else v
                  for k, v in settings.items()}, shown | {"problems": ""}) == []  # fmt: skip


def test_it_is_used_by_keyboard(fresh):
    page = fresh(PAGE)
    page.locator("#choose-layer").focus()
    page.keyboard.type("conv")
    expect(page.locator("#choose-kernel")).to_be_visible()
    expect(page.get_by_label("Channels in")).to_have_value("300")
    page.get_by_label("Kernel size").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("1")
    expect(page.locator("#choose-std")).to_have_text("0.08165")
    page.keyboard.press("Control+a")
    page.keyboard.type("99")
    expect(page.locator("#choose-problems")).to_contain_text("Kernel size: allowed is a whole")
    page.keyboard.press("Control+a")
    page.keyboard.type("5")
    expect(page.locator("#choose-problems")).to_be_empty()
    expect(page.locator("#choose-rule")).to_have_text("He: Var W = 2 / fan in = 2 / 7500")


def test_a_line_is_copied(fresh):
    page = fresh(PAGE)
    page.evaluate(
        "() => Object.defineProperty(navigator, 'clipboard',"
        " {value: {writeText: async text => { window.copied = text; }}})"
    )
    button = page.get_by_role("button", name="Copy the code for JAX")
    button.press("Enter")
    expect(button).to_have_text("Copied")
    assert page.evaluate("copied") == ic.choose(inputs=300, outputs=200).jax


def test_without_scripts_all_rules_stand_in_a_table(browser, book):
    page = new_page(browser, java_script_enabled=False)
    page.goto((book / PAGE).as_uri())
    rows = page.locator("#chooser-all tr:visible")
    text = "\n".join(rows.all_inner_texts())
    assert "stand in this table" in page.locator("#chooser").inner_text()
    for rule in table()["rules"]:
        assert rule["name"] in text
    page.context.close()


def test_the_table_unfolds_by_keyboard(fresh):
    page = fresh(PAGE)
    rows = page.locator("#chooser-all tr")
    expect(rows.first).not_to_be_visible()
    page.locator("#chooser-all summary").press("Enter")
    expect(rows.first).to_be_visible()


def test_every_section_and_claim_that_a_reason_names_is_there(book):
    for reason in table()["reasons"]:
        for address in (reason["section"], reason["claim"]):
            path, _, name = address.partition("#")
            html = (book / "book" / path).read_text("utf-8")
            assert not name or f'id="{name}"' in html, address
