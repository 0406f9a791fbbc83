"""The Sphinx extensions of the book, and the contents reader."""

import json
import re
import sys
from types import SimpleNamespace

import matplotlib
import numpy as np
import pytest
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont

from initcourse import plots, testing
from initcourse.claims import Claim
from initcourse.plots.style import legend
from tools import browser, toc

sys.path.insert(0, str(toc.ROOT / "book" / "_ext"))

import accessible
import citations
import exercises
import figures
import finish
import fold
import lean
import ledger
import licenses
import mathematics
import paint
import published
import sheets
import small_labs
import solutions
import stack
import terms
import unbroken

PAGE = """<html><head><meta name="viewport" content="a"/><meta name="viewport" content="b"/>
<link rel="stylesheet" href="_static/proof.css"/><link rel="stylesheet" href="_static/basic.css"/>
<meta property="og:url" content="book/page.html"/>
<script>const THEBE_JS_URL = "https://unpkg.com/thebe";</script>
<script src="_static/scripts/fontawesome.js?digest=1"></script>
<link href="_static/mathematics/mathematics.css"/>
<script src="https://example.org/mathjax@3/es5/tex-mml-chtml.js"></script>
<script>window.MathJax = {}</script></head><body>BODY</body></html>"""


def changed(change, page):
    soup = BeautifulSoup(page, "html.parser")
    change(soup)
    return str(soup)


def test_a_page_loses_what_it_does_not_use():
    page = changed(lean.lighten, PAGE.replace("BODY", "<p>Text with a &lt; b</p>"))
    gone = ("proof.css", "THEBE", "fontawesome", "athJax", "mathjax", "mathematics", "og:url")
    for name in (*gone, 'content="b"'):
        assert name not in page
    assert "basic.css" in page
    assert "a &lt; b" in page


def test_a_page_keeps_what_it_uses():
    used = '<p class="math">x</p><div class="proof">y</div>'
    page = changed(lean.lighten, PAGE.replace("BODY", used))
    assert "proof.css" in page
    assert "mathematics.css" in page
    assert "mathjax" not in page


def test_code_keeps_the_marks_that_have_a_color_and_no_other():
    code = '<div class="highlight"><span class="kn">import</span><span class="w"> </span>'
    page = changed(
        lean.lighten, f'{code}<span class="nn">numpy</span></div><span class="n">n</span>'
    )
    assert '<span class="kn">import</span> numpy</div>' in page
    assert '<span class="n">n</span>' in page


def test_icons_are_found_by_style():
    page = '<i class="fa-solid fa-bars"></i><i class="fa-brands fa-github"></i>'
    icons = lean.icons_in(BeautifulSoup(page, "html.parser"))
    assert {("fa-solid", "fa-bars"), ("fa-brands", "fa-github")} <= icons
    assert icons.isdisjoint({("fa-brands", "fa-bars"), ("fa-solid", "fa-github")})


