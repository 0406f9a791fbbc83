"""The opt-in build for kernels in the browser: it loads, lists the chapters, and stays at home.

`make lite` builds it and runs this file. What a started kernel does is not tested here: Pyodide,
which it needs, comes from another host.
"""

import json
from urllib.parse import urlparse

import pytest

import initcourse
from conftest import BUILD
from tools import toc
from tools.browser import new_page, served

LITE = BUILD / "lite"

pytestmark = pytest.mark.skipif(not (LITE / "lab/index.html").is_file(), reason="opt-in: make lite")


@pytest.fixture(scope="module")
def address():
    """JupyterLite needs a server, any static one."""
    with served(LITE) as address:
        yield address


def test_the_package_is_in_the_index_of_the_site():
    index = json.loads((LITE / "pypi/all.json").read_text("utf-8"))
    [release] = index["initcourse"]["releases"][initcourse.__version__]
    assert (LITE / "pypi" / release["filename"]).is_file()


def test_the_kernel_finds_what_it_starts_with_and_asks_no_other_index():
    settings = json.loads((LITE / "jupyter-lite.json").read_text("utf-8"))["jupyter-config-data"]
    kernel = settings["litePluginSettings"]["@jupyterlite/pyodide-kernel-extension:kernel"]
    assert kernel["disablePyPIFallback"] is True
    index = json.loads((LITE / "pypi/all.json").read_text("utf-8"))
    assert any(
        (LITE / "pypi" / file["filename"]).is_file()
        for [file] in index["comm"]["releases"].values()
    )


def test_every_chapter_is_among_the_files_and_installs_the_package():
    listed = json.loads((LITE / "api/contents/all.json").read_text("utf-8"))["content"]
    assert {chapter.path.name for chapter in toc.chapters()} <= {entry["name"] for entry in listed}
    for chapter in toc.chapters():
        notebook = json.loads((LITE / "files" / chapter.path.name).read_text("utf-8"))
        assert "initcourse" in notebook["cells"][0]["source"]


def test_the_page_loads_and_lists_the_chapters_without_another_host(browser, address):
    page = new_page(browser, viewport={"width": 1280, "height": 900})
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{address}/lab/index.html")
    for chapter in toc.chapters():
        page.wait_for_selector(f".jp-DirListing-itemText:has-text('{chapter.path.name}')")
    page.context.close()
    assert errors == []
    hosts = {urlparse(url).netloc for url in asked if url.startswith("http")}
    assert hosts == {urlparse(address).netloc}
