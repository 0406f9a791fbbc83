"""Let a notebook cite as a reader wants it: by author and year, with a link to the bibliography.

In JupyterLab, which knows no bibliography, `[He et al., 2015](reference/bibliography.md#he2015)`
is text and a link that leads somewhere. While the book is built it becomes a citation: in
parentheses, or in the running text where the year stands in parentheses, `He et al. (2015)`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

LINK = re.compile(r"\[([^\[\]]+)\]\((?:[\w./-]*/)?bibliography\.md#([\w,]+)\)")


def roles(text: str) -> str:
    """Turn links to the bibliography into citations."""
    return LINK.sub(
        lambda link: f"{{cite:{'t' if link[1].endswith(')') else 'p'}}}`{link[2]}`",
        text,
    )


def cite(_app: Sphinx, _page: str, source: list[str]) -> None:
    """Turn those of a page, as it is read."""
    source[0] = roles(source[0])


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("source-read", cite)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
