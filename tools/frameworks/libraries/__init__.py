"""One module a framework, called like the distribution that is installed.

Each offers a `LIBRARY`. Whatever module lies here is measured.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from tools.frameworks.subject import Library


def load() -> list[Library]:
    """Import each framework."""
    return [
        import_module(f"{__name__}.{module.name}").LIBRARY
        for module in pkgutil.iter_modules(__path__)
    ]
