"""Figures on a narrow screen: two panels stand one below the other, and nothing scrolls."""

import pytest

from conftest import visit
from tools import toc


@pytest.mark.parametrize("chapter", toc.chapters(), ids=lambda chapter: chapter.name)
def test_two_panels_fit_a_phone_one_below_the_other(browser, book, chapter):
    seen = visit(browser, (book / f"{chapter.page}.html").as_uri(), "phone dark")
    stacked = seen.page.locator("figure:not([data-lab]):has(svg.stacked)")
    assert stacked.count() > 0
    for figure in stacked.all():
        assert figure.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
        assert figure.locator("svg.stacked").is_visible()
        outside = figure.evaluate(
            """figure => {
                const frame = figure.querySelector("svg.stacked").getBoundingClientRect();
                return [...figure.querySelectorAll("svg.stacked > text")].filter(part => {
                    const box = part.getBoundingClientRect();
                    return box.left < frame.left - 4 || box.right > frame.right + 4 ||
                        box.top < frame.top - 4 || box.bottom > frame.bottom + 4;
                }).map(part => part.outerHTML);
            }"""
        )
        assert outside == []
        assert figure.get_by_role("img").count() == 1  # read once, with its words
    seen.page.context.close()


@pytest.mark.parametrize("chapter", toc.chapters(), ids=lambda chapter: chapter.name)
def test_one_panel_fits_a_phone_in_letters_that_can_be_read(browser, book, chapter):
    seen = visit(browser, (book / f"{chapter.page}.html").as_uri(), "phone dark")
    single = seen.page.locator("figure:not([data-lab]):has(svg.single)")
    assert single.count() > 0
    for figure in single.all():
        scrolls, sizes = figure.evaluate(
            """figure => {
                const svg = figure.querySelector("svg.single");
                const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
                const size = e => scale * parseFloat(getComputedStyle(e).fontSize);
                return [figure.scrollWidth > figure.clientWidth + 1,
                    [...svg.querySelectorAll("text")].map(size)];
            }"""
        )
        assert not scrolls, figure.get_attribute("id")
        assert min(sizes) >= 8.95, figure.get_attribute("id")
    seen.page.context.close()


CONTRAST = """() => {
    const channels = color => color.match(/[\\d.]+/g).slice(0, 3).map(c => c / 255)
        .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const weights = [0.2126, 0.7152, 0.0722];
    const light = color => channels(color).reduce((sum, c, k) => sum + c * weights[k], 0);
    const ground = light(getComputedStyle(document.body).backgroundColor);
    return [...document.querySelectorAll("article svg.picture text")].map(text => {
        const both = [ground, light(getComputedStyle(text).fill)].sort((a, b) => b - a);
        return [(both[0] + 0.05) / (both[1] + 0.05), text.textContent];
    });
}"""


@pytest.mark.parametrize("mode", ["desktop light", "phone dark"])
@pytest.mark.parametrize("chapter", toc.chapters(), ids=lambda chapter: chapter.name)
def test_a_label_in_a_color_can_be_read(browser, book, chapter, mode):
    seen = visit(browser, (book / f"{chapter.page}.html").as_uri(), mode)
    found = seen.page.evaluate(CONTRAST)
    assert len(found) > 50
    assert [text for ratio, text in found if ratio < 4.5] == []
    seen.page.context.close()


def test_side_by_side_where_there_is_room(browser, book):
    seen = visit(browser, (book / f"{toc.chapters()[0].page}.html").as_uri())
    figure = seen.page.locator("figure:not([data-lab]):has(svg.stacked)").first
    assert not figure.locator("svg.stacked").is_visible()
    assert figure.locator("svg.wide").bounding_box()["width"] > 600
    seen.page.context.close()
