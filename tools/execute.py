"""Execute the notebooks of the book, several at a time, and keep their outputs for the build.

python -m tools.execute [--fresh]

What was executed before with the same code, package, lock and data is not executed again, unless
it is to be fresh. A notebook that fails is reported with its cell, line and error.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from tqdm import tqdm

from tools import notebooks, toc

sys.path.insert(0, str(toc.ROOT / "book" / "_ext"))
import executed

READERS = {
    ".ipynb": {"name": "nbformat", "type": "plugin"},
    ".md": {"name": "myst_nb_md", "type": "plugin"},
}


def executable(root: Path) -> list[Path]:
    """List the pages with code: the notebooks, and the texts that name a kernel."""
    sources = [toc.source(page, root) for page in toc.pages(root)]
    return [
        path
        for path in sources
        if path.suffix == ".ipynb" or "\nkernelspec:\n" in path.read_text("utf-8")
    ]


def run(path: Path, notebook: Any) -> tuple[float, notebooks.Failure | None]:
    """Execute a notebook in its folder: the seconds it took, and what failed."""
    return notebooks.timed(
        notebook, path.parent, {**os.environ, **notebooks.ONE_THREAD, **executed.STILL}
    )


def execute(pages: Sequence[Path], folder: Path) -> list[str]:
    """Execute what is not in the folder yet; return a report of each notebook that failed."""
    cache = get_cache(folder)
    waiting = {}
    for path in pages:
        record = cache.add_nb_to_project(str(path), read_data=READERS[path.suffix])
        if cache.get_cached_project_nb(record.pk) is None:
            waiting[record.uri] = path, cache.get_project_notebook(record.pk).nb
    reports = []
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        jobs = {pool.submit(run, *found): uri for uri, found in waiting.items()}
        for job in tqdm(as_completed(jobs), total=len(jobs), unit="notebook", disable=not jobs):
            uri, (seconds, failure) = jobs[job], job.result()
            path, notebook = waiting[uri]
            if failure is None:
                bundle = CacheBundleIn(notebook, uri, data={"execution_seconds": seconds})
                cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
            else:
                reports.append(f"{path.parent.name}/{path.name}, {failure}\n\n{failure.report}\n")
    cache.db.dispose()  # closes its connections
    return reports


def main(arguments: Sequence[str] | None = None, root: Path = toc.ROOT) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description="Execute the notebooks of the book.")
    parser.add_argument("--fresh", action="store_true", help="forget what was executed before")
    options = parser.parse_args(arguments)
    folder = executed.folder(root)
    for other in filter(Path.is_dir, folder.parent.glob("*")):
        if options.fresh:
            shutil.rmtree(other)
        elif other != folder:
            print(
                "The package, the lock or the data have changed: every notebook is executed anew."
            )
            shutil.rmtree(other)
    reports = execute(executable(root), folder)
    print("\n".join(reports), file=sys.stderr, end="")
    return int(bool(reports))


if __name__ == "__main__":
    sys.exit(main())
