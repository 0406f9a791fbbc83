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


def test_side_by_side_where_there_is_room(browser, book):
    seen = visit(browser, (book / f"{toc.chapters()[0].page}.html").as_uri())
    figure = seen.page.locator("figure:not([data-lab]):has(svg.stacked)").first
    assert not figure.locator("svg.stacked").is_visible()
    assert figure.locator("svg.wide").bounding_box()["width"] > 600
    seen.page.context.close()
