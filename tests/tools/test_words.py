"""What the prose says in words: what is a quantity, what is prose, and what backs it."""

import json
from fractions import Fraction

import pytest

from tools import words


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("ReLU keeps half of it.", ["1/2"]),
        ("A sixth is left, or two thirds.", ["1/6", "2/3"]),
        ("An eighth of the units, a third layer, the third of May.", ["1/8", "1/3"]),
        ("They grow by seven per cent, or 7 %, or 7 percent.", ["7/100"] * 3),
        ("Twice as large; it doubles; three times as deep; 40 times.", ["2", "2", "3", "40"]),
        ("A factor of ten, by factors of 32.", ["10", "32"]),
        ("It loses 22 orders of magnitude.", ["22"]),
        ("About ten layers, nearly 2,800, some fifty.", ["10", "2800", "50"]),
        ("It is 1/3, not $1/4$ and not 2024/11/25.", ["1/3"]),
        ("Twenty layers.", ["20"]),
        ("One layer, some one, almost a layer, a layer.", []),
        ("The number 0.5 and 64 pixels are digits.", []),
    ],
)
def test_quantities_are_what_words_and_fractions_say(text, values):
    (sentence,) = [" ".join(part for _, part in words.prose(text))]
    assert sorted(q.value for q in words.quantities(sentence)) == sorted(map(Fraction, values))


def test_only_plain_counts_may_stand_in_code():
    counted = {q.words: q.counted for q in words.quantities("ten layers, twice, about six, half")}
    assert counted == {"ten": True, "twice": False, "about six": False, "half": False}


PAGE = """---
myst: {}
---
# Half a title

A third of it. See [half](half.md) `half` $\\frac12$ {prf:ref}`half`!
> a quarter

```python
half = 1
```

:::{prf:proof}
Twice.

$$
half
$$
:::

:::{note}
A fifth.
:::

:::{exercise} What is half?
:label: ex-half

A half?
:::

$$
a third
$$

- An item of two thirds.
- A tenth {cite:p}`half`.

| half | a sixth |
"""


def test_prose_is_what_the_book_says_on_its_own_authority():
    found = [text for _, text in words.prose(PAGE)]
    assert [q.words for text in found for q in words.quantities(text)] == [
        "Half",
        "A third",
        "half",
        "A fifth",
        "two thirds",
        "half",
        "a sixth",
    ]
    assert next(line for line, text in words.prose(PAGE) if "two thirds" in text) == 35


@pytest.fixture
def page(tmp_path, monkeypatch):
    """Return a function that writes a notebook of prose and code, and what it leaves loose."""
    monkeypatch.setattr(words.toc, "ROOT", tmp_path)

    def loose(prose, *code, alt=""):
        cells = [{"cell_type": "markdown", "id": "text", "metadata": {}, "source": prose}]
        cells += [
            {
                "cell_type": "code",
                "id": f"code-{i}",
                "metadata": {"mystnb": {"image": {"alt": alt}}},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for i, source in enumerate(code)
        ]
        path = tmp_path / "page.ipynb"
        notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        path.write_text(json.dumps(notebook), "utf-8")
        return [(s.place, q.words) for s, q in words.loose(path, [path])]

    return loose


def test_a_quantity_is_backed_by_a_claim_of_the_page_in_words_or_digits(page):
    assert page("It keeps half.", "x = 1") == [("text", "half")]
    for said in ("It keeps half.", "It keeps 50 %.", "It keeps 0.5.", "It keeps 1/2."):
        assert page("It keeps half.", f"claim({said!r}, evidence)") == []
    assert page("It keeps half.", 'claim("It keeps a third.", evidence)') == [("text", "half")]
    assert page("It keeps half.", 'claim(f"At {x} it keeps half.", evidence)') == []


def test_a_count_may_stand_in_code_and_a_share_may_not(page):
    assert page("Twenty layers.", "depth = 20") == []
    assert page("About twenty layers.", "depth = 20") == [("text", "About twenty")]
    assert page("Twenty layers.", "depth = 30") == [("text", "Twenty")]


def test_titles_and_alternative_texts_are_prose(page):
    assert page("", 'plots.signals(a, title="Half is lost")') == [("code-0", "Half")]
    assert page("", "x = 1", alt="It loses a sixth.") == [("code-0", "a sixth")]


def test_what_is_quoted_is_somebody_elses(page):
    assert page('**"It keeps half."** No.', "x = 1") == []


def test_sentences_with_a_word_that_leaves_no_exception_are_listed(tmp_path, monkeypatch):
    monkeypatch.setattr(words.toc, "ROOT", tmp_path)
    path = tmp_path / "page.md"
    path.write_text("It must. It can.\n\nWe say `only`. Every one.\n\nAs well as that.\n", "utf-8")
    assert [(s.place, s.text) for s in words.hunted(path)] == [
        ("1", "It must."),
        ("3", "Every one."),
        ("5", "As well as that."),
    ]


def test_the_command_fails_where_a_quantity_is_loose(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(words.toc, "ROOT", tmp_path)
    monkeypatch.setattr(words.toc, "pages", list)
    path = tmp_path / "page.md"
    path.write_text("It keeps half.\n", "utf-8")
    assert words.main([str(path)]) == 1
    assert "page.md:1: [half] It keeps half." in capsys.readouterr().out
    path.write_text("It never keeps one.\n", "utf-8")
    assert words.main([str(path)]) == 0
    assert "page.md:1: It never keeps one." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("evidence", "found"),
    [
        ("testing.assert_less(3, growth)", ["4.5"]),
        ("testing.assert_mean(growth, 4.5)", []),
        ('testing.assert_digits(growth, "4.5")', []),
        ("testing.assert_mean(growth, 14.5)", ["4.5"]),
        ("testing.assert_less(3, growth), note='4.5'", ["4.5"]),
    ],
)
def test_a_bold_number_stands_in_the_evidence(evidence, found):
    source = f'claim("At gain 1.5 it grows by **4.5** a layer.", {evidence})'
    assert [number for number, _ in words.unproved(source)] == found