def test_the_theme_leaves_to_us_what_scrolls_and_another_theme_is_noticed(tmp_path):
    script = tmp_path / "scripts/pydata-sphinx-theme.js"
    script.parent.mkdir()
    script.write_text(f"document.querySelectorAll({lean.SCROLLING}).forEach(f)", "utf-8")
    lean.spare_layout(tmp_path)
    assert script.read_text("utf-8") == 'document.querySelectorAll("none").forEach(f)'
    with pytest.raises(ValueError, match="scrolls in another way"):
        lean.spare_layout(tmp_path)


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A site of two pages and a file of the theme: its folder, and what asks for its fonts."""
    page = '<summary aria-label="x">y</summary><link href="sphinx-thebe.css"/><i class="{}"></i>'
    for name, icon in (("index", "fa-solid fa-bars"), ("book/he", "fa-brands fa-github")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.html").write_text(page.format(icon), "utf-8")
    (tmp_path / "_static").mkdir()
    for name in ("theme.html", "theme.js.map", "theme.js"):
        (tmp_path / "_static" / name).write_text(page, "utf-8")
    asked = []
    monkeypatch.setattr(lean, "shorten_fonts", lambda static, icons: asked.append((static, icons)))
    monkeypatch.setattr(lean, "spare_layout", lambda static: None)
    return tmp_path, asked


def application(folder, builder="html"):
    return SimpleNamespace(
        builder=SimpleNamespace(name=builder),
        outdir=folder,
        config=SimpleNamespace(root_doc="index"),
        env=SimpleNamespace(toctree_includes={"index": ["book/he"], "book/he": []}),
    )


def test_every_page_is_parsed_once_mended_and_lightened(site, monkeypatch):
    folder, asked = site
    parsed = []
    monkeypatch.setattr(
        finish, "BeautifulSoup", lambda *given: parsed.append(given) or BeautifulSoup(*given)
    )
    finish.finish(application(folder), None)
    assert len(parsed) == 2
    for name, icon in (("index", "fa-solid fa-bars"), ("book/he", "fa-brands fa-github")):
        page = (folder / f"{name}.html").read_text("utf-8")
        assert page == f'<summary>y</summary><i class="{icon}"></i>'
    assert "thebe" in (folder / "_static/theme.html").read_text("utf-8")
    assert sorted(path.name for path in (folder / "_static").iterdir()) == [
        "mathematics",
        "theme.html",
        "theme.js",
    ]
    [(static, icons)] = asked
    assert static == folder / "_static"
    assert {("fa-solid", "fa-bars"), ("fa-brands", "fa-github")} <= icons


@pytest.mark.parametrize(
    ("builder", "error"), [("html", RuntimeError("failed")), ("text", None)], ids=["failed", "text"]
)
def test_pages_are_not_finished_otherwise(site, builder, error):
    folder, asked = site
    finish.finish(application(folder, builder), error)
    assert "thebe" in (folder / "index.html").read_text("utf-8")
    assert asked == []


def test_labels_that_differ_from_what_is_seen_go():
    folded = '<summary aria-label="Toggle hidden content">Show code</summary>'
    assert "aria-label" not in changed(accessible.mend, folded)
    home = '<a aria-label="Home">Home</a>'
    assert changed(accessible.mend, home) == home


def test_an_arrow_of_the_menu_says_what_it_unfolds():
    arrow = '<summary><span class="toctree-toggle"></span></summary>'
    entry = f'<li><a href="he.html">3. He</a><details>{arrow}<ul></ul></details></li>'
    assert '<summary aria-label="Below 3. He">' in changed(accessible.mend, entry)


def test_the_buttons_of_the_hidden_bar_go_and_those_that_are_seen_stay():
    button = '<button class="sidebar-toggle primary-toggle"></button>'
    bars = f'<div id="pst-header">{button}</div><div class="bd-header">{button}</div>'
    page = changed(accessible.mend, bars)
    assert page.count("primary-toggle") == 1
    assert f'<div class="bd-header">{button}</div>' in page


@pytest.mark.parametrize("name", licenses.PARTS)
def test_the_license_of_each_part_of_the_site_is_found(name):
    assert len(licenses.license_text(*licenses.PARTS[name])) > 100


def test_the_license_of_mathjax_is_the_one_it_names():
    text = licenses.license_text(*licenses.PARTS["MathJax, The MathJax Consortium"])
    assert "Apache License" in text
    assert "Version 2.0" in text
    with pytest.raises(FileNotFoundError, match="NOTHING"):
        licenses.license_text("sphinx", "NOTHING")


def test_without_a_browser_the_error_says_what_to_do(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("BOOK_BROWSER", raising=False)
    with pytest.raises(browser.NoBrowserError, match="set BOOK_BROWSER"):
        browser.launch(None)


def test_the_gate_counts_a_missing_browser_as_a_failure():
    script = (toc.ROOT / ".ci/run").read_text("utf-8")
    assert script.index("\nexport CI=true") < script.index("\nmake ")


def test_the_gate_checks_the_scripts_of_the_pages():
    assert "make lint-js" in (toc.ROOT / ".ci/run").read_text("utf-8").splitlines()


def test_the_bibliography_is_a_list_of_items():
    entries = '<div class="citation-list" role="list"><div role="doc-biblioentry">[1]</div></div>'
    page = changed(accessible.mend, entries)
    assert 'role="listitem"' in page
    assert "doc-biblioentry" not in page


def settings(monkeypatch, **environment):
    for name in ("BOOK_URL", "BOOK_REPOSITORY_URL", "BOOK_JUPYTERHUB_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    config = SimpleNamespace(html_theme_options={}, html_baseurl="", ogp_site_url="")
    published.add_addresses(None, config)
    return config


def test_without_addresses_there_is_no_button(monkeypatch):
    config = settings(monkeypatch)
    assert config.html_theme_options == {}
    assert config.ogp_site_url == config.html_baseurl == ""


def test_the_address_of_the_book_gives_canonical_links(monkeypatch):
    config = settings(monkeypatch, BOOK_URL="https://example.org/book/")
    assert config.ogp_site_url == config.html_baseurl == "https://example.org/book/"


def test_the_address_of_the_repository_gives_buttons(monkeypatch):
    options = settings(
        monkeypatch, BOOK_REPOSITORY_URL="https://github.com/someone/book"
    ).html_theme_options
    assert options["repository_url"] == "https://github.com/someone/book"
    assert options["use_repository_button"] is True
    assert options["launch_buttons"]["colab_url"]
    assert options["launch_buttons"]["jupyterhub_url"] == ""


def test_colab_opens_github_only(monkeypatch):
    options = settings(
        monkeypatch, BOOK_REPOSITORY_URL="https://gitlab.com/someone/book"
    ).html_theme_options
    assert options["launch_buttons"]["colab_url"] == ""
    assert options["launch_buttons"]["binderhub_url"]


@pytest.mark.parametrize("name", ["BOOK_URL", "BOOK_REPOSITORY_URL", "BOOK_JUPYTERHUB_URL"])
@pytest.mark.parametrize("value", ["example.org/book", "ftp://example.org", "/book"])
def test_an_address_without_a_host_is_refused_by_name(monkeypatch, name, value):
    monkeypatch.setenv("BOOK_REPOSITORY_URL", "https://github.com/someone/book")
    with pytest.raises(ValueError, match=name):
        settings(
            monkeypatch,
            **{"BOOK_REPOSITORY_URL": "https://github.com/someone/book", name: value},
        )


def handlers(monkeypatch, **environment):
    monkeypatch.delenv("BOOK_SOLUTIONS", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    connected = {}
    solutions.setup(SimpleNamespace(connect=connected.__setitem__))
    return connected


def test_solutions_are_shown_unless_they_are_to_be_hidden(monkeypatch):
    assert handlers(monkeypatch).keys() == {"html-page-context"}
    assert handlers(monkeypatch, BOOK_SOLUTIONS="shown").keys() == {"html-page-context"}


def test_hidden_solutions_leave_the_contents_and_every_link(monkeypatch, tmp_path):
    connected = handlers(monkeypatch, BOOK_SOLUTIONS="hidden")
    config = SimpleNamespace()
    connected["config-inited"](SimpleNamespace(srcdir=toc.ROOT, doctreedir=tmp_path), config)
    (tmp_path / "book").mkdir()
    shown = set(toc.pages())
    hidden = {page for page in shown if "solutions" in page}
    assert len(hidden) == len(toc.chapters())
    assert set(toc.pages(tmp_path)) == shown - hidden
    assert config.external_toc_path == str(tmp_path / "_toc.yml")
    pages = [
        *(chapter.path for chapter in toc.chapters()),
        toc.ROOT / "book/reference/how-to-use.md",
    ]
    for path in pages:
        source = [path.read_text("utf-8")]
        assert "](solutions/" in source[0] or "](../solutions/" in source[0]
        connected["source-read"](None, path.stem, source)
        assert "](solutions/" not in source[0]
        assert "](../solutions/" not in source[0]
        if path.suffix == ".ipynb":
            json.loads(source[0])
    assert "The worked solutions stay folded" in source[0]


# --- unbroken ---------------------------------------------------------------------------------


def test_a_quantity_is_not_parted():
    page = "<p><strong>1.2</strong> % of 5 %, 0.8 ± 0.1</p><pre>5 % 2</pre>"
    space = "\N{NO-BREAK SPACE}"
    kept = (
        f"<p><strong>1.2</strong>{space}% of 5{space}%, 0.8{space}±{space}0.1</p><pre>5 % 2</pre>"
    )
    assert changed(unbroken.mend, page) == kept


# --- mathematics ------------------------------------------------------------------------------


def typeset(tex):
    """A formula of a page, as it is written."""
    written = changed(mathematics.mend, f'<span class="math">{tex}</span>')
    return BeautifulSoup(written, "html.parser").span


def test_a_formula_is_typeset_with_mathml_beside_it():
    formula = typeset(r"\(\mathbb E\,x^2 &lt; \frac{1}{n}\)")
    seen, read = formula.select("mjx-container > *")
    assert (seen.name, seen["aria-hidden"]) == ("mjx-math", "true")
    assert len(seen.select("mjx-c")) == 6
    assert seen.get_text() == ""
    assert read.name == "mjx-assistive-mml"
    assert [tag.name for tag in read.select_one("math").find_all(recursive=False)] == [
        *("mrow", "mstyle", "msup", "mo", "mfrac")
    ]
    assert read.get_text() == "Ex2<1n"


def test_a_formula_keeps_the_marks_beside_it_on_its_line():
    page = changed(mathematics.mend, r'<p>so (<span class="math">\(x\)</span>), or y</p>')
    paragraph = BeautifulSoup(page, "html.parser").p
    assert [part.get_text() for part in paragraph.contents] == ["so ", "(x),", " or y"]


def test_a_formula_on_a_line_of_its_own_keeps_what_stands_around_it():
    tex = r"\[\sum_i x_i\]"
    page = f'<div class="math" id="equation-a"><span class="eqno">(1)</span>{tex}</div>'
    page = BeautifulSoup(changed(mathematics.mend, page), "html.parser")
    assert page.select_one("#equation-a > span.eqno").text == "(1)"
    assert page.select_one("#equation-a > mjx-container[display=true] mjx-munder")


@pytest.mark.parametrize("tex", [r"\frac{1}", r"\nonsense", "x^", r"\require{cancel}"])
def test_what_is_no_formula_fails_by_name(tex):
    with pytest.raises(ValueError, match=re.escape(repr(tex))):
        typeset(rf"\({tex}\)")


def test_code_that_looks_like_a_formula_stays():
    page = r"<code>\(x\)</code>"
    assert changed(mathematics.mend, page) == page


def test_the_style_sheet_has_every_letter_and_every_font_that_it_names(tmp_path):
    formula = typeset(r"\(\mathcal N\left(\frac{\sqrt{\sum x}}{2}\right)\)")
    mathematics.write(tmp_path)
    sheet = (tmp_path / mathematics.SHEET).read_text("utf-8")
    for letter in formula.select("mjx-c[class]"):
        assert f".{'.'.join(letter['class'])}::before" in sheet
    fonts = re.findall(r'url\("([^"]*)"\)', sheet)
    assert len(fonts) > 10
    for font in fonts:
        data = (tmp_path / mathematics.SHEET).with_name(font).read_bytes()
        assert data.startswith(b"wOF2" if font.endswith("2") else b"wOFF")
    letters = TTFont((tmp_path / mathematics.SHEET).with_name("MathJax_Math-Italic.woff2"))
    assert ord("x") in letters.getBestCmap()
    assert ord("\u03c9") not in letters.getBestCmap()


# --- before the first paint -------------------------------------------------------------------

HEAD = """<html data-theme="auto"><head><script>
document.documentElement.dataset.theme = localStorage.getItem("theme") || "auto";</script>
<link href="_static/styles/theme.css?v=1" rel="stylesheet"/>
<link href="_static/print.css" rel="stylesheet"/>
<script src="_static/documentation_options.js?v=1"></script>
<script>DOCUMENTATION_OPTIONS.pagename = "a";</script><script src="a.js"></script></head></html>"""


def test_colors_are_settled_right_after_the_theme_reads_what_was_chosen(tmp_path):
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static/documentation_options.js").write_text("const DOCUMENTATION_OPTIONS = 1;")
    page = BeautifulSoup(HEAD, "html.parser")
    paint.mend(page, tmp_path)
    assert page.html["data-theme"] == "light"
    scripts = page.select("script")
    assert "localStorage" in scripts[0].text
    assert "prefers-color-scheme" in scripts[1].string
    assert scripts[2].string == "const DOCUMENTATION_OPTIONS = 1;"  # before what asks for it
    assert "src" not in scripts[2].attrs
    assert [script.has_attr("defer") for script in scripts] == [False] * 4 + [True]
    sheet, paper = page.select("link")
    assert sheet["href"] == "_static/basic.css?v=1"  # which the other would import
    assert (sheet.get("media"), paper["media"]) == (None, "print")


SHEETS = """@import "a.css";/* .gone{} */
.kept, a .gone > b, #also-kept{color:red}.gone{x:y}.kept:not(.gone,.other) {content:"}"}
@media print{.gone{x:y}}@media (min-width:1px){.gone{x:y}.kept{x:y}}
@font-face{src:url(a)}.w-50\\%{x:y}[data-gone] p{x:y}"""


def test_rules_that_nothing_can_match_are_dropped():
    kept = sheets.prune(SHEETS, {"kept", "also-kept", "w-50%"})
    assert kept.replace(" ", "") == (
        '@import"a.css";.kept,#also-kept{color:red}.kept:not(.gone,.other){content:"}"}'
        "@media(min-width:1px){.kept{x:y}}@font-face{src:url(a)}.w-50\\%{x:y}[data-gone]p{x:y}"
    )


class Everything(set):
    def __contains__(self, name):
        return True


def test_pruning_loses_nothing_else():
    sheet = (toc.ROOT / "book/_static/custom.css").read_text("utf-8")
    kept = sheets.prune(sheet, Everything())
    bare = [
        re.sub(r"\s|;(?=\s*})", "", sheets.COMMENT.sub("", text)).replace(";}", "}")
        for text in (sheet, kept)
    ]
    assert bare[0] == bare[1]


def test_what_pages_and_scripts_name_is_kept_and_the_address_changes_with_the_sheet(tmp_path):
    (tmp_path / "a.css").write_text(
        ".page{x:y}#name{x:y}.script{x:y}.inline{x:y}.gone{x:y}", "utf-8"
    )
    (tmp_path / "a.js").write_text('box.className = "script";', "utf-8")
    text = '<link rel="stylesheet" href="../_static/a.css?v=1"/><p class="page" id="name"></p>'
    page = BeautifulSoup(f'{text}<script>"inline"</script>', "html.parser")
    addresses = []
    for _ in range(2):
        sheets.mend(tmp_path, [page])
        sheets.stamp(tmp_path, [page])
        addresses.append(page.link["href"])
        assert "gone" not in (tmp_path / "a.css").read_text("utf-8")
        (tmp_path / "a.js").write_text("", "utf-8")
    assert addresses[0].startswith("../_static/a.css?v=")
    assert addresses[0] != addresses[1]
    assert (tmp_path / "a.css").read_text("utf-8") == ".page{x:y}#name{x:y}.inline{x:y}"


# --- the ledger -------------------------------------------------------------------------------

RNG = np.random.default_rng(0)


def statistical(sentence, count=1):
    sample = RNG.standard_normal((100, count))
    return Claim(sentence, (testing.assert_mean(sample, np.zeros(count), axis=0),))


def cell(*claims):
    return (
        '<div class="cell tag_hide-input"><details class="hide above-input"><summary>'
        '<p class="collapsed">Show code cell source</p></summary><pre>code</pre></details>'
        f'<div class="cell_output">{"".join(c._repr_html_() for c in claims)}</div></div>'
    )


def of_page(*claims, title="He"):
    heading = f'<h1><span class="section-number">3. </span>{title}<a>#</a></h1>'
    return f"<article>{heading}{cell(*claims)}</article>"


@pytest.fixture
def executed(tmp_path, monkeypatch):
    """A finished site of three pages: a chapter, a solution, and what shows the ledger."""
    monkeypatch.setattr(lean, "shorten_fonts", lambda static, icons: None)
    monkeypatch.setattr(lean, "spare_layout", lambda static: None)
    (tmp_path / "_static").mkdir()
    pages = {
        "index": '<p><span class="claims-count">Many</span> claims</p>',
        "book/he": of_page(statistical("First."), statistical("Second one.", 3)),
        "book/solutions/he": of_page(statistical("First."), title="Solutions"),
        "book/reference/claims": '<div id="ledger"></div><div id="ledger-scatter"></div>',
    }
    for name, text in pages.items():
        path = tmp_path / f"{name}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    app = application(tmp_path)
    order = ["book/he", "book/solutions/he", "book/reference/claims"]
    app.env.toctree_includes = {"index": order}
    finish.finish(app, None)
    return {
        name: BeautifulSoup((tmp_path / f"{name}.html").read_text("utf-8"), "html.parser")
        for name in pages
    } | {"file": json.loads((tmp_path / "claims.json").read_text("utf-8"))}


def test_pages_stand_in_the_order_of_the_contents():
    includes = {"index": ["b", "a"], "b": ["c"]}
    assert finish.in_order(includes, "index") == ["index", "b", "c", "a"]


def test_the_code_of_a_claim_is_folded_below_it_under_its_name(executed):
    folded = executed["book/he"].select_one("div.cell")
    output, code = folded.find_all(["div", "details"], recursive=False)
    assert output["class"] == ["cell_output"]
    assert code["class"] == ["fold"]
    assert code.summary.text == "How this was checked"
    assert code.pre.text == "code"
    assert output.select("[style]") == []


def test_the_ledger_has_every_claim_in_the_order_of_the_book(executed):
    rows = executed["book/reference/claims"].select("table#ledger tbody tr")
    shown = [[found.text for found in row.select("td")][:3] for row in rows]
    assert shown == [
        ["3. He", "First.", "statistical"],
        ["3. He", "Second one.", "statistical"],
        ["3. Solutions", "First.", "statistical"],
    ]
    assert [entry["sentence"] for entry in executed["file"]] == [row[1] for row in shown]
    assert [len(entry["z"][0]) for entry in executed["file"]] == [1, 3, 1]


def test_each_row_leads_to_its_claim_and_each_claim_to_its_row(executed):
    ledger_page = executed["book/reference/claims"]
    for page, up in (("book/he", "../"), ("book/solutions/he", "../../")):
        for place in executed[page].select("div.claim"):
            address, row = place.select_one("a.claim-link")["href"].split("#")
            assert address == f"{up}book/reference/claims.html"
            back = ledger_page.find(id=row).a["href"]
            assert back == f"../../{page}.html#{place['id']}"


def test_the_landing_page_says_how_many_claims_there_are(executed):
    assert executed["index"].p.text == "3 claims"


def test_the_ledger_claims_that_its_distances_are_those_of_chance(executed):
    shown = executed["book/reference/claims"].select_one("div.claim")
    assert "as chance scatters them" in shown.text
    assert re.search(r"theory 1, measured .* \(3 draws\)", shown.text)


def test_distances_that_chance_does_not_explain_fail_the_build():
    entries = [{"kind": "statistical", "z": [[z]]} for z in RNG.normal(0, 2, 400)]
    with pytest.raises(AssertionError):
        ledger.scatter(entries)
    right = [{"kind": "statistical", "z": [[z, 9.0], [9.0]]} for z in RNG.standard_normal(400)]
    recorded = [{"kind": "recorded", "z": [[9.0]]}] * 100
    exact = [{"kind": "exact", "z": []}] * 100
    assert ledger.scatter(right + recorded + exact).evidence[0].draws == 400


def source(code, output=""):
    """A cell as MyST-NB writes it."""
    shown = f'<div class="cell_output">{output}</div>' if output else ""
    return (
        '<div class="cell tag_hide-input"><details class="hide above-input">'
        f'<summary>Show</summary><div class="cell_input"><pre>{code}</pre></div></details>'
        f"{shown}</div>"
    )


def folds(page):
    """The folds of a page: their names, and the code in each."""
    soup = BeautifulSoup(page, "html.parser")
    fold.mend(soup)
    return [(f.summary.text, [p.text for p in f.select("pre")]) for f in soup.select("details")]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (source("a", "<figure></figure>"), [("Code of this figure", ["a"])]),
        (source("a", "<p>3</p>"), [("Code of this output", ["a"])]),
        (source("a"), [("Code", ["a"])]),
        (
            source("a") + source("b") + source("c", "<figure></figure>") + source("d", "<p>3</p>"),
            [("Code of this figure", ["a", "b", "c"]), ("Code of this output", ["d"])],
        ),
        (
            source("a") + "<p>Prose.</p>" + source("b", "<p>3</p>"),
            [("Code", ["a"]), ("Code of this output", ["b"])],
        ),
    ],
)
def test_code_that_shows_nothing_joins_the_fold_that_follows(page, expected):
    assert folds(page) == expected


def test_an_open_cell_is_left_open():
    page = '<div class="cell"><div class="cell_input"><pre>a</pre></div></div>'
    assert changed(fold.mend, page) == page


def test_what_was_measured_is_folded_below_its_guess():
    page = (
        '<div class="cell tag_hide-output"><div class="cell_input"><pre>measure</pre></div>'
        '<details class="hide below-input"><summary><span>Show code cell output</span></summary>'
        '<div class="cell_output"><pre>2</pre></div></details></div>'
    )
    soup = BeautifulSoup(page, "html.parser")
    fold.mend(soup)
    (found,) = soup.select("details.fold")
    assert found.summary.get_text() == "What was measured"
    assert found.select_one("pre").text == "2"
    assert soup.select_one(".cell_input").find_parent("details") is None


def test_a_proof_is_folded_whole_under_its_name():
    page = changed(fold.mend, '<div class="proof admonition" id="proof"><p>Proof. x</p></div>')
    assert page == (
        '<details class="fold"><summary>Proof</summary>'
        '<div class="proof admonition"><p>Proof. x</p></div></details>'
    )


ASKED = """<div class="exercise" id="ex-he-std"><p>Which?</p>
<p><a href="solutions/03_he.html#worked">Solution</a></p></div>
<div class="cell"><pre>stub</pre></div>
<div class="cell"><pre>check.he_std(he_std)
</pre><div class="cell_output">Not attempted.</div></div><p>Prose.</p>"""
WORKED = """<section id="worked"><div class="solution"><section id="solution-content">
<p id="a">Half.
<a href="../03_he.html#x">there</a></p><div class="cell"><div class="claim"></div></div>
<div class="cell"><pre>answer</pre></div></section></div></section>"""


@pytest.mark.parametrize("worked", [WORKED, None])
def test_hints_and_solution_stand_below_the_exercise(worked):
    page = BeautifulSoup(ASKED, "html.parser")
    other = worked and BeautifulSoup(worked, "html.parser")
    exercises.mend(page, other, "solutions/03_he.html")
    folds = page.select("details")
    hints = list(exercises.EXERCISES["he_std"].hints)
    assert [fold.p.text for fold in folds[: len(hints)]] == hints
    assert folds[0].find_previous_sibling().pre.text.startswith("check.he_std")
    assert folds[-1].find_next_sibling().text == "Prose."
    assert "Not attempted." not in str(page)
    if worked is None:
        assert len(folds) == len(hints)
        return
    (solution,) = folds[len(hints) :]
    assert [summary.text for summary in solution.select("summary")] == ["Solution"]
    assert [cell.text for cell in solution.select(".cell")] == ["answer"]
    assert solution.select("[id]") == []
    links = [link["href"] for link in solution.select("a")]
    assert links == ["03_he.html#x", "solutions/03_he.html#worked"]
    assert page.select_one(".exercise").get_text(strip=True) == "Which?"
    assert other.select_one("#a") is not None  # the page of solutions stays whole


def test_the_output_of_other_cells_stays():
    page = '<div class="exercise" id="x"></div><div class="cell"><pre>check.a(b).c</pre>'
    page += '<div class="cell_output">3</div></div>'
    assert changed(lambda soup: exercises.mend(soup, None, ""), page) == page


def test_a_saying_is_judged_before_its_answer_unfolds():
    page = changed(
        fold.mend,
        '<section id="what-people-get-wrong"><h2>Wrong</h2>'
        "<p><strong>“It is</strong> <i>x</i><strong>.”</strong> It is not.</p><p>Never.</p>"
        "<div>Claim</div><p><strong>“No.”</strong> Yes.</p><p>Not <strong>“a”</strong>.</p>"
        "</section><p><strong>“Other.”</strong> Text.</p>",
    )
    folds = BeautifulSoup(page, "html.parser").select("details.fold.vote")
    questions = [fold.summary.get_text() for fold in folds]
    assert questions == ["“It is x.” Right or wrong?", "“No.” Right or wrong?"]
    answers = [fold.get_text().removeprefix(q) for fold, q in zip(folds, questions, strict=True)]
    assert answers == [" It is not.Never.Claim", " Yes.Not “a”."]
    assert page.endswith("</section><p><strong>“Other.”</strong> Text.</p>")


def test_a_box_of_the_class_fold_folds_under_its_title():
    page = changed(
        fold.mend,
        '<div class="admonition fold"><p class="admonition-title">More</p><p>Text.</p></div>',
    )
    assert page == '<details class="fold"><summary>More</summary><p>Text.</p></details>'


DRAWN = """<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt" viewBox="0 0 72 36">
 <metadata>Matplotlib</metadata><defs><style type="text/css">*{fill: red}</style></defs>
 <path id="m1" d="M 0 0" style="stroke: #009e73; fill: #ffffff"/>
 <use href="#m1" clip-path="url(#m1)" style="stroke: #000000"/>
 <image id="i1" href="data:,"/>
 <text style="font-size: 10px; font-family: 'DejaVu Sans', sans-serif; text-anchor: end">9</text>
