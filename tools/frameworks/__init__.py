"""Measure what the initializers and layers of the frameworks draw, and keep the record honest.

`make frameworks` runs it in an environment of its own, with what `requirements/frameworks.txt`
pins, and `older` in a second one, with versions from before a library changed what it draws. The
book needs none of that: it reads the record, ``book/reference/frameworks.json``.

To measure another framework, add a module to `libraries`, and its name to the extra `frameworks`
of pyproject.toml; then `make lock` and `make frameworks-update`.
"""
