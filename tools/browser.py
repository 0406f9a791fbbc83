"""Start the browser that the machine has."""

from __future__ import annotations

import os
import shutil

from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


class NoBrowserError(RuntimeError):
    """The machine has no browser that can be driven."""


def launch(playwright: Playwright) -> Browser:
    """Start a headless Chromium or Chrome: BOOK_BROWSER, or the first of the usual names."""
    found = os.environ.get("BOOK_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        raise NoBrowserError(
            f"none of {', '.join(NAMES)} is on this machine: install one, or set BOOK_BROWSER to "
            f"the path of a Chromium or Chrome"
        )
    # A container's root has no sandbox to offer.
    sandbox = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
    return playwright.chromium.launch(executable_path=found, args=[*QUIET, *sandbox])