</svg>"""


def test_a_figure_stands_in_its_page_in_the_colors_and_the_type_of_the_page(tmp_path):
    (tmp_path / "a.svg").write_text(DRAWN, "utf-8")
    image = '<img src="a.svg" alt="A line." class="hero"/>'
    page = changed(
        lambda soup: figures.mend(soup, tmp_path),
        f'<article>{image}<div class="cell_output">{image}{image}</div></article>',
    )
    outside, first, second = BeautifulSoup(page, "html.parser").select("img, svg")
    assert outside.name == "img"
    assert (first["role"], first["aria-label"]) == ("img", "A line.")
    assert first["class"] == ["picture", "single", "hero"]
    assert page.count("<svg") == 2  # nothing to stack
    assert first.path["style"] == "stroke:var(--figure-he);fill:var(--pst-color-background)"
    assert first.use["style"] == "stroke:currentColor"
    assert first.text.strip() == "9"
    assert first.select_one("text")["style"] == "font-size:10px;text-anchor:end"
    assert (first.use["href"], first.use["clip-path"]) == ("#f1-m1", "url(#f1-m1)")
    assert second.path["id"] == "f2-m1"
    assert first.select("image[id]") == []


def figure_of(columns, title, tmp_path):
    """Draw panels with a legend below them, and put them into a page."""
    with matplotlib.rc_context():
        plots.use_style()
        figure, (row,) = plots.panels(1, columns, title=title)
        for axes in row:
            for name in ("a long name of a line", "another long name", "the third of them"):
                axes.plot([1, 2], label=name)
            axes.set(ylabel="height", title="Panel")
        legend(row[0])
        figure.savefig(tmp_path / "a.svg")
    image = '<figure><img src="a.svg" alt="Lines."/></figure>'
    soup = BeautifulSoup(
        f'<article><div class="cell_output">{image}</div></article>', "html.parser"
    )
    figures.mend(soup, tmp_path)
    return soup.select("svg")


def test_two_panels_are_stacked_for_a_narrow_screen(tmp_path):
    title = "A finding that takes more than one line on a narrow screen, for it is long"
    wide, narrow = figure_of(2, title, tmp_path)
    assert "wide" in wide["class"].split()
    assert narrow["aria-hidden"] == "true"
    lines = [line.get_text() for line in narrow.select("text")]
    assert len(lines) > 1
    assert " ".join(lines) == title
    left, right = (
        re.search(r"translate\((.*) (.*)\)", use["transform"]) for use in narrow.select("use")[:2]
    )
    assert float(left[1]) == 0
    assert float(right[1]) < -float(wide["viewbox"].split()[2]) / 3
    assert float(right[2]) > float(left[2]) + 100
    used = [use["href"] for use in narrow.select("use")]
    assert used[:2] == ["#f1-axes_1", "#f1-axes_2"]
    legend = {f"#{part['id']}" for part in wide.select("g[id]")}
    assert {name for name in legend if "text" in name} == {n for n in used[2:] if "text" in n}
    assert all(wide.select(f'[id="{name[1:]}"]') for name in used)
    _, _, width, height = map(float, narrow["viewbox"].split())
    assert width < 0.6 * float(wide["viewbox"].split()[2])
    assert height > 1.3 * float(wide["viewbox"].split()[3])
    rows = {use["transform"].split()[1] for use in narrow.select("use")[2:]}
    assert len(rows) > 1, "a legend wider than the screen takes several rows"


def test_formulas_at_an_axis_and_texts_of_two_lines_are_kept_whole(tmp_path):
    figure, (row,) = plots.panels(1, 2)
    for axes in row:
        axes.plot([1, 2], [1e-9, 1e9])
        axes.set_yscale("log")
        axes.text(1, 1, "one line\nand another")
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        figure.savefig(tmp_path / "a.svg")
    image = BeautifulSoup('<img src="a.svg" alt="Lines."/>', "html.parser").img
    drawn = figures.inline((tmp_path / "a.svg").read_text("utf-8"), image, 1)
    right = stack.narrow(drawn).select("use")[1]
    shift = float(re.search(r"translate\((\S+)", right["transform"])[1])
    formulas = drawn.select('#f1-axes_2 g[transform^="translate"] > text:has(tspan)')
    assert len(formulas) > 3
    for formula in formulas:
        x = float(re.search(r"translate\((\S+)", formula.parent["transform"])[1])
        assert x + shift > 0, "cut off at the left of a narrow screen"


@pytest.mark.parametrize("columns", [1, 4])
def test_one_panel_and_four_stay_as_they_are(columns, tmp_path):
    (drawn,) = figure_of(columns, "A finding", tmp_path)
    assert ("single" in drawn["class"].split()) == (columns == 1), "a phone has room for one"
    share = float(re.search(r"--share: ([\d.]+)%", drawn["style"])[1])
    assert 60 < share < 90 if columns == 1 else 95 < share < 105


def test_three_panels_stack_one_below_the_other(tmp_path):
    _, stacked = figure_of(3, "A finding", tmp_path)
    x, y = zip(
        *(
            map(float, re.findall(r"-?[\d.]+", use["transform"])[:2])
            for use in stacked.select("use")[:3]
        ),
        strict=True,
    )
    assert len(x) == 3
    assert x[0] >= x[1] > x[2], "each moves to the left edge"
    assert y[0] < y[1] < y[2]


def test_a_figure_above_another_is_not_beside_it(tmp_path):
    figure, grid = plots.panels(2, 1)
    figure.savefig(tmp_path / "a.svg")
    image = BeautifulSoup('<img src="a.svg" alt="Lines."/>', "html.parser").img
    drawn = figures.inline((tmp_path / "a.svg").read_text("utf-8"), image, 1)
    assert stack.narrow(drawn) is None
    assert len(grid) == 2


LAB = (
    '<html><head></head><body><div class="cell tag_hide-input tag_lab-humps"><figure id="fig-a">'
    '<svg class="picture"></svg><figcaption>What.</figcaption></figure></div>'
    '<div class="cell"><figure><svg class="picture"></svg></figure></div></body></html>'
)


def test_a_figure_that_is_a_lab_has_a_place_for_its_knobs_and_its_page_the_scripts():
    soup = BeautifulSoup(LAB, "html.parser")
    small_labs.mend(soup, "../")
    first, second = soup.select("figure")
    assert first["data-lab"] == "humps"
    assert [tag.name for tag in first.find_all(recursive=False)] == ["svg", "div", "figcaption"]
    assert first.div["class"] == ["play"]
    assert not second.has_attr("data-lab")
    static = toc.ROOT / "book/_static"
    links = [tag.get("src") or tag["href"] for tag in soup.select("head script, head link")]
    assert len(links) == 7
    for link in links:
        assert (static / link.removeprefix("../_static/")).is_file(), link


def test_a_page_without_labs_has_none_of_their_scripts():
    assert changed(lambda soup: small_labs.mend(soup, ""), PAGE) == changed(len, PAGE)


GLOSSARY = BeautifulSoup(
    '<dl class="glossary"><dt id="term-fan">fan in, fan out<a href="#">#</a></dt>'
    '<dd><p>Two <a href="x.html">numbers</a>.</p></dd>'
    '<dt id="term-he">He initialization</dt><dd><p>A rule.</p></dd>'
    '<dt id="term-telescope">telescope</dt><dd><p>To cancel.</p></dd>'
    '<dt id="term-entropy">entropy</dt><dd><p>A mean.</p></dd>'
    '<dt id="term-cross">cross-entropy</dt><dd><p>A loss.</p></dd></dl>',
    "html.parser",
)


def explained(text):
    """The words of a section that are linked, and the page."""
    page = (
        f"<article><section><h1>T</h1><section><h2>Fan in</h2>{text}</section></section></article>"
    )
    soup = BeautifulSoup(page, "html.parser")
    terms.mend(soup, terms.defined(GLOSSARY), "reference/glossary.html")
    return [link.get_text() for link in soup.select("a.term")], soup


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<p>The fan in, a fan out and fan in.</p>", ["fan in"]),
        ("<p>He said so. He initialization.</p>", ["He initialization"]),
        ("<p>It telescopes.</p><ul><li>Telescoping</li></ul>", ["telescopes"]),
        ("<p>A cross-entropy and its entropy.</p>", ["cross-entropy", "entropy"]),
        ("<p>fantasy, re-entropy, entropy_of</p>", []),
        ('<p><a href="#">entropy</a> <code>entropy</code></p><pre>entropy</pre>', []),
        (
            '<div class="claim"><p>entropy</p></div><details><summary>entropy</summary></details>',
            [],
        ),
        ("<p>entropy</p><section><p>entropy</p></section>", ["entropy"]),
    ],
)
def test_the_first_use_of_a_word_in_a_section_is_explained(text, words):
    found, soup = explained(text)
    assert found == words
    assert len(soup.select(".term-tip")) == len(words)


def test_each_section_explains_its_words_again_and_the_page_holds_their_meaning_once():
    two = "<p>entropy</p></section><section><h2>B</h2><p>Entropy</p>"
    words, soup = explained(two)
    assert words == ["entropy", "Entropy"]
    (tip,) = soup.select(".term-tip")
    assert (tip["role"], tip.get_text()) == ("tooltip", "A mean.")
    assert {link["aria-describedby"] for link in soup.select("a.term")} == {tip["id"]}
    assert {link["href"] for link in soup.select("a.term")} == {
        "reference/glossary.html#term-entropy"
    }


def test_a_meaning_has_no_links_of_its_own():
    _, soup = explained("<p>fan in</p>")
    (tip,) = soup.select(".term-tip")
    assert tip.get_text() == "Two numbers."
    assert not tip.select("a")


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("[He et al., 2015](reference/bibliography.md#he2015), eq. 7", "{cite:p}`he2015`, eq. 7"),
        ("eq. 10 of [He et al. (2015)](../bibliography.md#he2015).", "eq. 10 of {cite:t}`he2015`."),
        ("[Two, 2016](bibliography.md#a2016,b2017)", "{cite:p}`a2016,b2017`"),
        ("[the list](reference/bibliography.md)", "[the list](reference/bibliography.md)"),
    ],
)
def test_links_to_the_bibliography_become_citations(text, cited):
    assert citations.roles(text) == cited
    source = [text]
    citations.cite(None, "book/03_he", source)
    assert source == [cited]


def points(path):
    """The places that an outline of steps passes."""
    at, found = np.zeros(2), []
    for command, numbers in re.findall(r"([a-z])([^a-z]*)", path):
        steps = np.array(re.findall(r"-?(?:\d+\.?\d*|\.\d+)", numbers), float).reshape(-1, 2)
        size = {"m": 1, "l": 1, "q": 2, "c": 3, "z": 1}[command]
        for part in steps.reshape(-1, size, 2):
            found += list(at + part)
            at = found[-1]
    return found


def test_an_outline_is_written_as_steps_that_lead_to_the_same_places():
    places = np.round(RNG.uniform(-300, 300, (300, 2)), 6)
    text = "M {} {} ".format(*places[0])
    text += "".join("L {} {} ".format(*place) for place in places[1:150])
    text += "Q {} {} {} {} ".format(*places[150:152].ravel())
    text += "".join(
        "C {} {} {} {} {} {} ".format(*p.ravel()) for p in places[152:299].reshape(-1, 3, 2)
    )
    path = figures.outline(text)
    assert (
        np.abs(np.array(points(path)) - places[:299]).max() < 0.0501
    )  # a fourteenth of a pixel at most  # no error adds up
    assert len(path) < 0.7 * len(text)
    assert figures.outline("M 1 2 L 1.5 2 z M 0 0.25 L -0.001 0.25 z") == "m1 2l.5 0zm-1-1.8l0 0z"


def test_steps_that_go_on_along_an_axis_become_one():
    corner = "M 0 0 L 1 0 L 2.5 0 L 2.5 0 L 2.5 5 L 2.5 4 L 2.5 3 L 1 2 L 0 1 z"
    assert figures.outline(corner) == "m0 0l2.5 0 0 5 0-2-1.5-1-1-1z"


def test_styles_and_names_of_figures_are_written_once_and_short(tmp_path):
    (tmp_path / "a.svg").write_text(DRAWN, "utf-8")
    image = '<img src="a.svg" alt="A line."/>'
    page = f'<head></head><article><div class="cell_output">{image}{image}</div></article>'
    soup = BeautifulSoup(page, "html.parser")
    figures.mend(soup, tmp_path)
    one, two = soup.select("svg")
    sheet = dict(re.findall(r"[.](k\w+){([^}]*)}", soup.head.style.string))
    for svg in (one, two):
        assert not svg.select("path[style], use[style]")
        assert svg.select_one("text")["style"]
        (drawn,) = svg.select("path")
        assert sheet[drawn["class"]] == "stroke:var(--figure-he);fill:var(--pst-color-background)"
        assert svg.use["href"] == f"#{drawn['id']}"
        assert svg.use["clip-path"] == f"url(#{drawn['id']})"
    assert one.path["id"] != two.path["id"]
    assert one.path["class"] == two.path["class"]


def test_each_color_of_the_figures_is_set_for_light_and_for_dark():
    sheet = (toc.ROOT / "book/_static/custom.css").read_text("utf-8")
    drawn = {*plots.COLORS.values(), plots.THEORY}
    assert drawn <= set(figures.VARIABLES)
    for name in re.findall(r"--figure-[a-z-]+", " ".join(figures.VARIABLES.values())):
        assert len(re.findall(rf"^  {name}: #", sheet, re.M)) == 2, name


def test_two_claims_of_a_page_that_begin_alike_are_refused():
    page = BeautifulSoup(of_page(statistical("First."), statistical("First!")), "html.parser")
    with pytest.raises(ValueError, match=r"book/he: 2 claims begin .*: claim-first"):
        ledger.mend(page, "book/he")


def test_a_page_without_claims_is_left_alone():
    page = '<div class="cell"><details class="hide"><summary>Show</summary></details></div>'
    assert changed(lambda soup: ledger.mend(soup, "book/he"), page) == page
