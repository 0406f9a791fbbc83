"""Print the built book as one PDF.

The articles of all pages are put into one page, in the order of the contents; a browser prints it
twice. The first print shows on which page each chapter begins, in the second the
table of contents says so. Links within the book lead to their place in the PDF.

    python -m tools.pdf
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from pathlib import Path
from posixpath import dirname, join, normpath
from urllib.parse import quote, urldefrag

import yaml
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser, Page, sync_playwright
from pypdf import PdfReader, PdfWriter

from tools import toc
from tools.browser import launch, new_page

HTML = toc.ROOT / "_build" / "html"
PDF = toc.ROOT / "_build" / "initcourse.pdf"
FOOTER = (
    '<div style="font: 8px sans-serif; width: 100%; text-align: center; color: #555">'
    '<span class="pageNumber"></span></div>'
)
ASSEMBLED = "_print.html"


def anchor(page: str, fragment: str = "") -> str:
    """Return the id that an element of a page has in the whole book."""
    return quote(f"{page}--{fragment}" if fragment else page, safe="")


def part(page: str, name: str) -> str:
    """Return the id that a part of a figure has there: no letter of it means another in a link."""
    return f"{page.replace('/', '-')}--{name}"


def article(page: str, soup: BeautifulSoup, pages: list[str]) -> Tag:
    """Return the text of a page, its ids and links made unique within the book."""
    found = soup.select_one("article")
    assert found is not None, page
    for tag in found.select("script"):
        tag.decompose()  # of the lab, which paper does not have
    for tag in found.select("noscript"):
        tag.unwrap()
    for tag in found.select("[id]"):
        inside = tag.find_parent("svg") is not None
        tag["id"] = part(page, str(tag["id"])) if inside else anchor(page, str(tag["id"]))
    for tag in found.select("svg use[href]"):
        tag["href"] = f"#{part(page, str(tag['href']).removeprefix('#'))}"
    for tag in found.select("svg [clip-path]"):
        name = str(tag["clip-path"]).removeprefix("url(#").removesuffix(")")
        tag["clip-path"] = f"url(#{part(page, name)})"
    for tag in found.select("[src]"):
        tag["src"] = normpath(join(dirname(page), str(tag["src"])))
    for tag in found.select("a[href]"):
        target, fragment = urldefrag(str(tag["href"]))
        if "://" in target or target.startswith("mailto:"):
            continue
        name = normpath(join(dirname(page), target)).removesuffix(".html") if target else page
        if name in pages:
            tag["href"] = f"#{anchor(name, fragment)}"
        else:
            del tag["href"]  # a file of the site, which paper does not have
    for tag in found.select("details"):
        tag["open"] = ""
    found.name = "section"
    found["id"] = anchor(page)
    found["class"] = "print-page"
    return found


def contents(titles: dict[str, str]) -> str:
    """Return the table of contents, with room for the page numbers."""
    lines = [
        f'<tr><td><a href="#{anchor(page)}">{title}</a></td><td data-page="{page}"></td></tr>'
        for page, title in titles.items()
    ]
    return f'<section class="print-page"><h1>Contents</h1><table>{"".join(lines)}</table></section>'


def assemble(site: Path) -> tuple[str, dict[str, str]]:
    """Return the whole book as one page, and the title of each of its parts."""
    pages = toc.pages()
    soups = {
        page: BeautifulSoup((site / f"{page}.html").read_text("utf-8"), "html.parser")
        for page in pages
    }
    articles = [article(page, soup, pages) for page, soup in soups.items()]
    frame = soups[pages[0]]
    assert frame.body is not None
    assert frame.head is not None
    styled = {str(tag["href"]) for tag in frame.select("link[rel=stylesheet]")}
    for soup in soups.values():  # each page has only the style sheets that it needs
        for tag in soup.select("link[rel=stylesheet]"):
            address = str(tag["href"]).replace("../../", "../")
            if address not in styled:
                styled.add(address)
                frame.head.append(tag)
    for page in pages[1:]:
        frame.head.extend(soups[page].select("head style"))  # of its figures
    for tag in frame.select("[src], [href]"):
        name = "src" if tag.has_attr("src") else "href"
        if "://" not in str(tag[name]):
            tag[name] = str(tag[name]).replace("../", "")
    for tag in frame.select("head script"):
        tag.decompose()
    frame.select("html")[0]["data-theme"] = "light"
    body = frame.body
    body.clear()
    body["class"] = "bd-article"
    titles = {}
    for page, part in zip(pages, articles, strict=True):
        heading = part.select_one("h1")
        assert heading is not None, page
        for link in heading.select(".headerlink"):
            link.decompose()
        titles[page] = heading.get_text().strip()
    body.extend(articles[:1])
    body.append(BeautifulSoup(contents(titles), "html.parser"))
    body.extend(articles[1:])
    return str(frame), titles


def show(page: Page, site: Path) -> dict[str, str]:
    """Open the whole book in a page of the browser; return the titles of its parts."""
    html, titles = assemble(site)
    (site / ASSEMBLED).write_text(html, "utf-8")
    try:
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto((site / ASSEMBLED).as_uri())
        page.evaluate("() => document.fonts.ready.then(() => null)")
        if errors:
            raise ValueError(f"the page to print has errors: {errors}")
    finally:
        (site / ASSEMBLED).unlink()
    return titles


def print_to(page: Page, path: Path) -> None:
    """Print what the browser shows."""
    page.pdf(
        path=path,
        format="A4",
        display_header_footer=True,
        header_template="<span></span>",
        footer_template=FOOTER,
        outline=True,
        tagged=True,
        print_background=True,
        prefer_css_page_size=True,
    )


def letters(title: str) -> str:
    """Return the letters of a title: a line that breaks within it is written in several ways."""
    return re.sub(r"\W+", "", title)


def first_pages(path: Path, titles: dict[str, str]) -> dict[str, int]:
    """Read from the PDF's outline on which page each part begins."""
    reader = PdfReader(path)
    begins = [
        (letters(str(item.title)), (reader.get_destination_page_number(item) or 0) + 1)
        for item in reader.outline
        if not isinstance(item, list)
    ]
    found = {}
    for page, title in titles.items():
        number = next((number for name, number in begins if name == letters(title)), None)
        if number is None:
            raise ValueError(f"the outline of the PDF lacks {title!r}")
        found[page] = number
    return found


def write(browser: Browser, site: Path, path: Path) -> None:
    """Write the book that is built in a folder to a PDF."""
    config = yaml.safe_load((toc.ROOT / "_config.yml").read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        page = new_page(browser, color_scheme="light")
        draft = Path(folder) / "draft.pdf"
        titles = show(page, site)
        print_to(page, draft)
        page.evaluate(
            """numbers => document.querySelectorAll("[data-page]").forEach(
                cell => { cell.textContent = numbers[cell.dataset.page]; })""",
            first_pages(draft, titles),
        )
        print_to(page, draft)
        page.context.close()
        writer = PdfWriter(clone_from=draft)
    writer.add_metadata({"/Title": config["title"], "/Author": config["author"]})
    writer.write(path)


def main() -> int:
    """Write the PDF and say how long it is."""
    argparse.ArgumentParser(description="Print the built book as one PDF.").parse_args()
    with sync_playwright() as playwright:
        browser = launch(playwright)
        write(browser, HTML, PDF)
        browser.close()
    print(f"{PDF}: {len(PdfReader(PDF).pages)} pages, {PDF.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
