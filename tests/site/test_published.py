"""What the addresses in the environment change: nothing without them, every button with them."""

import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml
from bs4 import BeautifulSoup

from tools import toc

BOOK = "https://example.org/course"
REPOSITORY = "https://github.com/someone/course"
HUB = "https://hub.example.org"
CHAPTER = toc.chapter_pages()[0]
FILES = ("book/intro", CHAPTER, "book/reference/glossary")


def build(folder, **environment):
    """Build three pages of the book, without running them."""
    shutil.copytree(toc.ROOT / "book", folder / "book")
    config = yaml.safe_load((toc.ROOT / "_config.yml").read_text("utf-8"))
    config["execute"] = {"execute_notebooks": "off"}
    (folder / "_config.yml").write_text(yaml.safe_dump(config), "utf-8")
    root, *others = FILES
    contents = {"format": "jb-book", "root": root, "chapters": [{"file": file} for file in others]}
    (folder / "_toc.yml").write_text(yaml.safe_dump(contents), "utf-8")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BOOK_")}
    done = subprocess.run(
        [Path(sys.executable).with_name("jupyter-book"), "build", "."],
        cwd=folder,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return folder / "_build/html"


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    return build(tmp_path_factory.mktemp("bare"))


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return build(
        tmp_path_factory.mktemp("published"),
        BOOK_URL=f"{BOOK}/",
        BOOK_REPOSITORY_URL=REPOSITORY,
        BOOK_JUPYTERHUB_URL=HUB,
    )


def page(site, name=CHAPTER):
    return BeautifulSoup((site / f"{name}.html").read_text("utf-8"), "html.parser")


def buttons(site):
    """Addresses of the buttons above a chapter."""
    links = page(site).select(".article-header-buttons a[href]")
    return [unquote(tag["href"]) for tag in links]


def test_without_addresses_no_button_leads_anywhere(bare):
    assert buttons(bare) == []
    head = str(page(bare).head)
    assert "canonical" not in head
    assert "og:url" not in head
    assert "og:image" not in head
    assert not (bare / "sitemap.xml").exists()
    assert "Sitemap" not in (bare / "robots.txt").read_text("utf-8")


@pytest.mark.parametrize(
    "start",
    [
        f"https://mybinder.org/v2/gh/someone/course/main?urlpath=lab/tree/{CHAPTER}.ipynb",
        f"{HUB}/hub/user-redirect/git-pull?repo={REPOSITORY}&urlpath=lab/tree/course/book",
        f"https://colab.research.google.com/github/someone/course/blob/main/{CHAPTER}.ipynb",
        f"{REPOSITORY}/edit/main/{CHAPTER}.ipynb",
        f"{REPOSITORY}/issues/new",
        f"../_sources/{CHAPTER}.ipynb",
    ],
)
def test_with_addresses_a_chapter_has_every_button(published, start):
    assert [address for address in buttons(published) if address.startswith(start)]


def test_with_addresses_a_chapter_leads_to_the_repository(published):
    assert REPOSITORY in buttons(published)


def test_the_notebook_to_download_is_there(published):
    address = next(a for a in buttons(published) if a.endswith(".ipynb") and "_sources" in a)
    assert (published / CHAPTER).parent.joinpath(address).is_file()


def test_with_addresses_every_page_names_itself(published):
    for name in FILES:
        head = page(published, name).head
        assert head.select_one("link[rel=canonical]")["href"] == f"{BOOK}/{name}.html"
        assert head.select_one('meta[property="og:url"]')["content"] == f"{BOOK}/{name}.html"
        card = head.select_one('meta[property="og:image"]')["content"]
        assert card.startswith(f"{BOOK}/")
        assert (published / card.removeprefix(f"{BOOK}/")).stat().st_size > 5_000


def test_the_site_map_lists_every_page(published):
    tree = ET.parse(published / "sitemap.xml")
    listed = {element.text for element in tree.iter() if element.tag.endswith("loc")}
    assert {f"{BOOK}/{name}.html" for name in FILES} <= listed
    assert f"Sitemap: {BOOK}/sitemap.xml" in (published / "robots.txt").read_text("utf-8")


def test_the_page_for_lost_readers_leads_home_from_any_depth(bare, published):
    assert page(published, "404").select_one("a")["href"] == "/course/"
    assert (bare / page(bare, "404").select_one("a")["href"]).is_file()


def test_no_page_asks_another_host_for_anything(published):
    for name in FILES:
        tags = page(published, name).select("script[src], img[src], link[rel=stylesheet]")
        assert all(not (tag.get("src") or tag["href"]).startswith("http") for tag in tags)
