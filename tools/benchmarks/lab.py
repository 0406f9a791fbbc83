"""Time how long the lab takes from a changed knob to the new picture.

python -m tools.benchmarks.lab

Opens the built page in this machine's browser and prints the median and the slowest of five
redraws for each depth and width, in milliseconds, with ten networks asked for, while the size of
the weights is dragged. Each redraw computes measurement and theory anew, with the draws of before.
"""

from __future__ import annotations

import statistics
import sys

from playwright.sync_api import Page, sync_playwright

from tools import toc
from tools.browser import launch, new_page

LAB = toc.ROOT / "_build/html/book/lab.html"
SIZES = ((10, 64), (30, 64), (30, 128), (30, 256), (50, 128), (100, 128), (100, 512))
READY = "document.getElementById('lab').getAttribute('aria-busy') === 'false'"


def redraws(page: Page, depth: int, query: str, rounds: int = 5) -> list[float]:
    """Drag the size of the weights to and fro: milliseconds from the request to the picture."""
    page.goto(f"{LAB.as_uri()}?init=he&depth={depth}&{query}")
    page.wait_for_function(READY)
    times = []
    for number in range(rounds):
        page.fill("#lab-size", str(1.2 + number % 2 / 10))
        page.wait_for_function(READY)
        times.append(float(page.locator("#lab").get_attribute("data-milliseconds") or "nan"))
    return times


def main() -> int:
    """Print the table."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = new_page(browser)
        print(f"{'depth':>5} {'width':>5} {'activation':>10} {'median':>7} {'slowest':>7}")
        for depth, width in SIZES:
            for name in ("relu", "gelu"):
                times = redraws(page, depth, f"width={width}&activation={name}")
                print(
                    f"{depth:5} {width:5} {name:>10} {statistics.median(times):7.0f} "
                    f"{max(times):7.0f}"
                )
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
