"""Start the browser that the machine has, and open pages in it."""

from __future__ import annotations

import functools
import gzip
import http.server
import io
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)

COMPRESSED = (".html", ".css", ".js", ".mjs", ".json", ".svg", ".txt")

# Milliseconds: a limit ends what hangs, not what is slow on a busy machine.
PATIENCE = 5 * 60_000


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
    return playwright.chromium.launch(
        executable_path=found, args=[*QUIET, *sandbox], timeout=PATIENCE
    )


def new_page(browser: Browser, **settings: Any) -> Page:
    """Open an empty page in a context of its own, which waits with patience."""
    context = browser.new_context(**settings)
    context.set_default_timeout(PATIENCE)
    return context.new_page()


@functools.cache
def _compressed(path: Path, changed: float) -> bytes:
    return gzip.compress(path.read_bytes())


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Like a web server: text is compressed."""

    def log_message(self, *arguments: object) -> None:
        pass

    def send_head(self) -> Any:
        path = Path(self.translate_path(self.path))
        if not path.is_file() or path.suffix not in COMPRESSED:
            return super().send_head()
        body = _compressed(path, path.stat().st_mtime)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return io.BytesIO(body)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder to this machine, as a web server would: its address."""
    handler = functools.partial(_Handler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
