"""The sources of the book: pages are listed, notebooks have their form, no number is loose."""

import ast
import re
import sys
from pathlib import Path

import pytest
from pybtex.database import parse_file

from tools import notebooks, toc, words

sys.path.insert(0, str(toc.ROOT / "book" / "_ext"))
import citations

NOTEBOOKS = toc.notebooks_in(toc.ROOT / "book")
PAGES = [toc.source(page) for page in toc.pages()]
CHAPTERS = [chapter.path for chapter in toc.chapters()]
SEEDED = [page.path for page in toc.seeded()]
LONGEST_CELL = 20
SHORTEST_ALT = 40
FEWEST_CLAIMS = 15


def label(path: Path) -> str:
    return path.relative_to(toc.ROOT / "book").as_posix()


each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=label)
each_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=label)
each_seeded = pytest.mark.parametrize("path", SEEDED, ids=label)


def cells(path: Path, kind: str) -> list[notebooks.Cell]:
    notebook = notebooks.read(path.read_text("utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


def tags(cell: notebooks.Cell) -> list[str]:
    return cell["metadata"].get("tags", [])


def set_up(path: Path) -> str:
    """Return the source of the cell that follows the seed."""
    code = iter(cells(path, "code"))
    next(cell for cell in code if "parameters" in tags(cell))
    return next(code)["source"]


def without_code(text: str) -> str:
    """Take fenced code and inline code out of Markdown."""
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)


# --- the table of contents --------------------------------------------------------------------


def test_every_page_of_the_contents_has_one_source():
    for page in toc.pages():
        toc.source(page)


def test_no_page_is_listed_twice():
    assert len(set(toc.pages())) == len(toc.pages())


def test_every_source_is_in_the_contents():
    listed = {toc.source(page) for page in toc.pages()}
    pages = [path for path in toc.files_in(toc.ROOT / "book") if path.suffix == ".md"]
    assert {*NOTEBOOKS, *pages} == listed


def test_there_are_chapters_numbered_without_a_gap():
    numbers = [chapter.number for chapter in toc.chapters()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert numbers


def test_the_chapter_template_is_a_chapter_that_runs():
    path = toc.ROOT / "tools" / "chapter_template.ipynb"
    notebook = notebooks.read(path.read_text("utf-8"))
    assert notebooks.problems(path.read_text("utf-8")) == []
    notebooks.execute(notebook, path.parent)
    test_a_chapter_has_one_title(path)
    test_a_chapter_takes_its_randomness_from_one_seed(path)
    test_a_figure_has_alt_text_and_a_caption(path)
    test_no_number_in_the_prose_is_uncomputed(path)
    assert set_up(path) == set_up(CHAPTERS[0])


# --- every notebook ---------------------------------------------------------------------------


@each_notebook
def test_a_notebook_is_in_its_committed_form(path):
    assert notebooks.problems(path.read_text("utf-8")) == []


@each_notebook
def test_no_cell_may_raise(path):
    assert [cell["id"] for cell in cells(path, "code") if "raises-exception" in tags(cell)] == []


@each_notebook
def test_a_cell_is_plain_python(path):
    """A magic or a shell command is no Python, and an unknown magic would pass in silence."""
    for cell in cells(path, "code"):
        ast.parse(cell["source"], filename=cell["id"])


@each_notebook
def test_no_cell_is_long(path):
    long = {c["id"] for c in cells(path, "code") if c["source"].count("\n") >= LONGEST_CELL}
    assert long == set()


@each_notebook
def test_what_people_get_wrong_begins_with_a_quotation(path):
    """Only that is a fold of its own; another lead would stand inside the fold before it."""
    section = ""
    for cell in cells(path, "markdown"):
        for paragraph in cell["source"].split("\n\n"):
            section = paragraph if paragraph.startswith("## ") else section
            if section.startswith("## What people get wrong") and paragraph.startswith("**"):
                assert paragraph.startswith('**"'), paragraph[:60]


@each_notebook
def test_an_aside_does_not_lie_over_the_text_in_jupyterlab(path):
    """JupyterLab gives an aside no height; the class takes that away."""
    for cell in cells(path, "markdown"):
        bare = cell["source"].replace(":::{margin}\n:class: contents\n\n", "")
        assert ":::{margin}" not in bare, cell["id"]


@each_notebook
def test_a_figure_has_alt_text_and_a_caption(path):
    for cell in cells(path, "code"):
        settings = cell["metadata"].get("mystnb", {})
        if settings:
            alt = settings.get("image", {}).get("alt", "")
            assert len(alt) >= SHORTEST_ALT, f"{cell['id']}: alt text says too little: {alt!r}"
            assert settings.get("figure", {}).get("caption"), f"{cell['id']}: no caption"
            assert settings["figure"].get("name"), f"{cell['id']}: no name to refer to"


@each_notebook
def test_no_two_figures_share_a_name(path):
    names = [cell["metadata"].get("mystnb", {}).get("figure", {}) for cell in cells(path, "code")]
    named = [figure["name"] for figure in names if "name" in figure]
    assert len(set(named)) == len(named)


# --- every chapter, and what claims like one ---------------------------------------------------


@each_seeded
def test_a_chapter_has_one_title(path):
    prose = "\n".join(without_code(cell["source"]) for cell in cells(path, "markdown"))
    assert len(re.findall(r"^# ", prose, re.MULTILINE)) == 1
    assert cells(path, "markdown")[0]["source"].startswith("# ")


@each_seeded
def test_a_chapter_takes_its_randomness_from_one_seed(path):
    parameters = [cell for cell in cells(path, "code") if "parameters" in tags(cell)]
    assert len(parameters) == 1
    assert re.fullmatch(r"SEED = \d+", parameters[0]["source"])
    code = "\n".join(cell["source"] for cell in cells(path, "code"))
    assert re.findall(r"default_rng\(\)|np\.random\.seed", code) == []


def test_every_chapter_has_the_same_set_up():
    assert len({set_up(path) for path in SEEDED}) == 1


def checks(source: str) -> list[str]:
    """List the `assert` statements and calls of functions named assert_… that run in a cell.

    What stands in a function runs when it is called: a learner's test, say.
    """
    found = []

    def walk(node: ast.AST) -> None:
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            return
        if isinstance(node, ast.Assert):
            found.append(ast.unparse(node))
        elif isinstance(node, ast.Call):
            name = ast.unparse(node.func).rpartition(".")[2]
            found.extend([name] * name.startswith("assert_"))
        for child in ast.iter_child_nodes(node):
            walk(child)

    walk(ast.parse(source))
    return found


@pytest.mark.parametrize("path", PAGES, ids=label)
def test_every_check_serves_a_claim(path):
    """What is found is said: a cell that checks has a claim."""
    silent = [source for source in words.code_of(path) if checks(source) and not claims(source)]
    assert silent == []


def claims(source: str) -> bool:
    return notebooks.CLAIMS.search(source) is not None


@each_chapter
def test_a_chapter_claims(path):
    assert len(words.claims_of(path)) >= FEWEST_CLAIMS


def test_checks_are_statements_and_calls_that_run():
    assert checks("assert x\ntesting.assert_mean(a, 0)\ndef test(): assert y") == [
        "assert x",
        "assert_mean",
    ]


@each_seeded
def test_a_chapter_holds_no_stub_but_those_of_its_exercises(path):
    for cell in cells(path, "code"):
        if cell["id"].startswith("stub-"):
            continue
        for node in ast.walk(ast.parse(cell["source"])):
            unfinished = isinstance(node, ast.Constant) and node.value is Ellipsis
            indexed = unfinished and "..." in cell["source"] and "[..." in cell["source"]
            assert indexed or not unfinished, f"{cell['id']} holds a stub"
            assert "NotImplementedError" not in cell["source"]


def cited_as(key: str) -> tuple[str, str]:
    """Return the authors and the year of a work, as the built pages name them."""
    entry = parse_file(toc.ROOT / "book/references.bib").entries[key]
    last = [
        " ".join(map(str, [*person.rich_prelast_names, *person.rich_last_names]))
        for person in entry.persons["author"]
    ]
    names = " and ".join(last) if len(last) < 3 else f"{last[0]} et al."
    return names, entry.fields["year"]


@each_notebook
def test_a_link_to_the_bibliography_names_authors_and_year(path):
    for cell in cells(path, "markdown"):
        assert "{cite" not in cell["source"], "JupyterLab would show a key and a warning"
        for link in citations.LINK.finditer(cell["source"]):
            works = [cited_as(key) for key in link[2].split(",")]
            if link[1].endswith(")"):
                assert link[1] == " and ".join(f"{names} ({year})" for names, year in works)
            else:
                assert link[1] == "; ".join(f"{names}, {year}" for names, year in works)
            address = link[0].rpartition("(")[2].partition("#")[0]
            assert (path.parent / address).is_file(), link[0]


NUMBER = re.compile(r"(?<![\w.])\d[\d,]*\.\d+(?![\w.]*\.\d)")


def prose_numbers(text: str) -> set[str]:
    """Find the numbers with a decimal point that a text states on its own authority.

    Formulas count. A line that cites a source is the source's; code, addresses and roles are
    not prose.
    """
    text = without_code(citations.roles(text))
    text = re.sub(r"\]\([^)]*\)|<[^>\s]*>|https?://\S+", "", text)
    text = re.sub(r"[Ss]ections? \d+(\.\d+)*", "", text)
    own = [line for line in text.splitlines() if "{cite" not in line]
    numbers = set(NUMBER.findall("\n".join(own).replace("{,}", ",")))
    return {number.replace(",", "") for number in numbers}


def computed(path: Path) -> str:
    """Collect what a notebook's code states and what its checked outputs show."""
    parts = []
    for cell in cells(path, "code"):
        parts.append(cell["source"])
        for output in cell["outputs"]:
            parts.append(output.get("text", "") or output.get("data", {}).get("text/plain", ""))
    return re.sub(r"(?<=\d)[_,](?=\d{3})", "", "\n".join(parts))


def loose_numbers(path: Path) -> set[str]:
    shown = computed(path)
    stated = set().union(*(prose_numbers(cell["source"]) for cell in cells(path, "markdown")))
    return {n for n in stated if not re.search(rf"(?<![\d.]){re.escape(n)}(?!\d)", shown)}


@each_seeded
def test_no_number_in_the_prose_is_uncomputed(path):
    """Each stands in a code cell or a checked output of the chapter, or its line cites a source."""
    assert loose_numbers(path) == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The variance is 0.7737.", {"0.7737"}),
        (r"It is $\sqrt{0.5}$, or 1,024.5 units.", {"0.5", "1024.5"}),
        ("As in the paper, 1.3 {cite:p}`he2015`.", set()),
        ("See `0.25`, [there](x-0.5.html) and section 2.", set()),
        ("Version 1.2.3 is no number, nor is section 4.3.", set()),
    ],
)
def test_prose_numbers_are_the_decimals_that_a_text_vouches_for(text, found):
    assert prose_numbers(text) == found


@pytest.mark.parametrize("path", PAGES, ids=label)
def test_no_quantity_in_words_is_unclaimed(path):
    """Each is said by a claim of the page, or is a count that stands in its code."""
    found = [f"{s.place}: [{q.words}] {s.text}" for s, q in words.loose(path, PAGES)]
    assert found == []


@pytest.mark.parametrize("path", PAGES, ids=label)
def test_a_bold_number_of_a_claim_stands_in_its_evidence(path):
    """A bound that is weaker than the sentence is no evidence for the number it prints."""
    assert [found for source in words.code_of(path) for found in words.unproved(source)] == []
