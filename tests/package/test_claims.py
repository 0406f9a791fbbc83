"""A claim: a sentence with its evidence, as text and as HTML."""

from __future__ import annotations

import sys
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from bs4 import BeautifulSoup

import initcourse as ic
from initcourse import claims, testing

rng = np.random.default_rng(0)
MEAN = testing.assert_mean(rng.standard_normal(1000), 0.0)
SEVERAL = testing.assert_mean(rng.standard_normal((50, 70)), np.zeros(70), axis=0)
ORDER = testing.assert_less(rng.normal(0, 1, 200), rng.normal(5, 1, 300))
BOUND = testing.assert_less(rng.normal(0, 1, 200), 2.3026, bound="the loss of guessing")
EXACT = testing.assert_equal(np.ones(64), 1)
DIGITS = testing.assert_digits(0.773741, "0.7737")
KINDS = {
    "statistical": MEAN,
    "ordered": ORDER,
    "exact": EXACT,
    "digits": DIGITS,
}


def soup(claim):
    return BeautifulSoup(claim._repr_html_(), "html.parser")


def test_the_small_line_ends_where_the_build_would_fail():
    one = np.ones(1)
    edge = testing.Comparison("mean", 0 * one, testing.Z * one, one, 10**9)
    (picture,) = soup(claims.Claim("a", (edge,))).select(".claim-picture svg")
    (dot,) = picture.select("circle")
    axis, _, *ends, _ = (path["d"] for path in picture.select("path"))
    assert axis == "M4 12L186 12"
    assert ends == ["M4.0 8L4.0 16", "M186.0 8L186.0 16"]
    assert float(dot["cx"]) == pytest.approx(186, abs=0.1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_claim_is_of_the_kind_of_its_evidence(kind):
    assert claims.Claim("It holds.", (KINDS[kind],)).kind == kind
    assert claims.Claim("It holds.", (KINDS[kind],), recorded="NumPy 1").kind == "recorded"


def test_a_claim_with_several_kinds_is_called_after_the_strongest():
    everything = (EXACT, DIGITS, ORDER, MEAN)
    assert [claims.Claim("It holds.", everything[:n]).kind for n in range(1, 5)] == [
        "exact",
        "digits",
        "ordered",
        "statistical",
    ]


def test_the_text_says_sentence_and_evidence(capsys):
    ic.claim("**Half** of `h` in $n$.", MEAN, SEVERAL, ORDER, BOUND, EXACT, DIGITS, note="Why.")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "✓ Half of h in n."
    assert lines[1].startswith("  theory 0, measured ")
    assert lines[1].endswith("(1,000 draws)")
    assert lines[2].startswith("  70 numbers; the furthest: theory 0, measured ")
    assert lines[2].endswith("(50 draws each)")
    assert " is below " in lines[3]
    assert lines[3].endswith("(200 and 300 draws)")
    assert lines[4].endswith(" is below 2.303 (the loss of guessing) (200 draws)")
    assert lines[5:] == [
        "  equal to the last bit in all 64 cases",
        "  computed 0.773741, printed 0.7737",
        "  Why.",
    ]


@pytest.mark.parametrize(
    ("claim", "mark"),
    [
        (claims.Claim("a", (MEAN,)), "✓"),
        (claims.Claim("a", (ORDER,)), "✓"),
        (claims.Claim("a", (EXACT,)), "="),
        (claims.Claim("a", (DIGITS,)), "="),
        (claims.Claim("a", (MEAN,), recorded="NumPy 2.4.6 on 2026-11-25"), "◷"),
    ],
)
def test_the_mark_shows_the_kind(claim, mark):
    assert str(claim).startswith(f"{mark} a\n")


def test_where_it_was_recorded_is_said():
    claim = claims.Claim("a", (MEAN,), recorded="NumPy 2.4.6 on 2026-11-25")
    assert claim.lines[1] == "recorded with NumPy 2.4.6 on 2026-11-25"


def test_the_same_evidence_is_said_once():
    assert len(claims.Claim("a", (EXACT, EXACT, MEAN)).lines) == 2


def test_the_furthest_number_is_the_one_shown():
    sample = rng.standard_normal((1000, 3))
    expected = sample.mean(axis=0) + np.array([0.0, 0.1, 0.0])
    (line,) = claims.Claim("a", (testing.assert_mean(sample, expected, axis=0),)).lines
    assert f"theory {expected[1]:.4g}".replace("-", "−") in line


def test_a_page_shows_the_sentence_with_its_marks():
    sentence = soup(claims.Claim("**Half** of `a<b` in $n < m$.", (MEAN,))).select_one("p")
    assert sentence.strong.text == "Half"
    assert sentence.code.text == "a<b"
    assert sentence.select_one("span.math").text == r"\(n < m\)"
    assert "**" not in sentence.text


@pytest.mark.parametrize("evidence", [MEAN, SEVERAL, ORDER, BOUND])
def test_a_picture_has_its_size_its_text_and_stays_inside(evidence):
    (picture,) = soup(claims.Claim("a", (evidence,))).select(".claim-picture svg")
    assert picture["role"] == "img"
    assert len(picture["aria-label"]) > 20
    for dot in picture.select("circle"):
        assert 0 < float(dot["cx"]) < 190


def test_the_picture_shows_every_side_of_an_order_and_at_most_some_dots():
    def picture(evidence):
        return soup(claims.Claim("a", (evidence,))).select_one(".claim-picture svg")

    def dots(evidence):
        return picture(evidence).select("circle")

    def others(evidence):
        small = picture(evidence).select_one("[stroke-linecap]")
        return 0 if small is None else small["d"].count("M")

    many = testing.assert_mean(np.ones((9, 500)) * rng.random((9, 1)), np.full(500, 0.5), axis=0)
    assert [len(dots(found)) for found in (MEAN, SEVERAL, many)] == [1, 1, 1]
    assert [others(found) for found in (MEAN, SEVERAL)] == [0, 69]
    assert 30 < others(many) < 90
    left, right = dots(ORDER)
    assert float(left["cx"]) < float(right["cx"])
    assert len(dots(BOUND)) == 1


def test_exact_evidence_has_no_picture():
    assert not soup(claims.Claim("a", (EXACT, DIGITS))).select(".claim-picture svg")
    no_scatter = testing.assert_mean([2.0, 2.0, 2.0], 2.0)
    assert str(claims.Claim("a", (no_scatter,))) == "✓ a\n  theory 2, measured 2 (3 draws)"


def test_a_claim_can_be_read_back_from_a_page():
    claim = claims.Claim('A "quoted" <b> & **bold** one.', (MEAN, SEVERAL, ORDER), note="n")
    page = f"<p>x</p>{claim._repr_html_()}{claims.Claim('Two.', (EXACT,))._repr_html_()}"
    first, second = claims.read(page)
    assert first["sentence"] == 'A "quoted" <b> & bold one.'
    assert first["kind"] == "statistical"
    assert first["evidence"] == claim.lines
    assert [len(z) for z in first["z"]] == [1, 70]
    assert first["z"][0][0] == pytest.approx(float(MEAN.z), abs=1e-3)
    assert second == {
        "id": "claim-two",
        "sentence": "Two.",
        "kind": "exact",
        "evidence": claims.Claim("Two.", (EXACT,)).lines,
        "z": [],
    }


def test_the_first_number_of_each_comparison_of_this_run_is_its_distance():
    entries = [
        {"kind": "statistical", "z": [[0.1, 9.0], [8.0]]},
        {"kind": "recorded", "z": [[7.0]]},
        {"kind": "exact", "z": []},
        {"kind": "statistical", "z": [[-0.2]]},
    ]
    assert claims.distances(entries) == [0.1, -0.2]


def test_a_claim_shows_itself_in_a_notebook_and_prints_in_a_terminal(monkeypatch, capsys):
    shown = []
    module = SimpleNamespace(get_ipython=lambda: object())
    monkeypatch.setitem(sys.modules, "IPython", module)
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=shown.append))
    ic.claim("It holds.", EXACT)
    assert [str(claim).splitlines()[0] for claim in shown] == ["= It holds."]
    assert capsys.readouterr().out == ""
    module.get_ipython = lambda: None
    ic.claim("It holds.", EXACT)
    assert capsys.readouterr().out.startswith("= It holds.")


def test_the_place_of_a_claim_is_named_after_its_words():
    name = claims.Claim("**He** keeps 1/2 of $x$: " + "long " * 40, (EXACT,)).name
    assert name.startswith("claim-he-keeps-1-2-of-x-long")
    assert len(name) <= 80
    assert not name.endswith("-")


# --- what is refused --------------------------------------------------------------------------


def refused():
    for value in (None, 3, ["a"]):
        yield partial(claims.claim, value, EXACT), "sentence", repr(value)
        yield partial(claims.claim, "a", EXACT, recorded=value), "recorded", repr(value)
        yield partial(claims.claim, "a", EXACT, note=value), "note", repr(value)
    yield partial(claims.claim, "  ", EXACT), "sentence", "'  '"
    yield partial(claims.claim, "a"), "evidence", ""
    for value in (True, None, 0.5, "true"):
        yield partial(claims.claim, "a", EXACT, value), "evidence", repr(value)
