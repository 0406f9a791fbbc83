"""Measure what the initializers and layers of the frameworks draw, and keep the record honest.

Runs in an environment of its own, with the libraries of `requirements.txt` in this folder. The
book needs none of them: it reads the record, ``book/reference/frameworks.json``.
"""
