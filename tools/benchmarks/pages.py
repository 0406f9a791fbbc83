"""Measure the built chapters: what a reader sees of each, and how fast it comes.

python -m tools.benchmarks.pages [--speed]

The first table is taken at a width of 1400 px. A picture is a figure or a lab; code and print-outs
count where they stand open; words are those of the prose, between two pictures. Mathematics and
code are given as a share of the size of the text.

With --speed a second table follows, for five pages, plain and with a phone's profile: a processor
of a quarter of this one's speed, 1.6 Mbit/s and 150 ms to the server, which compresses text.
Loaded are the bytes of a first visit, as they are sent. Typeset is when the last formula that is
in view stands, blocking is what tasks of more than 50 ms take beyond that, shift is the cumulative
layout shift. Each is the median of five visits; of blocking the least and the most are shown too.
Seconds are worth something on an idle machine only, and even there a busy host doubles blocking.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tools import toc
from tools.browser import launch, new_page, served

HTML = toc.ROOT / "_build/html"
PICTURES = "figure, .lab"
OTHER_PAGES = ("book/intro", "book/lab", "book/reference/frameworks")
SHOWN = """pictures => {
    const article = document.querySelector("article");
    const seen = e => e.checkVisibility({visibilityProperty: true});
    const outer = selector => [...article.querySelectorAll(selector)].filter(seen)
        .filter(e => !e.parentElement.closest(selector));
    const height = all => all.reduce((sum, e) => sum + e.getBoundingClientRect().height, 0);
    const top = e => e.getBoundingClientRect().top + scrollY;
    const size = e => e ? parseFloat(getComputedStyle(e).fontSize) : NaN;
    const found = outer(pictures);
    const code = outer("div.cell_input, .cell_output pre").filter(e => !e.closest(pictures));
    const prose = outer("p, li, dd").filter(e => !e.closest(".cell_output, .cell_input"));
    const words = prose.reduce((sum, e) => sum + e.innerText.split(/\\s+/).length, 0);
    const text = size(article.querySelector("section > p"));
    return {
        height: article.getBoundingClientRect().height,
        first: found.length ? top(found[0]) : NaN,
        pictures: found.length,
        picture: height(found) / article.getBoundingClientRect().height,
        code: height(code) / article.getBoundingClientRect().height,
        words: words / (found.length + 1),
        text: text,
        mathematics: size(article.querySelector("section > p mjx-container:not([display])")) / text,
        source: size(article.querySelector(".cell_input pre")),
    };
}"""
WATCH = """() => {
    window.measured = {blocking: 0, shift: 0, typeset: 0, loaded: 0};
    performance.setResourceTimingBufferSize(10000);
    new PerformanceObserver(list => {
        for (const file of list.getEntries()) measured.loaded += file.encodedBodySize;
    }).observe({type: "resource", buffered: true});
    new PerformanceObserver(list => {
        for (const page of list.getEntries()) measured.loaded += page.encodedBodySize;
    }).observe({type: "navigation", buffered: true});
    new PerformanceObserver(list => {
        for (const task of list.getEntries()) measured.blocking += task.duration - 50;
    }).observe({type: "longtask", buffered: true});
    new PerformanceObserver(list => {
        for (const shift of list.getEntries())
            if (!shift.hadRecentInput) measured.shift += shift.value;
    }).observe({type: "layout-shift", buffered: true});
    const look = () => {
        const left = [...document.querySelectorAll("article .math")]  // to ask where a far one is
            .filter(e => e.checkVisibility({contentVisibilityAuto: true}))  // would lay it out
            .filter(e => e.getBoundingClientRect().top < innerHeight)
            .some(e => !e.querySelector("mjx-container"));
        if (!left && document.readyState !== "loading" && document.querySelector("article"))
            measured.typeset = performance.now();
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""
VISITS = 5
PROFILES = {"plain": None, "phone": {"rate": 4, "kilobytes": 200, "latency": 150}}


def shown(browser: Browser, name: str) -> dict[str, float]:
    """Measure what a page shows at a width of 1400 px."""
    page = new_page(browser, viewport={"width": 1400, "height": 900}, color_scheme="light")
    page.goto((HTML / f"{name}.html").as_uri())
    page.evaluate("() => document.fonts.ready.then(() => null)")
    found: dict[str, float] = page.evaluate(SHOWN, PICTURES)
    page.context.close()
    return found


def speed(browser: Browser, address: str, profile: dict[str, Any] | None) -> dict[str, float]:
    """Open a page for the first time: kB, seconds to its formulas, of blocking, and its shift."""
    size = {"width": 1280, "height": 900} if profile is None else {"width": 390, "height": 844}
    page = new_page(browser, viewport=size)
    devtools = page.context.new_cdp_session(page)
    if profile:
        devtools.send("Network.enable")
        rate = profile["kilobytes"] * 1000
        devtools.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": profile["latency"],
                "downloadThroughput": rate,
                "uploadThroughput": rate,
            },
        )
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": profile["rate"]})
    page.add_init_script(f"({WATCH})()")
    page.goto(address)
    page.wait_for_function("measured.typeset > 0")
    page.wait_for_timeout(1000)  # for what comes late
    found: dict[str, float] = page.evaluate("measured")
    page.context.close()
    return {
        "loaded": found["loaded"] / 1000,
        "typeset": found["typeset"] / 1000,
        "blocking": found["blocking"] / 1000,
        "shift": found["shift"],
    }


def show(browser: Browser) -> None:
    """Print the table of what is seen."""
    print("| chapter | height px | first picture px | pictures | their share | open code |", end="")
    print(" words a picture | text px | mathematics | code px |")
    print(f"|---|{'---:|' * 9}")
    for name in toc.chapter_pages():
        s = shown(browser, name)
        print(
            f"| {name.removeprefix('book/')} | {s['height']:.0f} | {s['first']:.0f} |"
            f" {s['pictures']:.0f} | {s['picture']:.1%} | {s['code']:.1%} | {s['words']:.0f} |"
            f" {s['text']:.1f} | {s['mathematics']:.0%} | {s['source']:.1f} |"
        )


def show_speed(browser: Browser) -> None:
    """Print the table of how fast five pages come."""
    print("| page | profile | loaded kB | typeset s | blocking s | shift |")
    print("|---|---|---:|---:|---|---:|")
    with served(HTML) as address:
        for name in (*toc.chapter_pages()[:2], *OTHER_PAGES):
            for profile, settings in PROFILES.items():
                visits = [speed(browser, f"{address}/{name}.html", settings) for _ in range(VISITS)]
                s = {key: statistics.median(visit[key] for visit in visits) for key in visits[0]}
                blocked = sorted(visit["blocking"] for visit in visits)
                print(
                    f"| {name.removeprefix('book/')} | {profile} | {s['loaded']:.0f} |"
                    f" {s['typeset']:.2f} | {s['blocking']:.2f} ({blocked[0]:.2f} to"
                    f" {blocked[-1]:.2f}) | {s['shift']:.3f} |",
                    flush=True,
                )


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Measure the built chapters.")
    parser.add_argument("--speed", action="store_true", help="how fast five pages come as well")
    options = parser.parse_args()
    with sync_playwright() as playwright:
        browser = launch(playwright)
        show(browser)
        if options.speed:
            show_speed(browser)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
